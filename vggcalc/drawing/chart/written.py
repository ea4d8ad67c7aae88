"""The chart as data: its points in JSON, and a document of Vega-Lite for those who edit."""

from __future__ import annotations

import json
from typing import Any

from vggcalc.drawing.chart.axes import axis
from vggcalc.drawing.chart.points import Chart, Point
from vggcalc.figures import Figure

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


def chart_json(chart: Chart) -> str:
    """The points with their figures by key, and what stands on which axis."""
    axes = {"x": chart.x, "y": chart.y, "area": chart.area}
    document = {name: {"figure": each.key, "heading": each.heading, "unit": each.unit} for name, each in axes.items()}
    return _text(document | {"notes": list(chart.notes), "points": _values(chart)})


def vega_lite(chart: Chart) -> str:
    """Lines of families, bubbles and names in layers, over the points; sizes and places are Vega's own."""
    across, up = (_channel(chart, figure) for figure in (chart.x, chart.y))
    place = {"x": across, "y": up}
    size = {"field": chart.area.key, "type": "quantitative", "title": chart.area.heading}
    colour = {"field": "family", "type": "nominal", "title": "family"}
    front = [{"filter": "datum.on_front"}]
    tooltip = [{"field": key} for key in dict.fromkeys(("model", "family", chart.x.key, chart.y.key, chart.area.key))]
    joined = {"encoding": place | {"color": colour, "order": {"field": chart.x.key}}}
    return _text(
        {
            "$schema": SCHEMA,
            "title": {"text": chart.title, "subtitle": list(chart.notes)},
            "width": 720,
            "height": 440,
            "data": {"values": _values(chart)},
            "layer": [
                {
                    "mark": {"type": "line", "strokeDash": [6, 4], "color": "gray"},
                    "transform": front,
                    "encoding": place,
                },
                {"mark": {"type": "line", "opacity": 0.6}} | joined,
                {"mark": {"type": "circle", "opacity": 0.7}}
                | {"encoding": place | {"size": size, "color": colour, "tooltip": tooltip}},
                {"mark": {"type": "text", "dy": -12}, "encoding": place | {"text": {"field": "model"}}},
            ],
        }
    )


def _channel(chart: Chart, figure: Figure) -> dict[str, Any]:
    """An axis as the picture has it: its scale, and its title with the unit."""
    values = [point.x if figure is chart.x else point.y for point in chart.points]
    own = axis(figure, values, (0, 1))
    scale = {"type": "log"} if own.is_log else {"zero": False}
    return {"field": figure.key, "type": "quantitative", "scale": scale, "title": own.title}


def _values(chart: Chart) -> list[dict[str, Any]]:
    return [_value(chart, point) for point in chart.points]


def _value(chart: Chart, point: Point) -> dict[str, Any]:
    figures = ((chart.x, point.x), (chart.y, point.y), (chart.area, point.area))
    numbers = {figure.key: value if isinstance(value, int) else float(value) for figure, value in figures}
    return {"model": point.model, "family": point.family, **numbers, "on_front": point.on_front}


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
