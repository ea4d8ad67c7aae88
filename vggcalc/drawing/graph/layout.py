"""Where the boxes of a graph stand: one below the other, branches side by side, skips in lanes beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from vggcalc.analysis.series_parallel import Parallel, Series, in_order, leaves
from vggcalc.record import Record

GAP = 22
"""Between a box and the next one."""
COLUMN_GAP = 26
LANE = 16
"""Between a column and the line of a skip beside it."""
PAD = 8
"""Between a frame and what it holds; its label needs more."""
LABEL = 15
BEND = 9
"""How far from a box a line turns."""

Point = tuple[float, float]


class Placed(Record):
    """A box by its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where lines enter and leave it."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


class Route(Record):
    """The line from a box to one that reads it."""

    source: int
    target: int
    points: tuple[Point, ...]


class Frame(Record):
    """What surrounds the boxes of a block."""

    block: str
    placed: Placed


class Layout(Record):
    """Boxes, lines and frames, all inside of a width and a height."""

    boxes: tuple[Placed, ...]
    routes: tuple[Route, ...]
    frames: tuple[Frame, ...]
    width: float
    height: float


def layout(
    sizes: Sequence[tuple[float, float]],
    reads: Sequence[Sequence[int]],
    outputs: Sequence[int],
    within: Sequence[Sequence[str]],
) -> Layout:
    """Boxes of these widths and heights, in an order in which each reads earlier ones.

    within: the blocks that each stands in, the outermost first.

    >>> found = layout([(40, 10)] * 3, [[], [0], [0, 1]], [2], [[]] * 3)
    >>> [(box.x, box.y) for box in found.boxes]
    [(0.0, 0.0), (0.0, 32.0), (0.0, 64.0)]
    >>> [len(route.points) for route in found.routes]
    [2, 6, 2]
    """
    return _Layout(sizes, reads, within).drawn(in_order(reads, outputs))


def framed(within: Sequence[Sequence[str]]) -> list[list[str]]:
    """For each box the blocks that have more than it, the outermost first: they get frames."""
    boxes = Counter(block for blocks in within for block in blocks)
    return [[block for block in blocks if boxes[block] > 1] for blocks in within]


class _Extent(Record):
    """How far a part reaches to the left and the right of its axis, and down."""

    left: float
    right: float
    height: float


