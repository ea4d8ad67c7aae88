"""Networks of other frameworks, a file or folder a format: recognised by content, read without the framework.

A format's name is its module's, and FORMAT says how it is recognised and read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from vggcalc.frameworks.file import File
from vggcalc.frameworks.foreign import Foreign
from vggcalc.network import Network
from vggcalc.record import Record

__all__ = ["ENDINGS", "File", "Foreign", "Format", "formats", "recognised"]

ENDINGS = (".prototxt", ".cfg", ".onnx", ".keras", ".h5", ".hdf5", ".json", ".pt2")
"""How files of other frameworks are called; what they are is seen from what is in them."""


class Format(Record):
    """A foreign format: what it is, with its article, how it is recognised, and how a file is read.

    It is read under a name, with what is said of its inputs: a size by the input's name, or of all by `""`. That counts
    where the file says none.
    """

    title: str
    recognises: Callable[[File], bool]
    read: Callable[[File, str, Mapping[str, str]], Network]


@cache
def formats() -> dict[str, Format]:
    """Every format by name."""
    folder = os.path.dirname(os.path.abspath(__file__))
    modules = sorted(
        name.removesuffix(".py")
        for name in os.listdir(folder)
        if not name.startswith("_") and name.removesuffix(".py") not in _SHARED
    )
    found = {name: import_module(f"{__name__}.{name}") for name in modules}
    return {name: module.FORMAT for name, module in found.items() if hasattr(module, "FORMAT")}


_SHARED = ("assembly", "file", "foreign", "layering", "program", "rearranging", "views")
"""What formats have in common."""


def recognised(file: File) -> Foreign | None:
    """The network in a file, by what is in it; None where it is of no framework.

    Raises: UsageError for a file that cannot be read.
    """
    found = next((each for each in formats().values() if each.recognises(file)), None)
    return None if found is None else Foreign(file, found.read)
