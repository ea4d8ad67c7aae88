"""The command line: every command, option and format, as a user in a terminal, a pipe or a script meets them."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from clock import imported
from one_layer import EACH, written
from oracle import evaluate
from test_layers import Row
from texts import BUNDLED, SAMPLE

from vggcalc import __version__
from vggcalc.cli import COMMANDS, cli
from vggcalc.layers import REGISTRY, ROLES
from vggcalc.render import formats

FORMATS = formats.names()
VGG = ["A", "A-LRN", "B", "C", "D", "E"]

EXAMPLES = [
    ("show", "vgg16"),
    ("show", "lenet5", "--all-layers", "--columns", "+connections,+buffers"),
    ("compare", "A", "E"),
    ("compare", "vgg16"),
    ("rf", "--stack", "3x3x3"),
    ("rf", "--stack", "7s2x3x3d2", "--channels", "64"),
    ("explain", "mnist"),
    ("explain", "vgg16", "conv1_2"),
    ("layer", "conv11-96/4", "--input", "227x227x3", "--batch", "256"),
    ("list", "layers"),
    ("show", "vgg11", "--convention", "torchinfo", "--memory", "torchsummary"),
    ("show", "vgg11", "--convention", "distill", "--memory", "saved"),
    ("compare", "vgg11", "vgg16", "--convention", "thop", "--memory", "torchinfo"),
    ("compare", "lenet5", "vgg11", "--convention", "torchinfo"),
    ("explain", "vgg11", "--convention", "ptflops", "--memory", "live"),
    ("explain", "vgg11", "fc6", "--convention", "calflops"),
    ("why", "vgg11"),
    ("why", "vgg11", "--memory"),
    ("why", "vgg11", "--between", "torchinfo", "thop-2019"),
    ("why", "vgg11", "--between", "activations", "torchsummary"),
    ("why", "lenet5"),
    ("conventions",),
    ("conventions", "ptflops"),
    ("conventions", "fvcore"),
    ("conventions", "saved"),
    ("conventions", "live"),
    ("memory", "vgg11"),
    ("memory", "vgg11", "--fits", "8GiB", "--optimizer", "adam"),
    ("memory", "lenet5", "--fits", "1MiB"),
    ("memory", "vgg11", "--fits", "1KiB", "--batch", "3", "--dtype", "float16"),
]
"""A list of models works out all of them: it has few tests of its own."""

TOTAL_KEYS = {"params", "weights", "biases", "macs", "flops", "activations", "forward", "params_bytes",
              "activations_bytes", "forward_bytes"}  # fmt: skip
LAYER_KEYS = {"name", "kind", "output", "params", "weights", "biases", "macs", "activations", "rf"}

EXACT = re.compile(r"\d{1,3}(?:,\d{3})+")
ANSI = re.compile(r"\x1b\[")

DERIVED = [
    # what is asked, and lines that the answer must hold
    (["vgg16", "conv1_2"], ["(224 - 3 + 2*1)/1 + 1 = 224", "(3*3*64)*64 = 36,864", "36864 + 64 = 36,928",
                            "(224*224*64) * (3*3*64) = 1,849,688,064", "224*224*64 = 3,211,264", "3 + (3 - 1)*1 = 5"]),
    (["alexnet-caffe", "conv2"], ["(27 - 5 + 2*2)/1 + 1 = 27", "(5*5*48)*256 = 307,200", "2 groups", "96/2 = 48"]),
    (["alexnet-caffe", "pool1"], ["(55 - 3 + 2*0)/2 + 1 = 27"]),
    (["alexnet-paper", "conv1"], ["(224 - 11 + 1 + 2)/4 + 1 = 55"]),
    (["lenet5", "S2"], ["(28 - 2 + 2*0)/2 + 1 = 14"]),
    (["vgg16", "fc6"], ["(7*7*512)*4096 = 102,760,448"]),
    (["mnist", "conv1_2"], ["28/2 = 14", "SAME"]),
]  # fmt: skip
LAYERS = [
    # The formula changes with floor, ceil, a dropped window, dilation, groups, SAME padding, and the kind.
    (["conv3-8/2", "--input", "8x8x3"], ["floor((8 - 3 + 2*0)/2) + 1 = 3"]),
    (["maxpool3/2", "ceil_mode=true", "--input", "8x8x3"], ["ceil((8 - 3 + 2*0)/2) + 1 = 4"]),
    (["maxpool2/2", "ceil_mode=true", "padding=1", "--input", "3x3x1"], ["ceil((3 - 2 + 2*1)/2) + 1 - 1 = 2"]),
    (["conv3-8", "dilation=2", "--input", "9x9x3"], ["(9 - (2*(3 - 1) + 1) + 2*0)/1 + 1 = 5", "1 + (3 - 1)*2*1 = 5"]),
    (["conv3-8", "groups=2", "--input", "9x9x4"], ["(3*3*2)*8 = 144", "4/2 = 2"]),
    (["conv3-8/2", "padding=same", "--input", "9x8x3"], ["ceil(9/2) = 5", "8/2 = 4", "SAME"]),
    (["conv3-8", "padding=[[1, 2], 0]", "--input", "9x9x3"], ["(9 - 3 + 1 + 2)/1 + 1 = 10", "(9 - 3 + 2*0)/1 + 1 = 7"]),
    (["convtranspose2-8/2", "--input", "28x28x16"], ["(28 - 1)*2 - 2*0 + 2 = 56"]),
    (["dwconv3", "padding=1", "--input", "8x8x32"], ["(3*3*1)*32 = 288"]),
    (["fc-10", "--input", "4x4x8"], ["(4*4*8)*10 = 1,280"]),
    (["conv80-8/4", "--input", "16000x1", "--axes", "1"], ["(16000 - 80 + 2*0)/4 + 1 = 3,981"]),
    (["concat", "--input", "8x8x3", "--input", "8x8x5"], ["3 + 5 = 8"]),
    (["conv11-96/4", "--input", "227x227x3", "--batch", "256"],
     ["256x55x55x96", "(227 - 11 + 2*0)/4 + 1 = 55",
      "256*55*55*96 = 74,342,400", "256 * (55*55*96) * (11*11*3) = 26,986,291,200"]),
]  # fmt: skip

WRONG = [
    # what is asked, and what the answer must hold
    (["show", "vgg61"], ["there is no model 'vgg61'", "did you mean 'vgg1"]),
    (["show", "nosuchthing"], ["there is no model 'nosuchthing'", "vggcalc list"]),
    (["show", "no/such/file.yaml"], ["no/such/file.yaml: no such file or directory"]),
    (["show"], ["missing argument 'MODEL'"]),
    (["show", "A", "E"], ["unexpected extra argument"]),
    (["show", "vgg16", "--until", "conv9_9"], ["vgg16 has no layer"]),
    (["show", "vgg16", "--set", "klasses=7"], ["has no variable 'klasses'", "classes"]),
    (["show", "vgg16", "--set", "classes"], ["'classes' sets no variable", "write VAR=VALUE"]),
    (["show", "vgg16", "--set", "classes=0"], ["vgg.yaml:", "fc.out_features is 0"]),
    (["show", "vgg16", "--classes", "0"], ["'classes' is '0'; it must be a whole number from 1"]),
    (["show", "vgg16", "--batch", "0"], ["'batch' is '0'; it must be a whole number from 1"]),
    (["show", "vgg16", "--batch", "many"], ["'batch' is 'many'; it must be a whole number"]),
    (["show", "vgg16", "--dtype", "float31"], ["there is no dtype 'float31'; did you mean 'float32'?"]),
    (["show", "vgg16", "--format", "xml"], ["'xml' is not one of"]),
    (["show", "vgg16", "--layout", "whc"], ["'whc' is not one of"]),
    (["show", "vgg16", "--columns", "parms"], ["there is no column 'parms'; did you mean 'params'"]),
    (["show", "vgg16", "--input", "224x224x3x3"], ["'224x224x3x3' has 4 numbers", "224x224x3"]),
    (["show", "vgg16", "--input", "large"], ["'large' is not a shape"]),
    (["show", "vgg16", "--input", "16"],
     ["vgg.yaml:", "a 2x2 kernel does not fit a 1x1 input", "floor((1 - 2 + 2*0)/2) + 1 = 0"]),
    (["show", "vgg16", "--input", "left=32"], ["vgg16 has no input 'left'"]),
    (["compare"], ["missing argument 'MODELS...'"]),
    (["compare", "A", "Z"], ["there is no model 'Z'"]),
    (["explain", "vgg16", "conv1_9"], ["vgg16 has no layer", "'conv1_9'", "did you mean 'conv1_"]),
    (["rf", "--stack", "3xx3"], ["'' in '3xx3' is no convolution"]),
    (["rf", "--stack", "3x0"], ["'0' in '3x0' is no convolution"]),
    (["layer", "blob", "--input", "8x8x3"], ["'blob' is no kind of layer"]),
    (["layer", "conv3-8"], ["missing option '--input'"]),
    (["layer", "conv9-8", "--input", "8x8x3"], ["a 9x9 kernel does not fit a 8x8 input", "(8 - 9 + 2*0)/1 + 1 = 0"]),
    (["layer", "conv3-8", "--input", "8x8x3", "strides=2"],
     ["'conv' has no field or option 'strides'; did you mean 'stride'"]),
    (["layer", "conv3-8", "--input", "8x8x3", "stride"], ["'stride' sets no field", "FIELD=VALUE"]),
    (["layer", "add", "--input", "8x8x3"], ["'add' reads 2 or more inputs, not 1"]),
    (["list", "nothing"], ["'nothing'", "'vggcalc list'"]),
    (["shwo", "vgg16"], ["shwo", "show"]),
]  # fmt: skip


def run(*arguments: str, columns: int | None = None, stdin: str | None = None) -> Result:
    """A command in this process; what it does not expect to happen is raised here."""
    env = {"COLUMNS": str(columns) if columns else None}
    return CliRunner().invoke(cli, arguments, input=stdin, catch_exceptions=False, env=env)


@lru_cache(maxsize=40)
def printed(*arguments: str, columns: int | None = None) -> str:
    """What a command that ends well prints; its messages stay empty."""
    result = run(*arguments, columns=columns)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@lru_cache(maxsize=40)
def document(*arguments: str) -> Any:
    """What a command prints as JSON; not to be changed, for others read it too."""
    return json.loads(printed(*arguments, "--format", "json"))


def table(text: str) -> list[dict[str, str]]:
    """The first table of aligned text, row by row; columns stand where the line of dashes has them."""
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if re.fullmatch(r"-+(  -+)+", line))
    spans = [match.span() for match in re.finditer(r"-+", lines[at])]
    rows = []
    for line in [lines[at - 1], *lines[at + 1 :]]:
        if not line:
            break
        rows.append([line[start:end].strip() for start, end in spans])
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def markdown_table(text: str) -> list[dict[str, str]]:
    """The first table of a Markdown text; a backslash before a mark is taken away."""
    block = re.search(r"(?:^\|.*\n?)+", text, re.M)
    assert block is not None
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in block[0].splitlines()]
    rows = [[re.sub(r"\\(.)", r"\1", cell).strip() for cell in row] for row in rows]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]


def process(*arguments: str, command: list[str] | None = None, **settings: Any) -> subprocess.CompletedProcess[str]:
    """A command as a process of its own, with its output in a pipe."""
    env = {**os.environ, **settings.pop("env", {})}
    return subprocess.run(
        [*(command or [entry_point()]), *arguments], capture_output=True, text=True, timeout=60, env=env, **settings
    )


def entry_point() -> str:
    """The installed command."""
    return str(Path(sysconfig.get_path("scripts")) / "vggcalc")


# --- every command, every format ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("arguments", EXAMPLES, ids=" ".join)
def test_every_command_in_every_format(arguments: tuple[str, ...], style: str) -> None:
    """Every command answers in every format, on stdout alone."""
    text = printed(*arguments, "--format", style)
    assert text.strip()
    assert text.endswith("\n")
    assert not ANSI.search(text)
    if style == "json":
        assert json.loads(text)["schema"] == 1
    if style == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not [cell for row in rows for cell in row if cell == "None" or re.match(r"[(\[{]\d+, ", cell)]
    if style == "yaml":
        assert yaml.safe_load(text) == document(*arguments)
    if style == "tsv":
        rows = list(csv.reader(io.StringIO(printed(*arguments, "--format", "csv"))))
        assert list(csv.reader(io.StringIO(text), delimiter="\t")) == rows
    if style == "plain":
        assert not [line for line in text.splitlines() if line != line.rstrip()]


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_every_model_is_shown(name: str) -> None:
    """Every family can be shown, and the model is named in its heading."""
    assert name.lower() in printed("show", name).splitlines()[0].lower()


def fields_of(found: Any, layer: Any) -> dict[str, Any]:
    """A layer's receptive field on each input; `rf` names the inputs where there are several."""
    return layer["rf"] if isinstance(found["input"], dict) else {"input": layer["rf"]}


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_schema_of_show(name: str) -> None:
    """JSON has the keys of the schema, whole numbers, fields as lists per axis, and the layers with the input first."""
    found = document("show", name)
    assert found["schema"] == 1
    assert found["model"] == name
    assert set(found["totals"]) >= TOTAL_KEYS
    assert all(type(figure) is int for figure in found["totals"].values())
    inputs = list(found["input"].values()) if isinstance(found["input"], dict) else [found["input"]]
    first, others = found["layers"][: len(inputs)], found["layers"][len(inputs) :]
    assert [(layer["kind"], layer["output"]) for layer in first] == [("input", shape) for shape in inputs]
    assert "input" not in {layer["kind"] for layer in others}
    for layer in found["layers"]:
        assert set(layer) >= LAYER_KEYS
        assert layer["kind"] in REGISTRY
        for key in ("params", "weights", "biases", "macs", "activations"):
            assert type(layer[key]) is int
        assert layer["params"] == layer["weights"] + layer["biases"]
        assert all(type(size) is int for size in layer["output"])
        for rf in fields_of(found, layer).values():
            assert set(rf) >= {"size", "jump", "padding"}
            assert len(rf["size"]) in {len(shape) - 1 for shape in inputs}  # along the axes of what is seen
            assert [len(rf[key]) for key in ("jump", "padding")] == [len(rf["size"])] * 2
            assert all(type(figure) is int for key in ("size", "padding") for figure in rf[key])
            assert all(type(jump) is int or re.fullmatch(r"\d+/\d+", jump) for jump in rf["jump"])
    for key in ("params", "weights", "biases", "macs", "activations"):
        assert sum(layer[key] for layer in found["layers"]) == found["totals"][key]
    assert found["totals"]["flops"] == 2 * found["totals"]["macs"]


