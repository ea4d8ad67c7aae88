"""The options of the output mean the same in every command: columns, order, number of rows, totals, titles, a file."""

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from vggcalc import UsageError
from vggcalc.cli import cli
from vggcalc.render.arranged import arranged, ordered
from vggcalc.render.each import MOST_KEPT, each
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.view import View

TABLES = [
    # a command, a column of figures to order by, and another column
    (("show", "vgg11"), "macs", "layer"),
    (("compare", "vgg11", "vgg16", "lenet5"), "params", "model"),
    (("explain", "vgg11"), "value", "figure"),
    (("layer", "conv3-64", "--input", "8x8x3"), "value", "figure"),
    (("why", "vgg11", "--between", "torchinfo", "thop-2019"), "difference", "layer"),
    (("memory", "vgg11"), "bytes", "part"),
    (("rf", "vgg11"), "rf", "layer"),
    (("rf", "--reach", "31"), "weights_per_c2", "how"),
    (("list", "vgg"), "params", "model"),
    (("conventions",), "name", "what"),
    (("check", "vgg-table2", "cs231n-vgg16"), "printed", "what"),
]
IDS = [" ".join(arguments) for arguments, _, _ in TABLES]


def run(*arguments: str) -> Result:
    """A command in this process; what it does not expect to happen is raised here."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def printed(*arguments: str) -> str:
    """What a command that ends well prints."""
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def rows(*arguments: str) -> list[dict[str, str]]:
    """The one table of a command, as CSV gives it."""
    return list(csv.DictReader(io.StringIO(printed(*arguments, "--format", "csv"))))


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "figure", "other"), TABLES, ids=IDS)
def test_columns(arguments: tuple[str, ...], figure: str, other: str) -> None:
    """--columns chooses them in their order; + adds to the usual ones; one that is none is told."""
    usual = rows(*arguments)
    assert list(rows(*arguments, "--columns", f"{other},{figure}")[0])[-2:] == [other, figure]
    assert list(rows(*arguments, "--columns", f"+{figure}")[0]) == list(dict.fromkeys([*usual[0], figure]))
    result = run(*arguments, "--columns", "figgure")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no column 'figgure'" in result.stderr
    assert "no column is named" in run(*arguments, "--columns", ",").stderr


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "figure", "other"), TABLES, ids=IDS)
def test_sort_and_top(arguments: tuple[str, ...], figure: str, other: str) -> None:
    """--sort KEY puts the largest figure on top, also of a column that is not shown; -KEY the smallest; --top cuts."""
    shown = ("--columns", f"{other},{figure}", "--no-totals")
    falling, rising = (rows(*arguments, *shown, "--sort", key) for key in (figure, f"-{figure}"))
    figures = [row[figure] for row in falling if row[figure]]
    if all(figure.lstrip("-").isdigit() for figure in figures):
        assert [int(each) for each in figures] == sorted(map(int, figures), reverse=True)
    assert [row[figure] for row in rising if row[figure]] == figures[::-1]
    first = rows(*arguments, "--columns", other, "--no-totals", "--sort", figure, "--top", "2")
    assert [row[other] for row in first] == [row[other] for row in falling[:2]]
    assert "there is no column 'nosuch'" in run(*arguments, "--sort", "nosuch").stderr


NUMBERS = Column("n", "n")
NAMES = Column("n", "n", right=False)


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        (NUMBERS, [3, None, 20, 1], [20, 3, 1, None]),
        (NUMBERS, ["7x1", "16x16", "", "9"], ["16x16", "9", "7x1", ""]),
        (NUMBERS, ["1/2", "1", "-3/2", "1,024"], ["1,024", "1", "1/2", "-3/2"]),
        (NAMES, ["conv10", "conv2", "Pool1", "conv2-x"], ["conv2", "conv2-x", "conv10", "Pool1"]),
        (NUMBERS._replace(is_bar=True), [(1, 3), (2, 3), (0, 0)], [(2, 3), (1, 3), (0, 0)]),
    ],
)
def test_order(column: Column, values: list[Any], expected: list[Any]) -> None:
    """Figures from the largest, each axis as a number; names from the first, conv2 before conv10; unknown last."""
    assert [value for (value,) in ordered([[value] for value in values], 0, column, False)] == expected
    known = [value for value in expected if value not in (None, "")]
    turned = [value for (value,) in ordered([[value] for value in values], 0, column, True)]
    assert turned == known[::-1] + expected[len(known) :]


def test_equal_rows_keep_their_order() -> None:
    """Rows with the same figure stay as they were, whichever way the table is ordered."""
    table = [[1, "a"], [1, "b"], [2, "c"]]
    assert ordered(table, 0, NUMBERS, False) == [[2, "c"], [1, "a"], [1, "b"]]
    assert ordered(table, 0, NUMBERS, True) == [[1, "a"], [1, "b"], [2, "c"]]


def test_top_of_a_table_is_told() -> None:
    """How many rows there are is said below; the totals below a table of layers are not counted among its rows."""
    text = printed("show", "vgg16", "--sort", "macs", "--top", "3")
    assert "3 of 22 rows" in text
    assert "138,357,544" in text
    assert len(rows("show", "vgg16", "--top", "3")) == 3
    assert "rows" not in printed("show", "vgg16", "--top", "22")


@pytest.mark.slow
def test_totals_and_titles() -> None:
    """--no-totals leaves out tables and rows of totals, --no-title what stands above a table."""
    assert "138,357,544" not in printed("show", "vgg16", "--no-totals")
    assert not printed("show", "vgg16", "--no-title").startswith("vgg16:")
    assert re.search("^peak  ", printed("memory", "vgg11"), re.M)
    assert not re.search("^peak  ", printed("memory", "vgg11", "--no-totals"), re.M)
    assert {row["part"] for row in rows("memory", "vgg11", "--no-totals")}.isdisjoint({"peak", "largest batch"})
    assert "Totals" not in printed("compare", "A", "E", "--no-totals")
    assert rows("compare", "A", "E", "--no-totals") == rows("compare", "A", "E")
    assert re.search("^all ", printed("check", "vgg-table2", "cs231n-vgg16"), re.M)
    assert not re.search("^all ", printed("check", "vgg-table2", "cs231n-vgg16", "--no-totals"), re.M)


def test_totals_stay_below() -> None:
    """An order of rows is none of the totals'."""
    lines = printed("check", "vgg-table2", "cs231n-vgg16", "--sort", "-figures").splitlines()
    assert lines[-1].startswith("all ")


