"""ONNX files, written here without any library: figures by hand, and what is wrong with files."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from onnx_files import INT64, field, ints, model, node, tensor, value, varint

import vggcalc
from vggcalc.analysis.report import Report
from vggcalc.frameworks.onnx.wire import Fields, Message

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of a network."""

    def written(data: bytes) -> Path:
        path = tmp_path / "net.onnx"
        path.write_bytes(data)
        return path

    return written


@pytest.fixture
def report(write: Write) -> Callable[..., Report]:
    """The figures of a network of these nodes."""

    def analysed(*arguments: Any, size: str = "", **named: Any) -> Report:
        loaded = vggcalc.load(str(write(model(*arguments, **named))) + (f",input={size}" if size else ""))
        return loaded.analyse()

    return analysed


def kinds(found: Report) -> list[str]:
    """The kinds of all layers but the inputs."""
    return [row.kind for row in found.rows if row.kind != "input"]


CLASSIFIER = [
    node("Conv", "x w b", "c", "/features/conv/Conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    node("Relu", "c", "r", "/features/relu/Relu"),
    node("MaxPool", "r", "p", kernel_shape=[2, 2], strides=[2, 2]),
    node("Flatten", "p", "f"),
    node("Gemm", "f v u", "y", "/fc/Gemm", transB=1),
]
WEIGHTS = {"w": (4, 3, 3, 3), "b": (4,), "v": (10, 64), "u": (10,)}


def test_a_classifier(report: Callable[..., Report]) -> None:
    """(27 + 1) * 4 + (64 + 1) * 10 parameters, 64 * 27 * 4 + 640 MACs; layers keep the names of nodes."""
    found = report(CLASSIFIER, WEIGHTS)
    assert kinds(found) == ["conv", "relu", "maxpool", "fc"]
    assert (found.totals.params, found.totals.macs) == (112 + 650, 6912 + 640)
    assert [row.name for row in found.rows] == ["x", "/features/conv/Conv", "/features/relu/Relu", "p", "/fc/Gemm"]


def test_nodes_may_stand_in_any_order(report: Callable[..., Report]) -> None:
    """Each comes behind what it reads."""
    assert kinds(report(CLASSIFIER[::-1], WEIGHTS)) == ["conv", "relu", "maxpool", "fc"]


def test_weights_may_be_inputs(report: Callable[..., Report]) -> None:
    """As in a file that was written without their values; a note says so."""
    found = report(CLASSIFIER, inputs={"x": (1, 3, 8, 8), **WEIGHTS})
    assert (found.totals.params, found.totals.macs) == (762, 7552)
    assert "4 weights are inputs of the graph" in " ".join(found.network.notes)


def test_an_open_batch_and_image(report: Callable[..., Report]) -> None:
    """Words in place of numbers: the batch is one image, and how large it is says who asks."""
    found = report(CLASSIFIER, WEIGHTS, {"x": ("batch", 3, "h", "w")}, size="8x8")
    assert (found.totals.params, found.totals.macs) == (762, 7552)
    with pytest.raises(vggcalc.VggcalcError, match="x: the file does not say how large this input is; say its input"):
        report(CLASSIFIER, WEIGHTS, {"x": ("batch", 3, "h", "w")})


def test_shapes_that_are_worked_out(report: Callable[..., Report]) -> None:
    """Shape, Gather, Unsqueeze, Concat and Reshape, as for an open batch: the channels of 4 maps are shuffled."""
    nodes = [
        node("Conv", "x w", "c", kernel_shape=[1, 1]),
        node("Shape", "c", "s"),
        node("Gather", "s i0", "n", axis=0),
        node("Unsqueeze", "n zero", "n1"),
        node("Constant", "", "k", value=ints("", 2, 2)),
        node("Concat", "n1 k rest", "shape", axis=0),
        node("Reshape", "c shape", "r"),
        node("Transpose", "r", "t", perm=[0, 2, 1, 3, 4]),
        node("Reshape", "t back", "u"),
        node("Conv", "u v", "y", kernel_shape=[1, 1]),
    ]
    tensors = [
        tensor("i0", [], [0], INT64), ints("zero", 0), ints("rest", 8, 8), ints("back", 0, -1, 8, 8),
    ]  # fmt: skip
    found = report(nodes, {"w": (4, 3, 1, 1), "v": (6, 4, 1, 1)}, {"x": ("n", 3, 8, 8)}, tensors=tensors)
    assert kinds(found) == ["conv", "channelshuffle", "conv"]
    assert found.totals.params == 12 + 24


def test_equal_weights_that_were_merged(report: Callable[..., Report]) -> None:
    """An Identity of a weight is another one of equal values: 2 * 36 parameters; without it the layers share 36."""
    nodes = [
        node("Identity", "w", "v"),
        node("Conv", "x w", "c", kernel_shape=[2, 2]),
        node("Conv", "c v", "y", kernel_shape=[2, 2]),
    ]
    found = report(nodes, {"w": (3, 3, 2, 2)})
    assert found.totals.params == 72
    assert "1 tensors are merged with equal ones: their 36 numbers count as their own" in " ".join(found.network.notes)
    nodes[2] = node("Conv", "c w", "y", kernel_shape=[2, 2])
    assert report(nodes, {"w": (3, 3, 2, 2)}).totals.params == 36


def test_batch_normalisation_that_was_folded(report: Callable[..., Report]) -> None:
    """Exporters of PyTorch name what they worked out so; 4 biases are what is left."""
    nodes = [node("Conv", "x onnx::Conv_7 onnx::Conv_8", "y", kernel_shape=[1, 1])]
    found = report(nodes, {"onnx::Conv_7": (4, 3, 1, 1), "onnx::Conv_8": (4,)})
    assert "folded into 1 convolutions: 4 biases stand in place of 2 x 4 parameters" in " ".join(found.network.notes)


def test_batch_normalisation_in_training(report: Callable[..., Report]) -> None:
    """It writes its statistics, too; they are not trained: 2 * 3."""
    nodes = [node("BatchNormalization", "x g b m v", "y mean var", training_mode=1)]
    found = report(nodes, dict.fromkeys("gbmv", (3,)))
    assert (kinds(found), found.totals.params) == (["batchnorm"], 6)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([node("Sigmoid", "x", "s"), node("Mul", "x s", "y")], ["silu"]),
        ([node("HardSigmoid", "x", "s"), node("Mul", "s x", "y")], ["hardswish"]),
        ([node("Sigmoid", "x", "s"), node("Mul", "x s", "m"), node("Add", "m s", "y")], ["sigmoid", "multiply", "add"]),
        ([node("Clip", "x lo hi", "y")], ["relu6"]),
        (
            [
                node("Div", "x root", "d"),
                node("Erf", "d", "e"),
                node("Add", "e one", "a"),
                node("Mul", "x a", "m"),
                node("Mul", "m half", "y"),
            ],
            ["gelu"],
        ),
    ],
)
def test_functions_in_pieces(report: Callable[..., Report], nodes: list[bytes], expected: list[str]) -> None:
    """What exporters take apart is one layer; where somebody reads a piece it stays pieces."""
    numbers = {"lo": 0.0, "hi": 6.0, "root": 1.4142, "one": 1.0, "half": 0.5}
    tensors = [tensor(name, [], [number]) for name, number in numbers.items()]
    assert kinds(report(nodes, tensors=tensors)) == expected


