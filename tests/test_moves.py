"""What layers that rearrange, reduce, mix and attend see: against values that are moved one by one, with their sources.

A map is a dictionary from places, positions and then the channel, to the places of the inputs that the value is made
from. Nothing of the engine's windows, axes or channels is used to make it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from texts import model

from vggcalc.analysis.pixels import seen_by
from vggcalc.layers import REGISTRY
from vggcalc.layers.partitions import WindowPartition
from vggcalc.shape import Shape, parse_shape

Place = tuple[int, ...]
Source = tuple[int, Place]
Made = dict[Place, set[Source]]


def places(hwc: Place) -> Iterator[Place]:
    """All places of a map."""
    return product(*map(range, hwc))


def each(value: Any, axes: int) -> tuple[int, ...]:
    """One number for each axis."""
    return tuple(value) if isinstance(value, tuple) else (value,) * axes


def moved(*maps: Place, to: Callable[[Place], Place | None]) -> Made:
    """Every value of the one map goes to one place, or nowhere."""
    (hwc,) = maps
    return {there: {(0, here)} for here in places(hwc) if (there := to(here)) is not None}


def gathered(out: Place, reads: Callable[[Place], set[Source]]) -> Made:
    """Every value is made from these."""
    return {there: reads(there) for there in places(out)}


def spacetodepth(*maps: Place, block_size: int, order: str = "channels") -> Made:
    """Each pixel to its block."""
    r, (*_, channels) = block_size, maps[0]

    def to(here: Place) -> Place:
        *at, channel = here
        within = 0
        for i in at:
            within = within * r + i % r
        blocks = r ** len(at)
        turned = channel * blocks + within if order == "channels" else within * channels + channel
        return (*(i // r for i in at), turned)

    return moved(*maps, to=to)


def depthtospace(*maps: Place, block_size: int, order: str = "channels") -> Made:
    """The way back: each value goes where that of `spacetodepth` came from."""
    *spatial, channels = maps[0]
    blocks = block_size ** len(spatial)
    there = spacetodepth((*(n * block_size for n in spatial), channels // blocks), block_size=block_size, order=order)
    return {source: {(0, place)} for place, sources in there.items() for _, source in sources}


def permute(*maps: Place, order: Place) -> Made:
    """Axes in another order."""
    return moved(*maps, to=lambda here: tuple(here[axis] for axis in order))


def reshape(*maps: Place, shape: Place) -> Made:
    """The same values one after the other."""
    return {there: {(0, here)} for here, there in zip(places(maps[0]), places(shape), strict=True)}


def roll(*maps: Place, shifts: Any) -> Made:
    """Every value goes on, round the ends."""
    *spatial, _ = maps[0]
    by = each(shifts, len(spatial))
    return moved(*maps, to=lambda at: (*((i + b) % n for i, b, n in zip(at, by, spatial, strict=False)), at[-1]))


def tile(*maps: Place, repeats: Any = 1, channels: int = 1, interleaved: bool = False) -> Made:
    """Whole after whole, or value beside value."""
    times = (*each(repeats, len(maps[0]) - 1), channels)
    out = tuple(n * t for n, t in zip(maps[0], times, strict=True))
    if interleaved:
        return gathered(out, lambda at: {(0, tuple(i // t for i, t in zip(at, times, strict=True)))})
    return gathered(out, lambda at: {(0, tuple(i % n for i, n in zip(at, maps[0], strict=True)))})


def windowpartition(*maps: Place, window_size: Any, grid: bool = False) -> Made:
    """Each pixel to its window."""
    *spatial, _ = maps[0]
    sizes = each(window_size, len(spatial))
    counts = [n // size for n, size in zip(spatial, sizes, strict=True)]

    def to(here: Place) -> Place:
        *at, channel = here
        if grid:
            pairs = [(i % count, i // count) for i, count in zip(at, counts, strict=True)]
        else:
            pairs = [(i // size, i % size) for i, size in zip(at, sizes, strict=True)]
        within = window = 0
        for (outer, inner), size, count in zip(pairs, sizes, counts, strict=True):
            within, window = within * size + inner, window * count + outer
        return (*((outer for outer, _ in pairs) if len(pairs) < 3 else (window,)), within, channel)

    return moved(*maps, to=to)


def windowdepartition(*maps: Place, window_size: Any, grid: bool = False, size: Any = None) -> Made:
    """The way back."""
    *windows, _, channels = maps[0]
    axes = len(windows) if size is None else len(size)
    sizes = each(window_size, axes)
    whole = size or tuple(count * each for count, each in zip(windows, sizes, strict=True))
    there = windowpartition((*whole, channels), window_size=sizes, grid=grid)
    return {source: {(0, place)} for place, sources in there.items() for _, source in sources}


def crop(*maps: Place, cropping: Any, step: Any = 1) -> Made:
    """A slice along each axis."""
    *spatial, channels = maps[0]
    sides = [(side, side) if isinstance(side, int) else side for side in each(cropping, len(spatial))]
    kept = [
        range(n)[before : n - after : by]
        for n, (before, after), by in zip(spatial, sides, each(step, len(spatial)), strict=True)
    ]
    out = (*map(len, kept), channels)
    return gathered(out, lambda at: {(0, (*(line[i] for line, i in zip(kept, at, strict=False)), at[-1]))})


def tokens(*maps: Place, count: int = 1) -> Made:
    """Nothing is seen of what is trained."""
    (n, channels) = maps[0]
    return gathered((n + count, channels), lambda at: {(0, (at[0] - count, at[1]))} if at[0] >= count else set())


def concat(*maps: Place, axis: int) -> Made:
    """One after the other along an axis of positions."""
    made: Made = {}
    before = 0
    for number, hwc in enumerate(maps):
        for here in places(hwc):
            made[(*here[:axis], here[axis] + before, *here[axis + 1 :])] = {(number, here)}
        before += hwc[axis]
    return made


def reduce(
    *maps: Place, op: str = "mean", out_channels: int = 1, interleaved: bool = False, positions: Any = None
) -> Made:
    """Every value goes to the one that it is part of."""
    *_, channels = maps[0]
    made: Made = {}
    for here in places(maps[0]):
        *at, channel = here
        if positions is not None:
            there = (*(0 if axis in positions else i for axis, i in enumerate(at)), channel)
        elif interleaved:
            there = (*at, channel % out_channels)
        else:
            there = (*at, channel * out_channels // channels)
        made.setdefault(there, set()).add((0, here))
    return made


def softmax(*maps: Place, over: str = "channels", groups: int = 1) -> Made:
    """Every value is made from all that it is divided by the sum of."""
    *_, channels = maps[0]

    def key(here: Place) -> object:
        if over == "channels":
            return here[:-1], here[-1] * groups // channels
        return here[-1] if over == "positions" else (here[:-2], here[-1])

    return gathered(maps[0], lambda at: {(0, here) for here in places(maps[0]) if key(here) == key(at)})


def spread(*maps: Place) -> Made:
    """Of each input the value in the place, or the one that there is."""
    out = tuple(map(max, zip(*maps, strict=True)))
    return gathered(
        out,
        lambda at: {
            (number, tuple(min(i, n - 1) for i, n in zip(at, hwc, strict=True))) for number, hwc in enumerate(maps)
        },
    )


def linear(*maps: Place, out_features: int) -> Made:
    """All channels of the position."""
    *spatial, channels = maps[0]
    return gathered((*spatial, out_features), lambda at: {(0, (*at[:-1], channel)) for channel in range(channels)})


def channelconv(*maps: Place, kernel_size: int, padding: Any = "half", bias: bool = False) -> Made:
    """A kernel slides over the channels of each position."""
    *spatial, channels = maps[0]
    side = kernel_size // 2 if padding == "half" else padding
    line = [None] * side + list(range(channels)) + [None] * side
    under = [line[i : i + kernel_size] for i in range(len(line) - kernel_size + 1)]
    return gathered(
        (*spatial, len(under)),
        lambda at: {(0, (*at[:-1], channel)) for channel in under[at[-1]] if channel is not None},
    )


def under(at: Place, kernel_size: Any, stride: Any, padding: Any) -> list[Place]:
    """The positions of a map, row by row, that lie under a window, those in the padding too."""
    axes = len(at)
    rows = zip(at, each(kernel_size, axes), each(stride, axes), each(padding, axes), strict=True)
    taps = [[i * s - p + tap for tap in range(k)] for i, k, s, p in rows]
    return list(product(*taps))


def is_inside(at: Place, hwc: Place) -> bool:
    """Whether a position is no padding."""
    return all(0 <= i < n for i, n in zip(at, hwc[:-1], strict=True))


def slid(hwc: Place, kernel_size: Any, stride: Any, padding: Any) -> Place:
    """How often a window fits along each axis, by trying."""
    axes = len(hwc) - 1
    rows = zip(hwc, each(kernel_size, axes), each(stride, axes), each(padding, axes), strict=False)
    return tuple(len(range(-p, n + p - k + 1, s)) for n, k, s, p in rows)


def headconv(
    *maps: Place,
    kernel_size: Any,
    out_channels: int,
    stride: Any = 1,
    padding: Any = 0,
    groups: int = 1,
    num_heads: int = 1,
) -> Made:
    """The channels part into heads, those of a head into groups, and each is made from its group."""
    hwc = maps[0]
    inward = [[c for c in range(hwc[-1]) if c * num_heads * groups // hwc[-1] == part]
              for part in range(num_heads * groups)]  # fmt: skip
    made_of = [inward[head * groups + own * groups // out_channels] for head in range(num_heads)
               for own in range(out_channels)]  # fmt: skip

    def reads(at: Place) -> set[Source]:
        taps = under(at[:-1], kernel_size, stride, padding)
        return {(0, (*tap, c)) for tap in taps if is_inside(tap, hwc) for c in made_of[at[-1]]}

    return gathered((*slid(hwc, kernel_size, stride, padding), len(made_of)), reads)


def dynamicconv(*maps: Place, **fields: Any) -> Made:
    """A convolution, and any of the values that its kernels are made of."""
    kernels = {(1, at) for at in places(maps[1])}
    return {at: sources | kernels for at, sources in headconv(maps[0], **fields).items()}


def unfold(*maps: Place, kernel_size: Any, stride: Any = 1, padding: Any = 0) -> Made:
    """The pixels under the window, those of a channel beside each other; nothing for the padding."""
    hwc = maps[0]
    pixels = len(under((0,) * (len(hwc) - 1), kernel_size, stride, padding))

    def reads(at: Place) -> set[Source]:
        channel, pixel = divmod(at[-1], pixels)
        tap = under(at[:-1], kernel_size, stride, padding)[pixel]
        return {(0, (*tap, channel))} if is_inside(tap, hwc) else set()

    return gathered((*slid(hwc, kernel_size, stride, padding), hwc[-1] * pixels), reads)


def fold(*maps: Place, output_size: Place, **fields: Any) -> Made:
    """Each value to where unfold would have taken it from."""
    channels = 1
    while (windows := unfold((*output_size, channels), **fields)).keys() < set(places(maps[0])):
        channels += 1
    made: Made = {at: set() for at in places((*output_size, channels))}
    for window, sources in windows.items():
        for _, at in sources:
            made[at].add((0, window))
    return made


def gather(*maps: Place, count: int, axis: int | None = None) -> Made:
    """Some along an axis, or some channels: here the last of them, backwards."""
    line = len(maps[0]) - 1 if axis is None else axis
    out = tuple(count if number == line else n for number, n in enumerate(maps[0]))
    return gathered(out, lambda at: {(0, (*at[:line], maps[0][line] - 1 - at[line], *at[line + 1 :]))})


def padchannels(*maps: Place, out_channels: int, groups: int = 1) -> Made:
    """Behind the channels of each group come as many that are made of nothing."""
    *spatial, channels = maps[0]
    line: list[int | None] = []
    for group in range(groups):
        line += [c for c in range(channels) if c * groups // channels == group]
        line += [None] * (out_channels * (group + 1) // groups - len(line))

    def reads(at: Place) -> set[Source]:
        channel = line[at[-1]]
        return set() if channel is None else {(0, (*at[:-1], channel))}

    return gathered((*spatial, out_channels), reads)


def glu(*maps: Place) -> Made:
    """The same channel of both halves."""
    *spatial, channels = maps[0]
    halves = [list(range(channels))[: channels // 2], list(range(channels))[channels // 2 :]]
    return gathered((*spatial, channels // 2), lambda at: {(0, (*at[:-1], half[at[-1]])) for half in halves})


def attention(*maps: Place, num_heads: int = 1, key_channels: int | None = None, over: str = "last") -> Made:
    """The query itself, all keys of its head, and the one channel of all values."""
    q = maps[0]
    key = key_channels or (q[-1] // 3 if len(maps) == 1 else q[-1])
    if len(maps) == 1:
        parts = [(0, 0), (0, key), (0, 2 * key)]
    else:
        parts = [(0, 0), (1, 0), (1, key) if len(maps) == 2 else (2, 0)]
    value = maps[parts[2][0]][-1] - parts[2][1]

    def reads(at: Place) -> set[Source]:
        *here, channel = at
        head = [c for c in range(key) if c * num_heads // key == channel * num_heads // value]
        seen = {(0, (*here, c)) for c in head}
        for there in product(*map(range, maps[parts[1][0]][:-1])):
            if over == "map" or there[:-1] == tuple(here[:-1]):
                seen |= {(parts[1][0], (*there, parts[1][1] + c)) for c in head}
                seen.add((parts[2][0], (*there, parts[2][1] + channel)))
        return seen

    return gathered((*q[:-1], value), reads)


def matmul(*maps: Place, groups: int = 1, transpose: bool = False) -> Made:
    """A row of the first and a column of the second."""
    a, b = maps
    inner = a[-1] // groups
    columns = b[-2] if transpose else b[-1] // groups

    def reads(at: Place) -> set[Source]:
        *lead, row, channel = at
        group, column = divmod(channel, columns)
        seen: set[Source] = set()
        for k in range(inner):
            seen.add((0, (*lead, row, group * inner + k)))
            seen.add((1, (*lead, column, group * inner + k) if transpose else (*lead, k, group * columns + column)))
        return seen

    return gathered((*a[:-1], groups * columns), reads)


ORACLES: dict[str, Callable[..., Made]] = {
    "spacetodepth": spacetodepth, "depthtospace": depthtospace, "permute": permute, "reshape": reshape, "roll": roll,
    "tile": tile,
    "windowpartition": windowpartition, "windowdepartition": windowdepartition, "crop": crop, "tokens": tokens,
    "concat": concat, "reduce": reduce, "softmax": softmax, "add": spread, "multiply": spread, "subtract": spread,
    "maximum": spread, "minimum": spread, "divide": spread, "linear": linear, "channelconv": channelconv, "glu": glu,
    "attention": attention, "matmul": matmul, "headconv": headconv, "dynamicconv": dynamicconv, "unfold": unfold,
    "fold": fold, "gather": gather, "padchannels": padchannels,
}  # fmt: skip

CASES: list[tuple[str, dict[str, Any], str]] = [
    ("spacetodepth", {"block_size": 2}, "4x6x3"),
    ("spacetodepth", {"block_size": 2, "order": "blocks"}, "4x2x3"),
    ("spacetodepth", {"block_size": 3}, "6x2"),
    ("depthtospace", {"block_size": 2}, "2x3x8"),
    ("depthtospace", {"block_size": 2, "order": "blocks"}, "2x3x8"),
    ("depthtospace", {"block_size": 3, "order": "blocks"}, "2x6"),
    ("permute", {"order": (1, 0)}, "3x4"),
    ("permute", {"order": (1, 0, 2)}, "3x4x2"),
    ("permute", {"order": (2, 0, 1)}, "3x4x2"),
    ("reshape", {"shape": (12, 2)}, "3x4x2"),
    ("reshape", {"shape": (4, 6)}, "3x4x2"),
    ("reshape", {"shape": (3, 4, 2)}, "3x4x2"),
    ("roll", {"shifts": -3}, "5x2"),
    ("roll", {"shifts": (1, 0)}, "3x4x2"),
    ("tile", {"repeats": 3}, "1x2"),
    ("tile", {"repeats": (2, 1), "channels": 2}, "3x2x2"),
    ("tile", {"repeats": (2, 3), "channels": 2, "interleaved": True}, "3x1x2"),
    ("windowpartition", {"window_size": 2}, "4x6x2"),
    ("windowpartition", {"window_size": (2, 3), "grid": True}, "4x6x2"),
    ("windowpartition", {"window_size": 3}, "6x2"),
    ("windowpartition", {"window_size": (2, 1, 2)}, "4x2x2x1"),
    ("windowdepartition", {"window_size": 2}, "2x3x4x2"),
    ("windowdepartition", {"window_size": 2, "grid": True}, "2x3x4x2"),
    ("windowdepartition", {"window_size": 3}, "2x3x2"),
    ("windowdepartition", {"window_size": (2, 1, 2), "size": (4, 2, 2)}, "4x4x1"),
    ("crop", {"cropping": 0, "step": 2}, "5x4x2"),
    ("crop", {"cropping": ((1, 2), (0, 1)), "step": (3, 2)}, "9x6x1"),
    ("tokens", {"count": 2}, "3x2"),
    ("concat", {"axis": 0}, "2x3 3x3 1x3"),
    ("concat", {"axis": 1}, "2x3x2 2x1x2"),
    ("reduce", {}, "2x3x4"),
    ("reduce", {"out_channels": 2}, "2x3x4"),
    ("reduce", {"out_channels": 2, "interleaved": True}, "2x3x4"),
    ("reduce", {"positions": (0,)}, "2x3x4"),
    ("reduce", {"positions": (0, 1)}, "2x3x2"),
    ("softmax", {"groups": 2}, "2x3x4"),
    ("softmax", {"over": "positions"}, "2x3x2"),
    ("softmax", {"over": "last"}, "2x3x2"),
    ("add", {}, "2x3x4 1x1x4 2x3x1"),
    ("multiply", {}, "2x1x4 1x3x4"),
    ("subtract", {}, "1x1x1 2x3x2"),
    ("maximum", {}, "2x3x2 2x3x2"),
    ("minimum", {}, "2x3 1x3"),
    ("divide", {}, "2x3x2 2x3x1"),
    ("linear", {"out_features": 3}, "2x3x4"),
    ("channelconv", {"kernel_size": 3}, "2x5"),
    ("channelconv", {"kernel_size": 4, "padding": 1}, "2x5"),
    ("glu", {}, "2x3x4"),
    ("headconv", {"kernel_size": 3, "padding": 1, "out_channels": 3}, "4x5x2"),
    ("headconv", {"kernel_size": (1, 2), "stride": (2, 1), "out_channels": 4, "groups": 2, "num_heads": 3}, "3x4x12"),
    ("dynamicconv", {"kernel_size": (2, 1), "out_channels": 3}, "3x4x2 1x2x6"),
    ("dynamicconv", {"kernel_size": 3, "stride": 2, "padding": 1, "out_channels": 4, "groups": 2}, "5x6 6x6"),
    ("dynamicconv", {"kernel_size": 2, "out_channels": 4}, "5x3 4x2x3"),
    ("unfold", {"kernel_size": (2, 3), "stride": (2, 1), "padding": (0, 1)}, "4x5x2"),
    ("unfold", {"kernel_size": 2}, "3x4x1"),
    ("fold", {"kernel_size": (2, 3), "stride": (2, 1), "padding": (0, 1), "output_size": (4, 5)}, "2x5x12"),
    ("fold", {"kernel_size": 2, "output_size": (3, 4)}, "2x3x8"),
    ("gather", {"count": 2}, "3x4x5"),
    ("gather", {"count": 2, "axis": 1}, "3x4x5"),
    ("padchannels", {"out_channels": 5}, "2x3x3"),
    ("padchannels", {"out_channels": 9, "groups": 3}, "2x1x6"),
    ("attention", {"num_heads": 2}, "3x12"),
    ("attention", {"num_heads": 2, "key_channels": 2}, "2x3x8"),
    ("attention", {"over": "map"}, "2x3x3"),
    ("attention", {"num_heads": 2}, "3x4 2x6"),
    ("attention", {"num_heads": 2}, "2x3x4 2x2x4 2x2x6"),
    ("matmul", {"groups": 2, "transpose": True}, "3x4 2x4"),
    ("matmul", {"groups": 2}, "3x4 2x6"),
    ("matmul", {}, "2x3x4 2x4x5"),
]  # fmt: skip

ROUGH = ("concat", "reshape", "permute", "gather")
"""Kinds of which units are taken to see all of an axis, though each sees a part, or a channel one place."""


def is_rough(kind: str, fields: dict[str, Any]) -> bool:
    """Whether the layer says that it does not follow which unit sees what."""
    begins_again = kind == "tile" and not fields.get("interleaved")
    return kind in (*ROUGH, "roll", "windowpartition", "windowdepartition", "fold", "unfold") or begins_again


@pytest.mark.parametrize(("kind", "fields", "text"), CASES, ids=lambda value: str(value))
def test_what_is_seen(kind: str, fields: dict[str, Any], text: str) -> None:
    """Along each axis a unit's values come from the taps of its window alone, and a channel's from those it reads.

    Where the layer says that it does not follow an axis, all of it is more than enough.
    """
    layer, shapes = REGISTRY[kind](**fields), [parse_shape(each) for each in text.split()]
    made = ORACLES[kind](*(shape.hwc for shape in shapes), **fields)
    out = layer.output(*shapes)
    assert set(made) == set(places(out.hwc))
    rough = is_rough(kind, fields)
    axes = layer.axes(*shapes)
    for number, (shape, windows) in enumerate(zip(shapes, layer.windows(*shapes), strict=True)):
        for unit in product(*map(range, out.spatial)):
            read = [at for c in range(out.channels) for which, at in made[(*unit, c)] if which == number]
            for axis, n in enumerate(shape.spatial):
                seen = {at[axis] for at in read}
                expected = set(range(n))
                if axis in axes:
                    place = axes.index(axis)
                    expected &= set(windows[place].taps(unit[place]))
                assert seen <= expected, (number, unit, axis)
                assert rough or seen == expected, (number, unit, axis)
    for channel in range(out.channels):
        told = layer.channels_read(channel, *shapes)
        for number in range(len(shapes)):
            reads = {at[-1] for place, sources in made.items() if place[-1] == channel
                     for which, at in sources if which == number}  # fmt: skip
            assert reads <= set(told[number]), (number, channel)
            assert kind in ROUGH or reads == set(told[number]), (number, channel)


@pytest.mark.parametrize(("text", "size"), [("4x6x3", 2), ("6x6x3", 3), ("6x3", 3)])
def test_attention_in_windows(text: str, size: int) -> None:
    """Between partition and departition units of a window are not told apart; attention sees all of them anyhow."""
    spec = f"{{family: f, input: {text}, layers: [windowpartition{size}, attention-1, windowdepartition{size}]}}"
    report = model(spec).analyse()
    spatial = parse_shape(text).spatial
    for unit in product(*map(range, spatial)):
        seen = seen_by(report, report.rows[-1], unit)["input"].seen
        first = tuple(i // size * size for i in unit)
        assert seen == (first, tuple(i + size - 1 for i in first))


def test_attention_on_a_grid() -> None:
    """Each unit sees the units that lie as far apart as there are windows."""
    layer = WindowPartition(window_size=2, grid=True)
    (rows, columns, _) = layer.window(Shape(3, (4, 6)))
    assert [list(rows.taps(i)) for i in range(2)] == [[0, 2], [1, 3]]
    assert [list(columns.taps(i)) for i in range(3)] == [[0, 3], [1, 4], [2, 5]]


def test_every_move_is_tried() -> None:
    """No oracle without a case."""
    assert {kind for kind, *_ in CASES} == set(ORACLES)
