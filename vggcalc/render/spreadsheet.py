"""A table for spreadsheets: raw values, and no text that one would run as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from vggcalc.errors import printable
from vggcalc.render.sheet import Sheet
from vggcalc.units import percent

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for a formula begins so, bar numbers: also behind blanks, and in full width."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def lines(table: Sheet) -> Iterator[Sequence[int | str]]:
    """The keys of the columns, and the values of each row."""
    yield [inert(column.key) for column in table.columns]
    bars = [column.is_bar for column in table.columns]
    for row in table.all_rows():
        yield [percent(*raw) if is_bar else value(raw) for raw, is_bar in zip(row, bars, strict=True)]


def value(raw: Any) -> int | str:
    """A count as it is, anything else as text."""
    if isinstance(raw, int):
        return raw
    return "unknown" if raw is None else inert(str(raw))


def inert(text: str) -> str:
    """Text with its control characters spelt out, and with a quote before what would be a formula."""
    text = printable(text)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
