"""What slides over a map: convolutions, pooling, and larger and smaller maps."""

from __future__ import annotations

import re
from typing import Any

from vggcalc.errors import ShapeError
from vggcalc.frameworks.keras.activations import activated
from vggcalc.frameworks.keras.step import Entries, Step, Unknown, Value
from vggcalc.frameworks.keras.table import layer


def _map(step: Step) -> tuple[Value, int]:
    """The tensor as a map with the layer's channels, and how many axes it has."""
    rank = step.value.rank
    if rank < step.lead + 2:
        raise ShapeError(
            f"a tensor of {rank} {'axis' if rank == 1 else 'axes'} beside the batch is no map",
            "give it channels and at least one axis of positions",
            code="shape-misfit",
        )
    named = re.search("[123](?=D)", step.unit.type)
    if named and rank - 1 != int(named[0]) + step.lead:
        raise ShapeError(
            f"a tensor of {rank} axes beside the batch is no map for '{step.unit.type}'",
            f"it reads maps of {int(named[0])} axes and their channels",
            code="shape-misfit",
        )
    return step.arranged(step.value, step.place(rank)), rank - 1


def _sliding(step: Step, axes: int) -> dict[str, Any]:
    """A convolution's kernel, stride, padding and dilation."""
    fields = {
        "kernel_size": step.window("kernel_size", axes),
        "stride": step.window("strides", axes, 1),
        "dilation": step.window("dilation_rate", axes, 1),
        "bias": step.flag("use_bias", True),
    }
    return fields | {"padding": _padding(step, fields["kernel_size"], fields["dilation"])}


def _padding(step: Step, kernel: Entries = 1, dilation: Entries = 1) -> Any:
    said = step.text("padding", "valid").lower()
    if said == "causal":
        size, apart = (each if isinstance(each, int) else each[-1] for each in (kernel, dilation))
        return ((0, 0),) * step.lead + (((size - 1) * apart, 0),)
    return said


@layer("Conv{}D", holds=True)
def _convolution(step: Step) -> Value:
    value, axes = _map(step)
    groups = step.number("groups", 1)
    tensor = step.add("conv", value, out_channels=step.number("filters"), groups=groups, **_sliding(step, axes))
    return activated(step, step.written(tensor, value), step.config.get("activation"))


@layer("DepthwiseConv{}D", holds=True)
def _depthwise(step: Step) -> Value:
    value, axes = _map(step)
    times = step.number("depth_multiplier", 1)
    tensor = step.add("dwconv", value, depth_multiplier=times, **_sliding(step, axes))
    return activated(step, step.written(tensor, value), step.config.get("activation"))


@layer("SeparableConv{}D", holds=True)
def _separable(step: Step) -> Value:
    """Each channel by itself, and then all channels of each position."""
    value, axes = _map(step)
    fields = _sliding(step, axes)
    times = step.number("depth_multiplier", 1)
    tensor = step.add("dwconv", value, suffix="depthwise", depth_multiplier=times, **{**fields, "bias": False})
    outputs = step.number("filters")
    tensor = step.add("conv", tensor, suffix="pointwise", kernel_size=1, out_channels=outputs, bias=fields["bias"])
    return activated(step, step.written(tensor, value), step.config.get("activation"))


