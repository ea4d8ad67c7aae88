"""A table for spreadsheets: raw values, and no text that one would run as a formula."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vggcalc.errors import printable
from vggcalc.render.sheet import Sheet

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula begins so."""


def lines(table: Sheet) -> Iterator[Sequence[int | str]]:
    """The keys of the columns, and the values of each row."""
    kept = [index for index, column in enumerate(table.columns) if not column.is_bar]
    yield [inert(table.columns[index].key) for index in kept]
    for row in table.rows:
        yield [value(row[index]) for index in kept]


def value(raw: Any) -> int | str:
    """A count as it is, anything else as text."""
    if isinstance(raw, int):
        return raw
    return "unknown" if raw is None else inert(str(raw))


def inert(text: str) -> str:
    """Text with its control characters spelt out, and with a quote before what would be a formula."""
    text = printable(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