def test_layer_normalisation_in_pieces(report: Callable[..., Report]) -> None:
    """Over the 6 channels of 5 positions, with gain and bias: 12 parameters."""
    nodes = [
        node("ReduceMean", "x", "m", axes=[-1]),
        node("Sub", "x m", "d"),
        node("Pow", "d two", "q"),
        node("ReduceMean", "q", "v", axes=[-1]),
        node("Add", "v eps", "e"),
        node("Sqrt", "e", "r"),
        node("Div", "d r", "n"),
        node("Mul", "n g", "s"),
        node("Add", "s b", "l"),
        node("MatMul", "l w", "p"),
        node("Add", "c p", "y"),
    ]
    tensors = [tensor("two", [], [2.0]), tensor("eps", [], [1e-5])]
    found = report(nodes, {"g": (6,), "b": (6,), "w": (6, 4), "c": (4,)}, {"x": (1, 5, 6)}, tensors=tensors)
    assert [kind for kind in kinds(found) if kind != "permute"] == ["layernorm", "linear"]
    assert (found.totals.params, found.totals.macs) == (12 + 24 + 4, 5 * 24)


def test_vectors_of_length_one(report: Callable[..., Report]) -> None:
    """Swin v2's: the length of 6 channels at each of 5 positions, at least so much, for all of them: one layer."""
    nodes = [
        node("ReduceL2", "x", "n", axes=[-1], keepdims=1),
        node("Clip", "n lo", "c"),
        node("Expand", "c sizes", "e"),
        node("Div", "x e", "y"),
    ]
    tensors = [tensor("lo", [], [1e-12]), ints("sizes", 1, 5, 6)]
    values = [value("n", (1, 5, 1)), value("c", (1, 5, 1)), value("e", (1, 5, 6)), value("y", (1, 5, 6))]
    found = report(nodes, inputs={"x": (1, 5, 6)}, tensors=tensors, values=values)
    assert [kind for kind in kinds(found) if kind != "permute"] == ["normalize"]


