"""Parts of a file that no network is made of."""

from __future__ import annotations

from collections.abc import Iterator

from vggcalc.errors import Problem
from vggcalc.language.family import Family
from vggcalc.reading.nodes import ListNode, MapNode, TextNode, YamlNode


def unused_block(family: Family) -> Iterator[Problem]:
    """A block that no network uses, be it through others; nobody knows what `$(...)` may name."""
    outside = MapNode({key: entry for key, entry in family.root.entries.items() if key != "blocks"}, family.root.mark)
    used: set[str] = set()
    found = set(_used(outside))
    while new := found - used:
        used |= new
        found = {name for block in new & family.blocks.keys() for name in _used(family.blocks[block].value)}
    if not any("$" in name for name in used):
        for name in family.blocks.keys() - used:
            hint = "use it, or take it out"
            yield Problem(f"nothing uses the block '{name}'", hint, family.blocks[name].mark, code="unused-block")


def _used(root: YamlNode) -> Iterator[str]:
    """The names that stand behind `use`."""
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, ListNode):
            open_nodes += node.items
        elif isinstance(node, MapNode):
            open_nodes += [entry.value for entry in node.entries.values()]
            if "use" in node.entries and isinstance(name := node.entries["use"].value, TextNode):
                yield name.text
