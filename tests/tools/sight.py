"""Which pixels each unit of a random network sees, by the gradients of a network in which all weights are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_layers import KINDS, Fields, Function, Space, sums_of_windows
from twins import MERGES, Twin

Pixels = tuple[Space, Space]
"""The first and the last in each axis."""


class Sight:
    """A network in which a pixel has weight in each unit that sees it through windows, and in no other.

    What normalises hands on, at each position, the channels that it looks at; statistics of a map are not followed. A
    vector sees all of its map.
    """

    def __init__(self, twin: Twin) -> None:
        self._inputs = [
            torch.ones(1, channels, *space, dtype=torch.float64, requires_grad=True) for channels, space in twin.inputs
        ]
        self._maps: list[Tensor] = [*self._inputs]
        for step in twin.steps:
            read = [self._maps[source] for source in step.sources]
            layer = _layer(step.kind, step.fields, read)
            for weight in layer.parameters():
                weight.data = torch.ones_like(weight, dtype=torch.float64)
            self._maps.append(layer(*read))

    def pixels(self, place: int, unit: Space) -> list[Pixels | None]:
        """For each input, the pixels that have weight in any channel of a unit; None where none has."""
        value = self._maps[place][(0, slice(None), *unit)].sum()
        weights = torch.autograd.grad(value, self._inputs, retain_graph=True, allow_unused=True)
        found: list[Pixels | None] = []
        for weight in weights:
            axes = [] if weight is None else list(zip(*weight[0].sum(0).nonzero().tolist(), strict=True))
            found.append((tuple(map(min, axes)), tuple(map(max, axes))) if axes else None)
        return found


def _layer(kind: str, fields: Fields, read: list[Tensor]) -> nn.Module:
    x = read[0]
    if kind in ("conv", "dwconv", "convtranspose"):
        return KINDS[kind]({**fields, "bias": False}, *read)
    if kind in ("maxpool", "avgpool", "subsample"):
        return sums_of_windows(fields, *read)
    if kind in _WHOLE:
        return _WHOLE[kind](fields, x)
    if kind in _CHANNELS:
        return _CHANNELS[kind](fields, x)
    if kind in _AS_THEY_ARE:
        return KINDS[kind](fields, *read)
    return KINDS["add" if kind in MERGES else "identity"]({}, *read)


_AS_THEY_ARE = ("pad", "crop", "upsample", "slice", "padchannels", "channelshuffle", "concat")


def _everything(size: Callable[[Fields, Tensor], int]) -> Callable[[Fields, Tensor], nn.Module]:
    """So many channels, each of which sees all."""

    def layer(fields: Fields, x: Tensor) -> nn.Module:
        channels, ones = size(fields, x), (1,) * (x.dim() - 2)
        return Function(lambda x: x.sum().expand(1, channels, *ones))

    return layer


def _means(fields: Fields, x: Tensor) -> nn.Module:
    return KINDS["globalavgpool"]({}, x)


_WHOLE: dict[str, Callable[[Fields, Tensor], nn.Module]] = {
    "adaptivemaxpool": lambda fields, x: KINDS["adaptiveavgpool"](fields, x),
    "adaptiveavgpool": lambda fields, x: KINDS["adaptiveavgpool"](fields, x),
    "globalmaxpool": _means,
    "globalavgpool": _means,
    "flatten": _everything(lambda fields, x: x.numel()),
    "fc": _everything(lambda fields, x: int(fields["out_features"])),
    "rbf": _everything(lambda fields, x: int(fields["out_features"])),
}


def _all_channels(fields: Fields, x: Tensor) -> nn.Module:
    return Function(lambda x: x.sum(1, keepdim=True).expand_as(x))


def _groups(fields: Fields, x: Tensor) -> nn.Module:
    groups = fields["num_groups"]
    return Function(lambda x: x.unflatten(1, (groups, -1)).sum(2, keepdim=True).expand(_split(x, groups)).flatten(1, 2))


def _split(x: Tensor, groups: int) -> Any:
    return x.unflatten(1, (groups, -1)).shape


def _neighbours(fields: Fields, x: Tensor) -> nn.Module:
    size = fields.get("size", 5)
    sides = [0, 0] * (x.dim() - 2) + [size // 2, (size - 1) // 2]
    return Function(lambda x: functional.pad(x, sides).unfold(1, size, 1).sum(-1))


_CHANNELS: dict[str, Callable[[Fields, Tensor], nn.Module]] = {
    "softmax": _all_channels,
    "layernorm": _all_channels,
    "l2norm": _all_channels,
    "groupnorm": _groups,
    "lrn": _neighbours,
}
"""At each position, what a channel is made of."""
