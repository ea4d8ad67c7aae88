"""An oracle that knows no formula: it slides real kernels over small inputs in nested loops, and counts.

Extents are found by trying positions until the window leaves the padded input, weights by noting which one is used,
multiplications by making them, receptive fields by noting the pixels that are read. Nothing of vggcalc is imported.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import count, product
from math import ceil, floor
from typing import Any, NamedTuple

Place = tuple[int, ...]
"""A position in a map: one number for each axis; it may lie in the padding."""
PerAxis = int | tuple[int, ...]
Padding = str | int | tuple[int | tuple[int, int], ...]


class Seen(NamedTuple):
    """What was counted while one layer ran over one image."""

    channels: int
    spatial: tuple[int, ...]
    touched: dict[Place, set[Place]]
    """For each position of the output, the positions of the input that it was made from."""
    macs: int = 0
    weights: int = 0
    biases: int = 0


def observe(kind: str, channels: int, spatial: tuple[int, ...], fields: dict[str, object]) -> Seen:
    """Run a layer of this kind, with these fields, over a map of zeros and count."""
    return ORACLES[kind](channels, spatial, **fields)


def evaluate(arithmetic: str) -> Fraction:
    """The exact worth of a line of arithmetic: `/` makes fractions, floor and ceil are the mathematician's."""
    names = {"__builtins__": {}, "Fraction": Fraction, "floor": floor, "ceil": ceil}
    return Fraction(eval(re.sub(r"\d+", r"Fraction(\g<0>)", arithmetic), names))


# Windows along one axis. A window is the list of the positions of its taps.


def taps(kernel_size: int, dilation: int) -> list[int]:
    """Where the taps of a window lie that starts at 0."""
    return [tap * dilation for tap in range(kernel_size)]


def windows(
    offsets: list[int], n: int, stride: int, before: int, after: int, ceil_mode: bool = False
) -> list[list[int]]:
    """Every window that fits in; in ceil mode the last may hang over the end by less than a stride.

    PyTorch then drops the last window if it starts behind the input.
    """
    fitting = []
    for start in count(-before, stride):
        overhang = start + offsets[-1] - (n + after - 1)
        if overhang > (stride - 1 if ceil_mode else 0):
            break
        fitting.append([start + offset for offset in offsets])
    if ceil_mode and fitting and fitting[-1][0] >= n:
        fitting.pop()
    return fitting


def same(offsets: list[int], n: int, stride: int) -> tuple[int, int]:
    """TensorFlow's padding: as little as lets a window start for every stride-th pixel, the odd one after."""
    wanted = len(range(0, n, stride))
    for total in count():
        before = total // 2
        if len(windows(offsets, n, stride, before, total - before)) >= wanted:
            return before, total - before
    raise AssertionError("count() does not end")


def each(value: PerAxis, axes: int) -> tuple[int, ...]:
    """One number for each axis."""
    return value if isinstance(value, tuple) else (value,) * axes


def sides(padding: Padding, axes: int) -> list[tuple[int, int]]:
    """Padding in numbers as (before, after) for each axis."""
    if not isinstance(padding, tuple):
        padding = (int(padding),) * axes
    return [side if isinstance(side, tuple) else (side, side) for side in padding]


