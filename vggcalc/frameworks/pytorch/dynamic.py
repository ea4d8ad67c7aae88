"""Convolutions of PyTorch whose kernels a layer makes for each image: images stand beside each other as channels."""

from __future__ import annotations

from math import prod
from typing import Any

from vggcalc.frameworks.program import Program, UnknownOperationError
from vggcalc.frameworks.pytorch.call import one_or_each
from vggcalc.frameworks.views import View, leaves, size


def made_for_each(
    p: Program, x: View, weight: View, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> View:
    """One image of all images' channels, in groups of one image each, by the kernels of each."""
    batch = leaves(p.batch)
    images = size(batch)
    outputs, _, *kernel = weight.sizes
    axes = len(kernel)
    channels = leaves(x.dims[1])
    own = leaves(weight.dims[0])
    if channels[: len(batch)] != batch or own[: len(batch)] != batch or groups % images or bias is not None:
        raise UnknownOperationError("a convolution by what another layer makes")
    if prod(weight.sizes) != images * size(weight.map.channels):
        raise UnknownOperationError("a convolution by a map")
    each = p.canonical(x._replace(dims=(batch, channels[len(batch) :], *x.dims[2:])))
    tensor = p.layer(
        "dynamicconv",
        each.map.tensor,
        weight.map.tensor,
        kernel_size=one_or_each(kernel, axes),
        out_channels=outputs // images,
        stride=one_or_each(stride, axes),
        padding=one_or_each(padding, axes),
        dilation=one_or_each(dilation, axes),
        groups=groups // images,
    )
    return p.beside(tensor, each)
