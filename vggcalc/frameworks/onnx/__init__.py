"""ONNX's networks: the wire format is read over the file as it lies there, and no weight is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc.frameworks import Format
from vggcalc.frameworks.file import File
from vggcalc.network import Network

_VERSIONS = range(1, 64)
"""Of the format; it stands first in every file, behind the number of its field."""

_NEXT = frozenset({0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x72, 0xA2, 0xCA})
"""How the field behind it begins: producer, domain, version, documentation, graph, operator sets, metadata."""


def _recognises(file: File) -> bool:
    head = file.head
    return len(head) > 3 and head[0] == 0x08 and head[1] in _VERSIONS and head[2] in _NEXT


def _read(file: File, name: str, sizes: Mapping[str, str]) -> Network:
    from vggcalc.frameworks.onnx.reading import read  # to recognise one needs no table of operations

    return read(file.path, file.mapped, name, sizes)


FORMAT = Format("an ONNX network", _recognises, _read)
