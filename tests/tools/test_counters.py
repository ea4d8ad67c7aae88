"""Conventions against the tools whose names they bear, to the unit. A tool that cannot be imported is a failure."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple
from unittest import mock

import counters
import pytest
import torch
from torch.utils._pytree import tree_leaves
from torch_models import CONVOLUTIONAL, torchvision_model

import vggcalc
from vggcalc.conventions import count_memory, count_operations
from vggcalc.memory.footprint import training
from vggcalc.memory.live import live
from vggcalc.memory.optimizers import OPTIMIZERS

FIRST = (
    "vgg11",
    "vgg11_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
    "alexnet",
    "resnet18",
    "resnet50",
    "googlenet",
    "mobilenet_v2",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
    "squeezenet1_0",
    "squeezenet1_1",
    "densenet121",
    "efficientnet_b0",
)
"""Models that are held against every tool, at two sizes and two batches."""

OTHERS = [name for name in CONVOLUTIONAL if name not in FIRST]
"""All others, at their own size: against the tools that need not run them on the CPU."""

SIZES = (224, 256)
BATCHES = (1, 2)

Shape = counters.Shape
Ask = Callable[[torch.nn.Module, Shape], int]
Count = Callable[[vggcalc.Report], int | None]


class Tool(NamedTuple):
    """What a tool answers, what the convention of its name makes of the same network, and whether it runs on meta."""

    ask: Ask
    count: Count
    on_meta: bool = True


def _operations(name: str) -> Count:
    return lambda report: count_operations(report, name).total


def _bytes(name: str) -> Count:
    return lambda report: count_memory(report, name).total_bytes


TOOLS: dict[str, Tool] = {
    "torch": Tool(counters.torch_flops, _operations("torch")),
    "torchvision": Tool(lambda *asked: _half(counters.torch_flops(*asked)), _operations("torchvision")),
    "fvcore": Tool(counters.fvcore_flops, _operations("fvcore"), on_meta=False),
    "fvcore activations": Tool(
        counters.fvcore_activations, lambda report: count_memory(report, "fvcore").total, on_meta=False
    ),
    "ptflops": Tool(counters.ptflops, _operations("ptflops"), on_meta=False),
    "ptflops-aten": Tool(counters.ptflops_aten, _operations("ptflops-aten")),
    "thop": Tool(counters.thop, _operations("thop")),
    "torchinfo": Tool(counters.torchinfo_mult_adds, _operations("torchinfo")),
    "torchinfo memory": Tool(counters.torchinfo_bytes, _bytes("torchinfo")),
    "torchsummary": Tool(lambda *asked: 8 * counters.torchsummary_values(*asked), _bytes("torchsummary")),
    "calflops": Tool(lambda *asked: counters.calflops(*asked)[0], _operations("calflops")),
    "calflops-macs": Tool(lambda *asked: counters.calflops(*asked)[1], _operations("calflops-macs")),
    "saved": Tool(lambda *asked: counters.saved(*asked)[0], _bytes("saved")),
    "live": Tool(counters.live, _bytes("live")),
    "live, indices too": Tool(counters.live_in_between, lambda report: _with_workspace(report)),
}
ON_META = [name for name, tool in TOOLS.items() if tool.on_meta]


def _half(flops: int) -> int:
    assert flops % 2 == 0
    return flops // 2


def _with_workspace(report: vggcalc.Report) -> int:
    """The peak of `live` where a layer also holds what it puts out beside its map, while it runs.

    That is an int64 index for each output of a max pooling, and two floats a position of a layer normalisation.
    """
    peak = 0
    for values, row in zip(live(report).values, report.rows, strict=True):
        beside = {"maxpool": row.output.elements, "layernorm": row.output.elements // row.output.channels}
        peak = max(peak, 4 * values + 8 * report.batch * beside.get(row.kind, 0))
    return peak


def _out(report: vggcalc.Report, which: Callable[[vggcalc.Row], bool]) -> int:
    """The outputs of some layers, for the batch."""
    return sum(report.batch * row.output.elements for row in report.rows if which(row))


DENSENET = ("densenet121", "densenet161", "densenet169", "densenet201")


@lru_cache(maxsize=1)
def _model(name: str) -> torch.nn.Module:
    return torchvision_model(name)


def _report(name: str, size: int | None, batch: int) -> vggcalc.Report:
    return vggcalc.load(f"torchvision/{name}").analyse(input=size, batch=batch)


def _agree(tool: str, name: str, size: int | None, batch: int) -> None:
    report = _report(name, size, batch)
    (shape,) = report.network.input_shapes
    asked = (_model(name), (batch, shape.channels, *shape.spatial))
    if tool == "torchsummary" and name in DENSENET:  # the layers of a dense block take lists
        with pytest.raises(AttributeError, match="'list' object has no attribute 'size'"):
            counters.torchsummary_values(*asked)
        return
    assert TOOLS[tool].count(report) == TOOLS[tool].ask(*asked)


@pytest.mark.parametrize(
    ("name", "size", "batch", "tool"),
    [(name, size, batch, tool) for name in FIRST for size in SIZES for batch in BATCHES for tool in TOOLS],
)
def test_first(name: str, size: int, batch: int, tool: str) -> None:
    """Every convention counts as the tool of its name, at two sizes and two batches."""
    _agree(tool, name, size, batch)


@pytest.mark.parametrize(("name", "tool"), [(name, tool) for name in OTHERS for tool in ON_META])
def test_others(name: str, tool: str) -> None:
    """So it does on every other convolutional network of torchvision, where the tool need not run it on the CPU."""
    _agree(tool, name, None, 1)


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool not in ON_META])
def test_convnext_on_cpu(tool: str) -> None:
    """The exceptions are held against the tools that need the CPU too."""
    _agree(tool, "convnext_tiny", None, 1)


@pytest.mark.parametrize("name", FIRST)
def test_saved_of_four(name: str) -> None:
    """`saved` is that of four images too, statistics of the batch once."""
    _agree("saved", name, None, 4)


@pytest.mark.parametrize(("name", "batch", "expected"), [("vgg16", 1, 73355264), ("vgg16", 4, 293421056)])
def test_saved_as_published(name: str, batch: int, expected: int) -> None:
    """The hooks see what is written down here, so that both sides cannot drift together."""
    assert counters.saved(_model(name), (batch, 3, 224, 224)) == (expected, 0)


def test_saved_buffers() -> None:
    """Running statistics are kept too, but are none of `saved`: two floats a channel, whatever the batch."""
    channels = sum(row.output.channels for row in _report("resnet50", None, 1).rows if row.kind == "batchnorm")
    assert counters.saved(_model("resnet50"), (2, 3, 224, 224))[1] == 8 * channels == 212480


@pytest.mark.parametrize(("name", "expected"), [("vgg16", 25690112), ("resnet50", 9633792)])
def test_live_as_published(name: str, expected: int) -> None:
    """The tracker sees what is written down here, indices of max pooling and all."""
    assert counters.live_in_between(_model(name), (1, 3, 224, 224)) == expected


def test_indices_make_a_peak() -> None:
    """On VGG-11 the peak of the real run stands in a max pooling, 40 % above the maps': the indices matter."""
    report = _report("vgg11", None, 1)
    assert (TOOLS["live"].count(report), _with_workspace(report)) == (16056320, 22478848)


