"""Conventions on the command line: --convention and --memory, `why`, `conventions` and `memory`, in every format."""

import csv
import io
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vggcalc.cli import cli
from vggcalc.conventions import MEMORY, OPERATIONS
from vggcalc.conventions.quantities import SPECIAL
from vggcalc.memory.keeps import KEEPS

FORMATS = ["rich", "plain", "markdown", "json", "csv"]
ADDED = {"operations", "memory_values", "memory_bytes", "memory_at", "unknown", "unknown_operations", "unknown_memory"}

SMALL = "{family: t, input: 8x8x3, layers: [{conv3-5: {padding: 1}}, relu, fc-13]}"
"""8x8x5 = 320 values after the convolution, 13 after fc; (27*5 + 5) + (320*13 + 13) = 4,313 params."""

PARAMS = 4313
KEPT = 192 + 320  # the pixels for the convolution; relu's output, which fc reads too
BACKWARD = 2 * 320  # gradients of relu's output and of its input: more than at any other layer


def run(*arguments: str) -> Result:
    """A command in this process; what it does not expect to happen is raised here."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


@lru_cache(maxsize=60)
def printed(*arguments: str) -> str:
    """What a command that ends well prints; its messages stay empty."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@lru_cache(maxsize=60)
def document(*arguments: str) -> Any:
    """What a command prints as JSON; not to be changed."""
    return json.loads(printed(*arguments, "--format", "json"))


def lines_of(*arguments: str) -> list[dict[str, str]]:
    """What a command prints as CSV."""
    return list(csv.DictReader(io.StringIO(printed(*arguments, "--format", "csv"))))


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The small network as a file."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, "utf-8")
    return str(path)


# --- show, compare and explain -----------------------------------------------------------------------------------

SHOWN = [
    # model, option, name, key, total, bytes
    ("vgg16", "--convention", "torchinfo", 15_483_821_032, None),
    ("vgg16", "--convention", "thop-2019", 15_607_445_504, None),
    ("torchvision/vgg16", "--convention", "timm", 15_470_289_408, None),
    ("vgg16", "--convention", "distill", None, None),
    ("vgg16", "--memory", "torchinfo", 27_113_424, 108_453_696),
    ("vgg16", "--memory", "fvcore", 13_556_712, None),
    ("vgg16", "--memory", "live", 6_422_528, 25_690_112),
    ("torchvision/vgg16", "--memory", "saved", 16_808_448, 73_355_264),
    ("unet", "--memory", "caffe", None, None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "option", "name", "total", "taken"), SHOWN)
def test_json_of_show(model: str, option: str, name: str, total: int | None, taken: int | None) -> None:
    """`show` gains the convention's name and totals, and nothing else; null with the kinds where it is silent."""
    plain, found = document("show", model), document("show", model, option, name)
    totals = found["totals"]
    if option == "--convention":
        assert found["convention"] == {"timm": "fvcore"}.get(name, name)
        assert "memory" not in found
        assert totals["operations"] == total
        assert not {"memory_values", "memory_bytes"} & set(totals)
        key = "operations"
    else:
        assert found["memory"] == name
        assert "convention" not in found
        assert (totals["memory_values"], totals["memory_bytes"]) == (total, taken)
        assert "operations" not in totals
        key = "memory_values"
    assert {name: figure for name, figure in totals.items() if name not in ADDED} == plain["totals"]
    if total is None:
        silent = {layer["kind"] for layer in found["layers"] if layer[key] is None}
        assert set(totals["unknown"]) == silent != set()
        assert len(totals["unknown"]) == len(silent)
        assert totals["unknown_operations" if option == "--convention" else "unknown_memory"] == totals["unknown"]
    else:
        assert not {"unknown", "unknown_operations", "unknown_memory"} & set(totals)
        assert totals.get("memory_at") == ("conv1_2" if name == "live" else None)
        figures = [layer[key] for layer in found["layers"]]
        assert (max(figures) if name == "live" else sum(figures)) == total
    for before, after in zip(plain["layers"], found["layers"], strict=True):
        assert {name: value for name, value in after.items() if name != key} == before


def test_silence_is_named_once() -> None:
    """Kinds of which either convention says nothing are listed together, each once."""
    totals = document("show", "lenet5", "--convention", "torchinfo", "--memory", "torchsummary")["totals"]
    assert (totals["operations"], totals["memory_values"], totals["memory_bytes"]) == (None, None, None)
    assert totals["unknown"] == totals["unknown_operations"] == totals["unknown_memory"] == ["subsample", "rbf"]


def test_which_of_both_is_silent() -> None:
    """Where one of two conventions is silent, it is said which."""
    totals = document("show", "vgg16", "--convention", "distill", "--memory", "torchinfo")["totals"]
    assert (totals["unknown"], totals["unknown_operations"]) == (["fc", "softmax"], ["fc", "softmax"])
    assert "unknown_memory" not in totals


def test_no_convention_no_keys() -> None:
    """Without the options nothing is added to the JSON of show and compare."""
    for found in (document("show", "vgg11"), *document("compare", "vgg11", "lenet5")["models"]):
        assert not {"convention", "memory"} & set(found)
        assert not ADDED & set(found["totals"])


