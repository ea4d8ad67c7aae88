"""Figures of the bundled models against what papers, courses and libraries print, and against each other.

Exact figures of A to E are arithmetic over Table 1 of arXiv:1409.1556: a convolution has k*k*in*out weights and out
biases, a fully connected layer in*out and out, and MACs are the weights times the positions that they are used at.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from math import prod
from typing import Any

import pytest
from test_bundled_tables import table
from texts import BUNDLED, SAMPLE, known, model, report

from vggcalc import Report, Shape, load
from vggcalc.analysis import Row
from vggcalc.analysis.compare import stages
from vggcalc.figures.connections import connections
from vggcalc.layers import Conv, FullyConnected

TABLE_1 = {
    "A": "64 M 128 M 256 256 M 512 512 M 512 512 M",
    "A-LRN": "64 M 128 M 256 256 M 512 512 M 512 512 M",
    "B": "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
    "C": "64 64 M 128 128 M 256 256 1x256 M 512 512 1x512 M 512 512 1x512 M",
    "D": "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
    "E": "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M",
}
"""The paper's Table 1 as widths; 1x marks the 1x1 convolutions of C."""

GOLDEN = {
    # weights, params, MACs, values (the input and every output once), receptive field at pool5
    "A": (132851392, 132863336, 7609090048, 9116136, 150),
    "B": (133035712, 133047848, 11308466176, 13933032, 156),
    "C": (133625536, 133638952, 11770888192, 15237608, 156),
    "D": (138344128, 138357544, 15470264320, 15237608, 212),
    "E": (143652544, 143667240, 19632062464, 16542184, 268),
}

TOTALS = {
    # params and MACs. AlexNet by hand: conv1 11*11*3*96 + 96 = 34,944; conv2 5*5*96*256 + 256 = 614,656 (grouped, 48
    # channels: 307,456); conv3 3*3*256*384 + 384 = 885,120; conv4 3*3*384*384 + 384 = 1,327,488 (663,936);
    # conv5 3*3*384*256 + 256 = 884,992 (442,624); fc6 6*6*256*4096 + 4096 = 37,752,832; fc7 16,781,312; fc8 4,097,000.
    # MACs: 55*55 = 3,025, 27*27 = 729 and 13*13 = 169 positions.
    "alexnet-caffe": (34944 + 307456 + 885120 + 663936 + 442624 + 37752832 + 16781312 + 4097000, 724406816),
    "alexnet-paper": (60965224, 724406816),
    "alexnet-ungrouped": (34944 + 614656 + 885120 + 1327488 + 884992 + 37752832 + 16781312 + 4097000, 1135256096),
    # torchvision: 11*11*3*64 + 64 = 23,296; 5*5*64*192 + 192 = 307,392; 3*3*192*384 + 384 = 663,936;
    # 3*3*384*256 + 256 = 884,992; 3*3*256*256 + 256 = 590,080; and the same three fully connected layers
    "alexnet-torchvision": (23296 + 307392 + 663936 + 884992 + 590080 + 37752832 + 16781312 + 4097000, 714188480),
    # 156 + 12 + 1,516 + 32 + 48,120 + 10,164, as the paper counts; MACs 28*28*150 + 100*1,500 + 48,000 + 10,080
    "lenet5-1998": (60000, 117600 + 150000 + 48000 + 10080),
    # 156; 5*5*6*16 + 16 = 2,416; 400*120 + 120 = 48,120; 10,164; 84*10 + 10 = 850
    "lenet5-modern": (156 + 2416 + 48120 + 10164 + 850, 117600 + 100 * 2400 + 48000 + 10080 + 840),
    # 9*32 + 32 = 320; 9*32*64 + 64 = 18,496; 14 -> 7: 7*7*64*64 + 64 = 200,768; 64*10 + 10 = 650
    "mnist": (320 + 18496 + 200768 + 650, 784 * 288 + 196 * 18432 + 200704 + 640),
    # MACs of the convolutions: see test_cifar_macs_and_map
    # VGG-19's convolutions 20,024,384; 4*4*512*4096 + 4096 = 33,558,528; 16,781,312; 4096*10 + 10 = 40,970
    "cifar-vgg19": (20024384 + 33558528 + 16781312 + 40970, 1360723968 + 33554432 + 16777216 + 40960),
}
AS_ISSUED = {"alexnet-caffe": 60965224, "alexnet-ungrouped": 62378344, "alexnet-torchvision": 61100840, "mnist": 220234,
             "cifar-vgg19": 70405194, "lenet5-1998": 60000, "lenet5-modern": 61706}  # fmt: skip
