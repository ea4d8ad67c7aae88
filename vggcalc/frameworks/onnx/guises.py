"""Tensors of floats that are no weights, or hold fewer numbers than they have values: seen from their bytes alone.

An exporter works out what does not depend on the input. So a mask of windows is written as 0 and -100, a table of
biases by relative position as one number for each pair of positions, and a normalisation without gain has ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Literal

from vggcalc import bounds
from vggcalc.frameworks.onnx.inputs import FIRST_WEIGHT
from vggcalc.frameworks.onnx.proto import Node, Tensor

_WIDTHS: dict[int, Literal["H", "I", "Q"]] = {1: "I", 10: "H", 16: "H", 11: "Q"}
"""Types of floats, and integers of as many bits, by which equal values are seen: float, half, bfloat16 and double."""

_FEW = 4_096
"""So many values tell whether there are more than two."""


def is_literal(tensor: Tensor, readers: Iterable[Node]) -> bool:
    """Whether a tensor of a node is one value over and over, and stands where no weights do.

    So do ones and zeros of a normalisation by instances, which an exporter makes of one by groups.
    """
    weighs = {each.op for each in readers} & FIRST_WEIGHT.keys() - {"InstanceNormalization"}
    bits = None if weighs else _bits(tensor)
    return bits is not None and 1 < len(bits) <= bounds.FOLDED_VALUES and len(set(bits)) == 1


def stands_for_weights(node: Node, weighing: Set[str]) -> bool:
    """Whether a tensor that is filled with one value is one of weights, as in files that were made to be small.

    weighing: the names of what stands in the places of weights.
    """
    given = node.attributes.get("value")
    found = given.values() if isinstance(given, Tensor) and given.is_float else None
    return found is not None and (found[0] not in (0.0, 1.0) or not weighing.isdisjoint(node.outputs))


def is_mask(tensor: Tensor) -> bool:
    """Whether a tensor over pairs of positions has but two values, 0 and a negative one, which hides a pair."""
    bits = _bits(tensor) if _is_of_pairs(tensor) else None
    if bits is None or len(set(bits[:_FEW])) > 2:
        return False
    found = set(bits)
    return len(found) == 2 and 0 in found and max(found) >> (8 * bits.itemsize - 1) == 1


def different(tensor: Tensor) -> int | None:
    """How many numbers a tensor over pairs of positions holds, if each stands for many pairs; None where it does not.

    Looked at is its first matrix, for which the others stand.
    """
    bits = _bits(tensor) if _is_of_pairs(tensor) else None
    if bits is None:
        return None
    pairs = tensor.sizes[-1] * tensor.sizes[-2]
    found = len(set(bits[:pairs]))
    return found * (tensor.elements // pairs) if 2 < found <= pairs // 2 else None


def _is_of_pairs(tensor: Tensor) -> bool:
    return len(tensor.sizes) > 2 and tensor.sizes[-1] == tensor.sizes[-2] > 1


def _bits(tensor: Tensor) -> memoryview[int] | None:
    """The values as whole numbers of their bits, where they stand in the file."""
    form = _WIDTHS.get(tensor.form)
    if form is None or tensor.is_elsewhere:
        return None
    raw = tensor.message.raw(9) or (tensor.message.raw(4) if form == "I" else [])
    if len(raw) != 1 or len(raw[0]) != tensor.elements * {"I": 4, "H": 2, "Q": 8}[form]:
        return None
    return raw[0].cast(form)
