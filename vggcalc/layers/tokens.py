"""Layers of sequences of tokens, and trained values put in: linear at each position, embeddings, tokens, shifts."""

from typing import Annotated, Literal

from vggcalc.errors import ShapeError
from vggcalc.layers.base import Formula, Layer, Weight, formula, weight_and_bias
from vggcalc.layers.fields import Extents, Flag, OptionalPositive, Over, Positive, one_of
from vggcalc.layers.norm import trained_over
from vggcalc.layers.window import Window
from vggcalc.shape import Shape


class Linear(Layer, kind="linear"):
    """Linear layer over the channels of each position alike, as `linear-768`; `fc` sees the whole map instead.

    out_channels = out_features, positions stay; weights = in_channels * out_features, biases = out_features;
    MACs = positions * weights. It equals `conv1`. Not counted: the bias adds.

    Source: Vaswani et al., arXiv:1706.03762, section 3.3 ("applied to each position separately and identically");
    PyTorch's Linear on a map with its channels last; Keras's Dense.

    >>> Linear(out_features=768).macs(Shape(768, (197,)))
    116195328
    """

    elsewhere = "timedistributed pointwise"

    out_features: Positive
    bias: Flag = True

    role = "linear"
    dashed = "out_features"

    def output(self, *inputs: Shape) -> Shape:
        """The same positions, other channels."""
        return Shape(self.out_features, inputs[0].spatial)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """A weight for every pair of an input and an output channel."""
        pairs = (inputs[0].channels, self.out_features)
        return weight_and_bias(pairs, self.out_features, self.bias, "in_channels*out_features")

    def macs(self, *inputs: Shape) -> int:
        """Every weight once at every position."""
        return inputs[0].elements * self.out_features

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Outputs times input channels."""
        outputs = "*".join(map(str, self.output(*inputs).hwc))
        return Formula("outputs * in_channels", f"({outputs}) * {inputs[0].channels}", self.macs(*inputs))


class Embedding(Layer, kind="embedding"):
    """A trained vector for each index, as `embedding-512`: the lookup of words.

    out_channels = embedding_dim, for a map of indices, one at each position; weights = num_embeddings * embedding_dim,
    no biases, no MACs: it multiplies nothing.

    Source: Bengio et al., A Neural Probabilistic Language Model, JMLR 3, 2003, section 2; PyTorch's Embedding.
    Raises: ShapeError when there is more than one index at a position.

    >>> Embedding(num_embeddings=30522, embedding_dim=768).weights(Shape(1, (128,)))[0].elements
    23440896
    """

    elsewhere = "embed lookuptable"

    num_embeddings: Positive
    embedding_dim: Positive

    role = "embedding"
    dashed = "embedding_dim"

    def output(self, *inputs: Shape) -> Shape:
        """A vector at each position."""
        (shape,) = inputs
        if shape.channels != 1:
            raise ShapeError(
                f"an embedding reads one index at each position, not {shape.channels}",
                "give it a map of one channel",
                code="shape-misfit",
            )
        return Shape(self.embedding_dim, shape.spatial)

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The vectors."""
        return (Weight("weight", (self.num_embeddings, self.embedding_dim), "weight", "num_embeddings*embedding_dim"),)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As declared."""
        return formula("{embedding_dim}", {"embedding_dim": self.embedding_dim}, self.embedding_dim)


class Tokens(Layer, kind="tokens"):
    """Trained tokens put before a sequence, as `tokens-1`: class, distillation and register tokens.

    out = in + count along the axis of positions; weights = count * in_channels, no biases, no MACs.

    Source: Dosovitskiy et al., An Image is Worth 16x16 Words, arXiv:2010.11929, equation 1; Touvron et al., DeiT,
    arXiv:2012.12877, section 4; Darcet et al., Vision Transformers Need Registers, arXiv:2309.16588.
    Raises: ShapeError when the input is no sequence.

    >>> str(Tokens().output(Shape(768, (196,))))
    '197x768'
    """

    elsewhere = "classtoken clstoken"

    count: Positive = 1

    role = "embedding"
    dashed = "count"
    channelwise = True

    def output(self, *inputs: Shape) -> Shape:
        """A longer sequence."""
        (shape,) = inputs
        if len(shape.spatial) != 1:
            raise ShapeError(
                f"a map of {shape} is no sequence of tokens",
                "give it one axis of positions, as in {reshape: {shape: [196, 768]}}",
                code="shape-misfit",
            )
        return Shape(shape.channels, (shape.spatial[0] + self.count,))

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """A vector for each token."""
        return (Weight("weight", (self.count, inputs[0].channels), "weight", "count*in_channels"),)

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The position that was there, moved; of the trained tokens nothing."""
        return (Window.of(1, 1, self.count),)

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """in + count."""
        (n,) = inputs[0].spatial
        return (formula("{in} + {count}", {"in": n, "count": self.count}, n + self.count),)


