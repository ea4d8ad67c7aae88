"""Which layers write into memory of their own, and which into, or look at, that of their input."""

from __future__ import annotations

from vggcalc.analysis.report import Report, Row

VIEWS = ("identity", "flatten", "slice")
"""Their output is another view of their input's memory."""
IDLE = ("dropout", "stochasticdepth")
"""At inference they hand their input on as it is."""


def owners(report: Report, training: bool = False) -> list[int]:
    """For each layer, the layer in whose memory its output lies: itself, or one above it."""
    found: list[int] = []
    for index, row in enumerate(report.rows):
        shares = overwrites(row) or row.kind in VIEWS or (row.kind in IDLE and not training)
        found.append(found[row.inputs[0]] if shares else index)
    return found


def overwrites(row: Row) -> bool:
    """Whether the layer writes its output over its input, as the network is built."""
    return bool(row.layer.fields.get("inplace")) and row.kind not in IDLE
