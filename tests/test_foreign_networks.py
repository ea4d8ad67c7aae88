"""Networks of other frameworks on the command line: notes, names, places, and where they may be named."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from click import Context
from click.testing import CliRunner, Result

from vggcalc import UsageError, VggcalcError, bounds, load
from vggcalc.cli import cli
from vggcalc.cli.options import complete_model
from vggcalc.errors import Mark, Problem, Source
from vggcalc.figures import FIGURES, select, whole
from vggcalc.figures.block import derive_block, parts
from vggcalc.frameworks.assembly import noted
from vggcalc.render import validated
from vggcalc.render.formats.validate import github, sarif
from vggcalc.validating import Validated


def run(*words: str) -> Result:
    """A command."""
    return CliRunner().invoke(cli, words)


def test_notes_stand_below_the_table(tmp_path: Path) -> None:
    """Each on a line, equal ones once, in data as a list; of a comparison with the name of the network."""
    text = """input: "data" input_shape { dim: 1 dim: 3 dim: 6 dim: 6 }
    layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { kernel_size: 3 stride: 2 } }"""
    path = tmp_path / "net.prototxt"
    path.write_text(text, "utf-8")
    note = "pooling rounds up: p makes 3x3x3, and 2x2x3 where it rounds down"
    shown = CliRunner().invoke(cli, ["show", str(path)]).stdout.splitlines()
    assert shown[0] == "net"
    assert shown[-1] == note
    assert json.loads(CliRunner().invoke(cli, ["show", str(path), "--format", "json"]).stdout)["notes"] == [note]
    assert f"net: {note}" in CliRunner().invoke(cli, ["compare", str(path), "A"]).stdout.splitlines()


def test_notes_are_counted_and_bounded() -> None:
    """So many as one reads, each once."""
    told = noted([*(f"note {number}" for number in range(50)), "note 3", "note 3"])
    assert told[3] == "note 3 (3 times)"
    assert (len(told), told[-1]) == (bounds.NOTES + 1, "and 30 more notes")


def test_places_may_be_names() -> None:
    """Of files without lines: nothing is quoted, and they stand in the order in which they were found."""
    file = Source("resnet.onnx", "")
    problems = [
        Problem(f"wrong {name}", "mend it", Mark(file, name=name), code="bad-file") for name in ("/b/Conv", "/a")
    ]
    error = VggcalcError([*problems, Problem("worse", "", Mark(Source("net.yaml", "a: 1"), 1, 1))])
    assert str(error).splitlines() == [
        "net.yaml:1:1: worse",
        "  a: 1",
        "  ^",
        "resnet.onnx: /b/Conv: wrong /b/Conv; mend it",
        "resnet.onnx: /a: wrong /a; mend it",
    ]


def test_servers_are_told_names() -> None:
    """In place of lines: JSON, SARIF's logical locations, an annotation of the file as a whole."""
    problem = Problem("it is wrong", "mend it", Mark(Source("resnet.onnx", ""), name="/conv1/Conv"), code="bad-file")
    document = validated.document([Validated("resnet.onnx", "spec", (problem,))])
    assert {key: document["problems"][0].get(key) for key in ("file", "name", "line")} == {
        "file": "resnet.onnx",
        "name": "/conv1/Conv",
        "line": None,
    }
    out = StringIO()
    sarif.write(document, out)
    (location,) = json.loads(out.getvalue())["runs"][0]["results"][0]["locations"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": "/conv1/Conv"}]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": "resnet.onnx"}}
    out = StringIO()
    github.write(document, out)
    line = "::error file=resnet.onnx,title=vggcalc bad-file::/conv1/Conv: it is wrong; mend it"
    assert out.getvalue().splitlines()[0] == line
    (problems, _) = validated.sheets([Validated("resnet.onnx", "spec", (problem,))])
    assert problems.rows[0][0] == "resnet.onnx: /conv1/Conv"


PATHS = """input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer { name: "/conv1/Conv" type: "Convolution" bottom: "data" top: "a"
  convolution_param { num_output: 4 kernel_size: 1 } }
layer { name: "/layer1/layer1.0/conv1/Conv" type: "Convolution" bottom: "a" top: "b"
  convolution_param { num_output: 2 kernel_size: 1 } }
layer { name: "/layer1/layer1.0/conv2/Conv" type: "Convolution" bottom: "b" top: "c"
  convolution_param { num_output: 5 kernel_size: 1 } }
layer { name: "/layer1/layer1.1/conv2/Conv" type: "Convolution" bottom: "c" top: "d"
  convolution_param { num_output: 3 kernel_size: 1 } }
layer { name: "the: last | one" type: "InnerProduct" bottom: "d" top: "e" inner_product_param { num_output: 2 } }
"""
"""Names as exporters write them; by hand: (3 + 1)*4 = 16, (4 + 1)*2 = 10, (2 + 1)*5 = 15, (5 + 1)*3 = 18 params, and
(64*3 + 1)*2 = 386."""


