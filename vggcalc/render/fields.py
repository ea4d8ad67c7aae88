"""The pictures of receptive fields as tables: of layers, of one unit, of one pixel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.analysis.alignment import Misalignment, misalignments
from vggcalc.analysis.field import Field
from vggcalc.analysis.pixels import Box, Places, how_many
from vggcalc.analysis.report import Report, Row
from vggcalc.figures import type_text
from vggcalc.render.cells import extents
from vggcalc.render.each import each
from vggcalc.render.machine import field_word, fields_document, input_document
from vggcalc.render.report import heading
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.unknown import unknown_document
from vggcalc.shape import AXES, Shape
from vggcalc.units import axes_text, count, half, percent

MOST_NOTES = 6
"""A network with more misaligned merges than this gets their number instead of a line for each."""


def fields_sheets(report: Report, rows: Sequence[Row], origin: str) -> list[Sheet]:
    """One table for each input that is seen: the field of every layer on it."""
    lost = any(not row.is_traced for row in rows)
    names = [name for name in report.network.input_names if lost or any(name in row.fields for row in rows)]
    return [_fields_sheet(report, rows, name, origin) for name in names]


def fields_report_document(report: Report, rows: Sequence[Row], origin: str) -> dict[str, Any]:
    """The same as data."""

    def layer(row: Row) -> dict[str, Any]:
        field = fields_document(report, row, origin)
        return {"name": row.name, "kind": row.kind, "output": extents(row.output), "rf": field}

    return {
        "model": report.model,
        "input": input_document(report),
        "field": field_word(report),
        "origin": origin,
        **unknown_document(report),
        "layers": each(layer, rows),
    }


def box_sheets(report: Report, row: Row, unit: Sequence[int], boxes: dict[str, Box]) -> list[Sheet]:
    """What one unit sees of each input."""
    columns = [
        Column("axis", "axis", right=False, keep=0, style="bold"),
        Column("field", "field", keep=0),
        Column("size", "pixels", count, keep=0),
        Column("seen", "of the image", keep=0),
        Column("seen_size", "pixels", count, keep=0),
    ]
    sheets = []
    for name, box in boxes.items():
        axes = AXES[len(box.first)]
        seen = box.seen or ((0,) * len(axes), (-1,) * len(axes))
        rows = [
            (axis, _range(low, high), high - low + 1, _range(first, last), last - first + 1)
            for axis, low, high, first, last in zip(axes, box.first, box.last, *seen, strict=True)
        ]
        title = f"{row.name} at {','.join(map(str, unit))} sees of {name}:"
        share = percent(box.padding_pixels, box.pixels)
        note = f"{count(box.padding_pixels)} of {count(box.pixels)} pixels, {share}, are padding"
        sheets.append(Sheet(columns, rows, title, [note]))
    return sheets


def _range(first: int, last: int) -> str:
    return f"{first} to {last}" if first <= last else "none"


def box_document(report: Report, row: Row, unit: Sequence[int], boxes: dict[str, Box]) -> dict[str, Any]:
    """The same as data; first and last are included, `seen` is null when all of it is padding."""
    return {
        "model": report.model,
        "layer": row.name,
        "field": field_word(report),
        "at": list(unit),
        "inputs": {
            name: {
                "first": list(box.first),
                "last": list(box.last),
                "seen": {"first": list(box.seen[0]), "last": list(box.seen[1])} if box.seen else None,
                "pixels": box.pixels,
                "padding_pixels": box.padding_pixels,
            }
            for name, box in boxes.items()
        },
    }


def units_sheets(report: Report, found: Sequence[tuple[Row, Places]], pixel: Sequence[int]) -> list[Sheet]:
    """Which units of each layer see one pixel."""
    axes = dict.fromkeys(axis for row, _ in found for axis in AXES[len(row.output.spatial)])
    columns = [
        Column("layer", "layer", right=False, keep=0, style="bold"),
        Column("output", "output", right=False, keep=1),
        *(Column(axis, axis, keep=0) for axis in axes),
        Column("units", "units", count, keep=0),
    ]
    rows = []
    for row, places in found:
        own = dict(zip(AXES[len(row.output.spatial)], map(ranges, _axes(row, places)), strict=True))
        rows.append((row.name, str(row.output), *(own.get(axis, "") for axis in axes), how_many(places)))
    lost = [row.name for row in report.rows if not row.is_traced]
    more = f" and {len(lost) - 1} more layers" if len(lost) > 1 else ""
    said = [f"nobody knows which units of {lost[0]}{more} see it"] if lost else []
    return [Sheet(columns, rows, f"Units that see pixel {','.join(map(str, pixel))}", said)]


def units_document(report: Report, found: Sequence[tuple[Row, Places]], pixel: Sequence[int]) -> dict[str, Any]:
    """The same as data: the units along each axis that see the pixel, and how many units that are.

    Where paths of different shape cross, not every combination of the axes sees it: `count` is below their product.
    """
    layers = [
        {
            "name": row.name,
            "output": list(row.output.hwc),
            "units": [sorted(axis) for axis in _axes(row, places)],
            "count": how_many(places),
        }
        for row, places in found
    ]
    document = {"model": report.model, "field": field_word(report), "pixel": list(pixel)}
    return document | unknown_document(report) | {"layers": layers}


def ranges(units: frozenset[int]) -> str:
    """Whole numbers as ranges: 3 to 6, 9."""
    parts: list[list[int]] = []
    for unit in sorted(units):
        if parts and unit == parts[-1][-1] + 1:
            parts[-1][1:] = [unit]
        else:
            parts.append([unit])
    return ", ".join(" to ".join(map(str, part)) for part in parts) or "none"


def misalignment_text(found: Misalignment) -> str:
    """Not aligned: by half a pixel between shortcut and body."""
    where = f"{found.layer} is not aligned"
    if found.jumps[0] != found.jumps[1]:
        first, second = map(count, found.jumps)
        pixels = "pixel" if first == "1" else "pixels"
        return f"{where}: {found.first} moves by {first} {pixels} a unit, {found.second} by {second}"
    far = "half a pixel" if found.offset * 2 == 1 else f"{count(found.offset)} pixel{'s' if found.offset != 1 else ''}"
    return f"{where}: by {far} between {found.first} and {found.second}"


def _fields_sheet(report: Report, rows: Sequence[Row], name: str, origin: str) -> Sheet:
    shape = report.network.input_shapes[report.network.input_names.index(name)]
    shown = [row for row in rows if name in row.fields or not row.is_traced]
    differ = any(field.paths_differ for row in shown for field in row.fields.get(name, ()))
    columns = [
        Column("layer", "layer", right=False, keep=0, style="bold"),
        Column("type", "type", right=False, keep=1),
        Column("output", "output", right=False, keep=2),
        Column("rf", "rf", keep=0),
        *([Column("paths", "paths", keep=4)] if differ else []),
        Column("jump", "jump", keep=0),
        Column("padding", "padding", keep=0),
        Column("centre", "centre", keep=0),
        Column("inside", "within the input", right=False, keep=3),
    ]

    def cells(row: Row) -> list[str]:
        if not row.is_traced:
            return [row.name, type_text(row), str(row.output), *["unknown"] * (len(columns) - 3)]
        fields = row.fields[name]
        path = axes_text([f"{f.smallest.size}..{f.most}" if f.paths_differ else f"{f.size}" for f in fields])
        return [
            row.name,
            type_text(row),
            str(row.output),
            axes_text([count(field.size) for field in fields]),
            *([path] if differ else []),
            axes_text([count(field.jump) for field in fields]),
            axes_text([count(field.padding) for field in fields]),
            axes_text([str(half(field.twice_centre(origin))) for field in fields]),
            _inside(fields, shape),
        ]

    title = heading(report)
    if len(report.network.input_names) > 1:
        title += f": fields on {name}"
    said = [f"{name} {shape}", *over_maps(report, name), *_notes(report, name)]
    return Sheet(columns, each(cells, shown), title, said)


def _inside(fields: Sequence[Field], shape: Shape) -> str:
    if not all(field.size for field in fields):
        return "sees nothing"
    wider = [axis for axis, field, n in zip(AXES[len(fields)], fields, shape.spatial, strict=True) if field.size > n]
    said = f"wider in {' and '.join(wider)}" if 0 < len(wider) < len(fields) else "wider"
    aligned = all(field.is_aligned for field in fields)
    return ", ".join([said if wider else "yes", *(["not aligned"] if not aligned else [])])


def over_maps(report: Report, name: str) -> list[str]:
    """Which layers take statistics over their whole map, and whether the fields hold what these see."""
    found = [row.name for row in report.rows if row.layer.over_map and name in row.fields]
    if not found:
        return []
    them = found[0] if len(found) == 1 else f"{found[0]} and {len(found) - 1} more norms"
    takes = "takes statistics over its whole map" if len(found) == 1 else "take statistics over their whole maps"
    counted = "hold all that a gradient reaches" if report.rows.gradient else "leave it out"
    return [f"{them} {takes}, and the fields {counted}"]


def _notes(report: Report, name: str) -> list[str]:
    texts = list(dict.fromkeys(misalignment_text(found) for found in misalignments(report) if found.input == name))
    if len(texts) <= MOST_NOTES:
        return texts
    return [*texts[:MOST_NOTES], f"... and {len(texts) - MOST_NOTES} more merges that are not aligned"]


def _axes(row: Row, places: Places) -> list[frozenset[int]]:
    """Along each axis of a layer, the places that any path takes."""
    axes = range(len(row.output.spatial))
    return [frozenset[int]().union(*(product[axis] for product in places)) for axis in axes]
