"""The chart as a picture."""

from __future__ import annotations

import textwrap
from math import sqrt

from vggcalc.drawing.canvas import COLOURS, GRID, INK, MARGIN, SOFT, Canvas, text_width
from vggcalc.drawing.chart.axes import Axis, axis, tick_text
from vggcalc.drawing.chart.labels import SIZE, Bubble, labels
from vggcalc.drawing.chart.points import Chart, Point, is_gain

LEFT, TOP, WIDTH, HEIGHT = 76, 84, 840, 480
LARGEST, SMALLEST = 30.0, 2.5
"""The radius of the largest bubble, and of one that would hardly be seen."""


def chart_picture(chart: Chart) -> str:
    """A bubble for each network; families are joined, and the front, which no network beats, is dashed."""
    right, bottom = LEFT + WIDTH, TOP + HEIGHT
    inner = LARGEST + 8
    across = axis(chart.x, [point.x for point in chart.points], (LEFT + inner, right - inner))
    up = axis(chart.y, [point.y for point in chart.points], (bottom - inner, TOP + inner))
    most = float(max(point.area for point in chart.points))
    bubbles = {point.model: _bubble(point, across, up, most) for point in chart.points}
    canvas = Canvas()
    canvas.text(MARGIN, 28, chart.title, 16, bold=True)
    area = f"area of a bubble: {chart.area.heading}, the largest {tick_text(chart.area, most)}"
    canvas.text(MARGIN, 48, area, 12, SOFT)
    canvas.text(MARGIN, TOP - 12, up.title, 12, INK)
    _grid(canvas, across, up)
    families = chart.families
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(families)}
    if len(chart.front) > 1:
        front = [(bubbles[point.model].x, bubbles[point.model].y) for point in chart.front]
        canvas.path(front, f'stroke="{SOFT}" stroke-width="1.5" stroke-dasharray="6 4"')
    for name, own in families.items():
        line = [(bubbles[point.model].x, bubbles[point.model].y) for point in own]
        canvas.path(line, f'stroke="{colours[name]}" stroke-width="1.2" stroke-opacity="0.6"')
    for point in sorted(chart.points, key=lambda point: -float(point.area)):
        bubble = bubbles[point.model]
        fill = colours.get(point.family, SOFT)
        with canvas.group(_told(chart, point)):
            canvas.circle(bubble.x, bubble.y, bubble.radius, f'fill="{fill}" fill-opacity="0.7"')
    placed = labels(list(bubbles.values()), (LEFT + 2, TOP + 2, right - 2, bottom - 2))
    for label in placed:
        if label.leads:
            canvas.line(*label.line, f'stroke="{SOFT}" stroke-width="0.6"')
    with canvas.haloed():
        for label in placed:
            canvas.text(label.x, label.y, label.bubble.name, SIZE)
    _below(canvas, chart, colours, len(bubbles) - len(placed), bottom)
    return canvas.svg(chart.title)


def _bubble(point: Point, across: Axis, up: Axis, most: float) -> Bubble:
    radius = LARGEST * sqrt(float(point.area) / most) if most else 0.0
    return Bubble(across.place(point.x), up.place(point.y), max(radius, SMALLEST), point.model)


def _told(chart: Chart, point: Point) -> str:
    """What who points at a bubble reads."""
    values = ((chart.x, point.x), (chart.y, point.y), (chart.area, point.area))
    figures = dict.fromkeys(f"{figure.heading} {tick_text(figure, value)}" for figure, value in values)
    return "\n".join((point.model, *figures))


def _grid(canvas: Canvas, across: Axis, up: Axis) -> None:
    right, bottom = LEFT + WIDTH, TOP + HEIGHT
    end = LEFT - 1.0
    for x, text in across.ticks(LEFT, right):
        canvas.line(x, TOP, x, bottom, f'stroke="{GRID}" stroke-width="0.6"')
        half = text_width(text, 11) / 2
        if x - half > end + 6:
            canvas.text(x, bottom + 17, text, 11, SOFT, "middle")
            end = x + half
    for y, text in up.ticks(TOP, bottom):
        canvas.line(LEFT, y, right, y, f'stroke="{GRID}" stroke-width="0.6"')
        canvas.text(LEFT - 8, y + 4, text, 11, SOFT, "end")
    canvas.line(LEFT, TOP, LEFT, bottom, f'stroke="{INK}" stroke-width="1"')
    canvas.line(LEFT, bottom, right, bottom, f'stroke="{INK}" stroke-width="1"')
    canvas.text(LEFT + WIDTH / 2, bottom + 36, across.title, 12, INK, "middle")


def _below(canvas: Canvas, chart: Chart, colours: dict[str, str], unnamed: int, bottom: float) -> None:
    """Which colour is which family, what the dashes are, and how the figures were measured."""
    x, y = float(LEFT), bottom + 58
    for name, colour in colours.items():
        wide = text_width(name, 11) + 32
        if x + wide > LEFT + WIDTH:
            x, y = float(LEFT), y + 18
        canvas.circle(x + 5, y - 4, 5, f'fill="{colour}"')
        canvas.text(x + 14, y, name, 11, SOFT)
        x += wide
    notes = [_front(chart)] if len(chart.front) > 1 else []
    notes += [f"{unnamed} names have no room here; point at the bubbles"] if unnamed else []
    y += 6 if colours else -14
    for note in (*notes, *chart.notes):
        for line in textwrap.wrap(note, int(WIDTH / text_width("m", 10))):
            y += 15
            canvas.text(LEFT, y, line, 10, SOFT)


def _front(chart: Chart) -> str:
    words = [f"{'more' if is_gain(axis) else 'less'} {axis.heading}" for axis in (chart.x, chart.y)]
    return f"dashed: no network here has {words[0]} and {words[1]} than these"
