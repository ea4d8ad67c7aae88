"""Operations of ONNX that make each value from others in its place, and reductions."""

from __future__ import annotations

from functools import reduce
from typing import Any

from vggcalc.frameworks.onnx.call import Call, Op, op
from vggcalc.frameworks.program import Held, UnknownOperationError
from vggcalc.frameworks.views import View


def _function(name: str, **attributes: float) -> Op:
    """A function of a value in PyTorch; attributes: what it reads of the node, in order, and what is usual."""

    def function(call: Call) -> Any:
        return call.torch(name, call.tensor(), *(call.real(key, value) for key, value in attributes.items()))

    return function


for _onnx, _torch in {
    "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "HardSwish": "hardswish", "HardSigmoid": "hardsigmoid",
    "Softsign": "softsign", "Softplus": "softplus", "Mish": "mish", "Selu": "selu", "Exp": "exp", "Log": "log",
    "Sqrt": "sqrt", "Sin": "sin", "Erf": "erf", "Abs": "abs", "Neg": "neg", "Reciprocal": "reciprocal", "Gelu": "gelu",
    "Cos": "neg", "Floor": "neg", "Ceil": "neg", "Round": "neg", "Sign": "neg",
}.items():  # fmt: skip
    op(_onnx)(_function(_torch))

op("LeakyRelu")(_function("leaky_relu", alpha=0.01))
op("Elu")(_function("elu", alpha=1.0))
op("Celu")(_function("celu", alpha=1.0))


@op("Swish")
def _swish(call: Call) -> Any:
    return call.torch("silu", call.tensor())


@op("Clip")
def _clip(call: Call) -> Any:
    low, high = (_limit(call, name, place) for name, place in (("min", 1), ("max", 2)))
    if (low, high) == (0, 6):
        return call.torch("relu6", call.tensor())
    if low == 0 and high is None:
        return call.torch("relu", call.tensor())
    return call.torch("clamp", call.tensor(), low, high)


def _limit(call: Call, name: str, place: int) -> float | None:
    found = call.node.attributes.get(name)
    if found is None and (given := call.constants(place)):
        found = given[0]
    return None if found is None or abs(found) > 3e38 else float(found)  # a limit of all floats is none


@op("PRelu")
def _prelu(call: Call) -> Any:
    return call.torch("prelu", call.view(), call.held(1))


@op("ThresholdedRelu")
def _threshold(call: Call) -> Any:
    return call.torch("threshold", call.view(), call.real("alpha", 1.0), 0.0)


@op("Softmax", "LogSoftmax")
def _softmax(call: Call) -> Any:
    """Before version 13 it is over all dimensions from one on."""
    x = call.tensor()
    dim = call.number("axis", -1 if call.opset >= 13 else 1) % len(x.sizes)
    if call.opset < 13 and any(n != 1 for n in x.sizes[dim + 1 :]):
        raise UnknownOperationError("over several dimensions")
    return x if isinstance(x, Held) else call.torch("softmax", x, dim)


@op("LpNormalization")
def _normalize(call: Call) -> Any:
    return call.torch("normalize", call.tensor(), 2.0, call.number("axis", -1))


def _of_many(name: str) -> Op:
    """An operation of two in PyTorch, of as many as there are here."""

    def of_many(call: Call) -> Any:
        return reduce(lambda one, other: call.torch(name, one, other), call.operands)

    return of_many


for _onnx, _torch in {
    "Add": "add", "Sum": "add", "Sub": "sub", "Mul": "mul", "Div": "div", "Max": "maximum", "Min": "minimum",
}.items():  # fmt: skip
    op(_onnx)(_of_many(_torch))


@op("Pow")
def _pow(call: Call) -> Any:
    return call.torch("pow", *call.operands)


@op("Dropout")
def _dropout(call: Call) -> Any:
    """In training it is one; a file for use has none that does anything."""
    rate = call.constants(1)
    return call.torch("dropout", call.tensor(), float(rate[0]) if rate else call.real("ratio", 0.5))


def _reduction(name: str) -> Op:
    def reduction(call: Call) -> Any:
        x = call.tensor()
        dims = call.numbers("axes", 1)
        if not dims and call.number("noop_with_empty_axes"):
            return x
        rank = len(x.sizes)
        dims = [each % rank for each in dims or range(rank)]
        keeps = bool(call.number("keepdims", 1))
        if name == "norm":
            return call.torch(name, x, 2, dims, keeps) if isinstance(x, Held) else call.program.reduced(
                call.view(), dims, "l2", keeps
            )  # fmt: skip
        return call.torch(name, x, dims, keeps)

    return reduction


for _onnx, _torch in {
    "ReduceMean": "mean", "ReduceSum": "sum", "ReduceMax": "amax", "ReduceMin": "amin", "ReduceProd": "prod",
    "ReduceL2": "norm",
}.items():  # fmt: skip
    op(_onnx)(_reduction(_torch))


@op("QuantizeLinear", "DequantizeLinear")
def _quantised(call: Call) -> Any:
    """The same values with other bits: no layer."""
    return call.tensor()


@op("DynamicQuantizeLinear")
def _quantised_here(call: Call) -> Any:
    return [call.view(), Held(()), Held(())]


def passed(call: Call) -> View:
    """The map that an operation reads, which another one took on already."""
    return next(call.view(place) for place in range(len(call)) if isinstance(call.value(place), View))
