"""The rows of kinds that few networks need against PyTorch's layers: shapes, parameters, buffers, FLOPs."""

from __future__ import annotations

import pytest
import torch
from seldom import SELDOM
from torch.utils.flop_counter import FlopCounterMode
from torch_layers import KINDS, RefusedError

from vggcalc.layers import Layer
from vggcalc.shape import parse_shape

ABSENT = ("boxes", "roipool", "roialign")
"""What torchvision has beside a list of boxes for each image, and no layer of PyTorch is."""


@pytest.mark.parametrize(
    "row", [row for row in SELDOM if row[1].kind not in ABSENT], ids=lambda row: f"{row[1]} {row[0]}"
)
def test_row(row: tuple[str, Layer, str, int, int, int, int]) -> None:
    """PyTorch's layer makes a map of this shape, holds as much, and does two FLOPs a multiply-accumulate."""
    text, layer, output, weights, biases, buffers, macs = row
    fields = {
        name: value for name, value in layer.fields.items() if value is not None and layer.defaults.get(name) != value
    }
    shapes, made = [parse_shape(each) for each in text.split()], parse_shape(output)
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        maps = [torch.ones(2, shape.channels, *shape.spatial) for shape in shapes]
        try:
            module = KINDS[layer.kind](fields, *maps)
        except RefusedError:
            assert fields.get("bias_vectors") == 1  # Keras's and Caffe's
            return
        found = module.eval()(*maps)
    assert tuple(found.shape) == (2, made.channels, *made.spatial)
    assert sum(each.numel() for each in module.parameters()) == weights + biases
    assert sum(each.numel() for each in module.buffers()) == buffers
    assert counter.get_total_flops() == 2 * 2 * macs
