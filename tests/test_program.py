"""Programs of tensor operations put into layers, operation by operation, without PyTorch: figures by hand."""

from __future__ import annotations

from typing import Any

import pytest

from vggcalc.analysis import analyse
from vggcalc.analysis.report import Report
from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch import arithmetic, functions, moves, ops, parts, positions, products, unfolding
from vggcalc.frameworks.pytorch.call import OPS, translate
from vggcalc.frameworks.pytorch.tracing import Tracing
from vggcalc.frameworks.views import View

BATCH = 5


class Traced:
    """A program under way: `traced.conv2d(x, ...)` is a call of PyTorch's; parameters have names."""

    def __init__(self) -> None:
        self.program = Program(Assembly())
        self.program.at("op")

    def input(self, *sizes: int) -> View:
        """A tensor of a batch of these sizes."""
        return self.program.input("input", (BATCH, *sizes))

    def parameter(self, *sizes: int) -> Held:
        """A trained tensor."""
        name = f"p{len(self.program.elements)}"
        total = 1
        for size in sizes:
            total *= size
        self.program.elements[name] = total
        return Held(sizes, (name,))

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: translate(self.program, name, args, kwargs)

    def call(self, name: str, rest: list[Any], sizes: tuple[int, ...], held: Held) -> list[Any]:
        """A call of what is no map, as a trace has it, and its output's sizes."""
        return Tracing(self.program).call(name, [held, *rest], {}, [held, *rest], [sizes])

    def report(self) -> Report:
        """The figures of all layers so far."""
        return analyse(self.program.assembly.network("net"))

    def kinds(self) -> list[str]:
        """The kinds of all layers but the input."""
        return [row.kind for row in self.report().rows][1:]


def test_the_tables_are_entered() -> None:
    """Each module enters its operations when it is imported."""
    assert {"conv2d", "matmul", "flatten"} <= set(OPS)
    assert all(each.__doc__ for each in (ops, functions, moves, parts, positions, arithmetic, products, unfolding))


def test_a_classifier() -> None:
    """Convolution, pooling, flattening and linear: flattening is no layer where `fc` sees the whole map."""
    t = Traced()
    x = t.conv2d(t.input(3, 8, 8), t.parameter(4, 3, 3, 3), t.parameter(4), 1, 1)
    x = t.max_pool2d(t.relu(x), 2)
    x = t.linear(t.flatten(x, 1), t.parameter(10, 64), t.parameter(10))
    assert x.sizes == (BATCH, 10)
    assert t.kinds() == ["conv", "relu", "maxpool", "fc"]
    assert t.report().totals.params == (27 + 1) * 4 + (64 + 1) * 10
    assert t.report().totals.macs == 64 * 27 * 4 + 640


def test_tokens_of_a_transformer() -> None:
    """ViT's: patches, a class token, positions, attention and a head on the token; moved values make no layers."""
    t = Traced()
    x = t.conv2d(t.input(3, 32, 32), t.parameter(12, 3, 16, 16), None, 16)
    x = t.transpose(t.flatten(x, 2), 1, 2)
    assert (x.sizes, t.kinds()) == ((BATCH, 4, 12), ["conv"])
    x = t.cat([t.expand(t.parameter(1, 1, 12), BATCH, -1, -1), x], 1)
    x = t.add(x, t.parameter(1, 5, 12))
    qkv = t.linear(t.layer_norm(x, (12,), t.parameter(12), t.parameter(12)), t.parameter(36, 12), t.parameter(36))
    q, k, v = t.unbind(t.permute(t.reshape(qkv, BATCH, 5, 3, 2, 6), 2, 0, 3, 1, 4), 0)
    assert q.sizes == (BATCH, 2, 5, 6)
    y = t.reshape(t.transpose(t.scaled_dot_product_attention(q, k, v), 1, 2), BATCH, 5, 12)
    x = t.add(x, t.linear(y, t.parameter(12, 12)))
    head = t.linear(t.select(x, 1, 0), t.parameter(7, 12))
    assert head.sizes == (BATCH, 7)
    assert "unknown" not in t.kinds()
    report = t.report()
    assert report.totals.params == 768 * 12 + 12 + 60 + 24 + 13 * 36 + 144 + 84
    attention = 5 * 5 * (12 + 12)
    assert report.totals.macs == 4 * 768 * 12 + 5 * 12 * 36 + attention + 5 * 144 + 84


