"""Which pixels one unit sees, and which units see one pixel: every path followed, in sets, clipped at each border.

The recurrences of `field` tell what a unit would see on an endless map. Near a border the maps between end too, and a
tap that falls into the padding sees nothing, however far the field of the unit that is not there would reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import prod

from vggcalc import bounds
from vggcalc.analysis.axes import over_map, unit_on
from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.strands import Chosen, channels_reached, channels_read, tells_channels_apart
from vggcalc.errors import Problem, UsageError
from vggcalc.layers import View, Window
from vggcalc.record import Record
from vggcalc.shape import Shape

Product = tuple[frozenset[int], ...]
"""Along each axis the places that take part; each of one goes with each of another."""

Places = tuple[Product, ...]
"""What several paths see together: the union of their products."""

ByChannels = dict[Chosen, Places]
"""What is seen through some channels of a layer, or through all of them."""

_ANY = frozenset({0})
"""Where all units see the same, any stands for them."""

MOST_PRODUCTS = 64
"""More paths of different shape than these are drawn together into the product that holds them all."""


class Box(Record):
    """Per axis the first and the last pixel: of the field as it is (`first`, `last`) and of what is seen of the image.

    `seen` is None when all of the field lies in the padding.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    seen: tuple[tuple[int, ...], tuple[int, ...]] | None

    @property
    def pixels(self) -> int:
        """The pixels of the field, padding included."""
        return _area(self.first, self.last)

    @property
    def padding_pixels(self) -> int:
        """How many of them lie outside the image, or are cut off by a border of a map between."""
        return self.pixels - (_area(*self.seen) if self.seen else 0)


def seen_by(report: Report, row: Row, unit: Sequence[int]) -> dict[str, Box]:
    """For each input, the box of pixels that this unit of a layer sees.

    Raises: UsageError when the layer has no such unit.
    """
    check_traced(row)
    _check_place("unit", row.name, unit, row.output)
    fields_of = row.fields
    followed = _Followed()
    index = report.network.find(row.name)
    needed: dict[int, ByChannels] = {index: {None: (tuple(frozenset({at}) for at in unit),)}}
    for place in range(index, len(report.network.input_shapes) - 1, -1):
        for chosen, places in needed.get(place, {}).items():
            for _, source, shape, axes, channels in _edges(report, place, chosen):
                for part in places:
                    taps = tuple(followed.taps(view, part, n) for view, n in zip(axes, shape.spatial, strict=True))
                    if all(taps) and channels != frozenset():
                        _join(needed.setdefault(source, {}), channels, taps)
    boxes = {}
    for place, name in enumerate(report.network.input_names):
        if name in fields_of:
            fields = fields_of[name]
            pixels = [frozenset[int]().union(*axis) for axis in zip(*_all(needed.get(place, {})), strict=True)]
            seen = (tuple(map(min, pixels)), tuple(map(max, pixels))) if place in needed else None
            ends = list(zip(fields, unit_on(fields, unit), strict=True))
            boxes[name] = Box(tuple(f.low(u) for f, u in ends), tuple(f.high(u) for f, u in ends), seen)
    return boxes


def check_traced(row: Row) -> None:
    """Raises UsageError for a layer of which nobody knows what it sees."""
    if not row.is_traced:
        hint = "ask for a layer above"
        raise UsageError(Problem(f"nobody knows what {row.name} sees", hint, row.node.mark, code="unknown-work"))


def seeing(report: Report, input_name: str, pixel: Sequence[int]) -> list[Places]:
    """For every layer, the units that see this pixel of an input; none, when no path leads there.

    Raises: UsageError when the input has no such pixel.
    """
    start = report.network.find(input_name)
    _check_place("pixel", input_name, pixel, report.rows[start].output)
    reached: list[ByChannels] = [{} for _ in report.rows]
    reached[start] = {None: (tuple(frozenset({at}) for at in pixel),)}
    apart = tells_channels_apart(report.network)
    followed = _Followed()
    for place in range(len(report.network.input_shapes), len(report.rows)):
        here = report.rows[place]
        for number, source, _, axes, _ in _edges(report, place, None):
            for chosen, places in reached[source].items():
                channels = channels_reached(here.answers, number, chosen) if apart else None
                for part in places if channels != frozenset() else ():
                    units = followed.watching(axes, part, here.output.spatial)
                    if all(units):
                        _join(reached[place], channels, units)
    return [_all(found) for found in reached]


