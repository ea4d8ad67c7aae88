"""Networks as bubbles: cost across, accuracy up, another figure as area; drawn, or as data for those who edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vggcalc.drawing import FORMATS, Form
from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.drawing.chart.points import Chart


class Written(Record):
    """A form of a chart: its text, and how that becomes a file."""

    text: Callable[[Chart], str]
    form: Form


def _vega_lite(chart: Chart) -> str:
    from vggcalc.drawing.chart.written import vega_lite

    return vega_lite(chart)


def _json(chart: Chart) -> str:
    from vggcalc.drawing.chart.written import chart_json

    return chart_json(chart)


def _picture(chart: Chart) -> str:
    from vggcalc.drawing.chart.picture import chart_picture

    return chart_picture(chart)


WRITTEN = {
    "vega-lite": Written(_vega_lite, Form((".vl.json", ".vg.json"))),
    "json": Written(_json, Form((".json",))),
    **{name: Written(_picture, FORMATS[name]) for name in ("svg", "png", "pdf")},
}
"""How a chart is written."""
