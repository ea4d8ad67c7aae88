"""What differs in an ONNX file from the network that it was made of, said in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from vggcalc.frameworks.onnx.guises import different, is_mask
from vggcalc.frameworks.onnx.proto import Graph, Tensor, Value
from vggcalc.frameworks.program import Held


class Notes:
    """Counted while a graph is read."""

    def __init__(self) -> None:
        self.elsewhere = 0
        self.filled = 0
        self._said: list[str] = []
        self._merged = [0, 0]
        self._masks = [0, 0]
        self._expanded = [0, 0, 0]

    def merged(self, tensor: Held) -> None:
        """An exporter wrote equal tensors once; each use has its own."""
        self._merged[0] += 1
        self._merged[1] += prod(tensor.sizes)

    def guised(self, tensor: Tensor) -> bool:
        """What is added to products of attention may be a mask, which holds no weights; tells whether it is."""
        if is_mask(tensor):
            self._masks = [self._masks[0] + 1, self._masks[1] + tensor.elements]
            return True
        if (held := different(tensor)) is not None:
            tensors, numbers, values = self._expanded
            self._expanded = [tensors + 1, numbers + held, values + tensor.elements]
        return False

    def weights(self, graph: Graph, inputs: Sequence[Value]) -> None:
        """What can be seen before any operation: weights without values, and batch normalisation that was folded."""
        if inputs:
            self._said.append(f"{len(inputs):,} weights are inputs of the graph: the file was written without them")
        folded = [node.inputs[2] for node in graph.nodes if node.op == "Conv" and _is_folded(node.inputs)]
        sizes = {name: tensor.elements for name, tensor in graph.initialisers.items()}
        merged = {node.outputs[0]: node.inputs[0] for node in graph.nodes if node.op == "Identity" and node.inputs}
        biases = sum(sizes.get(merged.get(name, name), 0) for name in folded)
        if biases:
            self._said.append(
                f"batch normalisation is folded into {len(folded)} convolutions: {biases:,} biases stand in place of "
                f"2 x {biases:,} parameters"
            )
        if any(node.op in ("QuantizeLinear", "DequantizeLinear", "QLinearConv") for node in graph.nodes):
            self._said.append("it is quantised: parameters and work are counted as if it were not")

    def told(self) -> list[str]:
        """One note each."""
        said = list(self._said)
        if self._merged[0]:
            tensors, numbers = self._merged
            said.append(f"{tensors:,} tensors are merged with equal ones: their {numbers:,} numbers count as their own")
        if self._masks[0]:
            tensors, values = self._masks
            said.append(
                f"{tensors:,} tensors are masks, of 0 and one other value: their {values:,} values are no weights"
            )
        if self._expanded[0]:
            tensors, numbers, values = self._expanded
            said.append(
                f"{tensors:,} tables of biases are expanded to pairs of positions: they hold {numbers:,} numbers, and "
                f"{values:,} are counted"
            )
        if self.filled:
            said.append(f"{self.filled:,} tensors are of one value each, and count as the weights that they stand for")
        if self.elsewhere:
            said.append(f"{self.elsewhere:,} weights stand in another file, which is not read")
        return said


def _is_folded(names: Sequence[str]) -> bool:
    """Whether a convolution has the names that exporters of PyTorch give to kernels and biases they worked out."""
    if len(names) < 3:
        return False
    kernel, bias = names[1], names[2]
    return (kernel.startswith("onnx::Conv") and bias.startswith("onnx::Conv")) or bias == f"{kernel}_bias"
