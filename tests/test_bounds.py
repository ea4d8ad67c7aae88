"""Small files that would cost much, or print much, are refused soon and in a short message.

Most of them took minutes and gigabytes, or printed megabytes, before there were bounds; what each did is beside it.
"""

import json
import os
from pathlib import Path

import pytest
from costs import refused
from documents import ROOT, bounds_rows
from texts import faults

from vggcalc import SpecError, bounds, load
from vggcalc.errors import Mark, Problem, Source, VggcalcError

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell what a process cost")

HEAD = "family: f\ninput: 8x8x3\n"


def line(*items: str) -> str:
    """A list of layers in one line."""
    return f"{HEAD}layers: [{', '.join(items)}]\n"


def turns(times: int | str, layers: str, more: str = "") -> str:
    """A repeat."""
    return f"{{repeat: {{times: {times}, {more}layers: [{layers}]}}}}"


def nested(times: int, layers: str, depth: int) -> str:
    """Repeats in repeats."""
    for _ in range(depth):
        layers = turns(times, layers)
    return layers


def doubled(depth: int, last: str, form: str = "{{use: {0}}}, {{use: {0}}}") -> str:
    """Blocks each of which is twice the next."""
    blocks = "".join(f"  b{number}: [{form.format(f'b{number + 1}')}]\n" for number in range(depth))
    return f"{HEAD}blocks:\n{blocks}  b{depth}: [{last}]\nlayers: [{{use: b0}}]\n"


BOTH = "{{residual: {{layers: [{{use: {0}}}], shortcut: [{{use: {0}}}]}}}}"
MANY_LAYERS = "unfolds into more than 1,000,000 layers"
NO_LAYERS = "turns and blocks that add no layer"
KEYS = [f"k{number}: 1" for number in range(20_000)]
PATTERNS = [f"x*{number}" for number in range(3_000)]
JSON = json.dumps({"family": "f", "input": "8x8x3", "layers": ["blob"] * 20_000})
NAMED = "".join(f"- conv1-4: {{name: layer_number_{number}}}\n" for number in range(1_900))
MISSPELT = "".join(f"- relu: {{from: layr_numbr_{number}}}\n" for number in range(500))
WITH = ", ".join(f"v{number}: {number}" for number in range(5_000))

