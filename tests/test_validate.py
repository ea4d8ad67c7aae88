"""`vggcalc validate`: what is wrong in specs, tables and documents, without a report."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft7Validator
from test_workflow_commands import HOSTILE, obeyed

from vggcalc.cli import cli
from vggcalc.errors import CODES, WARNINGS
from vggcalc.render.formats import names

NET = "family: net\ninput: 8x8x3\nlayers: [{conv3-4: {name: conv}}, {fc-10: {name: fc}}]\n"
TABLE = (
    "table: T\nsource: s\ntranscribed: t\nmodel: net.yaml\ncolumns: [layer, params]\nrows: [[conv, 112], [fc, 1450]]\n"
)
# conv: 3*3*3*4 + 4 = 112; fc: 6*6*4*10 + 10 = 1,450

# The objects of SARIF 2.1.0 that are written here, as its section 3 defines them; like the official schema, none takes
# a property that it does not know. Source: docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],  # 3.13.1
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/definitions/run"}},
    },
    "definitions": {
        "run": {  # 3.14
            "type": "object",
            "required": ["tool"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "additionalProperties": False,
                    "properties": {"driver": {"$ref": "#/definitions/driver"}},
                },
                "invocations": {"type": "array", "items": {"$ref": "#/definitions/invocation"}},
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/definitions/result"}},
            },
        },
        "driver": {  # 3.19
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/definitions/rule"}},
            },
        },
        "rule": {  # 3.49
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": MESSAGE,
                "defaultConfiguration": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"level": LEVEL},
                },
            },
        },
        "invocation": {  # 3.20
            "type": "object",
            "required": ["executionSuccessful"],
            "additionalProperties": False,
            "properties": {
                "executionSuccessful": {"type": "boolean"},
                "toolExecutionNotifications": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["message"],
                        "additionalProperties": False,
                        "properties": {"message": MESSAGE, "level": LEVEL},
                    },
                },
            },
        },
        "result": {  # 3.27
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": -1},
                "level": LEVEL,
                "message": MESSAGE,
                "locations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {"physicalLocation": {"$ref": "#/definitions/place"}},
                    },
                },
            },
        },
        "place": {  # 3.29
            "type": "object",
            "additionalProperties": False,
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9%._~/:-]+$"}},
                },
                "region": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                },
            },
        },
    },
}


def run(*args: str) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(cli, ["validate", *args], catch_exceptions=False)


def problems(*args: str) -> list[dict[str, Any]]:
    """The problems as data."""
    found: list[dict[str, Any]] = json.loads(run(*args, "--format", "json").stdout)["problems"]
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a spec, its table, a document, and files of others."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "table.yaml").write_text(TABLE)
    (tmp_path / "text.md").write_text("It has <!-- vggcalc net.yaml params -->1,562<!-- /vggcalc --> weights.\n")
    (tmp_path / "ci.yaml").write_text("jobs: {web: {image: x}}\n")
    (tmp_path / "notes.md").write_text("# Nothing of ours\n")
    return tmp_path


def test_what_is_right_is_told_in_a_line(folder: Path) -> None:
    """Exit code 0; of a folder the spec, the table and the document are read, the files of others passed over."""
    result = run(".")
    assert (result.exit_code, result.stderr) == (0, "")
    heads, _, numbers = map(str.split, result.stdout.splitlines())
    assert (heads, numbers) == (["files", "errors", "warnings"], ["3", "0", "0"])
    document = json.loads(run(".", "--format", "json").stdout)
    assert document["checked"] == [
        {"file": "net.yaml", "kind": "spec"},
        {"file": "table.yaml", "kind": "table"},
        {"file": "text.md", "kind": "document"},
    ]


def test_each_kind_of_file_by_its_name(folder: Path) -> None:
    """A document without figures has nothing wrong; any YAML that is no table is meant as a spec."""
    assert run("net.yaml", "table.yaml", "text.md", "notes.md").exit_code == 0
    (problem,) = problems("ci.yaml")
    assert (problem["code"], problem["line"], problem["level"]) == ("not-a-spec", 1, "error")


def test_every_variant_is_read(folder: Path) -> None:
    """Of a family each network is built and every fault told, each once and in its place."""
    variants = (
        "variants:\n  a: {layers: [conv9-8]}\n  b: {layers: [conv3-8]}\n  c: {input: 2x2x3, layers: [maxpool3]}\n"
    )
    (folder / "family.yaml").write_text(f"family: f\ninput: 8x8x3\n{variants}")
    found = problems("family.yaml")
    assert [(each["line"], each["col"], each["code"]) for each in found] == [
        (4, 16, "shape-misfit"),
        (6, 30, "shape-misfit"),
    ]
    assert run("family.yaml").exit_code == 1


def test_misfit_shared_weights_are_told(folder: Path) -> None:
    """What only the analysis sees is a fault of the spec too."""
    (folder / "s.yaml").write_text("family: s\ninput: 8x8x3\nlayers: [{conv3-3: {name: a}}, {conv1-3: {share: a}}]\n")
    assert [each["code"] for each in problems("s.yaml")] == ["shared-misfit"]


def test_a_wrong_figure_is_an_error(folder: Path) -> None:
    """In a table and in a document, with the arithmetic and the place; an erratum that is documented is none."""
    (folder / "table.yaml").write_text(TABLE.replace("112", "121"))
    (folder / "text.md").write_text("It has <!-- vggcalc net.yaml params -->1,652<!-- /vggcalc --> weights.\n")
    found = problems(".")
    assert [(each["file"], each["line"], each["col"], each["code"]) for each in found] == [
        ("table.yaml", 6, 15, "wrong-figure"),
        ("text.md", 1, 40, "wrong-figure"),
    ]
    assert "(3*3*3)*4 + 4 = 112, printed 121" in found[0]["message"]
    assert run("table.yaml").exit_code == 1
    assert run("googlenet-table1").exit_code == 0  # it has 12 errata


def test_a_fault_of_a_spec_is_told_once(folder: Path) -> None:
    """A table and a document about it do not tell it again."""
    (folder / "net.yaml").write_text(NET.replace("conv3-4", "conv9-4"))
    assert [(each["file"], each["code"]) for each in problems(".")] == [("net.yaml", "shape-misfit")]
    assert problems("table.yaml")[0]["file"] == "net.yaml"


def test_a_fault_in_a_network_that_it_is_like(folder: Path) -> None:
    """It is told in the file itself, where that says `like`; the bundled file is not the author's to mend."""
    (folder / "own.yaml").write_text("family: own\nlike: vgg16\ninput: 8x8x3\n")
    found = problems("own.yaml")
    assert {(each["file"], each["line"], each["col"]) for each in found} == {("own.yaml", 2, 7)}
    assert found[0]["message"].startswith("vgg.yaml:")