def test_json_of_vgg16() -> None:
    """The first layers of VGG-16 in JSON, figure by figure."""
    found = document("show", "vgg16")
    assert found["input"] == [224, 224, 3]
    assert [layer["kind"] for layer in found["layers"][:6]] == ["input", "conv", "relu", "conv", "relu", "maxpool"]
    conv = found["layers"][3]
    assert {key: conv[key] for key in LAYER_KEYS - {"rf"}} == {
        "name": "conv1_2",
        "kind": "conv",
        "output": [224, 224, 64],
        "params": 36928,
        "weights": 36864,
        "biases": 64,
        "macs": 1849688064,
        "activations": 3211264,
    }
    assert [conv["rf"][key] for key in ("size", "jump", "padding")] == [[5, 5], [1, 1], [2, 2]]
    assert {key: found["totals"][key] for key in TOTAL_KEYS} == {
        "params": 138357544,
        "weights": 138344128,
        "biases": 13416,
        "macs": 15470264320,
        "flops": 30940528640,
        "activations": 15237608,
        "forward": 24352744,
        "params_bytes": 553430176,
        "activations_bytes": 60950432,
        "forward_bytes": 97410976,
    }


def test_schema_of_several_inputs(tmp_path: Path) -> None:
    """With several inputs they all come first, and `input` and `rf` are given by name."""
    path = tmp_path / "two.yaml"
    path.write_text("{family: two, input: {a: 8x8x3, b: 8x8x1}, layers: [{concat: {from: [a, b]}}, conv3-4]}")
    found = document("show", str(path))
    assert found["input"] == {"a": [8, 8, 3], "b": [8, 8, 1]}
    assert [layer["kind"] for layer in found["layers"]] == ["input", "input", "concat", "conv"]
    rf = found["layers"][-1]["rf"]
    assert {name: rf[name]["size"] for name in ("a", "b")} == {"a": [3, 3], "b": [3, 3]}


