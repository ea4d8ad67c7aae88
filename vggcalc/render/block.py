"""The picture of a block: its layers with their sums, and how each sum comes about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vggcalc.analysis.derive import Derivation
from vggcalc.conventions.convention import Counts
from vggcalc.figures import FIGURES, Depth, adds
from vggcalc.figures.block import BlockDerivation
from vggcalc.render.cells import cell
from vggcalc.render.columns import ARITHMETIC, figure_of, layer_column
from vggcalc.render.derived import explain_document, line_data, line_rows, lines_sheet, lines_table
from vggcalc.render.layers import lines_of
from vggcalc.render.result import Result
from vggcalc.render.sheet import Sheet
from vggcalc.units import count

if TYPE_CHECKING:
    from vggcalc.analysis.report import Row

COLUMNS = ("layer", "type", "output", f"weights{ARITHMETIC}", "params", f"macs{ARITHMETIC}", "activations", "rf")
COUNTED = ("operations", "memory_values")


def block_explained(
    block: BlockDerivation, derivations: Sequence[Derivation], counts: Counts | None = None, depth: Depth = None
) -> Result:
    """A block: its layers, their sums and its figures; as one table or as data with all lines of each layer too."""
    return Result(
        lambda: [_layers(block, counts or Counts(), depth), _sums(block)],
        lambda: _document(block, derivations, counts),
        lambda: _table(block, derivations),
    )


def _layers(block: BlockDerivation, counts: Counts, depth: Depth) -> Sheet:
    """The layers of the block, or the blocks in it, and below them what they come to."""
    of = block.selection
    report = of.report
    keys = [*COLUMNS, *(key for key in COUNTED if FIGURES[key].counted in of.conventions)]
    columns = {key: layer_column(key, of.whole(), "hwc", counts) for key in keys}
    shown = [figure for key in keys if (figure := figure_of(key)) is not None]

    def is_shown(place: int) -> bool:
        return not report.rows[place].is_elementwise or any(adds(figure, of, place) for figure in shown)

    lines, notes = lines_of(of, depth, is_shown)
    rows = [[column.value(line) for column in columns.values()] for line in lines]
    sums = [_sum(block, key) for key in keys]
    return Sheet([column.column for column in columns.values()], rows, _title(block), notes, [sums])


def _sums(block: BlockDerivation) -> Sheet:
    """How each figure of the block comes about."""
    of = block.selection
    assert of.last is not None
    first = of.report.rows[of.places[0]].name
    lines = line_rows(of.report, block.name, of.last, block.lines)
    return lines_sheet(lines, "", [f"each layer is derived by its own name, as {first} is"])


def _table(block: BlockDerivation, derivations: Sequence[Derivation]) -> Sheet:
    """The lines of the block, then those of its layers."""
    of = block.selection
    assert of.last is not None
    lines = [*line_rows(of.report, block.name, of.last, block.lines)]
    for each in derivations:
        lines += line_rows(of.report, each.row.name, each.row, each.lines)
    return lines_table(lines)


def _document(block: BlockDerivation, derivations: Sequence[Derivation], counts: Counts | None) -> dict[str, Any]:
    of = block.selection
    assert of.last is not None
    document = explain_document(of.report, derivations, counts)
    document["block"] = {
        "name": block.name,
        "reads": [row.name for row in block.sources],
        "output": list(of.last.output.hwc),
        "derivation": [line_data(of.report, of.last, line) for line in block.lines],
    }
    return document


def _sum(block: BlockDerivation, key: str) -> int | str | None:
    """What stands in a column below the layers."""
    if key in ("layer", "type"):
        return {"layer": block.name, "type": "together"}[key]
    figure = FIGURES[key.removesuffix(ARITHMETIC)]
    value = cell(figure, figure.value(block.selection))
    return count(value) if key.endswith(ARITHMETIC) and isinstance(value, int) else value


def _title(block: BlockDerivation) -> str:
    """What the block reads and what it gives."""
    rows: list[Row] = block.sources
    last = block.selection.last
    reads = " and ".join(dict.fromkeys(str(row.output) for row in rows))
    return f"{block.name}: {reads} -> {last.output}" if last is not None and reads else block.name
