"""Names beside bubbles: on no bubble and on no other name, and further off with a line where it is crowded."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, hypot, pi, sin

from vggcalc.drawing.canvas import text_width
from vggcalc.record import Record

SIZE = 11
GAP = 4
FARTHEST = 26
"""So many rings around a bubble are tried."""

Corners = tuple[float, float, float, float]


class Bubble(Record):
    """A circle and its name."""

    x: float
    y: float
    radius: float
    name: str


class Label(Record):
    """Where a name stands: its left end and its base line, and where the line to it ends, where it needs one."""

    bubble: Bubble
    x: float
    y: float
    leads: bool

    @property
    def corners(self) -> Corners:
        """What it takes."""
        return _taken(self.x, self.y, self.bubble.name)

    @property
    def line(self) -> tuple[float, float, float, float]:
        """From the edge of the bubble to the nearest point of the name."""
        left, top, right, bottom = self.corners
        x, y = min(max(self.bubble.x, left), right), min(max(self.bubble.y, top), bottom)
        far = hypot(x - self.bubble.x, y - self.bubble.y) or 1.0
        part = self.bubble.radius / far
        return self.bubble.x + (x - self.bubble.x) * part, self.bubble.y + (y - self.bubble.y) * part, x, y


def labels(bubbles: Sequence[Bubble], within: Corners) -> list[Label]:
    """The names that have room, the most crowded first; a name without any is left out.

    Lines lead behind names only where it does not do without.
    """
    placed: list[Label] = []
    lines: list[tuple[float, float, float, float]] = []
    left = sorted(bubbles, key=lambda own: (-_neighbours(own, bubbles), own.x, own.y))
    for avoids_lines in (True, False):
        for bubble in left:
            for label in _candidates(bubble):
                if _is_free(label, bubbles, placed, within) and not (avoids_lines and _is_cut(label, placed, lines)):
                    placed.append(label)
                    lines += [label.line] if label.leads else []
                    break
        named = {label.bubble for label in placed}
        left = [bubble for bubble in left if bubble not in named]
    return placed


def _neighbours(own: Bubble, bubbles: Sequence[Bubble]) -> int:
    return sum(hypot(own.x - other.x, own.y - other.y) < 80 for other in bubbles)


def _candidates(bubble: Bubble) -> Sequence[Label]:
    """Right, left, above, below and between, from near to far."""
    width = text_width(bubble.name, SIZE)
    found = []
    for ring in range(FARTHEST):
        reach = bubble.radius + GAP + 11 * ring
        for turn in (0, 8, 4, 12, 2, 6, 14, 10, 1, 15, 3, 5, 7, 9, 11, 13):
            across, down = cos(turn * pi / 8), -sin(turn * pi / 8)
            x, y = bubble.x + reach * across, bubble.y + reach * down
            x -= width * (1 - across) / 2
            found.append(Label(bubble, x, y + SIZE * (0.35 + 0.35 * down), ring > 0))
    return found


def _is_free(label: Label, bubbles: Sequence[Bubble], placed: Sequence[Label], within: Corners) -> bool:
    """Whether a name lies inside, on no other one and on no bubble."""
    own = label.corners
    if own[0] < within[0] or own[1] < within[1] or own[2] > within[2] or own[3] > within[3]:
        return False
    return not any(_meet(own, other.corners) for other in placed) and not any(_on(own, bubble) for bubble in bubbles)


def _is_cut(label: Label, placed: Sequence[Label], lines: Sequence[tuple[float, float, float, float]]) -> bool:
    """Whether a line leads through a name, or this one's through another."""
    if any(_crosses(line, label.corners) for line in lines):
        return True
    return label.leads and any(_crosses(label.line, other.corners) for other in placed)


def _taken(x: float, y: float, name: str) -> Corners:
    return x, y - SIZE * 0.85, x + text_width(name, SIZE), y + SIZE * 0.25


def _meet(a: Corners, b: Corners) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _on(box: Corners, bubble: Bubble) -> bool:
    x, y = min(max(bubble.x, box[0]), box[2]), min(max(bubble.y, box[1]), box[3])
    return hypot(x - bubble.x, y - bubble.y) < bubble.radius + 1


def _crosses(line: tuple[float, float, float, float], box: Corners) -> bool:
    """Whether a line leads through a box, looked at every few pixels."""
    steps = 1 + int(hypot(line[2] - line[0], line[3] - line[1]) / 3)
    for step in range(steps + 1):
        x = line[0] + (line[2] - line[0]) * step / steps
        y = line[1] + (line[3] - line[1]) * step / steps
        if box[0] < x < box[2] and box[1] < y < box[3]:
            return True
    return False
