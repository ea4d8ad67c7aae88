"""Keras's networks from their configuration alone, against Keras itself on torch's meta device."""

from __future__ import annotations

import inspect
import os
from math import prod
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
import pytest
import torch
from keras.src.applications.nasnet import NASNet
from torch.utils.flop_counter import FlopCounterMode

import vggcalc

APPLICATIONS = sorted(
    name for name, found in inspect.getmembers(keras.applications, inspect.isfunction) if name[0].isupper()
)
SETTINGS: dict[str, dict[str, Any]] = {
    name: {"input_shape": (224, 224, 3)} for name in APPLICATIONS if name.startswith("MobileNetV3")
}
"""These two leave open how large their input is."""


def outputs(model: Any) -> dict[str, tuple[int, ...]]:
    """Every layer by its name, and the sizes of its output without the batch."""
    return {layer.name: tuple(layer.output.shape[1:]) for layer in model.layers}


def macs(model: Any) -> int:
    """What torch counts in one forward on the meta device, which makes no numbers."""
    images = [torch.empty(1, *each.shape[1:], device="meta") for each in model.inputs]
    with keras.device("meta"), FlopCounterMode(display=False) as counter:
        model(images if len(images) > 1 else images[0])
    return int(counter.get_total_flops()) // 2


def count(variables: Any) -> int:
    """How many numbers variables hold."""
    return sum(prod(variable.shape) for variable in variables)


def check(model: Any, path: Path) -> vggcalc.Report:
    """Parameters, trained and not, and what every layer writes, are those of the model."""
    path.write_text(model.to_json())
    report = vggcalc.load(str(path)).analyse()
    assert (report.totals.params, report.totals.buffers) == (
        count(model.trainable_weights),
        count(model.non_trainable_weights),
    )
    for name, sizes in outputs(model).items():
        rows = [row for row in report.rows if row.name == name or row.name.startswith(f"{name}.")]
        assert rows, name
        *spatial, channels = rows[-1].output.hwc
        own = [n for n in spatial if n != 1], channels
        assert own == ([n for n in sizes[:-1] if n != 1], sizes[-1]), name
    return report


def test_there_are_forty() -> None:
    """None is left out because its name is written otherwise."""
    assert len(APPLICATIONS) == 40


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications(name: str, tmp_path: Path) -> None:
    """Parameters, outputs of every layer and multiply-accumulates of each of Keras's own networks."""
    with keras.device("meta"):
        if name == "NASNetMobile":  # refused with torch; this is what the function calls with any other backend
            model = NASNet(
                (224, 224, 3),
                penultimate_filters=1056,
                num_blocks=4,
                stem_block_filters=32,
                skip_reduction=False,
                filter_multiplier=2,
                weights=None,
                default_size=224,
            )
        else:
            model = getattr(keras.applications, name)(weights=None, **SETTINGS.get(name, {}))
    assert check(model, tmp_path / "net.json").totals.macs == macs(model)
