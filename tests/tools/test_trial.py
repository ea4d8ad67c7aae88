"""Random networks, built at once as a spec and as a PyTorch module: every figure of the one is that of the other.

VGGCALC_TRIALS=N draws so many, VGGCALC_SEED=N begins with this one; both are printed. A seed that fails is drawn again
with VGGCALC_TRIALS=1.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from random import Random

import counters
import pytest
import texts
import torch
from seen import REFUSED, SAVED, Seen
from sight import Sight
from torch import fx
from torch.utils.flop_counter import FlopCounterMode
from twins import Twin, draw

import vggcalc
from vggcalc.analysis.pixels import seen_by
from vggcalc.conventions import count_memory
from vggcalc.memory.live import live
from vggcalc.units import n_bytes

TRIALS = int(os.environ.get("VGGCALC_TRIALS", "2000"))
SEED = int(os.environ.get("VGGCALC_SEED", "0")) or time.time_ns() // 10**9
PART = 100
UNITS = 3
"""Of so many units of a network the pixels are compared."""


@pytest.mark.parametrize("first", range(SEED, SEED + TRIALS, PART))
def test_trial(first: int) -> None:
    """What PyTorch answers for random networks: shapes, parameters, buffers, MACs, bytes kept, values alive, pixels."""
    for seed in range(first, min(first + PART, SEED + TRIALS)):
        twin = draw(seed)
        report = texts.model(twin.spec).analyse(batch=twin.batch, dtype=twin.dtype, training=True)
        module = twin.module()
        for what, own, theirs in (*_figures(report, twin, module), *_pixels(report, twin, seed)):
            assert own == theirs, f"{what} of VGGCALC_SEED={seed}: {twin.spec}, batch {twin.batch}, {twin.dtype}"


Figures = Iterator[tuple[str, object, object]]
"""What is compared, vggcalc's answer, and PyTorch's."""


def _figures(report: vggcalc.Report, twin: Twin, module: fx.GraphModule) -> Figures:
    rows = report.rows[len(twin.inputs) :]
    yield "shapes", [row.output.chw for row in rows], twin.built()[1]
    yield "params", report.totals.params, sum(parameter.numel() for parameter in module.parameters())
    yield "buffers", report.totals.buffers, sum(buffer.numel() for buffer in module.buffers())
    yield "saved", count_memory(report, "saved").total_bytes, counters.kept(module, twin.maps())[0]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module.eval()(*twin.maps())
    yield "flops", report.totals.flops, counter.get_total_flops()
    values = live(report).values[len(twin.inputs) :]
    yield "live", [n_bytes(number, twin.dtype) for number in values], counters.alive(module, twin.maps())


def _pixels(report: vggcalc.Report, twin: Twin, seed: int) -> Figures:
    sight, random = Sight(twin), Random(seed)
    for _ in range(UNITS):
        place = random.randrange(len(twin.inputs), len(report.rows))
        row = report.rows[place]
        unit = tuple(random.randrange(n) for n in row.output.spatial)
        boxes = seen_by(report, row, unit)
        own = [boxes[name].seen if name in boxes else None for name in report.network.input_names]
        yield f"pixels of {row.name} at {unit}", own, sight.pixels(place, unit)


def test_enough_is_tried() -> None:
    """Every kind of layer is drawn, and what is drawn is no network of a single layer."""
    twins = [draw(seed) for seed in range(SEED, SEED + 300)]
    assert sum(len(twin.steps) for twin in twins) > 5 * len(twins)
    print(f"VGGCALC_SEED={SEED} VGGCALC_TRIALS={TRIALS}")


@pytest.mark.parametrize("seen", SAVED, ids=lambda seen: seen.what)
def test_saved_as_written_down(seen: Seen) -> None:
    """The hooks see what is written down, so that both sides cannot drift together."""
    twin = Twin.of(texts.model(seen.spec).analyse(batch=seen.batch, dtype=seen.dtype, training=True))
    assert counters.kept(twin.module(), twin.maps())[0] == seen.kept


@pytest.mark.parametrize(("kernel_size", "padding", "dilation", "is_refused"), REFUSED)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_refused_padding(kernel_size: int, padding: int, dilation: int, is_refused: bool, axes: int) -> None:
    """PyTorch's poolings refuse the padding that is written down as refused, and no other."""
    images = torch.empty(1, 1, *(9,) * axes, device="meta")
    pools = [getattr(torch.nn, f"MaxPool{axes}d")(kernel_size, 1, padding, dilation)]
    if dilation == 1:
        pools.append(getattr(torch.nn, f"AvgPool{axes}d")(kernel_size, 1, padding))
    for pool in pools:
        if is_refused:
            with pytest.raises(RuntimeError, match=r"at most half|smaller than or equal to half"):
                pool(images)
        else:
            pool(images)
