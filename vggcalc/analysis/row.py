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
    def counts(self) -> tuple[int, int, int] | None:
        """Elements of the weights, biases and buffers that it holds itself; None where nobody knows them."""
        return self.answers.counts if self.node.shares is None else (0, 0, 0)

    @property
    def weights(self) -> int | None:
        """Elements of the trained tensors but the biases; of normalisation, its scale."""
        return None if self.counts is None else self.counts[0]

    @property
    def biases(self) -> int | None:
        """Elements of the trained biases; of normalisation, its shift."""
        return None if self.counts is None else self.counts[1]

    @property
    def buffers(self) -> int | None:
        """Elements that are stored but not trained."""
        return None if self.counts is None else self.counts[2]

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates; None where nobody knows what it does."""
        if not self.works:
            return 0
        return None if self.answers.macs is None else self._rows.batch * self.answers.macs

    @property
    def activations(self) -> int | None:
        """Values of its output, None where its shape is unknown; 0 where it runs in place, or does not work."""
        if self.layer.in_place or not self.works:
            return 0
        return self._rows.batch * self.output.elements if self.output.is_known else None

    @property
    def views(self) -> tuple[tuple[View, ...], ...]:
        """How it sees each axis of each input that it sees."""
        return self.answers.views

    @property
    def fields(self) -> Fields:
        """What it sees of each input, by the input's name: a field for each axis; empty if not `is_traced`."""
        return self._following.at(self.index)

    @property
    def is_traced(self) -> bool:
        """Whether its receptive fields are known: no layer that they lead through is of unknown work."""
        return self.index not in self._following.lost

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
    def called(self) -> str:
        """The word of the language for it or, where that has none, what its file calls it."""
        return str(self.layer.fields["op"]) if self.role == "unknown" else self.kind

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
    def params(self) -> int | None:
        """Weights and biases."""
        weights, biases = self.weights, self.biases
        return None if weights is None or biases is None else weights + biases

    @property
    def trained(self) -> int | None:
        """Elements of the trained tensors that it works with, also where another layer holds them for it."""
        if not self.inputs:
            return 0
        return None if self.answers.counts is None else sum(self.answers.counts[:2])

    @property
    def is_unknown(self) -> bool:
        """Whether it does work of which nobody knows anything."""
        return self.works and self.role == "unknown"

    @property
    def is_elementwise(self) -> bool:
        """Whether it neither holds parameters nor values of its own, so that tables can leave it out."""
        return self.role != "unknown" and not (self.params or self.buffers or self.activations)
