"""Where specs are found: the bundled ones by name, others by path, `-` for standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from itertools import chain

from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.language import bundled
from vggcalc.language.family import Family
from vggcalc.language.variants import Variant
from vggcalc.network import Network
from vggcalc.reading.expression import Value
from vggcalc.reading.files import MAX_BYTES, decode

_OTHER_FORMATS = {
    (".onnx",): "an ONNX model",
    (".pt", ".pth", ".ckpt", ".safetensors"): "a file of PyTorch's weights",
    (".keras", ".h5", ".hdf5"): "a Keras model",
    (".pb", ".tflite"): "a TensorFlow model",
    (".prototxt", ".caffemodel"): "a Caffe network",
    (".py", ".ipynb"): "Python code",
}
"""What people hand over as a spec, by the end of its name."""


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
    if found := bundled.find(model):
        return *found, model
    path, _, name = model.rpartition(":")
    if path == "-" or (path and _is_path(path) and not _is_path(model)):
        family = _read(path)
        if variant := family.find(name):
            return family, variant, name
        raise UsageError(Problem(f"{path} has no variant '{name}'", did_you_mean(name, family.variants)))
    if _is_path(model):
        return _only_variant(_read(model), model)
    from vggcalc.language.index import names  # only a mistake pays for it

    near = did_you_mean(model, names())
    hint = near if near.startswith("did") else "'vggcalc list' shows all; a file is named by its path, as in net.yaml"
    raise UsageError(Problem(f"there is no model '{model}'", hint))


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


def _only_variant(family: Family, model: str) -> tuple[Family, Variant, str]:
    if len(family.variants) > 1:
        choices = ", ".join(f"{model}:{name}" for name in family.variants)
        raise UsageError(
            Problem(f"{family.source.name} holds {len(family.variants)} networks", f"ask for one of {choices}")
        )
    (variant,) = family.variants.values()
    return family, variant, variant.name
