"""From a layer's axes to those of what it reads: most layers keep them, some drop, add or exchange axes."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.analysis.field import OWN, Field, union
from vggcalc.layers import Answers, View, Window
from vggcalc.layers.window import POINT


def view_of(field: Field, place: int, seen: Sequence[View]) -> View:
    """How a layer sees the axis along which a field of the layer above runs; along none nothing moves."""
    axis = place if field.axis == OWN else field.axis
    return (None, POINT) if axis is None else seen[axis]


def through(fields: Sequence[Field], seen: Sequence[View], spatial: tuple[int, ...]) -> tuple[Field, ...]:
    """The fields of a layer that sees like this a map with these fields; `spatial` are its positions."""
    found = []
    for place, field in enumerate(fields):
        out, window = view_of(field, place, seen)
        further = field.through(window, 1 if out is None else spatial[out])
        axis = OWN if out == place else out
        found.append(further if further.axis == axis else further._replace(axis=axis))
    return tuple(found)


def over_map(answers: Answers) -> tuple[View, ...]:
    """How a layer looks that takes statistics over all of the map that it reads: every unit sees the whole of it."""
    return tuple((axis, Window.over(n)) for axis, n in enumerate(answers.inputs[0].spatial))


def merged(paths: Sequence[Sequence[Field]], spatial: tuple[int, ...]) -> tuple[Field, ...]:
    """The fields of a layer of these positions that reads several paths."""
    return tuple(_union(fields, place, spatial) for place, fields in enumerate(zip(*paths, strict=True)))


def _union(fields: Sequence[Field], place: int, spatial: tuple[int, ...]) -> Field:
    """The union along one axis of an input; paths that run along it in different directions are taken as a whole."""
    axes = {field.axis for field in fields if field.jump} or {fields[0].axis}
    if len(axes) > 1:
        return union([_whole(field, place, spatial) for field in fields], 1)
    return union(fields, _positions(axes.pop(), place, spatial))


def _whole(field: Field, place: int, spatial: tuple[int, ...]) -> Field:
    """What all units see together."""
    return field.through(Window.over(_positions(field.axis, place, spatial)), 1)._replace(axis=None)


def _positions(axis: int | None, place: int, spatial: tuple[int, ...]) -> int:
    return 1 if axis is None else spatial[place if axis == OWN else axis]


def unit_on(fields: Sequence[Field], unit: Sequence[int]) -> tuple[int, ...]:
    """For each axis of an input, the position of a unit along the axis of its layer that continues it."""
    own = (place if field.axis == OWN else field.axis for place, field in enumerate(fields))
    return tuple(0 if axis is None else unit[axis] for axis in own)
