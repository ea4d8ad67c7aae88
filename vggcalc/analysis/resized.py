"""Which layers have other weights at the network's own input than at the one that a report is on."""

from __future__ import annotations

from vggcalc.analysis.report import Report, Row
from vggcalc.layers import Weight
from vggcalc.record import Record


class Resized(Record):
    """A layer's row, and the tensors that it has at the network's own input."""

    row: Row
    own: tuple[Weight, ...]

    @property
    def more(self) -> int:
        """By how many parameters it has more there."""
        own, here = (
            sum(tensor.elements for tensor in tensors if tensor.counts_as != "buffer")
            for tensors in (self.own, self.row.tensors)
        )
        return own - here


def resized(report: Report) -> list[Resized]:
    """The layers whose tensors differ between the two inputs; none, where the report is on the network's own input.

    Only shapes are followed there, and only what reads another shape is asked for its weights. Behind a layer that does
    not fit there, nothing is known.
    """
    if report.declared in (None, report.network.input_shapes):
        return []
    shapes, _ = report.network._replace(input_shapes=report.declared or ()).shapes()
    found = []
    for node, row in zip(report.network.nodes, report.rows, strict=True):
        inputs = [shape for source in node.inputs if (shape := shapes[source]) is not None]
        if node.shares is None and len(inputs) == len(node.inputs) and tuple(inputs) != row.input_shapes:
            own = row.layer.weights(*inputs)
            if own != row.tensors:
                found.append(Resized(row, own))
    return found
