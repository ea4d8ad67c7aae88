"""Caffe's layers that hold what is trained."""

from __future__ import annotations

from typing import Any

from vggcalc.frameworks.caffe.blobs import BATCH, CHANNELS, Blob, usual
from vggcalc.frameworks.caffe.prototxt import Message
from vggcalc.frameworks.caffe.step import Step, flag, number, whole
from vggcalc.frameworks.caffe.table import op

_DEPTHWISE = ("convolutiondepthwise", "depthwiseconvolution")


def padding(step: Step, said: Message) -> Any:
    """`pad`, `pad_h` and `pad_w`; forks have one for each side."""
    sides = [number(said, f"pad_{side}", default=0) for side in "tblr"]
    if any(sides):
        return ((sides[0], sides[1]), (sides[2], sides[3]))
    return step.per_axis(said, "pad", default=0)


def window(step: Step, said: Message) -> dict[str, Any]:
    """The fields of a window that slides and has weights."""
    return {
        "kernel_size": step.per_axis(said, "kernel_size", "kernelsize"),
        "stride": step.per_axis(said, "stride", default=1),
        "padding": padding(step, said),
        "dilation": step.per_axis(said, "dilation", "hole", default=1),
        "bias": flag(said, "bias_term", "biasterm", default=True),
    }


@op(
    *("convolution", "conv", "convolutionnd", "depthwiseconv", "convolutiondata", "noisyconvolution"),
    *("qconvolution", "mergedconvolution", "ristrettoconvolution", "convolutionristretto"),
    *_DEPTHWISE,
    holds=True,
)
def _convolution(step: Step) -> Blob:
    """Forks have types of their own for depthwise ones: yonghenglh6's has a group, farmingyard's is without."""
    said = step.param("convolution_param", "squeeze_convolution_param")
    read = step.as_usual(step.bottom)
    if read is None:
        return step.unknown()
    is_depthwise = step.type.lower().replace("_", "") in _DEPTHWISE
    outputs = number(said, "num_output", default=0) or read.shape.channels * is_depthwise
    groups = read.shape.channels if is_depthwise else number(said, "group", default=1)
    return step.add("conv", read, layout=usual(step.axes), out_channels=outputs, groups=groups, **window(step, said))


@op("deformableconvolution", holds=True)
def _deformable(step: Step) -> Blob:
    """Deformable-ConvNets' port: the second bottom says where each tap reads; interpolating is not counted."""
    said = step.param("deformable_convolution_param", "convolution_param")
    outputs = number(said, "num_output", default=0)
    groups = number(said, "group", default=1)
    return step.add("conv", out_channels=outputs, groups=groups, **window(step, said))


@op("convolution3d", "convolution3", "pooling3d", holds=True)
def _volumes(step: Step) -> Blob:
    """C3D's fork: the axis of time has fields of its own."""
    is_pooling = step.type.lower().startswith("pool")
    said = step.param("pooling_param" if is_pooling else "convolution_param")
    side = number(said, "kernel_size", default=1)
    stride, pad = number(said, "stride", default=1), number(said, "pad", default=0)
    fields: dict[str, Any] = {
        "kernel_size": (number(said, "kernel_depth", default=side), side, side),
        "stride": (number(said, "temporal_stride", default=1 if is_pooling else stride), stride, stride),
        "padding": (number(said, "temporal_pad", default=0 if is_pooling else pad), pad, pad),
    }
    if is_pooling:
        return step.add("avgpool" if said.text("pool").upper() in ("AVE", "1") else "maxpool", ceil_mode=True, **fields)
    bias = flag(said, "bias_term", default=True)
    return step.add("conv", out_channels=number(said, "num_output", default=0), bias=bias, **fields)


@op("deconvolution", "deconv", holds=True)
def _deconvolution(step: Step) -> Blob:
    said = step.param("convolution_param")
    read = step.as_usual(step.bottom)
    if read is None:
        return step.unknown()
    return step.add(
        "convtranspose",
        read,
        layout=usual(step.axes),
        out_channels=number(said, "num_output", default=0),
        groups=number(said, "group", default=1),
        **window(step, said),
    )


