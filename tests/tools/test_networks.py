"""The bundled specs against the real networks: leaf module by leaf module, not totals only."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import prod
from pathlib import Path

import counters
import pytest
import timm
import torch
import torchvision
from seen import MODELS
from timm.utils.model import reparameterize_model
from torch_models import (
    BEYOND,
    CONVOLUTIONAL,
    TRANSFORMERS,
    VIDEO_TRANSFORMERS,
    Measured,
    measure,
    timm_model,
    torchvision_model,
)

import vggcalc
from vggcalc.conventions import count_memory
from vggcalc.language.index import names

TIMM = {
    "inception_v4": "inception_v4",
    "inception_resnet_v2": "inception_resnet_v2",
    "xception": "legacy_xception",
    "mobilenetv1_100": "mobilenetv1_100",
    "mobilenetv2_050": "mobilenetv2_050",
    "mobilenetv2_140": "mobilenetv2_140",
    "mobilenetv2_110d": "mobilenetv2_110d",
    "mnasnet_a1": "semnasnet_100",
    "efficientnetv2_b0": "tf_efficientnetv2_b0",
    "efficientnetv2_b3": "tf_efficientnetv2_b3",
    "resnet200": "resnet200",
    "resnext101_32x4d": "resnext101_32x4d",
    "timm/seresnet18": "seresnet18",
    "timm/seresnet50": "seresnet50",
    "timm/seresnet152": "seresnet152",
    "darknet53": "darknet53",
    "ghostnet_050": "ghostnet_050",
    "ghostnet_100": "ghostnet_100",
    "ghostnet_130": "ghostnet_130",
    "convnextv2_atto": "convnextv2_atto",
    "convnextv2_femto": "convnextv2_femto",
    "convnextv2_pico": "convnextv2_pico",
    "convnextv2_nano": "convnextv2_nano",
    "convnextv2_tiny": "convnextv2_tiny",
    "convnextv2_base": "convnextv2_base",
    "convnextv2_large": "convnextv2_large",
    "convnextv2_huge": "convnextv2_huge",
    "repvgg_a0": "repvgg_a0",
    "repvgg_a1": "repvgg_a1",
    "repvgg_a2": "repvgg_a2",
    "repvgg_b0": "repvgg_b0",
    "repvgg_b1": "repvgg_b1",
    "repvgg_b2": "repvgg_b2",
    "repvgg_b3": "repvgg_b3",
    "repvgg_b1g4": "repvgg_b1g4",
    "repvgg_b2g4": "repvgg_b2g4",
    "repvgg_b3g4": "repvgg_b3g4",
    "ecaresnet50d": "ecaresnet50d",
    "ecaresnet101d": "ecaresnet101d",
    "ecaresnet269d": "ecaresnet269d",
    "cspdarknet53": "cspdarknet53",
    "cspresnet50": "cspresnet50",
    "dla34": "dla34",
    "dm_nfnet_f0": "dm_nfnet_f0",
    "dm_nfnet_f1": "dm_nfnet_f1",
    "dm_nfnet_f2": "dm_nfnet_f2",
    "dm_nfnet_f3": "dm_nfnet_f3",
    "dm_nfnet_f4": "dm_nfnet_f4",
    "dm_nfnet_f5": "dm_nfnet_f5",
    "dm_nfnet_f6": "dm_nfnet_f6",
    "dla46_c": "dla46_c",
    "dla46x_c": "dla46x_c",
    "dla60x_c": "dla60x_c",
    "dla60": "dla60",
    "dla60x": "dla60x",
    "dla102": "dla102",
    "dla102x": "dla102x",
    "dla102x2": "dla102x2",
    "dla169": "dla169",
    "hrnet_w18_small": "hrnet_w18_small",
    "hrnet_w18_small_v2": "hrnet_w18_small_v2",
    "hrnet_w18": "hrnet_w18",
    "hrnet_w30": "hrnet_w30",
    "hrnet_w32": "hrnet_w32",
    "hrnet_w40": "hrnet_w40",
    "hrnet_w44": "hrnet_w44",
    "hrnet_w48": "hrnet_w48",
    "hrnet_w64": "hrnet_w64",
}
"""Networks that torchvision lacks, by their name here and in timm."""

RATES = {"dropout": "drop_rate", "stochasticdepth": "drop_path_rate"}
"""timm drops nothing unless it is told to."""

AUX = {"inception_v3"}
"""torchvision counts these with their auxiliary head, which runs in training alone."""

LARGER = 64


def check(report: vggcalc.Report, real: Measured) -> None:
    """Every layer with parameters has the same parameters and output as the real one, in order; so have the totals."""
    rows = [(row.params, _squeezed(row.output.chw)) for row in report.rows if row.params]
    theirs = [(leaf.params, _squeezed(leaf.output)) for leaf in real.leaves]
    for number, (own, leaf) in enumerate(zip(rows, theirs, strict=False)):
        assert own == leaf, (
            f"layer {number}: {[row.name for row in report.rows if row.params][number]} is not {real.leaves[number]}"
        )
    assert len(rows) == len(theirs)
    assert (report.totals.params, report.totals.macs) == (real.params, real.macs)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A vector is 1x1xC here and C or 1xC there; channels last (ConvNeXt's linear layers) is the same map."""
    return tuple(sorted(size for size in shape if size > 1))


