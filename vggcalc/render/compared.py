"""The picture of several networks side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

from vggcalc.analysis.compare import Branch, Line, stages
from vggcalc.analysis.report import Report, Row
from vggcalc.conventions.rules import Convention, Counts
from vggcalc.render.columns import count_or_unknown, type_text
from vggcalc.render.report import bytes_text, notes
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import byte_text, count, difference, ratio

ADDED = "+: what a network has beyond the first"
LONGEST_BLOCK = 24
LONGEST_STAGE = 8
"""A stage of more lines than this is shortened by writing what repeats once."""


def compare_sheets(reports: Sequence[Report], counts: Sequence[Counts | None] = ()) -> list[Sheet]:
    """The layers side by side, the totals, and each network against the first."""
    sheets = [layers_sheet(reports), totals_sheet(reports, counts)]
    return [*sheets, differences_sheet(reports)] if len(reports) > 1 else sheets


def layers_sheet(reports: Sequence[Report]) -> Sheet:
    """Table 1 of the VGG paper: one column a network, stages aligned by the map that they work on.

    The poolings that end a stage stand in one line, and what a network has beyond the first is marked.
    """
    columns = [Column("map", "map", right=False, keep=0, style="dim")]
    columns += [Column(report.model, report.model, right=False, keep=0) for report in reports]
    rows: list[list[str]] = []
    for stage in stages(reports):
        lists = [shortened(_units(own)) for own in stage.lines]
        lists = [lists[0], *(_marked(own, lists[0]) for own in lists[1:])]
        lines = list(zip_longest(*lists, fillvalue=""))
        if any(stage.pools):
            lines.append(tuple(type_text(pool) if pool else "" for pool in stage.pools))
        for number, cells in enumerate(lines):
            label = "x".join(map(str, stage.spatial)) if number == 0 else ""
            rows.append([label, *cells])
    notes = [ADDED] if any(cell.startswith("+") for row in rows for cell in row) else []
    return Sheet(columns, rows, title="Layers by the map that they work on", notes=notes)


def _units(lines: Sequence[Line]) -> list[str]:
    """What repeats as a whole: a layer, or all branches of a module, each on a line of its own."""
    units: list[str] = []
    for line in lines:
        if isinstance(line, Branch) and line.number > 1:
            units[-1] += f"\n{_line_text(line)}"
        else:
            units.append(_line_text(line))
    return units


def _line_text(line: Line) -> str:
    """A layer as papers write it; of a module, the number and the layers of a branch."""
    return f"{line.number}| {_branch_text(line)}" if isinstance(line, Branch) else type_text(line)


def _branch_text(branch: Branch) -> str:
    """The layers of a branch in one line, with branches inside of it in brackets."""
    return ", ".join(
        f"({' | '.join(map(_branch_text, step))})"
        if isinstance(step, tuple) and not isinstance(step, Row)
        else type_text(step)
        for step in branch.steps
    )


def _marked(lines: Sequence[str], first: Sequence[str]) -> list[str]:
    """The lines of a stage, with those marked that the first network does not have, where they have any in common."""
    from difflib import SequenceMatcher

    blocks = SequenceMatcher(None, first, lines, False).get_matching_blocks()
    same = {place for block in blocks for place in range(block.b, block.b + block.size)}
    return [f"+{line}" if same and place not in same else line for place, line in enumerate(lines)]


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


def shortened(units: Sequence[str]) -> list[str]:
    """The lines of a stage; of a long one, what repeats is written once, in brackets with how often, as papers do."""
    if sum(unit.count("\n") + 1 for unit in units) <= LONGEST_STAGE:
        return "\n".join(units).split("\n") if units else []
    short: list[str] = []
    index = 0
    while index < len(units):
        length, times = _repetition(units, index)
        if times > 1:
            later = _repetition(units, index + 1)
            if later[0] > 1 and later[0] * later[1] >= length * times:  # the block begins further down
                length, times = 1, 1
        block = "\n".join(units[index : index + length]).split("\n")
        if times > 1 and len(block) == 1:
            short.append(f"{block[0]} x{times}")
        elif times > 1:
            short += [f"[{block[0]}", *(f" {line}" for line in block[1:-1]), f" {block[-1]}] x{times}"]
        else:
            short += block
        index += length * times
    return short


def _repetition(lines: Sequence[str], start: int) -> tuple[int, int]:
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
