"""The graph as it grows: nodes, the names under which they are read, and the bounds that a spec may not pass."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Variables
from functools import partial

from vggcalc import bounds
from vggcalc.errors import Mark, did_you_mean
from vggcalc.language.naming import Naming
from vggcalc.layers import Input, Layer
from vggcalc.network import Node
from vggcalc.reading.expression import Value
from vggcalc.reading.nodes import Entry, ListNode, MapNode
from vggcalc.reading.reader import Reader
from vggcalc.record import Record
from vggcalc.shape import Shape


class Scope(Record):
    """Where a list of layers stands: its variables, how its layers are named, and the blocks it is inside of."""

    variables: Variables[str, Value]
    naming: Naming
    blocks: tuple[str, ...] = ()
    share: tuple[str, str] = ("", "")
    """Layers whose names begin with the second use the weights of those whose names begin with the first."""

    def inner(self, name: str, variables: Variables[str, Value] | None = None) -> Scope:
        """A scope within this one; with a name of its own it names its layers under it."""
        naming = Naming(f"{self.naming.prefix}{name}.", self.naming.taken, self.naming.doubles) if name else self.naming
        return self._replace(variables={**self.variables, **variables} if variables else self.variables, naming=naming)


class TooLargeError(Exception):
    """The spec unfolds into more than anyone has; reading stops."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def too_many_layers() -> TooLargeError:
    """What stops a network that is too large."""
    return TooLargeError(f"unfolds into more than {bounds.LAYERS:,} layers", "look at the repeats")


class Graph:
    """Nodes in the order of the spec. `lines` holds what is read under a name: of a layer with an activation, that."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.nodes: list[Node] = []
        self.lines: dict[str, int] = {}
        self.taken: dict[str, int] = {}
        self._steps = 0
        self._inputs = 0

    def inputs(self, shapes: Variables[str, Shape], mark: Mark | None) -> tuple[int, ...]:
        """The input nodes; a single input is what the first layer reads."""
        self._inputs = len(shapes)
        for name in shapes:
            self.append(name, Input(), (), mark)
            self.lines[name] = len(self.nodes) - 1
        return (0,) if len(shapes) == 1 else ()

    def top_scope(self, variables: Variables[str, Value]) -> Scope:
        """The scope of a variant's own list of layers."""
        return Scope(variables, Naming("", self.taken))

    def step(self, count: int = 1) -> None:
        """Count work, so that a small spec cannot unfold without end; raises TooLargeError."""
        self._steps += count
        if self._steps > bounds.STEPS + 3 * len(self.nodes):
            message = f"unfolds into more than {bounds.STEPS:,} turns and blocks that add no layer"
            raise TooLargeError(message, "look at the repeats")

    def append(
        self, name: str, layer: Layer | None, sources: tuple[int, ...], mark: Mark | None, shares: int | None = None
    ) -> int:
        """A new node; returns its place. Raises TooLargeError when there are too many."""
        if len(self.nodes) - self._inputs >= bounds.LAYERS:
            raise too_many_layers()
        self.nodes.append(Node(name, layer, sources, mark, shares))
        self.taken[name] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def sources(self, entries: Variables[str, Entry], scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """What `from:` names, looked up from the inner scope outwards; without it, the layer above."""
        if "from" not in entries:
            return above
        sources = []
        named = self.reader.texts(entries["from"], "from")
        if isinstance(entries["from"].value, ListNode) and not entries["from"].value.items:
            self.reader.fault(
                "from is an empty list", "name a layer above", entries["from"].value.mark, code="missing-key"
            )
        self.step(len(named))
        for scalar in named:
            name = self.reader.filled(scalar, scope.variables)
            if name is not None and (found := self.resolve(name, scope.naming.prefix)) is not None:
                sources.append(found)
            elif name is not None:
                self.reader.fault(
                    f"no layer above is named '{name}'",
                    partial(_source_meant, name, self.lines),
                    scalar.mark,
                    code="unknown-name",
                )
        return tuple(sources) or above

    def resolve(self, name: str, prefix: str = "") -> int | None:
        """The node that is read under a name, in the scope of this prefix or in one round it."""
        while True:
            if prefix + name in self.lines:
                return self.lines[prefix + name]
            if not prefix:
                return None
            prefix = prefix[: prefix.rstrip(".").rfind(".") + 1]

    def shared(self, name: str, options: Variables[str, Entry], scope: Scope) -> int | None:
        """The node whose weights a layer uses: the one that `share:` names, or its twin in a block that is shared."""
        if "share" in options:
            other = self.reader.text(options["share"], "share", scope.variables)
            found = self.taken.get(scope.naming.prefix + other, self.taken.get(other))
            if found is None:
                self.reader.fault(
                    f"no layer above is named '{other}'",
                    partial(_meant, other, self.taken, "name a layer above"),
                    options["share"].value.mark,
                    code="unknown-name",
                )
            return self._owner(found)
        theirs, own = scope.share
        return self._owner(self.taken.get(theirs + name[len(own) :])) if theirs and name.startswith(own) else None

    def _owner(self, index: int | None) -> int | None:
        """Who holds the weights that this node uses."""
        return index if index is None or self.nodes[index].shares is None else self.nodes[index].shares

    def given_name(self, options: Variables[str, Entry], scope: Scope) -> str:
        """The name that the spec gives, under the scope's; taken names are refused."""
        entry = options.get("name")
        if entry is None:
            return ""
        name = self.reader.text(entry, "name", scope.variables)
        if not name:
            return ""
        full = scope.naming.prefix + name
        if self._is_too_long(full, entry):
            return ""
        if full in self.taken:
            hint = "give each layer a name of its own; a block that stands twice needs a name too"
            self.reader.fault(f"the name '{full}' is taken", hint, entry.value.mark, code="name-taken")
            return ""
        return full

    def scope_name(self, body: MapNode, scope: Scope) -> str:
        """The name that a block gives itself; empty for a block that is transparent."""
        entry = body.entries.get("name")
        name = self.reader.text(entry, "name", scope.variables)
        return "" if entry and self._is_too_long(scope.naming.prefix + name, entry) else name

    def _is_too_long(self, name: str, entry: Entry) -> bool:
        if len(name) > bounds.NAME_CHARACTERS:
            hint = f"at most {bounds.NAME_CHARACTERS} characters, with the names of the blocks round it"
            self.reader.fault("this name is too long", hint, entry.value.mark, code="out-of-bounds")
        return len(name) > bounds.NAME_CHARACTERS

    def remember(self, body: MapNode, scope: Scope, above: tuple[int, ...]) -> None:
        """A named block can be read by its name, which stands for its last layer."""
        if "name" in body.entries and len(above) == 1:
            name = scope.naming.prefix + self.scope_name(body, scope)
            if name in self.lines:
                mark = body.entries["name"].value.mark
                self.reader.fault(
                    f"the name '{name}' is taken", "give each block a name of its own", mark, code="name-taken"
                )
            self.lines[name] = above[0]


def _meant(name: str, known: Iterable[str], otherwise: str) -> str:
    """The name that may be meant, or else what would be right."""
    return did_you_mean(name, known) or otherwise


def _source_meant(name: str, lines: Iterable[str]) -> str:
    """What may be meant by a source that there is not: several in one word, or another one."""
    parts = [part for part in name.replace(",", " ").split() if part in lines]
    return (
        f"write [{', '.join(parts)}]" if len(parts) > 1 else _meant(name, lines, "a layer reads only layers above it")
    )
