"""`vggcalc check` as its users meet it: bundled tables, own tables, folders, formats, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner, Result
from documents import ROOT

from vggcalc.cli import cli

NET = """\
family: net
input: 8x8x3
layers: [{conv3-4: {name: conv}}, {fc-10: {name: fc}}]
"""
# conv: 3*3*3*4 + 4 = 112 params, 108*6*6 = 3,888 MACs; fc: 6*6*4*10 + 10 = 1,450 params, 1,440 MACs

TABLE = """\
table: My network
source: my paper, Table 1
transcribed: by its author
model: net.yaml
columns: [layer, output, params]
rows:
  - [conv, 6x6x4, 112]
  - [fc, 1x1x10, "1,450"]
claims:
  params: 1.56K
  macs: "5,328"
"""


def run(*args: str) -> Result:
    """What the command line answers."""
    return CliRunner().invoke(cli, ["check", *args], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository of an author: a network, a table of it, and files of others."""
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "table.yaml").write_text(TABLE)
    (tmp_path / "compose.yaml").write_text("services: {web: {image: x}}\n")
    (tmp_path / "notes.md").write_text("# Nothing of ours\n")
    return tmp_path


def test_a_right_table_is_green(folder: Path) -> None:
    """Exit code 0, and a line for the table."""
    result = run(str(folder / "table.yaml"))
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(r"table\.yaml +6 +5 +1 +- ", result.stdout)


def test_a_wrong_figure_is_told_with_its_arithmetic_and_place(folder: Path) -> None:
    """Exit code 1; the claim's file:line:col, what is printed, what is computed and how."""
    (folder / "table.yaml").write_text(TABLE.replace("112]", "121]"))
    result = run(str(folder / "table.yaml"))
    assert result.exit_code == 1
    assert "table.yaml:7:19" in result.stdout
    assert "(3*3*3)*4 + 4 = 112, printed 121" in result.stdout


def test_a_budget(folder: Path) -> None:
    """A budget holds or is broken; no source is needed for an author's own claims."""
    budget = "model: net.yaml\nclaims: {params: '<= 2K', live: '<= 2 KiB', macs: '< 5K'}\n"
    (folder / "budget.yaml").write_text(budget)
    result = run(str(folder / "budget.yaml"))
    assert result.exit_code == 1  # 5,328 MACs; live: 8*8*3 + 6*6*4 = 336 values = 1,344 bytes
    assert result.stdout.count(" wrong ") == 2  # the heading, and the one line
    assert "< 5K" in result.stdout


def test_a_folder_is_searched(folder: Path) -> None:
    """Tables and documents in it; specs of networks and files of others are passed over."""
    result = run(str(folder), "--format", "json")
    assert [Path(table["table"]).name for table in json.loads(result.stdout)["tables"]] == ["table.yaml"]
    assert result.exit_code == 0


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    """Nothing to check is an error, or a typo in CI would be green for ever."""
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert "nothing to check" in result.stderr


def test_a_bad_file_does_not_hide_the_others(folder: Path) -> None:
    """Exit code 2, the fault on stderr, and the findings of the other files all the same."""
    (folder / "bad.yaml").write_text("model: net.yaml\nclaims: {parms: 3}\n")
    result = run(str(folder / "bad.yaml"), str(folder / "table.yaml"))
    assert result.exit_code == 2
    assert "bad.yaml:2:10" in result.stderr
    assert "did you mean 'params'?" in result.stderr
    assert "table.yaml" in result.stdout


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("vgg-tabel2", "did you mean 'vgg-table2'?"),
        ("nothing-like-it", "'vggcalc list published' shows all"),
        ("missing.yaml", "no such file"),
    ],
)
def test_unknown_targets(target: str, said: str) -> None:
    """A name that is none gets one line."""
    result = run(target)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_errata_pass_unless_it_is_strict() -> None:
    """A documented erratum is green, is shown on request, and fails under --strict."""
    assert run("cs231n-vgg16").exit_code == 0
    assert "rows above it" not in run("cs231n-vgg16").stdout
    assert "rows above it" in run("cs231n-vgg16", "--errata").stdout
    assert run("cs231n-vgg16", "--strict").exit_code == 1