def test_attention_in_parts_is_as_much_work() -> None:
    """softmax(q k^T) v by two products of matrices: heads of 6, 5 x 5 positions, each twice."""
    t = Traced()
    x = t.input(12, 5)
    q = t.transpose(t.reshape(x, BATCH, 2, 6, 5), 2, 3)
    scores = t.softmax(t.matmul(q, t.transpose(q, -2, -1)), -1)
    assert scores.sizes == (BATCH, 2, 5, 5)
    y = t.matmul(scores, q)
    assert y.sizes == (BATCH, 2, 5, 6)
    assert t.report().totals.macs == 2 * (2 * 5 * 5 * 6)
    assert t.kinds().count("matmul") == 2


def test_windows() -> None:
    """Swin's: windows of 4x4 of an 8x8 map go into the batch and come back; the linear layer sees windows."""
    t = Traced()
    start = t.permute(t.input(6, 8, 8), 0, 2, 3, 1)
    x = t.reshape(start, BATCH, 2, 4, 2, 4, 6)
    x = t.reshape(t.permute(x, 0, 1, 3, 2, 4, 5), BATCH * 4, 16, 6)
    x = t.linear(x, t.parameter(6, 6))
    x = t.reshape(x, BATCH, 2, 2, 4, 4, 6)
    x = t.reshape(t.permute(x, 0, 1, 3, 2, 4, 5), BATCH, 8, 8, 6)
    assert t.add(start, x).sizes == (BATCH, 8, 8, 6)
    assert t.kinds() == ["windowpartition", "linear", "windowdepartition", "add"]
    assert [row.output.hwc for row in t.report().rows][1:3] == [(2, 2, 16, 6), (2, 2, 16, 6)]


def test_channels_shuffled() -> None:
    """ShuffleNet's view, transpose and view: one layer, where something reads it."""
    t = Traced()
    x = t.reshape(t.transpose(t.reshape(t.input(6, 4, 4), BATCH, 2, 3, 4, 4), 1, 2), BATCH, 6, 4, 4)
    one, _ = t.chunk(x, 2, 1)
    assert one.sizes == (BATCH, 3, 4, 4)
    assert t.kinds() == ["channelshuffle", "slice", "slice"]


def test_squeeze_and_excitation() -> None:
    """A mean over the map, two linear layers, and a product that one position serves everywhere."""
    t = Traced()
    x = t.input(8, 6, 6)
    s = t.linear(t.mean(x, (2, 3)), t.parameter(2, 8))
    s = t.sigmoid(t.linear(t.relu(s), t.parameter(8, 2)))
    assert t.mul(x, t.reshape(s, BATCH, 8, 1, 1)).sizes == (BATCH, 8, 6, 6)
    assert t.kinds() == ["globalavgpool", "fc", "relu", "fc", "sigmoid", "multiply"]


def test_a_layer_of_constants_is_counted_once() -> None:
    """Swin V2's: coordinates go through a linear layer, 9 x 2 values to 9 x 8; nothing of an image is in it."""
    t = Traced()
    x = t.input(8, 4, 4)
    (made,) = t.call("linear", [t.parameter(8, 2)], (3, 3, 8), held=Held((3, 3, 2)))
    assert made.sizes == (3, 3, 8)
    t.conv2d(x, t.parameter(8, 8, 1, 1))
    assert t.kinds() == ["constant", "linear", "conv"]
    assert (t.report().totals.params, t.report().totals.macs) == (16 + 64, 9 * 16 + 16 * 64)


