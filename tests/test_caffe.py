"""Caffe's networks: the grammar, the layers, and what goes wrong in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from vggcalc import SpecError, UsageError, load
from vggcalc.errors import Source
from vggcalc.frameworks.caffe.prototxt import parse

LENET = """
name: "LeNet"
layer { name: "data" type: "Input" top: "data" input_param { shape: { dim: 64 dim: 1 dim: 28 dim: 28 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 20 kernel_size: 5 } }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2"
  convolution_param { num_output: 50 kernel_size: 5 } }
layer { name: "pool2" type: "Pooling" bottom: "conv2" top: "pool2"
  pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "ip1" type: "InnerProduct" bottom: "pool2" top: "ip1" inner_product_param { num_output: 500 } }
layer { name: "relu1" type: "ReLU" bottom: "ip1" top: "ip1" }
layer { name: "ip2" type: "InnerProduct" bottom: "ip1" top: "ip2" inner_product_param { num_output: 10 } }
layer { name: "prob" type: "Softmax" bottom: "ip2" top: "prob" }
"""
"""BVLC's examples/mnist/lenet.prototxt in short."""


def network(tmp_path: Path, text: str, file: str = "net.prototxt") -> str:
    """The path of a file with this text."""
    path = tmp_path / file
    path.write_text(text, "utf-8")
    return str(path)


def test_lenet(tmp_path: Path) -> None:
    """Each layer by hand: (5*5*1 + 1)*20, (5*5*20 + 1)*50, (4*4*50 + 1)*500, (500 + 1)*10."""
    report = load(network(tmp_path, LENET)).analyse()
    assert (report.model, report.network.title) == ("net", "LeNet")
    params = {row.name: row.params for row in report.rows if row.params}
    assert params == {"conv1": 520, "conv2": 25_050, "ip1": 400_500, "ip2": 5_010}
    assert report.totals.macs == 24 * 24 * 500 + 8 * 8 * 25_000 + 400_000 + 5_000
    assert [row.name for row in report.rows][-3:] == ["relu1", "ip2", "prob"]
    assert report.row("pool2").output.chw == (50, 4, 4)


@pytest.mark.parametrize(
    ("pooling", "side"),
    [
        ("kernel_size: 3 stride: 2", 4),  # ceil((8 - 3)/2) + 1
        ("kernel_size: 3 stride: 2 ceil_mode: false", 3),  # floor
        ("kernel_size: 3 stride: 2 round_mode: FLOOR", 3),
        ("kernel_size: 2 stride: 2 pad: 1", 5),  # ceil((8 - 2 + 2)/2) + 1: the last window begins at 7, inside
        ("kernel_size: 3 stride: 3 pad: 1", 3),  # ceil((8 - 3 + 2)/3) + 1 = 4: the last begins at 8, past the input
        ("global_pooling: true", 1),
    ],
)
def test_pooling_rounds_up_and_clips(tmp_path: Path, pooling: str, side: int) -> None:
    """pooling_layer.cpp: ceil, and a last window that would start in the padding is dropped."""
    text = f"""input: 'data' input_shape {{ dim: [1, 3, 8, 8] }}
    layer {{ type: 'Pooling' bottom: 'data' top: 'p' pooling_param {{ {pooling} }} }}"""
    report = load(network(tmp_path, text)).analyse()
    assert report.rows[-1].output.hwc == (side, side, 3)


def test_versions_are_read_alike(tmp_path: Path) -> None:
    """Version 1 has `layers` and capitals; version 0 a layer within a layer, its numbers beside its type."""
    first = load(network(tmp_path, LENET.replace("layer {", "layers {").replace('"InnerProduct"', "INNER_PRODUCT")))
    assert first.analyse().totals == load(network(tmp_path, LENET)).analyse().totals
    oldest = """input: "data" input_dim: 1 input_dim: 3 input_dim: 9 input_dim: 9
    layers { layer { name: "c" type: "conv" num_output: 4 kernelsize: 3 pad: 1 group: 1 } bottom: "data" top: "c" }"""
    assert load(network(tmp_path, oldest)).analyse().totals.params == (3 * 3 * 3 + 1) * 4


def test_phases(tmp_path: Path) -> None:
    """What runs in training alone is no part of the network that is tested."""
    text = LENET + 'layer { type: "ReLU" bottom: "ip2" top: "x" include { phase: TRAIN } }'
    assert [row.name for row in load(network(tmp_path, text)).analyse().rows][-1] == "prob"


def test_weights_of_the_same_name_are_shared(tmp_path: Path) -> None:
    """As the towers of a siamese network have them: they are counted once, their work twice."""
    text = (
        "input: 'a' input_shape { dim: 1 dim: 3 dim: 9 dim: 9 } input: 'b' input_shape { dim: 1 dim: 3 dim: 9 dim: 9 }"
    )
    for side in "ab":
        text += f"""layer {{ name: 'c{side}' type: 'Convolution' bottom: '{side}' top: 'c{side}'
        param {{ name: 'w' }} convolution_param {{ num_output: 4 kernel_size: 3 }} }}"""
    totals = load(network(tmp_path, text)).analyse().totals
    assert (totals.params, totals.macs) == (27 * 4 + 4, 2 * 7 * 7 * 27 * 4)


