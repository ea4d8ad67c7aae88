"""Records: named tuples written as classes, as typing's NamedTuple has them, that cost little to define.

Dozens of records are defined before the first answer. typing compiles every annotation, to refuse what is no type, and
collections compiles a constructor for each class. Type checkers do the one before; for the other, one serves all.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

__all__ = ["Record"]

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    try:
        from _collections import _tuplegetter as getter  # what named tuples have, and faster than a property
    except ImportError:
        from operator import itemgetter

        def getter(place: int, doc: str) -> property:
            """The field at a place of the tuple."""
            return property(itemgetter(place), doc=doc)

    class _Definition(type):
        """Makes fields of the names that a class's body annotates, and defaults of the values that stand there."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            fields = tuple(_annotated(body)) if bases != (tuple,) else ()
            defaults = {field: body[field] for field in fields if field in body}
            getters = {field: getter(place, field) for place, field in enumerate(fields)}
            own = {"__slots__": (), "__match_args__": fields, "_fields": fields, "_field_defaults": defaults}
            return super().__new__(cls, name, bases, body | getters | own | {"_last": tuple(defaults.values())})

    class Record(tuple, metaclass=_Definition):
        """The base of every record: `class Point(Record)` with `x: int` and `y: int = 0` in its body.

        Fields with defaults stand behind those without.
        """

        def __new__(cls, *values: Any, **named: Any) -> Record:  # noqa: D102  the class says it
            missing = len(cls._fields) - len(values)
            if named or missing > len(cls._last) or missing < 0:
                values = _completed(cls, values, named)
            elif missing:
                values += cls._last[-missing:]
            return tuple.__new__(cls, values)

        def __repr__(self) -> str:
            return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._asdict().items())})"

        def __getnewargs__(self) -> tuple[Any, ...]:
            return tuple(self)

        @classmethod
        def _make(cls, values: Iterable[Any]) -> Record:
            return cls(*values)

        def _asdict(self) -> dict[str, Any]:
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changes: Any) -> Record:
            values = tuple(map(changes.pop, self._fields, self))
            return _completed(type(self), values, changes) if changes else tuple.__new__(type(self), values)


def _completed(record: Any, values: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """The values of all fields: those given in order, then those given by name or by default."""
    given = record._field_defaults | named
    try:
        found = values + tuple([given[field] for field in record._fields[len(values) :]])
    except KeyError as missing:
        raise TypeError(f"{record.__name__} is missing {missing}") from None
    if wrong := named.keys() - set(record._fields[len(values) :]):
        raise TypeError(f"{record.__name__} has no field, or twice the field, {', '.join(sorted(wrong))}")
    if len(found) > len(record._fields):
        raise TypeError(f"{record.__name__} has {len(record._fields)} fields, not {len(found)}")
    return found


def _annotated(body: dict[str, Any]) -> list[str]:
    if "__annotations__" in body:
        return [*body["__annotations__"]]
    lib = importlib.import_module("annotationlib")  # from Python 3.14 on annotations are evaluated when asked for
    annotate = lib.get_annotate_from_class_namespace(body)
    return [*lib.call_annotate_function(annotate, lib.Format.FORWARDREF)] if annotate else []
