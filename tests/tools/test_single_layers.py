"""Conventions against the tools whose names they bear, one layer of each kind at a time, on one to three axes."""

from __future__ import annotations

import json
from collections.abc import Callable

import counters
import pytest
import texts
from seen import COUNTED, Counted
from torch import Tensor, nn
from twins import Twin

import vggcalc
from vggcalc.conventions import count_memory, count_operations

Ask = Callable[[nn.Module, counters.Shape], int]

TOOLS: dict[str, Ask] = {
    "torch": counters.torch_flops,
    "fvcore": counters.fvcore_flops,
    "ptflops": counters.ptflops,
    "ptflops-aten": counters.ptflops_aten,
    "thop": counters.thop,
    "torchinfo": counters.torchinfo_mult_adds,
    "calflops": lambda model, shape: counters.calflops(model, shape, "cpu")[0],
    "calflops-macs": lambda model, shape: counters.calflops(model, shape, "cpu")[1],
}
MEMORY: dict[str, Ask] = {
    "torchinfo": counters.torchinfo_bytes,
    "torchsummary": lambda model, shape: 8 * counters.torchsummary_values(model, shape),
    "fvcore": counters.fvcore_activations,
}
ALL = [*(("operations", name) for name in TOOLS), *(("memory", name) for name in MEMORY)]

LAYERS: tuple[tuple[str, dict[str, object]], ...] = (
    ("conv", {"kernel_size": 3, "out_channels": 6}),
    ("conv", {"kernel_size": 3, "out_channels": 6, "padding": 1, "stride": 2, "bias": False}),
    ("conv", {"kernel_size": 3, "out_channels": 6, "groups": 2}),
    ("dwconv", {"kernel_size": 3}),
    ("convtranspose", {"kernel_size": 2, "stride": 2, "out_channels": 6}),
    ("convtranspose", {"kernel_size": 2, "stride": 2, "out_channels": 6, "bias": False}),
    ("batchnorm", {}),
    ("batchnorm", {"affine": False}),
    ("batchnorm", {"track_running_stats": False}),
    ("batchnorm", {"affine": False, "track_running_stats": False}),
    ("groupnorm", {"num_groups": 2}),
    ("groupnorm", {"num_groups": 2, "affine": False}),
    ("layernorm", {"normalized_shape": "all"}),
    ("layernorm", {"normalized_shape": "all", "bias": False}),
    ("layernorm", {"normalized_shape": "all", "elementwise_affine": False}),
    ("lrn", {}),
    ("relu", {}),
    ("relu6", {}),
    ("leakyrelu", {}),
    ("elu", {}),
    ("hardsigmoid", {}),
    ("hardswish", {}),
    ("silu", {}),
    ("mish", {}),
    ("prelu", {}),
    ("prelu", {"num_parameters": "channels"}),
    ("gelu", {}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softmax", {}),
    ("dropout", {}),
    ("identity", {}),
    ("maxpool", {"kernel_size": 2}),
    ("avgpool", {"kernel_size": 3, "stride": 2}),
    ("adaptivemaxpool", {"output_size": 3}),
    ("adaptiveavgpool", {"output_size": 3}),
    ("adaptiveavgpool", {"output_size": 1}),
    ("globalmaxpool", {}),
    ("globalavgpool", {}),
    ("flatten", {}),
    ("pad", {"padding": 1}),
    ("upsample", {"scale_factor": 2}),
    ("upsample", {"scale_factor": 2, "mode": "bilinear"}),
    ("upsample", {"size": 7}),
    ("channelshuffle", {"groups": 2}),
    ("wsconv", {"kernel_size": 3, "out_channels": 6}),
    ("wsconv", {"kernel_size": 3, "out_channels": 6, "gain": False, "bias": False}),
    ("blurpool", {}),
    ("instancenorm", {}),
    ("instancenorm", {"affine": True}),
    ("softplus", {}),
    ("softsign", {}),
    ("selu", {}),
    ("celu", {}),
    ("hardtanh", {}),
    ("threshold", {}),
    ("softshrink", {}),
    ("hardshrink", {}),
    ("tanhshrink", {}),
    ("logsigmoid", {}),
    ("mish", {}),
    ("glu", {}),
    ("upsample", {"scale_factor": 2, "mode": "bilinear", "align_corners": True}),
)
"""Kinds that PyTorch has a module for, in all forms that some tool tells apart."""


class Named(nn.Module):
    """A module whose input has a name, as ptflops wants it."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*module.children())

    def forward(self, x: Tensor) -> Tensor:
        """The layers one after the other; torchsummary and torchinfo do not count these as a module of their own."""
        return self.layers(x)  # type: ignore[no-any-return]


def _asked(report: vggcalc.Report) -> tuple[nn.Module, counters.Shape]:
    (shape,) = report.network.input_shapes
    return Named(Twin.of(report).module()), (report.batch, shape.channels, *shape.spatial)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(("of", "tool"), ALL, ids=[f"{of}-{tool}" for of, tool in ALL])
def test_layers(of: str, tool: str, axes: int) -> None:
    """What a tool answers for a layer behind a convolution is what the convention of its name counts, or is unknown."""
    for batch in (1, 2):
        for kind, fields in LAYERS:
            layers = [{"conv": {"kernel_size": 1, "out_channels": 4, "name": "base"}}, {kind: fields}]
            spec = json.dumps({"family": "t", "input": "x".join(map(str, (6,) * axes)) + "x4", "layers": layers})
            report = texts.model(spec).analyse(batch=batch)
            count = (count_operations if of == "operations" else count_memory)(report, tool)
            own = count.total_bytes if of == "memory" and tool != "fvcore" else count.total
            asked = _asked(report)
            theirs = (TOOLS if of == "operations" else MEMORY)[tool](*asked)
            assert own == theirs or count.unknown == ("convtranspose",), f"{kind} {fields} on {asked[1]}"


@pytest.mark.parametrize("seen", COUNTED, ids=lambda seen: f"{seen.tool}-{seen.layer}-{seen.size}")
def test_layers_as_written_down(seen: Counted) -> None:
    """The tools answer what is written down, so that both sides cannot drift together."""
    asked = _asked(texts.model(seen.spec).analyse(batch=seen.batch))
    assert {**MEMORY, **TOOLS}[seen.tool](*asked) == seen.answer
