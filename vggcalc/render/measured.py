"""The pictures of what was measured: each figure with its protocol, beside what is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc import measured
from vggcalc.analysis.report import Report
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.figures import FIGURES
from vggcalc.measured import Measurement, Protocol
from vggcalc.render.cells import data, text_in
from vggcalc.render.sheet import Column, Sheet

ASPECTS = {
    "dataset": "data set",
    "split": "split",
    "train": "training",
    "scale": "scale",
    "crop": "crop",
    "models": "models",
    "averaged": "averaged",
}
"""The headings of what a protocol says."""


def chosen_protocols(reports: Sequence[Report], keys: Sequence[str], asked: str | None) -> list[str]:
    """The protocols that are asked for, `a,b`; or else the one that most of the networks have the figures under.

    Raises: UsageError for a protocol that does not exist.
    """
    if asked is None:
        usual = measured.usual([report.network for report in reports], keys)
        return [usual] if usual else []
    names = [name.strip() for name in asked.split(",")]
    for name in names:
        if name not in measured.protocols():
            near = did_you_mean(name, measured.protocols())
            hint = near if near.startswith("did") else "'vggcalc list measured' shows all"
            raise UsageError(Problem(f"there is no protocol '{name}'", hint, code="unknown-name"))
    return names


def under(report: Report, keys: Sequence[str], names: Sequence[str]) -> list[str]:
    """The protocols that a network's figures are from, where it may be several."""
    each = {name: [measured.accuracy(report, key, [name]) for key in keys] for name in names}
    first = (
        next((name for name, values in each.items() if values[place] is not None), "") for place in range(len(keys))
    )
    return list(dict.fromkeys(filter(None, first)))


def protocol_notes(reports: Sequence[Report], keys: Sequence[str], names: Sequence[str]) -> list[str]:
    """Under which protocols the figures of a table were measured, of which networks each; and who has none of them."""
    headings = " and ".join(FIGURES[key].heading for key in keys)
    taken = {report.model: under(report, keys, names) for report in reports}
    mixed = len({name for own in taken.values() for name in own}) > 1
    notes = []
    for name in names:
        of = [model for model, own in taken.items() if name in own]
        whose = f" of {', '.join(of)}" if mixed else ""
        if of:
            notes.append(f"{headings}{whose}: {name}, {said(measured.protocols()[name])}")
    for report in reports:
        if not taken[report.model]:
            others = list(dict.fromkeys(row.protocol.name for row in measured.found(report.network)))
            where = f", but under {', '.join(others)}" if others else ""
            notes.append(f"{report.model}: not measured under {' or '.join(names) or 'any protocol'}{where}")
    return notes


def said(protocol: Protocol) -> str:
    """A protocol in a line."""
    parts = [protocol.source]
    parts += [f"{heading} {text}" for key, heading in ASPECTS.items() if (text := getattr(protocol, key))]
    return "; ".join(parts)


def measured_sheet(reports: Sequence[Report], names: Sequence[str]) -> Sheet | None:
    """All that the files of these protocols have of the networks, as printed there; None where that says no more."""
    rows = [(report.model, row) for report in reports for row in measured.found(report.network)]
    rows = [(model, row) for model, row in rows if row.protocol.source in _sources(names)]
    if len({row.protocol.name for _, row in rows}) <= len(names):
        return None
    columns = (Column("model", "model", right=False, keep=0, style="bold"), *_columns([row for _, row in rows]))
    title = f"Measured: {', '.join(_sources(names))}"
    return Sheet(columns, [(model, *_cells(row, columns[1:])) for model, row in rows], title, is_totals=True)


def _sources(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(measured.protocols()[name].source for name in names))


def _columns(rows: Sequence[Measurement]) -> list[Column]:
    """The protocol, what differs in it from row to row, and the figures that are printed."""
    differing = [key for key in ASPECTS if len({getattr(row.protocol, key) for row in rows}) > 1]
    printed = [key for key in measured.FIGURES if any(key in row.figures for row in rows)]
    return [
        Column("protocol", "protocol", right=False, keep=1),
        *(Column(key, ASPECTS[key], right=False, keep=2, wraps=key in ("crop", "averaged")) for key in differing),
        *(Column(key, FIGURES[key].heading, text_in(FIGURES[key]), keep=0) for key in printed),
    ]


def _cells(row: Measurement, columns: Sequence[Column]) -> list[Any]:
    found = {"protocol": row.protocol.name, **row.protocol._asdict(), **row.figures, "row": row.row, "model": row.what}
    return [found.get(column.key, "") for column in columns]


def list_sheets() -> list[Sheet]:
    """Every bundled file of measured figures, with its protocols and figures."""
    sheets = []
    for name, file in measured.bundled().items():
        columns = [Column("model", "model", right=False, keep=0, style="bold"), *_columns(file.rows)]
        rows = [_cells(row, columns) for row in file.rows]
        alike = file.rows[0].protocol
        same = [key for key in ASPECTS if key not in {column.key for column in columns} and getattr(alike, key)]
        notes = [
            "; ".join(f"{ASPECTS[key]}: {getattr(alike, key)}" for key in same),
            f"source: {file.source}",
            file.note,
        ]
        sheets.append(Sheet(columns, rows, f"{name}: {file.title}", [note for note in notes if note]))
    return sheets


def list_table() -> Sheet:
    """The same in one table."""
    rows = [row for file in measured.bundled().values() for row in file.rows]
    columns = [
        Column("model", "model", right=False),
        Column("protocol", "protocol", right=False),
        *(Column(key, FIGURES[key].heading, text_in(FIGURES[key])) for key in measured.FIGURES),
        *(Column(key, heading, right=False) for key, heading in ASPECTS.items()),
        Column("source", "source", right=False),
    ]
    return Sheet(columns, [_cells(row, columns) for row in rows])


def list_document() -> dict[str, Any]:
    """The same as data."""
    return {
        "measured": [
            {
                "file": name,
                "title": file.title,
                "source": file.source,
                "transcribed": file.transcribed,
                "note": file.note,
            }
            | {"figures": [measurement_document(row) for row in file.rows]}
            for name, file in measured.bundled().items()
        ]
    }


def measurement_document(row: Measurement) -> dict[str, Any]:
    """What was measured of a network, or of several together, and how."""
    figures = {key: data(value) for key, value in row.figures.items()}
    return {"model": row.what, "row": row.row, "protocol": protocol_document(row.protocol)} | figures


def protocol_document(protocol: Protocol) -> dict[str, str]:
    """A protocol; what its source does not say is left out."""
    return {key: text for key, text in protocol._asdict().items() if text}
