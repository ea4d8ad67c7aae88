"""What is not known is said: layers of unknown work hide in no total, in no command and in no format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import texts
from click.testing import CliRunner, Result

from vggcalc import SpecError, UsageError, load
from vggcalc.cli import cli
from vggcalc.conventions import MEMORY, OPERATIONS, count_memory, count_operations
from vggcalc.figures import FIGURES, known_part, layer, whole
from vggcalc.memory.footprint import Training, inference
from vggcalc.memory.optimizers import OPTIMIZERS

NET = """name: "Warped"
input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "warp1" type: "GridSample" bottom: "conv1" top: "warp1" }
layer { name: "relu1" type: "ReLU" bottom: "warp1" top: "warp1" }
layer { name: "warp2" type: "GridSample" bottom: "warp1" top: "warp2" }
layer { name: "fc" type: "InnerProduct" bottom: "warp2" top: "fc" inner_product_param { num_output: 10 } }
"""
SPEC = """family: net
input: 8x8x3
layers:
- conv3-4: {name: conv1}
- unknown: {op: GridSample, output_shape: [6, 6, 4], held: 5, name: warp}
- conv3-2: {name: conv2}
"""
"""The same where the file says what the operation holds and writes: (3*3*3 + 1)*4 + 5 + (3*3*4 + 1)*2 = 191 params."""

SUMS = [key for key, figure in FIGURES.items() if figure.each is not None]
OF_NETWORKS = ["show", "explain", "why", "memory", "rf", "compare"]


@pytest.fixture
def net(tmp_path: Path) -> str:
    """A network of which two layers are unknown."""
    return written(tmp_path / "deploy.prototxt", NET)


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """One of which the shapes are known."""
    return written(tmp_path / "net.yaml", SPEC)


def written(path: Path, text: str) -> str:
    """A file, by its path."""
    path.write_text(text, "utf-8")
    return str(path)


def run(*words: str) -> Result:
    """A command."""
    return CliRunner().invoke(cli, words)


def test_totals_are_unknown_and_the_known_part_stands_beside_them(net: str) -> None:
    """(3*3*3 + 1)*4 = 112, 6*6*4*27 = 3,888; the images 192 and 144, and 192 once more before the convolution."""
    report = load(net).analyse()
    for key in ("params", "weights", "biases", "buffers", "macs", "flops", "activations", "forward"):
        assert getattr(report.totals, key) is None
    known = report.known
    assert (known.params, known.macs, known.flops) == (112, 3_888, 7_776)
    assert (known.activations, known.forward) == (336, 528)
    assert (known.params_bytes, report.totals.params_bytes) == (448, None)


def test_what_the_file_says_is_known(spec: str) -> None:
    """Of held tensors and the shape of the output; the work stays unknown."""
    report = load(spec).analyse()
    assert (report.totals.params, report.totals.activations) == (112 + 5 + 74, 192 + 144 + 144 + 32)
    assert (report.totals.macs, report.totals.flops, report.totals.forward) == (None, None, None)
    assert report.known.macs == 3_888 + 4 * 4 * 9 * 4 * 2


@pytest.mark.parametrize("key", SUMS)
def test_no_sum_hides_a_layer_that_nobody_knows(key: str, net: str) -> None:
    """Of the network, and of the layer; of a layer above it each is known."""
    of = whole(load(net).analyse())
    assert FIGURES[key].value(of) is None
    assert FIGURES[key].value(layer(of, 2)) is None
    assert FIGURES[key].value(layer(of, 1)) is not None
    assert known_part(FIGURES[key], of) == sum(
        value for place in (0, 1) if isinstance(value := FIGURES[key].value(layer(of, place)), int)
    )


@pytest.mark.parametrize("key", FIGURES)
def test_every_figure_can_be_asked_for(key: str, net: str, spec: str) -> None:
    """None fails; those of shapes are those that the file says."""
    for path in (net, spec):
        of = whole(load(path).analyse())._replace(conventions={"operations": "fvcore", "memory": "live"})
        for place in range(len(of.report.rows)):
            FIGURES[key].value(layer(of, place))
        assert FIGURES["depth"].value(of) is None
        assert FIGURES["rf"].value(of) is None
    assert FIGURES["output"].value(whole(load(net).analyse())) is None
    assert FIGURES["output"].value(layer(whole(load(spec).analyse()), 2)) == (6, 6, 4)


@pytest.mark.parametrize(
    ("count", "name"),
    [*((count_operations, name) for name in OPERATIONS), *((count_memory, name) for name in MEMORY)],
)
def test_every_convention_says_so(count: Callable[..., object], name: str, net: str, spec: str) -> None:
    """Nobody's tool knows what the operation takes; one that counts modules knows nothing of a file of Caffe."""
    for path, words in ((net, {"GridSample", "what is a module of PyTorch"}), (spec, {"GridSample"})):
        found = count(load(path).analyse(), name)
        assert (found.total, found.total_bytes) == (None, None)  # type: ignore[attr-defined]
        assert words & set(found.unknown)  # type: ignore[attr-defined]


