"""Receptive fields drawn as SVG: boxes on the input, to scale, and the cone of layers in profile."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from vggcalc.analysis.axes import unit_on
from vggcalc.analysis.field import PIXEL, Field
from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.stack import Stack
from vggcalc.errors import printable
from vggcalc.language.stacks import write_stacked
from vggcalc.layers import Window
from vggcalc.render.columns import axes_text, type_text
from vggcalc.render.stacked import sentence
from vggcalc.units import count

SIDE = 420
"""The longer side of the drawn input, and the width of the profile, in units of the picture."""
MARGIN = 24
ROW = 64
STRIP = 60
MOST_LAYERS = 8
MOST_MARKS = 60
MOST_UNITS = 1000

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#44aa99")
_INK, _PAPER, _GRID = "#222222", "#ffffff", "#c8c8c8"


class Drawing:
    """SVG elements, and how far they reach."""

    def __init__(self) -> None:
        self.elements: list[str] = []
        self.width = self.height = 0.0

    def rect(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """A rectangle."""
        place = f'x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"'
        self.elements.append(f"<rect {place} {style}/>")
        self._reach(x + width, y + height)

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """A line."""
        self.elements.append(f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" {style}/>')
        self._reach(max(x1, x2), max(y1, y2))

    def text(self, x: float, y: float, text: str, size: int = 14, colour: str = _INK, anchor: str = "start") -> None:
        """A line of text; whatever a spec calls its layers, it stays text."""
        style = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
        self.elements.append(f'<text x="{x:.2f}" y="{y:.2f}" {style}>{escape(printable(text))}</text>')
        self._reach(x + (0.62 * size * len(text) if anchor == "start" else 0), y)

    def svg(self, title: str) -> str:
        """The whole file."""
        width, height = self.width + MARGIN, self.height + MARGIN
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        font = 'font-family="system-ui, sans-serif"'
        paper = f'<rect width="100%" height="100%" fill="{_PAPER}"/>'
        body = "\n".join(self.elements)
        name = f"<title>{escape(printable(title))}</title>"
        return f'{head} height="{height:.0f}" {font}>\n{name}\n{paper}\n{body}\n</svg>\n'

    def _reach(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, x), max(self.height, y)


class Plane:
    """Pixels to picture coordinates: the box from `first` to `last`, both included, fits into SIDE."""

    def __init__(self, first: tuple[int, int], last: tuple[int, int], left: float, top: float) -> None:
        self.first = first
        self.scale = SIDE / max(b - a + 1 for a, b in zip(first, last, strict=True))
        rows = last[0] - first[0] + 1
        self.row_scale = self.scale if rows > 1 else STRIP  # what is 1-d is drawn as a strip
        self.left, self.top = left, top
        self.right = left + self.scale * (last[1] - first[1] + 1)
        self.bottom = top + self.row_scale * rows

    def x(self, column: float) -> float:
        """Where a pixel's left edge lies."""
        return self.left + self.scale * (column - self.first[1])

    def y(self, row: float) -> float:
        """Where a pixel's upper edge lies."""
        return self.top + self.row_scale * (row - self.first[0])

    def box(self, drawing: Drawing, first: tuple[int, int], last: tuple[int, int], style: str) -> None:
        """Pixels from first to last, both included."""
        width, height = last[1] - first[1] + 1, last[0] - first[0] + 1
        drawing.rect(self.x(first[1]), self.y(first[0]), self.scale * width, self.row_scale * height, style)

    def grid(self, drawing: Drawing, height: int, width: int, name: str) -> None:
        """The input's pixels, or squares of so many that one can see them."""
        step = 1
        while self.scale * step < 6:
            step *= 2
        self.box(drawing, (0, 0), (height - 1, width - 1), f'fill="#f7f7f7" stroke="{_INK}"')
        style = f'stroke="{_GRID}" stroke-width="0.5"'
        for column in range(step, width, step):
            drawing.line(self.x(column), self.y(0), self.x(column), self.y(height), style)
        for row in range(step, height, step):
            drawing.line(self.x(0), self.y(row), self.x(width), self.y(row), style)
        size = f"{height}x{width}" if height > 1 else f"{width}"
        square = f", a square is {step}x{step} pixels" if height > 1 else f", lines stand {step} pixels apart"
        drawing.text(self.left, self.bottom + 18, f"{name} {size}" + (square if step > 1 else ""), 12)


