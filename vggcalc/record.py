"""Records: named tuples written as classes, as typing's NamedTuple has them, that are cheap to define.

typing compiles every annotation, to refuse what is no type; a type checker has done so before. Two dozen records are
defined before the first answer, and so they take a third of the time.
"""

from __future__ import annotations

import importlib
from collections import namedtuple
from typing import TYPE_CHECKING, Any

__all__ = ["Record"]

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:

    class _Definition(type):
        """Makes a named tuple of the names that a class's body annotates, with all else that stands in it."""

        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = _annotated(body)
            defaults = [body[field] for field in fields if field in body]
            record = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for key in body.keys() - {*fields, "__module__"}:
                setattr(record, key, body[key])
            return record

    class Record(metaclass=_Definition):
        """The base of every record: `class Point(Record)` with `x: int` and `y: int = 0` in its body."""


def _annotated(body: dict[str, Any]) -> list[str]:
    if "__annotations__" in body:
        return [*body["__annotations__"]]
    lib = importlib.import_module("annotationlib")  # from Python 3.14 on annotations are evaluated when asked for
    annotate = lib.get_annotate_from_class_namespace(body)
    return [*lib.call_annotate_function(annotate, lib.Format.FORWARDREF)]
