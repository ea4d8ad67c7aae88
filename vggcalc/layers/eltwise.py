"""Arithmetic of values: with fixed numbers, and with those of another input."""

from vggcalc.layers.elementwise import Elementwise
from vggcalc.layers.fields import Number
from vggcalc.layers.merge import ValueByValue
from vggcalc.shape import Shape  # noqa: F401  for the examples


class Maximum(ValueByValue, kind="maximum"):
    """The largest of its inputs' values in each place.

    out = in, the inputs spread as for `add`. No weights; no MACs; not counted: its comparisons.

    Source: Goodfellow et al., Maxout Networks, arXiv:1302.4389; Caffe's Eltwise with MAX; PyTorch's maximum.
    Raises: ShapeError when the inputs' shapes do not fit.

    >>> str(Maximum().output(Shape(128, (28, 28)), Shape(128, (28, 28))))
    '28x28x128'
    """

    elsewhere = "eltwisemax"
    done = "compared"


class Minimum(ValueByValue, kind="minimum"):
    """The smallest of its inputs' values in each place.

    out = in, the inputs spread as for `add`. No weights; no MACs; not counted: its comparisons.

    Source: PyTorch's minimum; Keras's Minimum; ONNX's Min.
    Raises: ShapeError when the inputs' shapes do not fit.

    >>> str(Minimum().output(Shape(128, (28, 28)), Shape(128, (28, 28))))
    '28x28x128'
    """

    done = "compared"


class Divide(ValueByValue, kind="divide"):
    """The first input divided by the second, value by value.

    out = in, the inputs spread as for `add`. No weights; no MACs; not counted: its divisions.

    Source: PyTorch's div; ONNX's Div.
    Raises: ShapeError when the inputs' shapes do not fit.

    >>> str(Divide().output(Shape(64, (56, 56)), Shape(1, (56, 56))))
    '56x56x64'
    """

    elsewhere = "div"

    inputs = (2, 2)
    done = "divided"


class Power(Elementwise, kind="power"):
    """A fixed factor, offset and exponent for all values: x * 0.1, x + 3, x/6, x^2.

    y = (factor * x + offset)^exponent. No weights, no MACs; not counted: its multiplication, addition and power.

    Source: Caffe's Power (scale, shift, power); Szegedy et al., arXiv:1602.07261, section 3.3 (residuals times 0.1).

    >>> Power(factor=0.1).weights(Shape(320, (35, 35)))
    ()
    """

    elsewhere = "pow square neg reciprocal rescaling"

    factor: Number = 1.0
    offset: Number = 0.0
    exponent: Number = 1.0
