"""What is printed in the log of a workflow is no command there, whoever wrote the names and lines it is about."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from vggcalc.cli import cli
from vggcalc.errors import printable
from vggcalc.render import formats

COMMANDS = ("debug", "warning", "error", "notice", "group", "endgroup", "add-mask", "set-output", "stop-commands")
HOSTILE = (
    "::error::x", " ::error file=a::x", "##[error]x", "a ##[stop-commands]x", "a ::stop-commands::x", "two\n::error::x",
    "two\r::error::x", "\u3000::notice::x", "x" * 60 + "::error::x", "####[group]x", ":::error::x", "::add-mask::e",
)  # fmt: skip


def obeyed(text: str) -> list[str]:
    """The commands that a runner reads in a log, as actions/runner does in src/Runner.Common/ActionCommand.cs.

    The second form stands after any blanks at the start of a line, the first anywhere in one.
    """
    found = []
    for line in re.split("\r\n|\r|\n", text):
        second = re.match(r"\s*::([^ ]*?)(?: .*?)?::", line)
        first = re.search(r"##\[([^] ]*)(?: [^]]*)?\]", line)
        names = [match[1] for match in (second, first) if match]
        found += [name for name in names if name in COMMANDS][:1]
    return found


@pytest.mark.parametrize("text", HOSTILE)
def test_the_reader_here_obeys(text: str) -> None:
    """The texts that follow are commands to a runner where they stand alone, or else with a line of their own."""
    assert obeyed(text) or obeyed(text[60:]) or obeyed(text[1:]) or obeyed(text.split(" ", 1)[1])
    assert not obeyed(printable(text))


def run(*arguments: str, stdin: str | None = None) -> Result:
    """What the command line answers on a narrow screen, where a line may begin anywhere."""
    return CliRunner().invoke(cli, arguments, input=stdin, catch_exceptions=False, env={"COLUMNS": "40"})


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spec in which every text is a command."""
    path = tmp_path_factory.mktemp("hostile") / "net.yaml"
    spec = {
        "family": HOSTILE[0],
        "title": HOSTILE[0],
        "source": "\n".join(HOSTILE),
        "note": HOSTILE[2],
        "input": {HOSTILE[0]: "8x8x3", HOSTILE[4]: "8x8x3"},
        "layers": [
            {"concat": {"name": "both", "from": [HOSTILE[0], HOSTILE[4]]}},
            *({"conv1-2": {"name": name}} for name in HOSTILE if name not in (HOSTILE[0], HOSTILE[4])),
        ],
    }
    path.write_text(json.dumps(spec), encoding="utf-8")
    return path


@pytest.mark.parametrize("style", formats.names())
@pytest.mark.parametrize("command", [("show", "{}"), ("rf", "{}"), ("explain", "{}"), ("compare", "{}", "vgg11")])
def test_no_format_prints_a_command(net: Path, command: tuple[str, ...], style: str) -> None:
    """Every command in every format, with names that are commands."""
    result = run(*(part.format(net) for part in command), "--format", style)
    assert result.exit_code == 0, result.output
    assert obeyed(result.output) == []


def test_data_is_as_it_was(net: Path) -> None:
    """In JSON and YAML the names are those of the spec, however they are written."""
    for style, read in (("json", json.loads), ("yaml", yaml.safe_load)):
        document = read(run("show", str(net), "--format", style).stdout)
        assert {layer["name"] for layer in document["layers"]} >= set(HOSTILE)
        assert document["source"] == "\n".join(HOSTILE)


@pytest.mark.parametrize("style", [*formats.names("check"), *formats.names("validate")])
def test_checks_annotate_only_what_they_found(tmp_path: Path, style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of tables, documents and broken specs, and of what cannot be read: an annotation for each problem and no more."""
    monkeypatch.chdir(tmp_path)
    Path("##[error]b.yaml").write_text(
        "family: f\ninput: 8x8x3\nlayers:\n  - conv3-8\n  - '::error::x'\n  - ::group::x\n"
    )
    Path("::error::a.yaml").write_text(
        "model: lenet5\nlayers:\n  '::error::x': {params: 1}\n  '##[error]y': {params: 1}\nclaims: {params: 7}\n"
    )
    Path("c.md").write_text(
        "::error::x <!-- vggcalc lenet5 params -->7<!-- /vggcalc -->\n::notice::x <!-- vggcalc -->\n"
    )
    Path("d.md").write_text("<!-- vggcalc show lenet5 -->\n::error::x\n##[error]y\n<!-- /vggcalc -->\n")
    for command in ("check", "validate"):
        if style not in formats.names(command):
            continue
        for name in ("##[error]b.yaml", "::error::a.yaml", "c.md", "d.md", "::error::missing.yaml", "."):
            result = run(command, "--format", style, "--", name)
            assert obeyed(result.stderr) == []
            told = re.findall("^::(error|warning) ", result.stdout, re.M)
            assert obeyed(result.stdout) == told
            assert bool(told) <= (style == "github")


def test_an_annotation_names_the_file_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that looks like a command is escaped as GitHub wants it, so that the annotation finds its file."""
    monkeypatch.chdir(tmp_path)
    Path("a::error::.yaml").write_text("model: lenet5\nclaims: {params: 7}\n")
    line = run("check", "a::error::.yaml", "--format", "github").stdout.splitlines()[0]
    assert "file=a%3A%3Aerror%3A%3A.yaml,line=2" in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "{}"), ("{}",), ("show", "A", "{}"), ("show", "A", "--{}"), ("show", "A", "--format", "{}"),
        ("rf", "A", "--at", "{}"), ("show", "A", "--batch", "{}"), ("show", "A", "--input", "{}"), ("check", "{}"),
        ("explain", "A", "{}"), ("show", "A,{}"), ("layer", "{}"), ("help", "{}"), ("spec", "{}"), ("list", "{}"),
        ("show", "A", "-o", "{}"), ("compare", "A", "{}"),
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("text", HOSTILE)
def test_no_mistake_is_answered_by_a_command(arguments: tuple[str, ...], text: str) -> None:
    """What a command line has in it comes back in a message, and is no command there."""
    result = run(*(part.format(text) for part in arguments))
    assert result.exit_code == 2
    assert obeyed(result.output) == []


def test_a_file_is_not_printed_as_a_spec_to_start_from(net: Path) -> None:
    """`spec` prints what is bundled; what stands in a file of one's own is there already."""
    result = run("spec", str(net))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is no bundled model" in result.stderr


def test_quoted_lines_of_specs(tmp_path: Path) -> None:
    """A line that is quoted in an error is none either, wherever it begins."""
    for text in HOSTILE:
        spec = f"family: f\ninput: 8x8x3\nlayers:\n  - conv3-8\n{text}\n"
        assert obeyed(run("show", "-", stdin=spec).output) == []
        path = tmp_path / "net.yaml"
        path.write_text(json.dumps({"family": "f", "input": "8x8x3", "layers": [text, {"conv1-1": {"from": text}}]}))
        assert obeyed(run("show", str(path)).output) == []
