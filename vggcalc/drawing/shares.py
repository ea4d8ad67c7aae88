"""Where a network's parameters, memory and work lie: bars by layer or block, CS231n's lesson in one picture."""

from __future__ import annotations

from fractions import Fraction

from vggcalc.analysis.report import Report
from vggcalc.drawing.canvas import COLOURS, FAINT, INK, MARGIN, SOFT, Canvas, fitted
from vggcalc.drawing.limits import check_parts
from vggcalc.figures import FIGURES, Fold, as_counted, fitting, folded, unfolded, value_of
from vggcalc.units import byte_text, percent, short

MOST_ROWS = 40
ROW = 20
NAMES = 190
BAR = 200
VALUE = 118
SHOWN = (("params", "parameters"), ("activations_bytes", "memory of the maps"), ("macs", "multiply-accumulates"))


def shares_picture(report: Report, depth: int | str | None) -> str:
    """Three columns of bars, each as long as a layer's or block's share of the whole.

    depth: of the blocks in one row each; `auto` as deep as there is room for, None for every layer.
    """
    of = as_counted(report)
    if depth == "auto":
        layers = sum(_has_any(unfolded(of, place)) for place in of.places)
        depth = None if layers <= MOST_ROWS else fitting(of, MOST_ROWS, lambda at: sum(map(_has_any, folded(of, at))))
    found = [unfolded(of, place) for place in of.places] if not isinstance(depth, int) else folded(of, depth)
    lines = [line for line in found if _has_any(line)]
    check_parts(report, len(lines), "rows")
    canvas = Canvas()
    canvas.text(MARGIN, 26, f"{report.network.title or report.model}: where it lies", 16, bold=True)
    for column, (key, what) in enumerate(SHOWN):
        left = MARGIN + NAMES + column * (BAR + VALUE)
        total = value_of(FIGURES[key], of)
        canvas.text(left, 52, f"{what}, {_text(key, total)}", 12, SOFT)
        amounts = [value_of(FIGURES[key], line.selection) for line in lines]
        most = max((amount for amount in amounts if isinstance(amount, int)), default=0) or 1
        for number, amount in enumerate(amounts):
            y = 62 + ROW * number
            canvas.rect(left, y + 3, BAR, ROW - 6, f'fill="{FAINT}"')
            if isinstance(amount, int) and isinstance(total, int) and amount:
                canvas.rect(left, y + 3, float(Fraction(amount * BAR, most)), ROW - 6, f'fill="{COLOURS[column]}"')
                said = f"{_text(key, amount)}, {percent(amount, total)}"
                canvas.text(left + BAR + 6, y + 14, said, 10, SOFT)
            elif amount is None:
                canvas.text(left + BAR + 6, y + 14, "unknown", 10, SOFT)
    for number, line in enumerate(lines):
        with canvas.group(line.name):
            canvas.text(MARGIN, 62 + ROW * number + 14, fitted(line.name, 11, NAMES - 8), 11, INK)
    return canvas.svg(f"{report.model}: shares")


def _has_any(line: Fold) -> bool:
    """Whether a line adds to any of the figures, or may."""
    return any(value_of(FIGURES[key], line.selection) != 0 for key, _ in SHOWN)


def _text(key: str, amount: object) -> str:
    if not isinstance(amount, int):
        return "unknown"
    return byte_text(amount) if key.endswith("bytes") else short(amount)
