"""What a layer answers for inputs of certain shapes, each question asked once, when somebody wants to know."""

from vggcalc.layers.base import Layer, Weight
from vggcalc.layers.window import Window
from vggcalc.shape import Shape

View = tuple[int | None, Window]
"""How a layer sees an axis of an input: the axis of the output that continues it, or None, and the window between."""


class Answers:
    """A layer, the shapes of its inputs and of its output, and what follows from them.

    Layers are values: equal ones on equal shapes share one of these, and with it the work.
    """

    __slots__ = ("_biases", "_buffers", "_keeps_axes", "_macs", "_weights", "_windows", "inputs", "layer", "output")

    def __init__(self, layer: Layer, inputs: tuple[Shape, ...], output: Shape) -> None:
        self.layer = layer
        self.inputs = inputs
        self.output = output
        self._weights: int | None = None
        self._biases = self._buffers = 0
        self._macs: int | None = None
        self._keeps_axes: bool | None = None
        self._windows: tuple[tuple[Window, ...], ...] | None = None

    @property
    def tensors(self) -> tuple[Weight, ...]:
        """The tensors that the layer holds; they take more memory than all else, and so are not kept."""
        return self.layer.weights(*self.inputs) if self.inputs else ()

    @property
    def counts(self) -> tuple[int, int, int] | None:
        """Elements of the weights, the biases and the buffers; None where nobody knows them."""
        if self.layer.holds_unknown:
            return None
        if self._weights is None:
            counts = {"weight": 0, "bias": 0, "buffer": 0}
            for tensor in self.tensors:
                counts[tensor.counts_as] += tensor.elements
            self._weights, self._biases, self._buffers = counts["weight"], counts["bias"], counts["buffer"]
        return self._weights, self._biases, self._buffers

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates for one image; None where nobody knows what the layer does."""
        if self.layer.role == "unknown":
            return None
        if self._macs is None:
            self._macs = self.layer.macs(*self.inputs) if self.inputs else 0
        return self._macs

    @property
    def windows(self) -> tuple[tuple[Window, ...], ...]:
        """Per input that is seen, and per axis, what a unit of the output sees of it."""
        if self._windows is None:
            self._windows = self.layer.windows(*self.inputs)
        return self._windows

    @property
    def keeps_axes(self) -> bool:
        """Whether each axis of the output continues the one in its place."""
        if self._keeps_axes is None:
            axes = tuple(range(len(self.output.spatial)))
            self._keeps_axes = not self.inputs or (
                self.layer.axes(*self.inputs) == axes and len(self.inputs[0].spatial) == len(axes)
            )
        return self._keeps_axes

    @property
    def views(self) -> tuple[tuple[View, ...], ...]:
        """Per input that is seen, how each of its axes is; one that no axis of the output continues is seen whole."""
        axes = self.layer.axes(*self.inputs)
        found = []
        for shape, windows in zip(self.inputs, self.windows, strict=False):  # of the last, only the size may be read
            seen: list[View] = [(None, Window.over(n)) for n in shape.spatial]
            for out, (axis, window) in enumerate(zip(axes, windows, strict=True)):
                if axis is not None:
                    seen[axis] = (out, window)
            found.append(tuple(seen))
        return tuple(found)
