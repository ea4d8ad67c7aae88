"""Networks made of a network: what stays as it was, what goes, and what is refused."""

from functools import cache

import pytest
from hypothesis import assume, given, settings
from strategies import networks
from texts import BUNDLED, SAMPLE, known, model

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
    before, after = analyse(network), analyse(transform.dense(network))
    found = [before.rows[end].name for end in network.outputs if before.rows[end].output != after.rows[end].output]
    for row, other in zip(before.rows, after.rows, strict=True):
        figures, others = [(each.weights, each.biases, each.buffers, each.macs) for each in (row, other)]
        flattened = set(row.output.spatial) == {1} and row.output.elements == other.output.elements
        if figures != others or not (row.output == other.output or flattened):
            found.append(f"{network.name} {row.name}: {row.output} {figures}, {other.output} {others}")
    return found if before.totals == after.totals else [*found, f"totals of {network.name}"]


@pytest.mark.slow
def test_every_network_is_itself_when_dense() -> None:
    """At its own input each bundled network has the parameters, the operations and the shapes that it had."""
    assert [text for network in bundled() for text in differences(network)] == []


FULLY_CONNECTED = [
    name for name in SAMPLE if any(isinstance(node.layer, FullyConnected) for node in load(name).network.nodes)
]
EMBEDDED = ["vit_b_16", "mvit_v1_b", "swin3d_t"]
"""Of these the ones whose embeddings of positions, or windows of videos, are for one extent alone."""


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FULLY_CONNECTED if name not in EMBEDDED])
def test_dense_networks_keep_their_weights(name: str) -> None:
    """At another input, twice as large, the weights are those at the network's own."""
    network = load(name).network
    larger = {
        input_name: f"{'x'.join(str(2 * n) for n in shape.spatial)}"
        for input_name, shape in zip(network.input_names, network.input_shapes, strict=True)
    }
    assert load(name).analyse(input=larger, dense=True).totals.params == analyse(network).totals.params


@pytest.mark.slow
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


@pytest.mark.slow
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


# Without the classifier

KERAS = {
    # include_top=False: Total params of `model.summary()` in Keras Applications, moving means and variances among them
    "vgg16": 14714688,
    "vgg19": 20024384,
    "resnet50-keras": 23587712,
    "resnet101-keras": 42658176,
    "resnet152-keras": 58370944,
    "resnet50v2-keras": 23564800,
    "resnet101v2-keras": 42626560,
    "resnet152v2-keras": 58331648,
    "inception_v3-keras": 21802784,
    "inception_resnet_v2-keras": 54336736,
    "xception-keras": 20861480,
    "mobilenet_v1": 3228864,
    "mobilenet_v2": 2257984,
    "mobilenet_v3_small": 939120,
    "mobilenet_v3_large": 2996352,
    "densenet121": 7037504,
    "densenet169": 12642880,
    "densenet201": 18321984,
    "efficientnet_b0": 4049571 - 7,  # the normalisation of its input has 3 means, 3 variances and a count
    "efficientnet_v2_s": 20331360,
    "convnext_tiny": 27820128 - 2 * 768,  # Keras normalises the features that it gives back
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KERAS)
def test_keras_without_top(name: str) -> None:
    """Without its classifier a network has the parameters of Keras's, whose normalisations do not count batches."""
    found = load(name).analyse(top=False)
    statistics = sum(t.elements for row in found.rows for t in row.tensors if t.name in ("running_mean", "running_var"))
    assert known(found.totals.params) + statistics == KERAS[name]


FEATURES = 14714688
"""The convolutions of VGG-16."""

EXTRACTORS = {
    # what is left without the classifier, its outputs, and the parameters as a sum
    "inception_v3": (27161264 - 2049000 - 3326696, ["8x8x2048"]),  # fc, and torchvision's AuxLogits
    "googlenet-aux": (6624904 - 1025000, ["7x7x1024"]),  # torchvision's googlenet without its fc
    "googlenet-paper-aux": (6998552 - 1025000, ["7x7x1024"]),
    "convnext_tiny": (28589128 - 769000 - 2 * 768, ["7x7x768"]),  # torchvision's features; timm's features_only
    "mobilenet_v3_large": (5483032 - 1281000 - (960 * 1280 + 1280), ["7x7x960"]),
    "ghostnet_100": (5182508 - 1281000 - (960 * 1280 + 1280), ["7x7x960"]),  # conv_head too works on what is pooled
    "alexnet-v2-slim": (50303912 - 26218496 - 16781312 - 4097000, ["5x5x256"]),  # three convolutions: fc6, fc7, fc8
    "overfeat-fast": (145920872 - 113249280 - 12587008 - 4097000, ["6x6x1024"]),
    "lenet5-1998": (156 + 12 + 1516 + 32 + 48120, ["1x1x120"]),  # the paper: C5 is a convolution
    "squeezenet1_0": (1248424 - 513000, ["13x13x512"]),  # torchvision's features
    "squeezenet1_1": (1235496 - 513000, ["13x13x512"]),
    "nin-imagenet": (7595176 - 1025000, ["6x6x1024"]),
    "unet": (31030658 - (64 * 2 + 2), ["388x388x64"]),
    "segnet": (29449355 - (3 * 3 * 64 * 11 + 11), ["360x480x64"]),
    "fcn8s": (FEATURES + 102764544 + 16781312, ["73x73x256", "37x37x512", "13x13x4096"]),  # fc6 and fc7 of VGG-16
    "fcn32s": (FEATURES + 102764544 + 16781312, ["13x13x4096"]),
    "yolov3": (61949149 - 255 * (1024 + 512 + 256 + 3), ["13x13x1024", "26x26x512", "52x52x256"]),
    # the scales of conv4_3, conv6 and conv7, and the pairs of 1x1 and 3x3 behind them
    "ssd300_vgg16": (
        FEATURES + 512 + 4719616 + 1049600 + 262400 + 1180160 + 65664 + 295168 + 2 * (32896 + 295168),
        ["38x38x512", "19x19x1024", "10x10x512", "5x5x256", "3x3x256", "1x1x256"],
    ),
    "siamese-omniglot": (6464 + 401536 + 262272 + 524544, ["6x6x256", "6x6x256"]),  # one tower's four convolutions
}


