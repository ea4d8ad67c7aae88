"""From a network to the items of a spec: layers with what follows them, and paths where they part and meet again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vggcalc.analysis.series_parallel import Parallel, Series, leaves
from vggcalc.language.naming import Naming
from vggcalc.record import Record
from vggcalc.writing.items import Body, Group, Item, Line, Paths
from vggcalc.writing.meeting import Meeting

if TYPE_CHECKING:
    from vggcalc.network import Network, Node


_WITHOUT_FOLLOWERS = ("idle", "move", "pool", "activation", "embedding")
"""Behind layers of these roles people write a normalisation or activation as a line of its own."""


class Unit(Record):
    """What becomes one item: a layer with those that follow it, or paths and the layer in which they meet."""

    line: tuple[int, ...]
    paths: tuple[Series, ...] = ()

    @property
    def places(self) -> list[int]:
        """The nodes of it, in order."""
        return [*(place for path in self.paths for place in leaves(path)), *self.line]


class Scope(Record):
    """What names begin with, and how the language would name layers."""

    prefix: str
    naming: Naming

    def inner(self, name: str) -> Scope:
        """A scope within this one; without a name it is this one."""
        if not name:
            return self
        prefix = f"{self.prefix}{name}."
        return Scope(prefix, Naming(prefix, self.naming.taken, self.naming.doubles))


class Weaver:
    """Makes items of the nodes of a network, in their order; `grouped` puts those under one name together."""

    def __init__(self, network: Network, grouped: bool) -> None:
        self.grouped = grouped
        self.nodes = network.nodes
        self._meeting = Meeting(network)
        self._readers = network.readers()
        self._outputs = {*network.outputs}
        self._scopes = {node.name for node in network.nodes}
        """Names that no group can have: those of layers, and of the groups that there are."""
        self._taken: dict[str, int] = {}
        self._lines: dict[str, int] = {}
        """What is read under a name: of a layer with an activation, that."""
        self.names: dict[int, str] = {}
        """The name under which a layer is read, by its place."""
        for place, name in enumerate(network.input_names):
            self._read_as(name, place)
            self._taken[name] = place

    def body(self, series: Series) -> Body:
        """The items of a whole network, inputs left out."""
        inputs = len(self.names)
        above = (0,) if inputs == 1 else ()
        return self._items(self._units(_without(series, inputs), above), Scope("", Naming("", self._taken)), above)[0]

    def _units(self, series: Series, above: tuple[int, ...]) -> list[Unit]:
        """The units of a series; paths that the language has no form for stand in their order."""
        series = self._meeting.met(series) if self.grouped else series
        units: list[Unit] = []
        place = 0
        while place < len(series):
            item = series[place]
            if isinstance(item, Parallel):
                after = series[place + 1] if place + 1 < len(series) else None
                fork = units[-1].line[-1:] if units else above
                paths = self._paths(item, after, fork) if isinstance(after, int) else ()
                if not paths:
                    units += self._units(_in_order(item), fork)
                    place += 1
                    continue
                place += 1
            else:
                paths = ()
            line = self._line_from(series, place)
            units.append(Unit(line, paths))
            place += len(line)
        return units

    def _line_from(self, series: Series, start: int) -> tuple[int, ...]:
        """A layer, and the normalisation and activation behind it that its line can say."""
        place = series[start]
        assert isinstance(place, int)
        line = [place]
        for role in ("norm", "activation"):
            after = series[start + len(line)] if start + len(line) < len(series) else None
            if after == line[-1] + 1 and isinstance(after, int) and self._follows(line, after, role):
                line.append(after)
        return tuple(line)

    def _follows(self, line: Sequence[int], place: int, role: str) -> bool:
        """Whether a layer can be said by the line of these."""
        node, host, last = self.nodes[place], self.nodes[line[0]], line[-1]
        if node.layer is None or host.layer is None or host.layer.role in _WITHOUT_FOLLOWERS:
            return False
        is_read_alone = node.inputs == (last,) and self._readers[last] == [place] and last not in self._outputs
        is_beside = _path(host.name) == _path(node.name) or _is_under(node, host)
        is_plain = role == "norm" or node.layer.valuewise  # a softmax is a line of its own
        return node.layer.role == role and is_plain and is_read_alone and is_beside and node.shares is None

    def _paths(self, parallel: Parallel, meet: int, fork: tuple[int, ...]) -> tuple[Series, ...]:
        """The paths in the order in which their merge reads them, where the language has a form for it."""
        node = self.nodes[meet]
        if len(fork) != 1 or node.shares is not None or len(parallel.branches) != len(node.inputs):
            return ()
        ends: dict[int, Series] = {}
        for branch in parallel.branches:
            last = branch[-1] if branch else fork[0]
            if isinstance(last, Parallel):
                return ()
            ends[last] = branch
        if {*ends} != {*node.inputs} or len(ends) != len(node.inputs):
            return ()
        paths = tuple(ends[source] for source in node.inputs)
        places = [place for path in paths for place in leaves(path)]
        return paths if places == [*range(meet - len(places), meet)] else ()

    def _items(self, units: Sequence[Unit], scope: Scope, above: tuple[int, ...]) -> tuple[Body, tuple[int, ...]]:
        """The items of units, those under one name together; and what the next layer would read."""
        items: list[Item] = []
        start = 0
        while start < len(units):
            name = self._part(units[start], scope.prefix)
            name = name if scope.prefix + name not in self._scopes else ""
            end = start + 1
            while name and end < len(units) and self._part(units[end], scope.prefix) == name:
                end += 1
            if end - start > 1:
                self._scopes.add(scope.prefix + name)
                body, above = self._items(units[start:end], scope.inner(name), above)
                items.append(Group(name, body))
            else:
                item, above = self._item(units[start], scope, above)
                items.append(item)
            start = end
        return tuple(items), above

    def _item(self, unit: Unit, scope: Scope, above: tuple[int, ...]) -> tuple[Item, tuple[int, ...]]:
        if not unit.paths:
            return self._line(unit.line, scope, above), unit.line[-1:]
        name = self._common(unit.places, scope.prefix)
        name = name if scope.prefix + name not in self._scopes else ""
        self._scopes.add(scope.prefix + name)
        inner = scope.inner(name)
        names = self._path_names(unit.paths, inner.prefix)
        paths = []
        ends: tuple[int, ...] = ()
        for number, path in enumerate(unit.paths):
            own = inner.inner(names[number]) if names else inner
            body, end = self._items(self._units(path, above), own, above)
            paths.append(body)
            ends += end
        found = Paths("", self._line(unit.line, inner, ends), tuple(paths), names)
        return Group(name, (found,)) if name else found, unit.line[-1:]

    def _path_names(self, paths: Sequence[Series], prefix: str) -> tuple[str, ...]:
        """The names of the paths, where each has one of its own."""
        names = [self._common([*leaves(path)], prefix).partition(".")[0] if path else "" for path in paths]
        return tuple(names) if all(names) and len({*names}) == len(names) else ()

    def _part(self, unit: Unit, prefix: str) -> str:
        """The next part of the names of all layers of a unit, if that is one."""
        return self._common(unit.places, prefix).partition(".")[0] if self.grouped else ""

    def _common(self, places: Sequence[int], prefix: str) -> str:
        """The parts with which all names of these layers go on behind the prefix, the last part of each left out."""
        first, *others = [self.nodes[place].name[len(prefix) :].split(".")[:-1] for place in places]
        length = len(first)
        for other in others:
            while first[:length] != other[:length]:
                length -= 1
        return ".".join(first[:length]) if all(first[:length]) else ""

    def _line(self, places: Sequence[int], scope: Scope, above: tuple[int, ...]) -> Line:
        host, *others = [self.nodes[place] for place in places]
        assert host.layer is not None
        is_given = any(_is_under(node, host) for node in others) or not scope.naming.expects(host.name, host.layer)
        sources = None if host.inputs == above else tuple(self._source(place, scope) for place in host.inputs)
        self._taken[host.name] = places[0]
        followers = []
        for place, node in zip(places[1:], others, strict=True):
            followers.append(self._follower(node, host, is_given, scope))
            self._taken[node.name] = place
        share = "" if host.shares is None else self.nodes[host.shares].name
        self._read_as(host.name, places[-1])
        name = host.name[len(scope.prefix) :]
        return Line(
            type(host.layer), tuple(host.layer.fields.items()), name, is_given, sources, share, tuple(followers)
        )

    def _follower(self, node: Node, host: Node, host_is_given: bool, scope: Scope) -> Line:
        assert node.layer is not None
        is_implied = scope.naming.expects(node.name, node.layer, host.name, host_is_given)
        own = node.name.rpartition(".")[2]
        return Line(type(node.layer), tuple(node.layer.fields.items()), own, not is_implied)

    def _read_as(self, name: str, place: int) -> None:
        self._lines[name] = place
        self.names[place] = name

    def _source(self, place: int, scope: Scope) -> str:
        """The shortest name under which a layer is read in a scope."""
        name = self.names[place]
        parts = scope.prefix.split(".")[:-1]
        for length in range(len(parts), 0, -1):
            around = ".".join(parts[:length]) + "."
            if name.startswith(around) and self._resolve(name[len(around) :], scope.prefix) == place:
                return name[len(around) :]
        return name

    def _resolve(self, name: str, prefix: str) -> int | None:
        while True:
            if prefix + name in self._lines:
                return self._lines[prefix + name]
            if not prefix:
                return None
            prefix = prefix[: prefix.rstrip(".").rfind(".") + 1]


def _path(name: str) -> str:
    """All parts of a name but the last."""
    return name.rpartition(".")[0]


def _is_under(node: Node, host: Node) -> bool:
    """Whether it is named as the language names what is attached to a layer with a name of its own."""
    assert node.layer is not None
    return not host.name[-1].isdigit() and node.name == f"{host.name}.{node.layer.stem or node.layer.kind}"


def _without(series: Series, inputs: int) -> Series:
    """A series without the first nodes of the network."""
    return tuple(
        Parallel(tuple(_without(branch, inputs) for branch in item.branches)) if isinstance(item, Parallel) else item
        for item in series
        if isinstance(item, Parallel) or item >= inputs
    )


def _in_order(parallel: Parallel) -> Series:
    """Branches one after the other, if that is the network's order; else all layers one by one."""
    joined = sum(parallel.branches, ())
    places = [*leaves(joined)]
    return joined if places == sorted(places) else tuple(sorted(places))
