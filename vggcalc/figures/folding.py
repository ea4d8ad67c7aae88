"""A network's layers by the blocks that their names say: a block in one line, and equal neighbours in one together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

from vggcalc.figures.selection import Selection, layer
from vggcalc.layers import notation
from vggcalc.paths import enclosing
from vggcalc.record import Record
from vggcalc.units import count

if TYPE_CHECKING:
    from vggcalc.analysis.report import Row

Depth: TypeAlias = "int | Literal['auto'] | None"
"""How deep blocks are shown as one each; `auto` as deep as there is room for, None for every layer."""

TO = " to "
"""What stands between the names of the first and the last of equal neighbours."""


class Fold(Record):
    """What stands in one line of a table: a layer, a block, or so many equal blocks one behind the other.

    name: of the layer or the block; of several, of the first and the last. figures of the selection are those of all.
    """

    name: str
    selection: Selection
    times: int = 1

    @property
    def is_layer(self) -> bool:
        """Whether it is one layer, and nothing stands for others."""
        return len(self.selection.places) == 1

    @property
    def last(self) -> Row:
        """The layer whose output is that of the line."""
        assert self.selection.last is not None
        return self.selection.last

    @property
    def what(self) -> str:
        """A layer as papers write it; of blocks, how many layers each has, and how many blocks they are."""
        if self.is_layer:
            return type_text(self.last)
        layers = f"{count(len(self.selection.places) // self.times)} layers"
        return f"{layers} x {self.times}" if self.times > 1 else layers


def type_text(row: Row) -> str:
    """A layer as papers write it."""
    written = notation.write(row.layer, not row.works)
    return f"{written} {row.called}" if row.role == "unknown" else written


def unfolded(of: Selection, place: int) -> Fold:
    """A layer in a line of its own."""
    own = layer(of, place)
    return Fold(own.names[0], own)


def depth(of: Selection) -> int:
    """How many names the deepest layer's has, one inside the other.

    >>> from vggcalc import load
    >>> from vggcalc.figures import whole
    >>> depth(whole(load("resnet50").analyse())), depth(whole(load("vgg16").analyse()))
    (4, 1)
    """
    return max((1 + sum(1 for _ in enclosing(row.name)) for row in of.rows), default=1)


def folded(of: Selection, at: int) -> list[Fold]:
    """The layers in lines of blocks whose names have so many parts; a layer of fewer stands alone.

    Blocks that are equal, layer by layer, in what they are, read and give, are one line where they follow each other.

    >>> from vggcalc import load
    >>> from vggcalc.figures import whole
    >>> [(line.name, line.times) for line in folded(whole(load("resnet50").analyse()), 2)][5:8]
    [('layer1.0', 1), ('layer1.1 to layer1.2', 2), ('layer2.0', 1)]
    """
    lines: dict[str, list[int]] = {}
    for place in of.places:
        name = of.report.rows[place].name
        parents = [*enclosing(name)]
        lines.setdefault(parents[at - 1] if len(parents) >= at else name, []).append(place)
    found = []
    for _, equal in groupby(lines.items(), key=_equality(of)):
        names, places = zip(*equal, strict=True)
        found.append(_together(of, names, places))
    return found


def fitting(of: Selection, most: int, parts: Callable[[int], int]) -> int | None:
    """The greatest depth at which there are at most so many parts, or else 1; None where no layer is in a block.

    parts: how many there are at a depth.
    """
    deepest = depth(of)
    deep_enough = (at for at in range(deepest - 1, 1, -1) if parts(at) <= most)
    return next(deep_enough, 1) if deepest > 1 else None


def _together(of: Selection, names: Sequence[str], places: Sequence[Sequence[int]]) -> Fold:
    last = of.report.network.blocks.get(names[-1], places[-1][-1])
    every = tuple(place for own in places for place in own)
    name = names[0] if len(names) == 1 else f"{names[0]}{TO}{names[-1]}"
    selection = of._replace(places=every, last=of.report.rows[last], is_whole=False, names=tuple(names))
    return Fold(name, selection, len(names))


def _equality(of: Selection) -> Callable[[tuple[str, Sequence[int]]], Hashable]:
    """What equal blocks have in common; a layer that stands alone is equal to none."""
    rows = of.report.rows

    def layers(places: Sequence[int]) -> Iterator[Hashable]:
        for place in places:
            row = rows[place]
            shares = None if row.node.shares is None else place - row.node.shares
            reads = tuple(place - source for source in row.inputs)
            yield row.layer, reads, row.input_shapes, row.output, row.works, shares

    return lambda line: tuple(layers(line[1])) if len(line[1]) > 1 else line[0]
