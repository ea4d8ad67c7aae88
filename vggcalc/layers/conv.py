"""Convolutions: layers that slide weights over a map."""

from collections.abc import Sequence
from math import prod

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Weight, formula, per_axis, weight_and_bias
from vggcalc.layers.fields import (
    Connections,
    Flag,
    OptionalPerAxis,
    Positive,
)
from vggcalc.layers.windowed import Windowed
from vggcalc.shape import Shape


class _Filters(Windowed):
    """Weights that slide: what the kinds of convolution share. `pairs` is what differs."""

    stride: OptionalPerAxis = 1
    bias: Flag = True

    role = "conv"

    def pairs(self, shape: Shape) -> tuple[int, ...]:
        """How many kernels there are, as (input channels that an output sees, outputs): all see all."""
        return shape.channels, self.channels(shape)

    @property
    def pair_symbols(self) -> tuple[str, str]:
        """`pairs` in letters."""
        return "in_channels", "out_channels"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """A kernel for every pair of an input and an output channel that sees it."""
        (shape,) = inputs
        kernel = per_axis(self.kernel_size, len(shape.spatial), "kernel_size")
        symbols = f"({'k*' * len(kernel)}{self.pair_symbols[0]})*{self.pair_symbols[1]}"
        return weight_and_bias((*kernel, *self.pairs(shape)), self.channels(shape), self.bias, symbols)

    def macs(self, *inputs: Shape) -> int:
        """Every weight once at every position."""
        (shape,) = inputs
        out, kernel = self.moves(shape).out, per_axis(self.kernel_size, len(shape.spatial), "kernel_size")
        return prod(out) * prod(kernel) * prod(self.pairs(shape))

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Outputs times the inputs that each of them sees."""
        outputs = "*".join(map(str, self.output(*inputs).hwc))
        seen = "*".join(map(str, self.weights(*inputs)[0].shape[:-1]))
        return Formula("outputs * inputs that each sees", f"({outputs}) * ({seen})", self.macs(*inputs))


class Conv(_Filters, kind="conv"):
    """Convolution with a kernel of any number of axes, as `conv3-64` or `conv7-64/2`.

    out = floor((in - d*(k - 1) - 1 + before + after)/s) + 1 along each axis;
    weights = k_h * k_w * (in_channels/groups) * out_channels, biases = out_channels;
    MACs = h_out * w_out * out_channels * k_h * k_w * (in_channels/groups).

    in, out: pixels along the axis; k: `kernel_size`; s: `stride`; d: `dilation`; before, after: `padding` on each
    side, a number, `valid` (0), `half` (half the dilated kernel) or `same` (TensorFlow's: out = ceil(in/s), the odd
    pixel after); `groups`: the channels fall into so many groups that do not see each other.
    Not counted as MACs: the bias adds, one for each output.

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 2 and Table 1; Dumoulin and Visin, arXiv:1603.07285,
    relationship 6; PyTorch's Conv1d, Conv2d, Conv3d.
    Raises: ShapeError when the kernel does not fit or the groups do not divide the channels.

    >>> conv1_2 = Conv(kernel_size=3, out_channels=64, padding=1)
    >>> conv1_2.macs(Shape(64, (224, 224)))
    1849688064
    """

    elsewhere = "convolution"

    out_channels: Positive
    groups: Positive = 1

    dashed = "out_channels"

    def channels(self, shape: Shape) -> int:
        """`out_channels`, once the groups are seen to divide both sides."""
        check_groups(self.groups, shape.channels, self.out_channels)
        return self.out_channels

    def pairs(self, shape: Shape) -> tuple[int, ...]:
        """The input channels of one group, and all outputs."""
        return shape.channels // self.groups, self.out_channels

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its group."""
        return (group_of(channel, self.groups, inputs[0].channels, self.out_channels),)

    @property
    def pair_symbols(self) -> tuple[str, str]:
        """A group sees only its share of the channels."""
        return "in_channels/groups" if self.groups > 1 else "in_channels", "out_channels"


