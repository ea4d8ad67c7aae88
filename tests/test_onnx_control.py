"""ONNX files with branches, loops, functions of their own, and tensors of floats that are no weights: by hand."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from onnx_files import FLOAT, INT64, field, ints, joined, model, node, tensor, value

import vggcalc
from vggcalc.analysis.report import Report

BOOL = 9
CONV = node("Conv", "x w b", "c", "conv", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
WEIGHTS = {"w": (4, 3, 3, 3), "b": (4,)}


@pytest.fixture
def report(tmp_path: Path) -> Callable[[bytes], Report]:
    """The figures of a file."""

    def analysed(data: bytes) -> Report:
        path = tmp_path / "net.onnx"
        path.write_bytes(data)
        return vggcalc.load(str(path)).analyse()

    return analysed


def graph(nodes: Sequence[bytes], inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """A graph inside another one."""
    return joined(1, nodes) + joined(11, [value(name, None) for name in inputs]) + joined(
        12, [value(name, None) for name in outputs]
    )  # fmt: skip


def with_graphs(op: str, inputs: str, outputs: str, **graphs: bytes) -> bytes:
    """A branch or a loop."""
    bodies = [field(1, name) + field(6, body) + field(20, 5) for name, body in graphs.items()]
    return node(op, inputs, outputs, f"my_{op}") + joined(5, bodies)


def truth(name: str, *values: bool) -> bytes:
    """A constant of yes and no."""
    return field(2, BOOL) + field(8, name) + field(9, bytes(values))


def unknown(found: Report) -> list[str]:
    """The operations of unknown work."""
    return [str(row.layer.fields["op"]) for row in found.rows if row.role == "unknown"]


# --- branches and loops ----------------------------------------------------------------------------------------------

THEN = graph([node("Relu", "c", "t")], (), ["t"])
ELSE = graph([node("Conv", "c v", "e", kernel_shape=[1, 1])], (), ["e"])
BRANCH = with_graphs("If", "yes", "y", then_branch=THEN, else_branch=ELSE)


@pytest.mark.parametrize(("is_taken", "kinds"), [(True, ["conv", "relu"]), (False, ["conv", "conv"])])
def test_the_branch_that_is_taken(report: Callable[[bytes], Report], is_taken: bool, kinds: list[str]) -> None:
    """A condition in the file says which; the other one is not there."""
    weights = {**WEIGHTS, "v": (5, 4, 1, 1)}
    found = report(model([CONV, BRANCH], weights, tensors=[truth("yes", is_taken)]))
    assert [row.kind for row in found.rows[1:]] == kinds
    assert found.totals.params == 112 + (0 if is_taken else 20)


def test_a_branch_that_nobody_knows(report: Callable[[bytes], Report]) -> None:
    """Where an input decides, its work is unknown, and so is what it holds."""
    found = report(model([CONV, BRANCH], {**WEIGHTS, "v": (5, 4, 1, 1)}, {"x": (1, 3, 8, 8), "yes": ()}))
    assert unknown(found) == ["If"]
    assert (found.totals.params, found.known.params) == (None, 112)
    assert "my_If: If is unknown: the file does not say which branch is taken" in found.network.notes


BODY = graph(
    [node("Conv", "h v u", "h2", "turn", kernel_shape=[1, 1]), node("Identity", "go", "on")],
    ["i", "go", "h"],
    ["on", "h2"],
)


def test_a_loop(report: Callable[[bytes], Report]) -> None:
    """Three turns of a convolution with 4*4 + 4 weights, which are the same each time: 3 * 64 * 16 MACs."""
    nodes = [CONV, with_graphs("Loop", "turns yes c", "y", body=BODY)]
    tensors = [tensor("turns", [], [3], INT64), truth("yes", True)]
    found = report(model(nodes, {**WEIGHTS, "v": (4, 4, 1, 1), "u": (4,)}, tensors=tensors))
    assert [row.name for row in found.rows[1:]] == ["conv", "turn", "turn.2", "turn.3"]
    assert (found.totals.params, found.totals.macs) == (112 + 20, 64 * 4 * 27 + 3 * 64 * 16)


def test_a_loop_without_an_end(report: Callable[[bytes], Report]) -> None:
    """It turns as long as its condition holds, and that is forever: one line."""
    body = graph([node("Identity", "h", "h2"), node("Identity", "go", "on")], ["i", "go", "h"], ["on", "h2"])
    nodes = [CONV, with_graphs("Loop", "- yes c", "y", body=body)]
    with pytest.raises(vggcalc.SpecError, match="more than 500,000 fields"):
        report(model(nodes, WEIGHTS, tensors=[truth("yes", True)]))


def test_a_loop_as_often_as_an_input_says(report: Callable[[bytes], Report]) -> None:
    """Nobody knows how often."""
    nodes = [CONV, with_graphs("Loop", "n - c", "y", body=BODY)]
    found = report(model(nodes, {**WEIGHTS, "v": (4, 4, 1, 1), "u": (4,)}, {"x": (1, 3, 8, 8), "n": ()}))
    assert unknown(found) == ["Loop"]


def test_branches_in_branches(report: Callable[[bytes], Report]) -> None:
    """So deep as no network has them: one layer of unknown work."""
    inner = graph([node("Relu", "c", "r")], (), ["r"])
    for _ in range(25):
        inner = graph([with_graphs("If", "yes", "r", then_branch=inner)], (), ["r"])
    nodes = [CONV, with_graphs("If", "yes", "y", then_branch=inner)]
    assert unknown(report(model(nodes, WEIGHTS, tensors=[truth("yes", True)])))


# --- functions -------------------------------------------------------------------------------------------------------


def function(name: str, nodes: Sequence[bytes], inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """A function of the domain `my`."""
    return field(25, field(1, name) + joined(4, inputs) + joined(5, outputs) + joined(7, nodes) + field(10, "my"))


def bound(name: str, to: str) -> bytes:
    """An attribute that is one of whoever calls the function."""
    return field(1, name) + field(21, to)


def test_functions_of_the_file(report: Callable[[bytes], Report]) -> None:
    """Each call has its nodes in its place, with its own attributes: strides of 2 and 1."""
    convolution = node("Conv", "a k", "m", "conv") + joined(5, [bound("strides", "step")])
    block = function("Block", [convolution, node("Relu", "m", "r")], ["a", "k"], ["r"])
    nodes = [
        node("Block", "x w", "h", "first", "my", step=[2, 2]),
        node("Block", "h v", "y", "second", "my", step=[1, 1]),
    ]
    found = report(model(nodes, {"w": (4, 3, 2, 2), "v": (5, 4, 1, 1)}) + block)
    assert [(row.name, str(row.output)) for row in found.rows[1:]] == [
        ("first/conv", "4x4x4"), ("first/r", "4x4x4"), ("second/conv", "4x4x5"), ("second/r", "4x4x5"),
    ]  # fmt: skip
    assert found.totals.params == 48 + 20


def test_a_function_that_calls_itself(report: Callable[[bytes], Report]) -> None:
    """One line."""
    with pytest.raises(vggcalc.SpecError, match="the function Block calls itself"):
        report(
            model([node("Block", "x", "y", "", "my")])
            + function("Block", [node("Block", "a", "b", "", "my")], "a", "b")
        )


def test_functions_that_call_each_other_often(report: Callable[[bytes], Report]) -> None:
    """Two calls in each of 30 functions are a billion nodes: one line."""
    made = b"".join(
        function(f"F{n}", [node(f"F{n + 1}", "a", "m", "", "my"), node(f"F{n + 1}", "m", "b", "", "my")], "a", "b")
        for n in range(30)
    )
    with pytest.raises(vggcalc.SpecError, match="more than 500,000 fields"):
        report(model([node("F0", "x", "y", "", "my")]) + made + function("F30", [node("Relu", "a", "b")], "a", "b"))


# --- tensors that are no weights, or stand for some ------------------------------------------------------------------


def test_weights_of_one_value(report: Callable[[bytes], Report]) -> None:
    """As the files have them that ONNX itself is tested with, so that they are small: 4 * 27 + 4 and 4 + 4."""
    filled = field(1, 1) + field(2, FLOAT) + field(9, struct.pack("<f", 0.02))
    nodes = [
        node("ConstantOfShape", "w_shape", "w", value=filled),
        node("ConstantOfShape", "b_shape", "b", value=filled),
        node("ConstantOfShape", "b_shape", "s", value=filled),
        node("Unsqueeze", "s", "s3", axes=[1, 2]),
        CONV,
        node("Mul", "c s3", "y"),
    ]
    found = report(model(nodes, tensors=[ints("w_shape", 4, 3, 3, 3), ints("b_shape", 4)], opset=9))
    assert [row.params for row in found.rows[1:]] == [112, 4]
    assert "3 tensors are of one value each, and count as the weights that they stand for" in found.network.notes


def floats(values: Sequence[float]) -> bytes:
    """As a tensor has them."""
    return struct.pack(f"<{len(values)}f", *values)


def biased(name: str, sizes: Sequence[int], values: Sequence[float]) -> Mapping[str, Any]:
    """A network that adds a tensor to products of 2 heads over 4 positions."""
    nodes = [node("MatMul", "q k", "p"), node("Add", f"p {name}", "a"), node("Softmax", "a", "y", axis=-1)]
    made = joined(1, list(sizes)) + field(2, FLOAT) + field(8, name) + field(9, floats(values))
    return {"nodes": nodes, "inputs": {"q": (1, 2, 4, 3), "k": (1, 2, 3, 4)}, "tensors": [made]}


def test_a_table_of_biases_that_is_expanded(report: Callable[[bytes], Report]) -> None:
    """Seven numbers, of which each is for all pairs as far apart: as the file has them, and what they hold."""
    matrix = [float(row - column) for row in range(4) for column in range(4)]
    found = report(model(**biased("onnx::Add_9", [1, 2, 4, 4], matrix + matrix)))
    assert "1 tables of biases are expanded to pairs of positions: they hold 14 numbers, and 32 are counted" in (
        found.network.notes
    )
    assert found.totals.params == 32


def test_a_table_of_different_numbers(report: Callable[[bytes], Report]) -> None:
    """Nothing is said of one that is as it was trained."""
    found = report(model(**biased("bias", [1, 2, 4, 4], [float(n) for n in range(32)])))
    assert (found.totals.params, found.network.notes) == (32, ())


def test_a_mask(report: Callable[[bytes], Report]) -> None:
    """0 and -100 are no weights."""
    found = report(model(**biased("onnx::Add_9", [1, 2, 4, 4], [0.0, -100.0] * 16)))
    assert found.totals.params == 0
    assert "1 tensors are masks, of 0 and one other value: their 32 values are no weights" in found.network.notes


def test_a_normalisation_by_groups_as_one_by_instances(report: Callable[[bytes], Report]) -> None:
    """The ones and zeros of the exporter are no weights; gain and bias behind it are."""
    ones, zeros = (tensor("", [2], [number] * 2) for number in (1.0, 0.0))
    nodes = [
        node("Constant", "", "/norm/Constant_1_output_0", value=ones),
        node("Constant", "", "/norm/Constant_2_output_0", value=zeros),
        node("Reshape", "x to", "g"),
        node("InstanceNormalization", "g /norm/Constant_1_output_0 /norm/Constant_2_output_0", "n"),
        node("Reshape", "n back", "m"),
        node("Mul", "m w", "s"),
        node("Add", "s b", "y"),
    ]
    tensors = [ints("to", 0, 2, -1), ints("back", 1, 4, 8, 8)]
    found = report(model(nodes, {"w": (4, 1, 1), "b": (4, 1, 1)}, {"x": (1, 4, 8, 8)}, tensors=tensors))
    assert found.totals.params == 8


# --- shapes that the file does not say -------------------------------------------------------------------------------


def test_padding_that_is_worked_out(report: Callable[[bytes], Report]) -> None:
    """As of networks of TensorFlow, whose exporter clips it at 0: max(3 - 2, 0) at each end of both axes."""
    nodes = [
        node("Sub", "three two", "d"),
        node("Clip", "d zero -", "e"),
        node("Concat", "z z e e z z e e", "pads", axis=0),
        node("Pad", "x pads", "y"),
    ]
    tensors = [ints("three", 3), ints("two", 2), tensor("zero", [], [0], INT64), ints("z", 0)]
    assert str(report(model(nodes, tensors=tensors)).rows[-1].output) == "10x10x3"


def test_unknown_work_of_known_size(report: Callable[[bytes], Report]) -> None:
    """What compares values of two maps is as large as both; what follows is known."""
    nodes = [node("Equal", "x v", "e"), node("Cast", "e", "f", to=1), node("Conv", "f w", "y", kernel_shape=[1, 1])]
    found = report(model(nodes, {"w": (4, 3, 1, 1)}, {"x": (1, 3, 8, 8), "v": (1, 3, 8, 8)}))
    assert unknown(found) == ["Equal"]
    assert (str(found.rows[-1].output), found.known.macs) == ("8x8x4", 64 * 12)


def test_a_list_of_unknown_work(report: Callable[[bytes], Report]) -> None:
    """A tensor of one dimension is what the file says of it."""
    data = model([node("Shrink", "x", "y")], inputs={"x": (5,)}, values=[value("y", (5,))])
    assert unknown(report(data)) == ["Shrink"]


def test_divided_by_numbers(report: Callable[[bytes], Report]) -> None:
    """A number for each channel is a scale."""
    found = report(model([node("Div", "x s", "y")], {"s": (3, 1, 1)}))
    assert [(row.kind, row.params) for row in found.rows[1:]] == [("scale", 3)]


def test_repeated(report: Callable[[bytes], Report]) -> None:
    """A map twice as wide, and again with its channels three times."""
    found = report(model([node("Tile", "x times", "y")], tensors=[ints("times", 1, 3, 1, 2)]))
    assert (str(found.rows[-1].output), found.totals.macs) == ("8x16x9", 0)


@pytest.mark.parametrize("directions", [1, 2])
def test_last_states(report: Callable[[bytes], Report], directions: int) -> None:
    """Of a sequence of 7: what each direction writes last, 5 values; it is no work."""
    words = {"direction": "bidirectional"} if directions == 2 else {}
    nodes = [
        node("LSTM", "x w r b - - -", "- h", hidden_size=5, **words),
        node("Transpose", "h", "t", perm=[1, 0, 2]),
        node("Reshape", "t flat", "y"),
    ]
    weights = {"w": (directions, 20, 3), "r": (directions, 20, 5), "b": (directions, 40)}
    found = report(model(nodes, weights, {"x": (7, 1, 3)}, tensors=[ints("flat", 1, -1)]))
    assert unknown(found) == []
    assert found.rows[-1].output.elements == 5 * directions
    assert found.totals.params == directions * (20 * 8 + 40)


def test_work_on_constants(report: Callable[[bytes], Report]) -> None:
    """A bias by position that weights make of a grid of 16 positions: 2 * 3 weights, and it is added to the map."""
    nodes = [node("MatMul", "grid w", "p"), node("Add", "x p", "y")]
    tensors = [tensor("grid", [1, 16, 2], [n % 7 for n in range(32)], INT64)]
    found = report(model(nodes, {"w": (2, 3)}, {"x": (1, 16, 3)}, tensors=tensors))
    assert found.totals.params == 6
    assert (unknown(found), found.totals.macs) == ([], 16 * 6)
    assert found.rows[-1].output.elements == 48
