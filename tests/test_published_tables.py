"""Published tables: how a file of claims is read, and the verdict on each claim.

Figures are from hand calculation or from the sources of the tables.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from vggcalc import SpecError, UsageError
from vggcalc.claims import Finding, Table, check, load_table, read_table
from vggcalc.errors import Source
from vggcalc.figures import FIGURES

NET = """\
family: tiny
input: 4x4x1
layers: [{conv3-2: {padding: 1}}, maxpool, fc-3]
"""
"""conv1_1: 3*3*1*2 + 2 = 20 params, 4*4*2*9 = 288 MACs."""


def read(text: str, folder: Path | None = None) -> Table:
    """The table of a text, whose lines may be indented together."""
    return read_table(Source("t.yaml", textwrap.dedent(text)), str(folder or ""))


def findings(text: str, folder: Path | None = None) -> list[Finding]:
    """The findings on a table of a text."""
    return check(read(text, folder))


def verdicts(text: str, folder: Path | None = None) -> list[str]:
    """The verdicts alone."""
    return [finding.verdict for finding in findings(text, folder)]


def one(cell: str, spec: str = "{}", name: str = "params", model: str = "vgg16") -> Finding:
    """The finding on a table of one claim."""
    (finding,) = findings(f"model: {model}\nfigures: {{{name}: {spec}}}\nclaims:\n  {name}: {cell}\n")
    return finding


# Reading


def test_a_table_of_rows() -> None:
    """Each cell is a claim with its place, its row, its column and its question; empty cells and remarks are none."""
    table = read("""\
        table: A table
        source: somewhere
        transcribed: by hand
        note: a remark
        model: vgg16
        input: 32x32
        figures:
          ops: {figure: macs, unit: M}
        columns: [row, layer, output, params, ops, note]
        rows:
          - [first, conv1_1, 32x32x64, "1,792", 1.77, seen twice]
          - [pool, pool1, 16x16x64, ~, ~, ~]
        """)
    assert (table.title, table.source, table.transcribed, table.note) == (
        "A table",
        "somewhere",
        "by hand",
        "a remark",
    )
    told = [(claim.row, claim.column, claim.printed.text, str(claim.mark)) for claim in table.claims]
    assert told == [
        ("first", "output", "32x32x64", "t.yaml:11:22"),
        ("first", "params", "1,792", "t.yaml:11:32"),
        ("first", "ops", "1.77", "t.yaml:11:41"),
        ("pool", "output", "16x16x64", "t.yaml:12:19"),
    ]
    asked = table.claims[2].quantity
    assert (asked.figure, asked.layers, asked.unit) == ("macs", ["conv1_1"], "M")
    assert asked.question.input == (("", "32x32"),)
    assert [finding.verdict for finding in check(table)] == [
        "exact",
        "exact",
        "agrees",
        "exact",
    ]  # 32*32*64*27 = 1.769M


def test_a_row_without_a_layer_is_about_the_model() -> None:
    """A column of models; and options of a row, a column, and a cell, the nearer before the farther."""
    assert (
        verdicts("""\
        table: Models
        source: arXiv:1409.1556
        transcribed: by hand
        classes: 10
        figures: {params: {unit: M}, full: {figure: params, unit: M, classes: 1000}}
        columns: [model, classes, params, full]
        rows:
          - [vgg16, 1000, 138, 138]
          - [vgg16, ~, 134, 138]
          - [vgg16, ~, {printed: 138, classes: 1000}, ~]
        """)
        == ["agrees"] * 5
    )


def test_the_short_form_of_an_author(tmp_path: Path) -> None:
    """Claims and budgets beside a model in a file of its own; no source is asked of an author's own budget."""
    (tmp_path / "net.yaml").write_text(NET)
    found = findings(
        """\
        model: net.yaml
        claims: {params: "<= 50", macs: 312, activations: "<= 43 values"}
        layers:
          conv1_1: {params: 20, output: 4x4x2, "macs": 288}
          fc2: {params: 27}
        """,
        tmp_path,
    )
    # 20 + (2*2*2)*3 + 3 = 47; 288 + 24; values: 16 + 32 + 8 + 3 = 59
    assert [(finding.actual, finding.verdict) for finding in found] == [
        (47, "agrees"),
        (312, "exact"),
        (59, "wrong"),
        (20, "exact"),
        ((4, 4, 2), "exact"),
        (288, "exact"),
        (27, "exact"),
    ]


def test_a_variant_of_a_file(tmp_path: Path) -> None:
    """FILE.yaml:VARIANT, in a folder beside the table, wherever the program is started."""
    (tmp_path / "nets").mkdir()
    text = "family: f\ninput: 4x4x1\nvariants: {a: {layers: [conv3-2]}, b: {layers: [conv3-4]}}\n"
    (tmp_path / "nets" / "f.yaml").write_text(text)
    assert verdicts("model: nets/f.yaml:b\nclaims: {weights: 36}\n", tmp_path) == ["exact"]


