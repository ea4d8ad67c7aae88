"""`vggcalc rf`: each option, the JSON, the pictures, and what is refused."""

import csv
import io
import json
import math
import os
import re
import stat
import tracemalloc
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from xml.dom import minidom

import pytest
from click.testing import CliRunner, Result

from vggcalc.cli import cli

TWO_INPUTS = """
family: two
variants:
  pair:
    input: {left: 8x8x1, right: 16x8x1}
    layers:
      - {conv3-4: {name: a, from: left, padding: 1}}
      - {conv5-4: {name: b, from: right, padding: 2, stride: [2, 1]}}
      - {add: {name: sum, from: [a, b]}}
"""

BRANCHES = """
family: graph
variants:
  graph:
    input: 12x24x1
    layers:
      - {conv3-2: {name: body, padding: 1, stride: [2, 1]}}
      - {upsample: {name: up, scale_factor: [2, 1]}}
      - {conv1-2: {name: shortcut, from: input}}
      - {add: {name: sum, from: [shortcut, up]}}
"""

HOSTILE = """
family: hostile
variants:
  v:
    title: "</title><script>alert(1)</script>"
    input: 16x16x1
    layers:
      - {conv3-4: {name: "<script>alert(1)</script>", padding: 1}}
      - {conv3-4/2: {name: "a&b]]>'--><svg onload=alert(1)>", padding: 1}}
      - {conv3-4: {name: '" onclick="alert(1)', padding: 1}}
      - {conv3-4/2: {name: "&lt;&#60;&nosuch;<![CDATA[", padding: 1}}
"""

ONE_AXIS = """
family: sound
variants:
  sound:
    input: 64x1
    layers: [{conv3-2/2: {name: a, padding: 1}}, {conv3-2/2: {name: b, padding: 1}}]
"""

THREE_AXES = """
family: film
variants:
  film:
    input: 4x16x16x1
    layers: [{conv3-2: {name: a, padding: 1}}, {maxpool: {name: b}}]
"""


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder with the specs of this file."""
    texts = {"two": TWO_INPUTS, "graph": BRANCHES, "hostile": HOSTILE, "sound": ONE_AXIS, "film": THREE_AXES}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


def run(*arguments: str | Path) -> Result:
    """The command, and what it leaves."""
    return CliRunner().invoke(cli, ["rf", *map(str, arguments)], catch_exceptions=False, env={"COLUMNS": None})


def printed(*arguments: str | Path) -> str:
    """What the command prints; it must end well and say nothing else."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def document(*arguments: str | Path) -> Any:
    """What the command gives as JSON."""
    return json.loads(printed(*arguments, "--format", "json"))


def cells(text: str, first: str) -> list[str]:
    """The cells of the line of a plain table that begins with this."""
    (line,) = [line for line in text.splitlines() if re.match(rf"{re.escape(first)}(  |$)", line)]
    return re.split(r" {2,}", line)


# Layers


def test_layers_of_a_model() -> None:
    """Without options every layer has a line: size, jump, padding, centre, and whether it lies within the input."""
    text = printed("vgg16")
    assert cells(text, "conv5_3") == ["conv5_3", "conv3-512", "14x14x512", "196", "16", "90", "15/2", "yes"]
    assert cells(text, "pool5")[3:] == ["212", "32", "90", "31/2", "yes"]  # -90 + 211/2
    assert cells(text, "fc6")[3:] == ["404", "32", "90", "223/2", "wider"]  # -90 + 403/2
    assert text.count("\nconv") == 13


def test_layer() -> None:
    """--layer shows the named layers alone, in the order given; an element-wise one too, when it is asked for."""
    text = printed("vgg16", "--layer", "pool5", "--layer", "conv1_1", "--layer", "relu1_1")
    assert [line.split()[0] for line in text.splitlines()[3:6]] == ["pool5", "conv1_1", "relu1_1"]
    assert "conv1_2" not in text
    found = document("vgg16", "--layer", "pool5")
    assert [layer["name"] for layer in found["layers"]] == ["pool5"]


@pytest.mark.parametrize(("origin", "centre"), [("pixel", "15/2"), ("edge", 8)])
def test_origin(origin: str, centre: str | int) -> None:
    """--origin edge counts centres from the edge of pixel 0: half a pixel more."""
    layers = document("vgg16", "--layer", "conv5_3", "--origin", origin)["layers"]
    assert layers[0]["rf"]["centre"] == [centre, centre]
    assert cells(printed("vgg16", "--layer", "conv5_3", "--origin", origin), "conv5_3")[-2] == str(centre)