@pytest.mark.parametrize("name", EXTRACTORS)
def test_what_is_left_without_the_classifier(name: str) -> None:
    """Parameters and outputs of the extractor: no auxiliary head, nothing behind the last map, all before it."""
    params, outputs = EXTRACTORS[name]
    found = load(name).analyse(top=False)
    assert (found.totals.params, [str(found.rows[end].output) for end in found.network.outputs]) == (params, outputs)


def test_an_extractor_keeps_its_last_activation() -> None:
    """ResNet's last ReLU belongs to its last block, as torchvision and Keras have it."""
    found = load("resnet18").analyse(top=False)
    assert [found.rows[end].name for end in found.network.outputs] == ["layer4.1.relu"]


@pytest.mark.slow
def test_every_extractor_is_a_part_of_its_network() -> None:
    """Of every bundled network with a classifier the layers that are left are as they were, and work at inference."""
    refused = []
    for network in bundled():
        try:
            part = transform.without_top(network)
        except UsageError:
            refused.append(network.name)
            continue
        whole = {row.name: row for row in analyse(network).rows}
        for row in analyse(part).rows:
            assert (row.output, row.params, row.macs) == (
                whole[row.name].output, whole[row.name].params, whole[row.name].macs
            ), row.name  # fmt: skip
            assert whole[row.name].works
        assert any(whole[name].params for name in whole.keys() - {node.name for node in part.nodes})
    boxes_beside_classes = [f"{family}{size}" for family in ("yolo11", "yolov8") for size in "nsmlx"]
    without = ["inception-naive", "inception-bottleneck", "d2l-densenet-block", "autoencoder-toycar"]
    assert refused == without + boxes_beside_classes


@pytest.mark.slow
def test_a_classifier_of_convolutions_is_found_as_well() -> None:
    """Networks with fully connected layers have the same extractor when those are convolutions."""
    for name in FULLY_CONNECTED:
        network = load(name).network
        once = transform.without_top(network)
        again = transform.without_top(transform.dense(network))
        assert [row.name for row in analyse(once).rows] == [row.name for row in analyse(again).rows], name


HEADLESS = {
    # a network without a classifier, and the layer that tells
    "conv3-4, maxpool, {conv1-8: {activation: relu, name: c}}": "relu",
    "conv3-4, {maxpool: {name: p}}": "p",
    "{conv3-4: {norm: batchnorm, name: c}}": "bn",
    "{conv3-2: {name: a, padding: 1}}, {add: {name: sum, from: [input, a]}}": "input",
    "{conv1-2: {name: a}}, {conv1-2: {name: b, from: input}}, {concat: {name: both, from: [a, b]}}": "both",
    "maxpool, {softmax: {name: s}}": "input",
    "fc-8, fc-4": "nothing is left",
}


@pytest.mark.parametrize("layers", HEADLESS)
def test_a_network_without_a_classifier_says_so(layers: str) -> None:
    """Where no last layer makes scores, the answer names what stands where a classifier would not have it."""
    with pytest.raises(UsageError, match=HEADLESS[layers]):
        model(f"family: net\ninput: 8x8x2\nlayers: [{layers}]\n").analyse(top=False)


def test_scores_on_the_way_stay() -> None:
    """Where a network's scores are refined, the first ones are no part of its classifier, and an output still."""
    spec = """
family: net
input: 8x8x3
layers:
  - {conv3-8: {name: trunk, padding: 1}}
  - {conv1-2: {name: first}}
  - {concat: {name: again, from: [trunk, first]}}
  - {conv3-8: {name: more, padding: 1}}
  - {conv1-2: {name: second}}
outputs: [first, second]
"""
    found = model(spec).analyse(top=False)
    assert [found.rows[end].name for end in found.network.outputs] == ["first", "more"]


def test_a_gate_is_no_classifier() -> None:
    """Squeeze and excitation of fully connected layers stays, also in the last block."""
    spec = """
family: net
input: 8x8x3
layers:
  - {conv3-8: {name: trunk}}
  - {globalavgpool: {name: squeeze}}
  - {fc-2: {name: less, activation: relu}}
  - {fc-8: {name: more, activation: sigmoid}}
  - {multiply: {name: scaled, from: [trunk, more]}}
  - {globalavgpool: {name: pool}}
  - {fc-10: {name: score}}
"""
    assert model(spec).analyse(top=False).rows[-1].name == "scaled"


def test_a_network_on_one_position_keeps_its_blocks() -> None:
    """Where strides leave one position, what follows is still no classifier: that begins with the pooling."""
    spec = """
family: net
input: 4x4x3
layers:
  - {conv3-8/2: {name: a, padding: 1}}
  - {conv3-8/2: {name: b, padding: 1}}
  - {conv1-8: {name: c, activation: relu}}
  - {add: {name: sum, from: [b, c]}}
  - {globalavgpool: {name: pool}}
  - {fc-10: {name: score}}
"""
    assert model(spec).analyse(top=False).rows[-1].name == "sum"
