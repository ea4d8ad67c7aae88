"""Normalisations that few networks have."""

from vggcalc.layers.base import Layer, Weight
from vggcalc.layers.elementwise import Softmax
from vggcalc.layers.fields import Flag, Number
from vggcalc.layers.norm import scale_and_shift
from vggcalc.shape import Shape


class InstanceNorm(Layer, kind="instancenorm"):
    """Instance normalisation: each channel of each image is normalised by itself.

    y = weight * (x - mean)/sqrt(variance + eps) + bias over the positions of a channel; weights = biases = in_channels
    with `affine`, else none; no buffers. It is `groupnorm` with as many groups as channels.
    Not counted: its multiplications.

    Source: Ulyanov, Vedaldi, Lempitsky, arXiv:1607.08022, equation 2; PyTorch's InstanceNorm2d.

    >>> InstanceNorm().weights(Shape(64, (56, 56)))
    ()
    """

    elsewhere = "in instancenormalization mvn"

    affine: Flag = False
    eps: Number = 1e-05

    role = "norm"
    over_map = channelwise = True

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Scale and shift of each channel."""
        return scale_and_shift((inputs[0].channels,), self.affine, self.affine)


class RMSNorm(Layer, kind="rmsnorm"):
    """Root mean square normalisation: each position's channels divided by their root mean square.

    y = weight * x/sqrt(mean of x^2 over the channels + eps); weights = in_channels unless `elementwise_affine: false`,
    no biases. Not counted: its multiplications.

    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, arXiv:1910.07467, equation 4; PyTorch's RMSNorm.

    >>> RMSNorm().weights(Shape(768, (197,)))[0].elements
    768
    """

    elementwise_affine: Flag = True
    eps: Number = 1e-06

    role = "norm"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The scale of each channel."""
        return scale_and_shift((inputs[0].channels,), self.elementwise_affine, False)


class Normalize(Softmax, kind="normalize"):
    """Each vector divided by its Euclidean length: the channels of a position, or of a group of them, or the positions.

    y = x/max(|x|, eps). No weights; no MACs; not counted: its squares and its division. `over` and `groups` as of
    `softmax`; `l2norm` is that over the channels with a trained scale.

    Source: El-Nouby et al., XCiT, arXiv:2106.09681, section 3.2; PyTorch's normalize.

    >>> Normalize().macs(Shape(768, (197,)))
    0
    """

    elsewhere = "unitnormalization"

    role = "norm"
