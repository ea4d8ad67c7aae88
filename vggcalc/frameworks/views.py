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

    def groups(self) -> tuple[Factors, ...]:
        """The dimensions, each in its leaves."""
        return tuple(map(leaves, self.dims))

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

    def arrangement(self) -> tuple[tuple[tuple[int, int, int], ...], ...]:
        """Each dimension's leaves by what they are of the map: which part, the place in it, and the size.

        Views of equal arrangement hold corresponding values in corresponding places of their maps.
        """
        known = {
            id(leaf): (part, place, leaf.size)
            for part, group in enumerate(self.map.parts())
            for place, leaf in enumerate(group)
        }
        return tuple(tuple(known[id(leaf)] for leaf in group) for group in self.groups())
