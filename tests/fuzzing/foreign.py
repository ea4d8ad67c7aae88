"""Files of other frameworks: what is mutated in each format, and how."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import NamedTuple

from fuzzing.mutate import mutated

Mutation = Callable[[bytes, bytes, random.Random], bytes]


class Format(NamedTuple):
    """A format: the name of a file, what files are made of, and how they are changed."""

    file: str
    texts: Sequence[bytes]
    mutation: Mutation

    def made(self, dice: random.Random) -> bytes:
        """A file."""
        return self.mutation(dice.choice(self.texts), dice.choice(self.texts), dice)


@cache
def formats() -> dict[str, tuple[Format, ...]]:
    """By the framework's name; what files are made of is made when somebody asks."""
    from fuzzing.trees import archive, tree
    from fuzzing.wire import mutated as mutated_wire

    def packed(text: bytes, other: bytes, dice: random.Random) -> bytes:
        return archive("config.json", tree(text, other, dice), dice)

    def exported(text: bytes, other: bytes, dice: random.Random) -> bytes:
        return archive("net/models/model.json", tree(text, other, dice), dice)

    texts = {
        name: import_module(f"fuzzing.{name}").TEXTS for name in ("prototxt", "darknet", "keras", "onnx", "exported")
    }
    return {
        "caffe": (Format("net.prototxt", texts["prototxt"], mutated),),
        "darknet": (Format("net.cfg", texts["darknet"], mutated),),
        "keras": (Format("net.json", texts["keras"], tree), Format("net.keras", texts["keras"], packed)),
        "onnx": (Format("net.onnx", texts["onnx"], mutated_wire),),
        "pytorch": (Format("net.pt2", texts["exported"], exported),),
    }