def test_json_of_compare() -> None:
    """Each model of compare is what show gives, conventions and all; one may be unknown beside one that is known."""
    options = ("--convention", "torchinfo", "--memory", "forward")
    found = document("compare", "vgg16", "lenet5", *options)["models"]
    for name, model in zip(("vgg16", "lenet5"), found, strict=True):
        shown = document("show", name, *options)
        assert model == {key: value for key, value in shown.items() if key != "schema"}
    assert [model["totals"]["operations"] for model in found] == [15_483_821_032, None]
    assert [model["totals"]["memory_values"] for model in found] == [24_352_744, 11_838]


def test_csv_of_show() -> None:
    """A column for each count; a layer that runs in place has a row as soon as a convention counts it."""
    found = document("show", "lenet5", "--convention", "torchinfo", "--memory", "torchsummary")
    rows = lines_of("show", "lenet5", "--convention", "torchinfo", "--memory", "torchsummary", "--all-layers")
    for key in ("operations", "memory_values"):
        expected = ["unknown" if layer[key] is None else str(layer[key]) for layer in found["layers"]]
        assert [row[key] for row in rows] == expected
    assert "relu1_1" in {row["layer"] for row in lines_of("show", "vgg16", "--convention", "ptflops")}
    assert "relu1_1" not in {row["layer"] for row in lines_of("show", "vgg16", "--convention", "torchinfo")}


@pytest.mark.slow
def test_csv_of_compare() -> None:
    """compare has the totals of each model: operations, and memory in bytes, or values of a count that has none."""
    rows = lines_of("compare", "vgg16", "lenet5", "--convention", "torchinfo", "--memory", "torchinfo")
    assert [(row["operations"], row["memory_bytes"]) for row in rows] == [
        ("15483821032", "108453696"),
        ("unknown", "unknown"),
    ]


@pytest.mark.parametrize("models", [("vgg16", "lenet5"), ("lenet5", "vgg16")])
@pytest.mark.parametrize(("name", "key"), [("torchinfo", "memory_bytes"), ("fvcore", "memory_values")])
def test_compare_has_one_unit(models: tuple[str, str], name: str, key: str) -> None:
    """The convention decides whether it is bytes, not the first model, of which it may be unknown."""
    totals = {model: document("show", model, "--memory", name)["totals"][key] for model in models}
    rows = lines_of("compare", *models, "--memory", name)
    assert [row[key] for row in rows] == [
        "unknown" if totals[model] is None else str(totals[model]) for model in models
    ]
    if key == "memory_bytes":
        assert "108.45 MB" in printed("compare", *models, "--memory", name, "--format", "plain")


@pytest.mark.parametrize("command", [("show", "vgg16"), ("compare", "vgg16", "vgg11")])
def test_one_name_for_both(command: tuple[str, ...]) -> None:
    """Where both conventions have one name, headings and totals say which is which."""
    text = printed(*command, "--convention", "timm", "--memory", "fvcore", "--format", "plain")
    assert "fvcore operations" in text
    assert "fvcore memory" in text
    assert "fvcore memory" not in printed(*command, "--memory", "fvcore", "--format", "plain")


def test_asked_columns_stay() -> None:
    """However narrow the terminal, what was asked for is shown."""
    asked = ["show", "vgg16", "--convention", "thop", "--memory", "saved", "--format", "rich"]
    text = CliRunner().invoke(cli, asked, env={"COLUMNS": "60"}).stdout
    head = next(line for line in text.splitlines() if line.startswith("layer"))
    assert head.split()[-2:] == ["thop", "saved"]


def test_rows_of_what_is_shown() -> None:
    """A layer in place has a row only where a column that is shown counts it."""
    rows = lines_of("show", "vgg16", "--convention", "ptflops", "--columns", "layer,params")
    assert "relu1_1" not in {row["layer"] for row in rows}
    rows = lines_of("show", "vgg16", "--convention", "ptflops", "--columns", "layer,operations")
    assert "relu1_1" in {row["layer"] for row in rows}


@pytest.mark.parametrize(
    ("model", "option", "name", "note", "is_there"),
    [
        ("vgg16", "--convention", "thop", "transposed convolution", False),
        ("unet", "--convention", "thop", "transposed convolution", True),
        ("vgg16", "--convention", "calflops", "biases of fully connected", True),
        ("vgg16", "--memory", "netscope", "batch normalisation", False),
        ("vgg16", "--memory", "netscope", "a batch of 10", True),
        ("resnet18", "--memory", "netscope", "batch normalisation", True),
        ("vgg16", "--memory", "torchsummary", "DenseNet", False),
    ],
)
def test_notes_where_they_apply(model: str, option: str, name: str, note: str, is_there: bool) -> None:
    """A note is told where the network has a layer that it is about."""
    for command in ("show", "compare"):
        assert (note in printed(command, model, option, name, "--format", "plain")) is is_there


