"""What PyTorch's autograd keeps of each layer from forward to backward, each piece of memory once.

Seen on torch 2.13 (CPU and meta device) by `torch.autograd.graph.saved_tensors_hooks`, without parameters and buffers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from math import prod
from typing import NamedTuple

from vggcalc.analysis.report import Report, Row
from vggcalc.analysis.storage import overwrites, owners
from vggcalc.conventions.quantities import padded, trained
from vggcalc.conventions.rules import Convention, Count, Term, note
from vggcalc.units import n_bytes


class Of(Enum):
    """Which outputs of layers one of them keeps."""

    NONE = 0
    INPUT = 1
    OUTPUT = 2
    FACTORS = 3
    """Of the inputs, each that the gradient of another needs."""
    MAP = 4
    """The input, unless the output is a single position."""


class Keeps(NamedTuple):
    """What a kind of layer keeps, in words and as figures.

    tensors: the outputs of layers, its own among them; in_place: which instead where it writes over its input.
    beside: what is no layer's output, by name, as values for a batch.
    """

    text: str
    tensors: Of = Of.NONE
    in_place: Of | None = None
    beside: Mapping[str, Callable[[int, Row], int]] = {}


KEEPS: Mapping[str, Keeps] = {
    kind: keeps
    for kinds, keeps in {
        "conv dwconv convtranspose convmap fc avgpool scale prelu gelu abs": Keeps("its input", Of.INPUT),
        "batchnorm": Keeps(
            "its input; mean and 1/deviation of each channel in float32",
            Of.INPUT,
            beside={"statistics": lambda batch, row: 2 * row.output.channels},
        ),
        "groupnorm": Keeps(
            "its input; mean and 1/deviation of each group of an image in float32",
            Of.INPUT,
            beside={"statistics": lambda batch, row: 2 * batch * row.layer.fields["num_groups"]},
        ),
        "layernorm": Keeps(
            "its input; mean and 1/deviation of each position, or of the whole image, in float32",
            Of.INPUT,
            beside={"statistics": lambda batch, row: 2 * batch * _groups(row)},
        ),
        "lrn": Keeps(
            "its input; its squares with size - 1 more channels, the sums under the power, and the power",
            Of.INPUT,
            beside={"tensors": lambda batch, row: batch * (2 * row.output.elements + padded(row))},
        ),
        "relu6 silu hardswish hardsigmoid mish": Keeps(
            "its input; a copy of it where it is written over",
            Of.INPUT,
            Of.NONE,
            {"tensors": lambda batch, row: batch * row.output.elements if overwrites(row) else 0},
        ),
        "leakyrelu elu": Keeps("its input; its output where that is written over it", Of.INPUT, Of.OUTPUT),
        "adaptiveavgpool": Keeps("its input; nothing where the output is 1x1", Of.MAP),
        "maxpool adaptivemaxpool": Keeps(
            "its input; an index in int64 for each output",
            Of.INPUT,
            beside={"indices": lambda batch, row: batch * row.output.elements},
        ),
        "multiply": Keeps("each input that the gradient of another needs", Of.FACTORS),
        "relu sigmoid tanh softmax": Keeps("its output", Of.OUTPUT),
        "dropout": Keeps(
            "a mask as large as its input; nothing where p is 0",
            beside={"masks": lambda batch, row: batch * row.output.elements if row.layer.fields["p"] else 0},
        ),
        "stochasticdepth": Keeps(
            "a value an image; nothing where p is 0",
            beside={"masks": lambda batch, row: batch if row.layer.fields["p"] else 0},
        ),
        "input identity add subtract concat flatten slice pad padchannels crop channelshuffle upsample"
        " globalavgpool": Keeps("nothing"),
    }.items()
    for kind in kinds.split()
}
"""What each kind of layer keeps; of a kind that is not here nothing is known."""

_BYTES = {"indices": 8, "statistics": 4}
"""Of values in a format of their own, whatever that of the network: int64, and float32."""


class Kept(NamedTuple):
    """What a layer keeps: layers, for the outputs that lie in their memory; those of them that none above it keeps."""

    owners: frozenset[int]
    new: frozenset[int]
    terms: tuple[Term, ...] | None


def saved(report: Report) -> Count:
    """The memory that waits for the backward pass; a layer's is what it is the first to keep.

    Terms of a layer, in values: `tensors`, inputs and outputs that no layer above keeps, and copies; `indices` of max
    pooling; `masks` of dropout; `statistics` of normalisation. What no parameter stands above needs no gradient, and is
    not kept for one.

    >>> from vggcalc import load
    >>> saved(load("torchvision/vgg16").analyse()).total_bytes
    73355264
    """
    kept = keeping(report)
    rows = tuple(each.terms for each in kept)
    unknown = tuple(dict.fromkeys(row.kind for row, terms in zip(report.rows, rows, strict=True) if terms is None))
    terms = [term for row_terms in rows for term in row_terms or ()]
    total, total_bytes = sum(term.amount for term in terms), saved_bytes(terms, report.dtype)
    reasons = tuple(_reasons(report, kept))
    if unknown:
        return Count(SAVED, rows, unknown, None, reasons=reasons)
    return Count(SAVED, rows, (), total, total_bytes, reasons=reasons)


SAVED = Convention(
    "saved",
    "what PyTorch's autograd keeps from forward to backward in training, each tensor once",
    "torch 2.13, seen by torch.autograd.graph.saved_tensors_hooks",
    notes=(note("without parameters and running statistics; a layer's figure is what it is the first to keep"),),
    own=saved,
    told={kind: keeps.text for kind, keeps in KEEPS.items()},
)


def keeping(report: Report) -> list[Kept]:
    """What each layer keeps; its terms are None where that is unknown."""
    memory = owners(report, training=True)
    wanted = needs_gradient(report)
    nothing: frozenset[int] = frozenset()
    before: set[int] = set()
    found: list[Kept] = []
    for index, row in enumerate(report.rows):
        if not row.works or not wanted[index]:
            found.append(Kept(nothing, nothing, ()))
            continue
        if row.kind not in KEEPS:
            found.append(Kept(nothing, nothing, None))
            continue
        own = frozenset(memory[place] for place in _tensors(row, index, wanted))
        new = own - before
        before |= new
        amounts = [("tensors", sum(report.batch * report.rows[owner].output.elements for owner in new))]
        amounts += [(name, values(report.batch, row)) for name, values in KEEPS[row.kind].beside.items()]
        found.append(Kept(own, new, tuple(Term(1, name, amount) for name, amount in amounts if amount)))
    return found


def needs_gradient(report: Report) -> list[bool]:
    """For each layer, whether its output needs a gradient: it or a layer above it has parameters."""
    found: list[bool] = []
    for row in report.rows:
        found.append(trained(row) > 0 or any(found[source] for source in row.inputs))
    return found


def saved_bytes(terms: Iterable[Term], dtype: str) -> int:
    """The bytes of what is kept: indices and statistics have formats of their own, whatever that of the network."""
    own: dict[str, int] = {}
    for term in terms:
        own[term.quantity] = own.get(term.quantity, 0) + term.amount
    return sum(values * _BYTES[name] if name in _BYTES else n_bytes(values, dtype) for name, values in own.items())


def _tensors(row: Row, index: int, wanted: list[bool]) -> tuple[int, ...]:
    """The layers whose outputs this one keeps, itself among them."""
    keeps = KEEPS[row.kind]
    which = keeps.in_place if keeps.in_place is not None and overwrites(row) else keeps.tensors
    if which is Of.OUTPUT:
        return (index,)
    if which is Of.FACTORS:
        return tuple(
            source
            for place, source in enumerate(row.inputs)
            if any(wanted[other] for number, other in enumerate(row.inputs) if number != place)
        )
    if which is Of.INPUT or (which is Of.MAP and set(row.output.spatial) != {1}):
        return row.inputs[:1]
    return ()


def _reasons(report: Report, kept: list[Kept]) -> Iterator[str]:
    """What each layer keeps in words; where another keeps that already, which."""
    first = {owner: report.rows[index].name for index, each in enumerate(kept) for owner in each.new}
    wanted = needs_gradient(report)
    for row, each, has_gradient in zip(report.rows, kept, wanted, strict=True):
        again = dict.fromkeys(first[owner] for owner in sorted(each.owners - each.new))
        if not has_gradient:
            yield "nothing above it is trained"
        elif not row.works:
            yield "runs in training alone"
        else:
            says = KEEPS[row.kind].text if row.kind in KEEPS else ""
            yield says + "".join(f"; {name} keeps it already" for name in again)


def _groups(row: Row) -> int:
    return prod(row.output.spatial) if row.layer.fields["normalized_shape"] == "channels" else 1
