"""What a figure is read off: one layer of a report, some layers or blocks of it, or all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING

from vggcalc.paths import enclosing
from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.analysis.report import Report, Row
    from vggcalc.conventions.convention import Count


class Selection(Record):
    """Layers of a report, by their places in it; `last` is the one whose output counts, where there is one.

    names: of the layers and blocks, as they were asked for; none for the whole network. conventions: who counts
    `operations` and `memory`, where that is asked for; and the protocols of `accuracy`, with commas between them.
    counts: those of the report that were made so far. input: the one on which a receptive field is meant, where a
    network has several.
    """

    report: Report
    places: Sequence[int]
    last: Row | None
    is_whole: bool
    counts: dict[str, Count]
    conventions: Mapping[str, str] = {}
    names: Sequence[str] = ()
    input: str = ""

    @property
    def rows(self) -> Sequence[Row]:
        """The layers."""
        rows = self.report.rows
        return rows if self.is_whole else [rows[place] for place in self.places]

    def whole(self) -> Selection:
        """All layers of the report, counted alike."""
        return whole(self.report, self.counts, self.conventions)


def whole(report: Report, counts: dict[str, Count] | None = None, conventions: Mapping[str, str] = {}) -> Selection:
    """All layers of a network.

    >>> from vggcalc import load
    >>> len(whole(load("lenet5").analyse()).rows)
    12
    """
    outputs = report.network.outputs
    last = report.rows[outputs[0]] if len(outputs) == 1 else None
    return Selection(report, range(len(report.rows)), last, True, {} if counts is None else counts, conventions)


def layer(of: Selection, place: int) -> Selection:
    """One layer, by its place in the report."""
    row = of.report.rows[place]
    return Selection(of.report, (place,), row, False, of.counts, of.conventions, (row.name,))


def select(of: Selection, names: Sequence[str], places: Mapping[str, int] | None = None) -> Selection:
    """Some layers or blocks of a network, each layer once.

    A block is all layers whose names begin with its own. places: those of the layers by name, for who asks often.

    Raises: UsageError for a name that is none.

    >>> from vggcalc import load
    >>> [row.name for row in select(whole(load("resnet18").analyse()), ["layer1.0"]).rows][:3]
    ['layer1.0.conv1', 'layer1.0.bn1', 'layer1.0.relu1']
    """
    report = of.report
    if places is None:
        places = {row.name: place for place, row in enumerate(report.rows)}
    found: dict[int, None] = {}
    last = -1
    blocks = _inside(report, {name for name in names if name not in places})
    if any(not inside for inside in blocks.values()):
        names = [report.network.meant(name) if blocks.get(name) == [] else name for name in names]
        blocks = _inside(report, {name for name in names if name not in places})
    for name in names:
        inside = [places[name]] if name in places else blocks[name]
        found |= dict.fromkeys(inside)
        last = report.network.blocks.get(name, inside[-1])
    row = report.rows[last] if found else None
    return of._replace(places=tuple(found), last=row, is_whole=False, names=tuple(names))


def _inside(report: Report, blocks: Set[str]) -> dict[str, list[int]]:
    """The places of the layers of each block."""
    found: dict[str, list[int]] = {name: [] for name in blocks}
    for place, row in enumerate(report.rows) if blocks else ():
        for block in enclosing(row.name):
            if block in found:
                found[block].append(place)
    return found
