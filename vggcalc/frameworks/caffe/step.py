"""One layer of a Caffe network while it is read: what it reads, its numbers, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.errors import Mark, Problem, SpecError
from vggcalc.frameworks.assembly import Assembly, Tensor
from vggcalc.frameworks.caffe.prototxt import Message, Text
from vggcalc.layers import REGISTRY, Layer
from vggcalc.shape import Shape

_DIGITS = 9


class Step:
    """A layer's message, its bottoms as tensors, and the network that its layers are put into."""

    def __init__(
        self, assembly: Assembly, message: Message, bottoms: Sequence[Tensor], shares: int | None, training: bool
    ) -> None:
        self.assembly = assembly
        self.message = message
        self.bottoms = bottoms
        self.shares = shares
        self.training = training
        self.type = message.text("type")
        self.name = message.text("name") or self.type.lower()

    @property
    def mark(self) -> Mark:
        """Where the layer stands in the file."""
        return self.message.mark

    @property
    def bottom(self) -> Tensor:
        """The first thing that the layer reads."""
        if not self.bottoms:
            raise SpecError(Problem(f"{self.name} reads nothing", "give it a bottom", self.mark, code="no-inputs"))
        return self.bottoms[0]

    @property
    def axes(self) -> int:
        """How many spatial axes the map has that is read."""
        return len(self.bottom.shape.spatial) if self.bottom.shape else 2

    def param(self, name: str) -> Message:
        """What `name` { } says of the layer; the first networks of Caffe had the fields in the layer itself."""
        return self.message.message(name) if name in self.message.values else self.message

    def add(self, kind: str, *sources: Tensor, suffix: str = "", **fields: Any) -> Tensor:
        """A layer of this kind under the layer's name; it reads the bottom unless told otherwise."""
        name = self.name + suffix
        read = sources or (self.bottom,)
        made: Layer | None = None
        with self.assembly.layer_of(name, self.mark):
            seen = all(source.shape is None or source.shape.is_known for source in read)
            made = REGISTRY[kind](**fields) if seen else REGISTRY["unknown"](op=self.type)
        if made is None:
            return read[0]._replace(shape=None)
        return self.assembly.add(name, made, *read, mark=self.mark, shares=self.shares, training=self.training)

    def per_axis(self, message: Message, *names: str, default: int | None = None) -> int | tuple[int, ...] | None:
        """A number for all axes or one for each: repeated, or as `kernel_h` and `kernel_w` beside `kernel_size`."""
        stem = names[-1].partition("_")[0]
        sides = [message.texts(f"{stem}_{side}") for side in "hw"]
        if any(sides):
            numbers = [whole(found[-1]) if found else (default or 0) for found in sides]
            return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)
        found = [whole(text) for text in message.texts(*names)]
        if not found:
            return default
        return found[0] if len(set(found)) == 1 else tuple(found)


def whole(text: Text) -> int:
    """The whole number that a value is; raises SpecError where it is none."""
    digits = text.text.removeprefix("-")
    if not (digits.isdecimal() and digits.isascii() and len(digits) <= _DIGITS):
        raise SpecError(
            Problem(f"'{text.text[:40]}' is no whole number", "put the number in", text.mark, code="bad-value")
        )
    return int(text.text)


def number(message: Message, name: str, default: int) -> int:
    """The whole number in a field."""
    found = message.texts(name)
    return whole(found[-1]) if found else default


def flag(message: Message, name: str, default: bool) -> bool:
    """Whether a field says true."""
    text = message.text(name).lower()
    return text in ("true", "1") if text else default


def shape_of(dims: Sequence[int]) -> Shape:
    """The map that a blob of these dimensions holds for each image: they are batch, channels, height and width."""
    return Shape(dims[1], tuple(dims[2:])) if len(dims) > 1 else Shape(1, ())