def test_input() -> None:
    """--input changes what SAME padding adds and whether a field lies within: 112 pixels are less than 212."""
    assert cells(printed("vgg16", "--layer", "pool5", "--input", "112"), "pool5")[-1] == "wider"
    even, odd = (
        document("mnist", "--layer", "conv1_2", "--input", size)["layers"][0]["rf"]["padding"] for size in ("28", "29")
    )
    assert even == [1, 1]  # conv3 SAME: 1; conv3/2 SAME on 28: 1 pixel, and that after
    assert odd == [2, 2]  # on 29: 2 pixels, one before


def test_wider_in_one_axis(specs: Path) -> None:
    """A field that is wider than the input along one axis only says which."""
    text = printed(specs / "graph.yaml", "--input", "2x24")
    assert cells(text, "body")[-1] == "wider in height"


@pytest.mark.parametrize("style", ["plain", "markdown", "rich", "csv", "json"])
def test_formats(style: str) -> None:
    """Each format holds the same figures."""
    text = printed("vgg16", "--layer", "conv5_3", "--format", style).replace("\\_", "_")  # Markdown's way to write it
    assert all(re.search(rf"\b{figure}\b", text) for figure in ("conv5_3", "196", "16", "90", "15/2"))


def test_csv_is_a_table() -> None:
    """CSV has a header and a record for each layer."""
    (row,) = csv.DictReader(io.StringIO(printed("vgg16", "--layer", "conv5_3", "--format", "csv")))
    assert (row["layer"], row["rf"], row["jump"], row["padding"]) == ("conv5_3", "196", "16", "90")


# JSON


def test_json_of_a_chain() -> None:
    """Each layer has `name` and `rf`: size, jump, padding and centre as lists, height first, and `aligned`."""
    found = document("vgg16")
    assert [layer["name"] for layer in found["layers"]][:3] == ["input", "conv1_1", "relu1_1"]
    by_name = {layer["name"]: layer["rf"] for layer in found["layers"]}
    assert by_name["input"] == {"size": [1, 1], "jump": [1, 1], "padding": [0, 0], "centre": [0, 0], "aligned": True}
    assert by_name["pool5"] == {
        "size": [212, 212], "jump": [32, 32], "padding": [90, 90], "centre": ["31/2", "31/2"], "aligned": True,
    }  # fmt: skip


def test_json_of_merged_paths(specs: Path) -> None:
    """Where paths differ there are `min` and `max`, fractions are strings, and axes keep their order."""
    by_name = {layer["name"]: layer["rf"] for layer in document(specs / "graph.yaml")["layers"]}
    # Height: conv3/2 sees 3 rows, two by two the same; repeated, its units see -1 to 1, twice, then 1 to 3, twice.
    assert by_name["up"] == {
        "size": [3, 3], "jump": [1, 1], "padding": [1, 1], "centre": [0, 0], "aligned": True,
    }  # fmt: skip
    merged = by_name["sum"]
    assert {key: merged[key] for key in ("size", "jump", "aligned")} == {
        "size": [3, 3],
        "jump": [1, 1],
        "aligned": False,
    }
    assert merged["min"]["size"] == [1, 1]
    assert merged["max"]["size"] == [3, 3]
    assert "min" not in by_name["body"]


def test_json_of_a_fraction(specs: Path) -> None:
    """A jump of half a pixel is the string "1/2"."""
    (specs / "half.yaml").write_text(
        "family: half\nvariants:\n  half:\n    input: 8x8x1\n"
        "    layers: [{upsample: {name: up, scale_factor: [2, 1]}}]\n"
    )
    (layer,) = document(specs / "half.yaml", "--layer", "up")["layers"]
    assert layer["rf"]["jump"] == ["1/2", 1]


def test_json_of_several_inputs(specs: Path) -> None:
    """With several inputs `rf` is given by the input's name, also where a layer sees one of them only."""
    by_name = {layer["name"]: layer["rf"] for layer in document(specs / "two.yaml")["layers"]}
    assert {name: sorted(rf) for name, rf in by_name.items()} == {
        "left": ["left"], "right": ["right"], "a": ["left"], "b": ["right"], "sum": ["left", "right"],
    }  # fmt: skip
    assert by_name["sum"]["left"]["size"] == [3, 3]
    assert (by_name["sum"]["right"]["size"], by_name["sum"]["right"]["jump"]) == ([5, 5], [2, 1])


def test_tables_of_several_inputs(specs: Path) -> None:
    """With several inputs each has a table of the layers that see it."""
    text = printed(specs / "two.yaml")
    left, right = text.split("fields on right")
    assert "fields on left" in left
    assert [bool(re.search(r"^b ", part, re.M)) for part in (left, right)] == [False, True]


def test_a_merge_that_is_not_aligned(specs: Path) -> None:
    """The table says it in the layer's line, and below by how much and between which layers."""
    text = printed(specs / "graph.yaml")
    assert "not aligned" in " ".join(cells(text, "sum"))
    assert "sum is not aligned: by half a pixel between up and shortcut" in text