def _asked(shape: vggcalc.Shape, more: int) -> tuple[str, tuple[int, int, int]]:
    height, width = (size + more for size in shape.spatial)
    return f"{height}x{width}x{shape.channels}", (shape.channels, height, width)


@pytest.mark.parametrize("more", [0, LARGER])
@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_torchvision(name: str, more: int) -> None:
    """torchvision/NAME is torchvision's network, at its own input and at a larger one."""
    model = vggcalc.load(f"torchvision/{name}")
    text, shape = _asked(model.network.input_shapes[0], more)
    real = measure(torchvision_model(name, aux=name in AUX), shape, train=name in AUX)
    check(model.analyse(input=text, training=name in AUX), real)


@pytest.mark.parametrize("name", BEYOND)
def test_beyond_classification(name: str) -> None:
    """torchvision/NAME is torchvision's network for segmentation or video, at its own size, buffers too."""
    model, module = vggcalc.load(f"torchvision/{name}"), torchvision_model(name)
    (shape,), report = model.network.input_shapes, model.analyse()
    check(report, measure(module, (shape.channels, *shape.spatial)))
    assert report.totals.buffers == sum(buffer.numel() for buffer in module.buffers())


@pytest.mark.parametrize("name", [name for name in BEYOND if name.startswith(("fcn_", "deeplabv3_"))])
def test_auxiliary_heads_of_segmentation(name: str) -> None:
    """The head that weights of segmentation networks have beside the other runs at inference too; at a larger size."""
    report = vggcalc.load(f"{name}-aux").analyse(input="584x584x3")
    check(report, measure(torchvision_model(name, aux=True), (3, 584, 584)))


def check_by_name(report: vggcalc.Report, real: Measured) -> None:
    """Every leaf module of a transformer has a layer of its name, parameters and values; totals are the same.

    What its attention holds itself, as tensors for function calls, is no leaf, and stands in the totals alone; so does
    the pooling of MViT's, for which heads are further images.
    """
    rows = {row.name: (row.params, row.output.elements) for row in report.rows}
    unnamed = Counter((row.params, row.output.elements) for row in report.rows if row.kind == "batchnorm")
    leaves = [leaf for leaf in real.leaves if not re.search("Attention|Encod(er|ing)$|^VisionTransformer$", leaf.kind)]
    leaves = [leaf for leaf in leaves if not re.search(r"\.attn\.pool_[qkv]\.pool$", leaf.name)]
    assert len(leaves) > 40
    for leaf in leaves:
        own = (leaf.params, prod(leaf.output))
        assert rows.get(leaf.name, own) == own, leaf
        assert leaf.name in rows or unnamed[own], leaf
    assert (report.totals.params, report.totals.macs) == (real.params, real.macs)


