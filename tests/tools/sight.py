"""Which pixels each unit of a random network sees, by the gradients of a network of one channel."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_layers import KINDS, Fields, Space, sums_of_windows
from twins import MERGES, Twin

Pixels = tuple[Space, Space]
"""The first and the last in each axis."""


class Sight:
    """A network in which a pixel has weight in each unit that sees it, and in no other.

    It has one channel; windows have weights of one; what looks at one position, or at statistics of a map, hands on
    what it reads.
    """

    def __init__(self, twin: Twin) -> None:
        self._inputs = [torch.ones(1, 1, *space, dtype=torch.float64, requires_grad=True) for _, space in twin.inputs]
        self._maps: list[Tensor] = [*self._inputs]
        for step in twin.steps:
            read = [self._maps[source] for source in step.sources]
            layer = _layer(step.kind, step.fields, read)
            for weight in layer.parameters():
                weight.data = torch.ones_like(weight, dtype=torch.float64)
            self._maps.append(layer(*read))

    def pixels(self, place: int, unit: Space) -> list[Pixels | None]:
        """For each input, the pixels that have weight in a unit; None where none has."""
        value = self._maps[place][(0, 0, *unit)]
        weights = torch.autograd.grad(value, self._inputs, retain_graph=True, allow_unused=True)
        found: list[Pixels | None] = []
        for weight in weights:
            axes = [] if weight is None else list(zip(*weight[0, 0].nonzero().tolist(), strict=True))
            found.append((tuple(map(min, axes)), tuple(map(max, axes))) if axes else None)
        return found


def _layer(kind: str, fields: Fields, read: list[Tensor]) -> nn.Module:
    own = {name: value for name, value in fields.items() if name not in ("groups", "depth_multiplier")}
    one = {**own, "out_channels": 1, "bias": False}
    if kind in ("conv", "dwconv"):
        return KINDS["conv"](one, *read)
    if kind == "convtranspose":
        return KINDS[kind](one, *read)
    if kind in ("maxpool", "avgpool", "subsample"):
        return sums_of_windows(fields, *read)
    if kind in ("adaptivemaxpool", "adaptiveavgpool"):
        return KINDS["adaptiveavgpool"](fields, *read)
    if kind in ("fc", "rbf", "flatten", "globalmaxpool", "globalavgpool"):
        return KINDS["globalavgpool"]({}, *read)
    if kind in ("pad", "crop", "upsample"):
        return KINDS[kind](fields, *read)
    return KINDS["add" if kind in MERGES else "identity"]({}, *read)
