"""Layers that treat every value by itself and can do so in place: activations, dropout, softmax."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar, Literal

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Layer, Weight
from vggcalc.layers.fields import Flag, Number, Positive, one_of
from vggcalc.layers.roles import Role
from vggcalc.layers.window import POINT, Window
from vggcalc.shape import Shape


class Elementwise(Layer):
    """The output has the input's shape; no weights, no MACs; its own operations are not counted.

    `inplace`: whether PyTorch's implementation writes the output over the input, as torchvision's networks mostly do.
    `activations` counts no row for these layers either way; the conventions `live` and `saved` look at it.
    """

    role: ClassVar[Role] = "activation"
    in_place = True
    channelwise = valuewise = True


class ReLU(Elementwise, kind="relu"):
    """Rectified linear unit.

    y = max(0, x). No weights, no MACs; its comparison is not counted; it runs in place.

    Source: Nair and Hinton, ICML 2010; Krizhevsky et al., NIPS 2012, section 3.1.

    >>> str(ReLU().output(Shape(64, (224, 224))))
    '224x224x64'
    """

    inplace: Flag = True


class ReLU6(Elementwise, kind="relu6"):
    """Rectified linear unit that is cut at 6.

    y = min(max(0, x), 6). No weights, no MACs; its comparisons are not counted; it runs in place.

    Source: Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010; Sandler et al., arXiv:1801.04381.

    >>> ReLU6().weights(Shape(32, (112, 112)))
    ()
    """

    inplace: Flag = True


class LeakyReLU(Elementwise, kind="leakyrelu"):
    """Rectified linear unit with a small slope below 0.

    y = x for x > 0, negative_slope * x else. No weights, no MACs; not counted: its multiplication; in place.

    Source: Maas, Hannun, Ng, ICML 2013; PyTorch's LeakyReLU.

    >>> LeakyReLU(negative_slope=0.1).macs(Shape(32, (416, 416)))
    0
    """

    elsewhere = "leaky lrelu"

    negative_slope: Number = 0.01
    inplace: Flag = True


class PReLU(Elementwise, kind="prelu"):
    """Rectified linear unit whose slope below 0 is trained, one for all channels, one for each, or one for each value.

    y = x for x > 0, weight * x else; weights = 1, or in_channels with `num_parameters: channels`, or with `map`
    positions * in_channels. No MACs; in place.

    Source: He et al., arXiv:1502.01852, section 2.1; PyTorch's PReLU; Keras's PReLU (`map` unless axes are shared).

    >>> PReLU(num_parameters="channels").weights(Shape(64, (56, 56)))[0].elements
    64
    """

    num_parameters: Annotated[Literal["one", "channels", "map"], one_of("one", "channels", "map")] = "one"

    @property
    def valuewise(self) -> bool:  # type: ignore[override]
        """One slope for all is the same everywhere."""
        return self.num_parameters == "one"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The slopes."""
        if self.num_parameters == "channels":
            return (Weight("weight", (inputs[0].channels,)),)
        if self.num_parameters == "map":
            return (Weight("weight", inputs[0].hwc, symbols="values of the map"),)
        return (Weight("weight", (1,), symbols="1"),)


class ELU(Elementwise, kind="elu"):
    """Exponential linear unit.

    y = x for x > 0, alpha * (exp(x) - 1) else. No weights, no MACs; not counted: its exponential; in place.

    Source: Clevert, Unterthiner, Hochreiter, arXiv:1511.07289.

    >>> str(ELU().output(Shape(16, (32, 32))))
    '32x32x16'
    """

    alpha: Number = 1.0
    inplace: Flag = True


class Sigmoid(Elementwise, kind="sigmoid"):
    """Logistic function.

    y = 1/(1 + exp(-x)). No weights, no MACs; not counted: its exponential; in place.

    Source: PyTorch's Sigmoid.

    >>> Sigmoid().macs(Shape(96, (1, 1)))
    0
    """

    elsewhere = "logistic"


class HardSigmoid(Elementwise, kind="hardsigmoid"):
    """Logistic function in straight lines.

    y = min(max(0, x + 3), 6)/6. No weights, no MACs; not counted: its comparisons; in place.

    Source: Howard et al., MobileNetV3, arXiv:1905.02244, section 5.2; PyTorch's Hardsigmoid.

    >>> HardSigmoid().macs(Shape(96, (1, 1)))
    0
    """

    elsewhere = "hsigmoid"

    inplace: Flag = False


class HardSwish(Elementwise, kind="hardswish"):
    """Swish in straight lines.

    y = x * min(max(0, x + 3), 6)/6. No weights, no MACs; not counted: its multiplication; in place.

    Source: Howard et al., MobileNetV3, arXiv:1905.02244, section 5.2.

    >>> HardSwish().weights(Shape(16, (112, 112)))
    ()
    """

    elsewhere = "hswish"

    inplace: Flag = True


