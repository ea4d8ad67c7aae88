"""Candidates: what an explanation offers for a wrong figure, and how candidates of one are made of those of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from vggcalc.claims.printed import Actual, Printed
from vggcalc.hints.discrepancy import Discrepancy
from vggcalc.record import Record


class Candidate(Record):
    """A value that may be the printed one; `printed` is what may be meant by the print, if it is not as it stands."""

    what: str
    value: Actual | None
    printed: Printed | None = None


Candidates = Callable[[Discrepancy], Iterable[Candidate]]
"""What an explanation offers for a wrong figure."""


def of(figures: Sequence[str], candidates: Candidates) -> Candidates:
    """What an explanation offers, for some figures alone."""
    return lambda wrong: candidates(wrong) if wrong.asked.figure in figures else ()


def exactly(candidates: Candidates) -> Candidates:
    """What an explanation offers, where that is printed to the last unit: rounded, it could not be told from others."""

    def exact(wrong: Discrepancy) -> Iterator[Candidate]:
        for found in candidates(wrong):
            if found.value is not None and wrong.printed.verdict(found.value) == "exact":
                yield found

    return exact


def in_other_kilo(candidates: Candidates) -> Candidates:
    """What another explanation offers, printed in powers of 1024 for 1000, or of 1000 for 1024."""

    def both(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.other_kilo and not wrong.printed.sides:
            meant = "1024, not 1000" if wrong.other_kilo.value > wrong.printed.value else "1000, not 1024"
            for found in candidates(wrong):
                what = f"{found.what} in powers of {meant}" if found.what else meant
                yield Candidate(what, found.value, wrong.other_kilo)

    return both


def as_it_is(in_bytes: bool) -> Candidates:
    """The right figure, of bytes or of other things."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.in_bytes == in_bytes:
            yield Candidate("", wrong.actual)

    return candidates
