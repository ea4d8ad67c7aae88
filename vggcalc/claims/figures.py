"""What a table may print of a network or of some of its layers: one record a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from vggcalc.analysis.report import Report, Row
from vggcalc.claims.printed import Actual
from vggcalc.conventions import Count, connections, count_memory, count_operations
from vggcalc.units import n_bytes

Kind = Literal["count", "values", "bytes", "axes", "shape"]


class Selection(NamedTuple):
    """What a claim is about: the whole model, or some layers; `last` is the layer whose output counts.

    counts: those of the report that were made so far. names: of the layers and blocks, as they were asked for.
    """

    report: Report
    rows: Sequence[Row]
    last: Row | None
    is_whole: bool
    counts: dict[str, Count]
    convention: str = ""
    names: Sequence[str] = ()


class Figure(NamedTuple):
    """A figure, and how it is read off a report; None where it is unknown.

    kind: `count` of things; `values`, each of which takes bytes; `bytes`; `axes`, one number where all axes are alike;
    `shape`, height x width x channels. conventions: `operations` or `memory`, where it is counted by a named rule.
    nouns: what a print of it may say that it counts, beside the bytes of `values` and `bytes`.
    """

    description: str
    kind: Kind
    value: Callable[[Selection], Actual | None]
    conventions: str = ""
    nouns: tuple[str, ...] = ()


EACH: dict[str, Callable[[Row, Report], int]] = {
    "params": lambda row, _: row.params,
    "weights": lambda row, _: row.weights,
    "biases": lambda row, _: row.biases,
    "buffers": lambda row, _: row.buffers,
    "macs": lambda row, _: row.macs,
    "flops": lambda row, _: 2 * row.macs,
    "connections": lambda row, report: connections(row, report.batch),
    "activations": lambda row, _: row.activations,
    "neurons": lambda row, _: row.activations if row.multiplies else 0,
}
"""What a layer adds to each figure that is a sum over layers."""

FOLLOWED = ("rf", "jump", "padding")
"""The figures for which receptive fields must be followed."""

COUNTED = {"params": ("weight", "bias"), "weights": ("weight",), "biases": ("bias",), "buffers": ("buffer",)}
"""The tensors of a layer whose elements are a figure, by what they count as."""


def whole_of(report: Report, counts: dict[str, Count], convention: str = "") -> Selection:
    """All layers of a model."""
    outputs = report.network.outputs
    last = report.rows[outputs[0]] if len(outputs) == 1 else None
    return Selection(report, report.rows, last, True, counts, convention)


def value_of(name: str, selection: Selection, in_bytes: bool, share: bool = False) -> Actual | None:
    """A figure of a selection; of `values`, what they take in the report's number format when bytes are asked for.

    share: as a part of the whole model's.
    """
    figure = FIGURES[name]
    found = figure.value(selection)
    if figure.kind == "values" and in_bytes and isinstance(found, int):
        found = n_bytes(found, selection.report.dtype)
    if not share or not isinstance(found, int):
        return found
    whole = value_of(name, whole_of(selection.report, selection.counts, selection.convention), in_bytes)
    return Fraction(found, whole) if isinstance(whole, int) and whole else None


def count_of(selection: Selection, what: str, name: str) -> Count:
    """The count of `operations` or `memory` of a whole report by a convention."""
    key = f"{what} {name}"
    if key not in selection.counts:
        count = count_operations if what == "operations" else count_memory
        selection.counts[key] = count(selection.report, name)
    return selection.counts[key]


def _operations(selection: Selection) -> int | None:
    """Operations by the convention that is named."""
    return _counted(selection, "operations", selection.convention)


def _memory(selection: Selection, name: str = "") -> int | None:
    """Bytes by the convention that is named; a count that is no memory has none."""
    name = name or selection.convention
    values = _memory_values(selection, name)
    found = count_of(selection, "memory", name)
    if selection.is_whole:
        return found.total_bytes
    each = found.convention.bytes_each
    if values is None or each == 0 or name == "saved":
        return None
    return n_bytes(values, selection.report.dtype) if each is None else each * values


def _memory_values(selection: Selection, name: str = "") -> int | None:
    """Values by the convention that is named."""
    return _counted(selection, "memory", name or selection.convention)


def _counted(selection: Selection, what: str, name: str) -> int | None:
    found = count_of(selection, what, name)
    if selection.is_whole:
        return found.total
    inside = {row.name for row in selection.rows}
    values = [found.of(index) for index, row in enumerate(selection.report.rows) if row.name in inside]
    known = [value for value in values if value is not None]
    if len(known) < len(values) or not known:
        return None
    return sum(known) if found.convention.is_sum else max(known)


def _whole(figure: str) -> Callable[[Selection], Actual | None]:
    """A figure that only whole models have."""
    return lambda selection: getattr(selection.report.totals, figure) if selection.is_whole else None


def _sum(figure: str) -> Callable[[Selection], int]:
    """A figure that every layer adds to."""
    each = EACH[figure]
    return lambda selection: sum(each(row, selection.report) for row in selection.rows)


def _takes(figure: str) -> Callable[[Selection], Actual | None]:
    total = _sum(figure)
    return lambda selection: n_bytes(total(selection), selection.report.dtype)


def _of_last(figure: Callable[[Row], Actual]) -> Callable[[Selection], Actual | None]:
    return lambda selection: figure(selection.last) if selection.last is not None else None


def _depth(selection: Selection) -> int:
    """Layers with multiply-accumulates on the longest path through the selection."""
    inside = {row.name for row in selection.rows}
    longest: list[int] = []
    for row in selection.report.rows:
        before = max((longest[source] for source in row.inputs), default=0)
        longest.append(before + (row.multiplies and row.name in inside))
    return max(longest, default=0)


def _field(figure: str) -> Callable[[Selection], Actual | None]:
    """A figure of the receptive field; of a whole model, that of its last layer that still has a map."""

    def value(selection: Selection) -> Actual | None:
        row = _last_map(selection.rows) or selection.last if selection.is_whole else selection.last
        found = {tuple(getattr(field, figure) for field in axes) for axes in row.fields.values()} if row else set()
        return _alike(found.pop()) if len(found) == 1 else None

    return value


def _last_map(rows: Sequence[Row]) -> Row | None:
    seen = [row for row in rows if row.fields and row.inputs and not row.is_elementwise]
    maps = [row for row in seen if any(size > 1 for size in row.output.spatial)] or seen
    return maps[-1] if maps else None


def _window(figure: str) -> Callable[[Selection], Actual | None]:
    """The size, stride or start of the last window of the selection."""

    def value(selection: Selection) -> Actual | None:
        row = _last_window(selection)
        if row is None:
            return None
        return _alike(tuple(getattr(window, figure) for window in row.layer.window(*row.input_shapes)))

    return value


def _kernel(selection: Selection) -> Actual | None:
    """The size of the last window; of a convolution, transposed or dilated too, that of its weights."""
    row = _last_window(selection)
    if row and row.tensors and len(row.tensors[0].shape) == 2 + len(row.output.spatial):
        return _alike(row.tensors[0].shape[:-2])
    return _window("size")(selection)


def _last_window(selection: Selection) -> Row | None:
    """The last layer of the selection, if it sees its input through a window."""
    rows = [row for row in selection.rows if row.inputs and not row.layer.in_place]
    return rows[-1] if rows and len(rows[-1].inputs) == 1 else None


def _before(selection: Selection) -> Actual | None:
    start = _window("low")(selection)
    return -start if isinstance(start, int) else tuple(-axis for axis in start) if isinstance(start, tuple) else None


def _blocks(selection: Selection) -> int:
    """Blocks that stand directly inside the named ones, or in the network."""
    starts = tuple(f"{name}." for name in selection.names)
    inside = [name for name in selection.report.network.blocks if name.startswith(starts) or not starts]
    return len({name for name in inside if not name.startswith(tuple(f"{other}." for other in inside))})


def _filters(place: slice) -> Callable[[Selection], Actual | None]:
    """Extents of the weights of the only layer: height x width x input channels x output channels."""

    def value(selection: Selection) -> Actual | None:
        shapes = [tensor.shape for row in selection.rows if row.has_kernel for tensor in row.tensors[:1]]
        return shapes[0][place] if len(shapes) == 1 else None

    return value


def _whole_filters(selection: Selection) -> Actual | None:
    """The extents of all weights; of filters that see one channel each, without the 1 of it."""
    shape = _filters(slice(None))(selection)
    return shape[:-2] + shape[-1:] if isinstance(shape, tuple) and shape[-2] == 1 < shape[-1] else shape


def _input(selection: Selection) -> Actual | None:
    """The shape that the first layer reads."""
    shapes = selection.rows[0].input_shapes if selection.rows else ()
    return shapes[0].hwc if len(shapes) == 1 else None


def _alike(axes: tuple[int, ...]) -> Actual | None:
    return axes[0] if len(set(axes)) == 1 else axes or None


_CONVENTION = "by the named convention"
_PARAMS = ("parameters",)
_WORK = ("MACs", "FLOPs")
"""Papers call MACs FLOPs, but no FLOPs MACs."""

FIGURES: dict[str, Figure] = {
    "params": Figure("weights and biases", "values", _sum("params"), nouns=_PARAMS),
    "weights": Figure("elements of the trained tensors but the biases", "values", _sum("weights"), nouns=_PARAMS),
    "kernels": Figure(
        "weights of convolutions and fully connected layers, without those of normalisation",
        "values",
        lambda selection: sum(row.weights for row in selection.rows if row.has_kernel),
        nouns=_PARAMS,
    ),
    "biases": Figure("elements of the trained biases", "values", _sum("biases"), nouns=_PARAMS),
    "buffers": Figure(
        "elements that are stored but not trained", "values", _sum("buffers"), nouns=("parameters", "values")
    ),
    "params_bytes": Figure("what the parameters take", "bytes", _takes("params")),
    "macs": Figure("multiply-accumulates of convolutions and linear layers", "count", _sum("macs"), nouns=_WORK),
    "flops": Figure("2 x macs", "count", _sum("flops"), nouns=("FLOPs",)),
    "operations": Figure(f"operations {_CONVENTION}", "count", _operations, "operations", nouns=_WORK),
    "connections": Figure(
        "weighted links into units, biases included", "count", _sum("connections"), nouns=("connections",)
    ),
    "activations": Figure(
        "values in the outputs; the whole model's with its input", "values", _sum("activations"), nouns=("values",)
    ),
    "activations_bytes": Figure("what the activations take", "bytes", _takes("activations")),
    "forward": Figure(
        "activations, and the input that each convolution and fully connected layer keeps",
        "values",
        _whole("forward"),
        nouns=("values",),
    ),
    "forward_bytes": Figure("what `forward` takes", "bytes", _whole("forward_bytes")),
    "memory": Figure(f"memory in bytes {_CONVENTION}", "bytes", _memory, "memory"),
    "memory_values": Figure(
        f"memory in values {_CONVENTION}", "count", _memory_values, "memory", nouns=("values", "parameters")
    ),
    "live": Figure(
        "the peak of an inference that frees tensors",
        "bytes",
        lambda selection: _memory(selection, "live"),
    ),
    "saved": Figure(
        "what training keeps from forward to backward", "bytes", lambda selection: _memory(selection, "saved")
    ),
    "neurons": Figure(
        "outputs of convolutions and fully connected layers", "values", _sum("neurons"), nouns=("neurons",)
    ),
    "layers": Figure(
        "convolutions and fully connected layers",
        "count",
        lambda selection: sum(row.multiplies for row in selection.rows),
        nouns=("layers",),
    ),
    "depth": Figure("convolutions and fully connected layers on the longest path", "count", _depth, nouns=("layers",)),
    "blocks": Figure("blocks directly inside", "count", _blocks),
    "reads": Figure("height x width x channels that the first layer reads", "shape", _input),
    "filter": Figure("height x width x channels of one kernel of the layer", "shape", _filters(slice(-1))),
    "filters": Figure("height x width x channels x number of the layer's kernels", "shape", _whole_filters),
    "output": Figure("height x width x channels of the last output", "shape", _of_last(lambda row: row.output.hwc)),
    "size": Figure("height x width of the last output", "axes", _of_last(lambda row: _alike(row.output.spatial) or 1)),
    "channels": Figure("channels of the last output", "count", _of_last(lambda row: row.output.channels)),
    "kernel": Figure("height x width of the last convolution's or pooling's window", "axes", _kernel),
    "stride": Figure("the stride of the last convolution or pooling", "axes", _window("stride")),
    "pad": Figure("what the last convolution or pooling adds before an axis", "axes", _before),
    "rf": Figure("size of the receptive field; of a whole model, its last map's", "axes", _field("size")),
    "jump": Figure("effective stride of the receptive field", "axes", _field("jump")),
    "padding": Figure("effective padding of the receptive field", "axes", _field("padding")),
}
"""Every figure that a table may claim, by its word in the tables' language."""
