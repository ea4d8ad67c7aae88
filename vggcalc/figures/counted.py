"""Figures that named conventions count, or that were measured under protocols, and how deep a network is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vggcalc.figures.selection import Selection, whole
from vggcalc.paths import enclosing

if TYPE_CHECKING:
    from decimal import Decimal

    from vggcalc.analysis.report import Report
    from vggcalc.conventions.convention import Count
    from vggcalc.figures.figure import Figure


def count_of(selection: Selection, what: str, name: str) -> Count:
    """The count of `operations` or `memory` of the whole report by a convention; each is made once."""
    key = f"{what} {name}"
    if key not in selection.counts:
        from vggcalc.conventions import count_memory, count_operations  # the tables of all tools: not for plain figures

        count = count_operations if what == "operations" else count_memory
        selection.counts[key] = count(selection.report, name)
    return selection.counts[key]


def as_counted(report: Report, operations: Count | None = None, memory: Count | None = None) -> Selection:
    """All layers of a report, its operations and memory counted as these counts do."""
    found = {what: count for what, count in (("operations", operations), ("memory", memory)) if count is not None}
    names = {what: count.convention.name for what, count in found.items()}
    return whole(report, {f"{what} {names[what]}": count for what, count in found.items()}, names)


def adds(figure: Figure, of: Selection, place: int) -> bool:
    """Whether a layer makes a difference to a figure that is a sum over layers, or could."""
    if figure.each is not None:
        return figure.each(of.report.rows[place], of.report) != 0
    name = of.conventions.get(figure.counted, figure.convention)
    return name != "" and count_of(of, figure.counted or "memory", name).adds(place)


def counted(selection: Selection, what: str, name: str = "") -> int | None:
    """Operations, or values of memory, by the convention of this name, or by the one that the selection names.

    Of a peak, the most of the layers; None where nobody knows what a layer counts.
    """
    found = count_of(selection, what, name or selection.conventions[what])
    if selection.is_whole:
        return found.total
    terms = found.terms((place, 1) for place in selection.places)
    return None if terms is None else sum(term.value for term in terms)


def memory_bytes(selection: Selection, name: str = "") -> int | None:
    """Bytes of memory by a convention; one that counts no memory has none."""
    found = count_of(selection, "memory", name or selection.conventions["memory"])
    if selection.is_whole:
        return found.total_bytes
    terms = found.terms((place, 1) for place in selection.places)
    return None if terms is None else found.convention.bytes_of(terms, selection.report.dtype)


def accuracy(figure: str) -> Callable[[Selection], Decimal | None]:
    """What was measured of a whole network, under the protocols that the selection names, or the usual one of it."""

    def value(selection: Selection) -> Decimal | None:
        if not selection.is_whole:
            return None
        from vggcalc import measured  # reads all that was measured: not for other figures

        network = selection.report.network
        named = selection.conventions.get("accuracy") or measured.usual([network], [figure])
        return measured.accuracy(selection.report, figure, named.split(","))

    return value


def depth(selection: Selection) -> int | None:
    """Convolutions and linear layers on the longest path through the layers; None where one of them may be one."""
    if any(row.is_unknown for row in selection.rows):
        return None
    inside = set(selection.places)
    longest: dict[int, int] = {}
    for place in range(min(inside, default=0), max(inside, default=-1) + 1):
        row = selection.report.rows[place]
        above = max((longest.get(source, 0) for source in row.inputs), default=0)
        longest[place] = above + (place in inside and row.multiplies)
    return max(longest.values(), default=0)


def blocks(selection: Selection) -> int:
    """Blocks that stand directly inside the named ones, or in the network."""
    whole = selection.is_whole
    named = {*selection.names}
    inside = {name for name in selection.report.network.blocks if whole or not named.isdisjoint(enclosing(name))}
    return len({name for name in inside if inside.isdisjoint(enclosing(name))})
