"""Mutations of JSON: its tree changed, so that it stays JSON, or its text; and of archives in which it lies."""

from __future__ import annotations

import io
import json
import random
import zipfile
from copy import deepcopy
from typing import Any

from fuzzing.mutate import LARGEST, in_bytes, mutated, places, stands

VALUES: tuple[Any, ...] = (
    0, 1, 2, 3, 7, -1, -2, 64, 1000, 10**6, 10**9, 10**12, 10**40, 10**400, 0.5, 1.5, -0.0, 1e308, float("nan"),
    float("inf"), True, False, None, "", " ", "x", "0", "3", "-1", "nan", "\0", "\x1b[31m", "\ud800", "\u202e", "é",
    "::error::", "##[error]", "=1+1", "$(x)", "$(1+1)", "a\nb", "a" * 300, [], {}, [[]], [None], [0], [1, 2, 3], [1.5],
    [-1, -1], [[1, 2], [3, 4]], {"": 0}, {"name": "x"}, "same", "valid", "channels_first", "relu", "softmax", "Dense",
)  # fmt: skip
"""What may stand in place of anything."""


def tree(text: bytes, other: bytes, dice: random.Random) -> bytes:
    """JSON after one to five mutations; where it was no JSON, its text is changed."""
    if dice.random() < 0.15:
        return mutated(text, other, dice)
    root, theirs = json.loads(text), json.loads(other)
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5))):
        mine = places(root)
        if not mine:
            break
        inside, key = dice.choice(mine)
        giver, at = dice.choice(dice.choice((mine, places(theirs) or mine)))
        given = deepcopy(giver[at]) if dice.random() < 0.4 else deepcopy(dice.choice(VALUES))
        if stands(inside, key):
            _change(inside, key, given, dice)
    try:
        return json.dumps(root).encode()[:LARGEST]
    except RecursionError:
        return b"[" * 5000


def _change(inside: Any, key: Any, given: Any, dice: random.Random) -> None:
    value = inside[key]
    match dice.randrange(8):
        case 0:
            del inside[key]
        case 1:
            inside[key] = [value] if dice.random() < 0.7 else {"config": value}
        case 2 if isinstance(inside, dict):
            inside[str(given)[:40]] = inside.pop(key)
        case 3 if isinstance(inside, list):
            inside[key:key] = [deepcopy(value) for _ in range(dice.choice((1, 1, 2, 40)))]
        case 4 if isinstance(value, list) and value:
            dice.shuffle(value)
        case 5 if isinstance(value, int) and abs(value) < 10**300:
            inside[key] = value + dice.choice((-1, 1, 0.5)) if dice.random() < 0.5 else value * dice.choice((-1, 2))
        case _:
            inside[key] = given


def zipped(members: dict[str, bytes]) -> bytes:
    """An archive, the same one for the same members."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return data.getvalue()


def archive(member: str, text: bytes, dice: random.Random) -> bytes:
    """An archive with this member beside others, now and then under another name, packed, twice, or broken."""
    way = dice.randrange(30)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED if way < 5 else zipfile.ZIP_STORED) as made:
        name = {5: "../" + member, 6: "/" + member, 7: member + "/", 8: member.upper(), 9: "a/" + member}.get(
            way, member
        )
        made.writestr(zipfile.ZipInfo("metadata.json"), b"{}")
        made.writestr(zipfile.ZipInfo(name), text * (1 if way != 10 else 200))
        made.writestr(zipfile.ZipInfo("model.weights.h5"), b"\0" * 100)
    whole = data.getvalue()
    if way in (11, 12, 13):
        whole = in_bytes(whole, whole, dice)[:LARGEST]
    return whole
