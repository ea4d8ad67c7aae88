"""Transposed convolution: a map spread over a larger one."""

from collections.abc import Sequence
from math import prod

from vggcalc.errors import FieldError, ShapeError
from vggcalc.layers.base import Formula, Layer, Weight, formula, per_axis, weight_and_bias
from vggcalc.layers.conv import check_groups, group_of
from vggcalc.layers.fields import Flag, NaturalPerAxis, Padding, PerAxis, Positive
from vggcalc.layers.window import Window
from vggcalc.layers.windowed import side_numbers
from vggcalc.shape import Shape


class ConvTranspose(Layer, kind="convtranspose"):
    """Transposed convolution ("deconvolution", "up-convolution"), as `convtranspose2-512/2`.

    out = (in - 1)*s - before - after + d*(k - 1) + output_padding + 1 along each axis;
    weights = k_h * k_w * in_channels * (out_channels/groups), biases = out_channels;
    MACs = h_in * w_in * weights: each INPUT pixel is spread over the kernel once.

    Padding takes pixels away from the output; `same` is TensorFlow's: out = in*s. Not counted: bias adds.

    Source: Dumoulin and Visin, arXiv:1603.07285, relationship 14; PyTorch's ConvTranspose2d.
    Raises: ShapeError when nothing is left of the output or the groups do not divide the channels.

    >>> str(ConvTranspose(kernel_size=2, stride=2, out_channels=512).output(Shape(1024, (28, 28))))
    '56x56x512'
    """

    elsewhere = "deconv deconvolution transposedconv upconv"

    kernel_size: PerAxis
    out_channels: Positive
    stride: PerAxis = 1
    padding: Padding = 0
    output_padding: NaturalPerAxis = 0
    dilation: PerAxis = 1
    groups: Positive = 1
    bias: Flag = True

    role = "conv"
    glued, dashed = "kernel_size", "out_channels"

    def check(self) -> None:
        """`same` fixes the output's size, and leaves nothing for output_padding to say."""
        if self.padding == "same" and self.output_padding not in (0, (0,), (0, 0), (0, 0, 0)):
            raise FieldError(
                "output_padding",
                "output_padding does not go with padding 'same'",
                "leave one of them out",
                code="shape-misfit",
            )

    def _axes(self, shape: Shape) -> list[tuple[int, int, int, int, int, int, int]]:
        """Per axis: in, k, s, d, before, after, output_padding."""
        axes = len(shape.spatial)
        kernel = per_axis(self.kernel_size, axes, "kernel_size")
        stride = per_axis(self.stride, axes, "stride")
        dilation = per_axis(self.dilation, axes, "dilation")
        extra = per_axis(self.output_padding, axes, "output_padding")
        extents = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
        if self.padding == "same":
            extra = tuple(max(0, s - e) for s, e in zip(stride, extents, strict=True))
            totals = [max(0, e - s) for s, e in zip(stride, extents, strict=True)]
            sides = tuple((total // 2, total - total // 2) for total in totals)
        elif self.padding == "half":
            sides = tuple((e // 2, e // 2) for e in extents)
        else:
            sides = side_numbers(0 if self.padding == "valid" else self.padding, axes)
        rows = zip(shape.spatial, kernel, stride, dilation, sides, extra, strict=True)
        return [(n, k, s, d, before, after, more) for n, k, s, d, (before, after), more in rows]

    def output(self, *inputs: Shape) -> Shape:
        """The shape that a convolution with the same fields would turn back into the input's."""
        (shape,) = inputs
        check_groups(self.groups, shape.channels, self.out_channels)
        sizes = [_spread(*axis) for axis in self._axes(shape)]
        for size, derivation in zip(sizes, self.size_formulas(shape), strict=True):
            if size < 1:
                raise ShapeError(
                    f"nothing is left of the output: {derivation.numbers} = {size}",
                    "use less padding",
                    code="shape-misfit",
                )
        return Shape(self.out_channels, tuple(sizes))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """A kernel for every pair of an input channel and an output channel of its group."""
        (shape,) = inputs
        check_groups(self.groups, shape.channels, self.out_channels)
        kernel = per_axis(self.kernel_size, len(shape.spatial), "kernel_size")
        pairs = (shape.channels, self.out_channels // self.groups)
        symbols = f"({'k*' * len(kernel)}in_channels)*out_channels{'/groups' * (self.groups > 1)}"
        return weight_and_bias((*kernel, *pairs), self.out_channels, self.bias, symbols)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its group."""
        return (group_of(channel, self.groups, inputs[0].channels, self.out_channels),)

    def macs(self, *inputs: Shape) -> int:
        """Every weight once for every pixel of the input."""
        return prod(inputs[0].spatial) * self.weights(*inputs)[0].elements

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """s neighbours of the output lie within one step of the input."""
        return tuple(
            Window(1, before - d * (k - 1), before, s, d) for _, k, s, d, before, _, _ in self._axes(inputs[0])
        )

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """(in - 1)*s - 2p + k, with what dilation and output padding add."""
        formulas = []
        for n, k, s, d, before, after, more in self._axes(inputs[0]):
            kernel = "{k}" if d == 1 else "{d}*({k} - 1) + 1"
            padding = "2*{p}" if before == after else "{before} - {after}"
            template = f"({{in}} - 1)*{{s}} - {padding} + {kernel}" + (" + {output_padding}" if more else "")
            numbers = {"in": n, "k": k, "s": s, "d": d, "p": before, "before": before, "after": after}
            value = _spread(n, k, s, d, before, after, more)
            formulas.append(formula(template, numbers | {"output_padding": more}, value))
        return tuple(formulas)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Input pixels times weights."""
        positions = "*".join(map(str, inputs[0].spatial)) or "1"
        (*kernel, n_in, n_out) = self.weights(*inputs)[0].shape
        factors = "*".join(map(str, (*kernel, n_in, n_out)))
        note = "each input pixel is spread over the kernel once"
        symbols = "input positions * (kernel * in_channels * out_channels/groups)"
        return Formula(symbols, f"({positions}) * ({factors})", self.macs(*inputs), note)


def _spread(n: int, k: int, s: int, d: int, before: int, after: int, more: int) -> int:
    """The extent over which a transposed convolution spreads n pixels."""
    return (n - 1) * s - before - after + d * (k - 1) + 1 + more
