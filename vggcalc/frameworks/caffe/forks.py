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


def _as_large(step: Step, *extents: int, held: int | None = 0) -> Blob:
    """Unknown work that writes a map of these extents, the channels last; as large as the bottom without any."""
    read = step.bottom
    return step.unknown(extents or read.shape.hwc, usual(len(extents) - 1) if extents else read.layout, held)


def _is_said(step: Step, *names: str) -> bool:
    """Whether the layer has this message: forks have other layers of the same type, which say other ones."""
    return any(step.message.messages(name) for name in names)


@op("flowwarp")
def _warped(step: Step) -> Blob:
    """FlowNet 2's: the first bottom, moved.

    Source: lmb-freiburg/flownet2, src/caffe/layers/flow_warp_layer.cpp
    """
    return _as_large(step)


@op("densecrf", "bilateralfilter")
def _filtered(step: Step) -> Blob:
    """DeepLab's inference, which says `dense_crf_param`; another one of this type writes a single channel.

    Source: the DenseCRFLayer of DeepLab v2; caffe_nd's BilateralFilterLayer, which is shaped like its first bottom
    """
    return _as_large(step) if _is_said(step, "dense_crf_param", "bilateral_filter_param") else step.unknown(held=0)


@op("multistagemeanfield", holds=True)
def _mean_field(step: Step) -> Blob:
    """CRF-RNN's: weights of the spatial and the bilateral kernel and the compatibility, C x C each, of three bottoms.

    With a fourth, the index of the image, it is that of caffe-tvg, which holds potentials of higher order besides.

    Source: Zheng et al., arXiv:1502.03240; its multi_stage_meanfield.cpp, and that of torrvision/caffe-tvg
    """
    held = None if len(step.bottoms) > 3 else 3 * step.bottom.shape.channels**2
    return _as_large(step, held=held)


@op("correlation")
def _correlation(step: Step) -> Blob:
    """FlowNet's: each patch of a map against the patches of another within a square, one channel for each place in it.

    Source: lmb-freiburg/flownet2, src/caffe/layers/correlation_layer.cpp, which wants both fields that are asked for
    """
    said = step.param("correlation_param")
    if said.one("max_displacement") is None or said.one("kernel_size") is None:
        return step.unknown(held=0)
    reach, radius = number(said, "max_displacement", default=0), (number(said, "kernel_size", default=1) - 1) // 2
    stride, between = number(said, "stride_1", default=1), number(said, "stride_2", default=1)
    if stride < 1 or between < 1:
        raise FieldError("", "a stride is below 1", "strides are whole numbers from 1", code="bad-field")
    room = 2 * (number(said, "pad", default=0) - reach - radius)
    sides = [-(-(n + room) // stride) for n in step.bottom.shape.spatial]
    if min(sides, default=0) < 1:
        raise FieldError("", "its map is too small for that displacement", "pad it", code="shape-misfit")
    return _as_large(step, *sides, (2 * (reach // between) + 1) ** 2)


@op("spatialtransformer")
def _transformer(step: Step) -> Blob:
    """The first bottom where the second puts it, as large unless it says otherwise, where it has `st_param`.

    Source: daerduoCarey/SpatialTransformerLayer, src/caffe/layers/st_layer.cpp
    """
    if not _is_said(step, "st_param"):
        return step.unknown(held=0)
    said = step.param("st_param")
    sides = [
        number(said, f"output_{side}", default=n) for side, n in zip("HW", step.bottom.shape.spatial, strict=False)
    ]
    return _as_large(step, *sides, step.bottom.shape.channels)


@op("downsample")
def _downsampled(step: Step) -> Blob:
    """FlowNet 2's average over parts of pixels: as large as a second bottom, or as it says.

    Source: lmb-freiburg/flownet2, src/caffe/layers/downsample_layer.cpp
    """
    if len(step.bottoms) > 1:
        return _as_large(step, *step.bottoms[1].shape.spatial, step.bottom.shape.channels)
    return _to(step, "downsample_param", "top_height", "top_width")


@op("imresize")
def _resized(step: Step) -> Blob:
    """OpenPose's interpolation: by a factor, or to what it says.

    Source: CMU-Perceptual-Computing-Lab/caffe_rtpose, src/caffe/layers/imresize_layer.cpp
    """
    if factor := number(step.param("imresize_param"), "factor", default=0):
        return _as_large(step, *(n * factor for n in step.bottom.shape.spatial), step.bottom.shape.channels)
    return _to(step, "imresize_param", "target_spatial_height", "target_spatial_width")


def _to(step: Step, message: str, *names: str) -> Blob:
    """A map of the extents that the fields say; of no known ones where one is not said."""
    sides = [number(step.param(message), name, default=0) for name in names]
    if min(sides) < 1:
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