def test_an_unknown_figure_does_not_pass(folder: Path) -> None:
    """What nobody can compute is unknown, and not silently green."""
    (folder / "unknown.yaml").write_text("model: vgg16\nclaims: {operations: {printed: 31G, convention: distill}}\n")
    result = run(str(folder / "unknown.yaml"))
    assert result.exit_code == 1
    assert " unknown " in result.stdout


def test_json(folder: Path) -> None:
    """Every finding with its row, column, print, figure, verdict and place."""
    document = json.loads(run(str(folder / "table.yaml"), "--format", "json").stdout)
    assert document["green"] is True
    (table,) = document["tables"]
    finding = table["findings"][1]
    assert {key: finding[key] for key in ("row", "column", "printed", "actual", "verdict")} == {
        "row": "conv",
        "column": "params",
        "printed": "112",
        "actual": "112",
        "verdict": "exact",
    }
    assert finding["place"].endswith("table.yaml:7:19")


def test_junit(folder: Path) -> None:
    """A suite for each table, a case for each figure, a failure for what is wrong, an error for a bad file."""
    (folder / "table.yaml").write_text(TABLE.replace("112]", "121]"))
    (folder / "bad.yaml").write_text("claims: [\n")
    text = run(str(folder / "table.yaml"), str(folder / "bad.yaml"), "--format", "junit").stdout
    good, bad = ElementTree.fromstring(text).findall("testsuite")
    assert (good.get("tests"), good.get("failures"), good.get("errors")) == ("6", "1", "0")
    (failure,) = good.iter("failure")
    assert "(3*3*3)*4 + 4 = 112" in (failure.text or "")
    assert bad.get("errors") == "1"


def test_github(folder: Path) -> None:
    """An annotation for each finding that is not right; file and line as a workflow command wants them."""
    (folder / "table.yaml").write_text(TABLE.replace("112]", "121]"))
    result = run(str(folder / "table.yaml"), "--format", "github")
    line = result.stdout.splitlines()[0]
    assert line.startswith("::error file=")
    assert ",line=7,col=19,title=vggcalc wrong::conv params: (3*3*3)*4 + 4 = 112, printed 121" in line
    assert result.exit_code == 1


def test_github_escapes(folder: Path) -> None:
    """A line end or a colon in a name cannot begin another workflow command."""
    name = folder / "a,b:c%.yaml"
    name.write_text(TABLE.replace("112]", "121]"))
    line = run(str(name), "--format", "github").stdout.splitlines()[0]
    assert "a%2Cb%3Ac%25.yaml,line=7" in line


def test_all_bundled_tables_are_green() -> None:
    """Without arguments all bundled tables are checked, and they agree or are documented errata."""
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1].startswith("all ")


def test_bundled_tables_are_listed() -> None:
    """`vggcalc list published` has every file of specs/published."""
    listed = CliRunner().invoke(cli, ["list", "published", "--format", "json"]).stdout
    names = {table["table"] for table in json.loads(listed)["tables"]}
    assert names == {file.stem for file in (ROOT / "specs" / "published").glob("*.yaml")}


def test_the_pre_commit_hook_runs_the_check(folder: Path) -> None:
    """The hook's entry and arguments are a command line that finds the author's tables."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    words = [*hook["entry"].split(), *hook["args"]]
    assert words[0] == "vggcalc"
    assert re.search(hook["files"], "docs/table.yaml")
    done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("strict", "wrong", "code"), [("false", False, 0), ("false", True, 1), ("true", False, 0)])
def test_the_action_runs_the_check(folder: Path, strict: str, wrong: bool, code: int) -> None:
    """The composite action's last step, run by bash as GitHub would, on the default of its inputs."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    step = action["runs"]["steps"][-1]
    assert set(step["env"]) == {"PATHS", "STRICT"}
    if wrong:
        (folder / "table.yaml").write_text(TABLE.replace("112]", "121]"))
    script = f'vggcalc() {{ "{sys.executable}" -m vggcalc "$@"; }}\n{step["run"]}'
    env = {"PATHS": action["inputs"]["paths"]["default"], "STRICT": strict, "PATH": "/usr/bin:/bin"}
    command = ["bash", "-euo", "pipefail", "-c", script]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("::error file=" in done.stdout) is wrong
