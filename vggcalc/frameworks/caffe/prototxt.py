"""The grammar of protobuf's text format, as Caffe's networks are written in it.

A message is a list of fields: `name: value`, `name { message }`, `name: [value, ...]`. Nothing is known here of which
fields there are: forks add their own, and templates have words where numbers belong.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError
from vggcalc.record import Record

_TOKEN = re.compile(
    r"""(?:[\s,;]|\#[^\n]*)+                           # what stands between: separators, comments
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<word>[^\s{}<>\[\]:,;\#"']+)
      | (?P<sign>[{}<>\[\]:])""",
    re.VERBOSE,
)
_CLOSES = {"{": "}", "<": ">"}
_FORM = "write name: value, or name { ... }"


class Text(Record):
    """A value that is no message: a number, a word, or a text without its quotes."""

    text: str
    mark: Mark

    def __str__(self) -> str:
        return self.text


class Message:
    """Fields by name, each with all its values, in the order of the file."""

    __slots__ = ("mark", "values")

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        self.values: dict[str, list[Text | Message]] = {}

    def texts(self, *names: str) -> list[Text]:
        """The values of the first of these fields that is there, but messages."""
        for name in names:
            if found := [value for value in self.values.get(name, ()) if isinstance(value, Text)]:
                return found
        return []

    def text(self, *names: str) -> str:
        """The last value of a field, which is the one that counts; nothing where there is none."""
        found = self.texts(*names)
        return found[-1].text if found else ""

    def messages(self, *names: str) -> list[Message]:
        """The messages in these fields."""
        return [value for name in names for value in self.values.get(name, ()) if isinstance(value, Message)]

    def message(self, *names: str) -> Message:
        """All that the messages in these fields say together; empty where there is none."""
        found = self.messages(*names)
        if len(found) == 1:
            return found[0]
        merged = Message(self.mark)
        for message in found:
            for name, values in message.values.items():
                merged.values.setdefault(name, []).extend(values)
        return merged


class _Token(Record):
    sign: str
    """What structures the text: one of `{}<>[]:`, or nothing for a value."""
    text: str
    start: int


class _Open:
    """A message that is being read: what closes it, and the field whose value, or list of values, comes next."""

    def __init__(self, message: Message, closing: str, start: int) -> None:
        self.message = message
        self.closing = closing
        self.start = start
        self.name: _Token | None = None
        self.in_list = False

    def take(self, value: Text | Message) -> None:
        """The value of the field whose name was read."""
        assert self.name is not None
        self.message.values.setdefault(self.name.text, []).append(value)
        if not self.in_list:
            self.name = None


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self._lines = [0, *(match.end() for match in re.finditer("\n", source.text))]

    def mark(self, start: int) -> Mark:
        line = bisect_right(self._lines, start)
        return Mark(self.source, line, start - self._lines[line - 1] + 1)

    def broken(self, message: str, hint: str, start: int) -> SpecError:
        return SpecError(Problem(message, hint, self.mark(start), code="bad-file"))

    def tokens(self) -> Iterator[_Token]:
        text, start = self.source.text, 0
        while start < len(text):
            found = _TOKEN.match(text, start)
            if found is None:
                raise self.broken("this text has no end", "close it with the quote it begins with", start)
            if sign := found["sign"]:
                yield _Token(sign, sign, start)
            elif (quoted := found["text"]) is not None:
                yield _Token("", quoted[1:-1], start)
            elif word := found["word"]:
                yield _Token("", word, start)
            start = found.end()


def parse(source: Source) -> Message:
    """The message that a text holds.

    Raises: SpecError with the place where it is no such text.

    >>> parse(Source("net", 'name: "LeNet" layer { top: "conv1" }')).message("layer").text("top")
    'conv1'
    """
    reader = _Reader(source)
    root = Message(Mark(source, 1, 1))
    open_messages = [_Open(root, "", 0)]
    for token in reader.tokens():
        here = open_messages[-1]
        if token.sign in _CLOSES and here.name is not None:
            if len(open_messages) > bounds.YAML_DEPTH:
                raise reader.broken("messages are nested too deep", f"at most {bounds.YAML_DEPTH} levels", token.start)
            inner = Message(reader.mark(token.start))
            here.take(inner)
            open_messages.append(_Open(inner, _CLOSES[token.sign], token.start))
        elif token.sign == ":" and here.name is not None:
            continue
        elif token.sign == "[" and here.name is not None and not here.in_list:
            here.in_list = True
        elif token.sign == "]" and here.in_list:
            here.name, here.in_list = None, False
        elif token.sign == here.closing != "" and here.name is None:
            open_messages.pop()
        elif token.sign:
            raise reader.broken(f"'{token.sign}' has no place here", _FORM, token.start)
        elif here.name is None:
            here.name = token
        else:
            here.take(Text(token.text, reader.mark(token.start)))
    last = open_messages[-1]
    if last.name is not None:
        raise reader.broken(f"'{last.name.text}' has no value", _FORM, last.name.start)
    if last.closing:
        raise reader.broken("this has no end", f"close it with '{last.closing}'", last.start)
    return root
