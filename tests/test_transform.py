"""Networks made of a network: what stays as it was, what goes, and what is refused."""

from functools import cache

import pytest
from hypothesis import assume, given, settings
from strategies import networks
from texts import BUNDLED, SAMPLE, model

from vggcalc import Network, UsageError, load, transform
from vggcalc.analysis.analyse import analyse
from vggcalc.layers import FullyConnected


@cache
def bundled() -> list[Network]:
    """Every bundled network."""
    return [load(name).network for name in BUNDLED]


# Fully convolutional


def differences(network: Network) -> list[str]:
    """What the fully convolutional form has otherwise than the network, at the network's own input.

    Between a flatten and the fully connected layers a vector may be the map whose values it holds.
    """
    before, after = analyse(network, fields=False), analyse(transform.dense(network), fields=False)
    found = [before.rows[end].name for end in network.outputs if before.rows[end].output != after.rows[end].output]
    for row, other in zip(before.rows, after.rows, strict=True):
        figures, others = [(each.weights, each.biases, each.buffers, each.macs) for each in (row, other)]
        flattened = set(row.output.spatial) == {1} and row.output.elements == other.output.elements
        if figures != others or not (row.output == other.output or flattened):
            found.append(f"{network.name} {row.name}: {row.output} {figures}, {other.output} {others}")
    return found if before.totals == after.totals else [*found, f"totals of {network.name}"]


def test_every_network_is_itself_when_dense() -> None:
    """At its own input each bundled network has the parameters, the operations and the shapes that it had."""
    assert [text for network in bundled() for text in differences(network)] == []


FULLY_CONNECTED = [
    name for name in SAMPLE if any(isinstance(node.layer, FullyConnected) for node in load(name).network.nodes)
]


@pytest.mark.parametrize("name", FULLY_CONNECTED)
def test_dense_networks_keep_their_weights(name: str) -> None:
    """At another input, as large again by half, the weights are those at the network's own."""
    network = load(name).network
    larger = {
        input_name: f"{'x'.join(str(n + n // 2) for n in shape.spatial)}"
        for input_name, shape in zip(network.input_names, network.input_shapes, strict=True)
    }
    assert load(name).analyse(input=larger, dense=True).totals.params == analyse(network).totals.params


@settings(max_examples=300)
@given(networks())
def test_random_networks_are_themselves_when_dense(network: Network) -> None:
    """At its own input a network either has the figures that it had, or is refused with the name of a layer."""
    refused, found = "", []
    try:
        found = differences(network)
    except UsageError as error:
        refused = str(error)
    assert found == []
    assert not refused or any(node.name in refused for node in network.nodes)


@settings(max_examples=100)
@given(networks())
def test_twice_dense_is_dense(network: Network) -> None:
    """A fully convolutional network is left as it is."""
    try:
        once = transform.dense(network)
    except UsageError:
        assume(False)
    assert transform.dense(once) == once


TOWERS = """
family: net
input: {left: 4x4x2, right: 4x4x2}
variants:
  net:
    layers:
      - {flatten: {name: a, from: left}}
      - {flatten: {name: b, from: right}}
      - {relu: {name: r, from: b}}
      - {concat: {name: both, from: [a, r]}}
      - {fc-5: {name: score}}
"""


def test_flattened_maps_that_are_concatenated() -> None:
    """A fully connected layer over two flattened maps is a convolution over both: 2 * 4*4*2 values, 5 outputs."""
    for found in (model(TOWERS).analyse(), model(TOWERS).analyse(dense=True)):
        assert (found.totals.params, str(found.row("score").output)) == (2 * 4 * 4 * 2 * 5 + 5, "1x1x5")
    larger = model(TOWERS).analyse(input="6x6", dense=True)
    assert (larger.totals.params, str(larger.row("score").output)) == (325, "3x3x5")  # 6 - 4 + 1


def chain(*lines: str, outputs: str = "") -> str:
    """A spec of some layers on 4x4x2."""
    listed = "".join(f"      - {line}\n" for line in lines)
    return f"family: net\ninput: 4x4x2\nvariants:\n  net:\n{outputs}    layers:\n{listed}"