def test_shares_are_in_a_spreadsheet_when_asked_for() -> None:
    """Of the usual columns CSV has no bars; one that is asked for it has."""
    assert "params%" not in rows("show", "vgg16")[0]
    assert "params%" not in rows("show", "vgg16", "--columns", "+flops")[0]
    share = {row["layer"]: row["params%"] for row in rows("show", "vgg16", "--columns", "layer,params%")}
    assert share["fc6"] == "74.3%"  # 102,764,544/138,357,544


def test_a_heading_names_a_column_too() -> None:
    """What stands above a column can be asked for."""
    assert printed("list", "vgg1", "--columns", "model,MACs") == printed("list", "vgg1", "--columns", "model,macs")
    assert printed("show", "A", "--sort", "FLOPs") == printed("show", "A", "--sort", "flops")


@pytest.mark.parametrize("options", [("--sort", "macs"), ("--top", "3"), ("--no-totals",), ("--no-title",)])
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_shapes_tables_does_not_go_with_documents(options: tuple[str, ...], form: str) -> None:
    """It would be ignored."""
    result = run("show", "vgg11", *options, "--format", form)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{options[0]} shapes tables, and {form} has none" in result.stderr
    result = run("explain", "vgg11", "--columns", "figure", "--format", form)
    assert "--columns shapes tables" in result.stderr


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "form"),
    [("csv", "csv"), ("TSV", "tsv"), ("json", "json"), ("md", "markdown"), ("tex", "latex"), ("html", "html"),
     ("rst", "rst"), ("yml", "yaml"), ("txt", "plain")],
)  # fmt: skip
def test_a_file_in_the_format_of_its_name(tmp_path: Path, ending: str, form: str) -> None:
    """-o FILE writes what the format prints, and prints nothing."""
    file = tmp_path / f"vgg.{ending}"
    assert printed("show", "vgg11", "-o", str(file)) == ""
    assert file.read_text("utf-8") == printed("show", "vgg11", "--format", form)
    assert os.listdir(tmp_path) == [file.name]