class SiLU(Elementwise, kind="silu"):
    """Sigmoid linear unit ("swish").

    y = x/(1 + exp(-x)). No weights, no MACs; not counted: its exponential; in place.

    Source: Elfwing et al., arXiv:1702.03118; Ramachandran et al., arXiv:1710.05941.

    >>> SiLU().macs(Shape(32, (112, 112)))
    0
    """

    elsewhere = "swish"

    inplace: Flag = True


class GELU(Elementwise, kind="gelu"):
    """Gaussian error linear unit.

    y = x * Phi(x), Phi the normal distribution's cumulative function. No weights, no MACs; in place.

    Source: Hendrycks and Gimpel, arXiv:1606.08415.

    >>> str(GELU().output(Shape(96, (56, 56))))
    '56x56x96'
    """


class Tanh(Elementwise, kind="tanh"):
    """Hyperbolic tangent.

    y = tanh(x). No weights, no MACs; not counted: its exponential; in place.

    Source: LeCun et al., 1998, section II.B, equation 6 (there scaled: 1.7159 * tanh(2/3 * x)).

    >>> Tanh().weights(Shape(6, (28, 28)))
    ()
    """


class Softmax(Elementwise, kind="softmax"):
    """Softmax over the channels of each position, `softmax` or `soft-max`; or over groups of them, or over positions.

    y_c = exp(x_c)/(sum of exp(x) over the channels). No weights, no MACs; not counted: its exponentials; in place.

    over: `channels`, in `groups` that stand together, or with `interleaved` that are dealt out in turn; `positions`,
    all of each channel; `last`, the last axis of them.

    Source: Simonyan and Zisserman, arXiv:1409.1556, Table 1 ("soft-max"); Li et al., Selective Kernel Networks,
    arXiv:1903.06586, equation 5 (over branches); Cao et al., GCNet, arXiv:1904.11492, equation 4 (over positions).
    Raises: ShapeError when the groups do not divide the channels.

    >>> str(Softmax().output(Shape(1000, (1, 1))))
    '1x1x1000'
    """

    over: Annotated[Literal["channels", "positions", "last"], one_of("channels", "positions", "last")] = "channels"
    groups: Positive = 1
    interleaved: Flag = False

    valuewise = False

    @property
    def channelwise(self) -> bool:  # type: ignore[override]
        """Over positions."""
        return self.over != "channels"

    def output(self, *inputs: Shape) -> Shape:
        """The input's shape."""
        (shape,) = inputs
        if shape.channels % self.groups:
            raise ShapeError(
                f"{self.groups} groups do not divide {shape.channels} channels",
                "choose groups that divide them",
                code="shape-misfit",
            )
        return shape

    def summed(self, shape: Shape) -> int:
        """Over how many values each sum goes."""
        if self.over == "channels":
            return shape.channels // self.groups
        return prod(window.size for window in self.window(shape))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The position, or all of them."""
        spatial = inputs[0].spatial
        whole = {"channels": 0, "positions": len(spatial), "last": min(1, len(spatial))}[self.over]
        here = len(spatial) - whole
        return (POINT,) * here + tuple(Window.over(n) for n in spatial[here:])

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its group."""
        if self.over != "channels":
            return super().channels_read(channel, *inputs)
        channels = inputs[0].channels
        if self.interleaved:
            return (range(channel % self.groups, channels, self.groups),)
        size = channels // self.groups
        return (range(channel // size * size, (channel // size + 1) * size),)


class StochasticDepth(Elementwise, kind="stochasticdepth"):
    """Stochastic depth: in training the whole path is dropped with probability p; at inference it does nothing.

    No weights, no MACs; it runs in place.

    Source: Huang et al., arXiv:1603.09382; torchvision's StochasticDepth; timm's DropPath.

    >>> str(StochasticDepth(p=0.2).output(Shape(96, (56, 56))))
    '56x56x96'
    """

    elsewhere = "droppath"

    p: Number = 0.5

    role = "idle"


class Dropout(Elementwise, kind="dropout"):
    """Dropout: in training each value is set to 0 with probability p; at inference it does nothing.

    No weights, no MACs; it runs in place.

    Source: Srivastava et al., JMLR 15, 2014; Simonyan and Zisserman, arXiv:1409.1556, section 3.1 (p = 0.5).

    >>> str(Dropout().output(Shape(4096, (1, 1))))
    '1x1x4096'
    """

    p: Number = 0.5
    inplace: Flag = False

    role = "idle"
