"""Activations that few networks have, and functions of single values that files spell out."""

from collections.abc import Sequence

from vggcalc.errors import FieldError, ShapeError
from vggcalc.layers.base import Formula, Layer, formula
from vggcalc.layers.elementwise import Elementwise
from vggcalc.layers.fields import Flag, Number
from vggcalc.shape import Shape


class Abs(Elementwise, kind="abs"):
    """Absolute value.

    y = |x|. No weights, no MACs; it runs in place.

    Source: Koch, Zemel, Salakhutdinov, Siamese Neural Networks for One-shot Image Recognition, 2015, section 3.1.

    >>> Abs().weights(Shape(4096, (1, 1)))
    ()
    """

    elsewhere = "absolute"


class Mish(Elementwise, kind="mish"):
    """Self-regularised smooth activation.

    y = x * tanh(ln(1 + exp(x))). No weights, no MACs; not counted: its exponential; in place.

    Source: Misra, arXiv:1908.08681.

    >>> Mish().macs(Shape(32, (608, 608)))
    0
    """

    inplace: Flag = True


class Softplus(Elementwise, kind="softplus"):
    """Smooth rectified linear unit.

    y = ln(1 + exp(beta * x))/beta. No weights, no MACs; not counted: its exponential and logarithm.

    Source: Dugas et al., NIPS 2000; PyTorch's Softplus.

    >>> Softplus().macs(Shape(32, (56, 56)))
    0
    """

    beta: Number = 1.0


class Softsign(Elementwise, kind="softsign"):
    """Tanh in quotients.

    y = x/(1 + |x|). No weights, no MACs; not counted: its division.

    Source: Turian, Bergstra, Bengio, NAACL 2009; PyTorch's Softsign.

    >>> Softsign().weights(Shape(32, (56, 56)))
    ()
    """


class SELU(Elementwise, kind="selu"):
    """Scaled exponential linear unit.

    y = 1.0507 * x for x > 0, 1.0507 * 1.6733 * (exp(x) - 1) else. No weights, no MACs; not counted: its exponential.

    Source: Klambauer et al., arXiv:1706.02515, equation 2; PyTorch's SELU.

    >>> str(SELU().output(Shape(32, (56, 56))))
    '56x56x32'
    """

    inplace: Flag = False


class CELU(Elementwise, kind="celu"):
    """Exponential linear unit whose slope is continuous for every alpha.

    y = x for x > 0, alpha * (exp(x/alpha) - 1) else. No weights, no MACs; not counted: its exponential.

    Source: Barron, arXiv:1704.07483; PyTorch's CELU.

    >>> CELU(alpha=2).weights(Shape(32, (56, 56)))
    ()
    """

    alpha: Number = 1.0
    inplace: Flag = False


class HardTanh(Elementwise, kind="hardtanh"):
    """Values cut at a least and a greatest one: a clip.

    y = min(max(min_val, x), max_val). No weights, no MACs; not counted: its comparisons.

    Source: Collobert, PhD thesis, 2004; PyTorch's Hardtanh; ONNX's Clip.
    Raises: FieldError when the least value is above the greatest.

    >>> HardTanh(min_val=0, max_val=20).macs(Shape(32, (56, 56)))
    0
    """

    elsewhere = "clip clamp"

    min_val: Number = -1.0
    max_val: Number = 1.0
    inplace: Flag = False

    def check(self) -> None:
        """The least is at most the greatest."""
        if self.min_val > self.max_val:
            raise FieldError(
                "min_val",
                f"hardtanh.min_val {self.min_val} is above max_val {self.max_val}",
                "exchange them",
                code="together",
            )


class Threshold(Elementwise, kind="threshold"):
    """Values up to a threshold are replaced by one value.

    y = x for x > threshold, value else. No weights, no MACs; not counted: its comparison.

    Source: PyTorch's Threshold; Caffe's Threshold, which gives 1 and 0.

    >>> Threshold(threshold=0.1).macs(Shape(32, (56, 56)))
    0
    """

    threshold: Number = 0.0
    value: Number = 0.0
    inplace: Flag = False