class Shift(Layer, kind="shift"):
    """A trained tensor added to the map: position embeddings (`over: map`), a bias for each channel, one number.

    y = x + bias; biases = in_channels (`channels`), positions (`positions`), positions * in_channels (`map`) or 1
    (`one`); or `elements` numbers that are spread over them, as tables of relative positions are. No weights, no MACs;
    not counted: its additions.

    Source: Dosovitskiy et al., arXiv:2010.11929, equation 1 (E_pos); Caffe's Bias layer.

    >>> Shift(over="map").weights(Shape(768, (197,)))[0].elements
    151296
    """

    elsewhere = "bias positionembedding posembed"

    over: Over = "channels"
    elements: OptionalPositive = None

    role = "embedding"
    channelwise = True

    @property
    def valuewise(self) -> bool:  # type: ignore[override]
        """One number for all, or one for each value, is the same for a map and its vector."""
        return self.over == "one"

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The trained tensor."""
        extents, symbols = trained_over(self.over, inputs[0])
        if self.elements is not None:
            extents, symbols = (self.elements,), "elements"
        return (Weight("bias", extents, "bias", symbols),)


class Constant(Layer, kind="constant"):
    """A map that is not made of the input: fixed numbers, as coordinates are, or with `values: trained` a parameter.

    out = `shape`; weights = positions * channels where it is trained, or `elements` numbers that are spread over it;
    else 0. What is `stored` with the weights without being trained is a buffer. Of the layer above it reads no value.
    No MACs; what works on it is counted for one image.

    Source: Liu et al., Swin Transformer V2, arXiv:2111.09883, equation 4 (coordinates that a small network reads); Lee
    et al., Set Transformer, arXiv:1810.00825, section 3.2 (trained queries).

    >>> Constant(shape=(1, 768), values="trained").weights()[0].elements, Constant(shape=(15, 15, 2)).output().hwc
    (768, (15, 15, 2))
    """

    elsewhere = "variable"

    shape: Extents
    values: Annotated[Literal["fixed", "stored", "trained"], one_of("fixed", "stored", "trained")] = "fixed"
    elements: OptionalPositive = None

    role = "embedding"
    is_blind = True

    def output(self, *inputs: Shape) -> Shape:
        """As declared."""
        return Shape(self.shape[-1], self.shape[:-1])

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """The numbers, where they are trained or stored."""
        if self.values == "fixed":
            return ()
        role = "weight" if self.values == "trained" else "buffer"
        if self.elements is not None:
            return (Weight("weight", (self.elements,), role, "elements"),)
        return (Weight("weight", self.shape, role, "positions*channels"),)

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """All are new."""
        return (None,) * (len(self.shape) - 1)

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """It sees nothing."""
        return ()

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """As declared."""
        return tuple(formula("{extent}", {"extent": n}, n, "as declared") for n in self.shape[:-1])

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As declared."""
        return formula("{extent}", {"extent": self.shape[-1]}, self.shape[-1], "as declared")