"""The same parameters as they are commonly printed."""


def rounds_to(figure: Decimal, printed: str) -> bool:
    """Whether a figure, rounded to the digits that were printed, is what was printed."""
    return abs(figure - Decimal(printed)) * 2 <= Decimal(1).scaleb(Decimal(printed).as_tuple().exponent)  # type: ignore[arg-type]


def by_hand(widths: str) -> tuple[int, int, int, int]:
    """Weights, biases, MACs and values of a column of Table 1, by plain arithmetic."""
    size, channels = 224, 3
    weights, biases, macs, values = [0], [0], 0, 224 * 224 * 3
    for word in widths.split():
        if word == "M":
            size //= 2
        else:
            kernel, width = (1, int(word[2:])) if word.startswith("1x") else (3, int(word))
            weights.append(kernel * kernel * channels * width)
            biases.append(width)
            macs += size * size * weights[-1]
            channels = width
        values += size * size * channels
    for inputs, outputs in ((7 * 7 * 512, 4096), (4096, 4096), (4096, 1000)):
        weights.append(inputs * outputs)
        biases.append(outputs)
        macs += inputs * outputs
        values += outputs
    return sum(weights), sum(biases), macs, values


@pytest.fixture(scope="module")
def reports() -> Callable[[str], Report]:
    """Each model's figures, worked out once."""
    kept: dict[str, Report] = {}

    def figures(name: str) -> Report:
        if name not in kept:
            kept[name] = load(name).analyse()
        return kept[name]

    return figures


Reports = Callable[[str], Report]


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_integers(reports: Reports, name: str) -> None:
    """Weights, params, MACs, values and the receptive field of A to E, to the last digit."""
    weights, params, macs, values, field = GOLDEN[name]
    found = reports(name)
    assert (found.totals.weights, found.totals.params, found.totals.macs) == (weights, params, macs)
    assert found.totals.activations == values
    assert [axis.size for axis in found.row("pool5").fields["input"]] == [field, field]


@pytest.mark.parametrize("name", ["A", "B", "C", "D", "E"])
def test_figures_follow_from_table_1(reports: Reports, name: str) -> None:
    """The golden integers themselves are arithmetic over the paper's Table 1."""
    weights, biases, macs, values = by_hand(TABLE_1[name])
    assert GOLDEN[name][:4] == (weights, weights + biases, macs, values)
    assert reports(name).totals.biases == biases


def test_local_response_normalisation_adds_its_output(reports: Reports) -> None:
    """A-LRN has A's parameters and MACs, and one more map of 224x224x64."""
    a, a_lrn = reports("A").totals, reports("A-LRN").totals
    assert (a_lrn.params, a_lrn.macs) == (a.params, a.macs)
    assert known(a_lrn.activations) - known(a.activations) == 224 * 224 * 64


def test_vgg_section_2_3() -> None:
    """A stack of three 3x3 has 27 C^2 weights, one 7x7 has 49 C^2: 81% more, as section 2.3 says."""
    stack = report("{family: t, input: 9x9x5, defaults: {conv: {bias: false}}, layers: [conv3-5, conv3-5, conv3-5]}")
    single = report("{family: t, input: 9x9x5, defaults: {conv: {bias: false}}, layers: [conv7-5]}")
    assert (stack.totals.params, single.totals.params) == (27 * 25, 49 * 25)
    assert [stack.rows[-1].fields["input"][0].size, single.rows[-1].fields["input"][0].size] == [7, 7]
    assert stack.rows[-1].output == single.rows[-1].output
    assert rounds_to(Decimal(100 * (49 - 27)) / 27, "81")


def test_cs231n_to_the_last_digit(reports: Reports) -> None:
    """CS231n writes out what it rounds, 224*224*64: the products are the rows' values, and add up to the totals."""
    claims = table("cs231n-vgg16").claims
    values = {claim.quantity.layer: prod(claim.printed.sides) for claim in claims if claim.column == "output"}
    assert [reports("vgg16").row(*layer).activations for layer in values] == list(values.values())
    weights = [claim.printed.value for claim in claims if claim.column == "weights"]
    assert (sum(values.values()), sum(weights)) == (GOLDEN["D"][3], GOLDEN["D"][0])