@pytest.mark.parametrize("style", ["rich", "plain", "markdown"])
def test_totals_are_printed(style: str) -> None:
    """The totals stand below the table, memory in the megabytes of its tool; the silent are named."""
    text = run("show", "vgg16", "--convention", "thop-2019", "--memory", "torchinfo", "--format", style).stdout
    assert "15,607,445,504" in text
    assert "108.45 MB" in text
    text = printed("show", "vgg16", "--convention", "distill", "--format", style)
    assert "unknown" in text
    assert "vggcalc does not know how distill counts fc, softmax" in text.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        # 7*7*512*4096 = 102,760,448
        (["vgg16", "fc6", "--convention", "torchinfo"], ("macs + bias", "102760448 + 4096", 102_764_544)),
        (["vgg16", "fc6", "--convention", "thop-2019"], ("2 macs", "2 * 102760448", 205_520_896)),
        (["vgg16", "relu1_1", "--convention", "ptflops"], ("2 out", "2 * 3211264", 6_422_528)),
        (["vgg16", "fc6", "--memory", "forward"], ("own + weighted", "4096 + 25088", 29_184)),
        (["A_bn", "bn1_1", "--convention", "fvcore"], ("out + trained", "3211264 + 3211264", 6_422_528)),
        (["vgg16", "conv1_1", "--memory", "saved"], ("tensors", "150528", 150_528)),
        (["vgg16", "relu1_1", "--convention", "torchinfo"], ("params", "0", 0)),
        (["vgg16", "relu1_1", "--convention", "thop"], ("0", "0", 0)),
    ],
)
def test_explain(arguments: list[str], line: tuple[str, str, int]) -> None:
    """A layer's derivation ends with the convention's rule, its numbers and what they make."""
    name = arguments[-1]
    (layer,) = document("explain", *arguments)["layers"]
    (found,) = [entry for entry in layer["derivation"] if entry["figure"] == name]
    assert (found["symbols"], found["numbers"], found["value"]) == line
    assert found == layer["derivation"][-1]


def test_explain_says_why_nothing_is_saved() -> None:
    """A layer whose input another layer keeps adds nothing, and names that layer."""
    assert "its input; relu1_1 keeps it already" in printed("explain", "vgg16", "conv1_2", "--memory", "saved")


def test_explain_takes_off() -> None:
    """thop's softmax: 3 for each of 1,000 outputs, but for one position."""
    line = printed("explain", "vgg16", "softmax8", "--convention", "thop").splitlines()[-1]
    assert "3 out - sums = 3 * 1000 - 1 = 2,999" in line


def test_json_of_explain() -> None:
    """As show: the convention, its totals, and each layer's figure beside its derivation."""
    options = ("--convention", "torchinfo", "--memory", "live")
    found, shown = document("explain", "vgg16", "fc6", *options), document("show", "vgg16", *options)
    assert {key: value for key, value in found.items() if key != "layers"} == {
        key: value for key, value in shown.items() if key != "layers"
    }
    (layer,) = found["layers"]
    (same,) = [layer for layer in shown["layers"] if layer["name"] == "fc6"]
    assert {key: value for key, value in layer.items() if key != "derivation"} == same


# --- why ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", [[], ["--memory"]])
@pytest.mark.parametrize("model", ["vgg16", "torchvision/vgg16", "resnet18", "lenet5"])
def test_json_of_why(model: str, memory: list[str]) -> None:
    """Each rung adds up from the one under it, and every convention stands on one or is unknown, but for the peak."""
    found = document("why", model, *memory)
    assert found["of"] == ("memory values" if memory else "operations")
    rungs = found["rungs"]
    for place, rung in enumerate(rungs):
        assert rung["under"] < place
        below = rungs[rung["under"]]["total"] if rung["under"] >= 0 else 0
        assert below * (1 + rung["doubled"]) + sum(term["value"] for term in rung["terms"]) == rung["total"]
        for term in rung["terms"]:
            assert sum(term["amounts"].values()) == term["value"]
    named = [name for rung in rungs for name in rung["conventions"]]
    known = set(MEMORY if memory else OPERATIONS)
    assert sorted([*named, *found["unknown"]]) == sorted(known - {"live"})
    for kinds in found["unknown"].values():
        assert kinds


@pytest.mark.parametrize(
    ("model", "total", "names"),
    [
        ("vgg16", 15_346_630_656, {"conv-macs"}),
        ("vgg16", 15_470_264_320, {"macs", "torchvision", "calflops-macs", "netscope"}),
        ("vgg16", 15_483_821_032, {"torchinfo", "ptflops-aten"}),
        ("vgg16", 15_607_445_504, {"thop-2019"}),
        ("vgg16", 30_940_528_640, {"torch", "darknet"}),
        ("torchvision/vgg16", 15_470_289_408, {"fvcore"}),
        ("torchvision/vgg16", 15_503_523_304, {"ptflops-2019"}),
        ("torchvision/vgg16", 15_523_225_576, {"ptflops"}),
        ("torchvision/vgg16", 30_973_778_432, {"calflops"}),
    ],
)
def test_rungs_of_vgg16(model: str, total: int, names: set[str]) -> None:
    """Who prints which of VGG-16's numbers, in the JSON and on the screen."""
    (rung,) = [rung for rung in document("why", model)["rungs"] if rung["total"] == total]
    assert names <= set(rung["conventions"])
    (line,) = [line for line in printed("why", model, "--format", "plain").splitlines() if f"  {total:,}  " in line]
    assert all(name in line for name in names)


def screen(columns: int, *arguments: str) -> list[str]:
    """What a terminal so wide shows."""
    return CliRunner().invoke(cli, [*arguments, "--format", "rich"], env={"COLUMNS": str(columns)}).stdout.splitlines()


