"""What a command answers: in tables to look at, in one table for a spreadsheet, in data for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from vggcalc.errors import VggcalcError
from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.render.sheet import Sheet


class Result(Record):
    """An answer in every shape that a format may write, each worked out when one does.

    sheets: tables to look at. document: everything, by name. table: one table; without it, the first sheet and those
    like it. faults: what could not be answered, each said on its own; agrees: whether all that was checked holds.
    """

    sheets: Callable[[], Sequence[Sheet]]
    document: Callable[[], dict[str, Any]]
    table: Callable[[], Sheet] | None = None
    faults: Sequence[VggcalcError] = ()
    agrees: bool = True

    def one_table(self) -> Sheet:
        """The table for a spreadsheet."""
        from vggcalc.render.sheet import stacked

        table = self.table() if self.table else stacked(self.sheets())
        return table._replace(is_totals=False)
