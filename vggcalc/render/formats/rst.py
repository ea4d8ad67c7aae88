"""Documentation with Sphinx or docutils: tables of reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TextIO

from vggcalc.render.aligned import Grid, write_blocks
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet

_INLINE = re.compile(r"[\\`|@]|(?<![^\W_])_|_(?![^\W_])|(?<![^\W_])(?<!\))\*|:(?! )")
"""What could begin markup inside a text: a star or an underscore between letters and digits cannot."""
_BLOCK = re.compile(r"[^\w\\(]|\(?\w+[.)](?: |$)|\\+$")
"""What could begin a list, a directive or a rule at the start of a text."""


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """Tables between rules; what would be markup is escaped."""
    write_blocks(sheets, out, _table, escape)


def escape(text: str) -> str:
    r"""Text that shows as it is.

    >>> escape("*a* conv1_1 b_"), escape("1. (3*3*64)*64"), escape("- http://x")
    ('\\*a* conv1_1 b\\_', '\\ 1. (3*3*64)*64', '\\ - http\\://x')
    """
    escaped = _INLINE.sub(lambda found: f"\\{found[0]}", text)
    return f"\\ {escaped}" if _BLOCK.match(escaped) else escaped


def _table(grid: Grid) -> Iterator[str]:
    if len(grid.widths) == 1:  # between rules alone a single column would be a heading
        yield from _boxed(grid)
        return
    rule = "  ".join("=" * width for width in grid.widths)
    yield rule
    yield "  ".join(grid.head)
    yield rule
    for first, *others in grid.rows():  # a row that begins with nothing would go on with the one above
        yield "  ".join([first if first.strip() else "..".ljust(len(first)), *others])
    yield rule


def _boxed(grid: Grid) -> Iterator[str]:
    (width,) = grid.widths
    yield f"+-{'-' * width}-+"
    yield f"| {grid.head[0]} |"
    yield f"+={'=' * width}=+"
    for (cell,) in grid.rows():
        yield f"| {cell} |"
        yield f"+-{'-' * width}-+"


FORMAT = Format("sheets", write, (".rst",))