@layer("Conv{}DTranspose", holds=True)
def _transposed(step: Step) -> Value:
    """SAME: out = in*s; VALID: out = (in - 1)*s + max(k, s); else what `output_padding` leaves."""
    value, axes = _map(step)
    fields = _sliding(step, axes)
    extra = step.config.get("output_padding")
    kernel, strides, apart = (
        each if isinstance(each, tuple) else (each,) * axes
        for each in (fields["kernel_size"], fields["stride"], fields["dilation"])
    )
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, apart, strict=True)]
    if extra is not None:
        fields["output_padding"] = step.window("output_padding", axes, alone=0)
        fields["padding"] = tuple(r // 2 for r in reach) if fields["padding"] == "same" else 0
    elif fields["padding"] == "valid":
        fields["padding"] = 0
        fields["output_padding"] = tuple(max(s - r, 0) for s, r in zip(strides, reach, strict=True))
    groups = step.number("groups", 1)
    tensor = step.add("convtranspose", value, out_channels=step.number("filters"), groups=groups, **fields)
    return activated(step, step.written(tensor, value), step.config.get("activation"))


def _pool(kind: str, **fields: Any) -> Any:
    def read(step: Step) -> Value:
        value, axes = _map(step)
        size = step.window("pool_size", axes, 2)
        stride = size if step.config.get("strides") is None else step.window("strides", axes)
        tensor = step.add(kind, value, kernel_size=size, stride=stride, padding=_padding(step), **fields)
        return step.written(tensor, value)

    return read


layer("MaxPooling{}D")(_pool("maxpool"))
layer("AveragePooling{}D")(_pool("avgpool", count_include_pad=False))


def _adaptive(kind: str) -> Any:
    def read(step: Step) -> Value:
        value, _ = _map(step)
        if step.lead:
            raise Unknown
        return step.written(step.add(kind, value, output_size=step.entries("output_size")), value)

    return read


layer("AdaptiveMaxPooling{}D")(_adaptive("adaptivemaxpool"))
layer("AdaptiveAveragePooling{}D")(_adaptive("adaptiveavgpool"))


def _over_all(kind: str, op: str) -> Any:
    """One position, or with time in front one for each step of it."""

    def read(step: Step) -> Value:
        value, axes = _map(step)
        places = tuple(range(step.lead, axes))
        tensor = step.add("reduce", value, op=op, positions=places) if step.lead else step.add(kind, value)
        whole = step.written(tensor, value)
        if step.flag("keepdims", False) or whole.sizes is None or whole.channels is None:
            return whole
        sizes = (*whole.sizes[: step.lead], whole.sizes[whole.channels])
        return step.fitted(tensor, sizes, len(sizes) - 1)

    return read


layer("GlobalMaxPooling{}D")(_over_all("globalmaxpool", "max"))
layer("GlobalAveragePooling{}D")(_over_all("globalavgpool", "mean"))


def _sides(step: Step, name: str, axes: int) -> tuple[tuple[int, int], ...]:
    """Pixels before and behind along each axis: one number for all, one for each axis, or two for each."""
    found = step.config.get(name, 1)
    own = axes - step.lead
    if own == 1 and isinstance(found, list) and len(found) == 2:
        found = [found]
    each = found if isinstance(found, list) else [found] * own
    pairs = [tuple(part) if isinstance(part, list) else (part, part) for part in each]
    return ((0, 0),) * step.lead + tuple(pairs)


@layer("ZeroPadding{}D")
def _pad(step: Step) -> Value:
    value, axes = _map(step)
    return step.written(step.add("pad", value, padding=_sides(step, "padding", axes)), value)


@layer("Cropping{}D")
def _crop(step: Step) -> Value:
    value, axes = _map(step)
    return step.written(step.add("crop", value, cropping=_sides(step, "cropping", axes)), value)


@layer("UpSampling{}D")
def _upsample(step: Step) -> Value:
    value, axes = _map(step)
    mode = step.text("interpolation", "nearest")
    tensor = step.add("upsample", value, scale_factor=step.window("size", axes, 2), mode=mode)
    return step.written(tensor, value)


@layer("Resizing", "RandomCrop")
def _resize(step: Step) -> Value:
    value, _ = _map(step)
    mode = step.text("interpolation", "bilinear")
    size = (1,) * step.lead + (step.number("height"), step.number("width"))
    known = mode if mode in ("nearest", "bilinear", "bicubic") else "bilinear"
    return step.written(step.add("upsample", value, size=size, mode=known), value)


@layer("CenterCrop")
def _center(step: Step) -> Value:
    """The centre; of a smaller map, that map enlarged."""
    value, _ = _map(step)
    size = (step.number("height"), step.number("width"))
    shape = value.tensor.shape
    fits = shape is None or all(have >= want for have, want in zip(shape.spatial, size, strict=False))
    return step.written(step.add("crop" if fits else "upsample", value, size=size), value)
