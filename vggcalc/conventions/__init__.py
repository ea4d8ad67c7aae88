"""Who counts what: one named rule for each way of counting that is not vggcalc's own."""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc.analysis.report import Report
from vggcalc.conventions.convention import Convention, Count, Counts, count
from vggcalc.conventions.memory_by_tool import MEMORY
from vggcalc.conventions.operations_by_tool import OPERATIONS
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.record import Record

__all__ = [
    "MEMORY",
    "OPERATIONS",
    "Between",
    "Convention",
    "Count",
    "Counts",
    "comparable",
    "count_memory",
    "count_operations",
    "counts",
    "find",
]


def count_operations(report: Report, name: str) -> Count:
    """The operations of a network by the convention of this name; raises UsageError for a name that is none.

    >>> from vggcalc import load
    >>> count_operations(load("vgg16").analyse(), "torch").total
    30940528640
    """
    return count(_known(name, OPERATIONS, "convention"), report)


def count_memory(report: Report, name: str) -> Count:
    """The memory of a network by the convention of this name; raises UsageError for a name that is none.

    >>> from vggcalc import load
    >>> count_memory(load("vgg16").analyse(), "live").total_bytes
    25690112
    """
    counted = count(_known(name, MEMORY, "convention of memory"), report)
    terms = counted.terms(counted.groups)
    return counted if terms is None else counted._replace(total_bytes=counted.convention.bytes_of(terms, report.dtype))


def counts(report: Report, convention: str | None, memory_convention: str | None) -> Counts:
    """What was asked for, by the names of the conventions."""
    return Counts(
        None if convention is None else count_operations(report, convention),
        None if memory_convention is None else count_memory(report, memory_convention),
    )


class Between(Record):
    """Two counts of one network between which a ladder can stand, and whether they are of memory."""

    of_memory: bool
    start: Count
    end: Count


def comparable(report: Report, first: str, last: str, of_memory: bool) -> Between:
    """Two counts of one network between which a ladder can stand.

    `of_memory` need not be said where a name is that of a convention of memory alone.

    Raises: UsageError for a name that is none, for one of memory beside one of operations, for twice the same, for a
    count that is unknown, and for a peak, which is no sum of terms.
    """
    kinds = {name: _counts_what(name) for name in (first, last)}
    of_memory = of_memory or "memory" in kinds.values()
    for name, kind in kinds.items():
        if kind == ("operations" if of_memory else "memory"):
            sides = ", ".join(f"{name} counts {kind or 'both'}" for name, kind in kinds.items())
            raise UsageError(
                Problem(
                    f"no ladder leads from one to the other: {sides}", "name two that count the same", code="no-ladder"
                )
            )
    start, end = ((count_memory if of_memory else count_operations)(report, name) for name in (first, last))
    if start.convention is end.convention:
        raise UsageError(
            Problem(f"'{first}' and '{last}' are one convention, {end.convention.name}", "name two", code="no-ladder")
        )
    for side in (start, end):
        name = side.convention.name
        if side.unknown:
            kinds_unknown = ", ".join(side.unknown)
            hint = "stop above them"
            raise UsageError(
                Problem(f"vggcalc does not know how {name} counts {kinds_unknown}", hint, code="no-ladder")
            )
        if not side.convention.is_sum:
            raise UsageError(
                Problem(
                    f"{name} is a peak, no sum of terms", "name a convention that adds up its layers", code="no-ladder"
                )
            )
    return Between(of_memory, start, end)


def find(name: str) -> list[Convention]:
    """The conventions of this name, of operations and of memory; raises UsageError where there is none."""
    found = [convention for known in (OPERATIONS, MEMORY) for convention in _named(name, known)]
    return found or [_known(name, {**OPERATIONS, **MEMORY}, "convention")]


def _counts_what(name: str) -> str:
    """What the conventions of a name count: operations, memory, or both, which is empty."""
    counts = [what for what, known in (("operations", OPERATIONS), ("memory", MEMORY)) if _named(name, known)]
    return counts[0] if len(counts) == 1 else ""


def _known(name: str, conventions: Mapping[str, Convention], what: str) -> Convention:
    found = _named(name, conventions)
    if not found:
        raise UsageError(
            Problem(f"there is no {what} '{name}'", did_you_mean(name, conventions), code="unknown-figure")
        )
    return found[0]


def _named(name: str, conventions: Mapping[str, Convention]) -> list[Convention]:
    """The convention that has this name, whatever its case, or is also called so."""
    lower = name.lower()
    return [each for each in conventions.values() if lower in (each.name, *each.aliases)]
