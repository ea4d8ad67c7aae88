"""A spec file: one family of networks, its shared parts, and its variants."""

from __future__ import annotations

from collections.abc import Mapping as Variables
from functools import partial

from vggcalc import bounds
from vggcalc.collector import paused
from vggcalc.errors import Problem, Source, SpecError, UsageError, did_you_mean
from vggcalc.language.build import Builder
from vggcalc.language.graph import Graph, TooLargeError, too_many_layers
from vggcalc.language.meant import as_percent, key_meant, variable_meant
from vggcalc.language.patterns import matched, prefixes
from vggcalc.language.size import Size
from vggcalc.language.variants import FAMILY_KEYS, Find, Variant, Variants, at_home
from vggcalc.network import FORMS, Network, Node
from vggcalc.question import AS_DECLARED, Question
from vggcalc.reading.expression import Value, is_value
from vggcalc.reading.nodes import Entry, ListNode, MapNode, TextNode, parse, top_keys
from vggcalc.reading.reader import Reader
from vggcalc.shape import Shape, likelier, parse_input

_OWN_KEYS = ("family", "layers", "variants")
"""Keys that a file of another kind hardly has at its top."""


class Family:
    """A spec file, read once; its networks are built when they are asked for.

    bundled: finds a bundled network that one of the file is `like`.
    """

    def __init__(self, source: Source, bundled: Find = lambda name: None) -> None:
        self.source = source
        self._reader = Reader()
        root = parse(source, self._reader.problems)
        hint = "a spec has the keys family, input and layers"
        if root is None and not self._reader.problems:
            raise SpecError(Problem(f"{source.name} is empty", hint, code="missing-key"))
        if top_keys(source, root).isdisjoint(_OWN_KEYS):  # what stands in a file of another kind is told to nobody
            raise SpecError(Problem(f"{source.name} is no spec of networks", hint, code="not-a-spec"))
        if root is None or (self._reader.problems and not isinstance(root, MapNode)):
            raise SpecError(self._reader.problems)
        self.root = self._reader.mapping(root, "the spec")
        self._reader.keys(self.root, "a spec", FAMILY_KEYS, ("family",), key_meant)
        self.name = self._reader.text(self.root.entries.get("family"), "family")
        self.title = self._reader.text(self.root.entries.get("title"), "title") or self.name
        blocks = self.root.entries.get("blocks")
        self.blocks = self._reader.mapping(blocks.value, "blocks").entries if blocks else {}
        self.variants = Variants(self._reader, self.root, self.name, self.blocks, bundled).read()
        if not isinstance(root, MapNode) or not self.variants:
            raise SpecError(at_home([*self._reader.problems, *self._problems_of_variants()], self.root))

    def find(self, name: str) -> Variant | None:
        """The variant with this name or alias."""
        for variant in self.variants.values():
            if name == variant.name or name in variant.aliases:
                return variant
        return None

    def build(self, variant: Variant, name: str, question: Question = AS_DECLARED) -> Network:
        """The network of a variant with the question's variables, under the name by which it was asked for.

        Raises: SpecError with all that is wrong in the file; UsageError for a variable that it does not have.
        """
        reader = Reader()
        network = self._build(variant, name, dict(question.variables), reader)
        reader.problems += _misfits(network, variant)
        if reader.problems or self._reader.problems:
            others = self._problems_of_variants(None if question.variables else variant)
            raise SpecError(at_home([*self._reader.problems, *reader.problems, *others], self.root))
        assert network is not None
        return network

    def _problems_of_variants(self, known: Variant | None = None) -> list[Problem]:
        """What is wrong with any of the networks, so that one run tells every fault of the file.

        known: one that has been looked through.
        """
        reader = Reader()
        layers = bounds.VARIANTS_LAYERS
        others = [variant for variant in self.variants.values() if variant is not known]
        for number, variant in enumerate(others):
            layers -= _least(variant, self._variables(variant, variant.name, {}, Reader()))
            if layers < 0:
                left = len(others) - number
                reader.problems.more(f"{left:,} of {len(self.variants):,} networks were not looked through")
                break
            try:
                network = self._build(variant, variant.name, {}, reader)
                reader.problems += _misfits(network, variant)
            except SpecError:  # so many that reading ends
                break
        return [*reader.problems]

    @paused()
    def _build(self, variant: Variant, name: str, given: Variables[str, Value], reader: Reader) -> Network | None:
        variables = self._variables(variant, name, given, reader)
        builder = Builder(reader, variant.blocks, variant.defaults)
        graph = builder.graph
        keys = variant.keys
        shapes = self._input_shapes(keys.get("input"), variables, reader)
        above = graph.inputs(shapes, keys["input"].mark if "input" in keys else None)
        scope = graph.top_scope(variables)
        if "layers" in keys:
            try:
                if _least(variant, variables) > bounds.LAYERS:
                    raise too_many_layers()
                builder.sequence(reader.sequence(keys["layers"].value, "layers"), scope, above)
            except TooLargeError as error:
                reader.fault(f"{name} {error.reason}", error.hint, keys["layers"].mark, code="out-of-bounds")
                return None
        if len(graph.nodes) == len(shapes) and not reader.problems and "layers" in keys:
            reader.fault(f"{name} has no layers", "write at least one", keys["layers"].value.mark, code="missing-key")
        read = {source for node in graph.nodes for source in node.inputs}
        ends = [index for index in range(len(graph.nodes)) if index not in read]
        outputs = self._outputs(keys.get("outputs"), graph, reader) or ends
        for index in sorted({*ends} - {*outputs}):
            node = graph.nodes[index]
            reader.fault(
                f"nothing reads '{node.name}'", "list it under outputs, or take it out", node.mark, code="unread-layer"
            )
        top = self._top(keys.get("top"), graph, reader)
        nodes, modules = self._as_built(keys.get("pytorch"), self._marked(graph, keys.get("training"), reader), reader)
        return Network(
            name=name,
            nodes=nodes,
            input_shapes=tuple(shapes.values()),
            outputs=tuple(outputs),
            title=self._title(variant, reader, variables),
            source=reader.text(keys.get("source"), "source", variables),
            note=reader.text(keys.get("note"), "note", variables),
            blocks={name: last for name, last in graph.lines.items() if name not in graph.taken},
            top=top,
            modules=modules,
        )

    def _top(self, entry: Entry | None, graph: Graph, reader: Reader) -> int | None:
        """The node with which the classifier begins."""
        name = reader.text(entry, "top")
        if entry is None or not name or name in graph.taken:
            return graph.taken.get(name)
        hint = partial(did_you_mean, name, graph.taken)
        reader.fault(f"no layer is named '{name}'", hint, entry.value.mark, code="unknown-name")
        return None

    def _marked(self, graph: Graph, entry: Entry | None, reader: Reader) -> tuple[Node, ...]:
        """The nodes, with those that run in training alone marked: the layers and blocks that `training:` names."""
        named = reader.texts(entry, "training")
        if not named:
            return tuple(graph.nodes)
        wanted = {scalar.text for scalar in named}
        marked: set[str] = set()
        found: set[str] = set()
        for name in graph.taken:
            if within := wanted.intersection((name, *prefixes(name))):
                marked.add(name)
                found |= within
        for scalar in named:
            if scalar.text not in found:
                hint = partial(did_you_mean, scalar.text, graph.taken.keys() | graph.lines.keys())
                reader.fault(f"no layer or block is named '{scalar.text}'", hint, scalar.mark, code="unknown-name")
        return tuple(node._replace(training=node.name in marked) for node in graph.nodes)

    def _as_built(
        self, entry: Entry | None, nodes: tuple[Node, ...], reader: Reader
    ) -> tuple[tuple[Node, ...], dict[str, int]]:
        """How PyTorch's implementation has it: layers in another form than a module's own, and its composite modules.

        All are patterns of names, in which `*` stands for one part between dots.
        """
        if entry is None:
            return nodes, {}
        body = reader.mapping(entry.value, "pytorch")
        reader.keys(body, "pytorch", (*FORMS, "modules"))
        names = {node.name: index for index, node in enumerate(nodes)}
        blocks = {prefix: index for name, index in names.items() for prefix in prefixes(name)}
        forms: dict[str, str] = {}
        for key, form in FORMS.items():
            forms |= dict.fromkeys(matched(body.entries.get(key), key, names, reader), form)
        marked = tuple(node._replace(form=forms[node.name]) if node.name in forms else node for node in nodes)
        return marked, matched(body.entries.get("modules"), "modules", blocks, reader)

    def _title(self, variant: Variant, reader: Reader, variables: Variables[str, Value]) -> str:
        own = variant.keys.get("title")
        if own is not None and own is not self.root.entries.get("title"):
            return reader.text(own, "title", variables)
        return self.title if variant.name == self.name else f"{self.title} {variant.name}"

    def _variables(
        self, variant: Variant, model: str, given: Variables[str, Value], reader: Reader
    ) -> dict[str, Value]:
        """The values of the variables: each may use those above it."""
        for name in given:
            if name not in variant.vars:
                raise UsageError(
                    Problem(
                        f"{model} has no variable '{name}'", variable_meant(name, variant.vars), code="unknown-name"
                    )
                )
        values: dict[str, Value] = {}
        for name, entry in variant.vars.items():
            value = reader.variable(name, entry.value, values)
            values[name] = 1 if value is None else value
            if name in given:
                sound = type(given[name]) is int or (isinstance(given[name], str) and is_value(str(given[name])))
                if not sound or type(given[name]) is not type(values[name]):
                    holds = "a whole number" if isinstance(values[name], int) else "a word"
                    message = f"variable '{name}' of {model} holds {holds}, not '{given[name]}'"
                    raise UsageError(Problem(message, as_percent(name, given[name], values[name]), code="bad-value"))
                values[name] = given[name]
        return values

    def _input_shapes(self, entry: Entry | None, variables: Variables[str, Value], reader: Reader) -> dict[str, Shape]:
        """One input, named `input`, or several by name."""
        if entry is None:
            reader.fault(
                f"{self.name or 'the spec'} has no input", "write input: 224x224x3", self.root.mark, code="missing-key"
            )
            return {"input": Shape(3, (224, 224))}
        named = entry.value.entries if isinstance(entry.value, MapNode) else {"input": entry}
        if not named:
            hint = "write 224x224x3, or NAME: 224x224x3 for each of several"
            reader.fault("input is empty", hint, entry.value.mark, code="missing-key")
            named = {"input": Entry(entry.mark, TextNode("224x224x3", False, entry.mark))}
        shapes = {}
        for name, shape in named.items():
            node = shape.value
            if isinstance(node, ListNode) and all(isinstance(item, TextNode) for item in node.items):
                numbers = ", ".join(item.text for item in node.items if isinstance(item, TextNode))
                shape = Entry(shape.mark, TextNode(f"[{numbers}]", False, node.mark))  # as Python has it
            text = reader.text(shape, "input" if name == "input" else f"input '{name}'", variables)
            try:
                shapes[name] = parse_input(text)
            except UsageError as error:
                if text:
                    reader.problems += [problem._replace(mark=shape.value.mark) for problem in error.problems]
                shapes[name] = Shape(3, (224, 224))
        return shapes

    def _outputs(self, entry: Entry | None, graph: Graph, reader: Reader) -> list[int]:
        outputs = []
        for scalar in reader.texts(entry, "outputs"):
            found = graph.resolve(scalar.text)
            if found is None:
                reader.fault(
                    f"no layer is named '{scalar.text}'",
                    partial(did_you_mean, scalar.text, graph.lines),
                    scalar.mark,
                    code="unknown-name",
                )
            else:
                outputs.append(found)
        return outputs


def _least(variant: Variant, variables: Variables[str, Value]) -> int:
    """How many layers a network has at least."""
    return Size(variant.blocks, variables).least(variant.keys["layers"].value) if "layers" in variant.keys else 0


def _misfits(network: Network | None, variant: Variant) -> list[Problem]:
    """The layers that do not fit their input, and before them an input that may be meant otherwise."""
    problems = network.shapes()[1] if network else []
    if not network or not problems or "input" not in variant.keys:
        return problems
    declared = variant.keys["input"].value
    entries = declared.entries if isinstance(declared, MapNode) else {}
    for name, shape in zip(network.input_names, network.input_shapes, strict=True):
        if meant := likelier(shape):
            mark = entries[name].value.mark if name in entries else declared.mark
            problems.append(
                Problem(
                    f"{shape} may not be what is meant",
                    f"channels stand last, as in {meant}",
                    mark,
                    code="channels-first",
                )
            )
    return problems
