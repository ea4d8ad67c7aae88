"""The scale of an axis: straight, or logarithmic where the spread asks for it, with round ticks."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log, log10
from typing import Any

from vggcalc.figures import Figure
from vggcalc.record import Record
from vggcalc.units import byte_text, count, short

WIDE = 30
"""A largest value of more than so many times the smallest is drawn on a logarithmic scale."""

MOST_TICKS = 9


class Axis(Record):
    """From values to places between two ends, and the round values that are marked."""

    figure: Figure
    is_log: bool
    low: float
    high: float
    ends: tuple[float, float]

    def place(self, value: Any) -> float:
        """Where a value stands."""
        first, last = self.ends
        span = self._scaled(self.high) - self._scaled(self.low)
        part = (self._scaled(float(value)) - self._scaled(self.low)) / span if span else 0.5
        return first + (last - first) * part

    @property
    def title(self) -> str:
        """What it is, in what unit, on what scale."""
        unit = {"percent": "%", "bytes": "bytes"}.get(self.figure.unit, "")
        said = ", ".join(filter(None, (unit, "log scale" * self.is_log)))
        return f"{self.figure.heading} ({said})" if said else self.figure.heading

    def ticks(self, first: float, last: float) -> list[tuple[float, str]]:
        """The places of round values between two places, and their texts."""
        base = 2 if self.figure.unit == "bytes" else 10
        found = _powers(self.low, self.high, base) if self.is_log else _steps(self.low, self.high, base)
        left, right = sorted((first, last))
        return [
            (self.place(value), tick_text(self.figure, value)) for value in found if left <= self.place(value) <= right
        ]

    def _scaled(self, value: float) -> float:
        return log(value) if self.is_log else value


def axis(figure: Figure, values: Sequence[Any], ends: tuple[float, float]) -> Axis:
    """The axis for some values: the smallest and largest stand at its ends."""
    low, high = float(min(values)), float(max(values))
    is_log = figure.unit != "percent" and low > 0 and high / low > WIDE
    return Axis(figure, is_log, low, high, ends)


def tick_text(figure: Figure, value: float) -> str:
    """A value as it stands at its tick."""
    if figure.unit == "percent":
        return f"{value:.6g}%"
    if value != int(value):
        return f"{value:.6g}"
    return (
        byte_text(int(value)) if figure.unit == "bytes" else short(int(value)) if value >= 10_000 else count(int(value))
    )


def _steps(low: float, high: float, base: int) -> list[float]:
    """Whole steps of 1, 2 or 5 times a power of ten, or of a power of two, some beyond both ends."""
    span = (high - low) or abs(high) or 1.0
    if base == 2:
        step = 2.0 ** ceil(log(span / (MOST_TICKS - 2), 2))
    else:
        unit = 10.0 ** floor(log10(span / (MOST_TICKS - 2)))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor * (MOST_TICKS - 2) >= span)
    return [round(number * step, 9) for number in range(floor(low / step) - 2, ceil(high / step) + 3)]


def _powers(low: float, high: float, base: int) -> list[float]:
    """1, 2 and 5 times powers of ten, or powers of two; fewer where there would be too many."""
    first, last = floor(log(low, base)) - 1, ceil(log(high, base)) + 1
    powers = [float(base) ** power for power in range(first, last + 1)]
    if base == 10 and (last - first) <= 5:
        return [factor * power for power in powers for factor in (1, 2, 5)]
    every = -(-len(powers) // MOST_TICKS)
    return [power for number, power in enumerate(powers) if (first + number) % every == 0]
