"""What each type of Caffe layer is here: one small function a type, by its name in small letters without underscores.

Version 1 of the format writes INNER_PRODUCT, version 2 InnerProduct. Source: BVLC/caffe, src/caffe/proto/caffe.proto
and src/caffe/layers; of forks' types the fork is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from vggcalc.frameworks.assembly import Tensor
from vggcalc.frameworks.caffe.step import Step, flag, number, whole

Op = Callable[[Step], "Tensor | Sequence[Tensor]"]

OPS: dict[str, Op] = {}
"""How the layers of a type are read; a function gives what the tops are."""


def _op(*types: str) -> Callable[[Op], Op]:
    def enter(function: Op) -> Op:
        OPS.update(dict.fromkeys(types, function))
        return function

    return enter


@_op("convolution", "conv", "convolutiondepthwise", "depthwiseconvolution", "convolutionnd", "deformableconvolution")
def _convolution(step: Step) -> Tensor:
    said = step.param("convolution_param")
    outputs = number(said, "num_output", 0)
    channels = step.bottom.shape.channels if step.bottom.shape else outputs
    depthwise = step.type.lower() in ("convolutiondepthwise", "depthwiseconvolution")
    return step.add(
        "conv",
        kernel_size=step.per_axis(said, "kernel_size", "kernelsize"),
        out_channels=outputs or channels,
        stride=step.per_axis(said, "stride", default=1),
        padding=step.per_axis(said, "pad", default=0),
        dilation=step.per_axis(said, "dilation", default=1),
        groups=channels if depthwise else number(said, "group", 1),
        bias=flag(said, "bias_term", True),
    )


@_op("deconvolution", "deconv")
def _deconvolution(step: Step) -> Tensor:
    said = step.param("convolution_param")
    return step.add(
        "convtranspose",
        kernel_size=step.per_axis(said, "kernel_size"),
        out_channels=number(said, "num_output", 0),
        stride=step.per_axis(said, "stride", default=1),
        padding=step.per_axis(said, "pad", default=0),
        dilation=step.per_axis(said, "dilation", default=1),
        groups=number(said, "group", 1),
        bias=flag(said, "bias_term", True),
    )


_POOLS: dict[str, tuple[str, str]] = {
    "max": ("maxpool", "globalmaxpool"),
    "0": ("maxpool", "globalmaxpool"),
    "ave": ("avgpool", "globalavgpool"),
    "1": ("avgpool", "globalavgpool"),
    "stochastic": ("maxpool", "globalmaxpool"),
    "2": ("maxpool", "globalmaxpool"),
}


@_op("pooling", "pool")
def _pooling(step: Step) -> Tensor:
    """Rounds up and clips its last window, unless a fork's `ceil_mode` or `round_mode` says otherwise."""
    said = step.param("pooling_param")
    sliding, whole_map = _POOLS.get(said.text("pool").lower() or "max", _POOLS["max"])
    if flag(said, "global_pooling", False):
        return step.add(whole_map)
    rounds_down = said.text("round_mode").lower() in ("floor", "1") or not flag(said, "ceil_mode", True)
    return step.add(
        sliding,
        kernel_size=step.per_axis(said, "kernel_size", "kernelsize"),
        stride=step.per_axis(said, "stride", default=1),
        padding=step.per_axis(said, "pad", default=0),
        ceil_mode=not rounds_down,
    )


@_op("innerproduct")
def _inner_product(step: Step) -> Tensor:
    said = step.param("inner_product_param")
    return step.add("fc", out_features=number(said, "num_output", 0), bias=flag(said, "bias_term", True))


@_op("relu")
def _relu(step: Step) -> Tensor:
    slope = float(step.param("relu_param").text("negative_slope") or 0)
    return step.add("leakyrelu", negative_slope=slope) if slope else step.add("relu")


@_op("prelu")
def _prelu(step: Step) -> Tensor:
    shared = flag(step.param("prelu_param"), "channel_shared", False)
    return step.add("prelu", num_parameters="one" if shared else "channels")


@_op("dropout")
def _dropout(step: Step) -> Tensor:
    return step.add("dropout", p=float(step.param("dropout_param").text("dropout_ratio") or 0.5), inplace=True)