def test_the_93_mb_question(reports: Reports) -> None:
    """The rows are 58.1 MiB; with the input that each layer of weights keeps, CS231n's 24M values and 93MB."""
    totals = reports("vgg16").totals
    # the sixteen inputs: 150,528 + 3,211,264 + 802,816 + 1,605,632 + 401,408 + 2*802,816 + 200,704 + 2*401,408
    # + 3*100,352 + 25,088 + 2*4,096
    kept = (
        150528 + 3211264 + 802816 + 1605632 + 401408 + 2 * 802816 + 200704 + 2 * 401408 + 3 * 100352 + 25088 + 2 * 4096
    )
    assert totals.forward == 15237608 + kept == 24352744
    assert totals.activations_bytes == 4 * 15237608
    assert rounds_to(Decimal(totals.activations_bytes) / 2**20, "58.1")
    assert rounds_to(Decimal(known(totals.forward_bytes)) / 2**20, "92.9")
    assert rounds_to(Decimal(known(totals.forward_bytes)) / 2**20, "93")
    assert rounds_to(Decimal(totals.forward) / 10**6, "24")


def test_where_memory_and_parameters_sit(reports: Reports) -> None:
    """CS231n's lesson: most memory is in the early convolutions, most parameters in the first fully connected layer."""
    found = reports("vgg16")
    assert {row.name for row in sorted(found.rows, key=lambda row: -known(row.activations))[:2]} == {
        "conv1_1",
        "conv1_2",
    }
    assert max(found.rows, key=lambda row: known(row.params)).name == "fc6"


@pytest.mark.parametrize(("name", "figures"), TOTALS.items())
def test_other_models(reports: Reports, name: str, figures: tuple[int, int]) -> None:
    """AlexNet's four variants, LeNet-5's two, the MNIST and the CIFAR network: params and MACs."""
    totals = reports(name).totals
    assert (totals.params, totals.macs) == figures
    assert figures[0] == AS_ISSUED.get(name, 60965224)


def test_alexnet_macs_by_hand() -> None:
    """AlexNet's MACs are its weights times the positions that they are used at."""
    fc = 37748736 + 16777216 + 4096000
    grouped = 3025 * 34848 + 729 * 307200 + 169 * (884736 + 663552 + 442368) + fc
    ungrouped = 3025 * 34848 + 729 * 614400 + 169 * (884736 + 1327104 + 884736) + fc
    one_tower = 3025 * 23232 + 729 * 307200 + 169 * (663552 + 884736 + 589824) + fc
    printed = [TOTALS[f"alexnet-{name}"][1] for name in ("caffe", "ungrouped", "torchvision")]
    assert printed == [grouped, ungrouped, one_tower]


def test_alexnet_maps(reports: Reports) -> None:
    """AlexNet's maps: 55, 27, 13 and 6 pixels; with the paper's 224 it takes padding, and torchvision's has 55 too."""
    for name, first in (("alexnet-caffe", 96), ("alexnet-paper", 96), ("alexnet-torchvision", 64)):
        found = reports(name)
        assert str(found.row("conv1").output) == f"55x55x{first}"
        pooled = [found.row(layer).output.spatial for layer in ("conv2", "conv3", "pool5")]
        assert pooled == [(27, 27), (13, 13), (6, 6)]


def test_cifar_macs_and_map(reports: Reports) -> None:
    """The CIFAR VGG-19: 4x4x512 before the first fully connected layer, and its sum of MACs."""
    found = reports("cifar-vgg19")
    (first, *_) = [row for row in found.rows if row.kind == "fc"]
    assert first.input_shapes == (Shape(512, (4, 4)),)
    # 32*32*(1,728 + 36,864) + 16*16*(73,728 + 147,456) + 8*8*(294,912 + 3*589,824 + 1,179,648 + 7*2,359,296) and the
    # fully connected 33,554,432 + 16,777,216 + 40,960: block 3 to 5 all work on 8x8
    conv = 1024 * 38592 + 256 * 221184 + 64 * (294912 + 3 * 589824 + 1179648 + 7 * 2359296)
    assert found.totals.macs == conv + 33554432 + 16777216 + 40960 == TOTALS["cifar-vgg19"][1]
    assert (
        sum(known(row.params) for row in found.rows if row.kind == "conv") == 20024384
    )  # torchvision's vgg19.features


