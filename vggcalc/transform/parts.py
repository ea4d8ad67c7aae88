"""A part of a network: what some of its layers need, as a network of its own; and the whole of it for other inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vggcalc.errors import Problem, SpecError, UsageError
from vggcalc.network import UNTOLD, Network
from vggcalc.shape import Shape


def with_inputs(network: Network, shapes: Mapping[str, Shape]) -> Network:
    """The same network for inputs of other shapes, by name.

    Raises: UsageError where the shape of a layer is said for the network's own alone.
    """
    own = zip(network.input_names, network.input_shapes, strict=True)
    found = network._replace(input_shapes=tuple(shapes.get(name, shape) for name, shape in own))
    if found.input_shapes != network.input_shapes:
        for node in network.nodes:
            if node.layer is not None and node.layer.role == "unknown" and node.layer.fields["output_shape"]:
                what = (
                    f"the shape of {node.name}, {node.layer.fields['op']}, is known for {network.input_shapes[0]} alone"
                )
                raise UsageError(Problem(what, "leave the input as it is", node.mark, code="unknown-work"))
    return found


def until(network: Network, name: str) -> Network:
    """The part that computes the layer with this name: the network as a feature extractor."""
    return ending_in(network, [network.find(name)])


def sound_shapes(network: Network) -> list[Shape]:
    """The shape of every layer's output; raises SpecError where layers do not fit."""
    shapes, problems = network.shapes()
    if problems:
        raise SpecError(problems)
    return [shape for shape in shapes if shape is not None]


def needed_by(network: Network, ends: Iterable[int]) -> set[int]:
    """The places of these layers and of all that they are computed from, the inputs among them."""
    needed = set(ends)
    for index in range(len(network.nodes) - 1, -1, -1):
        if index in needed:
            needed.update(network.nodes[index].inputs)
    return needed | set(range(len(network.input_shapes)))


def ending_in(network: Network, ends: Sequence[int]) -> Network:
    """The part of a network that computes these layers, which become its outputs."""
    kept = needed_by(network, ends)
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
        outputs=tuple(place[end] for end in ends),
        top=None,
        blocks={name: place[last] for name, last in network.blocks.items() if last in place},
        modules={name: place[last] for name, last in network.modules.items() if last in place},
        passing=network.passing
        and {name: place.get(last, last) for name, last in network.passing.items() if last in (*place, UNTOLD)},
    )