@pytest.mark.parametrize(("columns", "lines"), [(80, 31), (100, 26), (130, 24)])
def test_why_fits_a_screen(columns: int, lines: int) -> None:
    """The ladder of VGG-16 is no wider than the terminal, and no longer than it must."""
    shown = screen(columns, "why", "vgg16")
    assert max(map(len, shown)) <= columns
    assert len(shown) <= lines
    last = printed("why", "vgg16", "--format", "plain").splitlines()[-1]
    assert last == "vggcalc does not know how distill counts fc, softmax"


def test_a_wrapped_step_keeps_its_depth() -> None:
    """The lines of a step that does not fit begin below its first letter; the bytes of memory stay."""
    shown = screen(80, "why", "resnet18", "--memory")
    first = next(index for index, line in enumerate(shown) if line.startswith("·· outputs of batchnorm, add,"))
    assert shown[first + 1].startswith("   globalavgpool ")
    assert "short" in shown[1]


def test_marks_that_a_console_has() -> None:
    """Where stdout has no middle dot, a full stop stands for it."""
    runner = CliRunner(charset="ascii")
    for style in ("rich", "plain"):
        result = runner.invoke(cli, ["why", "vgg16", "--format", style], env={"COLUMNS": "120"})
        assert re.search(r"^\.\.\. outputs of relu", result.stdout, re.M)
        assert "·" not in result.stdout


def test_bytes_of_why() -> None:
    """All of the ladder's bytes are in one unit, and in the JSON each convention has its own."""
    text = printed("why", "vgg16", "--memory", "--format", "plain")
    assert " MB " not in text
    assert "103.4 MiB  torchinfo" in text
    for rung in document("why", "vgg16", "--memory")["rungs"]:
        assert list(rung["bytes"]) == rung["conventions"]
    (rung,) = [rung for rung in document("why", "vgg16", "--memory")["rungs"] if "torchinfo" in rung["bytes"]]
    assert rung["bytes"]["torchinfo"] == 108_453_696
    assert "bytes" not in document("why", "vgg16")["rungs"][0]


def test_json_of_why_between() -> None:
    """From one count to another: totals, terms that make the difference, and the layers that carry it."""
    found = document("why", "vgg16", "--between", "torchinfo", "macs")
    assert found["between"] == ["torchinfo", "macs"]
    assert found["totals"] == [15_483_821_032, 15_470_264_320]
    assert found["doubled"] is False
    (term,) = found["terms"]
    # one addition for each output of the convolutions and of fc
    assert (term["times"], term["amounts"], term["value"]) == (-1, {"conv": -13_547_520, "fc": -9_192}, -13_556_712)
    assert [layer["kind"] for layer in found["layers"]] == ["conv"] * 13 + ["fc"] * 3
    assert sum(layer["counts"][1] - layer["counts"][0] for layer in found["layers"]) == -13_556_712
    assert found["layers"][0] == {"name": "conv1_1", "kind": "conv", "counts": [89_915_392, 86_704_128]}
    rows = lines_of("why", "vgg16", "--between", "torchinfo", "macs")
    assert [(row["layer"], int(row["start"]), int(row["end"])) for row in rows] == [
        (layer["name"], *layer["counts"]) for layer in found["layers"]
    ]


def test_why_between_counts_of_memory() -> None:
    """Names of memory alone need no flag; those of both are memory with it."""
    assert document("why", "vgg16", "--between", "activations", "forward")["totals"] == [15_237_608, 24_352_744]
    assert document("why", "vgg16", "--between", "fvcore", "netscope")["totals"] == [15_470_264_320] * 2
    found = document("why", "vgg16", "--memory", "--between", "fvcore", "netscope")
    assert found["totals"] == [13_556_712, 28_802_512]


def test_why_between_on_a_screen() -> None:
    """The layers that carry the difference stand below the terms."""
    text = printed("why", "vgg16", "--between", "macs", "torchinfo", "--format", "plain")
    assert "+13,556,712" in text
    row = next(line for line in text.splitlines() if line.startswith("fc6"))
    assert row.split()[-3:] == ["102,760,448", "102,764,544", "+4,096"]
    assert "relu1_1" not in text


def test_why_between_counts_that_agree() -> None:
    """Nothing leads from one to the other of two conventions that count the same."""
    found = document("why", "vgg16", "--between", "torch", "darknet")
    assert (found["doubled"], found["terms"], found["layers"]) == (False, [], [])
    assert "the same" in printed("why", "vgg16", "--between", "torch", "darknet")


def test_the_heading_of_memory() -> None:
    """What the names mean decides what the column is called."""
    for names, heading in ((("activations", "fvcore"), "memory values"), (("macs", "fvcore"), "operations")):
        assert heading in printed("why", "vgg16", "--between", *names, "--format", "plain").splitlines()[1]
        assert document("why", "vgg16", "--between", *names)["of"] == heading


def test_why_in_csv_knows_its_totals() -> None:
    """Only what has a total has one: a step between two totals is not unknown."""
    rows = lines_of("why", "vgg16")
    totals = [row["total"] for row in rows if row["counted"]]
    assert sorted(map(int, totals)) == sorted(rung["total"] for rung in document("why", "vgg16")["rungs"])
    assert {row["total"] for row in rows if not row["counted"]} == {""}


