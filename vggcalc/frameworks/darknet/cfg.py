"""The grammar of Darknet's cfg files: sections in brackets, each with options, `key=value`, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError

_SECTION = re.compile(r"\[([^\]\n]{1,100})\]$")
_DIGITS = 9


class Option:
    """What an option says, and where."""

    __slots__ = ("_column", "_line", "_source", "text")

    def __init__(self, text: str, source: Source, line: int, column: int) -> None:
        self.text = text
        self._source = source
        self._line = line
        self._column = column

    @property
    def mark(self) -> Mark:
        """Where it stands."""
        return Mark(self._source, self._line, self._column)

    def whole(self) -> int:
        """The whole number that it is; raises SpecError where it is none."""
        return _whole(self.text, self.mark)

    def wholes(self) -> list[int]:
        """The whole numbers, between commas, that it is."""
        return [_whole(part, self.mark) for part in self.text.split(",") if part]


class Section:
    """A layer: its type and its options, of which the first of each name counts, as in Darknet."""

    __slots__ = ("mark", "options", "type")

    def __init__(self, name: str, mark: Mark) -> None:
        self.type = name
        self.mark = mark
        self.options: dict[str, Option] = {}

    def number(self, name: str, default: int) -> int:
        """The whole number in an option."""
        option = self.options.get(name)
        return default if option is None else option.whole()

    def numbers(self, name: str) -> list[int]:
        """The whole numbers in an option."""
        option = self.options.get(name)
        return [] if option is None else option.wholes()

    def text(self, name: str, default: str = "") -> str:
        """The word in an option."""
        option = self.options.get(name)
        return default if option is None else option.text

    def flag(self, name: str) -> bool:
        """Whether an option is there and not 0."""
        return self.number(name, 0) != 0


def _whole(text: str, mark: Mark) -> int:
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= _DIGITS):
        hint = f"numbers have at most {_DIGITS} digits" if digits.isdecimal() else "put the number in"
        raise SpecError(Problem(f"'{text[:40]}' is no whole number", hint, mark, code="bad-value"))
    return int(text)


def parse(source: Source) -> Iterator[Section]:
    r"""The sections of a text; blanks count for nothing, wherever they stand, and comments begin with # or ;.

    Raises: SpecError with the place where it is no such text.

    >>> [(section.type, section.number("size", 1)) for section in parse(Source("net", "[net]\n[maxpool]\nsize = 2"))]
    [('net', 1), ('maxpool', 2)]
    """
    section: Section | None = None
    count = 0
    for number, line in enumerate(StringIO(source.text), 1):
        if number > bounds.FOREIGN_WORDS:
            raise _beyond(bounds.FOREIGN_WORDS, "lines", Mark(source, number, 1))
        text = line.partition("#")[0].partition(";")[0].strip()
        if not text:
            continue
        key, equals, value = text.partition("=")
        if equals and section is not None:
            option = Option("".join(value.split()), source, number, line.index("=") + 2)
            section.options.setdefault("".join(key.split()), option)
            continue
        mark = Mark(source, number, line.index(text[0]) + 1)
        found = _SECTION.match(text)
        if found is None:
            hint = "write a section, [convolutional], or an option in it, size=3"
            raise SpecError(Problem("this line is neither a section nor an option", hint, mark, code="bad-file"))
        if section is not None:
            yield section
        count += 1
        if count > bounds.FOREIGN_LAYERS:
            raise _beyond(bounds.FOREIGN_LAYERS, "layers", mark)
        section = Section(found[1].strip(), mark)
    if section is not None:
        yield section


def _beyond(most: int, what: str, mark: Mark) -> SpecError:
    return SpecError(
        Problem(f"the file has more than {most:,} {what}", "vggcalc works with no more", mark, code="out-of-bounds")
    )
