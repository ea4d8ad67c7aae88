"""A terminal; the default there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """Tables as wide as the terminal."""
    from vggcalc.render.terminal import draw

    draw(sheets, out)


FORMAT = Format("sheets", write, for_terminals=True)