# One unit, one pixel


def test_at() -> None:
    """--at gives the box of a unit: rows 16*7 - 90 to 16*7 - 90 + 195 of the image, none of them padding."""
    text = printed("vgg16", "--layer", "conv5_3", "--at", "7,7")
    assert cells(text, "height") == ["height", "22 to 217", "196", "22 to 217", "196"]
    assert "0 of 38,416 pixels, 0.0%, are padding" in text


def test_at_the_border() -> None:
    """At the border the box is clipped, and the rest is counted as padding."""
    found = document("vgg16", "--layer", "conv5_3", "--at", "0,13")
    assert found["at"] == [0, 13]
    box = found["inputs"]["input"]
    assert (box["first"], box["last"]) == ([-90, 118], [105, 313])  # 16*13 - 90
    assert box["seen"] == {"first": [0, 118], "last": [105, 223]}
    assert box["padding_pixels"] == 196 * 196 - 106 * 106


def test_at_sees_only_padding(specs: Path) -> None:
    """A unit that sees nothing of the image says so."""
    (specs / "blind.yaml").write_text(
        "family: blind\nvariants:\n  blind:\n    input: 4x4x1\n    layers: [{pad2: {name: rim}}]\n"
    )
    assert document(specs / "blind.yaml", "--layer", "rim", "--at", "0,0")["inputs"]["input"]["seen"] is None
    text = printed(specs / "blind.yaml", "--layer", "rim", "--at", "0,0")
    assert cells(text, "height")[3:] == ["none", "0"]
    assert "1 of 1 pixels" in text or "1 of 1 pixel," in text


def test_gradient(specs: Path) -> None:
    """--gradient counts what the statistics of norms see; which of the two is printed stands below and in JSON."""
    layers = "[{conv3-4: {padding: 1}}, {groupnorm-2: {name: n}}, {conv3-4: {padding: 1}}]"
    (specs / "gn.yaml").write_text(f"family: gn\ninput: 32x32x3\nlayers: {layers}\n")
    windows, gradients = printed(specs / "gn.yaml"), printed(specs / "gn.yaml", "--gradient")
    assert cells(windows, "conv1_2")[3] == "5"
    assert windows.rstrip().endswith("n takes statistics over its whole map, and the fields leave it out")
    # unit 0: by windows -2 to 2, through the statistics of 32 units of a 3x3 -1 to 32
    assert cells(gradients, "conv1_2")[3:5] == ["35", "5..35"]
    assert gradients.rstrip().endswith("over its whole map, and the fields hold all that a gradient reaches")
    assert document(specs / "gn.yaml")["field"] == "window"
    found = document(specs / "gn.yaml", "--layer", "conv1_2", "--at", "16,16", "--gradient")
    assert (found["field"], found["inputs"]["input"]["seen"]) == ("gradient", {"first": [0, 0], "last": [31, 31]})
    assert "statistics" not in printed("vgg16")
    shown = [CliRunner().invoke(cli, ["show", str(specs / "gn.yaml"), *more]).output for more in ([], ["--gradient"])]
    assert "pixels that a unit of conv1_2 sees through windows\n" in shown[0]
    assert "pixels that a gradient from a unit of conv1_2 reaches, wider than the input\n" in shown[1]


def test_gaps_of_a_transposed_convolution(specs: Path) -> None:
    """A unit between the taps has no field, and a layer that reads such units alone sees nothing."""
    (specs / "gaps.yaml").write_text(
        "family: gaps\ninput: 8x1\nlayers: [{convtranspose1-1/2: {name: up}}, {crop: {name: odd, cropping: [[1, 0]]}}, "
        "{conv1-1/2: {name: c}}]\n"
    )
    text = printed(specs / "gaps.yaml", "--layer", "up", "--at", "1")
    assert cells(text, "length")[1:] == ["none", "0", "none", "0"]
    assert cells(printed(specs / "gaps.yaml"), "c")[3] == "0"
    assert cells(printed(specs / "gaps.yaml"), "c")[-1] == "sees nothing"


def test_at_of_several_inputs(specs: Path) -> None:
    """A unit has a box on each input that it sees."""
    assert sorted(document(specs / "two.yaml", "--layer", "sum", "--at", "0,0")["inputs"]) == ["left", "right"]
    assert sorted(document(specs / "two.yaml", "--layer", "b", "--at", "0,0")["inputs"]) == ["right"]


