"""A network that slides: its fully connected layers as the convolutions that they equal."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.errors import Problem, UsageError
from vggcalc.layers import Concat, Conv, Flatten, FullyConnected, Identity, Layer
from vggcalc.network import Network, Node
from vggcalc.shape import Shape
from vggcalc.transform.parts import needed_by, sound_shapes


def dense(network: Network) -> Network:
    """The network with every fully connected layer turned into the convolution that it equals.

    The kernel is as large as the map that the layer reads at the network's declared input, also through a flatten,
    behind which that map then stays a map. Parameters, operations and, but for such maps, shapes at that input stay the
    same; at a larger one the output is a map of class scores. A network without such layers stays as it is.

    Source: Simonyan and Zisserman, arXiv:1409.1556, section 3.2; Sermanet et al., arXiv:1312.6229, section 3.5.
    Raises: UsageError for a layer that needs the vector; SpecError when the layers do not fit.
    """
    shapes = sound_shapes(network)
    ends = [place for place, node in enumerate(network.nodes) if isinstance(node.layer, FullyConnected)]
    sliding = needed_by(network, ends)
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
            problems.append(
                Problem(message, "let it be read by the fully connected layer alone", node.mark, code="no-such-part")
            )
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
    return Problem(
        message, "put it before the flatten, or behind the fully connected layer", node.mark, code="no-such-part"
    )


def _check_shares(network: Network, kernels: Sequence[Shape | None]) -> None:
    """Raises UsageError where layers shared the weights of vectors and would have kernels of different shapes."""
    problems = []
    for node, kernel in zip(network.nodes, kernels, strict=True):
        if kernel is not None and node.shares is not None and kernel != (theirs := kernels[node.shares]):
            owner = network.nodes[node.shares].name
            message = f"{node.name} would have a kernel of {kernel}, but shares the weights of {owner}, a {theirs}"
            problems.append(Problem(message, "flatten maps of one shape for both", node.mark, code="no-such-part"))
    if problems:
        raise UsageError(problems)