HEAD = "table: T\nsource: S\ntranscribed: by hand\nmodel: vgg16\n"


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", ["1:1: there is no table here; write table: TITLE, and what it claims"]),
        ("[a]", ["t.yaml is no table of figures; write table: TITLE, and what it claims"]),
        (HEAD, ["1:1: the table claims nothing; write columns and rows, or claims"]),
        (
            "model: vgg16\ncolumns: [params]\nrows: [[138M]]\n",
            [
                "1:1: a table needs the key 'table'; write table: ...",
                "1:1: a table needs the key 'source'; write source: ...",
                "1:1: a table needs the key 'transcribed'; write transcribed: ...",
            ],
        ),
        (HEAD + "columns: [params]\n", ["1:1: a table needs the key 'rows'; write rows: ..."]),
        (HEAD + "rows: [[138M]]\n", ["1:1: a table needs the key 'columns'; write columns: ..."]),
        (HEAD + "colums: [a]\nclaims: {params: 138M}\n", ["5:1: a table has no key 'colums'; did you mean 'columns'?"]),
        (
            HEAD + "columns: [layer, params, macs]\nrows:\n  - [conv1_1, 1,792, 87M]\n",
            [
                "7:5: this row has 4 cells, but there are 3 columns; "
                "write ~ where nothing is printed; what has commas in it needs quotes inside [ ] and { }"
            ],
        ),
        (
            "model: vgg16\nlayers: {conv1_1: {params: 1,792}}\n",
            ["2:30: there is no figure '792'; what has commas in it needs quotes inside [ ] and { }"],
        ),
        (
            HEAD + "columns: [layer, parms]\nrows:\n  - [conv1_1, 3]\n",
            ["5:18: there is no figure 'parms'; did you mean 'params'?"],
        ),
        (
            HEAD + "columns: [layer, xyzzy]\nrows:\n  - [conv1_1, 3]\n",
            ["5:18: there is no figure 'xyzzy'; say in 'figures' what it is"],
        ),
        (
            HEAD + "columns: [params, params]\nrows:\n  - [138M, 138M]\n",
            ["5:19: column 'params' stands twice; give each a name of its own"],
        ),
        (HEAD + "claims: {parms: 3}\n", ["5:10: there is no figure 'parms'; did you mean 'params'?"]),
        (
            HEAD + "figures: {ops: {figure: mac, unit: Q, kilo: 1023, cut: maybe, hue: 1}}\nclaims: {macs: 15.5G}\n",
            [
                "5:25: there is no figure 'mac'; did you mean 'macs'?",
                "5:36: there is no unit 'Q'; write K, M, GFLOPs, MB, MiB or %",
                "5:45: 'kilo' is '1023'; it is what K means, 1000 or 1024",
                "5:56: 'cut' is 'maybe'; it must be true or false",
                "5:63: figure 'ops' has no key 'hue'; known are ",
            ],
        ),
        (HEAD + "figures: {zz: {unit: M}}\nclaims: {zz: 3}\n", ["5:11: 'zz' is no figure; say what it is with figure"]),
        (HEAD + "figures: {layer: {}}\nclaims: {params: 3}\n", ["5:11: 'layer' is a word of tables; call the figure"]),
        (
            HEAD + "figures: {g: {figure: operations, convention: a, memory: b}}\nclaims: {g: 3}\n",
            ["5:50: 'memory' and 'convention' name one thing; keep one of the two"],
        ),
        (
            HEAD + "classes: 10\nvars: {classes: 20}\nclaims: {macs: 3}\n",
            ["5:1: 'classes' is set twice; keep one of the two"],
        ),
        (
            HEAD + "figures: {macs: {convention: thop}}\nclaims: {macs: 3}\n",
            ["5:30: macs has one definition; conventions are for operations, memory_bytes, memory_values"],
        ),
        ("claims: {params: 3}\n", ["1:18: nothing says which model this is of; write model: NAME, or model: FILE"]),
        (HEAD + "claims: {params: many}\n", ["5:18: 'many' is not a printed figure; write one as in 138M"]),
        (HEAD + "claims: {params: [1, 2]}\n", ["5:18: a cell is a list; it must be a mapping of keys to values"]),
        (HEAD + "claims: {params: {pinted: 3}}\n", ["5:18: a cell needs the key 'printed'", "5:19: a cell has no key"]),
        (HEAD + "claims: {params: {printed: [3]}}\n", ["5:28: 'printed' is a list; it must be the figure as it is"]),
        (
            HEAD + "claims: {params: {printed: 3, cut: 2}}\n",
            ["5:36: 'cut' is '2'; it must be true or false"],
        ),
        (HEAD + "claims: {params: {printed: 3, erratum: }}\n", ["5:39: 'erratum' is empty; it must be text"]),
        (
            HEAD + "claims: {params: {printed: 3, gives: {figure: macs}}}\n",
            ["5:31: 'gives' without an erratum; say in 'erratum' what is wrong with the printed figure"],
        ),
        (
            HEAD + "claims: {params: {printed: 3, instead: 4}}\n",
            ["5:31: 'instead' without an erratum; say in 'erratum' what is wrong with the printed figure"],
        ),
        (
            HEAD + "claims: {params: {printed: 3, erratum: e}}\n",
            ["5:31: an erratum alone; write instead: FIGURE, the right one, or gives: ..., what gives the printed one"],
        ),
        (
            HEAD + "claims: {params: {printed: 3, erratum: e, instead: many}}\n",
            ["5:52: 'many' is not a printed figure; write one as in 138M"],
        ),
        (HEAD + "claims: {params: {printed: 3, erratum: e, instead: 7x7}}\n", ["5:52: '7x7' is a shape, but params"]),
        (
            HEAD + "claims: {params: {printed: 3, erratum: e, gives: {arithmetic: [1]}}}\n",
            ["5:63: 'arithmetic' is a list; it must be text"],
        ),
        (
            HEAD + "claims: {params: {printed: 3, erratum: e, gives: 5}}\n",
            ["5:50: 'gives' is '5'; it must be a mapping of keys to values"],
        ),
        (
            HEAD + "claims: {params: {printed: 3, erratum: e, gives: {figure: mac}}}\n",
            ["5:59: there is no figure 'mac'; did you mean 'macs'?"],
        ),
        (HEAD + "claims: {params: 7x7}\n", ["5:18: '7x7' is a shape, but params is a number; 'output' is a shape"]),
        (HEAD + "claims: {macs: 7MB}\n", ["5:16: '7MB' is in bytes, but macs has none; look at the unit"]),
        (HEAD + "claims: {params_bytes: 7 GFLOPs}\n", ["5:24: '7 GFLOPs' is not in bytes, as params_bytes is; look"]),
        (
            HEAD + "claims: {flops: 7 GMACs}\n",
            ["5:17: '7 GMACs' is of MACs, and flops is of FLOPs; write figure: macs"],
        ),
        (
            HEAD + "figures: {p: {figure: params, unit: GFLOPs}}\nclaims: {p: 0.27}\n",
            ["6:13: '0.27' is of FLOPs, and params is of parameters; write figure: flops"],
        ),
        (
            HEAD + "claims: {macs: 7 M params}\n",
            ["5:16: '7 M params' is of parameters, and macs is of MACs or FLOPs; write figure: params or weights"],
        ),
        (HEAD + "claims: {channels: 7 MACs}\n", ["5:20: '7 MACs' is of MACs, and channels is not; write figure: macs"]),
        (
            HEAD + "claims: {operations: 7, memory_bytes: 7, memory_values: 7}\n",
            [
                "5:22: operations without a convention; say who counts: convention: thop",
                "5:39: memory_bytes without a convention; say who counts: convention: torchinfo",
                "5:57: memory_values without a convention; say who counts: convention: torchinfo",
            ],
        ),
        (
            HEAD + "figures: {f: {figure: macs}}\nclaims: {params: 3}\n",
            ["5:11: no column and no claim is called 'f'; take"],
        ),
        (HEAD + "layer: conv1 + conv1\nclaims: {params: 3}\n", ["5:8: 'conv1' stands twice; name each layer once"]),
        (
            HEAD + "claims: {params: {printed: 3, erratum: e, gives: {arithmetic: '(3)'}}}\n",
            ["5:63: '(3)' reckons nothing; write what gives it, as in macs - macs(conv1)"],
        ),
        (HEAD + "claims: {macs: 7%}\n", ["5:16: '7%' is a share of something; write share: true for a share of"]),
        (HEAD + "claims: {output: <= 5}\n", ["5:18: '<= 5' is a budget, but output is a shape; write a budget"]),
        (HEAD + "claims: {rf: {printed: 5%, share: true}}\n", ["5:24: rf has no shares; a share is one of a number"]),
        (HEAD + "input: big\nbatch: x\ndtype: half\nclaims: {params: 3}\n", ["5:8: 'big' is not", "6:8:", "7:8:"]),
        (HEAD + "layer: a + \nclaims: {params: 3}\n", ["5:8: 'a +' leaves out a layer; write one name, or several"]),
        (
            HEAD + "claims: {params: {printed: 3, arithmetic: 3*7}}\n",
            ["5:43: '3*7' names no figure; write what it is reckoned from, as in 3*macs or params + buffers"],
        ),
        (
            HEAD + "claims: {params: {printed: 3%, arithmetic: 3*macs, share: true}}\n",
            ["5:59: '3*macs' has no shares; a share is one of a figure"],
        ),
        (HEAD + "claims: {params: {printed: 3, part: x}}\n", ["5:37: a part without a layer; name the layer that it"]),
        (
            HEAD + "claims: {params: {printed: 650000, digits: 1}}\n",
            ["5:28: '650000' has more than 1 digits that count; the digits that do not count must be zeros"],
        ),
        (
            HEAD + "cells: 3\ncolumns: [params, macs]\nrows:\n  - [138M, ~]\nclaims: {macs: 15.5G}\n",
            ["5:8: the table has 2 cells, not 3; is a figure lost or added? if all are here, write cells: 2"],
        ),
        (
            HEAD + "cells: 1\nclaims: {params: {printed: 139M, erratum: a slip, instead: 138M}}\n",
            ["5:8: the table has 1 errata, not 0; is a figure lost or added? if all are here, write errata: 1"],
        ),
        (HEAD + "cells: 1\nerrata: 2\nclaims: {params: 138M}\n", ["6:9: the table has 0 errata, not 2"]),
        (HEAD + "errata: 2\nclaims: {params: 138M}\n", ["5:1: 'errata' without 'cells'; write cells: 1 too"]),
        (HEAD + "cells: many\nclaims: {params: 138M}\n", ["5:8: 'cells' is 'many'; it must be a whole number"]),
        (HEAD + "claims: {params: 'x\n", ["6:1: this is not YAML"]),
        (
            HEAD + "claims: {params: many, macs: 1,5, flops: few}\n",
            ["5:18: 'many' is not a printed figure", "5:32: there is no figure '5'", "5:42: 'few' is not a printed"],
        ),
    ],
)
def test_faults_of_a_file(text: str, messages: list[str]) -> None:
    """Every fault is told, each at its place, with what would be right."""
    with pytest.raises(SpecError) as raised:
        read_table(Source("t.yaml", text))
    told = [str(problem).splitlines()[0].removeprefix("t.yaml:") for problem in raised.value.problems]
    assert len(told) == len(messages), told
    for said, message in zip(told, messages, strict=True):
        assert said.startswith(message)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        f"columns: [{', '.join(f'c{number}' for number in range(50_000))}]\nrows:\n  - [1]\n",
        f"columns: [params]\nrows: [{', '.join(f'[a{number}]' for number in range(20_000))}]\n",
        f"figures: {{{', '.join(f'f{number}: {{figure: x}}' for number in range(1_000))}}}\nclaims: {{params: 138M}}\n",
    ],
)
def test_a_file_full_of_faults_is_refused_soon(text: str) -> None:
    """Of very many faults some are told, without delay."""
    begin = time.process_time()
    with pytest.raises(SpecError) as raised:
        read_table(Source("t.yaml", HEAD + text))
    assert len(raised.value.problems) <= 100
    assert time.process_time() - begin < 5


