"""The marks of a document: tables and numbers, and how their openings and ends find together."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left

from vggcalc import bounds
from vggcalc.claims.claim import Claim
from vggcalc.documents.mark_text import Word, is_meant, read_command, read_number, style_of
from vggcalc.documents.typeset import Language
from vggcalc.errors import Hint, Mark, Source, SpecError
from vggcalc.reading.reader import Reader
from vggcalc.record import Record

HOW_CLOSED = {"markdown": "<!-- /vggcalc -->", "latex": "% /vggcalc"}

MARK = re.compile(r"\s*(?:(/)\s*)?vggcalc\b(.*)", re.S)
"""A comment that is a mark: whether it closes, and its words."""

MOST_CHARACTERS = 2_000
"""What is longer is no mark, but the rest of a text in which one is not closed."""

_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_SAID = re.compile(r"\S")
_HIDDEN = re.compile(r"\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
"""What ends a line for Python, but not for an editor."""


class Block(Record):
    """A table between two marks: the command that prints it, and from where to where its lines stand in the text.

    prefix: what each line of it begins with, as in a list or a quotation. line: that of the first one.
    """

    mark: Mark
    command: tuple[str, ...]
    start: int
    end: int
    line: int
    prefix: str
    newline: str

    @property
    def style(self) -> str:
        """The format that its command is asked for."""
        return style_of(self.command)


class Number(Record):
    """A number in a sentence: what it claims, and from where to where it stands in the text."""

    mark: Mark
    claim: Claim
    start: int
    end: int


class _Open(Record):
    """A mark of a block whose end has not been read."""

    mark: Mark
    command: tuple[str, ...]
    start: int
    prefix: str
    newline: str


class Scan:
    """The marks of one text, and what is wrong with them; who knows the language says where they stand."""

    language: Language
    any_mark: re.Pattern[str]
    """A mark of any kind, roughly: whether it closes."""
    before = re.compile(r"[^ \t]")
    """What may not stand before a mark that stands alone on its line."""

    def __init__(self, source: Source, folder: str) -> None:
        self.text = source.text
        shown = _HIDDEN.sub(" ", self.text)
        self.source = source if shown == self.text else Source(source.name, shown)
        self.folder = folder
        self.lines = array("L", [0])
        self.lines.extend(found.end() for found in re.finditer("\n", self.text))
        self.reader = Reader()
        self.marks: list[Block | Number] = []
        self.opened: _Open | None = None

    def read(self) -> tuple[Block | Number, ...]:
        """The marks in their order.

        Raises: SpecError with every fault of them.
        """
        self.find()
        if self.opened:
            hint = f"write {HOW_CLOSED[self.language]} below the table"
            self.fault("this mark is not closed", hint, self.opened.mark, code="bad-mark")
        if self.reader.problems:
            raise SpecError(self.reader.problems)
        return tuple(self.marks)

    def find(self) -> None:
        """Find every mark, and open, close or number it."""
        raise NotImplementedError

    def fault(self, message: str, hint: Hint, mark: Mark, *, code: str) -> None:
        """Note what is wrong with a mark."""
        self.reader.fault(message, hint, mark, code=code)

    def mark(self, place: int) -> Mark:
        """The line and column of a place in the text."""
        line = bisect_left(self.lines, place + 1)
        return Mark(self.source, line, place - self.lines[line - 1] + 1)

    def line_start(self, place: int) -> int:
        """Where the line of a place begins."""
        return self.lines[bisect_left(self.lines, place + 1) - 1]

    def line_end(self, place: int) -> int:
        """Where the next line begins."""
        line = bisect_left(self.lines, place + 1)
        return self.lines[line] if line < len(self.lines) else len(self.text)

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether nothing else stands on the line, but the signs that may stand before."""
        return not (
            self.before.search(self.text, self.line_start(start), start)
            or _SAID.search(self.text, end, self.line_end(start))
        )

    def words(self, text: str, place: int) -> list[Word]:
        """The words of a mark whose text begins in a place."""
        rest = _WORD.sub(lambda word: " " * len(word[0]), text)
        if bad := rest.strip():
            self.fault(
                "a quote is not closed",
                "write it twice, or not at all",
                self.mark(place + rest.find(bad)),
                code="bad-mark",
            )
        return [Word(re.sub("[\"']", "", word[0]), self.mark(place + word.start())) for word in _WORD.finditer(text)]

    def is_prose(self, mark: re.Match[str], end: int) -> bool:
        """Whether a comment only begins with vggcalc's name: no word of it follows, and no closing mark comes next."""
        following = None if mark[1] else self.any_mark.search(self.text, end)
        return not (mark[1] or (following and following[1]) or is_meant(mark[2]))

    def is_inside(self, mark: Mark) -> bool:
        """Whether a mark stands inside a table, where none belongs."""
        if self.opened:
            message = f"this mark stands inside the table that begins on line {self.opened.mark.line}"
            self.fault(message, f"close that with {HOW_CLOSED[self.language]} first", mark, code="bad-mark")
        return self.opened is not None

    def open(self, start: int, end: int, words: list[Word]) -> None:
        """Begin a block."""
        mark = self.mark(start)
        if self.is_inside(mark):
            return
        command = read_command(self.reader, words, mark, self.folder, self.language)
        if not self.stands_alone(start, end):
            hint = f"put the mark, and {HOW_CLOSED[self.language]}, on lines of their own"
            self.fault("something else stands on the line of this mark", hint, mark, code="bad-mark")
        after = self.line_end(start)
        line = self.text[self.line_start(start) : after]
        newline = "\r\n" if line.endswith("\r\n") else "\n"
        prefix = self.text[self.line_start(start) : start]
        self.opened = _Open(mark, command, after, prefix if not prefix.strip(" \t>") else "", newline)

    def close(self, start: int, end: int) -> None:
        """End a block."""
        mark = self.mark(start)
        if self.opened is None:
            self.fault("this mark closes nothing", "take it out, or open it", mark, code="bad-mark")
            return
        if not self.stands_alone(start, end):
            self.fault(
                "something else stands on the line of this mark",
                "put the mark on a line of its own",
                mark,
                code="bad-mark",
            )
        self._count(mark)
        stop = self.line_start(start)
        opened, self.opened = self.opened, None
        line = opened.mark.line + 1
        block = Block(opened.mark, opened.command, opened.start, stop, line, opened.prefix, opened.newline)
        self.marks.append(block)

    def _count(self, mark: Mark) -> None:
        """One more; where they are too many, nobody reads on."""
        if len(self.marks) >= bounds.TABLE_CELLS:
            message = f"the document has more than {bounds.TABLE_CELLS:,} marks"
            self.fault(message, "split it", mark, code="out-of-bounds")
            raise SpecError(self.reader.problems)

    def number(self, start: int, words: list[Word], begin: int, end: int) -> None:
        """A number in a sentence; what is wrong with it becomes a problem."""
        text, mark = self.text[begin:end], self.mark(start)
        self._count(mark)
        begin, end = begin + len(text) - len(text.lstrip()), begin + len(text.rstrip())
        if end - begin > MOST_CHARACTERS:
            self.fault("this is too long for a number", "close its mark behind it", self.mark(begin), code="bad-mark")
            return
        claim = read_number(self.reader, words, self.text[begin:end], mark, self.mark(begin), self.language)
        if claim is not None:
            self.marks.append(Number(mark, claim, begin, end))
