"""What an analysis finds: rows and totals. Whole numbers, shapes and names; no text for display."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from vggcalc.analysis.following import Following
from vggcalc.analysis.row import Row
from vggcalc.layers import MULTIPLYING, Answers
from vggcalc.network import Network
from vggcalc.record import Record
from vggcalc.shape import Shape
from vggcalc.units import n_bytes

__all__ = ["Report", "Row", "Rows", "Totals"]


class Totals(Record):
    """The sums of the rows; None where nobody knows what one of them adds.

    activations: the input and every layer's output once, element-wise layers in place.
    forward: `activations`, and besides the input that each convolution and fully connected layer keeps.
    """

    weights: int | None
    biases: int | None
    buffers: int | None
    macs: int | None
    activations: int | None
    forward: int | None
    dtype: str = "float32"

    @property
    def params(self) -> int | None:
        """Weights and biases."""
        return None if self.weights is None or self.biases is None else self.weights + self.biases

    @property
    def flops(self) -> int | None:
        """A multiplication and an addition for every multiply-accumulate."""
        return None if self.macs is None else 2 * self.macs

    @property
    def params_bytes(self) -> int | None:
        """What the parameters take in the report's number format."""
        return None if self.params is None else n_bytes(self.params, self.dtype)

    @property
    def activations_bytes(self) -> int | None:
        """What `activations` takes."""
        return None if self.activations is None else n_bytes(self.activations, self.dtype)

    @property
    def forward_bytes(self) -> int | None:
        """What `forward` takes."""
        return None if self.forward is None else n_bytes(self.forward, self.dtype)


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
        self._sums: tuple[Totals, Totals] | None = None

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
        return self._summed()[0]

    @property
    def known(self) -> Totals:
        """The sums of what is known of them."""
        return self._summed()[1]

    def _summed(self) -> tuple[Totals, Totals]:
        if self._sums is None:
            known, unknown = self._known(), self._unknown()
            nobody: dict[str, Any] = dict.fromkeys(unknown)
            totals = known._replace(**nobody) if unknown else known
            self._sums = totals, known
        return self._sums

    def _known(self) -> Totals:
        weights = biases = buffers = macs = values = kept = 0
        for node, found in zip(self.network.nodes, self.answers, strict=True):
            if node.shares is None and (own := found.counts) is not None:
                weights += own[0]
                biases += own[1]
                buffers += own[2]
            if self.training or not node.training:
                macs += found.macs or 0
                if not found.layer.in_place:
                    values += found.output.elements
                if found.layer.role in MULTIPLYING:
                    kept += sum([shape.elements for shape in found.inputs])
        batch = self.batch
        return Totals(weights, biases, buffers, batch * macs, batch * values, batch * (values + kept))

    def _unknown(self) -> list[str]:
        """The sums to which a layer adds nobody knows how much."""
        unknown = set()
        for node, found in zip(self.network.nodes, self.answers, strict=True):
            if found.layer.role == "unknown":
                if found.counts is None and node.shares is None:
                    unknown |= {"weights", "biases", "buffers"}
                if self.training or not node.training:
                    unknown |= {"macs", "forward"} if found.output.is_known else {"macs", "forward", "activations"}
        return sorted(unknown)


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
    def known(self) -> Totals:
        """The sums of what is known of the rows: the totals, but where these are unknown."""
        return self.rows.known._replace(dtype=self.dtype)

    @property
    def model(self) -> str:
        """The name under which the network was asked for."""
        return self.network.name

    def row(self, name: str) -> Row:
        """The row of the layer with this name; raises UsageError when there is none."""
        return self.rows[self.network.find(name)]

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        shown: str = _notebook().as_html(self)
        return shown

    def to_pandas(self) -> Any:
        """A data frame with a row for each layer; raises UsageError where pandas is not installed."""
        return _notebook().as_frame(self)


def _notebook() -> Any:
    """The room that shows a report lies above this one, so that it is asked for by name when somebody looks."""
    from importlib import import_module

    return import_module("vggcalc.notebook")
