"""Things that are made of others, one of each: kept while they are few, and made whenever they are read where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Generic, TypeVar, overload

T = TypeVar("T")
U = TypeVar("U")

MOST_KEPT = 10_000


def each(make: Callable[[T], U], items: Sequence[T]) -> Sequence[U]:
    """What is made of each item; more than `MOST_KEPT` are made anew whenever they are read, and take no room."""
    return [make(item) for item in items] if len(items) <= MOST_KEPT else _Each(make, items)


def all_of(make: Callable[[T], Sequence[U]], items: Sequence[T]) -> Sequence[U]:
    """All that is made of each item, one behind the other, in the same way."""
    if len(items) <= MOST_KEPT:
        return [part for item in items for part in make(item)]
    return _AllOf(make, items)


class _Each(Sequence[U], Generic[T, U]):
    def __init__(self, make: Callable[[T], U], items: Sequence[T]) -> None:
        self._make, self._items = make, items

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[U]:
        return map(self._make, self._items)

    @overload
    def __getitem__(self, place: int) -> U: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[U]: ...
    def __getitem__(self, place: int | slice) -> U | Sequence[U]:
        return each(self._make, self._items[place]) if isinstance(place, slice) else self._make(self._items[place])


class _AllOf(Sequence[U], Generic[T, U]):
    def __init__(self, make: Callable[[T], Sequence[U]], items: Sequence[T]) -> None:
        self._make, self._items = make, items

    def __bool__(self) -> bool:
        return any(True for _ in self)

    def __len__(self) -> int:
        return sum(len(self._make(item)) for item in self._items)

    def __iter__(self) -> Iterator[U]:
        return chain.from_iterable(map(self._make, self._items))

    @overload
    def __getitem__(self, place: int) -> U: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[U]: ...
    def __getitem__(self, place: int | slice) -> U | Sequence[U]:
        if isinstance(place, slice):
            return list(islice(self, *place.indices(len(self))))
        return next(islice(self, range(len(self))[place], None))
