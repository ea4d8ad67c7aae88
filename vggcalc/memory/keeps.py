"""What each kind of layer keeps for the way back, as PyTorch has it: the outputs of layers, copies, and what is beside.

Seen on torch 2.13 by `torch.autograd.graph.saved_tensors_hooks`, without parameters and buffers. Where the CPU and the
meta device differ, which is in 16 bits alone, it is the meta device's, and CUDA's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from math import prod

from vggcalc.analysis.report import Row
from vggcalc.layers import Layer
from vggcalc.layers.pool import SlidingPool
from vggcalc.layers.windowed import Windowed
from vggcalc.memory.contiguity import Contiguity
from vggcalc.record import Record
from vggcalc.shape import Shape


class Of(Enum):
    """Which outputs of layers one of them keeps."""

    NONE = 0
    INPUT = 1
    OUTPUT = 2
    FACTORS = 3
    """Of the inputs, each that the gradient of another needs."""
    MAP = 4
    """The input, unless the output is a single position."""
    WANTED = 5
    """The input, where that needs a gradient itself."""
    BASE = 6
    """The base of a power: the input, or a tensor made of it first; nothing where the exponent is 1."""


class Pass(Record):
    """A layer on the way forth.

    needed, wanted: which of its inputs need a gradient, and whether its output does. lies: how its inputs lie in
    memory. overwrites: its output is written over its input.
    """

    batch: int
    row: Row
    needed: tuple[bool, ...]
    wanted: bool
    lies: tuple[Contiguity, ...]
    overwrites: bool

    @property
    def out(self) -> int:
        """Values of the output."""
        return self.batch * self.row.output.elements

    @property
    def read(self) -> int:
        """Values of the first input."""
        return self.batch * self.row.input_shapes[0].elements

    @property
    def positions(self) -> int:
        """Positions of the output."""
        return self.batch * prod(self.row.output.spatial)


Values = Callable[[Pass], int]


class Keeps(Record):
    """What a kind of layer keeps, in words and as figures.

    tensors: the outputs of layers, its own among them; in_place: which instead where it writes over its input.
    beside: what is no layer's output, by name, as values for a batch.
    """

    text: str
    tensors: Of = Of.NONE
    in_place: Of | None = None
    beside: Mapping[str, Values] = {}


KEEPS: Mapping[str, Keeps] = {
    kind: its
    for kinds, its in {
        (
            "conv headconv dwconv convtranspose convmap fc avgpool scale prelu gelu abs channelconv linear log sin erf"
            " glu softplus softshrink hardshrink"
        ): Keeps("its input", Of.INPUT),
        "wsconv": Keeps(
            "its input; its standardised weights, their gains, and mean and 1/deviation of each output's",
            Of.INPUT,
            beside={"tensors": lambda at: _standardised(at.row), "statistics": lambda at: 2 * at.row.output.channels},
        ),
        "instancenorm": Keeps(
            "its input; mean and 1/deviation of each channel of an image; its weights, once for each image",
            Of.INPUT,
            beside={
                "moments": lambda at: 2 * at.batch * at.row.output.channels,
                "tensors": lambda at: at.batch * at.row.output.channels if at.row.trained else 0,
            },
        ),
        "rmsnorm": Keeps(
            "its input; 1/root mean square of each position; what it scales, where it has weights",
            Of.INPUT,
            beside={"tensors": lambda at: at.positions + (at.out if at.row.trained else 0)},
        ),
        "power": Keeps("the base of its power; nothing where the exponent is 1", Of.BASE),
        "shift tokens constant unfold fold gather": Keeps("nothing"),
        "batchnorm": Keeps(
            "its input; mean and 1/deviation of each channel in float32, or float64",
            Of.INPUT,
            beside={"statistics": lambda at: 2 * at.row.output.channels},
        ),
        "groupnorm": Keeps(
            "its input; mean and 1/deviation of each group of an image",
            Of.INPUT,
            beside={"moments": lambda at: 2 * at.batch * at.row.layer.fields["num_groups"]},
        ),
        "layernorm": Keeps(
            "its input; mean and 1/deviation of each position, or of the whole image, in float32, or float64",
            Of.INPUT,
            beside={"statistics": lambda at: 2 * (at.batch if _is_whole(at.row) else at.positions)},
        ),
        "lrn": Keeps(
            "its input; its squares with size - 1 more channels, the sums under the power, and the power",
            Of.INPUT,
            beside={"tensors": lambda at: 2 * at.out + at.batch * padded(at.row)},
        ),
        "l2norm": Keeps(
            "what it scales, and for the gradient of its input that, and the lengths as they are and with a least one",
            Of.WANTED,
            beside={"tensors": lambda at: at.out + 2 * at.positions * at.needed[0]},
        ),
        "relu6 silu hardswish hardsigmoid mish hardtanh threshold": Keeps(
            "its input; a copy of it where it is written over",
            Of.INPUT,
            Of.NONE,
            {"tensors": lambda at: at.out if at.overwrites else 0},
        ),
        "leakyrelu elu selu celu": Keeps("its input; its output where that is written over it", Of.INPUT, Of.OUTPUT),
        "adaptiveavgpool": Keeps("its input; nothing where the output is 1x1", Of.MAP),
        "maxpool adaptivemaxpool globalmaxpool": Keeps(
            "its input; an index in int64 for each output", Of.INPUT, beside={"indices": lambda at: at.out}
        ),
        "subsample": Keeps(
            "the means that it scales, and its input where that needs a gradient",
            Of.WANTED,
            beside={"tensors": lambda at: at.out},
        ),
        "rbf": Keeps(
            "the difference of each input value and each vector's",
            beside={"tensors": lambda at: at.read * at.row.output.channels},
        ),
        "multiply": Keeps(
            "each input that the gradient of another needs, and the product of the first ones before a third",
            Of.FACTORS,
            beside={"tensors": lambda at: _products(at)},
        ),
        "relu sigmoid tanh softmax exp sqrt": Keeps("its output", Of.OUTPUT),
        "dropout": Keeps(
            "a mask as large as its input; nothing where p is 0, a single zero where it is 1",
            beside={"masks": lambda at: at.out if 0 < at.row.layer.fields["p"] < 1 else int(at.row.layer.fields["p"])},
        ),
        "stochasticdepth": Keeps(
            "a value an image; nothing where p is 0",
            beside={"masks": lambda at: at.batch if at.row.layer.fields["p"] else 0},
        ),
        "*move add subtract concat globalavgpool": Keeps("nothing"),
    }.items()
    for kind in kinds.split()
}
"""What each kind of layer keeps, or each of a role; of a kind that is not here nothing is known."""


def keeps(layer: Layer) -> Keeps | None:
    """What a layer keeps: the rule of its kind, or else of its role; None where neither has one."""
    return KEEPS.get(layer.kind) or KEEPS.get(f"*{layer.role}")


def copied(at: Pass) -> int:
    """Values of the copy that the layer makes of its input, and keeps instead of it; 0 where it makes none.

    What PyTorch's own layer does not pad is written into a larger copy: padding that is not the same on both sides,
    TensorFlow's `same` with strides, and that of a pooling by more than half its kernel. PyTorch's own `same`, without
    strides, copies where one side has more, and then pads only that. Group normalisation copies what does not lie
    together, and a fully connected layer what does not lie in the order of its weights.
    """
    kind, layer, shape = at.row.kind, at.row.layer, at.row.input_shapes[0]
    if isinstance(layer, Windowed):
        return at.batch * shape.channels * _padded(layer, shape)
    copies = kind == "groupnorm" and at.lies[0] is not Contiguity.CONTIGUOUS
    return at.read if copies or (kind == "fc" and at.lies[0] is Contiguity.CHANNELS_LAST) else 0


def _padded(layer: Windowed, shape: Shape) -> int:
    """Positions of the padded copy of an input, 0 for none."""
    slides = layer.moves(shape).slides
    is_same, strides = layer.padding == "same", any(slide.s > 1 for slide in slides)
    is_even = all(slide.before == slide.after for slide in slides) and not (is_same and strides)
    if is_even and not (isinstance(layer, SlidingPool) and layer.overpadded(shape)):
        return 0
    is_own = is_same and not strides and not isinstance(layer, SlidingPool)
    sizes = [slide.n + slide.after + (-slide.before if is_own else slide.before) for slide in slides]
    return prod(sizes) if sizes != list(shape.spatial) else 0


def _standardised(row: Row) -> int:
    """The weights of a convolution once more, and the gains."""
    return row.tensors[0].elements + row.output.channels * bool(row.layer.fields["gain"])


def _is_whole(row: Row) -> bool:
    return bool(row.layer.fields["normalized_shape"] == "all")


def _products(at: Pass) -> int:
    """The products of the first inputs that wait for another factor which needs a gradient."""
    kept, sizes = 0, [shape.elements for shape in at.row.input_shapes]
    for place in range(2, len(sizes)):
        kept += max(sizes[:place]) if at.needed[place] else 0
    return at.batch * kept


def padded(row: Row) -> int:
    """The map that PyTorch's local response normalisation pools, of an image: size - 1 channels are padded to it."""
    more: int = row.layer.fields["size"] - 1
    return (row.output.channels + more) * prod(row.output.spatial)
