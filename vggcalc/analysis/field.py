"""Receptive fields: which pixels of the input a unit sees, by exact recurrences along the graph.

For a chain of convolutions they are the textbook's: r = r + (k - 1)*j, P = P + p*j, j = j*s. Written down per unit
they hold on any graph: unit u of a layer sees the units first(u) to last(u) of its input, and so the pixels from the
lowest that first(u) sees to the highest that last(u) sees. Where paths merge, a unit sees what any of them sees; the
smallest and the largest path are kept, and how far the paths' centres lie apart.

Source: Araujo, Norris, Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill, 2019.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import gcd, lcm
from typing import TYPE_CHECKING

from vggcalc import bounds
from vggcalc.errors import ShapeError
from vggcalc.layers import Window
from vggcalc.layers.window import quotient
from vggcalc.record import Record

if TYPE_CHECKING:
    from fractions import Fraction

    Number = int | Fraction


LEAST_ENTRIES, MOST_ENTRIES = 64, 10_000
"""A table of fields is no longer than this; beyond it, on maps that no network has, fields move on at the same pace."""


OWN = -1
"""The axis of most fields: that of the layer which stands in the place of the input's."""


class Span(Record):
    """From which to which pixel each unit sees, for one turn of units; the turns after it are moved by `shift`.

    There is one unit to a turn unless a layer upsamples: then units between two old ones differ in what they see. One
    that sees nothing ends a pixel before it begins.
    """

    lows: tuple[int, ...]
    highs: tuple[int, ...]

    @property
    def size(self) -> int:
        """The most pixels, end to end, that a unit sees; 0, when none sees any."""
        return max(high - low for low, high in zip(self.lows, self.highs, strict=True)) + 1

    def rises(self, shift: int) -> bool:
        """Whether every unit sees something, and none begins or ends before the unit in front of it does."""
        if any(low > high for low, high in zip(self.lows, self.highs, strict=True)):
            return False
        turns = ((*ends, ends[0] + shift) for ends in (self.lows, self.highs))
        return all(end <= after for turn in turns for end, after in pairwise(turn))

    def low(self, unit: int, shift: int) -> int:
        """The first pixel that this unit sees; negative ones lie in the padding."""
        turns, phase = divmod(unit, len(self.lows))
        return self.lows[phase] + turns * shift

    def high(self, unit: int, shift: int) -> int:
        """The last pixel that this unit sees."""
        turns, phase = divmod(unit, len(self.highs))
        return self.highs[phase] + turns * shift

    def through(self, window: Window, shift: int, units: int) -> Span:
        """What `units` units see that look at this span through a window."""
        if len(self.lows) == units == window.parts == 1 and self.lows[0] <= self.highs[0]:
            return Span((self.lows[0] + shift * window.low,), (self.highs[0] + shift * window.high,))
        rises = self.rises(shift)
        ends = [self._ends(window.taps(unit), shift, rises) for unit in range(units)]
        return Span(tuple(low for low, _ in ends), tuple(high for _, high in ends))

    def _ends(self, taps: range, shift: int, rises: bool) -> tuple[int, int]:
        """The first and the last pixel that these units see; which they are is clear at once where the span rises."""
        if not taps:
            low = self.low(taps.start, shift)
            return low, low - 1
        turn = 1 if rises else len(self.lows)  # so many taps away the same unit of another turn sees no further
        return _hull([(self.low(tap, shift), self.high(tap, shift)) for tap in (*taps[:turn], *taps[-turn:])])


