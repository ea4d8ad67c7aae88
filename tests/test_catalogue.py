"""The catalogue of figures: one record is a column, a total, JSON, a comparison, a claim and an entry of the list."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from copies import Copy
from documents import ROOT, blocks
from texts import known

from vggcalc import load
from vggcalc.claims import check, load_table, read_table
from vggcalc.cli import cli
from vggcalc.conventions import MEMORY
from vggcalc.errors import Source, SpecError
from vggcalc.figures import FIGURES, Figure, whole
from vggcalc.figures.figure import summed
from vggcalc.render.columns import column_keys

NET = "{family: tiny, input: 6x4x1, layers: [{conv3-2: {padding: 1}}, relu, maxpool, fc-3]}"
"""Outputs of 6x4x1, 6x4x2, 3x2x2 and 1x1x3."""


def run(*arguments: str, stdin: str = "") -> str:
    """What vggcalc prints."""
    result = CliRunner().invoke(cli, arguments, input=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def document(*arguments: str, stdin: str = "") -> dict[str, Any]:
    """What it gives as JSON."""
    found: dict[str, Any] = json.loads(run(*arguments, "--format", "json", stdin=stdin))
    return found


def rows(*arguments: str, stdin: str = "") -> list[dict[str, str]]:
    """What it gives as CSV."""
    return list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv", stdin=stdin))))


def verdicts(text: str) -> list[tuple[str, str]]:
    """The column and the verdict of every claim of a table."""
    return [(each.claim.column, each.verdict) for each in check(read_table(Source("t.yaml", text)))]


@pytest.fixture
def edges(monkeypatch: pytest.MonkeyPatch) -> Figure:
    """A figure that vggcalc does not have, added by one record: 2*(height + width) of each output."""
    figure = summed(
        "edges",
        "edges",
        "count",
        "pixels along the edges of each map",
        lambda row, report: 2 * sum(row.output.spatial) * (known(row.activations) > 0),
        lambda row, report: [f"2*({'+'.join(map(str, row.output.spatial))})"] if row.activations else [],
        nouns=("pixels",),
    )
    monkeypatch.setitem(FIGURES, figure.key, figure)
    return figure


def test_a_figure_is_one_record(edges: Figure) -> None:
    """One record, and every format of `show`, `compare`, claims, their arithmetic and the list have the figure."""
    expected = [2 * (6 + 4), 2 * (6 + 4), 2 * (3 + 2), 2 * (1 + 1)]  # the ReLU runs in place
    shown = ("show", "-", "--columns", "layer,edges,edges=,edges%")
    found = document(*shown, stdin=NET)
    assert [layer["edges"] for layer in found["layers"]] == [*expected[:2], 0, *expected[2:]]
    assert [layer["edges="] for layer in found["layers"]] == ["2*(6+4)", "2*(6+4)", "", "2*(3+2)", "2*(1+1)"]
    assert [layer["edges%"] for layer in found["layers"]] == ["10/27", "10/27", 0, "5/27", "2/27"]  # of 54
    assert found["totals"]["edges"] == sum(expected)
    assert [int(row["edges"]) for row in rows(*shown, stdin=NET)] == expected
    for style in ("plain", "markdown", "latex", "rich"):
        text = run(*shown, "--format", style, stdin=NET).replace("\\", "")
        assert "2*(6+4) = 20" in text
        assert "pixels along the edges of each map" in text  # below, with its total
    compared = ("compare", "vgg11", "vgg16", "--columns", "edges")
    totals = [model["totals"]["edges"] for model in document(*compared)["models"]]
    assert [int(row["edges"]) for row in rows(*compared)] == totals
    assert f"+{totals[1] - totals[0]:,}" in run(*compared, "--format", "plain")
    maps = (224 + 112 + 56 + 28 + 14) * 4  # VGG-16 has on each as many more: 2, 2, 3, 3 and 3 convolutions for
    assert totals[1] - totals[0] == 4 * 224 + 4 * 112 + 4 * 56 + 4 * 28 + 4 * 14 == maps  # 1, 1, 2, 2 and 2
    table = "table: t\nsource: s\ntranscribed: t\nmodel: vgg11\nlayer: conv1_1\nclaims: {edges: 896 pixels}\n"
    assert verdicts(table) == [("edges", "exact")]
    wrong = check(read_table(Source("t.yaml", table.replace("896", "897"))))
    assert wrong[0].explanation == "2*(224+224) = 896, printed 897 pixels"
    assert {"figure": "edges", "heading": "edges", "unit": "count", "what": edges.definition} in document(
        "list", "figures"
    )["figures"]
    assert "pixels along the edges of each map" in run("list", "figures", "--format", "plain")


@pytest.mark.slow
def test_the_recipe(tmp_path: Path) -> None:
    """CONTRIBUTING's record and row, put where it says in a copy of the tree: commands and tests know the figure."""
    (block,) = [block.text for block in blocks(ROOT / "CONTRIBUTING.md", "python") if "summed(" in block.text]
    record = re.search(
        r"edges = (summed\(\n.*?^\)\n)", re.sub("(?m)^(>>>|\\.\\.\\.) ?", "", block), re.DOTALL | re.MULTILINE
    )
    assert record
    copy = Copy(tmp_path / "tree")
    copy.put("vggcalc/figures/catalogue.py", ")\n\nFIGURES = ", f"    {record[1].strip()},\n", before=True)
    copy.put("tests/test_published_tables.py", "FIGURES_OF_VGG16 = {\n", "    'edges': '448',\n")
    shown = copy.run("vggcalc", "show", "mnist", "--columns", "layer,edges", "--format", "csv")
    assert shown.splitlines()[:3] == ["layer,edges", "input,112", "conv1_1,112"]
    tests = ["tests/test_catalogue.py", "tests/test_published_tables.py", "tests/test_hints.py"]
    names = "edges or says_what_it_is or unknown_figures or totals_are_those"
    assert "5 passed" in copy.test("-m", "", *tests, "-k", names)


