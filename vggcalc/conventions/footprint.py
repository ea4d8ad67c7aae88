"""What a network takes to train and to run: weights, gradients, optimizer state, activations, and the largest batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.live import least_live, live
from vggcalc.analysis.report import Report
from vggcalc.conventions.saved import needs_gradient, saved, saved_bytes
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.units import n_bytes

LEFT_OUT = "the framework's own memory, workspaces of kernels, fragmentation, the labels and the loss"

_BLOCK = 256
_SMALL = 4096


class Optimizer(NamedTuple):
    """What training with an optimizer stores beside the weights.

    states: values that it keeps for each parameter, in float32. quantised: those of 8 bits, with a float32 scale for
    each block of 256; a tensor of fewer than 4,096 parameters keeps its states in float32. master: whether weights,
    gradients and activations are in 16 bits with a float32 copy of the weights.
    """

    name: str
    states: int
    source: str
    quantised: bool = False
    master: bool = False


OPTIMIZERS: Mapping[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("sgd", 0, "w - lr * g"),
        Optimizer("momentum", 1, "Polyak, 1964; torch.optim.SGD's momentum_buffer"),
        Optimizer("adam", 2, "Kingma and Ba, arXiv:1412.6980: first and second moment"),
        Optimizer("adamw", 2, "Loshchilov and Hutter, arXiv:1711.05101: as Adam"),
        Optimizer("adam8bit", 2, "Dettmers et al., arXiv:2110.02861; bitsandbytes 0.44's block of 256", quantised=True),
        Optimizer("mixed", 2, "Micikevicius et al., arXiv:1710.03740, with Adam: 16 bytes a parameter", master=True),
    )
}


class Part(NamedTuple):
    """A part of the memory, in bytes; None where that is unknown."""

    name: str
    taken: int | None
    what: str


class Footprint(NamedTuple):
    """What it takes at one batch: the parts, and the most at once.

    at: the layer at which the most is taken.
    """

    name: str
    batch: int
    parts: tuple[Part, ...]
    peak: int | None
    at: str
    unknown: tuple[str, ...] = ()

    @property
    def largest(self) -> Part:
        """The part that takes the most."""
        return max(self.parts, key=lambda part: part.taken or 0)


def find_optimizers(names: Sequence[str]) -> list[Optimizer]:
    """The optimizers of these names, all where there is none; raises UsageError for one that does not exist."""
    for name in names:
        if name not in OPTIMIZERS:
            raise UsageError(Problem(f"there is no optimizer '{name}'", did_you_mean(name, OPTIMIZERS)))
    return [OPTIMIZERS[name] for name in names] or list(OPTIMIZERS.values())


def training(report: Report, optimizer: Optimizer) -> Footprint:
    """What training takes: the peak is the most that the parts ever take together, on the way back.

    On the way back, at a layer: what it and the layers above it have saved, and the gradients of its output, of its
    inputs and of all tensors that wait for theirs. Not counted: `LEFT_OUT`.
    """
    dtype = "float16" if optimizer.master else report.dtype
    params, buffers = report.totals.params, report.totals.buffers
    kept = saved(report)
    backward, at = _backward(report, dtype) if not kept.unknown else (None, "")
    saved_total = None if kept.unknown else saved_bytes((t for row in kept.rows for t in row or ()), dtype)
    parts = [
        Part("weights", n_bytes(params, dtype), f"{dtype}, all params"),
        Part("buffers", n_bytes(buffers, report.dtype), "running statistics"),
        Part("gradients", n_bytes(params, dtype), "of the params, all at once"),
    ]
    if optimizer.master:
        parts.append(Part("master weights", n_bytes(params, "float32"), "their copy in float32"))
    parts.append(Part("optimizer", _state_bytes(report, optimizer), _states(optimizer)))
    fixed = sum(part.taken or 0 for part in parts)
    parts.append(Part("activations", saved_total, "saved for the backward pass"))
    passing = None if backward is None else max(0, backward - (saved_total or 0))
    parts.append(Part("in passing", passing, "gradients on the way back"))
    peak = None if passing is None else fixed + (saved_total or 0) + passing
    return Footprint(optimizer.name, report.batch, tuple(parts), peak, at, kept.unknown)


def inference(report: Report, best: bool = False) -> Footprint:
    """What an inference takes that frees each tensor after its last use, in the order of the network or in the best."""
    found = (least_live if best else live)(report)
    name = report.rows[found.at].name
    parts = (
        Part("weights", n_bytes(report.totals.params, report.dtype), f"{report.dtype}, all params"),
        Part("buffers", n_bytes(report.totals.buffers, report.dtype), "running statistics"),
        Part("activations", n_bytes(found.peak, report.dtype), f"alive at {name}"),
    )
    label = "best order" if best else "inference"
    return Footprint(label, report.batch, parts, sum(part.taken or 0 for part in parts), name)


def largest_training(report: Report, optimizer: Optimizer, limit: int) -> tuple[int, Footprint]:
    """The largest batch that can be trained within so many bytes; see `largest_batch`."""
    return largest_batch(lambda batch: training(_at_batch(report, batch, True), optimizer), limit)


def largest_inference(report: Report, limit: int) -> tuple[int, Footprint]:
    """The largest batch that can be run within so many bytes; see `largest_batch`."""
    return largest_batch(lambda batch: inference(_at_batch(report, batch, False)), limit)


def largest_batch(at: Callable[[int], Footprint], limit: int) -> tuple[int, Footprint]:
    """The largest batch whose peak is within so many bytes, 0 for none, and what it takes there, or at batch 1.

    Raises: ValueError where the peak is unknown.
    """
    first = at(1)
    if first.peak is None:
        raise ValueError(f"the memory of {', '.join(first.unknown)} is unknown")
    if first.peak > limit:
        return 0, first
    low, fits = 1, first
    high = 2
    while (found := at(high)).peak is not None and found.peak <= limit and high < 2**40:
        low, fits, high = high, found, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        found = at(middle)
        if found.peak is not None and found.peak <= limit:
            low, fits = middle, found
        else:
            high = middle
    return low, fits


def _at_batch(report: Report, batch: int, training: bool) -> Report:
    return analyse(report.network, batch=batch, dtype=report.dtype, training=training, fields=False)


def _state_bytes(report: Report, optimizer: Optimizer) -> int:
    total = 0
    for row in report.rows:
        for tensor in row.tensors:
            if tensor.role == "buffer":
                continue
            if optimizer.quantised and tensor.elements >= _SMALL:
                total += optimizer.states * (tensor.elements + 4 * -(-tensor.elements // _BLOCK))
            else:
                total += optimizer.states * n_bytes(tensor.elements, "float32")
    return total


def _states(optimizer: Optimizer) -> str:
    if not optimizer.states:
        return "it keeps nothing"
    bits = "8 bits and a scale for each 256" if optimizer.quantised else "float32"
    return f"{optimizer.states} value{'s' if optimizer.states > 1 else ''} a param, {bits}"


def _backward(report: Report, dtype: str) -> tuple[int, str]:
    """The most that saved tensors and gradients of activations take together on the way back, and where."""
    kept = [saved_bytes(row or (), dtype) for row in saved(report).rows]
    remaining = sum(kept)
    wanted = needs_gradient(report)
    values = [report.batch * row.output.elements for row in report.rows]
    waiting = {i: values[i] for i in report.network.outputs if wanted[i] and report.rows[i].works}
    most, at = 0, ""
    for index in range(len(report.rows) - 1, -1, -1):
        if index in waiting:
            row = report.rows[index]
            waiting |= {source: values[source] for source in row.inputs if wanted[source]}
            now = remaining + n_bytes(sum(waiting.values()), dtype)
            if now > most:
                most, at = now, row.name
            del waiting[index]
        remaining -= kept[index]
    return most, at
