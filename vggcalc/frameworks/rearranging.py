"""How a tensor becomes a map of its own: by which layer, and which of its dimensions the new map's axes are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.frameworks.assembly import Tensor
from vggcalc.frameworks.views import Factors, Map, View, factors, size
from vggcalc.record import Record

MOST_AXES = 3
"""Of more dimensions all but the windows are one axis of positions."""


class Rearrangement(Record):
    """A kind of layer with its fields, none where nothing moves, and the new map and the tensor by their factors."""

    kind: str
    fields: dict[str, Any]
    batch: Factors
    channels: Factors
    axes: tuple[Factors, ...]
    dims: tuple[Factors, ...]

    def map(self, tensor: Tensor) -> Map:
        """The map that the layer writes."""
        return Map(tensor, self.batch, self.channels, self.axes)


def rearrangement(view: View, dim: int, merges_front: bool = False) -> Rearrangement | None:
    """The tensor as a map whose channels are dimension `dim` and whose axes are the other ones but the batch.

    What stands behind the batch in its dimension, as windows do, becomes axes in front, or one axis. None where the
    batch is no longer together.
    """
    batch, channels, *axes = view.map.parts()
    groups = view.groups()
    home = next((place for place, group in enumerate(groups) if batch and group[: len(batch)] == batch), None)
    if (batch and home is None) or home == dim:
        return None
    extra = () if home is None else groups[home][len(batch) :]
    wanted_axes = [group for place, group in enumerate(groups) if place not in (home, dim)]
    if not batch and len(groups) and groups[0] == () and dim != 0:
        wanted_axes = wanted_axes[1:]  # a batch of one has no factor, but a dimension
        home = 0
    in_front = [extra] if merges_front else _by_part(extra, (channels, *axes))
    in_front = [extra] if len(in_front) >= MOST_AXES else in_front
    merged = len(in_front) + len(wanted_axes) > MOST_AXES
    behind = [tuple(leaf for group in wanted_axes for leaf in group)] if merged else wanted_axes
    targets = (groups[dim], *in_front, *behind)
    kind, fields = _layer((channels, *axes), targets)
    new_channels, new_front = _new(groups[dim], kind), tuple(_new(group, kind) for group in in_front)
    new_axes = tuple(_new(group, kind) for group in wanted_axes)
    moved = iter(new_axes)
    ahead = tuple(factor for group in new_front for factor in group)
    dims = tuple(
        (*batch, *ahead) if place == home else new_channels if place == dim else next(moved)
        for place in range(len(groups))
    )
    made = (tuple(factor for group in new_axes for factor in group),) if merged else new_axes
    written = ((),) * len(axes) if kind == "flatten" else (*new_front, *made)
    return Rearrangement(kind, fields, batch, new_channels, written, dims)


def _new(group: Factors, kind: str) -> Factors:
    """The factors of a group in the new map; where nothing moves they stay."""
    return group if kind == "" else factors(size(group))


def _by_part(extra: Factors, parts: Sequence[Factors]) -> list[Factors]:
    """Factors that stand together, apart where they belong to different axes."""
    found: list[list[Any]] = []
    last = None
    for leaf in extra:
        part = next((place for place, group in enumerate(parts) if leaf in group), None)
        if part != last or not found:
            found.append([])
        found[-1].append(leaf)
        last = part
    return [tuple(group) for group in found]


def _layer(own: tuple[Factors, ...], targets: tuple[Factors, ...]) -> tuple[str, dict[str, Any]]:
    """The kind that makes a map of the wanted channels and axes from its own, and its fields."""
    if targets == own:
        return "", {}
    if len(targets) == 1:
        return "flatten", {}
    shape = (*map(size, targets[1:]), size(targets[0]))
    for known in (_shuffled(own, targets), _windows(own, targets), _ordered(own, targets)):
        if known is not None:
            return known
    return "reshape", {"shape": shape}


def _shuffled(own: tuple[Factors, ...], targets: tuple[Factors, ...]) -> tuple[str, dict[str, Any]] | None:
    """Two factors of the channels that have changed places."""
    if targets[1:] != own[1:] or set(targets[0]) != set(own[0]):
        return None
    for cut in range(1, len(own[0])):
        if targets[0] == (*own[0][cut:], *own[0][:cut]):
            return "channelshuffle", {"groups": size(own[0][:cut])}
    return None


def _windows(own: tuple[Factors, ...], targets: tuple[Factors, ...]) -> tuple[str, dict[str, Any]] | None:
    """Axes that are cut in windows, whose positions are the last axis; or put together from them."""
    if targets[0] != own[0]:
        return None
    for whole, parts, kind in ((own[1:], targets[1:], "windowpartition"), (targets[1:], own[1:], "windowdepartition")):
        if len(whole) < 2 or len(parts) != len(whole) + 1 or not all(len(axis) in (1, 2) for axis in whole):
            continue
        majors = tuple(axis[:1] for axis in whole)
        minors = tuple(axis[1:] for axis in whole)
        flat = tuple(leaf for axis in minors for leaf in axis)
        if parts == (*majors, flat):
            return kind, {"window_size": _one([size(axis) for axis in minors])}
        flat = tuple(leaf for axis in majors for leaf in axis)
        if parts == (*minors, flat):
            return kind, {"window_size": _one([size(axis) for axis in majors]), "grid": True}
    return None


def _ordered(own: tuple[Factors, ...], targets: tuple[Factors, ...]) -> tuple[str, dict[str, Any]] | None:
    """Whole axes in another order."""
    hwc, wanted = (*own[1:], own[0]), (*targets[1:], targets[0])
    if len(hwc) != len(wanted) or len(set(hwc)) < len(hwc) or set(hwc) != set(wanted):
        return None
    return "permute", {"order": tuple(hwc.index(group) for group in wanted)}


def _one(numbers: Sequence[int]) -> int | tuple[int, ...]:
    return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)
