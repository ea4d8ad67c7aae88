"""What is to be shown of tables: which columns, in what order, how many rows, with or without totals and titles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vggcalc.errors import Problem, UsageError
from vggcalc.record import Record


class View(Record):
    """What is asked of every table alike.

    columns: keys, `a,b`, or `+a,+b` for some more than the usual ones. sort: the key of the column that orders the
    rows, the largest figures or the first names on top; with a minus before it, the other way round. top: how many
    rows. totals, titles: whether they are shown. on_screen: whether it is a terminal that shows it.
    """

    columns: str | None = None
    sort: str | None = None
    top: int | None = None
    totals: bool = True
    titles: bool = True
    on_screen: bool = False

    @property
    def order(self) -> str | None:
        """The key of the column that orders the rows."""
        return None if self.sort is None else self.sort.removeprefix("-")


WHOLE = View()
"""All that there usually is."""


def choose(asked: str | None, find: Callable[[str], str], usual: Sequence[str]) -> list[str]:
    """The keys of the columns that are asked for: `a,b,c`, or `+a,+b` for some more than the usual ones.

    find: the key that a word means.

    Raises: UsageError where no column is named.
    """
    if asked is None:
        return list(usual)
    parts = [part.strip() for part in asked.split(",") if part.strip()]
    keys = [find(part.lstrip("+")) for part in parts]
    if not keys:
        raise UsageError(
            Problem(
                "no column is named", "name some, as in a,b, or +a for one more than the usual ones", code="missing-key"
            )
        )
    more = any(part.startswith("+") for part in parts)
    return list(dict.fromkeys([*usual, *keys] if more else keys))
