"""What units of a network see: boxes on the input, to scale, and the cone of layers in profile."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.analysis.axes import unit_on
from vggcalc.analysis.pixels import check_traced
from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.series_parallel import series_parallel
from vggcalc.drawing.canvas import COLOURS, FAINT, GRID, INK, MARGIN, Canvas
from vggcalc.drawing.plane import Plane
from vggcalc.figures import type_text
from vggcalc.units import axes_text, count

ROW = 64
MOST_LAYERS = 8


def network_picture(report: Report, rows: Sequence[Row], unit: tuple[int, ...] | None) -> str:
    """The input with the field of each layer's middle unit, or of the unit asked for, and the cone in profile."""
    rows = rows or _landmarks(report)
    for row in rows:
        check_traced(row)
    name = next(name for name in report.network.input_names if name in rows[0].fields)
    shape = report.network.input_shapes[report.network.input_names.index(name)]
    shown = [row for row in rows if name in row.fields]
    height, width = (1, *shape.spatial)[-2:] if shape.spatial else (1, 1)
    boxes = [_box(row, name, unit) for row in shown]
    first = (min(0, *(box[0][0] for box in boxes), 0), min(0, *(box[0][1] for box in boxes), 0))
    last = (max(height - 1, *(box[1][0] for box in boxes), 0), max(width - 1, *(box[1][1] for box in boxes), 0))
    which = f"unit {','.join(map(str, unit))} of {shown[0].name}" if unit else "one unit"
    title = f"{report.model}: what {which} sees"
    canvas = Canvas()
    canvas.text(MARGIN, MARGIN + 12, title, 18)
    plane = Plane(first, last, MARGIN, 2 * MARGIN + 12)
    plane.grid(canvas, height, width, name)
    for number, box in reversed(list(enumerate(boxes))):
        colour = COLOURS[number % len(COLOURS)]
        plane.box(canvas, *box, f'fill="{colour}" fill-opacity="0.12" stroke="{colour}" stroke-width="2"')
    _profile(canvas, plane, shown, boxes, name, width)
    return canvas.svg(title)


def _landmarks(report: Report) -> list[Row]:
    """Where nobody asks: the last layer on each map that all that follows is made from, as the end of a stage is."""
    seen = [row for row in report.rows if row.inputs and row.is_traced and not row.is_elementwise]
    spine = {place for place in series_parallel(report.network) if isinstance(place, int)}
    for rows in ([row for row in seen if row.index in spine], seen):
        named = (row for row in rows if row.role not in ("norm", "activation", "move"))
        last_on_map = {row.output.spatial: row for row in named if any(size > 1 for size in row.output.spatial)}
        if len(last_on_map) > 1:
            return [*last_on_map.values()][-MOST_LAYERS:]
    return (seen or [*report.rows])[-MOST_LAYERS:]


def _box(row: Row, name: str, unit: tuple[int, ...] | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last pixel of the field, as (row, column); a third axis, in front, is not drawn."""
    units = unit or tuple(size // 2 for size in row.output.spatial)
    fields = row.fields[name]
    ends = [(f.low(u), f.high(u)) for f, u in zip(fields, unit_on(fields, units), strict=True)]
    (top, bottom), (left, right) = [(0, 0), *ends][-2:] if ends else [(0, 0), (0, 0)]
    return (top, left), (bottom, right)


def _profile(
    canvas: Canvas,
    plane: Plane,
    rows: Sequence[Row],
    boxes: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    name: str,
    width: int,
) -> None:
    """The layers as rows, the deepest on top; each bar is what its unit sees along the width of the input."""
    side = Plane((0, plane.first[1]), (0, plane.first[1] + round((plane.right - plane.left) / plane.scale) - 1), 0, 0)
    side.left = plane.right + 2 * MARGIN
    top = plane.top
    side.scale = plane.scale
    style = f'stroke="{GRID}" stroke-dasharray="4 4"'
    bottom = top + ROW * len(rows)
    for edge in (0, width):
        canvas.line(side.x(edge), top, side.x(edge), bottom + 20, style)
    for number, (row, box) in enumerate(zip(rows, boxes, strict=True)):
        y = bottom - ROW * (number + 1)
        colour = COLOURS[number % len(COLOURS)]
        (_, left), (_, right) = box
        wide = side.scale * (right - left + 1)
        canvas.rect(side.x(left), y + 22, wide, 18, f'fill="{colour}" fill-opacity="0.35" stroke="{colour}"')
        size = axes_text([count(field.size) for field in row.fields[name]])
        jump = axes_text([count(field.jump) for field in row.fields[name]])
        said = f"{row.name} ({type_text(row)}): {size} pixels, jump {jump}"
        canvas.text(side.left, y + 16, said, 13, colour)
    canvas.rect(side.x(0), bottom + 22, side.scale * width, 12, f'fill="{FAINT}" stroke="{INK}"')
    canvas.text(side.left, bottom + 54, f"{name}, {count(width)} pixels wide", 13)