class Softshrink(Elementwise, kind="softshrink"):
    """Values drawn towards 0 by as much as they are away from it, at most by a limit.

    y = x - lambd for x > lambd, x + lambd for x < -lambd, 0 else. No weights, no MACs; not counted: its additions.

    Source: Donoho, De-noising by soft-thresholding, 1995; PyTorch's Softshrink.

    >>> Softshrink().macs(Shape(32, (56, 56)))
    0
    """

    lambd: Number = 0.5


class Hardshrink(Elementwise, kind="hardshrink"):
    """Small values are 0.

    y = x for |x| > lambd, 0 else. No weights, no MACs; not counted: its comparison.

    Source: Donoho and Johnstone, Ideal spatial adaptation by wavelet shrinkage, 1994; PyTorch's Hardshrink.

    >>> Hardshrink().macs(Shape(32, (56, 56)))
    0
    """

    lambd: Number = 0.5


class Tanhshrink(Elementwise, kind="tanhshrink"):
    """What tanh takes away.

    y = x - tanh(x). No weights, no MACs; not counted: its exponential.

    Source: PyTorch's Tanhshrink.

    >>> Tanhshrink().macs(Shape(32, (56, 56)))
    0
    """


class LogSigmoid(Elementwise, kind="logsigmoid"):
    """Logarithm of the logistic function.

    y = ln(1/(1 + exp(-x))). No weights, no MACs; not counted: its exponential and logarithm.

    Source: PyTorch's LogSigmoid.

    >>> LogSigmoid().macs(Shape(32, (56, 56)))
    0
    """


class Exp(Elementwise, kind="exp"):
    """Exponential function.

    y = exp(x). No weights, no MACs; not counted: its exponential.

    Source: PyTorch's exp; Caffe's Exp; ONNX's Exp.

    >>> Exp().macs(Shape(4, (38, 38)))
    0
    """


class Log(Elementwise, kind="log"):
    """Natural logarithm.

    y = ln(x). No weights, no MACs; not counted: its logarithm.

    Source: PyTorch's log; Caffe's Log; ONNX's Log.

    >>> Log().macs(Shape(4, (38, 38)))
    0
    """


class Sqrt(Elementwise, kind="sqrt"):
    """Square root.

    y = sqrt(x). No weights, no MACs; not counted: its root.

    Source: PyTorch's sqrt; ONNX's Sqrt.

    >>> Sqrt().macs(Shape(4, (38, 38)))
    0
    """


class Sine(Elementwise, kind="sin"):
    """Sine.

    y = sin(x). No weights, no MACs; not counted: its sine.

    Source: Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, arXiv:2006.09661.

    >>> Sine().macs(Shape(256, (1, 1)))
    0
    """


class Erf(Elementwise, kind="erf"):
    """Error function, of which exporters make GELU.

    y = 2/sqrt(pi) * integral of exp(-t^2) from 0 to x. No weights, no MACs; not counted: itself.

    Source: Hendrycks and Gimpel, arXiv:1606.08415, section 2; ONNX's Erf.

    >>> Erf().macs(Shape(256, (1, 1)))
    0
    """


class GLU(Layer, kind="glu"):
    """Gated linear unit: the first half of the channels times the logistic function of the second.

    y = a/(1 + exp(-b)), a and b the halves; out_channels = in_channels/2. No weights, no MACs; not counted: its
    exponential and product.

    Source: Dauphin et al., arXiv:1612.08083, section 2; PyTorch's GLU.
    Raises: ShapeError when the channels have no halves.

    >>> str(GLU().output(Shape(512, (100,))))
    '100x256'
    """

    role = "activation"

    def output(self, *inputs: Shape) -> Shape:
        """Half as many channels."""
        (shape,) = inputs
        if shape.channels % 2:
            raise ShapeError(
                f"{shape.channels} channels have no halves",
                "give the layer above an even number of them",
                code="shape-misfit",
            )
        return Shape(shape.channels // 2, shape.spatial)

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """One of each half."""
        half = inputs[0].channels // 2
        return (range(channel, channel + half + 1, half),)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """in_channels/2."""
        return formula("{in_channels}/2", {"in_channels": inputs[0].channels}, self.output(*inputs).channels)