def test_schema_of_compare() -> None:
    """compare has `models`, each the object that show gives."""
    found = document("compare", "A", "lenet5")
    assert found["schema"] == 1
    for name, model in zip(("A", "lenet5"), found["models"], strict=True):
        shown = document("show", name)
        assert model == {key: value for key, value in shown.items() if key != "schema"}


SHARED = "layer,kind,output,weights,biases,params,activations,macs,rf"


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_formats_agree(name: str) -> None:
    """JSON, CSV, aligned text and Markdown tell the same figures, row by row."""
    found = document("show", name)
    layers = found["layers"]
    expected = [
        {
            "layer": layer["name"],
            "kind": layer["kind"],
            "output": "x".join(map(str, layer["output"])),
            **{key: layer[key] for key in ("weights", "biases", "params", "activations", "macs")},
        }
        for layer in layers
    ]
    arguments = ("show", name, "--all-layers", "--columns", SHARED, "--format")
    rows = list(csv.DictReader(io.StringIO(printed(*arguments, "csv"))))
    assert [
        {key: type(value)(row[key]) for key, value in figures.items()}
        for row, figures in zip(rows, expected, strict=True)
    ] == expected
    grouped = [
        {key: f"{value:,}" if isinstance(value, int) else value for key, value in row.items()} for row in expected
    ]
    heads = {"macs": "MACs"}
    for read, style in ((table, "plain"), (markdown_table, "markdown")):
        shown = read(printed(*arguments, style))
        assert [
            {key: row[heads.get(key, key)] for key in figures} for row, figures in zip(shown, grouped, strict=True)
        ] == grouped
        assert [row["rf"].replace(",", "") for row in shown] == [row["rf"] for row in rows]
    if not isinstance(found["input"], dict):
        sizes = [layer["rf"]["size"] for layer in layers]
        sizes = [size[:1] if len(set(size)) == 1 else size for size in sizes]
        assert [row["rf"] for row in rows] == ["x".join(map(str, size)) for size in sizes]


