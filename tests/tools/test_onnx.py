"""ONNX files of PyTorch's two exporters, held against the modules that they were made of.

FlopCounterMode counts two for a multiply-accumulate, of convolutions and products of matrices alone.
"""

from __future__ import annotations

import copy
import os
import random
import re
import warnings
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from torch_models import CONVOLUTIONAL, TRANSFORMERS, timm, torchvision

import vggcalc

SEED = 20
SAMPLE = 6
"""So many of torchvision's networks and of timm's, drawn with the seed."""

SMALL = [name for name in CONVOLUTIONAL if not name.startswith(("vgg", "wide_resnet", "regnet_y_128gf"))]
"""Files of more than half a gigabyte take minutes to write."""

TIMM = [
    "beit_base_patch16_224", "cait_xxs24_224", "coat_lite_tiny", "convnext_atto", "convnextv2_atto", "cspdarknet53",
    "darknet53", "davit_tiny", "deit_tiny_patch16_224", "dla34", "dpn48b", "eca_resnet33ts", "efficientformer_l1",
    "efficientnetv2_rw_t", "ese_vovnet19b_dw", "fastvit_t8", "focalnet_tiny_srf", "gcresnet33ts", "ghostnet_100",
    "ghostnetv2_100", "gmlp_ti16_224", "hardcorenas_a", "hgnetv2_b0", "hrnet_w18_small", "inception_next_atto",
    "lcnet_050", "legacy_xception", "maxvit_tiny_rw_224", "mixer_s32_224", "mobilenetv4_conv_small", "mobileone_s0",
    "mobilevit_xxs", "pit_ti_224", "poolformer_s12", "pvt_v2_b0", "rdnet_tiny", "regnetz_005", "repghostnet_050",
    "repvgg_a0", "res2net50_14w_8s", "resmlp_12_224", "resnest14d", "rexnet_100", "selecsls42", "seresnet18",
    "skresnet18", "starnet_s1", "swin_tiny_patch4_window7_224", "tf_efficientnet_lite0", "tinynet_e", "tresnet_m",
    "visformer_tiny", "vit_tiny_patch16_224",
]  # fmt: skip
"""A network each of families of their own."""

UNWRITTEN = {("timm/maxvit_tiny_rw_224", True), ("timm/beit_base_patch16_224", True)}
"""What the newer exporter refuses to write."""

SEGMENTING = [f"segmentation/{name}" for name in torchvision.models.list_models(module=torchvision.models.segmentation)]

ALL = [*SMALL, *TRANSFORMERS, *SEGMENTING, *(f"timm/{name}" for name in TIMM)]
"""All of them are held with VGGCALC_ONNX=all, which takes an hour; else a sample."""

SAMPLED = ALL if os.environ.get("VGGCALC_ONNX") == "all" else (
    random.Random(SEED).sample(SMALL, SAMPLE)
    + random.Random(SEED).sample(SEGMENTING, 1)
    + random.Random(SEED).sample([f"timm/{name}" for name in TIMM], SAMPLE)
)  # fmt: skip


def built(name: str) -> tuple[Any, tuple[int, int, int]]:
    """A module with weights, none of them 0, which the newer exporter would leave out; and the size of its image."""
    torch.manual_seed(SEED)
    module, size = _made(name)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-0.1, 0.1)
    return module.eval(), size


def _made(name: str) -> tuple[Any, tuple[int, int, int]]:
    if name.startswith("timm/"):
        module = timm.create_model(name.removeprefix("timm/"), pretrained=False)
        return module, module.default_cfg["input_size"]
    if name.startswith("segmentation/"):
        name = name.removeprefix("segmentation/")
        aux = {} if name.startswith("lraspp") else {"aux_loss": False}
        return torchvision.models.get_model(name, weights=None, weights_backbone=None, **aux), (3, 224, 224)
    options = {"init_weights": False, "aux_logits": False} if name in ("googlenet", "inception_v3") else {}
    size = 299 if name == "inception_v3" else 224
    return torchvision.models.get_model(name, weights=None, **options), (3, size, size)


