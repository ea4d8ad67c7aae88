"""Parts of tensors in PyTorch, and tensors one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch.call import a_view, op
from vggcalc.frameworks.pytorch.moves import reshaped, unsqueezed
from vggcalc.frameworks.views import View, leaves


@op("split", "split_with_sizes", "unsafe_split")
def _split(p: Program, x: Any, split_size_or_sections: Any = None, dim: int = 0, split_size: Any = None) -> list[Any]:
    each = split_size if split_size_or_sections is None else split_size_or_sections
    total = x.sizes[dim]
    sizes = [min(each, total - start) for start in range(0, total, each)] if isinstance(each, int) else list(each)
    x = p.settled(x, dim) if isinstance(x, View) else x
    ends = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    return [_narrowed(p, x, dim, start, stop) for start, stop in pairwise(ends)]


@op("tensor_split")
def _tensor_split(p: Program, x: Any, indices_or_sections: Any = None, dim: int = 0, **named: Any) -> list[Any]:
    """Before each of these indices; or into so many parts, the first of which may be one longer."""
    at = named.get("indices", indices_or_sections)
    total = x.sizes[dim]
    if isinstance(at, int):
        each, longer = divmod(total, at)
        return _split(p, x, [each + (place < longer) for place in range(at)], dim)
    return _split(p, x, [stop - start for start, stop in pairwise([0, *at, total])], dim)


@op("chunk", "unsafe_chunk")
def _chunk(p: Program, x: Any, chunks: int, dim: int = 0) -> list[Any]:
    total = x.sizes[dim]
    return _split(p, x, -(-total // chunks), dim)


def _narrowed(p: Program, x: Any, dim: int, start: int, stop: int, step: int = 1) -> View | Held:
    if isinstance(x, Held):
        place = dim % len(x.sizes)
        n = len(range(*slice(start, stop, step).indices(x.sizes[place])))
        return Held((*x.sizes[:place], n, *x.sizes[place + 1 :]), x.trained)
    if start >= stop and step > 0:  # no values of the map
        place = dim % len(x.sizes)
        return Held((*x.sizes[:place], 0, *x.sizes[place + 1 :]))
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
    return reshaped(p, found, (*found.sizes[:place], *found.sizes[place + 1 :]))


@op("unbind")
def _unbind(p: Program, x: Any, dim: int = 0) -> list[Any]:
    x = p.settled(x, dim) if isinstance(x, View) else x
    return [_select(p, x, dim, index) for index in range(x.sizes[dim])]


@op("index")
def _index(p: Program, x: Any, indices: Any) -> View | Held:
    """Values that are looked up by constants: those of a parameter are the parameter's."""
    if not isinstance(x, Held):
        return _item(p, x, tuple(slice(None) if each is None else each for each in indices))
    chosen = [each for each in indices if isinstance(each, Held)]
    sizes = chosen[0].sizes if chosen else ()
    return Held((*sizes, *x.sizes[len(indices) :]), x.trained)


@op("__getitem__")
def _item(p: Program, x: Any, index: Any) -> View | Held:
    """Numbers, slices, new dimensions; a parameter may be looked up by whatever there is."""
    chosen = list(index) if type(index) is tuple else [index]  # what is no map is a tuple too
    if isinstance(x, Held) and any(isinstance(each, Held | list) for each in chosen):
        return _looked_up(x, chosen)
    if Ellipsis in [each for each in chosen if each is Ellipsis]:
        place = next(place for place, each in enumerate(chosen) if each is Ellipsis)
        taken = sum(each is not None for each in chosen) - 1
        chosen[place : place + 1] = [slice(None)] * (len(x.sizes) - taken)
    dim = 0
    for each in chosen:
        if each is None:
            x = unsqueezed(p, x, dim)
            dim += 1
        elif isinstance(each, slice):
            start, stop, step = each.indices(x.sizes[dim])
            x = _narrowed(p, x, dim, start, stop, step)
            dim += 1
        elif isinstance(each, int):
            x = _select(p, x, dim, each)
        elif isinstance(x, View) and isinstance(each, Held | list) and len(_lengths(each)) == 1:
            x = p.gathered(x, dim, *_lengths(each))
            dim += 1
        else:
            raise UnknownOperationError("values that are looked up")
    return x


def _lengths(chosen: Any) -> tuple[int, ...]:
    return chosen.sizes if isinstance(chosen, Held) else (len(chosen),)


@op("index_select")
def _index_select(p: Program, x: Any, dim: int, index: Any) -> View | Held:
    (count,) = _lengths(index)
    if isinstance(x, Held):
        place = dim % len(x.sizes)
        return Held((*x.sizes[:place], count, *x.sizes[place + 1 :]), x.trained)
    return p.gathered(x, dim, count)


def _looked_up(x: Held, chosen: list[Any]) -> Held:
    first = next(each for each in chosen if isinstance(each, Held | list))
    sizes = first.sizes if isinstance(first, Held) else (len(first),)
    return Held((*sizes, *x.sizes[len(chosen) :]), x.trained)


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
    return _cat(p, [unsqueezed(p, each, dim) for each in tensors], dim)
