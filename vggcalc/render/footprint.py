"""The picture of what a network takes to train and to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vggcalc.analysis.report import Report
from vggcalc.memory.footprint import ALONE, LEFT_OUT, Fit, Footprint
from vggcalc.render.machine import input_document
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import Amount, byte_text, count

UNTRAINED = "training is not told: there are no gradients in {dtype}"


def footprint_sheets(report: Report, trainings: Sequence[Footprint], inferences: Sequence[Footprint]) -> list[Sheet]:
    """Training with each optimizer, and inference, part by part."""
    images = f"a batch of {count(report.batch)}" if report.batch > 1 else "one image"
    inference = _sheet(f"{report.model}: inference of {images}", inferences, "takes")
    said = [*inference.notes, f"left out: {LEFT_OUT}"]
    if not trainings:
        return [inference._replace(notes=[*said, UNTRAINED.format(dtype=report.dtype)])]
    return [
        _sheet(f"{report.model}: training with {images}", trainings, "keeps for the backward pass"),
        inference._replace(notes=said),
    ]


def parts_sheet(footprints: Sequence[Footprint], fits: Sequence[Fit]) -> Sheet:
    """Every part in bytes, a line each, and below them the peaks and the largest batches: one table, for CSV."""
    rows: list[tuple[str, str, int | None]] = []
    for footprint in footprints:
        rows += [(footprint.name, part.name, part.taken) for part in footprint.parts]
    totals = [(footprint.name, "peak", footprint.peak) for footprint in footprints]
    totals += [(fit.footprint.name, "largest batch", fit.batch) for fit in fits]
    columns = [Column("with", "with", right=False), Column("part", "part", right=False), Column("bytes", "bytes")]
    return Sheet(columns, rows, totals=totals)


TOGETHER = "inference: weights, buffers and activations in one memory"
APART = f"{ALONE}: weights and buffers lie in another memory, as in a microcontroller's flash"


def fits_sheet(fits: Sequence[Fit], limit: Amount, unknown: Sequence[str]) -> Sheet:
    """The largest batch within a limit, what it takes, and which part limits it; all in the unit of the limit."""
    columns = (
        Column("what", "with", right=False, keep=0, style="bold"),
        Column("batch", "largest batch", keep=0),
        Column("peak", "takes", lambda value: limit.text(value or 0), keep=0),
        Column("limit", "limited by", right=False, keep=0, wraps=True),
    )
    rows = [(fit.footprint.name, _batch_text(fit), fit.footprint.peak, _limit_text(fit, limit)) for fit in fits]
    notes = [f"{what} is not told: its memory is unknown" for what in unknown]
    return Sheet(columns, rows, f"What fits into {limit}", [*notes, TOGETHER, APART])


def _batch_text(fit: Fit) -> str:
    return ("more than " if fit.is_more else "") + count(fit.batch)


def _limit_text(fit: Fit, limit: Amount) -> str:
    if fit.is_more:
        return "nothing"
    largest = fit.footprint.largest
    return f"{largest.name}, {limit.text(largest.taken or 0)}" + ("" if fit.batch else "; one image does not fit")


def footprint_document(
    report: Report,
    trainings: Sequence[Footprint],
    inferences: Sequence[Footprint],
    fits: Sequence[Fit],
    limit: Amount | None,
) -> dict[str, Any]:
    """All parts in bytes; null, with the kinds of layer that are to blame, where a part is unknown."""
    document: dict[str, Any] = {
        "model": report.model,
        "input": input_document(report),
        "batch": report.batch,
        "dtype": report.dtype,
        "training": [_document(footprint) for footprint in trainings],
        "inference": [_document(footprint) for footprint in inferences],
        "left_out": LEFT_OUT,
    }
    if limit is not None:
        document["limit_bytes"] = limit.bytes
        document["fits"] = [
            {
                "with": fit.footprint.name,
                "batch": fit.batch,
                "more": fit.is_more,
                "peak_bytes": fit.footprint.peak,
                "limited_by": None if fit.is_more else fit.footprint.largest.name,
            }
            for fit in fits
        ]
    return document


def _sheet(title: str, footprints: Sequence[Footprint], unknown: str) -> Sheet:
    names = list(dict.fromkeys(part.name for footprint in footprints for part in footprint.parts))
    columns = [Column("part", "part", right=False, keep=0, style="bold")]
    columns += [Column(footprint.name, footprint.name, _bytes, keep=0) for footprint in footprints]
    taken = [{part.name: part.taken for part in footprint.parts} for footprint in footprints]
    rows = [[name, *(parts.get(name, "") for parts in taken)] for name in names]
    peaks = ["peak", *(footprint.peak for footprint in footprints)]
    return Sheet(columns, rows, title, [*_places(footprints), *_unknown(footprints, unknown)], totals=[peaks])


def _places(footprints: Sequence[Footprint]) -> list[str]:
    """The layers at which the peaks stand, each with those that have it there."""
    found: dict[str, list[str]] = {}
    for footprint in footprints:
        if footprint.at:
            found.setdefault(footprint.at, []).append(footprint.name)
    return [f"peak at {at}" + (f": {', '.join(names)}" if len(found) > 1 else "") for at, names in found.items()]


def _unknown(footprints: Sequence[Footprint], does: str) -> list[str]:
    names = dict.fromkeys(name for footprint in footprints for name in footprint.unknown)
    return [f"unknown: what {', '.join(names)} {does}"] if names else []


def _bytes(taken: int | str | None) -> str:
    """An amount of memory; of a part that is not there, nothing."""
    return "unknown" if taken is None else taken if isinstance(taken, str) else byte_text(taken)


def _document(footprint: Footprint) -> dict[str, Any]:
    document: dict[str, Any] = {
        "with": footprint.name,
        "parts": {part.name.replace(" ", "_") + "_bytes": part.taken for part in footprint.parts},
        "peak_bytes": footprint.peak,
        "at": footprint.at,
    }
    if footprint.order:
        document["order"] = list(footprint.order)
    return document | ({"unknown": list(footprint.unknown)} if footprint.unknown else {})