class Field(Record):
    """What the units of a layer see of one input along one axis.

    jump: by how many pixels the fields of two neighbours differ, the effective stride. whole: the union of all paths;
    smallest, largest: the single paths that see least and most. Their units move by `shift` pixels a turn.
    centres: twice the leftmost and the rightmost centre of any path, for unit 0; they are equal where all paths align.
    everywhere: what units see besides, through a path that looks at the whole map of so many `positions`; unmoving.
    jumps_differ: paths of different effective stride have been merged.
    axis: the axis of the layer along which the units run: `OWN` where it stands in the same place as the input's, None
    where all units see the same.
    """

    jump: Number
    shift: int
    whole: Span
    smallest: Span
    largest: Span
    centres: tuple[Number, Number]
    everywhere: Span | None = None
    positions: int = 1
    jumps_differ: bool = False
    axis: int | None = OWN

    @property
    def turn(self) -> int:
        """After how many units the pattern repeats."""
        return len(self.whole.lows)

    @property
    def padding(self) -> int:
        """How far the field of unit 0 reaches out before the input: the effective padding."""
        return -self.low(0)

    @property
    def size(self) -> int:
        """The most pixels, end to end, that a unit sees."""
        if self.everywhere is None and self.turn <= self.positions:
            return self.whole.size
        return self.high(self.widest) - self.low(self.widest) + 1

    @property
    def widest(self) -> int:
        """A unit of the map that sees the most; beside what is seen everywhere, that is one near an end of it."""
        near = min(self.turn, self.positions)
        units = [*range(near), *range(self.positions - near, self.positions)] if self.everywhere else range(near)
        return max(units, key=lambda unit: self.high(unit) - self.low(unit))

    @property
    def centre(self) -> Number:
        """The middle of what unit 0 sees, as an index of pixels from 0."""
        return quotient(self.twice_centre(), 2)

    def twice_centre(self, origin: str = "pixel") -> int:
        """Twice the centre, counted from the middle of pixel 0 (`pixel`) or half a pixel before it (`edge`)."""
        return self.low(0) + self.high(0) + (origin == "edge")

    @property
    def offset(self) -> Number:
        """By how many pixels the centres of the merged paths lie apart."""
        first, last = self.centres
        return times(last - first, 1, 2)

    @property
    def is_aligned(self) -> bool:
        """Whether all paths have the same jump and the same centre."""
        return self.offset == 0 and not self.jumps_differ

    @property
    def paths_differ(self) -> bool:
        """Whether some path sees less than another, or something else."""
        return self.smallest != self.whole or self.everywhere is not None

    def low(self, unit: int) -> int:
        """The first pixel that this unit sees."""
        return self._ends(unit)[0]

    def high(self, unit: int) -> int:
        """The last pixel that this unit sees; one before the first, if it sees none."""
        return self._ends(unit)[1]

    def _ends(self, unit: int) -> tuple[int, int]:
        own = self.whole.low(unit, self.shift), self.whole.high(unit, self.shift)
        if self.everywhere is None:
            return own
        return _hull([own, (self.everywhere.low(unit, 0), self.everywhere.high(unit, 0))])

    @property
    def most(self) -> int:
        """What the path that sees most sees."""
        return self.size if self.everywhere else self.largest.size

    def through(self, window: Window, positions: int | None = None) -> Field:
        """The field of a layer that looks at this one through a window, from so many positions (None: any number).

        Through a window of step 0 every unit sees the same, so that the shift is 0 from there on. The table is hardly
        longer than there are positions: resizing back and forth would make turns of any length.

        Raises: ShapeError for a field that is out of bounds.
        """
        turn = self.turn
        units = window.parts * turn // gcd(window.step, window.parts * turn)
        shift = self.shift * units * window.step // (window.parts * turn)
        if positions is not None and units > _entries(positions):
            units = _entries(positions)
            shift = self.whole.low(window.first(units), self.shift) - self.whole.low(window.first(0), self.shift)
        whole = self.whole.through(window, self.shift, units)
        alike = self.smallest is self.whole and self.largest is self.whole
        jump = self.jump if window.step == window.parts else times(self.jump, window.step, window.parts)
        moved = times(self.jump, window.low + window.high, window.parts)
        centres = (self.centres[0] + moved, self.centres[1] + moved)
        if max(jump, shift, -whole.lows[0], whole.highs[0]) > bounds.ELEMENTS:
            reason = f"a unit sees more than {bounds.ELEMENTS:,} pixels"
            raise ShapeError(reason, "look at the strides and kernels above it", code="out-of-bounds")
        if max(number.denominator for number in (jump, *centres)) > bounds.PARTS:
            reason = f"a unit sees fractions of a pixel of more than {len(str(bounds.PARTS)) - 1:,} digits"
            raise ShapeError(reason, "look at the resizing above it", code="out-of-bounds")
        return Field(
            jump,
            shift,
            whole,
            whole if alike else self.smallest.through(window, self.shift, units),
            whole if alike else self.largest.through(window, self.shift, units),
            centres,
            self.everywhere and self.everywhere.through(window, 0, units),
            positions or 1,
            self.jumps_differ,
            self.axis,
        )


