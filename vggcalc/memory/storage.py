"""Which layers write into memory of their own, and which into, or look at, that of their input."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.analysis.report import Report
from vggcalc.memory.contiguity import Contiguity, contiguity, is_view, overwrites


def owners(report: Report, training: bool = False, lies: Sequence[Contiguity] | None = None) -> list[int]:
    """For each layer, the layer in whose memory its output lies: itself, or one above it.

    A vector of a map with its channels last is no view of it: its values stand in another order. lies: how each output
    lies in memory, for who knows it already.
    """
    found: list[int] = []
    lies = contiguity(report, training) if lies is None else lies
    for index, row in enumerate(report.rows):
        is_spread = row.kind == "tile" and row.node.form == "view"
        shares = is_spread or overwrites(row, training) or is_view(row, training)
        if row.kind == "flatten" and lies[row.inputs[0]] is Contiguity.CHANNELS_LAST:
            shares = False
        found.append(found[row.inputs[0]] if shares else index)
    return found
