"""The bytes that are alive while a network runs, layer by layer, above those of its weights."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.analysis.report import Report
from vggcalc.drawing.canvas import COLOURS, GRID, INK, MARGIN, SOFT, Canvas, fitted_end
from vggcalc.errors import Problem, UsageError
from vggcalc.memory.footprint import unknown_work
from vggcalc.memory.live import live
from vggcalc.memory.moments import moments
from vggcalc.memory.saved import keeping
from vggcalc.record import Record
from vggcalc.units import byte_text, n_bytes

WIDTH, HEIGHT = 900, 300
LEFT, TOP = 90, 64
MOST_NAMES = 45
"""As many names of layers have room below the curve."""


class _Curve(Record):
    """Of each moment the layer that works, and the bytes of maps that are alive; where the way back begins."""

    layers: tuple[str, ...]
    taken: tuple[int, ...]
    back: int


def memory_picture(report: Report) -> str:
    """The curve of an inference, or, of a report on training, of one step of it, with its peak.

    Below it lie parameters and buffers; of a training, gradients and an optimiser's state are not counted.

    Raises: UsageError where nobody knows what a layer does.
    """
    if unknown := unknown_work(report):
        message = f"nobody knows what {', '.join(unknown)} does, so its memory is unknown"
        raise UsageError(
            Problem(message, "draw the graph, or cut the network above it with until", code="unknown-work")
        )
    totals = report.totals
    stored = n_bytes((totals.params or 0) + (totals.buffers or 0), report.dtype)
    curve = _of_training(report) if report.rows.training else _of_inference(report)
    peak = max(curve.taken)
    at = curve.taken.index(peak)
    top = stored + peak
    step = WIDTH / len(curve.taken)
    scale = HEIGHT / top
    canvas = Canvas()
    what = "a step of training" if report.rows.training else "an inference that frees tensors"
    canvas.text(MARGIN, 26, f"{report.network.title or report.model}: memory of {what}", 16, bold=True)
    on = "the way back" if curve.back and at >= curve.back else "the way forth"
    where = f"{curve.layers[at]}{f', on {on}' * bool(curve.back)}"
    said = f"peak {byte_text(top)} at {where}: {byte_text(peak)} of maps"
    canvas.text(MARGIN, 44, f"{said}, {byte_text(stored)} of weights, as {report.dtype}", 12, SOFT)
    for mark in _marks(top):
        y = TOP + HEIGHT - mark * scale
        canvas.line(LEFT, y, LEFT + WIDTH, y, f'stroke="{GRID}" stroke-width="0.6"')
        canvas.text(LEFT - 8, y + 4, byte_text(mark), 10, SOFT, "end")
    base = TOP + HEIGHT - stored * scale
    outline = [(LEFT + 0.0, base)]
    for number, taken in enumerate(curve.taken):
        y = base - taken * scale
        outline += [(LEFT + number * step, y), (LEFT + (number + 1) * step, y)]
    canvas.polygon([*outline, (LEFT + WIDTH, base)], f'fill="{COLOURS[0]}" fill-opacity="0.75"')
    canvas.rect(LEFT, base, WIDTH, stored * scale, f'fill="{COLOURS[3]}" fill-opacity="0.55"')
    x = LEFT + (at + 0.5) * step
    canvas.line(x, TOP - 6, x, TOP + HEIGHT, f'stroke="{COLOURS[1]}" stroke-width="1.4" stroke-dasharray="4 3"')
    if curve.back:
        middle = LEFT + curve.back * step
        canvas.line(middle, TOP, middle, TOP + HEIGHT, f'stroke="{INK}" stroke-width="0.8"')
        canvas.text(middle - 6, TOP + HEIGHT + 16, "forth", 11, SOFT, "end")
        canvas.text(middle + 6, TOP + HEIGHT + 16, "back", 11, SOFT)
    _names(canvas, curve, step, at)
    return canvas.svg(f"{report.model}: memory")


def _of_inference(report: Report) -> _Curve:
    found = live(report)
    taken = tuple(n_bytes(values, report.dtype) for values in found.values)
    return _Curve(tuple(report.rows[place].name for place in found.order), taken, 0)


def _of_training(report: Report) -> _Curve:
    found = [*moments(report, keeping(report), report.dtype)]
    forth = [moment for moment in found if not moment.is_back]
    back = [moment for moment in found if moment.is_back]
    both = [*forth, *back]
    return _Curve(tuple(each.layer for each in both), tuple(each.taken for each in both), len(forth))


def _marks(top: int) -> Sequence[int]:
    """Whole steps of 1, 2 or 5 times a power of two's unit, four to ten of them."""
    unit = 1
    while unit * 1024 <= top:
        unit *= 1024
    step = unit
    for factor in (512, 256, 128, 64, 32, 16, 8, 4, 2, 1):
        if top // (unit * factor) >= 4:
            step = unit * factor
            break
    while top // step < 4 and step > 1:
        step //= 2
    return range(0, top + 1, step)


def _names(canvas: Canvas, curve: _Curve, step: float, at: int) -> None:
    """The names of the layers below the curve, as many as have room, that of the peak among them."""
    every = -(-len(curve.layers) // MOST_NAMES)
    y = TOP + HEIGHT + (30 if curve.back else 14)
    for number, name in enumerate(curve.layers):
        if number % every == at % every:
            x = LEFT + (number + 0.5) * step + 3
            canvas.upright(x, y, fitted_end(name, 9, 120), 9, INK if number == at else SOFT)
