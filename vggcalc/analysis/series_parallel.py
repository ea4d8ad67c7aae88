"""The graph as people read it: one layer after the other, and branches side by side where paths part and meet again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.network import Network

DEEPEST = 60
"""Branches inside of branches are told apart to this depth; below, layers stand in their order."""


class Parallel(Record):
    """Branches between the place where paths part and the layer at which they meet; an empty one is a shortcut."""

    branches: tuple[Series, ...]


Series = tuple["int | Parallel", ...]
"""Layers, by their place in the network, and branches, one after the other."""


def series_parallel(network: Network) -> Series:
    """The layers of a network as series and parallel branches, each layer once, in the network's order.

    A part that is neither, where paths cross without meeting, is a series in the network's order.

    Source: Valdes, Tarjan, Lawler, The recognition of series parallel digraphs, SIAM J. Comput. 11(2), 1982.

    >>> from vggcalc import load
    >>> network = load("resnet18").network
    >>> [network.nodes[place].name for place in leaves(series_parallel(network))][:3]
    ['input', 'conv1', 'bn1']
    """
    return in_order([node.inputs for node in network.nodes], network.outputs)


def in_order(sources: Sequence[Sequence[int]], outputs: Sequence[int]) -> Series:
    """The same of any graph whose nodes read earlier ones; what leaves it is read behind its end.

    >>> in_order([[], [0], [0, 1]], [2])
    (0, Parallel(branches=((1,), ())), 2)
    """
    return _Decomposition(sources, outputs).series(range(len(sources)), len(sources), 0)


def leaves(series: Series) -> Iterator[int]:
    """The layers of a series and of all its branches."""
    for item in series:
        if isinstance(item, Parallel):
            for branch in item.branches:
                yield from leaves(branch)
        else:
            yield item


class _Decomposition:
    def __init__(self, sources: Sequence[Sequence[int]], outputs: Sequence[int]) -> None:
        self.end = len(sources)
        """A node behind all outputs, at which their paths meet."""
        self.sources = [tuple(dict.fromkeys(own)) for own in sources]
        self.readers: list[list[int]] = [[] for _ in sources]
        for node, own in enumerate(self.sources):
            for source in own:
                self.readers[source].append(node)
        self.readers = [readers or [self.end] for readers in self.readers]
        for output in outputs:
            if self.end not in self.readers[output]:
                self.readers[output].append(self.end)
        self.meets = self._meets()

    def _meets(self) -> list[int]:
        """For each node the next one through which all its paths to the end lead: its immediate post-dominator."""
        meets = [self.end] * (self.end + 1)
        for node in reversed(range(self.end)):
            meets[node] = self._common(meets, self.readers[node])
        return meets

    def _common(self, meets: list[int], nodes: Iterable[int]) -> int:
        """The first node through which all paths from these lead; of two, the earlier steps on until they agree."""
        first, *others = nodes
        for other in others:
            while first != other:
                if first < other:
                    first = meets[first]
                else:
                    other = meets[other]
        return first

    def series(self, part: Sequence[int], end: int, depth: int) -> Series:
        """A part of the network, in its order, whose paths all lead to `end`, which is no part of it."""
        if depth > DEEPEST:
            return tuple(part)
        items: list[int | Parallel] = []
        entries = self._entries(part)
        start = 0
        if len(entries) > 1:
            meet = self._common(self.meets, entries)
            start = bisect_left(part, meet)
            items += self._side_by_side(part[:start], meet, depth, False)
        while start < len(part):
            node = part[start]
            items.append(node)
            meet = self.meets[node]
            after = bisect_left(part, meet, start)
            if len(self.readers[node]) > 1:
                items += self._side_by_side(part[start + 1 : after], meet, depth, meet in self.readers[node])
            start = after
        return tuple(items)

    def _entries(self, part: Sequence[int]) -> list[int]:
        """The nodes that read nothing inside the part."""
        inside = set(part)
        return [node for node in part if inside.isdisjoint(self.sources[node])]

    def _side_by_side(self, region: Sequence[int], meet: int, depth: int, has_shortcut: bool) -> list[int | Parallel]:
        """What stands between the place where paths part and the one where they meet; what crosses, in its order."""
        parts = self._apart(region)
        if len(parts) + has_shortcut < 2:
            return [*region]
        branches = tuple(self.series(part, meet, depth + 1) for part in parts)
        return [Parallel((*branches, ()) if has_shortcut else branches)]

    def _apart(self, region: Sequence[int]) -> list[list[int]]:
        """The parts of a region that do not read each other, by their first nodes."""
        part_of: dict[int, list[int]] = {}
        for node in region:
            own = [node]
            for source in self.sources[node]:
                other = part_of.get(source, own)
                if other is not own:
                    own, other = (own, other) if len(own) > len(other) else (other, own)
                    own += other
                    part_of.update(dict.fromkeys(other, own))
            part_of[node] = own
        parts = {id(part): part for part in part_of.values()}
        return sorted(map(sorted, parts.values()))
