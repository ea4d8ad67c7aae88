"""What an analysis finds: rows and totals. Whole numbers, shapes and names; no text for display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from vggcalc.analysis.following import Following
from vggcalc.analysis.row import Row
from vggcalc.layers import MULTIPLYING, Answers
from vggcalc.network import Network
from vggcalc.record import Record
from vggcalc.shape import Shape
from vggcalc.units import n_bytes

__all__ = ["Report", "Row", "Rows", "Totals"]


class Totals(Record):
    """The sums of the rows.

    activations: the input and every layer's output once, element-wise layers in place.
    forward: `activations`, and besides the input that each convolution and fully connected layer keeps.
    """

    weights: int
    biases: int
    buffers: int
    macs: int
    activations: int
    forward: int
    dtype: str = "float32"

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def flops(self) -> int:
        """A multiplication and an addition for every multiply-accumulate."""
        return 2 * self.macs

    @property
    def params_bytes(self) -> int:
        """What the parameters take in the report's number format."""
        return n_bytes(self.params, self.dtype)

    @property
    def activations_bytes(self) -> int:
        """What `activations` takes."""
        return n_bytes(self.activations, self.dtype)

    @property
    def forward_bytes(self) -> int:
        """What `forward` takes."""
        return n_bytes(self.forward, self.dtype)


class Rows(Sequence[Row]):
    """The layers of a report, in order; each becomes a row when somebody reads it."""

    def __init__(
        self, network: Network, answers: Sequence[Answers], batch: int, training: bool, gradient: bool = False
    ) -> None:
        self.network = network
        self.answers = answers
        self.batch = batch
        self.training = training
        self.gradient = gradient
        self._following = Following(network, answers, gradient)
        self._totals: Totals | None = None

    def __len__(self) -> int:
        return len(self.answers)

    def __iter__(self) -> Iterator[Row]:
        following = Following(self.network, self.answers, self.gradient)
        return (Row(self, index, following) for index in range(len(self.answers)))

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, index: int | slice) -> Row | tuple[Row, ...]:
        places = range(len(self.answers))[index]
        if isinstance(places, int):
            return Row(self, places, self._following)
        following = Following(self.network, self.answers, self.gradient)
        return tuple(Row(self, place, following) for place in places)

    @property
    def totals(self) -> Totals:
        """The sums of all rows."""
        if self._totals is None:
            self._totals = self._summed()
        return self._totals

    def _summed(self) -> Totals:
        weights = biases = buffers = macs = values = kept = 0
        for node, found in zip(self.network.nodes, self.answers, strict=True):
            if node.shares is None:
                own = found.counts
                weights += own[0]
                biases += own[1]
                buffers += own[2]
            if self.training or not node.training:
                macs += found.macs
                if not found.layer.in_place:
                    values += found.output.elements
                if found.layer.role in MULTIPLYING:
                    kept += sum([shape.elements for shape in found.inputs])
        batch = self.batch
        return Totals(weights, biases, buffers, batch * macs, batch * values, batch * (values + kept))


class Report(Record):
    """A network's figures for one input size, batch and number format."""

    network: Network
    rows: Rows
    batch: int = 1
    dtype: str = "float32"
    declared: tuple[Shape, ...] | None = None
    """The shapes of the inputs that the network declares, where the report is on others; see `resized`."""

    @property
    def totals(self) -> Totals:
        """The sums of the rows."""
        return self.rows.totals._replace(dtype=self.dtype)

    @property
    def model(self) -> str:
        """The name under which the network was asked for."""
        return self.network.name

    def row(self, name: str) -> Row:
        """The row of the layer with this name; raises UsageError when there is none."""
        return self.rows[self.network.find(name)]
