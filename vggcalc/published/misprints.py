"""Misprints: the right figure, and how a slip of the pen would make what is printed of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from vggcalc.published.case import Candidate, Candidates, Case

_NUMBER = re.compile(r"[0-9][0-9,.]*")


def scaled(*factors: Fraction) -> Candidates:
    """The print times a factor."""

    def candidates(case: Case) -> Iterator[Candidate]:
        printed = case.printed
        for factor in () if printed.sides else factors:
            meant = printed._replace(value=printed.value * factor, digit=printed.digit * factor)
            yield Candidate("", case.actual, meant)

    return candidates


def _numbers(text: str, is_shape: bool) -> list[list[int]]:
    """Where the digits stand that make up the number, or each number of a shape."""
    found = list(_NUMBER.finditer(text))
    runs = [[at for at in range(*run.span()) if text[at].isdigit()] for run in found]
    return runs if is_shape else runs[:1]


def transposed(case: Case) -> Iterator[Candidate]:
    """Two digits beside each other, the wrong way round."""
    text = case.printed.text
    for run in _numbers(text, bool(case.printed.sides)):
        for left, right in pairwise(run):
            swapped = f"{text[:left]}{text[right]}{text[left + 1 : right]}{text[left]}{text[right + 1 :]}"
            if meant := case.read(swapped):
                yield Candidate("", case.actual, meant)


def one_digit(case: Case) -> Iterator[Candidate]:
    """Another digit in the place of one."""
    text = case.printed.text
    for run in _numbers(text, bool(case.printed.sides)):
        for place in run:
            for digit in "0123456789":
                if meant := case.read(f"{text[:place]}{digit}{text[place + 1 :]}"):
                    yield Candidate("", case.actual, meant)


def channels_first(case: Case) -> Iterator[Candidate]:
    """Channels before height and width."""
    if sides := case.printed.sides:
        yield Candidate("", case.actual, case.printed._replace(sides=(*sides[1:], sides[0])))
