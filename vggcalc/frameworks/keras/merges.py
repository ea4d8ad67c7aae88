"""Layers and operations of several tensors, and arithmetic with fixed numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from vggcalc.errors import FieldError, ShapeError
from vggcalc.frameworks.keras.step import Step, Unknown, Value
from vggcalc.frameworks.keras.table import layer, operation


def merged(step: Step, kind: str, values: Sequence[Value], suffix: str = "") -> Value:
    """Values combined place by place; along an axis some may have a single one, which serves all."""
    if len(values) == 1:
        return step.same("identity", values[0])
    found = step.alike(values)
    tensor = step.add(kind, *found, suffix=suffix)
    most = max(found, key=lambda value: prod(value.sizes or ()))
    return step.written(tensor, most)


def _merge(kind: str) -> Callable[[Step], Value]:
    def read(step: Step) -> Value:
        return merged(step, kind, step.values)

    return read


layer("Add")(_merge("add"))
layer("Subtract")(_merge("subtract"))
layer("Multiply")(_merge("multiply"))
layer("Maximum")(_merge("maximum"))
layer("Minimum")(_merge("minimum"))


@layer("Average")
def average(step: Step) -> Value:
    """The sum, times one over so many."""
    total = merged(step, "add", step.values, suffix="sum")
    return step.same("power", total, factor=1 / len(step.values))


@layer("Concatenate")
def concatenate(step: Step) -> Value:
    """Along the channels, or along an axis of positions."""
    return concatenated(step, step.values, step.config.get("axis", -1))


def concatenated(step: Step, values: Sequence[Value], axis: Any) -> Value:
    """Tensors one after the other along an axis."""
    if not values or type(axis) is not int:
        raise Unknown
    rank = values[0].rank
    place = step.axis(axis, values[0])
    if rank == 1 or any(value.rank != rank for value in values):
        values = step.alike(values)
    home = values[0].channels
    values = [step.arranged(value, home) for value in values]
    if home is None or place == home:
        if home is None:
            values = [step.arranged(value, rank - 1) for value in values]
        return step.written(step.add("concat", *values), values[0])
    along = values[0].positions.index(place)
    return step.written(step.add("concat", *values, axis=along), values[0])


@layer("Merge")
def _merge_of_keras_1(step: Step) -> Value | Sequence[Value]:
    kinds = {"sum": "add", "mul": "multiply", "max": "maximum"}
    mode = step.text("mode", "sum")
    if mode in kinds:
        return merged(step, kinds[mode], step.values)
    if mode == "ave":
        return average(step)
    if mode == "concat":
        return concatenated(step, step.values, step.config.get("concat_axis", -1))
    if mode == "dot":
        return _dot(step, step.config.get("dot_axes", -1))
    raise Unknown


@layer("Dot")
def _dot_layer(step: Step) -> Value:
    return _dot(step, step.config.get("axes", -1))


def _dot(step: Step, axes: Any) -> Value:
    """Sums of products over an axis of each: of vectors one number, of sequences a matrix."""
    if len(step.values) != 2:
        raise ShapeError(f"'{step.unit.type}' reads {len(step.values)} tensors", "it reads two", code="shape-misfit")
    first, second = step.values
    said = axes[0] if isinstance(axes, list) and len(axes) == 1 else axes
    pair = said if isinstance(said, list) else [said, said]
    if len(pair) != 2:
        raise FieldError("axes", f"'axes' is {pair!r:.40}", "it must be an axis or a list of two", code="bad-field")
    places = [step.axis(axis, value) for axis, value in zip(pair, (first, second), strict=True)]
    if first.rank == second.rank == 1:
        rows = [
            step.reshaped(value, (1, *(value.sizes or ())), 1, f"row{n}") for n, value in enumerate((first, second))
        ]
        return Value(step.add("matmul", *rows, transpose=True), (1,), 0)
    if not first.rank == second.rank == 2:
        raise Unknown
    first = step.arranged(first, places[0], "permute0")  # a position a row, what is summed over its channels
    second = step.arranged(second, places[1], "permute1")
    tensor = step.add("matmul", first, second, transpose=True)
    rows_of = [next(iter(value.positions)) for value in (first, second)]
    sizes = tuple((value.sizes or (1, 1))[row] for value, row in zip((first, second), rows_of, strict=True))
    return Value(tensor, sizes, 1)


# --- operations -----------------------------------------------------------------------------------------------------


def _pair(step: Step) -> tuple[Any, Any]:
    """What an operation of two is called with: values or constants."""
    given = [*step.args, *(step.kwargs[key] for key in ("x2", "y", "b", "other") if key in step.kwargs)]
    if len(given) == 1 and isinstance(given[0], tuple) and not isinstance(given[0], Value):
        given = list(given[0])
    if len(given) < 2:
        raise Unknown
    return given[0], given[1]


def _arithmetic(kind: str, with_number: Callable[[float, bool], dict[str, Any]]) -> Callable[[Step], Value]:
    """Of two tensors, a merge; of one and a number, that number; of one and fixed values, fixed numbers as well."""

    def read(step: Step) -> Value:
        first, second = _pair(step)
        if isinstance(first, Value) and isinstance(second, Value):
            return merged(step, kind, (first, second))
        number = second if isinstance(first, Value) else first
        if isinstance(number, int | float):
            return step.same("power", **with_number(number, isinstance(first, Value)))
        if step.sizes and step.sizes[0] is not None and len(step.sizes[0]) != step.value.rank:
            raise Unknown
        return step.same("power")

    return read


operation("add", "addv2")(_arithmetic("add", lambda number, is_second: {"offset": number}))
operation("subtract", "sub")(
    _arithmetic(
        "subtract", lambda number, is_second: {"offset": -number} if is_second else {"factor": -1.0, "offset": number}
    )
)
operation("multiply", "mul")(_arithmetic("multiply", lambda number, is_second: {"factor": number}))
operation("divide", "truedivide", "realdiv", "truediv", "div")(
    _arithmetic(
        "divide",
        lambda number, is_second: {"factor": 1 / (number or 1)} | ({} if is_second else {"exponent": -1.0}),
    )
)


@operation("maximum", "minimum")
def _bounded(step: Step) -> Value:
    """Of two tensors a merge, of one and a number a clip."""
    first, second = _pair(step)
    if isinstance(first, Value) and isinstance(second, Value):
        return merged(step, step.called, (first, second))
    return step.same("hardtanh")


@operation("power", "pow", "square", "rsqrt", "negative", "neg", "reciprocal")
def _power(step: Step) -> Value:
    return step.same("power")


@operation("clip", "clipbyvalue")
def _clip(step: Step) -> Value:
    return step.same("hardtanh")


@operation("concatenate", "concat", "concatv2")
def _concatenation(step: Step) -> Value:
    axis = step.config.get("axis", step.kwargs.get("axis", next((n for n in step.args if type(n) is int), 0)))
    return concatenated(step, step.values, axis)


@operation("matmul", "batchmatmul", "batchmatmulv2")
def _product(step: Step) -> Value:
    """Rows of the first with columns of the second."""
    if len(step.values) < 2:
        raise Unknown
    first, second = step.values[:2]
    if first.rank != second.rank or first.rank < 2:
        raise Unknown
    last = first.rank - 1
    transposes = step.kwargs.get("transpose_b") is True
    first, second = (
        step.arranged(first, last, "permute0"),
        step.arranged(second, last, "permute1"),
    )
    tensor = step.add("matmul", first, second, transpose=transposes)
    return step.written(tensor, first)