@pytest.mark.parametrize("name", [*TRANSFORMERS, *VIDEO_TRANSFORMERS])
def test_transformers(name: str) -> None:
    """torchvision/NAME is torchvision's transformer, buffers too; position embeddings fit one size alone."""
    model, module = vggcalc.load(f"torchvision/{name}"), torchvision_model(name)
    (shape,), report = model.network.input_shapes, model.analyse()
    check_by_name(report, measure(module, (shape.channels, *shape.spatial)))
    assert report.totals.buffers == sum(buffer.numel() for buffer in module.buffers())


@pytest.mark.parametrize("more", [0, LARGER])
@pytest.mark.parametrize("name", TIMM)
def test_timm(name: str, more: int) -> None:
    """The networks that timm has too are the same there."""
    model = vggcalc.load(name)
    text, shape = _asked(model.network.input_shapes[0], more)
    check(model.analyse(input=text), measure(timm_model(TIMM[name]), shape))


@pytest.mark.parametrize("name", [name for name in TIMM if name.startswith("repvgg_")])
def test_repvgg_deployed(name: str) -> None:
    """What timm makes of a trained RepVGG has the layers of the deployed one."""
    deployed = reparameterize_model(timm.create_model(name).eval()).to("meta")
    check(vggcalc.load(f"{name}-deploy").analyse(), measure(deployed, (3, 224, 224)))


@pytest.mark.parametrize("name", [name for name in TIMM if not name.startswith(("convnextv2_", "dm_nfnet_"))])
def test_saved_of_timm(name: str) -> None:
    """Autograd keeps of timm's networks what `saved` says, dropout and all, but for a softmax, which timm has not.

    Of ConvNeXt v2's response normalisation, a dozen functions, it says that it is unknown; of NFNet's factors in place,
    and of weights that are standardised anew, autograd keeps more.
    """
    report = vggcalc.load(name).analyse(batch=2)
    count = count_memory(report, "saved")
    softmax = sum(4 * 2 * row.output.elements for row in report.rows if row.kind == "softmax")
    rates = {kind: row.layer.fields["p"] for row in report.rows if (kind := row.kind) in RATES}
    module = timm_model(TIMM[name], **{RATES[kind]: rate for kind, rate in rates.items()})
    for tree in (each for each in module.modules() if getattr(each, "levels", 1) > 1 and not each.level_root):
        tree.downsample = torch.nn.Identity()  # DLA's deeper trees pool what nobody reads; autograd lets go of it
    (shape,) = report.network.input_shapes
    assert count.total_bytes == softmax + counters.saved(module, (2, shape.channels, *shape.spatial))[0]


def test_saved_in_64_bits() -> None:
    """Statistics of batch normalisation have 64 bits too."""
    ((name, batch, dtype, bytes_kept),) = [each for each in MODELS if each[2] == "float64"]
    module = torchvision_model(name.removeprefix("torchvision/")).double()
    images = torch.empty(batch, 3, 224, 224, dtype=getattr(torch, dtype), device="meta")
    assert counters.kept(module, [images])[0] == bytes_kept


def test_every_model_is_there() -> None:
    """No classification model of torchvision is missing, and the lists are not empty."""
    assert len(CONVOLUTIONAL) > 60
    assert len(TRANSFORMERS) == 12
    assert {f"torchvision/{name}" for name in CONVOLUTIONAL + TRANSFORMERS} <= set(names())
    listed = json.loads((Path(__file__).parents[1] / "published" / "torchvision_models.json").read_text("utf-8"))
    models = torchvision.models
    modules = {"classification": models, "segmentation": models.segmentation, "video": models.video}
    assert {key: models.list_models(module=module) for key, module in modules.items()} == {
        key: names for key, names in listed.items() if key != "source"
    }


def test_a_wrong_spec_is_seen() -> None:
    """The comparison fails where a network differs: VGG-13 is not VGG-16."""
    with pytest.raises(AssertionError):
        check(vggcalc.load("vgg13").analyse(), measure(torchvision_model("vgg16"), (3, 224, 224)))
