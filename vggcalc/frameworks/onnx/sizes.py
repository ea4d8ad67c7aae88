"""The sizes of what is not put into layers, where what it reads says them and the file does not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.onnx.call import OPS, Call, Known, Value
from vggcalc.frameworks.onnx.proto import Node
from vggcalc.frameworks.program import Held, Program, UnknownOperationError
from vggcalc.frameworks.views import View

_SPREADING = {
    "Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "Sum", "Mean", "PRelu", "Where", "Equal", "Less", "Greater",
    "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor",
}  # fmt: skip
"""What works value by value, of which each may stand for many."""

_KEEPING = {
    "Not", "IsNaN", "IsInf", "CumSum", "Trilu", "Shrink", "Hardmax", "Bernoulli", "ScatterND", "ScatterElements",
    "Scatter", "Dropout", "EyeLike", "RandomNormalLike", "RandomUniformLike", "MeanVarianceNormalization", "BitwiseNot",
    "ReverseSequence", "LpNormalization", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh",
}  # fmt: skip
"""What gives as much as it reads first."""


def sizes_of(node: Node, read: Sequence[Value | None]) -> tuple[int, ...] | None:
    """The sizes of an operation's first output, where they can be told."""
    known = [each.sizes for each in read if each is not None]
    if any(isinstance(each, View) and (each.map.tensor.shape is None or not all(each.sizes)) for each in read):
        return None
    if node.op in _SPREADING and known:
        return _spread(known)
    if node.op in _KEEPING and known:
        return known[0]
    if node.op in ("Gather", "GatherElements") and len(known) > 1:
        axis = node.attributes.get("axis", 0)
        if node.op == "GatherElements":
            return known[1]
        if isinstance(axis, int) and -len(known[0]) <= axis < len(known[0]):
            axis %= len(known[0])
            return (*known[0][:axis], *known[1], *known[0][axis + 1 :])
    return None


def _spread(known: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    rank = max(map(len, known))
    columns = list(zip(*((1,) * (rank - len(sizes)) + sizes for sizes in known), strict=True))
    fits = all(n in (1, max(column)) for column in columns for n in column)
    return tuple(map(max, columns)) if fits else None


def made_of_constants(node: Node, read: Sequence[Value | None], opset: int) -> tuple[int, ...] | None:
    """The sizes of what a layer makes of a constant: those that it would make of a map."""
    first, *weights = read
    if not isinstance(first, Held | Known) or len(first.sizes) < 2 or not all(first.sizes):
        return None
    scratch = Program(Assembly())
    scratch.at(node.name)
    with suppress(UnknownOperationError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        view = scratch.input("x", first.sizes)
        scratch.elements = {name: 1 for each in weights if isinstance(each, Held) for name in each.trained}
        found = OPS[node.op](Call(scratch, node, [view, *weights], opset))
        return found.sizes if isinstance(found, View) else None
    return None
