"""The pictures of conventions: who counts what, and why two counts of one network differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vggcalc.analysis.report import Report
from vggcalc.conventions.ladder import Step, Way, ladder, way
from vggcalc.conventions.memory import LIVE, SAVED
from vggcalc.conventions.rules import QUANTITIES, Convention, Count, written
from vggcalc.conventions.saved import KEEPS
from vggcalc.render.columns import count_or_unknown, type_text
from vggcalc.render.machine import input_document
from vggcalc.render.report import memory_text
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import count, difference, short

WORDS = {
    "macs": "MACs",
    "bias": "biases",
    "out": "outputs",
    "in": "inputs",
    "params": "params",
    "in_and_out": "inputs and outputs",
    "taps": "values under the window",
    "stepped": "outputs x step of the window",
    "spread": "weights x positions",
    "running": "running statistics",
    "tensors": "tensors kept",
}
"""Quantities in few words; the others are called by their names."""

_Line = tuple[str, int | str, int | str, str, str]
"""A step, what it adds, the total (empty between totals), in short, and who counts so."""


def ladder_sheet(report: Report, counts: Sequence[Count], what: str) -> Sheet:
    """Every known count as a rung: the steps that lead to it from the one under it, its total, and who counts so."""
    rungs = ladder(report, counts)
    rows: list[_Line] = []
    for rung in rungs:
        before = rungs[rung.under].total if rung.under >= 0 else 0
        names = ", ".join(found.convention.name for found in rung.counts)
        rows += _lines("· " * rung.depth, Way(rung.doubled, rung.steps), before, rung.counts[0], names)
    silent = [
        f"{found.convention.name} is unknown: it says nothing of {', '.join(found.unknown)}"
        for found in counts
        if found.unknown
    ]
    return Sheet(_ladder_columns(what), rows, f"{report.model}: the {what}, as everyone counts them", silent)


def between_sheets(report: Report, start: Count, end: Count, what: str) -> list[Sheet]:
    """The way from one count to another, term by term, and the layers that make the difference."""
    first, last = start.convention, end.convention
    rows: list[_Line] = [(first.name, "", start.total or 0, _brief(start), first.name)]
    rows += _lines("· ", way(report, start, end), start.total or 0, end, last.name)
    said = [f"{convention.name}: {convention.what}" for convention in (first, last)]
    title = f"{report.model}: from {first.name} to {last.name}"
    return [Sheet(_ladder_columns(what), rows, title, said), layers_sheet(report, start, end)]


def layers_sheet(report: Report, start: Count, end: Count) -> Sheet:
    """The layers that two counts count differently, with the rule of each."""
    rows = [
        (row.name, type_text(row), start.of(index), end.of(index), (end.of(index) or 0) - (start.of(index) or 0))
        for index, row in enumerate(report.rows)
        if start.of(index) != end.of(index)
    ]
    columns = (
        Column("layer", "layer", right=False, keep=0, style="bold"),
        Column("type", "type", right=False, keep=2),
        Column("start", start.convention.name, count_or_unknown, keep=0),
        Column("end", end.convention.name, count_or_unknown, keep=0),
        Column("difference", "difference", difference, keep=1),
    )
    return Sheet(columns, rows, "Layers that carry the difference")


def step_text(step: Step) -> str:
    """What a step counts more, or less: `2 x outputs of batchnorm, relu`."""
    times = f"{abs(step.times)} x " if abs(step.times) > 1 else ""
    return f"{times}{WORDS.get(step.quantity, step.quantity)} of {', '.join(kind for kind, _ in step.amounts)}"


def why_document(report: Report, counts: Sequence[Count], what: str) -> dict[str, Any]:
    """The ladder as data: each rung's total, names and terms, and the place of the rung under it."""
    rungs = [
        {
            "conventions": [found.convention.name for found in rung.counts],
            "total": rung.total,
            "bytes": rung.counts[0].total_bytes,
            "under": rung.under,
            "doubled": rung.doubled,
            "terms": [_term(step) for step in rung.steps],
        }
        for rung in ladder(report, counts)
    ]
    unknown = {found.convention.name: list(found.unknown) for found in counts if found.unknown}
    return {"model": report.model, "input": input_document(report), "of": what, "rungs": rungs, "unknown": unknown}


