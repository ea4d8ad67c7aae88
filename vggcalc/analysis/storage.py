"""Which layers write into memory of their own, and which into, or look at, that of their input."""

from __future__ import annotations

from vggcalc.analysis.report import Report, Row


def owners(report: Report, training: bool = False) -> list[int]:
    """For each layer, the layer in whose memory its output lies: itself, or one above it."""
    found: list[int] = []
    for index, row in enumerate(report.rows):
        is_view = row.layer.in_place and (row.role == "move" or (row.role == "idle" and not training))
        shares = is_view or overwrites(row)
        found.append(found[row.inputs[0]] if shares else index)
    return found


def overwrites(row: Row) -> bool:
    """Whether the layer writes its output over its input, as the network is built."""
    return bool(row.layer.fields.get("inplace")) and row.role != "idle"
