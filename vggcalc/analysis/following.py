"""Receptive fields followed along a network, layer by layer, as far as somebody reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vggcalc.analysis.axes import merged, through
from vggcalc.analysis.field import PIXEL, Field, union
from vggcalc.layers import Answers, Window
from vggcalc.network import Network

Fields = Mapping[str, tuple[Field, ...]]
"""What a layer sees of each input, by the input's name: one field for each axis."""


class Following:
    """The fields of a network's layers, for a reader who goes from the first to the last.

    Fields that no layer further down reads are forgotten, for they take more memory than the network. A reader who goes
    back is served too: from then on, all are kept.
    """

    def __init__(self, network: Network, answers: Sequence[Answers]) -> None:
        self._nodes = network.nodes
        self._answers = answers
        self._fields: dict[int, Fields] = {}
        self._next = 0
        self._keeps_axes = True
        """Whether the axes of all layers so far stand in the places of those of the inputs."""
        self._readers: list[int] | None = None
        """How many layers are still to read each; None where all fields are kept."""

    def at(self, place: int) -> Fields:
        """The fields of the layer at this place."""
        if place < self._next and place not in self._fields:
            self._next, self._readers = 0, None
        elif not self._next:
            self._readers = self._counted()
        while self._next <= place:
            self._step(self._next)
            self._next += 1
        return self._fields[place]

    def _counted(self) -> list[int]:
        readers = [0] * len(self._nodes)
        for node in self._nodes:
            for source in node.inputs:
                readers[source] += 1
        return readers

    def _step(self, place: int) -> None:
        if self._readers is not None and place:
            above = self._nodes[place - 1]
            for source in above.inputs:
                self._readers[source] -= 1
                if not self._readers[source]:
                    self._fields.pop(source, None)
            if not self._readers[place - 1]:
                self._fields.pop(place - 1)
        self._fields[place] = self._fields_of(place)

    def _fields_of(self, place: int) -> Fields:
        """The fields of what the layer reads, seen through its windows; where paths merge, their union."""
        node, answers = self._nodes[place], self._answers[place]
        spatial = answers.output.spatial
        if not node.inputs:
            return {node.name: (PIXEL,) * len(spatial)}
        self._keeps_axes = self._keeps_axes and answers.keeps_axes
        is_in_place = answers.layer.in_place and len(node.inputs) == 1 and spatial == answers.inputs[0].spatial
        if is_in_place and answers.keeps_axes:
            return self._fields[node.inputs[0]]
        above = (self._fields[source] for source in node.inputs)  # of the last, only the size may be read
        if self._keeps_axes:
            pairs = zip(above, answers.windows, strict=False)
            seen = [{name: _through(axes, look, spatial) for name, axes in fields.items()} for fields, look in pairs]
        else:
            views = zip(above, answers.views, strict=False)
            seen = [{name: through(axes, look, spatial) for name, axes in fields.items()} for fields, look in views]
        if len(seen) == 1:
            return seen[0]
        names = dict.fromkeys(name for fields in seen for name in fields)
        union_of = _union if self._keeps_axes else merged
        return {name: union_of([fields[name] for fields in seen if name in fields], spatial) for name in names}


def _through(axes: tuple[Field, ...], windows: tuple[Window, ...], spatial: tuple[int, ...]) -> tuple[Field, ...]:
    """The fields behind a layer's windows; what is alike on all axes, as on square maps, is worked out once."""
    if len(set(zip(map(id, axes), windows, spatial, strict=True))) == 1:
        return (axes[0].through(windows[0], spatial[0]),) * len(axes)
    return tuple(map(Field.through, axes, windows, spatial))


def _union(paths: list[tuple[Field, ...]], spatial: tuple[int, ...]) -> tuple[Field, ...]:
    """The union of several paths, in the same way."""
    axes = list(zip(*paths, strict=True))
    if all(axis == axes[0] for axis in axes) and len(set(spatial)) == 1:
        return (union(axes[0], spatial[0]),) * len(axes)
    return tuple(map(union, axes, spatial))
