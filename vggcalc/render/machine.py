"""Figures for programs: documents of whole numbers, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vggcalc.analysis.field import Field
from vggcalc.analysis.report import Report, Row
from vggcalc.errors import Mark
from vggcalc.render.each import each
from vggcalc.shape import Shape
from vggcalc.units import half, plain

if TYPE_CHECKING:
    from vggcalc.conventions.convention import Count, Counts

TOTALS = (
    "params",
    "weights",
    "biases",
    "buffers",
    "macs",
    "flops",
    "activations",
    "forward",
    "params_bytes",
    "activations_bytes",
    "forward_bytes",
)


def report_document(report: Report, counts: Counts | None = None, columns: str | None = None) -> dict[str, Any]:
    """A report: model, input, totals and layers, the input first; what other conventions count, and these columns."""
    document = summary_document(report, counts)
    more = None if columns is None else _more(document["totals"], report, counts or (), columns)

    def layer(row: Row) -> dict[str, Any]:
        found = row_document(report, row, counts)
        return found if more is None else more(row) | found

    return document | {"layers": each(layer, report.rows)}


def summary_document(report: Report, counts: Counts | None = None) -> dict[str, Any]:
    """A report without its layers."""
    document: dict[str, Any] = {
        "model": report.model,
        "title": report.network.title,
        "source": report.network.source,
        "notes": list(report.network.notes),
        "input": input_document(report),
        "outputs": [report.rows[index].name for index in report.network.outputs],
        "batch": report.batch,
        "dtype": report.dtype,
        "field": field_word(report),
        "totals": {key: getattr(report.totals, key) for key in TOTALS},
    }
    if None in document["totals"].values():
        from vggcalc.render.unknown import unknown_document  # most networks are known

        document["known"] = {key: getattr(report.known, key) for key in TOTALS if document["totals"][key] is None}
        document |= unknown_document(report)
    if counts is not None:
        _add_counts(document, counts)
    return document


def _add_counts(document: dict[str, Any], counts: Counts) -> None:
    totals, operations, memory = document["totals"], counts.operations, counts.memory
    if operations is not None:
        document["convention"] = operations.convention.name
        totals["operations"] = operations.total
    if memory is not None:
        document["memory"] = memory.convention.name
        totals["memory_values"] = memory.total
        totals["memory_bytes"] = memory.total_bytes
        if memory.at:
            totals["memory_at"] = memory.at
    if unknown := [kind for found in counts.asked for kind in found.unknown]:
        totals["unknown"] = list(dict.fromkeys(unknown))
    for key, found in zip(("unknown_operations", "unknown_memory"), counts, strict=True):
        if found is not None and found.unknown:
            totals[key] = list(found.unknown)


def field_word(report: Report) -> str:
    """What its receptive fields hold: the windows alone, or all that a gradient reaches."""
    return "gradient" if report.rows.gradient else "window"


def input_document(report: Report) -> list[int] | dict[str, list[int]]:
    """The input's shape, height first; by name where there are several."""
    return shapes_document(dict(zip(report.network.input_names, report.network.input_shapes, strict=True)))


def shapes_document(shapes: Mapping[str, Shape]) -> list[int] | dict[str, list[int]]:
    """The shapes of inputs, height first; by name where there are several."""
    named = {name: list(shape.hwc) for name, shape in shapes.items()}
    return next(iter(named.values())) if len(named) == 1 else named


def row_document(report: Report, row: Row, counts: Counts | None = None) -> dict[str, Any]:
    """A layer: its name, kind and fields, what it reads and where it is written, its shape, figures and field."""
    mark = row.node.mark
    document = {
        "name": row.name,
        "kind": row.kind,
        "fields": row.layer.fields,
        "inputs": [report.rows[source].name for source in row.inputs],
        "place": mark and place_document(mark),
        "output": list(row.output.hwc) if row.output.is_known else None,
        "params": row.params,
        "weights": row.weights,
        "biases": row.biases,
        "buffers": row.buffers,
        "macs": row.macs,
        "activations": row.activations,
        "rf": fields_document(report, row),
    }
    if not row.works:
        document["training"] = True
    for key, found in zip(("operations", "memory_values"), counts or (), strict=False):
        if found is not None:
            document[key] = found.of(row.index)
    return document


def _more(
    totals: dict[str, Any], report: Report, counts: Iterable[Count | None], asked: str
) -> Callable[[Row], dict[str, Any]]:
    """The columns of a layer that are asked for; their totals are added to those that there are."""
    from vggcalc.figures import as_counted
    from vggcalc.render.cells import data
    from vggcalc.render.columns import column_keys, figure_of, key_of, layer_data
    from vggcalc.render.view import choose

    of = as_counted(report, *counts)
    known = column_keys(of)
    keys = [key for key in choose(asked, lambda word: key_of(word, known), ()) if key != "layer"]  # it has its name
    for figure in map(figure_of, keys):
        if figure is not None and figure.is_total and figure.key not in totals:
            totals[figure.key] = data(figure.value(of))
    return layer_data(of, keys)


def place_document(mark: Mark, column: str = "column") -> dict[str, Any]:
    """The file, and the line and column or, where it has no lines, the name of what stands there."""
    if mark.name:
        return {"file": mark.source.name, "name": mark.name}
    return {"file": mark.source.name, "line": mark.line, column: mark.column}


def fields_document(report: Report, row: Row, origin: str = "pixel") -> dict[str, Any] | None:
    """What a layer sees of the input, None where it is unknown; by the input's name where the network has several."""
    fields: dict[str, Any] = {name: field_document(axes, origin) for name, axes in row.fields.items()}
    return next(iter(fields.values()), None) if len(report.network.input_names) == 1 else fields


def field_document(axes: Sequence[Field], origin: str = "pixel") -> dict[str, Any]:
    """A receptive field: each figure a list with one number for each axis, height first.

    `min` and `max` are the paths that see least and most, where not all see the same.
    """
    document: dict[str, Any] = {
        "size": [field.size for field in axes],
        "jump": [plain(field.jump) for field in axes],
        "padding": [field.padding for field in axes],
        "centre": [half(field.twice_centre(origin)) for field in axes],
        "aligned": all(field.is_aligned for field in axes),
    }
    if any(field.paths_differ for field in axes):
        document["min"] = {
            "size": [field.smallest.size for field in axes],
            "padding": [-field.smallest.lows[0] for field in axes],
        }
        document["max"] = {
            "size": [field.most for field in axes],
            "padding": [field.padding if field.everywhere else -field.largest.lows[0] for field in axes],
        }
    return document