UNFOLDED = {
    "doubled 40 deep": (doubled(40, "relu"), MANY_LAYERS),  # 15 s
    "doubled 40 deep into nothing": (doubled(40, ""), NO_LAYERS),  # 4 s
    "sums of sums": (doubled(40, "", BOTH), MANY_LAYERS),  # 14 s
    "nested repeats": (line(nested(99_999, "relu", 20)), MANY_LAYERS),  # 14 s
    "nested repeats of nothing": (line(nested(99_999, "", 20)), "f has no layers"),
    "a huge repeat": (line(turns(10**9, "conv1-1")), MANY_LAYERS),  # 13 s
    "a huge repeat that counts": (line(turns(10**9, "conv1-$(i + 1)", "index: i, ")), MANY_LAYERS),
    "a variable of turns": (f"vars: {{n: {10**9}}}\n" + line(turns("$(n * 2)", "relu")), MANY_LAYERS),
    "all variables in each turn": (f"vars: {{{WITH}}}\n" + line(turns(10**5, "relu", "index: i, ")), NO_LAYERS),
    "many settings in each turn": (
        "blocks: {b: [relu]}\n" + line(turns(10**5, f"{{use: b, with: {{{WITH}}}}}")),
        NO_LAYERS,
    ),
}
FLOODS = {
    "faults in one line": (line(*["blob"] * 2_000), "and 1,967 more"),  # 42 MB
    "aliases in one line": (line(*["*a"] * 5_000), "and 4,968 more"),  # 150 MB
    "a hundred thousand aliases": (line(*["*a"] * 10**5), "reading ended after 10,000 faults"),  # 8 GiB
    "a hundred thousand anchors": (line(*["&a x"] * 10**5), "reading ended after 10,000 faults"),
    "a line of JSON": (JSON, "reading ended"),  # 4 GiB
    "keys in one line": (f"{{family: f, input: 8x8x3, layers: [relu], {', '.join(KEYS)}}}", "and more"),
    "options of a layer": (line(f"{{conv1-8: {{{', '.join(KEYS)}}}}}"), "and more"),  # 1.5 GiB
    "one key many times": (line("relu") + "x: 1\n" * 10**5, "'x' is already set"),
    "expressions": (line(*(f"conv3-$(a + {number})" for number in range(20_000))), "'a' is no variable"),
    "training": (f"training: [{', '.join(KEYS)}]\n" + line(turns(3_000, "relu")), "training"),
    "patterns of names": (
        f"pytorch: {{functions: [{', '.join(PATTERNS)}]}}\n" + line(turns(3_000, "relu")),
        "at most 1,000,000",
    ),  # 89 MB
}
AGAIN = {
    "a fault in each turn": (line(turns(100_000, "blob")), "'blob' is no kind of layer"),  # 22 s
    "another fault in each turn": (line(turns(100_000, "blob$(i)", "index: i, ")), "'blob' is no kind of layer"),
    "a name that is nowhere": (line(turns(100_000, "{relu: {from: nope}}")), "no layer above is named 'nope'"),  # 40 s
    "other names that are nowhere": (line("relu", turns(100_000, "{relu: {from: no$(i)}}", "index: i, ")), "'no0'"),
    "a misfit in each turn": (line(turns(100_000, "{conv9-1: {from: input}}, relu")), "a 9x9 kernel does not fit"),
    "a name in each turn": (line(turns(100_000, "{relu: {name: a}}")), "the name 'a' is taken"),
    "misspelt names": (f"{HEAD}layers:\n{NAMED}{MISSPELT}", "did you mean 'layer_number_0'"),  # 43 s
    "outputs that are nowhere": (
        f"outputs: [{', '.join(f'conv1_{number}' for number in range(10**6, 10**6 + 3_000))}]\n"
        + line(turns(1_900, "conv1-1")),
        "no layer is named 'conv1_1000000'",
    ),
}
LONG = {
    "a word": (line("a" * 100_000), "is no kind of layer"),
    "a name": (line(f"{{conv1-8: {{name: {'n' * 100_000}}}}}"), "too long"),
    "a value": (line(f"{{conv1-8: {{stride: {'n' * 100_000}}}}}"), "it must be"),
    "a list": (line(f"{{conv1-8: {{stride: [{', '.join('1' * 100_000)}]}}}}"), "it must be"),
    "a key": (line("relu") + "k" * 100_000 + ": 1", ""),
    "many keys": (line(f"{{{', '.join(KEYS)}}}"), "a layer is one key"),
    "a sum of names": (line(" + ".join(f"name{number}" for number in range(40_000))), "is not a layer"),
    "a kernel": (line(f"conv{'1x' * 50_000}1-8"), "conv.kernel_size"),
    "names of layers": (line("relu," * 2_800_000), "more than 400,000 keys, values and brackets"),  # 8 s, 768 MiB
    "numbers": (f"a: [{'1,' * 7_000_000}]", "is no spec of networks"),  # 17 s, 1.4 GiB
    "mappings": (f"[{'{},' * 5_000_000}]", "is no spec of networks"),  # 21 s
    "an open expression": (line(f'"{"$(" * 100_000}"'), "without its ')'"),
    "control characters": (line("\x07" * 100_000), "control character"),
    "escapes": (line('"' + r"\x07" * 100_000 + '"'), "is not a layer"),
    "an input": (f"family: f\nlayers: [relu]\ninput: {'8x' * 100_000}8\n", ""),
    "no YAML": (f"{HEAD}layers: [{'relu, ' * 200_000}", "this is not YAML"),
    "characters of four bytes": (line(*["\U0001f642" * 2_000] * 60), "is not a layer"),
}
CASES = {f"{what}: {name}": case for what, cases in (
    ("unfolded", UNFOLDED), ("flood", FLOODS), ("again", AGAIN), ("long", LONG)
) for name, case in cases.items()}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_hostile_specs(text: str, expected: str, tmp_path: Path) -> None:
    """Each is refused within two seconds of work and 512 MiB, in at most a hundred lines and 100 KB."""
    (tmp_path / "net.yaml").write_text(text, "utf-8")
    assert expected in refused(tmp_path, "show", "net.yaml")


