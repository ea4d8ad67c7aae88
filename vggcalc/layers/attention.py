"""Attention: values weighed by how their positions match others; and the product of two maps, of which it is made."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, Literal

from vggcalc.errors import FieldError, ShapeError
from vggcalc.layers.base import Formula, Layer, Weight, formula, per_axis
from vggcalc.layers.fields import Flag, OptionalPerAxis, OptionalPositive, Positive, one_of
from vggcalc.layers.window import POINT, Window
from vggcalc.shape import Shape


class Attention(Layer, kind="attention"):
    """Scaled dot-product attention with `num_heads`, from queries, keys and values that layers before it make.

    y = softmax(q k^T / sqrt(d)) v in each head. It reads one map with the channels of q, k and v in this order, or q
    and a map of k and v, or all three. q and k have `key_channels` in all heads together: unless given, a third of a
    single map's, and of several maps those of q. out_channels = those of v, positions as those of q.
    MACs = n_q * n_k * (key_channels + out_channels), the products q k^T and a v, for each map of positions.

    over: `last`, the last axis of positions, for each position of the axes before it, as of windows; or the whole
    `map`. relative_positions: the extents of the map or window for whose differences of positions each head has a
    trained bias: product of (2*extent - 1) * num_heads biases, and an index in a buffer for each pair of positions.
    Where layers make these biases, their map of (2*extent - 1) positions an axis and num_heads channels is a fourth
    input.
    elements: so many trained biases that are spread over the pairs in another way.
    query_map, key_map: for decomposed relative positions the maps in which queries and keys stand, maybe behind tokens.
    Along each axis there is a trained vector for each difference, (2*max(extent) - 1) * key_channels/num_heads weights,
    and a product of each query with that for each key: positions of query_map * key_channels * extent of key_map MACs.
    Projections are layers of their own: `linear-2304`, `attention`, `linear-768`.
    Not counted: softmax and scaling; `causal` masks values and changes no figure.

    Source: Vaswani et al., arXiv:1706.03762, section 3.2, equation 1; Liu et al., Swin Transformer, arXiv:2103.14030,
    equation 4 (relative positions); Li et al., MViTv2, arXiv:2112.01526, equations 3 and 4 (decomposed); PyTorch's
    scaled_dot_product_attention.
    Raises: ShapeError when the channels do not fall into heads, or q, k and v do not fit.

    >>> vit = Attention(num_heads=12)
    >>> str(vit.output(Shape(2304, (197,)))), vit.macs(Shape(2304, (197,)))
    ('197x768', 59610624)
    """

    elsewhere = "multiheadattention mha selfattention scaleddotproductattention"

    num_heads: Positive = 1
    key_channels: OptionalPositive = None
    over: Annotated[Literal["last", "map"], one_of("last", "map")] = "last"
    relative_positions: OptionalPerAxis = None
    elements: OptionalPositive = None
    query_map: OptionalPerAxis = None
    key_map: OptionalPerAxis = None
    causal: Flag = False

    role = "attention"
    inputs = (1, 4)
    mixes_axes = True
    dashed = "num_heads"

    def _channels(self, *inputs: Shape) -> tuple[int, int]:
        """The channels of q, as of k, and those of v."""
        first = inputs[0].channels
        if len(inputs) == 1:
            key = first // 3 if self.key_channels is None else self.key_channels
            return key, first - 2 * key
        key = first if self.key_channels is None else self.key_channels
        if len(inputs) == 2:
            return key, inputs[1].channels - key
        return key, inputs[2].channels

    def _positions(self, *inputs: Shape) -> tuple[int, int, int]:
        """How many maps of positions there are, and the queries and keys in each."""
        queries, keys = inputs[0].spatial, inputs[min(1, len(inputs) - 1)].spatial
        if self.over == "map" or not queries:
            return 1, prod(queries), prod(keys)
        return prod(queries[:-1]), queries[-1], keys[-1]

    def output(self, *inputs: Shape) -> Shape:
        """The values' channels at the queries' positions."""
        key, value = self._channels(*inputs)
        listed = " and ".join(map(str, inputs))
        exact = len(inputs) > 1 or self.key_channels is not None or inputs[0].channels % 3 == 0
        if value < 1 or not exact or (len(inputs) > 1 and inputs[0].channels != key):
            raise ShapeError(
                f"{listed} holds no queries and keys of {key} channels each, and values",
                "give it channels for q, k and v, and say key_channels where they are no thirds",
                code="shape-misfit",
            )
        if len(inputs) > 2 and (inputs[1].channels != key or inputs[1].spatial != inputs[2].spatial):
            raise ShapeError(
                f"queries, keys and values of {listed} do not fit",
                "keys have the queries' channels and the values' positions",
                code="shape-misfit",
            )
        if any(len(shape.spatial) != len(inputs[0].spatial) for shape in inputs[:3]) or (
            self.over == "last" and any(shape.spatial[:-1] != inputs[0].spatial[:-1] for shape in inputs[:3])
        ):
            raise ShapeError(
                f"positions of {listed} differ before the last axis",
                "attend over the last axis, or write over: map",
                code="shape-misfit",
            )
        for channels in (key, value):
            if channels % self.num_heads:
                raise ShapeError(
                    f"{self.num_heads} heads do not divide {channels} channels",
                    "choose num_heads that divide the channels of q, k and v",
                    code="shape-misfit",
                )
        if len(inputs) == 4 and inputs[3] != Shape(self.num_heads, self._differences()):
            raise ShapeError(
                f"{inputs[3]} holds no biases of {self.num_heads} heads for differences of"
                f" {'x'.join(map(str, self._differences())) or 'no'} positions",
                "the fourth input has a position for each difference and a channel for each head",
                code="shape-misfit",
            )
        return Shape(value, inputs[0].spatial)

    def _differences(self) -> tuple[int, ...]:
        """How many differences of positions there are along each axis; a single extent is that of two axes."""
        extents = self.relative_positions or ()
        axes = 2 if isinstance(extents, int) else len(extents)
        return tuple(2 * extent - 1 for extent in per_axis(extents, axes, "relative_positions"))

    def _maps(self) -> tuple[tuple[int, int], ...]:
        """Along each axis the extents of the maps of queries and keys, for decomposed relative positions."""
        queries, keys = ((m,) * 2 if isinstance(m, int) else m or () for m in (self.query_map, self.key_map))
        return tuple(zip(queries, keys, strict=True))

    def check(self) -> None:
        """Raises FieldError where one map of decomposed positions is without the other."""
        if len({0 if m is None else 2 if isinstance(m, int) else len(m) for m in (self.query_map, self.key_map)}) > 1:
            raise FieldError(
                "key_map", "query_map and key_map differ in their axes", "give both as many extents", code="bad-field"
            )

    def weights(self, *inputs: Shape) -> tuple[Weight, ...]:
        """What relative positions have trained, where there are any."""
        if self.elements is not None:
            return (Weight("attention_bias", (self.elements,), "bias", "elements"),)
        if self._maps():
            size = self._channels(*inputs)[0] // self.num_heads
            symbols = "(2*max(extent) - 1)*key_channels/num_heads"
            extents = [(2 * max(pair) - 1, size) for pair in self._maps()]
            return tuple(Weight(f"rel_pos.{axis}", shape, "weight", symbols) for axis, shape in enumerate(extents))
        if self.relative_positions is None:
            return ()
        _, queries, keys = self._positions(*inputs)
        index = Weight("relative_position_index", (queries, keys), "buffer", "n_q*n_k")
        if len(inputs) == 4:
            return (index,)
        table = (*self._differences(), self.num_heads)
        symbols = f"{'(2*extent - 1)*' * (len(table) - 1)}num_heads"
        return Weight("relative_position_bias_table", table, "bias", symbols), index

    def macs(self, *inputs: Shape) -> int:
        """Two products of matrices for each head."""
        maps, queries, keys = self._positions(*inputs)
        return maps * queries * keys * sum(self._channels(*inputs)) + self._positional(*inputs)

    def _positional(self, *inputs: Shape) -> int:
        """The products of queries with vectors of positions."""
        return prod(q for q, _ in self._maps()) * self._channels(*inputs)[0] * sum(k for _, k in self._maps())

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """A query sees all keys and values, and of a map of its own itself alone."""
        seen = tuple(self._window(shape) for shape in inputs[:3])  # where biases come from is no matter of values
        return seen if len(inputs) == 1 else ((POINT,) * len(inputs[0].spatial), *seen[1:])

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The window on the first input."""
        return self.windows(*inputs)[0]

    def _window(self, shape: Shape) -> tuple[Window, ...]:
        whole = [Window.over(n) for n in shape.spatial]
        return tuple(whole if self.over == "map" else [POINT] * (len(whole) - 1) + whole[-1:])

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """The queries and keys of its head, and its own channel of the values."""
        key, value = self._channels(*inputs)
        size = key // self.num_heads
        head = channel // (value // self.num_heads)
        keys = range(head * size, (head + 1) * size)
        if len(inputs) == 1:
            return ((*keys, *(key + each for each in keys), 2 * key + channel),)
        if len(inputs) == 2:
            return keys, (*keys, key + channel)
        return keys, keys, (channel,)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """What is left for the values."""
        key, value = self._channels(*inputs)
        if len(inputs) > 2:
            return formula("{channels of v}", {"channels of v": value}, value)
        times = "2*" if len(inputs) == 1 else ""
        numbers = {"in_channels": inputs[-1].channels, "key_channels": key}
        return formula(f"{{in_channels}} - {times}{{key_channels}}", numbers, value)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Queries times keys times the channels of both products."""
        maps, queries, keys = self._positions(*inputs)
        key, value = self._channels(*inputs)
        symbols = "maps * n_q * n_k * (key_channels + out_channels)"
        numbers = f"{maps} * {queries} * {keys} * ({key} + {value})"
        if self._maps():
            extents = [[str(extent) for extent in extents] for extents in zip(*self._maps(), strict=True)]
            symbols += " + query_map * key_channels * (extents of key_map)"
            numbers += f" + {'*'.join(extents[0])} * {key} * ({' + '.join(extents[1])})"
        return Formula(symbols, numbers, self.macs(*inputs))


class MatrixProduct(Layer, kind="matmul"):
    """The matrix product of two maps over their last axis of positions, in `groups` of channels, as heads have it.

    y = a b, where a row of a is a position and its columns are the channels of a group. a is n x (groups*k), b is
    k x (groups*m), and y n x (groups*m); with `transpose` b is m x (groups*k), as keys are. Axes of positions before
    the last are taken one by one. MACs = n * k * m * groups for each of them. No weights.

    Source: Vaswani et al., arXiv:1706.03762, equation 1; PyTorch's matmul.
    Raises: ShapeError when the factors do not fit.

    >>> scores = MatrixProduct(groups=12, transpose=True)
    >>> str(scores.output(Shape(768, (197,)), Shape(768, (197,))))
    '197x2364'
    """

    elsewhere = "bmm dot mm"

    groups: Positive = 1
    transpose: Flag = False

    role = "attention"
    inputs = (2, 2)

    def output(self, *inputs: Shape) -> Shape:
        """The rows of the first and the columns of the second."""
        first, second = inputs
        fits = (
            len(first.spatial) == len(second.spatial) > 0
            and first.spatial[:-1] == second.spatial[:-1]
            and not (first.channels % self.groups or second.channels % self.groups)
            and first.channels == (second.channels if self.transpose else second.spatial[-1] * self.groups)
        )
        if not fits:
            raise ShapeError(
                f"{first} and {second} are no factors in {self.groups} groups",
                "the second has as many positions as a group of the first has channels"
                if not self.transpose
                else "both have as many channels, which the groups divide",
                code="shape-misfit",
            )
        channels = second.spatial[-1] * self.groups if self.transpose else second.channels
        return Shape(channels, first.spatial)

    def macs(self, *inputs: Shape) -> int:
        """A product for each row, column and what they have in common."""
        return self.output(*inputs).elements * (inputs[0].channels // self.groups)

    def windows(self, *inputs: Shape) -> tuple[tuple[Window, ...], ...]:
        """A row of the first; of the second all."""
        rows = (POINT,) * len(inputs[0].spatial)
        return rows, (*rows[:-1], Window.over(inputs[1].spatial[-1]))

    def window(self, *inputs: Shape) -> tuple[Window, ...]:
        """The window on the first input."""
        return self.windows(*inputs)[0]

    def channels_read(self, channel: int, *inputs: Shape) -> tuple[Sequence[int], ...]:
        """Those of its group; of a second that is not transposed its own."""
        size = inputs[0].channels // self.groups
        group = channel // (self.output(*inputs).channels // self.groups)
        own = range(group * size, (group + 1) * size)
        return own, own if self.transpose else range(channel, channel + 1)

    def channel_formula(self, *inputs: Shape) -> Formula:
        """groups * m."""
        columns = self.output(*inputs).channels // self.groups
        return formula("{groups} * {m}", {"groups": self.groups, "m": columns}, self.groups * columns)

    def macs_formula(self, *inputs: Shape) -> Formula:
        """Outputs times the columns of a group."""
        outputs = "*".join(map(str, self.output(*inputs).hwc))
        return Formula("outputs * k", f"({outputs}) * {inputs[0].channels // self.groups}", self.macs(*inputs))
