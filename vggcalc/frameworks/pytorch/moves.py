"""What gives tensors other shapes and orders in PyTorch, which regroups values and makes no layer."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError, written
from vggcalc.frameworks.pytorch.call import op
from vggcalc.frameworks.views import View


def reshaped(p: Program, x: Any, sizes: Sequence[int]) -> View | Held:
    """The tensor, regrouped where that can be; or a map of its own, of which the first dimension stays the batch."""
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
        return reshaped(p, x, sizes[0].sizes)
    if len(sizes) == 1 and not isinstance(sizes[0], int):
        sizes = tuple(sizes[0])
    return reshaped(p, x, sizes)


@op("flatten")
def _flatten(p: Program, x: Any, start_dim: int = 0, end_dim: int = -1) -> View | Held:
    sizes = x.sizes
    start, end = start_dim % len(sizes), end_dim % len(sizes)
    return reshaped(p, x, (*sizes[:start], prod(sizes[start : end + 1]), *sizes[end + 1 :]))


@op("unflatten")
def _unflatten(p: Program, x: Any, dim: int, sizes: Sequence[int]) -> View | Held:
    place = dim % len(x.sizes)
    return reshaped(p, x, _filled(x.sizes[:place], sizes, x.sizes[place], x.sizes[place + 1 :]))


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
def unsqueezed(p: Program, x: Any, dim: int) -> View | Held:
    """The tensor with a dimension of one more."""
    place = dim % (len(x.sizes) + 1)
    return reshaped(p, x, (*x.sizes[:place], 1, *x.sizes[place:]))


@op("squeeze", "squeeze_")
def _squeeze(p: Program, x: Any, dim: Any = None) -> View | Held:
    places = range(len(x.sizes)) if dim is None else [dim] if isinstance(dim, int) else dim
    gone = {place % len(x.sizes) for place in places}
    return reshaped(p, x, [n for place, n in enumerate(x.sizes) if place not in gone or n != 1])


@op(
    "contiguous", "clone", "detach", "to", "float", "half", "type_as", "alias", "lift_fresh_copy", "detach_", "type",
    "_to_copy", "double", "bfloat16", "requires_grad_", "cuda", "cpu", "_assert_tensor_metadata", "data", "__get__data",
)  # fmt: skip
def _same(p: Program, x: Any, *rest: Any, **named: Any) -> Any:
    return x


@op("copy_")
def _copy(p: Program, x: Any, source: Any, *rest: Any) -> View | Held:
    """What is written over a tensor is what it holds from then on."""
    return source if source.sizes == x.sizes else _expand(p, source, *x.sizes)


@op("repeat", "tile")
def _repeat(p: Program, x: Any, *times: Any, repeats: Any = None, dims: Any = None) -> View | Held:
    """The whole after the whole, along each dimension; where it has one, an expansion."""
    wanted = repeats if repeats is not None else dims if dims is not None else times
    wanted = tuple(wanted[0]) if len(wanted) == 1 and not isinstance(wanted[0], int) else tuple(wanted)
    wanted = (1,) * (len(x.sizes) - len(wanted)) + wanted
    own = (1,) * (len(wanted) - len(x.sizes)) + x.sizes
    sizes = tuple(n * more for n, more in zip(own, wanted, strict=True))
    if isinstance(x, Held):
        return Held(sizes, x.trained)
    x = x._replace(dims=((),) * (len(wanted) - len(x.dims)) + x.dims)
    for dim, more in enumerate(wanted):
        if more > 1 and own[dim] > 1:
            x = p.tiled(x, dim, more)
    return p.expanded(x, sizes, copies=True)


@op("repeat_interleave")
def _repeat_interleave(p: Program, x: Any, repeats: Any, dim: int | None = None, **named: Any) -> View | Held:
    """Each beside itself."""
    if not isinstance(repeats, int) or dim is None:
        raise UnknownOperationError("what is repeated by a tensor")
    place = dim % len(x.sizes)
    if isinstance(x, Held):
        return Held((*x.sizes[:place], x.sizes[place] * repeats, *x.sizes[place + 1 :]), x.trained)
    before = (*x.dims[: place + 1], (), *x.dims[place + 1 :])
    sizes = [*x.sizes[: place + 1], repeats, *x.sizes[place + 1 :]]
    wide = p.expanded(x._replace(dims=before), sizes, copies=True)
    return wide._replace(dims=(*wide.dims[:place], (*wide.dims[place], *wide.dims[place + 1]), *wide.dims[place + 2 :]))


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
        return reshaped(p, x, wanted)
    return p.expanded(x._replace(dims=((),) * (len(wanted) - len(x.dims)) + x.dims), wanted)
