"""Activations: by name in a field of another layer, as layers of their own, and as functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from vggcalc.errors import FieldError
from vggcalc.frameworks.keras.located import Object
from vggcalc.frameworks.keras.step import Step, Unknown, Value
from vggcalc.frameworks.keras.table import OPERATIONS, layer

_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "linear": ("identity", {}),
    "relu": ("relu", {}),
    "relu6": ("relu6", {}),
    "leakyrelu": ("leakyrelu", {"negative_slope": 0.2}),
    "sigmoid": ("sigmoid", {}),
    "hardsigmoid": ("hardsigmoid", {}),
    "tanh": ("tanh", {}),
    "softmax": ("softmax", {}),
    "logsoftmax": ("softmax", {}),
    "softplus": ("softplus", {}),
    "softsign": ("softsign", {}),
    "elu": ("elu", {}),
    "selu": ("selu", {}),
    "celu": ("celu", {}),
    "gelu": ("gelu", {}),
    "silu": ("silu", {}),
    "swish": ("silu", {}),
    "hardsilu": ("hardswish", {}),
    "hardswish": ("hardswish", {}),
    "mish": ("mish", {}),
    "exponential": ("exp", {}),
    "exp": ("exp", {}),
    "log": ("log", {}),
    "sqrt": ("sqrt", {}),
    "sin": ("sin", {}),
    "erf": ("erf", {}),
    "abs": ("abs", {}),
    "absolute": ("abs", {}),
    "logsigmoid": ("logsigmoid", {}),
    "hardtanh": ("hardtanh", {}),
    "hardshrink": ("hardshrink", {}),
    "softshrink": ("softshrink", {}),
    "tanhshrink": ("tanhshrink", {}),
    "threshold": ("threshold", {}),
}
"""Functions by their names in small letters without underscores."""


def activated(step: Step, value: Value, said: Any, suffix: bool = True) -> Value:
    """What an activation makes of a value; a function of somebody's own is of unknown work and keeps the shape."""
    if said is None or said == "linear":
        return step.same("identity", value) if not suffix else value
    word = _word(said)
    if isinstance(said, Object) and not isinstance(said.get("class_name", ""), str):
        hint = "a class has a name, as in {'class_name': 'ReLU', 'config': {}}"
        raise FieldError("activation", f"an activation's class is {said['class_name']!r:.40}", hint, code="bad-field")
    if isinstance(said, Object) and said.get("class_name") in _AS_LAYERS and isinstance(said.get("config"), Object):
        inner = step.unit._replace(type=said["class_name"], config=said["config"])
        wrapped = step.inside(inner)
        if suffix:
            wrapped.path = f"{step.path}.{word}"
        wrapped.args, wrapped.kwargs = (value,), {}
        return _AS_LAYERS[said["class_name"]](wrapped)
    ending = word if suffix else ""
    found = _KINDS.get(word.lower().replace("_", ""))
    if found is None:
        shape = value.tensor.shape
        return step.same("unknown", value, ending, op=word[:100] or "?", output_shape=shape and shape.hwc, held=0)
    kind, fields = found
    if kind == "softmax":
        places = [step.axis(-1, value)] if suffix else step.axes("axis", value, [-1])
        return _softmax(step, value, places, ending)
    return step.same(kind, value, ending, **fields)


def _word(said: Any) -> str:
    """The name of an activation: as a word, or in the configuration of a function or layer."""
    if isinstance(said, Object):
        inner = said.get("config")
        named = inner if isinstance(inner, str) else said.get("registered_name") or said.get("class_name")
        said = named
    return str(said).rpartition(">")[2].rpartition(".")[2][:100]


def _softmax(step: Step, value: Value, places: Sequence[int], suffix: str = "") -> Value:
    if value.positions and places == [value.positions[-1]]:
        return step.same("softmax", value, suffix, over="last")
    if len(places) == 1:
        value = step.arranged(value, places[0])
        return step.same("softmax", value, suffix)
    if tuple(places) == value.positions:
        return step.same("softmax", value, suffix, over="positions")
    raise Unknown


@layer("Activation")
def _activation(step: Step) -> Value:
    return activated(step, step.value, step.config.get("activation"), suffix=False)


@layer("ReLU")
def _relu(step: Step) -> Value:
    slope, most = step.real("negative_slope"), step.real("max_value", -1)
    if slope:
        return step.same("leakyrelu", negative_slope=slope)
    if most == 6:
        return step.same("relu6")
    return step.same("relu") if most < 0 else step.same("hardtanh", min_val=0.0, max_val=most)


@layer("LeakyReLU")
def _leaky_relu(step: Step) -> Value:
    return step.same("leakyrelu", negative_slope=step.real("negative_slope", step.real("alpha", 0.3)))


@layer("PReLU", holds=True)
def _prelu(step: Step) -> Value:
    """A slope for each value, unless axes share them."""
    value = step.value
    places = step.axes("shared_axes", value)
    if places == list(range(value.rank)):
        return step.same("prelu", num_parameters="one")
    if places and len(places) == value.rank - 1:
        (own,) = set(range(value.rank)) - set(places)
        return step.same("prelu", step.arranged(value, own), num_parameters="channels")
    if not places:
        return step.same("prelu", num_parameters="map")
    shape = value.tensor.shape
    held = prod(size for place, size in enumerate(value.sizes or ()) if place not in places)
    return step.same("unknown", op="PReLU", output_shape=shape and shape.hwc, held=held)


@layer("ELU")
def _elu(step: Step) -> Value:
    return step.same("elu", alpha=step.real("alpha", 1.0))


@layer("ThresholdedReLU")
def _threshold(step: Step) -> Value:
    return step.same("threshold", threshold=step.real("theta", 1.0))


@layer("Softmax")
def _softmax_layer(step: Step) -> Value:
    return _softmax(step, step.value, step.axes("axis", step.value, [-1]))


_AS_LAYERS: dict[str, Callable[[Step], Value]] = {
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "PReLU": _prelu,
    "ELU": _elu,
    "Softmax": _softmax_layer,
}
"""Layers that may stand in the field of another one."""


OPERATIONS |= {
    word: lambda step, word=word: activated(step, step.value, word, suffix=False)  # type: ignore[misc]
    for word in _KINDS
}