def test_a_spec_is_no_table(tmp_path: Path) -> None:
    """It is told so, once, and what to do instead, whatever else a table of it would lack."""
    file = tmp_path / "net.yaml"
    file.write_text(NET, "utf-8")
    with pytest.raises(SpecError) as raised:
        load_table(str(file))
    (problem,) = raised.value.problems
    said = "this is a spec of networks, not a table; a table names it with model: net.yaml"
    assert str(problem).startswith(f"{file}:1:1: {said}\n")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("model: vgg61\nclaims: {params: 1, macs: 2}\n", ["1:8: there is no model 'vgg61'; did you mean 'vgg16'?"]),
        (
            "model: vgg16\nlayers: {conv1_3: {params: 1}, conv9: {params: 1}}\n",
            [
                "2:10: vgg16 has no layer or block 'conv1_3'; did you mean 'conv3_1'?",
                "2:32: vgg16 has no layer or block 'conv9'; did you mean ",
            ],
        ),
        ("model: vgg16\nuntil: pool9\nclaims: {params: 1}\n", ["2:8: vgg16 has no layer or block 'pool9'; did you"]),
        (
            "model: vgg16\ninput: 2x2\nclaims: {macs: 1}\n",
            ["2:8: this cannot be worked out; see vgg.yaml:", "vgg.yaml:"],
        ),
        ("model: vgg16\nbatch: 0\nclaims: {params: 1}\n", ["2:8: 'batch' is '0'; it must be a whole number from 1 to"]),
        ("model: vgg16\nvars: {clases: 3}\nclaims: {params: 1}\n", ["2:7: "]),
        ("model: '-'\nclaims: {params: 1}\n", ["1:8: there is no model '-'; name a bundled one, or a FILE.yaml"]),
        ("model: /dev\nclaims: {params: 1}\n", ["1:8: there is no model '/dev'; name a bundled one, or a FILE.yaml"]),
        (
            "model: vgg16\nclaims: {params: {printed: 3, erratum: e, gives: {arithmetic: parms + 1}}}\n",
            ["2:50: 'parms' is no variable here; did you mean 'params'?"],
        ),
        (
            "model: vgg16\nclaims: {params: {printed: 3, erratum: e, gives: {arithmetic: 3/2}}}\n",
            ["2:50: '$(3/2)' is more than whole-number arithmetic; it may hold whole numbers"],
        ),
        (
            "model: vgg16\nclaims: {params: {printed: 3, erratum: e, gives: {arithmetic: 5 + 1)}}}\n",
            ["2:50: '5 + 1)' is no arithmetic; close as many brackets as are opened"],
        ),
        (
            "model: vgg16\nclaims: {params: {printed: 3, erratum: e, gives: {arithmetic: macs(conv9)}}}\n",
            ["2:50: vgg16 has no layer or block 'conv9'; did you mean"],
        ),
        (
            "model: vgg16\nclaims: {params: {printed: 3, erratum: e, gives: {arithmetic: operations + 1}}}\n",
            ["2:50: operations without a convention; say who counts: convention: NAME, beside the arithmetic"],
        ),
        ("model: none.yaml\nclaims: {params: 1}\n", ["1:8: none.yaml: no such file or directory; name a readable"]),
    ],
)
def test_questions_that_cannot_be_asked(text: str, messages: list[str]) -> None:
    """A model or a layer that does not exist is a fault of the file, told once where it is named."""
    with pytest.raises(SpecError) as raised:
        findings(text)
    told = [str(problem).splitlines()[0].removeprefix("t.yaml:") for problem in raised.value.problems]
    assert len(told) == len(messages), told
    for said, message in zip(told, messages, strict=True):
        assert said.startswith(message)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A file that cannot be read is no traceback."""
    with pytest.raises(UsageError, match=r"no\.yaml: no such file or directory; name a readable YAML file"):
        load_table(str(tmp_path / "no.yaml"))


# Verdicts


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "spec", "verdict"),
    [
        ("138357544", "{}", "exact"),
        ("138M", "{}", "agrees"),
        ("139M", "{}", "wrong"),
        ("138.3M", "{}", "truncated"),
        ("138.4M", "{}", "agrees"),
        ("138.3M", "{cut: true}", "truncated"),
        ("138.4M", "{cut: true}", "wrong"),
        ("138M", "{cut: true}", "truncated"),
        ("138.3M", "{cut: false}", "wrong"),
        ("138357544", "{cut: true}", "exact"),
        ("{printed: 138.3M, cut: true}", "{}", "truncated"),
        ("{printed: 138.3M, cut: true}", "{cut: false}", "truncated"),
        ("{printed: 138.4M, cut: true}", "{}", "wrong"),
        ("<= 138357544", "{cut: true}", "agrees"),
        ("528 MiB", "{}", "agrees"),  # 553,430,176 bytes = 527.8 MiB
        ("277M * 2 bytes", "{}", "agrees"),  # to 2 MB
        ("276M * 2 bytes", "{}", "truncated"),
        ("275M * 2 bytes", "{}", "wrong"),
        ("277 MB", "{dtype: float16}", "agrees"),
        ("{printed: 139M, erratum: a slip, instead: 138M}", "{}", "erratum"),
        ("{printed: 138M, erratum: a slip, instead: 138M}", "{}", "wrong"),
        ("{printed: 138.3M, erratum: a slip, instead: 138.4M}", "{}", "wrong"),
        ("{printed: 138.3M, erratum: a slip, instead: 138.4M}", "{cut: false}", "erratum"),
        ("{printed: 139M, erratum: a slip, instead: 138.4M}", "{}", "erratum"),
        ("{printed: 139M, erratum: a slip, instead: '138,357,544'}", "{}", "erratum"),
        ("{printed: 139M, erratum: a slip, instead: 138.3M}", "{}", "wrong"),  # what is right instead is never cut
        ("{printed: 139M, erratum: a slip, instead: 137M}", "{}", "wrong"),
        ("{printed: 150, erratum: a slip, instead: 138.36}", "{unit: M, digits: 2}", "erratum"),
        ("{printed: 139M, erratum: a slip, instead: 137M, gives: {arithmetic: 139*1000000}}", "{}", "wrong"),
        ("{printed: 8x7, layer: pool5, erratum: a slip, instead: 7x7}", "{figure: size}", "erratum"),
        ("{printed: 8x7, layer: pool5, erratum: a slip, instead: 7x8}", "{figure: size}", "wrong"),
        ("{printed: 8, layer: pool5, erratum: a slip, instead: 7}", "{figure: size}", "erratum"),
        ("{printed: 15.5G, erratum: its MACs, gives: {figure: macs}}", "{}", "erratum"),
        ("{printed: 13.6G, erratum: less, gives: {arithmetic: macs - macs(conv3_3)}}", "{figure: macs}", "erratum"),
        # HewlettPackard/dlcookbook: three passes of multiply-adds a training step, 3 * 15,470,264,320
        ("46.410793", "{figure: macs, unit: G, arithmetic: 3*macs}", "agrees"),
        ("46.410792", "{figure: macs, unit: G, arithmetic: 3*macs, cut: false}", "wrong"),
        ("{printed: '1,856', layer: conv1_1, arithmetic: params + biases}", "{}", "exact"),  # 1,792 + 64
        ("{printed: 7.25KiB, layer: conv1_1, arithmetic: params + biases}", "{}", "exact"),  # 4 * 1,856 bytes
        ("{printed: '1,856', layer: fc6, arithmetic: params(conv1_1) + biases(conv1_2)}", "{}", "exact"),
        ("{printed: 3, layer: fc6, arithmetic: kernel(relu6)}", "{}", "unknown"),
        ("{printed: 138M, figure: weights}", "{arithmetic: 3*macs}", "agrees"),
        ("{printed: 46.5G, erratum: e, instead: 46.4G}", "{figure: macs, arithmetic: 3*macs}", "erratum"),
        ("{printed: 46.5G, erratum: e, instead: 46.6G}", "{figure: macs, arithmetic: 3*macs}", "wrong"),
        ("{printed: 15.5G, erratum: e, gives: {figure: macs}}", "{figure: macs, arithmetic: 3*macs}", "erratum"),
        ("{printed: 13.7G, erratum: less, gives: {arithmetic: macs - macs(conv3_3)}}", "{figure: macs}", "wrong"),
        ("{printed: 13.5G, erratum: less, gives: {arithmetic: macs - macs(conv3_3)}}", "{figure: macs}", "wrong"),
        ("{printed: 2.7K, layer: conv1_1, erratum: strips, gives: {arithmetic: (7*1 + 1*7)*3*64}}", "{}", "erratum"),
        ("{printed: 2.6K, layer: conv1_1, erratum: e, gives: {arithmetic: (7*1 + 1*7)*3*64}}", "{cut: false}", "wrong"),
        (
            "{printed: 3K, layer: conv1_1, erratum: e, gives: {arithmetic: 'max(weights, 2*params) - 584'}}",
            "{}",
            "erratum",
        ),
        ("{printed: 64, layer: fc6, erratum: e, gives: {arithmetic: biases(conv1_1)}}", "{}", "erratum"),
        ("{printed: 192, layer: fc6, erratum: e, gives: {arithmetic: biases(conv1_1 + conv2_2)}}", "{}", "erratum"),
        (
            "{printed: 192, layer: fc6, erratum: e, gives: {arithmetic: 3*biases(conv1_1), model: vgg19}}",
            "{}",
            "erratum",
        ),
        ("0", "{figure: buffers}", "exact"),
        ("0", "{figure: macs, unit: T}", "wrong"),
        ("0.0", "{figure: macs, unit: T}", "wrong"),
        ("0.0", "{figure: macs, unit: T, cut: true}", "wrong"),
        ("{printed: 0%, layer: conv1_1}", "{share: true}", "agrees"),
        ("{printed: 0.0, layer: conv1_1}", "{share: true, unit: '%'}", "agrees"),
        ("{printed: 15.5 GFLOPs, erratum: e, gives: {figure: macs}}", "{figure: flops}", "erratum"),
        ("{printed: 138M MACs, erratum: e, gives: {figure: params}}", "{figure: macs}", "erratum"),
        ("15.5 GMACs", "{figure: macs}", "agrees"),
        ("15.5 GFLOPs", "{figure: macs}", "agrees"),
        ("30.9 GFLOPs", "{figure: flops}", "agrees"),
        ("30.9 Gops", "{figure: operations, convention: torch}", "agrees"),
        ("30.9 GMACs", "{figure: operations, convention: torch}", "agrees"),
        ("138M weights", "{}", "agrees"),
        ("{printed: 212 px, layer: pool5}", "{figure: rf}", "exact"),
        ("{printed: 0, layer: fc6, erratum: e, gives: {arithmetic: kernel(relu6)}}", "{}", "unknown"),
        ("{printed: 15.6G, erratum: its MACs, gives: {figure: macs}}", "{}", "wrong"),
        ("{printed: 31G, erratum: both, gives: [{figure: flops}, {figure: macs, batch: 2}]}", "{}", "erratum"),
        ("{printed: 31G, erratum: both, gives: [{figure: flops}, {figure: macs}]}", "{}", "wrong"),
        ("{printed: 134M, erratum: 10 classes, gives: {classes: 10}}", "{unit: M}", "erratum"),
    ],
)
def test_verdict_of_a_cell(cell: str, spec: str, verdict: str) -> None:
    """VGG-16 has 138,357,544 parameters and 15.47 G MACs."""
    assert one(cell, spec).verdict == verdict


@pytest.mark.parametrize(
    ("cell", "spec", "explanation"),
    [
        ("{printed: 73782, layer: conv2_1}", "{figure: weights}", "(3*3*64)*128 = 73,728, printed 73782"),
        ("{printed: 1, layer: conv1_1}", "{}", "(3*3*3)*64 + 64 = 1,792, printed 1"),
        ("{printed: 1, layer: conv2_1}", "{figure: kernels}", "(3*3*64)*128 = 73,728, printed 1"),
        ("{printed: 1, layer: pool1}", "{figure: activations}", "112*112*64 = 802,816, printed 1"),
        ("{printed: 1, layer: conv2_1}", "{figure: macs}", "(112*112*128) * (3*3*64) = 924,844,032, printed 1"),
        ("{printed: 1, layer: conv2_1}", "{figure: flops}", "2*((112*112*128) * (3*3*64)) = 1,849,688,064, printed 1"),
        ("15.4G", "{figure: macs, cut: false}", "16 layers' macs added up = 15,470,264,320, printed 15.4G, which is"),
        ("139M", "{}", "16 layers' params added up"),
        ("{printed: 1MB, layer: conv1_1}", "{}", "(3*3*3)*64 + 64 = 1,792 values, 7,168 bytes as float32, printed 1MB"),
        ("{printed: 7x7x513, layer: pool5}", "{figure: output}", "output 7x7x512, (14 - 2 + 2*0)/2 + 1 = 7, printed"),
        ("{printed: 75%, layer: fc6}", "{share: true}", "params 74.27%, printed 75%"),
        (
            "{printed: 5M, erratum: a slip, instead: 1.8K}",
            "{layer: conv1_1}",
            "a slip: (3*3*3)*64 + 64 = 1,792, printed 5M",
        ),
        (
            "{printed: 5M, erratum: a slip, instead: 1.7K}",
            "{layer: conv1_1}",
            "not 1.7K instead; a slip: (3*3*3)*64 + 64",
        ),
        (
            "{printed: 1.7K, erratum: e, gives: {arithmetic: 3*3*3*64}}",
            "{layer: conv1_1, cut: false}",
            "e: (3*3*3)*64 + 64 = 1,792, printed 1.7K; 3*3*3*64 is 1,728",
        ),
        ("{printed: 138M, erratum: a slip, instead: 138M}", "{}", "is marked as an erratum, but agrees: "),
        ("24MB", "{figure: live}", "live, its peak at conv1_2, 25,690,112 bytes, printed 24MB"),
        (
            "29G",
            "{figure: operations, convention: torch, unit: GFLOPs}",
            "operations as torch counts 30,940,528,640 = 30.9G, printed 29G",
        ),
        (
            "218MB",
            "{figure: memory_bytes, memory: activations, kilo: 1024}",
            "memory as activations counts 60,950,432 bytes = 58.1 MB, printed 218MB",
        ),
        (
            "138.3",
            "{unit: M, cut: false}",
            "16 layers' params added up = 138,357,544 = 138.36M, printed 138.3, which is",
        ),
        ("{printed: 3K, layer: conv1_1}", "{kilo: 1024}", "(3*3*3)*64 + 64 = 1,792 = 1.8K, printed 3K"),
        (
            "{printed: 15.6G, erratum: its MACs, gives: {figure: macs}}",
            "{layer: conv1_1}",
            "macs of conv1_1, 86,704,128, does not give it; its MACs: ",
        ),
        (
            "112x112x64",
            "{figure: output, layer: conv1_2}",
            "output 224x224x64, (224 - 3 + 2*1)/1 + 1 = 224, printed 112x112x64",
        ),
        ("195", "{figure: rf, layer: conv5_3}", "rf 196, 164 + (3 - 1)*16 = 196, printed 195"),  # conv5_2 sees 164
        ("5", "{figure: channels, layer: conv1_1}", "channels 64, printed 5"),
        ("2", "{figure: size, layer: fc6}", "size 1, printed 2"),
        (
            "46.5",
            "{figure: macs, unit: GFLOPs, arithmetic: 3*macs}",
            "3*macs = 46,410,792,960 = 46.41 GFLOPs, printed 46.5",
        ),
        ("7.4KiB", "{layer: conv1_1, arithmetic: params + biases}", "params + biases = 7,424 bytes = 7.25 KiB, "),
    ],
)
def test_the_arithmetic_is_shown(cell: str, spec: str, explanation: str) -> None:
    """What does not agree is told with how the figure comes about."""
    assert one(cell, spec).explanation.startswith(explanation)


def test_what_is_right_needs_no_explanation() -> None:
    """Nothing is said of what agrees."""
    assert one("138M").explanation == ""


FIGURES_OF_VGG16 = {
    # of conv2_1, unless another is named; from DESIGN's and CS231n's figures, or by hand
    "params": "73856",
    "weights": "73728",
    "kernels": "73728",
    "biases": "128",
    "buffers": "0",
    "params_bytes": "295424",
    "macs": "924,844,032",
    "flops": "1,849,688,064",
    "operations": "924,844,032",
    "memory_bytes": "6422528",
    "memory_values": "1605632",
    "live": "9633792",  # its input and its output
    "saved": "3211264",  # its input, 112*112*64 in float32
    "forward": "2408448",  # its output, and its input again: 112*112*(128 + 64)
    "forward_bytes": "9633792",
    "connections": "926449664",  # and a bias for each of 1,605,632 outputs
    "activations": "1605632",
    "activations_bytes": "6422528",
    "neurons": "1605632",
    "layers": "1",
    "blocks": "0",
    "depth": "1",
    "reads": "112x112x64",
    "filter": "3x3x64",
    "filters": "3x3x64x128",
    "output": "112x112x128",
    "size": "112",
    "channels": "128",
    "kernel": "3x3",
    "stride": "1",
    "pad": "1",
    "rf": "10",
    "jump": "2",
    "padding": "4",
}


@pytest.mark.parametrize("figure", [key for key in FIGURES if not FIGURES[key].measured])
def test_every_figure(figure: str) -> None:
    """Each figure of a layer is the textbook's; what only whole models have, and what has no convention, is unknown."""
    printed = FIGURES_OF_VGG16.get(figure)
    rule = {"operations": ", convention: macs", "memory": ", convention: activations"}
    spec = f"{{figure: {figure}{rule.get(FIGURES[figure].counted, '')}}}"
    finding = one(f"{{printed: {(printed or '1')!r}, layer: conv2_1}}", spec, "x")
    assert finding.verdict == ("exact" if printed else "unknown")
    assert FIGURES[figure].definition


