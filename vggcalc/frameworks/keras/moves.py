"""What moves values or leaves some out: reshaped, permuted, repeated, sliced; and one value in place of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod
from typing import Any

from vggcalc.frameworks.keras.located import Object
from vggcalc.frameworks.keras.normalisation import by_length
from vggcalc.frameworks.keras.step import Step, Unknown, Value
from vggcalc.frameworks.keras.table import layer, operation


@layer("Flatten")
def _flatten(step: Step) -> Value:
    value = step.value
    if step.lead:
        sizes = value.sizes or ()
        return step.reshaped(value, (*sizes[: step.lead], prod(sizes[step.lead :])), step.lead, "")
    return Value(step.add("flatten"), (prod(value.sizes or ()),), 0)


@layer("Reshape")
def _reshape(step: Step) -> Value:
    return _reshaped(step, step.config.get("target_shape"))


def _reshaped(step: Step, wanted: Any) -> Value:
    """Extents without the batch; one of -1 is what is left."""
    if not isinstance(wanted, list | tuple) or not all(type(n) is int for n in wanted) or list(wanted).count(-1) > 1:
        raise Unknown
    given = step.value.sizes or ()
    ahead, rest = given[: step.lead], prod(given[step.lead :])
    known = prod(n for n in wanted if n != -1)
    if known < 1 or (-1 in wanted and rest % known):
        raise step._refuse("target_shape", f"extents of {rest:,} values in all")
    sizes = (*ahead, *(rest // known if n == -1 else n for n in wanted))
    if len(sizes) == 1:
        return Value(step.add("flatten"), sizes, 0)
    return step.reshaped(step.value, sizes, step.place(len(sizes), step.order), "")


@layer("Permute")
def _permute(step: Step) -> Value:
    dims = step.config.get("dims")
    if not isinstance(dims, list):
        raise step._refuse("dims", "a list of axes, counted from 1")
    return _permuted(step, [step.axis(axis, step.value) for axis in dims])


def _permuted(step: Step, order: Sequence[int]) -> Value:
    value = step.value
    order = (*range(step.lead), *order)
    if sorted(order) != list(range(value.rank)) or value.sizes is None:
        raise Unknown
    channels = step.place(value.rank, step.order)
    assert channels is not None
    sizes = tuple(value.sizes[place] for place in order)
    if value.channels is None:
        value = step.arranged(value, value.rank - 1)
        assert value.channels is not None
    now = (*value.positions, value.channels)
    wanted = (*(old for place, old in enumerate(order) if place != channels), order[channels])
    moves = tuple(now.index(old) for old in wanted)
    if moves == tuple(range(value.rank)):
        return Value(step.add("identity", value), sizes, channels)
    return Value(step.add("permute", value, order=moves), sizes, channels)


@layer("RepeatVector")
def _repeat(step: Step) -> Value:
    length = step.width
    row = step.reshaped(step.value, (1, length), 1)
    return Value(step.add("tile", row, repeats=step.number("n")), (step.number("n"), length), 1)


# --- operations -----------------------------------------------------------------------------------------------------


def _said(step: Step, *names: str, place: int = 1, default: Any = None) -> Any:
    """An argument of an operation: a field of it, by name, or by its place in the call."""
    for name in names:
        for found in (step.config, step.kwargs):
            if name in found:
                return found[name]
    return step.args[place] if len(step.args) > place else default


def _axes(step: Step, said: Any) -> list[int]:
    """Axes as extents of the tensor; the batch is none."""
    value = step.value
    if said is None:
        raise Unknown
    if not all(type(axis) is int for axis in (said if isinstance(said, list | tuple) else [said])):
        raise Unknown
    return sorted({step.axis(axis, value) for axis in (said if isinstance(said, list | tuple) else [said])})


def _reduction(op: str) -> Callable[[Step], Value]:
    def read(step: Step) -> Value:
        places = _axes(step, _said(step, "axis", "axes"))
        keeps = bool(_said(step, "keepdims", "keep_dims", place=2, default=False))
        return _reduced(step, places, op, keeps)

    return read


def _reduced(step: Step, places: Sequence[int], op: str, keeps: bool) -> Value:
    value = step.value
    whole = {"mean": "globalavgpool", "max": "globalmaxpool"}.get(op)
    gone = tuple(value.positions.index(place) for place in places if place != value.channels)
    tensor = value.tensor
    over_channels = value.channels in places
    if gone and len(gone) == len(value.positions) and whole:
        tensor = step.add(whole, suffix="positions" if over_channels else "")
    elif gone:
        tensor = step.add("reduce", op=op, positions=gone, suffix="positions" if over_channels else "")
    if over_channels:
        tensor = step.add("reduce", tensor, op=op)
    sizes = tuple(1 if place in places else size for place, size in enumerate(value.sizes or ()))
    if keeps:
        return Value(tensor, sizes, value.channels)
    return _without(step, tensor, sizes, value.channels, places)


def _without(step: Step, tensor: Any, sizes: Sequence[int], channels: int | None, gone: Sequence[int]) -> Value:
    """A tensor without some of its extents, which are 1."""
    kept = [place for place in range(len(sizes)) if place not in gone]
    new = kept.index(channels) if channels in kept else None
    return step.fitted(tensor, [sizes[place] for place in kept], new)


operation("mean", "reducemean")(_reduction("mean"))
operation("max", "reducemax", "amax")(_reduction("max"))
operation("min", "reducemin", "amin")(_reduction("min"))
operation("sum", "reducesum")(_reduction("sum"))
operation("prod", "reduceprod")(_reduction("prod"))
operation("norm")(_reduction("l2"))


@operation("reshape")
def _reshape_operation(step: Step) -> Value:
    """The batch stands first."""
    wanted = _said(step, "newshape", "shape")
    if not isinstance(wanted, list | tuple) or len(wanted) < 2:
        raise Unknown
    return _reshaped(step, wanted[1:])


@operation("transpose")
def _transpose(step: Step) -> Value:
    order = _said(step, "axes", "perm")
    if not isinstance(order, list | tuple) or not order or order[0] != 0:
        raise Unknown
    return _permuted(step, [step.axis(axis, step.value) for axis in order[1:]])


@operation("expanddims")
def _expand(step: Step) -> Value:
    axis, value = _said(step, "axis"), step.value
    if type(axis) is not int:
        raise Unknown
    place = axis + value.rank + 1 if axis < 0 else axis - 1
    if not 0 <= place <= value.rank:
        raise Unknown
    sizes = (*(value.sizes or ())[:place], 1, *(value.sizes or ())[place:])
    return step.reshaped(value, sizes, step.place(len(sizes), step.order), "")


@operation("squeeze")
def _squeeze(step: Step) -> Value:
    value, said = step.value, _said(step, "axis")
    gone = _axes(step, said) if said is not None else [n for n, size in enumerate(value.sizes or ()) if size == 1]
    return _without(step, step.add("identity"), value.sizes or (), value.channels, gone)


@operation("cast", "identity", "stopgradient", "converttotensor", "stop", "copy")
def _nothing(step: Step) -> Value:
    return step.same("identity")


@operation("l2normalize", "normalize", "unitnormalize")
def _normalize(step: Step) -> Value:
    (place,) = _axes(step, _said(step, "axis", default=-1))
    return by_length(step, step.arranged(step.value, place))


@operation("getitem", "operators.getitem")
def _slice(step: Step) -> Value:
    """Parts of axes, each from a start to a stop; a single one takes its axis away."""
    key = _said(step, "key", "slice_spec")
    parts = list(key) if isinstance(key, tuple | list) else [key]
    if not parts or _part(parts[0], 1) != (0, 1, 1, False):  # the batch as it is
        raise Unknown
    value = step.value
    sizes = list(value.sizes or ())
    gone: list[int] = []
    ends = [(0, size, 1) for size in sizes]
    if len(parts) - 1 > len(sizes):
        raise Unknown
    for place, part in enumerate(parts[1:]):
        start, stop, every, is_one = _part(part, sizes[place])
        ends[place] = start, stop, every
        gone += [place] * is_one
    return _without(step, *_parted(step, value, ends), value.channels, gone)


def _part(part: Any, size: int) -> tuple[int, int, int, bool]:
    """From where to where a slice goes, by how many, and whether it is a single index."""
    if isinstance(part, Object) and part.get("class_name") == "__slice__" and isinstance(part.get("config"), Object):
        part = part["config"]
    if isinstance(part, Object) and "class_name" not in part:
        given = [part.get(key) for key in ("start", "stop", "step")]
        if not all(n is None or type(n) is int for n in given) or (given[2] or 1) < 1:
            raise Unknown
        found = range(size)[slice(*given)]
        if not found:
            raise Unknown
        return found.start, found.stop, found.step, False
    if type(part) is int and -size <= part < size:
        return part % size, part % size + 1, 1, True
    raise Unknown


def _parted(step: Step, value: Value, ends: Sequence[tuple[int, int, int]]) -> tuple[Any, list[int]]:
    tensor = value.tensor
    sizes = [len(range(*end)) for end in ends]
    spatial = [ends[place] for place in value.positions]
    cuts_channels = value.channels is not None and ends[value.channels][:2] != (0, (value.sizes or ())[value.channels])
    if value.channels is not None and ends[value.channels][2] != 1:
        raise Unknown
    is_cut = [
        end for end, place in zip(spatial, value.positions, strict=True) if end != (0, (value.sizes or ())[place], 1)
    ]
    if is_cut:
        fields: dict[str, Any] = {
            "size": tuple(len(range(*end)) for end in spatial),
            "offset": tuple(start for start, _, _ in spatial),
        }
        if any(every != 1 for _, _, every in spatial):
            fields["step"] = tuple(every for _, _, every in spatial)
        tensor = step.add("crop", tensor, suffix="positions" if cuts_channels else "", **fields)
    if cuts_channels and value.channels is not None:
        start, stop, _ = ends[value.channels]
        tensor = step.add("slice", tensor, start=start, stop=stop)
    if not is_cut and not cuts_channels:
        tensor = step.add("identity", tensor)
    return tensor, sizes


@operation("split")
def _split(step: Step) -> Sequence[Value]:
    """Equal parts along an axis, or parts that end at the places that are named."""
    said = _said(step, "indices_or_sections", "num_or_size_splits", "num_split")
    (place,) = _axes(step, _said(step, "axis", place=2, default=-1))
    value = step.value
    size = (value.sizes or ())[place]
    if type(said) is int and said > 0 and size % said == 0:
        marks = [size // said * part for part in range(said + 1)]
    elif isinstance(said, list | tuple) and all(type(n) is int and n > 0 for n in said):
        sums = [sum(said[: part + 1]) for part in range(len(said))]
        marks = [0, *sums] if sums and sums[-1] == size else [0, *said, size]
    else:
        raise Unknown
    found = []
    for number, (start, stop) in enumerate(pairwise(marks)):
        if value.channels == place:
            tensor = step.add("slice", suffix=str(number), start=start, stop=stop)
        else:
            axes = [(0, (value.sizes or ())[n]) for n in value.positions]
            axes[value.positions.index(place)] = (start, stop)
            offset, cut = tuple(low for low, _ in axes), tuple(high - low for low, high in axes)
            tensor = step.add("crop", suffix=str(number), size=cut, offset=offset)
        found.append(step.written(tensor, value))
    return found


@operation("spacetodepth", "depthtospace")
def _blocks(step: Step) -> Value:
    size = _said(step, "block_size")
    if type(size) is not int:
        raise Unknown
    value = step.arranged(step.value, step.place(step.value.rank))
    return step.written(step.add(step.called, value, block_size=size, order="blocks"), value)


@operation("resize", "resizebilinear", "resizenearestneighbor", "imageresize")
def _resize(step: Step) -> Value:
    size = _said(step, "size")
    if not isinstance(size, list | tuple) or not all(type(n) is int for n in size):
        raise Unknown
    value = step.arranged(step.value, step.place(step.value.rank))
    method = _said(step, "interpolation", "method", place=2, default="bilinear")
    mode = method if method in ("nearest", "bilinear", "bicubic") else "bilinear"
    return step.written(step.add("upsample", value, size=tuple(size), mode=mode), value)
