"""Several networks side by side: the paper's Table 1, stages aligned by the map that they work on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import prod

from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.series_parallel import Parallel, Series, leaves, series_parallel
from vggcalc.record import Record


class Branch(Record):
    """One of several paths that part and meet again: its number among them, its layers and branches of its own."""

    number: int
    steps: tuple[Row | tuple[Branch, ...], ...]


Line = Row | Branch


class Stage(Record):
    """What each network does on maps of one extent: for each report its lines, and the pooling that ends the stage."""

    spatial: tuple[int, ...]
    lines: tuple[tuple[Line, ...], ...]
    pools: tuple[Row | None, ...]


MOST_MAPS = 2
"""A module works on one map, or on two where it strides; what parts for longer, as a U-Net's arms, is no module."""

Map = tuple[int, ...]
"""The extent of a map along each axis."""

Extent = tuple[Map, int]
"""A map, and how often the network came back to it before."""


def stages(reports: Sequence[Report]) -> list[Stage]:
    """The networks' layers by the map that they work on, aligned.

    A layer works on the map of its output; a pooling, which lowers the resolution, on that of its input, as in the
    paper's table, where maxpool closes each group. What gates a map, as squeeze and excitation does, works on the map
    that it gates, whatever its own is. As in the paper, only what computes is listed: no batch normalisation, no sums.
    Stages with equal extents stand side by side, in order of falling extent.
    """
    found = [dict(_split(report)) for report in reports]
    extents = sorted({extent for own in found for extent in own}, key=lambda key: (-prod(key[0]), key[1]))
    return [_stage(extent, [own.get(extent, []) for own in found]) for extent in extents]


def _stage(extent: Extent, lines: Sequence[Sequence[Line]]) -> Stage:
    pools = [own[-1] if own else None for own in lines]
    ends = [pool if isinstance(pool, Row) and pool.role == "pool" else None for pool in pools]
    return Stage(
        extent[0],
        tuple(tuple(own[:-1] if end else own) for own, end in zip(lines, ends, strict=True)),
        tuple(ends),
    )


def _split(report: Report) -> list[tuple[Extent, list[Line]]]:
    """A network's lines by the extent that they work on; a map that comes back later (U-Net) is a stage of its own."""
    stages: list[tuple[Extent, list[Line]]] = []
    turns = Counter[Map]()
    maps = _maps(report)
    for line, spatial in _lines(report, series_parallel(report.network), maps):
        if not stages or stages[-1][0][0] != spatial:
            turns[spatial] += 1
            stages.append(((spatial, turns[spatial]), []))
        stages[-1][1].append(line)
    return stages


def _maps(report: Report) -> list[Map]:
    """The map that each layer works on."""
    rows = report.rows
    gated: dict[int, Map] = {}
    for place in reversed(range(len(rows))):
        row = rows[place]
        for source in row.inputs:
            own = rows[source].output.spatial
            if place in gated and own == row.output.spatial:
                gated.setdefault(source, gated[place])
            elif row.role == "merge" and own != row.output.spatial:
                gated.setdefault(source, row.output.spatial)
    return [
        row.input_shapes[0].spatial if row.role == "pool" else gated.get(place, row.output.spatial)
        for place, row in enumerate(rows)
    ]


def _lines(report: Report, series: Series, maps: Sequence[Map]) -> Iterator[tuple[Line, Map]]:
    """What is listed of a series, each with its map; the branches of a module stand one below the other."""
    for item in series:
        if not isinstance(item, Parallel):
            if _is_listed(report, item):
                yield report.rows[item], maps[item]
        elif (
            len(module := _module(report, item)) > 1 and len(extents := {maps[place] for place in leaves((item,))}) <= 2
        ):
            for branch in module:
                yield branch, min(extents, key=prod)
        else:
            for inner in item.branches:
                yield from _lines(report, inner, maps)


def _module(report: Report, item: Parallel) -> tuple[Branch, ...]:
    """The branches that hold layers."""
    steps = (tuple(_steps(report, branch)) for branch in item.branches)
    return tuple(Branch(number, own) for number, own in enumerate(filter(None, steps), 1))


def _steps(report: Report, series: Series) -> Iterator[Row | tuple[Branch, ...]]:
    for item in series:
        if not isinstance(item, Parallel):
            if _is_listed(report, item):
                yield report.rows[item]
        elif len(module := _module(report, item)) > 1:
            yield module
        else:
            yield from (step for branch in module for step in branch.steps)


def _is_listed(report: Report, place: int) -> bool:
    """Whether a table names a layer: it works, and is no normalisation or slope, which papers name in the text."""
    row = report.rows[place]
    if not (row.inputs and row.works) or row.is_elementwise or row.layer.in_place or len(row.inputs) > 1:
        return False
    return not (row.role == "norm" and (row.tensors or row.shares))