@pytest.mark.parametrize(
    ("figure", "printed", "model"),
    [
        ("forward", "24352744", "vgg16"),
        ("forward_bytes", "97,410,976", "vgg16"),
        ("activations", "15237608", "vgg16"),
        ("layers", "16", "vgg16"),
        ("depth", "22", "googlenet-paper"),  # "22 layers deep when counting only layers with parameters"
        ("neurons", "659272", "alexnet-paper"),  # 290400 + 186624 + 64896 + 64896 + 43264 + 4096 + 4096 + 1000
        ("rf", "212", "vgg16"),
        ("output", "1000", "vgg16"),
        ("connections", "340908", "lenet5"),
        ("blocks", "4", "resnet50"),
        ("kernels", "4209088", "mobilenet_v1"),  # 4,231,976 less 10,944 scales, 10,944 shifts and 1000 biases
        # the auxiliary head holds weights, but does no work: 23,799,136 + 768*128 + 25*128*768 + 768*1000
        ("kernels", "27123040", "torchvision/inception_v3"),
        ("layers", "95", "torchvision/inception_v3"),  # 94 convolutions and fc
    ],
)
def test_figures_of_a_model(figure: str, printed: str, model: str) -> None:
    """Figures of whole models, as their papers print them."""
    assert one(f"{printed!r}", f"{{figure: {figure}}}", "x", model).verdict == "exact"


