"""Layers miscounted: what a figure would be, had each layer been counted as people are seen to miscount it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from vggcalc.analysis.report import Row
from vggcalc.errors import ShapeError
from vggcalc.hints.discrepancy import Candidate, Candidates, Discrepancy
from vggcalc.shape import Shape

Miscount = Callable[[Row], Row]
"""A layer as it is miscounted; one to which the slip does not apply, as it is."""


class Supposed(Row):
    """A layer of which some figures are supposed to be others; its counts are those of the tensors supposed."""

    __slots__ = ("_supposed",)

    def __init__(self, row: Row, **supposed: Any) -> None:
        super().__init__(row._rows, row.index, row._following)
        earlier: dict[str, Any] = row._supposed if isinstance(row, Supposed) else {}
        self._supposed: dict[str, Any] = earlier | supposed

    output = property(lambda self: self._figure("output"))
    input_shapes = property(lambda self: self._figure("input_shapes"))
    tensors = property(lambda self: self._figure("tensors"))
    macs = property(lambda self: self._figure("macs"))
    activations = property(lambda self: self._figure("activations"))
    weights = property(lambda self: self._held("weight"))
    biases = property(lambda self: self._held("bias"))
    buffers = property(lambda self: self._held("buffer"))

    def _figure(self, name: str) -> Any:
        return self._supposed[name] if name in self._supposed else getattr(super(), name)

    def _held(self, counts_as: str) -> int:
        return sum(tensor.elements for tensor in self.tensors if tensor.counts_as == counts_as)


def miscounted(*slips: Miscount) -> Candidates:
    """The figure, had each of its layers been counted with all of these slips."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        total = 0
        for part in wrong.parts:
            row = part.row
            for slip in slips:
                row = slip(row)
            amount = part.amount if row is part.row else wrong.amount_of(row)
            if amount is None:
                return
            total += amount
        yield Candidate("", wrong.sized(total))

    return candidates


def one_input_channel(row: Row) -> Row:
    """A kernel of (5*5 + 1)*8 where there are three channels: (5*5*3 + 1)*8."""
    if row.role != "conv" or not row.tensors or row.tensors[0].shape[-2] == 1:
        return row
    layer, thin = row.layer, tuple(Shape(1, shape.spatial) for shape in row.input_shapes)
    try:
        tensors, macs = layer.weights(*thin), layer.macs(*thin)
    except ShapeError:  # in groups, or wired map by map
        return row
    own = layer.macs(*row.input_shapes)
    return Supposed(row, tensors=tensors, macs=row.macs * macs // own if own else 0, input_shapes=thin)


def input_grid(row: Row) -> Row:
    """A kernel that stops at every pixel of its input: 14*14*288 where a stride leaves 7*7 of them."""
    seen, places = (prod(shape.spatial) for shape in (row.input_shapes[0], row.output)) if row.inputs else (0, 0)
    if row.role != "conv" or seen <= places:
        return row
    output = Shape(row.output.channels, row.input_shapes[0].spatial)
    macs, activations = (number // places * seen for number in (row.macs, row.activations))
    return Supposed(row, output=output, macs=macs, activations=activations)


def one_bias(row: Row) -> Row:
    """A bias for the whole layer: 400*120 + 1 where each of the 120 units has one."""
    if not row.multiplies:
        return row
    alone = (tensor._replace(shape=(1,)) if tensor.counts_as == "bias" else tensor for tensor in row.tensors)
    return Supposed(row, tensors=tuple(alone))


def one_bias_if_linear(row: Row) -> Row:
    """The same, of fully connected layers alone."""
    return one_bias(row) if row.role == "linear" else row