@pytest.mark.parametrize("style", ["rich", "plain", "markdown"])
def test_totals_are_printed(style: str) -> None:
    """Below the table stand the totals, each with the rule by which it is counted."""
    text = printed("show", "vgg16", "--format", style, columns=200)
    for figure in (
        "138,357,544",
        "138,344,128",
        "13,416",
        "15,470,264,320",
        "30,940,528,640",
        "15,237,608",
        "24,352,744",
    ):
        assert figure in text
    for short in ("527.8 MiB", "58.13 MiB", "92.90 MiB", "15.47 G"):
        assert short in text
    assert "keeps" in text
    assert "once" in text


def test_element_wise_layers_are_hidden() -> None:
    """ReLU, dropout and softmax are shown only on request; their totals are the same."""
    few = [row["layer"] for row in table(printed("show", "vgg16"))]
    every = [row["layer"] for row in table(printed("show", "vgg16", "--all-layers"))]
    assert len(few) == 22
    assert [name for name in every if not re.match("relu|dropout|softmax", name)] == few
    assert len(every) == 22 + 15 + 2 + 1


def test_shares_are_seen_at_a_glance() -> None:
    """Parameters sit in fc6 and memory in the first two convolutions."""
    shares = {row["layer"]: (row["params%"], row["memory%"]) for row in table(printed("show", "vgg16"))}
    assert shares["fc6"][0] == "74.3%"  # 102,764,544/138,357,544
    assert shares["conv1_1"][1] == shares["conv1_2"][1] == "21.1%"  # 3,211,264/15,237,608


# --- options ------------------------------------------------------------------------------------------------------


def test_input() -> None:
    """--input takes a size, a height and a width, or both with channels."""
    for text, output in (("448", [448, 448, 64]), ("32x64", [32, 64, 64]), ("64x32x1", [64, 32, 64])):
        layers = document("show", "vgg16", "--input", text, "--until", "conv1_1")["layers"]
        assert layers[-1]["output"] == output
    assert layers[-1]["weights"] == 3 * 3 * 1 * 64


def test_batch_and_dtype() -> None:
    """A batch multiplies MACs and memory; the number format sets the bytes."""
    totals = document("show", "vgg16", "--batch", "32", "--dtype", "float16")["totals"]
    assert totals["macs"] == 32 * 15470264320
    assert totals["activations"] == 32 * 15237608
    assert (totals["params"], totals["params_bytes"]) == (138357544, 2 * 138357544)
    assert totals["forward_bytes"] == 2 * 32 * 24352744
    assert document("show", "mnist", "--dtype", "int4")["totals"]["params_bytes"] == 220234 // 2


def test_classes_and_set() -> None:
    """--classes N is short for --set classes=N: 9 times 4096 + 1 fewer in the last layer of VGG-16 with 991."""
    totals = document("show", "vgg16", "--classes", "991")["totals"]
    assert totals["params"] == 138357544 - 9 * 4097
    assert totals == document("show", "vgg16", "--set", "classes=991")["totals"]


def test_until_and_no_top() -> None:
    """A feature extractor: up to a layer, or without the classifier."""
    assert document("show", "vgg16", "--until", "pool5")["totals"] == document("show", "vgg16", "--no-top")["totals"]
    assert document("show", "vgg16", "--no-top")["totals"]["params"] == 14714688


def test_dense() -> None:
    """VGG-16 at 384x384 gives a 6x6 map of class scores."""
    layers = document("show", "vgg16", "--dense", "--input", "384x384")["layers"]
    (scores,) = [layer for layer in layers if layer["name"] == "fc8"]
    assert (scores["output"], scores["kind"], scores["params"]) == ([6, 6, 1000], "conv", 4097000)


def test_layout() -> None:
    """--layout chw turns shapes round in tables; JSON keeps height, width, channels."""
    for layout, shape in (("hwc", "224x224x64"), ("chw", "64x224x224")):
        rows = table(printed("show", "vgg16", "--layout", layout))
        assert rows[1]["output"] == shape
    assert document("show", "vgg16", "--layout", "chw")["layers"][1]["output"] == [224, 224, 64]


def test_columns() -> None:
    """--columns chooses the columns in their order; + adds to the usual ones."""
    assert list(table(printed("show", "A", "--columns", "macs, layer,flops"))[0]) == ["MACs", "layer", "FLOPs"]
    usual = list(table(printed("show", "A"))[0])
    assert list(table(printed("show", "A", "--columns", "+jump,+padding"))[0]) == [*usual, "jump", "padding"]


def test_connections() -> None:
    """LeNet-5's connections as its paper counts them, with their sum."""
    text = printed("show", "lenet5", "--columns", "+connections")
    counted = [row["connections"] for row in table(text)]
    assert counted == ["0", "122,304", "5,880", "151,600", "2,000", "48,120", "10,164", "840"]
    assert "340,908" in text


def test_standard_input_and_paths(tmp_path: Path) -> None:
    """A spec comes from standard input, from a path, or as one variant of a path."""
    spec = "{family: t, input: 8x8x3, layers: [conv1-2]}"
    assert run("show", "-", "--columns", "layer,params", stdin=spec).stdout.splitlines()[-1] != ""
    assert json.loads(run("show", "-", "--format", "json", stdin=spec).stdout)["totals"]["params"] == 8
    path = tmp_path / "t.yaml"
    path.write_text(spec)
    assert document("show", str(path))["totals"]["params"] == 8
    path.write_text("{family: t, input: 8x8x3, variants: {a: {layers: [conv1-2]}, b: {layers: [conv1-3]}}}")
    assert document("show", f"{path}:b")["totals"]["params"] == 12
    result = run("show", str(path))
    assert result.exit_code == 2
    assert f"{path}:a" in result.stderr


