"""Caffe's networks, as prototxt: versions 0 to 2 of the format, and what forks added."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vggcalc.frameworks import Format
from vggcalc.frameworks.file import File
from vggcalc.network import Network

_LAYER = re.compile(rb"\blayers?\s*:?\s*[{<]")


def _recognises(file: File) -> bool:
    return b"\0" not in file.head and _LAYER.search(file.data) is not None  # a large file of weights is no text


def _read(file: File, name: str, sizes: Mapping[str, str]) -> Network:
    from vggcalc.frameworks.caffe.reading import read  # to recognise one needs no table of layers

    return read(file.source, name, sizes)


FORMAT = Format("a Caffe network", _recognises, _read)