@pytest.mark.parametrize(("name", "at"), [("sound", "3"), ("film", "0,1,2")])
def test_at_in_one_and_three_axes(name: str, at: str, specs: Path) -> None:
    """A position has as many numbers as the map has axes."""
    found = document(specs / f"{name}.yaml", "--layer", "b", "--at", at)
    assert found["at"] == [int(number) for number in at.split(",")]
    first = found["inputs"]["input"]["first"]
    assert first == {"sound": [9], "film": [-1, 1, 3]}[name]  # 4*3 - 1 - 2; 2*u - 1


def test_pixel() -> None:
    """--pixel gives the units of each layer that see a pixel: three rows of a 3x3, then two more a layer."""
    text = printed("vgg16", "--pixel", "112,0")
    assert cells(text, "conv1_1")[2:] == ["111 to 113", "0 to 1", "6"]
    assert cells(text, "conv1_2")[2:] == ["110 to 114", "0 to 2", "15"]
    assert cells(text, "pool1")[2:] == ["55 to 57", "0 to 1", "6"]
    (layer,) = document("vgg16", "--pixel", "112,0", "--layer", "pool1")["layers"]
    assert layer["units"] == [[55, 56, 57], [0, 1]]


def test_pixel_and_at_are_each_other_turned_round() -> None:
    """The units that see a pixel are those whose box holds it."""
    (layer,) = document("vgg16", "--pixel", "100,223", "--layer", "conv3_1")["layers"]
    rows, columns = layer["units"]
    for unit, inside in [((rows[0], columns[0]), True), ((rows[0] - 1, columns[0]), False),
                         ((rows[-1], columns[-1]), True), ((rows[-1] + 1, columns[-1]), False),
                         ((rows[0], columns[0] - 1), False)]:  # fmt: skip
        seen = document("vgg16", "--layer", "conv3_1", "--at", f"{unit[0]},{unit[1]}")["inputs"]["input"]["seen"]
        holds = all(low <= at <= high for low, at, high in zip(seen["first"], (100, 223), seen["last"], strict=True))
        assert holds == inside


# Stacks


STACKS = {
    # a stack; size, jump and weights for a pair of channels
    "3x3x3": ([7, 7], [1, 1], 27),
    "7": ([7, 7], [1, 1], 49),
    "1x3x1": ([3, 3], [1, 1], 11),
    "1:7x7:1": ([7, 7], [1, 1], 14),
    "7s2x3x3d2": ([19, 19], [2, 2], 67),  # 7 + 2*2 + 4*2
    "3s2x3s2x3": ([15, 15], [4, 4], 27),  # 3 + 2*2 + 2*4
    "3d2x3d4": ([13, 13], [1, 1], 18),  # 5 + 8
    "3:3:3x1:3:3": ([3, 5, 5], [1, 1, 1], 36),
}


@pytest.mark.parametrize("text", STACKS)
def test_stack(text: str) -> None:
    """--stack gives what a stack sees, its effective stride and its weights."""
    size, jump, weights = STACKS[text]
    stack = document("--stack", text)["stack"]
    assert (stack["size"], stack["jump"], stack["weights_per_c2"]) == (size, jump, weights)
    assert stack["layers"][-1]["rf"]["size"] == size
    assert stack["nonlinearities"] == len(text.split("x"))


@pytest.mark.parametrize(("stack", "versus"), [("3x3x3", "7"), ("1x3x1", "7"), ("1:7x7:1", "7"), ("3d2x3d4", "3x3x3")])
def test_versus(stack: str, versus: str) -> None:
    """--versus holds another stack against it, with the share of the weights."""
    found = document("--stack", stack, "--versus", versus)
    weights = [found[side]["weights_per_c2"] for side in ("stack", "versus")]
    assert weights == [STACKS[stack][2], STACKS[versus][2]]
    text = printed("--stack", stack, "--versus", versus)
    assert f"{100 * weights[0] / weights[1]:.1f}%" in text


def test_a_stack_by_itself_is_held_against_the_single_layer() -> None:
    """Without --versus it is the one layer that sees as much: 27 to 49, as section 2.3 of the VGG paper has it."""
    text = printed("--stack", "3x3x3")
    assert "three 3x3 see 7x7" in text
    assert "27C^2" in text
    assert "49C^2" in text
    assert document("--stack", "3x3x3")["single"]["size"] == [7, 7]


def test_channels() -> None:
    """--channels gives the weights in numbers: 27 * 64 * 64 and 49 * 64 * 64."""
    text = printed("--stack", "3x3x3", "--channels", "64")
    assert "110,592" in text
    assert "200,704" in text
    assert document("--stack", "3x3x3", "--channels", "64")["stack"]["weights"] == 110_592
    assert document("--reach", "7", "--channels", "2")["stacks"][0]["weights"] == 2 * 9 * 2 * 2