CONVENTIONS = {"operations": "macs", "memory": "activations"}


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in FIGURES if not FIGURES[key].measured])
def test_a_claim_can_ask_what_show_can_show(key: str) -> None:
    """What JSON has of a layer is what CSV has, and what a claim of it finds exact."""
    figure = FIGURES[key]
    named = ["--convention", "macs", "--memory", "activations"]
    for name in ("lenet5", "googlenet"):
        shown = ("show", name, "--all-layers", "--columns", f"layer,{key}", *named)
        layers = document(*shown)["layers"]
        for layer, row in zip(layers, rows(*shown), strict=True):
            value = layer["rf"]["size"] if key == "rf" else layer[key]
            sizes = value if isinstance(value, list) else [value]
            text = "x".join(map(str, sizes[:1] if figure.unit == "axes" and len(set(sizes)) == 1 else sizes))
            assert row[key] == text.replace("None", "unknown" if figure.counted or figure.convention else "")
        convention = f", convention: {CONVENTIONS[figure.counted]}" if figure.counted else ""
        claimed = "".join(
            f"  {layer['name']}: {{f: {text}}}\n"
            for layer, row in list(zip(layers, rows(*shown), strict=True))[:60]
            if (text := row[key]) not in ("", "unknown")
        )
        head = f"table: t\nsource: s\ntranscribed: t\nmodel: {name}\nfigures: {{f: {{figure: {key}{convention}}}}}\n"
        assert claimed
        assert {verdict for _, verdict in verdicts(f"{head}layers:\n{claimed}")} == {"exact"}


