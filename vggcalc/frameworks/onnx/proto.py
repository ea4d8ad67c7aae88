"""What stands in an ONNX file: graphs, nodes, attributes, tensors and the types of values.

Field numbers are those of onnx.proto. Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cached_property
from math import prod
from typing import Any

from vggcalc import bounds
from vggcalc.frameworks.onnx.wire import Message
from vggcalc.record import Record

FLOATS = {1, 10, 11, 16, 17, 18, 19, 20, 23, 24}
"""Types of elements that weights have: floats of 8 to 64 bits."""

WEIGHTS = FLOATS | {2, 3, 6, 21, 22}
"""Types of elements that weights have, those of quantised networks too: ints of 4, 8 and, for biases, 32 bits."""

_FORMS = {1: "f", 2: "B", 3: "b", 4: "H", 5: "h", 6: "i", 7: "q", 9: "?", 10: "e", 11: "d", 12: "I", 13: "Q"}
"""Types of elements whose values are read, as `struct` has them: float, ints, bool, half and double."""


class Tensor(Record):
    """A tensor: name, type of its elements, sizes, and its message, in which its values stay."""

    name: str
    form: int
    sizes: tuple[int, ...]
    message: Message

    @property
    def elements(self) -> int:
        """How many values it has."""
        return prod(self.sizes)

    @property
    def is_float(self) -> bool:
        """Whether it may be a weight."""
        return self.form in FLOATS

    @property
    def is_elsewhere(self) -> bool:
        """Whether its values stand in another file, which nobody opens."""
        return self.message.number(14) == 1 or self.message.has(13)

    def values(self) -> tuple[Any, ...] | None:
        """Its values; None where they are many, elsewhere, or of a type that is not read."""
        form = _FORMS.get(self.form)
        if form is None or self.elements > bounds.FOLDED_VALUES or self.is_elsewhere:
            return None
        size = struct.calcsize(f"<{form}")
        found: list[Any] = []
        for raw in self.message.raw(9):
            if len(raw) != size * self.elements:
                raise self.message.fields.broken(f"tensor '{self.name}' has {len(raw):,} bytes of {self.sizes}")
            found += [each for (each,) in struct.iter_unpack(f"<{form}", raw)]
        if not found and form == "d":
            found = list(self.message.floats(10, 8))
        elif not found and form == "f":
            found = list(self.message.floats(4))
        elif not found and form not in ("e",):
            found = list(self.message.numbers(7 if form == "q" else 11 if form in "IQ" else 5))
        return tuple(found) if len(found) == self.elements else None


def tensor(message: Message) -> Tensor:
    """A TensorProto; raises SpecError for sizes that cannot be."""
    sizes = tuple(message.numbers(1))
    if any(not 0 <= size <= bounds.FIELD for size in sizes) or len(sizes) > 16 or prod(sizes) > bounds.ELEMENTS:
        raise message.fields.broken(f"tensor '{message.text(8)}' has sizes {list(sizes)[:16]}")
    return Tensor(message.text(8), message.number(2), sizes, message)


class Node(Record):
    """An operation: type, domain, name, values it reads (of which `""` is none) and writes, and its attributes."""

    op: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


def node(message: Message) -> Node:
    """A NodeProto."""
    outputs = tuple(message.texts(2))
    op = message.text(4)
    attributes = {each.text(1): _attribute(each) for each in message.messages(5)}
    name = message.text(3) or next(filter(None, outputs), "") or op
    return Node(op, message.text(7), name, tuple(message.texts(1)), outputs, attributes)


_TYPES = {1: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 7, 7: 8}
"""Types of attributes by the field that has the value: float, int, text, tensor, graph, floats, ints."""


class Argument(Record):
    """What an attribute in a function is bound to: one of the node that calls it, by its name there."""

    name: str


def _attribute(message: Message) -> Any:
    """A number, text, tensor or list of them, or the message of a graph; None for what is none of them."""
    if bound := message.text(21):
        return Argument(bound)
    said = message.number(20)
    form = said or next((form for form, field in _TYPES.items() if message.has(field)), 0)
    if form == 1:
        return message.real(2)
    if form == 2:
        return message.number(3)
    if form == 3:
        return message.text(4)
    if form == 4:
        found = message.message(5)
        return tensor(found) if found else None
    if form == 5:
        return message.message(6)
    if form == 6:
        return message.floats(7)
    if form == 7:
        return message.numbers(8)
    if form == 8:
        return message.texts(9)
    return None


class Value(Record):
    """A value with a type: its name, the type of its elements, and its sizes, where they are said.

    Where a file has a word in place of a number, a size is that word.
    """

    name: str
    form: int
    sizes: tuple[int | str, ...] | None


def value(message: Message) -> Value:
    """A ValueInfoProto."""
    kind = message.message(2)
    of_tensor = kind.message(1) if kind else None
    shape = of_tensor.message(2) if of_tensor else None
    sizes = None if shape is None else tuple(_size(each) for each in shape.messages(1))
    return Value(message.text(1), of_tensor.number(1) if of_tensor else 0, sizes)


def _size(message: Message) -> int | str:
    size = message.number(1)
    return size if message.has(1) and 0 <= size <= bounds.FIELD else message.text(2)


class Graph:
    """A graph: its nodes in the order of the file, initialisers, inputs, outputs, and what it says of its values."""

    def __init__(self, message: Message) -> None:
        self.name = message.text(2)
        self.nodes = [node(each) for each in message.messages(1)]
        self.initialisers = {each.name: each for each in map(tensor, message.messages(5))}
        self.inputs = [value(each) for each in message.messages(11)]
        self.outputs = [value(each) for each in message.messages(12)]
        self.values = [value(each) for each in message.messages(13)]

    @cached_property
    def sizes(self) -> dict[str, tuple[int | str, ...]]:
        """What the file says of the sizes of values, by name."""
        said = (*self.values, *self.outputs, *self.inputs)
        return {each.name: each.sizes for each in said if each.sizes is not None}

    @cached_property
    def readers(self) -> dict[str, list[Node]]:
        """Which nodes read a value."""
        readers: dict[str, list[Node]] = {}
        for each in self.nodes:
            for name in each.inputs:
                readers.setdefault(name, []).append(each)
        return readers


class Function(Record):
    """An operation that the file itself says: its nodes, what it reads and writes, and attributes it may be without."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    defaults: Mapping[str, Any]


def function(message: Message) -> Function:
    """A FunctionProto."""
    defaults = {each.text(1): _attribute(each) for each in message.messages(11)}
    nodes = tuple(node(each) for each in message.messages(7))
    return Function(tuple(message.texts(4)), tuple(message.texts(5)), nodes, defaults)


class Model(Record):
    """A file: its graph, the version of the standard operators, who made it, and functions by domain and name."""

    graph: Graph
    opset: int
    producer: str
    functions: Mapping[tuple[str, str], Function]


def model(message: Message) -> Model:
    """A ModelProto; raises SpecError where it has no graph."""
    graph = message.message(7)
    if graph is None:
        raise message.fields.broken("it has no graph")
    sets = [(each.text(1), each.number(2, 1)) for each in message.messages(8)]
    opset = next((version for domain, version in sets if domain in ("", "ai.onnx")), 1)
    functions = {(each.text(10), each.text(1)): function(each) for each in message.messages(25)}
    return Model(Graph(graph), opset, message.text(2), functions)