@op("local", "locallyconnected", "localconvolution", holds=True)
def _local(step: Step) -> Blob:
    """Forks' locally connected layers, as DeepFace has them."""
    said = step.param("local_param", "locally_connected_param", "convolution_param")
    fields = window(step, said)
    read = step.as_usual(step.bottom)
    if read is None:
        return step.unknown()
    return step.add(
        "local", read, layout=usual(step.axes), out_channels=number(said, "num_output", default=0), **fields
    )


@op("innerproduct", "ristrettoinnerproduct", "fcristretto", "qinnerproduct", "margininnerproduct", holds=True)
def _inner_product(step: Step) -> Blob:
    """All from `axis` on are its inputs; what stands before, but the batch, are positions that it treats alike.

    SphereFace's, with a margin in training, has no bias.
    """
    said = step.param("inner_product_param", "squeeze_inner_product_param", "margin_inner_product_param")
    fields: dict[str, Any] = {
        "out_features": number(said, "num_output", default=0),
        "bias": flag(said, "bias_term", "biasterm", default=not step.type.lower().startswith("margin")),
    }
    read = step.bottom
    axis = read.axis(number(said, "axis", default=1))
    before, inside = read.layout[:axis], read.layout[axis:]
    if BATCH in inside and read.batch[-1] > 1:
        return step.unknown()
    inside = inside.replace(BATCH, "")
    positions = before.replace(BATCH, "")
    if not positions.replace("-", ""):
        return step.add("fc", layout=BATCH * before.count(BATCH) + CHANNELS, **fields)
    if inside != CHANNELS or CHANNELS in positions:
        groups = [*positions, inside]
        read = step.regrouped(read, BATCH * before.count(BATCH), groups, len(groups) - 1, ".rows")
        before = read.layout[:-1]
    return step.add("linear", read, layout=before + CHANNELS, **fields)


@op("embed", holds=True)
def _embed(step: Step) -> Blob:
    """A vector of so many numbers is read as that many indices."""
    said = step.param("embed_param")
    read = step.bottom
    if read.shape.channels > 1:
        read = step.regrouped(read, BATCH, [read.layout.replace(BATCH, ""), "-"], 1, ".indices")
        read = read._replace(layout=read.layout[:-1])
    made = step.add(
        "embedding",
        read,
        layout=read.layout.replace(CHANNELS, "") + CHANNELS,
        num_embeddings=number(said, "input_dim", default=0),
        embedding_dim=number(said, "num_output", default=0),
    )
    if not flag(said, "bias_term", default=True):
        return made
    return step.add("shift", made, suffix=".bias")


@op("lstm", "rnn", "lstmnode", "recurrent", holds=True)
def _recurrent(step: Step) -> Blob:
    """A blob of steps and streams; where its steps are a part of the batch, one step is counted.

    The second bottom says where sequences begin. A third one that is no state is read at every step, with weights of
    its own.
    """
    said = step.param("recurrent_param", "lstm_param")
    hidden = number(said, "num_output", default=0)
    is_lstm = not step.type.lower().startswith(("rnn", "recurrent"))
    states = (2 if is_lstm else 1) * flag(said, "expose_hidden", default=False)
    read = step.bottom
    if len(step.message.texts("bottom")) > 2 + states and len(step.bottoms) < 3:
        return step.unknown()
    if len(step.bottoms) > 2 + states:
        steps = read.shape.spatial[0] if read.layout.startswith("0") else 1
        seen = read.shape.channels + hidden + step.bottoms[2].shape.elements + 1
        held = 4 * hidden * seen if is_lstm else hidden * seen + hidden * (hidden + 1)
        return step.unknown((steps, hidden), read.layout[:2] + CHANNELS, held)
    if read.layout.startswith("0n"):
        if len(read.shape.spatial) != 1:
            read = step.regrouped(read, "", ["0", read.layout[2:]], 1, ".steps")
        layout = "0n" + CHANNELS
    elif read.layout not in ("nnc", "nn", "nc", "nc01") or (read.layout == "nc01" and max(read.shape.spatial) > 1):
        return step.unknown()
    else:
        read = step.add("reshape", read, suffix=".step", shape=(1, read.shape.elements))
        layout = step.bottom.layout.rstrip("c01") + CHANNELS
        step.note("the steps of a sequence are its batch, so that recurrent layers are counted for one step")
    if is_lstm:
        return step.add("lstm", read, layout=layout, hidden_size=hidden, bias_vectors=1)
    made = step.add("rnn", read, suffix=".state", layout=layout, hidden_size=hidden, bias_vectors=1)
    return step.add("linear", made, out_features=hidden)


