"""The graph: layers in topological order, each reading earlier ones by their place in the list. It never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vggcalc import bounds
from vggcalc.collector import paused
from vggcalc.errors import Mark, Problem, ShapeError, UsageError, did_you_mean
from vggcalc.layers.answers import Answers
from vggcalc.layers.base import Layer
from vggcalc.record import Record
from vggcalc.shape import AXES, Shape

FORMS = {
    "functions": "functional", "linear": "linear", "subclasses": "subclass", "leaves": "custom", "biases": "bias",
    "windows": "windowed", "strided": "strided", "methods": "method", "products": "product", "expanded": "expanded",
    "shared": "shared", "views": "view",
}  # fmt: skip
"""How PyTorch's implementation may have a layer, as a spec's list of such layers and the layers' `form` call it.

functional: called as a function, so that who looks at modules does not see it. linear: a 1x1 convolution that is a
Linear over a map with its channels last. subclass: of a class derived from the usual one, which few tools know. custom:
called as a function by a module that has none inside and is of no usual class, so that who looks at modules with
parameters sees that. bias: added by the function of the linear layer above. windowed: a module over positions that
stand in the batch. method: a sum or product that is called by name, `x.mul(y)`, where most write `x * y`. strided: a
Linear over what does not lie in order in memory, which adds its bias apart. product: a map times a parameter by the
operator `@`, where no Linear is. expanded: a Linear over what is the same for all images, strided where there are
several. view: an expansion that copies nothing. shared: in a module that several others have, which some tools count
for each of them.
"""

UNTOLD = -1
"""In place of a layer, where it is not told which modules there are besides, or what they put out."""


class Node(Record):
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


class Network(Record):
    """A named acyclic graph of layers with the shapes of its inputs."""

    name: str
    nodes: tuple[Node, ...]
    input_shapes: tuple[Shape, ...]
    outputs: tuple[int, ...]
    title: str = ""
    source: str = ""
    note: str = ""
    notes: tuple[str, ...] = ()
    """How it differs from what a foreign file, or whoever made that, had: a sentence each."""
    blocks: Mapping[str, int] = {}
    """The named blocks, and the last layer of each."""
    top: int | None = None
    """The first layer of the classifier, where the spec says which; see `transform.without_top`."""
    modules: Mapping[str, int] = {}
    """What PyTorch's implementation makes a module of its own besides the layers, and the last layer of each."""
    passing: Mapping[str, int] | None = {}
    """Modules that make no layer, as PyTorch's Identity, and the layer whose output each passes on.

    It is `UNTOLD` for what is no map of a layer. None where nobody tells what is a module, as in files of others."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs, in order; they are the first nodes."""
        return tuple(node.name for node in self.nodes[: len(self.input_shapes)])

    def find(self, name: str) -> int:
        """The place of the layer or the block with this name, of a block its last layer; raises UsageError for none."""
        for index, node in enumerate(self.nodes):
            if node.name == name:
                return index
        return self.blocks[name] if name in self.blocks else self.find(self.meant(name))

    def meant(self, name: str) -> str:
        """The layer or block that a name means which is none, but a part of one that is a path.

        Raises: UsageError where there is none, or no single one.
        """
        from vggcalc.paths import meant  # whole names need it not

        layers = [node.name for node in self.nodes]
        found = meant(name, layers, self.blocks)
        if len(found) == 1:
            return found[0]
        if found:
            more = f" and {len(found) - 2:,} more" if len(found) > 2 else ""
            hint = f"they are {', '.join(found[:2])}{more}"
            raise UsageError(Problem(f"{self.name} has {len(found):,} of '{name}'", hint, code="ambiguous"))
        near = did_you_mean(name, [*self.blocks, *layers])
        raise UsageError(Problem(f"{self.name} has no layer or block '{name}'", near, code="unknown-name"))

    def readers(self) -> list[list[int]]:
        """For each node, which nodes read it."""
        readers: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                readers[source].append(index)
        return readers

    def shapes(self) -> tuple[list[Shape | None], list[Problem]]:
        """The shape of every node's output, and what does not fit; below a misfit nothing is known."""
        answers, problems = self.answers()
        return [None if found is None else found.output for found in answers], problems

    @paused()
    def answers(self) -> tuple[list[Answers | None], list[Problem]]:
        """What every node's layer answers to the shapes that reach it, shared among equals; and what does not fit."""
        answers: list[Answers | None] = []
        problems: list[Problem] = []
        known: dict[tuple[int, tuple[Shape, ...]], Answers] = {}
        refused: dict[tuple[int, tuple[Shape, ...]], ShapeError] = {}
        for place, node in enumerate(self.nodes):
            layer = node.layer
            inputs = tuple([above.output for source in node.inputs if (above := answers[source]) is not None])
            if layer is None or len(inputs) < len(node.inputs):
                answers.append(None)
                continue
            key = (id(layer), inputs)
            found = known.get(key) if inputs else None
            if found is None and key not in refused:
                try:
                    output = output_shape(layer, inputs) if inputs else self.input_shapes[place]
                except ShapeError as error:
                    refused[key] = error.with_traceback(None)
                else:
                    if len(known) >= bounds.SHARED_ANSWERS:
                        known.clear()
                    found = known[key] = Answers(layer, inputs, output)
            if found is None and len(problems) < bounds.FAULTS_FOUND:
                problems += misfit(node, refused[key])
            answers.append(found)
        return answers, problems


def misfit(node: Node, error: ShapeError) -> list[Problem]:
    """What is wrong with a layer, with its name and place."""
    alone = " (it works in training alone)" if node.training else ""
    return [Problem(f"{node.name}{alone}: {p.message}", p.hint, node.mark, code=p.code) for p in error.problems]


def output_shape(layer: Layer, inputs: Sequence[Shape]) -> Shape:
    """A layer's output, within bounds that no real map passes and that every printed figure can stand."""
    if len(inputs) > 1 and not layer.mixes_axes and len({len(shape.spatial) for shape in inputs}) > 1:
        shapes = " and ".join(map(str, inputs))
        raise ShapeError(
            f"inputs with different numbers of axes do not go together: {shapes}",
            "bring them to one",
            code="shape-misfit",
        )
    unknown = [shape for shape in inputs if not shape.channels]  # asking none of them, for there are many layers
    if unknown and not layer.is_blind:
        raise ShapeError(
            "it reads a map of unknown shape", "say the output_shape of the layer that writes it", code="shape-misfit"
        )
    shape = layer.output(*inputs)
    if len(shape.spatial) not in AXES:
        raise ShapeError(
            f"a map of {shape} has {len(shape.spatial)} spatial axes",
            f"there are at most {max(AXES)}",
            code="shape-misfit",
        )
    if shape.elements > bounds.ELEMENTS:
        raise ShapeError(
            f"a map of {shape} has more than {bounds.ELEMENTS:,} values",
            "look at the upsampling above it",
            code="out-of-bounds",
        )
    return shape
