"""The library's front door: a network by name, and its figures."""

from __future__ import annotations

from typing import Any

from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError
from vggcalc.language import catalogue
from vggcalc.network import Network
from vggcalc.question import AS_DECLARED, SETTINGS, Question
from vggcalc.reading.expression import Value
from vggcalc.record import Record


class Model(Record):
    """A network, ready to be asked; `question` is what it is asked where nothing else is said."""

    network: Network
    question: Question = AS_DECLARED

    def analyse(self, *, fields: bool = True, **settings: Any) -> Report:
        """The figures of every layer and their totals.

        input: another size, `384x384x3`, `384x384` or `384`, or its numbers; by name where there are several inputs.
        batch: images at once; macs and activations are the whole batch's. dtype: a name of units.DTYPE_BITS.
        until: stop at this layer. top: False leaves the classifier out. dense: fully connected layers as convolutions.
        training: count what runs in training alone, as auxiliary classifiers do; their parameters always count.
        fields: False leaves the receptive fields out, which saves time.

        None is the same as not to say it.

        Raises: SpecError where layers do not fit; UsageError for a setting, layer, input or dtype that does not exist.

        >>> load("vgg16").analyse(input="384x384", dense=True, batch=2).totals.params
        138357544
        """
        said = {key: value for key, value in settings.items() if value is not None}
        for key in said:
            if key in SETTINGS and SETTINGS[key].sets_variables:
                hint = "say it when you load the network, as in load('vgg16', classes=10)"
                raise UsageError(Problem(f"'{key}' is part of the network", hint))
        return ask(self.network, self.question.changed(said), fields=fields)


def load(model: str, question: Question = AS_DECLARED, /, **variables: Value) -> Model:
    """The network with this name: a bundled model or alias, a path, `PATH:VARIANT`, or `-` for standard input.

    Keyword arguments set the spec's variables.

    Raises: SpecError with every fault of a spec; UsageError for a name or variable that does not exist.

    >>> load("vgg16", classes=10).analyse().totals.params
    134301514
    """
    asked = question.changed({"vars": variables})
    return Model(catalogue.load(model, dict(asked.variables)), asked)


def ask(network: Network, question: Question, *, fields: bool = True) -> Report:
    """The figures of a network that is built with the question's variables.

    Raises: as `Model.analyse`.
    """
    found = analyse(
        question.of(network), batch=question.batch, dtype=question.dtype, training=question.training, fields=fields
    )
    return found._replace(declared=network.input_shapes)