@op("prelu", holds=True)
def _prelu(step: Step) -> Blob:
    shared = flag(step.param("prelu_param"), "channel_shared", default=False)
    return step.add("prelu", num_parameters="one" if shared else "channels")


@op("rrelu", "insanity")
def _randomised(step: Step) -> Blob:
    """happynear's fork: its slope is drawn in training."""
    return step.add("leakyrelu", negative_slope=0.22)


@op("batchnorm", "syncbn", "batchnormcudnn", "cudnnbatchnorm", holds=True)
def _batch_norm(step: Step) -> Blob:
    """Mean, variance and one factor for both are stored; scale and shift are a layer of their own behind it.

    NVIDIA's and Intel's forks put them in with `scale_bias`, or `use_scale` and the like.
    """
    said = step.message.message("batch_norm_param")
    has_scale = flag(said, "scale_bias", "use_alpha_beta", default=False) or bool(said.messages("scale_filler"))
    return step.add("batchnorm", affine=has_scale)


@op("bn", holds=True)
def _bn(step: Step) -> Blob:
    """SegNet's and PSPNet's forks: scale and shift in one layer with the normalisation; mean and variance are kept."""
    return step.add("batchnorm", counts_batches=False)


def _over(step: Step, said: Message) -> str | None:
    """Which values have a trained number of their own; None where they are a mixture of those."""
    axis = step.bottom.axis(number(said, "axis", default=1))
    count = number(said, "num_axes", default=1)
    letters = step.bottom.layout[axis:] if count < 0 else step.bottom.layout[axis : axis + count]
    letters = letters.replace("-", "")
    positions = "".join(map(str, range(step.axes)))
    every = step.bottom.layout.replace(BATCH, "")
    if not letters or letters == BATCH:
        return "one"
    if letters == CHANNELS:
        return "channels"
    if sorted(letters) == sorted(every):
        return "map"
    return "positions" if letters == positions else None


@op("scale", holds=True)
def _scale(step: Step) -> Blob:
    if len(step.bottoms) > 1:
        made = step.add("multiply", *step.bottoms)
        has_bias = flag(step.param("scale_param"), "bias_term", default=False)
        return step.add("shift", made, suffix=".bias") if has_bias else made
    said = step.message.message("scale_param")
    over = _over(step, said)
    if over is None:
        return step.unknown(step.bottom.shape.hwc, step.bottom.layout)
    return step.add("scale", over=over, bias=flag(said, "bias_term", default=False))


@op("bias", holds=True)
def _bias(step: Step) -> Blob:
    if len(step.bottoms) > 1:
        return step.add("add", *step.bottoms)
    over = _over(step, step.message.message("bias_param"))
    return step.add("shift", over=over) if over else step.unknown(step.bottom.shape.hwc, step.bottom.layout)


@op("normalize", "normalization", "l2normalization", "l2norm", holds=True)
def _normalise(step: Step) -> Blob:
    """SSD's has a scale, one for all channels or each; happynear's type of the same name says nothing and has none."""
    said = step.message.message("norm_param")
    if not said.values:
        return step.add("rmsnorm", elementwise_affine=False)
    if not flag(said, "channel_shared", default=True):
        return step.add("l2norm")
    return step.add("scale", step.add("rmsnorm", suffix=".norm", elementwise_affine=False), over="one")


@op("mvn")
def _mean_variance(step: Step) -> Blob:
    if flag(step.param("mvn_param"), "across_channels", default=False):
        return step.add("groupnorm", num_groups=1, affine=False)
    return step.add("instancenorm")


@op("lrn")
def _lrn(step: Step) -> Blob:
    return step.add("lrn", size=number(step.param("lrn_param"), "local_size", default=5))


@op("parameter", holds=True)
def _parameter(step: Step) -> Blob:
    """A trained tensor that is put in; what is trained is known, and nothing is done with it here."""
    dims = [whole(dim) for dim in step.param("parameter_param").message("shape").texts("dim")]
    held = 1
    for dim in dims:
        held *= dim
    rest = dims[1:] or [1]
    return step.unknown((*rest[1:], rest[0]), usual(len(rest) - 1), held)
