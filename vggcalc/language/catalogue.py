"""Where specs are found: the bundled ones by name, others by path, `-` for standard input."""

from __future__ import annotations

import os
import sys
from itertools import chain

from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.language import bundled
from vggcalc.language.family import Family
from vggcalc.language.variants import Variant
from vggcalc.question import SWITCHES
from vggcalc.reading.files import MAX_BYTES, decode
from vggcalc.record import Record

_OTHER_FORMATS = {
    (".onnx",): "an ONNX model",
    (".pt", ".pth", ".ckpt", ".safetensors"): "a file of PyTorch's weights",
    (".keras", ".h5", ".hdf5"): "a Keras model",
    (".pb", ".tflite"): "a TensorFlow model",
    (".prototxt", ".caffemodel"): "a Caffe network",
    (".py", ".ipynb"): "Python code",
}
"""What people hand over as a spec, by the end of its name."""


class Located(Record):
    """A network of a family, and the name to show for it."""

    family: Family
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
        raise UsageError(Problem(message, f"ask for one of {choices}"))
    return found[0]


def locate_all(model: str) -> list[Located]:
    """The networks that a name means: a bundled model or alias, `PATH:VARIANT`, or all of a path or of `-`.

    Raises: as `locate`.
    """
    if model == "-":
        return _all_of(_read(model))
    if found := bundled.find(model):
        return [Located(*found, model)]
    path, _, name = model.rpartition(":")
    if path == "-" or (path and _is_path(path) and not _is_path(model)):
        family = _read(path)
        if variant := family.find(name):
            return [Located(family, variant, name)]
        raise UsageError(Problem(f"{path} has no variant '{name}'", did_you_mean(name, family.variants)))
    if _is_path(model):
        return _all_of(_read(model))
    raise UsageError(_unknown(model))


def _all_of(family: Family) -> list[Located]:
    return [Located(family, variant, name) for name, variant in family.variants.items()]


def _unknown(model: str) -> Problem:
    """What is wrong with a name that nothing has."""
    name, comma, word = model.partition(",")
    if comma and (bundled.find(name) or _is_path(name)):
        near = did_you_mean(word, SWITCHES)
        return Problem(f"'{word}' sets nothing of {name}", f"write {name},NAME=VALUE; {near}")
    from vggcalc.language.index import names  # only a mistake pays for it

    near = did_you_mean(model, names())
    hint = near if near.startswith("did") else "'vggcalc list' shows all; a file is named by its path, as in net.yaml"
    return Problem(f"there is no model '{model}'", hint)


def _is_path(model: str) -> bool:
    return model.lower().endswith((".yaml", ".yml", *chain(*_OTHER_FORMATS))) or os.path.exists(model)


def _read(path: str) -> Family:
    if path == "-":
        return Family(decode("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1)), bundled.variant)
    for endings, what in _OTHER_FORMATS.items():
        if path.lower().endswith(endings):
            hint = "write its layers as a spec in YAML: family, input and layers"
            raise UsageError(Problem(f"{path} is {what}, no spec", hint))
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except ValueError:
        raise UsageError(Problem(f"'{path}' cannot be the name of a file", "name a readable YAML file")) from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UsageError(Problem(f"{path}: {reason}", "name a readable YAML file")) from None
    return Family(decode(path, data), bundled.variant)
