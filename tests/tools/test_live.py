"""Live modules of PyTorch, held against torch: parameters, multiply-accumulates, and each leaf's output.

FlopCounterMode counts two for a multiply-accumulate, of convolutions and products of matrices alone. `survey.py` asks
all of timm in the same way.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from survey import judged
from torch_models import families, named

import vggcalc

SEED = 20
SAMPLE = 40
"""So many of timm's networks, drawn with the seed."""

TORCHVISION = [name for name in families() if name.startswith("torchvision:")]
"""Classification, segmentation and video."""

TIMM = random.Random(SEED).sample([name for name in families() if name not in TORCHVISION], SAMPLE)

EXPORTED = ("resnet18", "googlenet", "mobilenet_v3_small", "densenet121", "swin_t", "swin_v2_t", "vit_b_16", "maxvit_t")
EXPORTED_OF_TIMM = ("convnextv2_atto", "volo_d1_224", "tf_efficientnet_cc_b0_4e", "vit_base_patch16_siglip_224")


@pytest.mark.parametrize("name", TORCHVISION)
def test_networks_of_torchvision(name: str) -> None:
    """All of them, every figure, with nothing unknown."""
    found = judged(name)
    assert (found.verdict, found.reason) == ("equal", "")


def test_networks_of_timm() -> None:
    """Of a sample none is wrong in silence, and at least nine in ten are equal; what others lack is named."""
    found = [judged(name) for name in TIMM]
    assert [each for each in found if each.verdict not in ("equal", "unknown")] == []
    others = [each for each in found if each.verdict == "unknown"]
    assert all(each.reason for each in others)
    assert len(others) <= 0.1 * SAMPLE, others


def test_the_time_is_that_of_a_few_forwards() -> None:
    """At most three times what torch takes to run the module on the meta device, in the middle of some."""
    judged("torchvision:resnet18")  # tables are filled
    found = [judged(name) for name in ("resnet50", "mobilenetv3_large_100", "vit_tiny_patch16_224", "densenet121")]
    times = sorted(each.seconds / each.forward for each in found)
    assert times[len(times) // 2] <= 3


@pytest.mark.parametrize("name", [*(f"torchvision:{name}" for name in EXPORTED), *EXPORTED_OF_TIMM])
def test_an_exported_program_is_the_live_module(name: str, tmp_path: Any) -> None:
    """Read without PyTorch, it has the same parameters, multiply-accumulates and layers of weights, by their names."""
    _, module, sizes = named(name)
    live = vggcalc.from_torch(module, (1, *sizes)).analyse()
    path = tmp_path / "net.pt2"
    program = torch.export.export(module, (torch.empty(5, *sizes, device="meta"),), strict=False)
    torch.export.save(program, path)
    read = vggcalc.load(path).analyse()
    heads = sum(row.params for row in live.rows if not row.works)
    assert (read.totals.params, read.totals.macs) == (live.totals.params - heads, live.totals.macs)
    kernels = [
        {(row.name, row.output, row.params, row.macs) for row in report.rows if row.role == "conv" and row.works}
        for report in (live, read)
    ]
    assert kernels[0] == kernels[1]
