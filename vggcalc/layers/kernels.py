"""Convolutions whose kernels serve several heads, or are made for each image by another layer."""

from collections.abc import Sequence

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Weight, formula
from vggcalc.layers.conv import Conv
from vggcalc.layers.fields import Flag, Positive
from vggcalc.layers.window import Window
from vggcalc.shape import Shape


class HeadConv(Conv, kind="headconv"):
    """Convolution of each head by the same kernels, as `headconv3-96`: the channels are heads that stand together.

    out as for `conv`, with out_channels in each head; weights and biases as for a `conv` of in_channels/num_heads
    channels; MACs = num_heads times its MACs. Not counted: the bias adds.

    Source: Fan et al., Multiscale Vision Transformers, arXiv:2104.11227, section 3.1 (pooling of queries, keys and
    values, by convolution in torchvision's MViT).
    Raises: ShapeError when the kernel does not fit, or the heads do not divide the channels.

    >>> pool = HeadConv(kernel_size=3, stride=2, padding=1, out_channels=96, groups=96, num_heads=2)
    >>> str(pool.output(Shape(192, (56, 56)))), pool.weights(Shape(192, (56, 56)))[0].elements
    ('28x28x192', 864)
    """

    elsewhere = "attentionpool"

    num_heads: Positive = 1

    def _head(self, shape: Shape) -> Shape:
        if shape.channels % self.num_heads:
            raise ShapeError(
                f"{self.num_heads} heads do not divide {shape.channels} channels",
                "choose num_heads that divide them",
                code="shape-misfit",
            )
        return shape._replace(channels=shape.channels // self.num_heads)

    def output(self, *inputs: Shape) -> Shape:
        """The channels of all heads."""
        out = super().output(self._head(inputs[0]))
        return out._replace(channels=out.channels * self.num_heads)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Those of one head."""
        return super().weights(self._head(inputs[0]))

    def macs(self, *inputs: Shape) -> int:
        """As often as there are heads."""
        return self.num_heads * super().macs(self._head(inputs[0]))

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its head that its kernel reads."""
        head, own = divmod(channel, self.out_channels)
        (read,) = super().channels_read(own, self._head(inputs[0]))
        start = head * (inputs[0].channels // self.num_heads)
        return (tuple(start + each for each in read),)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """num_heads * out_channels."""
        numbers = {"num_heads": self.num_heads, "out_channels": self.out_channels}
        return formula("{num_heads} * {out_channels}", numbers, self.num_heads * self.out_channels)


class DynamicConv(Conv, kind="dynamicconv"):
    """Convolution by kernels that another layer makes for each image, as `dynamicconv3-64`: the second input.

    out and MACs as for `conv`; no weights and no biases of its own: the second input has as many values as the kernels
    of such a convolution have weights.

    Source: Yang et al., CondConv, arXiv:1904.04971, section 3, equation 2 (kernels mixed for each image).
    Raises: ShapeError when the kernel does not fit, or the second input has more or fewer values.

    >>> mixed = DynamicConv(kernel_size=1, out_channels=96)
    >>> str(mixed.output(Shape(16, (112, 112)), Shape(1536, (1, 1))))
    '112x112x96'
    """

    elsewhere = "condconv hyperconv"

    bias: Flag = False

    inputs = (2, 2)

    def output(self, *inputs: Shape) -> Shape:
        """The first input's positions."""
        shape, kernels = inputs
        out = super().output(shape)
        wanted = super().weights(shape)[0].elements
        if kernels.elements != wanted or self.bias:
            raise ShapeError(
                f"{kernels} holds {kernels.elements:,} values, and the kernels {wanted:,}",
                "give it a value for each weight, and no bias",
                code="shape-misfit",
            )
        return out

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """None."""
        return ()

    def macs(self, *inputs: Shape) -> int:
        """Every value of a kernel once at every position."""
        return super().macs(inputs[0])

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Outputs times the inputs that each of them sees."""
        outputs = "*".join(map(str, self.output(*inputs).hwc))
        seen = "*".join(map(str, super().weights(inputs[0])[0].shape[:-1]))
        return Formula("outputs * inputs that each sees", f"({outputs}) * ({seen})", self.macs(*inputs))

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """Those of the map."""
        return super().axes(inputs[0])

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The kernel, on the map."""
        return super().window(inputs[0])

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """The kernel on the map; its values are the same for all positions, which see all of them."""
        return super().window(inputs[0]), tuple(Window.over(n) for n in inputs[1].spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its group, and all kernels."""
        return *super().channels_read(channel, inputs[0]), range(inputs[1].channels)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """Those of a convolution."""
        return super().size_formulas(inputs[0])
