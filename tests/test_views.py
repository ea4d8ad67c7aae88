"""Tensors as views of maps, against what numpy-like index arithmetic says of every value."""

from __future__ import annotations

from itertools import product
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from vggcalc.frameworks.assembly import Tensor
from vggcalc.frameworks.views import Factor, Map, View, factors, leaves
from vggcalc.shape import Shape


def whole(channels: int, *axes: int) -> View:
    """A map of batch 5 as its layer writes it: batch, channels, axes."""
    batch, own, spatial = factors(5), factors(channels), tuple(map(factors, axes))
    return View(Map(Tensor(0, Shape(channels, axes)), batch, own, spatial), (batch, own, *spatial))


def values(view: View) -> list[tuple[int, ...]]:
    """For each place of the tensor in its order, which value of the map stands there, as an index for each leaf."""
    of_map = leaves(factor for part in view.map.parts() for factor in part)
    of_tensor = leaves(factor for dim in view.dims for factor in dim)
    found = []
    for index in product(*(range(leaf.size) for leaf in of_tensor)):
        by_leaf = dict(zip(map(id, of_tensor), index, strict=True))
        found.append(tuple(by_leaf[id(leaf)] for leaf in of_map))
    return found


def flat(view: View) -> list[int]:
    """The same as places in the map's own order."""
    sizes = [leaf.size for leaf in leaves(factor for part in view.map.parts() for factor in part)]
    return [sum(i * prod(sizes[place + 1 :]) for place, i in enumerate(index)) for index in values(view)]


def test_tokens_are_the_map() -> None:
    """14x14x6 as batch, 196, 6: the same values, in the order of positions."""
    view = whole(6, 14, 14).reshaped((5, 6, 196))
    assert view is not None
    tokens = view.permuted((0, 2, 1))
    assert tokens.sizes == (5, 196, 6)
    assert flat(tokens)[:7] == [0, 196, 392, 588, 784, 980, 1]


def test_windows_take_axes_apart() -> None:
    """Swin's: 8x8 in windows of 4x4, all windows in the batch, and back again."""
    start = whole(3, 8, 8).permuted((0, 2, 3, 1))
    cut = start.reshaped((5, 2, 4, 2, 4, 3))
    assert cut is not None
    windows = cut.permuted((0, 1, 3, 2, 4, 5)).reshaped((20, 16, 3))
    assert windows is not None
    back = windows.reshaped((5, 2, 2, 4, 4, 3))
    assert back is not None
    again = back.permuted((0, 1, 3, 2, 4, 5)).reshaped((5, 8, 8, 3))
    assert again is not None
    assert again.arrangement() == start.arrangement()
    assert again.groups() == start.groups()


def test_channel_shuffle_is_seen() -> None:
    """Two groups of channels, dealt out in turn: the leaves of the channels in another order."""
    start = whole(6, 2, 2)
    cut = start.reshaped((5, 2, 3, 2, 2))
    assert cut is not None
    shuffled = cut.permuted((0, 2, 1, 3, 4)).reshaped((5, 6, 2, 2))
    assert shuffled is not None
    assert shuffled.arrangement()[1] == ((1, 1, 3), (1, 3, 2))
    assert start.arrangement()[1] == ((1, 1, 6),)


def test_what_cannot_be_cut_in_two_is_refused() -> None:
    """6 as 4 and ... is no product."""
    assert whole(6, 2, 2).reshaped((5, 4, 6)) is None
    assert whole(6, 2, 2).reshaped((5, 6, 5)) is None


@given(st.data())
def test_regrouping_is_what_reshape_and_transpose_do(data: st.DataObject) -> None:
    """Any chain of both, value by value, against arithmetic on places."""
    view = whole(*data.draw(st.lists(st.sampled_from([1, 2, 4, 6]), min_size=2, max_size=3)))
    places = list(range(prod(view.sizes)))
    for _ in range(3):
        order = data.draw(st.permutations(range(len(view.sizes))))
        sizes = view.sizes
        index = {at: place for place, at in enumerate(product(*map(range, sizes)))}
        view = view.permuted(order)
        moved = [
            places[index[tuple(at[order.index(d)] for d in range(len(sizes)))]]
            for at in product(*map(range, view.sizes))
        ]
        places = moved
        total, cut = prod(view.sizes), []
        while total > 1:
            size = data.draw(st.sampled_from([n for n in range(2, total + 1) if total % n == 0]))
            cut.append(size)
            total //= size
        if (other := view.reshaped(cut)) is not None:
            view = other
        assert prod(view.sizes) == len(places)
    # the map's leaves may have been taken apart since: their order is still that of the map
    assert flat(view) == places


def test_splitting_is_seen_by_all() -> None:
    """Whoever holds a factor holds its parts."""
    factor = Factor(12)
    major, minor = factor.split(3)
    assert (major.size, minor.size) == (4, 3)
    assert minor.split(3)[0].size == 1
    assert factor.leaves()[0] is major