def test_a_trained_query() -> None:
    """Its projection is counted once: 1 x 12 x 12, and its product with 5 keys of 12 channels."""
    t = Traced()
    keys = t.transpose(t.flatten(t.input(12, 5, 1), 2), 1, 2)
    query = t.expand(t.parameter(1, 1, 12), BATCH, -1, -1)
    (query,) = t.call("linear", [t.parameter(12, 12)], (BATCH, 1, 12), held=query)
    scores = t.matmul(query, t.transpose(keys, 1, 2))
    assert scores.sizes == (BATCH, 1, 5)
    assert (t.report().totals.params, t.report().totals.macs) == (12 + 144, 144 + 60)


@pytest.mark.parametrize(
    ("equation", "one", "other", "result", "macs"),
    [
        ("bnm,bmk->bnk", (3, 4), (4, 6), (3, 6), 3 * 4 * 6),
        ("bhnd,bhmd->bhnm", (2, 3, 4), (2, 5, 4), (2, 3, 5), 2 * 3 * 5 * 4),
        ("blhk,bpk->blhp", (7, 2, 3), (5, 3), (7, 2, 5), 7 * 2 * 5 * 3),
    ],
)
def test_an_equation(
    equation: str, one: tuple[int, ...], other: tuple[int, ...], result: tuple[int, ...], macs: int
) -> None:
    """As many products as all letters together count, but the batch."""
    t = Traced()
    x, y = (t.reshape(t.input(each[0], each[1] * (each[2:] or (1,))[0]), BATCH, *each) for each in (one, other))
    assert t.einsum(equation, x, y).sizes == (BATCH, *result)
    assert t.report().totals.macs == macs


def test_a_table_for_each_row_serves_all_images() -> None:
    """MViT's relative positions: rows of 2 x 3 positions, 4 channels, against 5 of each row's own, of no image."""
    t = Traced()
    x = t.permute(t.input(4, 2, 3), 0, 2, 3, 1)
    assert t.einsum("bhwc,hkc->bhwk", x, t.parameter(2, 5, 4)).sizes == (BATCH, 2, 3, 5)
    assert (t.report().totals.params, t.report().totals.macs) == (40, 2 * 3 * 5 * 4)


def test_windows_go_through_a_convolution() -> None:
    """Four windows of 4x4 in the batch: 3x3 kernels with padding see each by itself, 64 positions of 9 products."""
    t = Traced()
    x = t.reshape(t.input(6, 8, 8), BATCH, 6, 2, 4, 2, 4)
    x = t.reshape(t.permute(x, 0, 2, 4, 1, 3, 5), BATCH * 4, 6, 4, 4)
    x = t.conv2d(x, t.parameter(6, 1, 3, 3), None, 1, 1, 1, 6)
    assert x.sizes == (BATCH * 4, 6, 4, 4)
    assert t.report().totals.macs == 64 * 6 * 9
    assert t.report().rows[-1].output.hwc == (4, 4, 4, 6)


def test_heads_go_through_the_same_kernels() -> None:
    """Two heads of 3 channels in the batch of a cube: 27*3 weights, twice as many products at each of 8 positions."""
    t = Traced()
    x = t.reshape(t.reshape(t.input(6, 2, 2, 2), BATCH, 2, 3, 2, 2, 2), BATCH * 2, 3, 2, 2, 2)
    x = t.conv3d(x, t.parameter(3, 1, 3, 3, 3), None, 1, 1, 1, 3)
    assert x.sizes == (BATCH * 2, 3, 2, 2, 2)
    assert (t.kinds(), t.report().totals.params, t.report().totals.macs) == (["headconv"], 81, 2 * 8 * 81)


def test_a_part_of_an_axis_is_reduced() -> None:
    """Hiera's: of 8 tokens those 4 apart are compared."""
    t = Traced()
    x = t.reshape(t.transpose(t.input(6, 8), 1, 2), BATCH, 4, 2, 6)
    assert t.amax(x, 1).sizes == (BATCH, 2, 6)
    assert t.report().rows[-1].output.elements == 12


