"""The graph: layers in topological order, each reading earlier ones by their place in the list. It never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from vggcalc.errors import Mark, Problem, ShapeError, UsageError, did_you_mean
from vggcalc.layers.base import Layer
from vggcalc.shape import Shape

MAX_ELEMENTS = 10**15

FORMS = {"functions": "functional", "linear": "linear", "subclasses": "subclass"}
"""How PyTorch's implementation may have a layer, as a spec's list of such layers and the layers' `form` call it.

functional: called as a function, so that who looks at modules does not see it. linear: a 1x1 convolution that is a
Linear over a map with its channels last. subclass: of a class derived from the usual one, which few tools know.
"""


class Node(NamedTuple):
    """A layer in its place: its name, what it reads, and where it was written.

    `layer` is None where the spec was too broken to say what stands there.
    """

    name: str
    layer: Layer | None
    inputs: tuple[int, ...]
    mark: Mark | None = None
    shares: int | None = None
    """The node whose weights this one uses, as the towers of a siamese network do; they are counted there."""
    training: bool = False
    """It runs in training alone, as auxiliary classifiers do: it has parameters, but does no work at inference."""
    form: str = ""
    """What PyTorch's implementation makes of it where that is not the module of its kind; see `FORMS`."""


class Network(NamedTuple):
    """A named acyclic graph of layers with the shapes of its inputs."""

    name: str
    nodes: tuple[Node, ...]
    input_shapes: tuple[Shape, ...]
    outputs: tuple[int, ...]
    title: str = ""
    source: str = ""
    note: str = ""
    blocks: Mapping[str, int] = {}
    """The named blocks, and the last layer of each."""
    top: int | None = None
    """The first layer of the classifier, where the spec says which; see `without_top`."""
    modules: Mapping[str, int] = {}
    """What PyTorch's implementation makes a module of its own besides the layers, and the last layer of each."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs, in order; they are the first nodes."""
        return tuple(node.name for node in self.nodes[: len(self.input_shapes)])

    def find(self, name: str) -> int:
        """The place of the layer or the block with this name, of a block its last layer; raises UsageError for none."""
        for index, node in enumerate(self.nodes):
            if node.name == name:
                return index
        if name in self.blocks:
            return self.blocks[name]
        known = [*self.blocks, *(node.name for node in self.nodes)]
        raise UsageError(Problem(f"{self.name} has no layer or block '{name}'", did_you_mean(name, known)))

    def readers(self) -> list[list[int]]:
        """For each node, which nodes read it."""
        readers: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                readers[source].append(index)
        return readers

    def with_inputs(self, shapes: Mapping[str, Shape]) -> Network:
        """The same network for inputs of other shapes, by name."""
        names = self.input_names
        return self._replace(
            input_shapes=tuple(shapes.get(name, shape) for name, shape in zip(names, self.input_shapes, strict=True))
        )

    def until(self, name: str) -> Network:
        """The part that computes the layer with this name: the network as a feature extractor."""
        last = self.find(name)
        return self._keeping(self._needed_by([last]), (last,))

    def without_top(self) -> Network:
        """The network without its classifier, as a feature extractor.

        The classifier is what the spec marks as `top`, or else the first fully connected layer with all that follows
        it, and the pooling to one position, flatten, dropout and other element-wise layers that only lead to it.
        """
        starts = [self.top] if self.top is not None else [i for i, n in enumerate(self.nodes) if _is_fc(n.layer)]
        if not starts:
            raise UsageError(Problem(f"{self.name} has no fully connected layer at its top", "use --until LAYER"))
        top = set(starts)
        for index, node in enumerate(self.nodes):
            if not top.isdisjoint(node.inputs):
                top.add(index)
        readers = self.readers()
        if self.top is None:
            for index in range(len(self.nodes) - 1, len(self.input_shapes) - 1, -1):
                if index not in top and readers[index] and top.issuperset(readers[index]) and _leads(self.nodes[index]):
                    top.add(index)
        kept = set(range(len(self.nodes))) - top
        ends = [i for i in sorted(kept) if not kept.intersection(readers[i]) and i >= len(self.input_shapes)]
        if not ends:
            raise UsageError(Problem(f"nothing is left of {self.name} without its top", "use --until LAYER"))
        return self._keeping(self._needed_by(ends), ends)

    def shapes(self) -> tuple[list[Shape | None], list[Problem]]:
        """The shape of every node's output, and what does not fit; below a misfit nothing is known."""
        shapes: list[Shape | None] = list(self.input_shapes)
        problems = []
        for node in self.nodes[len(self.input_shapes) :]:
            inputs = [known for source in node.inputs if (known := shapes[source]) is not None]
            shape = None
            if node.layer is not None and len(inputs) == len(node.inputs):
                try:
                    shape = _output(node.layer, inputs)
                except ShapeError as error:
                    alone = " (it works in training alone)" if node.training else ""
                    problems += [Problem(f"{node.name}{alone}: {p.message}", p.hint, node.mark) for p in error.problems]
            shapes.append(shape)
        return shapes, problems

    def _needed_by(self, ends: Iterable[int]) -> set[int]:
        needed = set(ends)
        for index in range(len(self.nodes) - 1, -1, -1):
            if index in needed:
                needed.update(self.nodes[index].inputs)
        return needed | set(range(len(self.input_shapes)))

    def _keeping(self, kept: set[int], outputs: Sequence[int]) -> Network:
        order = sorted(kept)
        place = {old: new for new, old in enumerate(order)}
        owners: dict[int, int] = {}  # weights whose holder is gone belong to the first that shares them
        nodes = []
        for old in order:
            node = self.nodes[old]
            owner = None
            if node.shares is not None:
                owner = place[node.shares] if node.shares in place else owners.setdefault(node.shares, place[old])
            inputs = tuple(place[source] for source in node.inputs)
            nodes.append(node._replace(inputs=inputs, shares=None if owner == place[old] else owner))
        return self._replace(
            nodes=tuple(nodes),
            outputs=tuple(place[end] for end in outputs),
            top=None,
            blocks={name: place[last] for name, last in self.blocks.items() if last in place},
            modules={name: place[last] for name, last in self.modules.items() if last in place},
        )


def _output(layer: Layer, inputs: Sequence[Shape]) -> Shape:
    """A layer's output, within bounds that no real map passes and that every printed figure can stand."""
    if len({len(shape.spatial) for shape in inputs}) > 1:
        shapes = " and ".join(map(str, inputs))
        raise ShapeError(f"inputs with different numbers of axes do not go together: {shapes}", "bring them to one")
    shape = layer.output(*inputs)
    if shape.elements > MAX_ELEMENTS:
        raise ShapeError(f"a map of {shape} has more than {MAX_ELEMENTS:,} values", "look at the upsampling above it")
    return shape


def _is_fc(layer: Layer | None) -> bool:
    return layer is not None and layer.stack_role == "fc"


def _leads(node: Node) -> bool:
    """Whether the layer does nothing but prepare a vector for the classifier."""
    layer = node.layer
    return layer is not None and (layer.in_place or layer.summarises)
