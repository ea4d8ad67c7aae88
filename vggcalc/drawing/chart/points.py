"""What a chart shows: three figures of each network, and which networks no other one beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.figures import FIGURES, Figure, Selection
from vggcalc.language.index import entries
from vggcalc.question import split_model
from vggcalc.record import Record


class Point(Record):
    """A network: its name, its family, if it is a bundled one, and its figures, exact."""

    model: str
    family: str
    x: Any
    y: Any
    area: Any
    on_front: bool = False
    """No other network is at least as good in both figures, and better in one."""


class Chart(Record):
    """The points of a chart, which figures they are, and what is said of them: how they were measured."""

    points: tuple[Point, ...]
    x: Figure
    y: Figure
    area: Figure
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it shows."""
        return f"{self.y.heading} against {self.x.heading}"

    @property
    def front(self) -> list[Point]:
        """The networks that no other one beats, from left to right."""
        return sorted((point for point in self.points if point.on_front), key=lambda point: point.x)

    @property
    def families(self) -> dict[str, list[Point]]:
        """Of each family with several networks these, from left to right."""
        found: dict[str, list[Point]] = {}
        for point in sorted(self.points, key=lambda point: (point.x, point.y)):
            if point.family:
                found.setdefault(point.family, []).append(point)
        return {name: own for name, own in found.items() if len(own) > 1}


def on_axis(key: str) -> Figure:
    """The figure of an axis.

    Raises: UsageError for what is none, and for shapes.
    """
    if key not in FIGURES:
        raise UsageError(Problem(f"there is no figure '{key}'", did_you_mean(key, FIGURES), code="unknown-figure"))
    if FIGURES[key].unit == "shape":
        raise UsageError(Problem(f"{key} is a shape, no number", "take one that is, as size", code="unknown-figure"))
    return FIGURES[key]


def chart(networks: Sequence[Selection], axes: Sequence[Figure], notes: Sequence[str] = ()) -> tuple[Chart, list[str]]:
    """The chart of some networks, and of each that lacks a figure why it is left out.

    axes: what stands across, what up, and what is the area.

    Raises: UsageError where someone must be named who counts, and where no network is left.
    """
    for figure in axes:
        if figure.counted and any(figure.counted not in of.conventions for of in networks):
            hint = f"say who counts {figure.counted}"
            raise UsageError(Problem(f"{figure.key} without a convention", hint, code="no-convention"))
    families = {name.lower(): entry.family_title for entry in entries() for name in entry.names}
    points: dict[str, Point] = {}
    left_out: list[str] = []
    for of in networks:
        model = of.report.model
        values = [_number(figure, of) for figure in axes]
        lacking = [figure.heading for figure, value in zip(axes, values, strict=True) if value is None]
        if lacking:
            left_out.append(f"{model} has no {' and no '.join(dict.fromkeys(lacking))}, and is left out")
        else:
            points[model] = Point(model, families.get(split_model(model)[0].lower(), ""), *values)
    if not points:
        raise UsageError(
            [Problem("no network is left to draw", problem, code="unknown-figure") for problem in left_out]
        )
    all_points = list(points.values())
    marked = (point._replace(on_front=not any(_beats(b, point, axes) for b in all_points)) for point in all_points)
    return Chart(tuple(marked), axes[0], axes[1], axes[2], tuple(notes)), left_out


def is_gain(figure: Figure) -> bool:
    """Whether more of it is better: of accuracies; all else is a cost or an error."""
    return figure.measured and not figure.key.endswith("_error")


def _number(figure: Figure, of: Selection) -> Any:
    """A number that can be placed; of axes that are alike, that of one of them."""
    value = figure.value(of)
    if isinstance(value, tuple) and len(set(value)) == 1:
        return value[0]
    return None if isinstance(value, tuple | dict) else value


def _beats(a: Point, b: Point, axes: Sequence[Figure]) -> bool:
    pairs = [(a.x, b.x), (a.y, b.y)]
    gains = [own - other if is_gain(axis) else other - own for (own, other), axis in zip(pairs, axes[:2], strict=True)]
    return all(gain >= 0 for gain in gains) and any(gain > 0 for gain in gains)
