"""Measured figures: data with their protocol, of the very network; never computed, never mixed silently."""

from __future__ import annotations

import csv
import io
import json

import pytest
import yaml
from click.testing import CliRunner, Result
from documents import ROOT

from vggcalc import SpecError, load, measured
from vggcalc.claims.check import check
from vggcalc.claims.table import read_table
from vggcalc.cli import cli
from vggcalc.errors import Source

FILES = sorted((ROOT / "specs" / "measured").glob("*.yaml"))

TABLE_3 = """
A 256 256 29.6 10.4
A-LRN 256 256 29.7 10.5
B 256 256 28.7 9.9
C 256 256 28.1 9.4
C 384 384 28.1 9.3
C [256;512] 384 27.3 8.8
D 256 256 27.0 8.8
D 384 384 26.8 8.7
D [256;512] 384 25.6 8.1
E 256 256 27.3 9.0
E 384 384 26.9 8.7
E [256;512] 384 25.5 8.0
"""
"""Simonyan and Zisserman, arXiv:1409.1556v6, Table 3: configuration, train and test scale, top-1 and top-5 error."""

TABLE_3_AT_256 = {"A": 29.6, "A-LRN": 29.7, "B": 28.7, "C": 28.1, "D": 27.0, "E": 27.3}


def run(*arguments: str, code: int = 0) -> Result:
    """A command line that ends with this code."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == code, result.output
    return result


def rows(*arguments: str) -> list[dict[str, str]]:
    """The table of a command line."""
    return list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").stdout)))


def test_table_3_beside_table_2() -> None:
    """One command has the parameters of the paper's Table 2, and below all twelve rows of its Table 3."""
    text = run("compare", *TABLE_3_AT_256, "--columns", "+top1,+top5", "--format", "plain").stdout
    below = text[text.index("Measured: VGG, Table 3") :].splitlines()[3:15]
    printed = [line.replace("[256;512]", "256 to 512").split(" ") for line in TABLE_3.split("\n") if line]
    found = [line.replace("%", "").split() for line in below]
    assert [[row[0], *row[2:]] for row in found] == printed
    for name, params in {"A": "132,863,336", "D": "138,357,544", "E": "143,667,240"}.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ") and params in line]
        assert line.split()[-2] == f"{100 - TABLE_3_AT_256[name]:.1f}%"
    assert "top-1 and top-5: vgg-256, VGG, Table 3; data set ILSVRC-2012; split validation; training 256" in text


def test_errors_and_accuracies() -> None:
    """The paper prints errors, torchvision accuracies; each is shown as what is asked for, with the digits of print."""
    found = rows("compare", *TABLE_3_AT_256, "--columns", "top1_error,top1,top5_error")
    assert {row["model"]: float(row["top1_error"]) for row in found} == TABLE_3_AT_256
    assert [(row["top1"], row["top5_error"]) for row in found if row["model"] == "E"] == [("72.7", "9.0")]
    (row,) = rows("compare", "resnet50", "--columns", "top1,top1_error", "--protocol", "torchvision-v1")
    assert (row["top1"], row["top1_error"]) == ("76.130", "23.870")
    (row,) = rows("compare", "resnet50", "--columns", "top1", "--protocol", "torchvision-v2")
    assert row["top1"] == "80.858"


def test_no_protocols_are_mixed_silently() -> None:
    """The usual protocol is one that most have; who lacks it is empty, and told of with what there is instead."""
    command = ("compare", "A-LRN", "vgg16", "resnet50", "lenet5", "--columns", "params,top1")
    found = {row["model"]: row["top1"] for row in rows(*command)}
    assert found == {"A-LRN": "", "vgg16": "71.592", "resnet50": "76.130", "lenet5": ""}
    text = run(*command, "--format", "plain").stdout
    assert "A-LRN: not measured under torchvision-v1, but under vgg-256" in text
    assert "lenet5: not measured under torchvision-v1\n" in text
    both = (*command, "--protocol", "vgg-256,torchvision-v1")
    assert [row["top1"] for row in rows(*both)] == ["70.3", "73.0", "76.130", ""]
    text = run(*both, "--format", "plain").stdout
    assert "top-1 of A-LRN, vgg16: vgg-256, VGG, Table 3" in text
    assert "top-1 of resnet50: torchvision-v1, torchvision" in text