TABLES = {
    "one layer many times": (["conv1_1"] * 40_000, "'conv1_1' stands twice"),
    "layers that are nowhere": ([f"name{number}" for number in range(40_000)], "no layer or block 'name0'"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("names", "expected"), TABLES.values(), ids=TABLES)
def test_sums_of_layers_in_a_table(names: list[str], expected: str, tmp_path: Path) -> None:
    """A claim about forty thousand layers; each was looked for among all others."""
    claim = {"layer": " + ".join(names), "printed": "5"}
    table = {"table": "t", "model": "vgg16", "claims": {"params": claim}}
    (tmp_path / "table.yaml").write_text(json.dumps(table), "utf-8")
    assert expected in refused(tmp_path, "check", "table.yaml")


@pytest.mark.slow
def test_many_networks_with_one_fault(tmp_path: Path) -> None:
    """The other networks of a file are looked through for faults too, but not without end; it took 44 s."""
    fault = ["", ", blob"]
    networks = [f"  v{n}: {{layers: [{turns(20_000, 'conv1-8, relu')}{fault[n == 1]}]}}\n" for n in range(60)]
    (tmp_path / "net.yaml").write_text(f"{HEAD}variants:\n{''.join(networks)}", "utf-8")
    told = refused(tmp_path, "show", "net.yaml:v1")
    assert "'blob' is no kind of layer" in told
    assert "58 of 60 networks were not looked through" in told


def test_the_page_has_every_bound() -> None:
    """With its value and its reason, as they stand in the module."""
    page = (ROOT / "docs" / "bounds.md").read_text("utf-8")
    names = {name for name in vars(bounds) if name.isupper()}
    assert len(names) > 20
    assert [name for name in sorted(names) if f"`{name}`" not in bounds_rows()] == [], "a bound without its reason"
    assert bounds_rows() in page, "run python tests/documents.py"


QUOTED = 100
"""Where a fault stands in a line of as many words."""


def test_a_long_line_is_quoted_round_its_fault() -> None:
    """The caret stands below the first letter of it; what is left out is marked."""
    words = ["conv1-8"] * QUOTED + ["blob"] + ["relu"] * QUOTED
    with pytest.raises(SpecError) as raised:
        load(line(*words))
    _, quoted, caret = str(raised.value).splitlines()
    assert len(quoted) < 2 * bounds.EXCERPT
    assert quoted.strip().startswith("...")
    assert quoted.endswith("...")
    assert quoted[caret.index("^") :].startswith("blob, relu")


def test_a_short_line_is_quoted_whole() -> None:
    """With escapes before it, the caret still stands where the fault does."""
    assert str(Problem("no", "yes", Mark(Source("a", "x\x07y z"), 1, 5))) == "a:1:5: no; yes\n  x\\x07y z\n         ^"


def test_a_long_value_is_told_without_its_middle() -> None:
    """Its beginning, its end, and what is wrong with it."""
    (problem,) = VggcalcError(Problem(f"'{'a' * 10_000}z' is no kind of layer", code="unknown-kind")).problems
    assert len(problem.message) <= bounds.MESSAGE + len("...")
    assert problem.message.startswith("'aaa")
    assert problem.message.endswith("aaz' is no kind of layer")


def test_faults_are_told_to_a_bound() -> None:
    """The first of them in the order of the file, and how many more there are; telling them again changes nothing."""
    source = Source("a", "x" * 200)
    found = [Problem(f"fault {column:03}", "", Mark(source, 1, column)) for column in range(150, 0, -1)]
    told = VggcalcError(found)
    assert [problem.message for problem in told.problems[:2]] == ["fault 001", "fault 002"]
    assert told.problems[-1].message == f"and {150 - bounds.FAULTS} more"
    assert VggcalcError(told.problems).problems == told.problems


def test_a_repeat_tells_a_fault_once() -> None:
    """In each of its turns it is the same one; in two places, it is two."""
    text = "family: f\ninput: 8x8x3\nlayers:\n- repeat: {times: 3, layers: [blob, blob]}\n- blob\n"
    assert [fault.partition(" ")[0] for fault in faults(text)] == ["4:31", "4:37", "5:3"]
