"""Sheets as lines of text whose columns stand below each other: what plain text, Markdown and LaTeX have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TextIO

from vggcalc.errors import printable
from vggcalc.render.sheet import Sheet
from vggcalc.render.width import cells, padded

_BESIDE_A_HEADING = 2
"""A heading has at least so much room."""


class Grid:
    """The texts of a sheet, each padded to its column. They are read twice and not kept, for there may be a million.

    head: the padded headings. widths: the columns' widths. rights: whether a column's texts stand on its right side.
    """

    def __init__(self, sheet: Sheet, escape: Callable[[str], str]) -> None:
        self._sheet, self._escape = sheet, escape
        self.rights = [column.right for column in sheet.columns]
        head = list(map(escape, sheet.headers()))
        self.widths = [cells(text) + _BESIDE_A_HEADING for text in head]
        for row in self._texts():
            self.widths = list(map(max, self.widths, map(cells, row)))
        self.head = self._padded(head)

    def rows(self) -> Iterator[list[str]]:
        """The padded texts of each row."""
        return map(self._padded, self._texts())

    def _texts(self) -> Iterator[list[str]]:
        return (list(map(self._escape, row)) for row in self._sheet.texts())

    def _padded(self, row: Iterable[str]) -> list[str]:
        return [padded(text, width, right) for text, width, right in zip(row, self.widths, self.rights, strict=True)]


def write_blocks(
    sheets: Iterable[Sheet],
    out: TextIO,
    table: Callable[[Grid], Iterable[str]],
    escape: Callable[[str], str] = str,
    paragraph: Callable[[str], str] | None = None,
    spaced: bool = True,
) -> None:
    """Write each sheet: its title, the lines of its table, its notes; spaced, these have a blank line between them.

    paragraph: how titles and notes are escaped, if not as cells are.
    """
    out.writelines(f"{line.rstrip()}\n" for line in _lines(sheets, table, escape, paragraph or escape, spaced))


def _lines(
    sheets: Iterable[Sheet],
    table: Callable[[Grid], Iterable[str]],
    escape: Callable[[str], str],
    paragraph: Callable[[str], str],
    spaced: bool,
) -> Iterator[str]:
    for number, sheet in enumerate(sheets):
        parts: list[Iterable[str]] = [[paragraph(printable(text))] for text in (sheet.title, *sheet.notes) if text]
        if sheet.rows:
            parts.insert(bool(sheet.title), table(Grid(sheet, escape)))
        for place, part in enumerate(parts):
            if spaced if place else number:
                yield ""
            yield from part