# --- conventions -------------------------------------------------------------------------------------------------


def test_list_of_conventions() -> None:
    """Every convention with what it counts, its source and its rules."""
    found = document("conventions")
    assert [entry["name"] for entry in found["operations"]] == list(OPERATIONS)
    assert [entry["name"] for entry in found["memory"]] == list(MEMORY)
    for entry in (*found["operations"], *found["memory"]):
        assert entry["what"]
        assert entry["source"]
        assert all(isinstance(rule, str) and rule for rule in entry["rules"].values())
    text = printed("conventions", "--format", "plain")
    assert all(re.search(rf"^{name} ", text, re.M) for name in (*OPERATIONS, *MEMORY))
    assert len(lines_of("conventions")) == len(OPERATIONS) + len(MEMORY)


@pytest.mark.parametrize("name", dict.fromkeys((*OPERATIONS, *MEMORY)))
def test_rules_of_a_convention(name: str) -> None:
    """The rules of one, for each kind of layer; a name of both is shown twice."""
    found = document("conventions", name)
    assert [len(found["operations"]), len(found["memory"])] == [int(name in OPERATIONS), int(name in MEMORY)]
    text = printed("conventions", name, "--format", "plain")
    assert re.search(r"^source: ", text, re.M)
    for entry in (*found["operations"], *found["memory"]):
        assert entry["what"] in text
        for kind, rule in entry["rules"].items():
            assert kind.partition(":")[0].strip("*") in text
            assert rule in text
    assert not re.search(rf":({'|'.join(SPECIAL)})", text)


def test_rules_in_words() -> None:
    """What a table's keys and quantities stand for."""
    text = printed("conventions", "thop", "--format", "plain")
    assert "every other kind called as a function" in text
    free = next(line for line in text.splitlines() if line.startswith("0 "))
    assert "other move layers, other merge layers, other idle layers, other embedding layers, scale" in free
    unknown = "rnn, lstm, gru, l2norm, subsample, rbf, every other kind in a module that several others have"
    assert re.search(f"^unknown +nobody knows +{unknown}$", text, re.M)
    assert "2 x outputs + 2 x outputs of a layer with parameters" in text
    assert "softmax" in next(line for line in text.splitlines() if line.startswith("3 out - sums"))
    assert "upsample bilinear on two axes" in text
    assert "convtranspose without bias" in printed("conventions", "calflops", "--format", "plain")
    saved = printed("conventions", "saved", "--format", "plain")
    assert re.search("mean and 1/deviation of each channel in float32, or float64 +batchnorm", saved)


def test_names_of_conventions() -> None:
    """Names are found whatever their case; other names are listed."""
    assert document("show", "vgg11", "--convention", "ThOP")["convention"] == "thop"
    assert document("conventions", "TIMM") == document("conventions", "fvcore")
    assert "also called timm" in printed("conventions", "fvcore", "--format", "plain")
    aliases = {row["name"]: row["aliases"] for row in lines_of("conventions")}
    assert (aliases["calflops"], aliases["activations"], aliases["macs"]) == ("deepspeed", "rows", "")


def test_a_rule_as_it_is_printed() -> None:
    """thop-2019: biases count, and a fully connected layer twice."""
    (entry,) = document("conventions", "thop-2019")["operations"]
    assert entry["rules"]["conv"] == "macs + bias"
    assert entry["rules"]["fc"] == "2 macs"
    assert entry["rules"]["relu"] == "0"
    assert "lrn" not in entry["rules"]


# --- memory ------------------------------------------------------------------------------------------------------

OPTIMIZERS = {
    # weights, gradients, master weights and optimizer: bytes of the small network by hand
    "sgd": (4 * PARAMS, 4 * PARAMS, None, 0),
    "momentum": (4 * PARAMS, 4 * PARAMS, None, 4 * PARAMS),
    "adam": (4 * PARAMS, 4 * PARAMS, None, 8 * PARAMS),
    "adamw": (4 * PARAMS, 4 * PARAMS, None, 8 * PARAMS),
    # fc's 4,160 weights are 17 blocks of 256: two bytes each and two scales a block; the other 153 are too few for it
    "adam8bit": (4 * PARAMS, 4 * PARAMS, None, 2 * (4160 + 17 * 4) + 8 * 153),
    "mixed": (2 * PARAMS, 2 * PARAMS, 4 * PARAMS, 8 * PARAMS),
}


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parts_of_training_by_hand(small: str, name: str, batch: int) -> None:
    """What training the small network takes, part by part, and their sum."""
    (found,) = document("memory", small, "--optimizer", name, "--batch", str(batch))["training"]
    weights, gradients, master, states = OPTIMIZERS[name]
    size = 2 if name == "mixed" else 4
    expected = {
        "weights_bytes": weights,
        "buffers_bytes": 0,
        "gradients_bytes": gradients,
        "optimizer_bytes": states,
        "activations_bytes": size * batch * KEPT,
        "activation_gradients_bytes": size * batch * BACKWARD,
    } | ({} if master is None else {"master_weights_bytes": master})
    assert found["parts"] == expected
    assert found["with"] == name
    assert found["peak_bytes"] == sum(expected.values())
    if name == "mixed":
        assert weights + gradients + (master or 0) + states == 16 * PARAMS


