"""Connections, as the papers of the 1990s count them."""

from __future__ import annotations

from math import prod

from vggcalc.analysis import Row
from vggcalc.layers import RadialBasis, Subsample
from vggcalc.layers.base import per_axis


def connections(row: Row, batch: int = 1) -> int | None:
    """Every weighted link into a unit, each unit's bias included.

    Convolution and fully connected: MACs + outputs with a bias. Subsampling: outputs * (k*k + 1), for the
    coefficient weighs each of the k*k inputs. Radial basis: inputs * outputs, without biases. All others: none.

    Source: LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998, section II.B: C1 122,304,
    S2 5,880, C3 151,600, S4 2,000, C5 48,120; the paper's total of 340,908 counts the output layer's 840.
    """
    if not row.works:
        return 0
    if isinstance(row.layer, Subsample):
        kernel = per_axis(row.layer.kernel_size, len(row.output.spatial), "kernel_size")
        return batch * row.output.elements * (prod(kernel) + 1)
    if isinstance(row.layer, RadialBasis):
        return batch * row.input_shapes[0].elements * row.output.channels
    has_bias = row.multiplies and any(tensor.counts_as == "bias" for tensor in row.layer.weights(*row.input_shapes))
    return None if row.macs is None else row.macs + (batch * row.output.elements if has_bias else 0)
