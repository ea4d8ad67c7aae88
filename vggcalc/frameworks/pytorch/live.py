"""A live module of PyTorch: one forward on the meta device, without weights, with every call seen on its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from vggcalc.analysis.analyse import analyse
from vggcalc.errors import Problem, SpecError
from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.program import ConstantError, Held, Program, UnknownOperationError
from vggcalc.frameworks.pytorch import arithmetic, functions, moves, ops, parts, positions
from vggcalc.frameworks.pytorch.call import translate
from vggcalc.frameworks.views import View
from vggcalc.network import Network

BATCH = 5
"""An odd number, so that no reshape takes the batch for something else."""

WORKING = ("linear", "conv1d", "conv2d", "conv3d", "matmul", "bmm", "__matmul__", "einsum")
"""What works on maps elsewhere; on constants no layer is known that does."""

TABLES = (ops, functions, moves, parts, positions, arithmetic)
"""The modules that enter operations."""


class Recorder(TorchFunctionMode):
    """Puts every call into layers as it happens. What it sees first is a parameter, a buffer or a constant."""

    def __init__(self, module: torch.nn.Module, program: Program) -> None:
        super().__init__()
        self.program = program
        self.values: dict[int, View | Held] = {}
        self.kept: list[Any] = []  # so that no other tensor gets the identity of one that was seen
        self.path: list[tuple[str, torch.nn.Module]] = []
        self.modules: dict[str, int] = {}
        self.first: View | None = None
        names = {id(parameter): name for name, parameter in module.named_parameters(remove_duplicate=False)}
        program.elements |= {name: parameter.numel() for name, parameter in module.named_parameters()}
        self._names = {**{id(p): name for name, p in reversed(list(module.named_parameters()))}, **names}

    def value(self, tensor: Any) -> View | Held:
        """What a tensor is here."""
        found = self.values.get(id(tensor))
        if found is None:
            name = self._names.get(id(tensor))
            found = Held(tuple(tensor.shape), (name,) if name else ())
            self.remember(tensor, found)
        return found

    def remember(self, tensor: Any, value: View | Held) -> None:
        """What a tensor is from now on."""
        self.values[id(tensor)] = value
        self.kept.append(tensor)

    def __torch_function__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = _name(func)
        made = func(*args, **kwargs)
        outputs = [each for each in tree_leaves(made) if isinstance(each, torch.Tensor)]
        read = [each for each in tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
        if outputs and read:
            self._record(name, args, kwargs, made, outputs, read)
        return made

    def _record(
        self, name: str, args: Any, kwargs: Any, made: Any, outputs: Sequence[Any], read: Sequence[Any]
    ) -> None:
        views = [value for value in map(self.value, read) if isinstance(value, View)]
        if not views:
            self._of_constants(name, outputs, read)
            return

        def here(value: Any) -> Any:
            return self.value(value) if isinstance(value, torch.Tensor) else value

        self.program.at(self._layer_name(name), form=self._form(name))
        try:
            found = translate(self.program, name, tree_map(here, tuple(args)), tree_map(here, kwargs))
        except ConstantError:
            found = [Held(tuple(tensor.shape)) for tensor in outputs]
        except UnknownOperationError as error:
            found = [self._unknown(name, views, tensor, str(error)) for tensor in outputs]
        values = [each for each in _listed(found) if isinstance(each, View | Held)]
        for tensor, value in zip(outputs, values, strict=False):
            if value.sizes != tuple(tensor.shape):
                value = self._unknown(name, views, tensor, f"{value.sizes} is not {tuple(tensor.shape)}")
            self.remember(tensor, value)

    def _of_constants(self, name: str, outputs: Sequence[Any], read: Sequence[Any]) -> None:
        """What is made of parameters and constants is held; a layer that works on them is one of unknown work."""
        first, *others = (self._held(tensor) for tensor in read)
        trained = tuple(dict.fromkeys((*first, *(each for names in others for each in names))))
        if name in WORKING and trained:
            self.program.at(self._layer_name(name), form=self._form(name))
            why = "it works on what is no map, as positions are"
            elements = sum(self.program.elements[each] for each in trained if each not in self.program.held)
            self.program.held |= set(trained)
            self._unknown(name, [self.first] if self.first else [], outputs[0], why, elements)
            trained = ()
        for tensor in outputs:
            self.remember(tensor, Held(tuple(tensor.shape), trained))

    def _held(self, tensor: Any) -> tuple[str, ...]:
        value = self.value(tensor)
        return value.trained if isinstance(value, Held) else ()

    def _unknown(self, name: str, views: Sequence[View], tensor: Any, why: str, held: int = 0) -> View:
        self.program.assembly.notes.append(f"{self.program.name}: {name} is unknown: {why}")
        return self.program.unknown(name, views, tuple(tensor.shape), held)

    def _layer_name(self, name: str) -> str:
        path, module = self.path[-1] if self.path else ("", None)
        if module is not None and not list(module.children()):
            return path or name
        return f"{path}.{name.strip('_')}" if path else name.strip("_")

    def _form(self, name: str) -> str:
        module = self.path[-1][1] if self.path else None
        if module is None:
            return "functional"
        theirs = [cls for cls in type(module).__mro__ if cls.__module__.startswith("torch.nn.modules")]
        if not theirs or theirs[0] is torch.nn.Module or list(module.children()):
            return "functional"
        return "" if type(module) is theirs[0] else "subclass"

    @contextmanager
    def watched(self, module: torch.nn.Module) -> Iterator[None]:
        """In the block, the recorder knows which module runs."""
        handles = []
        for path, each in module.named_modules(remove_duplicate=True):
            handles.append(each.register_forward_pre_hook(self._entered(path, each)))
            handles.append(each.register_forward_hook(self._left, always_call=True))
        try:
            with self:
                yield
        finally:
            for handle in handles:
                handle.remove()

    def _entered(self, path: str, module: torch.nn.Module) -> Any:
        return lambda *_: self.path.append((path, module))

    def _left(self, *_: Any) -> None:
        path, module = self.path.pop()
        if path and list(module.children()) and not isinstance(module, torch.nn.Sequential | torch.nn.ModuleList):
            self.modules[path] = self.program.assembly.last


def from_torch(module: torch.nn.Module, *inputs: Any, name: str = "") -> Network:
    """The network that a module is, for an input: a tensor, a shape with its batch, or several.

    The module runs once, on the meta device, in evaluation; no weight is read or changed. Where parameters are left
    over, as those of auxiliary heads are, it runs in training too, and what runs there alone is marked so.

    Raises: SpecError where it cannot be put into layers.
    """
    was_training = module.training
    module = module.to("meta")
    sizes = [(BATCH, *(each.shape if isinstance(each, torch.Tensor) else each)[1:]) for each in inputs]
    try:
        network, left = _traced(module.eval(), sizes, name)
        if left:
            other, more = _traced(module.train(), sizes, name)
            if len(more) < len(left):
                network, left = _with_heads(other), more
    finally:
        module.train(was_training)
    return _held_to(module, network, left)


def _held_to(module: torch.nn.Module, network: Network, left: set[str]) -> Network:
    """The network, once it holds as many parameters as the module has; those that no call reads are told.

    Raises: SpecError where it does not.
    """
    own = {id(parameter): parameter.numel() for parameter in module.parameters()}
    unread = sum(parameter.numel() for name, parameter in module.named_parameters() if name in left)
    found = analyse(network).totals.params
    if found + unread != sum(own.values()):
        message = f"the layers hold {found:,} parameters, but the module has {sum(own.values()):,}"
        raise SpecError(Problem(message, "some call was not understood", code="bad-file"))
    if unread:
        note = f"{unread:,} parameters are read by no call, and are not counted: {', '.join(sorted(left)[:3])}"
        return network._replace(note="; ".join(filter(None, (network.note, note))))
    return network


def _traced(module: torch.nn.Module, sizes: Sequence[Sequence[int]], name: str) -> tuple[Network, set[str]]:
    """One forward as a network, and the parameters that no layer has."""
    program = Program(Assembly())
    recorder = Recorder(module, program)
    tensors = []
    for place, size in enumerate(sizes):
        tensor = torch.empty(tuple(size), device="meta")
        view = program.input("input" if len(sizes) == 1 else f"input{place + 1}", size)
        recorder.remember(tensor, view)
        recorder.first = recorder.first or view
        tensors.append(tensor)
    with torch.no_grad(), torch.device("meta"), recorder.watched(module):
        made = module(*tensors)
    outputs = [recorder.value(each) for each in tree_leaves(made) if isinstance(each, torch.Tensor)]
    places = [value.map.tensor.place for value in outputs if isinstance(value, View)]
    if not places:
        raise SpecError(Problem("the module gives no map", "it must work on what it is given", code="bad-file"))
    left = set(program.elements) - program.held
    network = program.assembly.network(name or type(module).__name__, tuple(dict.fromkeys(places)))
    return network._replace(modules=recorder.modules), left


def _with_heads(network: Network) -> Network:
    """A network in training: what its first output does not need runs in training alone."""
    needed: set[int] = set()
    waiting = [network.outputs[0]]
    while waiting:
        place = waiting.pop()
        if place not in needed:
            needed.add(place)
            waiting += network.nodes[place].inputs
    marked = tuple(node._replace(training=place not in needed) for place, node in enumerate(network.nodes))
    return network._replace(nodes=marked)


def _name(func: Any) -> str:
    """What a call is entered as: the name of the function, and of a property its getter."""
    name = getattr(func, "__name__", str(func))
    if name == "__get__":
        return f"__get__{getattr(getattr(func, '__self__', None), '__name__', '')}"
    return str(name)


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list) or type(found) is tuple else [found]
