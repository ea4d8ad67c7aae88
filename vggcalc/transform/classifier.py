"""A network without its classifier: where what makes the scores begins, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vggcalc.errors import Problem, UsageError
from vggcalc.layers import AvgPool, Concat, ConvTranspose, Identity, Layer, Sigmoid, Softmax, Tanh
from vggcalc.layers.roles import MULTIPLYING
from vggcalc.layers.windowed import WholeMap
from vggcalc.network import Network, Node
from vggcalc.shape import Shape
from vggcalc.transform.parts import ending_in, sound_shapes


def without_top(network: Network) -> Network:
    """The network without its classifier, as a feature extractor; its outputs are what the classifier read.

    The classifier is what the spec marks as `top`, with all that follows it. Else it is the last convolution or fully
    connected layer before each output, transposed convolutions aside, with all that follows; and before it all that
    works on one position left of a map by a pooling, a flatten or a fully connected layer, that pooling, and dropout.
    Layers that run in training alone, as auxiliary classifiers do, go with it. Activations on a map stay.

    Raises: UsageError where no last layer makes scores, or nothing is left; SpecError when the layers do not fit.
    """
    shapes = sound_shapes(network)
    at_work = [place for place, node in enumerate(network.nodes) if not node.training]
    if network.top is not None:
        top = _followed(network, [network.top])
    else:
        top = _with_what_leads_to_it(network, shapes, _followed(network, _scores(network, shapes)))
    read = {source for place in at_work if place in top for source in _seen(network.nodes[place], shapes)}
    ends = [place for place in at_work[len(network.input_shapes) :] if place not in top]
    ends = [place for place in ends if place in read or place in network.outputs]
    if not ends:
        raise _refusal(network, "nothing is left without it")
    return ending_in(network, ends)


def _scores(network: Network, shapes: Sequence[Shape]) -> list[int]:
    """The last layers of weights before the outputs, those that none of them reads in turn."""
    found: set[int] = set()
    behind = {place for place in network.outputs if not network.nodes[place].training}
    for place in range(len(network.nodes) - 1, -1, -1):
        if place in behind:
            node = network.nodes[place]
            assert node.layer is not None
            if node.layer.role in MULTIPLYING and not isinstance(node.layer, ConvTranspose):
                found.add(place)
                behind.remove(place)
            else:
                behind.update(_seen(node, shapes))
    for place in sorted(behind):
        if not network.nodes[place].inputs:
            raise _refusal(network, f"{network.nodes[place].name} reaches its end past all layers of weights")
        if not _is_vector(shapes[place]) and not _may_follow_scores(network, shapes, place):
            raise _refusal(network, f"past its last layers of weights stands {network.nodes[place].name}")
    return [place for place in found if not found & (_followed(network, [place]) - {place})]


def _may_follow_scores(network: Network, shapes: Sequence[Shape], place: int) -> bool:
    """Whether a layer does with scores what one does with them, and not with features."""
    layer = network.nodes[place].layer
    assert layer is not None
    if layer.role == "activation":
        return isinstance(layer, Sigmoid | Softmax | Tanh) or _ends_in_vectors(network, shapes)
    return not isinstance(layer, Concat) and layer.role not in ("norm", "pool")


def _with_what_leads_to_it(network: Network, shapes: Sequence[Shape], top: set[int]) -> set[int]:
    """The classifier with the layers before it that work on vectors, bring maps to one size, or drop values."""
    vectors = _vectors(network, shapes)
    readers = network.readers()
    for place in range(len(network.nodes) - 1, len(network.input_shapes) - 1, -1):
        layer = network.nodes[place].layer
        assert layer is not None
        at_work = {reader for reader in readers[place] if not network.nodes[reader].training}
        leads = place in vectors or layer.summarises or layer.role == "idle" or isinstance(layer, Identity)
        if leads and at_work and at_work <= top and place not in network.outputs:
            top.add(place)
    return top


def _vectors(network: Network, shapes: Sequence[Shape]) -> set[int]:
    """The layers that leave one position of a map on purpose, not by strides, and those that work on it."""
    found: set[int] = set()
    scores = _ends_in_vectors(network, shapes)
    for place, node in enumerate(network.nodes):
        if node.inputs and _is_vector(shapes[place]):
            layer, read = node.layer, _seen(node, shapes)
            leaves_one = isinstance(layer, WholeMap | AvgPool) or (layer is not None and layer.summarises)
            if leaves_one or found.issuperset(read) or (scores and _covers(layer, shapes[read[0]])):
                found.add(place)
    return found


def _covers(layer: Layer | None, shape: Shape) -> bool:
    """Whether the layer is a convolution whose kernel is the map: a fully connected layer in other words."""
    if layer is None or layer.role != "conv" or isinstance(layer, ConvTranspose):
        return False
    ends = [(window.first(0), window.last(0)) for window in layer.window(shape)]
    return not _is_vector(shape) and ends == [(0, n - 1) for n in shape.spatial]


def _ends_in_vectors(network: Network, shapes: Sequence[Shape]) -> bool:
    return all(_is_vector(shapes[place]) for place in network.outputs if not network.nodes[place].training)


def _is_vector(shape: Shape) -> bool:
    return set(shape.spatial) <= {1}


def _seen(node: Node, shapes: Sequence[Shape]) -> tuple[int, ...]:
    """What a layer reads, but for that of which it looks at the size alone."""
    if node.layer is None or not node.inputs:
        return ()
    return node.inputs[: len(node.layer.windows(*(shapes[source] for source in node.inputs)))]


def _followed(network: Network, starts: Iterable[int]) -> set[int]:
    """These layers and all that are computed from them."""
    found = set(starts)
    for place, node in enumerate(network.nodes):
        if not found.isdisjoint(node.inputs):
            found.add(place)
    return found


def _refusal(network: Network, reason: str) -> UsageError:
    message = f"{network.name} has no classifier to leave out: {reason}"
    return UsageError(Problem(message, "name the layer to end with", code="no-such-part"))