def test_a_comparison_lists_the_output_layer(reports: Reports) -> None:
    """LeNet-5's last layer, the radial basis functions, neither multiplies and accumulates nor is it normalisation."""
    *_, last = stages([reports("lenet5-1998")])
    assert [row.name for row in last.lines[0] if isinstance(row, Row)] == ["C5", "F6", "OUTPUT"]


def test_lenet_connections(reports: Reports) -> None:
    """What the 1998 paper leaves out of its 340,908 connections: F6 has its parameters, an RBF one for each input."""
    assert connections(reports("lenet5").row("F6")) == 10164
    assert connections(reports("lenet5").row("OUTPUT")) == 840
    assert reports("lenet5").row("OUTPUT").params == 0  # fixed


FILE_SIZES = [
    # _file_size of torchvision 0.29.2's weights, in MiB; VGG-16's are those of IMAGENET1K_V1 and IMAGENET1K_FEATURES
    ("alexnet", "233.087"),
    ("vgg11", "506.84"),
    ("vgg11_bn", "506.881"),
    ("vgg13", "507.545"),
    ("vgg13_bn", "507.59"),
    ("vgg16", "527.796"),
    ("vgg16", "527.802"),
    ("vgg16_bn", "527.866"),
    ("vgg19", "548.051"),
    ("vgg19_bn", "548.143"),
]


@pytest.mark.parametrize(("name", "mib"), FILE_SIZES)
def test_torchvision_file_size(reports: Reports, name: str, mib: str) -> None:
    """A file of weights holds the parameters, buffers of 4 (counters of 8) bytes, and at most 100 kB of names."""
    totals = reports(f"torchvision/{name}").totals
    assert 0 <= Decimal(mib) * 2**20 - known(totals.params_bytes) - 4 * known(totals.buffers) < 100_000


@pytest.mark.parametrize("name", ["A", "B", "D", "E"])
def test_batch_normalisation(reports: Reports, name: str) -> None:
    """The _bn variants add a scale and a shift to every channel of every convolution, and one map each."""
    widths = [int(word) for word in TABLE_1[name].split() if word != "M"]
    plain, normalised = reports(name).totals, reports(f"{name}_bn").totals
    assert known(normalised.params) - known(plain.params) == 2 * sum(widths)
    assert normalised.buffers == 2 * sum(widths) + len(widths)
    assert normalised.macs == plain.macs
    conv_outputs = sum(known(row.activations) for row in reports(name).rows if row.kind == "conv")
    assert known(normalised.activations) - known(plain.activations) == conv_outputs


def total(rows: Iterable[Any], figure: str) -> int:
    """The sum of a figure over rows."""
    return sum(getattr(row, figure) for row in rows)


def check_sums(found: Report) -> None:
    """The rows add up to the totals, and the totals to each other."""
    totals = found.totals
    for figure in ("weights", "biases", "buffers", "params", "macs", "activations"):
        assert total(found.rows, figure) == getattr(totals, figure)
    assert known(totals.params) == known(totals.weights) + known(totals.biases)
    assert known(totals.flops) == 2 * known(totals.macs)
    size = {"float32": 4, "float16": 2}[found.dtype]
    assert known(totals.params_bytes) == size * known(totals.params)
    assert known(totals.activations_bytes) == size * known(totals.activations)
    assert known(totals.forward_bytes) == size * known(totals.forward)
    kept = sum(found.batch * shape.elements for row in found.rows if row.macs for shape in row.input_shapes)
    assert known(totals.forward) == known(totals.activations) + kept


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_rows_add_up(name: str) -> None:
    """In every bundled model the rows add up to the totals."""
    check_sums(load(name).analyse())


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_rows_of_a_batch_add_up(name: str) -> None:
    """So they do for a batch, in another number format."""
    check_sums(load(name).analyse(batch=3, dtype="float16"))


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_a_batch_multiplies_what_belongs_to_images(reports: Reports, name: str) -> None:
    """A batch of 16 has 16 times the MACs and activations of one image, and the same parameters."""
    one, many = reports(name).totals, load(name).analyse(batch=16).totals
    assert (known(many.macs), known(many.activations), known(many.forward)) == (
        16 * known(one.macs),
        16 * known(one.activations),
        16 * known(one.forward),
    )
    assert (many.params, many.buffers) == (one.params, one.buffers)


