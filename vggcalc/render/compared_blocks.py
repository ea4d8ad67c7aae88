"""Networks side by side, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, zip_longest
from math import prod

from vggcalc.analysis.compare import Extent, Map
from vggcalc.analysis.report import Report
from vggcalc.figures import Depth, Fold, as_counted
from vggcalc.render.layers import lines_of
from vggcalc.render.sheet import Column, Sheet


def blocks_sheet(reports: Sequence[Report], depth: Depth) -> Sheet:
    """One column a network, a line for each block, aligned by the map that comes out of it, in falling order."""
    found = [_by_extent(report, depth) for report in reports]
    extents = sorted({extent for own in found for extent in own}, key=lambda extent: (-prod(extent[0]), extent[1]))
    rows = []
    for extent in extents:
        lines = zip_longest(*(own.get(extent, ()) for own in found), fillvalue="")
        rows += [["" if number else "x".join(map(str, extent[0])), *cells] for number, cells in enumerate(lines)]
    columns = [Column("map", "map", right=False, keep=0, style="dim")]
    columns += [Column(report.model, report.model, right=False, keep=0) for report in reports]
    return Sheet(columns, rows, title="Blocks by the map that they give", is_chosen=True)


def _by_extent(report: Report, depth: Depth) -> dict[Extent, list[str]]:
    """The blocks of a network by the map that they give, and how often it came back to that before."""
    lines, _ = lines_of(as_counted(report), depth, lambda place: not report.rows[place].is_elementwise)
    visits: Counter[Map] = Counter()
    found = {}
    for spatial, together in groupby(lines, key=lambda line: line.last.output.spatial):
        found[spatial, visits[spatial]] = [_text(line) for line in together if line.last.inputs]
        visits[spatial] += 1
    return found


def _text(line: Fold) -> str:
    """A layer as papers write it; a block by its name, with its output's channels and how often it stands there."""
    if line.is_layer:
        return line.what
    return f"{line.name}, {line.last.output.channels} channels" + (f", x {line.times}" if line.times > 1 else "")
