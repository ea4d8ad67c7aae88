"""Caffe's layers of detectors: prior boxes, proposals, detections, and pooling in regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.frameworks.caffe.blobs import Blob, usual
from vggcalc.frameworks.caffe.prototxt import Message
from vggcalc.frameworks.caffe.step import Step, decimal, flag, is_known, number
from vggcalc.frameworks.caffe.table import op

_ROW = 5
"""A region's image and its four corners."""

_PARTS = 100_000
"""Ratios that differ by less than a part of these are the same."""

_REGIONS = "regions are a batch: what stands behind them is counted for one region"


@op("priorbox")
def _prior_box(step: Step) -> Blob:
    """SSD's fork: for each position 4 numbers a box, and as many variances; one blob for all images.

    A box for each min_size, one more for each max_size, and of each min_size one for each other ratio, and its inverse.
    Source: weiliu89/caffe, src/caffe/layers/prior_box_layer.cpp
    """
    if not is_known(step.bottom):
        return step.unknown()
    said = step.param("prior_box_param")
    flips = flag(said, "flip", default=True)
    ratios = {_PARTS}
    for text in said.texts("aspect_ratio"):
        ratio = decimal(text)
        each = (ratio, 1 / ratio if ratio else 0) if flips else (ratio,)
        ratios.update(round(value * _PARTS) for value in each)
    sizes = max(1, len(said.texts("min_size")))
    boxes = len(ratios) * sizes + len(said.texts("max_size"))
    positions = step.bottom.shape.elements // step.bottom.shape.channels
    return step.add("boxes", *step.bottoms, layout="nc0", output_shape=(positions * boxes * 4, 2))


@op("detectionoutput", "yolodetectionoutput", "yolov3detectionoutput", "regionoutput", is_blind=True)
def _detections(step: Step) -> Blob:
    """At most `keep_top_k` of them, seven numbers each; where nothing bounds them, one stands for all."""
    keep = number(step.message.message("detection_output_param"), "keep_top_k", default=-1)
    return step.add("boxes", *step.bottoms, layout="n-0c", output_shape=(max(1, keep), 7))


@op("yolo", "region", "yolov3", "evaldetection", is_blind=True)
def _detector(step: Step) -> Blob:
    return step.add("identity")


@op(
    *("proposal", "proposallayer", "rpnproposal", "pyramidproposallayer", "proposaltargetlayer", "boxoutput"),
    *("frcnnproposal", "anchortargetlayer", "rpnproposallayer", "proposallayertf", "boxgroupoutput"),
    is_blind=True,
)
def _proposals(step: Step) -> Sequence[Blob]:
    """Faster R-CNN's: how many come out depends on the image; they are a batch, so that one stands for all."""
    step.note(_REGIONS)
    first = step.add("boxes", *step.bottoms, layout=usual(0), output_shape=(1, _ROW))
    others = [
        step.add("boxes", *step.bottoms, layout=usual(0), output_shape=(1, 1), suffix=f".{place}")
        for place in range(1, step.tops)
    ]
    return [first, *others]


def _pooled(step: Step, said: Message, kind: str, names: Sequence[str], suffix: str) -> Blob:
    """One region of a map, as a small map."""
    read, *rest = step.bottoms
    if not is_known(read):
        return step.unknown()
    step.note(_REGIONS)
    side = number(said, *names, default=7)
    size = (number(said, "pooled_h", default=side), number(said, "pooled_w", default=side))
    channels = read.shape.channels
    fields: dict[str, Any] = {"output_size": size}
    region = step.add("boxes", *(rest or [read]), suffix=".region", output_shape=(1, _ROW))
    pooled = step.add(kind, read, region, suffix=".pooled", layout="", **fields)
    return step.add("reshape", pooled, suffix=suffix, layout=usual(2), shape=(*size, channels))


@op("roipooling", "roipool", is_blind=True)
def _region_pooling(step: Step) -> Blob:
    return _pooled(step, step.param("roi_pooling_param"), "roipool", ["pooled_size"], "")


@op("roialign", "roialignment", "roiwarping", "roialignpooling", is_blind=True)
def _region_align(step: Step) -> Blob:
    said = step.param("roi_align_param", "roi_warping_param", "roi_pooling_param")
    return _pooled(step, said, "roialign", ["pooled_size"], "")


@op("psroipooling", "psroialign", "deformablepsroipooling", is_blind=True)
def _position_sensitive(step: Step) -> Blob:
    """R-FCN's fork: each bin of a region reads channels of its own, `output_dim` in all."""
    said = step.param("psroi_pooling_param", "psroi_align_param", "deformable_psroi_pooling_param")
    if not is_known(step.bottom):
        return step.unknown()
    pooled = _pooled(step, said, "roipool", ["group_size", "pooled_size"], ".all")
    return step.add("reduce", pooled, out_channels=number(said, "output_dim", default=1))
