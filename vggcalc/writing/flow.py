"""Data as YAML that people would write: in braces where it fits a line, and layer below layer where it does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from vggcalc.reading.reader import plain_value

WIDTH = 120
"""As many characters has a line at most, where a break can be had."""
_AT_ONCE = 3
"""As many layers stand in one line at most."""
_PLAIN = re.compile(r"[\w./$][\w./$()+*%@=~ -]*(?<! )", re.ASCII)
_PLAIN_IN_BLOCK = re.compile(r"[\w./$(][^\x00-\x1f\x7f-\uffff\U00010000-\U0010ffff]*(?<! )", re.ASCII)
_OTHER_VALUES = frozenset(("null", "yes", "no", "on", "off", "y", "n"))
"""Words that are values to other readers of YAML."""


class Layers(list[Any]):
    """A list of layers, which stand one below the other; any other list is a value."""


@lru_cache(maxsize=10_000, typed=True)
def scalar(value: object, in_braces: bool = True) -> str:
    """A number, a switch or a text, which is put in quotes where it would be read as something else.

    >>> scalar("conv3-64"), scalar("0"), scalar("a: b"), scalar(True), scalar(1e-05)
    ('conv3-64', '"0"', '"a: b"', 'true', '1e-05')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value).replace("e+", "e")
    form = _PLAIN if in_braces else _PLAIN_IN_BLOCK
    is_word = isinstance(plain_value(value), str) and value.lower() not in _OTHER_VALUES and not _looks_numeric(value)
    if form.fullmatch(value) and is_word and not re.search(r": |:$| #|^\.\.\.|##\[", value):
        return value
    return f'"{"".join(map(_escaped, value))}"'.replace("##[", r"##\x5b")  # which a runner takes for a command


def _looks_numeric(text: str) -> bool:
    """Whether another reader of YAML may take it for a number, as 010 and 1_000."""
    return bool(re.fullmatch(r"(?i)[-+]?(0[xob][0-9a-f_]+|[0-9.][0-9_.:]*(e[-+]?[0-9]*)?|\.(inf|nan))", text))


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def flow(value: Any) -> str:
    """A value in one line.

    >>> flow({"conv3-64": {"padding": [0, 1], "name": "c"}})
    '{conv3-64: {padding: [0, 1], name: c}}'
    """
    return " ".join(_pieces(value))


def _pieces(value: Any) -> list[str]:
    """A value in one line, cut where it may be broken."""
    if isinstance(value, Mapping):
        return _listed([_keyed(key, _pieces(item)) for key, item in value.items()], "{}")
    if isinstance(value, list | tuple):
        return _listed([_pieces(item) for item in value], "[]")
    return [scalar(value)]


def _keyed(key: str, pieces: list[str]) -> list[str]:
    return [f"{scalar(key)}: {pieces[0]}", *pieces[1:]]


def _listed(items: Sequence[list[str]], brackets: str) -> list[str]:
    pieces = [
        piece + "," * (number < len(items) and place == len(item))
        for number, item in enumerate(items, 1)
        for place, piece in enumerate(item, 1)
    ]
    if not pieces:
        return [brackets]
    pieces[0] = brackets[0] + pieces[0]
    pieces[-1] += brackets[1]
    return pieces


def layers_in(value: Any) -> int:
    """How many layers stand in a value."""
    if isinstance(value, Mapping):
        return sum(map(layers_in, value.values()))
    inner = sum(map(layers_in, value)) if isinstance(value, list | tuple) else 0
    return inner + len(value) if isinstance(value, Layers) else inner


def block(body: Mapping[str, Any], indent: int = 0) -> Iterator[str]:
    """The lines of a mapping, a key below the other."""
    for key, value in body.items():
        yield from _entry(" " * indent + scalar(key) + ":", value, indent)


def _entry(head: str, value: Any, indent: int) -> Iterator[str]:
    """A key with its value, behind it where that fits, or else below it."""
    if not isinstance(value, Mapping | list | tuple):
        yield f"{head} {scalar(value, in_braces=False)}"
    elif _fits(value, len(head) + 1) and (indent or not _is_deep(value)):
        yield f"{head} {flow(value)}"
    elif isinstance(value, Mapping):
        yield head
        yield from block(value, indent + 2)
    elif isinstance(value, Layers) or layers_in(value):
        yield head
        for item in value:
            yield from _item(item, indent + 2)
    else:
        yield from _wrapped(head, _pieces(value), indent + 2)


def _item(item: Any, indent: int) -> Iterator[str]:
    """A layer of a list, or a list in it."""
    head = " " * indent + "-"
    if _fits(item, indent + 2):
        yield f"{head} {flow(item)}"
    elif not layers_in(item):
        yield from _wrapped(head, _pieces(item), indent + 3)
    elif isinstance(item, Mapping):
        lines = [*block(item, indent + 2)]
        yield head + lines[0][indent + 1 :]
        yield from lines[1:]
    else:
        lines = [line for inner in item for line in _item(inner, indent + 2)]
        yield head + lines[0][indent + 1 :]
        yield from lines[1:]


def _is_deep(value: Any) -> bool:
    """Whether it has layers, or mappings in mappings: at the top of a file, such stand below their key."""
    inner = value.values() if isinstance(value, Mapping) else ()
    return bool(layers_in(value)) or any(isinstance(item, Mapping) for item in inner)


def _fits(value: Any, indent: int) -> bool:
    return layers_in(value) <= _AT_ONCE and indent + len(flow(value)) <= WIDTH


def _wrapped(head: str, pieces: Sequence[str], indent: int) -> Iterator[str]:
    """Pieces in as few lines as they need."""
    line = head
    for piece in pieces:
        if len(line) + 1 + len(piece) > WIDTH and line.strip() not in ("", "-"):
            yield line
            line = " " * indent + piece
        else:
            line = f"{line} {piece}"
    yield line
