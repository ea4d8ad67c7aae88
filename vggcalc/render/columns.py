"""The columns of a table of layers. A new figure is one record here, and every format has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from vggcalc.analysis.field import Field
from vggcalc.analysis.report import Report, Row
from vggcalc.conventions.rules import Count, Counts
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.figures.connections import connections
from vggcalc.layers import notation
from vggcalc.render.sheet import Column, Sheet
from vggcalc.shape import Shape
from vggcalc.units import byte_text, count, n_bytes

COUNTED = ("operations", "memory_values")
NOTHING_ELSE = Counts()
DEFAULT = ("layer", "type", "output", "arithmetic", "params", "params%", "memory", "memory%", "macs", "rf")


class LayerColumn(NamedTuple):
    """A column and how it reads its value off a row of a report, whose place is given too."""

    column: Column
    value: Callable[[Report, Row, int], Any]


def layer_columns(layout: str, counts: Counts = NOTHING_ELSE) -> dict[str, LayerColumn]:
    """All columns that a table of layers can have, by key, in the order in which they are listed."""

    def shape(value: Shape) -> str:
        return "x".join(map(str, value.chw if layout == "chw" else value.hwc))

    def output(report: Report, row: Row, index: int) -> str:
        return f"{report.batch}x{shape(row.output)}" if report.batch > 1 else shape(row.output)

    columns = (
        LayerColumn(Column("layer", "layer", right=False, keep=0, style="bold"), lambda report, row, index: row.name),
        LayerColumn(Column("type", "type", right=False, keep=4), lambda report, row, index: type_text(row)),
        LayerColumn(Column("kind", "kind", right=False), lambda report, row, index: row.kind),
        LayerColumn(
            Column("input", "input", right=False), lambda report, row, index: "+".join(map(shape, row.input_shapes))
        ),
        LayerColumn(Column("output", "output", right=False, keep=8), output),
        LayerColumn(Column("arithmetic", "weights", keep=1), lambda report, row, index: weights_arithmetic(row)),
        LayerColumn(Column("weights", "weights", count), lambda report, row, index: row.weights),
        LayerColumn(Column("biases", "biases", count), lambda report, row, index: row.biases),
        LayerColumn(Column("buffers", "buffers", count), lambda report, row, index: row.buffers),
        LayerColumn(Column("params", "params", count, keep=0), lambda report, row, index: row.params),
        LayerColumn(
            Column("params%", "params%", keep=7, is_bar=True, style="magenta"),
            lambda report, row, index: (row.params, report.totals.params),
        ),
        LayerColumn(Column("activations", "activations", count), lambda report, row, index: row.activations),
        LayerColumn(
            Column("memory", "memory", byte_text, keep=6),
            lambda report, row, index: n_bytes(row.activations, report.dtype),
        ),
        LayerColumn(
            Column("memory%", "memory%", keep=7, is_bar=True, style="cyan"),
            lambda report, row, index: (row.activations, report.totals.activations),
        ),
        LayerColumn(Column("macs", "MACs", count, keep=3), lambda report, row, index: row.macs),
        LayerColumn(Column("flops", "FLOPs", count), lambda report, row, index: 2 * row.macs),
        LayerColumn(
            Column("connections", "connections", count), lambda report, row, index: connections(row, report.batch)
        ),
        LayerColumn(
            Column("rf", "rf", thousands, keep=2), lambda report, row, index: _field_text(row, lambda field: field.size)
        ),
        LayerColumn(
            Column("jump", "jump", thousands), lambda report, row, index: _field_text(row, lambda field: field.jump)
        ),
        LayerColumn(
            Column("padding", "padding", thousands),
            lambda report, row, index: _field_text(row, lambda field: field.padding),
        ),
    )
    return {entry.column.key: entry for entry in (*columns, *_counted_columns(counts))}


def _counted_columns(counts: Counts) -> Iterator[LayerColumn]:
    """What each layer counts by the conventions that were asked for."""
    for key, found in zip(COUNTED, counts, strict=True):
        if found is not None:
            yield LayerColumn(Column(key, counts.heading(found), count_or_unknown, keep=0), _counted(found))


def _counted(found: Count) -> Callable[[Report, Row, int], int | None]:
    return lambda report, row, index: found.of(index)


def choose(asked: str | None, known: Sequence[str], default: Sequence[str]) -> list[str]:
    """The keys that `--columns` asks for: `a,b,c`, or `+a,+b` for some more than the default ones.

    Raises: UsageError for a key that does not exist.
    """
    if asked is None:
        return list(default)
    parts = [part.strip() for part in asked.split(",") if part.strip()]
    keys = [part.lstrip("+") for part in parts]
    for key in keys:
        if key not in known:
            raise UsageError(Problem(f"there is no column '{key}'", did_you_mean(key, known)))
    if not keys:
        raise UsageError(Problem("no column is named", f"known are {', '.join(known)}"))
    more = any(part.startswith("+") for part in parts)
    return list(dict.fromkeys([*default, *keys] if more else keys))


def layers_sheet(report: Report, asked: str | None, layout: str, all_layers: bool, counts: Counts) -> Sheet:
    """The table of a network's layers; one that runs in place has a row where a column that is shown counts it."""
    known = layer_columns(layout, counts)
    default = [*DEFAULT, *(key for key in COUNTED if key in known)]
    keys = choose(asked, list(known), default)
    chosen = [known[key] for key in keys]
    shown = [found for key, found in zip(COUNTED, counts, strict=True) if found is not None and key in keys]
    rows = [
        [entry.value(report, row, index) for entry in chosen]
        for index, row in enumerate(report.rows)
        if all_layers or not row.is_elementwise or any(found.adds(index) for found in shown)
    ]
    return Sheet([entry.column for entry in chosen], rows)


def count_or_unknown(value: int | None) -> str:
    """A count, or that nobody knows it."""
    return "unknown" if value is None else count(value)


def type_text(row: Row) -> str:
    """The layer as papers write it."""
    return notation.write(row.layer) + (" (training)" if not row.works else "")


def weights_arithmetic(row: Row) -> str:
    """How the weights come about: (3*3*64)*64 = 36,864; empty for a layer that has none."""
    tensors = [tensor for tensor in row.tensors if tensor.counts_as == "weight"]
    if row.shares and row.layer.weights(*row.input_shapes):
        return f"those of {row.shares}"
    if not tensors:
        return ""
    product = " + ".join(tensor.arithmetic for tensor in tensors)
    return f"{product} = {count(row.weights)}" if "*" in product else product


def _field_text(row: Row, figure: Callable[[Field], Any]) -> str:
    """A figure of the receptive field: one number where all axes agree, by input where there are several."""
    texts = {name: axes_text([str(figure(field)) for field in fields]) for name, fields in row.fields.items()}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return " ".join(f"{name}:{text}" for name, text in texts.items())


def thousands(text: str) -> str:
    """The separators of `count` in a text of several numbers."""
    return re.sub("[0-9]{4,}", lambda match: count(int(match[0])), text)


def axes_text(values: Sequence[str]) -> str:
    """One text where all axes agree, else one for each with an x between."""
    return "x".join(values[:1] if len(set(values)) == 1 else values) or "1"
