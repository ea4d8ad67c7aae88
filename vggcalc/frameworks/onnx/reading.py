"""An ONNX graph, node by node in an order in which each finds what it reads, put into layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError
from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.onnx import dense, moving, pieces, values, windows  # noqa: F401  they fill the table
from vggcalc.frameworks.onnx.call import OPS, Call, Known, Value
from vggcalc.frameworks.onnx.control import CONTROL, controlled
from vggcalc.frameworks.onnx.folding import FOLDS, is_beyond
from vggcalc.frameworks.onnx.guises import is_literal, stands_for_weights
from vggcalc.frameworks.onnx.inlining import inlined
from vggcalc.frameworks.onnx.inputs import inputs, is_weight, weighing
from vggcalc.frameworks.onnx.notes import Notes
from vggcalc.frameworks.onnx.order import ordered
from vggcalc.frameworks.onnx.proto import WEIGHTS, Graph, Node, Tensor, model
from vggcalc.frameworks.onnx.sizes import made_of_constants, sizes_of
from vggcalc.frameworks.onnx.wire import Fields, Message
from vggcalc.frameworks.program import ConstantError, Held, Program, UnknownOperationError
from vggcalc.frameworks.views import View
from vggcalc.network import Network

WORKING = ("Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum")
"""What works on maps elsewhere; on constants no layer is known that does."""

_FAULTS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError, StopIteration)
"""What arguments raise that an operation cannot have."""


def read(path: str, data: memoryview, name: str, sizes: Mapping[str, str] = {}) -> Network:
    """The network in a file.

    sizes: what is said of the inputs, by name, or of all by ""; it goes before what the file says.

    Raises: SpecError with all that is wrong, each under the file's name and the node's.
    """
    try:
        return _Reader(path, data, sizes).network(name)
    except SpecError as error:
        raise SpecError([_placed(path, each) for each in error.problems]) from None


def _placed(path: str, problem: Problem) -> Problem:
    """A problem of the whole file, under its name."""
    is_placed = problem.mark is not None or problem.message.startswith(path)
    return problem if is_placed else problem._replace(message=f"{path}: {problem.message}")


class _Reader:
    def __init__(self, path: str, data: memoryview, sizes: Mapping[str, str]) -> None:
        self.source = Source(path, "")
        self.fields = Fields(path)
        self.model = model(Message(data, self.fields))
        self.graph = inlined(self.model.graph, self.model.functions, self.fields)
        self.asked = sizes
        self.program = Program(Assembly())
        self.values: dict[str, Value | None] = {}
        self.notes = Notes()
        self.passing: set[int] = set()
        self.begun: set[int] = set()
        self.weighing = weighing(self.graph)
        self.is_resized = False
        self.depth = 0
        self.folded = 0

    def network(self, name: str) -> Network:
        self._begin(self.graph)
        data, weights = inputs(self.graph)
        for weight in weights:
            sizes = [n if isinstance(n, int) else 1 for n in weight.sizes or ()]
            self.values[weight.name] = self._trained(weight.name, sizes)
        for made in data:
            view, is_other = made.view(self.program, self.asked, Mark(self.source, name=made.name))
            self.values[made.name] = view
            self.is_resized |= is_other
        self.notes.weights(self.graph, weights)
        written = self._run()
        places = [each.map.tensor.place for each in written if isinstance(each, View)]
        assembly = self.program.assembly
        assembly.notes += self.notes.told()
        if not places and not assembly.problems:
            wrong, hint = "no output of the graph comes from its inputs", "there is nothing to work out"
            assembly.fault(wrong, hint, None, code="bad-file")
        return assembly.network(name, tuple(dict.fromkeys(places)), self.graph.name)

    def _mark(self, node: Node) -> Mark:
        return Mark(self.source, name=node.name)

    # --- graphs ----------------------------------------------------------------------------------------------------

    def _begin(self, graph: Graph) -> None:
        for each in graph.initialisers.values():
            self.values[each.name] = self._constant(each, each.name)

    def _run(self) -> list[Value | None]:
        """What the graph gives, once all its nodes are in layers."""
        for node in ordered(self.graph):
            self._node(node)
        return [self.values.get(each.name) for each in self.graph.outputs]

    def within(self, message: Message, given: Sequence[Value | None]) -> list[Value | None]:
        """What a graph inside this one gives that reads these, and whatever there is by name."""
        outer, self.graph = self.graph, inlined(Graph(message), self.model.functions, self.fields)
        self.depth += 1
        try:
            if self.depth > bounds.WIRE_DEPTH:
                raise UnknownOperationError(f"graphs in graphs, more than {bounds.WIRE_DEPTH} deep")
            self._begin(self.graph)
            self.values.update(zip((each.name for each in self.graph.inputs), given, strict=False))
            return self._run()
        finally:
            self.graph = outer
            self.depth -= 1

    # --- constants -------------------------------------------------------------------------------------------------

    def _constant(self, tensor: Tensor, name: str) -> Value:
        """A tensor of the file: floats are weights, and of others and of few the values are known."""
        found = tensor.values() if not tensor.is_float or tensor.elements <= 16 else None
        is_trained = tensor.form in WEIGHTS and is_weight(name, tensor.elements)
        if is_trained and tensor.is_float and {each.op for each in self.graph.readers.get(name, ())} == {"Add"}:
            is_trained = not self.notes.guised(tensor)
        if found is not None:
            self.program.elements[name] = tensor.elements
            return Known(tensor.sizes, found, name if is_trained else "")
        if tensor.is_elsewhere:
            self.notes.elsewhere += 1
        return self._trained(name, tensor.sizes) if is_trained else Held(tensor.sizes)

    def _trained(self, name: str, sizes: Sequence[int]) -> Held:
        self.program.elements[name] = prod(sizes)
        return Held(tuple(sizes), (name,))

    # --- nodes -----------------------------------------------------------------------------------------------------

    def _node(self, node: Node) -> None:
        read = [self.values.get(each) if each else None for each in node.inputs]
        for each, value in zip(node.inputs, read, strict=True):
            if each and value is None and each not in self.values:
                wrong, hint = f"it reads '{each}', which nothing writes", "the graph has lost a part"
                self.program.assembly.fault(wrong, hint, self._mark(node), code="unknown-name")
        if any(each and self.values.get(each) is None for each in node.inputs):
            self.values.update(dict.fromkeys(node.outputs))  # what is wrong with it has been told
            return
        found = self._made(node, read)
        for place, name in enumerate(node.outputs):
            made = found[place] if place < len(found) else self._left_out(node, name, read)
            self.values[name] = self._checked(node, name, made) if name else None

    def _left_out(self, node: Node, name: str, read: Sequence[Value | None]) -> View | None:
        """A further output, as the places of maxima are, where somebody reads it."""
        views = [each for each in read if isinstance(each, View) and each.map.tensor.shape is not None]
        is_read = name in self.graph.readers and views
        return self._unknown(node, views, name, "of its outputs only the first is known") if is_read else None

    def _made(self, node: Node, read: Sequence[Value | None]) -> Sequence[Any]:
        call = Call(self.program, node, read, self.model.opset)
        if node.op in CONTROL and (made := self._controlled(node, read)) is not None:
            return made
        if node.op == "Constant" and isinstance(node.attributes.get("value"), Tensor):
            given, name = node.attributes["value"], node.outputs[0] if node.outputs else ""
            if is_literal(given, self.graph.readers.get(name, ())):
                return [Held(given.sizes)]
            return [self._constant(given, name)]
        views = [each for each in read if isinstance(each, View)]
        if any(view.map.tensor.shape is None for view in views):
            return [None] * len(node.outputs)
        self.program.at(node.name[: bounds.NAME_CHARACTERS], self._mark(node))
        if not views and (folded := self._folded(call, read)) is not None:
            return folded
        if not views:
            return self._of_constants(call, read)
        return self._layers(call, views)

    def _controlled(self, node: Node, read: Sequence[Value | None]) -> Sequence[Any] | None:
        """What a branch or a loop gives; where the file does not say how it goes, it is a layer of unknown work."""
        try:
            return controlled(self, node, read)
        except (UnknownOperationError, *_FAULTS) as error:
            views = [each for each in (*read, *self.values.values()) if isinstance(each, View)]
            self.program.at(node.name[: bounds.NAME_CHARACTERS], self._mark(node))
            return [self._unknown(node, views[:1], name, str(error), held=None) for name in node.outputs if name]

    def _layers(self, call: Call, views: Sequence[View]) -> Sequence[Any]:
        node = call.node
        if id(node) in self.passing:
            return [values.passed(call)]
        try:
            with self.program.assembly.layer_of(node.op, self._mark(node)):
                return self._entered_or_pieces(call, views)
            return [None] * len(node.outputs)
        except ConstantError:
            return [self._said(name) for name in node.outputs]
        except UnknownOperationError as error:
            why = str(error)
        except _FAULTS as error:
            why = f"its arguments are not understood: {error}"
        sizes = sizes_of(node, [call.value(place) for place in range(len(call))])
        return [self._unknown(node, views, name, why, sizes=sizes) for name in node.outputs[:1]]

    def _entered_or_pieces(self, call: Call, views: Sequence[View]) -> Sequence[Any]:
        if any(not view.map.tensor.shape or not view.map.tensor.shape.is_known for view in views):
            raise UnknownOperationError("it reads a map of unknown shape")
        piece = pieces.found(call, self.graph, self.values)
        if piece is None:
            return _listed(self._entered(call.node)(call))
        made, others = piece
        self.passing |= {id(each) for each in others}
        self.begun |= {id(each) for each in (call.node, *others[:-1])}  # the sizes of the whole stand with the last
        return [made]

    def _entered(self, node: Node) -> Any:
        if node.op not in OPS or node.domain not in ("", "ai.onnx", "com.microsoft"):
            raise UnknownOperationError("nobody entered it")
        return OPS[node.op]

    def _folded(self, call: Call, read: Sequence[Value | None]) -> list[Known] | None:
        known = [each for each in read if isinstance(each, Known)]
        if call.node.op not in FOLDS or len(known) < len([each for each in read if each is not None]) or not known:
            return None
        if any(each.name and isinstance(value, float) for each in known for value in each.values[:1]):
            return None  # of weights other weights are made
        if call.node.op == "ConstantOfShape" and stands_for_weights(call.node, self.weighing):
            return None
        try:
            found = [each._replace(name="") for each in _listed(FOLDS[call.node.op](call, known))]
        except (UnknownOperationError, *_FAULTS, OverflowError):
            return None
        self.folded += sum(len(each.values) for each in found)
        if self.folded > bounds.FOLDED_IN_ALL:
            wrong = f"its constants have more than {bounds.FOLDED_IN_ALL:,} values up to here"
            raise SpecError(Problem(wrong, "vggcalc works out no more", self._mark(call.node), code="out-of-bounds"))
        return None if any(map(is_beyond, found)) else found

    def _of_constants(self, call: Call, read: Sequence[Value | None]) -> Sequence[Any]:
        """What is made of weights is one; equal ones that an exporter merged are counted for each use."""
        node = call.node
        if node.op == "ConstantOfShape" and stands_for_weights(node, self.weighing):
            sizes = [int(n) for each in read if isinstance(each, Known) for n in each.values]
            self.notes.filled += 1
            return [self._trained(node.outputs[0], sizes)]
        held = [each.held() if isinstance(each, Known) else each for each in read if isinstance(each, Known | Held)]
        trained = tuple(dict.fromkeys(name for each in held for name in each.trained))
        if node.op == "Identity" and held and held[0].trained and node.inputs[0] in self.graph.initialisers:
            self.notes.merged(held[0])
            new = self._trained(node.outputs[0], held[0].sizes)
            first = read[0]
            return [first._replace(name=node.outputs[0]) if isinstance(first, Known) else new]
        try:
            with self.program.assembly.layer_of(node.op, self._mark(node)):
                return _listed(self._entered(node)(call))
            return [None] * len(node.outputs)
        except (UnknownOperationError, ConstantError, *_FAULTS):
            if node.op in WORKING and held and not held[0].trained and trained:
                first = next((each for each in self.values.values() if isinstance(each, View)), None)
                count = sum(self.program.elements[each] for each in trained)
                made = made_of_constants(node, read, self.model.opset)
                wrong = "it works on no map"
                return [self._unknown(node, [first] if first else [], node.outputs[0], wrong, count, made)]
            told = sizes_of(node, read)
            return [Held(self._said(name).sizes or told or (), trained) for name in node.outputs]

    def _said(self, name: str) -> Held:
        return Held(tuple(n if isinstance(n, int) else 1 for n in self.graph.sizes.get(name, ())))

    def _unknown(
        self, node: Node, views: Sequence[View], name: str, why: str, held: int | None = 0,
        sizes: Sequence[int] | None = None,
    ) -> View:  # fmt: skip
        """A layer of unknown work; sizes: what its output has, where the file does not say it."""
        op = f"{node.domain}.{node.op}" if node.domain not in ("", "ai.onnx") else node.op
        self.program.assembly.notes.append(f"{self.program.name}: {op} is unknown: {why}")
        said = self.graph.sizes.get(name)
        if said is not None and not self.is_resized:
            sizes = tuple(n if isinstance(n, int) else 1 for n in said)
        return self.program.unknown(op or "?", views, sizes if sizes and all(sizes) else None, held)

    def _checked(self, node: Node, name: str, made: Any) -> Any:
        """What the file itself says of a map is true of the layer."""
        said = self.graph.sizes.get(name)
        shape = made.map.tensor.shape if isinstance(made, View) else None
        if said is None or self.is_resized or shape is None or not shape.is_known or id(node) in self.begun:
            return made
        own = made.sizes
        if len(own) != len(said) or any(isinstance(n, int) and n != m for n, m in zip(said, own, strict=True)):
            has, wants = ("x".join(map(str, each)) for each in (own, said))
            wrong, hint = f"it gives {has} by vggcalc, but the file says {wants}", "one of them is wrong"
            self.program.assembly.fault(wrong, hint, self._mark(node), code="shape-misfit")
            return None
        return made


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list) or type(found) is tuple else [found]
