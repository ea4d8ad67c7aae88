"""What a network takes to train and to run: weights, gradients, optimizer state, activations, and the largest batch."""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc import bounds
from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.report import Report
from vggcalc.memory.live import least_live, live
from vggcalc.memory.moments import Moment, moments, saved_of
from vggcalc.memory.optimizers import Optimizer, state_bytes
from vggcalc.memory.saved import Kept, keeping
from vggcalc.record import Record
from vggcalc.units import DTYPE_BITS, n_bytes

LEFT_OUT = "the framework's own memory, workspaces of kernels, fragmentation, the labels and the loss"

ALONE = "activations alone"
"""An inference whose weights lie in another memory."""


class Part(Record):
    """A part of the memory, in bytes; None where that is unknown."""

    name: str
    taken: int | None


class Footprint(Record):
    """What it takes at one batch: the parts, and the most at once.

    at: the layer at which the most is taken. order: the layers as they run, where that is not the network's own order.
    """

    name: str
    batch: int
    parts: tuple[Part, ...]
    peak: int | None
    at: str
    unknown: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def largest(self) -> Part:
        """The part that takes the most."""
        return max(self.parts, key=lambda part: part.taken or 0)


class Fit(Record):
    """The largest batch that fits, 0 for none, and what it takes there, or one image.

    is_more: an even larger one than can be asked for would fit.
    """

    batch: int
    footprint: Footprint
    is_more: bool = False


class Activations(Record):
    """What is saved for the way back, in bytes, and of all moments of both ways that which takes the most."""

    saved: int
    most: Moment


