"""Tables on a terminal: bars to scale, verdicts in colour and with a sign, wide letters, many rows, narrow windows."""

import io
import re
from typing import Any

import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console

from vggcalc import load
from vggcalc.checking import Target, check_file
from vggcalc.cli import cli
from vggcalc.render import terminal
from vggcalc.render.compared import layers_sheet
from vggcalc.render.layout import LABEL, MOST_BAR, layout
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.verdicts import check_sheets

EIGHTHS = " ▏▎▍▌▋▊▉█"
COLOUR = re.compile(r"\x1b\[([\d;]*)m")


def drawn(sheet: Sheet, width: int, **settings: Any) -> str:
    """A sheet on a terminal of so many columns."""
    console = Console(width=width, file=io.StringIO(), markup=False, emoji=False, highlight=False, **settings)
    terminal.draw_sheet(console, sheet)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def shown(*arguments: str, columns: int) -> list[str]:
    """The lines that a command prints for a terminal of so many columns."""
    result = CliRunner().invoke(cli, [*arguments, "--format", "rich"], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0
    return result.stdout.splitlines()


def eighths(text: str) -> int:
    """The length of the bar in a text, in eighths of a cell."""
    return sum(EIGHTHS.index(sign) for sign in text if sign in EIGHTHS)


# --- bars ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [140, 200, 300])
@pytest.mark.parametrize(("heading", "figure"), [("params%", "params"), ("memory%", "activations"), ("MACs%", "macs")])
def test_bars_are_to_scale_and_labelled(heading: str, figure: str, columns: int) -> None:
    """The longest bar is that of the largest value; the others have its part of the length, and each its share."""
    lines = shown("show", "vgg16", "--no-totals", columns=columns)
    report = load("vgg16").analyse()
    values = {row.name: getattr(row, figure) for row in report.rows}
    start = lines[1].index(heading)
    cells = {line.split()[0]: line[start:] for line in lines[3:]}
    found = {name: re.match(rf" *(\S+%) ([{EIGHTHS}]*)", cell) for name, cell in cells.items()}
    total, largest = sum(values.values()), max(values.values())
    lengths = {name: eighths(match[2].split("  ")[0]) for name, match in found.items() if match}
    assert lengths.keys() == cells.keys()
    longest = max(lengths.values())
    for name, length in lengths.items():
        value = values[name]
        assert length == (max(1, round(longest * value / largest)) if value else 0), name
        match = found[name]
        assert match is not None
        assert abs(float(match[1].rstrip("%")) - 100 * value / total) <= 0.05
    assert longest % 8 == 0


def test_bars_take_the_room_there_is() -> None:
    """No line is longer than the terminal, and bars grow with it up to where they tell no more."""
    longest = []
    for columns in (140, 160, 200, 260):
        lines = shown("show", "vgg16", "--no-totals", columns=columns)
        assert max(map(cell_len, lines)) <= columns
        longest.append(max(len(run) for line in lines for run in re.findall("█+", line)))
    assert longest == sorted(longest)
    assert longest[0] >= 4
    assert longest[-1] == MOST_BAR


def test_bars_without_room_for_their_share() -> None:
    """Eighty columns hold three bars, each right of its figure, under a heading that says what they are."""
    lines = shown("show", "vgg16", "--no-totals", columns=80)
    assert re.search("params %.* memory %.* MACs %", lines[1] + lines[2])
    conv = next(line for line in lines if line.startswith("conv1_2"))
    assert re.search("36,928 ▏ +12.25 MiB █+ +1,849,688,064 █+ ", conv)  # of the parameters it has a hair's breadth


# --- layout --------------------------------------------------------------------------------------------------------

FIGURES = [Column("a", "a", keep=0), Column("b", "b", keep=1), Column("c", "c", keep=2), Column("%", "%", is_bar=True)]


@pytest.mark.parametrize(
    ("width", "places", "bar"),
    [
        # widths 10, 20, 3; apart by 2 with bars of 7 + 8, by 1 with 7 + 4, by 2 with 8, by 1 with 4 or 2
        (10 + 20 + 3 + 15 + 6, [0, 1, 2, 3], LABEL + 8),
        (10 + 20 + 3 + 15 + 6 - 1, [0, 1, 2, 3], LABEL + 4 + 6),  # three gaps less, and three cells of the bar's
        (10 + 20 + 3 + 2 + 3, [0, 1, 2, 3], 2),
        (10 + 20 + 3 + 2 + 2, [0, 2, 3], 37 - 10 - 3 - 2 * 2),  # without the wide one
        (10 + 3 + 2 + 2, [0, 2, 3], 2),
        (10 + 2 + 1, [0, 3], 2),
        (10, [0], 0),
    ],
)
def test_what_fits(width: int, places: list[int], bar: int) -> None:
    """Columns go by their rank, the labels of bars before a column, and bars take what is left."""
    found = layout(FIGURES, [10, 20, 3, 1], width)
    assert (found.fits, list(found.places)) == (True, places)
    assert sum(found.widths) + found.look.gap * (len(places) - 1) <= width
    if 3 in places:
        assert found.widths[-1] == bar


def test_a_narrow_column_comes_back() -> None:
    """When a wide column had to go, one that went before it and fits beside the others is shown."""
    columns = [Column("a", "a", keep=0), Column("b", "b", keep=1), Column("c", "c", keep=2)]
    assert list(layout(columns, [10, 3, 20], 20).places) == [0, 1]
    assert not layout(columns, [10, 3, 20], 9).fits


# --- verdicts ------------------------------------------------------------------------------------------------------

TABLE = """\
table: mine
source: a test
transcribed: by hand
model: vgg16
columns: [layer, params]
rows:
  - [conv1_1, "1,792"]
  - [conv1_2, "36,864"]
"""


def test_verdicts_have_a_colour_and_a_sign(tmp_path: Any) -> None:
    """Right is green with a tick, wrong red with a cross; without colours the signs are there all the same."""
    path = tmp_path / "mine.yaml"
    path.write_text(TABLE)
    checked = [check_file(Target("mine", str(path)), lambda _: "")]
    summary, details = check_sheets(checked, ("exact", "wrong"))
    text = drawn(details, 200, force_terminal=True, color_system="standard")
    colours = {word: COLOUR.findall(text[: text.index(word)])[-1] for word in ("✓ exact", "✗ wrong")}
    assert "32" in colours["✓ exact"].split(";")
    assert "31" in colours["✗ wrong"].split(";")
    plain = drawn(details, 200, no_color=True)
    assert not COLOUR.search(plain)
    assert "✓ exact" in plain
    assert "✗ wrong" in plain
    counts = drawn(summary, 200, force_terminal=True, color_system="standard")
    coloured = {number: style for style, number in re.findall(r"\x1b\[([\d;]+)m\s*(\d+|-)", counts)}
    assert coloured["-"] == "0"
    assert sum("31" in style.split(";") for style in coloured.values()) == 1


@pytest.mark.parametrize("charset", ["ascii", "latin-1"])
def test_signs_of_a_poorer_terminal(tmp_path: Any, charset: str) -> None:
    """Where an output has no such signs, bars are drawn in # and verdicts have + and x."""
    path = tmp_path / "mine.yaml"
    path.write_text(TABLE)
    result = CliRunner(charset=charset).invoke(
        cli, ["check", str(path), "--all", "--format", "rich"], env={"COLUMNS": "200"}
    )
    assert re.search(r"\+ exact", result.stdout)
    assert re.search(r"x wrong", result.stdout)
    result = CliRunner(charset=charset).invoke(cli, ["show", "vgg16", "--format", "rich"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert re.search(r"74\.3% #{8,}", result.stdout)


# --- letters and rows ----------------------------------------------------------------------------------------------


def test_wide_letters() -> None:
    """Columns stand below each other where letters take two cells or none."""
    names = ["畳み込み", "größe", "e\u0301", "한국어 층"]
    sheet = Sheet([Column("layer", "層", right=False, keep=0), Column("n", "n", keep=0)], [[n, 7] for n in names])
    ends = {cell_len(line.rstrip()) for line in drawn(sheet, 40).splitlines() if line.rstrip().endswith("7")}
    assert ends == {9 + 2 + 1}  # the longest name has nine cells


def test_totals_stand_below_a_rule() -> None:
    """Rows that are totals are set off."""
    sheet = Sheet([Column("part", "part", right=False), Column("n", "n")], [["a", 1]], totals=[["all", 1]])
    lines = [line.strip() for line in drawn(sheet, 40).splitlines()]
    assert [line[:1] for line in lines] == ["p", "─", "a", "─", "a"]


@pytest.mark.parametrize("rows", [terminal.CHUNK - 1, terminal.CHUNK, terminal.CHUNK + 1, 3 * terminal.CHUNK])
def test_many_rows_look_like_one_table(rows: int) -> None:
    """A long table is drawn in pieces: one heading, columns that stand below each other, each row once, totals last."""
    columns = [Column("layer", "layer", right=False, keep=0), Column("n", "n", keep=0)]
    sheet = Sheet(columns, [[f"conv{n}", n] for n in range(rows)], totals=[["all", rows * 1000]])
    head, rule, *body, last_rule, last = drawn(sheet, 60).splitlines()
    assert head.split() == ["layer", "n"]
    assert set(rule.strip()) == set(last_rule.strip()) == {"─"}
    assert [line.split() for line in body] == [[f"conv{n}", str(n)] for n in range(rows)]
    assert last.split() == ["all", str(rows * 1000)]
    assert len({len(line.rstrip()) for line in [head, *body, last]}) == 1


def test_networks_that_do_not_fit_beside_each_other() -> None:
    """Each stage has its map once, below it the layers of each network together, and no line for what is not there."""
    sheet = layers_sheet([load("A").analyse(until="conv3_1"), load("lenet5-ng").analyse(until="fc3")])
    lines = drawn(sheet, 24).splitlines()
    assert lines[lines.index("224x224") :] == [
        "224x224", "  A conv3-64", "  A maxpool",
        "112x112", "  A conv3-128", "  A maxpool",
        "56x56", "  A conv3-256",
        "28x28", "  lenet5-ng conv5-8", "  lenet5-ng maxpool",
        "10x10", "  lenet5-ng conv5-16", "  lenet5-ng maxpool",
        "1x1", "  lenet5-ng fc-120",
    ]  # fmt: skip


def test_what_is_added_is_bold() -> None:
    """As in Table 1 of the VGG paper: the layers that a network has beyond the first, and no others."""
    sheet = layers_sheet([load("A").analyse(), load("B").analyse()])
    text = drawn(sheet, 80, force_terminal=True, color_system="standard").split("─\n")[1]
    bold = [word.strip() for style, word in re.findall(r"\x1b\[([\d;]+)m([^\x1b]*)", text) if "1" in style.split(";")]
    assert [word for word in bold if word] == ["+conv3-64", "+conv3-128"]
