"""Darknet's networks, as cfg: sections of options, in the order of the layers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vggcalc.frameworks import Format
from vggcalc.frameworks.file import File
from vggcalc.network import Network

_FIRST = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|[#;][^\n]*\n)*\[\s*net(?:work)?\s*\]")
_OPTION = re.compile(rb"^\s*(?:batch|subdivisions|width|height|channels|inputs)\s*=", re.MULTILINE)


def _recognises(file: File) -> bool:
    return _FIRST.match(file.head) is not None and _OPTION.search(file.head) is not None


def _read(file: File, name: str, sizes: Mapping[str, str]) -> Network:
    from vggcalc.frameworks.darknet.reading import read  # to recognise one needs no table of layers

    return read(file.source, name, sizes)


FORMAT = Format("a Darknet network", _recognises, _read)