def test_a_file_without_a_size_is_asked_for_one(tmp_path: Path) -> None:
    """Training data of unknown size: the input is the reader's to say, and nothing is guessed."""
    text = LENET.replace("input_param { shape: { dim: 64 dim: 1 dim: 28 dim: 28 } }", "").replace("Input", "Data")
    path = network(tmp_path, text)
    with pytest.raises(SpecError, match=r"net.prototxt:3:\d+: the file does not say how large 'data' is"):
        load(path)
    assert load(f"{path},input=28x28x1").analyse().totals.params == 431_080


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layer { name: 'a", "1:15: this text has no end"),
        ("layer { name: 'a' ", "1:7: this has no end; close it with '}'"),
        ("layer { name: 'a' } }", "1:21: '}' has no place here"),
        ("layer { name }", "1:14: '}' has no place here"),
        (LENET.replace("num_output: 20 ", ""), "conv.out_channels is 0"),
        (LENET.replace('bottom: "pool1"', ""), "8:7: conv2 reads nothing; give it a bottom"),
        (LENET.replace("num_output: 20", "num_output: N"), "5:35: 'N' is no whole number"),
        (LENET.replace("num_output: 20", "num_output: 089"), "5:35: '089' is no whole number"),
        (LENET.replace("num_output: 20", "num_output: 20 num_output: 21"), "5:50: 'num_output' is said twice"),
        (LENET.replace("num_output: 20", "bias_term: true bias_term: false"), "5:50: 'bias_term' is said twice"),
        (LENET.replace("num_output: 20", "} convolution_param {"), "'convolution_param' is said twice"),
        (
            LENET.replace("kernel_size: 5", "kernel_size: 5 kernel_h: 3"),
            "4:7: conv1: it has kernel_size beside kernel_h",
        ),
        (LENET.replace('bottom: "pool1"', 'bottom: "pool9"'), "8:51: no layer writes 'pool9'"),
        (LENET.replace("kernel_size: 5 } }", "kernel_size: 50 } }", 1), "4:7: conv1: a 50x50 kernel does not fit"),
    ],
)
def test_faults_have_their_place(tmp_path: Path, text: str, said: str) -> None:
    """Line and column in the file, and what is wrong."""
    with pytest.raises(SpecError) as caught:
        load(network(tmp_path, text)).analyse()
    assert said in str(caught.value)


def test_whole_numbers_are_as_protobuf_reads_them(tmp_path: Path) -> None:
    """From 0 on in eights, from 0x on in sixteens; 010 outputs are (25 + 1)*8 parameters."""
    for said, outputs in (("20", 20), ("010", 8), ("0x10", 16), ("0XA", 10)):
        found = load(network(tmp_path, LENET.replace("num_output: 20", f"num_output: {said}"))).analyse()
        assert found.row("conv1").params == 26 * outputs


def test_lists_of_messages() -> None:
    """Both forms of lists, both brackets, separators and comments."""
    found = parse(Source("net", "a: [ {x: 1}, {x: 2} ] # c\nb < x: [3, 4]; > c: -1e-3"))
    assert [message.text("x") for message in found.messages("a")] == ["1", "2"]
    assert [str(text) for text in found.message("b").texts("x")] == ["3", "4"]
    assert found.text("c") == "-1e-3"


@pytest.mark.parametrize("dims", ["1 0 8 8", "1 3 8 0", "1 3 -8 8", "1 3 999999999 999999999"])
def test_an_input_that_is_none(tmp_path: Path, dims: str) -> None:
    """Without a pixel or a channel, or with more than any map, it is told where it stands."""
    text = (
        f"input: 'data' {' '.join(f'input_dim: {dim}' for dim in dims.split())} layer {{ type: 'ReLU' bottom: 'data' }}"
    )
    with pytest.raises(
        SpecError, match=r"net.prototxt:1:8: data is no input of .*; an input has at least 1 along each"
    ):
        load(network(tmp_path, text))


@pytest.mark.parametrize("text", ["", "name: 'x'", "input: 'data' input_shape { dim: [1, 3, 8, 8] }", "layer { }"])
def test_a_file_without_layers(tmp_path: Path, text: str) -> None:
    """There is nothing to work out in it."""
    with pytest.raises((SpecError, UsageError)):
        load(network(tmp_path, text))


RULES = [
    # the rules of a second fully connected layer, and whether it runs when the network is tested
    ("", True),
    ("include { phase: TEST }", True),
    ("include { phase: TRAIN } include { phase: TEST }", True),
    ("exclude { phase: TEST }", False),
    ("exclude { phase: TRAIN }", True),
    ("include { min_level: 1 }", False),
    ("include { max_level: 0 }", True),
    ("include { stage: 'features' }", False),
    ("include { not_stage: 'features' }", True),
    ("include { stage: 'deploy' }", True),  # as DIGITS writes networks of all phases
    ("exclude { stage: 'deploy' }", False),
]


