"""The bundled networks against what their papers and libraries print, cell by cell, at the precision of the print.

The rows of tests/published are copies; the tables of this file say how a figure was rounded where it was not to the
nearest, and which cells contradict the network that is printed beside them. Nothing here is a figure of vggcalc's.
"""

import csv
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from vggcalc import Report, Row, load

PUBLISHED = Path(__file__).parent / "published"

FILES = {
    # what names a row; it is the path to it in the YAML files
    "alexnet_paper.yaml": "",
    "densenet_paper.yaml": "",
    "googlenet_paper_results.yaml": "",
    "googlenet_table1.csv": "type",
    "keras_applications_2018.csv": "model",
    "mobilenet_v1_paper.yaml": "",
    "nin.yaml": "",
    "resnet_paper.yaml": "",
    "squeezenet_table1.csv": "layer",
    "torchvision_classification.csv": "model",
    "torchvision_networks.csv": "model",
    "unet_figure1.csv": "name",
    "zfnet_paper.yaml": "",
}

TRUNCATED = {
    "alexnet_paper/params_millions",  # 60.97 million, called 60
    "alexnet_paper/neurons",  # 659,272, called 650,000
    "googlenet_table1/inception (3a)/params_k",  # 163,328 / 1024 = 159.5
    "mobilenet_v1_paper/table9/AlexNet/params",  # 60.97 million, called 60 after its paper
    "mobilenet_v1_paper/table10_stanford_dogs/Inception V3/mult_adds",  # 5.71 billion, called 5 billion
    "resnet_paper/table1/flops_1e9/34-layer",  # 3.664
    "resnet_paper/table1/flops_1e9/50-layer",  # 3.858
    "resnet_paper/text_flops_1e9/plain-34",  # 3.644
    "resnet_paper/text_flops_1e9/resnet-34",  # 3.664
    "resnet_paper/text_flops_1e9/resnet34_percent_of_vgg19",  # 3.664 / 19.632 = 18.66%, and 3.6 / 19.6 = 18.4%
}
"""Cells whose further digits were dropped; all other cells are rounded to the nearest."""

DIGITS = {
    "alexnet_paper/neurons": "65E+4",
    "mobilenet_v1_paper/table8/GoogleNet/mult_adds": "155E+1",
    "mobilenet_v1_paper/table8/VGG 16/mult_adds": "153E+2",
    "mobilenet_v1_paper/table9/Squeezenet/mult_adds": "17E+2",
    "mobilenet_v1_paper/table9/AlexNet/mult_adds": "72E+1",
    "mobilenet_v1_paper/table10_stanford_dogs/Inception V3/mult_adds": "5E+3",
}
"""Cells whose last zeros are no digits: a quoted 15.3 billion stands as 15300 among millions."""

WITHOUT_FC = {
    # Two conventions in one sentence: VGG-19's 19.6 has the fully connected layers in it, VGG-16's 15.3 has not.
    "resnet_paper/text_flops_1e9/VGG-16",  # 15.470 - 0.124 = 15.347
    "mobilenet_v1_paper/table8/VGG 16/mult_adds",  # the same, quoted
    # And two in one table: 1.024 million multiply-adds of the classifier are in 569, 418, 307 and 186, not in these.
    "mobilenet_v1_paper/table4/Conv MobileNet/mult_adds",  # 4867.29 - 1.02 = 4866.27
    "mobilenet_v1_paper/table7_resolution/1.0-160/mult_adds",  # 290.68 - 1.02 = 289.65
    "mobilenet_v1_paper/table9/0.50 MobileNet-160/mult_adds",  # 76.52 - 0.51 = 76.01
}
"""Cells that leave the fully connected layers out, although their neighbours count them."""

WRONG = {
    # The cell, what it prints, what it should be, and where the print contradicts itself.
    "alexnet_paper/neurons_per_layer/0": ("253440", "290400"),  # 253,440 = 55*48*96; the map is 55x55x96
    "densenet_paper/table1/blocks/DenseNet-264/layers": ("264", "265"),  # 1 + 2*(6 + 12 + 64 + 48) + 3 + 1
    # GoogLeNet's Table 1 against the filter counts of its own rows; K is 1024, as in 112K = 4,096 + 110,592.
    "googlenet_table1/convolution/params_k": ("2.7", "9.2"),  # 7*7*3*64 = 9,408; 2.7K = (7*1 + 1*7)*3*64 = 2,688
    "googlenet_table1/convolution/ops_m": ("34", "118.0"),  # 9,408*112*112; the 34 are 2.7K*112*112
    "googlenet_table1/inception (3b)/params_k": ("380", "379.0"),  # 388,096
    "googlenet_table1/inception (4a)/params_k": ("364", "366.8"),  # 375,552
    "googlenet_table1/inception (4a)/ops_m": ("73", "73.6"),  # 375,552*14*14; the 73 follow from 364K
    "googlenet_table1/inception (4b)/params_k": ("437", "438.0"),  # 448,512
    "googlenet_table1/inception (4c)/params_k": ("463", "497.5"),  # 509,440; its 100M are right
    "googlenet_table1/inception (4d)/params_k": ("580", "590.5"),  # 604,672; its 119M are right
    "googlenet_table1/inception (4e)/params_k": ("840", "847.0"),  # 867,328; its 170M are right
    "googlenet_table1/inception (5a)/params_k": ("1072", "1018.0"),  # 1,042,432
    "googlenet_table1/inception (5a)/ops_m": ("54", "51.08"),  # 1,042,432*7*7; the 54 follow from 1072K
    "googlenet_table1/inception (5b)/params_k": ("1388", "1409.0"),  # 1,442,816; its 71M are right
    "mobilenet_v1_paper/table1_body/17/stride": ("2", "1"),  # s2, but 7x7 is its input and its output
    "mobilenet_v1_paper/table2_resource_percent/conv3x3/mult_adds": ("1.19", "1.91"),  # 10.84 / 568.74
    "mobilenet_v1_paper/table8/GoogleNet/mult_adds": ("1550", "1583"),  # quotes of the sum 1502 say 1.5 to 1.55
    "mobilenet_v1_paper/table8/GoogleNet/params": ("6.8", "6.99"),  # the wrong column adds up to 6797.7K
    "mobilenet_v1_paper/table9/Squeezenet/mult_adds": ("1700", "833"),  # 1700 counts a multiply-add as two
    # Unexplained: 23.83 million (27,161,264 less the 3,326,696 of the auxiliary head), less 880 classes of 2,049 each.
    "mobilenet_v1_paper/table10_stanford_dogs/Inception V3/params": ("23.2", "22.03"),
    "squeezenet_table1/maxpool8/width": ("12", "13"),  # printed 13x12x512; fire9 is 13x13
}


