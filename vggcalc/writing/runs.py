"""Layers that stand again and again, one after the other, as repetitions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeGuard

from vggcalc.reading.expression import evaluate
from vggcalc.writing.cost import Cost
from vggcalc.writing.dissolving import is_named
from vggcalc.writing.items import Body, Group, Item, Line, Paths, Repeat
from vggcalc.writing.templates import filled, form_of, names_in_text, values_of

_LONGEST = 8
"""So many items are one turn at most."""
_COUNTERS = "ijklmn"
_SURE = 4
"""In so many turns numbers of layers do not grow evenly by chance."""


def with_repeats(body: Body, cost: Cost, in_group: bool = False) -> Body:
    """A body with repetitions wherever they are shorter, inner ones first.

    in_group: it would stand somewhere else if no block is made of it, and its layers with it, under names of their own.
    """
    items = [_inner(item, cost, in_group) for item in body]
    forms = form_of(tuple(items))
    values = [values_of((item,)) for item in items]
    found: list[Item] = []
    start = 0
    while start < len(items):
        best, used = _gathered(items, start)
        for period in range(1, _LONGEST + 1):
            second = start + period
            if period * 2 <= used or forms[start:second] != forms[second : second + period] or second >= len(items):
                continue
            times, steps = _turns(forms, values, start, period)
            if times > 1 and period * times > used:
                own = tuple(items[start : start + period])
                if in_group and times < _SURE and not is_named(own):
                    continue
                repeat = _repeat(own, times, steps)
                if cost.of((repeat,)) < cost.of(tuple(items[start : start + period * times])):
                    best, used = repeat, period * times
        found.append(best or items[start])
        start += used or 1
    return tuple(found)


def _inner(item: Item, cost: Cost, in_group: bool) -> Item:
    if isinstance(item, Group):
        return item._replace(body=with_repeats(item.body, cost, in_group=True))
    if isinstance(item, Paths):
        return item._replace(paths=tuple(with_repeats(path, cost, in_group) for path in item.paths))
    return item


def _gathered(items: Sequence[Item], start: int) -> tuple[Repeat | None, int]:
    """Layers that repeat, each turn of which reads all that was made above it, joined; and how many items they are.

    What they read is seen when the spec is read back.
    """
    for period in range(1, _LONGEST + 1) if _joins(items[start]) else ():
        merges = [item for item in items[start :: period + 1] if _joins(item)]
        times = next((n for n in range(1, len(merges)) if not _follows(merges[n - 1], merges[n])), len(merges)) - 1
        at = [start + turn * (period + 1) for turn in range(times)]
        own = tuple(item for first in at for item in items[first + 1 : first + 1 + period])
        if times < 2 or any(map(_joins, own)) or [*items[start :: period + 1]][: times + 1] != merges[: times + 1]:
            continue
        found, steps = _turns(form_of(own), [values_of((item,)) for item in own], 0, period)
        if found == times:
            assert isinstance(merges[0], Line)
            join = merges[0]._replace(sources=None)
            return _repeat(own[:period], times, steps)._replace(merge=join), times * (period + 1) + 1
    return None, 0


def _joins(item: Item) -> TypeGuard[Line]:
    """Whether it is a layer that can read any number, under the name that the language gives it."""
    can_join = isinstance(item, Line) and not isinstance(item.kind, str) and item.kind.inputs[1] is None
    return can_join and isinstance(item, Line) and not (item.is_given or item.followers or item.share)


def _follows(merge: Line, other: Line) -> bool:
    """Whether one joins what another does, and one more."""
    before, after = merge.sources or ("",), other.sources or ()
    return len(after) == len(before) + 1 and after[1:-1] == before[1:] and merge.fields == other.fields


def _turns(forms: Body, values: Sequence[Sequence[tuple[str, Any]]], start: int, period: int) -> tuple[int, list[int]]:
    """How often a turn of so many items stands from here on, and by what each of its numbers grows each turn."""
    first = [value for own in values[start : start + period] for value in own]
    steps: list[int] = []
    times = 1
    while start + period * (times + 1) <= len(forms):
        at = start + period * times
        if forms[at : at + period] != forms[start : start + period]:
            break
        later = [value for own in values[at : at + period] for value in own]
        grown = [_step(role, a, b, times) for (role, a), (_, b) in zip(first, later, strict=True)]
        if None in grown or (steps and grown != steps):
            break
        steps, times = [step or 0 for step in grown], times + 1
    is_sure = times >= _SURE or all(not step or role == "name" for step, (role, _) in zip(steps, first, strict=False))
    return times if is_sure else 1, steps


def _step(role: str, first: Any, later: Any, turns: int) -> int | None:
    """By what a number grows each turn, if it does so evenly, in names by one; None where it does not."""
    if first == later:
        return 0
    if type(first) is not int or type(later) is not int:
        return None
    step, rest = divmod(later - first, turns)
    return None if rest or step < 0 or (role == "name" and step > 1) else step


def _repeat(own: Body, times: int, steps: Sequence[int]) -> Repeat:
    counter = next(each for each in _COUNTERS if each not in _counters(own)) if any(steps) else ""
    values = [
        _growing(value, step, counter) if step else value
        for (_, value), step in zip(values_of(own), steps, strict=True)
    ]
    return Repeat(times, counter, filled(own, values))


def _growing(first: int, step: int, counter: str) -> str:
    """A number that grows: $(i + 1), $(2 * i)."""
    grown = counter if step == 1 else f"{step} * {counter}"
    return f"$({grown} + {first})" if first else f"$({grown})"


def _counters(body: Body) -> set[str]:
    """The counters of the repetitions in a body."""
    found: set[str] = set()
    for item in body:
        if isinstance(item, Repeat):
            found |= {item.counter, *_counters(item.body)}
        elif isinstance(item, Group):
            found |= _counters(item.body)
        elif isinstance(item, Paths):
            found |= set().union(*map(_counters, item.paths))
    return found


@lru_cache(maxsize=1_000)
def turn(repeat: Repeat, number: int) -> Body:
    """A turn of a repetition, counted from 0."""
    values = [
        evaluate(value[2:-1], {repeat.counter: number}) if _grows(value, repeat.counter) else value
        for _, value in values_of(repeat.body)
    ]
    return filled(repeat.body, values)


def unrolled(repeat: Repeat) -> Body:
    """All turns of a repetition, one after the other."""
    return tuple(item for number in range(repeat.times) for item in turn(repeat, number))


def _grows(value: Any, counter: str) -> bool:
    """Whether it holds the counter and no other variable."""
    return isinstance(value, str) and bool(counter) and names_in_text(value) == {counter}


def as_repeat(body: Body, start: int, like: Repeat) -> Repeat | None:
    """The items from here on as a repetition that differs from another in its numbers alone; None if they are none."""
    length = len(like.body)
    own = body[start : start + length]
    first = turn(like, 0)
    if len(own) < length or form_of(own) != form_of(first):
        return None
    values = []
    for (_, value), (_, grown), (_, theirs) in zip(values_of(own), values_of(like.body), values_of(first), strict=True):
        if _grows(grown, like.counter) and value != theirs:
            return None
        values.append(grown if _grows(grown, like.counter) else value)
    found = Repeat(1, like.counter, filled(own, values))
    while _are_alike(body[start + found.times * length :][:length], turn(found, found.times)):
        found = found._replace(times=found.times + 1)
    return found


def _are_alike(body: Body, other: Body) -> bool:
    """Whether two bodies are written alike."""
    return len(body) == len(other) and form_of(body) == form_of(other) and values_of(body) == values_of(other)