def counted(module: Any, size: tuple[int, int, int]) -> tuple[int, int]:
    """Parameters and multiply-accumulates, as torch has them."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        copy.deepcopy(module).requires_grad_(False).to("meta")(torch.empty(1, *size, device="meta"))
    return sum(parameter.numel() for parameter in module.parameters()), counter.get_total_flops() // 2


def normalised(module: Any) -> int:
    """Channels of all batch normalisation."""
    return sum(each.num_features for each in module.modules() if isinstance(each, torch.nn.BatchNorm2d))


def exported(module: Any, size: tuple[int, int, int], path: Path, dynamo: bool, **options: Any) -> vggcalc.Report:
    """The figures of the file that an exporter writes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.zeros(1, *size),), str(path), dynamo=dynamo, **options)
    return vggcalc.load(str(path)).analyse()


def more_than_held(report: vggcalc.Report) -> int:
    """By how much more numbers expanded tables have than they hold, as the note says it."""
    found = re.search(r"they hold ([\d,]+) numbers, and ([\d,]+) are counted", " ".join(report.network.notes))
    held, counted = (int(each.replace(",", "")) for each in found.groups()) if found else (0, 0)
    return counted - held


@pytest.mark.parametrize("dynamo", [False, True], ids=["legacy", "dynamo"])
@pytest.mark.parametrize("name", SAMPLED)
def test_exported(tmp_path: Path, name: str, dynamo: bool) -> None:
    """Multiply-accumulates are torch's; parameters too, but for batch normalisation that was folded.

    Tables of biases that an exporter expanded are counted as the file has them, and a note says what they hold.
    """
    if (name, dynamo) in UNWRITTEN:
        with pytest.raises(Exception, match="ONNX"):
            exported(*built(name), tmp_path / "net.onnx", dynamo)
        return
    module, size = built(name)
    params, macs = counted(module, size)
    # places that a Gather reads must stand in the file itself
    report = exported(module, size, tmp_path / "net.onnx", dynamo, **({"external_data": False} if dynamo else {}))
    assert report.totals.macs == macs
    assert params - 2 * normalised(module) <= report.known.params - more_than_held(report) <= params
    onnx.checker.check_model(str(tmp_path / "net.onnx"))  # it is the format's own opinion that this is a file of it


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "densenet121", "shufflenet_v2_x0_5"])
def test_training(tmp_path: Path, name: str) -> None:
    """Nothing is folded: parameters are torch's."""
    module, size = built(name)
    params, macs = counted(module, size)
    settings = {"training": torch.onnx.TrainingMode.TRAINING, "do_constant_folding": False}
    report = exported(module, size, tmp_path / "net.onnx", False, **settings)
    assert (report.totals.params, report.totals.macs) == (params, macs)


@pytest.mark.parametrize("name", ["resnet18", "shufflenet_v2_x0_5", "vit_b_32"])
def test_open_batch(tmp_path: Path, name: str) -> None:
    """Chains of Shape and Gather are worked out."""
    module, size = built(name)
    settings = {"input_names": ["x"], "dynamic_axes": {"x": {0: "batch"}}}
    assert exported(module, size, tmp_path / "net.onnx", False, **settings).totals.macs == counted(module, size)[1]


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "vit_b_32"])
def test_without_weights(tmp_path: Path, name: str) -> None:
    """Weights are inputs of the graph, and none is lost."""
    module, size = built(name)
    params, macs = counted(module, size)
    report = exported(module, size, tmp_path / "net.onnx", False, export_params=False, do_constant_folding=False)
    assert report.totals.macs == macs
    assert params - 2 * normalised(module) <= report.known.params <= params


def test_weights_in_another_file(tmp_path: Path) -> None:
    """It may be there or not: the figures are the same."""
    module, size = built("resnet18")
    there = exported(module, size, tmp_path / "net.onnx", True, external_data=True)
    (tmp_path / "net.onnx.data").unlink()
    gone = vggcalc.load(str(tmp_path / "net.onnx")).analyse()
    assert there.totals == gone.totals
    assert "in another file" in " ".join(gone.network.notes)
