"""The columns of a table of layers: what a layer is, and any figure of the catalogue, its share, its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vggcalc.analysis.report import Report, Row
from vggcalc.conventions.convention import Counts
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.figures import FIGURES, Figure, Selection, adds, as_counted, layer
from vggcalc.layers import notation
from vggcalc.record import Record
from vggcalc.render.cells import cell, data, extents, text_in
from vggcalc.render.each import each
from vggcalc.render.sheet import Column, Sheet
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
_COUNTED = ("operations", "memory_values")
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
    """A column and how it reads its value off a row of a report, whose place is given too; `data` for a machine."""

    column: Column
    value: Callable[[Report, Row, int], Any]
    data: Callable[[Report, Row, int], Any]


def column_keys(of: Selection | None = None) -> list[str]:
    """All columns that a table of layers can have; of figures that must be counted by someone, those that are."""
    known = [
        figure for figure in FIGURES.values() if of is None or not figure.counted or figure.counted in of.conventions
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
    if (each := figure.each) is not None:
        return _same(column, lambda report, row, index: each(row, report))

    def value(report: Report, row: Row, index: int) -> Any:
        axes = len(row.output.spatial) if layout == "chw" else None
        found = figure.value(layer(of, index))
        if found is None and (not row.is_traced if figure.in_fields else row.role == "unknown"):
            return None
        return cell(figure, found, axes)

    return LayerColumn(column, value, lambda report, row, index: data(figure.value(layer(of, index))))


def heading(figure: Figure, counts: Counts) -> str:
    """A figure's heading; of what someone counts, by whom."""
    found = {"operations": counts.operations, "memory": counts.memory}.get(figure.counted)
    if found is None:
        return figure.heading
    return counts.heading(found) + (" bytes" if figure.unit == "bytes" else "")


def _same(column: Column, value: Callable[[Report, Row, int], Any]) -> LayerColumn:
    """A column whose value a machine is told as it is."""
    return LayerColumn(column, value, value)


def _derived(column: Column, figure: Figure) -> LayerColumn:
    return LayerColumn(
        column,
        lambda report, row, index: arithmetic(figure, report, row),
        lambda report, row, index: " + ".join(figure.terms(row, report)) if figure.terms else "",
    )


def _share(column: Column, figure: Figure, of: Selection) -> LayerColumn:
    whole = figure.value(of)
    total = whole if isinstance(whole, int) else None

    def value(report: Report, row: Row, index: int) -> tuple[int, int | None]:
        part = figure.value(layer(of, index))
        return (part if isinstance(part, int) else 0, total)

    def share(report: Report, row: Row, index: int) -> int | str | None:
        from fractions import Fraction

        part, whole = value(report, row, index)
        return plain(Fraction(part, whole)) if whole else None

    return LayerColumn(column, value, share)


def _shape(shape: Shape, layout: str) -> str:
    if not shape.is_known:
        return str(shape)
    return "x".join(map(str, shape.chw if layout == "chw" else shape.hwc))


def _output(report: Report, row: Row, layout: str) -> str:
    if not row.output.is_known:
        return str(row.output)
    batch = f"{report.batch}x" if report.batch > 1 else ""
    return batch + _shape(row.output, layout)


_WORDS: Mapping[str, Callable[[str], LayerColumn]] = {
    "layer": lambda layout: _same(
        Column("layer", "layer", right=False, keep=0, style="bold"), lambda report, row, index: row.name
    ),
    "type": lambda layout: _same(
        Column("type", "type", right=False, keep=4), lambda report, row, index: type_text(row)
    ),
    "kind": lambda layout: _same(Column("kind", "kind", right=False), lambda report, row, index: row.kind),
    "role": lambda layout: _same(Column("role", "role", right=False), lambda report, row, index: row.role),
    "input": lambda layout: LayerColumn(
        Column("input", "input", right=False),
        lambda report, row, index: "+".join(_shape(shape, layout) for shape in row.input_shapes),
        lambda report, row, index: [extents(shape) for shape in row.input_shapes],
    ),
    "output": lambda layout: LayerColumn(
        Column("output", "output", right=False, keep=8),
        lambda report, row, index: _output(report, row, layout),
        lambda report, row, index: extents(row.output),
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
    for figure in FIGURES.values():
        if figure.heading.lower() == base.lower() and (found := figure.key + key[len(base) :]) in known:
            return found
    raise UsageError(Problem(f"there is no column '{asked}'", did_you_mean(asked, known), code="unknown-figure"))


def layers_sheet(
    report: Report, view: View, layout: str, all_layers: bool, counts: Counts = NOTHING_ELSE, bars: bool = True
) -> Sheet:
    """The table of a network's layers; one that runs in place has a row where a column that is shown counts it.

    bars: whether the usual columns are those of a table to look at, with shares that can be drawn.
    """
    of = as_counted(report, *counts)
    known = column_keys(of)
    usual = [key for key in DEFAULT if not key.endswith(SHARE) or (bars and _has_total(key, of))]
    keys = chosen(view, known, [*usual, *(key for key in _COUNTED if key in known)])
    entries = [layer_column(key, of, layout, counts) for key in keys]
    shown = [figure for key, is_shown in keys.items() if is_shown and (figure := figure_of(key)) is not None]
    rows = report.rows
    places = [
        place
        for place, row in enumerate(rows)
        if all_layers or not row.is_elementwise or any(adds(figure, of, place) for figure in shown)
    ]
    columns = [entry.column._replace(is_usual=keys[entry.column.key]) for entry in entries]
    return Sheet(
        columns,
        each(lambda place: [entry.value(report, rows[place], place) for entry in entries], places),
        is_chosen=True,
    )


def _has_total(key: str, of: Selection) -> bool:
    """Whether anything is a share of the figure's total."""
    figure = figure_of(key)
    return figure is not None and figure.value(of) is not None


def layer_data(of: Selection, keys: Sequence[str]) -> Callable[[Row], dict[str, Any]]:
    """The same for a machine: these columns of a layer."""
    columns = [(key, layer_column(key, of, "hwc")) for key in keys]
    return lambda row: {key: column.data(of.report, row, row.index) for key, column in columns}


def count_or_unknown(value: int | None) -> str:
    """A count, or that nobody knows it."""
    return "unknown" if value is None else count(value)


def type_text(row: Row) -> str:
    """The layer as papers write it."""
    written = notation.write(row.layer, not row.works)
    return f"{written} {row.called}" if row.role == "unknown" else written


def arithmetic(figure: Figure, report: Report, row: Row) -> str:
    """How a layer's share of a sum comes about: (3*3*64)*64 = 36,864; empty for a layer that adds nothing."""
    if figure.tensors and row.shares and row.layer.weights(*row.input_shapes):
        return f"those of {row.shares}"
    if figure.terms is None or figure.each is None or not (terms := figure.terms(row, report)):
        return ""
    said, amount = " + ".join(terms), figure.each(row, report)
    return f"{said} = {count_or_unknown(amount)}" if "*" in said or len(terms) > 1 else said
