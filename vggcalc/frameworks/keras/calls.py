"""A model's configuration as layers and calls of them, in the forms of Keras 1, 2 and 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, SpecError
from vggcalc.frameworks.keras.located import Object
from vggcalc.frameworks.keras.words import modern
from vggcalc.record import Record

MODELS = ("Sequential", "Functional", "Model", "Container")
"""Classes of models whose layers stand in the file."""

Sizes = tuple[int | None, ...]
"""Extents without the batch; None is one that the file leaves open."""


class Reference(Record):
    """An output of a call of a layer; `sizes` where the file says them."""

    layer: str
    node: int = 0
    output: int = 0
    sizes: Sizes | None = None


class Call(Record):
    """What a layer is called with; in lists and by name, tensors are references, all else is as it stands."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = {}

    def references(self) -> Iterator[Reference]:
        """All tensors in it, in order."""
        for part in (*self.args, *self.kwargs.values()):
            yield from references(part)


class Unit(Record):
    """A layer, operation or model in a model, its fields by today's names, and each call of it."""

    name: str
    type: str
    module: str
    config: Object
    mark: Mark
    calls: tuple[Call, ...]

    @property
    def is_model(self) -> bool:
        """Whether it is a model of layers that the file holds."""
        return self.type in MODELS and ("layers" in self.config or "items" in self.config)

    @property
    def sizes(self) -> Sizes | None:
        """The input's extents, where it says them: as an input layer, or as the first layer of a sequence."""
        found = self.config.get("batch_shape")
        return _sizes(found[1:]) if isinstance(found, list) else None


class Model(Record):
    """Layers by name, and which outputs of which calls of them are the model's inputs and outputs."""

    name: str
    units: Mapping[str, Unit]
    inputs: tuple[Reference, ...]
    outputs: tuple[Reference, ...]

    def shapes(self) -> dict[tuple[str, int, int], Sizes]:
        """What the file says of the outputs of calls, where it does."""
        found = [each for unit in self.units.values() for call in unit.calls for each in call.references()]
        return {(each.layer, each.node, each.output): each.sizes for each in found if each.sizes is not None}

    def readers(self) -> dict[str, set[str]]:
        """The classes of the layers that read each layer."""
        found: dict[str, set[str]] = {}
        for unit in self.units.values():
            for call in unit.calls:
                for each in call.references():
                    found.setdefault(each.layer, set()).add(unit.type)
        return found


def references(part: Any) -> Iterator[Reference]:
    """The tensors in an argument."""
    if isinstance(part, Reference):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from references(each)


def model_of(unit: Unit) -> Model:
    """The model that a unit is.

    Raises: SpecError where its parts are not what they must be.
    """
    entries = unit.config.get("layers", unit.config.get("items"))
    if not isinstance(entries, list):
        raise fault(unit.mark, f"{unit.name} has no layers", "'layers' is a list of them", code="bad-file")
    if unit.type == "Sequential":
        return _sequential(unit, entries)
    names = {_name(entry, {}) for entry in entries if isinstance(entry, Object)}
    units: dict[str, Unit] = {}
    for entry in entries:
        found = unit_of(entry, unit.mark, names)
        if found.name in units:
            raise fault(
                found.mark,
                f"there are two layers '{found.name}'",
                "each has a name of its own",
                code="name-taken",
            )
        units[found.name] = found
    inputs = tuple(references(_tensors(unit.config.get("input_layers"), names)))
    return Model(unit.name, units, inputs, tuple(references(_tensors(unit.config.get("output_layers"), names))))


def unit_of(entry: Any, mark: Mark, names: set[str] = frozenset()) -> Unit:  # type: ignore[assignment]
    """A layer of a list of layers, or a model; names: the layers that may call each other."""
    if not isinstance(entry, Object) or not isinstance(entry.get("class_name"), str):
        raise fault(getattr(entry, "mark", mark), "this is no layer", "a layer has a 'class_name'", code="bad-file")
    config = entry.get("config")
    if isinstance(config, list):  # a sequence of Keras 1 has no name
        items = config
        config = Object({"items": items})
        config.mark = entry.mark
    if not isinstance(config, Object):
        raise fault(
            entry.mark, f"'{entry['class_name']}' has no configuration", "'config' is an object", code="bad-file"
        )
    nodes = entry.get("inbound_nodes") or []
    if not isinstance(nodes, list):
        raise fault(entry.mark, "'inbound_nodes' is no list", "it has one entry for each call", code="bad-file")
    module, registered = entry.get("module"), entry.get("registered_name")
    type_, config = modern(
        registered if isinstance(registered, str) and ">" in registered else entry["class_name"], config
    )
    return Unit(
        name=_name(entry, config),
        type=type_,
        module=module if isinstance(module, str) else "",
        config=config,
        mark=entry.mark,
        calls=tuple(_call(node, names, entry.mark) for node in nodes),
    )


def _name(entry: Object, config: Mapping[str, Any]) -> str:
    inner = entry.get("config")
    for found in (entry.get("name"), config.get("name"), inner.get("name") if isinstance(inner, Object) else None):
        if isinstance(found, str) and found:
            return found[: bounds.NAME_CHARACTERS]
    return str(entry.get("class_name")).lower()[: bounds.NAME_CHARACTERS]


# --- sequences ------------------------------------------------------------------------------------------------------


