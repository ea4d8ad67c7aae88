"""What is asked of a network: one record for library, command line, tables and documents, and how it is read.

A setting that joins is a field of `Question`, its entry in `SETTINGS`, and what it does in `Question.of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from vggcalc import transform
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.layers.base import MAX_NUMBER
from vggcalc.network import Network
from vggcalc.reading.expression import Value
from vggcalc.reading.nodes import Entry, MapNode, YamlNode
from vggcalc.reading.reader import Reader, plain_value, trap
from vggcalc.record import Record
from vggcalc.shape import Shape, fit_shape, parse_shape
from vggcalc.units import DTYPE_BITS


class Question(Record):
    """All that figures depend on besides the network; unless it is said otherwise, what the network declares.

    input: sizes by the name of the input; "" stands for all inputs. batch: images at once. dtype: a name of
    units.DTYPE_BITS. variables: those of the spec that are set. until: the layer that is the last one. top: with the
    classifier. dense: fully connected layers as convolutions. training: count what runs in training alone, as
    auxiliary classifiers do; their parameters always count.
    """

    input: tuple[tuple[str, str], ...] = ()
    batch: int = 1
    dtype: str = "float32"
    variables: tuple[tuple[str, Value], ...] = ()
    until: str = ""
    top: bool = True
    dense: bool = False
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
                raise UsageError(Problem(f"there is no setting '{key}'", did_you_mean(key, SETTINGS)))
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
        if self.until and not self.top:
            message = f"a network that ends at '{self.until}' has no classifier to leave out"
            raise UsageError(Problem(message, "say one place where the network ends"))
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
                raise UsageError(Problem(f"{network.name} has no input '{name}'", did_you_mean(name, declared)))
        if "" in sizes:
            sizes = dict.fromkeys(declared, sizes[""])
        return {name: fit_shape(text, declared[name]) for name, text in sizes.items()}


AS_DECLARED = Question()
"""Nothing is said: all is as the network declares it."""


class Setting(Record):
    """One thing that may be said of a question.

    check: given its key and a value, returns the value as the record holds it, or raises a UsageError. what: what is
    asked by it. form: how its value is written; a switch has none. is_text: its text is no number, even if it looks
    like one. is_named: it may be said several times, as NAME=VALUE. choices: the values that there are, if few.
    """

    check: Callable[[str, Any], Any]
    what: str
    form: str = ""
    is_text: bool = False
    is_named: bool = False
    choices: tuple[str, ...] = ()
    sets_variables: bool = False


def _input(key: str, value: Any) -> tuple[tuple[str, str], ...]:
    """A size for all inputs, or sizes by name, or none; a size is a text, a number, several numbers, or a shape."""
    if value is None:
        return ()
    sizes = value if isinstance(value, Mapping) else {"": value}
    if "" in sizes and len(sizes) > 1:
        raise UsageError(Problem("several inputs need names of their own", "write NAME=HxWxC for each"))
    found = []
    for name, size in sizes.items():
        numbers = size.hwc if isinstance(size, Shape) else size if isinstance(size, list | tuple) else (size,)
        text = "x".join(map(str, numbers))
        parse_shape(text)
        found.append((str(name), text))
    return tuple(found)


def _positive(key: str, value: Any) -> int:
    if type(value) is int and 1 <= value <= MAX_NUMBER:
        return value
    raise _unfit(key, value, f"it must be a whole number from 1 to {MAX_NUMBER:,}")


def _dtype(key: str, value: Any) -> str:
    if value in DTYPE_BITS:
        return str(value)
    raise UsageError(Problem(f"there is no dtype '{value}'", did_you_mean(str(value), DTYPE_BITS)))


def _switch(key: str, value: Any) -> bool:
    if type(value) is bool:
        return value
    raise _unfit(key, value, "it must be true or false")


def _layer(key: str, value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise _unfit(key, value, "it must be the name of a layer or block")


def _classes(key: str, value: Any) -> dict[str, Value]:
    return {key: _positive(key, value)}


def _variables(key: str, value: Any) -> dict[str, Value]:
    """The variables; whether a value suits one of them, the spec knows."""
    if not isinstance(value, Mapping):
        raise _unfit(key, value, "it must be a mapping of variables to values")
    if "" in value:
        raise UsageError(Problem(f"'{value['']}' sets no variable", "write VAR=VALUE, as in width=64"))
    for name, held in value.items():
        if not isinstance(held, int | float | str) or isinstance(held, bool):
            raise UsageError(Problem(f"variable '{name}' is '{held}'", "a variable holds a whole number or a word"))
    return {name: str(held) if isinstance(held, float) else held for name, held in value.items()}


def _unfit(key: str, value: Any, hint: str) -> UsageError:
    shown = "a list" if isinstance(value, list | tuple) else f"'{value}'"
    return UsageError(Problem(f"'{key}' is {shown}", hint))


SETTINGS: Mapping[str, Setting] = {
    "input": Setting(
        _input, "Another input; NAME=HxWxC where there are several.", "HxWxC", is_text=True, is_named=True
    ),
    "batch": Setting(_positive, "Images at once; default 1.", "N"),
    "dtype": Setting(_dtype, "The number format; default float32.", "NAME", is_text=True, choices=tuple(DTYPE_BITS)),
    "vars": Setting(_variables, "Set a variable of the spec.", "VAR=VALUE", is_named=True, sets_variables=True),
    "classes": Setting(_classes, "Set the variable `classes`.", "N", sets_variables=True),
    "until": Setting(_layer, "Stop at this layer: a feature extractor.", "LAYER", is_text=True),
    "top": Setting(_switch, "Leave the classifier out."),
    "dense": Setting(_switch, "Fully connected layers as convolutions, for whole images."),
    "training": Setting(_switch, "Count the work of auxiliary heads, which run in training alone."),
}
"""All that may be said of a question. Of a switch, what it does where it is not as in `AS_DECLARED`."""


SWITCHES = {
    (f"no-{key}" if getattr(AS_DECLARED, key) else key): (key, str(not getattr(AS_DECLARED, key)).lower())
    for key, setting in SETTINGS.items()
    if not setting.form
}
"""The words that turn a switch from what it is in `AS_DECLARED`, each with its setting and the text for that."""


def read_texts(texts: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Settings from their texts, as options give them; `Question.changed` checks their values.

    >>> read_texts([("batch", "4"), ("vars", "width=64"), ("vars", "pool=max"), ("top", "false")])
    {'batch': 4, 'vars': {'width': 64, 'pool': 'max'}, 'top': False}

    Raises: UsageError for what is set twice.
    """
    found: dict[str, Any] = {}
    for key, text in texts:
        setting = SETTINGS[key]
        name, equals, value = text.partition("=")
        if not setting.is_named or not (name and equals):
            name, value = "", text
        holder = found.setdefault(key, {}) if setting.is_named else found
        place = name if setting.is_named else key
        if place in holder:
            hint = f"keep one of the two{'' if name or not setting.is_named else f', or write NAME={setting.form}'}"
            raise UsageError(Problem(f"'{name or key}' is set twice", hint))
        holder[place] = value if setting.is_text else plain_value(value)
    return found


def read_node(reader: Reader, key: str, node: YamlNode) -> Any:
    """A setting as a table of claims writes it; None, with problems, for a value that it cannot have."""
    before, setting = len(reader.problems), SETTINGS[key]
    value = _value(reader, key, node)
    if len(reader.problems) > before:
        return None
    try:
        setting.check(key, value)
    except UsageError as error:
        hint = trap(node)
        reader.problems += [problem._replace(mark=node.mark, hint=hint or problem.hint) for problem in error.problems]
        return None
    return value


def _value(reader: Reader, key: str, node: YamlNode) -> Any:
    setting = SETTINGS[key]
    if isinstance(node, MapNode) and setting.is_named:
        if setting.is_text:
            return {name: reader.text(entry, f"{key} '{name}'") for name, entry in node.entries.items()}
        return {name: reader.variable(name, entry.value, {}) for name, entry in node.entries.items()}
    return reader.text(Entry(node.mark, node), f"'{key}'") if setting.is_text else reader.value(node, {})