@pytest.mark.parametrize(
    ("way", "padding", "extent"),
    [("SAME_UPPER", ((0, 1), (0, 1)), 4), ("SAME_LOWER", ((1, 0), (1, 0)), 4), ("VALID", 0, 3)],
)
def test_padding_by_itself(write: Write, way: str, padding: Any, extent: int) -> None:
    """3x3 with stride 2 over 8: ceil(8 / 2) = 4 windows need one more position, before or behind; without it 3 fit."""
    nodes = [node("Conv", "x w", "y", kernel_shape=[3, 3], strides=[2, 2], auto_pad=way)]
    network = vggcalc.load(str(write(model(nodes, {"w": (4, 3, 3, 3)}))))
    row = network.analyse().rows[-1]
    assert row.output.hwc == (extent, extent, 4)
    assert network.network.nodes[-1].layer.padding == padding  # type: ignore[union-attr]


def test_channels_last(report: Callable[..., Report]) -> None:
    """As TensorFlow's exporter writes images: put in front at once, they are an image of 3 channels."""
    nodes = [node("Transpose", "x", "t", perm=[0, 3, 1, 2]), node("Conv", "t w", "y", kernel_shape=[1, 1])]
    found = report(nodes, {"w": (4, 3, 1, 1)}, {"x": (1, 8, 9, 3)})
    assert kinds(found) == ["conv"]
    assert found.rows[0].output.hwc == (8, 9, 3)


def test_a_recurrent_layer(report: Callable[..., Report]) -> None:
    """5 steps of 6 numbers, 7 in the state, both directions: 2 * (4*7*6 + 4*7*7 + 8*7) parameters."""
    nodes = [node("LSTM", "x w r b", "y", hidden_size=7, direction="bidirectional")]
    found = report(nodes, {"w": (2, 28, 6), "r": (2, 28, 7), "b": (2, 56)}, {"x": (5, 1, 6)})
    assert "lstm" in kinds(found)
    assert found.totals.params == 2 * (168 + 196 + 56)
    assert found.totals.macs == 5 * 2 * (168 + 196)


def test_quantised(report: Callable[..., Report]) -> None:
    """What changes bits is no layer, and a quantised convolution is one; a note says how it is counted."""
    nodes = [
        node("QuantizeLinear", "x s z", "q"),
        node("QLinearConv", "q s z w s z s z b", "c", kernel_shape=[1, 1]),
        node("DequantizeLinear", "c s z", "y"),
    ]
    scale, zero = tensor("s", [], [0.1]), tensor("z", [], [0], INT64)
    tensors = [scale, zero, tensor("w", [4, 3, 1, 1], form=3), tensor("b", [4], form=6)]
    found = report(nodes, tensors=tensors)
    assert (kinds(found), found.totals.params, found.totals.macs) == (["conv"], 16, 12 * 64)
    assert "quantised" in " ".join(found.network.notes)


