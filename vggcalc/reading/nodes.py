"""YAML text to nodes with places. Nothing is interpreted: every scalar keeps its characters.

YAML 1.1 reads `010` as 8, `yes` as true and `1:30` as 90; here a scalar is the text that the author sees, and whoever
wants a number says so. Anchors, aliases, tags, merge keys, duplicate keys and several documents are refused.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import yaml

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError
from vggcalc.reading.faults import Faults
from vggcalc.record import Record

_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_DISPUTED = re.compile("[\t?\ufeff]|:[]\\[{},]")
"""Where libyaml reads what PyYAML's own parser refuses, or reads another thing: tabs between tokens, `?` and `4:]`
inside brackets, a byte order mark behind the first character. Texts with such are read by the latter everywhere."""


_ESCAPED = re.compile(r"\\U([0-9A-Fa-f]{8})")
_SPACES = tuple("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000")
"""Spaces of typesetters: to YAML they are letters, and nobody sees them."""
_GLUED = re.compile(r"\s*[A-Za-z_]\w*:[^\s:/]")
"""A key with its value glued to it."""


class TextNode(Record):
    """A piece of text; `quoted` tells `"64"` from `64`."""

    text: str
    quoted: bool
    mark: Mark


class ListNode(Record):
    """A list of nodes."""

    items: list[YamlNode]
    mark: Mark


class MapNode(Record):
    """Keys with values, in the order of the file."""

    entries: dict[str, Entry]
    mark: Mark


class Entry(Record):
    """A key's place and its value."""

    mark: Mark
    value: YamlNode


YamlNode = TextNode | ListNode | MapNode


def is_constant(node: YamlNode) -> bool:
    """Whether no `$(...)` stands in it, so that it says the same wherever it is read."""
    if isinstance(node, TextNode):
        return "$" not in node.text
    inner = node.items if isinstance(node, ListNode) else [entry.value for entry in node.entries.values()]
    return all(map(is_constant, inner))


_KEY = r"[\"']?(\w+)[\"']?\s*:"


def top_keys(source: Source, node: YamlNode | None) -> set[str]:
    """The keys at the top of a text, which say what it is meant to be.

    Of what is no YAML to its end, those that its lines begin with, or that stand in its first brackets.
    """
    if isinstance(node, MapNode):
        return {*node.entries}
    brackets = re.match(r"\s*\{[^][{}]*", source.text)
    inside = re.findall(rf"[{{,]\s*{_KEY}", brackets[0]) if brackets else []
    return {*re.findall(f"^{_KEY}", source.text, re.M), *inside}


def parse(source: Source, problems: Faults) -> YamlNode | None:
    """The one document of a text as a node; what is wrong goes to `problems`. None when there is nothing to read."""
    try:
        return _document(source, problems)
    except SpecError:  # so many faults that reading ends; who reads the problems knows
        return None


def _document(source: Source, problems: Faults) -> YamlNode | None:
    events = _events(source, problems)
    root: YamlNode | None = None
    stack: list[_Open] = []
    for count, event in enumerate(events):
        mark = _place(source, event)
        if count > bounds.YAML_PARTS:
            wrong = f"the text has more than {bounds.YAML_PARTS:,} keys, values and brackets up to here"
            problems.append(
                Problem(wrong, "write what repeats once, with repeat or a block", mark, code="out-of-bounds")
            )
            return root
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            problems.append(
                Problem(
                    "a second document starts here", "write one spec a file, without '---'", mark, code="yaml-extra"
                )
            )
            return root
        if isinstance(event, yaml.CollectionEndEvent):
            node: YamlNode = stack.pop().closed()
        elif isinstance(event, yaml.NodeEvent):
            _refuse_extras(event, mark, problems)
            if isinstance(event, yaml.ScalarEvent):
                if not event.style and event.value[:1] in _SPACES:
                    hint = "write plain spaces; it was copied from a page"
                    problems.append(Problem("a space of a typesetter stands here", hint, mark, code="not-yaml"))
                    return None
                node = TextNode(event.value, bool(event.style), mark)
            elif isinstance(event, yaml.AliasEvent):
                if not (stack and stack[-1].is_mapping):
                    continue
                node = TextNode("~", False, mark)
            elif len(stack) >= bounds.YAML_DEPTH:
                problems.append(
                    Problem(
                        f"nested more than {bounds.YAML_DEPTH} levels deep",
                        "use blocks instead",
                        mark,
                        code="out-of-bounds",
                    )
                )
                return root
            else:
                stack.append(_Open(mark, isinstance(event, yaml.MappingStartEvent), problems))
                continue
        else:
            continue
        if stack:
            stack[-1].add(node)
        else:
            root = node
    return root


def scalars(source: Source) -> Iterator[tuple[int, int]]:
    """From which character to which each key and value goes, quotes included; in order, up to the first fault."""
    for event in _events(source, Faults()):
        start, end = event.start_mark, event.end_mark
        if isinstance(event, yaml.ScalarEvent):
            yield start.index, end.index


