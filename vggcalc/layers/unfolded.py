"""Windows of a map as channels, which may overlap, and maps that are the sums of such windows."""

from collections.abc import Sequence
from math import prod

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, formula, per_axis
from vggcalc.layers.fields import NaturalPerAxis, OptionalPerAxis, PerAxis
from vggcalc.layers.windowed import Windowed
from vggcalc.shape import Shape


class Unfold(Windowed, kind="unfold"):
    """The values of a sliding window as channels of its position, as `unfold3`: what a convolution multiplies.

    out as for `conv`; out_channels = in_channels * k_h * k_w, those of a channel beside each other. No weights; no
    MACs; it copies its input, overlapping values several times.

    Source: Chellapilla, Puri, Simard, High Performance Convolutional Neural Networks for Document Processing, 2006,
    section 3.1; Yuan et al., VOLO, arXiv:2106.13112, section 3.1; PyTorch's Unfold.
    Raises: ShapeError when the window does not fit.

    >>> str(Unfold(kernel_size=3, stride=2, padding=1).output(Shape(192, (28, 28))))
    '14x14x1728'
    """

    elsewhere = "im2col extractpatches"

    stride: OptionalPerAxis = 1

    role = "move"

    def _pixels(self, shape: Shape) -> int:
        return prod(per_axis(self.kernel_size, len(shape.spatial), "kernel_size"))

    def channels(self, shape: Shape) -> int:
        """All values of a window."""
        return shape.channels * self._pixels(shape)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The one that it is a pixel of."""
        read = channel // self._pixels(inputs[0])
        return (range(read, read + 1),)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in_channels * k*k."""
        (shape,) = inputs
        kernel = per_axis(self.kernel_size, len(shape.spatial), "kernel_size")
        pixels = "*".join(map(str, kernel))
        out = self.channels(shape)
        return Formula(f"in_channels * ({'*'.join('k' * len(kernel))})", f"{shape.channels} * ({pixels})", out)


class Fold(Layer, kind="fold"):
    """Windows put back where `unfold` took them, as `fold3`; values that fall on the same place are added.

    out = `output_size`, out_channels = in_channels/(k_h * k_w), for a map of the positions that the window has in the
    output. No weights; no MACs; not counted: its additions. Each unit is taken to see the whole map.

    Source: Yuan et al., VOLO, arXiv:2106.13112, section 3.1, equation 5; PyTorch's Fold.
    Raises: ShapeError when the window does not fit so, or does not divide the channels.

    >>> str(Fold(kernel_size=3, stride=2, padding=1, output_size=28).output(Shape(1728, (14, 14))))
    '28x28x192'
    """

    elsewhere = "col2im"

    kernel_size: PerAxis
    output_size: PerAxis
    stride: OptionalPerAxis = 1
    padding: NaturalPerAxis = 0
    dilation: PerAxis = 1

    role = "move"
    glued = "kernel_size"

    def _unfold(self) -> Unfold:
        return Unfold(kernel_size=self.kernel_size, stride=self.stride, padding=self.padding, dilation=self.dilation)

    def output(self, *inputs: Shape) -> Shape:
        """The map of which these are the windows."""
        (shape,) = inputs
        pixels = prod(per_axis(self.kernel_size, len(shape.spatial), "kernel_size"))
        out = Shape(max(1, shape.channels // pixels), per_axis(self.output_size, len(shape.spatial), "output_size"))
        if self._unfold().output(out) != shape:
            raise ShapeError(
                f"{shape} are not the windows of {out}, which are {self._unfold().output(out)}",
                "give it the windows that unfold makes with the same fields",
                code="shape-misfit",
            )
        return out

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """None goes on."""
        return (None,) * len(inputs[0].spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """All pixels of its own."""
        pixels = prod(per_axis(self.kernel_size, len(inputs[0].spatial), "kernel_size"))
        return (range(channel * pixels, (channel + 1) * pixels),)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """As declared."""
        return tuple(formula("{extent}", {"extent": n}, n, "as declared") for n in self.output(*inputs).spatial)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in_channels/(k*k)."""
        (shape,) = inputs
        kernel = per_axis(self.kernel_size, len(shape.spatial), "kernel_size")
        pixels = "*".join(map(str, kernel))
        out = self.output(shape).channels
        return Formula(f"in_channels/({'*'.join('k' * len(kernel))})", f"{shape.channels}/({pixels})", out)
