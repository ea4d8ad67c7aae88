"""Sheets as rich tables. Too narrow a terminal drops whole columns and says so; it never cuts a digit."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vggcalc.errors import printable
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.signs import BLOCKS
from vggcalc.units import eighths


class Spacing(NamedTuple):
    """How wide bars are and how far columns stand apart."""

    bar: int
    gap: int


_WIDE, _TIGHT = Spacing(bar=8, gap=2), Spacing(bar=4, gap=1)


def draw(sheets: Sequence[Sheet], out: TextIO) -> None:
    """Write the sheets to a terminal."""
    console = Console(file=out, markup=False, emoji=False, highlight=False, soft_wrap=False)
    for number, sheet in enumerate(sheets):
        if number:
            console.print()
        draw_sheet(console, sheet)


def draw_sheet(console: Console, sheet: Sheet) -> None:
    """Print one sheet, in the columns that fit."""
    spacing = _spacing(sheet, console.width)
    kept = columns_that_fit(sheet, console.width, spacing)
    shown = sheet.only(kept)
    fits = _total(_widths(shown, spacing), spacing) <= console.width
    gone = (column for index, column in enumerate(sheet.columns) if index not in kept and not column.is_bar)
    dropped = [printable(column.header or column.key) for column in gone]
    if sheet.title:
        console.print(Text(printable(sheet.title), style="bold"))
    if sheet.rows and fits:
        console.print(_table(shown, console.width, spacing))
    elif sheet.rows:
        _records(console, shown)
    for note in sheet.notes:
        console.print(Text(printable(note), style="dim"))
    if dropped:
        console.print(Text(f"not shown at this width: {', '.join(dropped)}", style="dim"))


def _records(console: Console, sheet: Sheet) -> None:
    """Where not even the least columns fit beside each other: each value on a line of its own."""
    for texts in sheet.texts():
        console.print(Text(texts[0], style="bold"))
        for column, text in zip(sheet.columns[1:], texts[1:], strict=True):
            console.print(Text(f"  {printable(column.header)} {text}".rstrip()))


def _table(sheet: Sheet, width: int, spacing: Spacing) -> Table:
    """The table, which fits: only text that wraps may be narrowed."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, spacing.gap - 1, 0, 0), show_edge=False)
    widths = _narrowed(sheet, width, spacing)
    for column, own in zip(sheet.columns, widths, strict=True):
        table.add_column(
            Text("" if column.is_bar else printable(column.header)),
            justify="right" if column.right and not column.is_bar else "left",
            style=column.style,
            no_wrap=not column.wraps,
            overflow="fold",
            width=own if column.wraps else None,
        )
    for texts, values in zip(sheet.texts(), sheet.all_rows(), strict=True):
        cells = [
            Text(bar(value[0], value[1], spacing.bar) if column.is_bar else _hanging(text, column, own))
            for column, own, text, value in zip(sheet.columns, widths, texts, values, strict=True)
        ]
        table.add_row(*cells)
    return table


def _narrowed(sheet: Sheet, width: int, spacing: Spacing) -> list[int]:
    """The widths of the columns; of those that wrap, the last gives way first."""
    least, widths = _widths(sheet, spacing), _full_widths(sheet, spacing)
    excess = max(0, _total(widths, spacing) - width)
    for index in reversed(range(len(widths))):
        less = min(excess, max(0, widths[index] - least[index]))
        widths[index] -= less
        excess -= less
    return widths


def _hanging(text: str, column: Column, width: int) -> str:
    """Text that begins with the column's marks, wrapped so that all its lines begin behind them."""
    lead = len(text) - len(text.lstrip(column.marks + " ")) if column.marks else 0
    if not lead or len(text) <= width:
        return text
    return textwrap.fill(text, width, subsequent_indent=" " * lead, break_on_hyphens=False)


def columns_that_fit(sheet: Sheet, width: int, spacing: Spacing) -> list[int]:
    """The columns to keep; those with the lowest `keep` that is not 0 go first."""
    widths = _widths(sheet, spacing)
    kept = list(range(len(sheet.columns)))
    while _total([widths[index] for index in kept], spacing) > width:
        droppable = [index for index in kept if sheet.columns[index].keep]
        if not droppable:
            break
        kept.remove(min(droppable, key=lambda index: (sheet.columns[index].keep, -index)))
    return kept


def bar(part: int, whole: int, width: int) -> str:
    """A share as a bar, in eighths of a cell."""
    full, rest = divmod(eighths(part, whole, width), 8)
    return BLOCKS[-1] * full + (BLOCKS[rest - 1] if rest else "")


def _widths(sheet: Sheet, spacing: Spacing) -> list[int]:
    texts = list(sheet.texts())
    return [_width(column, [row[index] for row in texts], spacing) for index, column in enumerate(sheet.columns)]


def _full_widths(sheet: Sheet, spacing: Spacing) -> list[int]:
    """The widths in which nothing wraps."""
    return _widths(sheet._replace(columns=[column._replace(wraps=False) for column in sheet.columns]), spacing)


def _spacing(sheet: Sheet, width: int) -> Spacing:
    """The widest spacing in which nothing wraps, or else in which all columns fit."""
    for widths in (_full_widths, _widths):
        for spacing in (_WIDE, _TIGHT):
            if _total(widths(sheet, spacing), spacing) <= width:
                return spacing
    return _TIGHT


def _width(column: Column, texts: list[str], spacing: Spacing) -> int:
    if column.is_bar:
        return spacing.bar
    if column.wraps:
        return min(column.least, max(map(len, [column.header, *texts])))
    return max([len(column.header), *(Text(text).cell_len for text in texts)])


def _total(widths: Sequence[int], spacing: Spacing) -> int:
    return sum(widths) + spacing.gap * (len(widths) - 1)
