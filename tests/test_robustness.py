"""A spec is data: whatever it holds, reading it ends soon, and either gives figures or says what is wrong."""

import csv
import io
import json
import random
import re
import time
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from texts import faults, model, report

from vggcalc import VggcalcError, bounds
from vggcalc.analysis.derive import derive
from vggcalc.cli import cli
from vggcalc.language.bundled import families
from vggcalc.layers import REGISTRY
from vggcalc.render import formats
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.spreadsheet import value

BUNDLED = {
    entry.name: entry.read_text("utf-8") for entry in files("vggcalc.specs").iterdir() if entry.name.endswith(".yaml")
}
VARIANTS = {family.source.name: list(family.variants) for family in families()}
MUTATIONS = 2
"""Mutated texts for each bundled file, each under every kind of mutation."""

SNIPPETS = ["{", "}", "[", "]", ":", ": ", ",", "-", "- ", "\n", "\n  ", "\t", '"', "'", "#", "&a ",
            "*a", "!!str ", "|", ">", "? ", "<<: ", "---\n", "%", "@", "`", "$(", ")", "$(x)",
            "$(1//0)", "010", "0x10", "1e3", "yes", "~", "null", "-1", "0", "99999999999999999999",
            "from: ", "use: ", "name: ", "like: ", "repeat: ", "residual: ", "\x00", "\x1b", "\ufeff",
            "\u2028", "é", "🙂", "conv3-64", "fc-10", "add", "same", "half"]  # fmt: skip

WORDS = [*sorted(REGISTRY), "conv3-8", "conv3-8/2", "maxpool3/2", "fc-10", "conv1x7-4", "half", "same",
         "valid", "none", "input", "x", "a", "8x8x3", "$(n)", "$(n + 1)", "$(zz)", "$(1//0)", "concat",
         "true", "yes", "", "010", "a.b"]  # fmt: skip
KEYS = ["family", "input", "layers", "vars", "defaults", "blocks", "variants", "outputs", "top",
        "title", "aliases", "like", "use", "with", "from", "name", "norm", "activation", "repeat",
        "times", "index", "residual", "shortcut", "branches", "merge", "paths", "kernel_size", "stride",
        "padding", "dilation", "groups", "bias", "out_channels", "out_features", "ceil_mode",
        "connections", "scale_factor", "size", "start", "stop", *WORDS[:60]]  # fmt: skip

HOSTILE = ["[bold]x[/bold]", "[/x]", "[link=http://e.vil]x[/link]", "a|b", "<script>alert(1)</script>",
           "=1+1", "@SUM(A1)", "+1", "-1", "+1+1", "-1-1", "\x1b[31mred\x1b[0m", "two\nlines", "\x07\r\x08",
           ":smile: **b** _i_ `c` ~s~", "1e5", "\u202egnp.exe", "$x$ #1 &amp;", "\\", "x" * 150]  # fmt: skip
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


def survives(text: str | bytes, variant: str = "") -> None:
    """Read a spec, work out and explain all of its figures; only a fault that is told may stop it."""
    told: list[str] = []
    try:
        found = model(text, variant).analyse()
        for row in found.rows[:50]:
            derive(found, row)
    except VggcalcError as error:
        told = [str(error)]
    assert all(told)


def mutated(text: str, dice: random.Random) -> str:
    """The text with a few characters or lines taken out, put in, doubled or moved."""
    for _ in range(dice.choice((1, 1, 2, 5))):
        at, end = sorted(dice.randrange(len(text) + 1) for _ in "ab")
        end = min(end, at + dice.choice((1, 3, 30)))
        lines = text.splitlines(keepends=True) or [""]
        match dice.randrange(6):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + dice.choice(SNIPPETS) + text[at:]
            case 2:
                text = text[:at] + dice.choice(SNIPPETS) + text[end:]
            case 3:
                lines.insert(dice.randrange(len(lines)), dice.choice(lines))
                text = "".join(lines)
            case 4:
                lines.pop(dice.randrange(len(lines)))
                text = "".join(lines)
            case 5:
                text = re.sub(r"\d+", lambda number: dice.choice((number[0], "0", "1000", "-1")), text, count=9)
    return text


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(MUTATIONS))
@pytest.mark.parametrize("name", BUNDLED)
def test_mutated_specs(name: str, seed: int) -> None:
    """Bundled specs with characters and lines deleted, inserted and replaced load or are refused with a reason."""
    dice = random.Random(f"{name} {seed}")
    for _ in range(2):
        survives(mutated(BUNDLED[name], dice), dice.choice(VARIANTS[name]))


