"""Convolutions, pooling and whatever else slides over positions in ONNX, with its ways of padding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.errors import ShapeError
from vggcalc.frameworks.onnx.call import Call, Op, op
from vggcalc.frameworks.program import Held, UnknownOperationError
from vggcalc.frameworks.views import View

Sides = tuple[tuple[int, int], ...]
"""Positions that are added before and behind, for each axis."""


def _each(call: Call, name: str, axes: int, default: int) -> list[int]:
    found = call.numbers(name) or [default] * axes
    if len(found) != axes:
        raise UnknownOperationError(f"{name} of another number of axes")
    return found


def _sides(call: Call, extents: Sequence[int], kernel: Sequence[int]) -> Sides:
    """How an operation pads, from `pads` or by `auto_pad`, which keeps ceil(extent / stride)."""
    axes = len(extents)
    strides, dilations = _each(call, "strides", axes, 1), _each(call, "dilations", axes, 1)
    way = call.text("auto_pad", "NOTSET")
    if way in ("NOTSET", ""):
        pads = call.numbers("pads") or [0] * 2 * axes
        if len(pads) != 2 * axes:
            raise UnknownOperationError("pads of another number of axes")
        return tuple(zip(pads[:axes], pads[axes:], strict=True))
    if way == "VALID":
        return ((0, 0),) * axes
    found = []
    for n, k, s, d in zip(extents, kernel, strides, dilations, strict=True):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        less, more = total // 2, total - total // 2
        found.append((less, more) if way == "SAME_UPPER" else (more, less))
    return tuple(found)


def _padding(sides: Sides) -> Any:
    """Sides as a number for each axis, where they are equal."""
    return tuple(before for before, _ in sides) if all(a == b for a, b in sides) else sides


def convolved(call: Call, x: View, weight: Held, bias: Held | None) -> View:
    """A convolution of ONNX with these tensors, wherever they come from."""
    kernel = weight.sizes[2:]
    axes, groups = len(kernel), call.number("group", 1)
    if weight.sizes[1] * groups != x.sizes[1]:
        wrong = f"its kernels are for {weight.sizes[1] * groups} channels, and it reads {x.sizes[1]}"
        raise ShapeError(wrong, "the graph has lost a part", code="shape-misfit")
    sides = _sides(call, x.sizes[2:], kernel)
    found: View = call.torch(
        "conv1d", x, weight, bias, tuple(_each(call, "strides", axes, 1)), _padding(sides),
        tuple(_each(call, "dilations", axes, 1)), groups,
    )  # fmt: skip
    return found


@op("Conv")
def _conv(call: Call) -> Any:
    return convolved(call, call.view(), call.held(1), call.optional(2))


@op("QLinearConv")
def _quantised_conv(call: Call) -> Any:
    return convolved(call, call.view(), call.held(3), call.optional(8))


@op("ConvInteger")
def _integer_conv(call: Call) -> Any:
    return convolved(call, call.view(), call.held(1), None)


@op("ConvTranspose")
def _transposed(call: Call) -> Any:
    """What it writes is cut where its sides differ; `output_shape` says how much is cut."""
    x, weight = call.view(), call.held(1)
    kernel = weight.sizes[2:]
    axes = len(kernel)
    strides, dilations = _each(call, "strides", axes, 1), _each(call, "dilations", axes, 1)
    more = _each(call, "output_padding", axes, 0)
    wanted = call.numbers("output_shape")
    way = call.text("auto_pad", "NOTSET")
    if wanted is None and way.startswith("SAME"):
        wanted = [n * s for n, s in zip(x.sizes[2:], strides, strict=True)]
    if wanted is None:
        sides = _sides(call, x.sizes[2:], kernel)
    else:
        whole = zip(x.sizes[2:], strides, dilations, kernel, more, wanted[-axes:], strict=True)
        totals = [s * (n - 1) + d * (k - 1) + 1 + o - w for n, s, d, k, o, w in whole]
        sides = tuple((t // 2, t - t // 2) if way == "SAME_UPPER" else (t - t // 2, t // 2) for t in totals)
    least = tuple(min(side) for side in sides)
    found = call.torch(
        "conv_transpose1d", x, weight, call.optional(2), tuple(strides), least, tuple(more), call.number("group", 1),
        tuple(dilations),
    )  # fmt: skip
    cut = [(low - before, low - behind) for low, (before, behind) in zip(least, sides, strict=True)]
    return call.torch("pad", found, [n for side in reversed(cut) for n in side])


def _pool(kind: str) -> Op:
    def pool(call: Call) -> Any:
        x = call.view()
        kernel = call.numbers("kernel_shape") or []
        axes = len(kernel)
        if axes != len(x.dims) - 2:
            raise UnknownOperationError("a kernel of another number of axes")
        padding = _padding(_sides(call, x.sizes[2:], kernel))
        strides, ceil = tuple(_each(call, "strides", axes, 1)), bool(call.number("ceil_mode"))
        if kind == "max":
            dilation = tuple(_each(call, "dilations", axes, 1))
            return call.torch("max_pool2d", x, kernel, strides, padding, dilation, ceil)
        return call.torch("avg_pool2d", x, kernel, strides, padding, ceil, bool(call.number("count_include_pad")))

    return pool


op("MaxPool")(_pool("max"))
op("AveragePool")(_pool("mean"))


@op("GlobalAveragePool")
def _global_mean(call: Call) -> Any:
    x = call.tensor()
    return call.torch("mean", x, list(range(2, len(x.sizes))), True)


@op("GlobalMaxPool")
def _global_max(call: Call) -> Any:
    x = call.tensor()
    return call.torch("amax", x, list(range(2, len(x.sizes))), True)


@op("Pad")
def _pad(call: Call) -> Any:
    x = call.tensor()
    rank = len(x.sizes)
    pads = call.numbers("pads", 1) or call.numbers("paddings") or []
    axes = [int(each) % rank for each in call.constants(3) or range(rank)]
    if len(pads) != 2 * len(axes):
        raise UnknownOperationError("pads of another number of dimensions")
    sides = dict(zip(axes, zip(pads[: len(axes)], pads[len(axes) :], strict=True), strict=True))
    return call.torch("pad", x, [n for dim in reversed(range(rank)) for n in sides.get(dim, (0, 0))])


@op("Resize", "Upsample")
def _resize(call: Call) -> Any:
    x = call.view()
    has_region = call.node.op == "Resize" and call.opset > 10
    sizes = call.constants(3) if has_region else None
    scales = call.node.attributes.get("scales") or call.constants(2 if has_region else 1)
    axes = call.numbers("axes") or list(range(len(x.sizes)))
    mode = {"linear": ("linear", "bilinear", "trilinear")[max(len(x.dims) - 3, 0)], "cubic": "bicubic"}
    way = mode.get(call.text("mode", "nearest"), "nearest")
    if sizes:
        wanted = list(x.sizes)
        for axis, n in zip(axes, sizes, strict=True):
            wanted[axis] = int(n)
    elif scales:
        factors = dict(zip(axes, scales, strict=True))
        whole = [factors.get(dim, 1) for dim in range(len(x.sizes))]
        if whole[:2] == [1, 1] and all(float(n).is_integer() for n in whole):
            return x if set(whole) == {1} else call.torch("interpolate", x, None, [int(n) for n in whole[2:]], way)
        wanted = [int(n * factor) for n, factor in zip(x.sizes, whole, strict=True)]
    else:
        raise UnknownOperationError("it says no size")
    if tuple(wanted[:2]) != x.sizes[:2]:
        raise UnknownOperationError("channels are resized")
    return x if tuple(wanted) == x.sizes else call.torch("interpolate", x, tuple(wanted[2:]), None, way)


@op("DepthToSpace", "SpaceToDepth")
def _blocks(call: Call) -> Any:
    name = "pixel_shuffle" if call.node.op == "DepthToSpace" else "pixel_unshuffle"
    return call.torch(name, call.view(), call.number("blocksize", 1))
