"""The library's front door: a network by name, and its figures."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath, path
from typing import Any

from vggcalc import catalogue
from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError
from vggcalc.network import Network
from vggcalc.question import AS_DECLARED, SETTINGS, Question, read_words, split_model, with_words
from vggcalc.reading.expression import Value
from vggcalc.record import Record


class Model(Record):
    """A network, ready to be asked; `question` is what it is asked where nothing else is said."""

    network: Network
    question: Question = AS_DECLARED

    def analyse(self, **settings: Any) -> Report:
        """The figures of every layer and their totals.

        input: another size, `384x384x3`, `384x384` or `384`, or its numbers; by name where there are several inputs.
        batch: images at once; macs and activations are the whole batch's. dtype: a name of units.DTYPE_BITS.
        until: stop at this layer. top: False leaves the classifier out. dense: fully connected layers as convolutions.
        training: count what runs in training alone, as auxiliary classifiers do; their parameters always count.

        None is the same as not to say it.

        Raises: SpecError where layers do not fit; UsageError for a setting, layer, input or dtype that does not exist.

        >>> load("vgg16").analyse(input="384x384", dense=True, batch=2).totals.params
        138357544
        """
        said = {key: value for key, value in settings.items() if value is not None}
        for key in said:
            if key in SETTINGS and SETTINGS[key].sets_variables:
                hint = "say it when you load the network, as in load('vgg16', classes=10)"
                raise UsageError(Problem(f"'{key}' is part of the network", hint, code="bad-value"))
        return ask(self.network, self.question.changed(said))


def load(
    model: catalogue.Text | PathLike[str],
    question: Question = AS_DECLARED,
    /,
    *,
    variant: Value = "",
    **variables: Value,
) -> Model:
    """The network with this name: a bundled model or alias, a path, `PATH:VARIANT`, or `-` for standard input.

    The name may have settings of its own behind it, as in `mobilenet_v2,width=35,input=96x96x3,batch=4,dense`; they go
    before those of the question. Or the network in the text of a spec, which has lines, or in an open file; of several
    there, the `variant`. Keyword arguments set the spec's variables, and have the last word.

    Raises: SpecError with every fault of a spec; UsageError for a name or variable that does not exist; TypeError for
    what can be no network.

    >>> load("vgg16", classes=10).analyse().totals.params
    134301514
    >>> load("vgg16,classes=10").analyse().model
    'vgg16,classes=10'
    """
    if isinstance(model, PathLike):
        model = fspath(model)
    variant = "" if variant is None else str(variant)
    if hasattr(model, "read") or (isinstance(model, str) and "\n" in model and not path.exists(split_model(model)[0])):
        return _built(catalogue.locate_in(model, variant), "", question, variables)
    name, words = split_model(_named(model))
    return _built(catalogue.locate(f"{name}:{variant}" if variant else name), words, question, variables)


def from_torch(module: Any, *inputs: Any, name: str = "") -> Model:
    """The network that a live module of PyTorch is, for inputs: tensors, or shapes with their batch, as torch has them.

    One forward on the meta device, without weights; what runs in training alone, as auxiliary heads do, is marked so.
    An operation that nobody here knows is a layer of unknown work. A module that is elsewhere is moved to the meta
    device, where it loses its weights: hand over another one for whatever else is wanted of it.

    Raises: SpecError where it cannot be put into layers.
    """
    from vggcalc.frameworks.pytorch.live import from_torch  # PyTorch takes seconds, and only who has a module has it

    return Model(from_torch(module, *inputs, name=name))


def from_keras(model: object, input: Any = None, *, name: str = "") -> Model:  # noqa: A002  as analyse calls it
    """The network that a live model of Keras is, functional or sequential, by its own configuration.

    Nothing of Keras is imported or run but the model's `to_json`. input: its size as in `Model.analyse`, by name where
    there are several inputs, for a model that leaves it open. What stands there as code, as in a Lambda layer, is a
    layer of unknown work.

    Raises: UsageError for what describes no layers, or an input that does not fit; SpecError where it cannot be put
    into layers.
    """
    from vggcalc.frameworks.keras.live import from_keras  # only who has a model needs its readers

    question = AS_DECLARED if input is None else AS_DECLARED.changed({"input": input})
    return Model(from_keras(model, name, dict(question.input)), question)


def load_all(model: str, question: Question = AS_DECLARED, /) -> list[Model]:
    """The networks with this name, as `load` takes it: of a path that names no variant, all that are in the file.

    Raises: as `load`.
    """
    name, words = split_model(_named(model))
    return [_built(found, words, question, {}) for found in catalogue.locate_all(name)]


def _named(model: object) -> str:
    if isinstance(model, str):
        return model
    given = "None" if model is None else type(model).__name__
    raise TypeError(f"a network is given by its name, path or text, or as an open file, not as {given}")


def _built(found: catalogue.Located, words: str, question: Question, variables: Mapping[str, Value]) -> Model:
    if not isinstance(question, Question):
        raise TypeError(
            f"a question is a vggcalc.Question, not {type(question).__name__}; its settings are keywords of analyse"
        )
    asked = question.changed(read_words(words)).changed({"vars": variables})
    name = with_words(found.name, words)
    return Model(found.family.build(found.variant, name, asked), asked)


def ask(network: Network, question: Question) -> Report:
    """The figures of a network that is built with the question's variables.

    Raises: as `Model.analyse`.
    """
    found = analyse(
        question.of(network),
        batch=question.batch,
        dtype=question.dtype,
        training=question.training,
        gradient=question.gradient,
    )
    return found._replace(declared=network.input_shapes)
