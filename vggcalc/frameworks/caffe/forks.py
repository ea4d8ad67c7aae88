"""Forks' layers whose work is not counted here, and whose maps and parameters the file says all the same.

What stands behind them is then known as well.
"""

from __future__ import annotations

from vggcalc.errors import FieldError
from vggcalc.frameworks.caffe.blobs import Blob, usual
from vggcalc.frameworks.caffe.step import Step, number
from vggcalc.frameworks.caffe.table import op
from vggcalc.frameworks.caffe.weights import window
from vggcalc.layers import REGISTRY
from vggcalc.layers.base import per_axis


def _as_large(step: Step, *extents: int, held: int = 0) -> Blob:
    """Unknown work that writes a map of these extents, the channels last; as large as the bottom without any."""
    read = step.bottom
    return step.unknown(extents or read.shape.hwc, usual(len(extents) - 1) if extents else read.layout, held)


@op("flowwarp", "densecrf", "bilateralfilter")
def _same(step: Step) -> Blob:
    """FlowNet 2's warping, DeepLab's inference: they hold nothing, and change no extent."""
    return _as_large(step)


@op("multistagemeanfield", holds=True)
def _mean_field(step: Step) -> Blob:
    """CRF-RNN's fork: weights of the spatial and the bilateral kernel and the compatibility, C x C each.

    Source: torrvision/caffe, src/caffe/layers/multi_stage_meanfield.cpp
    """
    return _as_large(step, held=3 * step.bottom.shape.channels**2)


@op("correlation")
def _correlation(step: Step) -> Blob:
    """FlowNet's: each patch of a map against the patches of another within a square, one channel for each place in it.

    Source: lmb-freiburg/flownet2, src/caffe/layers/correlation_layer.cu
    """
    said = step.param("correlation_param")
    reach, radius = number(said, "max_displacement", default=0), (number(said, "kernel_size", default=1) - 1) // 2
    stride, between = number(said, "stride_1", default=1), number(said, "stride_2", default=1)
    if stride < 1 or between < 1:
        raise FieldError("", "a stride is below 1", "strides are whole numbers from 1", code="bad-field")
    room = 2 * (number(said, "pad", default=0) - reach - radius)
    sides = [-(-(n + room) // stride) for n in step.bottom.shape.spatial]
    if min(sides, default=0) < 1:
        raise FieldError("", "its map is too small for that displacement", "pad it", code="shape-misfit")
    return _as_large(step, *sides, (2 * (reach // between) + 1) ** 2)


@op("channelnorm")
def _length(step: Step) -> Blob:
    """FlowNet 2's: the length of the vector at each position."""
    return _as_large(step, *step.bottom.shape.spatial, 1)


@op("spatialtransformer")
def _transformer(step: Step) -> Blob:
    """daerduoCarey's: the map where the six numbers of the second bottom put it, as large unless it says otherwise."""
    said = step.param("st_param")
    sides = [
        number(said, f"output_{side}", default=n) for side, n in zip("HW", step.bottom.shape.spatial, strict=False)
    ]
    return _as_large(step, *sides, step.bottom.shape.channels)


@op("downsample", "imresize")
def _resized(step: Step) -> Blob:
    """FlowNet 2's average over parts of pixels, and OpenPose's cubic interpolation."""
    said = step.param("downsample_param", "imresize_param")
    factor = number(said, "factor", default=0)
    names = ("top_height", "target_spatial_height"), ("top_width", "target_spatial_width")
    sides = [number(said, *name, default=n) for name, n in zip(names, step.bottom.shape.spatial, strict=False)]
    if factor:
        sides = [n * factor for n in step.bottom.shape.spatial]
    elif len(step.bottoms) > 1:
        return step.unknown(held=0)
    return _as_large(step, *sides, step.bottom.shape.channels)


@op("im2col")
def _columns(step: Step) -> Blob:
    """What a convolution reads at each position, as channels."""
    fields = window(step, step.param("convolution_param"))
    made = REGISTRY["conv"](out_channels=1, **fields).output(step.bottom.shape)
    taps = 1
    for side in per_axis(fields["kernel_size"], step.axes, "kernel_size"):
        taps *= side
    return _as_large(step, *made.spatial, step.bottom.shape.channels * taps)
