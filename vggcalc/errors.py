"""What went wrong, where it stands and what would be right.

A layer raises `ShapeError` or `FieldError` with a bare reason, for it knows no file. Whoever knows the place
adds it and raises a `VggcalcError` that carries one or more `Problem`s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from vggcalc import bounds
from vggcalc.record import Record


class Source:
    """A text and the name under which messages quote it."""

    __slots__ = ("_lines", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._lines: list[str] | None = None

    def __eq__(self, other: object) -> bool:
        """A file that is read twice is told of once."""
        return isinstance(other, Source) and (self.name, self.text) == (other.name, other.text)

    def __hash__(self) -> int:
        return hash(self.name)

    def line(self, number: int) -> str:
        """The line with this number, counted from 1, without its end."""
        if self._lines is None:
            self._lines = self.text.splitlines()
        return self._lines[number - 1] if number <= len(self._lines) else ""


Hint = str | Callable[[], str]
"""What would be right, or what finds that out; who looks for it only where it is told saves the search."""


class Mark(Record):
    """A place in a source: line and column count from 1, as editors do; or of what has no lines, the name that it has.

    >>> str(Mark(Source("net.yaml", ""), 3, 10)), str(Mark(Source("resnet.onnx", ""), name="/layer1/conv1/Conv"))
    ('net.yaml:3:10', 'resnet.onnx: /layer1/conv1/Conv')
    """

    source: Source
    line: int = 0
    column: int = 0
    name: str = ""

    def __str__(self) -> str:
        if self.name:
            return f"{self.source.name}: {self.name}"
        return f"{self.source.name}:{self.line}:{self.column}" if self.line else self.source.name


class Problem(Record):
    """One fault: what is wrong, what would be right, and where; `code`, one of `CODES`, says of what sort it is."""

    message: str
    hint: str = ""
    mark: Mark | None = None
    code: str = ""

    @property
    def is_warning(self) -> bool:
        """Whether it stops nobody."""
        return self.code in WARNINGS

    def __str__(self) -> str:
        said = f"{self.message}; {self.hint}" if self.hint else self.message
        if self.mark is None:
            return printable(said)
        head = printable(f"{self.mark}: {said}")
        line, place = _excerpt(self.mark) if self.mark.line and not self.mark.name else ("", 0)
        return f"{head}\n  {line}\n  {' ' * place}^" if line.strip() else head

    def shortened(self) -> Problem:
        """The problem as it is told: what is too long, as a name of a hundred thousand letters, without its middle."""
        message, hint = _elided(self.message, bounds.MESSAGE), _elided(self.hint, bounds.HINT)
        return self if message is self.message and hint is self.hint else self._replace(message=message, hint=hint)


class VggcalcError(Exception):
    """Something the user can mend; `problems` says all of it up to a bound, in the order of the file.

    The last of them says how many more there are.
    """

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        if isinstance(problems, Problem):
            problems = (problems,)
        found = sorted(dict.fromkeys(problem.shortened() for problem in problems), key=_place)
        self.problems = tuple(_told(found))
        super().__init__("\n".join(map(str, self.problems)))


def _told(found: list[Problem]) -> list[Problem]:
    """As many of the problems as one reads, and what is said of the others."""
    told: list[Problem] = []
    length = 0
    for problem in found[: bounds.FAULTS]:
        length += len(problem.message) + len(problem.hint)
        if length > bounds.TOLD:
            break
        told.append(problem)
    if rest := len(found) - len(told):
        last = found[-1]
        is_said = last.code == "more"
        told.append(last if is_said else Problem(f"and {rest:,} more", "mend these first", code="more"))
    return told


class SpecError(VggcalcError):
    """A spec that cannot be read, or whose layers do not fit each other."""


class UsageError(VggcalcError):
    """A question that cannot be answered as it was put: an unknown model, layer or option value."""


class ShapeError(VggcalcError):
    """A layer does not fit the shape that it is given."""

    def __init__(self, reason: str, hint: str = "", *, code: str) -> None:
        super().__init__(Problem(reason, hint, code=code))


class FieldError(VggcalcError):
    """A field of a layer has a value that it cannot have."""

    def __init__(self, field: str, reason: str, hint: str = "", *, code: str) -> None:
        super().__init__(Problem(reason, hint, code=code))
        self.field = field


WARNINGS = {
    "unread-pixels": "the last rows or columns of a map, before which all windows on it end",
    "skipped-pixels": "pixels between the windows on a map: a stride above the kernel",
    "wide-field": "a convolution that reads units which see more than the whole image already",
    "unknown-work": "an operation of a foreign file of which nobody knows what it does",
    "undeclared-output": "a branch that nothing reads, and that is an output though nobody says so",
    "unused-block": "a block that no network uses",
    "idle-bias": "a bias before a batch normalisation, which takes it away",
    "early-softmax": "a softmax before more layers of weights",
    "unknown-silencer": "a comment that silences no warning that there is",
    "idle-silencer": "a comment that silences a warning which its line does not have",
    "more-warnings": "there are more warnings than are told",
}
"""What is legal and suspicious: codes of problems that stop nobody."""

CODES = {
    "not-yaml": "the text is not YAML",
    "yaml-extra": "an anchor, alias, tag, merge key or second document, which specs do without",
    "encoding": "a byte or character that is not UTF-8 text",
    "duplicate-key": "a key, option or setting that is said twice",
    "wrong-type": "a list, mapping, word or number where another of them belongs",
    "unknown-key": "a key that nothing reads",
    "missing-key": "a key, field or value that is needed and not there",
    "unknown-kind": "a word that is no kind of layer",
    "bad-shorthand": "a layer that the notation of the papers cannot say so",
    "bad-field": "a field of a layer with a value that it cannot have",
    "bad-expression": "an expression that is no whole-number arithmetic over variables",
    "unknown-name": "a model, layer, block, variant, variable, input or setting that does not exist",
    "name-taken": "a name that another one has already",
    "bad-name": "a name that cannot be one",
    "bad-value": "a value that the setting cannot have",
    "no-inputs": "a layer that reads too few or too many others",
    "unread-layer": "a layer that nothing reads, and that is no output",
    "circular": "a block or variant that is made of itself",
    "out-of-bounds": "a number, size, depth or length beyond what is worked with",
    "shape-misfit": "a layer that does not fit the shape that it is given",
    "shared-misfit": "a layer that needs other weights than those that it shares",
    "faulty-model": "a claim or table about a model with faults, which are told where they stand",
    "channels-first": "an input whose channels stand first",
    "unreadable-file": "a file that cannot be read, or is none",
    "unwritable-file": "a file that cannot be written, or would be overwritten",
    "failed-code": "code that a model's name asks to run, and that fails or is not there",
    "bad-file": "a file of another framework that does not hold what its format says",
    "not-a-spec": "a file that is of another kind than its place needs",
    "no-such-part": "a network that has no such part to leave out, to end with, or to turn round",
    "together": "settings or options that exclude each other",
    "ambiguous": "a question that has several answers: several networks, inputs or layers",
    "no-ladder": "two counts between which no ladder stands",
    "not-a-figure": "a print that is no figure, or no figure of what is asked",
    "wrong-figure": "a printed figure that does not follow from the network",
    "uncounted-figure": "a printed figure that nobody can compute, as by a convention that is silent on a layer",
    "unknown-figure": "a figure, column, unit or convention that does not exist",
    "no-convention": "a figure that needs a convention, or takes none",
    "bad-claim": "a claim that does not say what it is of, or a table that does not hold together",
    "bad-mark": "a mark in a document that does not open, close or say what it should",
    "bad-output": "an output that the format or the terminal does not have",
    "usage": "a command line that cannot be understood",
    "more": "there is more than is told",
    **WARNINGS,
}
"""The sorts of problems. A code is stable: whoever silences or counts one does so by it, whatever its sentence says."""


_SEPARATORS = {ord(character): None for character in "-_ "}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or else all of them."""
    import difflib  # only a mistake pays for it

    known = sorted(name for name in known if not name.endswith("?"))  # such is the name of a line that cannot be read
    if len(known) > bounds.COMPARED_NAMES:
        return ""
    same = [name for name in known if _letters(name) == _letters(word)]
    swapped = [name for name in known if sorted(name) == sorted(word)]
    alike = sorted(difflib.get_close_matches(word, known, n=3, cutoff=0.6), key=lambda name: name[:1] != word[:1])
    if near := same or swapped or alike:
        return f"did you mean '{near[0]}'?"
    return f"known are {', '.join(known)}" if 0 < len(known) <= bounds.HINTED_NAMES else ""


