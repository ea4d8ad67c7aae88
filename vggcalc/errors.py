"""What went wrong, where it stands and what would be right.

A layer raises `ShapeError` or `FieldError` with a bare reason, for it knows no file. Whoever knows the place
adds it and raises a `VggcalcError` that carries one or more `Problem`s.
"""

from __future__ import annotations

from collections.abc import Iterable

from vggcalc.record import Record


class Source:
    """A text and the name under which messages quote it."""

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._lines: list[str] | None = None

    def line(self, number: int) -> str:
        """The line with this number, counted from 1, without its end."""
        if self._lines is None:
            self._lines = self.text.splitlines()
        return self._lines[number - 1] if number <= len(self._lines) else ""


class Mark(Record):
    """A place in a source: line and column count from 1, as editors do."""

    source: Source
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


class Problem(Record):
    """One fault: what is wrong, what would be right, and where."""

    message: str
    hint: str = ""
    mark: Mark | None = None

    def __str__(self) -> str:
        said = f"{self.message}; {self.hint}" if self.hint else self.message
        if self.mark is None:
            return printable(said)
        head = printable(f"{self.mark}: {said}")
        line = printable(self.mark.source.line(self.mark.line).expandtabs(1))
        caret = " " * (self.mark.column - 1) + "^"
        return f"{head}\n  {line}\n  {caret}" if line.strip() else head


class VggcalcError(Exception):
    """Something the user can mend; `problems` says all of it, in the order of the file."""

    def __init__(self, problems: Iterable[Problem] | Problem | str) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        if isinstance(problems, Problem):
            problems = (problems,)
        self.problems = tuple(sorted(dict.fromkeys(problems), key=_place))
        super().__init__("\n".join(map(str, self.problems)))


class SpecError(VggcalcError):
    """A spec that cannot be read, or whose layers do not fit each other."""


class UsageError(VggcalcError):
    """A question that cannot be answered as it was put: an unknown model, layer or option value."""


class ShapeError(VggcalcError):
    """A layer does not fit the shape that it is given."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(Problem(reason, hint))


class FieldError(VggcalcError):
    """A field of a layer has a value that it cannot have."""

    def __init__(self, field: str, reason: str, hint: str = "") -> None:
        super().__init__(Problem(reason, hint))
        self.field = field


MOST_FAULTS = 100
"""Whoever has more of them in a file is told of these first."""

MOST_COMPARED = 2_000
MOST_NAMES = 60
"""A hint that lists more names than this helps nobody."""


_SEPARATORS = {ord(character): None for character in "-_ "}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or else all of them."""
    import difflib  # only a mistake pays for it

    known = sorted(name for name in known if not name.endswith("?"))  # such is the name of a line that cannot be read
    if len(known) > MOST_COMPARED:
        return ""
    same = [name for name in known if _letters(name) == _letters(word)]
    swapped = [name for name in known if sorted(name) == sorted(word)]
    if near := same or swapped or difflib.get_close_matches(word, known, n=1, cutoff=0.6):
        return f"did you mean '{near[0]}'?"
    return f"known are {', '.join(known)}" if 0 < len(known) <= MOST_NAMES else ""


def _letters(word: str) -> str:
    """A word without what people write differently: capitals, dashes, underscores and spaces."""
    return word.lower().translate(_SEPARATORS)


def _place(problem: Problem) -> tuple[str, int, int]:
    mark = problem.mark
    return (mark.source.name, mark.line, mark.column) if mark else ("", 0, 0)


def printable(text: str) -> str:
    """A text with its control characters spelt out, for they would move the cursor or hide what is printed."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