class _Layout:
    def __init__(
        self, sizes: Sequence[tuple[float, float]], reads: Sequence[Sequence[int]], within: Sequence[Sequence[str]]
    ) -> None:
        self.sizes, self.reads = sizes, reads
        self.within = framed(within)
        self.members: dict[str, list[int]] = {}
        for place, blocks in enumerate(self.within):
            for block in blocks:
                self.members.setdefault(block, []).append(place)
        self.placed: dict[int, Placed] = {}
        self.lanes_from: dict[int, float] = {}
        self.lanes_to: dict[int, float] = {}
        self.late: set[tuple[int, int]] = set()
        self.early: set[tuple[int, int]] = set()
        self.extents: dict[int, _Extent] = {}

    def drawn(self, series: Series) -> Layout:
        extent = self._extent(series)
        self._put(series, 0.0, 0.0)
        routes = self._routes(extent.right)
        frames = self._frames()
        corners = [(box.x, box.y, box.x + box.width, box.bottom) for box in self.placed.values()]
        corners += [(f.placed.x, f.placed.y, f.placed.x + f.placed.width, f.placed.bottom) for f in frames]
        corners += [(x, y, x, y) for route in routes for x, y in route.points]
        lefts, tops, rights, bottoms = zip(*corners, strict=True)
        left, top = min(lefts), min(tops)

        def moved(box: Placed) -> Placed:
            return box._replace(x=box.x - left, y=box.y - top)

        return Layout(
            tuple(moved(self.placed[place]) for place in range(len(self.sizes))),
            tuple(r._replace(points=tuple((x - left, y - top) for x, y in r.points)) for r in routes),
            tuple(frame._replace(placed=moved(frame.placed)) for frame in frames),
            max(rights) - left,
            max(bottoms) - top,
        )

    # How much room a part needs

    def _extent(self, series: Series) -> _Extent:
        key = id(series)
        if key not in self.extents:
            parts = [self._item_extent(item) for item in series]
            height = sum(part.height for part in parts)
            height += sum(self._gap(above, below) for above, below in pairwise(series))
            self.extents[key] = _Extent(max(p.left for p in parts), max(p.right for p in parts), height)
        return self.extents[key]

    def _item_extent(self, item: int | Parallel) -> _Extent:
        if not isinstance(item, Parallel):
            width, height = self.sizes[item]
            return _Extent(width / 2, width / 2, height)
        columns = self._columns(item)
        lanes = sum(1 for branch in item.branches if not branch)
        ends = [(at - extent.left, at + extent.right) for _, at, extent in columns]
        right = max(end for _, end in ends) + (LANE * lanes + self._padding(item) if lanes else 0)
        return _Extent(-min(start for start, _ in ends), right, max(extent.height for _, _, extent in columns))

    def _columns(self, parallel: Parallel) -> list[tuple[Series, float, _Extent]]:
        """The branches that hold something: where the axis of each stands, from that of the whole, and its extent."""
        branches = [branch for branch in parallel.branches if branch]
        pads = [self._padding(branch) for branch in branches]
        extents = [
            extent._replace(left=extent.left + pad, right=extent.right + pad)
            for extent, pad in zip(map(self._extent, branches), pads, strict=True)
        ]
        if len(branches) < 3:  # the longer one goes straight on
            order = sorted(range(len(branches)), key=lambda number: -extents[number].height)
            at = 0.0
            found: list[tuple[Series, float, _Extent]] = []
            for number in order:
                at += extents[number].left if found else 0.0
                found.append((branches[number], at, extents[number]))
                at += extents[number].right + COLUMN_GAP
            return found
        at = -(sum(extent.left + extent.right for extent in extents) + COLUMN_GAP * (len(branches) - 1)) / 2
        found = []
        for branch, extent in zip(branches, extents, strict=True):
            found.append((branch, at + extent.left, extent))
            at += extent.left + extent.right + COLUMN_GAP
        return found

    def _padding(self, part: Series | Parallel) -> float:
        """What the frames inside of a part take on each side."""
        places = [*leaves(part if isinstance(part, tuple) and not isinstance(part, Parallel) else (part,))]
        own = set(places)
        inside = [sum(1 for block in self.within[place] if own.issuperset(self.members[block])) for place in places]
        return PAD * max(inside, default=0)

    def _gap(self, above: int | Parallel, below: int | Parallel) -> float:
        """The room between two parts, with that of the frames which end and begin there."""
        pairs = [(set(self.within[a]), set(self.within[b])) for a in _ends(above, -1) for b in _ends(below, 0)]
        closed = max((len(before - after) for before, after in pairs), default=0)
        opened = max((len(after - before) for before, after in pairs), default=0)
        return GAP + PAD * closed + (PAD + LABEL) * opened

    # Where it stands

    def _put(self, series: Series, axis: float, top: float) -> None:
        above: int | Parallel | None = None
        for item in series:
            top += 0 if above is None else self._gap(above, item)
            if isinstance(item, Parallel):
                self._put_branches(item, axis, top, above)
            else:
                width, height = self.sizes[item]
                self.placed[item] = Placed(axis - width / 2, top, width, height)
                if isinstance(above, Parallel) and () in above.branches:
                    self.lanes_to[item] = self._lane(above, axis)
            if above is not None:
                self._join(above, item)
            top += self._item_extent(item).height
            above = item

    def _put_branches(self, parallel: Parallel, axis: float, top: float, above: int | Parallel | None) -> None:
        for branch, at, _ in self._columns(parallel):
            self._put(branch, axis + at, top)
        if () in parallel.branches and above is not None and not isinstance(above, Parallel):
            self.lanes_from[above] = self._lane(parallel, axis)

    def _lane(self, parallel: Parallel, axis: float) -> float:
        return axis + self._item_extent(parallel).right

    def _join(self, above: int | Parallel, below: int | Parallel) -> None:
        """Lines that turn below the upper box, or above the lower one."""
        for source in _ends(above, -1):
            for target in _ends(below, 0):
                (self.late if isinstance(above, Parallel) else self.early).add((source, target))

    # Lines and frames

    def _routes(self, right: float) -> list[Route]:
        routes = []
        for target, sources in enumerate(self.reads):
            for source in sources:
                a, b = self.placed[source], self.placed[target]
                if (source, target) in self.early or (source, target) in self.late:
                    turn = a.bottom + BEND if (source, target) in self.early else b.y - BEND
                    points = _elbow(a, b, turn)
                else:
                    lane = self.lanes_from.get(source, self.lanes_to.get(target))
                    if lane is None:
                        right += LANE
                        lane = right
                    points = _around(a, b, lane)
                routes.append(Route(source, target, points))
        return routes

    def _frames(self) -> list[Frame]:
        """The blocks that hold nothing but their own, the innermost first: each holds the frames within it."""
        found: dict[str, Placed] = {}
        for block in sorted(self.members, key=lambda block: -self._depth(block)):
            own = set(self.members[block])
            inner = [at for name, at in found.items() if own.issuperset(self.members[name]) and name != block]
            held = [*(self.placed[place] for place in own), *inner]
            x, y = min(box.x for box in held) - PAD, min(box.y for box in held) - PAD - LABEL
            right, bottom = max(box.x + box.width for box in held) + PAD, max(box.bottom for box in held) + PAD
            frame = Placed(x, y, right - x, bottom - y)
            if not any(_meet(frame, box) for place, box in self.placed.items() if place not in own):
                found[block] = frame
        return [Frame(block, frame) for block, frame in reversed(found.items())]

    def _depth(self, block: str) -> int:
        return self.within[self.members[block][0]].index(block)


def _ends(item: int | Parallel, at: int) -> list[int]:
    """The boxes that begin a part (0), or end it (-1)."""
    if not isinstance(item, Parallel):
        return [item]
    return [end for branch in item.branches if branch for end in _ends(branch[at], at)]


def _elbow(a: Placed, b: Placed, turn: float) -> tuple[Point, ...]:
    if a.middle == b.middle:
        return (a.middle, a.bottom), (b.middle, b.y)
    return (a.middle, a.bottom), (a.middle, turn), (b.middle, turn), (b.middle, b.y)


def _around(a: Placed, b: Placed, lane: float) -> tuple[Point, ...]:
    """Beside all that stands between."""
    down, up = a.bottom + BEND, b.y - BEND
    return (a.middle, a.bottom), (a.middle, down), (lane, down), (lane, up), (b.middle, up), (b.middle, b.y)


def _meet(a: Placed, b: Placed) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.bottom and b.y < a.bottom
