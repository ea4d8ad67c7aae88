"""Reports to pictures. The formats are listed once, here; each imports its library only when it draws."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vggcalc.render.sheet import Sheet

FORMATS = ("rich", "plain", "markdown", "latex", "json", "csv")


def show(sheets: Callable[[], Sequence[Sheet]], document: Callable[[], dict[str, Any]], style: str | None) -> None:
    """Print sheets, or the document for JSON, in a format; by default rich on a terminal and plain text in a pipe.

    A CSV file is one table: of sheets with different columns it has the first.
    """
    if style is None:
        style = "rich" if sys.stdout.isatty() else "plain"
    if style == "rich":
        from vggcalc.render.terminal import draw

        draw(sheets())
        return
    if style == "json":
        from vggcalc.render.machine import to_json

        text = to_json(document())
    elif style == "csv":
        from vggcalc.render.machine import to_csv

        text = to_csv(sheets())
    else:
        from vggcalc.render import plain

        text = getattr(plain, style)(sheets())
    print(text)


def can_draw(text: str) -> bool:
    """Whether stdout can encode a text; what is printed into a text in memory has no encoding to fail in."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