def network_picture(report: Report, rows: Sequence[Row], unit: tuple[int, ...] | None) -> str:
    """The input with the field of each layer's middle unit, or of the unit asked for, and the cone in profile."""
    rows = rows or _landmarks(report)
    name = next(name for name in report.network.input_names if name in rows[0].fields)
    shape = report.network.input_shapes[report.network.input_names.index(name)]
    shown = [row for row in rows if name in row.fields]
    height, width = (1, *shape.spatial)[-2:] if shape.spatial else (1, 1)
    boxes = [_box(row, name, unit) for row in shown]
    first = (min(0, *(box[0][0] for box in boxes), 0), min(0, *(box[0][1] for box in boxes), 0))
    last = (max(height - 1, *(box[1][0] for box in boxes), 0), max(width - 1, *(box[1][1] for box in boxes), 0))
    which = f"unit {','.join(map(str, unit))} of {shown[0].name}" if unit else "one unit"
    title = f"{report.model}: what {which} sees"
    drawing = Drawing()
    drawing.text(MARGIN, MARGIN + 12, title, 18)
    plane = Plane(first, last, MARGIN, 2 * MARGIN + 12)
    plane.grid(drawing, height, width, name)
    for number, box in reversed(list(enumerate(boxes))):
        colour = _COLOURS[number % len(_COLOURS)]
        plane.box(drawing, *box, f'fill="{colour}" fill-opacity="0.12" stroke="{colour}" stroke-width="2"')
    _profile(drawing, plane, shown, boxes, name, width)
    return drawing.svg(title)


def stack_picture(stack: Stack) -> str:
    """The pixels that one output sees, layer upon layer, and the units of each layer in profile."""
    title = sentence(stack)
    drawing = Drawing()
    drawing.text(MARGIN, MARGIN + 12, title, 18)
    height, width = (1, *stack.size)[-2:]
    plane = Plane((0, 0), (height - 1, width - 1), MARGIN, 2 * MARGIN + 12)
    plane.grid(drawing, height, width, "input")
    for number, row in reversed(list(enumerate(stack.rows))):
        colour = _COLOURS[number % len(_COLOURS)]
        rows, columns = ((1, *(field.size for field in row.fields)))[-2:]
        top, left = (height - rows) // 2, (width - columns) // 2
        style = f'fill="{colour}" fill-opacity="0.18" stroke="{colour}" stroke-width="2.5"'
        plane.box(drawing, (top, left), (top + rows - 1, left + columns - 1), style)
    _stack_profile(drawing, plane, stack, width)
    return drawing.svg(title)


def _landmarks(report: Report) -> list[Row]:
    """Where nobody asks: the last layer on each map, for there are few of them and they tell the story."""
    rows = [row for row in report.rows if row.inputs and not row.is_elementwise]
    last_on_map = {row.output.spatial: row for row in rows if any(size > 1 for size in row.output.spatial)}
    return (list(last_on_map.values()) or rows or list(report.rows[-1:]))[-MOST_LAYERS:]


