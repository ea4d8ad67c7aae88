"""Constants of a graph that are worked out, as shapes are where batch or image are left open."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise, product
from math import prod
from typing import Any

from vggcalc import bounds
from vggcalc.frameworks.onnx.call import Call, Known
from vggcalc.frameworks.program import UnknownOperationError

Fold = Callable[[Call, Sequence[Known]], Known | list[Known]]

FOLDS: dict[str, Fold] = {}
"""How constants are worked out, by the type of the operation."""


def fold(*names: str) -> Callable[[Fold], Fold]:
    """Enter a function for operations of these types."""

    def enter(function: Fold) -> Fold:
        FOLDS.update(dict.fromkeys(names, function))
        return function

    return enter


def is_beyond(found: Known) -> bool:
    """Whether there is a whole number in it that a file of 64 bits cannot mean."""
    return any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in found.values)


def _bounded(sizes: Sequence[int]) -> tuple[int, ...]:
    """Sizes of so many values as are worked out."""
    if len(sizes) > 16 or any(n < 0 for n in sizes) or prod(sizes) > bounds.FOLDED_VALUES:
        raise UnknownOperationError("constants of so many values are not worked out")
    return tuple(sizes)


def _places(sizes: Sequence[int], shape: Sequence[int]) -> list[int]:
    """Which value of a tensor of some sizes stands in each place of a larger shape."""
    own = (1,) * (len(shape) - len(sizes)) + tuple(sizes)
    strides = _strides(own)
    steps = [stride if n != 1 else 0 for stride, n in zip(strides, own, strict=True)]
    return _walk(shape, steps)


def _strides(sizes: Sequence[int]) -> list[int]:
    return [prod(sizes[place + 1 :]) for place in range(len(sizes))]


def _walk(sizes: Sequence[int], steps: Sequence[int], start: int = 0) -> list[int]:
    """Where one comes to who goes over all places, with a step for each dimension."""
    found = [start]
    for n, step in zip(sizes, steps, strict=True):
        found = [at + place * step for at in found for place in range(n)]
    return found


def _common(values: Sequence[Known]) -> tuple[int, ...]:
    rank = max(len(value.sizes) for value in values)
    wide = [(1,) * (rank - len(value.sizes)) + value.sizes for value in values]
    shape = [0 if 0 in ns else max(ns) for ns in zip(*wide, strict=True)]
    if any(n not in (1, own) for sizes in wide for n, own in zip(sizes, shape, strict=True)):
        raise UnknownOperationError("constants of sizes that do not fit")
    return _bounded(shape)


def _each(function: Callable[..., Any]) -> Fold:
    """Value by value, of which each may stand for many."""

    def each(call: Call, values: Sequence[Known]) -> Known:
        shape = _common(values)
        columns = [[value.values[place] for place in _places(value.sizes, shape)] for value in values]
        return Known(shape, tuple(function(*row) for row in zip(*columns, strict=True)))

    return each


def _quotient(one: Any, other: Any) -> Any:
    """Of whole numbers the whole part."""
    if isinstance(one, int) and isinstance(other, int):
        return int(one / other) if abs(one) < 2**52 else one // other
    return one / other


def _power(one: Any, other: Any) -> Any:
    return float(one) ** float(other) if abs(one) < 1e9 and abs(other) < 1e3 else math.nan


_ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "Add": operator.add, "Sub": operator.sub, "Mul": operator.mul, "Div": _quotient, "Mod": operator.mod,
    "Pow": _power, "Equal": operator.eq, "Less": operator.lt, "Greater": operator.gt, "LessOrEqual": operator.le,
    "GreaterOrEqual": operator.ge, "And": operator.and_, "Or": operator.or_, "Not": operator.not_,
    "Neg": operator.neg, "Abs": abs, "Floor": math.floor, "Ceil": math.ceil, "Round": round,
    "Sqrt": math.sqrt, "Where": lambda chosen, one, other: one if chosen else other, "Xor": operator.xor,
    "Sign": lambda value: (value > 0) - (value < 0),
}  # fmt: skip
for _name, _function in _ELEMENTWISE.items():
    fold(_name)(_each(_function))
fold("Max")(_each(lambda *row: max(row)))
fold("Min")(_each(lambda *row: min(row)))
fold("Sum")(_each(lambda *row: sum(row)))


@fold("Identity")
def _same(call: Call, values: Sequence[Known]) -> Known:
    return values[0]


@fold("Clip")
def _clipped(call: Call, values: Sequence[Known]) -> Known:
    """Limits are attributes, or in later versions what it reads, of which each may be left out."""
    low, high = (call.value(place) for place in (1, 2))
    least = low.values[0] if isinstance(low, Known) else call.node.attributes.get("min", -math.inf)
    most = high.values[0] if isinstance(high, Known) else call.node.attributes.get("max", math.inf)
    return Known(values[0].sizes, tuple(min(max(value, least), most) for value in values[0].values))


@fold("Tile")
def _tiled(call: Call, values: Sequence[Known]) -> Known:
    data, times = values[:2]
    shape = _bounded([n * int(count) for n, count in zip(data.sizes, times.values, strict=True)])
    strides = _strides(data.sizes)
    chosen = [
        [place % n * stride for place in range(long)]
        for long, n, stride in zip(shape, data.sizes, strides, strict=True)
    ]
    return Known(shape, tuple(data.values[sum(places)] for places in product(*chosen)))


@fold("Split")
def _parted(call: Call, values: Sequence[Known]) -> list[Known]:
    """Of a list of values, as of sizes."""
    (data, *_), parts = values, len(call.node.outputs)
    if len(data.sizes) != 1:
        raise UnknownOperationError("constants that are cut along dimensions")
    each = -(-len(data.values) // parts)
    sizes = call.numbers("split", 1) or [each] * (parts - 1) + [len(data.values) - each * (parts - 1)]
    ends = [sum(sizes[:place]) for place in range(len(sizes) + 1)]
    return [Known((stop - start,), data.values[start:stop]) for start, stop in pairwise(ends)]


@fold("Cast")
def _cast(call: Call, values: Sequence[Known]) -> Known:
    kind: Any = float if call.number("to") in (1, 10, 11, 16) else bool if call.number("to") == 9 else int
    return Known(values[0].sizes, tuple(kind(value) for value in values[0].values))


@fold("Gather")
def _gather(call: Call, values: Sequence[Known]) -> Known:
    data, index = values[:2]
    axis = call.number("axis") % len(data.sizes)
    shape = _bounded((*data.sizes[:axis], *index.sizes, *data.sizes[axis + 1 :]))
    behind = prod(data.sizes[axis + 1 :])
    chosen = [int(each) % data.sizes[axis] for each in index.values]
    before = range(0, len(data.values), data.sizes[axis] * behind)
    found = [
        data.values[start + each * behind + place] for start in before for each in chosen for place in range(behind)
    ]
    return Known(shape, tuple(found))


@fold("Unsqueeze", "Squeeze", "Reshape", "Flatten")
def _regrouped(call: Call, values: Sequence[Known]) -> Known:
    from vggcalc.frameworks.onnx.call import OPS  # the sizes come as for any tensor

    sizes = OPS[call.node.op](call).sizes
    if prod(sizes) != len(values[0].values):
        raise UnknownOperationError("constants of sizes that do not fit")
    return Known(_bounded(sizes), values[0].values)


@fold("Expand")
def _expanded(call: Call, values: Sequence[Known]) -> Known:
    wanted = Known(tuple(int(n) for n in values[1].values), ())
    shape = _common((values[0], wanted))
    return Known(shape, tuple(values[0].values[place] for place in _places(values[0].sizes, shape)))


@fold("Transpose")
def _transposed(call: Call, values: Sequence[Known]) -> Known:
    sizes, strides = values[0].sizes, _strides(values[0].sizes)
    order = call.numbers("perm") or list(reversed(range(len(sizes))))
    shape = [sizes[place] for place in order]
    return Known(tuple(shape), tuple(values[0].values[at] for at in _walk(shape, [strides[place] for place in order])))


@fold("Concat")
def _concat(call: Call, values: Sequence[Known]) -> Known:
    axis = call.number("axis") % len(values[0].sizes)
    total = sum(value.sizes[axis] for value in values)
    shape = _bounded((*values[0].sizes[:axis], total, *values[0].sizes[axis + 1 :]))
    runs = [prod(value.sizes[axis:]) for value in values]
    found: list[Any] = []
    for turn in range(prod(shape[:axis])):
        for value, run in zip(values, runs, strict=True):
            found += value.values[turn * run : (turn + 1) * run]
    if len(found) != prod(shape):
        raise UnknownOperationError("constants of sizes that do not fit")
    return Known(shape, tuple(found))


@fold("Slice")
def _slice(call: Call, values: Sequence[Known]) -> Known:
    data = values[0]
    starts, ends = call.numbers("starts", 1) or [], call.numbers("ends", 2) or []
    axes = call.numbers("axes", 3) or list(range(len(starts)))
    ranges = [range(n) for n in data.sizes]
    for axis, start, end, step in zip(axes, starts, ends, call.numbers("steps", 4) or [1] * len(starts), strict=True):
        ranges[axis] = ranges[axis][slice(start, end, step)]
    strides = _strides(data.sizes)
    chosen = [[place * stride for place in each] for each, stride in zip(ranges, strides, strict=True)]
    found: Iterator[tuple[int, ...]] = product(*chosen)
    return Known(tuple(map(len, ranges)), tuple(data.values[sum(places)] for places in found))


@fold("Range")
def _range(call: Call, values: Sequence[Known]) -> Known:
    start, limit, step = (value.values[0] for value in values)
    (count,) = _bounded((max(math.ceil((limit - start) / step), 0),))
    return Known((count,), tuple(start + place * step for place in range(count)))


@fold("ConstantOfShape")
def _filled(call: Call, values: Sequence[Known]) -> Known:
    shape = _bounded([int(n) for n in values[0].values])
    given = call.node.attributes.get("value")
    found = given.values() if given is not None else None
    return Known(shape, (found[0] if found else 0.0,) * prod(shape))


def _product(values: Sequence[Any]) -> Any:
    """Of so few values as sizes are; many would have digits without end."""
    if len(values) > 64:
        raise UnknownOperationError("a product of so many values")
    return prod(values)


@fold("ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin")
def _reduced(call: Call, values: Sequence[Known]) -> Known:
    """Of all values, as of a list of sizes."""
    data = values[0]
    if len(data.sizes) > 1 or not data.values:
        raise UnknownOperationError("constants that are reduced along dimensions")
    how: Any = {"ReduceProd": _product, "ReduceSum": sum, "ReduceMax": max, "ReduceMin": min}[call.node.op]
    return Known((1,) * len(data.sizes) if call.number("keepdims", 1) else (), (how(data.values),))
