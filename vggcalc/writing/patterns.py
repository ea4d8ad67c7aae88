"""Names in a few patterns: what `training` and `pytorch` say of many layers at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_SPECIAL = re.compile(r"[*?\[\]]")


def patterns(wanted: Collection[str], others: Iterable[str]) -> list[str]:
    """The names, those that differ in one part between dots in one pattern where no other name fits it.

    >>> patterns(["a.0.relu", "a.1.relu", "b"], ["a.0.conv", "a.1.conv"])
    ['a.*.relu', 'b']
    """
    foreign = [name.split(".") for name in others]
    found = [tuple(name.split(".")) for name in dict.fromkeys(wanted)]
    found = [tuple(map(_literal, parts)) for parts in found]
    longest = max(map(len, found), default=0)
    for place in reversed(range(longest)):
        merged: dict[tuple[object, ...], list[tuple[str, ...]]] = {}
        for parts in found:
            key = (len(parts), *parts[:place], None, *parts[place + 1 :]) if place < len(parts) else (parts,)
            merged.setdefault(key, []).append(parts)
        found = [pattern for same in merged.values() for pattern in _together(same, place, foreign)]
    for pattern in found[::-1]:
        rest = [other for other in found if other is not pattern]
        own = [name.split(".") for name in wanted if _fits(pattern, name.split("."))]
        if all(any(_fits(other, name) for other in rest) for name in own):
            found = rest  # what it says is said
    return [".".join(parts) for parts in found]


def _together(same: list[tuple[str, ...]], place: int, foreign: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Names that differ in this part alone, in one pattern if that fits no name that is not meant."""
    if len(same) < 2:
        return same
    first, parts = same[0], [each[place] for each in same]
    for part in ("*" if place else "", _numbers(parts), _begun(parts), "*"):
        pattern = (*first[:place], part, *first[place + 1 :])
        if part and not any(_fits(pattern, name) for name in foreign):
            return [pattern]
    tens: dict[str, list[tuple[str, ...]]] = {}
    for each in same:
        tens.setdefault(each[place][:-1], []).append(each)
    return [pattern for own in tens.values() for pattern in _together(own, place, foreign)] if len(tens) > 1 else same


def _numbers(parts: Sequence[str]) -> str:
    """Parts that differ in their last digit, as layer[1-4], where the digits have no gap."""
    stem, digits = parts[0][:-1], sorted(part[-1:] for part in parts)
    span = f"{digits[0]}-{digits[-1]}" if digits[0].isdigit() and digits[-1].isdigit() else ""
    is_run = span and [*map(int, digits)] == [*range(int(digits[0]), int(digits[-1]) + 1)]
    return f"{stem}[{span}]" if is_run and all(part[:-1] == stem for part in parts) else ""


def _begun(parts: Sequence[str]) -> str:
    """Parts that begin alike, as inception*."""
    first, last = min(parts), max(parts)
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return f"{first[:length]}*" if length > 1 and not _SPECIAL.search(first[:length]) else ""


def _literal(part: str) -> str:
    """A part of a name, with the signs that patterns know in brackets."""
    return _SPECIAL.sub(lambda found: f"[{found[0]}]", part)


def _fits(pattern: Sequence[str], name: Sequence[str]) -> bool:
    from fnmatch import fnmatchcase

    return len(pattern) == len(name) and all(fnmatchcase(part, own) for own, part in zip(pattern, name, strict=True))
