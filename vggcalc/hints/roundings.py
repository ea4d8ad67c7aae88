"""Figures rounded otherwise than their last digit says: upwards, earlier, or before they were multiplied."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from vggcalc.hints.candidates import Candidate, Candidates
from vggcalc.hints.discrepancy import Discrepancy
from vggcalc.units import DTYPE_BITS, decimal, short

FEWEST = 2
"""Of a figure that is rounded to fewer digits, almost any print is right."""


def rounded_up(wrong: Discrepancy) -> Iterator[Candidate]:
    """The next number above, though the one below is nearer: 139M for 138,357,544."""
    printed, actual = wrong.printed, wrong.actual
    if isinstance(actual, int | Fraction) and 0 < printed.value - actual < printed.leeway:
        said = "is cut to" if wrong.asked.cut else "rounds to"
        meant = printed._replace(value=printed.value - printed.digit)
        yield Candidate(f"{said} {_written(wrong, actual)}", actual, meant)


def _written(wrong: Discrepancy, actual: int | Fraction) -> str:
    """A figure in the unit of the print, with as many digits."""
    printed = wrong.printed
    digits = wrong.digits if printed.digit > printed.scale else None
    number = decimal(actual / printed.scale, printed.places, digits, bool(wrong.asked.cut))
    return f"{number}%" if printed.noun == "%" else f"{number} {printed.unit}".rstrip()


def fewer_digits(wrong: Discrepancy) -> Iterator[Candidate]:
    """A figure whose last digits are zeros that do not count: 140M for 138,357,544."""
    for digits in range(wrong.digits - 1, FEWEST - 1, -1):
        yield Candidate(f"{digits} digits", wrong.actual, wrong.read(wrong.printed.text, digits=digits))


def rounded_values(of: str = "", **changes: Any) -> Candidates:
    """Bytes of a number of values that was rounded first: 24M values of 4 bytes, 96MB, for 24,352,744 of them."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        values = wrong.values(**changes) if wrong.in_bytes and of in ("", wrong.asked.figure) else None
        bits = DTYPE_BITS[wrong.asked.question.dtype]
        for digits in (3, 2) if values and bits % 8 == 0 else ():
            rounded = round(Fraction(values or 0), digits - len(str(values)))
            yield Candidate(f"{short(int(rounded))} values x {bits // 8} bytes", wrong.sized(int(rounded)))

    return candidates
