"""Operations of ONNX that regroup, cut, join and repeat tensors, and those that change nothing."""

from __future__ import annotations

from math import prod
from typing import Any

from vggcalc.frameworks.onnx.call import Call, Known, op
from vggcalc.frameworks.program import Held, UnknownOperationError
from vggcalc.frameworks.views import View

_MOST_DIMENSIONS = 16

_MOST_COPIES = 1000


@op("Identity", "Cast", "CastLike", "Optional", "OptionalGetElement", "StopGradient")
def _same(call: Call) -> Any:
    return call.tensor()


@op("Reshape")
def _reshape(call: Call) -> Any:
    """A size of 0 is that of the same dimension, and -1 what is left."""
    x = call.tensor()
    wanted = call.numbers("shape", 1)
    if wanted is None or len(wanted) > _MOST_DIMENSIONS:
        raise UnknownOperationError("it says no sizes")
    if not call.number("allowzero"):
        wanted = [x.sizes[place] if n == 0 else n for place, n in enumerate(wanted)]
    return call.torch("reshape", x, wanted)


@op("Flatten")
def _flatten(call: Call) -> Any:
    x = call.tensor()
    axis = call.number("axis", 1)
    axis = axis + len(x.sizes) * (axis < 0)
    return call.torch("reshape", x, (prod(x.sizes[:axis]), prod(x.sizes[axis:])))


@op("Squeeze")
def _squeeze(call: Call) -> Any:
    x = call.tensor()
    axes = call.numbers("axes", 1)
    gone = {dim % len(x.sizes) for dim in axes} if axes else {dim for dim, n in enumerate(x.sizes) if n == 1}
    return call.torch("reshape", x, tuple(n for dim, n in enumerate(x.sizes) if dim not in gone))


@op("Unsqueeze")
def _unsqueeze(call: Call) -> Any:
    x = call.tensor()
    axes = call.numbers("axes", 1) or []
    rank = len(x.sizes) + len(axes)
    new = {dim % rank for dim in axes}
    if rank > _MOST_DIMENSIONS:
        raise UnknownOperationError("too many dimensions")
    own = iter(x.sizes)
    return call.torch("reshape", x, tuple(1 if dim in new else next(own) for dim in range(rank)))


@op("Transpose")
def _transpose(call: Call) -> Any:
    x = call.tensor()
    return call.torch("permute", x, call.numbers("perm") or list(reversed(range(len(x.sizes)))))


@op("Concat")
def _concat(call: Call) -> Any:
    return call.torch("cat", [call.tensor(place) for place in range(len(call))], call.number("axis", 1))


@op("Split")
def _split(call: Call) -> Any:
    x = call.tensor()
    dim = call.number("axis") % len(x.sizes)
    sizes = call.numbers("split", 1)
    parts = len(call.node.outputs)
    each = -(-x.sizes[dim] // parts)
    return call.torch("split", x, sizes or each, dim)


@op("Slice")
def _slice(call: Call) -> Any:
    x = call.tensor()
    starts, ends = call.numbers("starts", 1) or [], call.numbers("ends", 2) or []
    axes = call.numbers("axes", 3) or list(range(len(starts)))
    steps = call.numbers("steps", 4) or [1] * len(starts)
    for dim, start, end, step in zip(axes, starts, ends, steps, strict=True):
        if step < 1:
            raise UnknownOperationError("a part that is read backwards")
        place = dim % len(x.sizes)
        start, end, step = slice(start, end, step).indices(x.sizes[place])
        x = call.torch("slice", x, place, start, end, step)
    return x


@op("Expand")
def _expand(call: Call) -> Any:
    x = call.tensor()
    wanted = [int(n) for n in call.constants(1) or []]
    if len(wanted) > _MOST_DIMENSIONS:
        raise UnknownOperationError("too many dimensions")
    rank = max(len(x.sizes), len(wanted))
    one, other = ((1,) * (rank - len(sizes)) + tuple(sizes) for sizes in (x.sizes, wanted))
    return call.torch("expand", x, tuple(max(a, b) if 0 not in (a, b) else 0 for a, b in zip(one, other, strict=True)))


@op("Tile")
def _tile(call: Call) -> Any:
    """As often along each dimension; a map that is repeated is so many of it, one after the other."""
    x = call.tensor()
    times = [int(n) for n in call.constants(1) or []]
    if isinstance(x, Held):
        return Held(tuple(n * t for n, t in zip(x.sizes, times, strict=True)), x.trained)
    for dim, count in enumerate(times):
        if not 1 <= count <= _MOST_COPIES:
            raise UnknownOperationError(f"a map that is repeated {count:,} times")
        x = call.torch("cat", [x] * count, dim) if count > 1 else x
    return x


@op("Constant")
def _constant(call: Call) -> Any:
    """Values that stand in the node; a tensor of them is taken from there by whoever reads the graph."""
    for key in ("value_int", "value_float"):
        if key in call.node.attributes:
            return Known((), (call.node.attributes[key],))
    for key in ("value_ints", "value_floats"):
        if key in call.node.attributes:
            values = tuple(call.node.attributes[key])
            return Known((len(values),), values)
    return Held(())


@op("Shape")
def _shape(call: Call) -> Any:
    """The sizes of a map are known, whatever is in it."""
    x = call.value(0)
    if x is None or (isinstance(x, View) and not all(x.sizes)):
        raise UnknownOperationError("it has no sizes")
    rank = len(x.sizes)
    start, end = (call.number("start"), call.number("end", rank))
    sizes = x.sizes[slice(start, end)]
    return Known((len(sizes),), sizes)


@op("Size")
def _size(call: Call) -> Any:
    x = call.value(0)
    return Known((), (prod(x.sizes if x is not None else ()),))
