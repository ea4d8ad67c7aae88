"""What PyTorch's autograd keeps of each layer from forward to backward, each piece of memory once.

Seen on torch 2.13 (CPU and meta device) by `torch.autograd.graph.saved_tensors_hooks`, without parameters and buffers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import prod

from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.storage import overwrites, owners
from vggcalc.conventions.memory import SAVED
from vggcalc.conventions.rules import Count, Term
from vggcalc.units import n_bytes

KEEPS: Mapping[str, str] = {
    kind: kept
    for kept, kinds in {
        "input": "conv dwconv convtranspose convmap fc batchnorm groupnorm layernorm lrn avgpool scale prelu gelu abs",
        "input, or a copy of it where it is overwritten": "relu6 silu hardswish hardsigmoid mish",
        "input, or the output where it is overwritten": "leakyrelu elu",
        "input unless the output is 1x1": "adaptiveavgpool",
        "input and indices": "maxpool adaptivemaxpool",
        "inputs": "multiply",
        "output": "relu sigmoid tanh softmax",
        "mask": "dropout",
        "noise": "stochasticdepth",
        "nothing": "input identity add subtract concat flatten slice pad padchannels crop channelshuffle upsample"
        " globalavgpool",
    }.items()
    for kind in kinds.split()
}
"""What each kind of layer keeps of its tensors; of a kind that is not here nothing is known."""

_BYTES = {"indices": 8, "statistics": 4}
"""Of values in a format of their own, whatever that of the network: int64, and float32."""


def saved(report: Report) -> Count:
    """The memory that waits for the backward pass; a layer's is what it is the first to keep.

    Terms of a layer, in values: `tensors`, inputs and outputs that no layer above keeps; `indices` of max pooling, one
    an output; `masks` of dropout; `statistics`, mean and 1/deviation for each channel of batch normalisation, and for
    each group or position of others. What no parameter stands above needs no gradient, and is not kept for one.

    >>> from vggcalc import load
    >>> saved(load("torchvision/vgg16").analyse()).total_bytes
    73355264
    """
    memory = owners(report, training=True)
    kept: set[int] = set()
    rows: list[tuple[Term, ...] | None] = []
    unknown: dict[str, None] = {}
    trained = needs_gradient(report)
    for index, row in enumerate(report.rows):
        if not row.works or not trained[index]:
            rows.append(())
            continue
        if row.kind not in KEEPS:
            unknown[row.kind] = None
            rows.append(None)
            continue
        below = _has_weights(row) or any(trained[source] for source in row.inputs)
        new = {memory[place] for place in (_tensors(row, index, trained) if below else ())} - kept
        kept |= new
        tensors = ("tensors", sum(report.batch * report.rows[owner].output.elements for owner in new))
        rows.append(tuple(Term(1, name, values) for name, values in (tensors, *_extras(report.batch, row)) if values))
    if unknown:
        return Count(SAVED, tuple(rows), tuple(unknown), None)
    terms = [term for row_terms in rows for term in row_terms or ()]
    return Count(SAVED, tuple(rows), (), sum(term.amount for term in terms), saved_bytes(terms, report.dtype))


def needs_gradient(report: Report) -> list[bool]:
    """For each layer, whether its output needs a gradient: it or a layer above it has parameters."""
    found: list[bool] = []
    for row in report.rows:
        found.append(_has_weights(row) or any(found[source] for source in row.inputs))
    return found


def _has_weights(row: Row) -> bool:
    return bool(row.inputs) and any(tensor.role != "buffer" for tensor in row.layer.weights(*row.input_shapes))


def saved_bytes(terms: Iterable[Term], dtype: str) -> int:
    """The bytes of what is kept: indices and statistics have formats of their own, whatever that of the network."""
    own: dict[str, int] = {}
    for term in terms:
        own[term.quantity] = own.get(term.quantity, 0) + term.amount
    return sum(values * _BYTES[name] if name in _BYTES else n_bytes(values, dtype) for name, values in own.items())


def _tensors(row: Row, index: int, trained: list[bool]) -> tuple[int, ...]:
    """The layers whose outputs this one keeps, itself among them."""
    kept = KEEPS[row.kind]
    if kept == "output" or (kept.endswith("the output where it is overwritten") and overwrites(row)):
        return (index,)
    if kept == "inputs":  # each is a factor of the others' gradients
        return tuple(
            source
            for place, source in enumerate(row.inputs)
            if any(trained[other] for number, other in enumerate(row.inputs) if number != place)
        )
    if kept.endswith("a copy of it where it is overwritten") and overwrites(row):
        return ()
    if kept == "input unless the output is 1x1" and set(row.output.spatial) == {1}:
        return ()
    return row.inputs[:1] if kept.startswith("input") else ()


def _extras(batch: int, row: Row) -> Iterator[tuple[str, int]]:
    """What a layer keeps that is no input or output of a layer, by name."""
    (shape,) = row.input_shapes[:1]
    if overwrites(row) and KEEPS[row.kind].endswith("a copy of it where it is overwritten"):
        yield "tensors", batch * shape.elements
    if KEEPS[row.kind] == "input and indices":
        yield "indices", batch * row.output.elements
    if row.kind == "dropout" and row.layer.fields["p"]:
        yield "masks", batch * shape.elements
    if row.kind == "stochasticdepth" and row.layer.fields["p"]:
        yield "masks", batch
    if row.kind == "batchnorm":
        yield "statistics", 2 * shape.channels
    if row.kind == "groupnorm":
        yield "statistics", 2 * batch * row.layer.fields["num_groups"]
    if row.kind == "layernorm":
        groups = prod(shape.spatial) if row.layer.fields["normalized_shape"] == "channels" else 1
        yield "statistics", 2 * batch * groups
    if row.kind == "lrn":  # the squares with their padding of channels, the sums under the power, and the power
        padded = shape.channels + row.layer.fields["size"] - 1
        yield "tensors", batch * (2 * shape.elements + padded * prod(shape.spatial))
