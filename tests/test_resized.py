"""Which layers have other weights at another input than the network's own, and the note that says so."""

from typing import Any

import pytest
from hypothesis import given, settings
from strategies import networks
from texts import model

from vggcalc import Model, Network, Shape, UsageError, load, transform
from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.resized import resized
from vggcalc.errors import SpecError
from vggcalc.render.report import report_sheets
from vggcalc.render.view import WHOLE


def notes(name: str, **question: Any) -> list[str]:
    """What is said below the totals."""
    return list(report_sheets(load(name).analyse(**question), WHOLE, "hwc", False)[-1].notes)


NOTES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    # model, question; what is said
    "fewer channels": (
        "resnet18",
        {"input": "224x224x1"},
        # 7*7*2*64 = 6,272 fewer: 11,689,512 with three channels
        ["at its own input 224x224x3 it has 11,689,512 params, 6,272 more: conv1 has (7*7*3)*64 = 9,408 weights there"],
    ),
    "no fully connected layer left": (
        "vgg16",
        {"input": "224x224x1", "top": False},
        # 14,714,688; 3*3*2*64 = 1,152
        [
            "at its own input 224x224x3 it has 14,714,688 params, 1,152 more: "
            "conv1_1 has (3*3*3)*64 = 1,728 weights there"
        ],
    ),
    "dense already": (
        "mobilenet_v1_025",
        {"input": "96x96x1", "dense": True},
        # 3*3*2*8 = 144
        ["at its own input 224x224x3 it has 470,072 params, 144 more: conv0 has (3*3*3)*8 = 216 weights there"],
    ),
    "a larger map": (
        "vgg16",
        {"input": 384},
        # 384/32 = 12: (12*12 - 7*7)*512*4096 = 199,229,440
        [
            "at its own input 224x224x3 it has 138,357,544 params, 199,229,440 fewer: "
            "fc6 has (7*7*512)*4096 = 102,760,448 weights there; "
            "a fully connected layer grows with its map, and dense keeps its weights"
        ],
    ),
    "a larger map, dense": ("vgg16", {"input": 384, "dense": True}, []),
    "a larger map behind a pooling to one size": ("resnet18", {"input": 384}, []),
    "its own": ("resnet18", {"input": "224x224x3"}, []),
}


@pytest.mark.parametrize("case", NOTES)
def test_the_note_names_the_layers_that_differ(case: str) -> None:
    """What has other weights at the network's own input is named with its arithmetic, and nothing else is blamed."""
    name, question, expected = NOTES[case]
    assert notes(name, **question) == expected


def test_many_layers_that_differ() -> None:
    """The three layers that differ most are named, the others counted; biases of a normalised map are params too."""
    text = "family: net\ninput: 8x8x1\nlayers: [LAYERS, fc-2]\n"
    norms = ", ".join(f"{{layernorm: {{name: n{i}, normalized_shape: all}}}}" for i in range(4))
    found = model(text.replace("LAYERS", norms)).analyse(input=6)
    # 4 * 2*(64 - 36) + 2*(64 - 36) = 280; 72 + 2 and 128 each four times
    (note,) = report_sheets(found, WHOLE, "hwc", False)[-1].notes
    assert note == (
        "at its own input 8x8x1 it has 642 params, 280 more: "
        "n0 has (8*8)*1 = 64 weights and (8*8)*1 = 64 biases there, "
        "n1 has (8*8)*1 = 64 weights and (8*8)*1 = 64 biases there, "
        "n2 has (8*8)*1 = 64 weights and (8*8)*1 = 64 biases there, and 2 more; "
        "a fully connected layer grows with its map, and dense keeps its weights"
    )


@pytest.mark.slow
@settings(max_examples=200)
@given(networks())
def test_what_differs_is_what_two_analyses_differ_in(network: Network) -> None:
    """The layers with other weights are those in which the reports on both inputs differ, tensor by tensor."""
    shapes = {name: Shape(shape.channels + 1, shape.spatial) for name, shape in _inputs(network)}
    larger = transform.with_inputs(network, shapes)
    try:
        own, other = analyse(network), analyse(larger)
    except (SpecError, UsageError):
        return
    found = {each.row.name: each.own for each in resized(other._replace(declared=network.input_shapes))}
    expected = {a.name: a.tensors for a, b in zip(own.rows, other.rows, strict=True) if a.tensors != b.tensors}
    assert found == expected
    assert resized(own) == resized(own._replace(declared=network.input_shapes)) == []


def _inputs(network: Network) -> list[tuple[str, Shape]]:
    return list(zip(network.input_names, network.input_shapes, strict=True))


def test_a_network_that_does_not_fit_its_own_input() -> None:
    """Another input is asked for itself: whether the network's own fits is no part of the question."""
    fitting = model("family: net\ninput: 8x8x1\nlayers: [{conv5-2: {name: c}}, fc-3]\n").network
    found = Model(transform.with_inputs(fitting, {"input": Shape(1, (4, 4))})).analyse(input=8)
    assert found.totals.params == 5 * 5 * 2 + 2 + 4 * 4 * 2 * 3 + 3
    assert resized(found) == []