class Cell(NamedTuple):
    """A row of a CSV file or a figure of a YAML file; its name starts with the file's, and leads to it."""

    name: str
    value: Any

    @property
    def words(self) -> list[str]:
        """The parts of the name, without the file."""
        return self.name.split("/")[1:]


@cache
def cells(file: str) -> tuple[Cell, ...]:
    """Everything that a file has below its comments."""
    text = (PUBLISHED / file).read_text("utf-8")
    assert text.startswith("# Source:")
    stem, _, suffix = file.partition(".")
    if suffix == "yaml":
        return tuple(_figures(stem, yaml.load(text, Loader=yaml.BaseLoader)))
    found: list[Cell] = []
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        same = sum(cell.value[FILES[file]] == row[FILES[file]] for cell in found)
        found.append(Cell(f"{stem}/{row[FILES[file]]}{f' {same + 1}' if same else ''}", row))
    return tuple(found)


def _figures(name: str, value: Any) -> Iterable[Cell]:
    """Mappings down to their single figures; of a list of mappings, each is one row of a table."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _figures(f"{name}/{key}", inner)
    elif isinstance(value, list) and isinstance(value[0], dict):
        yield from (Cell(f"{name}/{number}", inner) for number, inner in enumerate(value))
    else:
        yield Cell(name, value)


def within(file: str, *sections: str) -> list[Cell]:
    """The cells of a file, or of sections of it."""
    starts = [f"{file.partition('.')[0]}/{section}/" for section in sections]
    found = [cell for cell in cells(file) if not starts or f"{cell.name}/".startswith(tuple(starts))]
    assert found
    return found


def each(file: str, *sections: str) -> pytest.MarkDecorator:
    """A test for every cell of a file, or of sections of it."""
    found = within(file, *sections)
    return pytest.mark.parametrize("cell", found, ids=[cell.name for cell in found])


@cache
def report(model: str, size: str | None = None, **variables: int | str) -> Report:
    """A bundled network's figures, worked out once."""
    return load(model, **variables).analyse(input=size)


def part(found: Report, *names: str) -> list[Row]:
    """The layers of these names, or inside blocks of these names."""
    rows = [row for row in found.rows if f"{row.name}.".startswith(tuple(f"{name}." for name in names))]
    assert rows
    return rows


def total(rows: Iterable[Row], figure: str) -> int:
    """The sum of a figure over layers."""
    return sum(getattr(row, figure) for row in rows)


def trained(found: Report | Iterable[Row]) -> int:
    """Weights of convolutions and fully connected layers: no biases, no normalisation."""
    rows = found.rows if isinstance(found, Report) else found
    return sum(row.weights for row in rows if row.kind != "batchnorm")


def depth(found: Report, *names: str) -> int:
    """Convolutions and fully connected layers on the longest path through these layers."""
    inside = {row.name for row in (part(found, *names) if names else found.rows)}
    longest: dict[int, int] = {}
    for number, row in enumerate(found.rows):
        if row.name in inside:
            before = max((longest.get(source, 0) for source in row.inputs), default=0)
            longest[number] = before + (row.kind in ("conv", "fc"))
    return max(longest.values())


def patch(row: Row) -> str:
    """Patch size and stride as papers print them, 7x7/2; a global pooling has its whole map for a patch."""
    layer: Any = row.layer
    if row.kind in ("globalavgpool", "adaptiveavgpool"):
        return "x".join(map(str, row.input_shapes[0].spatial)) + "/1"
    return f"{layer.kernel_size}x{layer.kernel_size}/{layer.stride or layer.kernel_size}"


