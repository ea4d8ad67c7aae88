"""Sheets as aligned text and as Markdown, with tabulate: complete, never cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tabulate import tabulate

from vggcalc.errors import printable
from vggcalc.render.sheet import Sheet
from vggcalc.units import percent


def plain(sheets: Sequence[Sheet]) -> str:
    """Aligned columns, for a pipe or a file."""
    return "\n\n".join(_block(sheet, "simple", lambda text: text) for sheet in sheets)


def markdown(sheets: Sequence[Sheet]) -> str:
    """Tables for a README; what Markdown or HTML would read as markup is escaped."""
    return "\n\n".join(_block(sheet, "pipe", escape_markdown) for sheet in sheets)


def escape_markdown(text: str) -> str:
    """Text that shows as it is: a pipe would end the cell, < and & would begin HTML, * _ ` [ ] would be markup."""
    for character in "\\`*_[]|#~$":
        text = text.replace(character, "\\" + character)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _block(sheet: Sheet, style: str, escape: Callable[[str], str]) -> str:
    rows = [
        [
            percent(*value) if column.is_bar else escape(text)
            for column, text, value in zip(sheet.columns, row, values, strict=True)
        ]
        for row, values in zip(sheet.texts(), sheet.rows, strict=True)
    ]
    headers = list(map(escape, sheet.headers()))
    align = ["right" if column.right else "left" for column in sheet.columns]
    parts = [escape(printable(sheet.title))] if sheet.title else []
    if rows:
        table = tabulate(
            rows,
            headers,
            tablefmt=style,
            disable_numparse=True,
            colalign=align,
            headersalign=align,
        )
        parts.append("\n".join(line.rstrip() for line in table.splitlines()))
    parts += [escape(printable(note)) for note in sheet.notes]
    return ("\n\n" if style == "pipe" else "\n").join(parts)
