"""Normalisation."""

from collections.abc import Sequence
from typing import Annotated, Literal

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Layer, Weight
from vggcalc.layers.fields import Flag, Number, OptionalPositive, Over, Positive, one_of
from vggcalc.shape import Shape


class BatchNorm(Layer, kind="batchnorm"):
    """Batch normalisation: each channel is scaled and shifted by its mean and variance over the batch.

    y = weight * (x - mean)/sqrt(variance + eps) + bias; weights = in_channels, biases = in_channels (none unless
    `affine`; no weights without `scale`, Keras's word for a shift alone). Running mean, running variance and, with
    `counts_batches`, the count of batches are buffers: 2*in_channels + 1, no params. PyTorch counts, Keras does not.

    Not counted: its multiplications; at inference they can be folded into the convolution before it.

    Source: Ioffe and Szegedy, arXiv:1502.03167, algorithm 1; PyTorch's BatchNorm2d.

    >>> [(tensor.name, tensor.elements) for tensor in BatchNorm(affine=True).weights(Shape(64, (112, 112)))][:2]
    [('weight', 64), ('bias', 64)]
    """

    elsewhere = "bn batchnormalization"

    affine: Flag = True
    scale: Flag = True
    track_running_stats: Flag = True
    counts_batches: Flag = True
    eps: Number = 1e-05

    role = "norm"
    channelwise = True
    stem = "bn"

    @property
    def over_map(self) -> bool:  # type: ignore[override]
        """Where it keeps no running statistics, it takes those of what it reads, at inference too."""
        return not self.track_running_stats

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Scale and shift, and the running statistics."""
        channels = (inputs[0].channels,)
        statistics: tuple[Weight, ...] = (
            Weight("running_mean", channels, "buffer"),
            Weight("running_var", channels, "buffer"),
        )
        if self.counts_batches:
            statistics += (Weight("num_batches_tracked", (), "buffer"),)
        trained = scale_and_shift(channels, self.affine and self.scale, self.affine)
        return trained + (statistics if self.track_running_stats else ())


class LayerNorm(Layer, kind="layernorm"):
    """Layer normalisation: each image is normalised by itself, position by position or as a whole.

    y = weight * (x - mean)/sqrt(variance + eps) + bias, over the channels of a position (`channels`, ConvNeXt's) or
    over all values of the map (`all`, the paper's). weights = biases = the values that are normalised together; none
    unless `elementwise_affine`, no biases unless `bias`. Not counted: its multiplications.

    Source: Ba, Kiros, Hinton, arXiv:1607.06450, equation 4; PyTorch's LayerNorm; Liu et al., arXiv:2201.03545.

    >>> [tensor.elements for tensor in LayerNorm().weights(Shape(96, (56, 56)))]
    [96, 96]
    """

    elsewhere = "ln layernormalization"

    normalized_shape: Annotated[Literal["channels", "all"], one_of("channels", "all")] = "channels"
    elementwise_affine: Flag = True
    bias: Flag = True
    eps: Number = 1e-05

    role = "norm"

    @property
    def over_map(self) -> bool:  # type: ignore[override]
        """Over all values; over the channels of a position it stays there."""
        return self.normalized_shape == "all"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Scale and shift of each value that is normalised with others."""
        (shape,) = inputs
        values = (shape.channels,) if self.normalized_shape == "channels" else shape.hwc
        symbols = "in_channels" if self.normalized_shape == "channels" else "values of the map"
        return scale_and_shift(values, self.elementwise_affine, self.elementwise_affine and self.bias, symbols)


class GroupNorm(Layer, kind="groupnorm"):
    """Group normalisation: channels are normalised in groups, image by image, as `groupnorm-32`.

    y = weight * (x - mean)/sqrt(variance + eps) + bias over the channels and positions of a group;
    weights = biases = in_channels, none unless `affine`, no biases with `bias: false`. `num_groups` = in_channels is
    instance normalisation. Not counted: its multiplications.

    Source: Wu and He, arXiv:1803.08494, section 3; PyTorch's GroupNorm.
    Raises: ShapeError when the groups do not divide the channels.

    >>> [tensor.elements for tensor in GroupNorm(num_groups=32).weights(Shape(64, (56, 56)))]
    [64, 64]
    """

    elsewhere = "gn groupnormalization"

    num_groups: Positive
    affine: Flag = True
    bias: Flag = True
    eps: Number = 1e-05

    role = "norm"
    over_map = True
    dashed = "num_groups"

    def output(self, *inputs: Shape) -> Shape:
        """The input's shape."""
        (shape,) = inputs
        if shape.channels % self.num_groups:
            raise ShapeError(
                f"{self.num_groups} groups do not divide {shape.channels} channels",
                "choose num_groups that divide them",
                code="shape-misfit",
            )
        return shape

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its group."""
        size = inputs[0].channels // self.num_groups
        return (range(channel // size * size, channel // size * size + size),)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Scale and shift of each channel."""
        return scale_and_shift((inputs[0].channels,), self.affine, self.affine and self.bias)


class LocalResponseNorm(Layer, kind="lrn"):
    """Local response normalisation across neighbouring channels, `lrn` or `LRN`.

    y = x / (k + alpha/size * sum of the squares of `size` neighbouring channels)^beta. No weights; no MACs.
    Not counted: its squares, sums and powers.

    Source: Krizhevsky et al., NIPS 2012, section 3.3 (n = 5, k = 2, alpha = 1e-4, beta = 0.75), where alpha is not
    divided by n; PyTorch's LocalResponseNorm, whose defaults these are.

    >>> LocalResponseNorm().macs(Shape(96, (55, 55)))
    0
    """

    elsewhere = "localresponsenorm localresponsenormalization"

    size: Positive = 5
    alpha: Number = 0.0001
    beta: Number = 0.75
    k: Number = 1.0

    role = "norm"

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Its neighbours, one more before than behind where `size` is even."""
        last = channel + (self.size - 1) // 2
        return (range(max(0, channel - self.size // 2), min(last + 1, inputs[0].channels)),)


class L2Norm(Layer, kind="l2norm"):
    """Each position's channels divided by their Euclidean length, and scaled channel by channel.

    y = weight * x/sqrt(sum of x^2 over the channels); weights = in_channels, no biases. Not counted: its squares.

    Source: Liu, Rabinovich, Berg, ParseNet, arXiv:1506.04579, section 3.3; Liu et al., SSD, arXiv:1512.02325.

    >>> L2Norm().weights(Shape(512, (38, 38)))[0].elements
    512
    """

    role = "norm"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The scale of each channel."""
        return scale_and_shift((inputs[0].channels,), True, False)


class Scale(Layer, kind="scale"):
    """Each channel times a trained factor, and with `bias` plus a trained shift; or the positions, the map, by one.

    y = weight * x + bias; weights = in_channels (`over: channels`), positions (`positions`), positions * in_channels
    (`map`) or 1 (`one`), or `elements` of them that are spread over those; biases as many or none. Not counted: its
    multiplications.

    Source: Touvron et al., Going deeper with Image Transformers, arXiv:2103.17239, section 2 (LayerScale); Caffe's
    Scale layer; Bachlechner et al., ReZero, arXiv:2003.04887, equation 6 (one factor).

    >>> Scale().weights(Shape(96, (56, 56)))[0].elements
    96
    """

    over: Over = "channels"
    elements: OptionalPositive = None
    bias: Flag = False

    role = "norm"
    channelwise = True

    @property
    def valuewise(self) -> bool:  # type: ignore[override]
        """One factor for all is the same everywhere."""
        return self.over == "one"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """Factors and shifts."""
        shape, symbols = trained_over(self.over, inputs[0]) if self.elements is None else ((self.elements,), "elements")
        return scale_and_shift(shape, True, self.bias, symbols)


def trained_over(over: str, shape: Shape) -> tuple[tuple[int, ...], str]:
    """The extents of a trained tensor that is spread over a map, and what they are in letters."""
    return {
        "channels": ((shape.channels,), "in_channels"),
        "positions": (shape.spatial or (1,), "positions of the map"),
        "map": (shape.hwc, "values of the map"),
        "one": ((1,), "1"),
    }[over]


def scale_and_shift(
    shape: tuple[int, ...], weight: bool, bias: bool, symbols: str = "in_channels"
) -> tuple[Weight, ...]:
    """The trained tensors of a normalisation, as far as it has them."""
    return (Weight("weight", shape, "weight", symbols),) * weight + (Weight("bias", shape, "bias", symbols),) * bias
