"""Random networks, built at once as a spec and as a PyTorch module: every figure of the one is that of the other.

Which are drawn, conftest.py says and prints; a seed that fails is drawn again alone with VGGCALC_TRIALS=1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import counters
import pytest
import texts
import torch
from seen import REFUSED, SAVED, Seen
from seldom import SELDOM
from sight import Sight
from torch import fx
from torch.utils.flop_counter import FlopCounterMode
from torch_layers import Fields, RefusedError
from twins import DTYPES, KINDS, Twin, draw

import vggcalc
from vggcalc.analysis.pixels import seen_by
from vggcalc.conventions import count_memory
from vggcalc.layers import REGISTRY
from vggcalc.memory.live import live
from vggcalc.units import n_bytes

TRIALS, SEED = int(os.environ["VGGCALC_TRIALS"]), int(os.environ["VGGCALC_SEED"])
PART = 100
UNITS = 3
"""Of so many units of a network the pixels are compared."""


@pytest.mark.parametrize("first", range(SEED, SEED + TRIALS, PART))
def test_trial(first: int) -> None:
    """What PyTorch answers for random networks: shapes, parameters, buffers, MACs, bytes kept, values alive, pixels."""
    for seed in range(first, min(first + PART, SEED + TRIALS)):
        twin = draw(seed)
        report, module = _report(twin), twin.module()
        for what, own, theirs in (*_figures(report, twin, module), *_pixels(report, twin, seed)):
            assert own == theirs, f"{what} of VGGCALC_SEED={seed}: {twin.spec}, batch {twin.batch}, {twin.dtype}"


def _report(twin: Twin) -> vggcalc.Report:
    return texts.model(twin.spec).analyse(batch=twin.batch, dtype=twin.dtype, training=True)


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


ALONE = {row[1].kind for row in SELDOM} - {
    "add",
    "multiply",
    "subtract",
    "concat",
    "crop",
    "upsample",
    "scale",
    "softmax",
}
"""Kinds that test_seldom.py compares one by one; of those, what is drawn here is more."""


def test_enough_is_tried() -> None:
    """Networks of several layers, of every kind but those that stand alone, and in every number format."""
    twins = [draw(seed) for seed in range(500)]
    assert {step.kind for twin in twins for step in twin.steps} == set(KINDS)
    assert set(KINDS) | ALONE == set(REGISTRY) - {"input", "convmap", "unknown"}
    assert {twin.dtype for twin in twins} == set(DTYPES)
    assert sum(len(twin.steps) for twin in twins) > 5 * len(twins)


@pytest.mark.parametrize(
    ("kind", "what", "changed"),
    [
        ("conv", "params", {"bias": False}),
        ("batchnorm", "buffers", {"track_running_stats": False}),
        ("leakyrelu", "saved", {"inplace": True}),
        ("add", "live", {"inplace": True}),
        ("upsample", "pixels", {"mode": "bilinear"}),
    ],
)
def test_a_difference_is_seen(kind: str, what: str, changed: Fields) -> None:
    """Where one side has a layer with another field, a trial fails before long, in the figure that this changes."""
    for seed in range(200):
        twin = draw(seed)
        others = [step._replace(fields={**step.fields, **changed}) for step in twin.steps]
        steps = [step if step.kind != kind else other for step, other in zip(twin.steps, others, strict=True)]
        module = twin._replace(steps=tuple(steps))
        try:
            found = [*_figures(_report(twin), module, module.module()), *_pixels(_report(twin), module, seed)]
        except (RuntimeError, ValueError, RefusedError):
            continue
        if any(name.split()[0] == what and own != theirs for name, own, theirs in found):
            return
    raise AssertionError(f"no trial saw that {kind} has {changed}")


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