def _box(row: Row, name: str, unit: tuple[int, ...] | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last pixel of the field, as (row, column); a third axis, in front, is not drawn."""
    units = unit or tuple(size // 2 for size in row.output.spatial)
    fields = row.fields[name]
    ends = [(f.low(u), f.high(u)) for f, u in zip(fields, unit_on(fields, units), strict=True)]
    (top, bottom), (left, right) = [(0, 0), *ends][-2:] if ends else [(0, 0), (0, 0)]
    return (top, left), (bottom, right)


def _profile(
    drawing: Drawing,
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
    style = f'stroke="{_GRID}" stroke-dasharray="4 4"'
    bottom = top + ROW * len(rows)
    for edge in (0, width):
        drawing.line(side.x(edge), top, side.x(edge), bottom + 20, style)
    for number, (row, box) in enumerate(zip(rows, boxes, strict=True)):
        y = bottom - ROW * (number + 1)
        colour = _COLOURS[number % len(_COLOURS)]
        (_, left), (_, right) = box
        wide = side.scale * (right - left + 1)
        drawing.rect(side.x(left), y + 22, wide, 18, f'fill="{colour}" fill-opacity="0.35" stroke="{colour}"')
        size = axes_text([count(field.size) for field in row.fields[name]])
        jump = axes_text([count(field.jump) for field in row.fields[name]])
        said = f"{row.name} ({type_text(row)}): {size} pixels, jump {jump}"
        drawing.text(side.left, y + 16, said, 13, colour)
    drawing.rect(side.x(0), bottom + 22, side.scale * width, 12, f'fill="#f7f7f7" stroke="{_INK}"')
    drawing.text(side.left, bottom + 54, f"{name}, {count(width)} pixels wide", 13)


def _stack_profile(drawing: Drawing, plane: Plane, stack: Stack, width: int) -> None:
    """Layers as rows, the output on top; the units that one output sees, each above the pixels that it looks at."""
    left = plane.right + 2 * MARGIN
    fields = [PIXEL, *(row.fields[-1] for row in stack.rows)]
    units = _units(stack)
    top = plane.top + 10
    for number in range(len(fields) - 1, -1, -1):
        y = top + ROW * (len(fields) - 1 - number)
        colour = _COLOURS[(number - 1) % len(_COLOURS)] if number else _INK
        if number:
            window = _window(stack, number - 1)
            for unit in _few(units[number]):
                for tap in _few(window.taps(unit)):
                    xs = _middle(fields[number], unit), _middle(fields[number - 1], tap)
                    x1, x2 = (left + plane.scale * (x + 0.5) for x in xs)
                    drawing.line(x1, y + 16, x2, y + ROW, f'stroke="{colour}" stroke-opacity="0.45" stroke-width="0.8"')
        cell = max(2.0, min(16.0, 0.8 * plane.scale * max(1, fields[number].shift)))
        for unit in _few(units[number]):
            x = left + plane.scale * (_middle(fields[number], unit) + 0.5)
            drawing.rect(x - cell / 2, y, cell, 16, f'fill="{colour}" fill-opacity="0.8" stroke="{_PAPER}"')
        across = units[number][-1] - units[number][0] + 1
        many = f"{count(across)} {'pixel' if number == 0 else 'unit'}{'s' * (across > 1)} wide"
        what = (
            "input" if number == 0 else f"conv {write_stacked(stack.rows[number - 1].conv)}, sees {fields[number].size}"
        )
        drawing.text(left + plane.scale * width + MARGIN, y + 13, f"{what}: {many}", 13, colour)


def _units(stack: Stack) -> list[list[int]]:
    """For the input and each layer, the units along the width that one output unit sees; of very many, some."""
    units: list[list[int]] = [[0]]
    for number in range(len(stack.rows) - 1, -1, -1):
        window = _window(stack, number)
        units.insert(0, sorted({tap for unit in _few(units[0], MOST_UNITS) for tap in window.taps(unit)}))
    return units


def _window(stack: Stack, number: int) -> Window:
    conv = stack.rows[number].conv
    return Window.of(conv.kernel_size[-1], conv.stride, 0, conv.dilation)


def _middle(field: Field, unit: int) -> float:
    return (field.low(unit) + field.high(unit)) / 2


def _few(units: Sequence[int], most: int = MOST_MARKS) -> Sequence[int]:
    """No more than can be told apart, from both ends inwards alike."""
    step = -(-len(units) // most)
    return units if step <= 1 else [*units[:-1:step], units[-1]]