def test_in_json() -> None:
    """The figure is a number, and the protocol is told of; what was not measured is null."""
    found = json.loads(run("compare", "A-LRN", "lenet5", "--columns", "top5", "--format", "json").stdout)["models"]
    assert [model["totals"]["top5"] for model in found] == [89.5, None]
    assert [[each["name"] for each in model["protocols"]] for model in found] == [["vgg-256"], []]
    assert found[0]["protocols"][0]["split"] == "validation"


@pytest.mark.parametrize(
    "model",
    ["vgg16,classes=10", "vgg16,no-top", "vgg16,until=pool5", "vgg16,input=256x256", "vgg16,dense", "C_bn", "D_bn"],
)
def test_another_network_was_not_measured(model: str) -> None:
    """What has other layers, or another input, has no figures, whatever its name begins with."""
    if model == "C_bn":  # a file of one's own with a variant that is called as a bundled one
        network = load("family: x\ninput: 8x8x3\nvariants:\n  D: {layers: [conv3-8]}", variant="D").network
        assert network.name == "D"
    else:
        network = load(model).analyse().network
    assert measured.found(network) == []


def test_names_of_one_network() -> None:
    """All names of a network have its figures, in whatever case, and whatever batch and number format are asked for."""
    found = [measured.found(load(name).analyse().network) for name in ("vgg16", "VGG16", "D", "d", "D,batch=4")]
    assert all(rows == found[0] for rows in found)
    assert {row.protocol.name for row in found[0]} >= {"vgg-256", "torchvision-v1", "vgg-crops-dense"}


def test_several_networks_are_no_figure_of_one() -> None:
    """The entry's 7.5 and 7.3, and 7.0 and 6.8 of two networks are listed, and are no network's own."""
    every = [row for file in measured.bundled().values() for row in file.rows]
    entries = [row for row in every if row.protocol.name.startswith(("vgg-entry", "vgg-two"))]
    assert [str(row.figures["top5_error"]) for row in entries] == ["7.5", "7.3", "7.1", "7.0", "7.2", "6.8", "6.8"]
    assert not any(row.names for row in entries)
    own = {str(row.figures.get("top5_error")) for row in measured.found(load("E").network)}
    assert "7.1" in own  # one network, crops and dense, Table 5
    assert own.isdisjoint({"7.3", "6.8", "7.2"})


@pytest.mark.slow
def test_every_network_is_bundled_and_found() -> None:
    """Each row names bundled networks, whose figures it is then; several together are bundled ones too."""
    for file in measured.bundled().values():
        assert file.source
        assert file.transcribed
        for row in file.rows:
            assert row.figures
            assert row.protocol.dataset
            for name in row.names:
                assert row in measured.found(load(name).analyse().network), name
            for part in row.what.split(" + ") if not row.names else ():
                load(part.partition(" x ")[2] or part)
    names = [protocol.name for file in measured.bundled().values() for protocol in file.protocols]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_files_are_plain_yaml(file: object) -> None:
    """What PyYAML reads of them is what is read here: so many rows, and the figures in them."""
    assert hasattr(file, "read_text")
    data = yaml.safe_load(file.read_text("utf-8"))
    found = measured.bundled()[file.stem]  # type: ignore[attr-defined]
    assert found.title == data["measured"]
    place = {key: data["columns"].index(key) for key in data["columns"] if key in measured.FIGURES}
    printed = [{key: float(row[at]) for key, at in place.items() if row[at] is not None} for row in data["rows"]]
    assert [{key: float(value) for key, value in row.figures.items()} for row in found.rows] == printed


def test_they_are_listed() -> None:
    """`list measured` has every file, its protocols, and its sources."""
    data = json.loads(run("list", "measured", "--format", "json").stdout)["measured"]
    assert {each["file"] for each in data} == {file.stem for file in FILES}
    text = run("list", "measured", "--format", "plain").stdout
    assert "vgg-table3: VGG, Table 3" in text
    assert "resnet50-v1" in text
    assert "split: validation" in text
    table = rows("list", "measured")
    assert len(table) == sum(len(each["figures"]) for each in data)
    figures = json.loads(run("list", "figures", "--format", "json").stdout)["figures"]
    assert [each["unit"] for each in figures if each["figure"].startswith("top")] == ["percent"] * 4


