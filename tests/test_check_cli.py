"""`vggcalc check` as its users meet it: bundled tables, own tables, folders, formats, exit codes."""

from __future__ import annotations

import io
import json
import os
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
from vggcalc.render.sheet import Sheet

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


@pytest.mark.parametrize(
    "text",
    [
        "model: vgg16\nclaims : {params: 138M}\n",
        "model: vgg16\n'claims': {params: 138M}\n",
        "{model: vgg16, claims: {params: 138M}}\n",
        "--- # mine\nmodel: vgg16\nclaims: {params: 138M}\n",
        "model: vgg16\ntable: T\ncalims: {params: 138M}\n",
        "model: vgg16\nclaims: {params: 'x\n",
    ],
)
def test_tables_of_a_folder_in_any_notation(tmp_path: Path, text: str) -> None:
    """What is meant as a table is found, however YAML writes it, and with a typo or a fault of syntax in it too."""
    (tmp_path / "UP.YAML").write_text(text)
    result = run(str(tmp_path))
    assert "nothing to check" not in result.stderr
    assert result.exit_code == (2 if "calims" in text or "'x" in text else 0)


@pytest.mark.parametrize(
    "text",
    [
        "model: resnet\nlayers: 50\nrows: 3\n",
        "family: f\ninput: 4x4x1\nlayers: [conv3-2]\ntable: x\n",
        "a: [table, claims]\n",
        "- {table: 1}\n",
        "a: &b 1\n---\nclaims: 2\n",
        "\tmodel: {{ .Values.claims }}\n",
    ],
)
def test_yaml_of_others_is_passed_over(folder: Path, text: str) -> None:
    """A training configuration, a spec, a list, a template: no tables, and no faults."""
    (folder / "other.yml").write_text(text)
    result = run(str(folder), "--format", "json")
    assert [Path(table["table"]).name for table in json.loads(result.stdout)["tables"]] == ["table.yaml"]


def test_what_cannot_be_read_is_a_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to nothing and a folder that may not be opened are told, not skipped; the rest is checked all the same."""
    (folder / "lost.yaml").symlink_to("nowhere.yaml")
    (folder / "closed").mkdir()
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    result = run(str(folder))
    assert result.exit_code == 2
    assert "lost.yaml: no such file or directory" in result.stderr
    assert "closed: permission denied" in result.stderr
    assert "table.yaml" in result.stdout


def test_only_regular_files_are_read(folder: Path) -> None:
    """Nobody writes into a pipe that a folder holds; by its name it is refused."""
    os.mkfifo(folder / "pipe.yaml")
    os.mkfifo(folder / "pipe.md")
    assert run(str(folder)).exit_code == 0
    for name in ("pipe.yaml", "pipe.md"):
        result = run(str(folder / name))
        assert result.exit_code == 2
        assert f"{name} is no regular file" in result.stderr


def test_a_file_counts_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is named; its name is shown without the current folder's dot."""
    monkeypatch.chdir(folder)
    (folder / "X.MD").write_text("<!-- vggcalc net.yaml params -->1,562<!-- /vggcalc -->\n")
    result = run("table.yaml", "./table.yaml", str(folder / "table.yaml"), ".", ".//X.MD", "--format", "json")
    assert [table["table"] for table in json.loads(result.stdout)["tables"]] == ["table.yaml", "X.MD"]
    assert result.exit_code == 0


def test_a_wrong_name_does_not_hide_the_others(folder: Path) -> None:
    """A name that is no table, and a folder with nothing in it, stand as faults beside what is checked."""
    (folder / "empty").mkdir()
    result = run("vgg-tabel2", str(folder / "empty"), str(folder / "table.yaml"), "--format", "json")
    assert result.exit_code == 2
    tables = json.loads(result.stdout)["tables"]
    assert [(bool(table.get("fault")), table["green"]) for table in tables] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert "did you mean 'vgg-table2'?" in result.stderr


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