def between_document(report: Report, start: Count, end: Count) -> dict[str, Any]:
    """The way between two counts as data: its terms, and every layer with both counts."""
    found: Way = way(report, start, end)
    layers = [
        {"name": row.name, "kind": row.kind, start.convention.name: start.of(index), end.convention.name: end.of(index)}
        for index, row in enumerate(report.rows)
        if start.of(index) != end.of(index)
    ]
    return {
        "model": report.model,
        "input": input_document(report),
        "between": [start.convention.name, end.convention.name],
        "totals": [start.total, end.total],
        "doubled": found.doubled,
        "terms": [_term(step) for step in found.steps],
        "layers": layers,
    }


def conventions_sheets(operations: Mapping[str, Convention], memory: Mapping[str, Convention]) -> list[Sheet]:
    """All conventions, each with what it counts and where that is written."""
    columns = (
        Column("name", "name", right=False, keep=0, style="bold"),
        Column("what", "what is counted", right=False, keep=0, wraps=True),
        Column("source", "source", right=False, keep=1, wraps=True, style="dim"),
    )
    return [
        Sheet(columns, [(c.name, c.what, c.source) for c in known.values()], title)
        for title, known in (("--convention: operations", operations), ("--memory: memory", memory))
    ]


def rules_sheet(convention: Convention) -> Sheet:
    """One convention: its rule for each kind of layer, in symbols and in words."""
    columns = (
        Column("rule", "counts", right=False, keep=0, style="bold"),
        Column("words", "in words", right=False, keep=1, wraps=True),
        Column("kinds", "kinds of layer", right=False, keep=0, wraps=True),
    )
    rules: dict[str, list[str]] = {}
    if convention is SAVED:
        for kind, kept in KEEPS.items():
            rules.setdefault(kept, []).append(kind)
        rows = [(kept, "", ", ".join(kinds)) for kept, kinds in rules.items()]
    elif convention is LIVE:
        rows = [("alive", "what it reads, what it writes, and what waits for layers below", "every kind")]
    else:
        for kind, rule in convention.rules.items():
            rules.setdefault(written(rule), []).append("every other kind" if kind == "*" else kind)
        rows = [(rule, _in_words(rule), ", ".join(kinds)) for rule, kinds in rules.items()]
    said = [convention.what, f"source: {convention.source}"] + ([convention.note] if convention.note else [])
    return Sheet(columns, rows, convention.name, said)


def conventions_document(
    operations: Mapping[str, Convention], memory: Mapping[str, Convention]
) -> dict[str, list[dict[str, Any]]]:
    """All conventions with their rules, by kind of layer."""
    return {
        key: [
            {
                "name": c.name,
                "what": c.what,
                "source": c.source,
                "note": c.note,
                "rules": dict(KEEPS) if c is SAVED else {kind: written(rule) for kind, rule in c.rules.items()},
            }
            for c in known.values()
        ]
        for key, known in (("operations", operations), ("memory", memory))
    }


def _ladder_columns(what: str) -> tuple[Column, ...]:
    return (
        Column("step", "step by step", right=False, keep=0, wraps=True),
        Column("adds", "adds", lambda value: value if isinstance(value, str) else difference(value), keep=0),
        Column("total", what, _count_or_nothing, keep=0, style="bold"),
        Column("short", "short", keep=1),
        Column("counted", "counted by", right=False, keep=0, wraps=True, style="cyan"),
    )


def _lines(indent: str, found: Way, before: int, end: Count, names: str) -> list[_Line]:
    """A line for each step; the last has the total."""
    steps: list[tuple[str, int]] = [("x 2", before)] if found.doubled else []
    steps += [(step_text(step), step.value) for step in found.steps]
    lines: list[_Line] = [(indent + text, adds, "", "", "") for text, adds in steps or [("the same", 0)]]
    return [*lines[:-1], (lines[-1][0], lines[-1][1], end.total or 0, _brief(end), names)]


def _count_or_nothing(total: int | str) -> str:
    return total if isinstance(total, str) else count(total)


def _brief(found: Count) -> str:
    return memory_text(found) or short(found.total or 0)


def _term(step: Step) -> dict[str, Any]:
    return {"quantity": step.quantity, "times": step.times, "amounts": dict(step.amounts), "value": step.value}


def _in_words(rule: str) -> str:
    names = [term.split()[-1] for term in rule.split(" + ") if term != "0"]
    return "; ".join(f"{name}: {QUANTITIES[name][0]}" for name in names) or "nothing"