def how_many(places: Places) -> int:
    """The places that a union of products holds, each counted once."""
    if len(places) == 1:
        return prod(map(len, places[0]))
    _Followed().spend(sum(prod(map(len, axes)) for axes in places))
    return len(set().union(*(product(*axes) for axes in places)))


def _edges(report: Report, place: int, chosen: Chosen) -> list[tuple[int, int, Shape, Sequence[View], Chosen]]:
    """What some channels of a layer see: of which input, its place and shape, how on each axis, and which channels."""
    row = report.rows[place]
    channels = channels_read(row.answers, chosen)
    numbers = range(len(row.inputs))
    edges: list[tuple[int, int, Shape, Sequence[View], Chosen]] = [
        *zip(numbers, row.inputs, row.input_shapes, row.views, channels, strict=False)
    ]
    if report.rows.gradient and row.layer.over_map:
        whole = over_map(row.answers)
        edges += [(number, source, shape, whole, read) for number, source, shape, _, read in edges]
    return edges


def _join(found: ByChannels, channels: Chosen, places: Product) -> None:
    """Add what is seen through some channels; of very many choices of channels all are taken as one."""
    found[channels] = _joined(found.get(channels, ()), places)
    if len(found) > MOST_PRODUCTS:
        whole = _all(found)
        found.clear()
        found[None] = whole


def _all(found: ByChannels) -> Places:
    """What is seen through any channels."""
    places: Places = ()
    for each in found.values():
        for part in each:
            places = _joined(places, part)
    return places


class _Followed:
    """Places that are followed through maps, up to a bound."""

    def __init__(self) -> None:
        self._left = bounds.PLACES

    def spend(self, places: int) -> None:
        """Follow so many more; raises UsageError where that is too many."""
        self._left -= places
        if self._left < 0:
            reason = f"more than {bounds.PLACES:,} places of maps are to be followed"
            raise UsageError(Problem(reason, "ask about a smaller part of the network", code="out-of-bounds"))

    def taps(self, view: View, part: Product, size: int) -> frozenset[int]:
        """The places of a map that some units see."""
        axis, window = view
        units = _ANY if axis is None else part[axis]
        self.spend(len(units) * window.size)
        return frozenset(tap for unit in units for tap in window.taps(unit) if 0 <= tap < size)

    def watching(self, axes: Sequence[View], part: Product, spatial: tuple[int, ...]) -> Product:
        """The units that look at some of these places; along an axis that continues none, all of them do."""
        continued = {out: (window, pixels) for (out, window), pixels in zip(axes, part, strict=True)}
        found = []
        for axis, units in enumerate(spatial):
            near = _near(*continued[axis], units) if axis in continued else range(units)
            self.spend(len(near))
            found.append(_watchers(*continued[axis], near) if axis in continued else frozenset(near))
        return tuple(found)


def _near(window: Window, pixels: frozenset[int], units: int) -> range:
    """Of so many units those among which all stand that see one of these pixels."""
    if not window.step:
        return range(units)
    first = (min(pixels) * window.parts - window.high) // window.step
    last = -((window.low - max(pixels) * window.parts) // window.step)
    return range(max(0, first), min(units, last + 1))


def _watchers(window: Window, pixels: frozenset[int], near: range) -> frozenset[int]:
    return frozenset(unit for unit in near if not window.step or not pixels.isdisjoint(window.taps(unit)))


def _joined(places: Places, more: Product) -> Places:
    """The union with one more product; what lies within another is left out."""
    if any(_within(more, one) for one in places):
        return places
    kept = (*(one for one in places if not _within(one, more)), more)
    if len(kept) <= MOST_PRODUCTS:
        return kept
    return (tuple(frozenset[int]().union(*axis) for axis in zip(*kept, strict=True)),)


def _within(one: Product, other: Product) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def _area(first: tuple[int, ...], last: tuple[int, ...]) -> int:
    return prod(high - low + 1 for low, high in zip(first, last, strict=True))


def _check_place(what: str, name: str, place: Sequence[int], shape: Shape) -> None:
    if len(place) != len(shape.spatial) or not all(0 <= at < n for at, n in zip(place, shape.spatial, strict=True)):
        said = ",".join(map(str, place))
        ends = ",".join(str(n - 1) for n in shape.spatial)
        zeros = ",".join("0" for _ in shape.spatial)
        raise UsageError(
            Problem(
                f"{name} has no {what} {said}", f"they go from {zeros} to {ends}, height first", code="out-of-bounds"
            )
        )