def test_fields_of_several_inputs(tmp_path: Path) -> None:
    """What `show` tells of each input by its name, a claim can ask by it: 3 pixels of left, the unit's own of right."""
    (tmp_path / "two.yaml").write_text(
        "{family: two, input: {left: 8x8x1, right: 8x8x1}, layers: [{conv3-2: {name: a, padding: 1, from: left}},"
        " {concat: {name: both, from: [a, right]}}]}"
    )
    model = str(tmp_path / "two.yaml")
    assert rows("show", model, "--columns", "rf")[-1] == {"rf": "left:3 right:1"}
    assert document("show", model, "--columns", "+jump")["layers"][-1]["jump"] == 1
    (tmp_path / "t.yaml").write_text(
        "table: t\nsource: s\ntranscribed: t\nmodel: two.yaml\nlayer: both\n"
        "figures: {l: {figure: rf, of: left}, r: {figure: rf, of: right}, none: {figure: rf}}\n"
        "claims: {l: 3, r: 1, none: 3}\n"
    )
    found = [each.verdict for each in check(load_table(str(tmp_path / "t.yaml")))]
    assert found == ["exact", "exact", "unknown"]
    head = "table: t\nsource: s\ntranscribed: t\nmodel: two.yaml\nclaims: {f: 3}\n"
    for setting, said in (
        ("rf, of: lift", "two has no input 'lift'; did you mean 'left'?"),
        ("macs, of: left", "macs is on no input of its own; 'of' is for rf, jump, padding"),
    ):
        with pytest.raises(SpecError) as raised:
            check(read_table(Source("t.yaml", f"{head}figures: {{f: {{figure: {setting}}}}}\n"), str(tmp_path)))
        assert [f"{problem.message}; {problem.hint}" for problem in raised.value.problems] == [said]


def test_every_figure_says_what_it_is() -> None:
    """Each has a key of its own, a heading, a unit and a definition; what are bytes of values names these."""
    assert [figure.key for figure in FIGURES.values()] == list(FIGURES)
    for figure in FIGURES.values():
        assert figure.heading
        assert figure.definition
        assert (figure.of == "") or FIGURES[figure.of].unit == "values"
    assert len({figure.definition for figure in FIGURES.values()}) == len(FIGURES)


@pytest.mark.parametrize("key", ["activations", "forward"])
def test_one_definition(key: str) -> None:
    """What is a figure of vggcalc's own and a way of counting memory is defined alike in both places."""
    assert FIGURES[key].definition == MEMORY[key].what


def test_totals_are_those_of_the_report() -> None:
    """A sum over layers is the report's total, where the report has it."""
    report = load("unet").analyse()
    for key, figure in FIGURES.items():
        if figure.each is not None and hasattr(report.totals, key):
            assert sum(known(figure.each(row, report)) for row in report.rows) == getattr(report.totals, key)
            assert figure.value(whole(report)) == getattr(report.totals, key)


def test_connections_in_json() -> None:
    """LeNet-5's, as its paper counts them: 122,304 + 5,880 + 151,600 + 2,000 + 48,120 + 10,164 + 840 = 340,908."""
    found = document("show", "lenet5", "--columns", "+connections")
    expected = [0, 122304, 5880, 0, 151600, 2000, 0, 48120, 0, 10164, 0, 840]
    assert [layer["connections"] for layer in found["layers"]] == expected
    assert found["totals"]["connections"] == 340908
    assert "connections" not in document("show", "lenet5")["totals"]


CS231N = """\
224*224*3=150K 0
224*224*64=3.2M (3*3*3)*64=1,728
224*224*64=3.2M (3*3*64)*64=36,864
112*112*64=800K 0
112*112*128=1.6M (3*3*64)*128=73,728
112*112*128=1.6M (3*3*128)*128=147,456
56*56*128=400K 0
56*56*256=800K (3*3*128)*256=294,912
56*56*256=800K (3*3*256)*256=589,824
56*56*256=800K (3*3*256)*256=589,824
28*28*256=200K 0
28*28*512=400K (3*3*256)*512=1,179,648
28*28*512=400K (3*3*512)*512=2,359,296
28*28*512=400K (3*3*512)*512=2,359,296
14*14*512=100K 0
14*14*512=100K (3*3*512)*512=2,359,296
14*14*512=100K (3*3*512)*512=2,359,296
14*14*512=100K (3*3*512)*512=2,359,296
7*7*512=25K 0
4096 (7*7*512)*4096=102,760,448
4096 4096*4096=16,777,216
1000 4096*1000=4,096,000
"""
"""cs231n.github.io, convolutional-networks.md, "VGGNet in detail": memory and weights, each with its arithmetic."""


