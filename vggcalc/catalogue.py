"""Where networks are found: the bundled ones by name, specs and foreign files by path, `-` for standard input."""

from __future__ import annotations

import os
from itertools import chain
from typing import IO, TYPE_CHECKING

from vggcalc import bounds
from vggcalc.errors import Problem, Source, UsageError, did_you_mean
from vggcalc.language import bundled
from vggcalc.language.family import Family
from vggcalc.language.variants import Variant
from vggcalc.question import SWITCHES
from vggcalc.reading.files import content, decode, standard_input
from vggcalc.record import Record

if TYPE_CHECKING:
    from vggcalc.frameworks.foreign import Foreign
    from vggcalc.frameworks.pytorch.door import Live

_OF_SPECS = (".yaml", ".yml")

_OTHER_FORMATS = {
    (".pt", ".pth", ".ckpt", ".safetensors"): "a file of PyTorch's weights",
    (".pb", ".tflite"): "a TensorFlow model",
    (".caffemodel",): "a file of Caffe's weights",
    (".py", ".ipynb"): "Python code",
}
"""What people hand over as a network, by the end of its name."""


Text = str | IO[str] | IO[bytes]
"""The text of a spec, which has lines, or an open file that holds one."""


class Located(Record):
    """A network of a family, and the name to show for it."""

    family: Family | Foreign | Live
    variant: Variant
    name: str


def locate(model: str) -> Located:
    """The one network that a model's name means.

    Raises: SpecError for a spec that cannot be read; UsageError for a name that nothing has, or several networks.

    >>> locate("vgg16").variant.name
    'D'
    """
    found = locate_all(model)
    if len(found) > 1:
        choices = ", ".join(f"{model}:{each.name}" for each in found)
        message = f"{found[0].family.source.name} holds {len(found)} networks"
        raise UsageError(Problem(message, f"ask for one of {choices}", code="ambiguous"))
    return found[0]


def locate_in(text: Text, variant: str) -> Located:
    r"""The one network in the text of a spec, or its variant of this name.

    Raises: SpecError for a spec that cannot be read; UsageError where there is no such variant, or no single one.

    >>> locate_in("family: net\ninput: 8x8x3\nlayers: [conv3-8]", "").name
    'net'
    """
    family = Family(_source_of(text), bundled.variant)
    if variant:
        return _variant(family, variant)
    if len(family.variants) > 1:
        message = f"{family.source.name} holds {len(family.variants)} networks"
        raise UsageError(Problem(message, f"say which variant: {', '.join(family.variants)}", code="ambiguous"))
    return _all_of(family)[0]


def _source_of(text: Text) -> Source:
    if isinstance(text, str):
        return decode("<text>", text.encode("utf-8", "surrogatepass"))
    data = text.read(bounds.FILE_BYTES + 1)
    if not isinstance(data, str | bytes):
        raise TypeError(f"an open file gives text or bytes, not {type(data).__name__}")
    name = getattr(text, "name", None)
    return decode(name if isinstance(name, str) else "<file>", data if isinstance(data, bytes) else data.encode())


def locate_all(model: str) -> list[Located]:
    """The networks that a name means: a bundled model or alias, `PATH:VARIANT`, or all of a path or of `-`.

    Raises: as `locate`.
    """
    if model == "-":
        return _all_of(read(model))
    if found := bundled.find(model):
        return [Located(*found, model)]
    if model.startswith("torch:"):
        from vggcalc.frameworks.pytorch.door import Live  # nothing else needs it

        return _all_of(Live(model))
    path, _, name = model.rpartition(":")
    if path == "-" or (path and _is_path(path) and not _is_path(model)):
        return [_variant(read(path), name)]
    if _is_path(model):
        return _all_of(read(model))
    raise UsageError(_unknown(model))


def _variant(family: Family | Foreign | Live, name: str) -> Located:
    if variant := family.find(name):
        return Located(family, variant, name)
    raise UsageError(
        Problem(
            f"{family.source.name} has no variant '{name}'", did_you_mean(name, family.variants), code="unknown-name"
        )
    )


def _all_of(family: Family | Foreign | Live) -> list[Located]:
    return [Located(family, variant, name) for name, variant in family.variants.items()]


def _unknown(model: str) -> Problem:
    """What is wrong with a name that nothing has."""
    name, comma, word = model.partition(",")
    if comma and (bundled.find(name) or _is_path(name)):
        near = did_you_mean(word, SWITCHES)
        return Problem(f"'{word}' sets nothing of {name}", f"write {name},NAME=VALUE; {near}", code="unknown-name")
    from vggcalc.language.index import names  # only a mistake pays for it

    near = did_you_mean(model, names())
    hint = near if near.startswith("did") else "'vggcalc list' shows all; a file is named by its path, as in net.yaml"
    return Problem(f"there is no model '{model}'", hint, code="unknown-name")


def _is_path(model: str) -> bool:
    from vggcalc.frameworks import ENDINGS  # no bundled model comes here

    return model.lower().endswith((*_OF_SPECS, *ENDINGS, *chain(*_OTHER_FORMATS))) or os.path.exists(model)


def read(path: str) -> Family | Foreign:
    """The family in the file of a path, or on standard input, of `-`.

    Raises: SpecError for a spec that cannot be read; UsageError for a file that is none.
    """
    if path == "-":
        return _family("<stdin>", standard_input())
    for endings, what in _OTHER_FORMATS.items():
        if path.lower().endswith(endings):
            hint = "write its layers as a spec in YAML: family, input and layers"
            raise UsageError(Problem(f"{path} is {what}, no network", hint, code="not-a-spec"))
    if path.lower().endswith(_OF_SPECS):
        return Family(decode(path, content(path, "YAML file", is_named=True)), bundled.variant)
    return _family(path)


def _family(name: str, data: bytes | None = None) -> Family | Foreign:
    """What is in a file that may be anything."""
    from vggcalc import frameworks  # specs by their names need none of them

    file = frameworks.File(name, data)
    return frameworks.recognised(file) or Family(file.source, bundled.variant)
