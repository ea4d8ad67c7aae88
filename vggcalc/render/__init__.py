"""Results to text. Each format is a file in `formats`, and imports its library only when it draws."""

from __future__ import annotations

from typing import TextIO

from vggcalc.render.formats import Format
from vggcalc.render.result import Result
from vggcalc.render.view import WHOLE, View

SCHEMA = 1
"""The version of the documents; a program that reads one looks here first."""


def write(result: Result, form: Format, out: TextIO, view: View = WHOLE) -> None:
    """Write a result in a format; of tables, what a view asks for."""
    if form.shape == "document":
        form.write({"schema": SCHEMA, **result.document()}, out)
        return
    from vggcalc.render.arranged import arranged

    if form.shape == "sheets":
        form.write(arranged(result.sheets(), view), out)
    else:
        form.write(next(arranged([result.one_table()], view)), out)
