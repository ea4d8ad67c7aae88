"""Paths that part and meet again where a network is no series of such: a residual beside a long shortcut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vggcalc.analysis.series_parallel import Parallel, Series, leaves

if TYPE_CHECKING:
    from vggcalc.network import Network

_FARTHEST = 60
"""So many items back paths may have parted."""


class Meeting:
    """Finds in a network the paths that meet in a layer."""

    def __init__(self, network: Network) -> None:
        self._sources = [{*node.inputs} for node in network.nodes]
        self._readers = [{*readers} for readers in network.readers()]
        for output in network.outputs:
            self._readers[output].add(len(network.nodes))

    def met(self, series: Series) -> Series:
        """A series with the paths that meet in each of its layers side by side, if they part in one layer above."""
        found: list[int | Parallel] = []
        for item in series:
            if not isinstance(item, Parallel) and len(self._sources[item]) > 1:
                self._put_apart(found, item)
            found.append(item)
        return tuple(found)

    def _put_apart(self, items: list[int | Parallel], meet: int) -> None:
        """The last items, where they are paths that meet in this layer, become branches."""
        if not items or isinstance(items[-1], Parallel):
            return
        inside: set[int] = set()
        for start in range(len(items) - 1, max(0, len(items) - _FARTHEST), -1):
            inside.update(leaves((items[start],)))
            fork = items[start - 1]
            if isinstance(fork, Parallel):
                continue
            reads = set().union(*(self._sources[node] for node in inside)) - inside
            read_by = set().union(*(self._readers[node] for node in inside)) - inside
            if reads <= {fork} and read_by == {meet} and self._sources[meet] <= {*inside, fork}:
                branches = self._branches(items[start:])
                if fork in self._sources[meet]:
                    branches.append(())
                if len(branches) > 1:
                    items[start:] = [Parallel(tuple(branches))]
                return

    def _branches(self, items: list[int | Parallel]) -> list[Series]:
        """Items that do not read each other, apart."""
        branches: list[tuple[list[int | Parallel], set[int]]] = []
        for item in items:
            own = {*leaves((item,))}
            reads = set().union(*(self._sources[node] for node in own))
            joined: tuple[list[int | Parallel], set[int]] = ([], set())
            for branch in [branch for branch in branches if not branch[1].isdisjoint(reads)]:
                branches.remove(branch)
                joined = [*joined[0], *branch[0]], joined[1] | branch[1]
            branches.append(([*joined[0], item], joined[1] | own))
        return [tuple(branch) for branch, _ in branches]
