"""A network as the classic picture of a CNN: maps as boxes in perspective, their side and their channels to scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.series_parallel import Parallel, Series, leaves, series_parallel
from vggcalc.drawing.canvas import INK, MARGIN, ROLES, SOFT, Canvas, text_width
from vggcalc.drawing.limits import check_parts
from vggcalc.figures import type_text
from vggcalc.record import Record
from vggcalc.shape import Shape

TALLEST, LEAST = 150.0, 7.0
"""The side of the largest map, and what the smallest is drawn as at least."""
WIDEST, THINNEST = 64.0, 3.0
"""The width of the most channels, and of few."""
SLANT = 0.35
"""How far the side that leads away goes to the right, and up, for each unit of its length."""
GAP = 26
TOP = 62
_NO_VOLUME = ("norm", "activation", "idle", "move")
MODULE_MAPS = 2
"""What parts and meets again is one module where it works on no more maps than this; a U-Net's arms are none."""


class Volume(Record):
    """A map, and the layer that gives it, or the last of so many equal ones; the boxes that it reads besides."""

    row: Row
    times: int = 1
    skips: tuple[int, ...] = ()

    @property
    def shape(self) -> Shape:
        """The map."""
        return self.row.output


def volumes(report: Report) -> list[Volume]:
    """The maps along a network's spine: of branches that meet again on one map their sum, of equal neighbours one.

    >>> from vggcalc import load
    >>> [(str(each.shape), each.times) for each in volumes(load("vgg16").analyse())][:4]
    [('224x224x3', 1), ('224x224x64', 2), ('112x112x64', 1), ('112x112x128', 2)]
    """
    found: list[Volume] = []
    at: dict[int, int] = {}
    for place, met in _spine(report, series_parallel(report.network)):
        row = report.rows[place]
        if row.inputs and (row.is_elementwise or row.role in _NO_VOLUME or not row.works):
            at[place] = len(found) - 1
            continue
        last = found[-1] if found else None
        if last is not None and not met and last.row.inputs and _alike(last.row, row):
            found[-1] = last._replace(row=row, times=last.times + 1)
        else:
            skips = tuple(dict.fromkeys(at[source] for source in met if source in at and at[source] < len(found) - 1))
            found.append(Volume(row, 1, skips))
        at[place] = len(found) - 1
    return found


def volumes_picture(report: Report) -> str:
    """The picture as SVG."""
    found = volumes(report)
    check_parts(report, len(found), "maps")
    sides = max((max(each.shape.spatial, default=1) for each in found), default=1)
    channels = max((each.shape.channels for each in found if max(each.shape.spatial, default=1) > 1), default=1)
    canvas = Canvas()
    canvas.text(MARGIN, 26, report.network.title or report.model, 16, bold=True)
    canvas.text(MARGIN, 44, f"{report.model}: its maps, sides and channels as their square roots", 12, SOFT)
    floor = TOP + TALLEST * (1 + SLANT) + 10
    x = float(MARGIN)
    ends: list[tuple[float, float]] = []
    for volume in found:
        width, height, deep = _measures(volume.shape, sides, channels)
        label = _labels(volume)
        room = max(width + deep * SLANT, *(text_width(line, 10) for line in label))
        left = x + (room - width - deep * SLANT) / 2
        top = floor - TALLEST / 2 - height / 2
        with canvas.group("\n".join((volume.row.name, *label))):
            _solid(
                canvas, left, top, width, height, deep * SLANT, ROLES[volume.row.role if volume.row.inputs else "input"]
            )
        for number, line in enumerate(label):
            canvas.text(x + room / 2, floor + 18 + 13 * number, line, 10, SOFT if number else INK, "middle", not number)
        ends.append((left + (width + deep * SLANT) / 2, top - deep * SLANT))
        x += room + GAP
    _skips(canvas, found, ends)
    return canvas.svg(f"{report.model}: volumes")


def _spine(report: Report, series: Series) -> Iterator[tuple[int, Sequence[int]]]:
    """The layers that stand for the whole, and of each that ends a longer detour what reads past it."""
    past: list[int] = []
    before: int | Parallel | None = None
    for item in series:
        if not isinstance(item, Parallel):
            yield item, past
            past = []
        elif _maps(report, item) > MODULE_MAPS:
            longest = max(item.branches, key=lambda branch: sum(1 for _ in leaves(branch)))
            others = [branch for branch in item.branches if branch is not longest]
            past = [before for branch in others if isinstance(before, int)]
            yield from _spine(report, longest)
        before = item


def _maps(report: Report, parallel: Parallel) -> int:
    """On how many maps the branches work; what they gate is none, as in squeeze and excitation."""
    spatial = {report.rows[place].output.spatial for place in leaves((parallel,))}
    return len([each for each in spatial if max(each, default=1) > 1])


def _alike(a: Row, b: Row) -> bool:
    return a.output == b.output and a.role == b.role and _window(a) == _window(b)


def _window(row: Row) -> object:
    return row.layer.fields.get("kernel_size")


def _labels(volume: Volume) -> list[str]:
    """What made the map, how often, and its shape."""
    row = volume.row
    what = type_text(row) if row.inputs else row.name
    return [f"{what} x {volume.times}" if volume.times > 1 else what, str(volume.shape)]


def _measures(shape: Shape, sides: int, channels: int) -> tuple[float, float, float]:
    """Width, height and depth: of channels, height and width of the map; a vector stands upright."""
    *_, height, width = (1, 1, *shape.spatial)
    if max(shape.spatial, default=1) == 1:
        return THINNEST + 4, max(14.0, min(TALLEST, 2.2 * sqrt(shape.channels))), THINNEST
    thick = max(THINNEST, WIDEST * sqrt(shape.channels / channels))
    high, deep = (max(LEAST, TALLEST * sqrt(size / sides)) for size in (height, width))
    return thick, high, deep


def _solid(canvas: Canvas, x: float, y: float, width: float, height: float, away: float, colour: str) -> None:
    """A box: its front, its top and its right side."""
    edge = f'fill="{colour}" stroke="{INK}" stroke-width="0.8" stroke-linejoin="round"'
    corner = (x + width, y)
    canvas.polygon([(x, y), (x + away, y - away), (x + width + away, y - away), corner], edge + ' fill-opacity="0.6"')
    right = [corner, (x + width + away, y - away), (x + width + away, y - away + height), (x + width, y + height)]
    canvas.polygon(right, edge + ' fill-opacity="0.8"')
    canvas.rect(x, y, width, height, edge)


def _skips(canvas: Canvas, found: Sequence[Volume], ends: Sequence[tuple[float, float]]) -> None:
    """What leads past other maps, from above one to above the other."""
    for number, volume in enumerate(found):
        for source in volume.skips:
            (x1, y1), (x2, y2) = ends[source], ends[number]
            over = min(y for _, y in ends[source : number + 1]) - 6
            canvas.path([(x1, y1), (x1, over), (x2, over), (x2, y2 - 2)], f'stroke="{SOFT}" stroke-dasharray="5 3"')
