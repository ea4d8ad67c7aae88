"""Normalisations, and what changes values by fixed numbers or in training alone."""

from __future__ import annotations

from typing import Any

from vggcalc.frameworks.keras.merges import merged
from vggcalc.frameworks.keras.step import Step, Unknown, Value
from vggcalc.frameworks.keras.table import layer


def _on_axis(step: Step) -> Value:
    """The tensor as a map whose channels are the one axis that is named."""
    places = step.axes("axis", step.value, [-1])
    if len(places) != 1:
        raise Unknown
    return step.arranged(step.value, places[0])


def _trained(step: Step, value: Value, kind: str, scale: bool, center: bool, **fields: Any) -> Value:
    """A normalisation without trained values, and behind it those that there are."""
    value = step.same(kind, value, **fields)
    if scale:
        return step.same("scale", value, "gamma", bias=center)
    return step.same("shift", value, "beta") if center else value


@layer("BatchNormalization", holds=True)
def _batch_norm(step: Step) -> Value:
    """Mean and variance of each channel are kept, and no count of batches; `scale` and `center` may be left out."""
    value = _on_axis(step)
    scale, center = step.flag("scale", True), step.flag("center", True)
    fields: dict[str, Any] = {"counts_batches": False, "eps": step.real("epsilon", 1e-3)}
    if scale and not center:
        return _trained(step, value, "batchnorm", scale, center, affine=False, **fields)
    return step.same("batchnorm", value, affine=scale or center, scale=scale, **fields)


@layer("LayerNormalization", holds=True)
def _layer_norm(step: Step) -> Value:
    value = step.value
    places = step.axes("axis", value, [-1])
    over = "channels" if len(places) == 1 else "all"
    if over == "channels":
        value = step.arranged(value, places[0])
    elif places != list(range(value.rank)) or step.lead:
        raise Unknown
    scale, center, eps = step.flag("scale", True), step.flag("center", True), step.real("epsilon", 1e-3)
    if step.flag("rms_scaling", False):
        return step.same("rmsnorm", value, eps=eps)
    if center and not scale:
        return _trained(step, value, "layernorm", scale, center, elementwise_affine=False, eps=eps)
    return step.same(
        "layernorm", value, normalized_shape=over, elementwise_affine=scale, bias=scale and center, eps=eps
    )


@layer("RMSNormalization", holds=True)
def _rms_norm(step: Step) -> Value:
    return step.same("rmsnorm", _on_axis(step), eps=step.real("epsilon", 1e-6))


@layer("GroupNormalization", "Addons>GroupNormalization", "Addons>InstanceNormalization", holds=True)
def _group_norm(step: Step) -> Value:
    value = _on_axis(step)
    groups = -1 if step.unit.type.endswith("InstanceNormalization") else step.number("groups", 32)
    if groups == -1:
        groups = value.sizes[value.channels] if value.sizes and value.channels is not None else 1
    scale, center, eps = step.flag("scale", True), step.flag("center", True), step.real("epsilon", 1e-3)
    if scale != center:
        return _trained(step, value, "groupnorm", scale, center, num_groups=groups, affine=False, eps=eps)
    return step.same("groupnorm", value, num_groups=groups, affine=scale, eps=eps)


@layer("UnitNormalization")
def _unit_norm(step: Step) -> Value:
    return by_length(step, _on_axis(step))


def by_length(step: Step, value: Value) -> Value:
    """Each position divided by the length of its channels."""
    length = step.add("reduce", value, suffix="length", op="l2")
    return value._replace(tensor=step.add("divide", value, length))


@layer("Normalization", holds=True)
def _normalization(step: Step) -> Value:
    """What `adapt` has seen: mean, variance and a count; where both are given, fixed numbers."""
    if step.config.get("mean") is not None:
        return step.same("power")
    if not step.config.get("axis", -1):  # one mean for all
        raise Unknown
    return step.same("batchnorm", _on_axis(step), affine=False)


@layer("Rescaling")
def _rescaling(step: Step) -> Value:
    """A factor and an offset; of several, one for each channel, which are fixed as well."""
    said = {"factor": step.config.get("scale"), "offset": step.config.get("offset")}
    fields: dict[str, Any] = {key: value for key, value in said.items() if isinstance(value, int | float)}
    return step.same("power", **fields)


@layer("LayerScale", holds=True)
def _layer_scale(step: Step) -> Value:
    """ConvNeXt's own class in keras.applications."""
    return step.same("scale", step.arranged(step.value, step.value.rank - 1))


@layer("CustomScaleLayer")
def _scaled_sum(step: Step) -> Value:
    """InceptionResNetV2's own class: a shortcut and a path times a fixed number."""
    shortcut, path = step.values[:2]
    path = step.same("power", path, "scale", factor=step.real("scale", 1.0))
    return merged(step, "add", (shortcut, path))


@layer("Dropout", "SpatialDropout{}D", "GaussianDropout", "AlphaDropout")
def _dropout(step: Step) -> Value:
    return step.same("dropout", p=step.real("rate", 0.5))


@layer("StochasticDepth", "Addons>StochasticDepth")
def _stochastic_depth(step: Step) -> Value:
    """ConvNeXt's own class; that of TensorFlow Addons adds a shortcut and its path."""
    if len(step.values) > 1:
        shortcut, path = step.values[:2]
        path = step.same("stochasticdepth", path, "depth")
        return shortcut._replace(tensor=step.add("add", shortcut, path))
    return step.same("stochasticdepth", p=step.real("drop_path_rate", 0.5))


@layer(
    "GaussianNoise", "ActivityRegularization", "Masking", "RandomFlip", "RandomRotation", "RandomZoom",
    "RandomContrast", "RandomBrightness", "RandomTranslation", "RandomHeight", "RandomWidth", "RandomShear",
    "RandomHue", "RandomSaturation", "RandomColorJitter", "RandomGrayscale", "RandomErasing", "RandomSharpness",
    "RandomInvert", "RandomPosterization", "RandomColorDegeneration", "RandomGaussianBlur", "RandomPerspective",
    "RandomElasticTransform", "Identity",
)  # fmt: skip
def _idle(step: Step) -> Value:
    """They do nothing when the network is used, or change no value."""
    return step.same("identity")
