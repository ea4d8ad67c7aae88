"""Caffe's layers that summarise windows, whole maps and axes, and those that make maps larger again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from vggcalc.errors import FieldError, ShapeError
from vggcalc.frameworks.caffe.blobs import BATCH, CHANNELS, Blob, usual
from vggcalc.frameworks.caffe.prototxt import Message
from vggcalc.frameworks.caffe.step import Step, flag, is_known, number
from vggcalc.frameworks.caffe.table import op, unknown
from vggcalc.frameworks.caffe.weights import padding
from vggcalc.layers import REGISTRY
from vggcalc.layers.base import per_axis
from vggcalc.layers.windowed import side_numbers

_LEVELS = 10
"""A pyramid of more has more bins than a map has pixels."""


_POOLS = frozenset(["", "max", "0", "ave", "1", "avg"])


@op("pooling", "pool")
def _pooling(step: Step) -> Sequence[Blob]:
    """A second top is the mask of SegNet's fork, which says where the maxima were.

    Of a fork's minimum and of stochastic pooling the work is unknown, and the map as large as a maximum's.
    """
    said = step.param("pooling_param")
    word = said.text("pool").lower()
    kind = "avgpool" if word in ("ave", "1", "avg") else "maxpool"
    read = step.as_usual(step.bottom)
    if read is None:
        return unknown(step)
    if word not in _POOLS:
        fields = {} if flag(said, "global_pooling", default=False) else _window(step, said)
        like = REGISTRY[kind if fields else f"global{kind}"](**fields).output(read.shape)
        return [step.unknown(like.hwc, usual(step.axes), held=0)] * max(1, step.tops)
    if flag(said, "global_pooling", default=False):
        made = step.add(f"global{kind}", read, layout=usual(step.axes))
    else:
        fields = _window(step, said)
        made = step.add(kind, read, layout=usual(step.axes), **fields)
        if fields.pop("ceil_mode") and not made.is_broken:
            with suppress(ShapeError):
                down = REGISTRY[kind](**fields).output(read.shape)
                if down != made.shape:
                    step.roundings.append(f"{step.name} makes {made.shape}, and {down} where it rounds down")
    return [made] * max(1, step.tops)


def _window(step: Step, said: Message) -> dict[str, Any]:
    """Rounds up and clips its last window, unless a fork's `ceil_mode` or `round_mode` says otherwise.

    Without padding Caffe clips nothing, so that a last window may lie outside where the stride is above the kernel.
    Source: BVLC/caffe, src/caffe/layers/pooling_layer.cpp
    """
    fields: dict[str, Any] = {
        "kernel_size": step.per_axis(said, "kernel_size", "kernelsize"),
        "stride": step.per_axis(said, "stride", default=1),
        "padding": padding(step, said),
    }
    rounds_down = said.text("round_mode").lower() in ("floor", "1") or not flag(said, "ceil_mode", default=True)
    fields["ceil_mode"] = not rounds_down
    if not rounds_down:
        axes = step.axes
        extents = step.bottom.shape.spatial
        kernel = per_axis(fields["kernel_size"], axes, "kernel_size")
        stride = per_axis(fields["stride"], axes, "stride")
        sides = side_numbers(fields["padding"], axes)
        rooms = [(n - k + sum(p), s) for n, k, s, p in zip(extents, kernel, stride, sides, strict=True)]
        if fields["padding"] == 0 and any(s > k for s, k in zip(stride, kernel, strict=True)) and min(stride) > 0:
            fields |= {"padding": tuple((0, -room % s) for room, s in rooms), "ceil_mode": False}
    return fields


@op("spp")
def _pyramid(step: Step) -> Blob:
    """Pooling to 1, 2, 4, ... bins, and all of them as one vector."""
    said = step.param("spp_param")
    kind = "adaptiveavgpool" if said.text("pool").lower() in ("ave", "1") else "adaptivemaxpool"
    levels = number(said, "pyramid_height", default=1)
    if not 0 < levels <= _LEVELS:
        raise FieldError("", f"a pyramid of {levels} levels", f"there are 1 to {_LEVELS}", code="out-of-bounds")
    vectors = []
    for level in range(levels):
        pooled = step.add(kind, output_size=2**level, suffix=f".pool{level}")
        vectors.append(step.add("flatten", pooled, suffix=f".flatten{level}", layout=usual(0)))
    return step.add("concat", *vectors)


_REDUCTIONS = {"sum": "sum", "asum": "sum", "sumsq": "sum", "mean": "mean", "1": "sum", "2": "sum", "3": "sum"}


@op("reduction")
def _reduction(step: Step) -> Blob:
    """One value in place of all from an axis on; over the batch nothing is known of one image."""
    said = step.param("reduction_param")
    over = _REDUCTIONS.get(said.text("operation").lower() or "sum", "mean")
    axis = step.bottom.axis(number(said, "axis", default=0))
    return _reduced(step, axis, over)


def _reduced(step: Step, axis: int, over: str) -> Blob:
    kept, inside = step.bottom.layout[:axis], step.bottom.layout[axis:].replace("-", "")
    if BATCH in inside or not inside:
        return step.unknown()
    if inside == CHANNELS:
        return step.add("reduce", op=over, layout=kept)
    if kept in (BATCH, BATCH + CHANNELS) and inside == "0123"[: step.axes]:
        return step.add("reduce", op=over, positions=tuple(range(step.axes)), layout=kept)
    if kept == BATCH:
        return step.add("reduce", step.add("flatten", suffix=".values", layout=usual(0)), op=over, layout=BATCH)
    return step.unknown()


@op("argmax")
def _argmax(step: Step) -> Blob:
    """Which channel is the largest; without an axis, which value."""
    said = step.param("argmax_param")
    if not said.texts("axis"):
        read = step.bottom if step.bottom.layout == usual(0) else step.add("flatten", suffix=".values", layout=usual(0))
        count = number(said, "top_k", default=1) * (1 + flag(said, "out_max_val", default=False))
        if count > read.shape.channels or count > 1:
            return step.unknown((1, 1, max(1, count)), usual(0))
        return step.add("reduce", read, op="max", layout=usual(0))
    if step.bottom.letter(number(said, "axis", default=1)) != CHANNELS:
        return step.unknown()
    return step.add("reduce", op="max")


@op("maxout")
def _maxout(step: Step) -> Blob:
    groups = number(step.param("maxout_param"), "num_output", "group", default=1)
    return step.add("reduce", op="max", out_channels=groups)


@op("interp", "interpolation")
def _interpolation(step: Step) -> Blob:
    """DeepLab's fork, PSPNet's: sizes, or factors of the map between the corner pixels.

    Source: cdmh/deeplab-public, src/caffe/layers/interp_layer.cpp
    """
    said = step.param("interp_param")
    if len(step.bottoms) > 1 and is_known(step.bottoms[1]):
        return step.add("upsample", *step.bottoms[:2], mode="bilinear", align_corners=True)
    cropped = number(said, "pad_beg", default=0) + number(said, "pad_end", default=0)
    shrink, zoom = number(said, "shrink_factor", default=1), number(said, "zoom_factor", default=1)
    height, width = number(said, "height", default=0), number(said, "width", default=0)
    if not all(factor >= 1 for factor in (shrink, zoom)):
        raise FieldError("", "a factor is below 1", "factors are whole numbers from 1", code="bad-field")
    sizes = [(n + cropped - 1) // shrink + 1 for n in step.bottom.shape.spatial]
    sizes = [n + (n - 1) * (zoom - 1) for n in sizes]
    return _resized(step, (height, width) if height or width else tuple(sizes), "bilinear", align_corners=True)


def _resized(step: Step, size: tuple[int, ...], mode: str, align_corners: bool = False) -> Blob:
    return step.add("upsample", size=size, mode=mode, align_corners=align_corners and mode != "nearest")


@op("resize", "resizebilinear", "nninterp", "bilinearinterpolation", "upsamplingbilinear", "resample")
def _resize(step: Step) -> Blob:
    """Forks' many types: a size, a factor, or the size of a second bottom."""
    said = step.param(
        *("resize_param", "interp_param", "nn_interp_param", "upsample_param", "resample_param", "upsampling_param")
    )
    mode = "nearest" if "near" in said.text("type", "interp_mode", "mode").lower() else "bilinear"
    if len(step.bottoms) > 1 and is_known(step.bottoms[1]):
        return step.add("upsample", *step.bottoms[:2], mode=mode)
    height, width = number(said, "height", default=0), number(said, "width", default=0)
    factor = number(said, "zoom_factor", "factor", "scale", "scale_factor", default=0)
    if height and width:
        return _resized(step, (height, width), mode)
    return step.add("upsample", scale_factor=factor, mode=mode) if factor else step.unknown()


