"""Pooling: layers that summarise a window or the whole map, channel by channel."""

from vggcalc.layers.base import Formula, Layer, Weight, formula, per_axis
from vggcalc.layers.fields import Flag, PerAxis
from vggcalc.layers.window import Window
from vggcalc.layers.windowed import Slide, WholeMap, Windowed
from vggcalc.shape import Shape

OVERPADDED = "PyTorch's own pooling refuses padding by more than half the kernel"


class SlidingPool(Windowed):
    """What max and average pooling share."""

    kernel_size: PerAxis = 2
    ceil_mode: Flag = False

    role = "pool"
    channelwise = True

    @property
    def rounds_up(self) -> bool:
        """Whether a window that only partly fits still counts."""
        return self.ceil_mode

    def overpadded(self, shape: Shape) -> Slide | None:
        """The first axis on which it is padded by more than half its kernel, which PyTorch's own poolings refuse."""
        return next((slide for slide in self.moves(shape).slides if _is_overpadded(slide)), None)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """(in - k + 2p)/s + 1 for each axis, and whether PyTorch would have it."""
        return tuple(
            found._replace(note=f"{found.note}; {OVERPADDED}".removeprefix("; ")) if _is_overpadded(slide) else found
            for slide, found in zip(self.moves(inputs[0]).slides, super().size_formulas(*inputs), strict=True)
        )


class MaxPool(SlidingPool, kind="maxpool"):
    """Max pooling, `maxpool` for 2x2 with stride 2, `maxpool3/2` for the overlapping one.

    out = floor((in - k + before + after)/s) + 1 along each axis, ceil instead of floor with `ceil_mode`; a window
    that would then start past the input and the padding before it is dropped. No weights; no MACs.

    k: `kernel_size`; s: `stride`, the kernel's size unless given; padding never wins the maximum.
    Not counted: its k*k - 1 comparisons for each output.

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 2.1; PyTorch's MaxPool2d; Caffe's pooling layer rounds up.
    Raises: ShapeError when the window does not fit.

    >>> str(MaxPool(kernel_size=3, stride=2, ceil_mode=True).output(Shape(64, (112, 112))))
    '56x56x64'
    """

    elsewhere = "pool pooling maxpooling"


class AvgPool(SlidingPool, kind="avgpool"):
    """Average pooling, as `avgpool7` or `avgpool3/2`.

    out as for `maxpool`. No weights; no MACs. `count_include_pad`: whether padding counts in the mean's divisor;
    it changes values, no figure here.

    Not counted: its k*k - 1 additions and one division for each output.

    Source: PyTorch's AvgPool2d; He et al., arXiv:1512.03385, Table 1 ("average pool").
    Raises: ShapeError when the window does not fit.

    >>> str(AvgPool(kernel_size=7).output(Shape(2048, (7, 7))))
    '1x1x2048'
    """

    elsewhere = "averagepool averagepooling avgpooling"

    count_include_pad: Flag = True


class GlobalMaxPool(WholeMap, kind="globalmaxpool"):
    """The maximum of each channel over the whole map.

    out = 1 along each axis. No weights; no MACs. Not counted: its comparisons.

    Source: Oquab et al., Is object localization for free?, CVPR 2015, section 3; Keras's GlobalMaxPooling2D.

    >>> str(GlobalMaxPool().output(Shape(512, (7, 7))))
    '1x1x512'
    """

    elsewhere = "globalmaxpooling"

    role, summarises = "pool", True
    channelwise = True


class GlobalAvgPool(WholeMap, kind="globalavgpool"):
    """The mean of each channel over the whole map.

    out = 1 along each axis. No weights; no MACs. Not counted: its additions and one division a channel.

    Source: Lin, Chen, Yan, Network In Network, arXiv:1312.4400, section 3.2.

    >>> str(GlobalAvgPool().output(Shape(1000, (6, 6))))
    '1x1x1000'
    """

    elsewhere = "gap globalpool globalaveragepool globalaveragepooling"

    role, summarises = "pool", True
    channelwise = True


class _AdaptivePool(Layer):
    """Windows that share the input out evenly among a fixed number of outputs."""

    output_size: PerAxis

    role = "pool"
    channelwise = True
    glued, summarises = "output_size", True

    def output(self, *inputs: Shape) -> Shape:
        """The declared size, whatever the input's."""
        (shape,) = inputs
        return Shape(shape.channels, per_axis(self.output_size, len(shape.spatial), "output_size"))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """Unit i reads from floor(i*in/out) to ceil((i + 1)*in/out) - 1."""
        sizes = zip(inputs[0].spatial, self.output(*inputs).spatial, strict=True)
        return tuple(Window.shared_out(n, out) for n, out in sizes)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """The size is declared."""
        note = "unit i reads from floor(i*in/out) up to ceil((i + 1)*in/out)"
        return tuple(formula("{output_size}", {"output_size": out}, out, note) for out in self.output(*inputs).spatial)


class AdaptiveMaxPool(_AdaptivePool, kind="adaptivemaxpool"):
    """Max pooling to a fixed size, as `adaptivemaxpool7`.

    out = output_size along each axis. No weights; no MACs. Not counted: its comparisons.

    Source: PyTorch's AdaptiveMaxPool2d; He et al., Spatial Pyramid Pooling, arXiv:1406.4729, section 2.2.

    >>> str(AdaptiveMaxPool(output_size=7).output(Shape(512, (12, 12))))
    '7x7x512'
    """


class AdaptiveAvgPool(_AdaptivePool, kind="adaptiveavgpool"):
    """Average pooling to a fixed size, as `adaptiveavgpool7`.

    out = output_size along each axis. No weights; no MACs. Not counted: its additions and divisions.

    Source: PyTorch's AdaptiveAvgPool2d, as in torchvision's VGG.

    >>> str(AdaptiveAvgPool(output_size=7).output(Shape(512, (12, 12))))
    '7x7x512'
    """


class Subsample(SlidingPool, kind="subsample"):
    """LeNet-5's trainable subsampling: the sum of a window, times a coefficient, plus a bias, one pair a map.

    out as for `maxpool`; weights = in_channels, biases = in_channels. No MACs are counted, as for any pooling.

    Source: LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998, section II.B, layer S2.
    Raises: ShapeError when the window does not fit.

    >>> sum(tensor.elements for tensor in Subsample().weights(Shape(6, (28, 28))))
    12
    """

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """A coefficient and a bias for each map."""
        channels = (inputs[0].channels,)
        return Weight("weight", channels), Weight("bias", channels, "bias")


def _is_overpadded(slide: Slide) -> bool:
    return max(slide.before, slide.after) > slide.k // 2