_POINT = Span((0,), (0,))
PIXEL = Field(1, 1, _POINT, _POINT, _POINT, (0, 0))
"""A unit of the input sees itself."""


def union(fields: Sequence[Field], positions: int) -> Field:
    """The field of a layer of so many positions that adds or concatenates what these fields see.

    Paths along which all units see the same (jump 0) add to what is seen everywhere; they have no centre to compare.
    Where jumps differ no turn is common, and the table has an entry for each position. A path that reads nothing but
    gaps of a transposed convolution adds nothing.
    """
    fields = list(dict.fromkeys(fields))
    fields = [field for field in fields if field.everywhere or field.whole.size] or fields[:1]
    if len(fields) == 1:
        return fields[0]
    moving = [field for field in fields if field.jump] or fields
    leader = min(moving, key=lambda field: field.jump)
    differ = any(field.jump != leader.jump for field in moving)
    units = min(_entries(positions), MOST_ENTRIES if differ else lcm(*(field.turn for field in moving)))
    whole = _united([_stretched(field.whole, field.shift, units) for field in moving])
    smallest = min((_stretched(field.smallest, field.shift, units) for field in moving), key=lambda span: span.size)
    largest = max((_stretched(field.largest, field.shift, units) for field in moving), key=lambda span: span.size)
    seen = [field.everywhere for field in fields if field.everywhere is not None]
    seen += [field.whole for field in fields if field not in moving]
    turn = max((len(span.lows) for span in seen), default=1)
    return Field(
        leader.jump,
        leader.whole.low(units, leader.shift) - leader.whole.low(0, leader.shift),
        whole,
        smallest,
        largest,
        (min(field.centres[0] for field in moving), max(field.centres[1] for field in moving)),
        _united([_stretched(span, 0, turn if turn == 1 else units) for span in seen]) if seen else None,
        positions,
        differ or any(field.jumps_differ for field in moving),
        leader.axis,
    )


def _united(spans: Sequence[Span]) -> Span:
    """What each unit sees of any of these spans, which have equally many."""
    whole = Span(
        tuple(map(min, zip(*(span.lows for span in spans), strict=True))),
        tuple(map(max, zip(*(span.highs for span in spans), strict=True))),
    )
    if all(low <= high for span in spans for low, high in zip(span.lows, span.highs, strict=True)):
        return whole
    ends = [_hull([(span.lows[unit], span.highs[unit]) for span in spans]) for unit in range(len(whole.lows))]
    return Span(tuple(low for low, _ in ends), tuple(high for _, high in ends))


def _hull(ends: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """From the first to the last pixel of all these; what ends before it begins is nothing."""
    seen = [each for each in ends if each[0] <= each[1]] or ends[:1]
    return min(low for low, _ in seen), max(high for _, high in seen)


def _entries(positions: int) -> int:
    """The longest table for so many positions; a short map may be looked at from beyond its ends."""
    return min(max(positions, LEAST_ENTRIES), MOST_ENTRIES)


def times(number: Number, numerator: int, denominator: int) -> Number:
    """number * numerator/denominator, as an int where it is one."""
    return quotient(number.numerator * numerator, number.denominator * denominator)


def _stretched(span: Span, shift: int, units: int) -> Span:
    """A span written for more units to a turn."""
    if len(span.lows) == units:
        return span
    return Span(
        tuple(span.low(unit, shift) for unit in range(units)),
        tuple(span.high(unit, shift) for unit in range(units)),
    )
