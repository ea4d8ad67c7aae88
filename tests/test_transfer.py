"""Which weights fit another network, against counts by hand."""

import json

import pytest
from click.testing import CliRunner

from vggcalc import load
from vggcalc.analysis.transfer import transfer
from vggcalc.cli import cli


def printed(*arguments: str) -> str:
    """What compare --transfer prints."""
    result = CliRunner().invoke(cli, ["compare", *arguments, "--transfer"])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_vgg_a_begins_e() -> None:
    """All of A's tensors are in E, under the same names; E's new ones are its eight further convolutions."""
    further = [(64, 64), (128, 128), (256, 256), (256, 256), (512, 512), (512, 512), (512, 512), (512, 512)]
    new = sum(9 * channels * outputs + outputs for channels, outputs in further)
    found = transfer(load("A").analyse(), load("E").analyse())
    assert found.params("new") == new
    assert found.params("fits") == 132_863_336  # Table 2's 133M
    assert found.params("left", "other shape") == 0
    fitting = [tensor.row.name for tensor in found.tensors if tensor.fate == "fits" and tensor.name == "weight"]
    assert fitting[:4] == ["conv1_1", "conv2_1", "conv3_1", "conv3_2"]  # section 3.1: the first four convolutions
    assert fitting[-3:] == ["fc6", "fc7", "fc8"]  # and the last three fully connected layers


def test_other_classes_leave_the_last_layer() -> None:
    """Of VGG-16 for ten classes only fc8 is trained anew."""
    said = printed("vgg16", "--classes", "10")
    row = next(line for line in said.splitlines() if line.startswith("fc8"))
    assert "4096x1000" in row
    assert "4096x10 " in row
    assert f"{4096 * 10 + 10:,}" in next(line for line in said.splitlines() if line.startswith("trained anew"))
    assert f"{138_357_544 - 4096 * 1000 - 1000:,}" in next(line for line in said.splitlines() if "taken over" in line)


def test_statistics_are_taken_over_and_count_as_nothing() -> None:
    """ResNet-18 and 34 have 3, 4, 6, 3 blocks in common as far as 2, 2, 2, 2 go."""
    found = transfer(load("resnet18").analyse(), load("resnet34").analyse())
    assert found.params("fits") == 11_689_512  # all of resnet18's
    assert any(tensor.params == 0 and tensor.fate == "fits" for tensor in found.tensors)
    assert found.params("fits", "new", "other shape") == 21_797_672


def test_as_data() -> None:
    """Tensor by tensor, with both shapes."""
    document = json.loads(printed("A", "vgg16,classes=10", "E", "--format", "json"))
    assert [each["to"] for each in document["transfers"]] == ["vgg16,classes=10", "E"]
    last = next(t for t in document["transfers"][0]["tensors"] if (t["layer"], t["tensor"]) == ("fc8", "weight"))
    assert (last["from"], last["to"], last["fate"]) == ([4096, 1000], [4096, 10], "other shape")


@pytest.mark.parametrize("models", [("vgg16", "vgg61"), ("nothing.yaml",)])
def test_no_such_network(models: tuple[str, ...]) -> None:
    """One clear line."""
    result = CliRunner().invoke(cli, ["compare", *models, "--transfer"])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
