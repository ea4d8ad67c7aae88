"""Which columns fit into a terminal, and how wide each is: whole columns go before a digit does."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.record import Record
from vggcalc.render.sheet import Column

LABEL = 7
"""A share in percent before its bar, and a space."""
MOST_BAR = 24


class Look(Record):
    """How far columns stand apart, how wide bars are at least, and whether they have their share before them."""

    gap: int
    bar: int
    is_labelled: bool


class Layout(Record):
    """The places of the columns that are shown and their widths; whether these fit, and how they look."""

    places: Sequence[int]
    widths: Sequence[int]
    fits: bool
    look: Look


_LOOKS = (Look(2, 8, True), Look(1, 4, True), Look(2, 8, False), Look(1, 4, False), Look(1, 2, False))


def layout(columns: Sequence[Column], full: Sequence[int], width: int) -> Layout:
    """The layout for so many cells of width; full: how wide each column would be, of a bar its heading.

    The columns with the lowest `keep` that is not 0 go first, until the others fit somehow; a narrow one comes back
    when a wide one is gone, a bar beside its figure. Of these the best look is taken in which nothing wraps, or else
    in which they fit; bars take the room that is left.
    """
    places = list(range(len(columns)))
    by_keep = sorted(
        (place for place in places if columns[place].keep), key=lambda place: (columns[place].keep, -place)
    )

    def at(places: Sequence[int]) -> list[tuple[Column, int]]:
        return [(columns[place], full[place]) for place in sorted(places)]

    gone: list[int] = []
    while len(gone) < len(by_keep) and not _fits(at(places), _LOOKS[-1], True, width):
        gone.append(by_keep[len(gone)])
        places.remove(gone[-1])
    for place in reversed(gone):
        is_alone = columns[place].is_bar and place - 1 not in places
        if not is_alone and _fits(at([*places, place]), _LOOKS[-1], True, width):
            places.append(place)
    places.sort()
    kept = at(places)
    choices = ((look, wrapped) for wrapped in (False, True) for look in _LOOKS)
    look = next((look for look, wrapped in choices if _fits(kept, look, wrapped, width)), _LOOKS[-1])
    return Layout(places, _widths(kept, look, width), _fits(kept, look, True, width), look)


def _widths(kept: Sequence[tuple[Column, int]], look: Look, width: int) -> list[int]:
    """The widths of the columns: text that wraps is narrowed to what there is, bars grow into it."""
    widths = [_room(column, full, look, False) for column, full in kept]
    excess = _total(widths, look) - width
    for index in reversed(range(len(kept))):
        column, full = kept[index]
        less = min(max(0, excess), widths[index] - _room(column, full, look, True))
        widths[index] -= less
        excess -= less
    bars = [index for index, (column, _) in enumerate(kept) if column.is_bar]
    most = MOST_BAR + LABEL * look.is_labelled
    for number, index in enumerate(bars):
        more = max(0, min(-(excess // (len(bars) - number)), most - widths[index]))
        widths[index] += more
        excess += more
    return widths


def _fits(kept: Sequence[tuple[Column, int]], look: Look, wrapped: bool, width: int) -> bool:
    return _total([_room(column, full, look, wrapped) for column, full in kept], look) <= width


def _room(column: Column, full: int, look: Look, wrapped: bool) -> int:
    """The cells that a column takes, at least where it wraps."""
    if column.is_bar:
        return max(full, LABEL + look.bar) if look.is_labelled else look.bar
    return min(column.least, full) if wrapped and column.wraps else full


def _total(widths: Sequence[int], look: Look) -> int:
    return sum(widths) + look.gap * (len(widths) - 1)
