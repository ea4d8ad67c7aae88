"""A canvas of SVG: it knows elements, colours and how far they reach, and nothing of networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

from vggcalc.errors import printable

MARGIN = 24
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#44aa99")
INK, PAPER, GRID, FAINT, SOFT = "#222222", "#ffffff", "#c8c8c8", "#f7f7f7", "#6b7280"
ROLES = {
    "input": "#e5e7eb",
    "conv": "#bfdbfe",
    "linear": "#ddd6fe",
    "attention": "#fbcfe8",
    "embedding": "#fae8ff",
    "norm": "#fef3c7",
    "pool": "#fecaca",
    "activation": "#fde68a",
    "merge": "#bbf7d0",
    "move": "#e2e8f0",
    "idle": "#f3f4f6",
    "block": "#cffafe",
    "unknown": "#fed7aa",
}
"""What is filled by what a layer is for; light enough for dark letters."""

DARK = {
    INK: "#e6edf3", PAPER: "#0d1117", GRID: "#484f58", FAINT: "#161b22", SOFT: "#9aa4b2",
    "#e5e7eb": "#374151", "#bfdbfe": "#1e3a5f", "#ddd6fe": "#3f2f6b", "#fbcfe8": "#6b2148", "#fef3c7": "#4d3f10",
    "#fae8ff": "#4a1d5c",
    "#fecaca": "#662222", "#fde68a": "#574300", "#bbf7d0": "#14532d", "#e2e8f0": "#334155", "#f3f4f6": "#1f2937",
    "#cffafe": "#134e4a", "#fed7aa": "#6b3410",
}  # fmt: skip
"""What each colour of paper, ink and fills is for readers who prefer dark pages; those of `COLOURS` do on both."""


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

    def circle(self, x: float, y: float, radius: float, style: str) -> None:
        """A circle."""
        self.elements.append(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" {style}/>')
        self._reach(x + radius, y + radius)

    def path(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """Lines from point to point; between them, corners are round."""
        self.elements.append(f'<path d="{_rounded(points)}" fill="none" {style}/>')
        self._reach(max(x for x, _ in points), max(y for _, y in points))

    def polygon(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """A surface."""
        corners = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
        self.elements.append(f'<polygon points="{corners}" {style}/>')
        self._reach(max(x for x, _ in points), max(y for _, y in points))

    @contextmanager
    def group(self, told: str, style: str = "") -> Iterator[None]:
        """Elements that belong together; `told` to who points at them."""
        self.elements.append(f"<g{f' {style}' * bool(style)}><title>{escape(_lines(told))}</title>")
        yield
        self.elements.append("</g>")

    @contextmanager
    def haloed(self) -> Iterator[None]:
        """Texts with paper around their letters, which no line behind them strikes through."""
        self.elements.append(f'<g paint-order="stroke" stroke="{PAPER}" stroke-width="3" stroke-linejoin="round">')
        yield
        self.elements.append("</g>")

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """A line."""
        self.elements.append(f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" {style}/>')
        self._reach(max(x1, x2), max(y1, y2))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 14,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """A line of text; whatever a spec calls its layers, it stays text."""
        style = f'font-size="{size}" fill="{colour}"'
        style += f' text-anchor="{anchor}"' * (anchor != "start") + ' font-weight="600"' * bold
        self.elements.append(f'<text x="{x:.2f}" y="{y:.2f}" {style}>{escape(printable(text))}</text>')
        self._reach(x + (text_width(text, size) if anchor == "start" else 0), y)

    def upright(self, x: float, y: float, text: str, size: int, colour: str = INK) -> None:
        """A line of text that runs down from here."""
        place = f'transform="translate({_short(x)} {_short(y)}) rotate(90)"'
        self.elements.append(f'<text {place} font-size="{size}" fill="{colour}">{escape(printable(text))}</text>')
        self._reach(x + size, y + text_width(text, size))

    def svg(self, title: str) -> str:
        """The whole file."""
        width, height = self.width + MARGIN, self.height + MARGIN
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        font = 'font-family="system-ui, sans-serif"'
        paper = f'<rect width="100%" height="100%" fill="{PAPER}"/>'
        body = "\n".join((paper, *self.elements))
        name = f"<title>{escape(printable(title))}</title>"
        return f'{head} height="{height:.0f}" {font}>\n{name}\n{_dark(body)}\n{body}\n</svg>\n'

    def _reach(self, x: float, y: float) -> None:
        self.width, self.height = max(self.width, x), max(self.height, y)


def text_width(text: str, size: float) -> float:
    """About as wide as a text of this height is at most, in letters of usual width."""
    return 0.62 * size * len(text)


def fitted(text: str, size: float, width: float) -> str:
    """A name, cut where it would be wider than this; figures are never cut."""
    most = max(1, int(width / text_width("m", size)))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def fitted_end(text: str, size: float, width: float) -> str:
    """The same of a path, whose end says more than its beginning."""
    most = max(1, int(width / text_width("m", size)))
    return text if len(text) <= most else f"…{text[1 - most :]}"


def _dark(body: str) -> str:
    """The colours of dark pages, for those that the picture has."""
    rules = [
        f'[{where}="{light}"]{{{where}:{dark}}}'
        for light, dark in DARK.items()
        for where in ("fill", "stroke")
        if f'{where}="{light}"' in body
    ]
    return f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"


def _lines(told: str) -> str:
    return "\n".join(map(printable, told.split("\n")))


def _short(number: float) -> str:
    """A coordinate, as short as can be."""
    return f"{number:.1f}".removesuffix(".0")


def _rounded(points: Sequence[tuple[float, float]], radius: float = 5) -> str:
    """The path along some points, with each corner cut round."""
    said = [f"M{_short(points[0][0])} {_short(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        ends = []
        for other in (before, after):
            dx, dy = other[0] - corner[0], other[1] - corner[1]
            far = abs(dx) + abs(dy) or 1.0
            part = min(radius, far / 2) / far
            ends.append(f"{_short(corner[0] + dx * part)} {_short(corner[1] + dy * part)}")
        said.append(f"L{ends[0]}Q{_short(corner[0])} {_short(corner[1])} {ends[1]}")
    said.append(f"L{_short(points[-1][0])} {_short(points[-1][1])}")
    return "".join(said)
