"""A web page: a fragment of HTML, tables with captions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from typing import TextIO

from vggcalc.errors import printable
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """A table for each sheet, its notes in paragraphs; a name that looks like HTML is text."""
    for sheet in sheets:
        out.writelines(f"{line}\n" for line in _lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    title = escape(printable(sheet.title))
    if sheet.rows:
        from tabulate import tabulate

        sides = ["right" if column.right else "left" for column in sheet.columns]
        table = tabulate(sheet.texts(), sheet.headers(), "html", colalign=sides, disable_numparse=True)
        opening, *lines = table.split("\n")
        yield opening
        if title:
            yield f"<caption>{title}</caption>"
        yield from lines
    elif title:
        yield f"<p>{title}</p>"
    for note in sheet.notes:
        yield f"<p>{escape(printable(note))}</p>"


FORMAT = Format("sheets", write, (".html", ".htm"))
