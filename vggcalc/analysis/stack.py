"""Stacks of small convolutions against one large one: the argument of the VGG paper, section 2.3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from vggcalc.analysis.field import PIXEL, Field
from vggcalc.errors import Problem, UsageError
from vggcalc.layers import Window
from vggcalc.network import MAX_ELEMENTS

_NUMBER = "[1-9][0-9]{0,3}"
_CONV = re.compile(rf"(?P<kernel>{_NUMBER}(?::{_NUMBER})*)(?:s(?P<stride>{_NUMBER}))?(?:d(?P<dilation>{_NUMBER}))?")


class StackedConv(NamedTuple):
    """One convolution of a stack: kernel per axis, stride and dilation."""

    kernel_size: tuple[int, ...]
    stride: int
    dilation: int

    @property
    def text(self) -> str:
        """As the notation of stacks writes it."""
        stride = f"s{self.stride}" if self.stride > 1 else ""
        dilation = f"d{self.dilation}" if self.dilation > 1 else ""
        kernel = self.kernel_size[:1] if len(set(self.kernel_size)) == 1 else self.kernel_size
        return ":".join(map(str, kernel)) + stride + dilation

    @property
    def taps(self) -> int:
        """Weights for each pair of channels."""
        return prod(self.kernel_size)


class StackRow(NamedTuple):
    """A convolution of the stack, with the receptive field after it per axis."""

    conv: StackedConv
    fields: tuple[Field, ...]


class Stack(NamedTuple):
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


def read_stack(text: str) -> Stack:
    """Read `3x3x3`: kernels separated by x, each with a stride and a dilation if wanted, as in `7s2x3x3d2`.

    A kernel that differs between height and width is written `1:7`.

    >>> stack = read_stack("3x3x3")
    >>> stack.size, stack.taps, stack.single.taps
    ((7, 7), 27, 49)

    Raises: UsageError when the text is no stack.
    """
    convs = []
    for part in text.split("x"):
        match = _CONV.fullmatch(part)
        if match is None:
            hint = "kernels are separated by x, each with stride s and dilation d if wanted, as in 3x3x3 or 7s2x3x3d2"
            raise UsageError(Problem(f"'{part}' in '{text}' is no convolution of a stack", hint))
        kernel = tuple(map(int, match["kernel"].split(":")))
        convs.append(StackedConv(kernel, int(match["stride"] or 1), int(match["dilation"] or 1)))
    axes = max(2, *(len(conv.kernel_size) for conv in convs))
    for number, conv in enumerate(convs):
        if len(conv.kernel_size) == 1:
            convs[number] = conv._replace(kernel_size=conv.kernel_size * axes)
        elif len(conv.kernel_size) != axes:
            raise UsageError(
                Problem(f"'{conv.text}' in '{text}' has another number of axes", "write 1:7, height:width")
            )
    return stack_of(convs)


def stack_of(convs: Sequence[StackedConv]) -> Stack:
    """The stack of these convolutions, with the receptive field after each."""
    rows: list[StackRow] = []
    fields: tuple[Field, ...] = (PIXEL,) * len(convs[0].kernel_size)
    for conv in convs:
        windows = (Window.of(k, conv.stride, 0, conv.dilation) for k in conv.kernel_size)
        fields = tuple(field.through(window) for field, window in zip(fields, windows, strict=True))
        if any(max(field.size, field.shift) > MAX_ELEMENTS for field in fields):
            raise UsageError(Problem(f"the stack sees more than {MAX_ELEMENTS:,} pixels", "take a smaller one"))
        rows.append(StackRow(conv, fields))
    return Stack(tuple(rows))
