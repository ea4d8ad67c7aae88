"""The notation of stacks: `3x3x3`, kernels separated by x, each with a stride and a dilation if wanted."""

from __future__ import annotations

import re
from itertools import groupby

from vggcalc.analysis.stack import Stack, StackedConv, stack_of
from vggcalc.errors import Problem, UsageError
from vggcalc.units import count

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SHORT_STACK = 8

_NUMBER = "[1-9][0-9]{0,3}"
_CONV = re.compile(rf"(?P<kernel>{_NUMBER}(?::{_NUMBER})*)(?:s(?P<stride>{_NUMBER}))?(?:d(?P<dilation>{_NUMBER}))?")


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
            raise UsageError(Problem(f"'{part}' in '{text}' is no convolution of a stack", hint, code="bad-value"))
        kernel = tuple(map(int, match["kernel"].split(":")))
        convs.append(StackedConv(kernel, int(match["stride"] or 1), int(match["dilation"] or 1)))
    axes = max(2, *(len(conv.kernel_size) for conv in convs))
    for number, conv in enumerate(convs):
        if len(conv.kernel_size) == 1:
            convs[number] = conv._replace(kernel_size=conv.kernel_size * axes)
        elif len(conv.kernel_size) != axes:
            raise UsageError(
                Problem(
                    f"'{write_stacked(conv)}' in '{text}' has another number of axes",
                    "write 1:7, height:width",
                    code="bad-value",
                )
            )
    return stack_of(convs)


def read_channels(text: str) -> tuple[int, ...]:
    """Read the channels of a stack: `64` in and out of each, `64,128` in and out of the stack, or a number for each.

    >>> read_channels("64,128,256")
    (64, 128, 256)

    Raises: UsageError when the text has none.
    """
    parts = text.split(",")
    if not all(re.fullmatch("[1-9][0-9]{0,8}", part) for part in parts):
        hint = "write one number, IN,OUT, or one before each convolution and one behind the last, as in 3,64,128"
        raise UsageError(Problem(f"'{text}' are no channels", hint, code="bad-value"))
    return tuple(map(int, parts))


def write_stacked(conv: StackedConv) -> str:
    """A convolution of a stack as the notation writes it.

    >>> write_stacked(StackedConv((1, 7), 2, 1))
    '1:7s2'
    """
    stride = f"s{conv.stride}" if conv.stride > 1 else ""
    dilation = f"d{conv.dilation}" if conv.dilation > 1 else ""
    kernel = conv.kernel_size[:1] if len(set(conv.kernel_size)) == 1 else conv.kernel_size
    return ":".join(map(str, kernel)) + stride + dilation


def sentence(stack: Stack) -> str:
    """three 3x3 see 7x7."""
    sizes = "x".join(map(str, stack.size))
    kernels = [write_stacked(row.conv).replace(":", "x") for row in stack.rows]
    verb = "sees" if len(kernels) == 1 else "see"
    if len(set(kernels)) > 1:
        return f"{', '.join(kernels)} {verb} {sizes}"
    number = _WORDS[len(kernels)] if len(kernels) < len(_WORDS) else count(len(kernels))
    one = f"{kernels[0]}x{kernels[0]}" if kernels[0].isdigit() else kernels[0]
    return f"{number} {one} {verb} {sizes}"


def run_length(stack: Stack) -> str:
    """The stack in its own notation, 3s2x3x3; in a long one what repeats is counted: 2 of 3s2, 5 of 3."""
    texts = [write_stacked(row.conv) for row in stack.rows]
    if len(texts) <= SHORT_STACK:
        return "x".join(texts)
    runs = [(text, len(list(run))) for text, run in groupby(texts)]
    return ", ".join(text if times == 1 else f"{count(times)} of {text}" for text, times in runs)
