"""`# vggcalc: ignore[code]`: comments of a spec that silence warnings about a line.

At the end of a line such a comment is about that line; on a line of its own, about the next one that holds something.
A `#` begins a comment where YAML says so: outside of quotes, and at the beginning of a line or behind a space.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from vggcalc.errors import WARNINGS, Mark, Problem, Source, did_you_mean
from vggcalc.reading.nodes import scalars
from vggcalc.record import Record

_SILENCER = re.compile(r"(?<!\S)#\s*vggcalc:\s*ignore\b(?:\[(?P<codes>[^\]\n]*)\])?")


class Silencer(Record):
    """A code that a comment silences, where it stands, and the line that the comment is about."""

    code: str
    mark: Mark
    line: int


def silenced(problems: Sequence[Problem], source: Source) -> list[Problem]:
    """The problems without the warnings that comments of the source silence, and what is wrong with such comments."""
    silencers = list(_silencers(source))
    by_place = {(each.code, each.line) for each in silencers}
    found = [(problem.code, problem.mark.line) for problem in problems if problem.mark and problem.is_warning]
    kept = [
        problem
        for problem in problems
        if not (problem.is_warning and problem.mark and (problem.code, problem.mark.line) in by_place)
    ]
    return [*kept, *_faults(silencers, set(found))]


def _faults(silencers: Sequence[Silencer], found: set[tuple[str, int]]) -> Iterator[Problem]:
    for code, mark, line in silencers:
        if not code:
            hint = "write which warning, as in ignore[idle-bias]"
            yield Problem("this comment names no warning to silence", hint, mark, code="unknown-silencer")
        elif code not in WARNINGS:
            hint = did_you_mean(code, WARNINGS)
            yield Problem(f"there is no warning '{code}' to silence", hint, mark, code="unknown-silencer")
        elif (code, line) not in found:
            said = f"line {line or mark.line} has no warning '{code}' to silence"
            yield Problem(said, "take it out, or put it at the line of the warning", mark, code="idle-silencer")


def _silencers(source: Source) -> Iterator[Silencer]:
    text = source.text
    matches = list(_SILENCER.finditer(text))
    if not matches:
        return
    spans = list(scalars(source))
    starts = [start for start, _ in spans]
    lines = text.split("\n")
    begins = [0, *accumulate(len(line) + 1 for line in lines)]
    following = _following(lines)
    for match in matches:
        before = bisect_right(starts, match.start())
        if before and match.start() < spans[before - 1][1]:
            continue  # in quotes, or in a block of text
        number = bisect_right(begins, match.start())
        begin = begins[number - 1]
        line = number if text[begin : match.start()].strip() else following[number]
        codes = [(word.start(), word[0]) for word in re.finditer(r"[^,\s][^,]*", match["codes"] or "")]
        for at, word in codes:
            yield Silencer(word.rstrip(), Mark(source, number, match.start("codes") + at - begin + 1), line)
        if not codes:
            yield Silencer("", Mark(source, number, match.start() - begin + 1), line)


def _following(lines: Sequence[str]) -> list[int]:
    """For each line, counted from 1, the next one that holds more than a comment; 0 behind the last."""
    found = [0]
    for number in range(len(lines), 0, -1):
        words = lines[number - 1].lstrip()
        found.append(number if words and words[0] != "#" else found[-1])
    return found[::-1]