class DepthwiseConv(_Filters, kind="dwconv"):
    """Depthwise convolution: every channel is filtered by itself, as `dwconv3` or `dwconv3/2`.

    out as for `conv`; weights = k_h * k_w * in_channels * depth_multiplier, biases = one for each output channel;
    MACs = h_out * w_out * out_channels * k_h * k_w. It is `conv` with groups = in_channels.

    depth_multiplier: output channels for each input channel. Not counted as MACs: the bias adds.

    Source: Howard et al., MobileNets, arXiv:1704.04861, section 3.1 and Table 1 ("Conv dw"); Keras's DepthwiseConv2D.
    Raises: ShapeError when the kernel does not fit.

    >>> DepthwiseConv(kernel_size=3, padding=1, bias=False).macs(Shape(32, (112, 112)))
    3612672
    """

    elsewhere = "depthwise depthwiseconv depthwiseconvolution"

    depth_multiplier: Positive = 1

    def channels(self, shape: Shape) -> int:
        """in_channels * depth_multiplier."""
        return shape.channels * self.depth_multiplier

    def pairs(self, shape: Shape) -> tuple[int, ...]:
        """Each output sees one channel."""
        return 1, self.channels(shape)

    @property
    def channelwise(self) -> bool:  # type: ignore[override]
        """Where it makes one channel of each."""
        return self.depth_multiplier == 1

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The one that it multiplies."""
        read = channel // self.depth_multiplier
        return (range(read, read + 1),)

    @property
    def pair_symbols(self) -> tuple[str, str]:
        """Each output sees one channel."""
        return "1", "out_channels"

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in_channels * depth_multiplier."""
        numbers = {"in_channels": inputs[0].channels, "depth_multiplier": self.depth_multiplier}
        return formula("{in_channels} * {depth_multiplier}", numbers, self.channels(inputs[0]))


class ConvMap(_Filters, kind="convmap"):
    """Convolution in which each output map reads its own choice of input maps, as C3 of LeNet-5.

    out as for `conv`; weights = k_h * k_w * (number of connected pairs of maps), biases = one for each output map;
    MACs = h_out * w_out * weights. `connections` lists the input maps of each output map, counted from 0.

    Not counted as MACs: the bias adds.

    Source: LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998, section II.B and Table I;
    Torch7's SpatialConvolutionMap.
    Raises: ShapeError when the kernel does not fit or a map is named that the input does not have.

    >>> layer = ConvMap(kernel_size=5, connections=((0, 1, 2), (1, 2, 3, 4)))
    >>> [tensor.elements for tensor in layer.weights(Shape(6, (14, 14)))]
    [175, 2]
    """

    connections: Connections

    leaves_out = True

    def channels(self, shape: Shape) -> int:
        """One for each list of connections."""
        highest = max(map(max, self.connections))
        if highest >= shape.channels:
            raise ShapeError(
                f"connections name map {highest}, but the input has {shape.channels} maps",
                f"maps count from 0 to {shape.channels - 1}",
                code="shape-misfit",
            )
        return len(self.connections)

    def pairs(self, shape: Shape) -> tuple[int, ...]:
        """The connected pairs of maps."""
        return (sum(map(len, self.connections)),)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its row of connections."""
        return (self.connections[channel],)

    @property
    def pair_symbols(self) -> tuple[str, str]:
        """A kernel for each connected pair of maps."""
        return "1", "connected pairs of maps"

    def channel_formula(self, *inputs: Shape) -> Formula:
        """One output map for each row of the table of connections."""
        rows = len(self.connections)
        return formula("{rows}", {"rows": rows}, rows, "one output map for each row of connections")

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Positions times weights."""
        positions = "*".join(map(str, self.output(*inputs).spatial)) or "1"
        weights = "*".join(map(str, self.weights(*inputs)[0].shape))
        symbols = "output positions * (kernel * connected pairs of maps)"
        return Formula(symbols, f"({positions}) * ({weights})", self.macs(*inputs))


def check_groups(groups: int, in_channels: int, out_channels: int) -> None:
    """Raises ShapeError unless the groups divide the channels on both sides."""
    for name, number in (("in_channels", in_channels), ("out_channels", out_channels)):
        if number % groups:
            raise ShapeError(
                f"{groups} groups do not divide {name} = {number}: {number}/{groups} leaves {number % groups}",
                f"choose groups that divide both {in_channels} and {out_channels}",
                code="shape-misfit",
            )


def group_of(channel: int, groups: int, in_channels: int, out_channels: int) -> range:
    """The input channels that an output channel sees where both fall into groups."""
    size = in_channels // groups
    first = channel // (out_channels // groups) * size
    return range(first, first + size)
