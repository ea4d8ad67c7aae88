"""The verdict on every claim of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vggcalc.claims.arithmetic import arithmetic
from vggcalc.claims.calculator import Calculator
from vggcalc.claims.claim import Claim
from vggcalc.claims.finding import Finding
from vggcalc.claims.printed import RIGHT, Actual, Printed, Verdict
from vggcalc.claims.quantity import Quantity
from vggcalc.claims.table import Table
from vggcalc.errors import MOST_FAULTS, Problem, SpecError
from vggcalc.figures import FIGURES, value_of
from vggcalc.reading.nodes import TextNode
from vggcalc.reading.reader import Reader
from vggcalc.units import byte_text, count


def check(table: Table, derive: bool = False) -> list[Finding]:
    """The verdict on every claim, in the order of the table; derive: of the right ones too, how they come about.

    exact, agrees (to the last printed digit), truncated (cut there), erratum (explained in the table), wrong, or
    unknown, where nobody can compute the figure.

    Raises: SpecError where a model cannot be loaded or a layer does not exist, with all such places.
    """
    calculator = Calculator(table.folder, follow=True)
    findings = [_finding(calculator, claim, derive) for claim in table.claims]
    if calculator.problems:
        raise SpecError(calculator.problems[:MOST_FAULTS])
    return findings


def _finding(calculator: Calculator, claim: Claim, derive: bool = False) -> Finding:
    """The verdict on a claim; a question that makes no sense becomes a problem."""
    if claim.arithmetic:
        reckoned = _reckoned(calculator, claim)
        return Finding(claim, reckoned, "unknown" if reckoned is None else _verdict(claim, reckoned))
    asked = claim.quantity
    selection = calculator.selection(asked, claim.mark)
    actual = value_of(FIGURES[asked.figure], selection, claim.in_bytes, asked.share) if selection else None
    given = [_finding(calculator, other) for other in claim.gives]
    if selection is None or actual is None:
        return Finding(claim, None, "unknown", f"{asked.figure} is unknown here")
    verdict = _verdict(claim, actual)
    is_right = verdict in RIGHT and not claim.erratum
    said = arithmetic(asked, selection, actual, claim.printed) if derive or not is_right else ""
    if is_right:
        return Finding(claim, actual, verdict, said)
    if not claim.erratum:
        return Finding(claim, actual, "wrong", f"{said}, printed {claim.printed.text}{_why(claim, actual)}")
    if verdict in RIGHT:
        return Finding(claim, actual, "wrong", f"is marked as an erratum, but agrees: {said}")
    return _erratum(claim, actual, given, f"{claim.erratum}: {said}, printed {claim.printed.text}")


def _erratum(claim: Claim, actual: Actual, given: Sequence[Finding], reason: str) -> Finding:
    """The verdict on what the table calls an erratum: whether it gives the right figure, and how the print came about.

    given: the findings on what is said to give the printed figure.
    """
    if claim.instead and not _is_right(claim.instead, actual):
        return Finding(claim, actual, "wrong", f"not {claim.instead.text} instead; {reason}")
    for other in given:
        name = other.claim.arithmetic or _named(other.claim.quantity)
        if other.actual is None:
            return Finding(claim, actual, "unknown", f"{reason}; {name} is unknown")
        if other.verdict not in RIGHT:
            return Finding(claim, actual, "wrong", f"{name}, {_amount(other)}, does not give it; {reason}")
        reason += f"; {name} is {_amount(other)}"
    return Finding(claim, actual, "erratum", reason)


def _reckoned(calculator: Calculator, claim: Claim) -> int | None:
    """What the arithmetic of a claim comes to; its figures are those of the claim's layers, or of named ones."""
    unknown = []

    def value(found: re.Match[str]) -> str:
        figure, layers = found["figure"], found["layers"]
        asked = claim.quantity._replace(figure=figure, share=False)
        own = FIGURES[claim.quantity.figure].counted
        if FIGURES[figure].counted != own:
            asked = asked._replace(convention="")
        if FIGURES[figure].counted and not asked.convention:
            hint = "say who counts: convention: NAME, beside the arithmetic"
            calculator.problems.append(Problem(f"{figure} without a convention", hint, claim.mark))
            return "0"
        if layers is not None:
            asked = asked._replace(layer=tuple(name.strip() for name in layers.split(" + ")), part="")
        selection = calculator.selection(asked, claim.mark)
        number = value_of(FIGURES[figure], selection) if selection else None
        if not isinstance(number, int):
            unknown.append(figure)
        return str(number)

    named = rf"\b(?P<figure>{'|'.join(FIGURES)})\b(?:\((?P<layers>[^()]*)\))?"  # macs, or macs(conv3_3)
    text = re.sub(named, value, claim.arithmetic)
    if unknown:
        return None
    reader = Reader()
    found = reader.filled(TextNode(f"$({text})", True, claim.mark), dict.fromkeys(FIGURES, 0))
    calculator.problems += reader.problems
    return None if found is None else int(found)


def _verdict(claim: Claim, actual: Actual) -> Verdict:
    """The print's own verdict, held to cutting or rounding where the table says which it does."""
    verdict = claim.printed.verdict(actual)
    cut = claim.quantity.cut
    if verdict in ("exact", "wrong") or cut is None or claim.printed.relation != "=" or isinstance(actual, tuple):
        return verdict
    if cut:
        return "truncated" if claim.printed.cuts(actual) else "wrong"
    return "agrees" if claim.printed.rounds(actual) else "wrong"


def _is_right(printed: Printed, actual: Actual) -> bool:
    """Whether a figure is the printed one or rounds to it."""
    return printed.verdict(actual) == "exact" or (not isinstance(actual, tuple) and printed.rounds(actual))


def _why(claim: Claim, actual: Actual) -> str:
    """What is wrong with a figure that would be right if the table cut, or rounded, as it says it does not."""
    if not claim.printed.fits(actual):
        return ""
    return ", which is not cut as the table says" if claim.quantity.cut else ", which is cut, but the table rounds"


def _amount(finding: Finding) -> str:
    """A recomputed figure; bytes as such."""
    if finding.claim.in_bytes and isinstance(finding.actual, int):
        return f"{count(finding.actual)} bytes ({byte_text(finding.actual)})"
    return finding.actual_text


def _named(asked: Quantity) -> str:
    """A question in a few words."""
    layers = f" of {' + '.join(asked.layers)}" if asked.layers else ""
    return f"{asked.figure}{f' ({asked.convention})' if asked.convention else ''}{layers}"
