"""Networks of PyTorch: exported programs (`.pt2`), read without PyTorch; and live modules."""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc.frameworks import Format
from vggcalc.frameworks.file import File
from vggcalc.network import Network

_ARCHIVE = b"PK\3\4"


def _recognises(file: File) -> bool:
    if not file.head.startswith(_ARCHIVE):
        return False
    from vggcalc.frameworks.pytorch.exported import member  # what is no archive needs no zipfile

    return member(file) is not None


def _read(file: File, name: str, sizes: Mapping[str, str]) -> Network:
    from vggcalc.frameworks.pytorch.exported import read  # to recognise one needs no table of operations

    return read(file, name, sizes)


FORMAT = Format("an exported program of PyTorch", _recognises, _read)
