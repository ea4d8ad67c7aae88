"""A network written as a spec, which reads back to an equal network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import FITTING, networks
from test_caffe import LENET
from test_layers import ROWS
from texts import BUNDLED, SAMPLE, model

from vggcalc import load
from vggcalc.cli import cli
from vggcalc.errors import Source
from vggcalc.language.build import Builder
from vggcalc.layers import Layer, notation
from vggcalc.network import Network
from vggcalc.reading.nodes import ListNode, MapNode, parse
from vggcalc.reading.reader import Reader
from vggcalc.shape import Shape
from vggcalc.writing import spec_of
from vggcalc.writing.flow import flow


def read_back(layer: Layer, assumed: dict[str, Any]) -> Layer:
    """A layer as a line of a spec, over what is assumed of its kind, read by the language."""
    text, options = notation.spell(type(layer), layer.fields, assumed)
    reader = Reader()
    defaults, line = (
        parse(Source("t", written), reader.problems)
        for written in (flow(assumed), flow([{text: {"from": ["input"] * max(1, layer.inputs[0]), **options}}]))
    )
    assert isinstance(defaults, MapNode)
    assert isinstance(line, ListNode)
    builder = Builder(reader, {}, {layer.kind: defaults.entries})
    builder.graph.inputs({"input": Shape(3, (8, 8))}, None)
    builder.sequence(line, builder.graph.top_scope({}), (0,))
    assert [*reader.problems] == []
    found = builder.graph.nodes[1].layer
    assert found is not None
    return found


def equal(network: Network, other: Network) -> None:
    """Nodes with names, layers, inputs, shares, training and forms; inputs, outputs, classifier, modules; words."""
    assert [node._replace(mark=None) for node in network.nodes] == [node._replace(mark=None) for node in other.nodes]
    for key in ("input_shapes", "outputs", "source", "note", "top", "modules"):
        assert getattr(network, key) == getattr(other, key), key
    assert other.title == (network.title or other.name)


@pytest.mark.parametrize("layer", [row[1] for row in ROWS if row[1].kind != "input"], ids=str)
def test_every_layer_is_spelled_exactly(layer: Layer) -> None:
    """Whatever a layer's fields are, its line says them."""
    assert read_back(layer, {}) == layer


@pytest.mark.slow
@given(st.data(), st.sampled_from(sorted(FITTING)))
def test_a_layer_is_spelled_exactly_over_what_is_assumed(data: st.DataObject, kind: str) -> None:
    """Defaults of the file that another layer of the kind has: what differs from them is said."""
    layer, _ = data.draw(FITTING[kind])
    other, _ = data.draw(FITTING[kind])
    assumed = {name: value for name, value in other.fields.items() if None not in (value, layer.fields[name])}
    assert read_back(layer, assumed) == layer


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize(
    "name", [name if name in SAMPLE[::6] else pytest.param(name, marks=pytest.mark.slow) for name in BUNDLED]
)
def test_every_bundled_network_is_written(name: str, flat: bool) -> None:
    """What was written reads back to an equal network."""
    network = load(name).network
    equal(network, model(spec_of(network, flat)).network)


@pytest.mark.slow
@given(networks(), st.booleans())
def test_any_network_is_written(network: Network, flat: bool) -> None:
    """Layers that read any earlier ones, several inputs, many outputs; what nothing reads is one."""
    assume(len(network.nodes) > len(network.input_shapes))  # nothing but inputs is no spec
    unread = tuple(place for place, readers in enumerate(network.readers()) if not readers)
    network = network._replace(outputs=tuple(dict.fromkeys((*network.outputs, *unread))))
    equal(network, model(spec_of(network, flat)).network)


BRANCHES = """
name: "two"
layer { name: "data" type: "Input" top: "data" input_param { shape: { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "res1/a" type: "Convolution" bottom: "data" top: "res1/a"
  convolution_param { num_output: 4 kernel_size: 3 pad: 1 bias_term: false } }
layer { name: "bn1/a" type: "BatchNorm" bottom: "res1/a" top: "res1/a" }
layer { name: "relu 1" type: "ReLU" bottom: "res1/a" top: "res1/a" }
layer { name: "b: 2" type: "Convolution" bottom: "data" top: "b" convolution_param { num_output: 4 kernel_size: 1 } }
layer { name: "010" type: "Eltwise" bottom: "res1/a" bottom: "b" top: "sum" }
layer { name: "cls" type: "InnerProduct" bottom: "sum" top: "cls" inner_product_param { num_output: 10 } }
layer { name: "box" type: "InnerProduct" bottom: "sum" top: "box" inner_product_param { num_output: 4 } }
"""
"""Names that YAML would read as something else, paths, and two outputs."""


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("text", [LENET, BRANCHES])
def test_a_foreign_network_is_written(tmp_path: Path, text: str, flat: bool) -> None:
    """Names, inputs and outputs of the file stay, whatever signs are in them."""
    path = tmp_path / "net.prototxt"
    path.write_text(text, "utf-8")
    network = load(path).network
    equal(network, model(spec_of(network, flat)).network)


