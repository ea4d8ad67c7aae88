"""What an analysis finds: rows and totals. Whole numbers, shapes and names; no text for display."""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc.analysis.field import Field
from vggcalc.layers import MULTIPLYING, Layer, Role, Weight
from vggcalc.network import Network
from vggcalc.record import Record
from vggcalc.shape import Shape
from vggcalc.units import n_bytes

Fields = Mapping[str, tuple[Field, ...]]
"""What a layer sees of each input, by the input's name: one field for each axis."""


class Row(Record):
    """One layer with its figures; `macs` and `activations` are those of the whole batch.

    `activations` is 0 where the layer runs in place; `output` tells its shape all the same.
    """

    name: str
    layer: Layer
    inputs: tuple[int, ...]
    input_shapes: tuple[Shape, ...]
    output: Shape
    tensors: tuple[Weight, ...]
    macs: int
    activations: int
    fields: Fields
    shares: str = ""
    """The layer whose weights this one uses; it then has no tensors of its own."""
    works: bool = True
    """False for a layer that runs in training alone, in a report on inference: no macs and no activations."""

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
    def weights(self) -> int:
        """Elements of the trained tensors but the biases; of normalisation, its scale."""
        return self._elements("weight")

    @property
    def biases(self) -> int:
        """Elements of the trained biases; of normalisation, its shift."""
        return self._elements("bias")

    @property
    def buffers(self) -> int:
        """Elements that are stored but not trained."""
        return self._elements("buffer")

    @property
    def params(self) -> int:
        """Weights and biases."""
        return self.weights + self.biases

    @property
    def is_elementwise(self) -> bool:
        """Whether it neither holds parameters nor values of its own, so that tables can leave it out."""
        return not (self.tensors or self.activations)

    def _elements(self, counts_as: str) -> int:
        return sum(tensor.elements for tensor in self.tensors if tensor.counts_as == counts_as)


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


class Report(Record):
    """A network's figures for one input size, batch and number format."""

    network: Network
    rows: tuple[Row, ...]
    totals: Totals
    batch: int = 1
    dtype: str = "float32"
    declared: tuple[Shape, ...] | None = None
    """The shapes of the inputs that the network declares, where the report is on others; see `resized`."""

    @property
    def model(self) -> str:
        """The name under which the network was asked for."""
        return self.network.name

    def row(self, name: str) -> Row:
        """The row of the layer with this name; raises UsageError when there is none."""
        return self.rows[self.network.find(name)]