VALUES = st.recursive(
    st.sampled_from(WORDS) | st.integers(-2, 12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=20,
)
TEXTS = st.sampled_from(WORDS)
LINES = st.dictionaries(TEXTS, st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3), min_size=1, max_size=1)


def structures(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Layers in repeats, residuals, branches and blocks."""
    some, few = st.lists(inner, max_size=3), st.lists(inner, max_size=2)
    kinds = {
        "repeat": st.fixed_dictionaries({"times": st.sampled_from([0, 1, 2, "$(n)"]), "layers": some}),
        "residual": st.fixed_dictionaries({"layers": some}, optional={"shortcut": few, "name": st.just("r")}),
        "branches": st.fixed_dictionaries(
            {
                "merge": st.sampled_from(["add", "concat", "multiply", "relu", "conv3-8"]),
                "paths": st.lists(few, max_size=3),
            }
        ),
        "use": st.sampled_from(["a", "b", "zz"]),
    }
    return st.fixed_dictionaries({}, optional=kinds)


LAYERS = st.recursive(TEXTS | LINES, structures, max_leaves=12)
SPECS = st.fixed_dictionaries(
    {
        "family": st.just("f"),
        "input": st.sampled_from(["8x8x3", "16x3", "4x4x4x2", {"a": "8x8x3", "b": "8x8x3"}]),
        "vars": st.just({"n": 2}),
    },
    optional={
        "layers": st.lists(LAYERS, max_size=6),
        "blocks": st.fixed_dictionaries({"a": st.lists(LAYERS, max_size=2), "b": st.lists(LAYERS, max_size=2)}),
        "defaults": st.dictionaries(TEXTS, VALUES, max_size=2),
        "outputs": VALUES,
        "top": VALUES,
        "variants": VALUES,
    },
)


@pytest.mark.slow
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(SPECS)
def test_any_structure(spec: dict[str, Any]) -> None:
    """Words of the language in any order and place give figures or are refused with a reason."""
    survives(json.dumps(spec))


@pytest.mark.slow
@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Any bytes at all are read or refused with a reason."""
    survives(data)


@pytest.mark.slow
@settings(max_examples=100)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_in_a_layer(layer: str, name: str) -> None:
    """Any text as a layer, and any text as a name, is read or refused with a reason."""
    survives(json.dumps({"family": "f", "input": "8x8x3", "layers": [layer, {"conv1-2": {"name": name}}]}))


MANY = "9" * 5000
REPEAT, END = "{repeat: {times: 99999, layers: [", "]}}"
DOUBLING = "blocks:\n" + "".join(f"  b{i}: [{{use: b{i + 1}}}, {{use: b{i + 1}}}]\n" for i in range(45))
ONCE, INPUTS, HUGE = "{repeat: {times: 1, layers: [" * 25, ", ".join(["input"] * 20000), "9" * 4000
DEEP = "blocks:\n" + "".join(f"  b{i}: [{ONCE}{{use: b{i + 1}}}{END * 25}]\n" for i in range(45))
GROWING = ", ".join(f"v{i + 1}: $(v{i}*9999999)" for i in range(50))

BOMBS = {
    "a huge repeat": "layers: [{repeat: {times: 1000000000, layers: [conv1-1]}}]",
    "a huge repeat of layers without numbers": "layers: [{repeat: {times: 1000000000, layers: [relu]}}]",
    "a huge repeat of nothing": "layers: [{repeat: {times: 1000000000, layers: []}}]",
    "nested repeats of nothing": f"layers: [{REPEAT * 20}{END * 20}]",
    "blocks that double": f"{DOUBLING}  b45: [relu]\nlayers: [{{use: b0}}]",
    "deep blocks of deep lists": f"{DEEP}  b45: [relu]\nlayers: [{{use: b0}}]",
    "many sources, many times": f"layers: [{{repeat: {{times: 100000, layers: [{{concat: {{from: [{INPUTS}]}}}}]}}}}]",
    "a long name, many times": f"layers: [{{repeat: {{times: 100000, name: {'n' * 100000}, layers: [conv1-1]}}}}]",
    "a number of many digits": f"layers: [conv3-{MANY}]",
    "a stride of many digits": f"layers: [{{conv3-8: {{stride: {MANY}}}}}]",
    "padding of many digits": f"layers: [{{conv3-8: {{padding: [[{MANY}, 1], [1, 1]]}}}}]",
    "a variable of many digits": f"layers: [conv1-1]\nvars: {{n: {MANY}}}",
    "factors of many digits": "layers: [" + f"{{upsample: {{scale_factor: {HUGE}}}}}, " * 2 + "]",
    "an expression that grows": f"vars: {{v0: 9999999, {GROWING}}}\nlayers: [conv1-1]",
    "deep brackets": "layers: " + "[" * 100000,
    "deep braces": "layers: " + "{a: " * 50000,
    "deep expression": f"layers: ['conv3-$({'(' * 90}1{')' * 90})']",
}
SECONDS = 15
"""Far above what a slow machine needs, and far below what unbounded work takes."""


@pytest.mark.slow
@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS)
def test_bombs(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small spec that would unfold without bound is refused, soon and with a reason; here at a tenth of the bound."""
    monkeypatch.setattr(bounds, "LAYERS", bounds.LAYERS // 10)
    start = time.process_time()
    assert faults(f"family: f\ninput: 8x8x3\n{body}\n")
    assert time.process_time() - start < SECONDS


@pytest.mark.slow
def test_large_networks_within_the_bounds() -> None:
    """A hundred thousand layers, one behind the other, are analysed without a fault."""
    times = 100_000
    layer = "{conv3-2: {padding: half}}"
    found = report(f"{{family: f, input: 9x9x1, layers: [{{repeat: {{times: {times}, layers: [{layer}]}}}}]}}")
    # the first: 3*3*1*2 + 2 = 20, every other: 3*3*2*2 + 2 = 38
    assert found.totals.params == 20 + (times - 1) * 38
    # at 81 positions: 18, and 36 for every other
    assert found.totals.macs == 81 * (18 + (times - 1) * 36)
    field = found.rows[-1].fields["input"][0]
    assert (field.size, field.jump, field.padding) == (1 + 2 * times, 1, times)


@pytest.mark.slow
def test_long_chain_of_residuals() -> None:
    """Five thousand residual blocks: every sum widens the field by the block's kernel."""
    times = 5_000
    block = "{residual: {layers: [{conv3-3: {padding: half, bias: false}}]}}"
    found = report(f"{{family: f, input: 9x9x3, layers: [{{repeat: {{times: {times}, name: b, layers: [{block}]}}}}]}}")
    assert found.totals.params == times * 81  # 3*3*3*3
    assert found.rows[-1].fields["input"][0].size == 1 + 2 * times
    assert found.row(f"b.{times - 1}.add").output == found.rows[0].output


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spec in which every text is one that something might take for markup."""
    path = tmp_path_factory.mktemp("hostile") / "net.yaml"
    spec = {
        "family": HOSTILE[0],
        "title": "".join(HOSTILE),
        "source": "\n".join(HOSTILE),
        "note": "".join(reversed(HOSTILE)),
        "input": "8x8x3",
        "layers": [{"conv1-2": {"name": name}} for name in HOSTILE],
    }
    path.write_text(json.dumps(spec), encoding="utf-8")
    return path


def output(*arguments: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False, env={"COLUMNS": "400"})
    assert result.exit_code == 0, result.output
    return result.stdout


def shown(name: str) -> str:
    """A name as tables show it: control characters as escapes."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)


COMMANDS = [("show", "{}"), ("show", "{}", "--all-layers"), ("compare", "{}", "{}"), ("explain", "{}")]


@pytest.mark.slow
@pytest.mark.parametrize("style", formats.names())
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_control_characters(hostile: Path, command: tuple[str, ...], style: str) -> None:
    """No control character of a spec reaches the terminal, in any format, from any text; TSV has tabs of its own."""
    text = output(*(part.format(hostile) for part in command), "--format", style)
    assert not CONTROL.search(text.replace("\t", " ") if style == "tsv" else text)


@pytest.mark.parametrize("style", ["rich", "plain"])
def test_names_stand_as_they_are(hostile: Path, style: str) -> None:
    """On a terminal and in a pipe markup in a name is text like any other."""
    text = output("show", str(hostile), "--format", style, "--columns", "layer,params")
    for name in HOSTILE:
        params = "8" if name == HOSTILE[0] else "6"  # 3*2 + 2, and 2*2 + 2
        assert any(line.startswith(shown(name)) and line.split()[-1] == params for line in text.splitlines())


def test_markdown_is_inert(hostile: Path) -> None:
    """In Markdown nothing of a name is markup, HTML, a link, or the end of a cell."""
    text = output("show", str(hostile), "--format", "markdown")
    assert "<" not in text
    assert not re.search(r"(?<!\\)[\[\]`*~]", text)
    assert not re.search(r"(?<!\\)_", text)
    table = [line for line in text.splitlines() if re.search(r"(?<!\\)\|", line)]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {12, 5}  # eleven columns, and four
    assert "&lt;script&gt;" in text
    assert "&amp;amp;" in text


REFERENCES = [
    "@octocat", "a@b.example", "#12", "o/r#12", "GH-12", "gh-7", "!12", ":+1:", ":smile:", "http://e.vil",
    "see https://e.vil/x", "www.e.vil", "ftp://e.vil", "mailto:a@e.vil", "- a", "+ a", "-", "1. a", "2) a",
    "# a", "> a", "    a", "---", "===", "***", "a | b", "<b>x</b>", "&lt;", "![x](y)",
    "[x]: y", "`a", "|---|", "<!-- x", "~~x~~",
]  # fmt: skip
"""What Markdown, or GitHub behind it, makes something of."""


@pytest.mark.parametrize("text", REFERENCES)
def test_markdown_shows_titles_and_names_as_they_are(text: str) -> None:
    """For a reader of Markdown a title, a note and a cell are plain text, and GitHub finds nothing to link in it."""
    out = io.StringIO()
    sheet = Sheet((Column("layer", text), Column("of", "of")), [(text, text)], title=text, notes=[text])
    formats.find("markdown").write([sheet], out)
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = reader.parse(out.getvalue())
    kinds = {token.type.rpartition("_")[0] or token.type for token in tokens}
    assert kinds == {"paragraph", "inline", "table", "thead", "tbody", "tr", "th", "td"}
    parts = [part for token in tokens for part in token.children or ()]
    assert {part.type for part in parts} <= {"text", "text_special"}
    texts = ["".join(part.content for part in token.children or ()) for token in tokens if token.type == "inline"]
    assert [each.replace("\u200b", "") for each in texts] == [text.strip(), text.strip(), "of", *[text.strip()] * 3]
    linked = r"@\w|[#!]\d|GH-\d|:[\w+-]+:|(?:https?|ftp|mailto):[^\u200b]|www\."
    assert not re.search(linked, "\n".join(texts), re.I)
    mails = r"[\w.+-]+@[\w-]+\.\w"  # found in the text, whatever was escaped
    assert not re.search(mails, "\n".join(texts))


def test_csv_is_inert(hostile: Path) -> None:
    """In CSV no name begins as a formula of a spreadsheet, and every row has as many cells as the head."""
    rows = list(csv.reader(io.StringIO(output("show", str(hostile), "--format", "csv"))))
    assert len(rows) == 2 + len(HOSTILE)
    assert {len(row) for row in rows} == {len(rows[0])}
    for name, row in zip(HOSTILE, rows[2:], strict=True):
        assert row[0] == ("'" if name[0] in "=+-@" and name not in ("+1", "-1") else "") + shown(name)
    begins = [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert begins == ["+1", "-1"]
    tabbed = output("show", str(hostile), "--format", "tsv")
    assert list(csv.reader(io.StringIO(tabbed), delimiter="\t")) == rows


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("-88", "-88"), ("+2", "+2"), ("-1.5", "-1.5"), (-88, -88), ("-8-8", "'-8-8"), ("-", "'-"), ("+1+cmd|'x'!A", None),
     ("-1.", "'-1."), ("-1\n", None), ("-2x-2", "'-2x-2"), ("=1", "'=1")],
)  # fmt: skip
def test_numbers_are_no_formulas(raw: int | str, expected: int | str | None) -> None:
    """A number with a sign stays one; all else that begins as a formula does has a quote before it."""
    found = value(raw)
    assert str(found).startswith("'") if expected is None else found == expected