def test_channels_of_a_stack() -> None:
    """In and out: 9*64*128 + 2*9*128*128 against 49*64*128; one for each: 9*(3*64 + 64*128 + 128*256), 49*3*256."""
    text = printed("--stack", "3x3x3", "--channels", "64,128")
    for said in ("(3*3*64)*128", "73,728", "9*C1*C2 + 18*C2^2", "368,640", "49*C1*C2", "401,408", "C1 = 64, C2 = 128"):
        assert said in text
    assert "91.8%" in text  # 368,640/401,408
    text = printed("--stack", "3x3x3", "--channels", "3,64,128,256")
    for said in ("(3*3*128)*256", "9*C1*C2 + 9*C2*C3 + 9*C3*C4", "370,368", "49*C1*C4", "37,632"):
        assert said in text
    found = document("--stack", "3x3x3", "--channels", "3,64,128,256")
    assert [layer["weights"] for layer in found["stack"]["layers"]] == [1728, 73728, 294912]
    assert found["stack"]["channels"] == [3, 64, 128, 256]
    assert (found["single"]["channels"], found["single"]["weights"]) == ([3, 256], 49 * 3 * 256)
    versus = document("--stack", "3x3x3", "--channels", "64,128", "--versus", "5x3")["versus"]
    assert versus["weights"] == 25 * 64 * 128 + 9 * 128 * 128
    assert "27*C1*C2" in printed("--stack", "3:3:3", "--channels", "3,64")  # the 3x3x3 convolutions of C3D
    assert "9*C1*C2 + 9*C2^2" in printed("--reach", "5", "--channels", "64,128")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--stack", "3x3", "--channels", "1,2,3,4"], "4 numbers of channels for a stack of 2 convolutions; give one"),
        (
            ["--stack", "3x3", "--versus", "5", "--channels", "1,2,3"],
            "3 numbers of channels for a stack of 1 conv",
        ),
        (["--stack", "3", "--channels", "0"], "'0' are no channels; write one number, IN,OUT, or one before each"),
        (["--stack", "3", "--channels", "3,,4"], "'3,,4' are no channels; "),
    ],
)
def test_channels_that_do_not_fit(arguments: list[str], said: str) -> None:
    """Too many numbers and what is no number are told."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr.startswith(f"vggcalc: {said}")) == (2, True), result.stderr


def seen(stack: Any) -> int:
    """What a stack sees, layer by layer."""
    size, jump = 1, 1
    for layer in stack["layers"]:
        size += (layer["kernel_size"][0] - 1) * layer["dilation"] * jump
        jump *= layer["stride"]
    return size


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 8, 15, 22, 31, 101, 483])
def test_reach(size: int) -> None:
    """--reach lists stacks of 3x3 that see enough, would not with a layer less, and cost more and more."""
    stacks = document("--reach", str(size))["stacks"]
    for stack in stacks:
        assert stack["size"] == [seen(stack)] * 2
        assert seen(stack) >= size
        without_last = stack | {"layers": stack["layers"][:-1]}
        assert size == 1 or seen(without_last) < size
        assert {tuple(layer["kernel_size"]) for layer in stack["layers"]} == {(3, 3)}
        assert stack["weights_per_c2"] == 9 * len(stack["layers"])
    assert [stack["weights_per_c2"] for stack in stacks] == sorted(stack["weights_per_c2"] for stack in stacks)
    plain = [s for s in stacks if all(layer["stride"] == layer["dilation"] == 1 for layer in s["layers"])]
    assert [len(stack["layers"]) for stack in plain] == [max(1, math.ceil((size - 1) / 2))]


@pytest.mark.parametrize("size", range(2, 40))
def test_reach_is_the_cheapest_with_so_many_strides(size: int) -> None:
    """No placing of as many strides of 2 does it with fewer layers than the listed stack."""
    for stack in document("--reach", str(size))["stacks"]:
        layers = stack["layers"]
        strides = sum(layer["stride"] == 2 for layer in layers)
        if any(layer["dilation"] > 1 for layer in layers) or len(layers) > 9:
            continue
        for placed in product((1, 2), repeat=len(layers) - 1):
            if placed.count(2) <= strides:
                fewer = {"layers": [{"kernel_size": [3, 3], "dilation": 1, "stride": stride} for stride in placed]}
                assert seen(fewer) < size


@pytest.mark.parametrize("size", [2, 3, 8, 31, 101])
def test_reach_says_how(size: int) -> None:
    """What stands behind a stack is what it is made of: strides of 2 come first, dilations double up to the largest."""
    rows = printed("--reach", str(size)).splitlines()[3:]
    for stack, row in zip(document("--reach", str(size))["stacks"], rows, strict=False):
        strides = [layer["stride"] for layer in stack["layers"]]
        dilations = [layer["dilation"] for layer in stack["layers"]]
        n, largest = strides.count(2), max(dilations)
        assert strides == [2] * n + [1] * (len(strides) - n)
        assert dilations == [min(2**place, largest) for place in range(len(dilations))]
        strided = f"{n} stride{'s' * (n > 1)} of 2, {2**n} times coarser"
        dilated = f"dilation up to {largest}, at full resolution"
        assert row.split("  ")[-1].strip() == (strided if n else dilated if largest > 1 else "plain")


def test_reach_by_hand() -> None:
    """31 pixels: 1 + 2*(1 + 2 + 4 + 8), 1 + 2*(1 + 2 + 4 + 8) with strides, and what saves less; 15 layers else."""
    rows = printed("--reach", "31").splitlines()[3:]
    assert [row.split()[1] for row in rows if "dilation" in row] == ["4", "5", "8"]  # up to 8, 4 and 2
    assert [row.split()[1] for row in rows if "of 2" in row] == ["4", "5", "8"]  # 3, 2 and 1 of them


# Pictures


class Rect(NamedTuple):
    """A drawn rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle, to a tenth of a unit of the picture."""
        return round(self.x + self.width / 2, 1), round(self.y + self.height / 2, 1)


def squares(picture: minidom.Document) -> list[Rect]:
    """The drawn squares, the smallest first."""
    found = [
        Rect(*(float(rect.getAttribute(key)) for key in Rect._fields))
        for rect in picture.getElementsByTagName("rect")
        if rect.getAttribute("width") != "100%"
    ]
    return sorted((rect for rect in found if rect.width == rect.height), key=lambda rect: rect.width)


def drawn(path: Path, *arguments: str | Path) -> minidom.Document:
    """The picture that a command draws, as a document."""
    printed(*arguments, "--picture", path)
    return minidom.parseString(path.read_bytes())


def texts(picture: minidom.Document, tag: str = "text") -> list[str]:
    """All that is written in a picture."""
    return [
        "".join(node.data for node in element.childNodes if isinstance(node, minidom.Text))
        for element in picture.getElementsByTagName(tag)
    ]


def test_picture_of_three_3x3(tmp_path: Path) -> None:
    """The picture of 3x3x3 holds boxes of 3, 5 and 7 pixels around one centre, to scale, and 1, 3, 5, 7 units."""
    picture = drawn(tmp_path / "stack.svg", "--stack", "3x3x3")
    found = squares(picture)
    pixel = found[-1].width / 7
    boxes = [rect for rect in found if rect.width > 2 * pixel]
    assert {round(rect.width / pixel, 6) for rect in boxes} == {3, 5, 7}
    assert len({rect.centre for rect in boxes}) == 1
    units = Counter(rect.y for rect in found if rect.width <= pixel)
    assert [units[y] for y in sorted(units)] == [1, 3, 5, 7]
    assert "three 3x3 see 7x7" in texts(picture)


def test_picture_says_the_sentence(tmp_path: Path) -> None:
    """Two 3x3 see 5x5, and the picture says so in its title too."""
    picture = drawn(tmp_path / "stack.svg", "--stack", "3x3")
    assert texts(picture, "title") == ["two 3x3 see 5x5"]
    assert any("5 pixels" in text for text in texts(picture))


def test_picture_of_layers(tmp_path: Path) -> None:
    """The box of each asked layer is drawn to scale on the input: 6, 16 and 44 pixels of 64, and the layer named."""
    names = ("pool1", "pool2", "pool3")
    asked = [argument for name in names for argument in ("--layer", name)]
    picture = drawn(tmp_path / "net.svg", "vgg16", "--input", "64", *asked)
    widths = [rect.width for rect in squares(picture)]
    assert [round(width / widths[-1] * 64) for width in widths] == [6, 16, 44, 64]
    assert all(any(name in text for text in texts(picture)) for name in names)


def test_picture_of_one_unit(tmp_path: Path) -> None:
    """With --at the box of that unit is drawn where it lies: unit 0 of pool1 from pixel -2 to 3 of 64."""
    box, image = squares(drawn(tmp_path / "unit.svg", "vgg16", "--input", "64", "--layer", "pool1", "--at", "0,0"))
    pixel = image.width / 64
    assert [round((box[axis] - image[axis]) / pixel, 2) for axis in (0, 1)] == [-2, -2]
    assert round(box.width / pixel, 2) == 6


@pytest.mark.parametrize("name", ["two", "graph", "hostile", "sound", "film"])
def test_picture_is_well_formed(name: str, specs: Path) -> None:
    """A picture of any network, in 1 to 3 axes, with any names, is an SVG document of a positive size."""
    picture = drawn(specs / "net.svg", specs / f"{name}.yaml").documentElement
    assert picture is not None
    assert picture.tagName == "svg"
    assert picture.getAttribute("xmlns") == "http://www.w3.org/2000/svg"
    assert all(float(number) >= 0 for number in picture.getAttribute("viewBox").split())
    assert float(picture.getAttribute("width")) > 0


def test_picture_of_hostile_names(specs: Path) -> None:
    """Names stay text: no element or attribute comes from them, and each is written as it is called."""
    names = re.findall(r"name: (?:\"(.*?)\"|'(.*?)'), padding", HOSTILE)
    asked = [argument for pair in names for argument in ("--layer", "".join(pair))]
    picture = drawn(specs / "net.svg", specs / "hostile.yaml", *asked)
    elements = picture.getElementsByTagName("*")
    assert {element.tagName for element in elements} <= {
        "svg",
        "title",
        "rect",
        "line",
        "text",
        "g",
        "path",
        "desc",
        "style",
    }
    attributes = {name for element in elements for name in element.attributes.keys()}  # noqa: SIM118  no dictionary
    assert not [name for name in attributes if name.startswith("on") or "href" in name]
    written = texts(picture)
    assert len(names) == 4
    for pair in names:
        assert any("".join(pair) in text for text in written)


@pytest.mark.slow
def test_picture_of_a_large_stack(tmp_path: Path) -> None:
    """Two kernels of 999 take no million lines, and those that are drawn spread to both sides of the cone."""
    path = tmp_path / "large.svg"
    tracemalloc.start()
    picture = drawn(path, "--stack", "999x999")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 2**20
    assert path.stat().st_size < 2_000_000
    lines = [
        [float(line.getAttribute(at)) for at in ("x1", "y1", "x2", "y2")]
        for line in picture.getElementsByTagName("line")
    ]
    slanted = [(x1, x2) for x1, y1, x2, y2 in lines if x1 != x2 and y1 != y2]
    middle = slanted[0][0]  # of the one unit on top
    left, right = min(x for line in slanted for x in line), max(x for line in slanted for x in line)
    assert middle - left == pytest.approx(right - middle, rel=0.05)


def test_picture_in_no_folder(tmp_path: Path) -> None:
    """A picture that cannot be written is one clear line, exit code 2, and no file."""
    path = tmp_path / "no" / "such" / "net.svg"
    result = run("--stack", "3x3", "--picture", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"vggcalc: {path}: no such file or directory\n"
    assert list(tmp_path.iterdir()) == []


def test_picture_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails, the old picture stays as it was and nothing half-written is left."""
    path = tmp_path / "stack.svg"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    result = run("--stack", "3x3", "--picture", path, "--force")
    assert (result.exit_code, result.stderr) == (2, f"vggcalc: {path}: no space left on device\n")
    assert [file.name for file in tmp_path.iterdir()] == ["stack.svg"]
    assert path.read_text() == "old"


