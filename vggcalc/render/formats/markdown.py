"""A README or a web page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from vggcalc.render.aligned import Grid, write_blocks
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """Tables in pipes; what Markdown or HTML would read as markup is escaped."""
    write_blocks(sheets, out, _table, escape)


def escape(text: str) -> str:
    """Text that shows as it is: a pipe would end the cell, < and & would begin HTML, * _ ` [ ] would be markup."""
    for character in "\\`*_[]|#~$":
        text = text.replace(character, "\\" + character)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _table(grid: Grid) -> Iterator[str]:
    yield _line(grid.head)
    rules = ("-" * (width + 1) for width in grid.widths)
    yield (
        "|"
        + "|".join(f"{rule}:" if right else f":{rule}" for rule, right in zip(rules, grid.rights, strict=True))
        + "|"
    )
    yield from map(_line, grid.rows())


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


FORMAT = Format("sheets", write, (".md", ".markdown"))
