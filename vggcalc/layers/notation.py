"""The papers' notation for one layer: `conv3-64`, `conv1x7-192`, `conv7-64/2`, `maxpool3/2`, `FC-4096`, `soft-max`."""

from __future__ import annotations

import re
from typing import Any

from vggcalc.errors import Hint, did_you_mean
from vggcalc.layers import REGISTRY, Layer

_NUMBERS = r"[1-9][0-9]*(?:x[1-9][0-9]*)*|0"
_SHORTHAND = re.compile(
    rf"(?P<kind>[a-z][a-z_]*(?:-[a-z]+)*)(?P<glued>{_NUMBERS})?(?:-(?P<dashed>[1-9][0-9]*|0))?(?:/(?P<stride>{_NUMBERS}))?"
)

_FOREIGN = re.compile(r"(?P<kind>[a-z][a-z_-]*?)(?:_?[123]d(?P<rest>[a-z]*))?(?P<numbers>(?:-?[0-9].*)?)")
_DIGITS = 9


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
            lambda: _translated(word) or "write it as in conv3-64, conv7-64/2, maxpool3/2 or fc-4096",
            code="bad-shorthand",
        )
    cls = _kind(match["kind"])
    if cls is None:
        raise ShorthandError(
            f"'{match['kind']}' is no kind of layer",
            lambda: _translated(word) or _nearest(match["kind"]),
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
            example = f"it has the fields {', '.join(cls.checks)}" if cls.checks else "it has no fields"
            raise ShorthandError(
                f"'{text}' gives '{cls.kind}' a number that it does not take", example, code="bad-shorthand"
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


def _pools(layer: Layer) -> bool:
    """Whether it moves by its own size unless told otherwise."""
    return layer.defaults.get("stride", 1) is None


def _numbers(value: int | tuple[int, ...]) -> str:
    if isinstance(value, int):
        return str(value)
    if not all(isinstance(item, int) for item in value):
        return ""
    return str(value[0]) if len(set(value)) == 1 else "x".join(map(str, value))


def _fields(cls: type[Layer]) -> tuple[tuple[str, str], ...]:
    """The parts of shorthand and the fields that they set."""
    return ("glued", cls.glued), ("dashed", cls.dashed), ("stride", "stride")


def _translated(word: str) -> str:
    """A hint at what a word of PyTorch, Keras or Caffe is here: `conv2d-64` is `conv3-64` or another kernel."""
    match = _FOREIGN.fullmatch(word)
    name = match["kind"].replace("-", "").replace("_", "") + (match["rest"] or "") if match else ""
    cls = REGISTRY.get(name) or next((cls for cls in REGISTRY.values() if name in cls.elsewhere.split()), None)
    if match is None or cls is None:
        return ""
    numbers = match["numbers"]
    if cls.glued and cls.glued not in cls.defaults and not numbers[:1].isdigit():
        numbers = f"3{numbers}"
    shorthand = _SHORTHAND.fullmatch(cls.kind + numbers)
    if shorthand and all(field in cls.checks for part, field in _fields(cls) if shorthand[part]):
        return f"did you mean '{cls.kind}{numbers}'?"
    if cls.checks and not (cls.glued or cls.dashed):
        return f"write it as in {{{cls.kind}: {{{next(iter(cls.checks))}: ...}}}}"
    return f"did you mean '{cls.kind}'?" if name != cls.kind else ""


def _kind(word: str) -> type[Layer] | None:
    return REGISTRY.get(word) or REGISTRY.get(word.replace("-", "").replace("_", ""))


def _nearest(word: str) -> str:
    hint = did_you_mean(word, REGISTRY)
    return hint if hint.startswith("did") else "'vggcalc list layers' shows all kinds"
