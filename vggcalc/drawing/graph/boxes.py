"""What is drawn of a network: boxes of a layer with its element-wise ones or of a block, and what reads what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vggcalc.analysis.report import Report, Row
from vggcalc.figures import FIGURES, Depth, Fold, as_counted, fitting, folded, unfolded, value_of
from vggcalc.paths import enclosing
from vggcalc.record import Record
from vggcalc.units import count, short

MOST_BOXES = 150
"""A network of more is drawn by its blocks, unless every layer is asked for."""

_SITTING = ("norm", "activation", "idle")
"""Roles of layers that sit in the box of the layer that they follow."""


class Box(Record):
    """A layer with the element-wise layers behind it, or blocks; `reads` are the places of boxes before it."""

    line: Fold
    followers: tuple[Row, ...]
    reads: tuple[int, ...]

    @property
    def places(self) -> Sequence[int]:
        """The places of its layers in the network."""
        return [*self.line.selection.places, *(row.index for row in self.followers)]

    @property
    def last(self) -> Row:
        """The layer whose output leaves it."""
        return self.followers[-1] if self.followers else self.line.last

    @property
    def role(self) -> str:
        """What its layer is for, `input` or `block`."""
        if not self.line.is_layer:
            return "block"
        return self.line.last.role if self.line.last.inputs else "input"

    @property
    def within(self) -> list[str]:
        """The blocks that it stands in, the outermost first; a block does not stand in itself."""
        return [*enclosing(self.line.selection.names[0])]


class Boxes(Record):
    """All boxes, in the network's order; `outputs` are the places of those that somebody outside reads."""

    report: Report
    all: tuple[Box, ...]
    outputs: tuple[int, ...]
    depth: int | None

    def edges(self) -> Iterator[tuple[int, int]]:
        """From which box to which."""
        return ((source, place) for place, box in enumerate(self.all) for source in box.reads)


def boxes(report: Report, depth: int | None) -> Boxes:
    """The boxes of a network, blocks of this depth in one each; None for every layer.

    >>> from vggcalc import load
    >>> [box.line.what for box in boxes(load("lenet5").analyse(), None).all][:3]
    ['input', 'conv5-6', 'subsample']
    """
    of = as_counted(report)
    lines = [unfolded(of, place) for place in of.places] if depth is None else folded(of, depth)
    lines = [line for each in lines for line in ([each] if _is_convex(each) else _layers(each))]
    readers = report.network.readers()
    outputs = set(report.network.outputs)
    grouped: list[tuple[Fold, list[Row]]] = []
    box_of: dict[int, int] = {}
    for line in sorted(lines, key=lambda line: line.selection.places[-1]):
        row = line.last
        box = box_of.get(row.inputs[0]) if line.is_layer and len(row.inputs) == 1 else None
        if box is not None and row.role in _SITTING and _ends(grouped[box], row.inputs[0], readers, outputs):
            grouped[box][1].append(row)
        else:
            box = len(grouped)
            grouped.append((line, []))
        box_of |= dict.fromkeys(line.selection.places, box)
    found = []
    for place, (line, followers) in enumerate(grouped):
        sources = (box_of[source] for row in line.selection.rows for source in row.inputs)
        reads = tuple(dict.fromkeys(source for source in sources if source != place))
        found.append(Box(line, tuple(followers), reads))
    return Boxes(report, tuple(found), tuple(dict.fromkeys(box_of[end] for end in report.network.outputs)), depth)


def depth_of(report: Report, asked: Depth) -> int | None:
    """How deep blocks are drawn; `auto`: as deep as `MOST_BOXES` allows, and None where that is every layer."""
    if asked != "auto":
        return asked
    if len(boxes(report, None).all) <= MOST_BOXES:
        return None
    return fitting(as_counted(report), MOST_BOXES, lambda at: len(boxes(report, at).all))


def summary(box: Box) -> str:
    """Parameters and multiply-accumulates in short, where there are any."""
    params, macs = (value_of(FIGURES[key], box.line.selection) for key in ("params", "macs"))
    said = [f"{short(params)} params" if isinstance(params, int) and params else ""]
    said.append(f"{short(macs)} MACs" if isinstance(macs, int) and macs else "")
    return ", ".join(filter(None, said))


def details(box: Box) -> str:
    """What a reader who points at it is told: name, shapes, parameters and multiply-accumulates with arithmetic."""
    first = box.line.selection.rows[0]
    shapes = " + ".join(map(str, first.input_shapes))
    lines = [f"{box.line.name}: {box.line.what}", f"{shapes} -> {box.last.output}" if shapes else str(box.last.output)]
    lines += [line for key in ("params", "macs") if (line := _figure(box, key))]
    lines += [f"{row.name}: {row.kind}" for row in box.followers]
    return "\n".join(lines)


def _figure(box: Box, key: str) -> str:
    """A figure with its arithmetic, if there is anything of it."""
    figure, selection = FIGURES[key], box.line.selection
    value = value_of(figure, selection)
    if value is None:
        return f"{figure.heading}: unknown"
    if not isinstance(value, int) or not value:
        return ""
    terms = " + ".join(figure.terms(box.line.last, selection.report)) if box.line.is_layer and figure.terms else ""
    return f"{figure.heading}: {f'{terms} = ' * bool(terms)}{count(value)}"


def _layers(line: Fold) -> list[Fold]:
    whole = line.selection.whole()
    return [unfolded(whole, place) for place in line.selection.places]


def _is_convex(line: Fold) -> bool:
    """Whether no path leaves the block and comes back: only then it can be one box."""
    inside = set(line.selection.places)
    if len(inside) == 1:
        return True
    rows = line.selection.report.rows
    outside: set[int] = set()  # what reads the block without being of it
    for place in range(min(inside), max(inside) + 1):
        reads = rows[place].inputs
        if place in inside:
            if not outside.isdisjoint(reads):
                return False
        elif any(source in inside or source in outside for source in reads):
            outside.add(place)
    return True


def _ends(box: tuple[Fold, list[Row]], source: int, readers: Sequence[Sequence[int]], outputs: set[int]) -> bool:
    """Whether a box ends in this layer, which nobody else reads, and is that of one layer, and no input."""
    line, followers = box
    end = followers[-1].index if followers else line.last.index
    return (
        end == source
        and line.is_layer
        and bool(line.last.inputs)
        and len(readers[source]) == 1
        and source not in outputs
    )
