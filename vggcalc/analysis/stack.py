"""Stacks of small convolutions against one large one: the argument of the VGG paper, section 2.3."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from vggcalc.analysis.field import PIXEL, Field
from vggcalc.errors import Problem, UsageError
from vggcalc.layers import Window
from vggcalc.record import Record


class StackedConv(Record):
    """One convolution of a stack: kernel per axis, stride and dilation."""

    kernel_size: tuple[int, ...]
    stride: int
    dilation: int

    @property
    def taps(self) -> int:
        """Weights for each pair of channels."""
        return prod(self.kernel_size)


class StackRow(Record):
    """A convolution of the stack, with the receptive field after it per axis."""

    conv: StackedConv
    fields: tuple[Field, ...]


class Stack(Record):
    """A stack of convolutions, each with C channels in and out, and the single one that sees as much."""

    rows: tuple[StackRow, ...]

    @property
    def size(self) -> tuple[int, ...]:
        """The receptive field of the whole stack, per axis."""
        return tuple(field.size for field in self.rows[-1].fields)

    @property
    def jump(self) -> tuple[int, ...]:
        """The effective stride of the whole stack, per axis."""
        return tuple(field.shift for field in self.rows[-1].fields)

    @property
    def single(self) -> Stack:
        """The one convolution that sees as much, with the same effective stride."""
        size, jump = self.size, self.jump
        return stack_of([StackedConv(size, jump[0], 1)])

    @property
    def taps(self) -> int:
        """The stack has taps * C^2 weights."""
        return sum(row.conv.taps for row in self.rows)


def widths(stack: Stack, channels: Sequence[int]) -> tuple[int, ...]:
    """The channels before each convolution of a stack, and those behind the last.

    One number is all of them; of two the first comes in, and every convolution has the second out; else each is given.

    Raises: UsageError for another number of numbers.

    >>> stack = stack_of([StackedConv((3, 3), 1, 1)] * 3)
    >>> widths(stack, [64]), widths(stack, [64, 128])
    ((64, 64, 64, 64), (64, 128, 128, 128))
    """
    convs = len(stack.rows)
    if len(channels) in (1, 2):
        return (channels[0], *(channels[-1],) * convs)
    if len(channels) == convs + 1:
        return tuple(channels)
    said = "1 convolution" if convs == 1 else f"{convs} convolutions"
    hint = f"give one for all, two for in and out, or {convs + 1}"
    raise UsageError(Problem(f"{len(channels)} numbers of channels for a stack of {said}", hint, code="bad-value"))


def weights(stack: Stack, channels: Sequence[int]) -> tuple[int, ...]:
    """The weights of each convolution, without biases: kernel * channels in * channels out."""
    through = widths(stack, channels)
    return tuple(
        row.conv.taps * before * after for row, before, after in zip(stack.rows, through, through[1:], strict=False)
    )


def stack_of(convs: Sequence[StackedConv]) -> Stack:
    """The stack of these convolutions, with the receptive field after each.

    Raises: ShapeError for one that sees more than is worked with.
    """
    rows: list[StackRow] = []
    fields: tuple[Field, ...] = (PIXEL,) * len(convs[0].kernel_size)
    for conv in convs:
        windows = (Window.of(k, conv.stride, 0, conv.dilation) for k in conv.kernel_size)
        fields = tuple(field.through(window) for field, window in zip(fields, windows, strict=True))
        rows.append(StackRow(conv, fields))
    return Stack(tuple(rows))
