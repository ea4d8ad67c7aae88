"""Misprints: the right figure, and how a slip of the pen would make what is printed of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from vggcalc.hints.candidates import Candidate, Candidates
from vggcalc.hints.discrepancy import Discrepancy
from vggcalc.units import DTYPE_BITS

_NUMBER = re.compile(r"[0-9][0-9,.]*")


def scaled(*factors: Fraction) -> Candidates:
    """The print times a factor."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        printed = wrong.printed
        for factor in () if printed.sides else factors:
            meant = printed._replace(value=printed.value * factor, digit=printed.digit * factor)
            yield Candidate("", wrong.actual, meant)

    return candidates


def bytes_for(what: str) -> Candidates:
    """The print, had its bytes been bits, or values of the number format."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        factor = Fraction(1, 8) if what == "bits" else Fraction(DTYPE_BITS[wrong.asked.question.dtype], 8)
        if wrong.in_bytes:
            yield from scaled(factor)(wrong)

    return candidates


def _numbers(text: str, is_shape: bool) -> list[list[int]]:
    """Where the digits stand that make up the number, or each number of a shape."""
    found = list(_NUMBER.finditer(text))
    runs = [[at for at in range(*run.span()) if text[at].isdigit()] for run in found]
    return runs if is_shape else runs[:1]


def transposed(wrong: Discrepancy) -> Iterator[Candidate]:
    """Two digits beside each other, the wrong way round."""
    text = wrong.printed.text
    for run in _numbers(text, bool(wrong.printed.sides)):
        for left, right in pairwise(run):
            swapped = f"{text[:left]}{text[right]}{text[left + 1 : right]}{text[left]}{text[right + 1 :]}"
            if meant := wrong.read(swapped):
                yield Candidate("", wrong.actual, meant)


def one_digit(wrong: Discrepancy) -> Iterator[Candidate]:
    """Another digit in the place of one."""
    text = wrong.printed.text
    for run in _numbers(text, bool(wrong.printed.sides)):
        for place in run:
            for digit in "0123456789":
                if meant := wrong.read(f"{text[:place]}{digit}{text[place + 1 :]}"):
                    yield Candidate("", wrong.actual, meant)


def channels_first(wrong: Discrepancy) -> Iterator[Candidate]:
    """Channels before height and width."""
    if sides := wrong.printed.sides:
        yield Candidate("", wrong.actual, wrong.printed._replace(sides=(*sides[1:], sides[0])))
