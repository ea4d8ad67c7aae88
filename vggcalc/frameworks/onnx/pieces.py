"""Layers that exporters take apart: SiLU, GELU and layer normalisation in pieces, a linear layer and its bias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from vggcalc.frameworks.onnx import dense
from vggcalc.frameworks.onnx.call import Call, Known, Value
from vggcalc.frameworks.onnx.proto import Graph, Node
from vggcalc.frameworks.program import Held
from vggcalc.frameworks.views import View

Found = tuple[View, Sequence[Node]]
"""What comes of all the pieces, and the nodes behind the first, which pass it on."""

FUNCTIONS = {
    ("Sigmoid", "Mul*"): "silu",
    ("HardSigmoid", "Mul*"): "hardswish",
    ("Softplus", "Tanh", "Mul*"): "mish",
    ("Div", "Erf", "Add", "Mul*", "Mul"): "gelu",
    ("Mul", "Erf", "Add", "Mul*", "Mul"): "gelu",
}
"""Functions as chains of operations, each alone in reading the one before; the `*` reads what the first does, too."""


def found(call: Call, graph: Graph, values: Mapping[str, Value | None]) -> Found | None:
    """The layer whose first piece an operation is; None where it stands for itself."""
    if call.node.op == "MatMul":
        return _biased(call, graph, values)
    if call.node.op == "ReduceMean":
        return _normalised(call, graph, values)
    if call.node.op == "ReduceL2":
        return _of_length_one(call, graph)
    for chain, name in FUNCTIONS.items():
        if chain[0] == call.node.op and (nodes := _chain(call.node, chain, graph)) is not None:
            return call.torch(name, call.view(0 if isinstance(call.value(0), View) else 1)), nodes
    return None


def _of_length_one(call: Call, graph: Graph) -> Found | None:
    """Vectors by their lengths, as cosine attention has them: length, at least so much, repeated, quotient."""
    nodes = _chain(call.node, ("ReduceL2", "Clip", "Expand", "Div*"), graph)
    dims = call.numbers("axes", 1)
    if nodes is None or dims is None or len(dims) != 1:
        return None
    return call.torch("normalize", call.view(), 2.0, dims[0]), nodes


def _only_reader(node: Node, graph: Graph) -> Node | None:
    readers = graph.readers.get(node.outputs[0], []) if len(node.outputs) == 1 else []
    is_output = node.outputs and any(each.name == node.outputs[0] for each in graph.outputs)
    return readers[0] if len(readers) == 1 and not is_output else None


def _chain(node: Node, chain: Sequence[str], graph: Graph) -> list[Node] | None:
    """The nodes behind the first, where they are such a chain."""
    first, last, nodes = node, node, []
    for op in chain[1:]:
        after = _only_reader(last, graph)
        if after is None or after.op != op.rstrip("*"):
            return None
        is_again = any(name in first.inputs for name in after.inputs)
        if op.endswith("*") != is_again:
            return None
        nodes.append(after)
        last = after
    return nodes


def _biased(call: Call, graph: Graph, values: Mapping[str, Value | None]) -> Found | None:
    """A product with a matrix of weights, to which a vector of them is added."""
    x, weight = call.value(0), call.value(1)
    after = _only_reader(call.node, graph)
    if not isinstance(x, View) or not isinstance(weight, Held) or len(weight.sizes) != 2:
        return None
    if after is None or after.op != "Add":
        return None
    others = [values.get(name) for name in after.inputs if name not in call.node.outputs]
    bias = others[0] if len(others) == 1 else None
    bias = bias.held() if isinstance(bias, Known) else bias
    if not isinstance(bias, Held) or not bias.trained or bias.sizes != weight.sizes[1:]:
        return None
    return dense.product(call, x, weight, bias), [after]


def _normalised(call: Call, graph: Graph, values: Mapping[str, Value | None]) -> Found | None:
    """Mean, difference, square, its mean, root, quotient; then, where they are there, gain and bias."""
    mean, (x,) = call.node, call.node.inputs[:1]
    less = _only_reader(mean, graph)
    if less is None or less.op != "Sub" or less.inputs != (x, mean.outputs[0]):
        return None
    readers = graph.readers.get(less.outputs[0], [])
    square = next((each for each in readers if each.op in ("Pow", "Mul")), None)
    if square is None or len([each for each in readers if each.op == "Div"]) != 1:
        return None
    nodes = [less, square]
    for op in ("ReduceMean", "Add", "Sqrt", "Div"):
        after = _only_reader(nodes[-1], graph)
        if after is None or after.op != op:
            return None
        nodes.append(after)
    if less.outputs[0] not in nodes[-1].inputs:
        return None
    view = call.view()
    dims = [dim % len(view.dims) for dim in call.numbers("axes", 1) or []]
    if dims != list(range(len(view.dims) - len(dims), len(view.dims))) or not dims:
        return None
    size = view.sizes[dims[0] :]
    affine: list[Held | None] = [None, None]
    for place, op in enumerate(("Mul", "Add")):
        after = _only_reader(nodes[-1], graph)
        if after is None or after.op != op:
            break
        others = [values.get(name) for name in after.inputs if name not in nodes[-1].outputs]
        vector = others[0].held() if others and isinstance(others[0], Known) else next(iter(others), None)
        if not isinstance(vector, Held) or not vector.trained or prod(vector.sizes) != prod(size):
            break
        affine[place] = vector
        nodes.append(after)
    return call.torch("layer_norm", view, size, *affine), nodes
