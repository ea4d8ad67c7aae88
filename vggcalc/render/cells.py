"""How a figure's value is written: by its unit in a table, whole for a machine."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from vggcalc.figures import ByName, Figure, Value
from vggcalc.shape import Shape
from vggcalc.units import byte_text, count, plain


def cell(figure: Figure, value: Value | ByName | None, axes: int | None = None) -> Any:
    """A value as a table holds it: a number, or the text of several; None for what nobody knows, or measured.

    axes: how many spatial axes shapes have, where they are to begin with the channels, as PyTorch's do.
    """
    if isinstance(value, int) or (value is not None and figure.unit == "percent"):
        return value
    if value is None:
        return None if figure.is_total else ""
    if isinstance(value, Mapping):
        return " ".join(f"{name}:{cell(figure, own, axes)}" for name, own in value.items())
    if isinstance(value, tuple):
        turned = figure.unit == "shape" and axes is not None
        return "x".join(map(str, (*reversed(value[axes:]), *value[:axes]) if turned else value))
    number: Any = value
    return plain(number)


def text_in(figure: Figure) -> Callable[[Any], str]:
    """How the cells of a figure are written: counts with separators, bytes in the unit that suits them."""
    if figure.unit == "percent":
        return lambda value: f"{value}%" if value else ""
    write = byte_text if figure.unit == "bytes" else count

    def text(value: int | str | None) -> str:
        if isinstance(value, int):
            return write(value)
        if value is None:
            return "unknown"
        return value if figure.unit == "shape" else thousands(value)

    return text


def data(value: Value | ByName | None) -> Any:
    """A value for a machine: an int, a fraction as the string `1/2`, a list, or an object by the inputs' names.

    What is in percent is a number with its decimals.
    """
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Mapping):
        return {name: data(own) for name, own in value.items()}
    if isinstance(value, tuple):
        return list(value)
    number: Any = value
    return plain(number) if hasattr(number, "denominator") else float(number)


def extents(shape: Shape) -> list[int] | None:
    """A shape for a machine: height, width, channels; None for an unknown one."""
    return list(shape.hwc) if shape.is_known else None


def thousands(text: str) -> str:
    """The separators of `count` in a text of several numbers."""
    return re.sub("[0-9]{4,}", lambda match: count(int(match[0])), text)
