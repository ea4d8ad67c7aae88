"""What would explain a wrong figure, the most plausible first.

An explanation counts where the printed figure is what it gives, to the last printed digit. What has many values to
offer, as the sizes of inputs have, must meet more digits than what has one: some of them always fits two digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from vggcalc import bounds
from vggcalc.claims.calculator import Calculator
from vggcalc.claims.finding import Finding
from vggcalc.claims.printed import Actual
from vggcalc.errors import VggcalcError
from vggcalc.figures import FIGURES
from vggcalc.hints.candidates import Candidate
from vggcalc.hints.discrepancy import Discrepancy
from vggcalc.hints.explanations import EXPLANATIONS, Explanation
from vggcalc.hints.single_layers import listed

MOST_FIGURES = 20
"""So many wrong figures of a file are looked into, in the light of as many errata; more have another cause."""

MOST = 3
"""So many sentences a figure; more would hide the one that is right."""

CERTAIN = 5
"""So many digits that all agree are no chance: nothing else is looked for."""


def hints(findings: Mapping[int, Finding], folder: str) -> dict[int, list[str]]:
    """For the place of each wrong finding, what would explain it, the most plausible first.

    findings: all those of one table or document by their place, for wrong figures of one model are evidence for each
    other. folder: where the file's own models lie. Of a budget that does not hold, it is told what takes most.
    """
    calculator = Calculator(folder, bounds.HINTED_LAYERS)
    cases: dict[int, Discrepancy] = {}
    for verdict in ("wrong", "erratum"):
        own = (
            (place, Discrepancy(calculator, found))
            for place, found in findings.items()
            if found.verdict == verdict and _is_wrong_in_print(found) and _is_computed(found)
        )
        cases |= islice(own, MOST_FIGURES)
    for wrong in cases.values():
        wrong.others = [other for other in cases.values() if other is not wrong and other.subject == wrong.subject]
    told: dict[int, list[str]] = {}
    for place, wrong in cases.items():
        try:
            said = _told(wrong) if findings[place].verdict == "wrong" else []
        except VggcalcError:  # what lies beyond the bounds is no explanation that anyone would have meant
            continue
        if said:
            told[place] = said
    return told


def _is_computed(finding: Finding) -> bool:
    """Whether it is a figure that one may miscount; what was measured is only looked up."""
    return not FIGURES[finding.claim.quantity.figure].measured


def _is_wrong_in_print(finding: Finding) -> bool:
    """Whether the print itself disagrees; an erratum that is explained is evidence for the figures beside it."""
    claim, actual = finding.claim, finding.actual
    return actual is not None and not claim.quantity.arithmetic and not claim.printed.fits(actual)


def _told(wrong: Discrepancy) -> list[str]:
    """What explains a figure. The more are found, the more digits another one must meet."""
    if wrong.printed.relation != "=":
        return _what_takes_most(wrong)
    told: list[str] = []
    seen: set[Actual] = set()
    for explanation in EXPLANATIONS:
        if wrong.digits < explanation.digits + len(told) or (explanation.alone and told):
            continue
        fitting = _first_of_a_name(found for found in explanation.candidates(wrong) if _fits(wrong, found, seen))
        if not fitting:
            continue
        told.append(_sentence(wrong, explanation, fitting))
        seen |= {candidate.value for candidate in fitting if candidate.value is not None}
        if len(told) == MOST or (wrong.digits >= CERTAIN and _is_exact(wrong, fitting[0])):
            break
    return told


def _fits(wrong: Discrepancy, candidate: Candidate, seen: set[Actual]) -> bool:
    """Whether a candidate gives the print, by a value that none before it gave, or by another reading of it."""
    value, meant = candidate.value, candidate.printed
    return value is not None and not (value in seen and meant is None) and (meant or wrong.printed).fits(value)


def _first_of_a_name(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The first of those that say the same of different values."""
    named: dict[str, Candidate] = {}
    for candidate in candidates:
        named.setdefault(candidate.what, candidate)
    return list(named.values())


def _is_exact(wrong: Discrepancy, candidate: Candidate) -> bool:
    return candidate.value is not None and (candidate.printed or wrong.printed).verdict(candidate.value) == "exact"


def _sentence(wrong: Discrepancy, explanation: Explanation, fitting: list[Candidate]) -> str:
    """What an explanation says, with the value; with each its own where its candidates differ."""
    values = {candidate.value: wrong.text(candidate.value) for candidate in fitting if candidate.value is not None}
    one = len(values) == 1
    names = [c.what if one or c.value is None else f"{c.what} ({values[c.value]})" for c in fitting]
    said = explanation.sentence.format(listed(names, " or "))
    return f"{said} ({next(iter(values.values()))})" if one else said


def _what_takes_most(wrong: Discrepancy) -> list[str]:
    """Of a budget that is exceeded, the layers that exceed it."""
    if not wrong.printed.relation.startswith("<"):
        return []
    largest = sorted((part for part in wrong.amounts() if part.amount), key=lambda part: -part.amount)[:MOST]
    sized = ((part.row.name, wrong.sized(part.amount)) for part in largest)
    names = [f"{name} ({wrong.text(value)})" for name, value in sized if value is not None]
    return [f"most is at {', '.join(names)}"] if len(names) > 1 else []
