"""Caffe's layers that put values elsewhere: joined, cut, reshaped and reordered blobs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod

from vggcalc.errors import FieldError, ShapeError
from vggcalc.frameworks.caffe.blobs import BATCH, CHANNELS, SINGLE, Blob
from vggcalc.frameworks.caffe.step import Step, is_known, number, whole
from vggcalc.frameworks.caffe.table import op


@op("concat", "concatenation")
def _concat(step: Step) -> Blob:
    """Of the batch nobody knows how much of it one image is."""
    said = step.param("concat_param")
    axis = number(said, "axis", "concat_dim", default=1)
    letters = {blob.letter(axis) for blob in step.bottoms}
    layouts = {blob.layout for blob in step.bottoms}
    if len(layouts) == 1 and letters == {CHANNELS}:
        return step.add("concat", *step.bottoms)
    if len(layouts) == 1 and letters <= set("0123"):
        return step.add("concat", *step.bottoms, axis=int(letters.pop()))
    if len(step.bottoms) == 1:
        return step.add("identity")
    if letters == {BATCH}:
        return step.unknown(step.bottom.shape.hwc, step.bottom.layout)
    return step.unknown()


@op("slice")
def _slice(step: Step) -> Sequence[Blob]:
    """A slice of the batch is what one image is."""
    said = step.param("slice_param")
    axis = number(said, "axis", "slice_dim", default=1)
    letter = step.bottom.letter(axis)
    points = [whole(text) for text in said.texts("slice_point")]
    if not letter:
        raise FieldError("", f"its bottom has no axis {axis}", "axes count from 0", code="shape-misfit")
    extent = step.bottom.dims[step.bottom.axis(axis)]
    points = points or [extent * part // step.tops for part in range(1, step.tops)]
    if len(points) != step.tops - 1:
        wrong = f"{len(points)} points do not cut it into {step.tops} tops"
        raise FieldError("", wrong, "give one point fewer than tops", code="shape-misfit")
    return [
        _part(step, letter, start, stop, f".{part}")
        for part, (start, stop) in enumerate(pairwise([0, *points, extent]))
    ]


def _part(step: Step, letter: str, start: int, stop: int, suffix: str) -> Blob:
    if letter in (BATCH, SINGLE):
        return step.add("identity", suffix=suffix)
    if letter == CHANNELS:
        return step.add("slice", start=start, stop=stop, suffix=suffix)
    spatial = step.bottom.shape.spatial
    size = tuple(stop - start if axis == int(letter) else n for axis, n in enumerate(spatial))
    offset = tuple(start if axis == int(letter) else 0 for axis in range(len(spatial)))
    return step.add("crop", size=size, offset=offset, suffix=suffix)


@op("split")
def _split(step: Step) -> Sequence[Blob]:
    return [step.bottom] * step.tops


@op("filter", "batchreindex", "gradientscaler", "gradientscale", "reverse", "reversetime")
def _same(step: Step) -> Sequence[Blob]:
    """Some of the images, in another order: for one of them nothing changes."""
    return [
        step.add("identity", step.bottoms[min(part, len(step.bottoms) - 1)], suffix=f".{part}" if part else "")
        for part in range(max(1, step.tops))
    ]


@op("shufflechannel", "channelshuffle")
def _shuffle(step: Step) -> Blob:
    """ShuffleNet's fork."""
    return step.add(
        "channelshuffle", groups=number(step.param("shuffle_channel_param", "shuffle_param"), "group", default=1)
    )


@op("reorg", "spacetodepth", "reorgyolo")
def _reorg(step: Step) -> Blob:
    return step.add("spacetodepth", block_size=number(step.param("reorg_param"), "stride", default=2))


@op("pixelshuffle", "depthtospace", "subpixel")
def _pixel_shuffle(step: Step) -> Blob:
    said = step.param("pixel_shuffle_param", "pixelshuffle_param", "sub_pixel_param")
    return step.add("depthtospace", block_size=number(said, "upscale_factor", "scale", "block_size", default=2))


@op("padding", "pad")
def _pad(step: Step) -> Blob:
    said = step.param("padding_param", "pad_param")
    sides = [number(said, f"pad_{side}", default=0) for side in "tblr"]
    return step.add("pad", padding=((sides[0], sides[1]), (sides[2], sides[3])) if any(sides) else _one_pad(step))


def _one_pad(step: Step) -> int:
    return number(step.param("padding_param", "pad_param"), "pad", "pad_size", default=0)


@op("crop")
def _crop(step: Step) -> Blob:
    """As large as the second bottom from `axis` on; from an offset, or in the middle in FCN's first fork."""
    if len(step.bottoms) < 2 or not is_known(step.bottoms[1]):
        return step.unknown()
    said = step.param("crop_param")
    wanted = step.bottoms[1].shape.spatial
    axis = number(said, "axis", default=2)
    first = max(0, (step.bottom.axis(axis)) - 2)
    offsets = [whole(text) for text in said.texts("offset")]
    if step.bottom.layout != step.bottoms[1].layout or len(offsets) not in (0, 1, len(wanted) - first):
        return step.unknown()
    size = (*step.bottom.shape.spatial[:first], *wanted[first:])
    each = offsets if len(offsets) > 1 else offsets * (len(wanted) - first)
    return step.add("crop", size=size, offset=(*[0] * first, *each) if offsets else None)


@op("tile")
def _tile(step: Step) -> Blob:
    said = step.param("tile_param")
    letter = step.bottom.letter(number(said, "axis", default=1))
    times = number(said, "tiles", default=1)
    if letter == CHANNELS:
        return step.add("tile", channels=times)
    if letter in (BATCH, SINGLE, ""):
        return step.unknown()
    return step.add("tile", repeats=tuple(times if int(letter) == axis else 1 for axis in range(step.axes)))


