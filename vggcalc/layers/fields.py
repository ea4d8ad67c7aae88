"""What a field of a layer may hold: a Python type for the type checker, and a check with words for the user."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeGuard

from vggcalc import bounds
from vggcalc.record import Record

Form = Mapping[str, Any]
"""What values look like, in the words of JSON Schema."""


class Check(Record):
    """`accepts` decides, `expected` says in plain words what it accepts. is_per_axis: a list has one for each axis.

    form: the same for programs that know nothing of us, as editors; it refuses nothing that is accepted.
    """

    expected: str
    accepts: Callable[[object], bool]
    words: tuple[str, ...] = ()
    is_per_axis: bool = False
    form: Form = {}


def _is_int(value: object, least: int) -> bool:
    return type(value) is int and value >= least


def _per_axis(least: int) -> Callable[[object], bool]:
    def accepts(value: object) -> bool:
        if isinstance(value, tuple):
            return 1 <= len(value) <= 3 and all(_is_int(item, least) for item in value)
        return _is_int(value, least)

    return accepts


def _is_sides(value: object) -> bool:
    """A number for all sides, or per axis a number or a pair (before, after)."""
    if isinstance(value, tuple):
        return 1 <= len(value) <= 3 and all(
            _is_int(item, 0) or (isinstance(item, tuple) and len(item) == 2 and all(_is_int(side, 0) for side in item))
            for item in value
        )
    return _is_int(value, 0)


def _is_shifts(value: object) -> bool:
    if isinstance(value, tuple):
        return 1 <= len(value) <= 3 and all(type(item) is int for item in value)
    return type(value) is int


def _is_axes(value: object) -> TypeGuard[tuple[int, ...]]:
    return isinstance(value, tuple) and all(_is_int(item, 0) for item in value) and len(set(value)) == len(value) < 5


def _is_connections(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(isinstance(row, tuple) and row and all(_is_int(item, 0) for item in row) for row in value)
    )


def _whole(least: int) -> Form:
    return {"type": "integer", "minimum": least, "maximum": bounds.FIELD}


def _word(*words: str) -> Form:
    return {"enum": [*words]}


def _list(item: Form, least: int = 1, most: int = 3) -> Form:
    return {"type": "array", "minItems": least, "maxItems": most, "items": item}


def _either(*forms: Form) -> Form:
    return {"anyOf": [*forms]}


def one_of(*words: str) -> Check:
    """The check of a field that holds one of these words."""
    return Check(" or ".join(f"'{word}'" for word in words), lambda value: value in words, words, form=_word(*words))


Over = Annotated[Literal["channels", "positions", "map", "one"], one_of("channels", "positions", "map", "one")]
"""What values of a map have a trained number of their own."""
_WHOLE = "a whole number of at least"
_EACH = "or a list with one for each axis"
_SIDES = "a whole number of at least 0, a list with one for each axis, or a list of pairs [before, after]"


def _each_axis(least: int) -> Check:
    form = _either(_whole(least), _list(_whole(least)))
    return Check(f"{_WHOLE} {least}, {_EACH}", _per_axis(least), is_per_axis=True, form=form)


def _at_least(least: int) -> Check:
    return Check(f"{_WHOLE} {least}", lambda value: _is_int(value, least), form=_whole(least))


_SIDE = _either(_whole(0), _list(_whole(0), 2, 2))
_SIDES_FORM = _either(_whole(0), _list(_SIDE))

Positive = Annotated[int, _at_least(1)]
Natural = Annotated[int, _at_least(0)]
OptionalPositive = Annotated[int | None, _at_least(1)]
OptionalNatural = Annotated[int | None, _at_least(0)]
Flag = Annotated[bool, Check("true or false", lambda value: isinstance(value, bool), form={"type": "boolean"})]
Number = Annotated[
    float,
    Check(
        "a number",
        lambda value: isinstance(value, int | float) and not isinstance(value, bool),
        form={"type": "number"},
    ),
]
PerAxis = Annotated[int | tuple[int, ...], _each_axis(1)]
OptionalPerAxis = Annotated[int | tuple[int, ...] | None, _each_axis(1)]
OptionalNaturalPerAxis = Annotated[int | tuple[int, ...] | None, _each_axis(0)]
NaturalPerAxis = Annotated[int | tuple[int, ...], _each_axis(0)]
SideNumbers = int | tuple[int | tuple[int, int], ...]
Sides = Annotated[SideNumbers, Check(_SIDES, _is_sides, is_per_axis=True, form=_SIDES_FORM)]
OptionalSides = Annotated[SideNumbers | None, Check(_SIDES, _is_sides, is_per_axis=True, form=_SIDES_FORM)]
Padding = Annotated[
    SideNumbers | Literal["valid", "half", "same"],
    Check(
        f"{_SIDES}, or 'valid', 'half' or 'same'",
        lambda value: value in ("valid", "half", "same") or _is_sides(value),
        ("valid", "half", "same"),
        is_per_axis=True,
        form=_either(_word("valid", "half", "same"), *_SIDES_FORM["anyOf"]),
    ),
]
_SHIFT = {"type": "integer", "maximum": bounds.FIELD}
Shifts = Annotated[
    int | tuple[int, ...],
    Check(
        f"a whole number, {_EACH}",
        lambda value: _is_shifts(value),
        is_per_axis=True,
        form=_either(_SHIFT, _list(_SHIFT)),
    ),
]
OptionalAxis = Annotated[
    int | None, Check("the number of an axis, from 0", lambda value: _is_int(value, 0), form=_whole(0))
]
OptionalAxes = Annotated[
    tuple[int, ...] | None,
    Check(
        "a list of axes, each once, counted from 0",
        lambda value: _is_axes(value) and bool(value),
        form={**_list(_whole(0), 1, 4), "uniqueItems": True},
    ),
]
Order = Annotated[
    tuple[int, ...],
    Check(
        "a list of all axes in another order, counted from 0, the channels with the highest number",
        lambda value: _is_axes(value) and sorted(value) == list(range(len(value))) and len(value) > 1,
        form={**_list({**_whole(0), "maximum": 3}, 2, 4), "uniqueItems": True},
    ),
]
Extents = Annotated[
    tuple[int, ...],
    Check(
        "a list of height, width and channels, or of as many axes before the channels as there are",
        lambda value: isinstance(value, tuple) and 1 < len(value) < 5 and all(_is_int(item, 1) for item in value),
        form=_list(_whole(1), 2, 4),
    ),
]
Connections = Annotated[
    tuple[tuple[int, ...], ...],
    Check(
        "a list with, for each output map, the list of the input maps that it reads, counted from 0",
        _is_connections,
        form={
            "type": "array",
            "minItems": 1,
            "items": {"type": "array", "minItems": 1, "items": _whole(0)},
        },
    ),
]
