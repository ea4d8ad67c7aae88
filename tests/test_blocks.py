"""Blocks explained whole: their layers, their sums by the parts, against published modules and sums by hand."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

from vggcalc import Report, UsageError, load
from vggcalc.analysis.derive import Line
from vggcalc.cli import cli
from vggcalc.figures import select, whole
from vggcalc.figures.block import derive_block, is_block, parts


def lines(report: Report, name: str) -> dict[str, Line]:
    """The lines of a block, by what they are of."""
    return {line.figure: line for line in derive_block(select(whole(report), [name])).lines}


def run(*arguments: str) -> str:
    """What vggcalc prints."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


INCEPTIONS = [
    # name, map, channels in; #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj
    ("3a", 28, 192, 64, 96, 128, 16, 32, 32),
    ("3b", 28, 256, 128, 128, 192, 32, 96, 64),
    ("4a", 14, 480, 192, 96, 208, 16, 48, 64),
    ("4b", 14, 512, 160, 112, 224, 24, 64, 64),
    ("4c", 14, 512, 128, 128, 256, 24, 64, 64),
    ("4d", 14, 512, 112, 144, 288, 32, 64, 64),
    ("4e", 14, 528, 256, 160, 320, 32, 128, 128),
    ("5a", 7, 832, 256, 160, 320, 32, 128, 128),
    ("5b", 7, 832, 384, 192, 384, 48, 128, 128),
]
"""Szegedy et al., arXiv:1409.4842, Table 1."""


@pytest.mark.parametrize("module", INCEPTIONS, ids=lambda module: str(module[0]))
def test_inception_modules(module: tuple[Any, ...]) -> None:
    """Weights of a module branch by branch, from the widths in GoogLeNet's Table 1; its MACs are size^2 as many."""
    name, size, channels, one, reduce3, three, reduce5, five, pool = module
    found = lines(load("googlenet-paper").analyse(), f"inception{name}")
    branches = [
        channels * one,
        channels * reduce3 + 9 * reduce3 * three,
        channels * reduce5 + 25 * reduce5 * five,
        channels * pool,
    ]
    assert found["weights"].formula.symbols == "branch1 + branch2 + branch3 + branch4"
    assert found["weights"].formula.numbers == " + ".join(map(str, branches))
    assert found["weights"].formula.value == sum(branches)
    assert found["macs"].formula.value == size * size * sum(branches)
    assert found["channels"].formula.numbers == f"{one} + {three} + {five} + {pool}"
    assert found["biases"].formula.value == one + reduce3 + three + reduce5 + five + pool


def test_the_first_inception_module_as_printed() -> None:
    """Table 1 prints 159K parameters, of 1024, and 128M operations for inception (3a)."""
    found = lines(load("googlenet-paper").analyse(), "inception3a")
    assert int(found["weights"].formula.value or 0) // 1024 == 159
    assert int(found["macs"].formula.value or 0) // 10**6 == 128
    assert found["params"].formula.value == 163328 + 368


def bottleneck(inside: int, width: int, shortcut: bool) -> int:
    """Weights of convolutions and of normalisation, He et al., arXiv:1512.03385, Table 1: 1x1, 3x3, 1x1 to 4 times."""
    convolutions = inside * width + 9 * width * width + 4 * width * width + shortcut * inside * 4 * width
    return convolutions + 2 * (width + width + 4 * width + shortcut * 4 * width)


STAGES = [
    ("resnet50", "layer1", 64, 64, 3, 215_808),
    ("resnet50", "layer2", 256, 128, 4, 1_219_584),
    ("resnet50", "layer3", 512, 256, 6, 7_098_368),
    ("resnet50", "layer4", 1024, 512, 3, 14_964_736),
    ("resnet152", "layer3", 512, 256, 36, 40_613_888),
]


@pytest.mark.parametrize(("model", "name", "inside", "width", "blocks", "total"), STAGES)
def test_stages_of_resnet(model: str, name: str, inside: int, width: int, blocks: int, total: int) -> None:
    """A stage is the sum of its bottlenecks, of which all but the first are alike."""
    first, other = bottleneck(inside, width, True), bottleneck(4 * width, width, False)
    assert first + (blocks - 1) * other == total
    found = lines(load(model).analyse(), name)["params"].formula
    assert found.value == total
    if blocks <= 8:
        assert found.numbers == " + ".join([str(first), *[str(other)] * (blocks - 1)])
        assert found.symbols.startswith(f"{name}.0 + {name}.1 + ")
    else:
        assert found.numbers == f"{first} + {blocks - 1}*{other}"
        assert found.symbols == f"{name}.0 + ({name}.1 to {name}.{blocks - 1})"