class Training:
    """A network in training, at any batch and with any optimizer; what these have in common is reckoned once.

    The peak is the most that the parts ever take together. On the way forth, at a layer: what the layers so far have
    saved, and the tensors that are alive besides. On the way back: what is saved, and the gradients of the layer's
    output, of its inputs and of all tensors that wait for theirs. Not counted: `LEFT_OUT`.

    Of the parts, `activations` are those that are saved, and where the peak is on the way forth all that are alive.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._found: dict[tuple[int, str], Activations] = {}
        self._reports: dict[int, Report] = {report.batch: report}
        self._own: list[Kept] = []
        self._slopes: dict[str, dict[int, int]] = {}
        kept = self._kept(report.batch)
        silent = (row for row, each in zip(report.rows, kept, strict=True) if each.held is None)
        self.unknown = tuple(dict.fromkeys(row.called for row in silent))

    def footprint(self, optimizer: Optimizer, batch: int | None = None) -> Footprint:
        """What a batch takes; that of the report where none is named."""
        batch = batch or self._report.batch
        parts = self._constant(optimizer)
        if self.unknown:
            parts += [Part("activations", None), Part("activation gradients", None)]
            return Footprint(optimizer.name, batch, tuple(parts), None, "", self.unknown)
        found = self._activations(batch, self._dtype(optimizer))
        most = found.most
        maps = found.saved if most.is_back else most.taken
        parts += [Part("activations", maps), Part("activation gradients", most.taken - maps)]
        peak = sum(part.taken or 0 for part in parts)
        return Footprint(optimizer.name, batch, tuple(parts), peak, most.layer)

    def largest(self, optimizer: Optimizer, limit: int) -> Fit:
        """The largest batch within so many bytes. What each moment takes is a line in the batch: two of them make it.

        Raises: ValueError where the memory is unknown.
        """
        if self.unknown:
            raise ValueError(f"the memory of {', '.join(self.unknown)} is unknown")
        room = limit - sum(part.taken or 0 for part in self._constant(optimizer))
        lines = self._lines(self._dtype(optimizer))
        batch = max(0, min(1 + (room - taken) // each for each, taken in lines.items()))
        shown = min(batch, bounds.FIELD)
        return Fit(shown, self.footprint(optimizer, max(shown, 1)), batch > bounds.FIELD)

    def _activations(self, batch: int, dtype: str) -> Activations:
        if (batch, dtype) not in self._found:
            kept = self._kept(batch)
            most = max(moments(self._at(batch), kept, dtype), key=lambda moment: moment.taken)
            self._found[batch, dtype] = Activations(sum(saved_of(kept, dtype)), most)
        return self._found[batch, dtype]

    def _lines(self, dtype: str) -> Mapping[int, int]:
        """For each number of bytes by which a moment grows with an image, the most that one of them takes at one."""
        if dtype not in self._slopes:
            found = self._slopes[dtype] = {}
            one, two = (moments(self._at(batch), self._kept(batch), dtype) for batch in (1, 2))
            for first, second in zip(one, two, strict=True):
                each = second.taken - first.taken
                found[each] = max(found.get(each, 0), first.taken)
        return self._slopes[dtype]

    def _at(self, batch: int) -> Report:
        if batch not in self._reports:
            self._reports[batch] = _at_batch(self._report, batch, training=True)
        return self._reports[batch]

    def _kept(self, batch: int) -> list[Kept]:
        """What the layers keep at a batch; of a large network that is much, and held for its own batch alone."""
        if batch != self._report.batch:
            return keeping(self._at(batch))
        self._own = self._own or keeping(self._report)
        return self._own

    def _dtype(self, optimizer: Optimizer) -> str:
        return "float16" if optimizer.master else self._report.dtype

    def _constant(self, optimizer: Optimizer) -> list[Part]:
        """The parts that are the same at every batch."""
        totals, dtype = self._report.totals, self._dtype(optimizer)
        return [
            Part("weights", _taken(totals.params, dtype)),
            Part("buffers", _taken(totals.buffers, self._report.dtype)),
            Part("gradients", _taken(totals.params, dtype)),
            *([Part("master weights", _taken(totals.params, "float32"))] if optimizer.master else []),
            Part("optimizer", state_bytes(self._report, optimizer)),
        ]


def training(report: Report, optimizer: Optimizer) -> Footprint:
    """What training a network takes; see `Training`."""
    return Training(report).footprint(optimizer)


def inference(report: Report, best: bool = False, stored: bool = True) -> Footprint:
    """What an inference takes that frees each tensor after its last use, in the order of the network or in the best.

    stored: with weights and buffers; without them it is what a memory takes that does not hold them.
    """
    name = "best order" if best else "inference" if stored else ALONE
    if unknown := unknown_work(report):
        parts = (*(_stored(report) if stored else ()), Part("activations", None))
        return Footprint(name, report.batch, parts, None, "", unknown)
    found = (least_live if best else live)(report)
    parts = (*(_stored(report) if stored else ()), Part("activations", n_bytes(found.peak, report.dtype)))
    return Footprint(
        name,
        report.batch,
        parts,
        sum(part.taken or 0 for part in parts),
        report.rows[found.at].name,
        order=tuple(report.rows[index].name for index in found.order) if best else (),
    )


def largest_inference(report: Report, limit: int, stored: bool = True) -> Fit:
    """The largest batch that can be run within so many bytes; each image has as many values alive as any other.

    stored: the bytes hold weights and buffers too; or else they lie in another memory, as in a microcontroller's flash.

    Raises: ValueError where the memory is unknown.
    """
    if unknown := unknown_work(report):
        raise ValueError(f"the memory of {', '.join(unknown)} is unknown")
    room = limit - sum(part.taken or 0 for part in _stored(report) if stored)
    one = live(_at_batch(report, 1, training=False)).peak
    batch = max(0, 8 * room // (DTYPE_BITS[report.dtype] * one))
    shown = min(batch, bounds.FIELD)
    found = inference(_at_batch(report, max(shown, 1), training=False), stored=stored)
    return Fit(shown, found, batch > bounds.FIELD)


def unknown_work(report: Report) -> tuple[str, ...]:
    """The operations of which nobody knows what they take, at work or as tensors, so that no peak is known."""
    unknown = (row for row in report.rows if row.is_unknown or row.counts is None)
    return tuple(dict.fromkeys(row.called for row in unknown))


def _stored(report: Report) -> tuple[Part, ...]:
    totals = report.totals
    return (
        Part("weights", _taken(totals.params, report.dtype)),
        Part("buffers", _taken(totals.buffers, report.dtype)),
    )


def _taken(values: int | None, dtype: str) -> int | None:
    return None if values is None else n_bytes(values, dtype)


def _at_batch(report: Report, batch: int, training: bool) -> Report:
    return analyse(report.network, batch=batch, dtype=report.dtype, training=training)
