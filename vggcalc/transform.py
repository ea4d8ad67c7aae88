"""Networks made of a network: for other inputs, up to a layer, without its classifier, fully convolutional.

Each is a pure function; the network that it is given stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vggcalc.errors import Problem, SpecError, UsageError
from vggcalc.layers import Concat, Conv, Flatten, FullyConnected, Identity, Layer
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

    The kernel is as large as the map that the layer reads at the network's declared input, also through a flatten,
    behind which that map then stays a map. Parameters, operations and, but for such maps, shapes at that input stay the
    same; at a larger one the output is a map of class scores. A network without such layers stays as it is.

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 3.2; Sermanet et al., arXiv:1312.6229, section 3.5.
    Raises: UsageError for a layer that needs the vector; SpecError when the layers do not fit.
    """
    shapes = _sound_shapes(network)
    ends = [place for place, node in enumerate(network.nodes) if isinstance(node.layer, FullyConnected)]
    sliding = _needed_by(network, ends)
    maps = _maps(network, shapes, sliding)
    kernels: list[Shape | None] = []
    nodes = []
    for place, node in enumerate(network.nodes):
        layer, kernel = node.layer, None
        if isinstance(layer, FullyConnected):
            kernel = maps[node.inputs[0]] or shapes[node.inputs[0]]
            layer = Conv(kernel_size=kernel.spatial or 1, out_channels=layer.out_features, bias=layer.bias)
        elif isinstance(layer, Flatten) and place in sliding:
            layer = Identity()
        kernels.append(kernel)
        nodes.append(node._replace(layer=layer))
    _check_shares(network, kernels)
    return network._replace(nodes=tuple(nodes))


def _sound_shapes(network: Network) -> list[Shape]:
    shapes, problems = network.shapes()
    if problems:
        raise SpecError(problems)
    return [shape for shape in shapes if shape is not None]


def _maps(network: Network, shapes: Sequence[Shape], sliding: set[int]) -> list[Shape | None]:
    """For each layer the map that its vector is the flattening of, where a fully connected layer slides over it.

    Raises: UsageError with every layer that needs the vector itself.
    """
    maps: list[Shape | None] = []
    problems = []
    for place, node in enumerate(network.nodes):
        read = [maps[source] for source in node.inputs]
        held = None
        if any(read) and not isinstance(node.layer, FullyConnected):
            held = _held(node.layer, read)
            if held is None:
                problems.append(_needs_vector(node, read))
        elif isinstance(node.layer, Flatten) and place in sliding and set(shapes[node.inputs[0]].spatial) != {1}:
            held = shapes[node.inputs[0]]
        if held is not None and place in network.outputs:
            message = f"{node.name} is an output and would be a map of {held} instead of a vector"
            problems.append(Problem(message, "let it be read by the fully connected layer alone", node.mark))
        maps.append(held)
    if problems:
        raise UsageError(problems)
    return maps


def _held(layer: Layer | None, read: Sequence[Shape | None]) -> Shape | None:
    """The map that a layer makes of the maps which it reads in place of vectors; None where it needs the vectors."""
    maps = [shape for shape in read if shape is not None]
    if len(maps) < len(read) or len({shape.spatial for shape in maps}) > 1:
        return None
    if isinstance(layer, Concat):
        return layer.output(*maps)
    keeps = layer is not None and (layer.valuewise or isinstance(layer, Flatten))
    return maps[0] if keeps and len(set(maps)) == 1 else None


def _needs_vector(node: Node, read: Sequence[Shape | None]) -> Problem:
    maps = " and ".join(str(shape) if shape else "a vector" for shape in dict.fromkeys(read))
    message = f"{node.name} works on the values of {maps} as one vector; no convolution of the map equals what follows"
    return Problem(message, "put it before the flatten, or behind the fully connected layer", node.mark)


def _check_shares(network: Network, kernels: Sequence[Shape | None]) -> None:
    """Raises UsageError where layers shared the weights of vectors and would have kernels of different shapes."""
    problems = []
    for node, kernel in zip(network.nodes, kernels, strict=True):
        if kernel is not None and node.shares is not None and kernel != (theirs := kernels[node.shares]):
            owner = network.nodes[node.shares].name
            message = f"{node.name} would have a kernel of {kernel}, but shares the weights of {owner}, a {theirs}"
            problems.append(Problem(message, "flatten maps of one shape for both", node.mark))
    if problems:
        raise UsageError(problems)


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
