"""What maps and their gradients take in each moment of a training, on the way forth and on the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vggcalc.analysis.report import Report
from vggcalc.memory.live import live
from vggcalc.memory.saved import Kept, saved_bytes
from vggcalc.record import Record
from vggcalc.units import n_bytes


class Moment(Record):
    """What maps and their gradients take together while a layer works, in bytes."""

    layer: str
    taken: int
    is_back: bool


def moments(report: Report, kept: Sequence[Kept], dtype: str) -> Iterator[Moment]:
    """What a training takes in each moment, the way back first; they are not held, for there may be millions."""
    saved = saved_of(kept, dtype)
    yield from _way_back(report, kept, saved, dtype)
    yield from _way_forth(report, kept, saved, dtype)


def saved_of(kept: Sequence[Kept], dtype: str) -> list[int]:
    """The bytes that each layer saves for the way back."""
    return [saved_bytes(each.held or (), dtype) for each in kept]


def _way_forth(report: Report, kept: Sequence[Kept], saved: Sequence[int], dtype: str) -> Iterator[Moment]:
    """At each layer the outputs that are alive or kept, and what is kept besides."""
    alive = live(report, training=True, kept=[owner for each in kept for owner in each.new]).values
    beside = 0
    for row, each, values, taken in zip(report.rows, kept, alive, saved, strict=True):
        outputs = sum(report.batch * report.rows[owner].output.elements for owner in each.new)
        beside += taken - n_bytes(outputs, dtype)
        yield Moment(row.name, n_bytes(values, dtype) + beside, is_back=False)


def _way_back(report: Report, kept: Sequence[Kept], saved: Sequence[int], dtype: str) -> Iterator[Moment]:
    """At each layer what it and those above it have saved, and the gradients."""
    remaining = sum(saved)
    wanted = [each.wanted for each in kept]
    values = [report.batch * row.output.elements for row in report.rows]
    waiting = {i: values[i] for i in report.network.outputs if wanted[i] and report.rows[i].works}
    total = sum(waiting.values())
    for index in range(len(report.rows) - 1, -1, -1):
        if index in waiting:
            row = report.rows[index]
            for source in row.inputs:
                if wanted[source] and source not in waiting:
                    waiting[source] = values[source]
                    total += values[source]
            yield Moment(row.name, remaining + n_bytes(total, dtype), is_back=True)
            total -= waiting.pop(index)
        remaining -= saved[index]
