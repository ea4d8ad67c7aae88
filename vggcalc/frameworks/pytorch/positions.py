"""What works on positions in PyTorch: padding, resizing, rolling; and tensors that are constants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.frameworks.program import ConstantError, Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch.call import a_view, one_or_each, op
from vggcalc.frameworks.views import View, factors, leaves, size


@op("pad", "constant_pad_nd", "reflection_pad2d", "replication_pad2d", "reflection_pad1d")
def _pad(p: Program, x: Any, pad: Sequence[int], *rest: Any, **named: Any) -> View | Held:
    """From the last dimension on, before and after; of channels, or of positions; less than nothing is cut off."""
    if isinstance(x, Held):
        sizes = list(x.sizes)
        for place in range(len(pad) // 2):
            sizes[-1 - place] += pad[2 * place] + pad[2 * place + 1]
        return Held(tuple(sizes), x.trained)
    x = a_view(x)
    sides = {len(x.dims) - 1 - place: (pad[2 * place], pad[2 * place + 1]) for place in range(len(pad) // 2)}
    sides = {dim: side for dim, side in sides.items() if side != (0, 0)}
    if not sides:  # a copy
        return p.valuewise("power", x)
    axes = {dim: x.axis(dim) for dim in sides}
    if len(sides) == 1 and (found := _pad_heads(p, x, *sides.items())) is not None:
        return found
    if None in axes.values():
        x = p.rearranged(
            x, next((place for place, group in enumerate(x.groups()) if group == leaves(x.map.channels)), 1)
        )
        axes = {dim: x.axis(dim) for dim in sides}
    if len(sides) == 1 and (found := _pad_heads(p, x, *sides.items())) is not None:
        return found
    if None in axes.values():
        raise UnknownOperationError("padding of what is no axis")
    for sign, kind, field in ((-1, "crop", "cropping"), (1, "pad", "padding")):  # the module's output is the last one's
        each = [(0, 0)] * len(x.map.axes)
        for dim, side in sides.items():
            axis = axes[dim]
            assert axis is not None
            each[axis] = (max(sign * side[0], 0), max(sign * side[1], 0))
        if any(side != (0, 0) for side in each):
            before = x
            fields: dict[str, Any] = {field: tuple(each)}
            tensor = p.layer(kind, x.map.tensor, **fields)
            for dim in sides:
                axis = before.axis(dim)
                assert axis is not None
                x = x.with_axis(dim, tensor, x.sizes[dim] + sign * sum(each[axis]))
    return x


def _pad_heads(p: Program, x: View, padded: tuple[int, tuple[int, int]]) -> View | None:
    """Zeros behind the channels of each head; None where the dimension is neither the channels nor their minor part."""
    dim, (before, behind) = padded
    channels, group = leaves(x.map.channels), leaves(x.dims[dim])
    major = channels[: len(channels) - len(group)]
    if before or behind < 0 or not group or (*major, *group) != channels:
        return None
    minor = factors(size(group) + behind)
    groups = size(major)
    tensor = p.layer("padchannels", x.map.tensor, out_channels=groups * size(minor), groups=groups)
    return x.with_dim(dim, minor)._replace(map=x.map._replace(tensor=tensor, channels=(*major, *minor)))


@op("interpolate", "upsample", "upsample_nearest2d", "upsample_bilinear2d", "upsample_bicubic2d")
def _interpolate(
    p: Program, x: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", *rest: Any, **named: Any
) -> View | Held:
    if isinstance(x, Held):
        return Held((*x.sizes[:2], *(size or x.sizes[2:])), x.trained)
    x = a_view(x)
    axes = len(x.dims) - 2
    if size is None:
        factors = [scale_factor] * axes if isinstance(scale_factor, int | float) else list(scale_factor)
        size = [int(n * factor) for n, factor in zip(x.sizes[2:], factors, strict=True)]
        if all(float(factor).is_integer() for factor in factors):
            return p.sliding("upsample", x, scale_factor=one_or_each([int(f) for f in factors], axes), mode=_mode(mode))
    return p.sliding("upsample", x, size=one_or_each(size, axes), mode=_mode(mode))


def _mode(mode: str) -> str:
    return {"nearest-exact": "nearest", "area": "nearest"}.get(mode, mode)


@op("pixel_shuffle")
def _depth_to_space(p: Program, x: Any, upscale_factor: int) -> View:
    return p.sliding("depthtospace", a_view(x), block_size=upscale_factor)


@op("pixel_unshuffle")
def _space_to_depth(p: Program, x: Any, downscale_factor: int) -> View:
    return p.sliding("spacetodepth", a_view(x), block_size=downscale_factor)


@op("channel_shuffle", "native_channel_shuffle")
def _channel_shuffle(p: Program, x: Any, groups: int) -> View:
    return p.channelwise("channelshuffle", a_view(x), 1, groups=groups)


@op("roll")
def _roll(p: Program, x: Any, shifts: Any, dims: Any = None) -> View | Held:
    if isinstance(x, Held):
        return x
    x = a_view(x)
    each = [0] * len(x.map.axes)
    for shift, dim in zip(
        [shifts] if isinstance(shifts, int) else shifts, [dims] if isinstance(dims, int) else dims, strict=True
    ):
        axis = x.axis(dim)
        if axis is None:
            x = p.rearranged(
                x, next((place for place, group in enumerate(x.groups()) if group == leaves(x.map.channels)), 1)
            )
            axis = x.axis(dim)
            each = [0] * len(x.map.axes)
        if axis is None:
            raise UnknownOperationError("a roll of what is no axis")
        each[axis] = shift
    return p.valuewise("roll", x, shifts=one_or_each(each, len(each)))


@op(
    "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor", "zeros_like", "ones_like", "full_like",
    "empty_like", "rand_like", "randn_like", "arange", "zeros", "ones", "full", "empty", "bernoulli_", "masked_fill",
    "__setitem__", "__eq__", "__ne__", "eq", "ne", "gt", "lt", "size", "dim", "numel", "item",
)  # fmt: skip
def _constant(p: Program, *values: Any, **named: Any) -> Any:
    """Made of no value of a map: its sizes are the traced ones."""
    raise ConstantError


@op("embedding")
def _embedding(p: Program, x: Any, weight: Any, *rest: Any, **named: Any) -> View | Held:
    if isinstance(x, Held):
        return Held((*x.sizes, weight.sizes[-1]), weight.trained)
    raise UnknownOperationError("embeddings of a map")