def verdicts(claims: str) -> list[tuple[str, str]]:
    """The verdicts on a table's claims, and what is said of them."""
    table = f"table: t\nsource: s\ntranscribed: t\n{claims}\n"
    return [(found.verdict, found.explanation) for found in check(read_table(Source("t.yaml", table)))]


def test_claims() -> None:
    """A table may claim them, in percent or with its sign; it is looked up, and what was not measured is unknown."""
    head = "figures: {e: {figure: top5_error, protocol: vgg-256}, a: {figure: top1, protocol: torchvision-v1}}\n"
    cells = ("D, 8.8, ~", "D, 8.8%, 71.6", "A, 9.4, 69%", "lenet5, 9, ~")
    found = verdicts(head + "columns: [model, e, a]\nrows:\n" + "".join(f"  - [{row}]\n" for row in cells))
    assert [verdict for verdict, _ in found] == ["exact", "exact", "agrees", "wrong", "agrees", "unknown"]
    assert "10.4" in found[3][1]
    assert "as measured under vgg-256" in found[3][1]


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("{figure: top1}", "top1 without a protocol; say how it was measured: protocol: torchvision-v1"),
        ("{figure: top1, protocol: vgg-255}", "there is no protocol 'vgg-255'; did you mean 'vgg-256'?"),
        ("{figure: top1, protocol: vgg-256, share: true}", "top1 has no shares; leave share out"),
        ("{figure: params, protocol: vgg-256}", "params has one definition; conventions are for "),
        (
            "{figure: top1, protocol: vgg-256, convention: thop}",
            "'protocol' and 'convention' name one thing; keep one of the two",
        ),
    ],
)
def test_bad_claims(claim: str, said: str) -> None:
    """Each is told in a line."""
    with pytest.raises(SpecError) as raised:
        verdicts(f"model: D\nfigures: {{x: {claim}}}\nclaims: {{x: 70}}")
    (problem,) = raised.value.problems
    assert f"{problem.message}; {problem.hint}".startswith(said)


def test_a_print_of_other_things() -> None:
    """An accuracy is no number of bytes."""
    with pytest.raises(SpecError, match="'70 MB' is in bytes, but top1 has none"):
        verdicts("model: D\nfigures: {x: {figure: top1, protocol: vgg-256}}\nclaims: {x: 70 MB}")
    with pytest.raises(SpecError, match="'70 MACs' is of MACs, but top1 is in percent"):
        verdicts("model: D\nfigures: {x: {figure: top1, protocol: vgg-256}}\nclaims: {x: 70 MACs}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "A", "--columns", "top1", "--protocol", "vgg"), "there is no protocol 'vgg'; "),
        (("show", "A", "--columns", "layer,top1"), "no layer has a top1; it is of whole networks; compare some"),
    ],
)
def test_bad_questions(arguments: tuple[str, ...], said: str) -> None:
    """Each is told in a line."""
    result = run(*arguments, code=2)
    assert result.stderr.startswith(f"vggcalc: {said}")
    assert result.stderr.count("\n") == 1


HEAD = "measured: t\nsource: s\ntranscribed: t\n"
ROWS = f"{HEAD}protocols: {{a: {{}}}}\ncolumns: [model, protocol, top1]\nrows: "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is nothing measured here"),
        (HEAD, "a file of measured figures needs the key 'protocols'"),
        (
            f"{ROWS}[[A, b, 1]]",
            "there is no protocol 'b'",
        ),
        (
            f"{ROWS}[[A, a, 101]]",
            "'101' is no top1 in percent",
        ),
        (f"{ROWS}[[A, a]]", "this row has 2 cells"),
        (f"{HEAD}protocols: {{a: {{}}}}\ncolumns: [model, protocol, top2]\nrows: []", "there is no column 'top2'"),
        (f"{HEAD}protocols: {{a: {{crops: 1}}}}\ncolumns: []\nrows: []", "protocol 'a' has no key 'crops'"),
    ],
)
def test_bad_files(text: str, said: str) -> None:
    """What is wrong with a file is told with its place."""
    with pytest.raises(SpecError, match=said) as raised:
        measured.read_measured(Source("m.yaml", text))
    assert all(problem.mark for problem in raised.value.problems)
