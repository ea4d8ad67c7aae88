"""The JSON Schema of a spec and the reader come to one verdict wherever a schema can tell."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from documents import ROOT
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from vggcalc.cli import cli
from vggcalc.errors import Source, VggcalcError
from vggcalc.language import bundled
from vggcalc.language import schema as made
from vggcalc.language.family import Family
from vggcalc.layers import REGISTRY
from vggcalc.layers.fields import Check
from vggcalc.reading.faults import Faults
from vggcalc.reading.nodes import ListNode, MapNode, YamlNode, parse

SCHEMA = made.schema()
VALIDATOR = Draft7Validator(SCHEMA)
BAD = sorted((Path(__file__).parent / "specs" / "bad").glob("*.yaml"))
MODELINE = "# yaml-language-server: $schema=schema.json\n"

RICH = {
    "family": "rich",
    "title": "T",
    "input": "32x32x3",
    "vars": {"width": 8, "head": "small"},
    "defaults": {"conv": {"padding": "half", "norm": "batchnorm", "activation": "relu"}, "maxpool": {"stride": 2}},
    "blocks": {"pair": ["conv3-$(width)", {"conv": {"kernel_size": [3, 3], "out_channels": "$(width * 2)"}}]},
    "layers": [
        {"conv7x5-8/2": {"name": "stem", "padding": [[3, 3], 2], "dilation": 1, "bias": False}},
        "MaxPool3",
        {"use": "pair", "with": {"width": 16}, "name": "one"},
        {"repeat": {"times": 2, "index": "i", "layers": [{"conv1-$(width + i)": {"activation": "none"}}]}},
        {"residual": {"layers": ["conv3-9"], "shortcut": ["conv1-9"], "activation": "relu"}},
        {"branches": {"merge": "concat", "name": "cat", "paths": {"a": [{"dropout": {"p": 0.1}}], "b": []}}},
        {"conv3-4": {"norm": {"groupnorm": {"num_groups": 2}}, "activation": {"leakyrelu": None}, "from": "one"}},
        {"upsample": {"scale_factor": 2, "mode": "nearest", "name": "up"}},
        {"fc-10": {"from": ["up"]}},
        "soft-max",
    ],
    "outputs": ["softmax3", "cat"],
}
"""A spec with a bit of everything, all of which is read."""
VARIANTS = {
    "family": "two",
    "input": {"left": "8x8x1", "right": "8x8x1"},
    "variants": {
        "a": {"aliases": ["first"], "layers": [{"concat": {"from": ["left", "right"], "name": "both"}}, "convmap3"]},
        "b": {"like": "a", "vars": {"n": 3}, "layers": [{"add": {"from": ["left", "right"]}}, "avgpool2", "fc-$(n)"]},
    },
}
VARIANTS["variants"]["a"]["layers"][1] = {"convmap3": {"connections": [[0, 1], [1]]}}  # type: ignore[index]


def refused(text: str) -> list[str]:
    """What the reader has against the text of a spec, in any of its networks."""
    try:
        family = Family(Source("spec", text), bundled.variant)
        for name, variant in family.variants.items():
            family.build(variant, name)
    except VggcalcError as error:
        return [str(problem) for problem in error.problems]
    return []


def complaints(data: Any) -> list[str]:
    """What the schema has against it."""
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in VALIDATOR.iter_errors(data)]


def core(node: YamlNode) -> Any:
    """A node as editors read it: by the core schema of YAML 1.2, section 10.3.2."""
    if isinstance(node, ListNode):
        return [core(item) for item in node.items]
    if isinstance(node, MapNode):
        return {key: core(entry.value) for key, entry in node.entries.items()}
    if node.quoted:
        return node.text
    if re.fullmatch("null|Null|NULL|~|", node.text):
        return None
    if re.fullmatch("true|True|TRUE|false|False|FALSE", node.text):
        return node.text.lower() == "true"
    for pattern, base in (("[-+]?[0-9]+", 10), ("0o[0-7]+", 8), ("0x[0-9a-fA-F]+", 16)):
        if re.fullmatch(pattern, node.text):
            return int(node.text.removeprefix("0o"), base)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", node.text):
        return float(node.text)
    return node.text


def read(text: str) -> Any:
    """A text as editors read it."""
    node = parse(Source("spec", text), Faults())
    return None if node is None else core(node)


def test_it_is_a_schema_of_draft_7() -> None:
    """As its first line says."""
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_every_kind_and_every_field_is_in_it() -> None:
    """With the words of its class."""
    for kind, cls in REGISTRY.items():
        if kind != "input":
            of_kind = SCHEMA["definitions"][kind]
            assert of_kind["description"] == (cls.__doc__ or "").split("\n")[0]
            assert [*of_kind["properties"]] == [*cls.checks, "name", "from", "norm", "activation", "share"]
            for field, check in cls.checks.items():
                assert of_kind["properties"][field]["description"] == check.expected


def test_the_kept_one_is_current() -> None:
    """Else run tests/documents.py; the command prints the same."""
    kept = (ROOT / "specs" / made.FILE).read_text("utf-8")
    assert kept == made.text() == CliRunner().invoke(cli, ["schema"]).stdout
    assert json.loads(kept) == json.loads(json.dumps(SCHEMA))


@pytest.mark.parametrize("name", sorted(bundled.texts()))
def test_bundled_specs_hold_and_name_it(name: str) -> None:
    """Every bundled spec keeps to the schema, which lies beside it, and begins with the line that tells editors so."""
    text = bundled.texts()[name]
    assert text.startswith(MODELINE)
    assert complaints(read(text)) == []


@pytest.mark.parametrize("path", [path for path in BAD if path.stem != "not_utf8"], ids=lambda path: path.stem)
def test_what_the_schema_refuses_the_reader_refuses(path: Path) -> None:
    """In the corpus of bad specs, what the schema sees is no invention."""
    text = path.read_text("utf-8")
    assert refused(text) or not complaints(read(text))


@pytest.mark.parametrize(
    "stem",
    [
        "branches", "defaults", "field_unknown", "field_values", "input_shapes", "kind_unknown", "repeat",
        "layers_beside_variants",
        "layers_missing", "layers_no_list", "layer_shapes_of_yaml", "norm_and_activation", "numbers_as_words",
        "top_level_list", "types_at_every_level", "unknown_key", "with",
    ],
)  # fmt: skip
def test_bad_specs_that_a_schema_can_tell(stem: str) -> None:
    """Types, keys, kinds, fields and their values: an editor underlines them."""
    assert complaints(read((BAD[0].parent / f"{stem}.yaml").read_text("utf-8")))


def test_the_specs_that_are_mutated_are_right() -> None:
    """To both."""
    for spec in (RICH, VARIANTS):
        assert refused(json.dumps(spec)) == []
        assert complaints(spec) == []


@pytest.mark.parametrize(
    "layer",
    [
        "conv3", "conv-64", "FC-10", "Soft-Max", "max_pool3/2", "conv1x7-192", "conv7-64/2x1", "relu6", "relu-6",
        " relu ", "conv3-$(w)", "conv$(w)-64", "fc-$(w)", "$(w)", "lrn", "pad3", "adaptiveavgpool7x7", "dwconv3/2",
        "relu3", "conv3x3x3x3-64", "conv0-64", "conv03-64", "conv3-64/0", "blob", "conv2d-64", "conv3-64-3", "fc-0",
        "fc10", "maxpool-3", "conv3-1234567890", "relu ,", "", "input", "none", "conv3-64 # x", "softmax/2", "lrn5",
        64, None, True, [], {}, {"relu": None}, {"conv3-8": {}}, {"relu": {"a": 1}}, {"a": 1, "b": 2}, {"blob": {}},
        {"conv3-8": []}, {"conv3-8": {"stride": "2"}}, {"conv3-8": {"stride": [2, 1]}}, {"conv3-8": {"bias": "yes"}},
        {"conv3-8": {"padding": "half"}}, {"conv3-8": {"padding": "full"}}, {"conv3-8": {"padding": [[1, 0], 2]}},
        {"conv3-8": {"padding": [[1, 0, 1], 2]}}, {"conv3-8": {"stride": -1}}, {"conv3-8": {"stride": 2000000000}},
        {"conv3-8": {"norm": "relu"}}, {"conv3-8": {"activation": None}}, {"conv3-8": {"activation": "nothing"}},
        {"conv3-8": {"activation": ["relu"]}}, {"conv3-8": {"norm": {"batchnorm": {"from": "x"}}}},
        {"use": "b"}, {"use": "b", "width": 1}, {"repeat": {"times": 1, "layers": ["relu"]}},
        {"repeat": {"layers": []}},
        {"repeat": {"times": -1, "layers": ["relu"]}}, {"residual": {"layers": ["relu"]}}, {"residual": {}},
        {"branches": {"merge": "add", "paths": [["relu"], []]}}, {"branches": {"merge": "add", "paths": ["relu"]}},
    ],
)  # fmt: skip
def test_one_layer(layer: Any) -> None:
    """What is read of one line, the schema lets pass; what it refuses is not read."""
    spec = {
        "family": "f",
        "input": "32x32x3",
        "vars": {"w": 4},
        "defaults": {"conv": {"kernel_size": 3, "out_channels": 8}, "dwconv": {}},
        "blocks": {"b": ["relu"]},
        "layers": ["conv3-16", layer, {"use": "b"}],
    }
    faults = refused(json.dumps(spec))
    if not faults:
        assert complaints(spec) == []
    if complaints(spec):
        assert faults
    notation = re.compile(
        "no kind|not a layer|a number that it does not take|lacks a dash|out of bounds|no field|must be"
    )
    if any(notation.search(fault) and "$(" not in str(layer) for fault in faults):
        assert complaints(spec), faults


# Mutations

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 3, 64, 0.5, 1.5, 10**9, 10**10, "", " ", "a", "one", "relu", "none", "conv3-8",
    "half", "$(width)", "$(1)", "3", "batchnorm", "add", "8x8x1", "yes", [], {}, [1], [3, 3], [[1, 2], 3], ["relu"],
    [[]], [None], {"relu": None}, {"a": 1}, {"conv3-8": {"stride": 1}}, {"name": "z"}, {"use": "pair"},
    {"relu": {"inplace": True}},
]  # fmt: skip
KEYS = [
    "name", "from", "stride", "padding", "bias", "layers", "times", "use", "with", "norm", "title", "note", "relu", "x",
    "conv1-8", "merge", "paths", "like", "vars", "input", "p", "share", "top", "training", "pytorch", "64",
]  # fmt: skip


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is something to change."""
    yield path
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(value, (*path, key))


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Any, int]:
    """A right spec with one to three things changed, added, renamed or taken out, and how many."""
    spec = copy.deepcopy(draw(st.sampled_from([RICH, VARIANTS])))
    count = draw(st.integers(1, 3))
    for _ in range(count):
        *above, last = draw(st.sampled_from([path for path in places(spec) if path]))
        inner: Any = spec
        for key in above:
            inner = inner[key]
        change = draw(st.sampled_from(["put", "put", "take", "add", "rename"]))
        value = copy.deepcopy(draw(st.sampled_from(VALUES)))
        if change == "take":
            del inner[last]
        elif change == "put" or isinstance(inner, list):
            inner[last] = value
        elif change == "add":
            inner[draw(st.sampled_from(KEYS))] = value
        else:
            inner[draw(st.sampled_from(KEYS))] = inner.pop(last)
    return spec, count


