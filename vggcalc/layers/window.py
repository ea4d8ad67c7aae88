"""The window through which a layer sees its input, along one axis."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from vggcalc.record import Record

if TYPE_CHECKING:
    from fractions import Fraction


class Window(Record):
    """What the units of an output see of the input, along one axis.

    Unit i sees from ceil((i * step + low) / parts) to floor((i * step + high) / parts), both included.
    A convolution has parts = 1; upsampling by f has parts = f, so that f units see the same pixel.
    """

    step: int
    low: int
    high: int
    parts: int = 1
    dilation: int = 1

    @classmethod
    def of(cls, kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Window:
        """The window of a convolution or pooling with so much padding before the input."""
        return cls(stride, -padding, dilation * (kernel_size - 1) - padding, 1, dilation)

    @classmethod
    def over(cls, n: int) -> Window:
        """The window of units that all see all of n."""
        return cls(0, 0, n - 1)

    @classmethod
    def shared_out(cls, n: int, out: int) -> Window:
        """The window of units that share n out evenly: unit i sees floor(i*n/out) to ceil((i + 1)*n/out) - 1."""
        common = gcd(n, out)
        step, parts = n // common, out // common
        return cls(step, 1 - parts, step - 1, parts)

    @property
    def size(self) -> int:
        """The number of taps: the kernel's, where the input is not stretched."""
        return (self.high - self.low) // (self.parts * self.dilation) + 1

    @property
    def stride(self) -> int | Fraction:
        """By how many input units two neighbours of the output differ."""
        return quotient(self.step, self.parts)

    @property
    def padding(self) -> int | Fraction:
        """How far the window of unit 0 reaches out before the input."""
        return quotient(-self.low, self.parts)

    def taps(self, unit: int) -> list[int]:
        """All input units that this unit sees, in the padding too; between dilated taps it is blind."""
        at = unit * self.step + self.high
        units = range(self.first(unit), self.last(unit) + 1)
        return [tap for tap in units if (at - tap * self.parts) % self.dilation == 0]

    def first(self, unit: int) -> int:
        """The first input unit that this unit sees; it may lie in the padding."""
        return -((-unit * self.step - self.low) // self.parts)

    def last(self, unit: int) -> int:
        """The last input unit that this unit sees; it may lie in the padding."""
        return (unit * self.step + self.high) // self.parts


POINT = Window.of(1)
"""The window of a layer that looks at one position at a time."""

EVERYWHERE = Window.over(1)
"""The window of a layer all of whose positions look at the one position of its input."""


def quotient(number: int, parts: int) -> int | Fraction:
    """number / parts, as an int where it is one and an exact fraction else."""
    if number % parts == 0:
        return number // parts
    from fractions import Fraction  # only networks that upsample pay for it

    return Fraction(number, parts)
