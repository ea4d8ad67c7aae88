"""The picture of a derivation: figure, formula, the same with numbers, result."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Any

from vggcalc.analysis.derive import Derivation, Line
from vggcalc.analysis.report import Report, Row
from vggcalc.figures import FIGURES, type_text
from vggcalc.render.each import all_of, each
from vggcalc.render.machine import row_document, summary_document
from vggcalc.render.result import Result
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import byte_text, count, plain

if TYPE_CHECKING:
    from vggcalc.conventions.convention import Counts

LEGEND = (
    "k, s, p, d: this layer's kernel_size, stride, padding, dilation; "
    "r, j, P: the receptive field, jump and padding of the layer above"
)


_WORDS = {"size": "output", "channels": "output channels", "rf": "receptive field", "activations_bytes": "bytes"}
"""What a derivation calls a figure, where that is not the heading over its column."""


def explained(report: Report, derivations: Sequence[Derivation], counts: Counts | None = None) -> Result:
    """Derivations: a sheet for each layer, all lines in one table, or as data."""
    return Result(
        lambda: explain_sheets(report, derivations),
        lambda: explain_document(report, derivations, counts),
        lambda: explain_table(report, derivations),
    )


def explain_sheets(report: Report, derivations: Sequence[Derivation]) -> Sequence[Sheet]:
    """A sheet for each layer."""
    return each(partial(_sheet, report), derivations)


def explain_table(report: Report, derivations: Sequence[Derivation]) -> Sheet:
    """All lines of all layers in one table."""
    return lines_table(all_of(lambda each: line_rows(report, each.row.name, each.row, each.lines), derivations))


def explain_document(report: Report, derivations: Sequence[Derivation], counts: Counts | None = None) -> dict[str, Any]:
    """The derivations as data: each line's figure, in words and by key, formula and value; totals are the network's."""

    def layer(derivation: Derivation) -> dict[str, Any]:
        row = derivation.row
        lines = [line_data(report, row, line) for line in derivation.lines]
        return row_document(report, row, counts) | {"derivation": lines}

    return summary_document(report, counts) | {"layers": each(layer, derivations)}


def line_data(report: Report, row: Row, line: Line) -> dict[str, Any]:
    """A line as data."""
    return {
        "figure": line_text(report, row, line),
        "key": line.figure,
        "axes": list(line.axes),
        "input": line.input or None,
        "convention": line.convention or None,
        **line.formula._asdict(),
        "value": None if line.formula.value is None else plain(line.formula.value),
    }


def line_text(report: Report, row: Row, line: Line) -> str:
    """What a line is of: receptive field on left height and width."""
    if line.convention:
        return line.convention
    words = [_WORDS.get(line.figure) or FIGURES[line.figure].heading]
    if line.figure == "activations_bytes":
        words.append(f"({report.dtype})")
    if line.input and len(row.fields) > 1:
        words.append(f"on {line.input}")
    if line.axes:
        *first, last = line.axes
        words.append(f"{', '.join(first)} and {last}" if first else last)
    return " ".join(words)


def _sheet(report: Report, derivation: Derivation) -> Sheet:
    row = derivation.row
    shape = f"{report.batch}x{row.output}" if report.batch > 1 else str(row.output)
    inputs = " and ".join(map(str, row.input_shapes))
    title = f"{row.name}: {type_text(row)}" + (f", {inputs} -> {shape}" if inputs else f", {shape}")
    notes = [LEGEND] if row.role in ("conv", "linear", "pool") else []
    return lines_sheet(line_rows(report, row.name, row, derivation.lines), title, notes)


def lines_table(rows: Sequence[Sequence[Any]]) -> Sheet:
    """Lines in one table, each with what it is a line of."""
    return Sheet(_columns({"layer", "figure", "formula", "numbers", "value", "note"}), rows)


def lines_sheet(rows: Sequence[Sequence[Any]], title: str, notes: Sequence[str]) -> Sheet:
    """Lines to look at: what each is of, and formula, numbers, result."""
    noted = {"note"} if any(cells[-1] for cells in rows) else set()
    return Sheet(_columns({"figure", "derivation"} | noted), rows, title, notes)


def _columns(usual: Set[str]) -> list[Column]:
    """The columns of derivations, of which some are usual."""
    return [
        column._replace(is_usual=column.key in usual)
        for column in (
            Column("layer", "layer", right=False, keep=0, style="bold"),
            Column("figure", "figure", right=False, keep=0),
            Column("derivation", "derivation", right=False, keep=0, wraps=True),
            Column("formula", "formula", right=False, keep=0, wraps=True),
            Column("numbers", "numbers", right=False, keep=0, wraps=True),
            Column("value", "value", lambda value: "unknown" if value is None else count(value), keep=0),
            Column("note", "note", right=False, keep=1, wraps=True, style="dim"),
        )
    ]


def line_rows(report: Report, name: str, row: Row, lines: Sequence[Line]) -> list[tuple[Any, ...]]:
    """What stands in the columns of each line of a layer or block; `row` is the layer whose field they tell."""
    return [
        (
            name,
            line_text(report, row, line),
            _derived(line),
            line.formula.symbols,
            line.formula.numbers,
            line.formula.value,
            line.formula.note,
        )
        for line in lines
    ]


def _derived(line: Line) -> str:
    """Formula = numbers = value, without what is said twice."""
    formula = line.formula
    if formula.value is None:
        return "unknown"
    result = count(formula.value)
    if FIGURES[line.figure].unit == "bytes":
        result += f" ({byte_text(int(formula.value))})"
    numbers = "" if formula.numbers == str(formula.value) else f"{formula.numbers} = "
    symbols = "" if formula.symbols == formula.numbers else f"{formula.symbols} = "
    return symbols + numbers + result
