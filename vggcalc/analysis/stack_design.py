"""How to see so many pixels with 3x3 convolutions: plain, with strides, or with dilation."""

from __future__ import annotations

from vggcalc.analysis.stack import Stack, StackedConv, stack_of
from vggcalc.record import Record


class StackDesign(Record):
    """A stack of 3x3 convolutions that sees enough: the fewest layers for its strides or its largest dilation."""

    stack: Stack
    strides: int
    dilation: int

    @property
    def jump(self) -> int:
        """The stack's effective stride."""
        return 1 << self.strides


def stack_designs(size: int) -> list[StackDesign]:
    """The cheapest stacks of 3x3 that see at least `size` pixels, the fewest weights first.

    With m strides of 2, in the first m layers, where they widen the field most: r = 2^(m+1) - 1 after them, and
    2^(m+1) more for each plain layer. With dilations 1, 2, 4 ... up to d, and d from there on: r = 4d - 1 after the
    first d, and 2d more for each further layer. All of them that still save a layer are listed.
    """
    designs = [_strided(size, strides) for strides in range(size.bit_length() + 1)]
    designs += [_dilated(size, 2**power) for power in range(1, size.bit_length() + 1)]
    best: dict[tuple[bool, int], StackDesign] = {}
    for design in designs:
        best.setdefault((design.dilation > 1, len(design.stack.rows)), design)
    return sorted(best.values(), key=lambda design: (len(design.stack.rows), design.dilation, design.strides))


def _strided(size: int, strides: int) -> StackDesign:
    convs: list[StackedConv] = []
    seen = jump = 1
    while seen < size or not convs:
        stride = 2 if len(convs) < strides else 1
        convs.append(StackedConv((3, 3), stride, 1))
        seen, jump = seen + 2 * jump, jump * stride
    return StackDesign(stack_of(convs), min(strides, len(convs)), 1)


def _dilated(size: int, largest: int) -> StackDesign:
    convs: list[StackedConv] = []
    seen = dilation = 1
    while seen < size or not convs:
        convs.append(StackedConv((3, 3), 1, dilation))
        seen, dilation = seen + 2 * dilation, min(largest, 2 * dilation)
    return StackDesign(stack_of(convs), 0, max(conv.dilation for conv in convs))
