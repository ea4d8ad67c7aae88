"""Several networks side by side: the paper's Table 1, stages aligned by the map that they work on."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from vggcalc.analysis.report import Report, Row


class Stage(NamedTuple):
    """What each network does on maps of one extent: for each report its rows, one after the other."""

    spatial: tuple[int, ...]
    rows: tuple[tuple[Row, ...], ...]


def stages(reports: Sequence[Report]) -> list[Stage]:
    """The networks' layers by the map that they work on, aligned.

    A layer works on the map of its output; one that lowers the resolution ends the stage of its input, as in the
    paper's table, where maxpool closes each group. As there, only what computes is listed: no batch normalisation, no
    sums. Stages with equal extents stand side by side, in order of falling
    extent.
    """
    split = [_split(report) for report in reports]
    extents = sorted({extent for stages in split for extent, _ in stages}, key=lambda key: (prod(key[0]), -key[1]))
    extents.reverse()
    found = [dict(stages) for stages in split]
    return [Stage(extent[0], tuple(tuple(stages.get(extent, ())) for stages in found)) for extent in extents]


def _split(report: Report) -> list[tuple[tuple[tuple[int, ...], int], list[Row]]]:
    """A network's rows by the extent that they work on; a map that comes back later (U-Net) is a stage of its own."""
    stages: list[tuple[tuple[tuple[int, ...], int], list[Row]]] = []
    turns: dict[tuple[int, ...], int] = {}
    for row in report.rows[len(report.network.input_shapes) :]:
        if row.is_elementwise or _goes_without_saying(row) or len(row.inputs) > 1:
            continue
        lowers = row.role == "pool"
        spatial = row.input_shapes[0].spatial if lowers else row.output.spatial
        if not stages or stages[-1][0][0] != spatial:
            turns[spatial] = turns.get(spatial, -1) + 1
            stages.append(((spatial, turns[spatial]), []))
        stages[-1][1].append(row)
    return stages


def _goes_without_saying(row: Row) -> bool:
    """Trained normalisation and slopes: papers name them in the text, not in each line of the table."""
    return row.layer.in_place or (row.role == "norm" and bool(row.tensors or row.shares))
