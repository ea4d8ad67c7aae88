"""What differs between the places of a block: variables with names, as few as will do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, count
from typing import Any

from vggcalc.writing.items import Body, Group, Paths, Repeat, Use
from vggcalc.writing.templates import names_in_text

Column = tuple[Any, ...]
"""What stands in one place of a block, for each of its uses."""
Key = tuple[str, Column]
"""That, with what the variable would be called."""

_WORDS = {"out_channels": "out", "out_features": "out", "kernel_size": "kernel", "name": "at"}
"""How variables are called that are not called as the field."""
_WIDTHS = ("out",)
"""Variables that are likely multiples of each other."""
_SMALL, _LARGE = 8, 64
"""By such numbers one width is a multiple of another: at best by the first at most."""
_MEETS = {"add": "unit", "multiply": "gate", "concat": "module"}
"""What blocks are called that end in such a layer."""


def variables(
    roles: Sequence[str], columns: Sequence[Column], taken: set[str]
) -> tuple[list[Any], list[tuple[str, Column]]]:
    """What stands in each place of the block, and the variables with their values, one for each use.

    What is the same in all places stays; what is the same as another, or a multiple or a part of it, is said by that.
    """
    words = [_WORDS.get(word, word) for word in (role.rstrip("0123456789") for role in roles)]
    keys = [*zip(words, columns, strict=True)]
    keys = [
        ("out", column) if ("out", column) in keys and word == "groups" else (word, column) for word, column in keys
    ]
    places = Counter(key for key in keys if len({*key[1]}) > 1)
    said = _said(places)
    kept = [key for key in dict.fromkeys(keys) if key in places and key not in said]
    names: dict[Key, str] = {}
    for word, column in kept:
        several = sum(other == word for other, _ in kept) > 1
        numbers = (f"{word}{number}" if number else word for number in count(int(several)))
        names[word, column] = next(name for name in numbers if name not in taken and name not in names.values())
    texts = {key: f"$({name})" for key, name in names.items()}
    texts |= {key: f"$({form.format(names[base])})" for key, (form, base) in said.items()}
    return [texts.get(key, key[1][0]) for key in keys], [(names[key], key[1]) for key in kept]


def _said(places: Mapping[Key, int]) -> dict[Key, tuple[str, Key]]:
    """Which numbers are multiples or parts of other ones: how, and of which.

    The one by which most others are said comes first, among equals the one that stands in most places.
    """
    found: dict[Key, tuple[str, Key]] = {}
    bases: set[Key] = set()
    for most in (_SMALL, _LARGE):
        while True:
            open_ = [key for key in places if key not in found and key[0] in _WIDTHS]
            ways = {
                base: {key: form for key in open_ if key not in bases and (form := _form(key[1], base[1], most))}
                for base in open_
            }
            best = max(
                (base for base in open_ if ways[base]),
                key=lambda base: (base in bases, len(ways[base]), places[base], -sum(base[1])),
                default=None,
            )
            if best is None:
                break
            bases.add(best)
            found |= {key: (form, best) for key, form in ways[best].items()}
    return found


def _form(column: Column, base: Column, most: int) -> str:
    """How a column is said by another one: {} times a number, or a part of {}; empty where it is not."""
    if column == base or any(type(value) is not int or not value for value in (*column, *base)):
        return ""
    for large, small, form in (column, base, "{1} * {{}}"), (base, column, "{{}} // {1}"):
        factors = {divmod(a, b) for a, b in zip(large, small, strict=True)}
        factor, rest = next(iter(factors))
        if len(factors) == 1 and not rest and 1 < factor <= most:
            return form.format(None, factor)
    return ""


def names_in(body: Body, blocks: Mapping[str, Body]) -> set[str]:
    """The variables that a body takes from what stands round it, and the counters of its own."""
    found: set[str] = set()
    for item in body:
        if isinstance(item, Use):
            own = {key for key, _ in item.values}
            found |= (names_in(blocks[item.block], blocks) if item.block in blocks else set()) - own
            found |= _names((item.name, item.values))
        elif isinstance(item, Group):
            found |= names_in(item.body, blocks) | _names(item.name)
        elif isinstance(item, Repeat):
            found |= names_in(item.body, blocks) | {item.counter} | _names(item.times)
        elif isinstance(item, Paths):
            found |= _names((item.name, item.merge, item.names))
            for path in item.paths:
                found |= names_in(path, blocks)
        else:
            found |= _names(item)
    return found


def _names(value: Any) -> set[str]:
    """The variables in a text, or in any that is in a record."""
    if isinstance(value, tuple):
        return set().union(*map(_names, value))
    return names_in_text(value) if isinstance(value, str) else set()


def block_name(body: Body, groups: Sequence[str], taken: Mapping[str, Body]) -> str:
    """What a block is called: as the groups that it stands for, or else after that in which it ends."""
    last = body[-1]
    named = [name for name in groups if name] or ([last.name] if isinstance(last, Paths) and len(body) == 1 else [])
    stems = {_stem(name) for name in named}
    stem = next(iter(stems)) if len(stems) == 1 else ""
    stem = stem or _content(body)
    return next(name for name in chain((stem,), (f"{stem}{number}" for number in count(2))) if name not in taken)


def _content(body: Body) -> str:
    """What a block is by what it holds."""
    if any(isinstance(item, Repeat) for item in body):
        return "stage"
    if len(body) == 1 and isinstance(body[0], Paths) and not isinstance(body[0].merge.kind, str):
        return _MEETS.get(body[0].merge.kind.kind, "block")
    return "block"


def _stem(name: str) -> str:
    """The word with which the last part of a name begins."""
    found = re.match(r"[A-Za-z_]{2,}", re.sub(r"\$\([^()]*\)", "", name.rpartition(".")[2]))
    return found[0].rstrip("_") if found else ""
