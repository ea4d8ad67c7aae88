"""A row of a report: one layer, and whatever is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vggcalc.analysis.following import Fields, Following
from vggcalc.layers import MULTIPLYING, Answers, Layer, Role, View, Weight
from vggcalc.network import Node
from vggcalc.shape import Shape

if TYPE_CHECKING:
    from vggcalc.analysis.report import Rows


class Row:
    """One layer with its figures; `macs` and `activations` are those of the whole batch.

    It looks up, or works out, what it is asked for; a report of a million layers holds none of them.
    """

    __slots__ = ("_following", "_rows", "index")

    def __init__(self, rows: Rows, index: int, following: Following) -> None:
        self._rows = rows
        self._following = following
        self.index = index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self._rows is other._rows and self.index == other.index

    def __hash__(self) -> int:
        return hash((id(self._rows), self.index))

    def __repr__(self) -> str:
        return f"<Row {self.name}: {self.layer!r} -> {self.output}>"

    @property
    def node(self) -> Node:
        """The layer's place in the network."""
        return self._rows.network.nodes[self.index]

    @property
    def answers(self) -> Answers:
        """What the layer answers for the shapes that reach it."""
        return self._rows.answers[self.index]

    @property
    def name(self) -> str:
        """The layer's name in the network."""
        return self.node.name

    @property
    def layer(self) -> Layer:
        """The layer itself, with its fields."""
        return self.answers.layer

    @property
    def inputs(self) -> tuple[int, ...]:
        """The places of the layers that it reads."""
        return self.node.inputs

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """The shapes of what it reads."""
        return self.answers.inputs

    @property
    def output(self) -> Shape:
        """The shape of what it writes."""
        return self.answers.output

    @property
    def shares(self) -> str:
        """The layer whose weights this one uses; it then has no tensors of its own."""
        return "" if self.node.shares is None else self._rows.network.nodes[self.node.shares].name

    @property
    def works(self) -> bool:
        """False for a layer that runs in training alone, in a report on inference: no macs and no activations."""
        return self._rows.training or not self.node.training

    @property
    def tensors(self) -> tuple[Weight, ...]:
        """The tensors that it holds."""
        return self.answers.tensors if self.node.shares is None else ()

    @property
    def weights(self) -> int:
        """Elements of the trained tensors but the biases; of normalisation, its scale."""
        return self.answers.counts[0] if self.node.shares is None else 0

    @property
    def biases(self) -> int:
        """Elements of the trained biases; of normalisation, its shift."""
        return self.answers.counts[1] if self.node.shares is None else 0

    @property
    def buffers(self) -> int:
        """Elements that are stored but not trained."""
        return self.answers.counts[2] if self.node.shares is None else 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self._rows.batch * self.answers.macs if self.works else 0

    @property
    def activations(self) -> int:
        """Values of its output; 0 where the layer runs in place, or does not work."""
        return 0 if self.layer.in_place or not self.works else self._rows.batch * self.output.elements

    @property
    def views(self) -> tuple[tuple[View, ...], ...]:
        """How it sees each axis of each input that it sees."""
        return self.answers.views

    @property
    def fields(self) -> Fields:
        """What it sees of each input, by the input's name: a receptive field for each axis."""
        return self._following.at(self.index)

    @property
    def input_fields(self) -> tuple[Fields, ...]:
        """The fields of the layers that it reads."""
        self._following.at(self.index)
        return tuple(self._following.at(source) for source in self.inputs)

    @property
    def kind(self) -> str:
        """The word of the language for this kind of layer."""
        return self.layer.kind

    @property
    def role(self) -> Role:
        """What this kind of layer is for."""
        return self.layer.role

    @property
    def has_kernel(self) -> bool:
        """Whether it is a convolution or linear layer: its weights are kernels, whether it works or not."""
        return self.role in MULTIPLYING

    @property
    def multiplies(self) -> bool:
        """Whether it is a convolution or linear layer that works, so that its multiply-accumulates count."""
        return self.works and self.has_kernel

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def trained(self) -> int:
        """Elements of the trained tensors that it works with, also where another layer holds them for it."""
        return sum(self.answers.counts[:2]) if self.inputs else 0

    @property
    def is_elementwise(self) -> bool:
        """Whether it neither holds parameters nor values of its own, so that tables can leave it out."""
        return not (self.params or self.buffers or self.activations)