def test_memory_is_unknown(net: str, spec: str) -> None:
    """Training and inference, and which batch fits."""
    for path in (net, spec):
        report = load(path).analyse()
        for optimizer in OPTIMIZERS.values():
            found = Training(report).footprint(optimizer)
            assert found.peak is None
            assert {part.name: part.taken for part in found.parts}["activations"] is None
        assert [inference(report, best).peak for best in (False, True)] == [None, None]
    weights = {part.name: part.taken for part in inference(load(spec).analyse()).parts}
    assert weights == {"weights": 4 * 191, "buffers": 0, "activations": None}
    assert "inference is not told: its memory is unknown" in run("memory", spec, "--fits", "1GiB").stdout


@pytest.mark.parametrize("command", [*OF_NETWORKS, "convert"])
def test_commands_say_it_and_end_with_1(command: str, net: str) -> None:
    """A line for each operation, with its places, and one for what reads their outputs."""
    result = run(command, net)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f"vggcalc: 2 layers of GridSample, at {net}:5 and :7: what they do is unknown",
        "vggcalc: relu1 and 1 more layers: the shape of what they read is unknown",
    ]
    assert "unknown" in result.stdout


@pytest.mark.parametrize("command", [*OF_NETWORKS, "convert"])
def test_strict_refuses(command: str, net: str) -> None:
    """Nothing is printed but an error for each layer."""
    result = run(command, net, "--strict")
    assert (result.exit_code, result.stdout) == (2, "")
    said = [line for line in result.stderr.splitlines() if line.startswith(net)]
    assert said == [
        f"{net}:5:7: warp1: what GridSample does is unknown; totals that it adds to are unknown",
        f"{net}:7:7: warp2: what GridSample does is unknown; totals that it adds to are unknown",
    ]
    assert run(command, "lenet5", "--strict").exit_code == 0


def test_many_operations_are_told_in_few_lines(tmp_path: Path) -> None:
    """As many as one reads."""
    layers = [f"layer {{ name: 'l{n}' type: 'Op{n // 9}' bottom: 'data' top: 'l{n}' }}" for n in range(900)]
    path = written(tmp_path / "net.prototxt", "\n".join([*NET.splitlines()[:2], *layers]))
    lines = run("show", path).stderr.splitlines()
    assert len(lines) == 21
    assert (
        lines[0] == f"vggcalc: 9 layers of Op0, at {path}:3, :4, :5, :6, :7 and 4 more places: what they do is unknown"
    )
    assert lines[-1] == "vggcalc: and 80 more operations: what they do is unknown"


def test_the_tables_say_unknown(net: str) -> None:
    """Never 0, and no share of what nobody knows."""
    rows = {line.split()[0]: line.split() for line in run("show", net).stdout.splitlines() if line}
    assert rows["warp1"] == ["warp1", "unknown", "GridSample", *["unknown"] * 5]
    assert rows["conv1"] == ["conv1", "conv3-4", "6x6x4", "(3*3*3)*4", "=", "108", "112", "576", "B", "3,888", "3"]
    assert rows["MACs"][:4] == ["MACs", "unknown", "3,888", "known;"]
    assert rows["relu1"][4] == "0"  # whatever map it reads, a ReLU holds nothing
    shares = run("show", net, "--columns", "layer,macs%,kernels,layers,rf,output", "--format", "csv").stdout
    assert "warp1,unknown,unknown,unknown,unknown,unknown" in shares.splitlines()


@pytest.mark.parametrize("form", ["plain", "rich", "csv", "tsv", "markdown", "html", "latex", "rst", "yaml", "json"])
@pytest.mark.parametrize("command", OF_NETWORKS)
def test_every_format_has_it(command: str, form: str, net: str, spec: str) -> None:
    """Each says unknown, or null."""
    for path in (net, spec):
        result = run(command, path, "--format", form)
        assert result.exit_code == 1
        assert "unknown" in result.stdout or "null" in result.stdout