def test_windows_become_channels_and_go_back() -> None:
    """VOLO's: windows of 3x3 at every second place of 4x4, 6*9 values each, and where they came from again."""
    t = Traced()
    x = t.unfold(t.input(6, 4, 4), (3, 3), 1, 1, 2)
    assert x.sizes == (BATCH, 54, 4)
    assert t.fold(x, (4, 4), (3, 3), 1, 1, 2).sizes == (BATCH, 6, 4, 4)
    assert t.kinds() == ["unfold", "fold"]


def test_windows_along_one_dimension() -> None:
    """The method of the same name: a dimension of windows, and one of what they hold."""
    t = Traced()
    assert t.unfold(t.input(6, 8, 5), 2, 4, 2).sizes == (BATCH, 6, 3, 5, 4)


def test_kernels_are_made_for_each_image() -> None:
    """CondConv's: 3 experts of 2*4 weights are mixed, and each image is convolved by its own 8, at 25 positions."""
    t = Traced()
    x = t.input(4, 5, 5)
    kernels = t.matmul(t.mean(t.conv2d(x, t.parameter(3, 4, 1, 1)), (2, 3)), t.parameter(3, 8))
    kernels = t.reshape(kernels, BATCH * 2, 4, 1, 1)
    y = t.conv2d(t.reshape(x, 1, BATCH * 4, 5, 5), kernels, None, 1, 0, 1, BATCH)
    assert t.reshape(t.permute(y, 1, 0, 2, 3), BATCH, 2, 5, 5).sizes == (BATCH, 2, 5, 5)
    assert t.report().totals.macs == 25 * 12 + 24 + 25 * 8
    assert t.kinds()[-1] == "dynamicconv"


def test_what_a_map_is_looked_up_with_is_no_map() -> None:
    """Channels in another order, and some of the positions."""
    t = Traced()
    x = t.input(6, 4)
    chosen = Held((3,))
    assert translate(t.program, "__getitem__", (x, (slice(None), chosen)), {}).sizes == (BATCH, 3, 4)
    assert t.index_select(x, 2, chosen).sizes == (BATCH, 6, 3)
    assert t.kinds() == ["gather", "gather"]


def test_what_is_repeated() -> None:
    """The whole after the whole, each beside itself, and one as often as it is wanted."""
    t = Traced()
    x = t.input(6, 4)
    assert t.repeat(x, 1, 2, 1).sizes == (BATCH, 12, 4)
    assert t.repeat_interleave(x, 3, 0).sizes == (BATCH * 3, 6, 4)
    assert t.expand(t.unsqueeze(x, 2), BATCH, 6, 7, 4).sizes == (BATCH, 6, 7, 4)


def test_a_linear_layer_of_fixed_numbers_holds_none() -> None:
    """A cosine transform's: 8 x 8 fixed numbers are no parameters, and 5 * 64 products."""
    t = Traced()
    x = t.transpose(t.input(8, 5), 1, 2)
    assert t.linear(x, Held((8, 8))).sizes == (BATCH, 5, 8)
    assert (t.report().totals.params, t.report().totals.macs) == (0, 5 * 64)


def test_images_that_are_multiplied_with_each_other_are_unknown() -> None:
    """q k^T without a dimension of channels: rows of one image against those of another."""
    t = Traced()
    x = t.reshape(t.input(1, 7, 7), BATCH, 49)
    with pytest.raises(UnknownOperationError, match="images are multiplied with each other"):
        t.matmul(x, t.transpose(x, 0, 1))


def test_a_layer_used_twice_has_its_weights_once() -> None:
    """The second use shares them."""
    t = Traced()
    weight = t.parameter(8, 8, 1, 1)
    t.conv2d(t.conv2d(t.input(8, 4, 4), weight), weight)
    assert (t.report().totals.params, t.report().totals.macs) == (64, 2 * 16 * 64)


@pytest.mark.parametrize(
    ("name", "args"),
    [("conv9d", ()), ("softmax", (None,)), ("conv2d", (1, 2)), ("narrow", ())],
)
def test_what_nobody_knows_is_told(name: str, args: tuple[Any, ...]) -> None:
    """An operation that is not entered, or not for such arguments: whoever asks makes it one of unknown work."""
    with pytest.raises(UnknownOperationError):
        translate(Program(Assembly()), name, args, {})
