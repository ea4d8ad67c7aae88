"""Layers that read several inputs."""

from collections.abc import Sequence

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer
from vggcalc.layers.fields import Flag
from vggcalc.layers.window import EVERYWHERE, POINT, Window
from vggcalc.shape import Shape


class Add(Layer, kind="add"):
    """The sum of its inputs, value by value: the end of a residual block.

    out = in. No weights; no MACs; not counted: its additions. `inplace`: the sum is written over the first input.

    Source: He et al., arXiv:1512.03385, section 3.1, equation 1.
    Raises: ShapeError when the inputs' shapes differ.

    >>> str(Add().output(Shape(256, (56, 56)), Shape(256, (56, 56))))
    '56x56x256'
    """

    elsewhere = "sum eltwise"

    inplace: Flag = False

    role = "merge"
    inputs = (2, None)
    channelwise = valuewise = True

    def output(self, *inputs: Shape) -> Shape:
        """The shape that all inputs have."""
        if len(set(inputs)) > 1:
            raise ShapeError(
                f"inputs of different shapes cannot be added: {_listed(inputs)}",
                "give the shortcut a convolution that brings it to the same shape",
                code="shape-misfit",
            )
        return inputs[0]


class Subtract(Layer, kind="subtract"):
    """The difference of two inputs, value by value; with `abs` behind it the distance of siamese networks.

    out = in. No weights; no MACs; not counted: its subtractions.

    Source: Koch, Zemel, Salakhutdinov, Siamese Neural Networks for One-shot Image Recognition, 2015, section 3.1.
    Raises: ShapeError when the inputs' shapes differ.

    >>> str(Subtract().output(Shape(4096, (1, 1)), Shape(4096, (1, 1))))
    '1x1x4096'
    """

    elsewhere = "sub"

    role = "merge"
    inputs = (2, 2)
    channelwise = valuewise = True

    def output(self, *inputs: Shape) -> Shape:
        """The shape that both inputs have."""
        if len(set(inputs)) > 1:
            raise ShapeError(
                f"inputs of different shapes cannot be subtracted: {_listed(inputs)}",
                "give both one shape",
                code="shape-misfit",
            )
        return inputs[0]


class Concat(Layer, kind="concat"):
    """The channels of its inputs, one after the other.

    out_channels = sum of the inputs' channels; height and width stay. No weights; no MACs; no operations.

    Source: Szegedy et al., arXiv:1409.4842, section 4 and figure 2.
    Raises: ShapeError when the inputs' spatial extents differ.

    >>> str(Concat().output(Shape(64, (28, 28)), Shape(128, (28, 28)), Shape(32, (28, 28)), Shape(32, (28, 28))))
    '28x28x256'
    """

    elsewhere = "concatenate cat"

    role = "merge"
    inputs = (1, None)

    def output(self, *inputs: Shape) -> Shape:
        """All channels on the common map."""
        if len({shape.spatial for shape in inputs}) > 1:
            raise ShapeError(
                f"maps of different extents cannot be concatenated: {_listed(inputs)}",
                "pad, crop or pool them to the same height and width",
                code="shape-misfit",
            )
        return Shape(sum(shape.channels for shape in inputs), inputs[0].spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """One channel of the input whose turn it is, none of the others."""
        read = []
        for shape in inputs:
            read.append(range(channel, channel + 1) if 0 <= channel < shape.channels else range(0))
            channel -= shape.channels
        return tuple(read)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """The sum of the channels."""
        numbers = " + ".join(str(shape.channels) for shape in inputs)
        return Formula("sum of in_channels", numbers, self.output(*inputs).channels)


class Multiply(Layer, kind="multiply"):
    """The product of its inputs, value by value; a 1x1xC input scales whole channels, as squeeze-and-excitation does.

    out = the larger input. No weights; no MACs (no convolution, no linear layer); not counted: its multiplications.

    Source: Hu, Shen, Sun, arXiv:1709.01507, equation 4.
    Raises: ShapeError when the shapes differ otherwise than by 1x1 maps.

    >>> str(Multiply().output(Shape(96, (28, 28)), Shape(96, (1, 1))))
    '28x28x96'
    """

    elsewhere = "mul"

    role = "merge"
    inputs = (2, None)
    channelwise = valuewise = True

    def output(self, *inputs: Shape) -> Shape:
        """The shape of the largest input, where the others equal it or are 1x1 with as many channels."""
        largest = max(inputs, key=lambda shape: shape.elements)
        for shape in inputs:
            if shape != largest and (shape.channels != largest.channels or set(shape.spatial) != {1}):
                raise ShapeError(
                    f"inputs of shapes {_listed(inputs)} cannot be multiplied",
                    f"each must be {largest} or a map of one position with {largest.channels} channels",
                    code="shape-misfit",
                )
        return largest

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """Each position sees its own; a 1x1 input is seen by all."""
        out = self.output(*inputs)
        return tuple(
            tuple(EVERYWHERE if n < m else POINT for n, m in zip(shape.spatial, out.spatial, strict=True))
            for shape in inputs
        )


def _listed(shapes: tuple[Shape, ...]) -> str:
    return " and ".join(map(str, shapes))
