"""Layers that read several inputs."""

from collections.abc import Sequence
from typing import ClassVar

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula
from vggcalc.layers.fields import Flag, OptionalAxis
from vggcalc.layers.roles import Role
from vggcalc.layers.window import EVERYWHERE, POINT, Window
from vggcalc.shape import Shape


class ValueByValue(Layer):
    """What reads several inputs value by value: an input with one position or channel along an axis is spread over it.

    Its shapes follow NumPy's broadcasting, but for the number of axes, which is the same for all.
    """

    role: ClassVar[Role] = "merge"
    inputs: ClassVar[tuple[int, int | None]] = (2, None)
    channelwise = valuewise = True
    done: ClassVar[str]
    """What it does with its inputs, for messages: `added`."""
    advice: ClassVar[str] = "along each axis, and of channels, all have as many or one"

    def output(self, *inputs: Shape) -> Shape:
        """The largest extent along each axis."""
        first = inputs[0]
        if all(shape == first for shape in inputs):
            return first
        if len({len(shape.spatial) for shape in inputs}) > 1:
            raise self._misfit(inputs)
        channels, *spatial = map(max, zip(*(shape.chw for shape in inputs), strict=True))
        out = Shape(channels, tuple(spatial))
        if any(n not in (1, m) for shape in inputs for n, m in zip(shape.chw, out.chw, strict=True)):
            raise self._misfit(inputs)
        return out

    def _misfit(self, inputs: tuple[Shape, ...]) -> ShapeError:
        return ShapeError(
            f"inputs of different shapes cannot be {self.done}: {_listed(inputs)}", self.advice, code="shape-misfit"
        )

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """Each position sees its own; one that is spread is seen by all."""
        out = self.output(*inputs)
        return tuple(
            tuple(EVERYWHERE if n < m else POINT for n, m in zip(shape.spatial, out.spatial, strict=True))
            for shape in inputs
        )

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The window on the first input."""
        return self.windows(*inputs)[0]

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The same one of each input, or the one that there is."""
        return tuple(range(1) if shape.channels == 1 else range(channel, channel + 1) for shape in inputs)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As many as came in, of the input that has most."""
        channels = max(shape.channels for shape in inputs)
        return formula("{in_channels}", {"in_channels": channels}, channels)


class Add(ValueByValue, kind="add"):
    """The sum of its inputs, value by value: the end of a residual block.

    out = in; an input of 1x1xC, HxWx1 or 1x1x1 is spread over the map. No weights; no MACs; not counted: its additions.
    `inplace`: the sum is written over the first input.

    Source: He et al., arXiv:1512.03385, section 3.1, equation 1.
    Raises: ShapeError when the inputs' shapes differ otherwise.

    >>> str(Add().output(Shape(256, (56, 56)), Shape(256, (56, 56))))
    '56x56x256'
    """

    elsewhere = "sum eltwise"

    inplace: Flag = False

    done = "added"
    advice = "give the shortcut a convolution that brings it to the same shape"


class Subtract(ValueByValue, kind="subtract"):
    """The difference of two inputs, value by value; with `abs` behind it the distance of siamese networks.

    out = in, the inputs spread as for `add`. No weights; no MACs; not counted: its subtractions.

    Source: Koch, Zemel, Salakhutdinov, Siamese Neural Networks for One-shot Image Recognition, 2015, section 3.1.
    Raises: ShapeError when the inputs' shapes do not fit.

    >>> str(Subtract().output(Shape(4096, (1, 1)), Shape(4096, (1, 1))))
    '1x1x4096'
    """

    elsewhere = "sub"

    inputs = (2, 2)
    done = "subtracted"


class Multiply(ValueByValue, kind="multiply"):
    """The product of its inputs, value by value; a 1x1xC input scales whole channels, as squeeze-and-excitation does.

    out = in, the inputs spread as for `add`: 1x1xC over the positions, HxWx1 over the channels. No weights; no MACs (no
    convolution, no linear layer); not counted: its multiplications.

    Source: Hu, Shen, Sun, arXiv:1709.01507, equation 4; Woo et al., CBAM, arXiv:1807.06521, equation 1.
    Raises: ShapeError when the inputs' shapes do not fit.

    >>> str(Multiply().output(Shape(96, (28, 28)), Shape(96, (1, 1))))
    '28x28x96'
    """

    elsewhere = "mul"

    done = "multiplied"


class Concat(Layer, kind="concat"):
    """The channels of its inputs, one after the other; or with `axis` their positions along that axis.

    out_channels = sum of the inputs' channels, height and width stay; or out = the sum along the axis, counted from 0,
    and all else stays. No weights; no MACs; no operations. Along the axis each unit is taken to see all of it: which of
    the inputs it comes from is not followed.

    Source: Szegedy et al., arXiv:1409.4842, section 4 and figure 2; Liu et al., SSD, arXiv:1512.02325 (boxes of maps).
    Raises: ShapeError when the inputs' extents differ otherwise.

    >>> str(Concat().output(Shape(64, (28, 28)), Shape(128, (28, 28)), Shape(32, (28, 28)), Shape(32, (28, 28))))
    '28x28x256'
    """

    elsewhere = "concatenate cat"

    axis: OptionalAxis = None

    role = "merge"
    inputs = (1, None)

    @property
    def channelwise(self) -> bool:  # type: ignore[override]
        """Along an axis of positions."""
        return self.axis is not None

    def output(self, *inputs: Shape) -> Shape:
        """All channels on the common map, or all positions of the common channels."""
        if self.axis is not None:
            return self._longer(self.axis, inputs)
        if len({shape.spatial for shape in inputs}) > 1:
            raise ShapeError(
                f"maps of different extents cannot be concatenated: {_listed(inputs)}",
                "pad, crop or pool them to the same height and width",
                code="shape-misfit",
            )
        return Shape(sum(shape.channels for shape in inputs), inputs[0].spatial)

    def _longer(self, axis: int, inputs: tuple[Shape, ...]) -> Shape:
        sizes = [list(shape.spatial) for shape in inputs]
        if any(axis >= len(spatial) for spatial in sizes):
            raise ShapeError(
                f"{_listed(inputs)} have no axis {axis}",
                "axes count from 0, and the channels are none of them",
                code="shape-misfit",
            )
        extent = sum(spatial[axis] for spatial in sizes)
        found = {
            Shape(shape.channels, (*s[:axis], extent, *s[axis + 1 :])) for shape, s in zip(inputs, sizes, strict=True)
        }
        if len(found) > 1:
            raise ShapeError(
                f"maps cannot be concatenated along axis {axis}: {_listed(inputs)}",
                "give them the same channels, and the same extents along all other axes",
                code="shape-misfit",
            )
        return found.pop()

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """None goes on along which the inputs stand one after the other."""
        return tuple(None if axis == self.axis else axis for axis in range(len(inputs[0].spatial)))

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """One channel of the input whose turn it is, none of the others."""
        if self.axis is not None:
            return super().channels_read(channel, *inputs)
        read = []
        for shape in inputs:
            read.append(range(channel, channel + 1) if 0 <= channel < shape.channels else range(0))
            channel -= shape.channels
        return tuple(read)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """The sum of the extents along the axis."""
        found = list(super().size_formulas(*inputs))
        if self.axis is not None:
            extents = " + ".join(str(shape.spatial[self.axis]) for shape in inputs)
            found[self.axis] = Formula("sum of in", extents, found[self.axis].value)
        return tuple(found)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """The sum of the channels."""
        if self.axis is not None:
            return super().channel_formula(*inputs)
        numbers = " + ".join(str(shape.channels) for shape in inputs)
        return Formula("sum of in_channels", numbers, self.output(*inputs).channels)


def _listed(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(map(str, shapes))
