"""The derivation of a layer's figures, line by line, as a student would write it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vggcalc.analysis.axes import view_of
from vggcalc.analysis.field import PIXEL, Field
from vggcalc.analysis.report import Report, Row
from vggcalc.layers import Formula, Window
from vggcalc.layers.base import formula
from vggcalc.record import Record
from vggcalc.shape import AXES, Shape
from vggcalc.units import DTYPE_BITS, n_bytes

_TRAINING = "runs in training alone: no work at inference"


class Line(Record):
    """One figure of a layer, by its key in the catalogue, and how it comes about.

    axes: those that it is of, where it is not of the whole map. input: which input the layer sees so. convention: who
    counts, where somebody must be named.
    """

    figure: str
    formula: Formula
    axes: tuple[str, ...] = ()
    input: str = ""
    convention: str = ""


class Derivation(Record):
    """All lines of one layer."""

    row: Row
    lines: tuple[Line, ...]


def derive(report: Report, row: Row) -> Derivation:
    """How the output size, the weights, biases, MACs, memory and receptive field of a layer come about."""
    return Derivation(
        row, (*_output(row), *_params(row), *_operations(report, row), *_memory(report, row), *_field(report, row))
    )


def macs_formula(report: Report, row: Row) -> Formula:
    """The multiply-accumulates of a layer for the whole batch."""
    one = row.layer.macs_formula(*row.input_shapes)
    if report.batch == 1 or not row.multiplies:
        return one
    return Formula(f"batch * {one.symbols}", f"{report.batch} * {one.numbers}", row.macs, one.note)


def values_formula(report: Report, shape: Shape) -> Formula:
    """The values of a map for the whole batch."""
    batch = ("batch", str(report.batch)) if report.batch > 1 else ()
    symbols = " * ".join((*batch[:1], *AXES[len(shape.spatial)], "channels"))
    numbers = "*".join((*batch[1:], *map(str, shape.hwc)))
    return Formula(symbols, numbers, report.batch * shape.elements)


def _output(row: Row) -> Iterator[Line]:
    shapes = row.input_shapes
    if not shapes:
        return
    axes = AXES[len(row.output.spatial)]
    sizes = row.layer.size_formulas(*shapes)
    yield from alike([Line("size", formula, (axis,)) for axis, formula in zip(axes, sizes, strict=True)])
    yield Line("channels", row.layer.channel_formula(*shapes))


def _params(row: Row) -> Iterator[Line]:
    for counts_as, figure in (("weight", "weights"), ("bias", "biases"), ("buffer", "buffers")):
        tensors = [tensor for tensor in row.tensors if tensor.counts_as == counts_as]
        if tensors:
            symbols = " + ".join(tensor.symbols if tensor.shape else "1" for tensor in tensors)
            numbers = " + ".join(tensor.arithmetic for tensor in tensors)
            note = "not trained, no params" if counts_as == "buffer" else ""
            if counts_as == "weight" and (groups := row.layer.fields.get("groups", 1)) > 1:
                channels = row.input_shapes[0].channels
                note = f"{groups} groups: in_channels/groups = {channels}/{groups} = {channels // groups}"
            yield Line(figure, Formula(symbols, numbers, sum(tensor.elements for tensor in tensors), note))
    if row.params is None:
        yield Line("params", Formula("unknown", "", None, "the file does not say what it holds"))
    elif row.params:
        numbers_of = {"weights": row.weights or 0, "biases": row.biases or 0}
        yield Line("params", formula("{weights} + {biases}", numbers_of, row.params))
    else:
        own = row.layer.weights(*row.input_shapes) if row.shares else ()
        yield Line("params", Formula("0", "0", 0, f"those of {row.shares}, counted there" if own else "it has none"))


def _operations(report: Report, row: Row) -> Iterator[Line]:
    if not row.input_shapes:
        return
    if not row.works:
        yield Line("macs", Formula("0", "0", 0, _TRAINING))
        return
    yield Line("macs", macs_formula(report, row))
    if row.multiplies and row.macs is not None:
        yield Line("flops", formula("2 * {MACs}", {"MACs": row.macs}, 2 * row.macs))


def _memory(report: Report, row: Row) -> Iterator[Line]:
    if row.layer.in_place or not row.works:
        note = "runs in place: its output takes its input's memory" if row.works else _TRAINING
        yield Line("activations", Formula("0", "0", 0, note))
        return
    if row.activations is None:
        yield Line("activations", Formula("unknown", "", None, "the shape of its output is unknown"))
        return
    yield Line("activations", values_formula(report, row.output))
    bits = DTYPE_BITS[report.dtype]
    numbers = {"activations": row.activations, "bits": bits}
    taken = n_bytes(row.activations, report.dtype)
    yield Line("activations_bytes", formula("{activations} * {bits}/8", numbers, taken))


def _field(report: Report, row: Row) -> Iterator[Line]:
    if not row.is_traced:
        note = "nobody knows what it sees" if row.is_unknown else "nobody knows what the layers above it see"
        yield Line("rf", Formula("unknown", "", None, note))
    for name, fields in row.fields.items():
        axes = AXES[len(fields)]
        if fields == (PIXEL,) * len(fields) or len(row.inputs) > 1:
            lines = [Line("rf", span_formula(field), (axis,), name) for axis, field in zip(axes, fields, strict=True)]
            yield from alike(lines)
            continue
        above = row.input_fields[0][name]
        (seen,) = row.views
        between = [view_of(field, place, seen) for place, field in enumerate(above)]
        steps = list(zip(axes, above, between, fields, strict=True))
        still = [(axis, field) for axis, _, (out, _), field in steps if out is None]
        yield from alike([Line("rf", span_formula(field), (axis,), name) for axis, field in still])
        moved = [(axis, before, window, field) for axis, before, (out, window), field in steps if out is not None]
        for figure, how in (("rf", _size), ("jump", _jump), ("padding", _padding)):
            lines = [Line(figure, how(before, window, field), (axis,), name) for axis, before, window, field in moved]
            yield from alike(lines)


def _size(above: Field, window: Window, field: Field) -> Formula:
    """By the recurrence, where units see alike and the layer reads all that the one above it sees."""
    whole = above.size + (window.size - 1) * window.dilation * above.shift
    if window.parts > 1 or above.turn > 1 or field.everywhere or field.size != whole:
        return span_formula(field)
    template = "{r} + ({k} - 1)*{j}" if window.dilation == 1 else "{r} + ({k} - 1)*{d}*{j}"
    numbers = {"r": above.size, "k": window.size, "d": window.dilation, "j": above.shift}
    return formula(template, numbers, field.size)


def _jump(above: Field, window: Window, field: Field) -> Formula:
    if field.jump != above.jump * window.stride:
        return Formula("j", str(field.jump), field.jump, _turn(field))
    if window.stride.numerator == 1 < window.stride.denominator:  # it spreads its input out, by a stride of its own
        return Formula("j / s", f"{above.jump} / {window.stride.denominator}", field.jump, _turn(field))
    return Formula("j * s", f"{above.jump} * {window.stride}", field.jump, _turn(field))


def _padding(above: Field, window: Window, field: Field) -> Formula:
    whole = above.padding - window.low * above.shift
    if window.parts > 1 or above.turn > 1 or field.everywhere or field.padding != whole:
        return Formula("-(first pixel of unit 0)", str(field.padding), field.padding)
    numbers = {"P": above.padding, "p": -window.low, "j": above.shift}
    return formula("{P} + {p}*{j}", numbers, field.padding)


def span_formula(field: Field) -> Formula:
    """The size of a receptive field, from the first and the last pixel that its widest unit sees."""
    low, high = field.low(field.widest), field.high(field.widest)
    note = f"unit {field.widest} sees pixels {low} to {high}"
    return Formula("last - first + 1", f"{high} - {low} + 1".replace("- -", "+ "), field.size, note)


def _turn(field: Field) -> str:
    pixels = "1 pixel" if field.shift == 1 else f"{field.shift} pixels"
    return f"{pixels} every {field.turn} units" if field.jump.denominator > 1 else ""


def alike(lines: Sequence[Line]) -> Iterator[Line]:
    """One line for all axes where they say the same."""
    if len({line.formula for line in lines}) == 1:
        yield lines[0]._replace(axes=tuple(axis for line in lines for axis in line.axes))
    else:
        yield from lines
