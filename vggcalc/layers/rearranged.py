"""Layers that put the values of a map elsewhere: space to depth and back, permuted, reshaped, rolled and tiled maps."""

from collections.abc import Sequence
from math import prod

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula, per_axis
from vggcalc.layers.fields import Extents, Flag, OptionalAxis, Order, PerAxis, Positive, Shifts
from vggcalc.layers.window import EVERYWHERE, POINT, Window
from vggcalc.shape import Shape


class Permute(Layer, kind="permute"):
    """The axes in another order: `order` lists them from 0 as they stand in HxWxC, the channels last.

    out = the extents in that order; [1, 0] exchanges the positions and the channels of a sequence. No weights, no MACs,
    no memory of its own: a view, which the layer behind it may have to copy.

    Source: PyTorch's permute; Keras's Permute; Caffe's Permute.
    Raises: ShapeError when the order is not one of the input's axes.

    >>> str(Permute(order=(1, 0)).output(Shape(768, (196,))))
    '768x196'
    """

    elsewhere = "transpose movedim swapaxes"

    order: Order

    role = "move"
    in_place = True

    def output(self, *inputs: Shape) -> Shape:
        """The extents in another order."""
        (shape,) = inputs
        if len(self.order) != len(shape.hwc):
            raise ShapeError(
                f"order has {len(self.order)} axes, but {shape} has {len(shape.hwc)}",
                "name each axis once, the channels with the highest number",
                code="shape-misfit",
            )
        *spatial, channels = (shape.hwc[axis] for axis in self.order)
        return Shape(channels, tuple(spatial))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """Each continues the one that it was; what was the channels is new."""
        return tuple(None if axis == len(self.order) - 1 else axis for axis in self.order[:-1])

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The same position."""
        return (POINT,) * (len(self.order) - 1)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The same one where the channels stay; else some unit comes from every one."""
        if self.order[-1] == len(self.order) - 1:
            return (range(channel, channel + 1),)
        return super().channels_read(channel, *inputs)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """The extent of the axis that becomes the channels."""
        channels = self.output(*inputs).channels
        return formula("{extent}", {"extent": channels}, channels, f"axis {self.order[-1]} of the input")


class Reshape(Layer, kind="reshape"):
    """The same values as a map of other extents, `shape`, as they stand in HxWxC.

    out = shape. No weights, no MACs, no memory of its own: a view. What becomes of which position is not followed: each
    unit is taken to see the whole map, and where the channels stay the same its own channel of it.

    Source: PyTorch's reshape; Caffe's Reshape; a map as a sequence of its positions, arXiv:2010.11929, section 3.1.
    Raises: ShapeError when there are more or fewer values.

    >>> str(Reshape(shape=(196, 768)).output(Shape(768, (14, 14))))
    '196x768'
    """

    elsewhere = "view unflatten"

    shape: Extents

    role = "move"
    in_place = True

    def output(self, *inputs: Shape) -> Shape:
        """As declared."""
        (shape,) = inputs
        if prod(self.shape) != shape.elements:
            raise ShapeError(
                f"{shape} has {shape.elements:,} values, and {'x'.join(map(str, self.shape))} has {prod(self.shape):,}",
                "give it a shape of as many",
                code="shape-misfit",
            )
        return Shape(self.shape[-1], self.shape[:-1])

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """None goes on but one that stays as it is, with all of the others."""
        if self.output(*inputs) == inputs[0]:
            return super().axes(*inputs)
        return (None,) * (len(self.shape) - 1)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The same one where the positions alone are reshaped."""
        if self.shape[-1] == inputs[0].channels:
            return (range(channel, channel + 1),)
        return super().channels_read(channel, *inputs)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """As declared."""
        return tuple(formula("{extent}", {"extent": n}, n, "as declared") for n in self.shape[:-1])

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As declared."""
        return formula("{extent}", {"extent": self.shape[-1]}, self.shape[-1], "as declared")


