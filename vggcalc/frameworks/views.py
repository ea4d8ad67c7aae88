"""Tensors of other frameworks as views of maps: reshaping and reordering them regroups factors, and makes no layer.

A map has a batch, channels and axes, each a product of factors. A tensor's dimensions are made of the same factors,
grouped and ordered in whatever way: after `flatten(2).transpose(1, 2)` a map of 14x14x768 is a tensor of batch, 196 and
768, and still the same values. Reshaping may take a factor apart; all who hold it then hold its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from vggcalc.frameworks.assembly import Tensor
from vggcalc.record import Record


class Factor:
    """An extent of so many values, which can be taken apart into a major and a minor one; every one is another."""

    __slots__ = ("_parts", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._parts: tuple[Factor, Factor] | None = None

    @property
    def size(self) -> int:
        """How many values it counts."""
        return self._size

    def split(self, minor: int) -> tuple[Factor, Factor]:
        """It as major * minor, of which the minor has this size; the size must divide its own."""
        if self._parts is None:
            self._parts = Factor(self._size // minor), Factor(minor)
        return self._parts

    def leaves(self) -> tuple[Factor, ...]:
        """What it is made of by now."""
        if self._parts is None:
            return (self,)
        return (*self._parts[0].leaves(), *self._parts[1].leaves())


Factors = tuple[Factor, ...]


def factors(size: int) -> Factors:
    """A new extent; one of size 1 has no factor, so that it may come and go."""
    return (Factor(size),) if size != 1 else ()


def leaves(group: Iterable[Factor]) -> Factors:
    """What factors are made of by now."""
    return tuple(leaf for factor in group for leaf in factor.leaves())


def size(group: Iterable[Factor]) -> int:
    """How many values factors count together."""
    return prod(factor.size for factor in group)


class Map(Record):
    """What a layer wrote, and the factors of its batch, its channels and each of its axes."""

    tensor: Tensor
    batch: Factors
    channels: Factors
    axes: tuple[Factors, ...]

    def parts(self) -> tuple[Factors, ...]:
        """Batch, channels and axes, each in its leaves."""
        return tuple(map(leaves, (self.batch, self.channels, *self.axes)))


class View(Record):
    """A map as a tensor: of which factors each dimension is made, the major first."""

    map: Map
    dims: tuple[Factors, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The tensor's shape."""
        return tuple(map(size, self.dims))

    @property
    def home(self) -> int | None:
        """The dimension in which most channels of the map stand; None where there is but one."""
        own = set(leaves(self.map.channels))
        found = [size(leaf for leaf in group if leaf in own) for group in self.groups()]
        return found.index(max(found)) if own and found else None

    @property
    def batch_dim(self) -> int:
        """The dimension in which the batch stands; the first where it is of one image."""
        batch = leaves(self.map.batch)
        return next((place for place, group in enumerate(self.groups()) if batch and group[: len(batch)] == batch), 0)

    def groups(self) -> tuple[Factors, ...]:
        """The dimensions, each in its leaves."""
        return tuple(map(leaves, self.dims))

    def with_dim(self, dim: int, group: Factors) -> View:
        """Another group of factors in the place of a dimension."""
        return self._replace(dims=(*self.dims[:dim], group, *self.dims[dim + 1 :]))

    def axis(self, dim: int) -> int | None:
        """Which whole axis of the map a dimension is; None for what is none."""
        group = leaves(self.dims[dim])
        return next((place for place, axis in enumerate(self.map.axes) if group and leaves(axis) == group), None)

    def with_axis(self, dim: int, tensor: Tensor, extent: int) -> View:
        """What a layer wrote that changed the axis that a dimension is to this extent."""
        changed, new = self.axis(dim), factors(extent)
        axes = tuple(new if place == changed else axis for place, axis in enumerate(self.map.axes))
        return self.with_dim(dim, new)._replace(map=self.map._replace(tensor=tensor, axes=axes))

    def permuted(self, order: Sequence[int]) -> View:
        """The dimensions in another order."""
        return self._replace(dims=tuple(self.dims[place] for place in order))

    def reshaped(self, sizes: Sequence[int]) -> View | None:
        """The same values under other extents; None where a factor would have to be cut otherwise than in two."""
        left = list(leaves(factor for dim in self.dims for factor in dim))
        if prod(sizes) != size(left):
            return None
        dims: list[Factors] = []
        for wanted in sizes:
            dim: list[Factor] = []
            while wanted > 1:
                first = left.pop(0)
                if first.size <= wanted and wanted % first.size == 0:
                    dim.append(first)
                    wanted //= first.size
                elif first.size > wanted and first.size % wanted == 0:
                    major, minor = first.split(first.size // wanted)
                    dim.append(major)
                    left.insert(0, minor)
                    wanted = 1
                else:
                    return None
            dims.append(tuple(dim))
        return self._replace(dims=tuple(dims))

    def renewed(self) -> View:
        """The same with new factors where a dimension is a whole part of the map, so that it can be cut elsewhere."""
        parts = self.map.parts()
        new = {part: factors(size(part)) for part in parts if len(part) > 1 and part in self.groups()}
        if not new:
            return self
        batch, channels, *axes = (new.get(part, part) for part in parts)
        dims = tuple(new.get(group, group) for group in self.groups())
        return View(self.map._replace(batch=batch, channels=channels, axes=tuple(axes)), dims)

    def arrangement(self) -> tuple[tuple[tuple[int, int, int], ...], ...]:
        """Each dimension by what it is of the map: runs of a part, each with its stride in the part and its size.

        Views of equal arrangement hold corresponding values in corresponding places of their maps.
        """
        known: dict[int, tuple[int, int, int]] = {}
        for part, group in enumerate(self.map.parts()):
            stride = 1
            for leaf in reversed(group):
                known[id(leaf)] = (part, stride, leaf.size)
                stride *= leaf.size
        return tuple(_runs([known[id(leaf)] for leaf in group]) for group in self.groups())


def _runs(found: Sequence[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    """Neighbours that follow one on the other in their part are one."""
    runs: list[tuple[int, int, int]] = []
    for part, stride, extent in found:
        if runs and runs[-1][0] == part and runs[-1][1] == stride * extent:
            runs[-1] = (part, stride, runs[-1][2] * extent)
        else:
            runs.append((part, stride, extent))
    return tuple(runs)


def same(one: Factors, other: Factors) -> bool:
    """Whether two groups are the same factors in the same order."""
    return leaves(one) == leaves(other)
