"""The table of Darknet's sections: each has a function that puts in what it is here.

Source: pjreddie/darknet and AlexeyAB/darknet, src/parser.c and the layers' own files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vggcalc.errors import FieldError, ShapeError
from vggcalc.frameworks.assembly import Tensor
from vggcalc.frameworks.darknet.step import Step
from vggcalc.shape import NOT_KNOWN

Op = Callable[[Step], Tensor]

SECTIONS: dict[str, Op] = {}
"""How a section is read; a function gives what the layer writes."""


def section(*names: str) -> Callable[[Op], Op]:
    """Enter a function for sections of these names."""

    def enter(function: Op) -> Op:
        SECTIONS.update(dict.fromkeys(names, function))
        return function

    return enter


def _filters(step: Step, filters: int, bias: bool) -> dict[str, Any]:
    """`pad` is half the kernel, rounded down; `padding` says it in numbers. A kernel of 1 is never dilated."""
    said = step.section
    size = said.number("size", 1)
    dilation = 1 if size == 1 else said.number("dilation", 1)
    pad = size // 2 if said.flag("pad") else said.number("padding", 0)
    stride = said.number("stride", 1)
    strides = said.number("stride_y", stride), said.number("stride_x", stride)
    return {
        "kernel_size": size,
        "out_channels": filters,
        "stride": strides if strides[0] != strides[1] else strides[0],
        "padding": pad * dilation,
        "dilation": dilation,
        "groups": said.number("groups", 1),
        "bias": bias,
    }


@section("convolutional", "conv")
def _convolutional(step: Step) -> Tensor:
    """With `antialiasing` it strides by a blur behind it."""
    said = step.section
    shared = step.layers("share_index")[0] if "share_index" in said.options else None
    place = None if shared is None else step.trained.get(("conv", shared))

    def make(bias: bool) -> Tensor:
        fields = _filters(step, said.number("filters", 1), bias)
        if said.flag("antialiasing"):
            fields["stride"] = 1
        found = step.add("conv", shares=place, **fields)
        step.trained["conv", step.number] = found.place if place is None else place
        return found

    made = step.weighted(make, shares=shared)
    return _blurred(step, made) if said.flag("antialiasing") else made


def _blurred(step: Step, tensor: Tensor) -> Tensor:
    """AlexeyAB's antialiasing: a fixed binomial of 3x3, or 2x2, with the stride that the layer then has not."""
    size = 2 if step.section.number("antialiasing", 1) == 2 else 3
    stride = step.section.number("stride", 1)
    return step.add("blurpool", tensor, suffix=".blur", kernel_size=size, stride=stride, padding=size // 2)


@section("deconvolutional", "deconv")
def _deconvolutional(step: Step) -> Tensor:
    filters = step.section.number("filters", 1)
    return step.weighted(lambda bias: step.add("convtranspose", **_filters(step, filters, bias)))


@section("local")
def _local(step: Step) -> Tensor:
    """Weights of its own at each position; `pad` is here the number of pixels."""
    fields = _filters(step, step.section.number("filters", 1), True)
    fields["padding"] = step.section.number("size", 1) // 2 if step.section.flag("pad") else 0
    del fields["groups"], fields["dilation"]
    return step.activated(step.add("local", **fields), "logistic")


@section("connected", "conn")
def _connected(step: Step) -> Tensor:
    outputs = step.section.number("output", 1)
    return step.weighted(lambda bias: step.add("fc", out_features=outputs, bias=bias))


@section("maxpool", "max")
def _maxpool(step: Step) -> Tensor:
    """Padded by size - 1 in all unless it says otherwise, the smaller half before; `maxpool_depth` is over channels."""
    said = step.section
    if said.flag("maxpool_depth"):
        return step.add("reduce", op="max", out_channels=said.number("out_channels", 1))
    fields = _pool(step)
    if not said.flag("antialiasing"):
        return step.add("maxpool", **fields)
    return _blurred(step, step.add("maxpool", **fields | {"stride": 1}))


@section("local_avgpool")
def _local_average(step: Step) -> Tensor:
    return step.add("avgpool", **_pool(step))


def _pool(step: Step) -> dict[str, Any]:
    said = step.section
    stride = said.number("stride", 1)
    size = said.number("size", stride)
    padding = said.number("padding", size - 1)
    strides = said.number("stride_y", stride), said.number("stride_x", stride)
    sides = (padding // 2, padding - padding // 2)
    return {
        "kernel_size": size,
        "stride": strides if strides[0] != strides[1] else strides[0],
        "padding": (sides,) * len(step.shape.spatial) if sides[0] != sides[1] else sides[0],
    }


@section("avgpool", "avg")
def _average(step: Step) -> Tensor:
    return step.add("globalavgpool")


@section("softmax", "soft")
def _softmax(step: Step) -> Tensor:
    """Over all values, or groups of them; of a map with `spatial`, over the channels of each position."""
    groups = step.section.number("groups", 1)
    if step.section.flag("spatial") or step.shape.elements == step.shape.channels or step.above.shape is None:
        return step.add("softmax", groups=groups)
    return step.add("softmax", step.add("flatten", suffix=".flatten"), groups=groups)


@section("dropout")
def _dropout(step: Step) -> Tensor:
    return step.add("dropout")


@section("batchnorm")
def _batch_norm(step: Step) -> Tensor:
    return step.add("batchnorm", counts_batches=False)


@section("normalization", "lrn")
def _normalization(step: Step) -> Tensor:
    return step.add("lrn", size=step.section.number("size", 5))


@section("l2norm")
def _length(step: Step) -> Tensor:
    return step.add("rmsnorm", elementwise_affine=False)


@section("activation")
def _activation(step: Step) -> Tensor:
    made = step.activated(step.above, "linear")
    return step.add("identity") if made is step.above else made


@section("crop")
def _crop(step: Step) -> Tensor:
    """A part of the image; it is the whole one where it says nothing smaller."""
    said = step.section
    return step.add("crop", size=(said.number("crop_height", 1), said.number("crop_width", 1)))


@section("route")
def _route(step: Step) -> Tensor:
    """Channels one after the other; with `groups` the part `group_id` of each."""
    said = step.section
    tensors = [step.made[place] for place in step.layers("layers")]
    groups, part = said.number("groups", 1), said.number("group_id", 0)
    if groups != 1:
        tensors = [
            _group(step, tensor, groups, part, f".{place}" if len(tensors) > 1 else "")
            for place, tensor in enumerate(tensors)
        ]
        if len(tensors) == 1:
            return tensors[0]
    return step.add("concat" if len(tensors) > 1 else "identity", *tensors)


def _group(step: Step, tensor: Tensor, groups: int, part: int, suffix: str) -> Tensor:
    shape = tensor.shape or NOT_KNOWN
    if not 0 <= part < groups:
        raise FieldError("", f"it has no group {part}", f"there are 0 to {groups - 1}", code="bad-field")
    size = shape.channels // groups
    return step.add("slice", tensor, suffix=suffix, start=part * size, stop=(part + 1) * size or 1)


@section("shortcut")
def _shortcut(step: Step) -> Tensor:
    """A sum as large as the layer above; of another map what fits is added: fewer channels, and every nth pixel.

    AlexeyAB's `weights_type` has a trained factor for each input, `per_feature`, or each of its channels.
    """
    said = step.section
    terms = [step.above]
    for place, layer in enumerate(step.layers("from")):
        suffix = f".{place}" if place else ""
        terms.append(_fitted(step, step.made[layer], f"{suffix}.from"))
    over = {"per_feature": "one", "per_layer": "one", "per_channel": "channels"}.get(said.text("weights_type"))
    if over:
        terms = [
            step.add("scale", term, over=over, suffix=f".weight{place}") if _is_known(term) else term
            for place, term in enumerate(terms)
        ]
    return step.activated(step.add("add", *terms), "linear")


def _is_known(tensor: Tensor) -> bool:
    return tensor.shape is not None and tensor.shape.is_known


def _fitted(step: Step, tensor: Tensor, suffix: str) -> Tensor:
    wanted, shape = step.shape, tensor.shape
    if shape is None or not shape.is_known or not wanted.is_known or shape == wanted:
        return tensor
    if shape.spatial != wanted.spatial:
        steps = tuple(n // max(1, m) for n, m in zip(shape.spatial, wanted.spatial, strict=False))
        if len(set(steps)) != 1 or min(steps) < 1:
            raise ShapeError(
                f"{shape} cannot be added to {wanted}",
                "give it a map as large, or so many times larger",
                code="shape-misfit",
            )
        tensor = step.add("crop", tensor, size=wanted.spatial, offset=0, step=steps[0], suffix=f"{suffix}.step")
    if shape.channels > wanted.channels:
        return step.add("slice", tensor, stop=wanted.channels, suffix=suffix)
    if shape.channels < wanted.channels:
        return step.add("padchannels", tensor, out_channels=wanted.channels, suffix=suffix)
    return tensor


@section("sam", "scale_channels")
def _product(step: Step) -> Tensor:
    """The layer that is named times the one above: value by value, channel by channel, or position by position."""
    source = step.made[step.layers("from")[0]]
    return step.activated(step.add("multiply", source, step.above), "linear")


@section("reorg", "reorg3d", "reorg_old")
def _reorg(step: Step) -> Tensor:
    """Pixels as channels, or with `reverse` channels as pixels."""
    kind = "depthtospace" if step.section.flag("reverse") else "spacetodepth"
    return step.add(kind, block_size=step.section.number("stride", 1))


@section("upsample")
def _upsample(step: Step) -> Tensor:
    """With a stride below 0 a smaller map instead."""
    stride = step.section.number("stride", 2)
    if stride > 0:
        return step.add("upsample", scale_factor=stride)
    return step.add("avgpool", kernel_size=-stride, stride=-stride)


@section(
    *("yolo", "region", "detection", "gaussian_yolo", "iseg", "logxent", "cost", "contrastive", "history"),
    *("silence", "empty"),
)
def _same(step: Step) -> Tensor:
    """What reads boxes out of a map, or compares it with the truth: no weights, and nothing that is counted."""
    return step.add("identity")
