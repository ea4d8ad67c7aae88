"""Reductions: one value in place of several, over channels, groups of them, or some axes of positions."""

from collections.abc import Sequence
from typing import Annotated, Literal

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula
from vggcalc.layers.fields import Flag, OptionalAxes, OptionalPositive, one_of
from vggcalc.layers.window import POINT, Window
from vggcalc.shape import Shape


class Reduce(Layer, kind="reduce"):
    """The mean, maximum, minimum, sum, product, length or variance over channels, groups of them, or axes of positions.

    out_channels = 1, or as said: then each is made from in_channels/out_channels channels, which stand together, or
    with `interleaved` out_channels apart. With `positions`, as [0], these axes are reduced to one position instead, and
    the channels stay, unless out_channels are said too. No weights; no MACs; not counted: its additions or comparisons.

    Source: Goodfellow et al., Maxout Networks, arXiv:1302.4389, section 3; Woo et al., CBAM, arXiv:1807.06521,
    equation 3 (mean and maximum over channels); ONNX's ReduceMean and ReduceMax; Caffe's Reduction.
    Raises: ShapeError when the channels fall into no groups, or an axis is not there.

    >>> str(Reduce(op="max").output(Shape(512, (14, 14)))), str(Reduce(positions=(0,)).output(Shape(64, (56, 48))))
    ('14x14x1', '1x48x64')
    """

    elsewhere = "reducemean reducemax reducesum reduction maxout mean amax"

    op: Annotated[
        Literal["mean", "max", "min", "sum", "prod", "l2", "var"],
        one_of("mean", "max", "min", "sum", "prod", "l2", "var"),
    ] = "mean"
    out_channels: OptionalPositive = None
    interleaved: Flag = False
    positions: OptionalAxes = None

    role = "pool"

    @property
    def channelwise(self) -> bool:  # type: ignore[override]
        """Over positions alone."""
        return self.positions is not None and self.out_channels is None

    def _channels(self, shape: Shape) -> int:
        if self.out_channels is not None:
            return self.out_channels
        return 1 if self.positions is None else shape.channels

    def output(self, *inputs: Shape) -> Shape:
        """Fewer channels, or one position along some axes."""
        (shape,) = inputs
        if self.positions is not None and max(self.positions) >= len(shape.spatial):
            raise ShapeError(
                f"{shape} has no axis {max(self.positions)}",
                "axes count from 0, and the channels are none of them",
                code="shape-misfit",
            )
        if shape.channels % self._channels(shape):
            raise ShapeError(
                f"{shape.channels} channels do not fall into {self.out_channels} groups",
                "choose out_channels that divide them",
                code="shape-misfit",
            )
        spatial = tuple(1 if i in (self.positions or ()) else n for i, n in enumerate(shape.spatial))
        return Shape(self._channels(shape), spatial)

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The position, or all along an axis that is reduced."""
        return tuple(Window.of(n) if i in (self.positions or ()) else POINT for i, n in enumerate(inputs[0].spatial))

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its group."""
        if self.channelwise:
            return super().channels_read(channel, *inputs)
        channels, out = inputs[0].channels, self._channels(inputs[0])
        size = channels // out
        return (range(channel, channels, out) if self.interleaved else range(channel * size, (channel + 1) * size),)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """One position along an axis that is reduced."""
        return tuple(
            formula("({in} - {in})/1 + 1", {"in": n}, 1, "one window as long as the axis")
            if i in (self.positions or ())
            else formula("{in}", {"in": n}, n)
            for i, n in enumerate(inputs[0].spatial)
        )

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As declared, or one."""
        if self.channelwise:
            return super().channel_formula(*inputs)
        out = self._channels(inputs[0])
        return formula("{out_channels}", {"out_channels": out}, out)
