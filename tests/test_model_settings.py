"""Settings behind a model's name: `mobilenet_v2,width=35,dense`, wherever a model is named."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vggcalc import SpecError, UsageError, load
from vggcalc.claims.check import check
from vggcalc.claims.table import read_table
from vggcalc.cli import cli
from vggcalc.documents.document import check_document, read_document
from vggcalc.errors import Source
from vggcalc.question import SETTINGS, SWITCHES, read_words, split_model

FAMILY = """\
family: tiny
input: 8x8x3
vars: {width: 4, batch: 2}
variants:
  thin: {layers: [conv3-$(width), fc-$(batch)]}
  thick: {layers: [conv5-$(width), fc-$(batch)]}
"""


def run(*arguments: str, text: str | None = None) -> Result:
    """The result of a command line."""
    return CliRunner().invoke(cli, arguments, input=text, catch_exceptions=False)


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("vgg16", "vgg16", ""),
        ("mobilenet_v2,width=35,input=96x96x3,batch=4,dense", "mobilenet_v2", "width=35,input=96x96x3,batch=4,dense"),
        ("net.yaml:A,no-top", "net.yaml:A", "no-top"),
        ("-,batch=4", "-", "batch=4"),
        # what stands before a part that sets nothing is the name: commas in names of files and variants stay there
        ("my,net.yaml", "my,net.yaml", ""),
        ("my,net.yaml,training", "my,net.yaml", "training"),
        ("net.yaml:A,B", "net.yaml:A,B", ""),
        ("vgg16,dens", "vgg16,dens", ""),
        ("two,input.left=8x8x3,input.right=9x9", "two", "input.left=8x8x3,input.right=9x9"),
    ],
)
def test_where_a_name_ends(text: str, name: str, words: str) -> None:
    """Behind the name, parts with commas between them each say a setting: NAME=VALUE, or the word of a switch."""
    assert split_model(text) == (name, words)


def test_every_setting_can_stand_behind_a_name() -> None:
    """Of each there is a word; one that is no setting sets a variable, as does one with `vars.` before it."""
    words = "input=8x8,batch=4,dtype=int8,classes=10,until=pool1,no-top,dense,gradient,training,width=35,vars.batch=2"
    said = read_words(words)
    assert said == {
        "input": {"": "8x8"},
        "batch": 4,
        "dtype": "int8",
        "classes": 10,
        "until": "pool1",
        "top": False,
        "dense": True,
        "gradient": True,
        "training": True,
        "vars": {"width": 35, "batch": 2},
    }
    assert set(said) == set(SETTINGS)


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_the_notation_needs_no_quoting(shell: str) -> None:
    """A shell hands every word over as it was typed, and none holds a sign that any shell takes for its own."""
    words = [
        "mobilenet_v2,width=35,input=96x96x3,batch=4,dense",
        "./nets/net.yaml:A,vars.batch=3,dtype=int8",
        "siamese,input.left=8x8x1,until=features.3",
        *(f"vgg16,{word}" for word in SWITCHES),
    ]
    printed = subprocess.run(
        [shell, "-c", f"printf '%s\\n' {' '.join(words)}"], capture_output=True, text=True, check=True
    )
    assert printed.stdout.split("\n")[:-1] == words
    assert not re.search(r"[\s$*?\[\](){};&|<>!~#^\"'`\\]|^=", "\n".join(words).replace("\n", ""))  # zsh's signs too


@pytest.mark.slow
def test_one_model_with_settings_by_every_door() -> None:
    """Command line, Python, table and document mean what the options mean: 0.35 of the channels, at 96x96, in fours."""
    model = "mobilenet_v2,width=35,input=96x96,batch=4,no-top"
    options = ("--set", "width=35", "--input", "96x96", "--batch", "4", "--no-top")
    expected = json.loads(run("show", "mobilenet_v2", *options, "--format", "json").stdout)
    shown = json.loads(run("show", model, "--format", "json").stdout)
    assert (shown.pop("model"), expected.pop("model")) == (model, "mobilenet_v2")
    assert shown == expected
    report = load(model).analyse()
    assert report.totals.macs == load("mobilenet_v2", width=35).analyse(input="96x96", batch=4, top=False).totals.macs
    assert report.totals.macs == expected["totals"]["macs"]
    table = f"model: '{model}'\nclaims: {{macs: '{report.totals.macs}'}}\n"
    (found,) = check(read_table(Source("t.yaml", table)))
    assert (found.verdict, found.row) == ("exact", model)
    mark = f"<!-- vggcalc {model} macs -->{report.totals.macs}<!-- /vggcalc -->"
    (marked,) = check_document(read_document(Source("d.md", mark)), run=lambda _: "")
    assert (marked.verdict, marked.row) == ("exact", model)


@pytest.mark.parametrize("command", ["show", "explain", "why", "memory", "rf"])
def test_every_command_that_names_a_model(command: str) -> None:
    """The answer is that of the options, but for the name, which says the settings."""
    own = run(command, "lenet5,batch=3,until=S4")
    by_options = run(command, "lenet5", "--batch", "3", "--until", "S4")
    assert own.exit_code == by_options.exit_code == 0
    assert own.stdout != run(command, "lenet5").stdout
    assert own.stdout.replace("lenet5,batch=3,until=S4", "lenet5") == by_options.stdout


def test_one_network_at_two_widths_side_by_side() -> None:
    """`compare` holds MobileNetV2 at 100 and at 35 percent, as the paper's authors print it: 300 and 59 million MACs.

    tensorflow/models, research/slim/nets/mobilenet, README: mobilenet_v2_1.0_224 300, mobilenet_v2_0.35_224 59.
    """
    done = run("compare", "mobilenet_v2,width=100", "mobilenet_v2,width=35", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["model"], int(row["macs"]) // 10**6) for row in rows] == [
        ("mobilenet_v2,width=100", 300),
        ("mobilenet_v2,width=35", 59),
    ]


def test_what_a_name_says_goes_before_what_is_said_of_all() -> None:
    """Options hold for all models of a comparison, but for one that says otherwise of itself."""
    done = json.loads(run("compare", "lenet5", "lenet5,batch=8", "--batch", "2", "--format", "json").stdout)
    assert [(each["model"], each["batch"]) for each in done["models"]] == [("lenet5", 2), ("lenet5,batch=8", 8)]
    table = "model: 'lenet5,batch=8'\nbatch: 2\nclaims: {activations: 1}\n"
    (claim,) = read_table(Source("t.yaml", table)).claims
    assert claim.quantity.question.batch == 8


def test_keywords_have_the_last_word() -> None:
    """Whoever loads a name that says something may still ask another thing of it."""
    model = load("vgg16,batch=4,classes=5", classes=10)
    assert model.network.nodes[model.network.find("fc8")].layer.out_features == 10  # type: ignore[union-attr]
    assert (model.analyse().batch, model.analyse(batch=2).batch) == (4, 2)


def test_all_variants_of_a_file_are_compared(tmp_path: Path) -> None:
    """`compare FILE.yaml` takes each network of the file, with the settings behind its name; so it does from a pipe."""
    file = tmp_path / "net.yaml"
    file.write_text(FAMILY, "utf-8")
    done = run("compare", f"{file},width=8", "--format", "csv")
    # conv: 9*3*8 + 8 and 25*3*8 + 8; fc: 6*6*8*2 + 2 and 4*4*8*2 + 2
    rows = [(row["model"], row["params"]) for row in csv.DictReader(io.StringIO(done.stdout))]
    assert rows == [("thin,width=8", str(224 + 578)), ("thick,width=8", str(608 + 258))]
    piped = run("compare", "-", "--format", "csv", text=FAMILY)
    assert [row["model"] for row in csv.DictReader(io.StringIO(piped.stdout))] == ["thin", "thick"]
    one = run("show", str(file))
    assert one.exit_code == 2
    assert one.stderr == f"vggcalc: {file} holds 2 networks; ask for one of {file}:thin, {file}:thick\n"


def test_a_variable_that_is_called_as_a_setting(tmp_path: Path) -> None:
    """`batch=4` is the batch; the variable of that name is `vars.batch`."""
    file = tmp_path / "net,1.yaml"
    file.write_text(FAMILY, "utf-8")
    report = load(f"{file}:thin,batch=4,vars.batch=3").analyse()
    assert report.batch == 4
    assert report.rows[-1].output.channels == 3


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("mobilenet_v2,widht=35", "mobilenet_v2,widht=35 has no variable 'widht'; did you mean 'width'?"),
        ("mobilenet_v2,bacth=4", "mobilenet_v2,bacth=4 has no variable 'bacth'; did you mean 'batch'?"),
        ("mobilenet_v2,vars.batch=4", "mobilenet_v2,vars.batch=4 has no variable 'batch'; 'batch' is a setting of"),
        (
            "mobilenet_v2,dens",
            "'dens' sets nothing of mobilenet_v2; write mobilenet_v2,NAME=VALUE; did you mean 'dense'",
        ),
        ("mobilenet_v2,", "'' sets nothing of mobilenet_v2; write mobilenet_v2,NAME=VALUE"),
        ("mobilnet_v2,width=35", "there is no model 'mobilnet_v2'; did you mean 'mobilenet_v2'?"),
        ("lenet5,batch=0", "'batch' is '0'; it must be a whole number from 1 to"),
        ("lenet5,batch=1,batch=2", "'batch' is set twice; keep one of the two"),
        ("lenet5,input=big", "'big' is not a shape"),
        ("lenet5,dtype=float31", "there is no dtype 'float31'; did you mean 'float32'?"),
        ("lenet5,dense=2", "'dense' is '2'; it must be true or false"),
    ],
)
def test_what_stands_wrong_behind_a_name(model: str, message: str) -> None:
    """It is told the same on the command line, in Python and in a table, there in its place."""
    with pytest.raises(UsageError) as raised:
        load(model)
    assert str(raised.value).startswith(message)
    assert run("show", model).stderr.startswith(f"vggcalc: {message}")
    with pytest.raises(SpecError) as faults:
        check(read_table(Source("t.yaml", f"model: '{model}'\nclaims: {{params: 1}}\n")))
    (problem,) = faults.value.problems
    assert str(problem).startswith(f"t.yaml:1:8: {message}")


def test_a_row_without_quotes_is_told_of_them() -> None:
    """Inside brackets YAML ends a word at a comma: the row has a cell too many, and the hint says why."""
    table = "table: t\nsource: s\ntranscribed: by hand\ncolumns: [model, params]\nrows: [[%s, 60000]]\n"
    with pytest.raises(SpecError) as raised:
        read_table(Source("t.yaml", table % "lenet5,batch=2"))
    assert "this row has 3 cells, but there are 2 columns" in str(raised.value)
    assert "what has commas in it needs quotes inside [ ]" in str(raised.value)
    (found,) = check(read_table(Source("t.yaml", table % "'lenet5,batch=2'")))
    assert (found.verdict, found.row) == ("exact", "lenet5,batch=2")


def test_a_spec_is_printed_as_it_stands() -> None:
    """What `spec` prints has no settings; they are not silently dropped."""
    done = run("spec", "mobilenet_v2,width=35")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "vggcalc: the spec of mobilenet_v2 is printed as it stands; leave 'width=35' out\n"


def test_a_file_beside_a_table(tmp_path: Path) -> None:
    """A model's file lies in the folder of the table or document, whatever stands behind its name."""
    (tmp_path / "net.yaml").write_text(FAMILY, "utf-8")
    (tmp_path / "t.yaml").write_text("model: 'net.yaml:thin,width=8'\nclaims: {params: 802}\n", "utf-8")
    opened, closed = "<!-- vggcalc {} -->", "<!-- /vggcalc -->"
    number = f"{opened.format('net.yaml:thin,width=8 params')}802{closed}"
    table = f"{opened.format('compare net.yaml,width=8 --format csv')}\n\n{closed}"
    (tmp_path / "d.md").write_text(f"{number}\n\n{table}\n", "utf-8")
    done = run("check", str(tmp_path), "--fix", "--format", "json")
    assert done.exit_code == 0, done.output
    assert '"thin,width=8",802' in (tmp_path / "d.md").read_text("utf-8")