def test_a_1x1_convolution_keeps_the_map() -> None:
    """A 1x1 convolution of 227x227x512 to 32 channels keeps 227x227."""
    layer = Conv(kernel_size=1, out_channels=32)
    assert layer.output(Shape(512, (227, 227))) == Shape(32, (227, 227))
    assert sum(tensor.elements for tensor in layer.weights(Shape(512, (227, 227)))) == 512 * 32 + 32


def test_a_fully_connected_layer_is_a_convolution() -> None:
    """A fully connected layer on 32x32x512 and a 32x32 convolution to 4096 channels have equal weights and MACs."""
    shape = Shape(512, (32, 32))
    pair = FullyConnected(out_features=4096), Conv(kernel_size=32, out_channels=4096)
    counts = [([tensor.elements for tensor in layer.weights(shape)], layer.macs(shape)) for layer in pair]
    assert counts[0] == counts[1] == ([32 * 32 * 512 * 4096, 4096], 32 * 32 * 512 * 4096)


@pytest.mark.parametrize("size", [(7, 9), (16, 16), (31, 8)])
def test_doubling_the_map(size: tuple[int, int]) -> None:
    """Twice the height and width through half-padded convolutions of stride 1: four times the MACs, equal params."""
    stack = model(
        "{family: t, input: 8x8x3, defaults: {conv: {padding: half}, dwconv: {padding: half}}, "
        "layers: [conv3-8, conv5-6, conv1-7, dwconv3]}"
    )
    height, width = size
    small, large = stack.analyse(input=f"{height}x{width}"), stack.analyse(input=f"{2 * height}x{2 * width}")
    assert known(large.totals.macs) == 4 * known(small.totals.macs)
    assert known(large.totals.activations) == 4 * known(small.totals.activations)
    assert large.totals.params == small.totals.params


def test_dense_evaluation() -> None:
    """VGG-16 as convolutions gives a 6x6 map of scores at 384x384, and at 224x224 the figures that it had."""
    whole = load("vgg16").analyse(dense=True, input="384x384")
    assert str(whole.row("fc8").output) == "6x6x1000"  # 384/32 = 12; 12 - 7 + 1 = 6
    same, once = load("vgg16").analyse(dense=True).totals, load("vgg16").analyse().totals
    assert same == once
    assert whole.totals.params == once.params


def test_more_classes() -> None:
    """Ten classes instead of 1000 take 990 outputs of the last layer away."""
    assert known(load("vgg16").analyse().totals.params) - known(
        load("vgg16", classes=10).analyse().totals.params
    ) == 990 * (4096 + 1)


def test_features_alone() -> None:
    """Without its classifier VGG-16 has the 14,714,688 of torchvision's features and of Keras without top."""
    found = load("vgg16").analyse(top=False)
    assert found.totals.params == 138357544 - 102764544 - 16781312 - 4097000 == 14714688
    assert (found.rows[-1].name, str(found.rows[-1].output)) == ("pool5", "7x7x512")


def test_until_a_layer() -> None:
    """Up to conv3_3 VGG-16 has the first seven convolutions, by hand."""
    found = load("vgg16").analyse(until="conv3_3")
    # 1,792 + 36,928 + 73,856 + 147,584 + 295,168 + 590,080 + 590,080
    assert found.totals.params == 1735488
    assert (found.rows[-1].name, str(found.rows[-1].output)) == ("conv3_3", "56x56x256")


def test_what_tables_leave_out() -> None:
    """What neither holds anything nor writes a map of its own; a trained slope is held."""
    rows = report("{family: f, input: 8x8x3, layers: [conv3-8, batchnorm, relu, prelu, dropout, maxpool]}").rows
    assert [row.kind for row in rows if row.is_elementwise] == ["relu", "dropout"]


def test_parameters_of_which_a_part_is_unknown() -> None:
    """Weights and biases make no sum where nobody knows the one or the other."""
    totals = load("vgg16").analyse().totals
    assert totals._replace(weights=None).params is totals._replace(biases=None).params is None
    assert totals._replace(weights=None).params_bytes is None