def test_the_shorthand_says_all_that_it_can() -> None:
    """VGG-16 as its authors write it, one short line a layer: Table 1, column D."""
    lines = spec_of(load("vgg16").network, flat=True).partition("layers:\n")[2].split()[1::2]
    assert lines[:6] == ["conv3-64", "conv3-64", "maxpool", "conv3-128", "conv3-128", "maxpool"]
    assert lines.count("conv3-512") == 6


STAGES = """
family: stages
input: 32x32x3
defaults: {conv: {padding: half, norm: batchnorm, activation: relu}, add: {inplace: true}}
layers:
  - {conv3-16: {name: stem}}
STAGE
  - globalavgpool
  - fc-10
"""
UNIT = """  - residual:
      name: stage%d.%d
      layers: [conv1-%d, {conv3-%d: {activation: none}}]
"""


def test_what_repeats_is_written_once() -> None:
    """Three stages of three, four and five units, each of them twice as wide: one block, two numbers each."""
    units = ""
    for stage, times in enumerate((3, 4, 5)):
        width = 16 * 2**stage
        units += f"  - {{conv3-{width}/2: {{name: down{stage}}}}}\n" if stage else ""
        units += "".join(UNIT % (stage, number, width // 4, width) for number in range(times))
    network = model(STAGES.replace("STAGE\n", units)).network
    text = spec_of(network)
    equal(network, model(text).network)
    assert len(text.splitlines()) <= 20
    assert [line.split(", with: ")[1] for line in text.splitlines() if "name: stage" in line] == [
        "{times: 3, out: 4}}",
        "{times: 4, out: 8}}",
        "{times: 5, out: 16}}",
    ]


def test_two_that_are_alike_by_chance_are_no_repetition() -> None:
    """Widths that grow evenly through three layers are three widths."""
    text = "family: t\ninput: 8x8x3\nlayers: [conv3-8, conv3-16, conv3-24]"
    assert spec_of(model(text).network).splitlines()[2:] == ["layers:", "  - conv3-8", "  - conv3-16", "  - conv3-24"]


def test_a_residual_under_a_long_shortcut_is_one() -> None:
    """A feature pyramid reads a stage again: its residuals are residuals all the same."""
    text = """
family: pyramid
input: 32x32x3
layers:
  - {conv1-8: {name: a}}
  - {residual: {name: one, layers: [conv1-8]}}
  - {conv1-8: {name: b}}
  - {residual: {name: two, layers: [conv1-4, conv1-8]}}
  - {add: {name: pyramid, from: [b, one]}}
  - {add: {name: last, from: [pyramid, two]}}
"""
    network = model(text).network
    assert spec_of(network).count("residual") == 2
    equal(network, model(spec_of(network)).network)


def test_numbered_doubles_of_a_layer_are_no_block() -> None:
    """A second sum that is named add.2 does not stand in a block that is called as the first."""
    unit = (
        "{residual: {name: u%d, layers: [conv1-4, {residual: {layers: [conv1-4]}}, {residual: {layers: [conv1-4]}}]}}"
    )
    network = model(f"family: t\ninput: 8x8x4\nlayers: [{unit % 0}, {unit % 1}, {unit % 2}]").network
    assert {"u1.add", "u1.add.2", "u1.add.3"} <= {node.name for node in network.nodes}
    text = spec_of(network)
    assert "repeat" in text
    equal(network, model(text).network)


def test_names_that_come_back_are_two_groups() -> None:
    """Layers under one name on both sides of another: only one block can have that name."""
    names = ["a.one", "a.two", "b", "a.three", "a.four", "c.one", "c.two", "c.three", "c.four"]
    items = ", ".join(f"{{conv3-8: {{name: {name}, stride: 2}}}}" for name in names)
    network = model(f"family: t\ninput: 4096x4096x4\nlayers: [{items}]").network
    equal(network, model(spec_of(network)).network)


def test_a_group_reads_a_layer_outside_that_is_called_as_one_of_its_own() -> None:
    """What a layer reads stands above it: a norm further down in the group is another one."""
    pool = "{fc-4: {name: pool.q}}, {fc-4: {name: pool.kv, from: norm}}, {layernorm: {name: pool.norm, from: pool.q}}"
    last = "{add: {name: pool.add, from: [pool.norm, pool.kv]}}"
    same = ", ".join(["fc-4"] * 9)  # whose repetition shows that the fold stood
    network = model(f"family: t\ninput: 8x8x4\nlayers: [{{layernorm: {{name: norm}}}}, {pool}, {last}, {same}]").network
    assert "times: 9" in spec_of(network)
    equal(network, model(spec_of(network)).network)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "most"),
    [("resnet152", 60), ("efficientnet_b7", 100), ("densenet201", 100), ("convnext_large", 100), ("hrnet_w48", 200)],
)
def test_the_largest_bundled_networks_are_folded(name: str, most: int) -> None:
    """No bound on the search for blocks leaves them flat, as lines of some hundreds of layers."""
    network = load(name).network
    folded = spec_of(network)
    assert len(folded.splitlines()) <= most < len(network.nodes)
    equal(network, model(folded).network)


