"""Layers that stand in several places, written once as a block, with variables for what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from vggcalc import bounds
from vggcalc.writing.cost import LINE, Cost
from vggcalc.writing.items import Body, Group, Item, Line, Paths, Repeat, Use
from vggcalc.writing.templates import filled, form_of, values_of
from vggcalc.writing.variables import block_name, names_in, variables

_LONGEST = 16
"""So many items are one block at most, if they are not the whole of a group."""
_TRIED = 6
"""So many candidates are looked at closely each time."""
_ROUNDS = 60
_ALMOST = 0.8
"""Of blocks that shorten a spec by about as much, the one that holds more is the better."""

Key = tuple[int, ...]
Replace = Callable[[Body], Use]


class Forms:
    """A number for each form of items: long lists of numbers are compared faster than long lists of items."""

    def __init__(self) -> None:
        self._numbers: dict[Item, int] = {}

    def of(self, body: Body) -> Key:
        """The numbers of the forms of a list of items."""
        return tuple(self._numbers.setdefault(form, len(self._numbers)) for form in form_of(body))


class Folded:
    """A list of layers and the blocks that it uses."""

    def __init__(self, body: Body, blocks: dict[str, Body]) -> None:
        self.body = body
        self.blocks = blocks

    def length(self, cost: Cost) -> int:
        """How long all of it is when it is written."""
        return cost.of(self.body) + sum(cost.of(own) + len(name) + LINE for name, own in self.blocks.items())


def with_blocks(body: Body, cost: Cost) -> Folded:
    """The shortest that is found by making the best block again and again, until none makes it shorter."""
    folded, forms = Folded(body, {}), Forms()
    if sum(map(len, _bodies(folded))) > bounds.FOLDED:
        return folded
    for _ in range(_ROUNDS):
        length = folded.length(cost)
        tried = [found for key in _candidates(folded, forms, cost) if (found := _with_block(folded, forms, key))]
        gains = [length - each.length(cost) for each in tried]
        if max(gains, default=0) <= 0:
            break
        folded = next(each for each, gain in zip(tried, gains, strict=True) if gain >= _ALMOST * max(gains))
    return folded


def _candidates(folded: Folded, forms: Forms, cost: Cost) -> list[Key]:
    """The forms of lists of items that stand several times and are long, those that promise most first."""
    bodies = [*_bodies(folded)]
    numbers = [forms.of(body) for body in bodies]
    counts = _counted(bodies, numbers)
    samples: dict[Key, Body] = {}
    for body, own in zip(bodies, numbers, strict=True):
        for start in range(len(body)):
            for end in range(start + 1, start + _LONGEST + 1):
                if counts[own[start:end]] < 2 or end > len(body):
                    break
                if end - start > 1 or not isinstance(body[start], Line | Use | Group):
                    samples.setdefault(own[start:end], body[start:end])
        if len(body) > 1 and counts[own] > 1:
            samples.setdefault(own, body)
    promise = {key: (counts[key] - 1) * cost.of(own) - counts[key] * LINE * 2 for key, own in samples.items()}
    return sorted((key for key in samples if promise[key] > 0), key=promise.__getitem__, reverse=True)[:_TRIED]


def _counted(bodies: Sequence[Body], numbers: Sequence[Key]) -> Counter[Key]:
    """How often each list of items stands, if it has no group or is the whole of a body.

    Those are left out that begin like one that stands once.
    """
    counts: Counter[Key] = Counter()
    going: list[tuple[Key, int, int]] = []
    for body, own in zip(bodies, numbers, strict=True):
        until = len(body)
        for start in reversed(range(len(body))):
            until = start if isinstance(body[start], Group) else until
            going.append((own, start, until))
        if len(body) > _LONGEST or until < len(body):
            counts[own] += 1
    for length in range(1, _LONGEST + 1):
        going = [(own, start, until) for own, start, until in going if start + length <= until]
        found = Counter(own[start : start + length] for own, start, _ in going)
        counts.update(found)
        going = [(own, start, until) for own, start, until in going if found[own[start : start + length]] > 1]
    return counts


def _bodies(folded: Folded) -> Iterator[Body]:
    """Every list of items, at any depth."""
    for body in (folded.body, *folded.blocks.values()):
        yield from _within(body)


def _within(body: Body) -> Iterator[Body]:
    yield body
    for item in body:
        for inner in (
            (item.body,) if isinstance(item, Group | Repeat) else item.paths if isinstance(item, Paths) else ()
        ):
            yield from _within(inner)


def _with_block(folded: Folded, forms: Forms, key: Key) -> Folded | None:
    """With a block of this form in all its places."""
    places: list[Body] = []
    groups: list[str] = []

    def note(own: Body) -> Use:
        places.append(own)
        return Use("", "", ())

    for body in (folded.body, *folded.blocks.values()):
        _replaced(body, forms, key, note, groups)
    if len(places) < 2:
        return None
    columns = [*zip(*([value for _, value in values_of(own)] for own in places), strict=True)]
    roles = [role for role, _ in values_of(places[0])]
    taken = names_in(places[0], folded.blocks)
    filling, given = variables(roles, columns, taken)
    name = block_name(filled(places[0], filling), groups if len(groups) == len(places) else [], folded.blocks)
    uses = iter([Use(name, "", tuple((key, column[place]) for key, column in given)) for place in range(len(places))])

    def use(own: Body) -> Use:
        return next(uses)

    body = _replaced(folded.body, forms, key, use, [])
    blocks = {other: _replaced(own, forms, key, use, []) for other, own in folded.blocks.items()}
    return Folded(body, {name: filled(places[0], filling), **blocks})


def _replaced(body: Body, forms: Forms, key: Key, replace: Replace, groups: list[str]) -> Body:
    """A body with each list of items of this form replaced; groups: the names of those that are replaced whole."""
    numbers = forms.of(body)
    found: list[Item] = []
    start = 0
    while start < len(body):
        end = start + len(key)
        if numbers[start:end] == key:
            found.append(replace(body[start:end]))
            start = end
        else:
            found.append(_inside(body[start], forms, key, replace, groups))
            start += 1
    return tuple(found)


def _inside(item: Item, forms: Forms, key: Key, replace: Replace, groups: list[str]) -> Item:
    if isinstance(item, Paths):
        return item._replace(paths=tuple(_replaced(path, forms, key, replace, groups) for path in item.paths))
    if not isinstance(item, Group | Repeat):
        return item
    body = _replaced(item.body, forms, key, replace, groups)
    if isinstance(item, Group) and len(body) == 1 and isinstance(body[0], Use) and not body[0].name:
        if body[0] != item.body[0]:
            groups.append(item.name)
        return body[0]._replace(name=item.name)
    return item._replace(body=body)
