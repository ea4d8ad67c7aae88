"""A program or a file of settings: everything, as JSON has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from json import dumps
from typing import Any, TextIO

from vggcalc.render.formats import Format

_BARE = re.compile(r"[A-Za-z][\w%-]*(?: [\w%-]+)*", re.ASCII)
"""Text that needs no quotes, unless a reader would take it for something else."""
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
_ESCAPED = re.compile(r'[^\x20-\x7e]|["\\]')


def write(document: dict[str, Any], out: TextIO) -> None:
    """A mapping; what a list or mapping of figures holds stands on one line, layers and models each on their own."""
    out.writelines(f"{line}\n" for line in _mapping(document, ""))


def _mapping(found: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in found.items():
        if _is_long(value):
            yield f"{indent}{_text(key)}:"
            yield from _entries(value, indent)
        else:
            yield f"{indent}{_text(key)}: {_flow(value)}"


def _entries(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from _mapping(value, f"{indent}  ")
        return
    for entry in value:
        lines = _mapping(entry, f"{indent}  ")
        yield f"{indent}- {next(lines).lstrip()}"
        yield from lines


def _is_long(value: Any) -> bool:
    """Whether it has lines of its own: a mapping in which something is no number, or a list of mappings."""
    if isinstance(value, dict):
        return any(isinstance(entry, dict | str) or _is_long(entry) for entry in value.values())
    if isinstance(value, str) or not isinstance(value, Sequence):
        return False
    return any(isinstance(entry, dict) and entry for entry in value)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_text(key)}: {_flow(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, float):
        return re.sub(r"^(-?\d+)e", r"\1.0e", dumps(value))  # YAML 1.1 takes 1e-05 for a word
    return _text(value) if isinstance(value, str) else dumps(value)


def _text(text: str) -> str:
    """A text, in quotes where it could be read as anything else."""
    if _BARE.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


FORMAT = Format("document", write, (".yaml", ".yml"))