def test_what_cannot_be_read_ends_with_2(folder: Path) -> None:
    """A file that is not there, or a folder without anything; what the others say is told all the same."""
    (folder / "empty").mkdir()
    for missing in ("no.yaml", "empty", "nothing"):
        result = run("net.yaml", missing)
        assert (result.exit_code, "1         0           0" in result.stdout) == (2, True)
        assert result.stderr.startswith("vggcalc: ")
    assert run().exit_code == 2
    (folder / "latin.yaml").write_bytes(b"family: \xff\n")
    assert (run("latin.yaml").exit_code, problems("latin.yaml")[0]["code"]) == (1, "encoding")
    (folder / "blank.yaml").write_bytes(b"")
    assert (run("blank.yaml").exit_code, problems("blank.yaml")[0]["code"]) == (1, "missing-key")


def test_plain_lines_name_place_level_and_code(folder: Path) -> None:
    """What an editor jumps to."""
    (folder / "net.yaml").write_text(NET.replace("conv3-4", "blob"))
    line = run("net.yaml").stdout.splitlines()[2]
    assert line.split()[:3] == ["net.yaml:3:11", "error", "unknown-kind"]


def test_github_annotations(folder: Path) -> None:
    """An error at its place, and how much was read; no name of a file becomes a command."""
    (folder / "a,b:c.yaml").write_text(NET.replace("conv3-4", "blob"))
    lines = run("a,b:c.yaml", "--format", "github").stdout.splitlines()
    assert lines[0].startswith(
        "::error file=a%2Cb%3Ac.yaml,line=3,col=11,title=vggcalc unknown-kind::'blob' is no kind"
    )
    assert lines[-1] == "1 files read: 1 errors, 0 warnings"


@pytest.mark.parametrize("style", names("validate"))
def test_no_format_prints_a_command_of_a_spec(folder: Path, style: str) -> None:
    """A name that a runner would obey stays a name; of GitHub's own format each line is one annotation."""
    layers = [{f"conv99-{number}": {"name": name, "from": "input"}} for number, name in enumerate(HOSTILE, 1)]
    (folder / "::error::.yaml").write_text(json.dumps({"family": "f", "input": "8x8x3", "layers": layers}), "utf-8")
    found = obeyed(run("::error::.yaml", "--format", style).output)
    assert found == (["error"] * len(HOSTILE) if style == "github" else [])


def sarif(*args: str) -> dict[str, Any]:
    """The SARIF log, which is of the shape that the standard defines."""
    log: dict[str, Any] = json.loads(run(*args, "--format", "sarif").stdout)
    Draft7Validator.check_schema(SARIF)
    Draft7Validator(SARIF).validate(log)
    return log["runs"][0]  # type: ignore[no-any-return]


def test_sarif(folder: Path) -> None:
    """A rule for each code, and each result with its rule, level, message and place."""
    (folder / "sub").mkdir()
    (folder / "sub" / "my net#1%.yaml").write_text(NET.replace("conv3-4", "blob"))
    found = sarif("sub")
    rules = found["tool"]["driver"]["rules"]
    assert {rule["id"]: rule["shortDescription"]["text"] for rule in rules} == CODES
    levels = {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules}
    assert {code for code, level in levels.items() if level == "warning"} == set(WARNINGS)
    (result,) = found["results"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "unknown-kind"
    (location,) = result["locations"]
    place = location["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 11}
    assert place["artifactLocation"]["uri"] == "sub/my%20net%231%25.yaml"
    assert found["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_sarif_of_files_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absolute paths below the current folder are relative to it; a file outside has a whole URI."""
    (folder / "net.yaml").write_text(NET.replace("conv3-4", "blob"))

    def uri() -> str:
        (result,) = sarif(str(folder / "net.yaml"))["results"]
        return str(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])

    assert uri() == "net.yaml"
    (folder / "deep").mkdir()
    monkeypatch.chdir(folder / "deep")
    assert unquote(uri()) == (folder / "net.yaml").as_uri()


def test_sarif_tells_what_could_not_be_read(folder: Path) -> None:
    """As a notification of a run that did not succeed, so that nobody takes it for clean."""
    found = sarif("net.yaml", "missing.yaml")
    assert found["results"] == []
    (invocation,) = found["invocations"]
    assert not invocation["executionSuccessful"]
    assert "missing.yaml" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_a_name_that_is_no_text_has_a_uri(folder: Path) -> None:
    """Its bytes are percent-encoded."""
    path = os.fsdecode(b"n\xff.yaml")
    (folder / path).write_text(NET.replace("conv3-4", "blob"))
    (result,) = sarif(path)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "n%FF.yaml"
