"""Where specs are found: the bundled ones by name, others by path, `-` for standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache

from vggcalc.errors import Problem, Source, UsageError, did_you_mean
from vggcalc.language.family import Family, Variant
from vggcalc.network import Network
from vggcalc.reading.expression import Value
from vggcalc.reading.files import MAX_BYTES, decode


def load(model: str, variables: Mapping[str, Value] | None = None) -> Network:
    """The network with this name: a bundled model or alias, a path, `PATH:VARIANT`, or `-` for standard input.

    Raises: SpecError with every fault of a spec; UsageError for a name that nothing has.

    >>> load("vgg16").nodes[1].name
    'conv1_1'
    """
    family, variant, name = locate(model)
    return family.build(variant, name, variables)


def locate(model: str) -> tuple[Family, Variant, str]:
    """The family and variant that a model's name means, and the name to show."""
    if model == "-":
        return _only_variant(_read(model), model)
    for key in (model, model.lower(), model.upper()):
        for family in _families_with(key):
            if variant := family.find(key):
                return family, variant, model
    path, _, name = model.rpartition(":")
    if path == "-" or (path and _is_path(path) and not _is_path(model)):
        family = _read(path)
        if variant := family.find(name):
            return family, variant, name
        raise UsageError(Problem(f"{path} has no variant '{name}'", did_you_mean(name, family.variants)))
    if _is_path(model):
        return _only_variant(_read(model), model)
    near = did_you_mean(model, names())
    hint = near if near.startswith("did") else "'vggcalc list' shows all; a file is named by its path, as in net.yaml"
    raise UsageError(Problem(f"there is no model '{model}'", hint))


def names() -> list[str]:
    """The names and aliases of all bundled models."""
    return [name for family in families() for v in family.variants.values() for name in (v.name, *v.aliases)]


def families() -> Iterator[Family]:
    """All bundled families, by file name."""
    for name in sorted(_texts()):
        yield _family(name)


def _families_with(name: str) -> Iterator[Family]:
    """The bundled families that may have a model of this name, those whose text seems to declare it first.

    Searching a text takes a fraction of the time of reading it.
    """
    texts = {file: text for file, text in _texts().items() if name in text}
    marks = [f"{before}{name}{after}" for before in ("[", " ") for after in (":", ",", "]")]
    likely = [file for file, text in texts.items() if any(mark in text for mark in marks)]
    yield from map(_family, likely)
    yield from (_family(file) for file in texts if file not in likely)


@cache
def _texts() -> dict[str, str]:
    """The text of each bundled file.

    importlib.resources costs as much time as all the rest; it is needed only where the package is inside a zip file.
    """
    folder = bundled_folder()
    if os.path.isdir(folder):
        texts = {}
        for name in os.listdir(folder):
            if name.endswith(".yaml"):
                with open(os.path.join(folder, name), "rb") as file:
                    texts[name] = file.read().decode("utf-8")
        return texts
    from importlib.resources import files

    entries = files("vggcalc.specs").iterdir()
    return {entry.name: entry.read_text("utf-8") for entry in entries if entry.name.endswith(".yaml")}


@cache
def _family(file: str) -> Family:
    return Family(Source(file, _texts()[file]))


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


def _is_path(model: str) -> bool:
    return model.endswith((".yaml", ".yml")) or os.path.exists(model)


def _read(path: str) -> Family:
    if path == "-":
        return Family(decode("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1)))
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except ValueError:
        raise UsageError(Problem(f"'{path}' cannot be the name of a file", "name a readable YAML file")) from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UsageError(Problem(f"{path}: {reason}", "name a readable YAML file")) from None
    return Family(decode(path, data))


def _only_variant(family: Family, model: str) -> tuple[Family, Variant, str]:
    if len(family.variants) > 1:
        choices = ", ".join(f"{model}:{name}" for name in family.variants)
        raise UsageError(
            Problem(f"{family.source.name} holds {len(family.variants)} networks", f"ask for one of {choices}")
        )
    (variant,) = family.variants.values()
    return family, variant, variant.name
