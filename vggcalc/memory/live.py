"""The memory of an inference that frees each tensor after its last use: its peak, and the order with the lowest one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import heappop, heappush

from vggcalc import bounds
from vggcalc.analysis.report import Report
from vggcalc.memory.contiguity import overwrites
from vggcalc.memory.storage import owners
from vggcalc.record import Record


class Live(Record):
    """An inference in some order: the places of the layers as they run, and the values alive in each of them."""

    order: tuple[int, ...]
    values: tuple[int, ...]

    @property
    def peak(self) -> int:
        """The most values that are alive at once."""
        return max(self.values)

    @property
    def at(self) -> int:
        """The place of the first layer at which the peak stands."""
        return self.order[self.values.index(self.peak)]


def live(report: Report, training: bool = False, kept: Iterable[int] = ()) -> Live:
    """The values that are alive in each layer, in the order of the network.

    A tensor is alive from the layer that writes it to the last that reads it, both included, and an output to the end;
    a layer in place, and a view, allocate nothing. Not counted: parameters, and what a layer needs to work in.

    training: dropout writes maps of its own. kept: layers, by their places, whose outputs live to the end as well.

    >>> from vggcalc import load
    >>> live(load("vgg16").analyse()).peak  # at conv1_2: 2 * 224*224*64
    6422528
    """
    return _Memory(report, training, kept).run(range(len(report.rows)))


def least_live(report: Report) -> Live:
    """The same in the order with the lowest peak that was found, never above that of the network's own order.

    The network is cut wherever a single tensor is alive; between two cuts all orders are searched, as far as
    `bounds.ORDER_STATES` and `bounds.ORDER_LAYERS` go, and beyond them the network's own order stays.
    """
    memory = _Memory(report)
    own = memory.run(range(len(report.rows)))
    best = memory.run([index for segment in memory.segments() for index in memory.best_order(segment)])
    return best if best.peak < own.peak else own


class _Memory:
    """Who allocates a tensor, and who touches it: writes it, writes over it or reads it."""

    def __init__(self, report: Report, training: bool = False, kept: Iterable[int] = ()) -> None:
        rows = report.rows
        self.inputs = [row.inputs if row.works else () for row in rows]
        self.owners = owners(report, training)
        self.values = [report.batch * row.output.elements if row.works else 0 for row in rows]
        self.users: list[list[int]] = [[] for _ in rows]
        for index in range(len(rows)):
            for owner in self.touched(index):
                self.users[owner].append(index)
        self.writers = {index for index, row in enumerate(rows) if overwrites(row, training)}
        self.outputs = {self.owners[index] for index in (*report.network.outputs, *kept)}
        self.first = len(report.network.input_shapes)

    def touched(self, index: int) -> set[int]:
        """The tensors that a layer touches, each by the layer that allocates it."""
        return {self.owners[index], *(self.owners[source] for source in self.inputs[index])}

    def run(self, order: Sequence[int]) -> Live:
        """The values alive while each layer runs, in an order."""
        left = [len(users) for users in self.users]
        alive = 0
        values = []
        for index in order:
            alive += self.values[index] if self.owners[index] == index else 0
            values.append(alive)
            for owner in self.touched(index):
                left[owner] -= 1
                if not left[owner] and owner not in self.outputs:
                    alive -= self.values[owner]
        return Live(tuple(order), tuple(values))

    def segments(self) -> list[list[int]]:
        """The network, cut behind every layer after which a single tensor is alive."""
        count = len(self.owners)
        last = [count if owner in self.outputs else max(users, default=0) for owner, users in enumerate(self.users)]
        cuts: list[list[int]] = [[]]
        alive = 0
        dying = [0] * (count + 1)
        for index in range(count):
            cuts[-1].append(index)
            if self.owners[index] == index:
                alive += 1
                dying[last[index]] += 1
            alive -= dying[index]
            if alive == 1 and index + 1 >= self.first:
                cuts.append([])
        return cuts

    def best_order(self, segment: list[int]) -> list[int]:
        """The order of a segment with the lowest peak: the cheapest way through the sets of its finished layers."""
        if not 2 < len(segment) <= bounds.ORDER_LAYERS:
            return segment
        bits = {index: 1 << bit for bit, index in enumerate(segment)}
        users = self._users(bits)
        needs = self._needs(bits, users)
        tensors = [self._tensor(owner, bits, users[owner]) for owner in sorted(users)]
        lowest = {0: 0}
        came: dict[int, tuple[int, int]] = {}
        queue = [(0, 0, 0)]
        while queue:
            peak, _, done = heappop(queue)
            if done == (1 << len(segment)) - 1:
                return _path(came, done)
            if peak > lowest[done]:
                continue
            alive = sum(t.values for t in tensors if done & t.written == t.written and done & t.users != t.users)
            for index in segment:
                if done & bits[index] or needs[index] & ~done:
                    continue
                after = done | bits[index]
                most = max(peak, alive + (self.values[index] if self.owners[index] == index else 0))
                if most < lowest.get(after, most + 1):
                    lowest[after] = most
                    came[after] = (done, index)
                    heappush(queue, (most, -after.bit_count(), after))
            if len(lowest) > bounds.ORDER_STATES:
                return segment
        return segment

    def _users(self, bits: dict[int, int]) -> dict[int, int]:
        """The tensors that are touched within a segment, and by which of its layers, as a set of bits."""
        users: dict[int, int] = {}
        for index, bit in bits.items():
            for owner in self.touched(index):
                users[owner] = users.get(owner, 0) | bit
        return users

    def _needs(self, bits: dict[int, int], users: dict[int, int]) -> dict[int, int]:
        """The layers of a segment that must run before each of it, as a set of bits.

        Who writes over a tensor keeps its place among all who use that.
        """
        first = sum(bit for index, bit in bits.items() if index < self.first)
        writers = sum(bit for index, bit in bits.items() if index in self.writers)
        needs = {}
        for index, bit in bits.items():
            needed = first if index >= self.first else 0
            for source in self.inputs[index]:
                needed |= bits.get(source, 0)
            for owner in self.touched(index):
                needed |= users[owner] & (bit - 1) & (-1 if index in self.writers else writers)
            needs[index] = needed
        return needs

    def _tensor(self, owner: int, bits: dict[int, int], users: int) -> _Tensor:
        """A tensor of a segment; whoever uses one outside of it is never done within it."""
        if owner in self.outputs or self.users[owner][-1] not in bits:
            users |= 1 << len(bits)
        return _Tensor(self.values[owner], bits.get(owner, 0), users)


class _Tensor(Record):
    """A tensor within a segment: by whom it is written, and who must be done before it can go, as sets of bits."""

    values: int
    written: int
    users: int


def _path(came: dict[int, tuple[int, int]], done: int) -> list[int]:
    order = []
    while done:
        done, index = came[done]
        order.append(index)
    return order[::-1]
