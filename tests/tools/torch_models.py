"""The real networks of torchvision and timm, built without weights, and what their leaf modules answer."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from unittest import mock

import torch
from torch.utils.flop_counter import FlopCounterMode

# torchvision's wheel is a CUDA build: on a CPU torch its C extension does not load, and the import would fail on two
# operations that no classification model calls. They are declared here so that it succeeds.
_library = torch.library.Library("torchvision", "DEF")
for _operation in ("nms", "qnms"):
    _library.define(f"{_operation}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import timm
    import torchvision.models
    import torchvision.models.segmentation
    import torchvision.models.video


class Leaf(NamedTuple):
    """A module without children: name, class, own parameters, and the shape of its output, channels first."""

    name: str
    kind: str
    params: int
    output: tuple[int, ...]


class Measured(NamedTuple):
    """What a real model answers for one image."""

    params: int
    macs: int
    leaves: list[Leaf]


CONVOLUTIONAL = [
    name
    for name in torchvision.models.list_models(module=torchvision.models)
    if not name.startswith(("vit_", "swin_", "maxvit"))
]
"""torchvision's classification models, without the transformers."""

TRANSFORMERS = [name for name in torchvision.models.list_models(module=torchvision.models) if name not in CONVOLUTIONAL]
"""torchvision's transformers."""

VIDEO_TRANSFORMERS = [
    name
    for name in torchvision.models.list_models(module=torchvision.models.video)
    if name.startswith(("swin", "mvit"))
]
"""torchvision's transformers for video."""

BEYOND = [
    *("fcn_resnet50", "fcn_resnet101", "deeplabv3_resnet50", "deeplabv3_resnet101"),
    *("deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"),
    *("r3d_18", "mc3_18", "r2plus1d_18", "s3d"),
]
"""torchvision's segmentation and video networks that are bundled."""

# FlopCounterMode does not see into the kernel that joins a whole layer of a transformer.
torch.backends.mha.set_fastpath_enabled(False)


@contextmanager
def _without_initialisation() -> Iterator[None]:
    """Random weights take minutes to draw and nobody looks at them."""
    names = [name for name in dir(torch.nn.init) if name.endswith("_") and not name.startswith("_")]
    with mock.patch.multiple(torch.nn.init, **{name: lambda tensor, *_, **__: tensor for name in names}):
        yield


def torchvision_model(name: str, aux: bool = False) -> torch.nn.Module:
    """A model of torchvision on the meta device."""
    options: dict[str, Any] = {"weights": None}
    if name in ("googlenet", "inception_v3"):
        options |= {"init_weights": False, "aux_logits": aux}
    if name.startswith(("fcn_", "deeplabv3_")):
        options |= {"weights_backbone": None, "aux_loss": aux}
    if name.startswith("lraspp_"):
        options |= {"weights_backbone": None}
    with _without_initialisation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torchvision.models.get_model(name, **options).to("meta")


def timm_model(name: str, **options: Any) -> torch.nn.Module:
    """A model of timm on the meta device."""
    with _without_initialisation(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model: torch.nn.Module = timm.create_model(name, pretrained=False, **options)
    return model.to("meta")


def measure(model: torch.nn.Module, shape: tuple[int, ...], train: bool = False) -> Measured:
    """Run a model on one image of channels x height x width; in training mode where auxiliary heads run only there."""
    leaves: list[Leaf] = []

    def hook(name: str) -> Any:
        def note(module: torch.nn.Module, inputs: Any, output: Any) -> None:
            params = sum(parameter.numel() for parameter in module.parameters(recurse=False))
            if params and isinstance(output, torch.Tensor):
                leaves.append(Leaf(name, type(module).__name__, params, tuple(output.shape[1:])))

        return note

    for name, module in model.named_modules():
        own = any(True for _ in module.parameters(recurse=False))
        if own or not list(module.children()):  # timm's batch normalisation carries its activation as a child
            module.register_forward_hook(hook(name))
    model.eval()
    model.training = train  # the top alone: batch normalisation in training refuses a 1x1 map of one image
    images = torch.empty(1, *shape, device="meta")
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(images)
    params = sum(parameter.numel() for parameter in model.parameters())
    return Measured(params, counter.get_total_flops() // 2, leaves)


# What the survey asks of all of them.

VIDEO = {"r3d_18": 112, "mc3_18": 112, "r2plus1d_18": 112}
"""The sides at which video networks run that do not run at 224."""

GROUPS = {
    "torchvision.classification": torchvision.models,
    "torchvision.segmentation": torchvision.models.segmentation,
    "torchvision.video": torchvision.models.video,
}


@cache
def families() -> dict[str, str]:
    """All names with their family: timm's by their module, torchvision's by their task, behind `torchvision:`."""
    found = {name: timm.models.model_entrypoint(name).__module__.rpartition(".")[2] for name in timm.list_models()}
    for group, module in GROUPS.items():
        found |= {f"torchvision:{name}": group for name in torchvision.models.list_models(module=module)}
    return found


def named(name: str) -> tuple[str, torch.nn.Module, tuple[int, ...]]:
    """The family of a name, its module on the meta device in evaluation, and the sizes of its input without a batch."""
    family = families()[name]
    if not name.startswith("torchvision:"):
        module = on_meta(lambda: timm.create_model(name))
        return family, module, tuple(module.default_cfg["input_size"])
    plain = name.partition(":")[2]
    options = {"weights_backbone": None} if family.endswith("segmentation") else {}
    module = on_meta(lambda: torchvision.models.get_model(plain, weights=None, **options))
    side = VIDEO.get(plain, 299 if plain == "inception_v3" else 224)
    return family, module, (3, *((16,) if family.endswith("video") else ()), side, side)


def on_meta(make: Callable[[], torch.nn.Module]) -> torch.nn.Module:
    """A module on the meta device in evaluation; those that compute while they are built are moved there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with torch.device("meta"):
                return make().eval()
        except (NotImplementedError, RuntimeError):
            with _without_initialisation():
                return make().to("meta").eval()


def forward_seconds(module: torch.nn.Module, sizes: tuple[int, ...]) -> float:
    """What a forward of five images takes on the meta device, of the processor's time."""
    images = torch.empty(5, *sizes, device="meta")
    start = time.process_time()
    with torch.no_grad():
        module(images)
    return time.process_time() - start


def measured_live(module: torch.nn.Module, sizes: tuple[int, ...]) -> Measured:
    """What torch has for one image: parameters, multiply-accumulates, and what each module without children writes."""
    leaves: list[Leaf] = []

    def hook(name: str, params: int) -> Any:
        def note(module: torch.nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(output, torch.Tensor):
                leaves.append(Leaf(name, type(module).__name__, params, tuple(output.shape)))

        return note

    handles = []
    module.requires_grad_(False)  # the counter follows gradients where a parameter is what a module is given
    for name, each in module.named_modules():
        params = sum(parameter.numel() for parameter in each.parameters(recurse=False))
        if not list(each.children()):
            handles.append(each.register_forward_hook(hook(name, params)))
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            module(torch.empty(1, *sizes, device="meta"))
    finally:
        for handle in handles:
            handle.remove()
    return Measured(sum(p.numel() for p in module.parameters()), counter.get_total_flops() // 2, leaves)