@pytest.fixture
def paths(tmp_path: Path) -> str:
    """A network whose layers have paths for names."""
    (tmp_path / "net.prototxt").write_text(PATHS, "utf-8")
    return str(tmp_path / "net.prototxt")


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("/layer1/layer1.0/conv1/Conv", 10),
        ("layer1.0.conv1", 10),
        ("layer1/layer1.0/conv1", 10),
        ("0.conv1.Conv", 10),
        ("conv1", 16),
        ("layer1.0.conv2.Conv", 15),
        ("1.conv2", 18),
        ("/layer1", 43),
        ("layer1", 43),
        ("layer1.0", 25),
        ("the: last | one", 386),
    ],
)
def test_names_travel(name: str, params: int, paths: str, tmp_path: Path) -> None:
    """By the file's own, or by a shorter one: in explain, until, rf, claims and documents."""
    of = whole(load(paths).analyse())
    assert FIGURES["params"].value(select(of, [name])) == params
    assert run("explain", paths, name).exit_code == 0
    assert run("rf", paths, "--layer", name).exit_code == 0
    assert run("show", paths, "--until", name).exit_code == 0
    (tmp_path / "table.yaml").write_text(
        "table: t\nsource: s\ntranscribed: by hand\nmodel: net.prototxt\n"
        f"columns: [layer, params]\nrows: [[{json.dumps(name)}, {params}]]\n",
        "utf-8",
    )
    assert _verdicts(tmp_path / "table.yaml") == ["exact"]
    (tmp_path / "README.md").write_text(
        f"""<!-- vggcalc net.prototxt params 'layer={name}' -->{params}<!-- /vggcalc -->\n""", "utf-8"
    )
    assert _verdicts(tmp_path / "README.md") == ["exact"]


def _verdicts(path: Path) -> list[str]:
    (table,) = json.loads(run("check", str(path), "--format", "json").stdout)["tables"]
    return [finding["verdict"] for finding in table["findings"]]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("conv2", "net has 2 of 'conv2'; they are /layer1/layer1.0/conv2/Conv, /layer1/layer1.1/conv2/Conv"),
        ("layer1.0.conv9", "net has no layer or block 'layer1.0.conv9'"),
        ("/layer1/layer1.0/conv1/Cnv", "did you mean '/layer1/layer1.0/conv1/Conv'?"),
        ("/", "net has no layer or block '/'"),
        ("", "net has no layer or block ''"),
    ],
)
def test_names_that_mean_nothing(name: str, said: str, paths: str) -> None:
    """None, or several."""
    with pytest.raises(UsageError) as caught:
        select(whole(load(paths).analyse()), [name])
    assert said in str(caught.value)
    assert said in run("rf", paths, "--layer", name).stderr


def test_blocks_of_paths(paths: str) -> None:
    """A block adds up what stands in it, and is made of blocks."""
    of = whole(load(paths).analyse())
    block = select(of, ["layer1"])
    assert [part.name for part in parts(block)] == ["layer1.0", "layer1.1"]
    assert FIGURES["blocks"].value(block) == 2
    derivation = next(line.formula for line in derive_block(block).lines if line.figure == "params")
    assert (derivation.symbols, derivation.numbers, derivation.value) == ("layer1.0 + layer1.1", "25 + 18", 43)


def test_tables_reach_no_other_folder(paths: str, tmp_path: Path) -> None:
    """A foreign file is read where a spec would be: beside the table, or below."""
    (tmp_path / "tables").mkdir()
    for model, message in (
        ("../net.prototxt", "lies outside of the folder that names it"),
        ("no.onnx", "no such file"),
    ):
        table = tmp_path / "tables" / "table.yaml"
        table.write_text(
            f"table: t\nsource: s\ntranscribed: by hand\nmodel: {model}\nclaims: {{params: 445}}\n", "utf-8"
        )
        assert message in run("check", str(table)).stderr
    (tmp_path / "table.yaml").write_text(
        "table: t\nsource: s\ntranscribed: by hand\nmodel: net.prototxt:net\nclaims: {params: 445}\n", "utf-8"
    )
    assert run("check", str(tmp_path / "table.yaml")).exit_code == 0


def test_a_document_holds_what_is_printed_of_a_foreign_file(paths: str, tmp_path: Path) -> None:
    """As of a spec."""
    shown = run("show", paths, "--format", "markdown").stdout
    (tmp_path / "README.md").write_text(f"<!-- vggcalc show net.prototxt -->\n{shown}<!-- /vggcalc -->\n", "utf-8")
    result = run("check", str(tmp_path / "README.md"))
    assert (result.exit_code, result.stderr) == (0, "")


def test_folders_are_not_searched_for_foreign_files(paths: str, tmp_path: Path) -> None:
    """Whatever is called .json or .cfg is no table."""
    (tmp_path / "package.json").write_text('{"table": 1, "claims": {}}', "utf-8")
    (tmp_path / "setup.cfg").write_text("[table]\nclaims: 1\n", "utf-8")
    assert "there is nothing to check" in run("check", str(tmp_path)).stderr
    (tmp_path / "net.yaml").write_text("family: net\ninput: 8x8x3\nlayers: [conv3-4]\n", "utf-8")
    assert json.loads(run("validate", str(tmp_path), "--format", "json").stdout)["files"] == 1
    assert json.loads(run("validate", paths, "--format", "json").stdout)["checked"][0]["kind"] == "spec"


def test_standard_input(paths: str) -> None:
    """A text format is recognised there too."""
    shown = CliRunner().invoke(cli, ["show", "-", "--format", "json"], input=PATHS)
    assert json.loads(shown.stdout)["totals"]["params"] == 16 + 10 + 15 + 18 + 386


def test_a_foreign_file_has_no_spec(paths: str) -> None:
    """Nor variants beside itself, nor variables."""
    assert "is no spec, but a file of another framework; 'vggcalc convert" in run("spec", paths).stderr
    assert "has no variant 'big'" in run("show", f"{paths}:big").stderr
    assert run("show", f"{paths}:net").exit_code == 0
    assert "has no variable 'classes'" in run("show", paths, "--set", "classes=10").stderr


def test_files_are_completed() -> None:
    """Where no bundled name begins so, the shell looks for files."""
    context = Context(cli)
    assert [item.type for item in complete_model(context, cli.params[0], "deploy.pro")] == ["file"]
    assert "vgg16" in complete_model(context, cli.params[0], "vgg")
