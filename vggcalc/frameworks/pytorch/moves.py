"""What moves values in PyTorch: shapes and orders, parts, concatenations, padding and resizing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

from vggcalc.frameworks.program import ConstantError, Held, Program, UnknownOperationError, written
from vggcalc.frameworks.pytorch.call import a_view, one_or_each, op
from vggcalc.frameworks.views import View, leaves


def _reshape(p: Program, x: Any, sizes: Sequence[int]) -> View | Held:
    """Regrouped where that can be; or a map of its own, of which the first dimension stays the batch."""
    total = prod(x.sizes)
    known = prod(n for n in sizes if n != -1)
    wanted = tuple(total // known if n == -1 else n for n in sizes)
    if isinstance(x, Held):
        return Held(wanted, x.trained)
    if (found := x.reshaped(wanted)) is not None:
        return found
    if (found := x.renewed().reshaped(wanted)) is not None:
        return found
    view = p.as_map(x)
    if (found := view.renewed().reshaped(wanted)) is not None:
        return found
    if wanted[:1] != x.sizes[:1] or len(wanted) > 5:
        raise UnknownOperationError("a reshape that cuts across factors")
    _, channels, *axes = wanted if len(wanted) > 1 else (*wanted, 1)
    tensor = p.layer("reshape", view.map.tensor, shape=(*axes, channels))
    return written(tensor, view.map.batch)


@op("view", "reshape", "view_as", "reshape_as", "_unsafe_view")
def _view(p: Program, x: Any, *sizes: Any, shape: Any = None) -> View | Held:
    if shape is not None:
        sizes = (shape,)
    if len(sizes) == 1 and isinstance(sizes[0], View | Held):
        return _reshape(p, x, sizes[0].sizes)
    if len(sizes) == 1 and not isinstance(sizes[0], int):
        sizes = tuple(sizes[0])
    return _reshape(p, x, sizes)


@op("flatten")
def _flatten(p: Program, x: Any, start_dim: int = 0, end_dim: int = -1) -> View | Held:
    sizes = x.sizes
    start, end = start_dim % len(sizes), end_dim % len(sizes)
    return _reshape(p, x, (*sizes[:start], prod(sizes[start : end + 1]), *sizes[end + 1 :]))


@op("unflatten")
def _unflatten(p: Program, x: Any, dim: int, sizes: Sequence[int]) -> View | Held:
    place = dim % len(x.sizes)
    return _reshape(p, x, _filled(x.sizes[:place], sizes, x.sizes[place], x.sizes[place + 1 :]))


def _filled(before: Sequence[int], sizes: Sequence[int], total: int, after: Sequence[int]) -> tuple[int, ...]:
    known = prod(n for n in sizes if n != -1)
    return (*before, *(total // known if n == -1 else n for n in sizes), *after)


def _ordered(x: View | Held, order: Sequence[int]) -> View | Held:
    places = [place % len(x.sizes) for place in order]
    if isinstance(x, Held):
        return Held(tuple(x.sizes[place] for place in places), x.trained)
    return x.permuted(places)


@op("permute")
def _permuted(p: Program, x: Any, *order: Any, dims: Any = None) -> View | Held:
    order = tuple(dims) if dims is not None else tuple(order[0]) if not isinstance(order[0], int) else order
    return _ordered(x, order)


@op("transpose", "transpose_", "swapaxes", "swapdims")
def _transpose(p: Program, x: Any, dim0: int, dim1: int) -> View | Held:
    order = list(range(len(x.sizes)))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return _ordered(x, order)


@op("t", "T", "mT", "numpy_T")
def _turned(p: Program, x: Any) -> View | Held:
    return _transpose(p, x, -1, -2) if len(x.sizes) > 1 else x


@op("movedim", "moveaxis")
def _movedim(p: Program, x: Any, source: int, destination: int) -> View | Held:
    order = [place for place in range(len(x.sizes)) if place != source % len(x.sizes)]
    order.insert(destination % len(x.sizes), source % len(x.sizes))
    return _ordered(x, order)


@op("unsqueeze", "unsqueeze_")
def _unsqueeze(p: Program, x: Any, dim: int) -> View | Held:
    place = dim % (len(x.sizes) + 1)
    return _reshape(p, x, (*x.sizes[:place], 1, *x.sizes[place:]))


@op("squeeze", "squeeze_")
def _squeeze(p: Program, x: Any, dim: Any = None) -> View | Held:
    places = range(len(x.sizes)) if dim is None else [dim] if isinstance(dim, int) else dim
    gone = {place % len(x.sizes) for place in places}
    return _reshape(p, x, [n for place, n in enumerate(x.sizes) if place not in gone or n != 1])


@op(
    "contiguous", "clone", "detach", "to", "float", "half", "type_as", "alias", "lift_fresh_copy", "detach_", "type",
    "_to_copy", "double", "bfloat16", "requires_grad_", "cuda", "cpu", "_assert_tensor_metadata", "data", "__get__data",
)  # fmt: skip
def _same(p: Program, x: Any, *rest: Any, **named: Any) -> Any:
    return x


@op("expand", "expand_as", "broadcast_to")
def _expand(p: Program, x: Any, *sizes: Any, **named: Any) -> View | Held:
    """A parameter as often as there are images is still the parameter; a map may grow where it has one position."""
    if len(sizes) == 1 and isinstance(sizes[0], View | Held):
        sizes = sizes[0].sizes
    elif len(sizes) == 1 and not isinstance(sizes[0], int):
        sizes = tuple(sizes[0])
    own = (1,) * (len(sizes) - len(x.sizes)) + x.sizes
    wanted = tuple(n if size == -1 else size for n, size in zip(own, sizes, strict=True))
    if isinstance(x, Held):
        return Held(wanted, x.trained)
    if wanted == own:
        return _reshape(p, x, wanted)
    raise UnknownOperationError("a map that is repeated")


# --- parts ---------------------------------------------------------------------------------------------------------


@op("split", "split_with_sizes", "unsafe_split")
def _split(p: Program, x: Any, split_size_or_sections: Any = None, dim: int = 0, split_size: Any = None) -> list[Any]:
    each = split_size if split_size_or_sections is None else split_size_or_sections
    total = x.sizes[dim]
    sizes = [min(each, total - start) for start in range(0, total, each)] if isinstance(each, int) else list(each)
    ends = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    return [_narrowed(p, x, dim, start, stop) for start, stop in pairwise(ends)]


@op("chunk", "tensor_split", "unsafe_chunk")
def _chunk(p: Program, x: Any, chunks: int, dim: int = 0) -> list[Any]:
    total = x.sizes[dim]
    return _split(p, x, -(-total // chunks), dim)


def _narrowed(p: Program, x: Any, dim: int, start: int, stop: int, step: int = 1) -> View | Held:
    if isinstance(x, Held):
        place = dim % len(x.sizes)
        n = len(range(*slice(start, stop, step).indices(x.sizes[place])))
        return Held((*x.sizes[:place], n, *x.sizes[place + 1 :]), x.trained)
    return p.part(x, dim, start, stop, step)


@op("narrow")
def _narrow(p: Program, x: Any, dim: int, start: int, length: int) -> View | Held:
    return _narrowed(p, x, dim, start, start + length)


@op("slice")
def _slice(p: Program, x: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> View | Held:
    stop = x.sizes[dim] if end is None else min(end, x.sizes[dim])
    return _narrowed(p, x, dim, start or 0, stop, step)


@op("select")
def _select(p: Program, x: Any, dim: int, index: int) -> View | Held:
    place = dim % len(x.sizes)
    at = index % x.sizes[place]
    found = _narrowed(p, x, place, at, at + 1)
    return _reshape(p, found, (*found.sizes[:place], *found.sizes[place + 1 :]))


@op("unbind")
def _unbind(p: Program, x: Any, dim: int = 0) -> list[Any]:
    return [_select(p, x, dim, index) for index in range(x.sizes[dim])]


@op("__getitem__")
def _item(p: Program, x: Any, index: Any) -> View | Held:
    """Numbers, slices, new dimensions; a parameter may be looked up by whatever there is."""
    chosen = list(index) if isinstance(index, tuple) else [index]
    if isinstance(x, Held) and any(isinstance(each, Held | list) for each in chosen):
        return _looked_up(x, chosen)
    if Ellipsis in [each for each in chosen if each is Ellipsis]:
        place = next(place for place, each in enumerate(chosen) if each is Ellipsis)
        taken = sum(each is not None for each in chosen) - 1
        chosen[place : place + 1] = [slice(None)] * (len(x.sizes) - taken)
    dim = 0
    for each in chosen:
        if each is None:
            x = _unsqueeze(p, x, dim)
            dim += 1
        elif isinstance(each, slice):
            start, stop, step = each.indices(x.sizes[dim])
            x = _narrowed(p, x, dim, start, stop, step)
            dim += 1
        elif isinstance(each, int):
            x = _select(p, x, dim, each)
        else:
            raise UnknownOperationError("values that are looked up")
    return x


def _looked_up(x: Held, chosen: list[Any]) -> Held:
    first = next(each for each in chosen if isinstance(each, Held | list))
    sizes = first.sizes if isinstance(first, Held) else (len(first),)
    return Held((*sizes, *x.sizes[len(chosen) :]), x.trained)


# --- joined --------------------------------------------------------------------------------------------------------


@op("cat", "concat", "concatenate")
def _cat(p: Program, tensors: Sequence[Any], dim: int = 0, axis: Any = None) -> View | Held:
    """Maps; or a sequence with trained tokens before it."""
    dim = dim if axis is None else axis
    if all(isinstance(each, Held) for each in tensors):
        first = tensors[0]
        place = dim % len(first.sizes)
        total = sum(each.sizes[place] for each in tensors)
        trained = tuple(name for each in tensors for name in each.trained)
        return Held((*first.sizes[:place], total, *first.sizes[place + 1 :]), trained)
    tensors = [each for each in tensors if prod(each.sizes)]
    if len(tensors) == 1:
        return tensors[0]
    if isinstance(tensors[0], Held) and all(isinstance(each, View) for each in tensors[1:]) and len(tensors) == 2:
        return _with_tokens(p, tensors[0], tensors[1], dim)
    if any(isinstance(each, Held) for each in tensors):
        *tokens, view = tensors
        if isinstance(view, View) and all(isinstance(each, Held) for each in tokens):
            return _with_tokens(p, _cat(p, tokens, dim), view, dim)
        raise UnknownOperationError("a map and a tensor that is none, one after the other")
    return p.concatenated([a_view(each) for each in tensors], dim)


def _with_tokens(p: Program, tokens: Any, view: View, dim: int) -> View:
    channels = next((place for place, group in enumerate(view.groups()) if group == leaves(view.map.channels)), None)
    place = dim % len(view.dims)
    if channels is None or place == channels or len(view.dims) != 3 or not isinstance(tokens, Held):
        raise UnknownOperationError("tokens that are no channels")
    view = p.rearranged(view, channels)
    tensor = p.layer("tokens", view.map.tensor, trained=tokens.trained, count=tokens.sizes[place])
    return view.with_axis(place, tensor, view.sizes[place] + tokens.sizes[place])


@op("stack")
def _stack(p: Program, tensors: Sequence[Any], dim: int = 0) -> View | Held:
    return _cat(p, [_unsqueeze(p, each, dim) for each in tensors], dim)


# --- positions -----------------------------------------------------------------------------------------------------


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
    if not sides:
        return x
    axes = {dim: x.axis(dim) for dim in sides}
    if list(sides) == [1] and sides[1][0] == 0 and x.axis(1) is None:
        return p.channelwise("padchannels", x, 1, out_channels=x.sizes[1] + sides[1][1])
    if None in axes.values():
        x = p.rearranged(
            x, next((place for place, group in enumerate(x.groups()) if group == leaves(x.map.channels)), 1)
        )
        axes = {dim: x.axis(dim) for dim in sides}
    if None in axes.values():
        raise UnknownOperationError("padding of what is no axis")
    for sign, kind, field in ((1, "pad", "padding"), (-1, "crop", "cropping")):
        each = [(0, 0)] * len(x.map.axes)
        for dim, side in sides.items():
            axis = axes[dim]
            assert axis is not None
            each[axis] = (max(sign * side[0], 0), max(sign * side[1], 0))
        if any(side != (0, 0) for side in each):
            before = x
            tensor = p.layer(kind, x.map.tensor, **{field: tuple(each)})
            for dim in sides:
                axis = before.axis(dim)
                assert axis is not None
                x = x.with_axis(dim, tensor, x.sizes[dim] + sign * sum(each[axis]))
    return x


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
