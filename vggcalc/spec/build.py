"""From the lists of layers in a spec to the network: blocks, repetition, residuals, branches, names."""

from __future__ import annotations

from collections.abc import Mapping as Variables
from typing import Any, NamedTuple

from vggcalc.errors import FieldError, Mark, did_you_mean
from vggcalc.layers import Input, Layer
from vggcalc.network import Node
from vggcalc.shape import Shape
from vggcalc.spec import shorthand
from vggcalc.spec.expression import Value
from vggcalc.spec.naming import Naming
from vggcalc.spec.reader import Reader, is_absent, said, trap
from vggcalc.spec.text import Entry, Mapping, Scalar, Sequence
from vggcalc.spec.text import Node as Yaml

MAX_LAYERS = 250_000
MAX_NESTING = 50
MAX_NAME = 200

_LINE_KEYS = ("name", "from", "norm", "activation", "share")


class Scope(NamedTuple):
    """Where a list of layers stands: its variables, how its layers are named, and the blocks it is inside of."""

    variables: Variables[str, Value]
    naming: Naming
    blocks: tuple[str, ...] = ()
    share: tuple[str, str] = ("", "")
    """Layers whose names begin with the second use the weights of those whose names begin with the first."""

    def inner(self, name: str, **variables: Value) -> Scope:
        """A scope within this one; with a name of its own it names its layers under it."""
        naming = Naming(f"{self.naming.prefix}{name}.", self.naming.taken) if name else self.naming
        return self._replace(variables={**self.variables, **variables}, naming=naming)


class TooLargeError(Exception):
    """The spec unfolds into more layers than anyone has; reading stops."""


