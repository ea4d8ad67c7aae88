"""A paper: tables with the rules of booktabs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from vggcalc.render.aligned import Grid, write_blocks
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet

_ESCAPES = {
    "\\": "\\textbackslash{}",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    '"': "\\char34{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """Tables for the package booktabs; what LaTeX would read as a command is escaped."""
    write_blocks(sheets, out, _table, escape)


def escape(text: str) -> str:
    r"""Text that shows as it is; at the start of a row [ and * would belong to the line's end, and -- is a dash.

    >>> escape("a_b & 50%"), escape("[2pt] 9C^2")
    ('a\\_b \\& 50\\%', '{[}2pt] 9C\\textasciicircum{}2')
    """
    escaped = "".join(_ESCAPES.get(character, character) for character in text)
    while "--" in escaped:
        escaped = escaped.replace("--", "-{}-")
    bare = escaped.lstrip()
    return f"{{{bare[0]}}}{bare[1:]}" if bare[:1] in ("[", "*") else escaped


def _table(grid: Grid) -> Iterator[str]:
    yield f"\\begin{{tabular}}{{{''.join('r' if right else 'l' for right in grid.rights)}}}"
    yield "\\toprule"
    yield _line(grid.head)
    yield "\\midrule"
    yield from map(_line, grid.rows())
    yield "\\bottomrule"
    yield "\\end{tabular}"


def _line(cells: Sequence[str]) -> str:
    return f" {' & '.join(cells)} \\\\"


FORMAT = Format("sheets", write, (".tex",))
