"""How the values of a map lie in memory, as PyTorch has it, as far as a layer below must copy them for it.

Seen on torch 2.13, on the meta device. Layer normalisation of each position permutes its input so that the channels
come last, and hands on a look at what it has written; most layers write as they read.
"""

from __future__ import annotations

from enum import Enum
from math import prod

from vggcalc.analysis.report import Report, Row

_AS_READ = (
    (
        "relu relu6 leakyrelu elu hardsigmoid hardswish silu prelu gelu sigmoid tanh abs dropout stochasticdepth"
        " scale shift mish selu celu hardtanh softplus exp log sqrt sin erf power batchnorm lrn l2norm maxpool crop add"
        " subtract multiply",
        (1, 2, 3),
    ),
    ("avgpool subsample adaptivemaxpool adaptiveavgpool", (1, 2)),
    ("pad padchannels upsample concat", (2, 3)),
)
_KEEPS_LAST = {(kind, axes) for kinds, numbers in _AS_READ for kind in kinds.split() for axes in numbers}
"""Kinds that write with the channels last where they read so, by the axes of the map; all others write plainly."""


class Contiguity(Enum):
    """How a map lies in memory."""

    CONTIGUOUS = 0
    """Channel by channel, and image by image."""
    GAPPED = 1
    """The same, but with other channels between those of one image and the next."""
    CHANNELS_LAST = 2
    """Position by position, with all channels of each together."""


def contiguity(report: Report, training: bool = False) -> list[Contiguity]:
    """How each layer's output lies in memory."""
    found: list[Contiguity] = []
    for row in report.rows:
        found.append(_lies(row, [found[source] for source in row.inputs], report.batch, training))
    return found


def is_view(row: Row, training: bool = False) -> bool:
    """Whether the layer hands on its input's memory, unchanged."""
    layer = row.layer
    if row.kind == "channelshuffle":
        return layer.fields["groups"] in (1, row.output.channels)  # nothing changes its place
    return layer.in_place and (layer.role == "move" or (layer.role == "idle" and not (training and layer.fields["p"])))


def overwrites(row: Row, training: bool = False) -> bool:
    """Whether the layer writes its output over its input, as the network is built."""
    return getattr(row.layer, "inplace", False) and not is_view(row, training)


def _lies(row: Row, above: list[Contiguity], batch: int, training: bool) -> Contiguity:
    positions = prod(row.output.spatial)
    over_channels = row.kind == "layernorm" and row.layer.fields["normalized_shape"] == "channels"
    if over_channels or row.kind in ("linear", "rmsnorm", "channelconv"):
        return _last_if(row.output.channels > 1 and positions > 1)
    if not above:
        return Contiguity.CONTIGUOUS
    if overwrites(row, training):
        return above[0]
    if row.kind == "flatten":
        return Contiguity.CONTIGUOUS if above[0] is Contiguity.CHANNELS_LAST else above[0]
    if is_view(row, training):
        is_part = row.output.channels < row.input_shapes[0].channels and batch > 1
        return Contiguity.GAPPED if is_part and above[0] is Contiguity.CONTIGUOUS else above[0]
    if (row.kind, len(row.output.spatial)) not in _KEEPS_LAST or positions == 1:
        return Contiguity.CONTIGUOUS
    if row.kind == "concat":
        return _last_if(all(each is Contiguity.CHANNELS_LAST for each in above))
    whole = (lies for lies, shape in zip(above, row.input_shapes, strict=True) if prod(shape.spatial) >= positions)
    return _last_if(next(whole, above[0]) is Contiguity.CHANNELS_LAST)


def _last_if(is_last: bool) -> Contiguity:
    return Contiguity.CHANNELS_LAST if is_last else Contiguity.CONTIGUOUS