@op("permute")
def _permute(step: Step) -> Blob:
    """SSD's fork. Where the channels alone move, as in `order: [0, 2, 3, 1]`, the map stays and has them last."""
    said = step.param("permute_param")
    layout = step.bottom.layout
    order = [whole(text) for text in said.texts("order")]
    order += [axis for axis in range(len(layout)) if axis not in order]
    if sorted(order) != list(range(len(layout))):
        raise FieldError(
            "", f"order {order} names no axes of a blob of {len(layout)}", "name each once", code="shape-misfit"
        )
    moved = [layout[axis] for axis in order]
    digits = [letter for letter in moved if letter.isdigit()]
    renamed = "".join(str(digits.index(letter)) if letter.isdigit() else letter for letter in moved)
    own = [str(axis) for axis in range(step.axes)]
    places = [int(letter) for letter in digits] + [axis for axis in range(len(own)) if str(axis) not in digits]
    return step.add("permute", layout=renamed, order=(*places, len(own)))


@op("flatten")
def _flatten(step: Step) -> Blob:
    said = step.param("flatten_param")
    start = step.bottom.axis(number(said, "axis", default=1))
    stop = step.bottom.axis(number(said, "end_axis", default=-1)) + 1
    dims = step.bottom.dims
    return _reshaped(step, [*dims[:start], prod(dims[start:stop]), *dims[stop:]])


@op("reshape")
def _reshape(step: Step) -> Blob:
    """0 keeps an extent, -1 is what is left; `axis` and `num_axes` say which axes are replaced."""
    said = step.param("reshape_param")
    wanted = [whole(dim) for dim in said.message("shape").texts("dim")]
    dims = list(step.bottom.dims)
    axis = number(said, "axis", default=0)
    first = axis + len(dims) + 1 if axis < 0 else axis
    count = number(said, "num_axes", default=-1)
    last = len(dims) if count < 0 else first + count
    if wanted.count(-1) > 1 or any(dim < -1 for dim in wanted) or not first <= last <= len(dims):
        raise FieldError("", "the shape is none", "give whole numbers, one of them -1", code="bad-field")
    try:
        wanted = [dims[first + place] if dim == 0 else dim for place, dim in enumerate(wanted)]
    except IndexError:
        raise FieldError("", "a 0 has no axis to keep", "leave it out", code="shape-misfit") from None
    whole_shape = [*dims[:first], *wanted, *dims[last:]]
    if -1 in wanted:
        rest = -prod(whole_shape)
        if rest == 0 or prod(dims) % rest:
            raise _misfit(dims, whole_shape)
        whole_shape[whole_shape.index(-1)] = prod(dims) // rest
    return _reshaped(step, whole_shape)


def _misfit(dims: Sequence[int], wanted: Sequence[int]) -> ShapeError:
    said = " x ".join(map(str, dims))
    hint = "give it as many values"
    return ShapeError(f"a blob of {said} is no {' x '.join(map(str, wanted))}", hint, code="shape-misfit")


def _reshaped(step: Step, wanted: Sequence[int]) -> Blob:
    """The same values under other extents; axes that stay at the begin and the end keep what they are."""
    read = step.bottom
    dims, layout = read.dims, read.layout
    if prod(dims) != prod(wanted):
        raise _misfit(dims, wanted)
    start = 0
    while start < min(len(dims), len(wanted)) and dims[start] == wanted[start]:
        start += 1
    stop = 0
    while stop < min(len(dims), len(wanted)) - start and dims[-1 - stop] == wanted[-1 - stop]:
        stop += 1
    inner = layout[start : len(layout) - stop]
    extents = list(wanted[start : len(wanted) - stop])
    batch = read.batch
    before = layout[:start]
    if inner.startswith(BATCH):
        found = _batch(dims[start], extents)
        if found is None:
            return step.unknown()
        before += BATCH * found
        batch = (*batch[: before.count(BATCH) - found], *extents[:found])
        inner, extents = inner[1:], extents[found:]
    if BATCH in inner:
        return step.unknown()
    made = "".join(_letters(inner, extents, len(wanted)))
    after = layout[len(layout) - stop :]
    return _moved(step, before + made + after, [*wanted], batch)


def _batch(size: int, extents: Sequence[int]) -> int | None:
    """Into how many of the new axes the batch falls."""
    for count in range(1, len(extents) + 1):
        if prod(extents[:count]) == size:
            return count
    return None


def _letters(inner: str, extents: Sequence[int], rank: int) -> Iterator[str]:
    """What the new axes are: the channels stay first or last, and what was a vector is a map or a list of boxes."""
    if CHANNELS not in inner:
        yield from "?" * len(extents)
        return
    is_first = inner[0] == CHANNELS and (inner[-1] != CHANNELS or rank > 3)
    for place in range(len(extents)):
        yield CHANNELS if place == (0 if is_first else len(extents) - 1) else "?"


def _moved(step: Step, letters: str, wanted: Sequence[int], batch: tuple[int, ...]) -> Blob:
    """The layer that reshapes; the positions are numbered anew."""
    if sum(letter not in (BATCH, CHANNELS, SINGLE) for letter in letters) > 3:
        return step.unknown()
    digits = iter(range(3))
    layout = "".join(letter if letter in (BATCH, CHANNELS, SINGLE) else str(next(digits)) for letter in letters)
    spatial = [n for letter, n in zip(layout, wanted, strict=True) if letter.isdigit()]
    channels = prod(n for letter, n in zip(layout, wanted, strict=True) if letter == CHANNELS)
    if not spatial:
        made = step.add("flatten", layout=layout)
    else:
        made = step.add("reshape", layout=layout, shape=(*spatial, channels))
    return made._replace(batch=batch)