@pytest.mark.parametrize(("rules", "runs"), RULES)
def test_rules(tmp_path: Path, rules: str, runs: bool) -> None:
    """net.cpp: one of the rules that include it is met, or none that exclude it; within a rule all must be."""
    text = LENET + f"layer {{ name: 'more' type: 'Softmax' bottom: 'ip2' top: 'more' {rules} }}"
    assert ("more" in [row.name for row in load(network(tmp_path, text)).analyse().rows]) is runs
    stated = "state { stage: 'features' }" + LENET
    stated += "layer { type: 'ReLU' name: 'f' bottom: 'ip2' top: 'f' include { stage: 'features' } }"
    assert "f" in [row.name for row in load(network(tmp_path, stated)).analyse().rows]


def test_heads_of_training_stand_beside(tmp_path: Path) -> None:
    """They have parameters, (500 + 1)*7, and work in training alone; what stands in for a tested layer is none."""
    head = "inner_product_param { num_output: 7 } include { phase: TRAIN } }"
    text = LENET + f"layer {{ name: 'aux' type: 'InnerProduct' bottom: 'ip1' top: 'aux' {head}"
    text += f"layer {{ name: 'ip2' type: 'InnerProduct' bottom: 'ip1' top: 'ip2' {head}"
    text += (
        "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'aux' bottom: 'label' top: 'l' include { phase: TRAIN } }"
    )
    text += "layer { name: 'd' type: 'Data' top: 'data' top: 'label' include { phase: TRAIN } }"
    model = load(network(tmp_path, text))
    plain = load(network(tmp_path, LENET, "plain.prototxt")).analyse().totals
    assert model.analyse().totals.params == (plain.params or 0) + 501 * 7
    assert model.analyse().totals.macs == plain.macs
    assert model.analyse(training=True).totals.macs == (plain.macs or 0) + 500 * 7
    assert [row.name for row in model.analyse().rows if row.node.training] == ["aux", "loss"]


@pytest.mark.parametrize(
    "text",
    [
        "input: 'a' input: 'b' input_dim: 1 input_dim: 3 input_dim: 4 input_dim: 5"
        " input_dim: 1 input_dim: 3 input_dim: 4 input_dim: 5",
        "input: 'a' input_dim: 1 input_dim: 3 input_dim: 4 input_dim: 5 input: 'b' input_shape { dim: [1, 3, 4, 5] }",
        "input: 'a' input: 'b' input_shape { dim: [1, 3, 4, 5] } input_shape { dim: [1, 3, 4, 5] }",
        "layer { type: 'Input' top: 'a' top: 'b' input_param { shape { dim: [1, 3, 4, 5] } } }",
        "layer { type: 'DummyData' top: 'a' top: 'b' dummy_data_param { num: 1 num: 1 channels: 3 channels: 3 height: 4"
        " height: 4 width: 5 width: 5 } }",
        "layer { type: 'MemoryData' top: 'a' memory_data_param { batch_size: 1 channels: 3 height: 4 width: 5 } }"
        "layer { type: 'Input' top: 'b' input_param { shape { dim: [1, 3, 4, 5] } } }",
    ],
)
def test_inputs_are_declared_in_many_ways(tmp_path: Path, text: str) -> None:
    """Two images of 4x5x3."""
    text += " layer { name: 'sum' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 's' }"
    found = load(network(tmp_path, text)).analyse()
    assert ([str(row.output) for row in found.rows], found.network.input_names) == (["4x5x3"] * 3, ("a", "b"))


def test_layers_of_data_by_their_crop(tmp_path: Path) -> None:
    """Three colours, unless grey; another size can be asked."""
    text = "layer {{ type: 'Data' top: 'data' top: 'label' transform_param {{ crop_size: 9 {} }} }}"
    text += "layer {{ type: 'ReLU' bottom: 'data' top: 'y' }}"
    path = network(tmp_path, text.format("mirror: true"))
    assert str(load(path).analyse().rows[-1].output) == "9x9x3"
    assert str(load(f"{path},input=8x8x1").analyse().rows[-1].output) == "8x8x1"
    assert str(load(network(tmp_path, text.format("force_gray: true"))).analyse().rows[-1].output) == "9x9x1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layer { " + "a: 1 " * 400_000 + "}", "more than 500,000 words"),
        ("input: 'a' layer { type: 'ReLU' bottom: 'a' top: 'a' }" + "layer { }" * 20_001, "more than 20,000 layers"),
        ("layer { a" + "{ a" * 200, "nested too deep; at most 100 levels"),
        ("layer { a: '" + "\\\\" * 100_000, "this text has no end"),
    ],
)
def test_bounds(tmp_path: Path, text: str, said: str) -> None:
    """What is far beyond any network is told so."""
    with pytest.raises(SpecError, match=said):
        load(network(tmp_path, text))