@_op("lrn")
def _lrn(step: Step) -> Tensor:
    return step.add("lrn", size=number(step.param("lrn_param"), "local_size", 5))


@_op("batchnorm")
def _batch_norm(step: Step) -> Tensor:
    """Mean, variance and one factor for both are stored; scale and shift are a layer of their own behind it."""
    return step.add("batchnorm", affine=False)


@_op("bn")
def _bn(step: Step) -> Tensor:
    """SegNet's and PSPNet's forks: scale and shift in one layer with the normalisation."""
    return step.add("batchnorm")


@_op("scale")
def _scale(step: Step) -> Tensor:
    if len(step.bottoms) > 1:
        return step.add("multiply", *step.bottoms)
    return step.add("scale", bias=flag(step.param("scale_param"), "bias_term", False))


@_op("normalize")
def _normalize(step: Step) -> Tensor:
    """SSD's fork."""
    return step.add("l2norm")


@_op("eltwise")
def _eltwise(step: Step) -> Tensor:
    operation = step.param("eltwise_param").text("operation").upper() or "SUM"
    if operation in ("PROD", "0"):
        return step.add("multiply", *step.bottoms)
    return step.add("add", *step.bottoms)


@_op("concat")
def _concat(step: Step) -> Tensor:
    return step.add("concat", *step.bottoms)


@_op("slice")
def _slice(step: Step) -> Sequence[Tensor]:
    said = step.param("slice_param")
    tops = len(step.message.texts("top"))
    points = [whole(text) for text in said.texts("slice_point")]
    channels = step.bottom.shape.channels if step.bottom.shape else tops
    if not points:
        points = [channels * part // tops for part in range(1, tops)]
    ends = [0, *points, channels]
    return [
        step.add("slice", start=start, stop=stop, suffix=f".{part}")
        for part, (start, stop) in enumerate(pairwise(ends))
    ]


@_op("split")
def _split(step: Step) -> Sequence[Tensor]:
    return [step.bottom] * len(step.message.texts("top"))


@_op("shufflechannel")
def _shuffle(step: Step) -> Tensor:
    """ShuffleNet's fork."""
    return step.add("channelshuffle", groups=number(step.param("shuffle_channel_param"), "group", 1))


@_op("crop")
def _crop(step: Step) -> Tensor:
    """The part of the first that is as large as the second; from an offset, or in the middle."""
    wanted = step.bottoms[1].shape if len(step.bottoms) > 1 else None
    if wanted is None or step.bottom.shape is None:
        return step.bottom._replace(shape=None)
    offsets = [whole(text) for text in step.param("crop_param").texts("offset")]
    offset = tuple(offsets * len(wanted.spatial))[: len(wanted.spatial)]
    return step.add("crop", size=wanted.spatial, offset=offset or None)


@_op("axpy")
def _axpy(step: Step) -> Tensor:
    """Squeeze-and-excitation's fork: the first scales the second, and the third is added."""
    scaled = step.add("multiply", step.bottoms[1], step.bottoms[0], suffix=".mul")
    return step.add("add", scaled, step.bottoms[2])


def unknown(step: Step) -> Sequence[Tensor]:
    """A type that nobody entered: one layer a top, so that each can be read by its name."""
    tops = step.message.texts("top")
    return [step.add("unknown", *step.bottoms, op=step.type[:100] or "?") for _ in tops]


def _plain(kind: str) -> Op:
    return lambda step: step.add(kind)


OPS |= {
    "sigmoid": _plain("sigmoid"),
    "tanh": _plain("tanh"),
    "absval": _plain("abs"),
    "elu": _plain("elu"),
    "relu6": _plain("relu6"),
    "softmax": _plain("softmax"),
    "flatten": _plain("flatten"),
    "softmaxloss": _plain("softmax"),
    "softmaxwithloss": _plain("softmax"),
}
"""A loss ends a network for training; its softmax is what the network says."""

SILENT = ("accuracy", "silence", "argmax", "euclideanloss", "hingeloss", "contrastiveloss", "infogainloss")
"""What looks at a network's outputs and is no part of it."""
