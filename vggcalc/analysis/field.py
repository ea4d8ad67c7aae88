"""Receptive fields: which pixels of the input a unit sees, by exact recurrences along the graph.

For a chain of convolutions they are the textbook's: r = r + (k - 1)*j, P = P + p*j, j = j*s. Written down per unit
they hold on any graph: unit u of a layer sees the units first(u) to last(u) of its input, and so the pixels from the
lowest that first(u) sees to the highest that last(u) sees.

Source: Araujo, Norris, Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill, 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm
from typing import TYPE_CHECKING, NamedTuple

from vggcalc.layers import Window
from vggcalc.layers.base import quotient

if TYPE_CHECKING:
    from fractions import Fraction


class Field(NamedTuple):
    """What the units of a layer see of one input along one axis.

    Unit u sees the pixels from low(u) to high(u), counted from 0; negative ones lie in the padding. Both move by
    `shift` pixels every len(lows) units, so a table of one turn holds them all: one entry, unless a layer upsamples.
    `everywhere` is what every unit sees besides, through a path that looks at the whole map.
    """

    shift: int
    lows: tuple[int, ...]
    highs: tuple[int, ...]
    everywhere: tuple[int, int] | None = None

    @property
    def jump(self) -> int | Fraction:
        """By how many pixels the fields of two neighbours differ: the effective stride."""
        return quotient(self.shift, len(self.lows))

    @property
    def padding(self) -> int:
        """How far the field of unit 0 reaches out before the input: the effective padding."""
        return -self.low(0)

    @property
    def size(self) -> int:
        """The most pixels, end to end, that a unit sees."""
        own = max(high - low for low, high in zip(self.lows, self.highs, strict=True)) + 1
        return own if self.everywhere is None else max(own, self.everywhere[1] - self.everywhere[0] + 1)

    @property
    def centre(self) -> int | Fraction:
        """The middle of what unit 0 sees, as an index of pixels from 0."""
        return quotient(self.low(0) + self.high(0), 2)

    def low(self, unit: int) -> int:
        """The first pixel that this unit sees."""
        turns, phase = divmod(unit, len(self.lows))
        own = self.lows[phase] + turns * self.shift
        return own if self.everywhere is None else min(own, self.everywhere[0])

    def high(self, unit: int) -> int:
        """The last pixel that this unit sees."""
        turns, phase = divmod(unit, len(self.highs))
        own = self.highs[phase] + turns * self.shift
        return own if self.everywhere is None else max(own, self.everywhere[1])

    def through(self, window: Window) -> Field:
        """The field of a layer that looks at this one through a window."""
        turn = len(self.lows)
        if turn == 1 and window.parts == 1 and window.step:
            shift, low, high = self.shift, self.lows[0], self.highs[0]
            return Field(
                shift * window.step, (low + shift * window.low,), (high + shift * window.high,), self.everywhere
            )
        if not window.step:  # every unit sees the same: a map of one position, spread over all
            seen = (self.low(window.first(0)), self.high(window.last(0)))
            return Field(self.shift, (seen[0],), (seen[1],), seen)
        own = self._replace(everywhere=None)
        units = window.parts * turn // gcd(window.step, window.parts * turn)
        return Field(
            self.shift * units * window.step // (window.parts * turn),
            tuple(own.low(window.first(unit)) for unit in range(units)),
            tuple(own.high(window.last(unit)) for unit in range(units)),
            self.everywhere,
        )


PIXEL = Field(1, (0,), (0,))
"""A unit of the input sees itself."""


def union(fields: Sequence[Field]) -> Field:
    """The field of a layer that adds or concatenates what these fields see."""
    first = fields[0]
    if all(field == first for field in fields):
        return first
    moving = [field for field in fields if field.everywhere is None or len(fields) == 1] or list(fields)
    units = lcm(*(len(field.lows) for field in moving))
    seen = [field.everywhere for field in fields if field.everywhere is not None]
    leader = min(moving, key=lambda field: field.jump)
    return Field(
        leader.shift * (units // len(leader.lows)),
        tuple(min(field._replace(everywhere=None).low(unit) for field in moving) for unit in range(units)),
        tuple(max(field._replace(everywhere=None).high(unit) for field in moving) for unit in range(units)),
        (min(low for low, _ in seen), max(high for _, high in seen)) if seen else None,
    )
