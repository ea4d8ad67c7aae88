"""Fully connected layers as convolutions, so that a classifier slides over larger images."""

from __future__ import annotations

from vggcalc.errors import SpecError, UsageError
from vggcalc.layers import Conv, Flatten, FullyConnected, Identity, Layer
from vggcalc.network import Network
from vggcalc.shape import Shape


def dense(network: Network) -> Network:
    """The network with every fully connected layer turned into the convolution that it equals.

    The kernel is as large as the map that the layer reads at the network's declared input. Weights and figures at
    that input stay the same; at a larger one the output is a map of class scores.

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 3.2; Sermanet et al., arXiv:1312.6229, section 3.5.
    Raises: UsageError when there is no fully connected layer; SpecError when the layers do not fit.
    """
    shapes, problems = network.shapes()
    if problems:
        raise SpecError(problems)
    maps: list[Shape] = []
    nodes = []
    for node, shape in zip(network.nodes, shapes, strict=True):
        layer = node.layer
        assert layer is not None
        assert shape is not None
        through = layer.in_place and len(node.inputs) == 1
        maps.append(maps[node.inputs[0]] if through else shape)  # the map as it was before it was flattened
        nodes.append(node._replace(layer=_slid(layer, maps[node.inputs[0]]) if node.inputs else layer))
    if nodes == list(network.nodes):
        raise UsageError(f"{network.name} has no fully connected layer to turn into a convolution")
    return network._replace(nodes=tuple(nodes))


def _slid(layer: Layer, shape: Shape) -> Layer:
    if isinstance(layer, FullyConnected):
        return Conv(kernel_size=shape.spatial, out_channels=layer.out_features, bias=layer.bias)
    return Identity() if isinstance(layer, Flatten) else layer
