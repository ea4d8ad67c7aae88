"""The question that is asked of a network: one record behind library, command line, tables and documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
import texts
from click.testing import CliRunner

from vggcalc import UsageError, load
from vggcalc.claims.check import check
from vggcalc.claims.table import read_table
from vggcalc.cli import cli
from vggcalc.documents.document import check_document, read_document
from vggcalc.errors import Source
from vggcalc.question import AS_DECLARED, SETTINGS, SWITCHES, Question, read_texts
from vggcalc.shape import Shape

SAID: list[tuple[dict[str, Any], list[tuple[str, str]], str, str, Question]] = [
    # in Python, as texts of options, in a table, in a document's mark, as the record has it
    ({"input": "96x96"}, [("input", "96x96")], "input: 96x96", "input=96x96", Question(input=(("", "96x96"),))),
    ({"input": 96}, [("input", "96")], "input: 96", "input=96", Question(input=(("", "96"),))),
    (
        {"input": {"left": "64x64", "right": (32, 32)}},
        [("input", "left=64x64"), ("input", "right=32x32")],
        "input: {left: 64x64, right: 32x32}",
        "input.left=64x64 input.right=32x32",
        Question(input=(("left", "64x64"), ("right", "32x32"))),
    ),
    ({"batch": 4}, [("batch", "4")], "batch: 4", "batch=4", Question(batch=4)),
    ({"dtype": "int8"}, [("dtype", "int8")], "dtype: int8", "dtype=int8", Question(dtype="int8")),
    (
        {"vars": {"width": 35, "pool": "max"}},
        [("vars", "width=35"), ("vars", "pool=max")],
        "vars: {width: 35, pool: max}",
        "vars.width=35 vars.pool=max",
        Question(variables=(("pool", "max"), ("width", 35))),
    ),
    ({"classes": 10}, [("classes", "10")], "classes: 10", "classes=10", Question(variables=(("classes", 10),))),
    ({"until": "conv2"}, [("until", "conv2")], "until: conv2", "until=conv2", Question(until="conv2")),
    ({"top": False}, [("top", "false")], "top: false", "top=false", Question(top=False)),
    ({"dense": True}, [("dense", "true")], "dense: true", "dense=true", Question(dense=True)),
    ({"gradient": True}, [("gradient", "true")], "gradient: true", "gradient=true", Question(gradient=True)),
    ({"training": True}, [("training", "true")], "training: true", "training=true", Question(training=True)),
]


def test_each_setting_is_said_here() -> None:
    """The table above leaves no setting out, and the settings no field of the record."""
    assert {key for said, *_ in SAID for key in said} == set(SETTINGS)
    fields = {"variables" if setting.sets_variables else key for key, setting in SETTINGS.items()}
    assert fields == set(Question._fields)


@pytest.mark.parametrize(("python", "options", "table", "words", "record"), SAID)
def test_one_record_by_every_door(
    python: dict[str, Any], options: list[tuple[str, str]], table: str, words: str, record: Question
) -> None:
    """Python, options, tables and documents say a setting each in its own way, and mean one record."""
    (claim,) = read_table(Source("t.yaml", f"model: vgg16\nclaims: {{params: 1}}\n{table}\n")).claims
    (mark,) = read_document(Source("d.md", f"<!-- vggcalc vgg16 params {words} -->1<!-- /vggcalc -->")).marks
    assert AS_DECLARED.changed(python) == record
    assert AS_DECLARED.changed(read_texts(options)) == record
    assert claim.quantity.question == record
    assert mark.claim.quantity.question == record  # type: ignore[union-attr]


def test_a_switch_has_the_word_that_turns_it() -> None:
    """The classifier is there unless it is left out; all else is off unless it is named."""
    on = {word: (word, "true") for word in ("dense", "gradient", "training")}
    assert {"no-top": ("top", "false"), **on} == SWITCHES


def test_a_claim_can_say_dense() -> None:
    """Fully connected layers as convolutions keep their 138,357,544 parameters at any input.

    At 384x384, pool5 is 12x12, and fc6 would have 12*12*512*4096 weights for 7*7*512*4096: 199,229,440 more.
    """
    text = "input: 384x384\nmodel: vgg16\nclaims:\n  params: {printed: 337586984}\n"
    (grown,) = check(read_table(Source("t.yaml", text)))
    (kept,) = check(read_table(Source("t.yaml", text.replace("337586984", "138357544, dense: true"))))
    assert (grown.verdict, kept.verdict) == ("exact", "exact")
    mark = "<!-- vggcalc vgg16 params input=384x384 dense=true -->138.4 M<!-- /vggcalc -->"
    (marked,) = check_document(read_document(Source("d.md", mark)), run=lambda _: "")
    assert marked.verdict == "agrees"


def test_inputs_by_name() -> None:
    """Each input has its own size: of 64x64 and 32x32, each through 3x3 to 8 channels, there are 5,120 positions."""
    with_two = """\
