"""Keras's networks: `.keras` archives, JSON of `to_json`, and HDF5 files of Keras 1 and 2, of every version.

Only the configuration is read; code in it, as of Lambda layers, stays the text that it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from vggcalc.frameworks import Format
from vggcalc.frameworks.file import File
from vggcalc.network import Network

_ARCHIVE, _HDF5 = b"PK\3\4", b"\x89HDF\r\n\x1a\n"


def _recognises(file: File) -> bool:
    if file.head.startswith(_HDF5):
        return True
    if file.head.startswith(_ARCHIVE):
        from vggcalc.frameworks.keras.container import is_keras  # what is no archive needs no zipfile

        return is_keras(file)
    return file.head.lstrip(b'\xef\xbb\xbf "\t\r\n').startswith(b"{") and b"class_name" in file.data


def _read(file: File, name: str, sizes: Mapping[str, str]) -> Network:
    from vggcalc.frameworks.keras.container import configuration
    from vggcalc.frameworks.keras.reading import read  # to recognise one needs no table of layers

    return read(configuration(file), name, sizes)


FORMAT = Format("a Keras model", _recognises, _read)
