"""A web page: a fragment of HTML, tables with captions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TextIO

from vggcalc.errors import printable
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet

_RIGHT = ' style="text-align: right"'


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """A table for each sheet, its notes in paragraphs; a name that looks like HTML is text."""
    for sheet in sheets:
        out.writelines(f"{line}\n" for line in _lines(sheet))


def _lines(sheet: Sheet) -> Iterator[str]:
    title = escape(printable(sheet.title))
    if sheet.rows:
        sides = [_RIGHT if column.right else "" for column in sheet.columns]
        yield "<table>"
        if title:
            yield f"<caption>{title}</caption>"
        yield f"<thead>{_row('th', sides, sheet.headers())}</thead>"
        yield "<tbody>"
        for texts in sheet.texts():
            yield _row("td", sides, texts)
        yield "</tbody>"
        yield "</table>"
    elif title:
        yield f"<p>{title}</p>"
    for note in sheet.notes:
        yield f"<p>{escape(printable(note))}</p>"


def _row(tag: str, sides: Sequence[str], texts: Sequence[str]) -> str:
    cells = (f"<{tag}{side}>{escape(text)}</{tag}>" for side, text in zip(sides, texts, strict=True))
    return f"<tr>{''.join(cells)}</tr>"


FORMAT = Format("sheets", write, (".html", ".htm"))
