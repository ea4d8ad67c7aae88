"""A count as a derivation: the rule with its numbers, for one layer."""

from __future__ import annotations

from vggcalc.analysis.derive import Derivation, Line
from vggcalc.analysis.report import Row
from vggcalc.conventions.convention import Count, Counts, Term
from vggcalc.conventions.rules import joined, written
from vggcalc.layers import Formula


def with_counts(derivation: Derivation, counts: Counts) -> Derivation:
    """A layer's derivation with a line for each count that was asked for."""
    asked = (("operations", counts.operations), ("memory_values", counts.memory))
    lines = [
        Line(figure, _formula(found, derivation.row), convention=found.convention.name)
        for figure, found in asked
        if found is not None
    ]
    return derivation._replace(lines=(*derivation.lines, *lines))


def _formula(found: Count, row: Row) -> Formula:
    terms = found.rows[row.index]
    name = found.convention.name
    if terms is None:
        return Formula("", "", None, f"vggcalc does not know how {name} counts {row.called}")
    symbols = written(tuple((term.times, term.quantity) for term in terms))
    numbers = joined((term.times, _times(term)) for term in terms)
    reason = found.reasons[row.index] if found.reasons else f"as {name} counts"
    return Formula(symbols, numbers, found.of(row.index) or 0, reason)


def _times(term: Term) -> str:
    times = abs(term.times)
    return str(term.amount) if times == 1 else f"{times} * {term.amount}"
