"""A program: everything, exact numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from vggcalc.render.formats import Format


def write(document: dict[str, Any], out: TextIO) -> None:
    """An object of which each entry of a list of layers, models or tables has a line of its own."""
    start = "{\n"
    for key, value in document.items():
        out.write(f"{start}  {dumps(key)}: ")
        out.writelines(_lines(value))
        start = ",\n"
    out.write("\n}\n")


def dumps(value: Any) -> str:
    r"""A value on one line, which no runner of a workflow takes for a command.

    >>> print(dumps("##[error]"))
    "##\u005berror]"
    """
    return json.dumps(value).replace("##[", r"##\u005b")  # without an indent it runs in C, in a fifth of the time


def _lines(value: Any) -> Iterator[str]:
    if not isinstance(value, Sequence) or not value or not isinstance(value[0], dict):
        yield dumps(value)
        return
    start = "[\n"
    for entry in value:
        yield f"{start}    {dumps(entry)}"
        start = ",\n"
    yield "\n  ]"


FORMAT = Format("document", write, (".json",))