def test_figures_of_some_layers() -> None:
    """Filters as papers print them: depthwise ones without their one channel, transposed ones too; blocks in blocks."""
    for text in (
        """\
        model: mobilenet_v1
        layers:
          conv1_dw: {filters: 3x3x32, filter: 3x3x1, kernel: 3x3, pad: 1}
          conv1_pw: {filters: 1x1x32x64, filter: 1x1x32, reads: 112x112x32}
          fc: {filters: 1024x1000}
          conv1_dw + conv1_pw: {kernels: "2,336", reads: 112x112x32, output: 112x112x64}
        """,
        """\
        model: resnet50
        layers: {layer1: {blocks: 3}, layer3: {blocks: 6}, layer1 + layer2: {blocks: 7}, layer1.0.conv1: {blocks: 0}}
        """,
        """\
        model: unet
        layers: {up1: {kernel: 2x2, filters: 2x2x1024x512}, pool1: {kernel: 2x2, stride: 2, pad: 0}}
        """,
        "{model: torchvision/inception_v3, layers: {AuxLogits.fc: {filters: 768x1000, kernels: 768000, macs: 0}}}",
        "{model: c3d, layers: {fc6: {kernel: ~, reads: ~}, conv1a: {kernel: 3x3x3, filters: 3x3x3x3x64, pad: 1}}}",
    ):
        assert {*verdicts(text)} == {"exact"}
    unknown = (
        "{model: googlenet-paper, layers: {inception3a: {filter: 1x1, filters: 1x1}, inception3a.concat: {reads: 1x1}}}"
    )
    assert {*verdicts(unknown)} == {"unknown"}


def test_layers_together() -> None:
    """Blocks are sums over their layers, several names are added up, and the last one's output counts."""
    text = """\
        model: googlenet-paper
        layers:
          inception3a: {weights: "163,328", output: 28x28x256}
          conv2 + conv3: {weights: "114,688", output: 56x56x192}
          conv2 + conv2.conv: {weights: "4,096"}
        """
    assert verdicts(text) == ["exact"] * 5


# The whole


@pytest.mark.slow
def test_importing_the_library_loads_no_tables() -> None:
    """`import vggcalc` and an analysis do not pay for the room."""
    code = "import sys, vggcalc; vggcalc.load('vgg16').analyse(); print([m for m in sys.modules if 'published' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
