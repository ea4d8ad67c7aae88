"""A README or a web page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from vggcalc.render.aligned import Grid, write_blocks
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet

_NOTHING = "&#8203;"
"""A space without width. GitHub reads names and numbers in what is rendered already, where no backslash helps."""
_REFERENCE = re.compile(
    r"@(?=\w)|[#!](?=\d)|\bGH-(?=\d)|:(?=[\w+-]+:)|\b(?:https?|ftp|mailto|xmpp):(?=\S)|\bwww(?=\.)", re.ASCII | re.I
)
"""What would become a mention, an issue, a picture or a link, up to the place where it is broken."""
_BLOCK = re.compile(r"(?=[-+])|[0-9]+(?=[.)])")
"""What could begin a list or a rule, up to the sign that would."""


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """Tables in pipes; what Markdown, HTML or GitHub would read as markup is escaped."""
    write_blocks(sheets, out, _table, escape, paragraph)


def escape(text: str) -> str:
    r"""Text that shows as it is: a pipe would end the cell, < and & would begin HTML, * _ ` [ ] would be markup.

    >>> escape("a_b|<c>"), escape("@user #12 :+1: http://x")
    ('a\\_b\\|&lt;c&gt;', '@&#8203;user \\#&#8203;12 :&#8203;+1: http:&#8203;//x')
    """
    text = _REFERENCE.sub("\\g<0>\0", text)
    for character in "\\`*_[]|#~$":
        text = text.replace(character, "\\" + character)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\0", _NOTHING)


def paragraph(text: str) -> str:
    r"""Text that shows as it is on a line of its own, and begins no list, rule or listing there.

    >>> paragraph("- a"), paragraph("  1. b"), paragraph("1.5")
    ('\\- a', '1\\. b', '1\\.5')
    """
    shown = escape(text.strip())
    begins = _BLOCK.match(shown)
    return f"{shown[: begins.end()]}\\{shown[begins.end() :]}" if begins else shown


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
