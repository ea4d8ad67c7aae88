"""A network that is looked at, and how what is found is told."""

from __future__ import annotations

from collections.abc import Container, Sequence

from vggcalc.analysis.report import Report
from vggcalc.analysis.row import Row
from vggcalc.errors import Problem
from vggcalc.record import Record


class Suspect(Record):
    """A network's report, for each of its layers which ones read it, and the keys that its spec says.

    is_variant: its file has other networks too, so that a layer is told with the name of its own.
    """

    report: Report
    readers: Sequence[Sequence[int]]
    keys: Container[str]
    is_variant: bool = False

    def problem(self, row: Row, said: str, hint: str, *, code: str) -> Problem:
        """What is suspicious of a layer, where that is written."""
        name = f"{row.name} of {self.report.model}" if self.is_variant else row.name
        return Problem(f"{name}: {said}", hint, row.node.mark, code=code)