def test_every_figure_beside_the_computed_one(folder: Path) -> None:
    """`--all` has a line for each cell: CS231n's INPUT: [224x224x3] memory: 224*224*3=150K, and so on to the end."""
    lines = run("cs231n-vgg16", "--all").stdout.splitlines()
    cells = [" ".join(line.split()[1:]) for line in lines if line.startswith("cs231n-vgg16.yaml:")]
    assert len(cells) == 69
    assert "INPUT memory 150K 150,528 agrees 224*224*3 = 150,528" in cells
    assert "CONV3-128 weights 73,728 73,728 exact (3*3*64)*128 = 73,728" in cells
    assert "POOL2 output 7x7x512 7x7x512 exact output 7x7x512, (14 - 2 + 2*0)/2 + 1 = 7" in cells
    assert any(
        cell.startswith("vgg16 bytes ~= 93MB 60,950,432 erratum the rows above it take 58.1 MiB") for cell in cells
    )
    assert run("cs231n-vgg16").stdout.count("\n") == 3
    (folder / "notes.md").write_text("VGG-16 has <!-- vggcalc vgg16 params -->138 M<!-- /vggcalc --> parameters.\n")
    assert "138 M  138,357,544  agrees     16 layers' params added up" in run(str(folder / "notes.md"), "--all").stdout


def test_all_findings_as_data_have_their_arithmetic(folder: Path) -> None:
    """The same in JSON, where every finding stands anyway: 3*3*3*4 + 4 = 112."""
    for options, explanation in (((), ""), (("--all",), "(3*3*3)*4 + 4 = 112")):
        (table,) = json.loads(run(str(folder / "table.yaml"), "--format", "json", *options).stdout)["tables"]
        assert [found["explanation"] for found in table["findings"] if found["printed"] == "112"] == [explanation]


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
        "actual": 112,
        "verdict": "exact",
    }
    assert finding["place"].endswith("table.yaml:7:19")
    assert (finding["file"], finding["line"], finding["col"]) == (str(folder / "table.yaml"), 7, 19)
    assert table["findings"][0]["actual"] == [6, 6, 4]
    share = "model: net.yaml\nlayers: {conv: {params: {printed: 8%, share: true}}}\ntable: T\n"
    (folder / "share.yaml").write_text(share)  # 112 of 1,562
    document = json.loads(run(str(folder / "share.yaml"), "--format", "json").stdout)
    assert document["tables"][0]["findings"][0]["actual"] == "56/781"


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


def test_github_control_characters_are_spelt_out(folder: Path) -> None:
    """Nothing that a table says moves a terminal's cursor or begins a line."""
    (folder / "table.yaml").write_text(
        TABLE.replace("conv, 6x6x4, 112]", '"co\\e[2Jnv\\rx", ~, 121]').replace("[layer,", "[row,")
    )
    line = run(str(folder / "table.yaml"), "--format", "github").stdout.splitlines()[0]
    assert "co\\x1b[2Jnv\\rx params" in line


def test_junit_has_totals_and_explains_errata() -> None:
    """Sums over the suites for servers that read no more; what is documented can be read there."""
    root = ElementTree.fromstring(run("cs231n-vgg16", "vgg-text", "--format", "junit").stdout)
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("71", "0", "0")
    said = [out.text or "" for out in root.iter("system-out")]
    assert len(said) == 2
    assert "rows above it" in said[0]


def test_only_bad_files_leave_stdout_empty(folder: Path) -> None:
    """Not even a blank line; JSON is there all the same, and says what is wrong."""
    (folder / "bad.yaml").write_text("claims: [\n")
    result = run(str(folder / "bad.yaml"))
    assert (result.exit_code, result.stdout) == (2, "")
    (table,) = json.loads(run("no-such-table", "--format", "json").stdout)["tables"]
    assert "there is no table" in table["fault"][0]


