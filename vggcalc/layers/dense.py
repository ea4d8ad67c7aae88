"""Fully connected layers."""

from vggcalc.layers.base import Formula, Weight, weight_and_bias
from vggcalc.layers.fields import Flag, Positive
from vggcalc.layers.windowed import WholeMap
from vggcalc.shape import Shape


class FullyConnected(WholeMap, kind="fc"):
    """Fully connected (linear) layer, as `fc-4096` or `FC-4096`: every output sees every input value.

    weights = h * w * in_channels * out_features, biases = out_features; MACs = weights.
    It equals a convolution whose kernel is as large as the map, as the VGG paper uses it on whole images.

    h, w, in_channels: the input's extents; a map needs no flatten before it. Not counted as MACs: the bias adds.

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 2.1 and section 3.2; PyTorch's Linear.

    >>> fc6 = FullyConnected(out_features=4096)
    >>> [tensor.elements for tensor in fc6.weights(Shape(512, (7, 7)))]
    [102760448, 4096]
    """

    elsewhere = "dense innerproduct gemm fullyconnected affine"

    out_features: Positive
    bias: Flag = True

    role = "linear"
    dashed = "out_features"

    def channels(self, shape: Shape) -> int:
        """As declared."""
        return self.out_features

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """A weight for every pair of an input value and an output."""
        (shape,) = inputs
        spatial = () if set(shape.spatial) <= {1} else shape.spatial
        return weight_and_bias(
            (*spatial, shape.channels, self.out_features), self.out_features, self.bias, "inputs*out_features"
        )

    def macs(self, *inputs: Shape) -> int:
        """Every weight once."""
        return inputs[0].elements * self.out_features

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Outputs times inputs."""
        seen = "*".join(map(str, self.weights(*inputs)[0].shape[:-1]))
        return Formula("outputs * inputs", f"{self.out_features} * ({seen})", self.macs(*inputs))


class RadialBasis(WholeMap, kind="rbf"):
    """LeNet-5's output layer: Euclidean distances to fixed vectors, one for each class, as `rbf-10`.

    out_features outputs, each the squared distance of the input to its vector. The vectors are drawn by hand and not
    trained: h * w * in_channels * out_features buffers, no weights. Not counted: its subtractions and squares.

    Source: LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998, section II.B, equation 7.

    >>> [(tensor.counts_as, tensor.elements) for tensor in RadialBasis(out_features=10).weights(Shape(84, (1, 1)))]
    [('buffer', 840)]
    """

    out_features: Positive

    role = "activation"
    dashed = "out_features"

    def channels(self, shape: Shape) -> int:
        """As declared."""
        return self.out_features

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The fixed vectors, which are stored but not trained."""
        return (Weight("vectors", (inputs[0].elements, self.out_features), "buffer", "inputs*out_features"),)
