"""What the real counters and memory estimators answer for a model, as exact integers for the whole batch.

Every function takes a model on the meta device and the shape of its input, batch first. It works on a copy, since some
tools leave buffers and hooks behind, and says nothing on the console.

A tool is imported where it is called: each comes with torchvision in tow, which must be imported by way of
torch_models, and one that is missing fails only its own tests.
"""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import sys
import warnings
import weakref
from collections.abc import Iterator, Sequence
from typing import Any
from unittest import mock

import torch
import torch_models  # noqa: F401  declares what torchvision lacks beside a CPU torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

Shape = tuple[int, ...]
"""Batch, channels, height, width; or other axes."""


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """No prints, no warnings, no log."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _exact(value: Any) -> int:
    """A count that a tool holds as a float or as NumPy's integer."""
    if int(value) != value:
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _copy(model: torch.nn.Module, device: str = "meta") -> torch.nn.Module:
    """The model in evaluation mode; on the CPU with whatever the memory holds as weights."""
    copied = copy.deepcopy(model).eval()
    return copied if device == "meta" else copied.to_empty(device=device)


def torch_flops(model: torch.nn.Module, shape: Shape) -> int:
    """FLOPs of torch's own FlopCounterMode: two for a multiply-accumulate."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        _copy(model)(torch.empty(shape, device="meta"))
    return _exact(counter.get_total_flops())


def fvcore_flops(model: torch.nn.Module, shape: Shape) -> int:
    """fvcore's FlopCountAnalysis in evaluation mode. It traces, which the meta device does not stand."""
    with _silent(), torch.no_grad():
        from fvcore.nn import FlopCountAnalysis

        return _exact(FlopCountAnalysis(_copy(model, "cpu"), torch.empty(shape)).total())


def fvcore_activations(model: torch.nn.Module, shape: Shape) -> int:
    """fvcore's ActivationCountAnalysis: values that convolutions and matrix products put out."""
    with _silent(), torch.no_grad():
        from fvcore.nn import ActivationCountAnalysis

        return _exact(ActivationCountAnalysis(_copy(model, "cpu"), torch.empty(shape)).total())


def ptflops(model: torch.nn.Module, shape: Shape) -> int:
    """MACs of ptflops' default backend, which hooks modules and replaces functions.

    It divides what the modules count by the batch, but not what the functions count. Images given by keyword are not
    seen as a batch, so that both stay whole. On the meta device it would count linear layers twice.
    """
    return _ptflops(_copy(model, "cpu"), {"x": torch.empty(shape)}, "pytorch")


def ptflops_as_called(model: torch.nn.Module, shape: Shape) -> int:
    """The same as it answers for a batch by position: modules for one image, functions for all of them."""
    return _ptflops(_copy(model, "cpu"), torch.empty(shape), "pytorch")


def ptflops_aten(model: torch.nn.Module, shape: Shape) -> int:
    """MACs of ptflops' backend that looks at the operations beneath the modules."""
    return _ptflops(_copy(model), torch.empty(shape, device="meta"), "aten")


def _ptflops(model: torch.nn.Module, images: Any, backend: str) -> int:
    with _silent(), torch.no_grad():
        from ptflops import get_model_complexity_info

        macs, _ = get_model_complexity_info(
            model,
            (1,),  # not looked at beside a constructor
            print_per_layer_stat=False,
            as_strings=False,
            input_constructor=lambda _: images,
            backend=backend,
        )
    if macs is None:
        raise RuntimeError("ptflops failed, and printed why")
    return _exact(macs)


def thop(model: torch.nn.Module, shape: Shape) -> int:
    """total_ops of thop.profile with its default rules."""
    with _silent():
        from thop import profile

        total, _ = profile(_copy(model), inputs=(torch.empty(shape, device="meta"),), verbose=False)
    return _exact(total)


def torchinfo_mult_adds(model: torch.nn.Module, shape: Shape) -> int:
    """total_mult_adds of torchinfo."""
    return _exact(_torchinfo(model, shape).total_mult_adds)


def torchinfo_bytes(model: torch.nn.Module, shape: Shape) -> int:
    """total_output_bytes of torchinfo, its "forward/backward pass size": every output twice."""
    return _exact(_torchinfo(model, shape).total_output_bytes)


def _torchinfo(model: torch.nn.Module, shape: Shape) -> Any:
    with _silent():
        from torchinfo import summary

        return summary(_copy(model), input_size=shape, device="meta", verbose=0)


def torchsummary_values(model: torch.nn.Module, shape: Shape) -> int:
    """Values in the "forward/backward pass size" of torchsummary, which says eight bytes for each.

    It always runs two images of type torch.FloatTensor, on the CPU, and multiplies by the batch that it is told; here
    they are on the meta device.
    """
    from torchsummary import torchsummary

    sizes: list[float] = []

    def absolute(size: float) -> float:
        sizes.append(size)
        return abs(size)

    def images(*size: int) -> torch.Tensor:
        return torch.empty(size, device="meta")

    with (
        _silent(),
        torch.no_grad(),
        mock.patch("torch.rand", images),
        mock.patch("torch.FloatTensor", torch.float32),
        mock.patch.object(torchsummary, "abs", absolute, create=True),
    ):
        torchsummary.summary(_copy(model), shape[1:], batch_size=shape[0], device="cpu")
    _, outputs, _ = sizes  # of the input, the outputs and the parameters, in mebibytes
    return _exact(outputs * 2**20 / 8)


