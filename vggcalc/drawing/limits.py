"""Pictures of what is too large for one are refused."""

from __future__ import annotations

from vggcalc import bounds
from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError
from vggcalc.units import count


def check_layers(report: Report) -> None:
    """A network of too many layers is not drawn, whatever of it is."""
    _check(report, len(report.rows), "layers", bounds.DRAWN_LAYERS)


def check_parts(report: Report, number: int, what: str) -> None:
    """A picture of too many parts is not drawn."""
    _check(report, number, what, bounds.DRAWN_PARTS)


def _check(report: Report, number: int, what: str, most: int) -> None:
    if number > most:
        said = f"a picture of {report.model} has {count(number)} {what}, and may have {count(most)}"
        raise UsageError(Problem(said, "draw its blocks, or less of it", code="out-of-bounds"))