# --- compare ------------------------------------------------------------------------------------------------------


def test_compare_is_table_1() -> None:
    """The paper's Table 1 side by side: stages aligned, maxpool closes each, and three fully connected layers."""
    rows = table(printed("compare", *VGG).partition("\n+:")[0])
    assert [row["map"] for row in rows if row["map"]] == ["224x224", "112x112", "56x56", "28x28", "14x14", "1x1"]
    columns = {name: [row[name] for row in rows if row[name]] for name in VGG}
    assert " ".join(columns["A"]) == (
        "conv3-64 maxpool conv3-128 maxpool conv3-256 conv3-256 maxpool conv3-512 conv3-512 maxpool "
        "conv3-512 conv3-512 maxpool fc-4096 fc-4096 fc-1000"
    )
    assert columns["A-LRN"] == ["conv3-64", "+lrn", *columns["A"][1:]]
    assert [columns["C"].count(word) for word in ("+conv1-256", "+conv1-512", "conv3-512")] == [1, 2, 4]
    pools = [row for row in rows if "maxpool" in row.values()]
    assert [set(row.values()) for row in pools] == [{"", "maxpool"}] * 5  # each pooling stands in one line
    assert [len([cell for cell in columns[name] if cell.startswith("+")]) for name in VGG] == [0, 1, 2, 5, 5, 8]
    assert [len(columns[name]) - 5 for name in ("A", "B", "C", "D", "E")] == [11, 13, 16, 16, 19]  # weight layers


def test_compare_totals() -> None:
    """Totals with differences and ratios: E against A."""
    text = printed("compare", "A", "E")
    for figure in ("132,863,336", "143,667,240", "7,609,090,048", "19,632,062,464", "+10,803,904", "+12,022,972,416"):
        assert figure in text
    assert "1.081x" in text  # 143,667,240/132,863,336
    assert "2.580x" in text  # 19,632,062,464/7,609,090,048


def test_compare_csv() -> None:
    """In CSV compare gives the totals, one line for each model."""
    rows = list(csv.DictReader(io.StringIO(printed("compare", *VGG, "--format", "csv"))))
    assert [row["model"] for row in rows] == VGG
    assert rows[-1]["params"] == "143667240"
    assert rows[0]["macs"] == "7609090048"


@pytest.mark.slow
@pytest.mark.parametrize("style", ["rich", "plain"])
def test_compare_fits_80_columns(style: str) -> None:
    """All six configurations fit an 80-column terminal, every digit of params and MACs included."""
    text = printed("compare", *VGG, "--format", style, columns=80)
    assert max(map(len, text.splitlines())) <= 80
    for model in document("compare", *VGG)["models"]:
        for figure in ("params", "macs"):
            assert f"{model['totals'][figure]:,}" in text
    assert "not shown" not in text


# --- rf, explain, layer, list --------------------------------------------------------------------------------------


def test_stack_of_3x3() -> None:
    """Three 3x3 see 3, 5, 7 pixels as one 7x7 does, with 27C^2 weights for 49C^2 (55%) and three non-linearities."""
    text = printed("rf", "--stack", "3x3x3", "--channels", "512")
    assert [row["sees"] for row in table(text)] == ["3x3", "5x5", "7x7"]
    stack, single = (line for line in text.splitlines() if "27C^2" in line or "49C^2" in line)
    assert "7,077,888" in stack  # 27*512*512
    assert "55.1%" in stack  # 27/49
    assert stack.split()[-1] == "3"
    assert "12,845,056" in single  # 49*512*512
    assert single.split()[-1] == "1"


def test_stack_with_strides_and_dilation() -> None:
    """7s2, 3, 3d2: 7, then 7 + 2*2 = 11, then 11 + 2*2*2 = 19 pixels."""
    text = printed("rf", "--stack", "7s2x3x3d2")
    assert [row["sees"] for row in table(text)] == ["7x7", "11x11", "19x19"]
    assert [row["weights"] for row in table(text)] == ["49C^2", "9C^2", "9C^2"]
    assert "67C^2" in text
    assert "361C^2" in text


@pytest.mark.parametrize(("arguments", "lines"), DERIVED, ids=lambda value: " ".join(value) if len(value) == 2 else "")
def test_explain(arguments: list[str], lines: list[str]) -> None:
    """explain writes the derivation that a student would: formula, numbers put in, result."""
    text = printed("explain", *arguments)
    for line in lines:
        assert line in text


@pytest.mark.parametrize(("arguments", "lines"), LAYERS, ids=lambda value: value[0])
def test_layer(arguments: list[str], lines: list[str]) -> None:
    """One layer without a file is derived the same way, also where the formula changes."""
    text = printed("layer", *arguments)
    for line in lines:
        assert line in text


def check_derivations(found: Any, needed: set[str]) -> None:
    """Every line of every layer comes out at its value, and the figures of the JSON are among them."""
    assert found["layers"]
    for layer in found["layers"]:
        lines = {line["figure"]: line for line in layer["derivation"]}
        assert len(lines) == len(layer["derivation"])
        assert needed <= set(lines)
        for line in lines.values():
            assert evaluate(line["numbers"]) == Fraction(str(line["value"])), (layer["name"], line)
        assert lines["params"]["value"] == layer["params"]
        assert lines["activations"]["value"] == layer["activations"]
        for figure, key in (("weights", "weights"), ("biases", "biases"), ("MACs", "macs")):
            assert lines.get(figure, {"value": 0})["value"] == layer[key]
        if isinstance(found["input"], dict):
            continue
        axes = {1: ["length"], 2: ["height", "width"], 3: ["depth", "height", "width"]}[len(layer["output"]) - 1]
        figures = {**layer["rf"], "rf": layer["rf"]["size"], "size": layer["output"]}
        if len(layer["output"]) != len(found["input"]):  # what is seen has other axes than what sees it
            continue
        for number, axis in enumerate(axes):
            for figure in ("size", "rf", "jump", "padding"):
                own = [line for line in layer["derivation"] if line["key"] == figure and axis in line["axes"]]
                values = [line["value"] for line in own]
                assert values in ([], [figures[figure][number]]), (layer["name"], figure)
                assert all(line["figure"].split()[-1] == line["axes"][-1] for line in own)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_derivations_come_out(name: str) -> None:
    """In every layer of every family, the numbers of each derivation evaluate to its value."""
    found = document("explain", name)
    check_derivations(found, {"params", "activations"})
    assert [layer["name"] for layer in found["layers"]] == [layer["name"] for layer in document("show", name)["layers"]]


