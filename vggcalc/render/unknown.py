"""Layers of unknown work, in few words and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vggcalc import bounds
from vggcalc.analysis.report import Report, Row
from vggcalc.errors import Mark
from vggcalc.render.machine import place_document


def unknown_lines(report: Report) -> list[str]:
    """A line for each operation that nobody knows, and one for all layers that read what these write.

    2 layers of GridSample, at deploy.prototxt:118 and :140: what they do is unknown
    """
    found: dict[str, list[Row]] = {}
    below: list[Row] = []
    for row in report.rows:
        if row.is_unknown:
            (below if row.layer.fields["known_op"] else found.setdefault(row.called, [])).append(row)
    lines = [_line(op, rows) for op, rows in found.items()]
    if len(lines) > bounds.UNKNOWN_OPS:
        rest = len(lines) - bounds.UNKNOWN_OPS
        lines[bounds.UNKNOWN_OPS :] = [f"and {rest} more operations: what they do is unknown"]
    if below:
        more = f" and {len(below) - 1:,} more layers" if len(below) > 1 else ""
        reads = "they read" if more else "it reads"
        lines.append(f"{below[0].name}{more}: the shape of what {reads} is unknown")
    return lines


def unknown_document(report: Report) -> dict[str, Any]:
    """The same as data: of each layer its name, what the file calls its operation, and its place; empty for none."""
    layers = [
        {
            "name": row.name,
            "op": row.called,
            "known_op": row.layer.fields["known_op"],
            "place": row.node.mark and place_document(row.node.mark),
        }
        for row in report.rows
        if row.is_unknown
    ]
    return {"unknown_layers": layers} if layers else {}


def _line(op: str, rows: Sequence[Row]) -> str:
    many = f"{len(rows):,} layers of {op}" if len(rows) > 1 else f"a layer of {op}"
    marks = [row.node.mark for row in rows if row.node.mark]
    at = f", at {_joined([*_places(marks[: bounds.UNKNOWN_PLACES])], len(marks))}" if marks else ""
    return f"{many}{at}: what {'they do' if len(rows) > 1 else 'it does'} is unknown"


def _places(marks: Sequence[Mark]) -> Iterator[str]:
    """Each place; of those in one file, the file once."""
    before = ""
    for mark in marks:
        file = "" if mark.source.name == before else mark.source.name
        before = mark.source.name
        yield f"{file}{': ' if file else ''}{mark.name}" if mark.name else f"{file}:{mark.line}"


def _joined(texts: Sequence[str], of: int) -> str:
    if of > len(texts):
        return f"{', '.join(texts)} and {of - len(texts):,} more places"
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
