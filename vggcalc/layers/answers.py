"""What a layer answers for inputs of certain shapes, each question asked once, when somebody wants to know."""

from vggcalc.layers.base import Layer, Weight
from vggcalc.layers.window import Window
from vggcalc.shape import Shape


class Answers:
    """A layer, the shapes of its inputs and of its output, and what follows from them.

    Layers are values: equal ones on equal shapes share one of these, and with it the work.
    """

    __slots__ = ("_counts", "_macs", "_windows", "inputs", "layer", "output")

    def __init__(self, layer: Layer, inputs: tuple[Shape, ...], output: Shape) -> None:
        self.layer = layer
        self.inputs = inputs
        self.output = output
        self._counts: tuple[int, int, int] | None = None
        self._macs: int | None = None
        self._windows: tuple[tuple[Window, ...], ...] | None = None

    @property
    def tensors(self) -> tuple[Weight, ...]:
        """The tensors that the layer holds; they take more memory than all else, and so are not kept."""
        return self.layer.weights(*self.inputs) if self.inputs else ()

    @property
    def counts(self) -> tuple[int, int, int]:
        """Elements of the weights, the biases and the buffers."""
        if self._counts is None:
            counts = {"weight": 0, "bias": 0, "buffer": 0}
            for tensor in self.tensors:
                counts[tensor.counts_as] += tensor.elements
            self._counts = (counts["weight"], counts["bias"], counts["buffer"])
        return self._counts

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one image."""
        if self._macs is None:
            self._macs = self.layer.macs(*self.inputs) if self.inputs else 0
        return self._macs

    @property
    def windows(self) -> tuple[tuple[Window, ...], ...]:
        """Per input that is seen, and per axis, what a unit of the output sees of it."""
        if self._windows is None:
            self._windows = self.layer.windows(*self.inputs)
        return self._windows
