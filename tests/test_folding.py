"""Blocks in rows of their own: equal neighbours together, sums that add up, as deep as a screen has room for."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from vggcalc import load
from vggcalc.cli import cli
from vggcalc.figures import FIGURES, folded, value_of, whole
from vggcalc.figures.folding import depth


def run(*arguments: str, code: int = 0) -> str:
    """What vggcalc prints, on stdout where it works and else on stderr."""
    result = CliRunner().invoke(cli, arguments, env={"COLUMNS": "150"})
    assert result.exit_code == code, result.output
    return result.stderr if code else result.stdout


def test_the_stages_of_resnet152() -> None:
    """He et al., Table 1: 3, 8, 36 and 3 bottlenecks; a stage's first strides or widens and stands alone."""
    lines = [line for line in folded(whole(load("resnet152").analyse()), 2) if line.name.startswith("layer")]
    assert [(line.name, line.times) for line in lines] == [
        ("layer1.0", 1),
        ("layer1.1 to layer1.2", 2),
        ("layer2.0", 1),
        ("layer2.1 to layer2.7", 7),
        ("layer3.0", 1),
        ("layer3.1 to layer3.35", 35),
        ("layer4.0", 1),
        ("layer4.1 to layer4.2", 2),
    ]
    weights = 1024 * 256 + 9 * 256 * 256 + 256 * 1024
    norms = 2 * (256 + 256 + 1024)
    assert FIGURES["params"].value(lines[5].selection) == 35 * (weights + norms)
    assert FIGURES["macs"].value(lines[5].selection) == 35 * 14 * 14 * weights


def test_what_is_alike_but_reads_otherwise_is_no_neighbour() -> None:
    """Layers of GoogLeNet's modules read the same map; the dense layers of DenseNet read ever more channels."""
    googlenet = folded(whole(load("googlenet").analyse()), 1)
    assert {line.times for line in googlenet} == {1}
    densenet = folded(whole(load("densenet121").analyse()), 3)
    assert [line.times for line in densenet if "denselayer" in line.name] == [1] * (6 + 12 + 24 + 16)


@pytest.mark.parametrize(
    "name", ["resnet152", "googlenet", "mobilenet_v2", "unet", "inception_v3,training", "vit_b_16"]
)
def test_rows_of_blocks_add_up(name: str) -> None:
    """At every depth every layer stands in one row, and the rows add up to the totals."""
    of = whole(load(name).analyse())
    for at in range(1, depth(of) + 1):
        lines = folded(of, at)
        assert sorted(place for line in lines for place in line.selection.places) == list(range(len(of.rows)))
        for key in ("params", "buffers", "macs", "activations"):
            amounts = [value_of(FIGURES[key], line.selection) for line in lines]
            assert sum(amount for amount in amounts if isinstance(amount, int)) == value_of(FIGURES[key], of)


@pytest.mark.parametrize("name", ["resnet152", "densenet201", "efficientnet_b7"])
def test_a_long_network_fits_a_screen(name: str) -> None:
    """On a terminal it is folded, and says so; --depth all is every layer, as in a pipe."""
    screen = run("show", name, "--format", "rich")
    assert screen.count("\n") <= 50
    assert "rows of blocks" in screen
    piped = run("show", name)
    assert "rows of blocks" not in piped
    assert run("show", name, "--depth", "all") == piped
    assert run("show", name, "--depth", "all", "--format", "rich").count("\n") > 200


def test_a_short_network_stays_as_it_is() -> None:
    """A screen has room for all of VGG-16; and one that asks for order looks at layers."""
    assert "blocks" not in run("show", "vgg16", "--format", "rich")
    assert "blocks" not in run("show", "resnet152", "--format", "rich", "--sort", "params", "--top", "3")


def test_a_row_of_equal_blocks() -> None:
    """Its arithmetic is so many times one of them; its field is the last one's, its output too."""
    row = next(line for line in run("show", "resnet50", "--depth", "2").splitlines() if line.startswith("layer1.1 to"))
    weights = 256 * 64 + 9 * 64 * 64 + 64 * 256 + 2 * 0
    scales = 64 + 64 + 256
    assert f"2*{weights + scales:,} = {2 * (weights + scales):,}" in row
    assert "10 layers x 2" in row
    assert "56x56x256" in row
    last = load("resnet50").analyse().row("layer1.2.add")
    assert row.split()[-1] == str(last.fields["input"][0].size)


def test_blocks_as_data() -> None:
    """With a depth the document has the rows of blocks too, with the names of their layers."""
    document = json.loads(run("show", "resnet18", "--depth", "1", "--format", "json"))
    assert [block["name"] for block in document["blocks"] if len(block["layers"]) > 1] == [
        f"layer{number}" for number in (1, 2, 3, 4)
    ]
    assert sum(block["params"] for block in document["blocks"]) == document["totals"]["params"]
    assert "blocks" not in json.loads(run("show", "resnet18", "--format", "json"))


def test_blocks_side_by_side() -> None:
    """compare and explain fold too."""
    compared = run("compare", "resnet50", "resnet152", "--depth", "2")
    assert "layer3.1 to layer3.35, 1024 channels, x 35" in compared
    explained = run("explain", "resnet152", "layer3", "--depth", "2")
    assert "35*218,365,952 = 7,642,808,320" in explained
    assert "layer3.17" not in explained


@pytest.mark.parametrize("given", ["0", "-1", "two", "", "1.5", "²"])
def test_no_depth(given: str) -> None:
    """What is no depth is said in one line."""
    assert "no depth; give a number from 1 on" in run("show", "vgg16", "--depth", given, code=2)


def test_a_family() -> None:
    """The models of one family, and no other's; a family that is none is told its neighbour."""
    listed = json.loads(run("list", "--family", "VGG", "--format", "json"))["models"]
    assert {entry["family"] for entry in listed} == {"vgg"}
    assert "resnet" in run("list", "--family", "resnett", code=2)
    assert "no family" in run("list", "layers", "--family", "vgg", code=2)