def test_parts_of_inference_by_hand(small: str) -> None:
    """Weights, and the pixels with the convolution's output: 192 + 320 values."""
    for found in document("memory", small)["inference"]:
        assert found["parts"] == {
            "weights_bytes": 4 * PARAMS,
            "buffers_bytes": 0,
            "activations_bytes": 4 * 512,
        }
        assert found["peak_bytes"] == 4 * (PARAMS + 512)
        assert found["at"] == "conv1_1"


def test_memory_of_vgg16() -> None:
    """The parts of VGG-16 with Adam: 4, 4 and 8 bytes for each of 138,357,544 params, and what autograd keeps."""
    found = document("memory", "torchvision/vgg16", "--optimizer", "adam", "--batch", "4")
    (adam,) = found["training"]
    assert adam["parts"]["weights_bytes"] == adam["parts"]["gradients_bytes"] == 553_430_176
    assert adam["parts"]["optimizer_bytes"] == 2 * 553_430_176
    assert adam["parts"]["activations_bytes"] == 293_421_056
    assert found["inference"][0]["parts"]["activations_bytes"] == 4 * 25_690_112
    assert found["inference"][0]["at"] == "conv1_2"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["vgg11", "resnet18", "mobilenet_v2", "densenet121", "googlenet", "unet"])
def test_parts_add_up_to_the_peak(model: str) -> None:
    """In every part whole bytes; the peak is their sum; the best order is never worse; nothing grows with less."""
    found = document("memory", model, "--batch", "2")
    assert [entry["with"] for entry in found["training"]] == list(OPTIMIZERS)
    for entry in (*found["training"], *found["inference"]):
        assert all(type(taken) is int and taken >= 0 for taken in entry["parts"].values())
        assert entry["peak_bytes"] == sum(entry["parts"].values())
        assert "unknown" not in entry
    inference, best = found["inference"]
    assert best["peak_bytes"] <= inference["peak_bytes"]
    by_name = {entry["with"]: entry["peak_bytes"] for entry in found["training"]}
    assert by_name["sgd"] < by_name["adam8bit"] < by_name["momentum"] < by_name["adam"] == by_name["adamw"]
    params = document("show", model)["totals"]["params"]
    assert by_name["momentum"] - by_name["sgd"] == 4 * params
    assert by_name["adam"] - by_name["sgd"] == 8 * params
    assert found["left_out"]


LARGEST = {
    # (2^20 - fixed) // an image's: 4 * (512 + 640) bytes, half of it in 16 bits
    "sgd": (2**20 - 8 * PARAMS) // 4608,
    "momentum": (2**20 - 12 * PARAMS) // 4608,
    "adam": (2**20 - 16 * PARAMS) // 4608,
    "adamw": (2**20 - 16 * PARAMS) // 4608,
    "adam8bit": (2**20 - 8 * PARAMS - 9680) // 4608,
    "mixed": (2**20 - 16 * PARAMS) // 2304,
    "inference": (2**20 - 4 * PARAMS) // 2048,
    "activations alone": 2**20 // 2048,
}


def test_the_largest_batch_by_hand(small: str) -> None:
    """How many images of the small network fit into 1 MiB: what the weights leave, by what an image takes."""
    found = document("memory", small, "--fits", "1MiB")
    assert found["limit_bytes"] == 2**20
    assert {entry["with"]: entry["batch"] for entry in found["fits"]} == LARGEST
    for entry in found["fits"]:
        assert entry["peak_bytes"] <= 2**20
        assert entry["limited_by"] in ("activations", "activation gradients")  # 512 and 640 values an image


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "limit"), [("resnet18", "2GiB"), ("torchvision/vgg16", "6GB"), ("squeezenet1_1", "1GB")]
)
def test_the_largest_batch_fits_and_one_more_does_not(model: str, limit: str) -> None:
    """For every optimizer and for inference: the peak at that batch is within the limit, at the next it is not."""
    found = document("memory", model, "--fits", limit)
    assert [entry["with"] for entry in found["fits"]] == [*OPTIMIZERS, "inference", "activations alone"]
    for entry in found["fits"]:
        assert entry["batch"] > 0
        peaks = []
        for batch in (entry["batch"], entry["batch"] + 1):
            there = document("memory", model, "--batch", str(batch))
            name = entry["with"].replace("activations alone", "inference")
            (same,) = [e for e in (*there["training"], *there["inference"]) if e["with"] == name]
            is_alone = entry["with"] == "activations alone"
            peaks.append(same["parts"]["activations_bytes"] if is_alone else same["peak_bytes"])
        assert peaks[0] == entry["peak_bytes"] <= found["limit_bytes"] < peaks[1]


def test_nothing_fits() -> None:
    """A network whose weights are too many fits at no batch: 0, what one image would take, and what is too much."""
    found = document("memory", "vgg16", "--fits", "100MiB")
    *together, alone = found["fits"]
    for entry in together:
        assert entry["batch"] == 0
        assert entry["peak_bytes"] > found["limit_bytes"]
    assert together[-1]["limited_by"] == "weights"
    assert (alone["batch"] > 0, alone["limited_by"]) == (True, "activations")
    assert "one image does not fit" in printed("memory", "vgg16", "--fits", "100MiB", "--format", "plain")