@pytest.mark.parametrize(
    "options", [("--batch", "3", "--dtype", "float16"), ("--dense", "--input", "448")], ids=" ".join
)
def test_derivations_of_other_questions(options: tuple[str, ...]) -> None:
    """Derivations come out for a batch in another number format, and for whole images, too."""
    check_derivations(document("explain", "vgg16", *options), {"params", "activations"})


@pytest.mark.parametrize(
    "row", [row for row in EACH.values() if row[1].role != "unknown"], ids=lambda row: f"{row[1].kind}-{row[0]}"
)
def test_derivations_of_every_kind(row: Row) -> None:
    """For every kind of layer, on as many axes as its rows have, the derivation comes out."""
    check_derivations_of_one(document("layer", *written(row)))


def test_a_line_of_a_derivation_says_what_it_is_of() -> None:
    """Figure, axes, input and convention are data; the words for them are made when they are printed."""
    (layer,) = document("explain", "siamese", "distance", "--memory", "live")["layers"]
    said = [(line["key"], line["axes"], line["input"], line["convention"], line["figure"])
            for line in layer["derivation"]]  # fmt: skip
    axes = ["height", "width"]
    assert said == [
        ("size", axes, None, None, "output height and width"),
        ("channels", [], None, None, "output channels"),
        ("params", [], None, None, "params"),
        ("macs", [], None, None, "MACs"),
        ("activations", [], None, None, "activations"),
        ("activations_bytes", [], None, None, "bytes (float32)"),
        ("rf", axes, "left", None, "receptive field on left height and width"),
        ("rf", axes, "right", None, "receptive field on right height and width"),
        ("memory_values", [], None, "live", "live"),
    ]


def check_derivations_of_one(found: Any) -> None:
    """The same for a layer of any number of axes: every line comes out."""
    (layer,) = found["layers"]
    figures = [line["figure"] for line in layer["derivation"]]
    assert any(figure.startswith("output") for figure in figures)
    assert "MACs" in figures
    assert "activations" in figures
    for line in layer["derivation"]:
        if line["value"] is not None or found["layers"][0]["kind"] != "unknown":
            assert evaluate(line["numbers"]) == Fraction(str(line["value"])), line


@pytest.mark.slow
def test_list_names_every_model() -> None:
    """list has every model with its totals, and with its aliases."""
    entries = {entry["model"]: entry for entry in document("list")["models"]}
    assert list(entries) == BUNDLED
    assert "vgg16" in entries["D"]["aliases"]
    for name in SAMPLE:
        shown = document("show", name)
        assert (entries[name]["totals"], entries[name]["input"]) == (shown["totals"], shown["input"])


def test_list_of_some() -> None:
    """A word picks models out of the list: one line of totals each, with aliases, in any terminal."""
    rows = {row["model"]: row for row in table(printed("list", "vgg1"))}
    assert {"A", "B", "D", "E"} <= set(rows)
    assert (rows["D"]["also"], rows["D"]["params"]) == ("vgg16", "138,357,544")
    text = printed("list", "vgg1", "--format", "rich", columns=40)
    assert max(map(len, text.splitlines())) <= 40
    for name, row in rows.items():
        assert re.search(rf"^{re.escape(name)} .*\b{row['params']}\b", text, re.M)


def test_list_layers_names_every_kind() -> None:
    """list layers has every kind with its fields and their defaults."""
    rows = {row["kind"]: row for row in table(printed("list", "layers"))}
    kinds = [kind for kind in REGISTRY if kind != "input"]
    assert {kind for kind in rows if kind in REGISTRY} == set(kinds)
    roles = [rows[kind]["role"] for kind in rows if kind in kinds]
    assert list(dict.fromkeys(roles)) == [role for role in ROLES if role in roles], "roles in order"
    assert len(list(groupby(roles))) == len(set(roles)), "each role once"
    for kind in kinds:
        assert rows[kind]["role"] == REGISTRY[kind].role
        for field in REGISTRY[kind].checks:
            assert re.search(rf"\b{field}\b", rows[kind]["fields and their defaults"])
    assert "stride=1" in rows["conv"]["fields and their defaults"]
    found = {entry["kind"]: entry for entry in document("list", "layers")["layers"]}
    assert {kind: entry["role"] for kind, entry in found.items()} == {kind: REGISTRY[kind].role for kind in kinds}
    conv = {field["name"]: field for field in found["conv"]["fields"]}
    assert (conv["out_channels"]["required"], conv["groups"]["default"]) == (True, 1)


# --- help, errors, exit codes --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The help of every command says how it is used and shows commands that can be typed."""
    text = printed(command, "--help")
    assert printed(command, "-h") == text
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0].startswith("Usage: ")
    examples = [line.split()[1:] for line in lines if line.startswith(f"vggcalc {command}")]
    assert examples
    monkeypatch.chdir(tmp_path)
    for example in examples:
        assert {"net.yaml", "tables/"} & set(example) or printed(*example) or "-o" in example


def test_help_names_every_command() -> None:
    """--help names every command with a line on it, which is not cut off; without arguments vggcalc says the same."""
    text = printed("--help")
    for command, about in COMMANDS.items():
        assert re.search(rf"^  {command}  +{re.escape(about)}$", text, re.M)
    assert "Usage:" in run().output


def test_version() -> None:
    """--version prints the version."""
    assert printed("--version").split()[-1] == __version__


