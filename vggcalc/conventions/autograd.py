"""What PyTorch's autograd keeps from forward to backward, as a convention; see the room of memory for how."""

from __future__ import annotations

from collections.abc import Iterator

from vggcalc.analysis.report import Report
from vggcalc.conventions.convention import Convention, Count, Term, note
from vggcalc.memory.keeps import KEEPS, keeps
from vggcalc.memory.saved import Kept, keeping, saved_bytes


def saved(report: Report) -> Count:
    """The memory that waits for the backward pass; a layer's is what it is the first to keep.

    Terms of a layer, in values: `tensors`, inputs and outputs that no layer above keeps, and copies; `indices` of max
    pooling; `masks` of dropout; `statistics` of normalisation, of a group's `moments`. What no parameter stands above
    needs no gradient, and is not kept for one.

    >>> from vggcalc import load
    >>> saved(load("torchvision/vgg16").analyse()).total
    16808448
    """
    kept = keeping(report)
    rows = tuple(None if each.held is None else tuple(Term(1, *held) for held in each.held) for each in kept)
    unknown = tuple(dict.fromkeys(row.called for row, terms in zip(report.rows, rows, strict=True) if terms is None))
    total = None if unknown else sum(held.amount for each in kept for held in each.held or ())
    return Count(SAVED, rows, unknown, total, reasons=tuple(_reasons(report, kept)))


SAVED = Convention(
    "saved",
    "what PyTorch's autograd keeps from forward to backward in training, each tensor once",
    "torch 2.13, seen by torch.autograd.graph.saved_tensors_hooks",
    notes=(note("without parameters and running statistics; a layer's figure is what it is the first to keep"),),
    own_bytes=saved_bytes,
    own=saved,
    told={kind: its.text for kind, its in KEEPS.items()},
)


def _reasons(report: Report, kept: list[Kept]) -> Iterator[str]:
    """What each layer keeps in words; where another keeps that already, which."""
    first = {owner: report.rows[index].name for index, each in enumerate(kept) for owner in each.new}
    for row, each in zip(report.rows, kept, strict=True):
        again = dict.fromkeys(first[owner] for owner in sorted({*each.owners} - {*each.new}))
        if not each.wanted:
            yield "nothing above it is trained"
        elif not row.works:
            yield "runs in training alone"
        else:
            its = keeps(row.layer)
            yield (its.text if its else "") + "".join(f"; {name} keeps it already" for name in again)