BETWEEN = {
    # a layer between the flatten and fc-5, and why it is another layer on the map than on the vector of 32
    "softmax": "its sum runs over 32 values, not over the 2 of a position",
    "batchnorm": "32 scales and shifts, not 2",
    "prelu: {num_parameters: channels}": "32 slopes, not 2",
    "layernorm": "a mean of 32 values",
    "lrn": "neighbours among 32",
    "slice: {stop: 16}": "half of the values, and which of them depends on how a map is flattened",
    "channelshuffle-2": "it moves values between positions",
    "conv1-3": "it sees 32 values",
    "scale": "32 factors",
    "globalavgpool": "the mean of each of 32 channels of one value",
}


@pytest.mark.parametrize("layer", BETWEEN)
def test_what_works_on_a_vector_cannot_slide(layer: str) -> None:
    """Where a layer between a flatten and a fully connected one needs the vector, the answer is its name."""
    kind, _, fields = layer.partition(": ")
    named = f"{{{kind}: {{name: culprit{', ' + fields.strip('{}') if fields else ''}}}}}"
    spec = chain("flatten", named, "fc-5")
    assert model(spec).analyse().totals.params
    with pytest.raises(UsageError, match=r"net.yaml:7:\d+: culprit .* 4x4x2"):
        model(spec).analyse(dense=True)


def test_a_vector_that_something_else_needs_cannot_slide() -> None:
    """A flattened map that is an output too, or that is read by a layer that needs the vector, is named."""
    two = chain("{flatten: {name: flat}}", "{fc-5: {name: score}}", outputs="    outputs: [flat, score]\n")
    with pytest.raises(UsageError, match=r"flat .*output"):
        model(two).analyse(dense=True)
    shuffled = chain("{flatten: {name: flat}}", "{fc-32: {name: score}}", "{add: {name: sum, from: [flat, score]}}")
    with pytest.raises(UsageError, match=r"sum .*4x4x2"):
        model(shuffled).analyse(dense=True)


def test_flattened_maps_of_different_extent_cannot_slide() -> None:
    """No one convolution reads 4x4x2 and 2x2x2 side by side."""
    lines = ["{flatten: {name: a}}", "{maxpool: {name: p, from: input}}", "{flatten: {name: b}}"]
    with pytest.raises(UsageError, match=r"both .*4x4x2 and 2x2x2"):
        model(chain(*lines, "{concat: {name: both, from: [a, b]}}", "fc-5")).analyse(dense=True)


def test_a_flatten_that_no_fully_connected_layer_reads_stays() -> None:
    """Flattening for another end than a fully connected layer gives the vector that it gave."""
    spec = chain("{flatten: {name: flat}}", "softmax", "{conv1-7: {name: score}}")
    found = model(spec).analyse(dense=True)
    assert (str(found.row("flat").output), found.totals.params) == ("1x1x32", 32 * 7 + 7)


def test_shared_weights_slide_together_or_not_at_all() -> None:
    """Two fully connected layers share 32 weights an output; as kernels of 4x4x2 and 2x2x8 they cannot."""
    spec = """
family: net
input: {left: 4x4x2, right: RIGHT}
variants:
  net:
    layers:
      - {flatten: {name: a, from: left}}
      - {fc-5: {name: score}}
      - {flatten: {name: b, from: right}}
      - {fc-5: {name: again, share: score}}
"""
    found = model(spec.replace("RIGHT", "4x4x2")).analyse(dense=True)
    assert found.totals.params == 32 * 5 + 5
    with pytest.raises(UsageError, match=r"again .*2x2x8.*4x4x2"):
        model(spec.replace("RIGHT", "2x2x8")).analyse(dense=True)


@pytest.mark.parametrize("name", ["squeezenet1_0", "unet", "overfeat-fast"])
def test_networks_of_convolutions_are_dense_already(name: str) -> None:
    """Without a fully connected layer there is nothing to turn into a convolution, and the network stays."""
    assert transform.dense(load(name).network) == load(name).network