family: two
input: {left: 8x8x3, right: 8x8x3}
defaults: {conv: {padding: half}}
layers:
  - {conv3-8: {from: left}}
  - {conv3-8: {from: right}}
outputs: [conv1_1, conv1_2]
"""
    report = texts.model(with_two).analyse(input={"left": "64x64", "right": Shape(3, (32, 32))})
    assert report.totals.macs == (64 * 64 + 32 * 32) * 27 * 8


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch": 0}, "'batch' is '0'; it must be a whole number from 1 to 1,000,000,000"),
        ({"batch": True}, "'batch' is 'True'; it must be a whole number from 1 to"),
        ({"batch": "4"}, "'batch' is '4'; it must be a whole number from 1 to"),
        ({"batch": [1, 2]}, "'batch' is a list; it must be a whole number from 1 to"),
        ({"dtype": "float31"}, "there is no dtype 'float31'; did you mean 'float32'?"),
        ({"dense": 1}, "'dense' is '1'; it must be true or false"),
        ({"until": 3}, "'until' is '3'; it must be the name of a layer or block"),
        ({"input": "big"}, "'big' is not a shape"),
        ({"input": {"": "8x8", "left": "8x8"}}, "several inputs need names of their own; write NAME=HxWxC for each"),
        ({"bacth": 4}, "there is no setting 'bacth'; did you mean 'batch'?"),
        ({"classes": 10}, "'classes' is part of the network; say it when you load the network, as in load('vgg16', "),
        ({"until": "conv1_1", "top": False}, "a network that ends at 'conv1_1' has no classifier to leave out; say"),
    ],
)
def test_what_cannot_be_asked(settings: dict[str, Any], message: str) -> None:
    """What the library cannot answer it says without the words of the command line."""
    with pytest.raises(UsageError) as raised:
        load("vgg16").analyse(**settings)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([("vars", "width=1"), ("vars", "width=2")], "'width' is set twice; keep one of the two"),
        ([("input", "8x8"), ("input", "9x9")], "'input' is set twice; keep one of the two, or write NAME=HxWxC"),
        ([("input", "left=8x8"), ("input", "9x9")], "several inputs need names of their own; write NAME=HxWxC"),
        ([("batch", "1"), ("batch", "2")], "'batch' is set twice; keep one of the two"),
        ([("classes", "10"), ("vars", "classes=20")], "'classes' is set twice; keep one of the two"),
        ([("vars", "classes=20"), ("classes", "10")], "'classes' is set twice; keep one of the two"),
        ([("vars", "width")], "'width' sets no variable; write VAR=VALUE, as in width=64"),
        ([("vars", "width=true")], "variable 'width' is 'True'; a variable holds a whole number or a word"),
        ([("input", "left=")], "'' is not a shape"),
    ],
)
def test_texts_that_say_nothing(given: list[tuple[str, str]], message: str) -> None:
    """What is said twice, or not said, is a mistake of the one who wrote it."""
    with pytest.raises(UsageError) as raised:
        AS_DECLARED.changed(read_texts(given))
    assert str(raised.value).startswith(message)


def test_none_says_nothing() -> None:
    """A keyword that is None leaves the setting as it is, as if it were not there."""
    nothing: dict[str, Any] = {key: None for key, setting in SETTINGS.items() if not setting.sets_variables}
    assert load("lenet5").analyse(**nothing).totals == load("lenet5").analyse().totals


def test_variables_keep_each_other() -> None:
    """Setting one variable leaves those that are set."""
    asked = AS_DECLARED.changed({"vars": {"width": 35, "classes": 5}}).changed({"classes": 10})
    assert dict(asked.variables) == {"width": 35, "classes": 10}


def test_the_options_of_the_command_line_are_the_settings() -> None:
    """Every setting is an option of every command that asks a network, and of each the command's own help tells."""
    for name in ("show", "compare", "explain", "why", "memory", "rf"):
        said = CliRunner().invoke(cli, [name, "--help"]).stdout
        for option in (*(f"--{word}" for word in SWITCHES), "--set", "--input", "--batch", "--dtype", "--until"):
            assert f"{option} " in said, (name, option)


def test_a_spec_is_read_once() -> None:
    """`memory` asks two questions, of inference and of training, of one network, which may stand on standard input."""
    spec = "family: tiny\ninput: 8x8x3\nlayers: [conv3-4, fc-2]\n"
    done = CliRunner().invoke(cli, ["memory", "-", "--format", "json"], input=spec)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["training"][0]["parts"]["weights_bytes"] == 4 * (9 * 3 * 4 + 4 + 6 * 6 * 4 * 2 + 2)
