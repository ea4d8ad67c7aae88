"""Receptive fields followed along a network, layer by layer, as far as somebody reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from vggcalc import bounds
from vggcalc.analysis.axes import merged, over_map, through
from vggcalc.analysis.field import PIXEL, Field, union
from vggcalc.analysis.strands import MOST_STRANDS, Strands, strands_of, tells_channels_apart
from vggcalc.errors import ShapeError, SpecError
from vggcalc.layers import Answers, Window
from vggcalc.layers.window import POINT
from vggcalc.network import Network, misfit

Fields = Mapping[str, tuple[Field, ...]]
"""What a layer sees of each input, by the input's name: one field for each axis."""

MOST_KEPT = 10_000
"""The fields of so many layers are kept; of more, those that are still to be read."""
MOST_STARTS = 8
"""A reader who has gone back more often is no longer one who goes from the first layer to the last."""


class Following:
    """The fields of a network's layers, for a reader who goes from the first to the last.

    Those of a few layers are all kept. Of more, those that no layer further down reads are forgotten: they take more
    memory than the network. A reader who goes back lets them be followed from the first layer again, but not for ever.
    """

    def __init__(self, network: Network, answers: Sequence[Answers], gradient: bool = False) -> None:
        self._network = network
        self._nodes = network.nodes
        self._answers = answers
        self._gradient = gradient
        self._fields: dict[int, Fields] = {}
        self._strands: dict[int, Strands] | None
        """What each channel of a layer sees, where that has to be told apart."""
        self._next = 0
        self._keeps_axes: bool
        """Whether the axes of all layers so far stand in the places of those of the inputs."""
        self._told_apart: int
        """How many fields beside one for each layer there were so far."""
        self._channels: int
        self._starts = 0
        self._readers: list[int] | None
        """How many layers are still to read each; None where all fields are kept."""

    def at(self, place: int) -> Fields:
        """The fields of the layer at this place; none where they are `lost`.

        Raises: SpecError where they, or those of a layer in front of it, are out of bounds.
        """
        if not self._next or (place < self._next and place not in self._fields):
            self._start()
        while self._next <= place:
            try:
                self._step(self._next)
            except ShapeError as error:
                raise SpecError(misfit(self._nodes[self._next], error)) from error
            self._next += 1
        return {} if place in self.lost else self._fields[place]

    @cached_property
    def lost(self) -> frozenset[int]:
        """The places of the layers whose fields nobody knows: of unknown work, or seeing through a layer that is."""
        lost: set[int] = set()
        if not any(answers.layer.role == "unknown" for answers in self._answers):
            return frozenset()
        for place, (node, answers) in enumerate(zip(self._nodes, self._answers, strict=True)):
            seen = node.inputs[: len(answers.windows)] if node.inputs else ()
            if answers.layer.role == "unknown" or not lost.isdisjoint(seen):
                lost.add(place)
        return frozenset(lost)

    def _start(self) -> None:
        self._starts += 1
        keeps_all = len(self._nodes) <= MOST_KEPT or self._starts > MOST_STARTS
        self._readers = None if keeps_all else self._reads()
        self._fields.clear()
        self._strands = {} if tells_channels_apart(self._network) else None
        self._next, self._keeps_axes, self._told_apart, self._channels = 0, True, 0, 0

    def _reads(self) -> list[int]:
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
                    self._forget(source)
            if not self._readers[place - 1]:
                self._forget(place - 1)
        if self._strands is None:
            self._fields[place] = self._counted(self._fields_of(place))
        else:
            shape = self._answers[place].output
            self._channels += shape.channels * max(1, len(self._nodes[place].inputs))
            if self._channels > bounds.CHANNELS:
                reason = f"up to here more than {bounds.CHANNELS:,} channels are told apart"
                raise ShapeError(reason, "have fewer channels, or leave none of them out", code="out-of-bounds")
            strands = self._strands_of(place, self._strands)
            self._fields[place] = whole = self._united(strands.fields, shape.spatial)
            too_many = len(strands.fields) > MOST_STRANDS
            self._strands[place] = Strands((whole,), (0,) * shape.channels) if too_many else strands

    def _counted(self, found: Fields) -> Fields:
        """These fields, which are one more layer's, or more of it; there is a bound on how many are told apart."""
        self._told_apart += sum([len(field.whole.lows) for axes in found.values() for field in axes])
        if self._told_apart > bounds.FIELDS + 3 * len(self._nodes):
            reason = f"up to here more than {bounds.FIELDS:,} receptive fields are told apart"
            raise ShapeError(reason, "have fewer inputs, and less resizing and slicing", code="out-of-bounds")
        return found

    def _forget(self, place: int) -> None:
        self._fields.pop(place, None)
        if self._strands is not None:
            self._strands.pop(place, None)

    def _strands_of(self, place: int, known: Mapping[int, Strands]) -> Strands:
        """What the channels of a layer see, each through what it reads."""
        node, answers = self._nodes[place], self._answers[place]
        if not node.inputs:
            return Strands((self._fields_of(place),), (0,) * answers.output.channels)
        self._keeps_axes = self._keeps_axes and answers.keeps_axes
        above = [known[source] for source in node.inputs]
        return strands_of(answers, above, lambda seen: self._counted(self._seen(answers, seen)))

    def _fields_of(self, place: int) -> Fields:
        """What a layer sees through all that it reads."""
        node, answers = self._nodes[place], self._answers[place]
        if not node.inputs:
            return {node.name: (PIXEL,) * len(answers.output.spatial)}
        self._keeps_axes = self._keeps_axes and answers.keeps_axes
        return self._seen(answers, list(enumerate(self._fields[source] for source in node.inputs)))

    def _seen(self, answers: Answers, read: Sequence[tuple[int, Fields]]) -> Fields:
        """The fields of what is read, each of the input with this number, through the windows; if many, their union."""
        spatial = answers.output.spatial
        read = [each for each in read if each[0] < len(answers.windows)]  # of the last, only the size may be read
        if self._keeps_axes:
            looks = answers.windows
            found = [
                fields
                if answers.inputs[n].spatial == spatial and all(window == POINT for window in looks[n])
                else {key: _through(axes, looks[n], spatial) for key, axes in fields.items()}
                for n, fields in read
            ]
        else:
            views = answers.views
            found = [{key: through(axes, views[n], spatial) for key, axes in fields.items()} for n, fields in read]
        if self._gradient and answers.layer.over_map:
            found += [
                {key: through(axes, over_map(answers), spatial) for key, axes in fields.items()} for _, fields in read
            ]
        return self._united(found, spatial)

    def _united(self, seen: Sequence[Fields], spatial: tuple[int, ...]) -> Fields:
        """What is seen through any of these."""
        if len(seen) == 1:
            return seen[0]
        paths: dict[str, list[tuple[Field, ...]]] = {}
        for fields in seen:
            for name, axes in fields.items():
                paths.setdefault(name, []).append(axes)
        union_of = _union if self._keeps_axes else merged
        return {name: union_of(found, spatial) for name, found in paths.items()}


def _through(axes: tuple[Field, ...], windows: tuple[Window, ...], spatial: tuple[int, ...]) -> tuple[Field, ...]:
    """The fields behind a layer's windows; what is alike on several axes, as on square maps, is worked out once."""
    known: dict[tuple[int, Window, int], Field] = {}
    found = []
    for field, window, positions in zip(axes, windows, spatial, strict=True):
        key = id(field), window, positions
        if key not in known:
            known[key] = field.through(window, positions)
        found.append(known[key])
    return tuple(found)


def _union(paths: list[tuple[Field, ...]], spatial: tuple[int, ...]) -> tuple[Field, ...]:
    """The union of several paths, in the same way."""
    known: dict[tuple[tuple[int, ...], int], Field] = {}
    found = []
    for fields, positions in zip(zip(*paths, strict=True), spatial, strict=True):
        key = tuple(map(id, fields)), positions
        if key not in known:
            known[key] = union(fields, positions)
        found.append(known[key])
    return tuple(found)
