"""What a spec's list of layers is made of: lines, structures of several paths, uses of blocks, and repetitions.

Names are relative to the scope in which an item stands. Any name, number or word may hold `$(...)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vggcalc.layers.base import Layer
from vggcalc.record import Record


class Line(Record):
    """A layer with the normalisation and activation that follow it.

    is_given: its name must be said, for the language would give another one; so for those that follow it. sources:
    what it reads, where that is not the layer above. The kind of what follows may be a variable's.
    """

    kind: type[Layer] | str
    fields: tuple[tuple[str, Any], ...]
    name: str
    is_given: bool
    sources: tuple[str, ...] | None = None
    share: str = ""
    followers: tuple[Line, ...] = ()


class Paths(Record):
    """Paths from one place that meet in one layer, the merge; a residual where that adds two.

    name: that of the scope which it opens; none where it is empty. names: those of the paths, where they have any.
    """

    name: str
    merge: Line
    paths: tuple[Body, ...]
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] | None = None


class Group(Record):
    """Layers under one name. The language has it where a block is used."""

    name: str
    body: Body


class Use(Record):
    """A block in its place, with the values of its variables, under a name if it has one."""

    block: str
    name: str
    values: tuple[tuple[str, Any], ...]


class Repeat(Record):
    """Layers that repeat. counter: the variable that holds the number of the turn, if one is needed.

    merge: in which each turn reads all that stands above it, if it does.
    """

    times: Any
    counter: str
    body: Body
    merge: Line | None = None


Item = Line | Paths | Group | Use | Repeat
Body = tuple[Item, ...]


def lines(body: Body) -> Iterator[Line]:
    """Every line of a body, with those that follow other ones and those in which paths meet."""
    for item in body:
        if isinstance(item, Line):
            yield item
            yield from item.followers
        elif isinstance(item, Paths):
            for path in item.paths:
                yield from lines(path)
            yield from lines((item.merge,))
        elif isinstance(item, Group | Repeat):
            yield from lines(item.body)
            yield from lines((item.merge,) if isinstance(item, Repeat) and item.merge else ())


def merges_of(body: Body) -> Iterator[Line]:
    """Every line in which paths meet."""
    for item in body:
        if isinstance(item, Paths):
            yield item.merge
        for inner in item.paths if isinstance(item, Paths) else [item.body] if isinstance(item, Group | Repeat) else []:
            yield from merges_of(inner)