def test_a_file_in_another_format(tmp_path: Path) -> None:
    """--format comes first; a name that says none is told; the checks' own formats have their ending."""
    file = tmp_path / "vgg.data"
    result = run("show", "vgg11", "--output", str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"the name of {file} says no format; known are .csv, .htm" in result.stderr
    assert printed("show", "vgg11", "--output", str(file), "--format", "csv") == ""
    assert file.read_text("utf-8") == printed("show", "vgg11", "--format", "csv")
    assert printed("check", "vgg-table2", "-o", str(tmp_path / "found.xml")) == ""
    assert (tmp_path / "found.xml").read_text("utf-8").startswith("<?xml")
    assert "says no format" in run("show", "vgg11", "-o", str(tmp_path / "found2.xml")).stderr


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    """Only --force does so; the file keeps its mode, and a link stays one."""
    file, link = tmp_path / "a.csv", tmp_path / "link.csv"
    file.write_text("mine")
    file.chmod(0o640)
    link.symlink_to(file)
    for path in (file, link):
        result = run("show", "vgg11", "-o", str(path))
        assert (result.exit_code, result.stderr) == (
            2,
            f"vggcalc: {path} is there already; add --force to write over it\n",
        )
        assert file.read_text() == "mine"
    assert printed("show", "vgg11", "-o", str(link), "--force") == ""
    assert link.is_symlink()
    assert file.read_text("utf-8").startswith("layer,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert "--force has no file to write over" in run("show", "vgg11", "--force").stderr


def test_a_picture_is_not_overwritten(tmp_path: Path) -> None:
    """It is a file as that of --output is."""
    file = tmp_path / "a.svg"
    file.write_text("mine")
    told = f"vggcalc: {file} is there already; add --force to write over it\n"
    for asked in (["vgg11", "--layer", "pool1"], ["vgg11", "--layer", "pool1", "--at", "0,0"], ["--stack", "3x3"]):
        result = run("rf", *asked, "--picture", str(file))
        assert (result.exit_code, result.stderr, file.read_text()) == (2, told, "mine")
    assert printed("rf", "--stack", "3x3", "--picture", str(file), "--force") != ""
    assert file.read_text("utf-8").startswith("<svg")


def test_an_output_without_a_name() -> None:
    """An empty name is a script's variable that was not set."""
    result = run("show", "vgg11", "-o", "")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "vggcalc: --output names no file; name one, or - for standard output\n"


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    """What cannot be answered is not half written, and an old file stays as it was."""
    file = tmp_path / "a.csv"
    file.write_text("mine")
    assert run("rf", "vgg11", "--sort", "nosuch", "-o", str(file), "--force").exit_code == 2
    assert file.read_text() == "mine"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_standard_output_and_devices(tmp_path: Path) -> None:
    """A minus is standard output; a device is written to, as text where its name says no format, and never replaced."""
    assert printed("show", "vgg11", "-o", "-") == printed("show", "vgg11")
    assert printed("show", "vgg11", "-o", os.devnull) == ""
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    result = run("show", "vgg11", "-o", str(tmp_path / "none" / "a.csv"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no such file or directory" in result.stderr


def test_verdicts_end_a_command_that_writes_a_file(tmp_path: Path) -> None:
    """Exit code and faults are those of a check that prints."""
    text = tmp_path / "t.md"
    text.write_text("VGG-11 has <!-- vggcalc vgg11 params -->1<!-- /vggcalc --> parameter.")
    result = run("check", str(text), str(tmp_path / "none.yaml"), "-o", str(tmp_path / "t.json"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "none.yaml" in result.stderr
    assert json.loads((tmp_path / "t.json").read_text())["green"] is False
    assert run("check", str(text), "-o", str(tmp_path / "u.json")).exit_code == 1


@pytest.mark.parametrize("option", ["-o x.md", "-ox.md", "--output x.md", "--output=x.md", "--force"])
def test_a_document_writes_no_files(tmp_path: Path, option: str) -> None:
    """A command in a document prints into it, and nowhere else."""
    document = tmp_path / "README.md"
    document.write_text(f"<!-- vggcalc show vgg11 {option} -->\n<!-- /vggcalc -->\n")
    result = run("check", str(document))
    assert result.exit_code == 2
    assert "does not belong into a document; a document's commands write no files" in result.stderr
    assert os.listdir(tmp_path) == ["README.md"]


# --- many rows -----------------------------------------------------------------------------------------------------


class Counted(Sequence[int]):
    """Many items that count how often they are read."""

    def __init__(self, length: int) -> None:
        self.length, self.read = length, 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return range(self.length)[place]
        if not 0 <= place < self.length:
            raise IndexError(place)
        self.read += 1
        return place


def test_many_rows_are_made_when_they_are_read() -> None:
    """A million rows are not kept: choosing columns and cutting reads none, and printing a few reads those alone."""
    items = Counted(MOST_KEPT + 1)
    sheet = Sheet([NUMBERS, NAMES._replace(key="name")], each(lambda item: [item, f"conv{item}"], items))
    (shown,) = arranged([sheet], View(columns="name", top=3))
    assert items.read == 0
    assert list(shown.texts()) == [["conv0"], ["conv1"], ["conv2"]]
    assert len(sheet.rows) == MOST_KEPT + 1
    assert sheet.rows[MOST_KEPT][0] == MOST_KEPT


CHAIN = "{family: t, input: 4x4x1, layers: [{repeat: {times: %d, layers: [conv1-1]}}]}"
MEGABYTES = 6
"""What a table of 30,000 layers may take more than one of its first layer: its texts alone would have 9."""


def peak(tmp_path: Path, *arguments: str) -> int:
    """The most memory that a command takes, in KiB."""
    code = (
        "import resource, sys\nfrom vggcalc.cli import cli\ntry:\n    cli(sys.argv[1:])\nexcept SystemExit:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    )
    spec = tmp_path / "chain.yaml"
    spec.write_text(CHAIN % 30_000)
    command = [sys.executable, "-c", code, "show", str(spec), *arguments]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
    return int(done.stderr)


@pytest.mark.slow
def test_rows_stream(tmp_path: Path) -> None:
    """CSV and aligned text of many layers take no more memory than a few of their rows."""
    pytest.importorskip("resource")
    few = peak(tmp_path, "--top", "1", "--columns", "layer,macs", "--format", "csv")
    for form in ("csv", "plain"):
        many = peak(tmp_path, "--columns", "layer,output,macs,params,kind", "--format", form)
        assert many - few < MEGABYTES * 1024


def test_library_messages_name_no_option() -> None:
    """What a sheet does not have is told without the words of the command line."""
    with pytest.raises(UsageError, match="there is no column 'x'; known are n"):
        arranged([Sheet([NUMBERS], [[1]])], View(columns="x"))
