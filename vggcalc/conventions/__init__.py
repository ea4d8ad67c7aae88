"""Who counts what: one named rule for each way of counting that is not vggcalc's own."""

from __future__ import annotations

from vggcalc.analysis.live import live
from vggcalc.analysis.report import Report
from vggcalc.conventions import memory, operations, rules
from vggcalc.conventions.connections import connections
from vggcalc.conventions.memory import MEMORY
from vggcalc.conventions.operations import OPERATIONS
from vggcalc.conventions.rules import Convention, Count, Counts, Term
from vggcalc.conventions.saved import saved
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.units import n_bytes

__all__ = [
    "MEMORY",
    "OPERATIONS",
    "Convention",
    "Count",
    "Counts",
    "comparable",
    "connections",
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
    return rules.count(OPERATIONS[_known(name, OPERATIONS, operations.ALIASES, "convention")], report)


def count_memory(report: Report, name: str) -> Count:
    """The memory of a network by the convention of this name; raises UsageError for a name that is none.

    >>> from vggcalc import load
    >>> count_memory(load("vgg16").analyse(), "live").total_bytes
    25690112
    """
    convention = MEMORY[_known(name, MEMORY, memory.ALIASES, "convention of memory")]
    if convention is memory.SAVED:
        return saved(report)
    if convention is memory.LIVE:
        found = live(report)
        total_bytes = n_bytes(found.peak, report.dtype)
        rows = tuple((Term(1, "alive", values),) for values in found.values)
        return Count(convention, rows, (), found.peak, total_bytes, report.rows[found.at].name)
    counted = rules.count(convention, report)
    if counted.total is None or convention.bytes_each == 0:
        return counted
    each = convention.bytes_each
    return counted._replace(total_bytes=n_bytes(counted.total, report.dtype) if each is None else each * counted.total)


def counts(report: Report, convention: str | None, memory_convention: str | None) -> Counts:
    """What was asked for, by the names of the conventions."""
    return Counts(
        None if convention is None else count_operations(report, convention),
        None if memory_convention is None else count_memory(report, memory_convention),
    )


def comparable(report: Report, first: str, last: str, of_memory: bool) -> tuple[Count, Count]:
    """Two counts of one network between which a ladder can stand.

    Names that are conventions of memory alone need no `of_memory`.

    Raises: UsageError for a name that is none, a count that is unknown, and a peak, which is no sum of terms.
    """
    if not of_memory:
        of_memory = all(name not in OPERATIONS and name in MEMORY for name in (first, last))
    found = tuple((count_memory if of_memory else count_operations)(report, name) for name in (first, last))
    for count in found:
        name = count.convention.name
        if count.unknown:
            hint = "use --until to stop above them"
            raise UsageError(Problem(f"{name} does not say how {', '.join(count.unknown)} count", hint))
        if not count.convention.is_sum:
            raise UsageError(Problem(f"{name} is a peak, no sum of terms", "see it with 'show MODEL --memory live'"))
    return found[0], found[1]


def find(name: str) -> list[Convention]:
    """The conventions of this name, of operations and of memory; raises UsageError where there is none."""
    pairs = ((OPERATIONS, operations.ALIASES), (MEMORY, memory.ALIASES))
    found = [known[aliases.get(name, name)] for known, aliases in pairs if aliases.get(name, name) in known]
    if not found:
        _known(name, {**OPERATIONS, **MEMORY}, {}, "convention")
    return found


def _known(name: str, conventions: dict[str, Convention], aliases: dict[str, str], what: str) -> str:
    name = aliases.get(name, name)
    if name not in conventions:
        raise UsageError(Problem(f"there is no {what} '{name}'", did_you_mean(name, conventions)))
    return name
