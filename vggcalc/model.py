"""The library's front door: a network by name, and its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vggcalc import transform
from vggcalc.analysis.analyse import analyse
from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.language import catalogue
from vggcalc.network import Network
from vggcalc.record import Record
from vggcalc.shape import Shape, fit_shape
from vggcalc.units import DTYPE_BITS


class Model(Record):
    """A network, ready to be asked."""

    network: Network

    def analyse(
        self,
        *,
        input: str | int | Sequence[int] | Mapping[str, str] | None = None,  # noqa: A002  the field's word for it
        batch: int = 1,
        dtype: str = "float32",
        until: str | None = None,
        top: bool = True,
        dense: bool = False,
        training: bool = False,
        fields: bool = True,
    ) -> Report:
        """The figures of every layer and their totals.

        input: another size, `384x384x3`, `384x384` or `384`, or its numbers; by name where there are several inputs.
        batch: images at once; macs and activations are the whole batch's. dtype: a name of units.DTYPE_BITS.
        training: count what runs in training alone, as auxiliary classifiers do; their parameters always count.
        fields: False leaves the receptive fields out, which saves time.
        until: stop at this layer. top: False leaves the classifier out. dense: fully connected layers as convolutions.

        Raises: SpecError where layers do not fit; UsageError for a layer, input or dtype that does not exist.

        >>> load("vgg16").analyse().totals.params
        138357544
        """
        if type(batch) is not int or batch < 1:
            raise UsageError(Problem(f"a batch of {batch}", "it must be a whole number of at least 1"))
        if dtype not in DTYPE_BITS:
            raise UsageError(Problem(f"there is no dtype '{dtype}'", did_you_mean(dtype, DTYPE_BITS)))
        network = self.network
        if until is not None and not top:
            raise UsageError(Problem("until a layer and without the classifier together", "say one place to end"))
        if until is not None:
            network = transform.until(network, until)
        if not top:
            network = transform.without_top(network)
        if dense:
            network = transform.dense(network)
        if input is None:
            return analyse(network, batch=batch, dtype=dtype, training=training, fields=fields)
        own = analyse(network, fields=False).totals.params
        resized = transform.with_inputs(network, _shapes(network, input))
        return analyse(resized, batch=batch, dtype=dtype, training=training, fields=fields)._replace(own_params=own)


def load(model: str, /, **variables: int | str) -> Model:
    """The network with this name: a bundled model or alias, a path, `PATH:VARIANT`, or `-` for standard input.

    Keyword arguments set the spec's variables.

    Raises: SpecError with every fault of a spec; UsageError for a name or variable that does not exist.

    >>> load("vgg16", classes=10).analyse().totals.params
    134301514
    """
    return Model(catalogue.load(model, variables))


def _shapes(network: Network, given: str | int | Sequence[int] | Mapping[str, str]) -> dict[str, Shape]:
    declared = dict(zip(network.input_names, network.input_shapes, strict=True))
    if not isinstance(given, Mapping):
        text = given if isinstance(given, str) else "x".join(map(str, [given] if isinstance(given, int) else given))
        return {name: fit_shape(text, shape) for name, shape in declared.items()}
    for name in given:
        if name not in declared:
            raise UsageError(Problem(f"{network.name} has no input '{name}'", did_you_mean(name, declared)))
    return {name: fit_shape(text, declared[name]) for name, text in given.items()}
