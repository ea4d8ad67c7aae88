"""The bundled specs: where they lie, their texts, and their families, each read when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from vggcalc.errors import Source
from vggcalc.language.family import Family
from vggcalc.language.variants import Variant

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def families() -> Iterator[Family]:
    """All bundled families, by file name."""
    yield from map(family, sorted(texts()))


def find(name: str) -> tuple[Family, Variant] | None:
    """The bundled model of this name or alias, whatever its case."""
    for key in (name, name.lower(), name.upper()):
        for found in families_with(key):
            if variant := found.find(key):
                return found, variant
    return None


def variant(name: str) -> Variant | None:
    """The bundled network of this name, for a spec that is like it."""
    found = find(name)
    return found[1] if found else None


def families_with(name: str) -> Iterator[Family]:
    """The bundled families that may have a model of this name, those whose text seems to declare it first.

    Searching a text takes a fraction of the time of reading it.
    """
    having = {file: text for file, text in texts().items() if name in text}
    marks = [f"{before}{name}{after}" for before in ("[", " ") for after in (":", ",", "]")]
    likely = [file for file, text in having.items() if any(mark in text for mark in marks)]
    yield from map(family, likely)
    yield from (family(file) for file in having if file not in likely)


@cache
def family(file: str) -> Family:
    """The family that a bundled file holds."""
    return Family(Source(file, texts()[file]))


@cache
def texts() -> dict[str, str]:
    """The text of each bundled spec, by file name."""
    folder = bundled_folder()
    names = os.listdir(folder) if os.path.isdir(folder) else [entry.name for entry in files_in_archive().iterdir()]
    return {name: text(name) for name in names if name.endswith(".yaml")}


def text(file: str) -> str:
    """The text of a bundled file."""
    path = os.path.join(bundled_folder(), file)
    if not os.path.isfile(path):
        return files_in_archive().joinpath(file).read_text("utf-8")
    with open(path, "rb") as opened:
        return opened.read().decode("utf-8")


def files_in_archive() -> Traversable:
    """The folder of specs where the package lies inside a zip file; importlib.resources costs as much as all else."""
    from importlib.resources import files

    return files("vggcalc.specs")


def bundled_folder() -> str:
    """Where the package of bundled specs lies; a bare checkout keeps it beside this package."""
    try:
        import vggcalc.specs as specs
    except ModuleNotFoundError:
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        if os.path.isfile(os.path.join(root, "setup.cfg")):  # never a stranger's folder called specs
            return os.path.join(root, "specs")
        raise
    return str(next(iter(specs.__path__)))
