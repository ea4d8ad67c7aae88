"""The window through which a layer sees its input, along one axis."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING

from vggcalc.record import Record

if TYPE_CHECKING:
    from fractions import Fraction


class Window(Record):
    """What the units of an output see of the input, along one axis.

    Unit i sees the units j with i * step + low <= j * parts <= i * step + high for which i * step + high - j * parts is
    a multiple of the dilation. A convolution has parts = 1; upsampling by f has parts = f, so that f units see the same
    pixel. Where the taps of a transposed convolution leave gaps, units between them see nothing.
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

    def taps(self, unit: int) -> range:
        """All input units that this unit sees, in the padding too; between dilated taps it is blind."""
        first = -((-unit * self.step - self.low) // self.parts)
        last = (unit * self.step + self.high) // self.parts
        if self.dilation == 1:
            return range(first, last + 1)
        common = gcd(self.parts, self.dilation)
        apart, (shift, rest) = self.dilation // common, divmod(unit * self.step + self.high, common)
        if rest:
            return range(first, first)
        tap = shift * pow(self.parts // common, -1, apart)  # one of them, be it inside or not
        return range(first + (tap - first) % apart, last + 1, apart)

    def first(self, unit: int) -> int:
        """The first input unit that this unit sees; it may lie in the padding."""
        return self.taps(unit).start

    def last(self, unit: int) -> int:
        """The last input unit that this unit sees; it may lie in the padding. If there is none, one before `first`."""
        taps = self.taps(unit)
        return taps[-1] if taps else taps.start - 1


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
