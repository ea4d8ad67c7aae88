"""Sheets as rich tables. Too narrow a terminal drops whole columns and says so; it never cuts a digit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TextIO

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vggcalc import bounds
from vggcalc.errors import printable
from vggcalc.render.formats import plain
from vggcalc.render.layout import LABEL, Layout, layout
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.signs import BLOCKS, DOUBT, RIGHT, WRONG
from vggcalc.units import eighths

CHUNK = 500
"""So many rows are drawn at a time, for of a rich table every cell takes a kilobyte."""

_BOX = Box("    \n    \n ── \n    \n ── \n    \n    \n    \n")
"""A rule below the headings, and one above the totals."""

_TONES = {
    "good": ("green", f"{RIGHT} "),
    "known": ("yellow", f"{DOUBT} "),
    "doubt": ("magenta", "? "),
    "bad": ("bold red", f"{WRONG} "),
    "added": ("bold", ""),
}
"""How a value is drawn that is right or wrong: its colour, and before a word a sign, for those without colours."""


def draw(sheets: Iterable[Sheet], out: TextIO) -> None:
    """Write the sheets to a terminal; one of very many rows as a pipe would have it, complete and without colours."""
    console = Console(file=out, markup=False, emoji=False, highlight=False, soft_wrap=False)
    for number, sheet in enumerate(sheets):
        if number:
            console.print()
        if len(sheet.rows) > bounds.DRAWN_ROWS:
            plain.write([sheet], out)
        else:
            draw_sheet(console, sheet)


def draw_sheet(console: Console, sheet: Sheet) -> None:
    """Print one sheet, in the columns that fit."""
    full, largest = _measured(sheet)
    found = layout(sheet.columns, full, console.width)
    shown = sheet.only(found.places)
    gone = (column for place, column in enumerate(sheet.columns) if place not in found.places and not column.is_bar)
    dropped = [printable(column.header or column.key) for column in gone]
    if sheet.title:
        console.print(Text(printable(sheet.title), style="bold"))
    if full and found.fits:
        for table in _tables(shown, found, [largest[place] for place in found.places]):
            console.print(table)
    elif full:
        _records(console, shown)
    for note in sheet.notes:
        console.print(Text(printable(note), style="dim"))
    if dropped:
        console.print(Text(f"not shown at this width: {', '.join(dropped)}", style="dim"))


def _measured(sheet: Sheet) -> tuple[list[int], list[int]]:
    """How wide each column is when nothing wraps, of a bar its heading; and the largest value of each bar.

    Of a sheet without rows there is nothing.
    """
    full = [cell_len(header) for header in sheet.headers()]
    largest = [0] * len(full)
    texts = None
    for texts, values in zip(sheet.texts(), sheet.all_rows(), strict=True):
        for place, column in enumerate(sheet.columns):
            if column.is_bar:
                largest[place] = max(largest[place], values[place][0])
            else:
                full[place] = max(full[place], cell_len(_signed(texts[place], column, values[place])))
    return (full, largest) if texts is not None else ([], [])


def _records(console: Console, sheet: Sheet) -> None:
    """Where not even the least columns fit beside each other: each value that there is on a line of its own."""
    for rows in _together(sheet):
        console.print(Text(rows[0][0][0], style="bold"))
        for place, column in list(enumerate(sheet.columns))[1:]:
            for texts, values in rows:
                if texts[place]:
                    console.print(Text(f"  {printable(column.header)} {_signed(texts[place], column, values[place])}"))


def _together(sheet: Sheet) -> Iterator[list[tuple[Sequence[str], Sequence[Any]]]]:
    """The rows as text and as they are; those that have no name go on with the one above them."""
    rows: list[tuple[Sequence[str], Sequence[Any]]] = []
    for texts, values in zip(sheet.texts(), sheet.all_rows(), strict=True):
        if rows and values[0] != "":
            yield rows
            rows = []
        rows.append((texts, values))
    if rows:
        yield rows


def _tables(sheet: Sheet, found: Layout, largest: Sequence[int]) -> Iterator[Table]:
    """The table, in pieces that look like one."""
    rows = zip(sheet.texts(), sheet.all_rows(), strict=True)
    starts = range(0, max(1, len(sheet.rows)), CHUNK)  # totals stand in one piece with the row above them
    for start in starts:
        table = Table(box=_BOX, pad_edge=False, padding=(0, found.look.gap - 1, 0, 0), show_edge=False)
        table.show_header = start == 0
        for column, width in zip(sheet.columns, found.widths, strict=True):
            table.add_column(
                Text(_heading(column, found)),
                justify="right" if column.right and not column.is_bar else "left",
                style=column.style,
                no_wrap=not column.wraps,
                overflow="fold",
                width=width,
            )
        for number, (texts, values) in enumerate(islice(rows, CHUNK if start < starts[-1] else None), start):
            cells = [
                _cell(column, text, value, width, most, found)
                for column, text, value, width, most in zip(
                    sheet.columns, texts, values, found.widths, largest, strict=True
                )
            ]
            is_total = number >= len(sheet.rows)
            table.add_row(
                *cells,
                style="bold" if is_total and not sheet.is_totals else "",
                end_section=bool(sheet.totals) and number == len(sheet.rows) - 1,
            )
        yield table


def _heading(column: Column, found: Layout) -> str:
    """A column's heading; where bars have no room for theirs, of what they are."""
    return "%" if column.is_bar and not found.look.is_labelled else printable(column.header)


def _cell(column: Column, text: str, value: Any, width: int, largest: int, found: Layout) -> Text:
    if column.is_bar:
        label = f"{text:>{LABEL - 1}} " if found.look.is_labelled else ""
        return Text(label + bar(value[0], largest, width - len(label)))
    tone = column.tone(value) if column.tone else ""
    return Text(_hanging(_signed(text, column, value), column, width), style=_TONES[tone][0] if tone else "")


def _signed(text: str, column: Column, value: Any) -> str:
    """A word with the sign of its tone before it; a number has its colour alone."""
    tone = column.tone(value) if column.tone and not column.right else ""
    return f"{_TONES[tone][1]}{text}" if tone else text


def _hanging(text: str, column: Column, width: int) -> str:
    """Text that begins with the column's marks, wrapped so that all its lines begin behind them."""
    lead = len(text) - len(text.lstrip(column.marks + " ")) if column.marks else 0
    if not lead or len(text) <= width:
        return text
    return textwrap.fill(text, width, subsequent_indent=" " * lead, break_on_hyphens=False)


def bar(part: int, largest: int, width: int) -> str:
    """A value as a bar, the largest as a whole one, in eighths of a cell."""
    full, rest = divmod(eighths(part, largest, width), 8)
    return BLOCKS[-1] * full + (BLOCKS[rest - 1] if rest else "")
