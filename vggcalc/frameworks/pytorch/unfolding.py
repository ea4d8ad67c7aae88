"""Windows of maps as channels or as new dimensions in PyTorch, and maps that are put together from them."""

from __future__ import annotations

from typing import Any

from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch.call import a_view, one_or_each, op
from vggcalc.frameworks.views import View, factors, leaves


@op("unfold")
def _unfold(p: Program, x: Any, *values: Any, **named: Any) -> View | Held:
    """The function makes channels of windows; the method of its name a new dimension of those along one."""
    if (len(values) == 3 and not named) or "dimension" in named:
        return _along(p, x, *values, **named)
    return _windows(p, x, *values, **named)


@op("im2col")
def _windows(p: Program, x: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> View:
    """Batch, the values of a window, and windows."""
    fields = {"kernel_size": kernel_size, "dilation": dilation, "padding": padding, "stride": stride}
    new = p.sliding("unfold", a_view(x), **{key: one_or_each(value, 2) for key, value in fields.items()})
    return new._replace(dims=(*new.dims[:2], tuple(factor for axis in new.dims[2:] for factor in axis)))


def _along(p: Program, x: Any, dimension: int, size: int, step: int) -> View | Held:
    """Windows along one dimension, whose values are a dimension behind all others."""
    place = dimension % len(x.sizes)
    count = (x.sizes[place] - size) // step + 1
    if isinstance(x, Held):
        return Held((*x.sizes[:place], count, *x.sizes[place + 1 :], size), x.trained)
    axis = x.axis(place)
    if axis is None or leaves(x.map.channels) not in x.groups():
        x = p.as_map(x)
        axis = x.axis(place)
    if axis is None:
        raise UnknownOperationError("windows along no axis")
    axes = len(x.map.axes)
    fields: dict[str, Any] = {
        "kernel_size": tuple(size if each == axis else 1 for each in range(axes)),
        "stride": tuple(step if each == axis else 1 for each in range(axes)),
    }
    tensor = p.layer("unfold", x.map.tensor, **fields)
    inside = factors(size)
    new = x.with_axis(place, tensor, count)
    return View(new.map._replace(channels=(*new.map.channels, *inside)), (*new.dims, inside))


@op("fold", "col2im")
def _fold(
    p: Program, x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> View:
    """The positions of the windows are an axis for each of the map's."""
    x = a_view(x)
    each = [(n, n) if isinstance(n, int) else tuple(n) for n in (output_size, kernel_size, dilation, padding, stride)]
    sizes, kernel, dilations, paddings, strides = each
    places = [
        (n + 2 * before - d * (k - 1) - 1) // s + 1
        for n, k, d, before, s in zip(sizes, kernel, dilations, paddings, strides, strict=True)
    ]
    cut = x.reshaped((*x.sizes[:2], *places)) or x.renewed().reshaped((*x.sizes[:2], *places))
    if cut is None:
        raise UnknownOperationError("windows of another form")
    return p.sliding(
        "fold",
        cut,
        kernel_size=one_or_each(kernel, 2),
        output_size=one_or_each(sizes, 2),
        dilation=one_or_each(dilations, 2),
        padding=one_or_each(paddings, 2),
        stride=one_or_each(strides, 2),
    )
