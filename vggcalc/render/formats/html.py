"""A web page: whole, tables with captions, on light and on dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import chain
from typing import TextIO

from vggcalc.errors import printable
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }}
body {{ margin: 2rem; max-width: max-content }}
table {{ border-collapse: collapse; margin: 0 0 1.5rem; font-variant-numeric: tabular-nums }}
caption {{ text-align: left; font-weight: 600; padding: 0 0 .5rem }}
th, td {{ padding: .15rem .8rem .15rem 0; vertical-align: top }}
thead th {{ border-bottom: 1px solid currentColor }}
tbody tr:hover {{ background: #8882 }}
@media print {{ body {{ margin: 0; font-size: 9pt }} }}
</style>
</head>
<body>
"""


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """A page with a table for each sheet, its notes in paragraphs; a name that looks like HTML is text."""
    rest = iter(sheets)
    first = next(rest, None)
    out.write(_HEAD.format(title=escape(printable(first.title if first and first.title else "vggcalc"))))
    write_part(rest if first is None else chain([first], rest), out)
    out.write("</body>\n</html>\n")


def write_part(sheets: Iterable[Sheet], out: TextIO) -> None:
    """The tables alone, for a page that is there."""
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