def test_ptflops_by_position() -> None:
    """For a batch by position ptflops divides what modules count, but not what the functions count that they call.

    So two images of ResNet-18 answer one image, and ReLU and pooling a third time.
    """
    report = _report("resnet18", 224, 1)
    called = _out(report, lambda row: row.kind == "relu") + sum(
        row.input_shapes[0].elements for row in report.rows if row.kind in ("maxpool", "globalavgpool")
    )
    one = counters.ptflops(_model("resnet18"), (1, 3, 224, 224))
    assert counters.ptflops_as_called(_model("resnet18"), (2, 3, 224, 224)) == one + called


class _Backward(counters._Tracker):
    """A tracker that also leaves out the gradients of parameters, by their shape."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__(counters._storages([*model.parameters(), *model.buffers()]))
        shapes = [tuple(parameter.shape) for parameter in model.parameters()]
        self._shapes = {*shapes, *(shape[::-1] for shape in shapes)}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor) and tuple(tensor.shape) not in self._shapes:
                self._follow(tensor.untyped_storage())
        self.peak = max(self.peak, self.live)
        return result


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("name", ["vgg11", "vgg16", "resnet18", "resnet50", "googlenet", "mobilenet_v2", "densenet121"])
def test_the_way_back(name: str, batch: int) -> None:
    """What activations and their gradients take at most in training is what a tracker sees, within half a per cent.

    Not to the unit: a sum hands one gradient to all its inputs, where the footprint counts one for each; the tracker
    holds the output and misses the statistics of batch normalisation, which have the shape of parameters.
    """
    model = copy.deepcopy(_model(name)).train()
    for parameter in model.parameters():
        parameter.register_post_accumulate_grad_hook(lambda parameter: setattr(parameter, "grad", None))
    with _Backward(model) as tracker:
        images = torch.empty((batch, 3, 224, 224), device="meta").clone()
        output = model(images)
        del images
        output.backward(torch.ones_like(output))
    report = vggcalc.load(f"torchvision/{name}").analyse(batch=batch, training=True)
    parts = {part.name: part.taken for part in training(report, OPTIMIZERS["sgd"]).parts}
    assert sum(parts[name] or 0 for name in ("activations", "activation gradients")) == pytest.approx(
        tracker.peak, rel=0.005
    )


@pytest.mark.parametrize(
    ("tool", "wrong"),
    [("fvcore", "thop"), ("thop", "fvcore"), ("torchinfo", "ptflops"), ("torch", "calflops"), ("ptflops", "torchinfo")],
)
def test_a_wrong_convention_is_seen(tool: str, wrong: str) -> None:
    """The comparison fails where a tool is held against another one's rule."""
    swapped = {tool: TOOLS[tool]._replace(count=TOOLS[wrong].count)}
    with mock.patch.dict(TOOLS, swapped), pytest.raises(AssertionError):
        _agree(tool, "resnet18", 224, 1)