@pytest.mark.parametrize(("arguments", "answers"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_what_is_wrong_is_told(arguments: list[str], answers: list[str]) -> None:
    """A question that cannot be answered is told on stderr with what would be right, and ends with 2."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    for answer in answers:
        assert answer in result.stderr
    assert "Traceback" not in result.stderr


# --- terminals -----------------------------------------------------------------------------------------------------


def grouped(value: Any) -> Iterator[str]:
    """Every whole number of a JSON document as tables print it."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from grouped(item)
    elif isinstance(value, int):
        yield f"{value:,}"


WIDE = [
    ("show", "vgg16"),
    ("show", "lenet5"),
    ("show", "alexnet-caffe", "--all-layers"),
    ("show", "E", "--columns", "layer,weights,biases,params,activations,macs,flops"),
    ("compare", "A", "E"),
    ("compare", *VGG),
    ("rf", "--stack", "3x3x3", "--channels", "512"),
    ("explain", "vgg16", "conv1_2"),
]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 60, 80, 120, 200])
@pytest.mark.parametrize("arguments", WIDE, ids=" ".join)
def test_no_digit_is_cut(arguments: tuple[str, ...], columns: int) -> None:
    """However wide the terminal, no line is longer, and every number that is printed is a whole one."""
    text = printed(*arguments, "--format", "rich", columns=columns)
    assert max(map(len, text.splitlines())) <= columns
    assert "…" not in text
    whole = printed(*arguments, "--format", "plain")
    exact = set(EXACT.findall(whole)) | set(grouped(document(*arguments)))
    assert set(EXACT.findall(text)) <= exact
    for total in ("params", "macs"):
        for model in document(*arguments).get("models", []) if arguments[0] == "compare" else []:
            assert f"{model['totals'][total]:,}" in text


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_what_is_left_out_is_said(columns: int) -> None:
    """A terminal too narrow for all columns names the ones that are missing; a wide one shows them all."""
    text = printed("show", "vgg16", "--format", "rich", columns=columns)
    assert ("not shown at this width" in text) == (columns < 120)
    assert "138,357,544" in text
    assert not re.search(r"not shown at this width:[^\n]*(: ,|, ,|,\s*$)", text)
    for row in table(printed("show", "vgg16")):
        assert re.search(rf"^{row['layer']}\b.* {row['params']}\b", text, re.M)


def in_terminal(*arguments: str, columns: int = 100, **env: str) -> str:
    """What a command prints on a terminal of so many columns."""
    pty = pytest.importorskip("pty")
    if not hasattr(os, "fork"):
        pytest.skip("no terminals here")
    settings = {"TERM": "xterm-256color", "COLUMNS": str(columns), **env}
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [entry_point(), *arguments], stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=os.environ | settings
    )
    os.close(theirs)
    chunks = []
    try:
        while chunk := os.read(ours, 65536):
            chunks.append(chunk)
    except OSError:  # Linux reports the end of a terminal so
        pass
    os.close(ours)
    assert child.wait(timeout=60) == 0
    return b"".join(chunks).decode()


@pytest.mark.slow
def test_terminal() -> None:
    """On a terminal tables are rich ones, in colour."""
    text = in_terminal("show", "mnist")
    assert "─" in text
    assert re.search(r"\x1b\[[\d;]*3\d", text)


def test_no_color() -> None:
    """NO_COLOR takes the colours away and nothing else."""
    text = in_terminal("show", "mnist", NO_COLOR="1")
    assert "─" in text
    assert not re.search(r"\x1b\[[\d;]*[34]\d", text)


@pytest.mark.slow
@pytest.mark.parametrize("env", [{}, {"FORCE_COLOR": "1", "TERM": "xterm-256color"}, {"COLUMNS": "20"}])
def test_piped_output_is_plain_and_complete(env: dict[str, str]) -> None:
    """In a pipe the output is aligned text without control codes, whatever the terminal's settings, and whole."""
    found = process("show", "vgg16", env=env)
    assert (found.returncode, found.stderr) == (0, "")
    assert not ANSI.search(found.stdout)
    assert found.stdout == printed("show", "vgg16", "--format", "plain")
    assert len(table(found.stdout)) == 22


# --- processes -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_entry_point_and_module() -> None:
    """The installed command and python -m vggcalc print the same."""
    command = process("show", "vgg16", "--format", "csv")
    module = process("show", "vgg16", "--format", "csv", command=[sys.executable, "-m", "vggcalc"])
    assert (command.returncode, module.returncode) == (0, 0)
    assert command.stdout == module.stdout == printed("show", "vgg16", "--format", "csv")


@pytest.mark.slow
def test_exit_codes_of_the_process(tmp_path: Path) -> None:
    """A bad spec and a bad question end the process with 2 and a message on stderr, without a traceback."""
    path = tmp_path / "net.yaml"
    path.write_text("family: t\ninput: 8x8x3\nlayers: [conv9-8]\n")
    for arguments, answer in (
        (["show", str(path)], f"{path}:3:10: conv1_1: "),
        (["show", "vgg61"], "no model 'vgg61'"),
    ):
        found = process(*arguments)
        assert (found.returncode, found.stdout) == (2, "")
        assert answer in found.stderr
        assert "Traceback" not in found.stderr