def run(*arguments: str) -> Result:
    """What the command does."""
    return CliRunner().invoke(cli, ["convert", *arguments])


def test_the_command(tmp_path: Path) -> None:
    """Into a file that is not there yet, or by force; with the settings behind the model's name."""
    path = tmp_path / "net.yaml"
    assert run("vgg11,classes=7,no-top", "-o", str(path)).exit_code == 0
    assert load(path).analyse().totals.params == load("vgg11").analyse(top=False).totals.params
    refused = run("vgg16", "-o", str(path))
    assert (refused.exit_code, "add --force to write over it" in refused.stderr) == (2, True)
    assert run("vgg11,classes=7", "-o", str(path), "--force").exit_code == 0
    assert load(path).analyse().rows[-2].output.channels == 7
    assert run("vgg11,classes=7", "--to", "yaml").stdout == path.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vgg16,batch=4"], "'batch' is no part of a network"),
        (["vgg16", "-o", ""], "--output names no file"),
        (["vgg16", "--force"], "--force has no file"),
        (["vgg17"], "there is no model 'vgg17'"),
        (["vgg16", "--to", "onnx"], "'onnx'"),
    ],
)
def test_what_cannot_be_converted_is_told(arguments: list[str], said: str) -> None:
    """On stderr, with exit code 2."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize("name", ["$(x)", "$(1+1)", "y$(i", " ", "a ", r"\ud800"])
def test_a_name_that_no_layer_of_a_spec_can_have(tmp_path: Path, name: str) -> None:
    """It is told where it stands in the file, and not in a text that nobody has."""
    layers = '{"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 4]}},\n'
    layers += '{"class_name": "Dense", "config": {"name": "' + name + '", "units": 3}}'
    path = tmp_path / "net.json"
    path.write_text('{"class_name": "Sequential", "config": {"name": "s", "layers": [' + layers + "]}}", "utf-8")
    result = run(str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"net.json:2:1: no layer of a spec can have the name '{name}'; give it another one" in result.stderr


def test_what_a_runner_takes_for_a_command_is_spelt_out() -> None:
    """`##[` means something anywhere in a line of a log; it reads back as it was."""
    text = "family: f\ninput: 8x8x3\nlayers:\n  - {relu: {name: '##[error]x'}}\n"
    written = spec_of(model(text).network)
    assert "##[" not in written
    assert r'"##\x5berror]x"' in written
    assert model(written).network.nodes[1].name == "##[error]x"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "lines"),
    [  # what the bundled files spend on each: keys of the family and the variant, and the blocks that its layers reach
        ("resnet50", 50),
        ("googlenet", 55),
        ("densenet121", 58),
        ("mobilenet_v3_large", 63),
        ("efficientnet_b0", 68),
    ],
)
def test_a_spec_is_no_longer_than_one_by_hand(name: str, lines: int) -> None:
    """Neither in lines than the bundled spec, which serves further variants, nor wider than a line."""
    written = spec_of(load(name).network).splitlines()
    assert len(written) <= lines
    assert max(map(len, written)) <= 120


@st.composite
def repeating(draw: st.DrawFn) -> str:
    """A spec of stages of units that are alike but for some number, under names of several ways of writing them."""
    name = draw(st.sampled_from(["s{s}.{u}.{n}", "s{s}_{u}{n}", "res{s}{l}_{n}", "{n}{s}{u}", "a.b.s{s}.u{u}.{n}"]))
    lines, number = ["  - {conv1-8: {name: stem, padding: 0}}"], iter(range(1000))
    for stage in range(draw(st.integers(1, 3))):
        width = draw(st.sampled_from([8, 8, 16]))
        lines.append(f"  - {{conv1-{width}: {{name: down{stage}}}}}")
        for unit in range(draw(st.integers(1, 4))):
            names = [name.format(s=stage, u=unit, l="abcd"[unit], n=kind) for kind in ("conv", "norm", "sum")]
            kernel = draw(st.sampled_from([1, 3, 3, 3]))
            above = f"last{next(number)}"
            lines += [
                f"  - {{identity: {{name: {above}}}}}",
                f"  - {{conv{kernel}-{width}: {{name: {names[0]}, padding: {kernel // 2}}}}}",
                f"  - {{batchnorm: {{name: {names[1]}}}}}",
                f"  - {{add: {{name: {names[2]}, from: {draw(st.permutations([names[1], above]))}}}}}",
                *(["  - relu"] if draw(st.booleans()) else []),
            ]
    return "family: t\ninput: 8x8x3\nlayers:\n" + "\n".join(lines).replace("'", "")


@pytest.mark.slow
@given(repeating())
def test_whatever_repeats_is_written_exactly(text: str) -> None:
    """Folds keep names, numbers and what reads what; and fall back on nothing, for they were no shorter then."""
    network = model(text).network
    folded, flat = spec_of(network), spec_of(network, flat=True)
    equal(network, model(folded).network)
    assert len(folded) <= 1.2 * len(flat) + 200
