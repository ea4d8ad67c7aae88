"""One line of a list of layers: shorthand, options and defaults to a layer with what follows it."""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Mapping as Variables
from functools import partial
from typing import Any, TypeVar

from vggcalc import bounds
from vggcalc.errors import FieldError, Mark
from vggcalc.language.graph import Graph, Scope
from vggcalc.layers import REGISTRY, Input, Layer, notation
from vggcalc.reading.nodes import Entry, MapNode, TextNode, YamlNode, is_constant
from vggcalc.reading.reader import Reader, glued, is_absent, plain_value, said, trap
from vggcalc.record import Record

NO_OPTIONS: Variables[str, Entry] = {}
BROKEN: Variables[str, Entry] = {}
"""The options of a layer that cannot be read: nobody knows what it is, and no more is said of it."""
MOST_REMEMBERED = 10_000
_NOTHING = ("linear", "identity", "false", "no", "off")
"""What others say for no activation."""
LINE_KEYS = ("name", "from", "norm", "activation", "share")

K = TypeVar("K")
V = TypeVar("V")


class _Line(Record):
    """A line that has been read: the options given on it, all with the defaults under them, and the layer.

    It holds the options given so that nothing else can take their identity, by which it is found again.
    """

    given: Variables[str, Entry]
    options: Variables[str, Entry]
    layer: Layer | None