def test_narrow_terminals_keep_what_matters(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place of what is wrong stays, and of the verdicts those that nobody looks for go first."""
    from rich.console import Console

    from vggcalc.checking import check_file, find
    from vggcalc.render.terminal import draw_sheet
    from vggcalc.render.verdicts import check_sheets, tables_sheet

    (folder / "table.yaml").write_text(TABLE.replace("112]", "121]"))
    monkeypatch.chdir(folder)
    Path("table.yaml").rename(f"{'a' * 30}.yaml")
    checked = [check_file(target, lambda _: "") for target in find([f"{'a' * 30}.yaml"])]
    summary, details = check_sheets(checked, ("wrong", "unknown"))

    def drawn(width: int, sheet: Sheet) -> str:
        console = Console(width=width, file=io.StringIO(), markup=False)
        draw_sheet(console, sheet)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    narrow = drawn(80, summary)
    assert "not shown at this width: unknown" in narrow
    assert "wrong" in narrow
    assert "7:19" in drawn(80, details)
    listed = drawn(80, tables_sheet(checked))
    assert "My network" in listed
    assert re.search("not shown at this width: (errata, )?source", drawn(60, tables_sheet(checked)))


def test_fix_rewrites_and_says_what(folder: Path) -> None:
    """Through a link, with the file's own mode, and a line for each change on stderr."""
    text = "It has <!-- vggcalc net.yaml params -->1.6K<!-- /vggcalc -->"
    text += " and <!-- vggcalc net.yaml macs -->5.2 KMACs<!-- /vggcalc -->.\n\n"
    text += "<!-- vggcalc show net.yaml -->\n<!-- /vggcalc -->\n"
    paper, link = folder / "paper.md", folder / "link.md"
    paper.write_text(text)
    paper.chmod(0o640)
    link.symlink_to("paper.md")
    result = run(str(link), "--fix")
    assert result.exit_code == 0, result.stderr
    column = text.index("5.2 K") + 1
    assert result.stderr == f"{link}:1:{column} 5.2 KMACs -> 5.3 KMACs\n{link}:3:1 rewritten\n"
    assert link.is_symlink()
    assert (paper.stat().st_mode & 0o777) == 0o640
    assert "5.3 KMACs" in paper.read_text()
    assert {path.name for path in folder.iterdir()} == {
        "net.yaml",
        "table.yaml",
        "compose.yaml",
        "notes.md",
        "paper.md",
        "link.md",
    }
    assert run(str(link), "--fix").stderr == ""


def test_fix_leaves_what_may_not_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clear line, and the file as it was."""
    paper = folder / "paper.md"
    paper.write_text("<!-- vggcalc net.yaml params -->1.9K<!-- /vggcalc -->\n")
    monkeypatch.setattr(os, "access", lambda *_: False)
    result = run(str(paper), "--fix")
    assert result.exit_code == 2
    assert "1.9K" in result.stdout
    assert result.stderr == f"vggcalc: {paper}: not writable; nothing was changed in it\n"
    assert "1.9K" in paper.read_text()


def test_a_named_document_without_marks_is_no_success(folder: Path) -> None:
    """A typo in every mark would be green for ever."""
    result = run(str(folder / "notes.md"))
    assert result.exit_code == 2
    assert "there is nothing to check" in result.stderr


def test_a_ladder_in_a_document(folder: Path) -> None:
    """What `why` prints is the same in a pipe and in a document, dots and all."""
    printed = CliRunner().invoke(cli, ["why", "vgg16", "--format", "markdown"]).stdout
    (folder / "why.md").write_text(f"<!-- vggcalc why vgg16 -->\n\n{printed}\n<!-- /vggcalc -->\n", "utf-8")
    result = run(str(folder / "why.md"))
    assert result.exit_code == 0, result.stdout
    assert "·" in printed


def test_documents_have_hints(folder: Path) -> None:
    """A number in a sentence is explained like a cell of a table."""
    (folder / "paper.md").write_text("A <!-- vggcalc vgg16 flops -->15.47 G<!-- /vggcalc -->\n")
    result = run(str(folder / "paper.md"), "--format", "json")
    (finding,) = json.loads(result.stdout)["tables"][0]["findings"]
    assert finding["hints"][0] == "MACs, not FLOPs (15,470,264,320)"


@pytest.mark.slow
def test_all_bundled_tables_are_green() -> None:
    """Without arguments all bundled tables are checked, and they agree or are documented errata."""
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1].startswith("all ")


@pytest.mark.slow
def test_bundled_tables_are_listed() -> None:
    """`vggcalc list published` has every file of specs/published."""
    listed = CliRunner().invoke(cli, ["list", "published", "--format", "json"]).stdout
    names = {table["table"] for table in json.loads(listed)["tables"]}
    assert names == {file.stem for file in (ROOT / "specs" / "published").glob("*.yaml")}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "validate"])
def test_the_pre_commit_hooks_are_command_lines(folder: Path, command: str) -> None:
    """Each hook's entry and arguments are a command line that finds the author's tables."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (hook,) = (hook for hook in hooks if hook["id"] == f"vggcalc-{command}")
    words = [*hook["entry"].split(), *hook.get("args", [])]
    assert words[0] == "vggcalc"
    assert re.search(hook["files"], "docs/table.yaml")
    done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
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
