"""The columns of a table of layers: what a layer is, and any figure of the catalogue, its share, its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vggcalc.analysis.report import Report, Row
from vggcalc.conventions.convention import Counts
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.figures import FIGURES, Figure, Fold, Selection, unfolded
from vggcalc.record import Record
from vggcalc.render.cells import cell, data, extents, text_in
from vggcalc.render.sheet import Column
from vggcalc.render.view import View, choose
from vggcalc.shape import Shape
from vggcalc.units import count, plain

SHARE, ARITHMETIC = "%", "="
"""What stands behind a figure's key for its share of the whole network's, and for how it comes about."""

NOTHING_ELSE = Counts()
DEFAULT = (
    "layer",
    "type",
    "output",
    "weights=",
    "params",
    "params%",
    "activations_bytes",
    "activations_bytes%",
    "macs",
    "macs%",
    "rf",
)
COUNTED = ("operations", "memory_values")
"""Also shown where someone is named who counts them."""

_ALSO = {"arithmetic": "weights="}
_KEEP = {
    "weights=": 1,
    "params": 0,
    "params%": 7,
    "activations_bytes": 6,
    "activations_bytes%": 7,
    "macs": 3,
    "macs%": 1,
    "rf": 2,
    "operations": 0,
    "memory_values": 0,
    "memory_bytes": 0,
}
"""How hard the usual columns are to do without."""
_COLOURS = {"params": "magenta", "macs": "blue"}
"""Of bars."""


class LayerColumn(Record):
    """A column and how it reads its value off a layer, or the blocks in a line of the table; `data` for a machine."""

    column: Column
    value: Callable[[Fold], Any]
    data: Callable[[Fold], Any]


def column_keys(of: Selection | None = None) -> list[str]:
    """All columns that a table of layers can have; of figures that must be counted by someone, those that are."""
    known = [
        figure
        for figure in FIGURES.values()
        if not figure.measured and (of is None or not figure.counted or figure.counted in of.conventions)
    ]
    shares = [f"{figure.key}{SHARE}" for figure in known if figure.each or figure.of]
    derived = [f"{figure.key}{ARITHMETIC}" for figure in known if figure.terms]
    return list(dict.fromkeys([*_WORDS, *(figure.key for figure in known), *shares, *derived]))


def figure_of(key: str) -> Figure | None:
    """The figure that a column shows, its share or its arithmetic; None for a word about the layer."""
    return None if key in _WORDS else FIGURES.get(key.rstrip(SHARE + ARITHMETIC))


def layer_column(key: str, of: Selection, layout: str, counts: Counts = NOTHING_ELSE) -> LayerColumn:
    """The column of this key, for the layers of a report."""
    if key in _WORDS:
        return _WORDS[key](layout)
    figure = FIGURES[key.rstrip(SHARE + ARITHMETIC)]
    keep = _KEEP.get(key, 5)
    if key.endswith(SHARE):
        style = _COLOURS.get(figure.key, "cyan")
        return _share(Column(key, f"{figure.heading}%", keep=keep, is_bar=True, style=style), figure, of)
    if key.endswith(ARITHMETIC):
        return _derived(Column(key, figure.heading, keep=keep), figure)
    column = Column(key, heading(figure, counts), text_in(figure), keep=keep)
    if figure.each is not None:
        return _same(column, lambda line: figure.value(line.selection))

    def value(line: Fold) -> Any:
        row = line.last
        axes = len(row.output.spatial) if layout == "chw" else None
        found = figure.value(line.selection)
        if found is None and (not row.is_traced if figure.in_fields else row.role == "unknown"):
            return None
        return cell(figure, found, axes)

    return LayerColumn(column, value, lambda line: data(figure.value(line.selection)))


def heading(figure: Figure, counts: Counts) -> str:
    """A figure's heading; of what someone counts, by whom."""
    found = {"operations": counts.operations, "memory": counts.memory}.get(figure.counted)
    if found is None:
        return figure.heading
    return counts.heading(found) + (" bytes" if figure.unit == "bytes" else "")


def _same(column: Column, value: Callable[[Fold], Any]) -> LayerColumn:
    """A column whose value a machine is told as it is."""
    return LayerColumn(column, value, value)


def _derived(column: Column, figure: Figure) -> LayerColumn:
    def data(line: Fold) -> str:
        terms = figure.terms(line.last, line.selection.report) if figure.terms and line.is_layer else ()
        return " + ".join(terms)

    return LayerColumn(column, lambda line: _arithmetic(figure, line), data)


def _share(column: Column, figure: Figure, of: Selection) -> LayerColumn:
    whole = figure.value(of)
    total = whole if isinstance(whole, int) else None

    def value(line: Fold) -> tuple[int, int | None]:
        part = figure.value(line.selection)
        return (part if isinstance(part, int) else 0, total)

    def share(line: Fold) -> int | str | None:
        from fractions import Fraction

        part, whole = value(line)
        return plain(Fraction(part, whole)) if whole else None

    return LayerColumn(column, value, share)