@pytest.mark.parametrize(
    ("text", "limit"),
    [("24GiB", 24 * 2**30), ("24gib", 24 * 2**30), ("16GB", 16 * 10**9), ("512KiB", 2**19), ("512 KiB", 2**19),
     ("1.5MB", 1_500_000), ("262144B", 2**18), ("3M", 3 * 10**6), ("1TiB", 2**40),
     ("1PiB", 2**50), ("2EiB", 2**61), ("1PB", 10**15)],
)  # fmt: skip
def test_amounts_of_memory(small: str, text: str, limit: int) -> None:
    """Amounts as people write them."""
    assert document("memory", small, "--fits", text, "--optimizer", "sgd")["limit_bytes"] == limit


@pytest.mark.parametrize(
    ("text", "title", "takes"),
    [
        # 4 * 4,313 bytes of weights and 2,048 an image: 1,047,396 with 503 of them, and 998,244 with 479
        ("1MiB", "What fits into 1 MiB", "0.999 MiB"),
        ("1024KiB", "What fits into 1024 KiB", "1,023 KiB"),
        ("1MB", "What fits into 1 MB", "0.998 MB"),
        ("1000000B", "What fits into 1000000 B", "998,244 B"),
    ],
)
def test_the_unit_that_was_typed_is_answered(small: str, text: str, title: str, takes: str) -> None:
    """A limit in GB is no limit in GiB, and what is held against it is told in its unit."""
    said = printed("memory", small, "--fits", text, "--format", "plain")
    assert title in said
    (row,) = [line for line in said.split("\n") if line.startswith("inference ") and "activations, " in line]
    assert takes in row, row


def test_weights_may_lie_in_another_memory(tmp_path: Path) -> None:
    """Of a microcontroller the memory that is asked about may hold activations alone: both answers are given.

    8x8x1 in int8 through 3x3 to 4 channels and a fully connected layer: 6*6*4 = 144 and 100 values at once, twice in
    500 bytes; 40 parameters of the one and 144*100 + 100 of the other.
    """
    path = tmp_path / "net.yaml"
    path.write_text("family: t\ninput: 8x8x1\nlayers: [conv3-4, fc-100]\n", "utf-8")
    found = document("memory", str(path), "--dtype", "int8", "--fits", "500B")
    together, alone = found["fits"]
    assert (together["with"], together["batch"], together["peak_bytes"]) == ("inference", 0, 14_540 + 244)
    assert (alone["with"], alone["batch"], alone["peak_bytes"]) == ("activations alone", 2, 2 * 244)
    said = " ".join(printed("memory", str(path), "--dtype", "int8", "--fits", "500B").split())
    assert "inference: weights, buffers and activations in one memory" in said
    assert "activations alone: weights and buffers lie in another memory, as in a microcontroller's flash" in said


def test_only_some_optimizers(small: str) -> None:
    """--optimizer may be repeated; the order is that of the question."""
    found = document("memory", small, "--optimizer", "mixed", "--optimizer", "sgd", "--fits", "1MiB")
    assert [entry["with"] for entry in found["training"]] == ["mixed", "sgd"]
    assert [entry["with"] for entry in found["fits"]] == ["mixed", "sgd", "inference", "activations alone"]


def test_memory_of_what_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody says what a layer keeps for the backward pass, training is null and the kinds are named."""
    for kind in ("subsample", "rbf"):
        monkeypatch.delitem(KEEPS, kind)
    found = document("memory", "lenet5", "--fits", "1MiB")
    for entry in found["training"]:
        assert (entry["parts"]["activations_bytes"], entry["peak_bytes"]) == (None, None)
        assert entry["unknown"] == ["subsample", "rbf"]
        assert entry["parts"]["weights_bytes"] in (240_000, 120_000)
    assert found["inference"][0]["peak_bytes"] > 240_000
    assert [(fits["with"], fits["batch"] > 0) for fits in found["fits"]] == [
        ("inference", True),
        ("activations alone", True),
    ]
    assert re.search(r"unknown: what subsample, rbf keep", printed("memory", "lenet5", "--format", "plain"))


@pytest.mark.parametrize("dtype", ["int8", "int4", "int16", "int32"])
def test_integers_are_not_trained(small: str, dtype: str) -> None:
    """Of formats that have no gradients inference alone is told, with one note."""
    found = document("memory", small, "--dtype", dtype, "--fits", "1MiB")
    assert (found["training"], len(found["inference"])) == ([], 2)
    assert [entry["with"] for entry in found["fits"]] == ["inference", "activations alone"]
    text = printed("memory", small, "--dtype", dtype, "--fits", "1MiB", "--format", "plain")
    assert [line for line in text.splitlines() if "training" in line] == [
        f"training is not told: there are no gradients in {dtype}"
    ]


def test_more_than_can_be_asked_for(small: str) -> None:
    """A billion images are the most; beyond them nothing limits."""
    found, _ = document("memory", small, "--fits", "9EiB", "--dtype", "int8")["fits"]
    assert (found["batch"], found["more"], found["limited_by"]) == (10**9, True, None)
    assert "more than 1,000,000,000" in printed("memory", small, "--fits", "9EiB", "--dtype", "int8")
    assert not document("memory", small, "--fits", "1MiB")["fits"][0]["more"]


def test_the_best_order_is_told() -> None:
    """The layers as they run in it, each once; the network's own order needs no telling."""
    own, best = document("memory", "googlenet")["inference"]
    names = [layer["name"] for layer in document("show", "googlenet")["layers"]]
    assert "order" not in own
    assert sorted(best["order"]) == sorted(names)


