"""Names for layers that nobody named: conv1_1 ... conv5_3, pool5, fc6 for a plain stack; numbers inside a block."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping

from vggcalc.layers import Layer, Role

_STEMS: Mapping[Role, str] = {"conv": "conv", "pool": "pool", "linear": "fc"}
"""The layers that a plain stack counts by their role, and what their names begin with."""

_TAIL = re.compile(r"[0-9][0-9_]*$")


class Naming:
    """Counts the layers of one scope and keeps every name once.

    At the top a pool ends a stage and a fully connected layer is a stage of its own: the names of Caffe's VGG.
    Within a named block (`prefix` ends in a dot) layers of a kind are simply numbered.
    """

    def __init__(self, prefix: str, taken: Container[str], doubles: dict[str, int] | None = None) -> None:
        self.prefix = prefix
        self.taken = taken
        self._stage = 1
        self._in_stage = 0
        self._counts: dict[str, int] = {}
        self.doubles: dict[str, int] = {} if doubles is None else doubles
        self._tail = ""

    def name(self, layer: Layer) -> str:
        """A name for the next layer of the scope."""
        if stem := _STEMS.get(layer.role):
            self._tail = self._next_in_stack(layer.role) if not self.prefix else self._next(stem)
            return self._free(f"{self.prefix}{stem}{self._tail}")
        merges = layer.inputs != (1, 1)  # the sum that ends a block belongs to no single layer of it
        return self._free(self.prefix + _with_tail(layer, "" if merges and self.prefix else self._tail))

    def expects(self, name: str, layer: Layer, host: str = "", host_is_given: bool = False) -> bool:
        """Whether it names the next layer so, or one that is attached to a host; if not, nothing is counted."""
        before = self._stage, self._in_stage, self._tail, {**self._counts}, {**self.doubles}
        if name == (self.attached(layer, host, host_is_given) if host else self.name(layer)):
            return True
        self._stage, self._in_stage, self._tail, self._counts, doubles = before
        self.doubles.clear()
        self.doubles.update(doubles)
        return False

    def attached(self, layer: Layer, host: str, host_is_given: bool, given: str = "") -> str:
        """A name for a normalisation or activation of the layer `host`: relu1_1 for conv1_1, stem.relu for stem.

        A given name takes the place of the last part of the host's: `bn` makes stem.bn of stem.conv.
        """
        path, dot, own = host.rpartition(".")
        if given:
            return self._free(f"{path}{dot}{given}")
        tail = _TAIL.search(own)
        if tail or not host_is_given:  # a sum is named `add`, without a number of its own
            return self._free(path + dot + _with_tail(layer, tail[0] if tail else self._tail))
        return self._free(f"{host}.{layer.stem or layer.kind}")

    def _next_in_stack(self, role: Role) -> str:
        if role == "conv":
            self._in_stage += 1
            return f"{self._stage}_{self._in_stage}"
        if role == "linear" and self._in_stage:
            self._stage += 1
        tail = str(self._stage)
        self._stage, self._in_stage = self._stage + 1, 0
        return tail

    def _next(self, stem: str) -> str:
        self._counts[stem] = self._counts.get(stem, 0) + 1
        return str(self._counts[stem])

    def _free(self, name: str) -> str:
        """The name, with .2, .3 ... behind it where it is taken."""
        free = name
        while free in self.taken:
            self.doubles[name] = self.doubles.get(name, 1) + 1
            free = f"{name}.{self.doubles[name]}"
        return free


def _with_tail(layer: Layer, tail: str) -> str:
    """The kind with a number behind it: relu1_1, bn1_1, and relu6_1_1."""
    stem = layer.stem or layer.kind
    return f"{stem}_{tail}" if tail and stem[-1].isdigit() else stem + tail