class Builder:
    """Unfolds one variant into nodes. The `reader` collects what is wrong on the way."""

    def __init__(
        self, reader: Reader, blocks: Variables[str, Entry], defaults: Variables[str, Variables[str, Entry]]
    ) -> None:
        self.reader = reader
        self.blocks = blocks
        self.defaults = defaults
        self.nodes: list[Node] = []
        self.lines: dict[str, int] = {}
        self.taken: dict[str, int] = {}
        self._layers: dict[tuple[Any, ...], Layer] = {}
        self._steps = 0
        self._depth = 0

    def inputs(self, shapes: Variables[str, Shape], mark: Mark | None) -> tuple[int, ...]:
        """The input nodes; a single input is what the first layer reads."""
        for name in shapes:
            self._append(name, Input(), (), mark)
            self.lines[name] = len(self.nodes) - 1
        return (0,) if len(shapes) == 1 else ()

    def top_scope(self, variables: Variables[str, Value]) -> Scope:
        """The scope of a variant's own list of layers."""
        return Scope(variables, Naming("", self.taken))

    def sequence(self, items: Sequence, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """Unfold a list of layers, each reading the one above it; returns what the next one would read."""
        if self._depth >= MAX_NESTING:
            self.reader.fault(
                f"layers are nested more than {MAX_NESTING} deep", "unfold some of the blocks", items.mark
            )
            return above
        self._depth += 1
        for item in items.items:
            self._step()
            above = self._item(item, scope, above)
        self._depth -= 1
        return above

    def _step(self, count: int = 1) -> None:
        self._steps += count
        if self._steps > MAX_LAYERS:
            raise TooLargeError

    def _item(self, item: Yaml, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        if isinstance(item, Scalar):
            return self._line(item.text, item, {}, scope, above)
        if isinstance(item, Sequence):
            self.reader.fault(
                "a list stands where a layer belongs", "write its layers without the inner brackets", item.mark
            )
            return above
        if "use" in item.entries:
            return self._use(item, scope, above)
        if len(item.entries) != 1:
            keys = " and ".join(f"'{key}'" for key in item.entries) or "nothing"
            hint = "indent a layer's options below it, as in {conv3-64: {stride: 2}}"
            self.reader.fault(f"a layer is one key with its options; here are {keys}", hint, item.mark)
            return above
        ((key, entry),) = item.entries.items()
        if key in _STRUCTURES:
            body = self.reader.mapping(entry.value, key)
            return _STRUCTURES[key](self, body, scope, self._sources(body, scope, above))
        word = Scalar(key, False, entry.mark)
        return self._line(key, word, self.reader.mapping(entry.value, f"'{key}'").entries, scope, above)

    # --- one layer -------------------------------------------------------------------------------------------

    def _line(
        self, text: str, word: Scalar, options: Variables[str, Entry], scope: Scope, above: tuple[int, ...]
    ) -> tuple[int, ...]:
        """A layer with its normalisation and activation; others read the last of them under the layer's name."""
        filled = self.reader.filled(word, scope.variables)
        cls, options, values = self._read(filled, word, options, scope)
        sources = self._sources(Mapping(dict(options), word.mark), scope, above)
        layer = self._layer(cls, values, options, word.mark) if cls and values is not None else None
        if layer is not None:
            layer = layer if self._has_inputs(layer, len(sources), text, word.mark) else None
        given = self._given_name(options, scope)
        name = given or (scope.naming.name(layer) if layer else f"{text}?")
        last = first = self._append(name, layer, sources, word.mark, self._shared(name, options, scope))
        for key in ("norm", "activation"):
            if key in options and (found := self._attached(options[key].value, scope)):
                attached, given = found
                own = scope.naming.attached(attached, name, given)
                last = self._append(own, attached, (last,), word.mark, self._shared(own, {}, scope))
        if given or layer:
            self.lines[self.nodes[first].name] = last
        return (last,)

    def _read(
        self, text: str | None, word: Scalar, options: Variables[str, Entry], scope: Scope
    ) -> tuple[type[Layer] | None, Variables[str, Entry], dict[str, Any] | None]:
        """The kind, all options with the defaults under them, and the fields' values; None where they are broken."""
        if text is None:
            return None, options, None
        try:
            cls, values = shorthand.read(text)
        except shorthand.ShorthandError as error:
            self.reader.fault(error.reason, error.hint, word.mark)
            return None, options, None
        if cls is Input:
            self.reader.fault("an input is no layer of the list", "declare it under input", word.mark)
            return None, options, None
        for field in values:
            if field in options:
                message = f"{field} is already said by '{text}'"
                self.reader.fault(message, "say it once", options[field].mark)
        defaults = self.defaults.get(cls.kind, {})
        if options or defaults:
            options = {**{key: entry for key, entry in defaults.items() if key not in values}, **options}
        sound = True
        for field, entry in options.items():
            if field in _LINE_KEYS:
                continue
            before = len(self.reader.problems)
            value = self.reader.value(entry.value, scope.variables)
            fault = None if len(self.reader.problems) > before else cls.fault(field, value)
            if fault is not None:
                (problem,) = fault.problems
                mark = entry.value.mark if field in cls.checks else entry.mark
                message = problem.message if field in cls.checks else f"'{cls.kind}' has no field or option '{field}'"
                hint = problem.hint if field in cls.checks else did_you_mean(field, (*cls.checks, *_LINE_KEYS))
                self.reader.fault(
                    message, trap(entry.value) if _wants_number(problem.hint, entry.value) else hint, mark
                )
            sound = sound and len(self.reader.problems) == before
            values[field] = value
        if sound:
            return cls, options, values
        for field in cls.checks:
            if field not in values and field not in cls.defaults:
                self.reader.fault(
                    f"'{cls.kind}' needs '{field}'", f"{field} is {cls.checks[field].expected}", word.mark
                )
        return cls, options, None

    def _layer(
        self, cls: type[Layer], values: dict[str, Any], options: Variables[str, Entry], mark: Mark
    ) -> Layer | None:
        """The layer, made once for each set of fields: layers are values."""
        key = (cls, *values.items())
        if key not in self._layers:
            try:
                self._layers[key] = cls(**values)
            except FieldError as error:
                at = options[error.field].value.mark if error.field in options else mark
                self.reader.problems += [problem._replace(mark=at) for problem in error.problems]
                return None
        return self._layers[key]

    def _attached(self, node: Yaml, scope: Scope) -> tuple[Layer, str] | None:
        """The layer that `norm:` or `activation:` names, and the name that it is given; `none` is none."""
        options: Variables[str, Entry] = {}
        word = node
        if isinstance(node, Mapping) and len(node.entries) == 1:
            ((key, entry),) = node.entries.items()
            word, options = Scalar(key, False, entry.mark), self.reader.mapping(entry.value, f"'{key}'").entries
        if not isinstance(word, Scalar):
            self.reader.fault(f"{said(node)} stands where one layer belongs", "write relu, or none", node.mark)
            return None
        text = self.reader.filled(word, scope.variables)
        if text in ("none", None) or is_absent(word):
            return None
        for key in ("from", "norm", "activation"):
            if key in options:
                self.reader.fault(f"'{text}' follows its layer and takes no '{key}'", "leave it out", options[key].mark)
        cls, options, values = self._read(text, word, options, scope)
        layer = self._layer(cls, values, options, word.mark) if cls and values is not None else None
        return (layer, self.reader.text(options.get("name"), "name", scope.variables)) if layer else None

    def _given_name(self, options: Variables[str, Entry], scope: Scope) -> str:
        """The name that the spec gives, under the scope's; taken names are refused."""
        entry = options.get("name")
        name = self.reader.text(entry, "name", scope.variables)
        if not name or entry is None:
            return ""
        full = scope.naming.prefix + name
        if self._is_too_long(full, entry):
            return ""
        if full in self.taken:
            hint = "give each layer a name of its own; a block that stands twice needs a name too"
            self.reader.fault(f"the name '{full}' is taken", hint, entry.value.mark)
            return ""
        return full

    def _has_inputs(self, layer: Layer, given: int, text: str, mark: Mark) -> bool:
        """Whether the layer is given as many inputs as it reads."""
        fewest, most = layer.inputs
        if fewest <= given and (most is None or given <= most):
            return True
        if given == 0:
            self.reader.fault(f"'{text}' has nothing above it to read", "say what it reads with from: NAME", mark)
        else:
            needed = str(fewest) if most == fewest else f"{fewest} or more"
            self.reader.fault(
                f"'{text}' reads {needed} input{'s' if needed != '1' else ''}, not {given}",
                "say which with from: [a, b]" if given < fewest else "merge them first, with add or concat",
                mark,
            )
        return False

    # --- structures ------------------------------------------------------------------------------------------

    def _use(self, item: Mapping, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{use: block, with: {width: 64}, name: stem, from: conv1}."""
        self.reader.keys(item, "'use'", ("use", "with", "name", "from", "share"))
        name = self.reader.text(item.entries["use"], "use", scope.variables)
        if name not in self.blocks:
            if name:
                known = did_you_mean(name, self.blocks) or "declare it under blocks"
                self.reader.fault(f"there is no block '{name}'", known, item.entries["use"].value.mark)
            return above
        if name in scope.blocks or len(scope.blocks) >= MAX_NESTING:
            chain = " -> ".join((*scope.blocks, name))
            self.reader.fault(f"block '{name}' uses itself: {chain}", "use repeat for repetition", item.mark)
            return above
        given = {}
        if "with" in item.entries:
            for key, entry in self.reader.mapping(item.entries["with"].value, "with").entries.items():
                value = self.reader.variable(key, entry.value, scope.variables)
                if value is not None:
                    given[key] = value
        above = self._sources(item, scope, above)
        inner = scope.inner(self._scope_name(item, scope), **given)._replace(blocks=(*scope.blocks, name))
        if "share" in item.entries:
            inner = inner._replace(share=self._shared_block(item.entries["share"], inner.naming.prefix, scope))
        return self._body(self.blocks[name].value, f"block '{name}'", inner, item, scope, above)

    def _shared_block(self, entry: Entry, own: str, scope: Scope) -> tuple[str, str]:
        """The names under which the shared block and this one stand."""
        theirs = f"{scope.naming.prefix}{self.reader.text(entry, 'share', scope.variables)}."
        if not any(name.startswith(theirs) for name in self.taken) or own == scope.naming.prefix:
            hint = "both blocks need a name, as in {use: tower, name: right, share: left}"
            self.reader.fault("there is no named block above to share weights with", hint, entry.value.mark)
            return "", ""
        return theirs, own

    def _repeat(self, body: Mapping, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{repeat: {times: 3, layers: [...]}}; `index: i` counts the turns from 0, a name gives them a path."""
        self.reader.keys(body, "'repeat'", ("times", "layers", "name", "index", "from"), ("times", "layers"))
        if "layers" not in body.entries:
            return above
        times = self.reader.whole(body.entries.get("times"), "times", scope.variables, 1)
        index = self.reader.text(body.entries.get("index"), "index")
        layers = self.reader.sequence(body.entries["layers"].value, "layers")
        name = self._scope_name(body, scope)
        for turn in range(times):
            self._step()
            inner = scope.inner(f"{name}.{turn}" if name else "", **({index: turn} if index else {}))
            above = self.sequence(layers, inner, above)
        self._remember(body, scope, above)
        return above

    def _residual(self, body: Mapping, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{residual: {layers: [...], shortcut: [...]}}: the sum of both paths; an empty shortcut is the identity."""
        self.reader.keys(body, "'residual'", ("layers", "shortcut", "name", *_LINE_KEYS), ("layers",))
        inner = scope.inner(self._scope_name(body, scope))
        paths = [body.entries[key] for key in ("layers", "shortcut") if key in body.entries]
        ends = [
            self._path(path, key_of, inner, above) for path, key_of in zip(paths, ("layers", "shortcut"), strict=False)
        ]
        if len(ends) == 1:
            ends.append(above)
        return self._merge("add", ends, body, inner, scope)

    def _branches(self, body: Mapping, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """{branches: {merge: concat, paths: [[...], [...]]}}; paths may have names. An empty path is the identity."""
        self.reader.keys(body, "'branches'", ("merge", "paths", *_LINE_KEYS), ("merge", "paths"))
        if "paths" not in body.entries:
            return above
        inner = scope.inner(self._scope_name(body, scope))
        node = body.entries["paths"].value
        if isinstance(node, Mapping):
            ends = [self._path(path, name, inner.inner(name), above) for name, path in node.entries.items()]
        else:
            paths = self.reader.sequence(node, "paths").items
            ends = [self._path(Entry(path.mark, path), "a path", inner, above) for path in paths]
        merge = self.reader.text(body.entries.get("merge"), "merge", scope.variables) or "concat"
        return self._merge(merge, ends, body, inner, scope)

    def _path(self, path: Entry, what: str, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        return self.sequence(self.reader.sequence(path.value, what), scope, above)

    def _merge(
        self, kind: str, ends: list[tuple[int, ...]], body: Mapping, inner: Scope, scope: Scope
    ) -> tuple[int, ...]:
        """The layer that joins the ends of several paths, with the normalisation and activation of the body."""
        options = {key: entry for key, entry in body.entries.items() if key in ("norm", "activation")}
        mark = body.entries["merge"].value.mark if "merge" in body.entries else body.mark
        above = self._line(
            kind, Scalar(kind, False, mark), options, inner, tuple(end for ends_ in ends for end in ends_)
        )
        self._remember(body, scope, above)
        return above

    def _body(
        self, node: Yaml, what: str, inner: Scope, item: Mapping, scope: Scope, above: tuple[int, ...]
    ) -> tuple[int, ...]:
        above = self.sequence(self.reader.sequence(node, what), inner, above)
        self._remember(item, scope, above)
        return above

    def _scope_name(self, body: Mapping, scope: Scope) -> str:
        entry = body.entries.get("name")
        name = self.reader.text(entry, "name", scope.variables)
        return "" if entry and self._is_too_long(scope.naming.prefix + name, entry) else name

    def _is_too_long(self, name: str, entry: Entry) -> bool:
        if len(name) > MAX_NAME:
            hint = f"at most {MAX_NAME} characters, with the names of the blocks round it"
            self.reader.fault("this name is too long", hint, entry.value.mark)
        return len(name) > MAX_NAME

    def _remember(self, body: Mapping, scope: Scope, above: tuple[int, ...]) -> None:
        """A named block can be read by its name, which stands for its last layer."""
        if "name" in body.entries and len(above) == 1:
            name = scope.naming.prefix + self._scope_name(body, scope)
            if name in self.lines:
                mark = body.entries["name"].value.mark
                self.reader.fault(f"the name '{name}' is taken", "give each block a name of its own", mark)
            self.lines[name] = above[0]

    def _sources(self, body: Mapping, scope: Scope, above: tuple[int, ...]) -> tuple[int, ...]:
        """What `from:` names, looked up from the inner scope outwards; without it, the layer above."""
        if "from" not in body.entries:
            return above
        sources = []
        named = self.reader.texts(body.entries["from"], "from")
        if isinstance(body.entries["from"].value, Sequence) and not body.entries["from"].value.items:
            self.reader.fault("from is an empty list", "name a layer above", body.entries["from"].value.mark)
        self._step(len(named))
        for scalar in named:
            name = self.reader.filled(scalar, scope.variables)
            if name is not None and (found := self.resolve(name, scope.naming.prefix)) is not None:
                sources.append(found)
            elif name is not None:
                hint = did_you_mean(name, self.lines) or "a layer reads only layers above it"
                self.reader.fault(f"no layer above is named '{name}'", hint, scalar.mark)
        return tuple(sources) or above

    def resolve(self, name: str, prefix: str = "") -> int | None:
        """The node that is read under a name, in the scope of this prefix or in one round it."""
        while True:
            if prefix + name in self.lines:
                return self.lines[prefix + name]
            if not prefix:
                return None
            prefix = prefix[: prefix.rstrip(".").rfind(".") + 1]

    def _append(
        self, name: str, layer: Layer | None, sources: tuple[int, ...], mark: Mark | None, shares: int | None = None
    ) -> int:
        self.nodes.append(Node(name, layer, sources, mark, shares))
        self.taken[name] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def _shared(self, name: str, options: Variables[str, Entry], scope: Scope) -> int | None:
        """The node whose weights a layer uses: the one that `share:` names, or its twin in a block that is shared."""
        if "share" in options:
            other = self.reader.text(options["share"], "share", scope.variables)
            found = self.taken.get(scope.naming.prefix + other, self.taken.get(other))
            if found is None:
                hint = did_you_mean(other, self.taken) or "name a layer above"
                self.reader.fault(f"no layer above is named '{other}'", hint, options["share"].value.mark)
            return found
        theirs, own = scope.share
        return self.taken.get(theirs + name[len(own) :]) if theirs and name.startswith(own) else None


_STRUCTURES = {"repeat": Builder._repeat, "residual": Builder._residual, "branches": Builder._branches}


def _wants_number(expected: str, node: Yaml) -> bool:
    return bool(trap(node)) and "number" in expected and "true or false" not in expected
