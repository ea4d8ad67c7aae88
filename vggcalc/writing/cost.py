"""How long items are when they are written."""

from __future__ import annotations

from vggcalc.writing.dissolving import dissolved
from vggcalc.writing.flow import block
from vggcalc.writing.items import Body, Item
from vggcalc.writing.spelling import Spelling

LINE = 40
"""What a line costs beside its characters: a reader would rather have few lines than short ones."""


class Cost:
    """The length of items, with the defaults of the network that they are from."""

    def __init__(self, spelling: Spelling) -> None:
        self._spelling = spelling
        self._known: dict[Item, int] = {}

    def of(self, body: Body) -> int:
        """The length of a list of layers."""
        return sum(map(self._of, body))

    def _of(self, item: Item) -> int:
        if item not in self._known:
            lines = [*block({"x": self._spelling.body(dissolved((item,)))})][1:]
            self._known[item] = sum(len(line.strip()) + LINE for line in lines)
        return self._known[item]
