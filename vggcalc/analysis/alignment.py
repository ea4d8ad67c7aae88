"""Where paths of a graph merge whose units do not look at the same place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vggcalc.analysis.field import Field
from vggcalc.analysis.report import Report, Row
from vggcalc.record import Record

if TYPE_CHECKING:
    from fractions import Fraction


class Misalignment(Record):
    """A layer that merges two paths whose centres lie `offset` pixels apart on an axis, or whose jumps differ."""

    layer: str
    input: str
    axis: int
    first: str
    second: str
    offset: int | Fraction
    jumps: tuple[int | Fraction, int | Fraction]


def _has_centre(field: Field, end: Row, merged: Row) -> bool:
    """A path that all units share, as a gate's, looks at no place of its own."""
    return bool(field.jump) and (end.output.spatial == merged.output.spatial)


def misalignments(report: Report) -> Iterator[Misalignment]:
    """The layers at which paths first disagree; what lies below them inherits it and is not repeated."""
    for row in report.rows:
        if len(row.inputs) < 2:
            continue
        for name in row.fields:
            for axis, field in enumerate(row.fields[name]):
                if field.is_aligned:
                    continue
                sources = {
                    report.rows[place]: fields for place, fields in zip(row.inputs, row.input_fields, strict=True)
                }
                ends = [
                    (end.name, fields[name][axis])
                    for end, fields in sources.items()
                    if name in fields and _has_centre(fields[name][axis], end, row)
                ]
                if not all(end.is_aligned for _, end in ends):
                    continue
                if len(ends) < 2:
                    continue
                (first, low), *_, (second, high) = sorted(ends, key=lambda end: (end[1].centres[0], end[1].jump))
                yield Misalignment(row.name, name, axis, first, second, field.offset, (low.jump, high.jump))