def test_what_nobody_knows(report: Callable[..., Report]) -> None:
    """It is a layer of unknown work with the shape that the file says, and what follows is known again."""
    nodes = [node("Warp", "x", "w", domain="my"), node("Conv", "w k", "y", kernel_shape=[1, 1])]
    found = report(nodes, {"k": (4, 3, 1, 1)}, values=[value("w", (1, 3, 4, 4))])
    assert kinds(found) == ["unknown", "conv"]
    assert found.rows[-1].output.hwc == (4, 4, 4)
    assert "my.Warp is unknown" in " ".join(found.network.notes)
    assert kinds(report(nodes, {"k": (4, 3, 1, 1)})) == ["unknown", "unknown"]


# --- what is wrong with files --------------------------------------------------------------------------------------

CONV = node("Conv", "x w", "y", "conv", kernel_shape=[3, 3])
FAULTS = {
    "a lying shape": (
        model([CONV], {"w": (4, 3, 3, 3)}, values=[value("y", (1, 4, 8, 8))]),
        "net.onnx: conv: it gives 1x4x6x6 by vggcalc, but the file says 1x4x8x8",
    ),
    "a circle": (
        model([node("Add", "x b", "a", "one"), node("Relu", "a", "b", "two")]), "one reads what comes of it",
    ),
    "a value that is not there": (model([node("Relu", "z", "y", "relu")]), "relu: it reads 'z', which nothing writes"),
    "written twice": (
        model([node("Relu", "x", "y", "one"), node("Relu", "x", "y", "two")]), "both one and two write 'y'",
    ),
    "no input": (model([CONV], inputs={}), "the graph has no input"),
    "no output": (model([CONV], {"w": (4, 3, 3, 3)}, outputs=["w"]), "no output of the graph comes from its inputs"),
    "channels that do not fit": (model([CONV], {"w": (4, 5, 3, 3)}), "its kernels are for 5 channels, and it reads 3"),
    "a huge tensor": (model([CONV], {"w": (4, 3, 2**40, 3)}), "has sizes [4, 3, 1099511627776, 3]"),
    "no graph": (field(1, 8) + field(2, "tests"), "it has no graph"),
    "a lying length": (field(1, 8) + varint(7 << 3 | 2) + varint(2**62) + b"x", "a field of 4,611,686,018,427,387,904"),
    "a number without an end": (field(1, 8) + field(7, b"\xff" * 20), "a number without an end"),
    "a group": (field(1, 8) + field(7, b"\x0b\x0c"), "a field of form 3"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "said"), FAULTS.values(), ids=FAULTS)
def test_faults(write: Write, data: bytes, said: str) -> None:
    """One line each, with the name of the file."""
    path = write(data)
    with pytest.raises(vggcalc.VggcalcError) as caught:
        vggcalc.load(str(path)).analyse()
    text = str(caught.value)
    assert said in text
    assert text.startswith(f"{path}")
    assert "\n" not in text


def test_a_file_that_is_cut_off(write: Write) -> None:
    """Wherever that is, it is told in one line."""
    data = model(CLASSIFIER, WEIGHTS)
    for end in range(4, len(data) - 8, 7):
        with pytest.raises(vggcalc.VggcalcError) as caught:
            vggcalc.load(str(write(data[:end])))
        assert "\n" not in str(caught.value)


def test_nested_messages(write: Write) -> None:
    """Nobody goes down where a graph has none: a bomb of 100,000 levels is passed over."""
    bomb = b""
    for _ in range(15):
        bomb = field(6, bomb + bomb[:200_000] + b"\x08\x01")
    nodes = [*CLASSIFIER, field(5, field(1, "body") + bomb) + node("If", "x", "z")]
    assert vggcalc.load(str(write(model(nodes, WEIGHTS)))).analyse().known.params == 762


def test_many_fields(write: Write) -> None:
    """More fields than a network has are refused."""
    with pytest.raises(vggcalc.VggcalcError, match="more than 500,000 fields"):
        vggcalc.load(str(write(field(1, 8) + field(7, b"\x08\x01" * 500_001))))


def test_fuzzed(write: Write) -> None:
    """Files with bytes that were changed, cut, repeated: only errors of vggcalc, whatever is in them."""
    draw = random.Random(12)
    data = model(CLASSIFIER, WEIGHTS, values=[value("c", (1, 4, 8, 8))])
    for _ in range(400):
        mutated = bytearray(data)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(2, len(mutated))
            way = draw.randrange(4)
            if way == 0:
                mutated[at] = draw.randrange(256)
            elif way == 1:
                del mutated[at : at + draw.randint(1, 9)]
            elif way == 2:
                mutated[at:at] = mutated[at : at + draw.randint(1, 30)]
            else:
                mutated[at] ^= 1 << draw.randrange(8)
        with suppress(vggcalc.VggcalcError):
            vggcalc.load(str(write(bytes(mutated)))).analyse()


