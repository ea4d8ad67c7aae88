"""Layers miscounted: what a figure would be, had each layer been counted as people are seen to miscount it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from vggcalc.analysis.report import Row
from vggcalc.errors import ShapeError
from vggcalc.figures import FIGURES
from vggcalc.hints.candidates import Candidate, Candidates
from vggcalc.hints.discrepancy import Contribution, Discrepancy
from vggcalc.shape import Shape

Miscount = Callable[[Row], Row]
"""A layer as it is miscounted; one to which the slip does not apply, as it is."""


class Supposed(Row):
    """A layer of which some things are supposed to be others; its counts are those of the tensors supposed."""

    __slots__ = ("_supposed",)

    def __init__(self, row: Row, **supposed: Any) -> None:
        super().__init__(row._rows, row.index, row._following)
        earlier: dict[str, Any] = row._supposed if isinstance(row, Supposed) else {}
        self._supposed: dict[str, Any] = earlier | supposed

    layer = property(lambda self: self._figure("layer"))
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

    def slip(row: Row) -> Row:
        for each in slips:
            row = each(row)
        return row

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        yield Candidate("", wrong.supposing(slip))

    return candidates


def weighed(times: Callable[[Contribution], int]) -> Candidates:
    """The figure with some layers left out, or counted several times."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.parts:
            yield Candidate("", wrong.sized(sum(times(part) * part.amount for part in wrong.parts)))

    return candidates


def running_statistics(wrong: Discrepancy) -> Iterator[Candidate]:
    """Params and buffers; PyTorch's count of batches, a scalar, may be left out."""
    if wrong.selection and wrong.asked.figure == "params" and not wrong.asked.share:
        tensors = [tensor for row in wrong.selection.rows for tensor in row.tensors]
        if any(tensor.counts_as == "buffer" for tensor in tensors):
            for known in (tensors, [tensor for tensor in tensors if tensor.shape]):
                yield Candidate("", wrong.sized(sum(tensor.elements for tensor in known)))


def shared_again(wrong: Discrepancy) -> Iterator[Candidate]:
    """What layers share, counted at each of them."""
    counted = FIGURES[wrong.asked.figure].tensors
    shared = [part.row for part in wrong.parts if part.row.shares]
    again = sum(t.elements for row in shared for t in row.layer.weights(*row.input_shapes) if t.counts_as in counted)
    if again:
        yield Candidate("", wrong.sized(again + wrong.total))


def pools_too(wrong: Discrepancy) -> Iterator[Candidate]:
    """Layers with weights, and poolings: VGG-16 has 16 of the ones and 5 of the others."""
    if wrong.asked.figure == "layers" and wrong.selection and (layers := wrong.number()):
        yield Candidate("", layers + sum(row.role == "pool" for row in wrong.selection.rows))


def groups_ignored(row: Row) -> Row:
    """A kernel that sees all channels, where it sees those of its group, or one of them: 3*3*32*32 for 3*3*1*32."""
    if row.role != "conv" or not row.tensors or row.macs is None:
        return row
    kernel, *others = row.tensors
    *extents, seen, outputs = kernel.shape
    channels = row.input_shapes[0].channels
    full = kernel._replace(shape=(*extents, channels, outputs))
    return Supposed(row, tensors=(full, *others), macs=row.macs * channels // seen)


def one_input_channel(row: Row) -> Row:
    """A kernel of (5*5 + 1)*8 where there are three channels: (5*5*3 + 1)*8."""
    if row.role != "conv" or row.macs is None or not row.tensors or row.tensors[0].shape[-2] == 1:
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
    macs, activations = ((number or 0) // places * seen for number in (row.macs, row.activations))
    return Supposed(row, output=output, macs=macs, activations=activations)


def one_bias(row: Row) -> Row:
    """A bias for the whole layer: 400*120 + 1 where each of the 120 units has one."""
    if not row.multiplies or not row.biases:
        return row
    alone = (tensor._replace(shape=(1,)) if tensor.counts_as == "bias" else tensor for tensor in row.tensors)
    return Supposed(row, tensors=tuple(alone))


def one_bias_if_linear(row: Row) -> Row:
    """The same, of fully connected layers alone."""
    return one_bias(row) if row.role == "linear" else row