def test_a_stage_of_resnet_whole() -> None:
    """conv2_x of ResNet-50, layer1: 56*56 times 212,992 weights of convolutions, and 11 + 3*2*4 pixels are seen."""
    report = load("resnet50").analyse()
    found = lines(report, "layer1")
    convolutions = (64 * 64 + 9 * 64 * 64 + 64 * 256 + 64 * 256) + 2 * (256 * 64 + 9 * 64 * 64 + 64 * 256)
    assert found["macs"].formula.value == 56 * 56 * convolutions == 667_942_912
    assert found["flops"].formula.value == 2 * 667_942_912
    assert found["rf"].formula.value == 7 + 2 * 2 + 3 * 2 * 4
    assert found["rf"].axes == ("height", "width")
    # two maps of 64 channels and their norms, one of 256 and its norm, the sum; in the first the shortcut and its norm
    values = 56 * 56 * (3 * (4 * 64 + 2 * 256 + 256) + 2 * 256)
    assert found["activations"].formula.value == values
    assert found["activations_bytes"].formula.value == 4 * values
    assert [part.name for part in parts(select(whole(report), ["layer1"]))] == ["0", "1", "2"]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["googlenet", "resnet18", "squeezenet1_1", "mobilenet_v2", "densenet121", "unet"])
def test_every_sum_adds_up(model: str) -> None:
    """Of every block the terms add up to what its layers have, whatever convention counts."""
    report = load(model).analyse()
    for name in report.network.blocks:
        rows = [row for row in report.rows if row.name.startswith(f"{name}.")]
        found = lines(report, name)
        for figure in ("params", "macs", "activations"):
            formula = found[figure].formula
            assert formula.value == sum(getattr(row, figure) for row in rows) == eval(formula.numbers)


def test_the_picture_of_a_block() -> None:
    """The layers of the block and nothing else, their sums below, then how each comes about."""
    text = run("explain", "resnet50", "layer1.0", "--format", "plain")
    assert text.splitlines()[0] == "layer1.0: 56x56x64 -> 56x56x256"
    shown = [line.split()[0].removeprefix("layer1.0.") for line in text.split("\n\n")[0].splitlines()[3:]]
    assert " ".join(shown) == "conv1 bn1 conv2 bn2 conv3 bn3 downsample.0 downsample.1 add layer1.0"
    parameters = "conv1 + bn1 + conv2 + bn2 + conv3 + bn3 + downsample = 4096 + 128 + 36864 + 128 + 16384 + 512 + 16896"
    assert f"{parameters} = 75,008" in text
    for style in ("markdown", "latex", "rich"):
        assert "75,008" in run("explain", "resnet50", "layer1.0", "--format", style)


def test_a_block_as_data() -> None:
    """JSON has the block's lines and those of each of its layers; a spreadsheet has them one below the other."""
    found = json.loads(run("explain", "resnet50", "layer1.0", "--format", "json"))
    block = found["block"]
    assert (block["name"], block["reads"], block["output"]) == ("layer1.0", ["maxpool"], [56, 56, 256])
    (params,) = [line for line in block["derivation"] if line["key"] == "params"]
    assert params["value"] == 75008
    assert [layer["name"] for layer in found["layers"]][:2] == ["layer1.0.conv1", "layer1.0.bn1"]
    assert all(layer["derivation"] for layer in found["layers"])
    rows = list(csv.DictReader(io.StringIO(run("explain", "resnet50", "layer1.0", "--format", "csv"))))
    assert [row["value"] for row in rows if (row["layer"], row["figure"]) == ("layer1.0", "params")] == ["75008"]
    assert {row["layer"] for row in rows} == {"layer1.0", *(layer["name"] for layer in found["layers"])}


def test_a_block_as_others_count_it() -> None:
    """thop counts four for each normalised value; live is a peak, no sum; what a tool is silent on is unknown."""
    text = run("explain", "resnet50", "layer1.0", "--convention", "thop", "--memory", "live", "--format", "plain")
    macs, normalised = 231_211_008, 56 * 56 * (64 + 64 + 256 + 256)
    assert f" = {macs + 4 * normalised:,}" in text
    assert "the most of its layers = " in text
    text = run("explain", "googlenet", "inception3a", "--convention", "distill", "--format", "plain")
    assert "vggcalc does not know how distill counts " in text


def test_names() -> None:
    """A layer is no block; a name that layers begin with is one; what is neither is told."""
    report = load("mobilenet_v2").analyse()
    everything = whole(report)
    assert not is_block(everything)
    assert not is_block(select(everything, ["features.0.conv"]))
    assert is_block(select(everything, ["features.1"]))
    with pytest.raises(UsageError, match=r"mobilenet_v2 has no layer or block 'features\.1x'; did you mean"):
        select(everything, ["features.1x"])
    assert run("explain", "vgg16", "conv1_2", "--format", "plain").startswith("conv1_2: conv3-64")