@pytest.mark.slow
def test_what_limits_is_something() -> None:
    """The largest part, with its bytes."""
    for model in ("vgg16", "resnet18"):
        text = printed("memory", model, "--fits", "1GiB", "--format", "plain")
        assert ", 0 B" not in text


def test_memory_says_what_it_leaves_out() -> None:
    """Workspaces and the framework's own memory are named on the screen and in the JSON."""
    for text in (document("memory", "vgg11")["left_out"], printed("memory", "vgg11", "--format", "plain")):
        assert "workspaces" in text
        assert "framework" in text


# --- what is not asked rightly -----------------------------------------------------------------------------------

WRONG = [
    (["show", "vgg16", "--convention", "nix"], ["there is no convention 'nix'"]),
    (["show", "vgg16", "--convention", "torchinf"], ["'torchinf'", "did you mean 'torchinfo'"]),
    (["show", "vgg16", "--convention", "live"], ["there is no convention 'live'"]),
    (["show", "vgg16", "--memory", "thop"], ["there is no convention of memory 'thop'"]),
    (["show", "vgg16", "--memory", ""], ["there is no convention of memory ''"]),
    (["compare", "vgg16", "A", "--convention", "nix"], ["there is no convention 'nix'"]),
    (["explain", "vgg16", "fc6", "--memory", "nix"], ["there is no convention of memory 'nix'"]),
    (["why", "nosuchthing"], ["there is no model 'nosuchthing'"]),
    (["why", "vgg16", "--between", "live", "saved"], ["live is a peak, no sum of terms"]),
    (["why", "vgg16", "--between", "saved", "live"], ["live is a peak, no sum of terms"]),
    (["why", "vgg16", "--between", "live", "x"], ["there is no convention of memory 'x'"]),
    (["why", "vgg16", "--between", "macs", "x"], ["there is no convention 'x'"]),
    (["why", "vgg16", "--memory", "--between", "activations", "macs"], ["macs counts operations"]),
    (["why", "vgg16", "--between", "activations", "macs"], ["activations counts memory, macs counts operations"]),
    (["why", "vgg16", "--between", "macs", "macs"], ["'macs' and 'macs' are one convention"]),
    (
        ["why", "vgg16", "--between", "macs", "distill"],
        ["vggcalc does not know how distill counts fc, softmax", "stop above them"],
    ),
    (
        ["why", "lenet5", "--between", "macs", "torchinfo"],
        ["vggcalc does not know how torchinfo counts subsample, rbf"],
    ),
    (["why", "vgg16", "--between", "macs"], ["'--between' requires 2 arguments"]),
    (["conventions", "nix"], ["there is no convention 'nix'"]),
    (["conventions", "torchinf"], ["did you mean 'torchinfo'"]),
    (["memory", "vgg16", "--optimizer", "adma"], ["there is no optimizer 'adma'", "did you mean 'adam'"]),
    (["memory", "vgg16", "--optimizer", "adam", "--optimizer", "lion"], ["there is no optimizer 'lion'"]),
    (["memory", "nosuchthing"], ["there is no model 'nosuchthing'"]),
    (["memory"], ["missing argument 'MODEL'"]),
    *((["memory", "vgg16", "--fits", text], [f"'{text}' is not even a byte"]) for text in ("0", "0GiB", "0.4B")),
    (["memory", "resnet50", "--fits", "24"], ["'24' has no unit; write 24GiB or 24GB, or 24B for bytes"]),
    *(
        (["memory", "vgg16", "--fits", text], [f"'{text}' is no amount of memory", "24GiB"])
        for text in (
            "lots",
            "",
            "-1",
            "-1GiB",
            "1e9",
            "24XiB",
            "GiB",
            "1,5GiB",
            "24GiBs",
            "٣GiB",
            "nan",
            "1.GiB",
            "9" * 40,
        )
    ),
]


@pytest.mark.parametrize(("arguments", "holds"), WRONG, ids=lambda value: " ".join(value))
@pytest.mark.parametrize("style", ["plain", "json"])
def test_wrong_questions(arguments: list[str], holds: list[str], style: str) -> None:
    """A wrong question ends with code 2, nothing on stdout, and one line that says what is wrong."""
    result = run(arguments[0], "--format", style, *arguments[1:])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    said = result.stderr.splitlines()
    assert len(said) == 1
    assert said[0].startswith("vggcalc: ")
    for text in holds:
        assert text in said[0]


def test_help_names_the_options() -> None:
    """Every command explains its options."""
    for command in ("show", "compare", "explain"):
        assert {"--convention", "--memory"} <= set(printed(command, "--help").split())
    assert {"--between", "--memory"} <= set(printed("why", "--help").split())
    assert {"--fits", "--optimizer"} <= set(printed("memory", "--help").split())
    assert {"why", "conventions", "memory"} <= set(printed("--help").split())
