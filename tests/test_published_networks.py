"""What the bundled tables cannot say of the networks that they print: kinds, every block of a stage, sums, shares.

The printed figures are claims of specs/published, which test_bundled_tables.py checks. Here stand only those that no
claim can hold, each with its source.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from math import prod
from typing import Any

import pytest
from test_bundled_tables import table
from texts import known

from vggcalc import Report, Row, load
from vggcalc.claims import Claim, check
from vggcalc.figures import FIGURES, value_of, whole


@cache
def report(model: str, **variables: int | str) -> Report:
    """A bundled network's figures, worked out once."""
    return load(model, **variables).analyse()


def claims(name: str, column: str) -> list[Claim]:
    """The claims in a column of a bundled table."""
    found = [claim for claim in table(name).claims if claim.column == column]
    assert found
    return found


def part(found: Report, block: str) -> list[Row]:
    """The layers inside a block."""
    rows = [row for row in found.rows if row.name.startswith(f"{block}.")]
    assert rows
    return rows


def total(rows: Iterable[Row], figure: str) -> int:
    """The sum of a figure over layers."""
    return sum(getattr(row, figure) for row in rows)


def shape(conv: Row) -> tuple[int, int]:
    """Kernel and channels of a convolution."""
    layer: Any = conv.layer
    return layer.kernel_size, conv.output.channels


# Kinds of layers

