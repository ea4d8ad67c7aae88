"""What training with each optimizer stores beside the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.record import Record
from vggcalc.units import n_bytes

_BLOCK = 256
_SMALL = 4096


class Optimizer(Record):
    """What training with an optimizer stores beside the weights.

    states: values that it keeps for each parameter, in float32. quantised: those of 8 bits, with a float32 scale for
    each block of 256; a tensor of fewer than 4,096 parameters keeps its states in float32. master: whether weights,
    gradients and activations are in 16 bits with a float32 copy of the weights.
    """

    name: str
    states: int
    quantised: bool = False
    master: bool = False


OPTIMIZERS: Mapping[str, Optimizer] = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer("sgd", 0),
        Optimizer("momentum", 1),
        Optimizer("adam", 2),
        Optimizer("adamw", 2),
        Optimizer("adam8bit", 2, quantised=True),
        Optimizer("mixed", 2, master=True),
    )
}
"""Momentum: Polyak, 1964; torch.optim.SGD's momentum_buffer. Adam: Kingma and Ba, arXiv:1412.6980. AdamW: Loshchilov
and Hutter, arXiv:1711.05101. 8 bits: Dettmers et al., arXiv:2110.02861; bitsandbytes 0.44. Mixed precision with Adam,
16 bytes a parameter: Micikevicius et al., arXiv:1710.03740."""


def find_optimizers(names: Sequence[str]) -> list[Optimizer]:
    """The optimizers of these names, all where there is none; raises UsageError for one that does not exist."""
    for name in names:
        if name not in OPTIMIZERS:
            raise UsageError(
                Problem(f"there is no optimizer '{name}'", did_you_mean(name, OPTIMIZERS), code="unknown-name")
            )
    return [OPTIMIZERS[name] for name in names] or list(OPTIMIZERS.values())


def is_trainable(dtype: str) -> bool:
    """Whether gradients can be in this number format; in integers there are none."""
    return not dtype.startswith("int")


def state_bytes(report: Report, optimizer: Optimizer) -> int | None:
    """The bytes of its states for a network; None where nobody knows how many parameters that has."""
    if report.totals.params is None:
        return None
    total = 0
    for row in report.rows:
        for tensor in row.tensors:
            if tensor.counts_as == "buffer":
                continue
            if optimizer.quantised and tensor.elements >= _SMALL:
                total += optimizer.states * (tensor.elements + 4 * -(-tensor.elements // _BLOCK))
            else:
                total += optimizer.states * n_bytes(tensor.elements, "float32")
    return total
