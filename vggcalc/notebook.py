"""What a notebook shows of a report, and gives to pandas."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError
from vggcalc.render.formats import html
from vggcalc.render.machine import row_document
from vggcalc.render.report import report_sheets
from vggcalc.render.view import WHOLE

if TYPE_CHECKING:
    import pandas

FIGURES = ("kind", "output", "params", "weights", "biases", "buffers", "macs", "activations")


def as_html(report: Report) -> str:
    """The tables of `show`, a long network by its blocks, as a part of a page."""
    out = io.StringIO()
    html.write_part(report_sheets(report, WHOLE, "hwc", False, depth="auto"), out)
    return out.getvalue()


def as_frame(report: Report) -> pandas.DataFrame:
    """A row for each layer, by its name, with its figures; None where nobody knows one.

    Raises: UsageError where pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise UsageError(Problem("to_pandas needs pandas", "pip install pandas", code="bad-output")) from None
    rows = [row_document(report, row) for row in report.rows]
    found: dict[str, list[Any]] = {key: [row[key] for row in rows] for key in FIGURES}
    found["rf"] = [row["rf"]["size"] if row["rf"] and "size" in row["rf"] else None for row in rows]
    return pandas.DataFrame(found, index=pandas.Index([row["name"] for row in rows], name="layer"))