WORDS = {
    # what the rows of a table call a layer, the longer words first, and the kind of layer that it is
    "alexnet-paper": {"input": "input", "conv": "conv", "pool": "maxpool", "fc": "fc"},
    "cs231n-vgg16": {"INPUT": "input", "CONV3": "conv", "POOL2": "maxpool", "FC": "fc"},
    "mobilenet-v1-table1": {"Conv dw": "dwconv", "Conv": "conv", "Avg Pool": "globalavgpool", "FC": "fc",
                            "Softmax": "softmax"},
    "netscope-vgg16": {" data": "input", " conv": "conv", " relu": "relu", " pooling": "maxpool",
                       " inner_product": "fc", " dropout": "dropout", " softmax": "softmax"},
    "nin-imagenet": {"input": "input", "conv": "conv", "cccp": "conv", "pool4": "globalavgpool", "pool": "maxpool"},
    "torchsummary-vgg16": {"Conv2d": "conv", "ReLU": "relu", "MaxPool2d": "maxpool", "Linear": "fc",
                           "Dropout": "dropout"},
    "unet-figure1": {"input": "input", "up-conv": "convtranspose", "conv": "conv", "max": "maxpool",
                     "copy and crop": "concat"},
    "vgg-table1": {"input": "input", "conv": "conv", "maxpool": "maxpool", "FC": "fc"},
    "zfnet-paper": {"pool": "maxpool"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", WORDS)
def test_a_table_has_all_layers_of_a_kind(name: str) -> None:
    """The rows of a table are all layers of its networks that are of these kinds, and each is what its row says."""
    said = {}
    for claim in reversed(table(name).claims):  # of a layer that is claimed twice the row in the table itself counts
        kind = next((kind for word, kind in WORDS[name].items() if word in claim.row), None)
        if kind and claim.quantity.layer:
            said[(claim.quantity.model, *claim.quantity.layer)] = kind
    kinds = set(WORDS[name].values())
    models = {claim.quantity.model for claim in table(name).claims}
    assert said == {(model, row.name): row.kind for model in models for row in report(model).rows if row.kind in kinds}


# AlexNet


def test_alexnet_neurons_add_up() -> None:
    """The neurons of figure 2 add up to 622,312; with 55*55*96 for the first layer they would be 659,272."""
    printed = [claim for claim in claims("alexnet-paper", "neurons") if claim.quantity.layer]
    assert sum(claim.printed.value for claim in printed) == 622_312
    maps = [report("alexnet-paper").row(*claim.quantity.layer).output for claim in printed]
    assert sum(shape.elements for shape in maps) == 622_312 - 55 * 48 * 96 + 55 * 55 * 96 == 659_272


# Network in Network


def test_nin_is_in_order() -> None:
    """The layers stand as in the Model Zoo's prototxt, with a dropout of half the values before conv4-1024."""
    layers = [claim.quantity.layer[0] for claim in claims("nin-imagenet", "kernel")]
    layers.insert(layers.index("conv4-1024"), "dropout")
    rows = [row for row in report("nin-imagenet").rows[1:] if row.kind not in ("relu", "softmax")]
    assert [row.name for row in rows] == layers
    dropout: Any = report("nin-imagenet").row("dropout").layer
    assert dropout.p == 0.5


# GoogLeNet


@pytest.mark.parametrize("name", ["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"])
def test_googlenet_by_hand(name: str) -> None:
    """Weights and multiply-adds of the inceptions are plain arithmetic over the filter counts of Table 1."""
    found, block = report("googlenet-paper"), f"inception{name}"
    branches = ("branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1", "branch4.1")
    widths = [found.row(f"{block}.{branch}.conv").output.channels for branch in branches]
    one, reduce3, three, reduce5, five, projection = widths
    rows = part(found, block)
    maps = rows[0].input_shapes[0].channels
    weights = maps * (one + reduce3 + reduce5 + projection) + 9 * reduce3 * three + 25 * reduce5 * five
    assert total(rows, "weights") == weights
    assert total(rows, "macs") == weights * prod(rows[-1].output.spatial)
    assert one + three + five + projection == rows[-1].output.channels


def test_googlenet_sums() -> None:
    """The columns of Table 1 add up to 6797.7K and 1502M, GoogLeNet to 6.99 and 1582.7 million."""
    sums = [sum(Decimal(claim.printed.text[:-1]) for claim in claims("googlenet-table1", name))
            for name in ("params", "ops")]  # fmt: skip
    assert sums == [Decimal("6797.7"), 1502]
    totals = report("googlenet-paper").totals
    assert totals.weights == 6_990_272
    assert f"{known(totals.macs) / 10**6:.1f}" == "1582.7"


def test_googlenet_without_weights() -> None:
    """Table 1 has no params and ops for poolings, softmax and a dropout of 40%."""
    found = report("googlenet-paper")
    rows = [found.row(name) for name in ("maxpool1", "maxpool2", "maxpool3", "maxpool4", "avgpool", "dropout",
                                         "softmax")]  # fmt: skip
    assert [row.kind for row in rows] == [*4 * ["maxpool"], "avgpool", "dropout", "softmax"]
    assert (total(rows, "weights"), total(rows, "macs")) == (0, 0)
    dropout: Any = found.row("dropout").layer
    assert dropout.p == 0.4


def test_googlenet_with_pooling() -> None:
    """Section 5: 22 layers deep, or 27 with pooling; those inside the inceptions stand beside convolutions."""
    rows = report("googlenet-paper").rows
    assert sum(row.kind in ("maxpool", "avgpool") and ".branch" not in row.name for row in rows) == 27 - 22


def test_googlenet_auxiliary_classifiers() -> None:
    """Section 5: they stand on (4a) and (4d), and drop 70% of their values."""
    found = report("googlenet-paper-aux")
    for head, source in (("aux1", "inception4a"), ("aux2", "inception4d")):
        (place,) = found.row(f"{head}.pool1").inputs
        assert found.rows[place].name.startswith(f"{source}.")
        dropout: Any = found.row(f"{head}.dropout1").layer
        assert dropout.p == 0.7


# Inception v3


def test_inception_v3_has_an_auxiliary_head() -> None:
    """torchvision counts the 27,161,264 parameters of Inception v3 with its auxiliary head, which works in training."""
    whole, plain = report("torchvision/inception_v3").totals, report("inception_v3-no-aux").totals
    assert whole.params == 27161264
    assert (whole.macs, whole.activations) == (plain.macs, plain.activations)
    # 768 to 128 channels and 128 to 768 by 5x5, normalised, then 768 to 1000 classes with biases
    assert (
        known(whole.params) - known(plain.params) == 768 * 128 + 2 * 128 + 25 * 128 * 768 + 2 * 768 + 768 * 1000 + 1000
    )


@pytest.mark.parametrize("figure", ["layers", "depth", "neurons", "connections", "forward"])
def test_an_auxiliary_head_does_no_work(figure: str) -> None:
    """At inference the figures of what layers do are those of the network without the head."""
    with_head, plain = (whole(report(name)) for name in ("torchvision/inception_v3", "inception_v3-no-aux"))
    assert value_of(FIGURES[figure], with_head) == value_of(FIGURES[figure], plain)


# ResNet

STAGES = ("layer1", "layer2", "layer3", "layer4")


def test_resnet_is_18_percent_of_vgg_19() -> None:
    """Section 3.3: 34 layers have 18% of VGG-19's FLOPs; 18.66%, cut, or 3.6 / 19.6."""
    assert 100 * known(report("resnet34").totals.macs) // known(report("E").totals.macs) == 18


def test_resnet_stride_in_the_3x3_is_another_network() -> None:
    """The stride in the 3x3, as torchvision has it, is not what Table 1 prints, however its FLOPs are rounded."""
    original = [claim for claim in claims("resnet-table1", "FLOPs") if claim.quantity.model.endswith("-v1")]
    asked = [c.quantity._replace(model=c.quantity.model.removesuffix("-v1"), cut=None) for c in original]
    others = tuple(claim._replace(quantity=quantity) for claim, quantity in zip(original, asked, strict=True))
    assert [(f.claim.quantity.model, f.verdict) for f in check(table("resnet-table1")._replace(claims=others))] == [
        ("resnet50", "wrong"),
        ("resnet101", "wrong"),
        ("resnet152", "wrong"),
    ]


@pytest.mark.parametrize("model", ["resnet18", "resnet34", "resnet50-v1", "resnet101-v1", "resnet152-v1"])
def test_resnet_units_are_alike(model: str) -> None:
    """Table 1 multiplies the units of a stage: all have the convolutions of the first, which the table claims."""
    for stage in STAGES:
        units: dict[str, list[tuple[int, int]]] = {}
        for row in part(report(model), stage):
            if row.kind == "conv" and "downsample" not in row.name:
                units.setdefault(row.name.split(".")[1], []).append(shape(row))
        assert len(units) > 1
        assert all(unit == units["0"] for unit in units.values())


@pytest.mark.slow
@pytest.mark.parametrize("layers", [20, 32, 44, 56, 110, 1202])
def test_resnet_cifar_architecture(layers: int) -> None:
    """Section 4.2: 1 + 2n, 2n and 2n convolutions on maps of 32, 16 and 8 pixels; shortcuts without parameters."""
    rows, n = report(f"resnet{layers}").rows, (layers - 2) // 6
    convs = [(row.output.spatial, row.output.channels) for row in rows if row.kind == "conv"]
    assert convs == (1 + 2 * n) * [((32, 32), 16)] + 2 * n * [((16, 16), 32)] + 2 * n * [((8, 8), 64)]
    assert sum(row.kind in ("conv", "fc") for row in rows) == 6 * n + 2


# DenseNet


@pytest.mark.slow
@pytest.mark.parametrize("model", ["densenet121", "densenet169", "densenet201", "densenet264"])
def test_densenet_layers_are_alike(model: str) -> None:
    """Table 1: pairs of 1x1 and 3x3 with growth rate 32 in every block; transitions of 1x1 that keep half the maps."""
    found = report(model)
    for number in (1, 2, 3, 4):
        convs = [row for row in part(found, f"features.denseblock{number}") if row.kind == "conv"]
        assert [shape(conv)[0] for conv in convs] == len(convs) // 2 * [1, 3]
        assert {shape(conv) for conv in convs[1::2]} == {(3, 32)}
        assert {conv.input_shapes[0].spatial for conv in convs} == {conv.output.spatial for conv in convs}
    for number in (1, 2, 3):
        conv = found.row(f"features.transition{number}.conv")
        assert shape(conv) == (1, conv.input_shapes[0].channels // 2)
        assert found.row(f"features.transition{number}.pool").kind == "avgpool"


# SqueezeNet


def test_squeezenet_of_a_crop_of_227() -> None:
    """Table 1's 111x111 are those of the 227x227 crop that the authors' release takes, without any padding."""
    paper, release = report("squeezenet1_0-paper"), report("squeezenet1_0-caffe")
    assert [row.output for row in paper.rows[1:]] == [row.output for row in release.rows[1:]]
    first: Any = release.row("conv1").layer
    assert (release.rows[0].output.spatial, first.padding) == ((227, 227), 0)


# MobileNet


def test_mobilenet_table_10_repeats_mult_adds() -> None:
    """With the 120 classes of Stanford Dogs there would be 568 and 417 million mult-adds, not 569 and 418."""
    for resolution, millions in ((224, 568), (192, 417)):
        assert round(known(report("mobilenet_v1", classes=120, resolution=resolution).totals.macs) / 10**6) == millions


def test_mobilenet_table_10_has_another_inception_v3() -> None:
    """Table 10's 23.2 million parameters of Inception V3 are not explained by classes: 1000 or 120, of 2,049 each."""
    many, few = (known(report("inception_v3-no-aux", classes=classes).totals.params) for classes in (1000, 120))
    assert (f"{many / 10**6:.2f}", f"{few / 10**6:.2f}") == ("23.83", "22.03")
    assert many - few == 880 * 2049
