"""What is a module of PyTorch: told by specs and live modules, and by no file of another framework."""

from __future__ import annotations

from pathlib import Path

import pytest
from onnx_files import model, node

import vggcalc
from vggcalc.conventions import count_memory, count_operations
from vggcalc.network import UNTOLD

BY_MODULE = ["ptflops", "ptflops-2019", "thop", "thop-2019", "torchinfo"]
CONV = node("Conv", "x w b", "c", kernel_shape=[1, 1])
RELU = node("Relu", "c", "y")

LAYERS = """
family: x
input: 4x4x3
layers:
  - {linear: {name: l, out_features: 8}}
  - {scale: {name: s}}
  - {shift: {name: b}}
  - {relu: {name: r}}
  - {add: {name: a, from: [b, r]}}
"""


def marked(forms: str) -> vggcalc.Report:
    """A linear layer of 3 * 8 weights and 8 biases over 16 positions, factors, biases, and a sum, in these forms."""
    return vggcalc.load(f"{LAYERS}pytorch: {{{forms}}}\n").analyse()


LINEAR = 16 * 24
OUT = 16 * 8


@pytest.mark.parametrize(
    ("forms", "convention", "total"),
    [
        ("strided: [l]", "ptflops-aten", LINEAR),
        ("biases: [b]", "ptflops-aten", LINEAR + OUT + OUT),
        ("windows: [l]", "ptflops-aten", LINEAR + OUT),
        ("windows: [l]", "torchinfo", None),
        ("strided: [l]", "torchinfo", None),
        ("leaves: [s]", "torchinfo", None),
        ("functions: [s]", "torchinfo", 3 * 8 + 8),
        ("methods: [a]", "calflops", 2 * LINEAR + OUT + OUT),
        ("functions: [a]", "calflops", 2 * LINEAR + OUT),
        ("methods: [a]", "ptflops", LINEAR + OUT + 2 * OUT + OUT),
        ("subclasses: [l]", "ptflops", 2 * OUT),
        ("subclasses: [l]", "thop", 0),
        ("windows: [l]", "thop", LINEAR),
        ("methods: [r]", "calflops", 2 * LINEAR),
        ("functions: [r]", "ptflops", LINEAR + OUT + OUT),
        ("methods: [r]", "ptflops", LINEAR + OUT),
    ],
)
def test_forms(forms: str, convention: str, total: int | None) -> None:
    """What tools count of a layer that PyTorch's implementation has in another form."""
    assert count_operations(marked(forms), convention).total == total


@pytest.mark.parametrize(
    ("forms", "values"),
    [("functions: [s, b]", 2 * OUT), ("functions: [b], leaves: [s]", 4 * OUT), ("functions: [s], leaves: [b]", None)],
)
def test_leaves(forms: str, values: int | None) -> None:
    """What torchinfo counts is the output of a module with parameters, once however many layers it calls."""
    assert count_memory(marked(forms), "torchinfo").total == values


def of_onnx(folder: Path) -> vggcalc.Report:
    """A convolution with 3 * 8 weights and 8 biases over 16 positions, and ReLU."""
    path = folder / "net.onnx"
    path.write_bytes(model([CONV, RELU], {"w": (8, 3, 1, 1), "b": (8,)}, {"x": (1, 3, 4, 4)}))
    return vggcalc.load(str(path)).analyse()


@pytest.mark.parametrize("name", BY_MODULE)
def test_a_file_tells_no_modules(tmp_path: Path, name: str) -> None:
    """What counts modules is unknown, and never a guess; what counts operators is not."""
    report = of_onnx(tmp_path)
    found = count_operations(report, name)
    assert (found.total, found.unknown) == (None, ("what is a module of PyTorch",))
    assert count_operations(report, "torch").total == 2 * 16 * 24
    assert count_operations(report, "ptflops-aten").total == 16 * 24 + 16 * 8


def test_a_file_tells_no_modules_of_memory(tmp_path: Path) -> None:
    """As of operations; each output once is told."""
    report = of_onnx(tmp_path)
    assert [count_memory(report, name).total for name in ("torchsummary", "torchinfo")] == [None, None]
    assert count_memory(report, "activations").total == 16 * 3 + 16 * 8


def test_modules_that_make_no_layer() -> None:
    """Who counts the output of every module counts theirs: twice 16 * 8 values."""
    network = vggcalc.load("vgg16").network
    model = vggcalc.Model(network)
    before = count_memory(model.analyse(), "torchsummary").total
    place = network.find("fc7")
    more = vggcalc.Model(network._replace(passing={"drop": place, "head.drop": place})).analyse()
    assert before is not None
    assert count_memory(more, "torchsummary").total == before + 2 * 2 * 4096
    assert count_operations(more, "thop").total == count_operations(model.analyse(), "thop").total


def test_modules_of_which_one_is_not_told() -> None:
    """Who counts the output of every module does not know; who looks at layers does."""
    network = vggcalc.load("vgg16").network._replace(passing={"head": UNTOLD})
    report = vggcalc.Model(network).analyse()
    assert count_memory(report, "torchsummary").total is None
    assert count_operations(report, "thop").total == 15470264320 + 2999  # softmax of 1000