class Gather(Layer, kind="gather"):
    """Values that fixed numbers choose, `count` along an axis, or with `axis` left out of the channels.

    out = count there, and all else stays. No weights; no MACs; it copies its input. Which is chosen is not followed:
    each unit is taken to see all along the axis.

    Source: PyTorch's index_select; ONNX's Gather; TensorFlow's gather.
    Raises: ShapeError when there is no such axis.

    >>> str(Gather(count=64).output(Shape(64, (28, 28)))), str(Gather(count=49, axis=0).output(Shape(384, (196,))))
    ('28x28x64', '49x384')
    """

    elsewhere = "indexselect take"

    count: Positive
    axis: OptionalAxis = None

    role = "move"
    dashed = "count"

    def output(self, *inputs: Shape) -> Shape:
        """As many as are chosen."""
        (shape,) = inputs
        if self.axis is None:
            return shape._replace(channels=self.count)
        if self.axis >= len(shape.spatial):
            raise ShapeError(
                f"{shape} has no axis {self.axis}",
                "axes count from 0, and the channels are none of them",
                code="shape-misfit",
            )
        return shape._replace(spatial=tuple(self.count if i == self.axis else n for i, n in enumerate(shape.spatial)))

    @property
    def channelwise(self) -> bool:  # type: ignore[override]
        """Along an axis."""
        return self.axis is not None

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """None goes on of which some are chosen."""
        return tuple(None if axis == self.axis else axis for axis in range(len(inputs[0].spatial)))

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As many as are chosen, or as before."""
        if self.axis is not None:
            return super().channel_formula(*inputs)
        return formula("{count}", {"count": self.count}, self.count)


class Roll(Layer, kind="roll"):
    """The map moved on by `shifts` positions; what leaves it at one end comes in at the other.

    out = in; unit i is unit i - shift, round the ends. No weights; no MACs; it copies its input. Along an axis that is
    rolled each unit is taken to see all: which of them came round the end is not followed.

    Source: Liu et al., Swin Transformer, arXiv:2103.14030, section 3.2 ("cyclic shift"); PyTorch's roll.

    >>> str(Roll(shifts=-3).output(Shape(96, (56, 56))))
    '56x56x96'
    """

    shifts: Shifts

    role = "move"
    channelwise = True

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """None is continued that is rolled."""
        spatial = inputs[0].spatial
        rolled = zip(per_axis(self.shifts, len(spatial), "shifts"), spatial, strict=True)
        return tuple(None if shift % n else axis for axis, (shift, n) in enumerate(rolled))


class Tile(Layer, kind="tile"):
    """The map repeated along its axes (`repeats`) and its channels (`channels`): an expansion.

    out = in * repeats along each axis, out_channels = in_channels * channels. No weights; no MACs; it copies its input.
    With `interleaved` each unit and channel stands repeated beside itself, else the whole after the whole.

    Source: NumPy's tile; PyTorch's repeat, expand and repeat_interleave; Caffe's Tile.

    >>> str(Tile(repeats=7).output(Shape(256, (1, 1))))
    '7x7x256'
    """

    elsewhere = "expand repeatinterleave broadcast"

    repeats: PerAxis = 1
    channels: Positive = 1
    interleaved: Flag = False

    role = "move"

    def _repeats(self, shape: Shape) -> tuple[int, ...]:
        return per_axis(self.repeats, len(shape.spatial), "repeats")

    def output(self, *inputs: Shape) -> Shape:
        """The larger map."""
        (shape,) = inputs
        spatial = tuple(n * times for n, times in zip(shape.spatial, self._repeats(shape), strict=True))
        return Shape(shape.channels * self.channels, spatial)

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """One that begins again somewhere continues none."""
        begins = zip(inputs[0].spatial, self._repeats(inputs[0]), strict=True)
        return tuple(None if times > 1 < n and not self.interleaved else axis for axis, (n, times) in enumerate(begins))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """Unit i is unit floor(i/times); of a single one all."""
        return tuple(
            EVERYWHERE if n == 1 < times else Window(1, 1 - times, 0, times) if self.interleaved else POINT
            for n, times in zip(inputs[0].spatial, self._repeats(inputs[0]), strict=True)
        )

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The one that it repeats."""
        read = channel // self.channels if self.interleaved else channel % inputs[0].channels
        return (range(read, read + 1),)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in * repeats."""
        sizes = zip(inputs[0].spatial, self._repeats(inputs[0]), strict=True)
        return tuple(formula("{in} * {repeats}", {"in": n, "repeats": times}, n * times) for n, times in sizes)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in_channels * channels."""
        numbers = {"in_channels": inputs[0].channels, "channels": self.channels}
        return formula("{in_channels} * {channels}", numbers, inputs[0].channels * self.channels)