def test_picture_replaces_what_a_link_points_to(tmp_path: Path) -> None:
    """A link stays a link, and the file that it points to gets the picture."""
    (tmp_path / "target.svg").write_text("old")
    link = tmp_path / "link.svg"
    link.symlink_to("target.svg")
    printed("--stack", "3x3", "--picture", link, "--force")
    assert link.is_symlink()
    assert (tmp_path / "target.svg").read_text("utf-8").startswith("<svg")


def test_picture_has_the_usual_permissions(tmp_path: Path) -> None:
    """A new picture may be read by whoever may read another new file; an old one keeps its permissions."""
    (tmp_path / "other").write_text("")
    path = tmp_path / "stack.svg"
    printed("--stack", "3x3", "--picture", path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)
    path.chmod(0o640)
    printed("--stack", "3x3", "--picture", path, "--force")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_picture_does_not_change_what_is_printed(tmp_path: Path) -> None:
    """--picture draws besides: the table is the same."""
    assert printed("--stack", "3x3", "--picture", tmp_path / "a.svg") == printed("--stack", "3x3")


# What is refused

REFUSED = [
    # what is asked, and what the one line on stderr must hold
    ([], ["MODEL", "--stack", "--reach"]),
    (["vgg16", "--stack", "3"], ["MODEL and --stack together"]),
    (["--stack", "3", "--reach", "5"], ["--stack and --reach together"]),
    (["vgg61"], ["there is no model 'vgg61'"]),
    (["vgg16", "--layer", "nope"], ["'nope'", "conv1_1"]),
    (["vgg16", "--layer", "conv5_4"], ["'conv5_4'", "did you mean 'conv5_"]),
    (["vgg16", "--at", "7,7"], ["--layer"]),
    (["vgg16", "--at", "7,7", "--layer", "pool1", "--layer", "pool2"], ["--layer"]),
    (["vgg16", "--layer", "conv5_3", "--at", "7"], ["no unit 7", "0,0 to 13,13"]),
    (["vgg16", "--layer", "conv5_3", "--at", "14,0"], ["no unit 14,0", "0,0 to 13,13"]),
    (["vgg16", "--layer", "conv5_3", "--at", "0,0,0"], ["no unit 0,0,0"]),
    (["vgg16", "--pixel", "224,0"], ["no pixel 224,0", "0,0 to 223,223"]),
    (["vgg16", "--layer", "pool5", "--at", "1,1", "--pixel", "1,1"], ["--at"]),
    (["vgg16", "--versus", "3"], ["--versus"]),
    (["--reach", "5", "--versus", "3"], ["--versus"]),
    (["vgg16", "--channels", "3"], ["--channels"]),
    (["--stack", "3", "--layer", "a"], ["--layer"]),
    (["--stack", "3", "--at", "1,1"], ["--at"]),
    (["--stack", "3", "--pixel", "1,1"], ["--pixel"]),
    (["--stack", "3", "--origin", "edge"], ["--origin"]),
    (["--stack", "3", "--input", "32x32x3"], ["--input"]),
    (["--stack", "3", "--dense"], ["--dense"]),
    (["--reach", "5", "--no-top"], ["--no-top"]),
    (["--reach", "5", "--origin", "edge"], ["--origin"]),
    (["--reach", "5", "--picture", "a.svg"], ["--picture"]),
    (["vgg16", "--pixel", "1,1", "--picture", "a.svg"], ["--picture"]),
    (["vgg16", "--pixel", "1,1", "--origin", "edge"], ["--origin"]),
    (["vgg16", "--layer", "pool5", "--at", "1,1", "--origin", "edge"], ["--origin"]),
    (["--stack", "3xx3"], ["'' in '3xx3' is no convolution"]),
    (["--stack", "3x0"], ["'0' in '3x0' is no convolution"]),
    (["--stack", ""], ["no convolution of a stack"]),
    (["--stack", "3X3"], ["no convolution of a stack"]),
    (["--stack", "3x-3"], ["no convolution of a stack"]),
    (["--stack", "1:2x1:2:3"], ["another number of axes"]),
    (["--stack", "3x3", "--versus", "3x"], ["'' in '3x' is no convolution"]),
]  # fmt: skip

