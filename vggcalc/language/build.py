"""From the lists of layers in a spec to the graph: blocks, repetition, residuals, branches."""

from __future__ import annotations

from collections.abc import Mapping as Variables

from vggcalc import bounds
from vggcalc.errors import did_you_mean
from vggcalc.language.graph import Graph, Scope
from vggcalc.language.line import BROKEN, LINE_KEYS, NO_OPTIONS, Lines
from vggcalc.reading.nodes import Entry, ListNode, MapNode, TextNode, YamlNode
from vggcalc.reading.reader import Reader

_COPIED_AT_ONCE = 100
"""Variables that a turn or a block takes over from its surroundings in a step of the work."""

_BLOCK_KEYS = ("name", "from", "norm", "activation")
_USE_KEYS = ("use", "with", "name", "from", "share")
_WRITTEN = {
    "repeat": "write repeat: {times: 3, layers: [...]}",
    "residual": "write residual: {layers: [...]}",
    "branches": "write branches: {merge: concat, paths: [[...], [...]]}",
}


class Builder:
    """Unfolds one variant into a graph. The `reader` collects what is wrong on the way."""

    def __init__(
        self, reader: Reader, blocks: Variables[str, Entry], defaults: Variables[str, Variables[str, Entry]]
    ) -> None:
        self.reader = reader
        self.blocks = blocks
        self.graph = Graph(reader)
        self._lines = Lines(reader, self.graph, defaults, blocks)
        self._depth = 0
        self._joins: dict[int, tuple[TextNode, Variables[str, Entry]]] = {}
        """The layers that join paths with their options, by the body that they are given in: one that repeats has one.
        """

    def sequence(self, items: ListNode, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """Unfold a list of layers, each reading the one above it; returns what the next one would read."""
        if self._depth >= bounds.NESTING:
            self.reader.fault(
                f"layers are nested more than {bounds.NESTING} deep",
                "unfold some of the blocks",
                items.mark,
                code="out-of-bounds",
            )
            return above
        self._depth += 1
        for item in items.items:
            self.graph.step()
            above = self._item(item, scope, above)
        self._depth -= 1
        return above

    def _item(self, item: YamlNode, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        if isinstance(item, TextNode):
            return self._lines.read(item.text, item, NO_OPTIONS, scope, above)
        if isinstance(item, ListNode):
            self.reader.fault(
                "a list stands where a layer belongs",
                "write its layers without the inner brackets",
                item.mark,
                code="wrong-type",
            )
            return above
        if "use" in item.entries:
            return self._use(item, scope, above)
        if len(item.entries) != 1:
            keys = " and ".join(f"'{key}'" for key in item.entries) or "nothing"
            hint = next(
                (_WRITTEN[key] for key in item.entries if key in _WRITTEN),
                "indent a layer's options below it, as in {conv3-64: {stride: 2}}",
            )
            self.reader.fault(
                f"a layer is one key with its options; here are {keys}", hint, item.mark, code="wrong-type"
            )
            return above
        ((key, entry),) = item.entries.items()
        if key in _STRUCTURES:
            body = self.reader.mapping(entry.value, key, _WRITTEN[key])
            return _STRUCTURES[key](self, body, scope, self.graph.sources(body.entries, scope, above))
        word = TextNode(key, False, entry.mark)
        return self._lines.read(key, word, self._lines.options(key, entry.value), scope, above)

    def _use(self, item: MapNode, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{use: block, with: {width: 64}, name: stem, from: conv1}."""
        self.reader.keys(item, "'use'", _USE_KEYS, (), _under_with)
        name = self.reader.text(item.entries["use"], "use", scope.variables)
        if name not in self.blocks:
            if name:
                self.reader.fault(
                    f"there is no block '{name}'",
                    lambda: did_you_mean(name, self.blocks) or "declare it under blocks",
                    item.entries["use"].value.mark,
                    code="unknown-name",
                )
            return above
        if name in scope.blocks or len(scope.blocks) >= bounds.NESTING:
            chain = " -> ".join((*scope.blocks, name))
            self.reader.fault(
                f"block '{name}' uses itself: {chain}", "use repeat for repetition", item.mark, code="circular"
            )
            return above
        given = {}
        if "with" in item.entries:
            settings = self.reader.mapping(item.entries["with"].value, "with").entries
            self.graph.step(len(settings) + len(scope.variables) // _COPIED_AT_ONCE)
            for key, entry in settings.items():
                value = self.reader.variable(key, entry.value, scope.variables)
                if value is not None:
                    given[key] = value
        above = self.graph.sources(item.entries, scope, above)
        inner = scope.inner(self.graph.scope_name(item, scope), given)._replace(blocks=(*scope.blocks, name))
        if "share" in item.entries:
            inner = inner._replace(share=self._shared_block(item.entries["share"], inner.naming.prefix, scope))
        return self._body(self.blocks[name].value, f"block '{name}'", inner, item, scope, above)

    def _shared_block(self, entry: Entry, own: str, scope: Scope) -> tuple[str, str]:
        """The names under which the shared block and this one stand."""
        theirs = f"{scope.naming.prefix}{self.reader.text(entry, 'share', scope.variables)}."
        if not any(name.startswith(theirs) for name in self.graph.taken) or own == scope.naming.prefix:
            hint = "both blocks need a name, as in {use: tower, name: right, share: left}"
            self.reader.fault(
                "there is no named block above to share weights with", hint, entry.value.mark, code="unknown-name"
            )
            return "", ""
        return theirs, own

    def _repeat(self, body: MapNode, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{repeat: {times: 3, layers: [...]}}; `index: i` counts the turns from 0, a name gives them a path.

        With `merge: concat` each turn reads the concatenation of what the repeat reads and of all turns before it, and
        the repeat ends in that of all.
        """
        self.reader.keys(body, "'repeat'", ("times", "layers", "name", "index", "merge", "from"), ("times", "layers"))
        if "layers" not in body.entries:
            return above
        times = self.reader.whole(body.entries.get("times"), "times", scope.variables, 1)
        index = self.reader.text(body.entries.get("index"), "index")
        layers = self.reader.sequence(body.entries["layers"].value, "layers")
        name = self.graph.scope_name(body, scope)
        merge = "merge" in body.entries
        gathered = above
        work = len(scope.variables) // _COPIED_AT_ONCE if index else 0
        for turn in range(times):
            before = len(self.graph.nodes), len(self.graph.lines)
            self.graph.step(work + (len(gathered) if merge else 1))
            inner = scope.inner(f"{name}.{turn}" if name else "", {index: turn} if index else {})
            above = self.sequence(layers, inner, self._join(gathered, body, inner) if merge else above)
            gathered = gathered + above if merge else ()
            if before == (len(self.graph.nodes), len(self.graph.lines)) and not index:
                break  # nothing comes of a turn, nor will of any other
        if merge:
            above = self._join(gathered, body, scope.inner(name))
        self.graph.remember(body, scope, above)
        return above

    def _residual(self, body: MapNode, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{residual: {layers: [...], shortcut: [...]}}: the sum of both paths; an empty shortcut is the identity."""
        self.reader.keys(body, "'residual'", ("layers", "shortcut", "merge", *_BLOCK_KEYS), ("layers",))
        inner = scope.inner(self.graph.scope_name(body, scope))
        ends = [
            self._path(body.entries[key], key, inner, above) if key in body.entries else above
            for key in ("layers", "shortcut")
        ]
        return self._merge(ends, body, inner, scope, "add")

    def _branches(self, body: MapNode, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{branches: {merge: concat, paths: [[...], [...]]}}; paths may have names. An empty path is the identity."""
        self.reader.keys(body, "'branches'", ("merge", "paths", *_BLOCK_KEYS), ("merge", "paths"))
        if "paths" not in body.entries:
            return above
        inner = scope.inner(self.graph.scope_name(body, scope))
        node = body.entries["paths"].value
        if isinstance(node, MapNode):
            ends = [self._path(path, name, inner.inner(name), above) for name, path in node.entries.items()]
        else:
            paths = self.reader.sequence(node, "paths").items
            ends = [self._path(Entry(path.mark, path), "a path", inner, above) for path in paths]
        return self._merge(ends, body, inner, scope)

    def _path(self, path: Entry, what: str, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        return self.sequence(self.reader.sequence(path.value, what), scope, above)

    def _merge(
        self, ends: list[tuple[int, ...]], body: MapNode, inner: Scope, scope: Scope, usual: str = "concat"
    ) -> tuple[int, ...]:
        """The end of a structure of several paths."""
        above = self._join(tuple(end for ends_ in ends for end in ends_), body, inner, usual)
        self.graph.remember(body, scope, above)
        return above

    def _join(self, sources: tuple[int, ...], body: MapNode, inner: Scope, usual: str = "concat") -> tuple[int, ...]:
        """The layer that reads all these, with the normalisation and activation of the body."""
        if id(body.entries) not in self._joins:
            self._joins[id(body.entries)] = self._joining(body, usual)
        word, options = self._joins[id(body.entries)]
        return self._lines.read(word.text, word, options, inner, sources)

    def _joining(self, body: MapNode, usual: str) -> tuple[TextNode, Variables[str, Entry]]:
        """What `merge` names: a layer, or one with its options and its name."""
        found = {key: entry for key, entry in body.entries.items() if key in ("norm", "activation")}
        node = body.entries["merge"].value if "merge" in body.entries else None
        if isinstance(node, MapNode) and len(node.entries) == 1:
            ((key, entry),) = node.entries.items()
            options = self._lines.options(key, entry.value)
            for other in LINE_KEYS:
                if other != "name" and other in options:
                    message = f"'{key}' joins paths and takes no '{other}'"
                    self.reader.fault(message, "say it beside merge", options[other].mark, code="unknown-key")
            return TextNode(key, False, entry.mark), {**options, **found} if options is not BROKEN else options
        if isinstance(node, TextNode) and node.text.strip():
            return node, found or NO_OPTIONS
        self.reader.text(body.entries.get("merge"), "merge")
        return TextNode(usual, False, body.mark), found or NO_OPTIONS

    def _body(
        self, node: YamlNode, what: str, inner: Scope, item: MapNode, scope: Scope, above: tuple[int, ...]
    ) -> tuple[int, ...]:
        above = self.sequence(self.reader.sequence(node, what), inner, above)
        self.graph.remember(item, scope, above)
        return above


_STRUCTURES = {"repeat": Builder._repeat, "residual": Builder._residual, "branches": Builder._branches}


def _under_with(key: str) -> str:
    """A hint for a variable that stands beside `use`."""
    near = did_you_mean(key, _USE_KEYS)
    return near if near.startswith("did") else f"variables go under with, as in with: {{{key}: 1}}"