@op("upsample", "unpooling", "upsampling", "unpool", "deepunpooling")
def _upsample(step: Step) -> Blob:
    """SegNet's fork puts values where the maxima were, YOLO's ports repeat them: the second bottom is a mask."""
    said = step.param("upsample_param", "unpooling_param", "upsampling_param", "unpool_param")
    height = number(said, "upsample_h", "unpool_h", "out_h", "height", default=0)
    width = number(said, "upsample_w", "unpool_w", "out_w", "width", default=0)
    if height and width:
        return step.add("upsample", size=(height, width))
    size = number(said, "unpool_size", "out_size", "upsample_size", default=0)
    if size:
        return step.add("upsample", size=size)
    if said.texts("kernel_size") or said.texts("kernel_h"):
        kernel = per_axis(step.per_axis(said, "kernel_size"), step.axes, "kernel_size")
        stride = per_axis(step.per_axis(said, "stride", default=1), step.axes, "stride")
        pad = per_axis(step.per_axis(said, "pad", default=0), step.axes, "pad")
        axes = zip(step.bottom.shape.spatial, kernel, stride, pad, strict=True)
        return step.add("upsample", size=tuple((n - 1) * s + k - 2 * p for n, k, s, p in axes))
    factor = number(said, "scale", "stride", "factor", "upsample", default=2)
    height, width = number(said, "scale_h", default=factor), number(said, "scale_w", default=factor)
    return step.add("upsample", scale_factor=(height, width) if height != width else factor)
