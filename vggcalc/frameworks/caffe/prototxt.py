"""The grammar of protobuf's text format, as Caffe's networks are written in it.

A message is a list of fields: `name: value`, `name { message }`, `name: [value, ...]`. Nothing is known here of which
fields there are: forks add their own, and templates have words where numbers belong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError

_TOKEN = re.compile(
    r"""(?: \#[^\n]* | //[^\n]*                          # comments
      | (?P<text>"[^"\\\n]*(?:\\.[^"\\\n]*){0,999}"|'[^'\\\n]*(?:\\.[^'\\\n]*){0,999}')
      | (?P<word>[^\s{}<>\[\]:,;\#"']+)
      | (?P<sign>[{}<>\[\]:])
      | [\s,;] ) [\s,;]*                               # and the separators behind them
    """,
    re.VERBOSE,
)
_CLOSES = {"{": "}", "<": ">"}
_FORM = "write name: value, or name { ... }"


class _Places:
    """Where things stand in a source: lines and columns, found when somebody asks, from where one asked before."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._asked, self._line, self._begin = 0, 1, 0

    def mark(self, start: int) -> Mark:
        """The line and column of a character."""
        if start < self._asked:
            self._asked, self._line, self._begin = 0, 1, 0
        text = self.source.text
        self._line += text.count("\n", self._asked, start)
        self._begin = max(self._begin, text.rfind("\n", self._asked, start) + 1)
        self._asked = start
        return Mark(self.source, self._line, start - self._begin + 1)

    def broken(self, message: str, hint: str, start: int, code: str = "bad-file") -> SpecError:
        """What is wrong with the text itself."""
        return SpecError(Problem(message, hint, self.mark(start), code=code))


class Text:
    """A value that is no message: a number, a word, or a text without its quotes."""

    __slots__ = ("_places", "_start", "text")

    def __init__(self, text: str, places: _Places, start: int) -> None:
        self.text = text
        self._places = places
        self._start = start

    @property
    def mark(self) -> Mark:
        """Where it stands."""
        return self._places.mark(self._start)

    def __str__(self) -> str:
        return self.text


class Message:
    """Fields by name, each with all its values, in the order of the file."""

    __slots__ = ("_places", "_start", "values")

    def __init__(self, places: _Places, start: int) -> None:
        self._places = places
        self._start = start
        self.values: dict[str, list[Text | Message]] = {}

    @property
    def mark(self) -> Mark:
        """Where it opens."""
        return self._places.mark(self._start)

    def joined(self, inner: Message) -> Message:
        """What this says and a message within, which goes before, where that stands."""
        joined = Message(inner._places, inner._start)
        joined.values = {**self.values, **inner.values}
        return joined

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

    def one(self, *names: str) -> Text | None:
        """The value of the first of these fields that is there; raises SpecError where it is said twice."""
        found = self.texts(*names)
        if len(found) > 1:
            name = next(name for name in names if self.values.get(name))
            problem = Problem(f"'{name}' is said twice", "leave one of them out", found[1].mark, code="duplicate-key")
            raise SpecError(problem)
        return found[0] if found else None

    def messages(self, *names: str) -> list[Message]:
        """The messages in these fields."""
        return [value for name in names for value in self.values.get(name, ()) if isinstance(value, Message)]

    def message(self, *names: str) -> Message:
        """All that the messages in these fields say together; empty where there is none."""
        found = self.messages(*names)
        if len(found) == 1:
            return found[0]
        merged = Message(self._places, self._start)
        for message in found:
            for name, values in message.values.items():
                merged.values.setdefault(name, []).extend(values)
        return merged


class _Open:
    """A message that is being read: what closes it, and the field whose value, or list of values, comes next."""

    __slots__ = ("closing", "in_list", "message", "name", "start")

    def __init__(self, message: Message, closing: str, start: int) -> None:
        self.message = message
        self.closing = closing
        self.start = start
        self.name: str | None = None
        self.in_list = False

    def take(self, value: Text | Message) -> None:
        """The value of the field whose name was read."""
        assert self.name is not None
        self.message.values.setdefault(self.name, []).append(value)
        if not self.in_list:
            self.name = None


def parse(source: Source) -> Message:
    """The message that a text holds.

    Raises: SpecError with the place where it is no such text.

    >>> parse(Source("net", 'name: "LeNet" layer { top: "conv1" }')).message("layer").text("top")
    'conv1'
    """
    places = _Places(source)
    root = Message(places, 0)
    open_messages = [_Open(root, "", 0)]
    last = 0
    for kind, token, start in _tokens(source.text, places):
        here = open_messages[-1]
        if kind != "sign":
            if here.name is None:
                here.name, last = token, start
            else:
                here.take(Text(token if kind == "word" else token[1:-1], places, start))
        elif token in _CLOSES and here.name is not None:
            if len(open_messages) > bounds.YAML_DEPTH:
                raise places.broken("messages are nested too deep", f"at most {bounds.YAML_DEPTH} levels", start)
            inner = Message(places, start)
            here.take(inner)
            open_messages.append(_Open(inner, _CLOSES[token], start))
        elif token == ":" and here.name is not None:
            continue
        elif token == "[" and here.name is not None and not here.in_list:
            here.in_list = True
        elif token == "]" and here.in_list:
            here.name, here.in_list = None, False
        elif token == here.closing != "" and here.name is None:
            open_messages.pop()
        else:
            raise places.broken(f"'{token}' has no place here", _FORM, start)
    inmost = open_messages[-1]
    if inmost.name is not None:
        raise places.broken(f"'{inmost.name}' has no value", _FORM, last)
    if inmost.closing:
        raise places.broken("this has no end", f"close it with '{inmost.closing}'", inmost.start)
    return root


def _tokens(text: str, places: _Places) -> Iterator[tuple[str, str, int]]:
    """What the text is made of: texts, words and signs, each with its start."""
    end = count = 0
    for count, found in enumerate(_TOKEN.finditer(text), 1):
        start = found.start()
        if start != end:
            break
        end = found.end()
        if count > bounds.FOREIGN_WORDS:
            message = f"the file has more than {bounds.FOREIGN_WORDS:,} words, signs and comments"
            raise places.broken(message, "vggcalc works with no more", start, "out-of-bounds")
        kind = found.lastgroup
        if kind is not None:
            yield kind, found[kind], start
    if end != len(text):
        raise places.broken("this text has no end", "close it with the quote it begins with", end)