def test_as_data(net: str) -> None:
    """Null, what is known of it, and the layers with what the file calls them and where they stand."""
    document = json.loads(run("show", net, "--format", "json").stdout)
    assert document["totals"]["macs"] is None
    assert document["known"]["macs"] == 3_888
    assert document["unknown_layers"][0] == {
        "name": "warp1",
        "op": "GridSample",
        "known_op": False,
        "place": {"file": net, "line": 5, "column": 7},
    }
    assert [each["known_op"] for each in document["unknown_layers"]] == [False, True, False, True]
    assert [each["output"] for each in document["layers"]][1:3] == [[6, 6, 4], None]
    assert document["layers"][2]["rf"] is None
    assert "known" not in json.loads(run("show", "lenet5", "--format", "json").stdout)


def test_receptive_fields_end_there(spec: str) -> None:
    """A unit sees through an operation nobody knows what; the fields above it are known."""
    rows = {line.split()[0]: line.split() for line in run("rf", spec).stdout.splitlines() if line}
    assert rows["conv1"][3] == "3"
    assert rows["warp"][-5:] == rows["conv2"][-5:] == ["unknown"] * 5
    assert "nobody knows what conv2 sees" in run("rf", spec, "--layer", "conv2", "--at", "1,1").stderr
    assert "nobody knows which units of warp and 1 more layers see it" in run("rf", spec, "--pixel", "1,1").stdout


def test_a_sum_of_known_and_unknown_is_unknown(tmp_path: Path) -> None:
    """Where paths merge, what one of them sees is not all."""
    text = SPEC + "- add: {from: [conv2, half], name: sum}\n"
    text = text.replace("name: conv2}\n", "name: conv2}\n- conv5-2: {from: conv1, name: half, padding: 1}\n")
    report = load(written(tmp_path / "net.yaml", text)).analyse()
    assert (report.row("half").is_traced, report.row("sum").is_traced) == (True, False)
    assert report.row("sum").fields == {}


def test_another_input_is_no_guess(spec: str, net: str) -> None:
    """The file says the shape for its own input alone."""
    with pytest.raises(UsageError, match="the shape of warp, GridSample, is known for 8x8x3 alone"):
        load(spec).analyse(input=16)
    assert load(spec).analyse(input=8).totals.params == 191
    assert load(net).analyse(input=16).known.macs == 14 * 14 * 108


def test_a_layer_cannot_read_what_nobody_knows(tmp_path: Path) -> None:
    """In a spec the shape must be said."""
    path = written(tmp_path / "net.yaml", SPEC.replace("output_shape: [6, 6, 4], ", ""))
    with pytest.raises(SpecError, match="it reads a map of unknown shape"):
        load(path).analyse()


def test_claims_about_it_are_unknown(spec: str, tmp_path: Path) -> None:
    """Neither right nor wrong."""
    table = written(tmp_path / "table.yaml", "table: t\nmodel: net.yaml\nclaims: {macs: 3888, params: 191}\n")
    document = json.loads(run("check", table, "--format", "json").stdout)
    macs, params = document["tables"][0]["findings"]
    assert (macs["verdict"], params["verdict"]) == ("unknown", "exact")
    assert macs["explanation"] == "macs is unknown here: nobody knows what GridSample does"


def test_explain_says_why(net: str, spec: str) -> None:
    """No line of the derivation is a number."""
    lines = [line.split("  ")[0] for line in run("explain", net, "warp1").stdout.splitlines()]
    said = run("explain", net, "warp1").stdout
    assert {"output channels", "params", "MACs", "activations", "receptive field"} <= set(lines)
    assert " 0 " not in said
    assert "what it reads is unknown" in run("explain", net, "fc").stdout
    assert "held = 5" in run("explain", spec, "warp").stdout


def test_what_nobody_knows_of_training_is_no_matter_at_inference() -> None:
    """A branch of training with an unknown operation leaves the totals at inference known."""
    spec = """
family: f
input: 6x6x3
training: [odd]
layers:
- conv3-4: {name: a}
- unknown: {op: Odd, output_shape: [4, 4, 4], held: 0, name: odd}
- conv1-2: {name: out, from: a}
outputs: [odd, out]
"""
    assert texts.report(spec).totals.macs == 4 * 4 * 4 * 27 + 4 * 4 * 2 * 4


def test_what_is_unknown_reads_something(tmp_path: Path) -> None:
    """Of two inputs none stands above; a layer that reads nothing is refused, as any other is."""
    text = "family: a\ninput: {a: 8x8x3, b: 8x8x3}\nlayers: [{unknown: {op: M, output_shape: [1]}}]\n"
    with pytest.raises(SpecError, match=r"net.yaml:3:11: 'unknown' has nothing above it to read"):
        load(written(tmp_path / "net.yaml", text)).analyse()