def _sequential(model: Unit, entries: Sequence[Any]) -> Model:
    """Each layer is called with what the one before it writes; where none of them is an input, one is put before."""
    units: dict[str, Unit] = {}
    for entry in entries:
        unit = unit_of(entry, model.mark)
        if not units and unit.type == "Merge":
            return _merged(model, unit, entries)
        if not units and unit.type != "InputLayer":
            first = _input_before(model, unit)
            units[first.name] = first
        _append(units, unit)
    if not units:
        raise fault(model.mark, f"{model.name} has no layers", "an empty model computes nothing", code="bad-file")
    names = list(units)
    return Model(model.name, units, (Reference(names[0]),), (Reference(names[-1]),))


def _append(units: dict[str, Unit], unit: Unit) -> None:
    name = unit.name
    while name in units:  # Keras 1 has layers without names
        name = f"{name}_{len(units)}"
    units[name] = unit._replace(name=name, calls=(Call((Reference(next(reversed(units))),)),) if units else ())


def _input_before(model: Unit, first: Unit) -> Unit:
    sizes = _first_sizes(first)
    built = model.config.get("build_input_shape")
    if sizes is None and isinstance(built, list):
        sizes = _sizes(built[1:])
    config = Object({"batch_shape": [None, *sizes]} if sizes is not None else {})
    return Unit(f"{first.name}_input", "InputLayer", "", config, first.mark, ())


def _first_sizes(unit: Unit) -> Sizes | None:
    """The extents that a layer or the first one of a model says it reads."""
    for _ in range(bounds.NESTING):
        entries = unit.config.get("layers", unit.config.get("items"))
        if unit.sizes is not None or not unit.is_model or not isinstance(entries, list) or not entries:
            break
        unit = unit_of(entries[0], unit.mark)
    return unit.sizes


def _merged(model: Unit, merge: Unit, entries: Sequence[Any]) -> Model:
    """Keras 1: a sequence that begins with several others, side by side."""
    units: dict[str, Unit] = {}
    branches = merge.config.get("layers")
    for place, entry in enumerate(branches if isinstance(branches, list) else []):
        unit = unit_of(entry, merge.mark)
        name = unit.name if unit.name not in (*units, "sequential") else f"{unit.name}_{place + 1}"
        units[name] = unit._replace(name=name, calls=())
    units[merge.name] = merge._replace(calls=(Call(tuple(Reference(name) for name in units)),))
    for entry in entries[1:]:
        _append(units, unit_of(entry, model.mark))
    return Model(model.name, units, (), (Reference(list(units)[-1]),))


# --- calls ----------------------------------------------------------------------------------------------------------


def _call(node: Any, names: set[str], mark: Mark) -> Call:
    """One entry of inbound_nodes: arguments in Keras 3, and before it a list of tensors or a single one."""
    if isinstance(node, Object):
        args, kwargs = node.get("args"), node.get("kwargs")
        if not isinstance(args, list) or not isinstance(kwargs or {}, dict):
            raise fault(node.mark, "this is no call", "a call has 'args' and 'kwargs'", code="bad-file")
        found = _tensors(args, names)
        return Call(found, {key: _tensors(value, names) for key, value in (kwargs or {}).items()})
    if not isinstance(node, list):
        raise fault(mark, "'inbound_nodes' holds what is no call", "a call is a list of tensors", code="bad-file")
    tensors = [node] if _is_tensor(node) else node
    kwargs = {}
    args = []
    for tensor in tensors:
        if not _is_tensor(tensor):
            raise fault(
                mark,
                "a call holds what is no tensor",
                "a tensor is a layer, a call of it and an output",
                code="bad-file",
            )
        args.append(tensor[2] if tensor[0] == "_CONSTANT_VALUE" else Reference(*tensor[:3]))
        if len(tensor) > 3 and isinstance(tensor[3], Object):
            kwargs |= {key: _tensors(value, names) for key, value in tensor[3].items()}
    return Call(tuple(args) if len(args) == 1 else (tuple(args),), kwargs)


def _is_tensor(part: Any) -> bool:
    return (
        isinstance(part, list)
        and len(part) > 2
        and isinstance(part[0], str)
        and (part[0] == "_CONSTANT_VALUE" or all(type(number) is int for number in part[1:3]))
    )


def _tensors(part: Any, names: set[str], depth: int = 0) -> Any:
    """An argument with references in place of what names tensors."""
    if depth > bounds.NESTING:
        raise SpecError(
            Problem("a call is nested too deep", "no model is", getattr(part, "mark", None), code="bad-file")
        )
    if _is_tensor(part) and (part[0] in names):
        return Reference(*part[:3])
    if isinstance(part, list):
        return tuple(_tensors(each, names, depth + 1) for each in part)
    if not isinstance(part, Object):
        return part
    config = part.get("config")
    if part.get("class_name") == "__keras_tensor__" and isinstance(config, Object):
        history, shape = config.get("keras_history"), config.get("shape")
        if not isinstance(history, list) or not _is_tensor(history):
            raise fault(part.mark, "a tensor without 'keras_history'", "it says which layer writes it", code="bad-file")
        layer, node, output = history[:3]
        return Reference(layer, node, output, _sizes(shape[1:]) if isinstance(shape, list) else None)
    if part.get("class_name") == "__tuple__" and isinstance(part.get("items"), list):
        return tuple(_tensors(each, names, depth + 1) for each in part["items"])
    if part and all(map(_is_tensor, part.values())):  # outputs by name
        return tuple(_tensors(each, names, depth + 1) for each in part.values())
    return part


def _sizes(extents: Sequence[Any]) -> Sizes | None:
    if any(extent is not None and (type(extent) is not int or extent < 1) for extent in extents):
        return None
    return tuple(extents)


def fault(mark: Mark, message: str, hint: str, *, code: str) -> SpecError:
    """What is wrong with the file itself."""
    return SpecError(Problem(message, hint, mark, code=code))
