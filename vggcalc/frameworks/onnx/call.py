"""One operation of an ONNX graph: what it reads, what its attributes say, and how it is put into layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from vggcalc.frameworks.onnx.proto import Node
from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch import arithmetic, functions, moves, ops, parts, positions, products, unfolding  # noqa: F401  fill the table
from vggcalc.frameworks.pytorch.call import translate
from vggcalc.frameworks.views import View
from vggcalc.record import Record


class Known(Record):
    """A constant whose values are known, in order of its sizes; its name, where it may be trained."""

    sizes: tuple[int, ...]
    values: tuple[Any, ...]
    name: str = ""

    def held(self) -> Held:
        """It as a tensor of which nobody asks for values."""
        return Held(self.sizes, (self.name,) if self.name else ())


Value = View | Held | Known
"""What a name in a graph stands for."""


class Call:
    """An operation under way: a node, and what it reads; None for what it may leave out and does."""

    def __init__(self, program: Program, node: Node, values: Sequence[Value | None], opset: int) -> None:
        self.program = program
        self.node = node
        self.opset = opset
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def value(self, place: int) -> Value | None:
        """What it reads in a place."""
        return self._values[place] if place < len(self._values) else None

    def view(self, place: int = 0) -> View:
        """A map, where it works on nothing else."""
        found = self.value(place)
        if not isinstance(found, View):
            raise UnknownOperationError("it works on no map")
        return found

    def tensor(self, place: int = 0) -> View | Held:
        """A map or a tensor that is none."""
        found = self.value(place)
        if found is None:
            raise UnknownOperationError("it lacks what it reads")
        return found.held() if isinstance(found, Known) else found

    def held(self, place: int) -> Held:
        """A tensor that is no map, as weights are."""
        found = self.tensor(place)
        if not isinstance(found, Held):
            raise UnknownOperationError("its weights are a map")
        return found

    def optional(self, place: int) -> Held | None:
        """A tensor that is no map, where it is there."""
        return None if self.value(place) is None else self.held(place)

    def operand(self, place: int) -> Any:
        """A map or a tensor; a constant of a single value as that number."""
        found = self.value(place)
        if isinstance(found, Known) and len(found.values) == 1 and not found.name:
            return found.values[0]
        return self.tensor(place)

    @property
    def operands(self) -> list[Any]:
        """All that it reads."""
        return [self.operand(place) for place in range(len(self._values))]

    def constants(self, place: int) -> list[Any] | None:
        """The values of a constant that it reads; None where it reads none."""
        found = self.value(place)
        if found is None:
            return None
        if not isinstance(found, Known):
            raise UnknownOperationError("it needs values that are not in the file")
        return list(found.values)

    def numbers(self, name: str, place: int | None = None) -> list[int] | None:
        """Whole numbers that an attribute has, or in later versions what it reads in a place."""
        given = self.node.attributes.get(name)
        if given is None and place is not None:
            given = self.constants(place)
        if given is None:
            return None
        return [int(each) for each in (given if isinstance(given, list) else [given])]

    def number(self, name: str, default: int = 0) -> int:
        """An attribute of a whole number."""
        found = self.node.attributes.get(name)
        return found if isinstance(found, int) else default

    def real(self, name: str, default: float) -> float:
        """An attribute of a float."""
        found = self.node.attributes.get(name)
        return float(found) if isinstance(found, int | float) else default

    def text(self, name: str, default: str = "") -> str:
        """An attribute of text."""
        found = self.node.attributes.get(name)
        return found if isinstance(found, str) else default

    def torch(self, name: str, *values: Any, **named: Any) -> Any:
        """What an operation of PyTorch makes of them, which means the same."""
        return translate(self.program, name, values, named)


Op = Callable[[Call], Any]

OPS: dict[str, Op] = {}
"""How each operation is put into layers, by its type."""


def op(*names: str) -> Callable[[Op], Op]:
    """Enter a function for operations of these types."""

    def enter(function: Op) -> Op:
        OPS.update(dict.fromkeys(names, function))
        return function

    return enter


def elements(sizes: Sequence[int]) -> int:
    """How many values a tensor of these sizes has."""
    return prod(sizes)
