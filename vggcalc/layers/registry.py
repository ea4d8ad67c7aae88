"""Kinds of layer by their word; a module of seldom ones is imported when one of its words is met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vggcalc.layers.base import Layer


class Kinds(MutableMapping[str, "type[Layer]"]):
    """A mapping of kinds by their word.

    later: modules of this package that are imported only when somebody asks for one of their words, or for all kinds.
    """

    def __init__(self, later: Mapping[str, str]) -> None:
        self._known: dict[str, type[Layer]] = {}
        self._modules = {word: f"{__package__}.{module}" for module, words in later.items() for word in words.split()}

    def __getitem__(self, word: str) -> type[Layer]:
        if word not in self._known and word in self._modules:
            import_module(self._modules[word])
        return self._known[word]

    def __setitem__(self, word: str, kind: type[Layer]) -> None:
        self._known[word] = kind

    def __delitem__(self, word: str) -> None:
        del self._known[word]

    def __iter__(self) -> Iterator[str]:
        for module in dict.fromkeys(self._modules.values()):
            import_module(module)
        return iter(self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self)


LATER = {
    "attention": "attention matmul",
    "channels": "slice channelshuffle padchannels",
    "eltwise": "maximum minimum divide power",
    "filters": "wsconv channelconv blurpool local",
    "functions": (
        "abs mish softplus softsign selu celu hardtanh threshold softshrink hardshrink tanhshrink logsigmoid exp log"
        " sqrt sin erf glu"
    ),
    "kernels": "headconv dynamicconv",
    "norms": "instancenorm rmsnorm normalize",
    "partitions": "windowpartition windowdepartition",
    "blocks": "spacetodepth depthtospace",
    "rearranged": "permute reshape gather roll tile",
    "recurrent": "rnn lstm gru",
    "reduce": "reduce",
    "regions": "boxes roipool roialign",
    "tokens": "linear embedding tokens shift constant",
    "unfolded": "unfold fold",
    "unknown": "unknown",
}
"""The words of each module that few networks need."""

REGISTRY = Kinds(LATER)
"""Every kind of layer by its word in the language."""
