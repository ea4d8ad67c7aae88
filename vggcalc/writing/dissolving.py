"""Groups that no block is made of: their layers stand where the group did, under its name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vggcalc.writing.items import Body, Group, Item, Line, Paths, Repeat, Use


def dissolved(body: Body) -> Body:
    """A body whose groups are gone; every layer has the same name as before."""
    found: list[Item] = []
    for item in body:
        if isinstance(item, Group):
            inner = dissolved(item.body)
            if len(inner) == 1 and isinstance(inner[0], Paths) and not inner[0].name:
                found.append(inner[0]._replace(name=item.name))
                continue
            own: set[str] = set()
            for number, each in enumerate(inner):  # a layer reads what stands above it, and not what comes later
                own |= {*map(_numberless, _names(inner[number : number + 1]))}
                found.append(_under(item.name, each, own))
        elif isinstance(item, Paths):
            found.append(item._replace(paths=tuple(map(dissolved, item.paths))))
        elif isinstance(item, Repeat):
            found.append(item._replace(body=dissolved(item.body)))
        else:
            found.append(item)
    return tuple(found)


def can_dissolve(body: Body) -> bool:
    """Whether each layer's name can be said from outside; a block that is used under no name says its own."""
    if len(body) == 1 and isinstance(body[0], Paths):
        return True
    return all(map(_is_open, body))


def is_named(body: Body) -> bool:
    """Whether every layer of a body says its name, so that the body may stand anywhere."""
    return all(
        item.is_given
        if isinstance(item, Line)
        else bool(item.name) or (item.merge.is_given and all(map(is_named, item.paths)))
        if isinstance(item, Paths)
        else is_named(item.body) and item.merge is None
        if isinstance(item, Repeat)
        else bool(item.name)
        for item in body
    )


def _is_open(item: Item) -> bool:
    """Whether names can be given to the layers of an item, where they have none."""
    if isinstance(item, Repeat):
        return is_named((item,))
    if isinstance(item, Paths):
        return bool(item.name) or all(map(can_dissolve, item.paths))
    return isinstance(item, Line) or bool(item.name)


def _names(body: Body, prefix: str = "") -> Iterator[str]:
    """The names under which the layers of a body are read in its scope."""
    for item in body:
        if isinstance(item, Line):
            yield prefix + item.name
        elif isinstance(item, Paths):
            own = f"{prefix}{item.name}." if item.name else prefix
            yield own + item.merge.name
            for number, path in enumerate(item.paths):
                yield from _names(path, f"{own}{item.names[number]}." if item.names else own)
        elif isinstance(item, Use):
            yield from (f"{prefix}{item.name}", f"{prefix}{item.name}.")
        else:
            yield from _names(item.body, f"{prefix}{item.name}." if isinstance(item, Group) else prefix)


def _under(name: str, item: Item, own: set[str]) -> Item:
    """An item under the name of its group."""
    if isinstance(item, Line):
        return _line_under(name, item, own)
    if isinstance(item, Repeat):
        return item._replace(body=tuple(_under(name, each, own) for each in item.body))
    if isinstance(item, Paths) and not item.name:
        paths = tuple(tuple(_under(name, each, own) for each in path) for path in item.paths)
        if item.names:
            return item._replace(name=name)
        return item._replace(merge=_line_under(name, item.merge, own), paths=paths)
    return item._replace(name=f"{name}.{item.name}")


def _line_under(name: str, line: Line, own: set[str]) -> Line:
    sources = line.sources and tuple(f"{name}.{source}" if _is_of(source, own) else source for source in line.sources)
    has_number = bool(re.search(r"[0-9][0-9_]*$", line.name))
    followers = tuple(
        each._replace(is_given=each.is_given or not (line.is_given or has_number)) for each in line.followers
    )
    return line._replace(name=f"{name}.{line.name}", is_given=True, sources=sources, followers=followers)


def _is_of(source: str, own: set[str]) -> bool:
    """Whether a name is one of these, or of a layer in a block that is used under one of these."""
    parts = _numberless(source).split(".")
    return any(".".join(parts[:length]) + "." in own for length in range(1, len(parts))) or ".".join(parts) in own


def _numberless(name: str) -> str:
    """A name without its numbers: that of another turn is like it."""
    return re.sub(r"\$\([^()]*\)|[0-9]+", "#", name)
