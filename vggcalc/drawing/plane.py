"""The plane of the input's pixels on a canvas, to scale."""

from __future__ import annotations

from vggcalc.drawing.canvas import FAINT, GRID, INK, Canvas

SIDE = 420
"""The longer side of the drawn input, and the width of the profile, in units of the picture."""
STRIP = 60


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

    def box(self, canvas: Canvas, first: tuple[int, int], last: tuple[int, int], style: str) -> None:
        """Pixels from first to last, both included."""
        width, height = last[1] - first[1] + 1, last[0] - first[0] + 1
        canvas.rect(self.x(first[1]), self.y(first[0]), self.scale * width, self.row_scale * height, style)

    def grid(self, canvas: Canvas, height: int, width: int, name: str) -> None:
        """The input's pixels, or squares of so many that one can see them."""
        step = 1
        while self.scale * step < 6:
            step *= 2
        self.box(canvas, (0, 0), (height - 1, width - 1), f'fill="{FAINT}" stroke="{INK}"')
        style = f'stroke="{GRID}" stroke-width="0.5"'
        for column in range(step, width, step):
            canvas.line(self.x(column), self.y(0), self.x(column), self.y(height), style)
        for row in range(step, height, step):
            canvas.line(self.x(0), self.y(row), self.x(width), self.y(row), style)
        size = f"{height}x{width}" if height > 1 else f"{width}"
        square = f", a square is {step}x{step} pixels" if height > 1 else f", lines stand {step} pixels apart"
        canvas.text(self.left, self.bottom + 18, f"{name} {size}" + (square if step > 1 else ""), 12)
