"""Which of the usual suspects explain a wrong figure, the most plausible first.

A suspect counts where the printed figure is what it gives, to the last printed digit. What has many values to offer,
as the sizes of inputs have, must meet more digits than what has one: some of them always fits two digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from vggcalc.published.bench import Bench
from vggcalc.published.case import Candidate, Case
from vggcalc.published.culprits import listed
from vggcalc.published.finding import AnyFinding, Finding
from vggcalc.published.printed import Actual
from vggcalc.published.suspects import LAST_RESORT, SUSPECTS, Suspect

MOST_FIGURES = 20
"""So many wrong figures of a file are looked into, in the light of as many errata; more have another cause."""

MOST = 3
"""So many sentences a figure; more would hide the one that is right."""

CERTAIN = 5
"""So many digits that all agree are no chance: nothing else is looked for."""


def hints(findings: Sequence[AnyFinding], folder: str) -> dict[int, list[str]]:
    """For the place of each wrong finding that a usual suspect explains, the suspects, the most plausible first.

    findings: all those of one table or document, for wrong figures of one model are evidence for each other. folder:
    where the file's own models lie. Of a budget that does not hold, it is told what takes most.
    """
    bench = Bench(folder, follow=False)
    cases: dict[int, Case] = {}
    for verdict in ("wrong", "erratum"):
        own = (
            (place, Case(bench, found))
            for place, found in enumerate(findings)
            if found.verdict == verdict and isinstance(found, Finding) and _is_wrong_in_print(found)
        )
        cases |= islice(own, MOST_FIGURES)
    for case in cases.values():
        case.others = [other for other in cases.values() if other is not case and other.subject == case.subject]
    told = {place: _told(case) for place, case in cases.items() if findings[place].verdict == "wrong"}
    return {place: said for place, said in told.items() if said}


def _is_wrong_in_print(finding: Finding) -> bool:
    """Whether the print itself disagrees; an erratum that is explained is evidence for the figures beside it."""
    return (
        finding.actual is not None and not finding.claim.arithmetic and not finding.claim.printed.fits(finding.actual)
    )


def _told(case: Case) -> list[str]:
    """The suspects that explain a figure. The more are found, the more digits another one must meet."""
    if case.printed.relation != "=":
        return _what_takes_most(case)
    told: list[str] = []
    seen: set[Actual] = set()
    for suspect in SUSPECTS:
        if case.digits < suspect.digits + len(told) or (suspect is LAST_RESORT and told):
            continue
        fitting = [found for found in suspect.candidates(case) if _fits(case, found, seen)]
        if not fitting:
            continue
        told.append(_sentence(case, suspect, fitting))
        seen |= {candidate.value for candidate in fitting if candidate.value is not None}
        if len(told) == MOST or (case.digits >= CERTAIN and _is_exact(case, fitting[0])):
            break
    return told


def _fits(case: Case, candidate: Candidate, seen: set[Actual]) -> bool:
    """Whether a candidate gives the print, by a value that no suspect before it gave or by another reading of it."""
    value, meant = candidate.value, candidate.printed
    return value is not None and not (value in seen and meant is None) and (meant or case.printed).fits(value)


def _is_exact(case: Case, candidate: Candidate) -> bool:
    return candidate.value is not None and (candidate.printed or case.printed).verdict(candidate.value) == "exact"


def _sentence(case: Case, suspect: Suspect, fitting: list[Candidate]) -> str:
    """What a suspect says, with the value; with each its own where its candidates differ."""
    values = {candidate.value: case.text(candidate.value) for candidate in fitting if candidate.value is not None}
    one = len(values) == 1
    names = [c.what if one or c.value is None else f"{c.what} ({values[c.value]})" for c in fitting]
    said = suspect.sentence.format(listed(names, " or "))
    return f"{said} ({next(iter(values.values()))})" if one else said


def _what_takes_most(case: Case) -> list[str]:
    """Of a budget that is exceeded, the layers that exceed it."""
    if not case.printed.relation.startswith("<"):
        return []
    largest = sorted((part for part in case.amounts() if part.amount), key=lambda part: -part.amount)[:MOST]
    sized = ((part.row.name, case.sized(part.amount)) for part in largest)
    names = [f"{name} ({case.text(value)})" for name, value in sized if value is not None]
    return [f"most is at {', '.join(names)}"] if len(names) > 1 else []