def slide(
    spatial: tuple[int, ...],
    kernel_size: PerAxis,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis,
    ceil_mode: bool = False,
) -> list[list[list[int]]]:
    """For each axis, its windows."""
    axes = len(spatial)
    kernel = [taps(k, d) for k, d in zip(each(kernel_size, axes), each(dilation, axes), strict=True)]
    strides = each(stride, axes)
    if padding == "valid":
        padded = [(0, 0)] * axes
    elif padding == "half":
        padded = [(len(range(offsets[-1] + 1)) // 2,) * 2 for offsets in kernel]
    elif padding == "same":
        padded = [same(offsets, n, s) for offsets, n, s in zip(kernel, spatial, strides, strict=True)]
    else:
        padded = sides(padding, axes)
    rows = zip(kernel, spatial, strides, padded, strict=True)
    return [windows(offsets, n, s, before, after, ceil_mode) for offsets, n, s, (before, after) in rows]


def read(channels: int, reads: Iterable[list[list[int]]], weights: int = 0, biases: int = 0) -> Seen:
    """What a layer without multiplications sees, from the positions that each unit reads along each axis."""
    axes = list(reads)
    touched = {
        unit: set(product(*(axis[i] for axis, i in zip(axes, unit, strict=True))))
        for unit in product(*(range(len(axis)) for axis in axes))
    }
    return Seen(channels, tuple(map(len, axes)), touched, 0, weights, biases)


def chunks(number: int, groups: int) -> list[list[int]]:
    """The channels 0, 1, 2 ... shared out in order among the groups."""
    return [[channel for channel in range(number) if channel * groups // number == group] for group in range(groups)]


# The kinds


def filtered(reads: list[list[list[int]]], sources: list[list[int]], bias: bool) -> Seen:
    """Output map o is made from the input maps sources[o]; every pair of maps has a kernel of its own."""
    kernel = set()
    macs = 0
    touched: dict[Place, set[Place]] = {}
    for unit in product(*(range(len(axis)) for axis in reads)):
        window = [axis[i] for axis, i in zip(reads, unit, strict=True)]
        touched[unit] = set()
        for out, maps in enumerate(sources):
            for channel in maps:
                for tap, pixel in zip(product(*(range(len(line)) for line in window)), product(*window), strict=True):
                    kernel.add((tap, channel, out))
                    touched[unit].add(pixel)
                    macs += 1
    biases = len(sources) if bias else 0
    return Seen(len(sources), tuple(map(len, reads)), touched, macs, len(kernel), biases)


def conv(
    channels: int,
    spatial: tuple[int, ...],
    *,
    kernel_size: PerAxis,
    out_channels: int,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: bool = True,
) -> Seen:
    """Each output map reads all input maps of its group."""
    inward, outward = chunks(channels, groups), chunks(out_channels, groups)
    sources = [inward[group] for group in range(groups) for _ in outward[group]]
    return filtered(slide(spatial, kernel_size, stride, padding, dilation), sources, bias)


def wsconv(channels: int, spatial: tuple[int, ...], *, gain: bool = True, **fields: Any) -> Seen:
    """A convolution, and a gain for each output map."""
    seen = conv(channels, spatial, **fields)
    return seen._replace(weights=seen.weights + len(range(seen.channels)) * gain)


def local(channels: int, spatial: tuple[int, ...], **fields: Any) -> Seen:
    """A convolution in which each position has its own kernels and biases."""
    seen = conv(channels, spatial, **fields)
    places = len(list(product(*(range(n) for n in seen.spatial))))
    return seen._replace(weights=places * seen.weights, biases=places * seen.biases)


def blurpool(
    channels: int,
    spatial: tuple[int, ...],
    *,
    kernel_size: PerAxis = 3,
    stride: PerAxis = 2,
    padding: Padding = "half",
    dilation: PerAxis = 1,
    padding_mode: str = "reflect",
) -> Seen:
    """Each map is read by a kernel of its own, of which nothing is trained."""
    reads = slide(spatial, kernel_size, stride, padding, dilation)
    return filtered(reads, [[channel] for channel in range(channels)], bias=False)._replace(weights=0)


def linear(channels: int, spatial: tuple[int, ...], *, out_features: int, bias: bool = True) -> Seen:
    """At each position every output channel multiplies every input channel by its weight."""
    points = [[[pixel] for pixel in range(n)] for n in spatial]
    return filtered(points, [list(range(channels))] * out_features, bias)


def dwconv(
    channels: int,
    spatial: tuple[int, ...],
    *,
    kernel_size: PerAxis,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    depth_multiplier: int = 1,
    bias: bool = True,
) -> Seen:
    """Each output map reads one input map; each input map is read so many times."""
    sources = [[channel] for channel in range(channels) for _ in range(depth_multiplier)]
    return filtered(slide(spatial, kernel_size, stride, padding, dilation), sources, bias)


def convmap(
    channels: int,
    spatial: tuple[int, ...],
    *,
    kernel_size: PerAxis,
    connections: tuple[tuple[int, ...], ...],
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    bias: bool = True,
) -> Seen:
    """Each output map reads the input maps of its row."""
    return filtered(slide(spatial, kernel_size, stride, padding, dilation), list(map(list, connections)), bias)


def convtranspose(
    channels: int,
    spatial: tuple[int, ...],
    *,
    kernel_size: PerAxis,
    out_channels: int,
    stride: PerAxis = 1,
    padding: Padding = 0,
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
    bias: bool = True,
) -> Seen:
    """Every input pixel is scattered over a canvas through the kernel; then the canvas is cut to size."""
    axes = len(spatial)
    strides = each(stride, axes)
    offsets = [taps(k, d) for k, d in zip(each(kernel_size, axes), each(dilation, axes), strict=True)]
    inward, outward = chunks(channels, groups), chunks(out_channels, groups)
    kernel = set()
    macs = 0
    canvas: dict[Place, set[Place]] = defaultdict(set)
    for pixel in product(*map(range, spatial)):
        for group in range(groups):
            for channel, out in product(inward[group], outward[group]):
                for tap in product(*offsets):
                    kernel.add((tap, channel, out))
                    macs += 1
                    canvas[tuple(i * s + t for i, s, t in zip(pixel, strides, tap, strict=True))].add(pixel)

    kept: list[list[int]] = []
    for axis in range(axes):
        length = max(cell[axis] for cell in canvas) + 1
        if padding == "same":  # what a convolution with this stride and padding shrinks to the input
            whole = [None] * spatial[axis] * strides[axis]
            before, _ = same(offsets[axis], len(whole), strides[axis])
            kept.append([before + i for i in range(len(whole))])
            continue
        if padding == "half":
            before = after = len(range(offsets[axis][-1] + 1)) // 2
        else:
            before, after = sides(0 if padding == "valid" else padding, axes)[axis]
        cells = list(range(length + each(output_padding, axes)[axis]))
        kept.append(cells[before : max(before, len(cells) - after)])
    touched = {
        unit: canvas.get(tuple(line[i] for line, i in zip(kept, unit, strict=True)), set())
        for unit in product(*(range(len(line)) for line in kept))
    }
    biases = out_channels if bias else 0
    return Seen(out_channels, tuple(map(len, kept)), touched, macs, len(kernel), biases)


def pool(
    channels: int,
    spatial: tuple[int, ...],
    *,
    kernel_size: PerAxis = 2,
    stride: PerAxis | None = None,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Seen:
    """Windows as for a convolution, channel by channel, without weights."""
    return read(channels, slide(spatial, kernel_size, stride or kernel_size, padding, dilation, ceil_mode))


def subsample(channels: int, spatial: tuple[int, ...], **fields: PerAxis) -> Seen:
    """Pooling with a coefficient and a bias for each map."""
    maps = range(channels)
    return pool(channels, spatial, **fields)._replace(weights=len(maps), biases=len(maps))  # type: ignore[arg-type]


def adaptive(channels: int, spatial: tuple[int, ...], *, output_size: PerAxis) -> Seen:
    """Unit i of `out` covers the input from i/out to (i + 1)/out of its length, and reads every pixel there."""

    def reads(n: int, out: int) -> Iterator[list[int]]:
        for unit in range(out):
            start, end = Fraction(unit * n, out), Fraction((unit + 1) * n, out)
            yield [pixel for pixel in range(n) if pixel < end and pixel + 1 > start]

    sizes = zip(spatial, each(output_size, len(spatial)), strict=True)
    return read(channels, [list(reads(n, out)) for n, out in sizes])


def whole(channels: int, spatial: tuple[int, ...]) -> Seen:
    """One unit that reads everything."""
    return read(channels, [[list(range(n))] for n in spatial])


def fc(channels: int, spatial: tuple[int, ...], *, out_features: int, bias: bool = True) -> Seen:
    """Every output multiplies every value of the input by a weight of its own."""
    matrix = set()
    macs = 0
    for out in range(out_features):
        for value in product(range(channels), *map(range, spatial)):
            matrix.add((value, out))
            macs += 1
    biases = out_features if bias else 0
    return whole(channels, spatial)._replace(channels=out_features, macs=macs, weights=len(matrix), biases=biases)


def flatten(channels: int, spatial: tuple[int, ...]) -> Seen:
    """Every value becomes a channel."""
    values = list(product(range(channels), *map(range, spatial)))
    return whole(channels, spatial)._replace(channels=len(values))


def upsample(
    channels: int,
    spatial: tuple[int, ...],
    *,
    scale_factor: PerAxis | None = None,
    size: PerAxis | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Seen:
    """Nearest repeats pixels; bilinear reads all whose triangle, one pixel wide to each side, covers the centre.

    Bicubic reads those within two pixels of it, and just the pixel where the map keeps its size.
    """
    axes = len(spatial)
    if size is not None:
        drawn = [list(range(out)) for out in each(size, axes)]
    else:
        assert scale_factor is not None
        factors = zip(spatial, each(scale_factor, axes), strict=True)
        drawn = [[pixel for pixel in range(n) for _ in range(factor)] for n, factor in factors]

    def reads(n: int, units: list[int]) -> Iterator[list[int]]:
        for i in range(len(units)):
            pixel = Fraction(n, len(units))
            if mode != "nearest":
                centre = (i + Fraction(1, 2)) * pixel - Fraction(1, 2)
                if align_corners:
                    centre = Fraction(i * (n - 1), max(1, len(units) - 1))
                reach = 2 if mode == "bicubic" and n != len(units) else 1
                yield [p for p in range(-2, n + 2) if abs(p - centre) < reach]
            elif size is None:
                yield [units[i]]
            else:
                yield [p for p in range(n) if p <= i * pixel < p + 1]

    return read(channels, [list(reads(n, units)) for n, units in zip(spatial, drawn, strict=True)])


def pad(channels: int, spatial: tuple[int, ...], *, padding: Padding) -> Seen:
    """The line of pixels, made longer at both ends."""
    rows = zip(spatial, sides(padding, len(spatial)), strict=True)
    return read(channels, [[[pixel] for pixel in range(-before, n + after)] for n, (before, after) in rows])


def crop(
    channels: int,
    spatial: tuple[int, ...],
    *,
    size: PerAxis | None = None,
    cropping: Padding | None = None,
    step: PerAxis = 1,
) -> Seen:
    """Cropping cuts both ends; for a size, pixels are taken off the end and the start by turns. Then it steps."""
    lines = [list(range(n)) for n in spatial]
    if cropping is not None:
        for line, (before, after) in zip(lines, sides(cropping, len(lines)), strict=True):
            line[:] = line[before : max(before, len(line) - after)]
        for line, by in zip(lines, each(step, len(lines)), strict=True):
            line[:] = line[::by]
    else:
        assert size is not None
        for line, wanted in zip(lines, each(size, len(lines)), strict=True):
            at_end = True
            while len(line) > wanted:
                line.pop(-1 if at_end else 0)
                at_end = not at_end
            if len(line) < wanted:
                line.clear()
    return read(channels, [[[pixel] for pixel in line] for line in lines])


ORACLES: dict[str, Callable[..., Seen]] = {
    "conv": conv,
    "wsconv": wsconv,
    "blurpool": blurpool,
    "local": local,
    "linear": linear,
    "dwconv": dwconv,
    "convmap": convmap,
    "convtranspose": convtranspose,
    "maxpool": pool,
    "avgpool": pool,
    "subsample": subsample,
    "adaptivemaxpool": adaptive,
    "adaptiveavgpool": adaptive,
    "globalmaxpool": whole,
    "globalavgpool": whole,
    "fc": fc,
    "flatten": flatten,
    "upsample": upsample,
    "pad": pad,
    "crop": crop,
}