def padding(row: Row) -> int:
    """How many pixels are added on a side."""
    layer: Any = row.layer
    return int({"valid": 0, "half": layer.kernel_size // 2}.get(layer.padding, layer.padding))


def unit(printed: str) -> Decimal:
    """One of the last digit that was printed."""
    return Decimal(1).scaleb(Decimal(printed).as_tuple().exponent)  # type: ignore[arg-type]


def rounds_to(figure: Decimal, printed: str) -> bool:
    """Whether a figure, rounded to the digits that were printed, is what was printed."""
    return abs(figure - Decimal(printed)) * 2 <= unit(printed)


def truncates_to(figure: Decimal, printed: str) -> bool:
    """Whether a figure, whose digits after those that were printed are dropped, is what was printed."""
    return Decimal(printed) <= figure < Decimal(printed) + unit(printed)


def check(name: str, printed: str, figure: Decimal | int) -> None:
    """A figure is what a cell prints; a wrong cell is seen to be wrong, and the figure is what it should have been."""
    figure, digits = Decimal(figure), DIGITS.get(name, printed)
    assert Decimal(digits) == Decimal(printed)
    if name in WRONG:
        wrong, right = WRONG[name]
        assert printed == wrong
        assert not rounds_to(figure, digits)
        assert rounds_to(figure, right)
    elif name in TRUNCATED:
        assert truncates_to(figure, digits)
    else:
        assert rounds_to(figure, digits)


def check_macs(name: str, printed: str, found: Report, scale: int) -> None:
    """MACs are what a cell prints; of those without fully connected layers, the whole is not."""
    if name in WITHOUT_FC:
        assert not rounds_to(Decimal(found.totals.macs) / scale, DIGITS.get(name, printed))
        check(name, printed, Decimal(total((row for row in found.rows if row.kind != "fc"), "macs")) / scale)
    else:
        check(name, printed, Decimal(found.totals.macs) / scale)


def numbers(text: str) -> tuple[int, ...]:
    """112x112x96 as numbers."""
    return tuple(map(int, text.split("x")))


# torchvision


@each("torchvision_classification.csv")
def test_torchvision(cell: Cell) -> None:
    """torchvision's num_params, and `_ops` in billions of MACs at the size that its weights are used with."""
    row = cell.value
    totals = report(f"torchvision/{row['model']}", row["crop_size"]).totals
    assert totals.params == int(row["num_params"])
    check(f"{cell.name}/ops_g", row["ops_g"], Decimal(totals.macs) / 10**9)


@each("torchvision_networks.csv")
def test_torchvision_networks(cell: Cell) -> None:
    """The same of the models that are not AlexNet or VGG."""
    test_torchvision(cell)


def test_inception_v3_has_an_auxiliary_head() -> None:
    """torchvision counts the 27,161,264 parameters of Inception v3 with its auxiliary head, which works in training."""
    whole, plain = report("torchvision/inception_v3").totals, report("inception_v3-no-aux").totals
    assert whole.params == 27161264
    assert (whole.macs, whole.activations) == (plain.macs, plain.activations)
    # 768 to 128 channels and 128 to 768 by 5x5, normalised, then 768 to 1000 classes with biases
    assert whole.params - plain.params == 768 * 128 + 2 * 128 + 25 * 128 * 768 + 2 * 768 + 768 * 1000 + 1000


# Keras

KERAS = {
    "Xception": "xception-keras",
    "VGG16": "D",
    "VGG19": "E",
    "ResNet50": "resnet50-keras",
    "InceptionV3": "inception_v3-keras",
    "InceptionResNetV2": "inception_resnet_v2-keras",
    "MobileNet": "mobilenet_v1-tensorflow",
    "DenseNet121": "densenet121",
    "DenseNet169": "densenet169",
    "DenseNet201": "densenet201",
}


@each("keras_applications_2018.csv")
def test_keras(cell: Cell) -> None:
    """Keras's parameters, with the running means and variances that it counts; its files are no smaller than these.

    Not compared: depth, which counts other layers from row to row, and how much more than its numbers a file holds.
    """
    found = report(KERAS[cell.value["model"]])
    running = [tensor for row in found.rows for tensor in row.tensors if tensor.name.startswith("running_")]
    stored = found.totals.params + sum(tensor.elements for tensor in running)
    assert stored == int(cell.value["parameters"])
    assert 4 * stored <= int(cell.value["size_mb"]) * 2**20


# AlexNet

ALEXNET = "alexnet-paper"
ALEXNET_LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")


@each("alexnet_paper.yaml", "params_millions", "neurons", "input_dim")
def test_alexnet_totals(cell: Cell) -> None:
    """AlexNet's 60 million parameters, 650,000 neurons and 150,528 inputs."""
    figures = {
        "params_millions": Decimal(report(ALEXNET).totals.params) / 10**6,
        "neurons": Decimal(sum(report(ALEXNET).row(name).output.elements for name in ALEXNET_LAYERS)),
        "input_dim": Decimal(report(ALEXNET).rows[0].output.elements),
    }
    check(cell.name, cell.value, figures[cell.words[0]])


@each("alexnet_paper.yaml", "neurons_per_layer")
def test_alexnet_neurons(cell: Cell) -> None:
    """The neurons of AlexNet's eight layers; the first number has 48 for one of the 55 rows, and spoils the sum."""
    maps = [report(ALEXNET).row(name).output for name in ALEXNET_LAYERS]
    for number, (printed, shape) in enumerate(zip(cell.value, maps, strict=True)):
        check(f"{cell.name}/{number}", printed, shape.elements)
    assert (int(cell.value[0]), maps[0].hwc) == (55 * 48 * 96, (55, 55, 96))
    assert sum(map(int, cell.value)) == 622312
    assert sum(shape.elements for shape in maps) == 622312 - 253440 + 290400 == 659272


@each("alexnet_paper.yaml", "conv")
def test_alexnet_convolutions(cell: Cell) -> None:
    """Number, size, depth, stride and groups of AlexNet's kernels."""
    row, printed = report(ALEXNET).row(cell.value["layer"]), cell.value
    layer: Any = row.layer
    height, width, channels = numbers(printed["kernel"])
    assert (row.output.channels, layer.groups) == (int(printed["kernels"]), int(printed["groups"]))
    assert patch(row) == f"{height}x{width}/{printed['stride']}"
    assert row.weights == height * width * channels * row.output.channels


@each("alexnet_paper.yaml", "pool")
def test_alexnet_pooling(cell: Cell) -> None:
    """AlexNet's overlapping pooling, 3x3 with stride 2."""
    place = ("size", "stride").index(cell.words[1])
    pools = [patch(row).split("x")[1].split("/") for row in report(ALEXNET).rows if row.kind == "maxpool"]
    assert [pool[place] for pool in pools] == 3 * [cell.value]


@each("alexnet_paper.yaml", "fc")
def test_alexnet_classifier(cell: Cell) -> None:
    """AlexNet's three fully connected layers."""
    assert [row.output.channels for row in report(ALEXNET).rows if row.kind == "fc"] == list(map(int, cell.value))


# ZFNet


@each("zfnet_paper.yaml", "input", "layer1", "layer5")
def test_zfnet(cell: Cell) -> None:
    """What is certain of ZFNet's layers: 96 kernels of 7x7 with stride 2, pooled to 55x55, and 9216 inputs of fc6."""
    found = report("zfnet")
    side, stride = patch(found.row("conv1")).split("x")[1].split("/")
    figures: dict[str, int | str] = {
        "input": found.rows[0].output.spatial[0],
        "layer1/filters": found.row("conv1").output.channels,
        "layer1/kernel": side,
        "layer1/stride": stride,
        "layer1/map_after_pool": found.row("pool1").output.spatial[0],
        "layer5/fc_in": found.row("fc6").input_shapes[0].elements,
    }
    assert int(figures["/".join(cell.words)]) == int(cell.value)


@each("zfnet_paper.yaml", "pool")
def test_zfnet_pooling(cell: Cell) -> None:
    """ZFNet pools 3x3 with stride 2."""
    place = ("size", "stride").index(cell.words[1])
    pools = [patch(row).split("x")[1].split("/") for row in report("zfnet").rows if row.kind == "maxpool"]
    assert [pool[place] for pool in pools] == 3 * [cell.value]


@each("zfnet_paper.yaml", "fc")
def test_zfnet_classifier(cell: Cell) -> None:
    """ZFNet's two hidden layers of 4096."""
    assert [row.output.channels for row in report("zfnet").rows if row.kind == "fc"][:-1] == list(map(int, cell.value))


# Network in Network


@each("nin.yaml", "layers")
def test_nin_layers(cell: Cell) -> None:
    """Every layer of the Model Zoo's NIN: maps, kernel, stride and padding, in order; its last pooling sees 6x6."""
    printed = cell.value
    listed = [row for row in report("nin-imagenet").rows[1:] if row.kind not in ("relu", "softmax")]
    assert len(listed) == len(within("nin.yaml", "layers"))
    row = listed[int(cell.words[1])]
    name, *kind = printed["name"].split()
    layer: Any = row.layer
    assert row.name == name
    if name == "dropout":
        assert [str(layer.p)] == kind
        return
    assert row.kind == {(): "conv", ("max",): "maxpool", ("ave",): "globalavgpool"}[tuple(kind)]
    assert patch(row) == f"{printed['kernel']}x{printed['kernel']}/{printed['stride']}"
    assert (0 if row.kind == "globalavgpool" else padding(row)) == int(printed["pad"])
    assert printed["out"] == ("null" if kind else str(row.output.channels))


@each("nin.yaml", "imagenet_model_mb", "input")
def test_nin(cell: Cell) -> None:
    """The Model Zoo's NIN: 29 MB of parameters, and crops of 224 pixels."""
    found = report("nin-imagenet")
    figures: dict[str, Decimal | int] = {
        "imagenet_model_mb": Decimal(found.totals.params_bytes) / 2**20,
        "input": found.rows[0].output.spatial[0],
    }
    check(cell.name, cell.value, figures[cell.words[0]])


# GoogLeNet

GOOGLENET = within("googlenet_table1.csv")
GOOGLENET_PARTS = {
    # the rows of Table 1 in their order, and the layers that stand for each
    "convolution": ["conv1"],
    "max pool": ["maxpool1"],
    "convolution 2": ["conv2", "conv3"],
    "max pool 2": ["maxpool2"],
    "inception (3a)": ["inception3a"],
    "inception (3b)": ["inception3b"],
    "max pool 3": ["maxpool3"],
    "inception (4a)": ["inception4a"],
    "inception (4b)": ["inception4b"],
    "inception (4c)": ["inception4c"],
    "inception (4d)": ["inception4d"],
    "inception (4e)": ["inception4e"],
    "max pool 4": ["maxpool4"],
    "inception (5a)": ["inception5a"],
    "inception (5b)": ["inception5b"],
    "avg pool": ["avgpool"],
    "dropout (40%)": ["dropout"],
    "linear": ["fc"],
    "softmax": ["softmax"],
}
FILTERS = {
    # the columns of filter counts, and the layer that each is the width of
    "n1x1": "branch1.conv",
    "n3x3_reduce": "branch2.0.conv",
    "n3x3": "branch2.1.conv",
    "n5x5_reduce": "branch3.0.conv",
    "n5x5": "branch3.1.conv",
    "pool_proj": "branch4.1.conv",
}


@each("googlenet_table1.csv")
def test_googlenet_row(cell: Cell) -> None:
    """GoogLeNet's Table 1: output, depth, patches, filters, weights in units of 1024, millions of multiply-adds."""
    printed, found = cell.value, report("googlenet-paper")
    names = GOOGLENET_PARTS[cell.words[0]]
    rows = part(found, *names)
    assert rows[-1].output.hwc == tuple(int(printed[f"out_{axis}"]) for axis in "hwc")
    assert depth(found, *names) == int(printed["depth"] or 0)
    if rows[-1].kind == "dropout":
        layer: Any = rows[-1].layer
        assert printed["type"] == f"dropout ({100 * layer.p:.0f}%)"
    if printed["patch_stride"]:
        assert patch([row for row in rows if row.kind != "relu"][-1]) == printed["patch_stride"]
    if printed["n1x1"]:
        widths = {column: str(found.row(f"{names[0]}.{name}").output.channels) for column, name in FILTERS.items()}
        assert widths == {column: printed[column] for column in FILTERS}
        assert {patch(row) for row in rows if row.kind == "conv"} == {"1x1/1", "3x3/1", "5x5/1"}
    elif printed["n3x3"]:
        filters = [printed["n3x3_reduce"], printed["n3x3"]]
        assert [str(row.output.channels) for row in rows if row.kind == "conv"] == filters
    if printed["params_k"]:
        check(f"{cell.name}/params_k", printed["params_k"], Decimal(total(rows, "weights")) / 1024)
        check(f"{cell.name}/ops_m", printed["ops_m"], Decimal(total(rows, "macs")) / 10**6)
    else:
        assert (total(rows, "weights"), total(rows, "macs")) == (0, 0)


def test_googlenet_by_hand() -> None:
    """Weights and multiply-adds of the inceptions are plain arithmetic over the filter counts of their rows."""
    for before, cell in pairwise(GOOGLENET):
        maps, printed = int(before.value["out_c"]), cell.value
        if printed["n1x1"]:
            one, reduce3, three, reduce5, five, projection = (int(printed[column]) for column in FILTERS)
            weights = maps * (one + reduce3 + reduce5 + projection) + 9 * reduce3 * three + 25 * reduce5 * five
            rows = part(report("googlenet-paper"), *GOOGLENET_PARTS[cell.words[0]])
            assert total(rows, "weights") == weights
            assert total(rows, "macs") == weights * int(printed["out_h"]) * int(printed["out_w"])
            assert one + three + five + projection == int(printed["out_c"])


def test_googlenet_errors_follow_from_each_other() -> None:
    """The three wrong ops of Table 1 are its wrong params times the map; conv1's are two strips of 7 pixels."""
    printed = {cell.words[0]: cell.value for cell in GOOGLENET}
    strips = (7 * 1 + 1 * 7) * 3 * 64
    assert rounds_to(Decimal(strips) / 1000, printed["convolution"]["params_k"])
    assert rounds_to(Decimal(strips) * 112 * 112 / 10**6, printed["convolution"]["ops_m"])
    for name, side in (("inception (4a)", 14), ("inception (5a)", 7)):
        ops = Decimal(printed[name]["params_k"]) * 1024 * side * side / 10**6
        assert rounds_to(ops, printed[name]["ops_m"])


def test_googlenet_sums() -> None:
    """The columns that are printed add up to 6797.7K and 1502M, GoogLeNet to 6.99 and 1582.7 million."""
    columns = {column: [Decimal(cell.value[column] or 0) for cell in GOOGLENET] for column in ("params_k", "ops_m")}
    assert (sum(columns["params_k"]), sum(columns["ops_m"])) == (Decimal("6797.7"), 1502)
    found = report("googlenet-paper").totals
    assert found.weights == 6990272
    assert rounds_to(Decimal(found.macs) / 10**6, "1582.7")


@each("googlenet_paper_results.yaml", "layers_with_parameters", "layers_with_pooling")
def test_googlenet_depth(cell: Cell) -> None:
    """GoogLeNet is 22 layers deep, 27 with its five poolings."""
    found = report("googlenet-paper")
    deep = depth(found)
    if cell.words == ["layers_with_pooling"]:
        deep += sum(row.kind in ("maxpool", "avgpool") and ".branch" not in row.name for row in found.rows)
    assert deep == int(cell.value)


@each("googlenet_paper_results.yaml", "aux_classifier")
def test_googlenet_auxiliary(cell: Cell) -> None:
    """The auxiliary classifiers at (4a) and (4d): pooling, its outputs, and the layers behind it."""
    found = report("googlenet-paper-aux")
    heads = ("aux1", "aux2")
    pools = [found.row(f"{head}.pool1") for head in heads]
    sources = [found.rows[pool.inputs[0]].name.split(".")[0].removeprefix("inception") for pool in pools]
    dropouts: list[Any] = [found.row(f"{head}.dropout1").layer for head in heads]
    figures: dict[str, set[str]] = {
        "attached_to": {" and ".join(sources)},
        "avgpool": {patch(pool) for pool in pools},
        "out_4a": {str(pools[0].output)},
        "out_4d": {str(pools[1].output)},
        "conv1x1": {str(found.row(f"{head}.conv.conv").output.channels) for head in heads},
        "fc": {str(found.row(f"{head}.fc1").output.channels) for head in heads},
        "dropout_percent": {f"{100 * layer.p:.0f}" for layer in dropouts},
    }
    assert figures[cell.words[1]] == {cell.value}


# ResNet

RESNETS = {
    "18-layer": "resnet18",
    "34-layer": "resnet34",
    "50-layer": "resnet50-v1",
    "101-layer": "resnet101-v1",
    "152-layer": "resnet152-v1",
}
STAGES = ("layer1", "layer2", "layer3", "layer4")
RESNET_STAGES = {
    "conv1": "conv1",
    "conv2_x": "layer1",
    "conv3_x": "layer2",
    "conv4_x": "layer3",
    "conv5_x": "layer4",
    "fc": "avgpool",
}


@each("resnet_paper.yaml", "table1/flops_1e9")
def test_resnet_flops(cell: Cell) -> None:
    """FLOPs of Table 1, which are multiply-adds, with the stride in the first 1x1 of a bottleneck."""
    check_macs(cell.name, cell.value, report(RESNETS[cell.words[-1]]), 10**9)


@each("resnet_paper.yaml", "text_flops_1e9")
def test_resnet_text(cell: Cell) -> None:
    """FLOPs in the text: VGG's, those of 34 layers with and without shortcuts, and their share of VGG-19's."""
    models = {"VGG-16": "D", "VGG-19": "E", "plain-34": "plain34", "resnet-34": "resnet34"}
    if cell.words[-1] in models:
        check_macs(cell.name, cell.value, report(models[cell.words[-1]]), 10**9)
    else:
        share = Decimal(100 * report("resnet34").totals.macs) / report("E").totals.macs
        check(cell.name, cell.value, share)


def test_resnet_stride_in_the_3x3_is_another_network() -> None:
    """The stride in the 3x3, as torchvision has it, is not what Table 1 prints."""
    for cell in within("resnet_paper.yaml", "table1/flops_1e9")[2:]:
        macs = Decimal(report(RESNETS[cell.words[-1]].removesuffix("-v1")).totals.macs) / 10**9
        assert not rounds_to(macs, cell.value)
        assert not truncates_to(macs, cell.value)


@each("resnet_paper.yaml", "table1/output_size")
def test_resnet_output_sizes(cell: Cell) -> None:
    """The output size of every stage, in all five networks; the average pooling leaves one position."""
    for model in RESNETS.values():
        last = part(report(model), RESNET_STAGES[cell.words[-1]])[-1]
        assert last.output.spatial == (int(cell.value), int(cell.value))


@each("resnet_paper.yaml", "table1/stem")
def test_resnet_stem(cell: Cell) -> None:
    """The first convolution and the pooling, which all five networks share."""
    for model in RESNETS.values():
        conv, pool = report(model).row("conv1"), report(model).row("maxpool")
        assert (conv.kind, pool.kind) == ("conv", "maxpool")
        side, stride = patch(conv).split("/")
        figures = {
            "conv1": f"{side}, {conv.output.channels}, stride {stride}",
            "conv1_out": str(conv.output.spatial[0]),
            "pool": "{} max, stride {}".format(*patch(pool).split("/")),
        }
        assert figures[cell.words[-1]] == cell.value


def units(found: Report, stage: str) -> list[list[Row]]:
    """The convolutions of every unit of a stage, without its projection."""
    kept: dict[str, list[Row]] = {}
    for row in part(found, stage):
        if row.kind == "conv" and "downsample" not in row.name:
            kept.setdefault(row.name.split(".")[1], []).append(row)
    return list(kept.values())


@each("resnet_paper.yaml", "table1/blocks_per_stage")
def test_resnet_blocks(cell: Cell) -> None:
    """How many units each stage has."""
    found = report(RESNETS[cell.words[-1]])
    assert [len(units(found, stage)) for stage in STAGES] == list(map(int, cell.value))


@each("resnet_paper.yaml", "table1/block_type")
def test_resnet_units(cell: Cell) -> None:
    """Which convolutions a unit has."""
    found = report(RESNETS[cell.words[-1]])
    for stage in STAGES:
        for convs in units(found, stage):
            assert ",".join(patch(conv).split("/")[0] for conv in convs) == cell.value


@each("resnet_paper.yaml", "table1/widths")
def test_resnet_widths(cell: Cell) -> None:
    """How wide each stage is, inside a bottleneck and at its end."""
    basic, end = cell.words[-1] == "basic", cell.words[-1] == "bottleneck_out"
    for model in list(RESNETS.values())[:2] if basic else list(RESNETS.values())[2:]:
        for stage, width in zip(STAGES, cell.value, strict=True):
            for convs in units(report(model), stage):
                picked = convs if basic else convs[2:] if end else convs[:2]
                assert {conv.output.channels for conv in picked} == {int(width)}


@each("resnet_paper.yaml", "table6_cifar10/rows")
def test_resnet_cifar(cell: Cell) -> None:
    """Parameters of the CIFAR networks, in millions, and how many layers they have."""
    found = report(f"resnet{cell.value['layers']}")
    check(f"{cell.name}/params_m", cell.value["params_m"], Decimal(found.totals.params) / 10**6)
    assert depth(found) == int(cell.value["layers"])


@each("resnet_paper.yaml", "table6_cifar10/architecture")
def test_resnet_cifar_architecture(cell: Cell) -> None:
    """Section 4.2: 1 + 2n, 2n and 2n convolutions on maps of 32, 16 and 8 pixels; shortcuts without parameters."""
    for layers in (20, 32, 44, 56, 110, 1202):
        rows = report(f"resnet{layers}").rows
        n = (layers - 2) // 6
        convs = [row for row in rows if row.kind == "conv"]
        sizes = list(dict.fromkeys(row.output.spatial[0] for row in convs))
        figures: dict[str, Any] = {
            "input": str(rows[0].output.spatial[0]),
            "map_sizes": list(map(str, sizes)),
            "filters": [str(width) for width in dict.fromkeys(row.output.channels for row in convs)],
            "layers": "1+2n,2n,2n, total 6n+2, option A shortcuts",
        }
        assert figures[cell.words[-1]] == cell.value
        counts = [sum(row.output.spatial[0] == size for row in convs) for size in sizes]
        assert counts == [1 + 2 * n, 2 * n, 2 * n]
        assert sum(row.kind in ("conv", "fc") for row in rows) == 6 * n + 2


# DenseNet

DENSENETS = {f"DenseNet-{layers}": f"densenet{layers}" for layers in (121, 169, 201, 264)}
DENSENET_STAGES = {
    "convolution": "features.conv0",
    "pooling": "features.pool0",
    "dense1": "features.denseblock1",
    "transition1_conv": "features.transition1.conv",
    "transition1_pool": "features.transition1.pool",
    "dense2": "features.denseblock2",
    "transition2_pool": "features.transition2.pool",
    "dense3": "features.denseblock3",
    "transition3_pool": "features.transition3.pool",
    "dense4": "features.denseblock4",
    "classification": "avgpool",
}


@each("densenet_paper.yaml", "table1/output_size")
def test_densenet_output_sizes(cell: Cell) -> None:
    """The output size of every stage, in all four networks."""
    for model in DENSENETS.values():
        last = part(report(model), DENSENET_STAGES[cell.words[-1]])[-1]
        assert last.output.spatial == (int(cell.value), int(cell.value))


@each("densenet_paper.yaml", "table1/blocks")
def test_densenet_blocks(cell: Cell) -> None:
    """How many pairs of 1x1 and 3x3 convolutions each dense block has; the name counts them with the other layers."""
    found = report(DENSENETS[cell.words[-1]])
    for number, repeats in enumerate(cell.value, 1):
        convs = [row for row in part(found, f"features.denseblock{number}") if row.kind == "conv"]
        assert [patch(conv) for conv in convs] == int(repeats) * ["1x1/1", "3x3/1"]
    check(f"{cell.name}/layers", cell.words[-1].removeprefix("DenseNet-"), depth(found))


@each("densenet_paper.yaml", "table1/growth_rate", "table1/stem", "table1/transition", "table1/classification")
def test_densenet_layers(cell: Cell) -> None:
    """What all four networks share: growth rate, stem, transitions and classifier."""
    for model in DENSENETS.values():
        found = report(model)
        (growth,) = {row.output.channels for row in found.rows if row.name.endswith(".conv2")}
        conv, pool = found.row("features.conv0"), found.row("features.pool0")
        figures = {
            "growth_rate": str(growth),
            "stem": "{} conv stride {} ({}k channels); {} max pool stride {}".format(
                *patch(conv).split("/"), conv.output.channels // growth, *patch(pool).split("/")
            ),
            "classification": "{} global average pool, {}-d fc, softmax".format(
                patch(found.row("avgpool")).split("/")[0], found.row("classifier").output.channels
            ),
        }
        for number in (1, 2, 3):
            conv, pool = (found.row(f"features.transition{number}.{name}") for name in ("conv", "pool"))
            figures["transition"] = "{} conv (compression {}), {} average pool stride {}".format(
                patch(conv).split("/")[0],
                Decimal(conv.output.channels) / conv.input_shapes[0].channels,
                *patch(pool).split("/"),
            )
            assert figures[cell.words[-1]] == cell.value


@each("densenet_paper.yaml", "table2_params_millions")
def test_densenet_parameters(cell: Cell) -> None:
    """Table 2's parameters of the CIFAR networks, in millions."""
    kind, figures = cell.words[-1].removesuffix(")").split(" (")
    layers, growth = (figure.split("=")[1] for figure in figures.split(","))
    found = report(f"{kind.lower()}-{layers}-{growth}")
    check(cell.name, cell.value, Decimal(found.totals.params) / 10**6)
    assert depth(found) == int(layers)


# U-Net


@each("unet_figure1.csv")
def test_unet_level(cell: Cell) -> None:
    """Figure 1 level by level: size and channels of every map, and the operation that made it."""
    printed = cell.value
    row = report("unet").row(printed["name"])
    assert row.output.hwc == (int(printed["size"]), int(printed["size"]), int(printed["channels"]))
    operations = {
        "": ("input", ""),
        "conv 3x3 valid": ("conv", "3x3/1"),
        "conv 1x1": ("conv", "1x1/1"),
        "max 2x2/2": ("maxpool", "2x2/2"),
        "up-conv 2x2": ("convtranspose", "2x2/2"),
        "copy and crop": ("concat", ""),
    }
    assert (row.kind, "" if row.kind in ("input", "concat") else patch(row)) == operations[printed["op"]]
    assert row.kind not in ("conv", "maxpool") or padding(row) == 0


def test_unet_is_whole() -> None:
    """Figure 1 has all layers of U-Net, and 23 convolutions in all, as its text says."""
    kinds = ("input", "conv", "maxpool", "convtranspose", "concat")
    rows = [row for row in report("unet").rows if row.kind in kinds]
    assert [row.name for row in rows] == [cell.value["name"] for cell in within("unet_figure1.csv")]
    assert sum("conv" in row.kind for row in rows) == 23


# SqueezeNet


@each("squeezenet_table1.csv")
def test_squeezenet_row(cell: Cell) -> None:
    """Table 1 layer by layer: output, filter, depth, widths of a fire module, and parameters.

    Not compared: the parameters that pruning left, which follow from the training.
    """
    printed, found = cell.value, report("squeezenet1_0-paper")
    if cell.words == ["TOTAL"]:
        assert found.totals.params == int(printed["params_before_pruning"])
        return
    name = printed["layer"].replace("input image", "input")
    rows = part(found, name)
    for axis, figure, expected in zip(
        ("height", "width", "channels"), rows[-1].output.hwc, printed["output"].split("x"), strict=True
    ):
        check(f"{cell.name}/{axis}", expected, figure)
    assert depth(found, name) == int(printed["depth"] or 0)
    assert total(rows, "params") == int(printed["params_before_pruning"] or 0)
    if printed["filter_stride"]:
        filters = f" (x{rows[0].output.channels})" if rows[0].kind == "conv" else ""
        assert patch(rows[0]) + filters == printed["filter_stride"]
    if printed["s1x1"]:
        widths = [found.row(f"{name}.{layer}").output.channels for layer in ("squeeze", "expand1x1", "expand3x3")]
        assert widths == [int(printed[column]) for column in ("s1x1", "e1x1", "e3x3")]


def test_squeezenet_of_a_crop_of_227() -> None:
    """Table 1's 111x111 are those of the 227x227 crop that the authors' release takes, without any padding."""
    paper, release = report("squeezenet1_0-paper"), report("squeezenet1_0-caffe")
    assert [row.output for row in paper.rows[1:]] == [row.output for row in release.rows[1:]]
    assert (release.rows[0].output.spatial, padding(release.row("conv1"))) == ((227, 227), 0)


# MobileNet


class Column(NamedTuple):
    """The network of a row, its variables, and whether its parameters are counted with biases and normalisation."""

    model: str = "mobilenet_v1"
    variables: dict[str, int | str] = {}
    whole: bool = False


MOBILENETS = {
    "table4/Conv MobileNet": Column("mobilenet_v1_conv"),
    "table4/MobileNet": Column(),
    "table5/0.75 MobileNet": Column("mobilenet_v1_075"),
    "table5/Shallow MobileNet": Column("mobilenet_v1_shallow"),
    "table6_width/1.0-224": Column(),
    "table6_width/0.75-224": Column("mobilenet_v1_075"),
    "table6_width/0.5-224": Column("mobilenet_v1_050"),
    "table6_width/0.25-224": Column("mobilenet_v1_025"),
    "table7_resolution/1.0-224": Column(),
    "table7_resolution/1.0-192": Column(variables={"resolution": 192}),
    "table7_resolution/1.0-160": Column(variables={"resolution": 160}),
    "table7_resolution/1.0-128": Column(variables={"resolution": 128}),
    "table8/1.0 MobileNet-224": Column(),
    "table8/GoogleNet": Column("googlenet-paper"),
    "table8/VGG 16": Column("D", whole=True),
    "table9/0.50 MobileNet-160": Column("mobilenet_v1_050", {"resolution": 160}),
    "table9/Squeezenet": Column("squeezenet1_0-caffe", whole=True),
    "table9/AlexNet": Column("alexnet-caffe", whole=True),
    # Stanford Dogs has 120 classes; the parameters are of such a network, the mult-adds of that with 1000.
    "table10_stanford_dogs/Inception V3": Column("inception_v3-no-aux", {"classes": 120}, whole=True),
    "table10_stanford_dogs/1.0-224": Column(variables={"classes": 120}),
    "table10_stanford_dogs/0.75-224": Column("mobilenet_v1_075", {"classes": 120}),
    "table10_stanford_dogs/1.0-192": Column(variables={"classes": 120, "resolution": 192}),
    "table10_stanford_dogs/0.75-192": Column("mobilenet_v1_075", {"classes": 120, "resolution": 192}),
}
PAIRS = [f"conv{number}_{half}" for number in range(1, 14) for half in ("dw", "pw")]
MOBILENET_BODY = [
    ["conv0"],
    *([name] for name in PAIRS[:12]),
    [f"conv{number}_dw" for number in range(7, 12)],  # 5x
    [f"conv{number}_pw" for number in range(7, 12)],
    *([name] for name in PAIRS[22:]),
    ["avgpool"],
    ["fc"],
    ["softmax"],
]
"""The layers of every row of Table 1."""


@each("mobilenet_v1_paper.yaml", "table4", "table5", "table6_width", "table7_resolution", "table8", "table9",
      "table10_stanford_dogs")  # fmt: skip
def test_mobilenet(cell: Cell) -> None:
    """Tables 4 to 10: millions of mult-adds and of parameters, which are the weights alone, as Table 2 has it."""
    model, variables, whole = MOBILENETS["/".join(cell.words[:2])]
    if cell.words[-1] == "mult_adds":
        variables = {name: value for name, value in variables.items() if name != "classes"}
        check_macs(cell.name, cell.value, report(model, **variables), 10**6)
    else:
        found = report(model, **variables)
        check(cell.name, cell.value, Decimal(found.totals.params if whole else trained(found)) / 10**6)


@each("mobilenet_v1_paper.yaml", "table1_body")
def test_mobilenet_body(cell: Cell) -> None:
    """Table 1: type, stride, filter and input of every layer."""
    found, printed = report("mobilenet_v1"), cell.value
    assert len(within("mobilenet_v1_paper.yaml", "table1_body")) == len(MOBILENET_BODY)
    names = MOBILENET_BODY[int(cell.words[1])]
    kind, _, stride = printed["type"].removeprefix("5x ").partition(" / s")
    assert printed["type"].startswith("5x ") == (len(names) == 5)
    for row in map(found.row, names):
        inputs = row.input_shapes[0]
        assert inputs.hwc == numbers(printed["input"])
        filters = {
            "dwconv": f"3x3x{inputs.channels} dw",
            "globalavgpool": f"Pool {patch(row).split('/')[0]}" if row.kind == "globalavgpool" else "",
            "fc": f"{inputs.channels}x{row.output.channels}",
            "softmax": "Classifier",
        }
        kinds = {"Conv": "conv", "Conv dw": "dwconv", "Avg Pool": "globalavgpool", "FC": "fc", "Softmax": "softmax"}
        assert row.kind == kinds[kind]
        if "conv" in row.kind:
            side, found_stride = patch(row).split("/")
            filters["conv"] = f"{side}x{inputs.channels}x{row.output.channels}"
            assert row.kind == "conv" or side == "3x3"
            check(f"{cell.name}/stride", stride, int(found_stride))
        else:
            assert stride == "1"
        assert filters[row.kind] == printed["filter"]


def test_mobilenet_body_is_whole() -> None:
    """Table 1 has all layers of MobileNet."""
    listed = sorted(name for names in MOBILENET_BODY for name in names)
    kinds = ("input", "batchnorm", "relu")
    assert listed == sorted(row.name for row in report("mobilenet_v1").rows if row.kind not in kinds)


@each("mobilenet_v1_paper.yaml", "table2_resource_percent")
def test_mobilenet_shares(cell: Cell) -> None:
    """Table 2: per cent of the mult-adds and weights by type of layer."""
    rows = [row for row in report("mobilenet_v1").rows if row.kind in ("conv", "dwconv", "fc")]
    _, kind, column = cell.words
    figure = {"mult_adds": "macs", "params": "weights"}[column]
    types = {"dwconv": "conv_dw", "conv": "conv", "fc": "fc"}
    picked = [row for row in rows if types[row.kind] + ("" if row.kind == "fc" else patch(row).split("/")[0]) == kind]
    check(cell.name, cell.value, Decimal(100 * total(picked, figure)) / total(rows, figure))


@each("mobilenet_v1_paper.yaml", "table3_layer_14x14x512")
def test_mobilenet_layer(cell: Cell) -> None:
    """Table 3: one layer inside the network, then made separable, narrower, and of lower resolution."""
    separable = ("conv7_dw", "conv7_pw")
    found, names = {
        "full_conv": (report("mobilenet_v1_conv"), ("conv7",)),
        "dw_separable": (report("mobilenet_v1"), separable),
        "alpha_0.75": (report("mobilenet_v1_075"), separable),
        "rho_0.714": (report("mobilenet_v1_075", resolution=160), separable),
    }[cell.words[1]]
    rows = part(found, *names)
    figure = {"mult_adds": total(rows, "macs"), "params": trained(rows)}[cell.words[2]]
    check(cell.name, cell.value, Decimal(figure) / 10**6)


def test_mobilenet_table_9_counts_squeezenet_twice() -> None:
    """Table 9's 1700 million mult-adds of SqueezeNet are 833 million multiplications and as many additions."""
    macs = report("squeezenet1_0-caffe").totals.macs
    assert rounds_to(Decimal(2 * macs) / 10**6, DIGITS["mobilenet_v1_paper/table9/Squeezenet/mult_adds"])


def test_mobilenet_table_10_repeats_mult_adds() -> None:
    """With the 120 classes of Stanford Dogs there would be 568 and 417 million mult-adds, not 569 and 418."""
    for resolution, printed in ((224, "569"), (192, "418")):
        macs = report("mobilenet_v1", classes=120, resolution=resolution).totals.macs
        assert rounds_to(Decimal(macs) / 10**6, str(int(printed) - 1))


# All files


def test_every_row_is_used() -> None:
    """Every row of the files is an argument of a test, and no exception is of a row that is not there."""
    marks = [mark for test in globals().values() for mark in getattr(test, "pytestmark", ())]
    used = {argument.name for mark in marks for argument in mark.args[1] if isinstance(argument, Cell)}
    names = [cell.name for file in FILES for cell in cells(file)]
    assert len(names) == len(set(names))
    assert used == set(names)
    for exception in (*TRUNCATED, *DIGITS, *WITHOUT_FC, *WRONG):
        assert exception in used or exception.rpartition("/")[0] in used
