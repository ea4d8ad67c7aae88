"""Records behave as typing's named tuples do."""

from __future__ import annotations

import pickle
from typing import NamedTuple

import pytest

from vggcalc.record import Record


class Point(Record):
    """A place."""

    x: int
    y: int = 2

    @property
    def total(self) -> int:
        """x + y."""
        return self.x + self.y


class Typed(NamedTuple):
    """A place."""

    x: int
    y: int = 2


def test_a_record_is_a_named_tuple() -> None:
    """Fields, defaults, order, equality, copies, and the methods of the body."""
    point, typed = Point(1), Typed(1)
    assert point == (1, 2) == typed
    assert repr(point) == repr(typed).replace("Typed", "Point")
    assert (point._fields, point._asdict()) == (typed._fields, typed._asdict())
    assert point._replace(y=5) == (1, 5)
    assert (Point.__doc__, Point.__module__, Point.__qualname__) == ("A place.", __name__, "Point")
    assert Point(x=3, y=4).total == 7
    assert pickle.loads(pickle.dumps(point)) == point


def test_a_record_does_not_change() -> None:
    """Neither its fields nor others can be set, and all that have no default must be given."""
    with pytest.raises(AttributeError):
        Point(1).x = 2  # type: ignore[misc]
    with pytest.raises(TypeError, match="Point is missing 'x'"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point(1, 2, 3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no field, or twice the field, z"):
        Point(1, z=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="twice the field, x"):
        Point(1, x=2)  # type: ignore[misc]
    with pytest.raises(TypeError, match="z"):
        Point(1)._replace(z=2)  # type: ignore[call-arg]


def test_the_values_of_a_record_come_in_any_way() -> None:
    """In order, by name, mixed, and by default."""
    assert Point(1, 3) == Point(1, y=3) == Point(y=3, x=1) == (1, 3)
    assert Point(1) == Point(x=1) == (1, 2)
    assert Point._make([4, 5]) == (4, 5)
    match Point(6):
        case Point(x, y):
            assert (x, y) == (6, 2)
