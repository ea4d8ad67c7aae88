"""A layer of which nobody knows what it does."""

from typing import Annotated

from vggcalc.layers.base import Formula, Layer, Weight
from vggcalc.layers.fields import Check, Flag, OptionalNatural
from vggcalc.layers.window import Window
from vggcalc.shape import NOT_KNOWN, Shape

Extents = Annotated[
    tuple[int, ...] | None,
    Check(
        "a list of whole numbers: height, width and channels",
        lambda value: (
            isinstance(value, tuple) and 1 <= len(value) <= 4 and all(type(n) is int and n > 0 for n in value)
        ),
        form={"type": "array", "minItems": 1, "maxItems": 4, "items": {"type": "integer", "minimum": 1}},
    ),
]
Word = Annotated[
    str,
    Check(
        "a word",
        lambda value: isinstance(value, str) and 0 < len(value) <= 100,
        form={"type": "string", "minLength": 1, "maxLength": 100},
    ),
]


_SAYS = "as the file says"
_SILENT = "the file does not say it"


class Unknown(Layer, kind="unknown"):
    """An operation of a foreign file that vggcalc does not know: its work is unknown, never 0.

    out = `output_shape` (height, width, channels), as the file says; unknown where it does not.
    weights = `held` elements of trained tensors that the file holds for it, 0 for none; unknown where it does not say.
    MACs: unknown, and with them the total.

    op: what the file calls it. known_op: whether it is the map that it reads of which nothing is known, and not what it
    does.

    Source: the file.

    >>> str(Unknown(op="GridSample", output_shape=(28, 28, 64)).output(Shape(64, (56, 56))))
    '28x28x64'
    """

    op: Word
    output_shape: Extents = None
    held: OptionalNatural = None
    known_op: Flag = False

    role = "unknown"
    inputs = (1, None)
    mixes_axes = True
    is_blind = True
    stem = "unknown"

    @property
    def holds_unknown(self) -> bool:  # type: ignore[override]
        """Where the file does not say what it holds."""
        return self.held is None

    def output(self, *inputs: Shape) -> Shape:
        """As the file says."""
        if self.output_shape is None:
            return NOT_KNOWN
        *spatial, channels = self.output_shape
        return Shape(channels, tuple(spatial))

    def size_formulas(self, *inputs: Shape) -> tuple[Formula, ...]:
        """As the file says."""
        return tuple(Formula("out", str(size), size, _SAYS) for size in self.output(*inputs).spatial)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """As the file says."""
        channels = self.output(*inputs).channels
        if self.output_shape is None:
            return Formula("unknown", "", None, _SILENT)
        return Formula("out_channels", str(channels), channels, _SAYS)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Unknown."""
        note = "what it reads is unknown" if self.known_op else "nobody here knows what the operation does"
        return Formula("unknown", "", None, note)

    def axes(self, *inputs: Shape) -> tuple[int | None, ...]:
        """Nobody knows which axis continues which."""
        return (None,) * len(self.output(*inputs).spatial)

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """Nobody knows what it sees."""
        return ()

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """What the file holds for it."""
        return (Weight("weight", (self.held,), "weight", "held"),) if self.held else ()
