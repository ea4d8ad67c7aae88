"""Figures of what layers read and see: shapes, kernels, windows, receptive fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vggcalc.analysis.report import Row
from vggcalc.figures.selection import Selection

if TYPE_CHECKING:
    from vggcalc.figures.figure import ByName, Value


def last_map(rows: Sequence[Row]) -> Row | None:
    """The last layer that still has a map, so that its receptive field says something; one that nobody knows may."""
    seen = [row for row in rows if (row.fields or not row.is_traced) and row.inputs and not row.is_elementwise]
    maps = [row for row in seen if any(size > 1 for size in row.output.spatial) or not row.output.is_known] or seen
    return maps[-1] if maps else None


def field(figure: str) -> Callable[[Selection], Value | ByName | None]:
    """A figure of the receptive field; of a whole network, that of its last layer that still has a map."""

    def value(selection: Selection) -> Value | ByName | None:
        row = (last_map(selection.rows) or selection.last) if selection.is_whole else selection.last
        if row is None or not row.is_traced:
            return None
        found = {
            name: alike(tuple(getattr(axis, figure) for axis in axes))
            for name, axes in row.fields.items()
            if selection.input in ("", name)
        }
        return next(iter(found.values()), None) if len(set(found.values())) < 2 else found

    return value


def window(figure: str) -> Callable[[Selection], Value | None]:
    """The size, stride or padding of the last window."""

    def value(selection: Selection) -> Value | None:
        row = _last_window(selection)
        if row is None or row.role == "unknown":
            return None
        windows = (window for axis, window in row.views[0] if axis is not None)
        return alike(tuple(getattr(window, figure) for window in windows))

    return value


def kernel(selection: Selection) -> Value | None:
    """The size of the last window; of a convolution, transposed or dilated too, that of its weights."""
    row = _last_window(selection)
    if row and row.tensors and len(row.tensors[0].shape) == 2 + len(row.output.spatial):
        return alike(row.tensors[0].shape[:-2])
    return window("size")(selection)


def before(selection: Selection) -> Value | None:
    """What the last window adds before each axis."""
    start = window("low")(selection)
    return -start if isinstance(start, int) else tuple(-axis for axis in start) if isinstance(start, tuple) else None


def one_filter(selection: Selection) -> Value | None:
    """The extents of one kernel of the only layer of weights: height x width x input channels."""
    shape = _filters(selection)
    return None if shape is None else shape[:-1]


def filters(selection: Selection) -> Value | None:
    """The extents of all its kernels, with their number; of those that see one channel each, without the 1 of it."""
    shape = _filters(selection)
    return shape[:-2] + shape[-1:] if shape and shape[-2:-1] == (1,) and shape[-1] > 1 else shape


def reads(selection: Selection) -> Value | None:
    """The shape that the first layer reads."""
    shapes = selection.rows[0].input_shapes if selection.rows else ()
    return shapes[0].hwc if len(shapes) == 1 and shapes[0].is_known else None


def of_last(figure: Callable[[Row], Value | None]) -> Callable[[Selection], Value | None]:
    """A figure of the layer whose output counts."""
    return lambda selection: None if selection.last is None else figure(selection.last)


def alike(axes: tuple[int, ...]) -> Value | None:
    """One number where all axes agree."""
    return axes[0] if len(set(axes)) == 1 else axes or None


def _filters(selection: Selection) -> tuple[int, ...] | None:
    if any(row.role == "unknown" for row in selection.rows):
        return None
    shapes = [tensor.shape for row in selection.rows if row.has_kernel for tensor in row.tensors[:1]]
    return shapes[0] if len(shapes) == 1 else None


def _last_window(selection: Selection) -> Row | None:
    """The last layer, if it sees its input through a window."""
    rows = [row for row in selection.rows if row.inputs and not row.layer.in_place]
    return rows[-1] if rows and len(rows[-1].inputs) == 1 else None
