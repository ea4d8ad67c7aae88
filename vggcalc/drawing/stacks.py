"""What a stack of convolutions sees: the pixels of one output, and the units of each layer in profile."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.analysis.field import PIXEL, Field
from vggcalc.analysis.stack import Stack
from vggcalc.drawing.canvas import COLOURS, INK, MARGIN, PAPER, Canvas
from vggcalc.drawing.plane import Plane
from vggcalc.language.stacks import sentence, write_stacked
from vggcalc.layers import Window
from vggcalc.units import count

ROW = 64
MOST_MARKS = 60
MOST_UNITS = 1000


def stack_picture(stack: Stack) -> str:
    """The pixels that one output sees, layer upon layer, and the units of each layer in profile."""
    title = sentence(stack)
    canvas = Canvas()
    canvas.text(MARGIN, MARGIN + 12, title, 18)
    height, width = (1, *stack.size)[-2:]
    plane = Plane((0, 0), (height - 1, width - 1), MARGIN, 2 * MARGIN + 12)
    plane.grid(canvas, height, width, "input")
    for number, row in reversed(list(enumerate(stack.rows))):
        colour = COLOURS[number % len(COLOURS)]
        rows, columns = ((1, *(field.size for field in row.fields)))[-2:]
        top, left = (height - rows) // 2, (width - columns) // 2
        style = f'fill="{colour}" fill-opacity="0.18" stroke="{colour}" stroke-width="2.5"'
        plane.box(canvas, (top, left), (top + rows - 1, left + columns - 1), style)
    _stack_profile(canvas, plane, stack, width)
    return canvas.svg(title)


def _stack_profile(canvas: Canvas, plane: Plane, stack: Stack, width: int) -> None:
    """Layers as rows, the output on top; the units that one output sees, each above the pixels that it looks at."""
    left = plane.right + 2 * MARGIN
    fields = [PIXEL, *(row.fields[-1] for row in stack.rows)]
    units = _units(stack)
    top = plane.top + 10
    for number in range(len(fields) - 1, -1, -1):
        y = top + ROW * (len(fields) - 1 - number)
        colour = COLOURS[(number - 1) % len(COLOURS)] if number else INK
        if number:
            window = _window(stack, number - 1)
            for unit in _few(units[number]):
                for tap in _few(window.taps(unit)):
                    xs = _middle(fields[number], unit), _middle(fields[number - 1], tap)
                    x1, x2 = (left + plane.scale * (x + 0.5) for x in xs)
                    canvas.line(x1, y + 16, x2, y + ROW, f'stroke="{colour}" stroke-opacity="0.45" stroke-width="0.8"')
        cell = max(2.0, min(16.0, 0.8 * plane.scale * max(1, fields[number].shift)))
        for unit in _few(units[number]):
            x = left + plane.scale * (_middle(fields[number], unit) + 0.5)
            canvas.rect(x - cell / 2, y, cell, 16, f'fill="{colour}" fill-opacity="0.8" stroke="{PAPER}"')
        across = units[number][-1] - units[number][0] + 1
        many = f"{count(across)} {'pixel' if number == 0 else 'unit'}{'s' * (across > 1)} wide"
        what = (
            "input" if number == 0 else f"conv {write_stacked(stack.rows[number - 1].conv)}, sees {fields[number].size}"
        )
        canvas.text(left + plane.scale * width + MARGIN, y + 13, f"{what}: {many}", 13, colour)


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