def _shape(shape: Shape, layout: str) -> str:
    if not shape.is_known:
        return str(shape)
    return "x".join(map(str, shape.chw if layout == "chw" else shape.hwc))


def _output(line: Fold, layout: str) -> str:
    output, batch = line.last.output, line.selection.report.batch
    if not output.is_known:
        return str(output)
    return (f"{batch}x" if batch > 1 else "") + _shape(output, layout)


def _inputs(line: Fold) -> Sequence[Shape]:
    """The shapes of what the layer or, of blocks, their first layer reads."""
    return line.selection.rows[0].input_shapes


_WORDS: Mapping[str, Callable[[str], LayerColumn]] = {
    "layer": lambda layout: _same(Column("layer", "layer", right=False, keep=0, style="bold"), lambda line: line.name),
    "type": lambda layout: _same(Column("type", "type", right=False, keep=4), lambda line: line.what),
    "kind": lambda layout: _same(Column("kind", "kind", right=False), _of_layer(lambda row: row.kind)),
    "role": lambda layout: _same(Column("role", "role", right=False), _of_layer(lambda row: row.role)),
    "input": lambda layout: LayerColumn(
        Column("input", "input", right=False),
        lambda line: "+".join(_shape(shape, layout) for shape in _inputs(line)),
        lambda line: [extents(shape) for shape in _inputs(line)],
    ),
    "output": lambda layout: LayerColumn(
        Column("output", "output", right=False, keep=8),
        lambda line: _output(line, layout),
        lambda line: extents(line.last.output),
    ),
}
"""What a layer is, in words and shapes."""


def chosen(view: View, known: Sequence[str], usual: Sequence[str]) -> dict[str, bool]:
    """The keys of the columns that a view shows, and of the one that orders its rows; whether each is shown.

    A column may also be asked for by its heading.

    Raises: UsageError for a column that does not exist.
    """
    keys = dict.fromkeys(choose(view.columns, lambda asked: key_of(asked, known), usual), True)
    return keys if view.order is None else keys | {key_of(view.order, known): False} | keys


def key_of(asked: str, known: Sequence[str]) -> str:
    """The key of a column that is asked for by itself, by another word, or by the heading of its figure."""
    key = _ALSO.get(asked, asked)
    if key in known:
        return key
    base = key.rstrip(SHARE + ARITHMETIC)
    if base in FIGURES and FIGURES[base].counted:
        raise UsageError(
            Problem(f"{base} without a convention", f"say who counts {FIGURES[base].counted}", code="no-convention")
        )
    if base in FIGURES and FIGURES[base].measured:
        raise UsageError(
            Problem(f"no layer has a {base}", "it is of whole networks; compare some", code="unknown-figure")
        )
    for figure in FIGURES.values():
        if figure.heading.lower() == base.lower() and (found := figure.key + key[len(base) :]) in known:
            return found
    raise UsageError(Problem(f"there is no column '{asked}'", did_you_mean(asked, known), code="unknown-figure"))


def layer_data(of: Selection, keys: Sequence[str]) -> Callable[[Row], dict[str, Any]]:
    """The same for a machine: these columns of a layer."""
    columns = [(key, layer_column(key, of, "hwc")) for key in keys]

    def found(row: Row) -> dict[str, Any]:
        line = unfolded(of, row.index)
        return {key: column.data(line) for key, column in columns}

    return found


def count_or_unknown(value: int | None) -> str:
    """A count, or that nobody knows it."""
    return "unknown" if value is None else count(value)


def _of_layer(word: Callable[[Row], str]) -> Callable[[Fold], str]:
    """A word about a layer; blocks have none."""
    return lambda line: word(line.last) if line.is_layer else ""


def _arithmetic(figure: Figure, line: Fold) -> str:
    """How a figure of a line comes about: of a layer by its terms, of equal blocks as so many times one of them."""
    if line.is_layer:
        return arithmetic(figure, line.selection.report, line.last)
    value = figure.value(line.selection)
    if line.times == 1 or not isinstance(value, int) or value % line.times or not value:
        return ""
    return f"{line.times}*{count(value // line.times)} = {count(value)}"


def arithmetic(figure: Figure, report: Report, row: Row) -> str:
    """How a layer's share of a sum comes about: (3*3*64)*64 = 36,864; empty for a layer that adds nothing."""
    if figure.tensors and row.shares and row.layer.weights(*row.input_shapes):
        return f"those of {row.shares}"
    if figure.terms is None or figure.each is None or not (terms := figure.terms(row, report)):
        return ""
    said, amount = " + ".join(terms), figure.each(row, report)
    return f"{said} = {count_or_unknown(amount)}" if "*" in said or len(terms) > 1 else said
