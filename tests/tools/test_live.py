"""Live modules of PyTorch, held against torch: parameters, multiply-accumulates, and each leaf's output.

FlopCounterMode counts two for a multiply-accumulate, of convolutions and products of matrices alone.
"""

from __future__ import annotations

import random
import warnings
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torch_models import timm, torchvision

import vggcalc
from vggcalc.layers.roles import MULTIPLYING

SEED = 20
SAMPLE = 40
"""So many of timm's networks, drawn with the seed."""

torchvision_models = torchvision.models

TORCHVISION = [name for name in torchvision_models.list_models(module=torchvision_models) if "quantized" not in name]
TIMM = random.Random(SEED).sample(timm.list_models(), SAMPLE)


def built(make: Any) -> Any:
    """A module on the meta device; those that compute while they are built are moved there."""
    warnings.simplefilter("ignore", FutureWarning)
    try:
        with torch.device("meta"):
            return make().eval()
    except (NotImplementedError, RuntimeError):
        return make().to("meta").eval()


def counted(module: Any, sizes: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and multiply-accumulates, as torch has them."""
    with FlopCounterMode(display=False) as counter:
        module(torch.empty(1, *sizes, device="meta"))
    return sum(parameter.numel() for parameter in module.parameters()), counter.get_total_flops() // 2


def leaves(module: Any, sizes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """What each convolution and linear layer writes, by its path."""
    found: dict[str, tuple[int, ...]] = {}

    def watch(path: str, each: Any) -> Any:
        def written(_: Any, __: Any, out: Any) -> None:
            found.setdefault(path, tuple(out.shape[1:]))

        return each.register_forward_hook(written)

    leaves = (torch.nn.Linear, torch.nn.Conv2d)
    handles = [watch(path, each) for path, each in module.named_modules() if isinstance(each, leaves)]
    with torch.no_grad():
        module(torch.empty(1, *sizes, device="meta"))
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("name", TORCHVISION)
def test_classifiers_of_torchvision(name: str) -> None:
    """All of them, with nothing unknown."""
    module = built(lambda: torchvision_models.get_model(name, weights=None))
    sizes = (3, 299, 299) if name == "inception_v3" else (3, 224, 224)
    model = vggcalc.from_torch(module, (1, *sizes))
    report = model.analyse()
    assert [row.name for row in report.rows if row.role == "unknown" and "cpb_mlp" not in row.name] == []
    params, macs = counted(module, sizes)
    assert report.totals.params == params
    if not name.startswith("swin_v2"):  # its biases are made by layers that work on positions
        assert report.totals.macs == macs
    written = {row.name: row.output.elements for row in report.rows if row.role in MULTIPLYING}
    for path, shape in leaves(module, sizes).items():
        if path in written:
            assert written[path] == torch.Size(shape).numel(), path


def test_networks_of_timm() -> None:
    """Of a sample, none is wrong in silence; at least three in four have nothing unknown."""
    exact, unknown = [], []
    for name in TIMM:
        module = built(lambda name=name: timm.create_model(name))
        sizes = tuple(module.default_cfg["input_size"])
        try:
            report = vggcalc.from_torch(module, (1, *sizes)).analyse()
        except vggcalc.SpecError as error:
            unknown.append(f"{name}: {error}")
            continue
        if operations := {row.layer.op for row in report.rows if row.role == "unknown"}:
            unknown.append(f"{name}: {', '.join(sorted(operations))}")
            continue
        assert (report.totals.params, report.totals.macs) == counted(module, sizes), name
        exact.append(name)
    assert len(exact) >= 0.75 * SAMPLE, unknown


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "mobilenet_v3_small", "swin_t", "vit_b_16"])
def test_an_exported_program_is_the_live_module(name: str, tmp_path: Any) -> None:
    """Read without PyTorch, it has the same parameters, multiply-accumulates and layers of weights."""
    module = built(lambda: torchvision_models.get_model(name, weights=None))
    live = vggcalc.from_torch(module, (1, 3, 224, 224)).analyse()
    path = tmp_path / "net.pt2"
    program = torch.export.export(module, (torch.empty(5, 3, 224, 224, device="meta"),), strict=False)
    torch.export.save(program, path)
    read = vggcalc.load(path).analyse()
    heads = sum(row.params for row in live.rows if not row.works)
    assert (read.totals.params, read.totals.macs) == (live.totals.params - heads, live.totals.macs)