def calflops(model: torch.nn.Module, shape: Shape, device: str = "meta") -> tuple[int, int]:
    """FLOPs and MACs of calflops. On the meta device some functions are made of others, which it counts as well."""
    unused = dict.fromkeys(("transformers", "accelerate", "accelerate.utils"), mock.MagicMock())
    with _silent(), torch.no_grad():
        with mock.patch.dict(sys.modules, unused):  # which it imports for the models of a hub
            from calflops import calculate_flops
        flops, macs, _ = calculate_flops(
            _copy(model, device), shape, print_results=False, print_detailed=False, output_as_string=False
        )
    return _exact(flops), _exact(macs)


def saved(model: torch.nn.Module, shape: Shape) -> tuple[int, int]:
    """What `kept` sees of a model that reads one map of this shape."""
    return kept(_copy(model), [torch.empty(shape, device="meta")])


def kept(model: torch.nn.Module, inputs: Sequence[torch.Tensor]) -> tuple[int, int]:
    """Bytes that autograd keeps for the backward pass in training mode: of activations, and of buffers.

    Distinct storages, the inputs' among them, without those of parameters. The buffers are the running statistics of
    batch normalisation.
    """
    parameters = _storages(model.train().parameters())
    buffers = _storages(model.buffers())
    found: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        found[storage._cdata] = storage  # held, so that no other storage gets its address
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(*inputs)
    activations = sum(storage.nbytes() for key, storage in found.items() if key not in parameters | buffers)
    return activations, sum(found[key].nbytes() for key in found.keys() & buffers)


def live(model: torch.nn.Module, shape: Shape) -> int:
    """The most of `alive`."""
    return max(alive(torch.fx.symbolic_trace(_copy(model)), [torch.empty(shape, device="meta")]))


def live_in_between(model: torch.nn.Module, shape: Shape) -> int:
    """The peak of bytes that live tensors take in evaluation mode, what a layer needs to work in too.

    Each operation beneath the graph that torch.fx traces allocates its outputs while its inputs live; a value goes
    after its last use. So does the input, which is handed over in the interpreter's own environment: as an argument it
    would live to the end.
    """
    graph = torch.fx.symbolic_trace(_copy(model))
    interpreter = torch.fx.Interpreter(graph)
    (placeholder,) = (node for node in graph.graph.nodes if node.op == "placeholder")
    tracker = _Tracker(_storages([*graph.parameters(), *graph.buffers()]))
    with torch.no_grad(), tracker:
        interpreter.run(initial_env={placeholder: torch.empty(shape, device="meta")})
    return tracker.peak


def alive(module: torch.fx.GraphModule, inputs: Sequence[torch.Tensor]) -> list[int]:
    """The bytes that are alive when each node of a graph has run and before anything is freed, as `live` has it.

    What a node needs to work in is gone by then. All inputs are there from the start.
    """
    return _Alive(module.eval()).alive(inputs)


class _Alive(torch.fx.Interpreter):
    """Takes stock after every node."""

    def alive(self, inputs: Sequence[torch.Tensor]) -> list[int]:
        """The bytes after each node but placeholders and the output."""
        self._found: list[int] = []
        placeholders = [node for node in self.module.graph.nodes if node.op == "placeholder"]
        with torch.no_grad():
            self.run(initial_env=dict(zip(placeholders, inputs, strict=True)))
        return self._found

    def run_node(self, n: torch.fx.Node) -> Any:
        """The node's value."""
        value = super().run_node(n)
        if n.op not in ("placeholder", "output"):
            known = _storages([*self.module.parameters(), *self.module.buffers()])
            tensors = [x for x in tree_leaves([*self.env.values(), value]) if isinstance(x, torch.Tensor)]
            storages = {x.untyped_storage()._cdata: x.untyped_storage().nbytes() for x in tensors}
            self._found.append(sum(size for key, size in storages.items() if key not in known))
        return value


def _storages(tensors: Any) -> set[int]:
    """The identities of the storages of tensors, good for as long as these live."""
    return {tensor.untyped_storage()._cdata for tensor in tensors}


class _Tracker(TorchDispatchMode):
    """Follows the storage of every tensor that an operation puts out, until nobody holds it."""

    def __init__(self, ignored: set[int]) -> None:
        super().__init__()
        self.live = self.peak = 0
        self._known = set(ignored)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        # Evaluated on the meta device, batch normalisation puts out statistics of the batch; elsewhere they are empty.
        seen = result[0] if func is torch.ops.aten.native_batch_norm.default else result
        for tensor in tree_leaves(seen):
            if isinstance(tensor, torch.Tensor):
                self._follow(tensor.untyped_storage())
        self.peak = max(self.peak, self.live)
        return result

    def _follow(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key not in self._known:
            self._known.add(key)
            self.live += size
            weakref.finalize(storage, self._drop, key, size)

    def _drop(self, key: int, size: int) -> None:
        self._known.remove(key)
        self.live -= size
