"""How many layers a list unfolds into at least, reckoned without unfolding it.

A block that uses another one twice, and that one a third, doubles with each line; a repeat multiplies.
"""

from __future__ import annotations

from collections.abc import Mapping as Variables

from vggcalc import bounds
from vggcalc.reading.expression import Value
from vggcalc.reading.nodes import Entry, ListNode, MapNode, TextNode, YamlNode
from vggcalc.reading.reader import Reader

_DIGITS = 40
"""As many as any number of a spec has."""


class Size:
    """Counts the lines of lists with blocks and repeats in them.

    It counts what is sure: a repeat whose number of turns is a variable that its surroundings set counts as none.
    variables: those of the network. What is broken counts as nothing; whoever unfolds it says what is wrong.
    """

    def __init__(self, blocks: Variables[str, Entry], variables: Variables[str, Value]) -> None:
        self._blocks = blocks
        self._variables = variables
        self._known: dict[str, int] = {}

    def least(self, node: YamlNode, bound: frozenset[str] = frozenset(), depth: int = 0) -> int:
        """The layers of a list; bound: variables that are set on the way to it."""
        if not isinstance(node, ListNode) or depth >= bounds.NESTING:
            return 0
        return sum(self._item(item, bound, depth + 1) for item in node.items)

    def _item(self, item: YamlNode, bound: frozenset[str], depth: int) -> int:
        if isinstance(item, TextNode):
            return 1
        if not isinstance(item, MapNode):
            return 0
        if "use" in item.entries:
            return self._block(item, depth)
        if len(item.entries) != 1:
            return 0
        ((key, entry),) = item.entries.items()
        if key not in ("repeat", "residual", "branches"):
            return 1
        body = entry.value.entries if isinstance(entry.value, MapNode) else {}
        if key == "repeat":
            return self._repeat(body, bound, depth)
        paths = body["paths"].value if "paths" in body else None
        named = [path.value for path in paths.entries.values()] if isinstance(paths, MapNode) else []
        given = paths.items if isinstance(paths, ListNode) else named
        both = [body[path].value for path in ("layers", "shortcut") if path in body]
        return sum(self.least(path, bound, depth) for path in (given if key == "branches" else both)) + 1

    def _repeat(self, body: Variables[str, Entry], bound: frozenset[str], depth: int) -> int:
        index = body["index"].value if "index" in body else None
        inner = bound | {index.text} if isinstance(index, TextNode) else bound
        times = self._times(body["times"].value, bound) if "times" in body else 0
        return times * self.least(body["layers"].value, inner, depth) if times and "layers" in body else 0

    def _times(self, node: YamlNode, bound: frozenset[str]) -> int:
        free = {name: value for name, value in self._variables.items() if name not in bound}
        text = Reader().filled(node, free) or "" if isinstance(node, TextNode) else ""
        return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0

    def _block(self, item: MapNode, depth: int) -> int:
        """The layers of the block that is used; what it is told is anything, so no variable of it is sure."""
        use = item.entries["use"].value
        name = use.text if isinstance(use, TextNode) else ""
        if name not in self._blocks:
            return 0
        if name not in self._known:
            self._known[name] = 0  # one that uses itself is refused
            self._known[name] = self.least(self._blocks[name].value, frozenset(self._variables), depth)
        return self._known[name]