@given(mutated())
def test_the_schema_refuses_nothing_that_is_read(case: tuple[Any, int]) -> None:
    """Where the schema complains, so does the reader, unless another change has left a block or default unread."""
    spec, count = case
    errors = VALIDATOR.iter_errors(spec)
    said = [
        each.message for each in errors if count == 1 or [*each.absolute_path][:1] not in (["blocks"], ["defaults"])
    ]
    if said:
        assert refused(json.dumps(spec)), said


# Fields

CHECKS = {f"{kind}.{field}": check for kind, cls in REGISTRY.items() for field, check in cls.checks.items()}
ATOMS = st.sampled_from(
    [0, 1, 2, 7, -1, 0.5, True, False, "valid", "half", "same", "one", "all", "channels", "nearest", ""]
)
FIELD_VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=4), max_leaves=8)


def frozen(value: Any) -> Any:
    """Lists as layers hold them."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value


def test_every_field_has_a_form() -> None:
    """A field without one would pass any value in an editor."""
    assert [name for name, check in CHECKS.items() if not check.form] == []


@given(st.sampled_from(sorted(CHECKS)), FIELD_VALUES)
def test_the_form_of_a_field_is_its_check(name: str, value: Any) -> None:
    """What a field accepts and what its form lets pass is the same, bar that 1.0 is whole to JSON."""
    check: Check = CHECKS[name]
    assert Draft7Validator(dict(check.form)).is_valid(value) == check.accepts(frozen(value))


@pytest.mark.parametrize(
    ("text", "is_right"),
    [
        ("title: 2012", True),
        ("title: yes", True),
        ("title: ~", True),
        ("title: [a]", False),
        ("vars: {a: 010}", None),
        ("vars: {a: 1.5}", False),
        ("vars: {a: null}", True),
        ("vars:", True),
        ("defaults: {conv: }", True),
        ("defaults: {conv: {strid: 2}}", False),
        ("defaults: {conv3: {stride: 2}}", False),
        ("note: 1e3", True),
        ("outputs: []", True),
        ("pytorch: {modules: []}", True),
        ("pytorch: {module: []}", False),
        ("variants: {a: }", None),
    ],
)
def test_values_as_editors_read_them(text: str, is_right: bool | None) -> None:
    """YAML 1.2 makes numbers and nulls of what is text here; None: the schema lets pass what the reader refuses."""
    spec = f"family: f\ninput: 8x8x3\nlayers: [conv3-8]\n{text}\n".replace("layers: [conv3-8]\nvariants", "variants")
    assert (refused(spec) == [], complaints(read(spec)) == []) == (bool(is_right), is_right is not False)
