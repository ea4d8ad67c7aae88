"""A writer of ONNX files, as small as tests need: nodes, tensors without values or with, types, one graph."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

FLOAT, INT64 = 1, 7


def varint(value: int) -> bytes:
    """A number of seven bits a byte; negative ones are of 64 bits."""
    value &= 0xFFFFFFFFFFFFFFFF
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(number: int, value: int | float | str | bytes) -> bytes:
    """A field of a number, float, text or message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def joined(number: int, values: Sequence[Any]) -> bytes:
    """A field that is there as often as there are values."""
    return b"".join(field(number, value) for value in values)


def tensor(name: str, sizes: Sequence[int], values: Sequence[float] | None = None, form: int = FLOAT) -> bytes:
    """A tensor; of floats it may have no values, for nobody reads them."""
    raw = b"" if values is None else struct.pack(f"<{len(values)}{'f' if form == FLOAT else 'q'}", *values)
    return joined(1, list(sizes)) + field(2, form) + field(8, name) + (field(9, raw) if values is not None else b"")


def ints(name: str, *values: int) -> bytes:
    """A list of whole numbers, as shapes are."""
    return tensor(name, [len(values)], values, INT64)


def attribute(name: str, value: Any) -> bytes:
    """A number, text, tensor (bytes) or list of whole numbers."""
    form, number = {float: (1, 2), int: (2, 3), str: (3, 4), bytes: (4, 5)}.get(type(value), (7, 8))
    content = joined(8, value) if number == 8 else field(number, value)
    return field(1, name) + content + field(20, form)


def node(op: str, inputs: str, outputs: str, name: str = "", domain: str = "", **attributes: Any) -> bytes:
    """An operation that reads and writes the values of these names; `-` is none."""
    read = ["" if each == "-" else each for each in inputs.split()]
    made = joined(1, read) + joined(2, outputs.split()) + (field(3, name) if name else b"") + field(4, op)
    made += joined(5, [attribute(key, value) for key, value in attributes.items()])
    return made + (field(7, domain) if domain else b"")


def value(name: str, sizes: Sequence[int | str] | None, form: int = FLOAT) -> bytes:
    """A value with its sizes, of which words are open ones."""
    shape = b"" if sizes is None else field(2, joined(1, [field(1 if isinstance(n, int) else 2, n) for n in sizes]))
    return field(1, name) + field(2, field(1, field(1, form) + shape))


def model(
    nodes: Sequence[bytes],
    weights: Mapping[str, Sequence[int]] = {},
    inputs: Mapping[str, Sequence[int | str]] = {"x": (1, 3, 8, 8)},
    outputs: Sequence[str] = ("y",),
    tensors: Sequence[bytes] = (),
    values: Sequence[bytes] = (),
    opset: int = 17,
) -> bytes:
    """A file; weights: tensors of floats by name, which have sizes alone."""
    graph = joined(1, nodes) + field(2, "net")
    graph += joined(5, [*(tensor(name, sizes) for name, sizes in weights.items()), *tensors])
    graph += joined(11, [value(name, sizes) for name, sizes in inputs.items()])
    graph += joined(12, [value(name, None) for name in outputs]) + joined(13, values)
    return field(1, 8) + field(2, "tests") + field(7, graph) + field(8, field(1, "") + field(2, opset))