BAD_VALUES = [
    # refused by the option itself, with its usage
    (["vgg16", "--layer", "conv5_3", "--at", "-1,7"], ["--at", "height first"]),
    (["vgg16", "--layer", "conv5_3", "--at", "a,7"], ["--at", "height first"]),
    (["vgg16", "--layer", "conv5_3", "--at", "7,"], ["--at", "height first"]),
    (["vgg16", "--pixel", "1;1"], ["--pixel", "height first"]),
    (["vgg16", "--pixel", "1,²"], ["--pixel", "height first"]),
    (["--reach", "0"], ["--reach"]),
    (["--reach", "100001"], ["--reach"]),
    (["--reach", "many"], ["--reach"]),
    (["vgg16", "--origin", "centre"], ["--origin", "pixel", "edge"]),
    (["vgg16", "--format", "xml"], ["--format", "json"]),
    (["vgg16", "--picture", "."], ["--picture"]),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=lambda value: " ".join(value))
def test_refused(arguments: list[str], said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes no sense is told in one line on stderr, with exit code 2 and no file."""
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert not [part for part in said if part not in result.stderr]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("arguments", "said"), BAD_VALUES, ids=lambda value: " ".join(value))
def test_bad_values(arguments: list[str], said: list[str]) -> None:
    """A value that an option cannot read is refused with what it could be."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert not [part for part in said if part not in result.stderr]
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [[], ["--of", "middle"]])
def test_a_pixel_of_several_inputs_needs_one(arguments: list[str], specs: Path) -> None:
    """With several inputs --pixel must say of which, by a name that there is."""
    result = run(specs / "two.yaml", "--pixel", "0,0", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "left" in result.stderr


def test_of(specs: Path) -> None:
    """--of names the input of the pixel: row 15 of `right` is seen by rows 7 alone, of `left` there is none."""
    found = document(specs / "two.yaml", "--pixel", "15,0", "--of", "right")
    assert {layer["name"]: layer["units"] for layer in found["layers"]} == {
        "b": [[7], [0, 1, 2]],
        "sum": [[7], [0, 1, 2]],
    }  # unit u of b reads rows 2u - 2 to 2u + 2 and columns u - 2 to u + 2
    assert run(specs / "two.yaml", "--pixel", "15,0", "--of", "left").exit_code == 2


def test_help_names_every_option() -> None:
    """--help shows all options."""
    text = printed("--help")
    for option in ("--layer", "--at", "--pixel", "--origin", "--stack", "--versus", "--reach", "--channels",
                   "--picture", "--format", "--input"):  # fmt: skip
        assert option in text
