"""Caffe's blobs as maps: which axis of a blob is the batch, which the channels, and which the positions."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.frameworks.assembly import Tensor
from vggcalc.record import Record
from vggcalc.shape import NOT_KNOWN, Shape, vector

BATCH, CHANNELS, SINGLE = "n", "c", "-"
"""Letters of a layout: the batch, the channels, and an axis of one."""


class Blob(Record):
    """What a layer wrote, and what each axis of the blob is of its map.

    layout: a letter an axis. `n` is the batch, or a part of it; `c` the channels; a digit that axis of the map; `-` an
    axis of one value. An image is `nc01`, a vector `nc`, what stands with its channels last `n01c`, and a sequence that
    steps along the first axis `0nc`.
    batch: how many each `n` counts in the file.
    """

    tensor: Tensor
    layout: str = ""
    batch: tuple[int, ...] = (1,)

    @property
    def shape(self) -> Shape:
        """The shape of the map, where it is known."""
        return self.tensor.shape or NOT_KNOWN

    @property
    def is_broken(self) -> bool:
        """A fault above it leaves it unknown, and has been told."""
        return self.tensor.shape is None

    @property
    def dims(self) -> tuple[int, ...]:
        """The extents of the blob as Caffe has them."""
        batch, shape = iter(self.batch), self.shape
        sizes = {CHANNELS: shape.channels, SINGLE: 1} | {str(axis): n for axis, n in enumerate(shape.spatial)}
        return tuple(next(batch, 1) if letter == BATCH else sizes.get(letter, 1) for letter in self.layout)

    def axis(self, number: int) -> int:
        """An axis counted from 0; from the end where the number is below 0."""
        return number + len(self.layout) if number < 0 else number

    def letter(self, number: int) -> str:
        """What an axis is; nothing where there is none."""
        place = self.axis(number)
        return self.layout[place] if 0 <= place < len(self.layout) else ""


def usual(axes: int) -> str:
    """The layout of a map with so many axes: batch, channels, positions."""
    return BATCH + CHANNELS + "0123"[:axes]


def declared(dims: Sequence[int], is_sequence: bool = False) -> tuple[Shape, str, tuple[int, ...]] | None:
    """The map, layout and batch of an input of these dimensions; None for more than anything has.

    A sequence has its steps first, and then the batch.
    """
    if is_sequence and 1 < len(dims) < 5:
        steps, batch, *rest = dims
        while len(rest) > 1 and rest[-1] == 1:
            rest.pop()
        channels, *spatial = rest or [1]
        layout = "0n" + "c12"[: len(rest)] + SINGLE * (len(dims) - 2 - len(rest))
        return Shape(channels, (steps, *spatial)), layout, (batch,)
    if not dims or len(dims) > 5:
        return None
    batch, *rest = dims
    if len(rest) < 2:
        return vector(rest[0] if rest else 1, 2), usual(0)[: len(dims)], (batch,)
    return Shape(rest[0], tuple(rest[1:])), usual(len(rest) - 1), (batch,)