def _place(source: Source, event: Any) -> Mark:
    """Where an event begins; of a value that is not there, the place behind its key, which libyaml passes by."""
    line, column = event.start_mark.line + 1, event.start_mark.column
    if isinstance(event, yaml.ScalarEvent) and not event.value and not event.style:
        text = source.line(line)
        while column and text[column - 1 : column] == " ":
            column -= 1
    return Mark(source, line, column + 1)


class _Open:
    """A list or mapping whose end has not been read."""

    def __init__(self, mark: Mark, is_mapping: bool, problems: Faults) -> None:
        self.mark = mark
        self.items: list[YamlNode] = []
        self.entries: dict[str, Entry] = {}
        self.is_mapping = is_mapping
        self.problems = problems
        self.key: YamlNode | None = None

    def add(self, node: YamlNode) -> None:
        if not self.is_mapping:
            self.items.append(node)
        elif self.key is None:
            self.key = node
        else:
            self._pair(self.key, node)
            self.key = None

    def _pair(self, key: YamlNode, value: YamlNode) -> None:
        if not isinstance(key, TextNode):
            self.problems.append(Problem("a key must be a word", "write key: value", key.mark, code="wrong-type"))
        elif key.text == "<<" and not key.quoted:
            self.problems.append(
                Problem("merge keys are not read here", "use defaults, blocks or 'like'", key.mark, code="yaml-extra")
            )
        elif key.text in self.entries:
            first = self.entries[key.text].mark.line
            self.problems.append(
                Problem(
                    f"'{key.text}' is already set on line {first}",
                    "keep one of the two",
                    key.mark,
                    code="duplicate-key",
                )
            )
        else:
            self.entries[key.text] = Entry(key.mark, value)

    def closed(self) -> YamlNode:
        return MapNode(self.entries, self.mark) if self.is_mapping else ListNode(self.items, self.mark)


def _events(source: Source, problems: Faults) -> Iterator[Any]:
    """The events of the parser; a syntax error ends them and is put in words that all of PyYAML's parsers share."""
    try:
        yield from yaml.parse(source.text, Loader=yaml.SafeLoader if _DISPUTED.search(source.text) else _FAST)
    except UnicodeEncodeError:
        problems.append(
            Problem("a character of it is not UTF-8", "write it as UTF-8 text", Mark(source, 1, 1), code="encoding")
        )
    except (ValueError, OverflowError):  # what PyYAML's own parser says of it
        problems.append(_no_character(source))
    except yaml.MarkedYAMLError as error:
        at, opened = (_within(source, mark) for mark in (error.problem_mark or error.context_mark, error.context_mark))
        since = f" in what began on line {opened.line}" if error.context_mark and opened.line != at.line else ""
        problems.append(_syntax_problem(at, since))
    except yaml.reader.ReaderError as error:
        before = source.text[: error.position]
        mark = Mark(source, before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        problems.append(Problem("a control character stands here", "take it out", mark, code="encoding"))


def _no_character(source: Source) -> Problem:
    """The first escape that is beyond all characters."""
    found = next((each for each in _ESCAPED.finditer(source.text) if int(each[1], 16) > sys.maxunicode), None)
    before = source.text[: found.start() if found else 0]
    mark = Mark(source, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
    return Problem("there is no such character", "write one up to \\U0010ffff", mark, code="not-yaml")


def _within(source: Source, mark: Any) -> Mark:
    """The place of a syntax error; one behind a text whose last line has no end is the end of that line."""
    if mark is None:
        return Mark(source, 1, 1)
    last = source.text.count("\n") + 1
    is_behind = mark.line >= last
    return Mark(source, last, len(source.line(last)) + 1) if is_behind else Mark(source, mark.line + 1, mark.column + 1)


def _syntax_problem(mark: Mark, since: str) -> Problem:
    line = mark.source.line(mark.line)
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Problem("a tab stands in the indentation", "indent with spaces", mark, code="not-yaml")
    if line[mark.column - 1 : mark.column] == "\t":
        return Problem("a tab stands here", "write spaces", mark, code="not-yaml")
    above = mark.source.line(mark.line - 1) if mark.line > 1 else ""
    if _GLUED.match(above):
        place = Mark(mark.source, mark.line - 1, above.index(":") + 1)
        hint = f"write {above.strip().replace(':', ': ', 1)}"
        return Problem("there is no space behind this colon", hint, place, code="not-yaml")
    hint = "look for a missing quote, bracket, comma or colon, or for wrong indentation, here or just above"
    if line[mark.column - 1 : mark.column] == ":" and ": " in line[: mark.column - 1]:
        hint = "put a text with a colon in quotes, and options in braces, as in conv3-64: {stride: 2}"
    return Problem(f"this is not YAML{since}", hint, mark, code="not-yaml")


def _refuse_extras(event: Any, mark: Mark, problems: Faults) -> None:
    if isinstance(event, yaml.AliasEvent):
        problems.append(
            Problem(f"alias '*{event.anchor}' is not read here", "use blocks or variables", mark, code="yaml-extra")
        )
        return
    if event.anchor is not None:
        problems.append(
            Problem(f"anchor '&{event.anchor}' is not read here", "use blocks or variables", mark, code="yaml-extra")
        )
    if event.tag is not None and event.tag != "!":
        problems.append(
            Problem(f"tag '{event.tag}' is not read here", "write the plain value", mark, code="yaml-extra")
        )
