"""The table of a network's layers, or of its blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vggcalc.analysis.report import Report
from vggcalc.conventions.convention import Counts
from vggcalc.figures import FIGURES, Depth, Fold, Selection, adds, as_counted, fitting, folded, unfolded
from vggcalc.render.cells import data
from vggcalc.render.columns import (
    COUNTED,
    DEFAULT,
    NOTHING_ELSE,
    SHARE,
    chosen,
    column_keys,
    figure_of,
    layer_column,
)
from vggcalc.render.each import each
from vggcalc.render.machine import fields_document
from vggcalc.render.sheet import Sheet
from vggcalc.render.view import View
from vggcalc.units import count

SCREEN = 32
"""So many rows of layers fit a screen of 50 lines, with headings and totals."""


def layers_sheet(
    report: Report,
    view: View,
    layout: str,
    all_layers: bool,
    counts: Counts = NOTHING_ELSE,
    bars: bool = True,
    depth: Depth = None,
) -> Sheet:
    """The table of a network's layers; one that runs in place has a row where a column that is shown counts it.

    bars: whether the usual columns are those of a table to look at, with shares that can be drawn. depth: how deep
    blocks are shown in one row each; `auto` as deep as a screen has room for, None for every layer.
    """
    of = as_counted(report, *counts)
    known = column_keys(of)
    usual = [key for key in DEFAULT if not key.endswith(SHARE) or (bars and _has_total(key, of))]
    keys = chosen(view, known, [*usual, *(key for key in COUNTED if key in known)])
    entries = [layer_column(key, of, layout, counts) for key in keys]
    shown = [figure for key, is_shown in keys.items() if is_shown and (figure := figure_of(key)) is not None]

    def is_shown(place: int) -> bool:
        return all_layers or not report.rows[place].is_elementwise or any(adds(each, of, place) for each in shown)

    lines, notes = lines_of(of, depth, is_shown)
    columns = [entry.column._replace(is_usual=keys[entry.column.key]) for entry in entries]
    return Sheet(
        columns, each(lambda line: [entry.value(line) for entry in entries], lines), notes=notes, is_chosen=True
    )


def lines_of(of: Selection, depth: Depth, is_shown: Callable[[int], bool]) -> tuple[Sequence[Fold], list[str]]:
    """The lines of the table, and what is said of them where they are not all layers."""
    layers = [place for place in of.places if is_shown(place)]

    def has_shown(line: Fold) -> bool:
        return any(map(is_shown, line.selection.places))

    if depth == "auto":
        depth = fitting(of, SCREEN, lambda at: sum(map(has_shown, folded(of, at)))) if len(layers) > SCREEN else None
    if depth is None:
        return each(lambda place: unfolded(of, place), layers), []
    lines = [line for line in folded(of, depth) if has_shown(line)]
    note = f"{count(len(layers))} layers in {count(len(lines))} rows of blocks: depth {depth}, or all for each layer"
    return lines, [note] if len(lines) < len(layers) else []


BLOCK_FIGURES = ("params", "weights", "biases", "buffers", "macs", "activations")


def blocks_document(report: Report, depth: Depth) -> list[dict[str, Any]]:
    """The rows of blocks for a machine: how many blocks each is, the names of its layers, its sums, its last output."""
    of = as_counted(report)
    lines, _ = lines_of(of, depth, lambda place: True)
    return [
        {
            "name": line.name,
            "times": line.times,
            "layers": [row.name for row in line.selection.rows],
            "output": data(FIGURES["output"].value(line.selection)),
            **{key: FIGURES[key].value(line.selection) for key in BLOCK_FIGURES},
            "rf": fields_document(report, line.last),
        }
        for line in lines
    ]


def _has_total(key: str, of: Selection) -> bool:
    """Whether anything is a share of the figure's total."""
    figure = figure_of(key)
    return figure is not None and figure.value(of) is not None
