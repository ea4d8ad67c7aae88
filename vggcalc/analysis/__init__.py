"""Network and input to report: the one loop, and what is worked out from its figures. Whole numbers only."""

from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.report import Report, Row, Totals

__all__ = ["Report", "Row", "Totals", "analyse"]
