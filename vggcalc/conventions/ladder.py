"""Why two counts of one network differ: the terms that lead from one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vggcalc.analysis.report import Report
from vggcalc.conventions.convention import Count
from vggcalc.record import Record

COMMON_NAMES = {"own": "out", "trained": "out", "copies": "out", "modules": "out", "weighted": "in", "held": "params"}
"""Quantities that are, layer by layer, another one or nothing; a ladder calls them by the name of that."""

_LEAP = 3

Parts = Mapping[tuple[str, str], int]
"""A count taken apart: what each quantity adds at each kind of layer."""


class Step(Record):
    """One difference: a quantity that is counted more or less often, at some kinds of layers.

    times: how often more; 0 where that is not the same everywhere. amounts: the whole difference, by kind of layer.
    """

    quantity: str
    times: int
    amounts: tuple[tuple[str, int], ...]

    @property
    def value(self) -> int:
        """What the step adds to the total."""
        return sum(amount for _, amount in self.amounts)


class Rung(Record):
    """A total, by whom it is counted, and how it comes from the rung that it stands on.

    under: the place of that rung, -1 for the lowest. doubled: all of that is taken twice before the steps.
    """

    counts: tuple[Count, ...]
    under: int
    depth: int
    doubled: bool
    steps: tuple[Step, ...]

    @property
    def total(self) -> int:
        """The total that all its counts agree on."""
        return self.counts[0].total or 0


class Way(Record):
    """How one count becomes another."""

    doubled: bool
    steps: tuple[Step, ...]


def way(report: Report, start: Count, end: Count) -> Way:
    """The steps from one count to another, whichever is shorter: term by term, or with all doubled first."""
    return _way(_parts(report, start), _parts(report, end), _units(report, (start, end)))


def ladder(report: Report, counts: Iterable[Count]) -> list[Rung]:
    """All known counts as a tree that begins at the lowest: each stands on the one to which the fewest steps lead.

    Counts with the same total, and as memory the same bytes, share a rung. Those that are unknown, and peaks, are left
    out.
    """
    known: dict[tuple[int, int], list[Count]] = {}
    for count in counts:
        if count.total is not None and count.convention.is_sum:
            known.setdefault((count.total, count.total_bytes or 0), []).append(count)
    if not known:
        return []
    lowest, *others = sorted(known)
    units = _units(report, [count for same in known.values() for count in same])
    parts = {key: _parts(report, same[0]) for key, same in known.items()}
    children: dict[tuple[int, int], list[tuple[tuple[int, int], Way]]] = {key: [] for key in known}
    nearest = {key: (_way(parts[lowest], parts[key], units), lowest) for key in others}
    while nearest:
        key = min(nearest, key=lambda key: (_length(nearest[key][0], key[0]), key))
        found, under = nearest.pop(key)
        children[under].append((key, found))
        for other in nearest:
            candidate = _way(parts[key], parts[other], units)
            if _length(candidate, other[0]) < _length(nearest[other][0], other[0]):
                nearest[other] = (candidate, key)
    rungs: list[Rung] = []
    waiting = [(lowest, _way({}, parts[lowest], units), -1, 0)]
    while waiting:
        key, found, below, depth = waiting.pop()
        rungs.append(Rung(tuple(known[key]), below, depth, found.doubled, found.steps))
        place = len(rungs) - 1
        waiting += [(child, its_way, place, depth + 1) for child, its_way in sorted(children[key], reverse=True)]
    return rungs


def _way(first: Parts, last: Parts, units: Parts) -> Way:
    plain = Way(False, _steps(first, last, units))
    double = Way(True, _steps({key: 2 * value for key, value in first.items()}, last, units))
    total = sum(last.values())
    return min(plain, double, key=lambda found: _length(found, total))


def _length(found: Way, total: int) -> tuple[int, int]:
    """How long a way to a total is to follow: its steps, a third of the total being a leap; and what they add."""
    values = [abs(step.value) for step in found.steps]
    return found.doubled + sum(_LEAP if 3 * value >= total else 1 for value in values), sum(values)


def _parts(report: Report, count: Count) -> dict[tuple[str, str], int]:
    parts: dict[tuple[str, str], int] = {}
    for index, alike in count.groups:
        for term in count.rows[index] or ():
            key = (COMMON_NAMES.get(term.quantity, term.quantity), report.rows[index].kind)
            parts[key] = parts.get(key, 0) + alike * term.value
    return {key: value for key, value in parts.items() if value}


def _units(report: Report, counts: Sequence[Count]) -> dict[tuple[str, str], int]:
    """What each quantity is at each kind of layer, counted once."""
    units: dict[tuple[str, str], int] = {}
    for index, alike in max((count.groups for count in counts), key=len):  # the finest serve all
        amounts: dict[tuple[str, str], int] = {}
        for count in counts:
            for term in count.rows[index] or ():
                key = (COMMON_NAMES.get(term.quantity, term.quantity), report.rows[index].kind)
                amounts[key] = max(amounts.get(key, 0), term.amount)
        for key, amount in amounts.items():
            units[key] = units.get(key, 0) + alike * amount
    return units


def _steps(first: Parts, last: Parts, units: Parts) -> tuple[Step, ...]:
    found: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for key in dict.fromkeys((*first, *last)):
        difference = last.get(key, 0) - first.get(key, 0)
        if difference:
            times, rest = divmod(difference, units[key])
            found.setdefault((key[0], 0 if rest else times), []).append((key[1], difference))
    return tuple(Step(quantity, times, tuple(amounts)) for (quantity, times), amounts in found.items())
