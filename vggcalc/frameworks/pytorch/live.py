"""A live module of PyTorch: one forward on the meta device, without weights, with every call seen on its way."""

from __future__ import annotations

import dis
import inspect
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

from vggcalc.frameworks.assembly import Assembly
from vggcalc.frameworks.program import Held, Program
from vggcalc.frameworks.pytorch.tracing import Tracing, finished, held_to
from vggcalc.frameworks.views import View
from vggcalc.network import UNTOLD, Network

BATCH = 5
"""An odd number, so that no reshape takes the batch for something else."""


class Recorder(TorchFunctionMode):
    """Puts every call into layers as it happens. What it sees first is a parameter, a buffer or a constant."""

    def __init__(self, module: torch.nn.Module, program: Program) -> None:
        super().__init__()
        self.program = program
        self.tracing = Tracing(program)
        self.values: dict[int, View | Held] = {}
        self.kept: list[Any] = []  # so that no other tensor gets the identity of one that was seen
        self.path: list[tuple[str, torch.nn.Module]] = []
        self.begun: list[int] = []
        self.is_by_name = False
        self.operation = ""
        self.modules: dict[str, int] = {}
        self.passing: dict[str, int] = {}
        program.elements |= {name: parameter.numel() for name, parameter in module.named_parameters()}
        self.shared = _shared(module)
        self._names = {id(parameter): name for name, parameter in module.named_parameters()}

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
        self.is_by_name = _is_by_name(func, name, sys._getframe(1))
        self.operation = name
        made = func(*args, **kwargs)
        outputs = [each for each in tree_leaves(made) if isinstance(each, torch.Tensor)]
        read = [each for each in tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
        if outputs and read:
            self._record(name, args, kwargs, outputs, read)
        return made

    def _record(self, name: str, args: Any, kwargs: Any, outputs: Sequence[Any], read: Sequence[Any]) -> None:
        def here(value: Any) -> Any:
            return self.value(value) if isinstance(value, torch.Tensor) else value

        self.program.at(self._layer_name(name), form=self._form(args, outputs))
        given = tree_map(here, tuple(args)), tree_map(here, kwargs)
        values = self.tracing.call(name, *given, [*map(self.value, read)], [tuple(each.shape) for each in outputs])
        for tensor, value in zip(outputs, values, strict=False):
            self.remember(tensor, value)

    def _layer_name(self, name: str) -> str:
        path, module = self.path[-1] if self.path else ("", None)
        if module is not None and not list(module.children()):
            return path or name
        return f"{path}.{name.strip('_')}" if path else name.strip("_")

    def _form(self, args: Any, outputs: Sequence[Any]) -> str:
        if any(each in self.shared for _, each in self.path):
            return "shared"
        module = self.path[-1][1] if self.path else None
        by_name = "method" if self.is_by_name else "functional"
        if module is None:
            return by_name
        theirs = _class_of_torch(module)
        if list(module.children()):
            return by_name
        if theirs is None and self.is_by_name and isinstance(args[-1], int | float):
            return by_name
        if theirs is None or type(module) is not theirs:
            return "custom" if theirs is None else "functional" if self.operation == "pad" else "subclass"
        if theirs is torch.nn.Linear and _is_strided(args[0]):
            is_one = args[0].stride(0) == 0 and args[0][:1].is_contiguous()
            return "expanded" if is_one else "strided"
        return "windowed" if len(outputs[0].shape) > 1 and outputs[0].shape[0] != BATCH else ""

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
        def entered(*_: Any) -> None:
            self.path.append((path, module))
            self.begun.append(self.program.assembly.last)

        return entered

    def _drops(self, path: str, module: torch.nn.Module, made: Any) -> bool:
        """Whether the module drops a whole branch now and then, in training; it is a layer of that."""
        share = getattr(module, "drop_prob" if type(module).__name__ == "DropPath" else "p", None)
        value = self.values.get(id(made))
        if type(module).__name__ not in ("DropPath", "StochasticDepth") or not share or not isinstance(value, View):
            return False
        self.program.at(path)
        self.remember(made, self.program.valuewise("stochasticdepth", value, p=float(share)))
        return True

    def _left(self, _: Any, __: Any, made: Any) -> None:
        """A module is one besides the layers unless it is a layer itself, and whatever it gives is that of a layer."""
        (path, module), begun = self.path.pop(), self.begun.pop()
        if self._drops(path, module, made):
            return
        is_layer = not list(module.children()) and _class_of_torch(module) and self.program.assembly.last > begun
        if not path or is_layer or isinstance(module, torch.nn.Sequential | torch.nn.ModuleList):
            return
        value = self.values.get(id(made))
        is_batch = isinstance(made, torch.Tensor) and made.shape[:1] == (BATCH,)
        place = value.map.tensor.place if isinstance(value, View) and is_batch else UNTOLD
        named = path if path not in self.passing else f"{path}.{len(self.passing)}"
        (self.modules if list(module.children()) and place != UNTOLD else self.passing)[named] = place


def _shared(module: torch.nn.Module) -> set[torch.nn.Module]:
    """The modules that several others have, or one under several names."""
    times = Counter(child for parent in module.modules() for child in parent._modules.values() if child is not None)
    return {each for each, count in times.items() if count > 1}


def from_torch(module: torch.nn.Module, *inputs: Any, name: str = "") -> Network:
    """The network that a module is, for an input: a tensor, a shape with its batch, or several.

    The module runs once, on the meta device, in evaluation. Where parameters are left over, as those of auxiliary heads
    are, it runs in training too, and what runs there alone is marked so. Behind it the module is as it was before.

    Raises: SpecError where it cannot be put into layers.
    """
    sizes = [(BATCH, *(each.shape if isinstance(each, torch.Tensor) else each)[1:]) for each in inputs]
    with _on_meta(module):
        program, network = _traced(module.eval(), sizes, name)
        if program.held < set(program.elements):
            for each in module.modules():
                each.training = any(True for _ in each.children())  # leaves are counted as in evaluation, and faster
            other, with_heads = _traced(module, sizes, name)
            if len(other.held) > len(program.held):
                program, network = other, _with_heads(with_heads)
    return held_to(program, network)


@contextmanager
def _on_meta(module: torch.nn.Module) -> Iterator[None]:
    """In the block, all tensors of a module are on the meta device; behind it, it is as it was before."""
    made: dict[int, torch.Tensor] = {}
    before = [(each, each.training, each._parameters.copy(), each._buffers.copy()) for each in module.modules()]
    try:
        for each, _, parameters, buffers in before:
            for own, tensors in ((each._parameters, parameters), (each._buffers, buffers)):
                own.update({name: _meta(tensor, made) for name, tensor in tensors.items() if tensor is not None})
        yield
    finally:
        for each, training, parameters, buffers in before:
            each.training = training
            each._parameters.update(parameters)
            each._buffers.update(buffers)


def _meta(tensor: Any, made: dict[int, Any]) -> Any:
    """A tensor without values; of one that has several names it is one."""
    if tensor.device.type == "meta":
        return tensor
    if id(tensor) not in made:
        empty = torch.empty_like(tensor, device="meta")
        is_parameter = isinstance(tensor, torch.nn.Parameter)
        made[id(tensor)] = torch.nn.Parameter(empty, requires_grad=False) if is_parameter else empty
    return made[id(tensor)]


def _traced(module: torch.nn.Module, sizes: Sequence[Sequence[int]], name: str) -> tuple[Program, Network]:
    """One forward as a network, and the program that it is of."""
    program = Program(Assembly())
    recorder = Recorder(module, program)
    names = input_names(module, len(sizes))
    tensors = []
    for place, size in enumerate(sizes):
        tensor = torch.empty(tuple(size), device="meta")
        view = program.input(names[place], size)
        recorder.remember(tensor, view)
        recorder.tracing.first = recorder.tracing.first or view
        tensors.append(tensor)
    with torch.no_grad(), torch.device("meta"), recorder.watched(module):
        made = module(*tensors)
    outputs = [recorder.value(each) for each in tree_leaves(made) if isinstance(each, torch.Tensor)]
    found = finished(program, outputs, name or type(module).__name__, recorder.modules, recorder.passing)
    return program, _with_blocks_alone(found)


def _class_of_torch(module: torch.nn.Module) -> type | None:
    """The module's class if it is PyTorch's, or the one that it is derived from; None for one of its own."""
    theirs = [cls for cls in type(module).__mro__ if cls.__module__.startswith("torch.nn.modules")]
    return None if not theirs or theirs[0] is torch.nn.Module else theirs[0]


def _with_blocks_alone(network: Network) -> Network:
    """The network, of whose composite modules those that are no blocks of layers count as passing on."""
    outside = {path: place for path, place in network.modules.items() if path not in network.blocks}
    modules = {path: place for path, place in network.modules.items() if path in network.blocks}
    return network._replace(modules=modules, passing={**(network.passing or {}), **outside})


def input_names(module: torch.nn.Module, count: int) -> list[str]:
    """What inputs are called: the one `input`, several as the module's forward calls them."""
    if count == 1:
        return ["input"]
    called = list(inspect.signature(module.forward).parameters)
    return [called[place] if place < len(called) else f"input{place + 1}" for place in range(count)]


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


def _is_by_name(func: Any, name: str, frame: Any) -> bool:
    """Whether a sum or product is called by name, and no operator, `x * y`; of others whether it is a tensor's method.

    To who is called an operator looks as a method does: the frame that calls is at one, or at a call.
    """
    if name in ("add", "mul", "matmul"):
        return not dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith(("BINARY_", "INPLACE_"))
    return name in ("softmax", "relu") and getattr(func, "__module__", "") != "torch.nn.functional"


def _is_strided(x: torch.Tensor) -> bool:
    """Whether the positions of a tensor cannot be looked at as one dimension, for they do not lie in order."""
    if len(x.shape) < 3:
        return False
    try:
        x.view(-1, x.shape[-1])
    except RuntimeError:
        return True
    return False


def _name(func: Any) -> str:
    """What a call is entered as: the name of the function, and of a property its getter."""
    name = getattr(func, "__name__", str(func))
    if name == "__get__":
        return f"__get__{getattr(getattr(func, '__self__', None), '__name__', '')}"
    return str(name)
