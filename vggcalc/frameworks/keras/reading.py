"""A Keras model: its layers in an order in which each comes after what it reads, models in it unfolded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vggcalc import bounds
from vggcalc.errors import Source
from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.keras import merges, moves, normalisation, sequences, windows  # noqa: F401  they fill the tables
from vggcalc.frameworks.keras.calls import Call, Model, Reference, Sizes, Unit, fault, model_of, unit_of
from vggcalc.frameworks.keras.inputs import declared, order_of
from vggcalc.frameworks.keras.located import Object, parse
from vggcalc.frameworks.keras.ordering import in_order, node_of
from vggcalc.frameworks.keras.step import Step, Unknown, Value, as_shape
from vggcalc.frameworks.keras.table import HOLDING, LAYERS, OPERATIONS, Op
from vggcalc.frameworks.keras.words import operation_name
from vggcalc.network import Network

Outputs = dict[tuple[str, int, int], Value]


def read(source: Source, name: str, sizes: Mapping[str, str] = {}) -> Network:
    """The network that a model's configuration holds, as it runs when it is used.

    sizes: what is said of the inputs, by name, or of all by ""; it counts before what the file says.

    Raises: SpecError with all that is wrong, each with its place.
    """
    return _Reader(_unwrapped(parse(source)), sizes).network(name)


def _unwrapped(root: Object) -> Object:
    """The model itself: TensorFlow.js puts it into a topology, and `get_config` leaves its class out."""
    for key in ("modelTopology", "model_config"):
        if isinstance(inner := root.get(key), Object):
            root = inner
    if "class_name" in root or "layers" not in root:
        return root
    wrapped = Object({"class_name": "Functional" if "output_layers" in root else "Sequential", "config": root})
    wrapped.mark = root.mark
    return wrapped


class _Reader:
    def __init__(self, root: Object, sizes: Mapping[str, str]) -> None:
        unit = unit_of(root, root.mark)
        if not unit.is_model:
            hint = "its layers are in code; only functional and sequential models hold them"
            raise fault(unit.mark, f"'{unit.type}' holds no layers and how they are joined", hint, code="bad-file")
        self.root = unit
        self.asked = sizes
        self.assembly = Assembly()
        self.inputs: dict[str, Value] = {}
        self.owners: dict[str, int] = {}
        self.frozen = 0
        self.calls = 0
        self.order = order_of(root)
        self.models: dict[int, Model] = {}

    def network(self, name: str) -> Network:
        model = self._model(self.root)
        self._declare(model, "")
        found = self._run(model, "", ())
        outputs: list[int] = []
        if not self.assembly.problems:  # else they may be missing, which is told already
            outputs = [self._reference(model, found, each).tensor.place for each in model.outputs]
        if self.frozen:
            note = f"{self.frozen:,} layers are frozen in the file; their weights count as trained here"
            self.assembly.notes.append(note)
        return self.assembly.network(name, tuple(dict.fromkeys(outputs)), title=model.name)

    def _model(self, unit: Unit) -> Model:
        if id(unit.config) not in self.models:
            self.models[id(unit.config)] = model_of(unit)
        return self.models[id(unit.config)]

    # --- inputs -----------------------------------------------------------------------------------------------------

    def _declare(self, model: Model, prefix: str, depth: int = 0) -> None:
        """All inputs come before the first layer: those of the model, and of models in it that nobody calls."""
        readers = model.readers()
        for name in dict.fromkeys([*(each.layer for each in model.inputs), *model.units]):
            unit = model.units.get(name)
            if unit is None:
                raise fault(
                    self.root.mark,
                    f"there is no layer '{name}'",
                    "an input is one of them",
                    code="unknown-name",
                )
            if unit.type == "InputLayer":
                path = prefix + name
                asked = self.asked.get(path, self.asked.get(""))
                shape, channels = declared(unit, readers.get(name, set()), path, self.order, asked)
                extents = list(shape.spatial)
                if channels is not None:
                    extents.insert(channels, shape.channels)
                self.inputs[path] = Value(self.assembly.input(path, shape, unit.mark), tuple(extents), channels)
            elif unit.is_model and not unit.calls and depth < bounds.NESTING:
                self._declare(self._model(unit), f"{prefix}{name}.", depth + 1)

    # --- calls ------------------------------------------------------------------------------------------------------

    def _run(self, model: Model, prefix: str, given: Sequence[Value], depth: int = 0) -> Outputs:
        """Every call of every layer, in the file's order as far as what they read allows."""
        if depth > bounds.NESTING:
            raise fault(
                self.root.mark,
                f"'{prefix}' is nested too deep",
                f"the most are {bounds.NESTING} models",
                code="out-of-bounds",
            )
        found = self._given(model, prefix, given)
        shapes = model.shapes()
        for unit, node in in_order(model):
            self.calls += 1
            if self.calls > bounds.CALLS:
                raise fault(
                    unit.mark,
                    f"the model has more than {bounds.CALLS:,} layers",
                    "vggcalc works with no more",
                    code="out-of-bounds",
                )
            if unit.type == "InputLayer":
                continue
            call = unit.calls[node] if unit.calls else Call()
            problems = len(self.assembly.problems)
            args, kwargs, missing = self._arguments(model, found, call)
            if missing:
                continue
            said = [shapes.get((unit.name, node, output)) for output in range(_outputs_of(shapes, unit.name, node))]
            if unit.is_model:
                made = self._unfolded(unit, prefix, args, kwargs, depth)
            else:
                made = self._layer(unit, prefix, args, kwargs, said)
            if len(self.assembly.problems) > problems:
                continue
            for output, value in enumerate(made):
                found[unit.name, node, output] = value
                if output < len(said) and not self.asked:
                    self._compare(unit, prefix, value, said[output])
        return found

    def _given(self, model: Model, prefix: str, given: Sequence[Value]) -> Outputs:
        names = [each.layer for each in model.inputs] or [n for n, u in model.units.items() if u.type == "InputLayer"]
        if given:
            if len(given) != len(names):
                message = f"{prefix.rstrip('.')} is called with {len(given)} tensors and has {len(names)} inputs"
                raise fault(self.root.mark, message, "give it one for each", code="bad-file")
            return {(name, 0, 0): value for name, value in zip(names, given, strict=True)}
        return {
            (name, 0, 0): self.inputs[prefix + name]
            for name, unit in model.units.items()
            if unit.type == "InputLayer" and prefix + name in self.inputs
        }

    def _arguments(self, model: Model, found: Outputs, call: Call) -> tuple[list[Any], dict[str, Any], bool]:
        """A call's arguments with values for references; whether one is missing, behind a fault."""
        missing = False

        def valued(part: Any) -> Any:
            nonlocal missing
            if isinstance(part, Reference):
                value = self._looked_up(model, found, part)
                missing |= value is None
                return value
            return tuple(map(valued, part)) if isinstance(part, tuple) else part

        args = [valued(part) for part in call.args]
        return args, {key: valued(part) for key, part in call.kwargs.items()}, missing

    def _reference(self, model: Model, found: Outputs, reference: Reference) -> Value:
        value = self._looked_up(model, found, reference)
        if value is None:
            hint = "name an output of a call of a layer"
            raise fault(
                self.root.mark,
                f"nothing writes output {reference.output} of '{reference.layer}'",
                hint,
                code="unknown-name",
            )
        return value

    @staticmethod
    def _looked_up(model: Model, found: Outputs, reference: Reference) -> Value | None:
        return found.get((reference.layer, node_of(model, reference), reference.output))

    def _unfolded(
        self, unit: Unit, prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any], depth: int
    ) -> Sequence[Value]:
        model = self._model(unit)
        given = Step(self.assembly, unit, prefix, args, kwargs, self.order, self.owners).values
        found = self._run(model, f"{prefix}{unit.name}.", given, depth + 1)
        if self.assembly.problems:
            return ()
        return [self._reference(model, found, each) for each in model.outputs]

    def _layer(
        self, unit: Unit, prefix: str, args: Sequence[Any], kwargs: Mapping[str, Any], said: Sequence[Sizes | None]
    ) -> Sequence[Value]:
        step = Step(self.assembly, unit, prefix + unit.name, args, kwargs, self.order, self.owners, said)
        self.frozen += unit.config.get("trainable") is False
        if rank := unit.config.get("lora_rank"):
            self.assembly.notes.append(f"{step.path}: its adapters of rank {str(rank)[:20]} (LoRA) are not counted")
        made: Value | Sequence[Value] = ()
        with self.assembly.layer_of(step.path, unit.mark):
            op = _op(unit)
            is_known = all(value.sizes is not None for value in step.values)
            try:
                made = op(step) if op is not None and is_known and step.values else self._unknown(step, op is not None)
            except Unknown:
                made = self._unknown(step)
        return [made] if isinstance(made, Value) else made

    def _unknown(self, step: Step, known_op: bool = False) -> Sequence[Value]:
        """A layer that nobody here knows, or reads what nobody does; of each output what the file says of its extents.

        A function, and code in a Lambda layer, holds no weights.
        """
        type_ = step.unit.type
        is_plain = step.called or type_ == "Lambda" or (type_ in LAYERS and type_ not in HOLDING)
        found = []
        for sizes in step.sizes or [None]:
            said = _own_sizes(step.unit) if sizes is None else sizes
            known = None if said is None or None in said or not 0 < len(said) < 5 else tuple(n or 1 for n in said)
            channels = step.place(len(known), self.order) if known else 0
            shape = as_shape(known, channels).hwc if known else None
            tensor = step.add(
                "unknown",
                *step.values,
                op=_named(step),
                output_shape=shape,
                held=0 if is_plain else None,
                known_op=known_op,
            )
            found.append(Value(tensor, known, channels))
        return found

    def _compare(self, unit: Unit, prefix: str, value: Value, said: Sizes | None) -> None:
        """What the file says of a tensor's extents must be what its layers make of them."""
        if said is None or value.sizes is None or value.tensor.shape is None:
            return
        if len(said) != len(value.sizes) or any(n not in (None, m) for n, m in zip(said, value.sizes, strict=True)):
            here, there = (" x ".join(map(str, sizes)) or "one value" for sizes in (value.sizes, said))
            message = f"{prefix}{unit.name}: it writes {here}, but the file says {there}"
            self.assembly.fault(
                message, "the file or vggcalc is wrong; please report it", unit.mark, code="shape-misfit"
            )


def _op(unit: Unit) -> Op | None:
    name = operation_name(unit.type, unit.module, unit.config)
    return OPERATIONS.get(name) if name else LAYERS.get(unit.type)


def _named(step: Step) -> str:
    """What an operation of unknown work is called: by its function in Keras 2, else by its class."""
    function = step.config.get("function")
    is_function = step.unit.type == "TFOpLambda" and isinstance(function, str)
    return (str(function) if is_function else step.unit.type)[:100] or "?"


def _own_sizes(unit: Unit) -> Sizes | None:
    """What a layer of code says itself of what it writes."""
    said = unit.config.get("output_shape")
    return tuple(said) if isinstance(said, list) and all(type(n) is int and n > 0 for n in said) else None


def _outputs_of(shapes: Mapping[tuple[str, int, int], Sizes], name: str, node: int) -> int:
    number = 0
    while (name, node, number) in shapes and number < bounds.NESTING:
        number += 1
    return number
