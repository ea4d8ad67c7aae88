"""The question itself: all that figures depend on besides the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.network import Network
from vggcalc.question.settings import SETTINGS
from vggcalc.reading.expression import Value
from vggcalc.record import Record
from vggcalc.shape import Shape, fit_shape


class Question(Record):
    """All that figures depend on besides the network; unless it is said otherwise, what the network declares.

    input: sizes by the name of the input; "" stands for all inputs. batch: images at once. dtype: a name of
    units.DTYPE_BITS. variables: those of the spec that are set. until: the layer that is the last one. top: with the
    classifier. dense: fully connected layers as convolutions. training: count what runs in training alone, as
    auxiliary classifiers do; their parameters always count. gradient: receptive fields of all that a gradient reaches,
    not of the windows alone.
    """

    input: tuple[tuple[str, str], ...] = ()
    batch: int = 1
    dtype: str = "float32"
    variables: tuple[tuple[str, Value], ...] = ()
    until: str = ""
    top: bool = True
    dense: bool = False
    gradient: bool = False
    training: bool = False

    def changed(self, settings: Mapping[str, Any]) -> Question:
        """The question with some of `SETTINGS` said anew; those that set variables leave the other variables as set.

        >>> Question().changed({"batch": 4, "classes": 10, "vars": {"width": 35}}).variables
        (('classes', 10), ('width', 35))

        Raises: UsageError for a setting that does not exist, and for a value that it cannot have.
        """
        fields: dict[str, Any] = {}
        variables = dict(self.variables)
        for key, value in settings.items():
            if key not in SETTINGS:
                raise UsageError(
                    Problem(f"there is no setting '{key}'", did_you_mean(key, SETTINGS), code="unknown-name")
                )
            checked = SETTINGS[key].check(key, value)
            if SETTINGS[key].sets_variables:
                variables |= checked
            else:
                fields[key] = checked
        return self._replace(variables=tuple(sorted(variables.items())), **fields)

    def of(self, network: Network) -> Network:
        """The network that is asked about, made of the one that is named.

        Raises: UsageError for a layer, a top or an input that the network does not have.
        """
        if not (self.input or self.until or self.dense) and self.top:
            return network
        from vggcalc import transform  # most questions are about the network as it is declared

        if self.until and not self.top:
            message = f"a network that ends at '{self.until}' has no classifier to leave out"
            raise UsageError(Problem(message, "say one place where the network ends", code="together"))
        if self.until:
            network = transform.until(network, self.until)
        if not self.top:
            network = transform.without_top(network)
        if self.dense:
            network = transform.dense(network)
        return transform.with_inputs(network, self._shapes(network)) if self.input else network

    def _shapes(self, network: Network) -> dict[str, Shape]:
        declared = dict(zip(network.input_names, network.input_shapes, strict=True))
        sizes = dict(self.input)
        for name in sizes:
            if name and name not in declared:
                raise UsageError(
                    Problem(f"{network.name} has no input '{name}'", did_you_mean(name, declared), code="unknown-name")
                )
        if "" in sizes:
            sizes = dict.fromkeys(declared, sizes[""])
        return {name: fit_shape(text, declared[name]) for name, text in sizes.items()}


AS_DECLARED = Question()
"""Nothing is said: all is as the network declares it."""

SWITCHES = {
    (f"no-{key}" if getattr(AS_DECLARED, key) else key): (key, str(not getattr(AS_DECLARED, key)).lower())
    for key, setting in SETTINGS.items()
    if not setting.form
}
"""The words that turn a switch from what it is in `AS_DECLARED`, each with its setting and the text for that."""