class Lines:
    """Reads lines and appends their layers to the graph."""

    def __init__(
        self,
        reader: Reader,
        graph: Graph,
        defaults: Variables[str, Variables[str, Entry]],
        blocks: Container[str] = (),
    ) -> None:
        self.reader = reader
        self.graph = graph
        self.defaults = defaults
        self.blocks = blocks
        self._layers: dict[tuple[Any, ...], Layer] = {}
        self._lines: dict[tuple[str | None, int], _Line] = {}
        self._broken: dict[tuple[str | None, int, Mark], _Line] = {}
        self._followers: dict[int, tuple[Layer, str] | None] = {}

    def read(
        self, text: str, word: TextNode, options: Variables[str, Entry], scope: Scope, above: tuple[int, ...]
    ) -> tuple[int, ...]:
        """A layer with its normalisation and activation; others read the last of them under the layer's name."""
        filled = self.reader.filled(word, scope.variables)
        line = self._line(filled, word, options, scope)
        options, layer = line.options, line.layer
        before = len(self.reader.problems)
        sources = self.graph.sources(options, scope, above)
        if layer is not None and not _fits(layer, len(sources)):
            if len(self.reader.problems) == before:  # else it is told what is wrong with its inputs
                self._misfit_inputs(layer, len(sources), text, word.mark)
            layer = None
        given = self.graph.given_name(options, scope)
        name = given or (scope.naming.name(layer) if layer else f"{text[: bounds.NAME_CHARACTERS]}?")
        last = first = self.graph.append(name, layer, sources, word.mark, self.graph.shared(name, options, scope))
        for key in ("norm", "activation"):
            if key in options and (found := self._attached(options[key].value, scope)):
                attached, own_name = found
                own = scope.naming.attached(attached, name, bool(given), own_name)
                last = self.graph.append(own, attached, (last,), word.mark, self.graph.shared(own, {}, scope))
        if given or layer:
            self.graph.lines[self.graph.nodes[first].name] = last
        return (last,)

    def options(self, word: str, node: YamlNode) -> Variables[str, Entry]:
        """The options of a layer, which are a mapping, or of a number the hint where it belongs."""
        if isinstance(node, MapNode) or is_absent(node):
            return self.reader.mapping(node, f"'{word}'").entries
        hint = "it must be a mapping of keys to values"
        if isinstance(node, TextNode) and word in REGISTRY and isinstance(plain_value(node.text), int | float):
            from vggcalc.layers.meant import options_of  # only a mistake pays for it

            hint = options_of(REGISTRY[word], node.text) or hint
        self.reader.mapping(node, f"'{word}'", hint)
        return BROKEN

    def _line(self, text: str | None, word: TextNode, given: Variables[str, Entry], scope: Scope) -> _Line:
        """What a line says; one whose options hold no variables says the same in every turn of a repeat."""
        key = (text, id(given))
        if key in self._lines:
            return self._lines[key]
        place = (text, id(given), word.mark)  # what is broken is told of each line that is
        if place in self._broken:
            return self._broken[place]
        if given is BROKEN:
            return _Line(given, NO_OPTIONS, None)
        cls, options, values = self._fields(text, word, given, scope)
        layer = self._layer(cls, values, options, word.mark) if cls and values is not None else None
        line = _Line(given, options, layer)
        if text is not None and all(is_constant(entry.value) for entry in options.values()):
            if layer is not None:
                _remember(self._lines, key, line)
            else:
                _remember(self._broken, place, line)
        return line

    def _fields(
        self, text: str | None, word: TextNode, options: Variables[str, Entry], scope: Scope
    ) -> tuple[type[Layer] | None, Variables[str, Entry], dict[str, Any] | None]:
        """The kind, all options with the defaults under them, and the fields' values; None where they are broken."""
        if text is None:
            return None, options, None
        try:
            cls, values = notation.read(text)
        except notation.ShorthandError as error:
            hint = f"write {{use: {text}}}" if text in self.blocks else error.hint
            self.reader.fault(error.reason, hint, word.mark, code=error.code)
            return None, options, None
        if cls is Input:
            self.reader.fault(
                "an input is no layer of the list", "declare it under input", word.mark, code="wrong-type"
            )
            return None, options, None
        for field in values:
            if field in options:
                message = f"{field} is already said by '{text}'"
                self.reader.fault(message, "say it once", options[field].mark, code="duplicate-key")
        defaults = self.defaults.get(cls.kind, {})
        if options or defaults:
            options = {**{key: entry for key, entry in defaults.items() if key not in values}, **options}
        sound = True
        for field, entry in options.items():
            if field in LINE_KEYS:
                continue
            before = len(self.reader.problems)
            value = self.reader.value(entry.value, scope.variables)
            fault = None if len(self.reader.problems) > before else cls.fault(field, value)
            if fault is not None:
                (problem,) = fault.problems
                mark = entry.value.mark if field in cls.checks else entry.mark
                message = problem.message if field in cls.checks else f"'{cls.kind}' has no field or option '{field}'"
                hint = (
                    trap(entry.value, problem.hint) or problem.hint
                    if field in cls.checks
                    else partial(_meant, field, entry, cls)
                )
                self.reader.fault(message, hint, mark, code="bad-field")
            sound = sound and len(self.reader.problems) == before
            values[field] = value
        if sound:
            return cls, options, values
        for field in cls.checks:
            if field not in values and field not in cls.defaults:
                self.reader.fault(
                    f"'{cls.kind}' needs '{field}'",
                    f"{field} is {cls.checks[field].expected}",
                    word.mark,
                    code="missing-key",
                )
        return cls, options, None

    def _layer(
        self, cls: type[Layer], values: dict[str, Any], options: Variables[str, Entry], mark: Mark
    ) -> Layer | None:
        """The layer, made once for each set of fields: layers are values."""
        key = (cls, *values.items())
        layer = self._layers.get(key)
        if layer is None:
            try:
                layer = cls(**values)
            except FieldError as error:
                at = options[error.field].value.mark if error.field in options else mark
                self.reader.problems += [problem._replace(mark=at) for problem in error.problems]
                return None
            _remember(self._layers, key, layer)
        return layer

    def _attached(self, node: YamlNode, scope: Scope) -> tuple[Layer, str] | None:
        """The layer that `norm:` or `activation:` names, and the name that it is given; `none` is none."""
        if id(node) in self._followers:
            return self._followers[id(node)]
        found = self._follower(node, scope)
        if is_constant(node):
            self._followers[id(node)] = found
        return found

    def _follower(self, node: YamlNode, scope: Scope) -> tuple[Layer, str] | None:
        options = NO_OPTIONS
        word = node
        if isinstance(node, MapNode) and len(node.entries) == 1:
            ((key, entry),) = node.entries.items()
            word, options = TextNode(key, False, entry.mark), self.options(key, entry.value)
        if not isinstance(word, TextNode):
            self.reader.fault(
                f"{said(node)} stands where one layer belongs", "write relu, or none", node.mark, code="wrong-type"
            )
            return None
        text = self.reader.filled(word, scope.variables)
        if text in ("none", None) or is_absent(word):
            return None
        for key in ("from", "norm", "activation", "share"):
            if key in options:
                self.reader.fault(
                    f"'{text}' follows its layer and takes no '{key}'",
                    "leave it out",
                    options[key].mark,
                    code="unknown-key",
                )
        if text.lower() in _NOTHING:
            self.reader.fault(f"'{text}' is no activation and no norm", "write none", word.mark, code="unknown-kind")
            return None
        _, options, layer = self._line(text, word, options, scope)
        if layer is not None and layer.inputs[0] > 1:
            self.reader.fault(
                f"'{text}' reads {layer.inputs[0]} or more inputs",
                "it cannot follow one layer",
                word.mark,
                code="no-inputs",
            )
            return None
        return (layer, self.reader.text(options.get("name"), "name", scope.variables)) if layer else None

    def _misfit_inputs(self, layer: Layer, given: int, text: str, mark: Mark) -> None:
        """The layer is not given as many inputs as it reads."""
        fewest, most = layer.inputs
        if given == 0:
            self.reader.fault(
                f"'{text}' has nothing above it to read", "say what it reads with from: NAME", mark, code="no-inputs"
            )
        else:
            needed = str(fewest) if most == fewest else f"{fewest} or more"
            self.reader.fault(
                f"'{text}' reads {needed} input{'s' if needed != '1' else ''}, not {given}",
                "say which with from: [a, b]" if given < fewest else "merge them first, with add or concat",
                mark,
                code="no-inputs",
            )


def _fits(layer: Layer, given: int) -> bool:
    """Whether a layer reads so many inputs."""
    fewest, most = layer.inputs
    return fewest <= given and (most is None or given <= most)


def _remember(known: dict[K, V], key: K, value: V) -> None:
    """A spec with more lines that differ than these repeats few of them; remembering all would take much memory."""
    if len(known) >= MOST_REMEMBERED:
        known.clear()
    known[key] = value


def _meant(field: str, entry: Entry, cls: type[Layer]) -> str:
    """What may be meant by a word that is no field of a kind."""
    from vggcalc.layers.meant import field_meant  # only a mistake pays for it

    return glued(field, entry) or field_meant(field, cls, LINE_KEYS)
