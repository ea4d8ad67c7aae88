"""Figures for machines: JSON with whole numbers, CSV of a sheet's raw values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.analysis.field import Field
from vggcalc.analysis.report import Report, Row
from vggcalc.render.sheet import Sheet
from vggcalc.units import plain

SCHEMA = 1
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


def to_json(document: dict[str, Any]) -> str:
    """A document as JSON, under the schema's number."""
    import json

    return json.dumps({"schema": SCHEMA, **document}, indent=2)


def to_csv(sheet: Sheet) -> str:
    """The rows of a sheet as CSV; a text that a spreadsheet would run as a formula is made inert by a quote."""
    import csv
    import io

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.key for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_value(value) for value in row])
    return buffer.getvalue().rstrip("\n")


def report_document(report: Report) -> dict[str, Any]:
    """A report: model, input, totals and layers, the input first."""
    shapes = report.network.input_shapes
    named = dict(zip(report.network.input_names, map(list, (shape.hwc for shape in shapes)), strict=True))
    return {
        "model": report.model,
        "title": report.network.title,
        "source": report.network.source,
        "input": next(iter(named.values())) if len(named) == 1 else named,
        "batch": report.batch,
        "dtype": report.dtype,
        "totals": {key: getattr(report.totals, key) for key in TOTALS},
        "layers": [row_document(row) for row in report.rows],
    }


def row_document(row: Row) -> dict[str, Any]:
    """A layer: its name, kind, shapes, figures and receptive field."""
    fields = {name: field_document(axes) for name, axes in row.fields.items()}
    return {
        "name": row.name,
        "kind": row.kind,
        "output": list(row.output.hwc),
        "params": row.params,
        "weights": row.weights,
        "biases": row.biases,
        "macs": row.macs,
        "activations": row.activations,
        "rf": next(iter(fields.values())) if len(fields) == 1 else fields,
    }


def field_document(axes: Sequence[Field]) -> dict[str, Any]:
    """A receptive field, each figure a list with one number for each axis, height first."""
    return {
        "size": [field.size for field in axes],
        "jump": [plain(field.jump) for field in axes],
        "padding": [field.padding for field in axes],
    }


def _csv_value(value: Any) -> Any:
    if isinstance(value, int):
        return value
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
