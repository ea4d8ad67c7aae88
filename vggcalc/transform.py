"""Networks made of a network: for other inputs, up to a layer, without its classifier, fully convolutional.

Each is a pure function; the network that it is given stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vggcalc.errors import Problem, SpecError, UsageError
from vggcalc.layers import Conv, Flatten, FullyConnected, Identity, Layer
from vggcalc.network import Network, Node
from vggcalc.shape import Shape


def with_inputs(network: Network, shapes: Mapping[str, Shape]) -> Network:
    """The same network for inputs of other shapes, by name."""
    own = zip(network.input_names, network.input_shapes, strict=True)
    return network._replace(input_shapes=tuple(shapes.get(name, shape) for name, shape in own))


def until(network: Network, name: str) -> Network:
    """The part that computes the layer with this name: the network as a feature extractor."""
    last = network.find(name)
    return _keeping(network, _needed_by(network, [last]), (last,))


def without_top(network: Network) -> Network:
    """The network without its classifier, as a feature extractor.

    The classifier is what the spec marks as `top`, or else the first fully connected layer with all that follows
    it, and the pooling to one position, flatten, dropout and other element-wise layers that only lead to it.
    """
    starts = (
        [network.top] if network.top is not None else [i for i, n in enumerate(network.nodes) if _is_linear(n.layer)]
    )
    if not starts:
        raise UsageError(Problem(f"{network.name} has no fully connected layer at its top", "use --until LAYER"))
    top = set(starts)
    for index, node in enumerate(network.nodes):
        if not top.isdisjoint(node.inputs):
            top.add(index)
    readers = network.readers()
    if network.top is None:
        for index in range(len(network.nodes) - 1, len(network.input_shapes) - 1, -1):
            if index not in top and readers[index] and top.issuperset(readers[index]) and _leads(network.nodes[index]):
                top.add(index)
    kept = set(range(len(network.nodes))) - top
    ends = [i for i in sorted(kept) if not kept.intersection(readers[i]) and i >= len(network.input_shapes)]
    if not ends:
        raise UsageError(Problem(f"nothing is left of {network.name} without its top", "use --until LAYER"))
    return _keeping(network, _needed_by(network, ends), ends)


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


def _is_linear(layer: Layer | None) -> bool:
    return layer is not None and layer.role == "linear"


def _leads(node: Node) -> bool:
    """Whether the layer does nothing but prepare a vector for the classifier."""
    layer = node.layer
    return layer is not None and (layer.in_place or layer.summarises)


def _needed_by(network: Network, ends: Iterable[int]) -> set[int]:
    needed = set(ends)
    for index in range(len(network.nodes) - 1, -1, -1):
        if index in needed:
            needed.update(network.nodes[index].inputs)
    return needed | set(range(len(network.input_shapes)))


def _keeping(network: Network, kept: set[int], outputs: Sequence[int]) -> Network:
    order = sorted(kept)
    place = {old: new for new, old in enumerate(order)}
    owners: dict[int, int] = {}  # weights whose holder is gone belong to the first that shares them
    nodes = []
    for old in order:
        node = network.nodes[old]
        owner = None
        if node.shares is not None:
            owner = place[node.shares] if node.shares in place else owners.setdefault(node.shares, place[old])
        inputs = tuple(place[source] for source in node.inputs)
        nodes.append(node._replace(inputs=inputs, shares=None if owner == place[old] else owner))
    return network._replace(
        nodes=tuple(nodes),
        outputs=tuple(place[end] for end in outputs),
        top=None,
        blocks={name: place[last] for name, last in network.blocks.items() if last in place},
        modules={name: place[last] for name, last in network.modules.items() if last in place},
    )
