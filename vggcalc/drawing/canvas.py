"""A canvas of SVG: it knows elements, colours and how far they reach, and nothing of networks."""

from __future__ import annotations

from html import escape

from vggcalc.errors import printable

MARGIN = 24
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#44aa99")
INK, PAPER, GRID = "#222222", "#ffffff", "#c8c8c8"


class Canvas:
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

    def text(self, x: float, y: float, text: str, size: int = 14, colour: str = INK, anchor: str = "start") -> None:
        """A line of text; whatever a spec calls its layers, it stays text."""
        style = f'font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
        self.elements.append(f'<text x="{x:.2f}" y="{y:.2f}" {style}>{escape(printable(text))}</text>')
        self._reach(x + (0.62 * size * len(text) if anchor == "start" else 0), y)

    def svg(self, title: str) -> str:
        """The whole file."""
        width, height = self.width + MARGIN, self.height + MARGIN
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        font = 'font-family="system-ui, sans-serif"'
        paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
        body = "\n".join(self.elements)
        name = f"<title>{escape(printable(title))}</title>"
        return f'{head} height="{height:.0f}" {font}>\n{name}\n{paper}\n{body}\n</svg>\n'

    def _reach(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, x), max(self.height, y)
