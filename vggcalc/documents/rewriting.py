"""A document with its figures put right, and with nothing else changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from vggcalc.claims.claim import Claim
from vggcalc.claims.finding import Finding
from vggcalc.claims.printed import RIGHT, Actual, read_printed
from vggcalc.documents.document import Document
from vggcalc.documents.finding import AnyFinding, BlockFinding
from vggcalc.documents.marks import Block, Number
from vggcalc.documents.typeset import Language, plain
from vggcalc.errors import Mark, UsageError
from vggcalc.record import Record
from vggcalc.units import decimal

_DIGITS = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+")
_SIDES = re.compile(r"[0-9]+(?:\s*[x\u00d7]\s*[0-9]+)+")


class Change(Record):
    """What stands in a place of a text, and what should; `new` of a block is all its lines."""

    mark: Mark
    start: int
    end: int
    old: str
    new: str
    is_block: bool

    def __str__(self) -> str:
        return f"{self.mark} rewritten" if self.is_block else f"{self.mark} {self.old} -> {self.new}"


def changes(document: Document, findings: Sequence[AnyFinding]) -> list[Change]:
    """What puts everything right that is wrong, each number in the precision and style in which it was printed.

    What cannot be put right stays as it is: a budget that does not hold, and a figure that nobody knows.
    """
    text, found = document.source.text, []
    for mark, finding in zip(document.marks, findings, strict=True):
        if finding.verdict in RIGHT:
            continue
        old = text[mark.start : mark.end]
        if isinstance(mark, Number) and isinstance(finding, Finding):
            new = _reprinted(old, document.language, mark.claim, finding.actual)
        elif isinstance(mark, Block) and isinstance(finding, BlockFinding):
            lines = ["", *finding.expected, ""] if document.language == "markdown" else finding.expected
            new = "".join(f"{mark.prefix}{line}".rstrip() + mark.newline for line in lines)
        else:
            raise ValueError("these are findings on another document")
        if new != old:
            place = finding.mark if isinstance(mark, Number) else mark.mark
            found.append(Change(place, mark.start, mark.end, old, new, isinstance(mark, Block)))
    return found


def rewritten(text: str, found: Sequence[Change]) -> str:
    """A text with some changes, in their order."""
    parts, last = [], 0
    for change in found:
        parts += [text[last : change.start], change.new]
        last = change.end
    return "".join([*parts, text[last:]])


def encoded(document: Document, text: str) -> bytes:
    """A text as the bytes of the document's file."""
    return (b"\xef\xbb\xbf" if document.has_bom else b"") + text.encode("utf-8")


def _reprinted(raw: str, language: Language, claim: Claim, actual: Actual | None) -> str:
    """A number with the actual figure in its place; as it was where that cannot be written like this."""
    said, spans = plain(raw, language)
    found = _SIDES.search(said) if claim.printed.sides else _DIGITS.search(said)
    if actual is None or found is None or claim.printed.relation != "=":
        return raw
    at = spans[found.start() : found.end()]
    if claim.printed.sides or isinstance(actual, tuple):
        sides = actual if isinstance(actual, tuple) else (actual,) * max(len(claim.printed.sides), 1)
        numbers = list(re.finditer("[0-9]+", found[0]))
        between = raw[at[numbers[0].end() - 1][1] : at[numbers[1].start()][0]] if len(numbers) > 1 else "x"
        new = between.join(map(str, sides))
    else:
        comma = next((raw[slice(*span)] for span, sign in zip(at, found[0], strict=True) if sign == ","), "")
        new = _digits(actual, claim, found[0]).replace(",", comma)
    whole = raw[: at[0][0]] + new + raw[at[-1][1] :]
    try:
        again = claim.quantity.read(plain(whole, language)[0].strip())
    except UsageError:
        return raw
    return whole if again.fits(actual) else raw


def _digits(actual: int | Fraction, claim: Claim, before: str) -> str:
    """A figure in the unit of the printed one and with as many decimals, or digits that count; commas stay a habit."""
    asked = claim.quantity
    scale = claim.printed.digit / read_printed(before, digits=asked.digits).digit
    places = len(before.partition(".")[2])
    text = decimal(actual / scale, places, asked.digits, bool(asked.cut))
    return text.removeprefix("0") if before.startswith(".") else text
