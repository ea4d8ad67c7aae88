"""The settings of a question: what may be said, and which values each may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vggcalc import bounds
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.reading.expression import Value
from vggcalc.record import Record
from vggcalc.shape import Shape, parse_shape
from vggcalc.units import DTYPE_BITS, DTYPE_ELSEWHERE


class Setting(Record):
    """One thing that may be said of a question.

    check: given its key and a value, returns the value as the record holds it, or raises a UsageError. what: what is
    asked by it. form: how its value is written; a switch has none. is_text: its text is no number, even if it looks
    like one. is_named: it may be said several times, as NAME=VALUE. choices: the values that there are, if few.
    """

    check: Callable[[str, Any], Any]
    what: str
    form: str = ""
    is_text: bool = False
    is_named: bool = False
    choices: tuple[str, ...] = ()
    sets_variables: bool = False


def _input(key: str, value: Any) -> tuple[tuple[str, str], ...]:
    """A size for all inputs, or sizes by name, or none; a size is a text, a number, several numbers, or a shape."""
    if value is None:
        return ()
    sizes = value if isinstance(value, Mapping) else {"": value}
    if "" in sizes and len(sizes) > 1:
        raise UsageError(
            Problem("several inputs need names of their own", "write NAME=HxWxC for each", code="bad-value")
        )
    found = []
    for name, size in sizes.items():
        numbers = size.hwc if isinstance(size, Shape) else size if isinstance(size, list | tuple) else (size,)
        text = "x".join(map(str, numbers))
        parse_shape(text)
        found.append((str(name), text))
    return tuple(found)


def _positive(key: str, value: Any) -> int:
    if type(value) is int and 1 <= value <= bounds.FIELD:
        return value
    raise _unfit(key, value, f"it must be a whole number from 1 to {bounds.FIELD:,}")


def _dtype(key: str, value: Any) -> str:
    if value in DTYPE_BITS:
        return str(value)
    meant = DTYPE_ELSEWHERE.get(str(value).lower(), str(value))
    hint = f"did you mean '{meant}'?" if meant in DTYPE_BITS else did_you_mean(meant, DTYPE_BITS)
    raise UsageError(Problem(f"there is no dtype '{value}'", hint, code="unknown-name"))


def _switch(key: str, value: Any) -> bool:
    if type(value) is bool:
        return value
    raise _unfit(key, value, "it must be true or false")


def _layer(key: str, value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise _unfit(key, value, "it must be the name of a layer or block")


def _classes(key: str, value: Any) -> dict[str, Value]:
    return {key: _positive(key, value)}


def _variables(key: str, value: Any) -> dict[str, Value]:
    """The variables; whether a value suits one of them, the spec knows."""
    if not isinstance(value, Mapping):
        raise _unfit(key, value, "it must be a mapping of variables to values")
    if "" in value:
        raise UsageError(
            Problem(f"'{value['']}' sets no variable", "write VAR=VALUE, as in width=64", code="bad-value")
        )
    for name, held in value.items():
        if not isinstance(held, int | float | str) or isinstance(held, bool):
            raise UsageError(
                Problem(f"variable '{name}' is '{held}'", "a variable holds a whole number or a word", code="bad-value")
            )
    return {name: str(held) if isinstance(held, float) else held for name, held in value.items()}


def _unfit(key: str, value: Any, hint: str) -> UsageError:
    shown = "a list" if isinstance(value, list | tuple) else f"'{value}'"
    return UsageError(Problem(f"'{key}' is {shown}", hint, code="bad-value"))


SETTINGS: Mapping[str, Setting] = {
    "input": Setting(
        _input, "Another input; NAME=HxWxC where there are several.", "HxWxC", is_text=True, is_named=True
    ),
    "batch": Setting(_positive, "Images at once; default 1.", "N"),
    "dtype": Setting(_dtype, "The number format; default float32.", "NAME", is_text=True, choices=tuple(DTYPE_BITS)),
    "vars": Setting(_variables, "Set a variable of the spec.", "VAR=VALUE", is_named=True, sets_variables=True),
    "classes": Setting(_classes, "Set the variable `classes`.", "N", sets_variables=True),
    "until": Setting(_layer, "Stop at this layer: a feature extractor.", "LAYER", is_text=True),
    "top": Setting(_switch, "Leave the classifier out."),
    "dense": Setting(_switch, "Fully connected layers as convolutions, for whole images."),
    "gradient": Setting(_switch, "Receptive fields of all that a gradient reaches: through statistics of norms too."),
    "training": Setting(_switch, "Count the work of auxiliary heads, which run in training alone."),
}
"""All that may be said of a question. Of a switch, what it does where it is not as in `AS_DECLARED`."""
