"""The verdict on every claim of a table."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.claims.arithmetic import arithmetic
from vggcalc.claims.calculator import Calculator
from vggcalc.claims.claim import Claim
from vggcalc.claims.finding import Finding
from vggcalc.claims.printed import RIGHT, Actual, Printed, Verdict
from vggcalc.claims.quantity import Quantity
from vggcalc.claims.reckoning import reckoned
from vggcalc.claims.table import Table
from vggcalc.errors import SpecError
from vggcalc.figures import Selection
from vggcalc.units import byte_text, count


def check(table: Table, derive: bool = False) -> list[Finding]:
    """The verdict on every claim, in the order of the table; derive: of the right ones too, how they come about.

    exact, agrees (to the last printed digit), truncated (cut there), erratum (explained in the table), wrong, or
    unknown, where nobody can compute the figure.

    Raises: SpecError where a model cannot be loaded or a layer does not exist, with all such places.
    """
    calculator = Calculator(table.folder)
    findings = []
    try:
        findings += [_finding(calculator, claim, derive) for claim in table.claims]
    except SpecError as error:
        calculator.problems += error.problems
    if calculator.problems:
        raise SpecError(calculator.problems)
    return findings


def _finding(calculator: Calculator, claim: Claim, derive: bool = False) -> Finding:
    """The verdict on a claim; a question that makes no sense becomes a problem."""
    asked = claim.quantity
    selection: Selection | None
    actual: Actual | None
    if asked.arithmetic:
        selection = calculator.selection(asked, claim.mark)
        actual = reckoned(calculator, asked, claim.in_bytes, claim.mark)
    else:
        selection, actual = calculator.answer(asked, claim.in_bytes, claim.mark) or (None, None)
    given = [_finding(calculator, other) for other in claim.gives]
    if selection is None or actual is None:
        rows = selection.rows if selection else ()
        nobody = dict.fromkeys(row.called for row in rows if row.is_unknown)
        why = f": nobody knows what {', '.join(nobody)} does" if nobody else ""
        return Finding(claim, None, "unknown", f"{asked.arithmetic or asked.figure} is unknown here{why}")
    verdict = _verdict(claim, actual)
    is_right = verdict in RIGHT and not claim.erratum
    said = ""
    if derive or not is_right:
        calculator.spend(len(selection.rows), claim.mark)
        said = arithmetic(asked, selection, actual, claim.printed)
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
        name = other.claim.quantity.arithmetic or _named(other.claim.quantity)
        if other.actual is None:
            return Finding(claim, actual, "unknown", f"{reason}; {name} is unknown")
        if other.verdict not in RIGHT:
            return Finding(claim, actual, "wrong", f"{name}, {_amount(other)}, does not give it; {reason}")
        reason += f"; {name} is {_amount(other)}"
    return Finding(claim, actual, "erratum", reason)


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