def test_anywhere(tmp_path: Path) -> None:
    """From an empty folder, and from one with a folder called specs, the bundled models are the bundled ones."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "vgg.yaml").write_text("nonsense")
    (tmp_path / "yaml.py").write_text("raise SystemExit('a stranger')")
    found = process("show", "vgg16", "--format", "json", cwd=tmp_path)
    assert json.loads(found.stdout)["totals"]["params"] == 138357544


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [("show", "vgg16", "--format", "rich"), ("show", "vgg16"), ("list", "layers"), ("rf", "--stack", "3x3")],
)
def test_ascii_output(arguments: tuple[str, ...]) -> None:
    """An output that knows ASCII alone is no reason to fail."""
    found = process(*arguments, env={"PYTHONIOENCODING": "ascii", "COLUMNS": "100"})
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.isascii()
    assert re.search(r"conv3|138,357,544|\bmaxpool\b", found.stdout)


@pytest.mark.slow
def test_names_beyond_ascii(tmp_path: Path) -> None:
    """A name with letters beyond ASCII is printed as such where it can be, and escaped where it cannot."""
    path = tmp_path / "net.yaml"
    path.write_text("{family: t, input: 8x8x3, layers: [{conv1-2: {name: größe}}]}", encoding="utf-8")
    assert "größe" in process("show", str(path), env={"PYTHONIOENCODING": "utf-8"}, encoding="utf-8").stdout
    found = process("show", str(path), env={"PYTHONIOENCODING": "ascii"})
    assert (found.returncode, found.stderr) == (0, "")
    assert r"gr\xf6\xdfe" in found.stdout


@pytest.mark.slow
def test_broken_pipe() -> None:
    """A reader that goes away ends the process without a word."""
    child = subprocess.Popen(
        [entry_point(), "explain", "E", "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.read(10)
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(timeout=60) in (0, -signal.SIGPIPE)


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize("arguments", [("rf", "--stack", "3x3"), ("explain", "vgg16")], ids=" ".join)
def test_full_disk(arguments: tuple[str, ...], style: str) -> None:
    """Output that cannot be written is told in a line and ends with a failure, also when only the last flush fails."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [entry_point(), *arguments, "--format", style]
    with open("/dev/full", "w") as full:
        found = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=env)
    assert found.returncode == 2
    assert "no space left" in found.stderr.lower()
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("arguments", [("nope",), ("show", "nope"), ("show", "A", "--foo"), ("check", "nope")])
def test_messages_that_cannot_be_written(arguments: tuple[str, ...]) -> None:
    """A mistake that cannot be told, as stderr is full or closed, is one all the same and no disagreement."""
    with open("/dev/full", "w") as full:
        assert subprocess.run([entry_point(), *arguments], stderr=full, timeout=60).returncode == 2
    assert subprocess.run(f"{entry_point()} {' '.join(arguments)} 2>&-", shell=True, timeout=60).returncode == 2


@pytest.mark.parametrize("arguments", ["show A", "--help", "--version", "rf --stack 3x3 --format json"])
def test_a_closed_output(arguments: str) -> None:
    """Whoever closes standard output and asks for something to be printed there is told so."""
    command = f"{entry_point()} {arguments} >&-"
    found = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (found.returncode, found.stderr) == (2, "vggcalc: cannot write the output: standard output is closed\n")


def test_a_closed_output_that_nobody_writes_to(tmp_path: Path) -> None:
    """What goes into a file needs no standard output."""
    command = f"{entry_point()} show A -o {tmp_path / 'a.csv'} >&-"
    assert subprocess.run(command, shell=True, timeout=60).returncode == 0
    assert (tmp_path / "a.csv").read_text().startswith("layer,")


def test_nothing_is_imported_before_ctrl_c_is_met() -> None:
    """From the start of Python to where Ctrl-C ends the process quietly, only two small modules are loaded."""
    code = (
        "import sys; before = {*sys.modules}; import vggcalc.__main__; print(*sorted({*sys.modules} - before)); "
        "import signal; print(signal.getsignal(signal.SIGINT) is signal.SIG_DFL)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == ["vggcalc", "vggcalc.__main__", "True"]


def test_the_library_leaves_ctrl_c_alone() -> None:
    """Whoever imports vggcalc keeps the handler that was there."""
    code = (
        "import signal; old = signal.getsignal(2); import vggcalc; vggcalc.load('A'); print(signal.getsignal(2) is old)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout == "True\n"


def test_interrupt() -> None:
    """Ctrl-C while a spec is being read ends the process by the signal, without a traceback."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    child = subprocess.Popen([entry_point(), "show", "-"], **pipes)  # type: ignore[call-overload]
    child.stdin.write(b"#" * 200_000)  # more than a pipe holds: this returns when the command reads
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert (child.returncode, out, err) == (-signal.SIGINT, b"", b"")


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="a shell makes no pipes with names here")
def test_a_pipe_of_the_shell() -> None:
    """What a command prints is read as a spec, `vggcalc show <(command)`."""
    ours, theirs = os.pipe()
    os.write(theirs, b"{family: t, input: 8x8x3, layers: [conv1-2]}")
    os.close(theirs)
    found = process("show", f"/dev/fd/{ours}", "--format", "json", pass_fds=[ours])
    os.close(ours)
    assert json.loads(found.stdout)["totals"]["params"] == 8


@pytest.mark.slow
def test_standard_input_of_a_process() -> None:
    """A spec in a pipe is read to its end."""
    spec = "family: t\ninput: 8x8x3\nlayers: [conv1-2]\n"
    found = process("show", "-", "--format", "json", input=spec)
    assert json.loads(found.stdout)["totals"]["params"] == 8


@pytest.mark.slow
@pytest.mark.parametrize(
    ("style", "loaded"),
    [("json", []), ("csv", []), ("plain", []), ("markdown", []), ("rich", ["rich"])],
)
@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "vgg16"),
        ("compare", "A", "E"),
        ("explain", "vgg16", "fc6"),
        ("rf", "--stack", "3x3"),
        ("list", "layers"),
    ],
    ids=" ".join,
)
def test_nothing_is_imported_that_is_not_used(arguments: tuple[str, ...], style: str, loaded: list[str]) -> None:
    """rich is imported only where it prints."""
    seen = imported("-m", "vggcalc", *arguments, "--format", style)
    assert seen & {"rich"} == set(loaded)


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell: str) -> None:
    """Each shell gets its script for completion."""
    found = process(env={"_VGGCALC_COMPLETE": f"{shell}_source"})
    assert "_VGGCALC_COMPLETE" in found.stdout


@pytest.mark.slow
def test_models_are_completed() -> None:
    """The names of models and commands are completed."""
    env = {"_VGGCALC_COMPLETE": "bash_complete", "COMP_CWORD": "2"}
    models = process(env=env | {"COMP_WORDS": "vggcalc show vgg1"}).stdout
    assert {"plain,vgg11", "plain,vgg13", "plain,vgg16", "plain,vgg19"} <= set(models.split())
    commands = process(env=env | {"COMP_WORDS": "vggcalc ", "COMP_CWORD": "1"}).stdout
    assert {f"plain,{command}" for command in COMMANDS} <= set(commands.split())
