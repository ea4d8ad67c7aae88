"""The picture of several networks side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

from vggcalc.analysis.compare import stages
from vggcalc.analysis.report import Report
from vggcalc.conventions.rules import Convention, Counts
from vggcalc.render.columns import count_or_unknown, type_text
from vggcalc.render.report import bytes_text, notes
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import byte_text, count, difference, ratio

LONGEST_BLOCK = 24
LONGEST_STAGE = 8
"""A stage of more lines than this is shortened by writing what repeats once."""


def compare_sheets(reports: Sequence[Report], counts: Sequence[Counts | None] = ()) -> list[Sheet]:
    """The layers side by side, the totals, and each network against the first."""
    sheets = [layers_sheet(reports), totals_sheet(reports, counts)]
    return [*sheets, differences_sheet(reports)] if len(reports) > 1 else sheets


def layers_sheet(reports: Sequence[Report]) -> Sheet:
    """Table 1 of the VGG paper: one column a network, stages aligned by the map that they work on."""
    columns = [Column("map", "map", right=False, keep=0, style="dim")]
    columns += [Column(report.model, report.model, right=False, keep=0) for report in reports]
    rows: list[list[str]] = []
    for stage in stages(reports):
        lists = [shortened([type_text(row) for row in own]) for own in stage.rows]
        for number, cells in enumerate(zip_longest(*lists, fillvalue="")):
            label = "x".join(map(str, stage.spatial)) if number == 0 else ""
            rows.append([label, *cells])
    return Sheet(columns, rows, title="Layers by the map that they work on")


def totals_sheet(reports: Sequence[Report], counts: Sequence[Counts | None] = ()) -> Sheet:
    """One line of exact totals for each network, with what other conventions count."""
    columns = [
        Column("model", "model", right=False, keep=0, style="bold"),
        Column("params", "params", count, keep=0),
        Column("macs", "MACs", count, keep=0),
        Column("activations", "activations", byte_text, keep=0),
        Column("forward", "forward", byte_text, keep=0),
        Column("layers", "conv + fc", count, keep=1),
    ]
    rows: list[list[Any]] = [
        [
            report.model,
            report.totals.params,
            report.totals.macs,
            report.totals.activations_bytes,
            report.totals.forward_bytes,
            sum(row.multiplies for row in report.rows),
        ]
        for report in reports
    ]
    asked = [found or Counts() for found in counts]
    for first in asked[0].asked if asked else ():
        is_memory = first is asked[0].memory
        in_bytes = is_memory and first.convention.bytes_each != 0
        key = ("memory_bytes" if in_bytes else "memory_values") if is_memory else "operations"
        columns.append(Column(key, asked[0].heading(first), _total_text(first.convention, in_bytes), keep=0))
        for row, each in zip(rows, asked, strict=True):
            found = each.memory if is_memory else each.operations
            row.append(None if found is None else found.total_bytes if in_bytes else found.total)
    pairs = ((report, found) for report, each in zip(reports, asked, strict=False) for found in each.asked)
    said = dict.fromkeys(note for report, found in pairs for note in notes(report, found))
    return Sheet(columns, rows, title="Totals", notes=list(said))


def _total_text(convention: Convention, in_bytes: bool) -> Callable[[int | None], str]:
    """How a convention's total is written: as bytes where it has them."""
    return (lambda value: bytes_text(value, convention)) if in_bytes else count_or_unknown


def differences_sheet(reports: Sequence[Report]) -> Sheet:
    """Each network against the first: how much more, and how many times."""
    base = reports[0].totals
    columns = (
        Column("model", "model", right=False, keep=0, style="bold"),
        Column("params", "params", difference, keep=0),
        Column("params_ratio", "ratio", keep=3),
        Column("macs", "MACs", difference, keep=0),
        Column("macs_ratio", "ratio", keep=3),
        Column("activations", "activations", difference, keep=0),
        Column("activations_ratio", "ratio", keep=3),
    )
    rows = []
    for report in reports[1:]:
        totals = report.totals
        row: list[str | int] = [report.model]
        for figure in ("params", "macs", "activations"):
            value, first = getattr(totals, figure), getattr(base, figure)
            row += [value - first, ratio(value, first)]
        rows.append(row)
    return Sheet(columns, rows, title=f"Against {reports[0].model}")


def shortened(lines: list[str]) -> list[str]:
    """A long stage with what repeats written once, in brackets with how often, as the papers do."""
    if len(lines) <= LONGEST_STAGE:
        return lines
    short: list[str] = []
    index = 0
    while index < len(lines):
        length, times = _repetition(lines, index)
        if times > 1:
            later = _repetition(lines, index + 1)
            if later[0] > 1 and later[0] * later[1] >= length * times:  # the block begins further down
                length, times = 1, 1
        block = lines[index : index + length]
        if times > 1 and length == 1:
            short.append(f"{block[0]} x{times}")
        elif times > 1:
            short += [f"[{block[0]}", *(f" {line}" for line in block[1:-1]), f" {block[-1]}] x{times}"]
        else:
            short += block
        index += length * times
    return short


def _repetition(lines: list[str], start: int) -> tuple[int, int]:
    """The block that begins here and repeats over the most lines, as (its length, how often)."""
    best = (1, 1)
    for length in range(1, min(LONGEST_BLOCK, (len(lines) - start) // 2) + 1):
        times = 1
        block = lines[start : start + length]
        while lines[start + times * length : start + (times + 1) * length] == block:
            times += 1
        if times > 1 and length * times > best[0] * best[1]:
            best = (length, times)
    return best
