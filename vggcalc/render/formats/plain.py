"""A pipe or a file, as aligned text; the default there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from vggcalc.render.aligned import Grid, write_blocks
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """Aligned columns, complete, never cut."""
    write_blocks(sheets, out, _table, spaced=False)


def _table(grid: Grid) -> Iterator[str]:
    yield "  ".join(grid.head)
    yield "  ".join("-" * width for width in grid.widths)
    for row in grid.rows():
        yield "  ".join(row)


FORMAT = Format("sheets", write, (".txt",))
