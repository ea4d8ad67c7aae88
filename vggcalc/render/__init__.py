"""Results to text. Each format is a file in `formats`, and imports its library only when it draws."""

from __future__ import annotations

from typing import TextIO

from vggcalc.render.formats import Format
from vggcalc.render.result import Result

SCHEMA = 1
"""The version of the documents; a program that reads one looks here first."""


def write(result: Result, form: Format, out: TextIO) -> None:
    """Write a result in a format."""
    if form.shape == "sheets":
        form.write(result.sheets(), out)
    elif form.shape == "table":
        form.write(result.one_table(), out)
    else:
        form.write({"schema": SCHEMA, **result.document()}, out)
