"""Functions of values of PyTorch: activations, dropout, softmax and the like."""

from __future__ import annotations

from math import prod
from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch.call import OPS, Op, a_view, op, trained_by
from vggcalc.frameworks.views import View, leaves, size


def _activation(kind: str, *arguments: str) -> Op:
    """A function whose further arguments are fields of these names, in order; an empty name is none."""

    def activation(program: Program, x: Any, /, *values: Any, **named: Any) -> View | Held:
        if isinstance(x, Held):
            return x
        given = dict(zip(arguments, values, strict=False)) | named
        fields = {name: value for name, value in given.items() if name in arguments and name and value is not None}
        return program.valuewise(kind, x, **fields)

    return activation


OPS |= {
    "relu": _activation("relu", "inplace"),
    "relu_": _activation("relu"),
    "relu6": _activation("relu6", "inplace"),
    "leaky_relu": _activation("leakyrelu", "negative_slope", "inplace"),
    "leaky_relu_": _activation("leakyrelu", "negative_slope"),
    "elu": _activation("elu", "alpha"),
    "selu": _activation("selu", "inplace"),
    "celu": _activation("celu", "alpha", "inplace"),
    "sigmoid": _activation("sigmoid"),
    "sigmoid_": _activation("sigmoid"),
    "hardsigmoid": _activation("hardsigmoid", "inplace"),
    "hardswish": _activation("hardswish", "inplace"),
    "hardswish_": _activation("hardswish"),
    "silu": _activation("silu", "inplace"),
    "silu_": _activation("silu"),
    "gelu": _activation("gelu"),
    "mish": _activation("mish", "inplace"),
    "tanh": _activation("tanh"),
    "tanh_": _activation("tanh"),
    "softplus": _activation("softplus", "beta"),
    "softsign": _activation("softsign"),
    "threshold": _activation("threshold", "threshold", "value"),
    "logsigmoid": _activation("logsigmoid"),
    "exp": _activation("exp"),
    "log": _activation("log"),
    "sqrt": _activation("sqrt"),
    "sin": _activation("sin"),
    "erf": _activation("erf"),
    "abs": _activation("abs"),
    "dropout": _activation("dropout", "p"),
    "dropout_": _activation("dropout", "p"),
    "dropout1d": _activation("dropout", "p"),
    "dropout2d": _activation("dropout", "p"),
    "dropout3d": _activation("dropout", "p"),
    "feature_dropout": _activation("dropout", "p"),
    "stochastic_depth": _activation("stochasticdepth", "p"),
}


@op("hardtanh", "hardtanh_")
def _hardtanh(
    p: Program, x: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> View | Held:  # fmt: skip
    """From 0 to 6 it is what the module ReLU6 calls."""
    if isinstance(x, Held):
        return x
    if (min_val, max_val) == (0, 6):
        return p.valuewise("relu6", x, inplace=inplace)
    return p.valuewise("hardtanh", x, min_val=min_val, max_val=max_val, inplace=inplace)


@op("clamp", "clamp_", "clip", "clip_")
def _clamp(p: Program, x: Any, min: Any = None, max: Any = None) -> View | Held:  # noqa: A002  PyTorch's names
    if isinstance(x, Held):
        return x
    if isinstance(min, Held) or isinstance(max, Held):
        if trained_by(min, max):
            raise UnknownOperationError("limits that are trained")
        return p.valuewise("hardtanh", x)
    fields = {"min_val": min, "max_val": max}
    given: dict[str, Any] = {key: float(value) for key, value in fields.items() if value is not None}
    return p.valuewise("hardtanh", x, **given)


@op("clamp_min", "clamp_min_")
def _clamp_min(p: Program, x: Any, min: Any) -> View | Held:  # noqa: A002  PyTorch's name
    return _clamp(p, x, min)


@op("clamp_max", "clamp_max_")
def _clamp_max(p: Program, x: Any, max: Any) -> View | Held:  # noqa: A002  PyTorch's name
    return _clamp(p, x, None, max)


@op("prelu")
def _prelu(p: Program, x: Any, weight: Held) -> View:
    return p.valuewise(
        "prelu", a_view(x), trained_by(weight), num_parameters="one" if prod(weight.sizes) == 1 else "channels"
    )


@op("glu")
def _glu(p: Program, x: Any, dim: int = -1) -> View:
    return p.channelwise("glu", a_view(x), dim)


def _over(x: View, dim: int) -> dict[str, Any]:
    """Which values of a map stand along a dimension: its channels, a part of them in groups, or positions."""
    group = leaves(x.dims[dim])
    _, channels, *axes = x.map.parts()
    if group == channels:
        return {}
    if group and channels[len(channels) - len(group) :] == group:
        return {"groups": size(channels) // size(group)}
    if group and channels[: len(group)] == group:
        return {"groups": size(channels) // size(group), "interleaved": True}
    if set(group) == {leaf for axis in axes for leaf in axis}:
        return {"over": "positions"}
    if axes and group == axes[-1]:
        return {"over": "last"}
    raise UnknownOperationError("over neither channels nor positions")


@op("softmax", "_softmax", "log_softmax", "special_softmax")
def _softmax(p: Program, x: Any, dim: int | None = None, *rest: Any, **named: Any) -> View:
    dim = -1 if dim is None else dim
    try:
        return p.valuewise("softmax", a_view(x), **_over(x, dim))
    except UnknownOperationError:
        return p.channelwise("softmax", x, dim)


@op("normalize")
def _normalize(program: Program, x: Any, p: Any = 2.0, dim: int = 1, *rest: Any, **named: Any) -> View | Held:
    return x if isinstance(x, Held) else program.valuewise("normalize", a_view(x), **_over(x, dim))
