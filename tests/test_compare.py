"""Networks side by side: maps are the stage's, branches keep their structure, and what is added is marked."""

from __future__ import annotations

from click.testing import CliRunner
from texts import report

from vggcalc import load
from vggcalc.analysis.compare import stages
from vggcalc.cli import cli
from vggcalc.render.compared import shortened


def column(model: str) -> list[str]:
    """What compare lists of one network."""
    return listed(model)[model]


def listed(*models: str) -> dict[str, list[str]]:
    """The columns of the table of layers, without empty cells."""
    text = CliRunner().invoke(cli, ["compare", *models, "--format", "plain"], catch_exceptions=False).output
    _, header, rule, *lines = text.partition("\n\n")[0].splitlines()
    starts = [place for place, dash in enumerate(rule) if dash == "-" and (place == 0 or rule[place - 1] == " ")]
    bounds = list(zip(starts, [*starts[1:], 999], strict=True))
    return {
        header[start:end].strip(): [cell for line in lines if (cell := line[start:end].strip())]
        for start, end in bounds
    }


def test_maps_are_the_stages() -> None:
    """Squeeze and excitation gate a map, and so each map of EfficientNet-B0 (its paper's Table 1) stands there once."""
    maps = listed("torchvision/efficientnet_b0")["map"]
    assert maps == ["112x112", "56x56", "28x28", "14x14", "7x7", "1x1"]


def test_what_gates_a_map_works_on_it_whatever_else_reads_it() -> None:
    """Of two sums that read a gate the second has its own extent, and is none of what it gates."""
    network = """
        family: f
        input: 8x8x4
        layers:
          - {conv3-4: {name: a, padding: 1}}
          - {globalavgpool: {name: p}}
          - {conv1-4: {name: gate}}
          - {multiply: {name: m, from: [a, gate]}}
          - {add: {name: s, from: [gate, p]}}
    """
    assert [stage.spatial for stage in stages([report(network)])] == [(8, 8)]


def test_a_map_that_comes_back_is_a_stage_of_its_own() -> None:
    """The two arms of U-Net: its figure 1 has 28x28 at the bottom, and 388x388 at the end."""
    found = [stage.spatial for stage in stages([load("unet").analyse()])]
    assert (28, 28) in found
    assert (388, 388) in found


def test_an_inception_module_keeps_its_branches() -> None:
    """Figure 2 (b) of the paper with the numbers of Table 1, inception (3a): four branches, each in a line."""
    lines = column("googlenet-paper")
    start = lines.index("1| conv1-64")
    assert lines[start : start + 4] == [
        "1| conv1-64", "2| conv1-96, conv3-128", "3| conv1-16, conv5-32", "4| maxpool3/1, conv1-32"
    ]  # fmt: skip


def test_branches_inside_of_branches_and_repeated_modules() -> None:
    """Inception-v3's last two modules, figure 7 of arXiv:1512.00567: the 3x3s part into 1x3 and 3x1."""
    lines = column("inception_v3")
    start = lines.index("[1| conv1-320")
    assert lines[start : start + 4] == [
        "[1| conv1-320",
        "2| conv1-384, (conv1x3-384 | conv3x1-384)",
        "3| conv1-448, conv3-384, (conv1x3-384 | conv3x1-384)",
        "4| avgpool3/1, conv1-192] x2",
    ]


def test_a_projection_is_a_branch_and_an_identity_is_none() -> None:
    """ResNet-18: the unit that strides has a 1x1 beside its two 3x3s; the other stands as its layers."""
    lines = column("resnet18")
    start = lines.index("1| conv3-128/2, conv3-128")
    assert lines[start : start + 4] == ["1| conv3-128/2, conv3-128", "2| conv1-128/2", "conv3-128", "conv3-128"]


def test_a_layer_that_works_in_training_alone_is_not_listed() -> None:
    """Inception-v3's auxiliary head classifies 1,000 classes too; one fully connected layer is left."""
    assert sum("fc-1000" in line for line in column("inception_v3")) == 1


def test_networks_with_nothing_in_common_have_no_marks() -> None:
    """A mark on every line would mark nothing."""
    assert not [line for line in listed("lenet5", "resnet18")["resnet18"] if line.startswith("+")]
    assert [line for line in listed("resnet18", "resnet34")["resnet34"] if line.startswith("+")]


def test_modules_are_shortened_whole() -> None:
    """A repetition begins and ends with a module, whatever its lines have in common with those of the next."""
    units = ["1| a\n2| b", *["1| a\n2| c"] * 3, "1| a\n2| d"]
    assert shortened(units) == ["1| a", "2| b", "[1| a", " 2| c] x3", "1| a", "2| d"]
