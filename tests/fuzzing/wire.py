"""Mutations of protocol buffers: fields left out, doubled, moved, changed, numbered otherwise, and lengths that lie."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

from onnx_files import varint

from fuzzing.mutate import LARGEST, WORDS, in_bytes

NUMBERS = (0, 1, 2, 3, 7, 64, 255, 1 << 16, 10**6, 10**9, 2**31 - 1, 2**31, 2**32, 2**62, 2**63 - 1, 2**64 - 1,
           2**64 - 2, -(10**9))  # fmt: skip
TEXTS = (b"", b"x", b"y", b"w", b"/", b"../../etc/passwd", b"\xff\xfe", b"\x1b[31m", b"::error::", b"##[error]", b"=1",
         "\u202e".encode(), b"a\nb", b"$(x)", b"\0", b"a" * 300, b"Conv", b"Add", b"If", b"Loop", b"ai.onnx.ml",
         b"location", b"\x80" * 12)  # fmt: skip

Fields = list[list[Any]]
"""Fields of a message: their number, their form on the wire, and a number, bytes, or the fields of a message."""


def message(text: bytes, depth: int = 0) -> Fields | None:
    """The fields of a message, as deep as what is in it looks like one; None for what is none."""
    found: Fields = []
    at = 0
    while at < len(text):
        tag, at = _number(text, at)
        form = tag & 7
        if at < 0 or tag >> 3 == 0:
            return None
        if form == 0:
            value, at = _number(text, at)
            if at < 0:
                return None
            found.append([tag >> 3, form, value])
            continue
        size = {1: 8, 5: 4}.get(form, -1)
        if form == 2:
            size, at = _number(text, at)
        if at < 0 or size < 0 or at + size > len(text):
            return None
        inside = text[at : at + size]
        parts = message(inside, depth + 1) if form == 2 and size > 1 and depth < 12 else None
        found.append([tag >> 3, form, inside if parts is None else parts])
        at += size
    return found


def _number(text: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(text) and shift < 70:
        value |= (text[at] & 0x7F) << shift
        shift += 7
        at += 1
        if text[at - 1] < 0x80:
            return value, at
    return 0, -1


def written(fields: Fields, lies: random.Random | None = None) -> bytes:
    """A message; with dice, now and then a length that lies."""
    parts = []
    for number, form, value in fields:
        parts.append(varint(number << 3 | form))
        if isinstance(value, int):
            parts.append(varint(value))
            continue
        inside = written(value, lies) if isinstance(value, list) else value
        if form == 2:
            size = len(inside)
            if lies is not None and lies.random() < 0.02:
                size = lies.choice((size + 1, max(0, size - 1), size * 100, 2**31, 2**63, 0))
            parts.append(varint(size))
        parts.append(inside)
    return b"".join(parts)


def _all(fields: Fields) -> list[tuple[Fields, int]]:
    """Every field, as the list that it stands in and its place there."""
    found: list[tuple[Fields, int]] = []
    waiting = [fields]
    while waiting and len(found) < 3000:
        inside = waiting.pop()
        for place, (_, _, value) in enumerate(inside):
            found.append((inside, place))
            if isinstance(value, list):
                waiting.append(value)
    return found


def mutated(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """A message after one to five mutations; `other` is what fields may come from."""
    if dice.random() < 0.1:
        return in_bytes(text, other, dice)[:LARGEST]
    root, theirs = message(text) or [], message(other) or []
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5))):
        mine = _all(root)
        if not mine:
            break
        inside, place = dice.choice(mine)
        giver, at = dice.choice(dice.choice((mine, _all(theirs) or mine)))
        if place < len(inside) and at < len(giver):
            _change(inside, place, deepcopy(giver[at]), dice)
    return written(root, dice if dice.random() < 0.15 else None)[:LARGEST]


def _change(inside: Fields, place: int, given: list[Any], dice: random.Random) -> None:
    number, form, value = inside[place]
    match dice.randrange(9):
        case 0:
            del inside[place]
        case 1:
            inside[place:place] = [deepcopy(inside[place]) for _ in range(dice.choice((1, 1, 2, 40)))]
        case 2:
            inside[place] = [number, *given[1:]]
        case 3:
            inside.insert(place, given)
        case 4:
            inside[place][0] = dice.choice((number + 1, max(1, number - 1), dice.randrange(1, 30)))
        case 5:
            inside[place][1] = dice.choice((0, 1, 2, 3, 5, 6))
            inside[place][2] = b"\0" * 8 if inside[place][1] else 1
        case 6 if isinstance(value, list) and value:
            dice.shuffle(value)
        case _ if form == 0:
            inside[place][2] = dice.choice(NUMBERS) if dice.random() < 0.5 else value + dice.choice((-1, 1))
        case _ if form == 2:
            inside[place][2] = dice.choice((*TEXTS, dice.choice(WORDS).encode()))
