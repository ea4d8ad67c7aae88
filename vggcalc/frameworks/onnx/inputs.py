"""What a graph reads: images and the like, and weights, where a file was written without their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, SpecError
from vggcalc.frameworks.onnx.proto import FLOATS, Graph, Value
from vggcalc.frameworks.program import Program, written
from vggcalc.frameworks.views import View, factors
from vggcalc.record import Record
from vggcalc.shape import Shape, fit_shape, parse_input

_MADE = re.compile(r"onnx::|val_|_val_|scalar_tensor|/|const|p2o\.|.*[Cc]onstant")
"""How exporters begin the names of constants that they made themselves, or what they call them."""

FIRST_WEIGHT = {
    "Conv": 1, "ConvTranspose": 1, "Gemm": 1, "MatMul": 1, "BatchNormalization": 1, "LayerNormalization": 1, "PRelu": 1,
    "GroupNormalization": 1, "InstanceNormalization": 1, "LSTM": 1, "GRU": 1, "RNN": 1,
}  # fmt: skip
"""From which place on these operations read weights."""


def is_weight(name: str, elements: int) -> bool:
    """Whether a tensor of floats is trained: a single value only where the network's author named it."""
    return elements > 1 or ("." in name and not _MADE.match(name))


class Entry(Record):
    """An input that is no weight: its name, the type of its elements, and what the file says of its sizes.

    order: where batch, channels and axes stand among them.
    """

    name: str
    form: int
    sizes: tuple[int | str, ...]
    order: tuple[int, ...]

    def view(self, program: Program, asked: Mapping[str, str], mark: Mark) -> tuple[View, bool]:
        """The input, and whether it has another size than the file says.

        asked: what is said of inputs, by name, or of all by "".

        Raises: SpecError where neither says how large it is.
        """
        said = asked.get(self.name, asked.get("", ""))
        if len(self.sizes) < 2 or len(self.sizes) > 5:
            return self._flat(program, mark), False
        first, *own = (self.sizes[place] for place in self.order)
        batch = first if isinstance(first, int) and first > 0 else 1
        shape = self._shape([n if isinstance(n, int) else 0 for n in own], said, mark)
        if len(own) == 1 and self.form in FLOATS:
            view = written(program.assembly.input(self.name, shape, mark), factors(batch))
            return view._replace(dims=view.dims[:2]), False
        chw = (shape.channels, *shape.spatial)
        view = program.input(self.name, (batch, *(chw[:1] if len(own) == 1 else chw)), mark)
        if len(view.dims) == len(self.order):
            view = view.permuted([self.order.index(place) for place in range(len(self.order))])
        return view, bool(said) and any(isinstance(n, int) and n != m for n, m in zip(own, chw, strict=False))

    def _shape(self, own: list[int], said: str, mark: Mark) -> Shape:
        if len(own) == 1:
            if not own[0]:
                own = [parse_input(said).channels] if said else own
            shape = Shape(own[0], (1, 1))
        else:
            shape = Shape(own[0], tuple(own[1:]))
            if said:
                shape = fit_shape(said, shape) if own[0] else parse_input(said)
        if min(shape.hwc) < 1:
            wrong = "the file does not say how large this input is"
            raise SpecError(Problem(wrong, "say its input, as in 224x224x3", mark, code="missing-key"))
        return shape

    def _flat(self, program: Program, mark: Mark) -> View:
        """A number, a list, or more dimensions than a map has: all its values are one axis."""
        count = prod(n if isinstance(n, int) and n > 0 else 1 for n in self.sizes)
        view = written(program.assembly.input(self.name, Shape(1, (max(count, 1),)), mark), ())
        return view._replace(dims=(view.dims[2],) if len(self.sizes) == 1 else () if not self.sizes else view.dims)


def inputs(graph: Graph) -> tuple[list[Entry], list[Value]]:
    """The inputs that are none of the weights, and the weights among them that have no values in the file.

    Raises: SpecError for a graph that reads nothing.
    """
    free = [each for each in graph.inputs if each.name not in graph.initialisers]
    if not free:
        raise SpecError(Problem("the graph has no input", "a network reads something", code="bad-file"))
    weights = _weights(graph, free)
    data = [each for each in free if each.name not in weights]
    return [_entry(graph, each) for each in data], [each for each in free if each.name in weights]


def weighing(graph: Graph) -> set[str]:
    """The names of what stands in the places of weights."""
    return {
        name
        for node in graph.nodes
        for place, name in enumerate(node.inputs)
        if place >= FIRST_WEIGHT.get(node.op, bounds.FIELD)
    }


def _weights(graph: Graph, free: list[Value]) -> set[str]:
    """Where some stand in the places of weights, and nothing else is one: all that is behind the first input."""
    placed = weighing(graph)
    first = next((place for place, each in enumerate(free) if place and each.name in placed), None)
    if first is None or any(each.is_float for each in graph.initialisers.values() if each.elements > 1):
        return set()
    return {each.name for each in free[1:] if each.form in FLOATS and not _is_open(each)}


def _is_open(value: Value) -> bool:
    return any(not isinstance(n, int) or n < 1 for n in value.sizes or ())


def _entry(graph: Graph, value: Value) -> Entry:
    """Channels stand last where the first thing that happens to an image is that they are put in front.

    What recurrent layers read has its positions in front, then the batch, and then its channels.
    """
    sizes = value.sizes or ()
    rank = len(sizes)
    order = tuple(range(rank))
    readers = graph.readers.get(value.name, [])
    last = (0, rank - 1, *order[1:-1])
    if rank > 2 and readers and all(each.op == "Transpose" for each in readers):
        order = last if all(each.attributes.get("perm") == list(last) for each in readers) else order
    elif rank == 3 and readers and all(each.op in ("LSTM", "GRU", "RNN") for each in readers):
        order = (1, 2, 0)
    return Entry(value.name, value.form, sizes, order)
