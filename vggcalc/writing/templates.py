"""What items have in common: the form that is left without their numbers, and the numbers that fill it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from vggcalc.layers import REGISTRY
from vggcalc.writing.items import Body, Group, Item, Line, Paths, Repeat, Use

_TOKENS = re.compile(r"\$\([^()]*\)|[0-9]+|[A-Za-z]+|.", re.DOTALL)
_NAMES = re.compile(r"[A-Za-z_]\w*")
_PLACES = re.compile(r"\$\(([^()]*)\)")
UNSAID = "unsaid"
"""What a name is of that the language gives: it is no part of what is written."""
Change = Callable[[str, Any], Any]
"""Gets a number or word that may differ, and what it is of: a field, a name, the turns of a repeat; gives another."""


def names_in_text(text: str) -> set[str]:
    """The variables in a text."""
    return {name for place in _PLACES.findall(text) for name in _NAMES.findall(place)}


def form_of(body: Body) -> Body:
    """Items without the numbers and words that may differ; those of equal form differ in nothing else."""
    return tuple(map(_form, body))


@lru_cache(maxsize=100_000)
def _form(item: Item) -> Item:
    def form(role: str, value: Any) -> str:
        if role == UNSAID:
            return ""
        return "@" if isinstance(value, str) and "$" not in value else "#"

    return mapped((item,), form)[0]


def values_of(body: Body) -> list[tuple[str, Any]]:
    """The numbers and words that may differ, in order, each with what it is of."""
    found: list[tuple[str, Any]] = []

    def note(role: str, value: Any) -> Any:
        if role != UNSAID:
            found.append((role, value))
        return value

    mapped(body, note)
    return found


def filled(body: Body, values: list[Any]) -> Body:
    """The items with other numbers and words in the same places."""
    following = iter(values)
    return mapped(body, lambda role, value: value if role == UNSAID else next(following))


def mapped(body: Body, change: Change, bound: frozenset[str] = frozenset()) -> Body:
    """Items with each number and word that may differ changed.

    bound: counters of repeats round it that are part of what is changed; what holds one of them stays.
    """

    def free(role: str, value: Any) -> Any:
        if bound and isinstance(value, str) and not bound.isdisjoint(names_in_text(value)):
            return value
        return change(role, value)

    return tuple(_item(item, free, change, bound) for item in body)


def _item(item: Item, free: Change, change: Change, bound: frozenset[str]) -> Item:
    if isinstance(item, Line):
        return _line(item, free)
    if isinstance(item, Group):
        return Group(_name(item.name, free), mapped(item.body, change, bound))
    if isinstance(item, Use):
        values = tuple((key, _value(key, value, free)) for key, value in item.values)
        return Use(item.block, _name(item.name, free), values)
    if isinstance(item, Repeat):
        inner = bound | {item.counter} if item.counter else bound
        merge = item.merge and _line(item.merge, free)
        return Repeat(free("times", item.times), item.counter, mapped(item.body, change, inner), merge)
    return Paths(
        _name(item.name, free),
        _line(item.merge, free),
        tuple(mapped(path, change, bound) for path in item.paths),
        item.names,  # the language reads them as they stand
        item.sources,
    )


def _line(line: Line, change: Change) -> Line:
    return Line(
        line.kind,
        tuple((field, _value(field, value, change)) for field, value in line.fields),
        _name(line.name, change) if line.is_given else change(UNSAID, line.name),
        line.is_given,
        line.sources and tuple(_name(source, change) for source in line.sources),
        _name(line.share, change),
        tuple(_follower(each, change) for each in line.followers),
    )


def _follower(line: Line, change: Change) -> Line:
    """What follows a layer; an activation without options may be any."""
    kind = line.kind
    if isinstance(kind, str):
        line = line._replace(name=change(UNSAID, line.name))
        return _activation(line, change("activation", kind))
    is_plain = kind.role == "activation" and not line.is_given and dict(line.fields) == kind.defaults
    if not is_plain:
        return _line(line, change)
    line = line._replace(name=change(UNSAID, line.name))
    return _activation(line, change("activation", kind.kind))


def _activation(line: Line, word: str) -> Line:
    kind = REGISTRY.get(word)
    return line._replace(kind=kind or word, fields=tuple(kind.defaults.items()) if kind else ())


def _value(role: str, value: Any, change: Change) -> Any:
    if isinstance(value, tuple):
        return tuple(_value(role, item, change) for item in value)
    if type(value) is int or (isinstance(value, str) and "$(" in value):
        return change(role, value)
    return value


def _name(name: str, change: Change) -> str:
    """A name, of which numbers and single letters may differ."""
    return "".join(str(_token(token, change)) for token in _TOKENS.findall(name))


def _token(token: str, change: Change) -> Any:
    if token.isdecimal() and token.isascii() and (token == "0" or token[0] != "0"):
        return change("name", int(token))
    is_open = token.startswith("$(") or (len(token) == 1 and token.isalpha() and token.isascii())
    return change("name", token) if is_open else token