def test_half_a_gigabyte(tmp_path: Path) -> None:
    """Weights are passed over: a sparse file of 500 MB takes little time, and with vggcalc itself 64 MiB."""
    path = tmp_path / "large.onnx"
    size = 500_000_000
    small = model([node("Gemm", "x w", "y", transB=1)], inputs={"x": (1, 1000)})
    (graph,) = Message(memoryview(small), Fields("small")).raw(7)
    weight = field(1, 125_000) + field(1, 1000) + field(2, 1) + field(8, "w") + varint(9 << 3 | 2) + varint(size)
    head = bytes(graph) + varint(5 << 3 | 2) + varint(len(weight) + size) + weight
    with path.open("wb") as file:
        file.write(field(1, 8) + varint(7 << 3 | 2) + varint(len(head) + size) + head)
        file.seek(size, 1)
        file.write(field(8, field(1, "") + field(2, 17)))
    code = (
        "import os, resource, time, vggcalc; vggcalc.load('vgg11').analyse(); start = time.process_time();"
        f"print(vggcalc.load({str(path)!r}).analyse().totals.params);"
        "print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss);"
        "print(*(open('/proc/self/status') if os.path.exists('/proc/self/status') else ()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    params, figures, *status = done.stdout.splitlines()
    seconds, kilobytes = map(float, figures.split())
    for line in status:  # where the system tells a process's own: its usage begins with that of who started it
        if line.strip().startswith("VmHWM"):
            kilobytes = float(line.split()[1])
    assert int(params) == 125_000_000
    assert seconds < 0.1  # of the processor's, modules of formats with it
    assert kilobytes < 65_536 * (1 if sys.platform != "darwin" else 1024)


def test_an_input_without_a_name_or_a_size(write: Write) -> None:
    """Nothing says where it is but the file."""
    path = write(model([node("Relu", "x", "y")], inputs={"": ("n", 3, "h", "w"), "x": (1, 3, 8, 8)}))
    with pytest.raises(vggcalc.SpecError, match=r"net.onnx: the file does not say how large this input is; say"):
        vggcalc.load(str(path)).analyse()


CHAIN = [node("Range", "a b c", "r0"), *(node("Neg", f"r{n}", f"r{n + 1}") for n in range(5000))]
SQUARES = [node("Size", "x", "s0"), *(node("Mul", f"s{n} s{n}", f"s{n + 1}") for n in range(300))]
TURNS = node("Loop", "n t x", "y") + field(5, field(1, "body") + field(6, b"") + field(20, 5))
TENSORS = [
    tensor("a", [], [0], INT64), tensor("b", [], [65_536], INT64), tensor("c", [], [1], INT64), ints("s", 65_536),
    tensor("n", [], [3], INT64), tensor("t", [], [1], INT64), tensor("e", [1], [2**62], INT64),
]  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        pytest.param(  # minutes without a bound, and with coverage some seconds
            [*CHAIN, node("Add", "x r5000", "y")], "more than 4,000,000 values up to here", marks=pytest.mark.slow
        ),
        ([*SQUARES, node("Reshape", "x s300", "y")], "unknown"),  # a number of 10^90 digits
        ([node("Expand", "e s", "w"), node("ReduceProd", "w", "p"), node("Reshape", "x p", "y")], "unknown"),
        ([node("If", "", "y")], "unknown"),
        ([TURNS], "unknown"),
    ],
)
def test_constants_and_graphs_that_are_meant_to_hurt(write: Write, nodes: list[bytes], said: str) -> None:
    """They are refused, or a layer of unknown work, and soon."""
    path = write(model(nodes, tensors=TENSORS))
    begin = time.process_time()
    try:
        found = " ".join(row.kind for row in vggcalc.load(str(path)).analyse().rows)
    except vggcalc.SpecError as error:
        found = str(error)
    assert said in found
    assert time.process_time() - begin < 4
