"""The papers' notation for one layer: `conv3-64`, `conv1x7-192`, `conv7-64/2`, `maxpool3/2`, `FC-4096`, `soft-max`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from vggcalc.errors import Hint, did_you_mean
from vggcalc.layers import REGISTRY, Layer

_NUMBERS = r"[1-9][0-9]*(?:x[1-9][0-9]*)*|0"
_SHORTHAND = re.compile(
    rf"(?P<kind>[a-z][a-z_]*(?:-[a-z]+)*)(?P<glued>{_NUMBERS})?(?:-(?P<dashed>[1-9][0-9]*|0))?(?:/(?P<stride>{_NUMBERS}))?"
)

_DIGITS = 9
_SIGNS = {"glued": "", "dashed": "-", "stride": "/"}
"""What stands before each part of shorthand."""


class ShorthandError(Exception):
    """Why a text is no layer, and what would be right."""

    def __init__(self, reason: str, hint: Hint = "", *, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.code = code


def read(text: str) -> tuple[type[Layer], dict[str, Any]]:
    """The kind of a layer and the fields that its shorthand names, and no others.

    >>> read("conv7-64/2")
    (<class 'vggcalc.layers.conv.Conv'>, {'kernel_size': 7, 'out_channels': 64, 'stride': 2})
    >>> read("FC-4096")[1], read("conv1x7-192")[1]["kernel_size"]
    ({'out_features': 4096}, (1, 7))

    Raises: ShorthandError for an unknown kind, or a number that the kind has no field for.
    """
    word = text.strip().lower()
    if kind := _kind(word):  # kinds that end in a digit, as relu6
        return kind, {}
    match = _SHORTHAND.fullmatch(word)
    if match is None:
        raise ShorthandError(
            f"'{text[:80]}' is not a layer",
            partial(_meant, text, "write it as in conv3-64, conv7-64/2, maxpool3/2 or fc-4096"),
            code="bad-shorthand",
        )
    cls = _kind(match["kind"])
    if cls is None:
        raise ShorthandError(
            f"'{match['kind']}' is no kind of layer",
            lambda: _meant(text) or _nearest(match["kind"]),
            code="unknown-kind",
        )
    if any(len(number) > _DIGITS for number in re.findall("[0-9]+", word)):
        raise ShorthandError(
            f"'{text[:40]}' holds a number that is out of bounds", f"at most {_DIGITS} digits", code="out-of-bounds"
        )
    fields: dict[str, Any] = {}
    for part, field in _fields(cls):
        if match[part] is None:
            continue
        if field not in cls.checks:
            if part == "glued" and cls.dashed and match["dashed"] is None:
                raise ShorthandError(
                    f"'{text}' lacks a dash", f"did you mean '{cls.kind}-{match['glued']}'?", code="bad-shorthand"
                )
            has = f"it has the fields {', '.join(cls.checks)}" if cls.checks else "it has no fields"
            is_size = part == "dashed" and cls.glued in cls.checks
            hint = partial(_meant, text, has) if is_size else has
            raise ShorthandError(
                f"'{text}' gives '{cls.kind}' a number that it does not take", hint, code="bad-shorthand"
            )
        numbers = tuple(map(int, match[part].split("x")))
        fields[field] = numbers if len(numbers) > 1 else numbers[0]
    return cls, fields


def write(layer: Layer, in_training: bool = False) -> str:
    """A layer as papers write it, with what shorthand cannot say behind it in words, and whether only training uses it.

    >>> write(read("conv7-64/2")[0](**read("conv7-64/2")[1]))
    'conv7-64/2'
    """
    fields = layer.fields
    text = layer.kind
    if layer.glued and fields[layer.glued] != layer.defaults.get(layer.glued):
        text += _numbers(fields[layer.glued])
    if layer.dashed:
        text += f"-{fields[layer.dashed]}"
    stride = fields.get("stride")
    if stride is not None and stride not in (layer.defaults["stride"], fields["kernel_size"] if _pools(layer) else 1):
        text += f"/{_numbers(stride)}"
    for name in ("dilation", "groups"):
        if name != layer.dashed and fields.get(name, 1) != 1:
            text += f" {name} {_numbers(fields[name])}"
    return text + " (training)" * in_training


def spell(cls: type[Layer], fields: Mapping[str, Any], assumed: Mapping[str, Any] = {}) -> tuple[str, dict[str, Any]]:
    """A layer of this kind with these fields exactly: its shorthand, and the fields that shorthand cannot say.

    assumed: what a layer of its kind has unless it says otherwise, where that is not the kind's default. A field may be
    a text with `$(...)` in it. What is read back, over what is assumed, is the same layer; but a field for which
    something is assumed cannot be left empty again.

    >>> cls, fields = read("conv7-64/2")
    >>> spell(cls, cls(**fields, padding="half", bias=False).fields, {"padding": "half"})
    ('conv7-64/2', {'bias': False})
    """
    usual = {**cls.defaults, **assumed}
    told = {name: value for name, value in fields.items() if name not in usual or usual[name] != value}
    short = {part: field for part, field in _fields(cls) if field in told and _is_sayable(part, told[field])}
    text = cls.kind + "".join(sign + _said(told[short[part]]) for part, sign in _SIGNS.items() if part in short)
    if short and cls.kind[-1].isdigit():
        return cls.kind, told  # a number behind the word would be part of it
    return text, {name: value for name, value in told.items() if name not in short.values()}


def _is_sayable(part: str, value: object) -> bool:
    """Whether shorthand has a form for the value: a whole number, or several of at least 1."""
    if isinstance(value, tuple) and part != "dashed":
        return len(value) > 1 and all(item != 0 and _is_sayable("dashed", item) for item in value)
    return (type(value) is int and 0 <= value < 10**_DIGITS) or (isinstance(value, str) and "$(" in value)


def _said(value: object) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _pools(layer: Layer) -> bool:
    """Whether it moves by its own size unless told otherwise."""
    return "stride" in layer.defaults and layer.defaults["stride"] is None


def _numbers(value: int | tuple[int, ...]) -> str:
    if isinstance(value, int):
        return str(value)
    if not all(isinstance(item, int) for item in value):
        return ""
    return str(value[0]) if len(set(value)) == 1 else "x".join(map(str, value))


def _fields(cls: type[Layer]) -> tuple[tuple[str, str], ...]:
    """The parts of shorthand and the fields that they set."""
    return ("glued", cls.glued), ("dashed", cls.dashed), ("stride", "stride")


def _kind(word: str) -> type[Layer] | None:
    return REGISTRY.get(word) or REGISTRY.get(word.replace("-", "").replace("_", ""))


def _meant(text: str, otherwise: str = "") -> str:
    """What may be meant, or what is said where nobody knows."""
    from vggcalc.layers.meant import layer_meant  # only a mistake pays for it

    return layer_meant(text) or otherwise


def _nearest(word: str) -> str:
    hint = did_you_mean(word, REGISTRY)
    return hint if hint.startswith("did") else "'vggcalc list layers' shows all kinds"
