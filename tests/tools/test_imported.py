"""Conventions on live modules of timm, of families that are not bundled, against the tools whose names they bear.

What a network's modules do not tell is unknown; a count that is there is the tool's, to the unit.
"""

from __future__ import annotations

import copy
import os
import random
from functools import lru_cache
from typing import Any

import counters
import pytest
import torch
from test_counters import TOOLS
from torch_models import timm_model

import vggcalc

SEED = 20
SAMPLE = 12
"""So many of the networks are drawn with the seed; VGGCALC_IMPORTED=all takes every one."""

FAMILIES = [
    "botnet26t_256", "caformer_s18", "cait_xxs24_224", "coat_lite_tiny", "convformer_s18", "convit_tiny",
    "convmixer_768_32", "convnext_atto", "crossvit_9_240", "cs3darknet_m", "darknetaa53", "davit_tiny",
    "eca_resnet33ts", "ecaresnet26t", "edgenext_xx_small", "efficientnet_blur_b0", "ese_vovnet39b",
    "resnetv2_50d_evos", "visformer_tiny", "cspresnet50", "repvgg_a0", "legacy_seresnet18",
    "focalnet_tiny_srf", "nf_resnet26", "pnasnet5large", "swiftformer_xs",
    "tresnet_m",
    "deit_tiny_distilled_patch16_224", "dm_nfnet_f0", "dpn48b",
    "efficientformer_l1", "ese_vovnet19b_dw", "eva02_tiny_patch14_224", "fastvit_t8", "fbnetc_100", "fbnetv3_b",
    "gcresnet33ts", "gcresnext26ts", "gernet_s", "ghostnetv2_100", "gmlp_s16_224", "hardcorenas_a", "hgnetv2_b0",
    "hrnet_w18_small", "inception_next_atto", "lcnet_050", "legacy_seresnext26_32x4d", "mambaout_femto",
    "mixer_s32_224", "mixnet_s", "mobilenetv4_conv_small", "mobileone_s0", "mobilevit_xxs", "mobilevitv2_050",
    "nf_regnet_b0", "pit_ti_224", "poolformer_s12", "pvt_v2_b0", "rdnet_tiny", "regnetv_040", "regnetz_005",
    "repghostnet_050", "repvit_m0_9", "res2net50_14w_8s", "resmlp_12_224", "resnest14d", "resnetaa34d",
    "resnetblur18", "resnetrs50", "resnetv2_18", "resnext26ts", "rexnet_100", "rexnetr_200", "selecsls42",
    "seresnet33ts", "seresnextaa101d_32x8d", "skresnet18", "spnasnet_100", "starnet_s1",
    "tf_efficientnet_lite0", "tinynet_e", "tiny_vit_5m_224", "twins_svt_small",
    "vovnet39a", "xception41",
]  # fmt: skip
"""Of each family its smallest, or one of its smallest."""

CHOSEN = FAMILIES if os.environ.get("VGGCALC_IMPORTED") == "all" else random.Random(SEED).sample(FAMILIES, SAMPLE)

LARGE = 7e9
"""Multiply-accumulates of a network that takes a tool too long which must run it."""


@lru_cache(maxsize=1)
def imported(name: str) -> tuple[torch.nn.Module, vggcalc.Report, tuple[int, ...]]:
    """A module, its figures by vggcalc, and the sizes of its input."""
    model = timm_model(name)
    size = tuple(model.default_cfg["input_size"])
    return model, vggcalc.from_torch(copy.deepcopy(model), (1, *size)).analyse(), (1, *size)


def refused(tool: str, model: torch.nn.Module, sizes: tuple[int, ...]) -> Any:
    """What a tool answers; None where it fails, as some do that cannot trace a table of positions."""
    try:
        return TOOLS[tool].ask(model, sizes)
    except (AssertionError, AttributeError, IndexError, RuntimeError, TypeError, ValueError):
        return None


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if not tool.startswith("live")])
@pytest.mark.parametrize("name", CHOSEN)
def test_counted_as_the_tool_does(name: str, tool: str) -> None:
    """What is known is right."""
    model, report, sizes = imported(name)
    ours = TOOLS[tool].count(report)
    if ours is None or (not TOOLS[tool].on_meta and (report.totals.macs or 0) > LARGE):
        assert tool not in ("torch", "ptflops-aten", "torchvision"), "those look at operators, which are all known"
        return
    theirs = refused(tool, model, sizes)
    if theirs != ours and tool.startswith("calflops"):  # on meta some functions are made of others, which it counts too
        theirs = counters.calflops(model, sizes, "cpu")[tool == "calflops-macs"]
    assert theirs in (ours, None)


def test_most_are_known() -> None:
    """Of a sample: operators of all, saved bytes of two in three, modules of most."""
    known = dict.fromkeys(TOOLS, 0)
    for name in CHOSEN:
        _, report, _ = imported(name)
        for tool in TOOLS:
            known[tool] += TOOLS[tool].count(report) is not None
    assert known["torch"] == known["ptflops-aten"] == len(CHOSEN)
    assert known["fvcore"] >= len(CHOSEN) - 1
    assert min(known["thop"], known["torchsummary"], known["saved"], known["ptflops"], known["torchinfo"]) > 0


def test_a_wrong_count_is_seen() -> None:
    """The comparison fails where a tool is held against another one's rule."""
    model, report, sizes = imported("dpn48b")
    assert TOOLS["thop"].count(report) != counters.fvcore_flops(model, sizes)
