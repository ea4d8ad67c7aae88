"""Convolutions whose weights are treated, shared by channels or fixed."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, Literal

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, Weight, per_axis, weight_and_bias
from vggcalc.layers.conv import Conv, _Filters
from vggcalc.layers.fields import Flag, Natural, OptionalPerAxis, Padding, PerAxis, Positive, one_of
from vggcalc.layers.windowed import Slide, Windowed
from vggcalc.shape import Shape


class StandardisedConv(Conv, kind="wsconv"):
    """Convolution with standardised weights, as `wsconv3-64`: each output's weights have mean 0 and variance 1.

    out, weights, biases and MACs as for `conv`; besides, a trained gain for each output, unless `gain: false`.

    Not counted: the standardisation, which is of the weights and once for all images, and the bias adds.

    Source: Qiao et al., Weight Standardization, arXiv:1903.10520, equation 5; Brock et al., arXiv:2101.08692,
    section 4.1 (with gains, for networks without normalisation); timm's StdConv2d and ScaledStdConv2d.
    Raises: ShapeError when the kernel does not fit or the groups do not divide the channels.

    >>> [tensor.elements for tensor in StandardisedConv(kernel_size=3, out_channels=64).weights(Shape(16, (9, 9)))]
    [9216, 64, 64]
    """

    elsewhere = "stdconv scaledstdconv standardizedconv scaledwsconv"

    gain: Flag = True

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Those of the convolution, and the gains."""
        gain = Weight("gain", (self.out_channels,), "weight", "out_channels")
        return super().weights(*inputs) + (gain,) * self.gain


class ChannelConv(Layer, kind="channelconv"):
    """Convolution along the channels, as `channelconv3`: one short kernel slides over the channels of each position.

    out_channels = in_channels - k + 1 + 2*padding, with `half` in_channels of an odd kernel; weights = k, biases = 1;
    MACs = h * w * out_channels * k. Height and width stay.

    k: `kernel_size`; padding: zeros before the first channel and behind the last. Not counted: the bias adds.

    Source: Wang et al., ECA-Net, arXiv:1910.03151, section 3.2, equation 8.
    Raises: ShapeError when the kernel has more taps than there are channels.

    >>> ChannelConv(kernel_size=3).macs(Shape(256, (1, 1)))
    768
    """

    elsewhere = "eca"

    kernel_size: Positive
    padding: Annotated[
        int | Literal["half"],
        Natural.__metadata__[0]._replace(
            expected="a whole number of at least 0, or 'half'",
            accepts=lambda value: value == "half" or (type(value) is int and value >= 0),
            words=("half",),
            form={"anyOf": [{"enum": ["half"]}, Natural.__metadata__[0].form]},
        ),
    ] = "half"
    bias: Flag = False

    role = "conv"
    glued = "kernel_size"

    def _slide(self, shape: Shape) -> Slide:
        side = self.kernel_size // 2 if self.padding == "half" else self.padding
        return Slide(shape.channels, self.kernel_size, before=side, after=side)

    def output(self, *inputs: Shape) -> Shape:
        """The positions of the kernel as channels."""
        (shape,) = inputs
        channels = self._slide(shape).out
        if channels < 1:
            raise ShapeError(
                f"a kernel of {self.kernel_size} does not fit {shape.channels} channels",
                "use a smaller kernel or more padding",
                code="shape-misfit",
            )
        return Shape(channels, shape.spatial)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """One kernel for everything."""
        return weight_and_bias((self.kernel_size, 1, 1), 1, self.bias, "(k*1)*1")

    def macs(self, *inputs: Shape) -> int:
        """The kernel at every channel of every position."""
        return self.output(*inputs).elements * self.kernel_size

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those under the kernel."""
        first = channel - self._slide(inputs[0]).before
        return (range(max(0, first), min(first + self.kernel_size, inputs[0].channels)),)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in - k + 2p + 1, over the channels."""
        found = self._slide(inputs[0]).formula()
        return found._replace(symbols=found.symbols.replace("in", "in_channels"))

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Outputs times taps."""
        outputs = "*".join(map(str, self.output(*inputs).hwc))
        return Formula("outputs * k", f"({outputs}) * {self.kernel_size}", self.macs(*inputs))


class BlurPool(Windowed, kind="blurpool"):
    """Subsampling behind a fixed low-pass filter, as `blurpool3/2`: a depthwise convolution that is not trained.

    out as for `conv`; the filter is a buffer of k_h * k_w numbers, the same for all channels, no params;
    MACs = h_out * w_out * in_channels * k_h * k_w.

    padding_mode: what stands outside the map; it changes values, no figure here.

    Source: Zhang, Making Convolutional Networks Shift-Invariant Again, arXiv:1904.11486, section 3.2;
    timm's BlurPool2d.
    Raises: ShapeError when the kernel does not fit.

    >>> BlurPool().macs(Shape(64, (112, 112)))
    1806336
    """

    elsewhere = "blur antialias"

    kernel_size: PerAxis = 3
    stride: OptionalPerAxis = 2
    padding: Padding = "half"
    padding_mode: Annotated[Literal["reflect", "replicate", "zeros"], one_of("reflect", "replicate", "zeros")] = (
        "reflect"
    )

    role = "conv"
    channelwise = True

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The filter, which is stored and not trained."""
        kernel = per_axis(self.kernel_size, len(inputs[0].spatial), "kernel_size")
        return (Weight("filter", (*kernel, 1, 1), "buffer", f"({'k*' * len(kernel)}1)*1"),)

    def macs(self, *inputs: Shape) -> int:
        """The filter at every position of every channel."""
        kernel = per_axis(self.kernel_size, len(inputs[0].spatial), "kernel_size")
        return self.output(*inputs).elements * prod(kernel)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Outputs times the inputs that each of them sees."""
        outputs = "*".join(map(str, self.output(*inputs).hwc))
        kernel = "*".join(map(str, per_axis(self.kernel_size, len(inputs[0].spatial), "kernel_size"))) or "1"
        return Formula("outputs * inputs that each sees", f"({outputs}) * ({kernel})", self.macs(*inputs))


class LocallyConnected(_Filters, kind="local"):
    """A convolution with weights of its own at each position, as `local3-64`: nothing is shared.

    out as for `conv`; weights = h_out * w_out * k_h * k_w * in_channels * out_channels, biases = h_out * w_out *
    out_channels; MACs = weights. Not counted: the bias adds.

    Source: Taigman et al., DeepFace, CVPR 2014, section 3 (L4 to L6); Darknet's [local], as in YOLO's first version.
    Raises: ShapeError when the kernel does not fit.

    >>> [tensor.elements for tensor in LocallyConnected(kernel_size=3, out_channels=2).weights(Shape(4, (5, 5)))]
    [648, 18]
    """

    elsewhere = "locallyconnected localconv"

    out_channels: Positive

    dashed = "out_channels"

    def channels(self, shape: Shape) -> int:
        """As declared."""
        return self.out_channels

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The weights of a convolution, and its biases, at each position."""
        out = self.output(*inputs)
        weight, *biases = super().weights(*inputs)
        positions = "*".join(["out"] * len(out.spatial))
        bias = (Weight("bias", out.hwc, "bias", f"({positions})*outputs"),) * len(biases)
        return (Weight("weight", (*out.spatial, *weight.shape), "weight", f"{positions}*{weight.symbols}"), *bias)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Every weight once."""
        weights = "*".join(map(str, self.weights(*inputs)[0].shape))
        return Formula("positions * kernel * in_channels * out_channels", weights, self.macs(*inputs))
