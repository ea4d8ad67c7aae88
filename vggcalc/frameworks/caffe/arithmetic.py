"""Caffe's layers without weights that keep the map: activations, arithmetic of one or several blobs, losses."""

from __future__ import annotations

from typing import Any

from vggcalc.errors import FieldError
from vggcalc.frameworks.caffe.blobs import CHANNELS, Blob
from vggcalc.frameworks.caffe.step import Step, decimal, number, real
from vggcalc.frameworks.caffe.table import op


def _plain(kind: str, *types: str, **fields: Any) -> None:
    """A type without anything to read."""
    op(*types or (kind,))(lambda step: step.add(kind, **fields))


_plain("sigmoid", "sigmoid", "logistic", "sigmoidcrossentropyloss")
_plain("tanh")
_plain("abs", "absval", "abs")
_plain("relu6")
_plain("softplus", "bnll", "softplus")
_plain("mish")
_plain("silu", "swish", "silu")
_plain("hardswish", "hardswish", "hswish")
_plain("hardsigmoid", "hardsigmoid", "hsigmoid")
_plain("selu")
_plain("gelu")
_plain("sqrt")
_plain("identity", "identity", "noop", "quantization")


@op("relu", "fastrelu", "reluristretto")
def _relu(step: Step) -> Blob:
    slope = real(step.param("relu_param"), "negative_slope", 0)
    return step.add("leakyrelu", negative_slope=slope) if slope else step.add("relu")


@op("leakyrelu")
def _leaky(step: Step) -> Blob:
    return step.add("leakyrelu", negative_slope=real(step.param("relu_param"), "negative_slope", 0.01))


@op("elu")
def _elu(step: Step) -> Blob:
    return step.add("elu", alpha=real(step.param("elu_param"), "alpha", 1))


@op("clip")
def _clip(step: Step) -> Blob:
    said = step.param("clip_param")
    low, high = real(said, "min", 0), real(said, "max", 0)
    return step.add("hardtanh", min_val=low, max_val=high) if low < high else step.add("power")


@op("threshold")
def _threshold(step: Step) -> Blob:
    return step.add("threshold", threshold=real(step.param("threshold_param"), "threshold", 0), value=0.0)


@op("crelu")
def _concatenated_relu(step: Step) -> Blob:
    """Forks' concatenated ReLU: what is above 0, and what is below."""
    negative = step.add("power", factor=-1.0, suffix=".negative")
    both = step.add("concat", step.bottom, negative, suffix=".concat")
    return step.add("relu", both)


@op("dropout", "spatialdropout", "dropblock")
def _dropout(step: Step) -> Blob:
    return step.add("dropout", p=real(step.param("dropout_param"), "dropout_ratio", 0.5), inplace=True)


@op("power")
def _power(step: Step) -> Blob:
    said = step.param("power_param")
    return step.add(
        "power", factor=real(said, "scale", 1), offset=real(said, "shift", 0), exponent=real(said, "power", 1)
    )


@op("exp")
def _exp(step: Step) -> Blob:
    """base^(shift + scale x), as one exponential; what scales it first is a layer of its own."""
    return _scaled(step, "exp", "exp_param")


@op("log")
def _log(step: Step) -> Blob:
    return _scaled(step, "log", "log_param")


def _scaled(step: Step, kind: str, param: str) -> Blob:
    said = step.message.message(param)
    factor, offset = real(said, "scale", 1), real(said, "shift", 0)
    if (factor, offset) == (1, 0):
        return step.add(kind)
    return step.add(kind, step.add("power", factor=factor, offset=offset, suffix=".scaled"))


@op("softmax", "softmaxloss", "softmaxwithloss", "softmaxwithfocalloss", "multisoftmax", "softmaxcudnn")
def _softmax(step: Step) -> Blob:
    """A loss ends a network for training; its softmax is what the network says."""
    said = step.param("softmax_param")
    letter = step.bottom.letter(number(said, "axis", default=1))
    if letter in (CHANNELS, "", "-"):
        return step.add("softmax")
    return step.add("softmax", over="last" if letter == str(step.axes - 1) else "positions")


_OPERATIONS = {
    "": "add",
    "sum": "add",
    "1": "add",
    "prod": "multiply",
    "0": "multiply",
    "max": "maximum",
    "2": "maximum",
}


@op("eltwise", "elementwise")
def _eltwise(step: Step) -> Blob:
    """Value by value. Coefficients scale the terms of a sum first; of two, 1 and -1 make a difference."""
    said = step.param("eltwise_param")
    operation = said.text("operation").lower()
    kind = _OPERATIONS.get(operation)
    if kind is None:
        return step.unknown()
    if len(step.bottoms) < 2:
        return step.add("identity")
    factors = [decimal(text) for text in said.texts("coeff")]
    if factors and len(factors) != len(step.bottoms):
        wrong = f"{len(factors)} coefficients for {len(step.bottoms)} bottoms"
        raise FieldError("", wrong, "give one for each", code="shape-misfit")
    if kind != "add" or set(factors) <= {1}:
        return step.add(kind, *step.bottoms)
    if factors == [1, -1]:
        return step.add("subtract", *step.bottoms)
    terms = [
        blob if factor == 1 else step.add("power", blob, factor=factor, suffix=f".{place}")
        for place, (blob, factor) in enumerate(zip(step.bottoms, factors, strict=True))
    ]
    return step.add(kind, *terms)


@op("axpy")
def _axpy(step: Step) -> Blob:
    """Squeeze-and-excitation's fork: the first scales the second, and the third is added."""
    if len(step.bottoms) != 3:
        raise FieldError("", f"it reads {len(step.bottoms)} bottoms", "give it three", code="no-inputs")
    scaled = step.add("multiply", step.bottoms[1], step.bottoms[0], suffix=".mul", layout=step.bottoms[1].layout)
    return step.add("add", scaled, step.bottoms[2])


@op("broadcastmul", "channelwisemultiply", "multiply")
def _broadcast(step: Step) -> Blob:
    return step.add("multiply", *step.bottoms)


@op("channelscale", "scaleby")
def _channel_scale(step: Step) -> Blob:
    return step.add("multiply", *step.bottoms[:2]) if len(step.bottoms) > 1 else step.unknown()


def is_loss(name: str) -> bool:
    """Whether a type looks at a network's outputs in training or testing, and is no part of it."""
    return name in _SILENT or (name.endswith(("loss", "accuracy")) and not name.startswith(("softmax", "sigmoid")))


_WORDS = (
    "silence hdf5output imageoutput detectionevaluate precisionrecall segaccuracy boxannotatorohem evaldetection"
    " accuracytopn auc confusionmatrix showimage"
)
_SILENT = frozenset(_WORDS.split())
"""What looks at a network's outputs and is no part of it."""
