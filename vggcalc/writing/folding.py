"""A network's items folded: what repeats as repetitions, what stands in several places as blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vggcalc.writing.blocks import Folded, with_blocks
from vggcalc.writing.cost import Cost
from vggcalc.writing.dissolving import can_dissolve, dissolved
from vggcalc.writing.items import Body, Group, Item, Paths, Repeat, Use
from vggcalc.writing.runs import as_repeat, unrolled, with_repeats
from vggcalc.writing.spelling import Spelling
from vggcalc.writing.variables import block_name

_FEW = 4
"""More turns than this are hardly shorter one by one."""
_FOR_NAMES = 150
"""So much longer layers are with the name of their group in each, before a block is made for that alone."""
_HARDLY = 1.1
"""By so little a spec may be longer in which stages of one unit and of several are alike."""


def folded(body: Body) -> Folded:
    """The shortest form of a list of layers that is found, without groups."""
    cost = Cost(Spelling([body]))
    plain = with_repeats(body, cost)
    found, alike = (_finished(with_blocks(each, cost), cost) for each in (plain, _lifted(plain, [*_repeats(plain)])))
    return alike if alike.length(cost) <= _HARDLY * found.length(cost) else found


def _finished(found: Folded, cost: Cost) -> Folded:
    """With repetitions of what became the use of a block, and with blocks of the groups that are left and need one."""
    blocks = dict(found.blocks)
    body = _without_groups(found.body, blocks, cost)
    for name in found.blocks:
        blocks[name] = _without_groups(blocks[name], blocks, cost)
    body = _unrolled(with_repeats(body, cost), cost)
    blocks = {name: _unrolled(with_repeats(own, cost), cost) for name, own in blocks.items()}
    return Folded(body, {name: blocks[name] for name in dict.fromkeys(_used(body, blocks))})


def _without_groups(body: Body, blocks: dict[str, Body], cost: Cost) -> Body:
    items: list[Item] = []
    for item in body:
        if isinstance(item, Group):
            inner = _without_groups(item.body, blocks, cost)
            use = Use(block_name(inner, [item.name], blocks), item.name, ())
            outside = dissolved((Group(item.name, inner),)) if can_dissolve(inner) else ()
            if outside and cost.of(outside) <= cost.of((use,)) + cost.of(inner) + _FOR_NAMES:
                items += outside
            else:
                blocks[use.block] = inner
                items.append(use)
        elif isinstance(item, Paths):
            items.append(item._replace(paths=tuple(_without_groups(path, blocks, cost) for path in item.paths)))
        elif isinstance(item, Repeat):
            items.append(item._replace(body=_without_groups(item.body, blocks, cost)))
        else:
            items.append(item)
    return tuple(items)


def _used(body: Body, blocks: Mapping[str, Body]) -> Iterator[str]:
    """The blocks that a body uses, each before those that it uses itself."""
    for item in body:
        if isinstance(item, Use):
            yield item.block
            yield from _used(blocks[item.block], blocks)
        elif isinstance(item, Repeat):
            yield from _used(item.body, blocks)
        elif isinstance(item, Paths):
            for path in item.paths:
                yield from _used(path, blocks)


def _repeats(body: Body) -> Iterator[Repeat]:
    for item in body:
        if isinstance(item, Repeat) and item.merge is None:
            yield item
        if isinstance(item, Repeat | Group):
            yield from _repeats(item.body)
        elif isinstance(item, Paths):
            for path in item.paths:
                yield from _repeats(path)


def _lifted(body: Body, repeats: list[Repeat]) -> Body:
    """A body in which what is like a repetition elsewhere is one too, if it be of one turn."""
    items: list[Item] = []
    start = 0
    while start < len(body):
        item = body[start]
        own = repeats if not isinstance(item, Repeat) else []
        if found := next((found for like in own if (found := as_repeat(body, start, like))), None):
            items.append(found)
            start += found.times * len(found.body)
            continue
        if isinstance(item, Group):
            item = item._replace(body=_lifted(item.body, repeats))
        elif isinstance(item, Paths):
            item = item._replace(paths=tuple(_lifted(path, repeats) for path in item.paths))
        items.append(item)
        start += 1
    return tuple(items)


def _unrolled(body: Body, cost: Cost) -> Body:
    """A body without the repetitions that are longer than what they stand for."""
    items: list[Item] = []
    for item in body:
        if isinstance(item, Repeat):
            item = item._replace(body=_unrolled(item.body, cost))
            is_short = type(item.times) is int and item.times <= _FEW and item.merge is None
            turns = unrolled(item) if is_short else ()
            items += turns if turns and cost.of(turns) < cost.of((item,)) else (item,)
        elif isinstance(item, Paths):
            items.append(item._replace(paths=tuple(_unrolled(path, cost) for path in item.paths)))
        else:
            items.append(item)
    return tuple(items)
