"""The grammar of Darknet's cfg files: sections in brackets, each with options, `key=value`, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError
from vggcalc.record import Record

_SECTION = re.compile(r"\[([^\]\n]{1,100})\]$")
_DIGITS = 9


class Option(Record):
    """What an option says, and where."""

    text: str
    mark: Mark

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
    for number, line in enumerate(source.text.split("\n"), 1):
        text = line.partition("#")[0].partition(";")[0].strip()
        if not text:
            continue
        mark = Mark(source, number, line.index(text[0]) + 1)
        if found := _SECTION.match(text):
            if section is not None:
                yield section
            count += 1
            if count > bounds.FOREIGN_LAYERS:
                hint = "vggcalc works with no more"
                raise SpecError(
                    Problem(
                        f"the file has more than {bounds.FOREIGN_LAYERS:,} layers", hint, mark, code="out-of-bounds"
                    )
                )
            section = Section(found[1].strip(), mark)
            continue
        key, equals, value = text.partition("=")
        if not equals or section is None:
            hint = "write a section, [convolutional], or an option in it, size=3"
            raise SpecError(Problem("this line is neither a section nor an option", hint, mark, code="bad-file"))
        at = mark._replace(column=line.index("=") + 2)
        section.options.setdefault("".join(key.split()), Option("".join(value.split()), at))
    if section is not None:
        yield section