def test_the_table_of_cs231n() -> None:
    """Every product of the notes' table stands in vggcalc's, in one command."""
    shown = rows("show", "vgg16", "--columns", "type,output,activations=,weights=")
    for row, line in zip(shown, CS231N.splitlines(), strict=True):
        memory, weights = line.split()
        assert row["activations="].partition(" = ")[0].removeprefix("1*1*") == memory.partition("=")[0]
        assert (row["weights="] or "0").replace(" ", "") == weights


def test_columns_are_asked_for_by_key_and_by_heading() -> None:
    """`memory` is the heading of activations_bytes, `MACs` of macs; what somebody must count says so."""
    for asked, key in (("memory", "activations_bytes"), ("MACs", "macs"), ("memory%", "activations_bytes%"),
                       ("arithmetic", "weights=")):  # fmt: skip
        assert run("show", "A", "--columns", f"layer,{asked}") == run("show", "A", "--columns", f"layer,{key}")
    for key, what in (("operations", "operations"), ("memory_bytes", "memory")):
        result = CliRunner().invoke(cli, ["show", "A", "--columns", key])
        assert (result.exit_code, result.stderr) == (2, f"vggcalc: {key} without a convention; say who counts {what}\n")
        assert key not in column_keys(whole(load("A").analyse()))
    assert rows("show", "A", "--columns", "layer,memory_bytes", "--memory", "conv-outputs")[1] == {
        "layer": "conv1_1",
        "memory_bytes": str(4 * 224 * 224 * 64),
    }


def test_bytes_in_a_comparison() -> None:
    """VGG-16 takes 500 MB against AlexNet's 200: 4 bytes for each of 138,357,544 and of 61,100,840 parameters."""
    found = rows("compare", "alexnet", "vgg16", "--columns", "params_bytes,neurons,depth")
    assert [int(row["params_bytes"]) for row in found] == [4 * 61100840, 4 * 138357544]
    assert [int(row["depth"]) for row in found] == [8, 16]
    text = run("compare", "alexnet", "vgg16", "--columns", "params_bytes", "--format", "plain")
    assert "527.8 MiB" in text
    assert "+294.7 MiB" in text  # 4*77,256,704 / 2^20
    assert document("compare", "alexnet", "vgg16", "--columns", "rf")["models"][1]["totals"]["rf"] == 212


def test_filters_turn_round() -> None:
    """Kernels are height x width x in x out, in PyTorch's layout out x in x height x width."""
    for layout, shape in (("hwc", "3x3x64x128"), ("chw", "128x64x3x3")):
        row = rows("show", "vgg16", "--columns", "layer,filters", "--layout", layout)[4]
        assert row == {"layer": "conv2_1", "filters": shape}


def test_bytes_of_values_in_formats_of_their_own() -> None:
    """A pooling keeps 6x6x4 values in the network's format and the places of 3x3x4 of them in eight bytes each."""
    net = "{family: tiny, input: 8x8x3, layers: [conv3-4, maxpool, fc-2]}"
    for dtype, each in (("float32", 4), ("float16", 2)):
        expected = [0, each * 8 * 8 * 3, each * 6 * 6 * 4 + 8 * 3 * 3 * 4, each * 3 * 3 * 4]
        shown = ("show", "-", "--columns", "layer,saved", "--dtype", dtype)
        assert [int(row["saved"]) for row in rows(*shown, stdin=net)] == expected
        assert document(*shown, stdin=net)["totals"]["saved"] == sum(expected)
