"""A single layer that is taken for another: without its padding or stride, with another kernel, rounded otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vggcalc.analysis.report import Row
from vggcalc.errors import FieldError, ShapeError
from vggcalc.hints.candidates import Candidate, Candidates
from vggcalc.hints.discrepancy import Discrepancy
from vggcalc.hints.miscounts import Miscount, Supposed
from vggcalc.layers import Layer
from vggcalc.layers.windowed import Windowed
from vggcalc.shape import Shape

KERNELS = (1, 2, 3, 5, 7, 9, 11)


def taken_for(slip: Miscount) -> Candidates:
    """The figure, had its only layer been another."""

    def candidates(wrong: Discrepancy) -> Iterator[Candidate]:
        if wrong.selection and len(wrong.selection.rows) == 1:
            yield Candidate("", wrong.supposing(slip))

    return candidates


def other_kernels(wrong: Discrepancy) -> Iterator[Candidate]:
    """The figure, had its only layer a kernel of another size."""
    for size in KERNELS:
        for found in taken_for(with_fields(kernel_size=size))(wrong):
            yield found._replace(what=f"{size}x{size}")


def with_fields(**fields: Any) -> Miscount:
    """A layer with other fields; one that has no such fields, or cannot be so, as it is."""

    def slip(row: Row) -> Row:
        own = row.layer.fields
        if not isinstance(row.layer, Windowed) or not own.keys() >= fields.keys():
            return row
        given = {key: value for key, value in own.items() if value != row.layer.defaults.get(key, ...)}
        try:
            return _as(row, type(row.layer)(**given | fields))
        except (FieldError, ShapeError):
            return row

    return slip


def rounded_the_other_way(row: Row) -> Row:
    """A map whose size is rounded up where it is rounded down, or down where it is rounded up."""
    if not isinstance(row.layer, Windowed):
        return row
    slides = row.layer.moves(row.input_shapes[0]).slides
    sizes = (slide.room // slide.s if slide.ceil_mode else -(-slide.room // slide.s) for slide in slides)
    return _as(row, row.layer, Shape(row.output.channels, tuple(size + 1 for size in sizes)))


def _as(row: Row, layer: Layer, output: Shape | None = None) -> Row:
    """A row of another layer on the same input."""
    output = output or layer.output(*row.input_shapes)
    own = row.layer.macs(*row.input_shapes)
    return Supposed(
        row,
        layer=layer,
        output=output,
        tensors=layer.weights(*row.input_shapes) if row.tensors else (),
        macs=(row.macs or 0) * layer.macs(*row.input_shapes) // own if own else 0,
        activations=(row.activations or 0) * output.elements // row.output.elements,
    )