def _letters(word: str) -> str:
    """A word without what people write differently: capitals, dashes, underscores and spaces."""
    return word.lower().translate(_SEPARATORS)


def _place(problem: Problem) -> tuple[bool, str, int, int]:
    mark = problem.mark
    return (problem.code == "more", *((mark.source.name, mark.line, mark.column) if mark else ("", 0, 0)))


def _excerpt(mark: Mark) -> tuple[str, int]:
    """The line of a place, and where in it that is; of a long line, what stands round the place."""
    line, at = mark.source.line(mark.line), mark.column - 1
    start = max(0, min(at - bounds.EXCERPT // 2, len(line) - bounds.EXCERPT))
    end = start + bounds.EXCERPT
    before, whole = (printable(line[start:until].expandtabs(1)) for until in (at, end))
    left_out = "..." * (start > 0)
    return left_out + whole + "..." * (end < len(line)), len(left_out + before)


def _elided(text: str, most: int) -> str:
    """A text without its middle where it is too long; its end often says what is wrong with its beginning."""
    if len(text) <= most and len(printable(text)) <= most:
        return text
    begin, end = most * 2 // 3, most // 3
    return f"{printable(text[:begin])[:begin]}...{printable(text[-end:])[-end:]}"


def spelt_out(text: str) -> str:
    """A text with its control characters spelt out, for they would move the cursor or hide what is printed."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable(text: str) -> str:
    r"""A text that does nothing but show, wherever it is printed: neither to a terminal nor in the log of a workflow.

    A runner of GitHub obeys a line that begins with `::COMMAND`, behind blanks too, and `##[COMMAND]` anywhere in one.
    A terminal's table may begin a line with any letter of a text.
    Source: github.com/actions/runner, src/Runner.Common/ActionCommand.cs

    >>> print(printable("::error::\a ##[error]"), printable("std::max"), printable("[::1]"))
    :\x3aerror::\x07 ##\x5berror] std:\x3amax [::1]
    """
    text = spelt_out(text)
    if "::" in text:
        text = _COMMAND.sub(r":\\x3a", text)
    return text.replace("##[", r"##\x5b")


_COMMAND = re.compile("::(?=[A-Za-z])")