class Reader(HTMLParser):
    """What a browser makes of a page: its tags, and the texts between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        """Note a text, in one piece."""
        self.texts.append(data)


def test_html_is_inert(hostile: Path) -> None:
    """In HTML a name is text and never a tag; a browser shows it as it is."""
    read = Reader(output("show", str(hostile), "--format", "html"))
    page = {"html", "head", "meta", "title", "style", "body"}
    assert read.tags == page | {"table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert {shown(name) for name in HOSTILE} <= {text.strip() for text in read.texts}


RST = {
    # what docutils 0.23 shows as it is, without a word of markup, when it reads the second
    "[bold]x[/bold]": r"\ [bold]x[/bold]",
    "a|b": r"a\|b",
    "=1+1": r"\ =1+1",
    "-1": r"\ -1",
    "\x1b[31mred\x1b[0m": r"\\x1b[31mred\\x1b[0m",
    ":smile: **b** _i_ `c` ~s~": r"\:smile: \*\*b*\* \_i\_ \`c\` ~s~",
    "\\": r"\ \\",
    "[link=http://e.vil]x[/link]": r"\ [link=http\://e.vil]x[/link]",
}


def test_rst_is_inert(hostile: Path) -> None:
    """In reStructuredText no name begins a list, a reference, a directive, a rule or emphasis, or ends its cell."""
    lines = output("show", str(hostile), "--format", "rst", "--columns", "layer,params").splitlines()
    rules = [number for number, line in enumerate(lines) if re.fullmatch("=+  =+", line)]
    cells = [line[: lines[rules[0]].index(" ")].rstrip() for line in lines[rules[1] + 1 : rules[2]]]
    assert len(cells) == 1 + len(HOSTILE)
    for name, expected in RST.items():
        assert cells[1 + HOSTILE.index(name)] == expected


def test_json_holds_names_as_they_are(hostile: Path) -> None:
    """In JSON a name is the very text of the spec, and the file itself is plain ASCII."""
    text = output("show", str(hostile), "--format", "json")
    assert text.isascii()
    assert not CONTROL.search(text)
    document = json.loads(text)
    assert [layer["name"] for layer in document["layers"]] == ["input", *HOSTILE]
    assert document["title"] == "".join(HOSTILE)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_layer_is_found_by_any_name(hostile: Path, name: str) -> None:
    """Whatever a layer is called, it can be asked for."""
    document = json.loads(output("explain", str(hostile), "--format", "json", "--", name))
    assert [layer["name"] for layer in document["layers"]] == [name]


@pytest.mark.parametrize("name", HOSTILE)
def test_errors_are_inert(name: str) -> None:
    """A message that quotes the spec holds none of its control characters."""
    layer = {"conv3-8": {name: 1, "name": name, "from": name}}
    spec = json.dumps({"family": "f", "input": "8x8x3", "layers": [name, layer, {"use": name}]})
    result = CliRunner().invoke(cli, ["show", "-"], input=spec, catch_exceptions=False)
    assert result.exit_code == 2
    assert not CONTROL.search(result.stderr)
