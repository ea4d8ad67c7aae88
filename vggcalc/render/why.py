"""The pictures of conventions: who counts what, and why two counts of one network differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vggcalc.analysis.report import Report
from vggcalc.conventions import Between
from vggcalc.conventions.convention import Convention, Count
from vggcalc.conventions.ladder import Step, Way, ladder, way
from vggcalc.conventions.quantities import QUANTITIES, SPECIAL
from vggcalc.conventions.rules import Rule, joined
from vggcalc.figures import type_text
from vggcalc.render.columns import count_or_unknown
from vggcalc.render.machine import input_document
from vggcalc.render.report import unknown_text
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.signs import DOT
from vggcalc.render.unknown import unknown_document
from vggcalc.units import byte_text, count, difference, short

WORDS = {
    "macs": "MACs",
    "bias": "biases",
    "out": "outputs",
    "in": "inputs",
    "params": "params",
    "in_and_out": "inputs and outputs",
    "taps": "values under the window",
    "stepped": "outputs x step",
    "spread": "weights x positions",
    "spread_back": "weights x positions / stride",
    "running": "running statistics",
    "tensors": "tensors kept",
}
"""Quantities in few words; the others are called by their names."""

_Line = tuple[str, int | str, int | str, str, str]
"""A step, what it adds, the total (empty between totals), in short, and who counts so."""


def ladder_sheet(report: Report, counts: Sequence[Count], of_memory: bool) -> Sheet:
    """Every known count as a rung: the steps that lead to it from the one under it, its total, and who counts so."""
    rungs = ladder(report, counts)
    rows: list[_Line] = []
    for rung in rungs:
        before = rungs[rung.under].total if rung.under >= 0 else 0
        names = ", ".join(found.convention.name for found in rung.counts)
        rows += _lines(rung.depth, Way(rung.doubled, rung.steps), before, rung.counts[0], names)
    nobody = dict.fromkeys(row.called for row in report.rows if row.is_unknown)
    if nobody:
        everyone = ", ".join(found.convention.name for found in counts)
        rows.append((f"nobody knows what {', '.join(nobody)} does", "", "unknown", "", everyone))
    silent = [unknown_text(found) for found in counts if not nobody.keys() >= set(found.unknown)]
    title = f"{report.model}: the {_what(of_memory)}, as everyone counts them"
    return Sheet(_ladder_columns(of_memory), rows, title, silent)


def between_sheets(report: Report, between: Between) -> list[Sheet]:
    """The way from one count to another, term by term, and the layers that make the difference."""
    of_memory, start, end = between
    first, last = start.convention, end.convention
    rows: list[_Line] = [(first.name, "", start.total or 0, _brief(start), first.name)]
    rows += _lines(1, way(report, start, end), start.total or 0, end, last.name)
    said = [f"{convention.name}: {convention.what}" for convention in (first, last)]
    title = f"{report.model}: from {first.name} to {last.name}"
    return [Sheet(_ladder_columns(of_memory), rows, title, said), layers_sheet(report, between)]


def layers_sheet(report: Report, between: Between) -> Sheet:
    """The layers that two counts count differently."""
    _, start, end = between
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


def why_document(report: Report, counts: Sequence[Count], of_memory: bool) -> dict[str, Any]:
    """The ladder as data: each rung's total, names and terms, and the place of the rung under it."""
    rungs: list[dict[str, Any]] = []
    for rung in ladder(report, counts):
        entry: dict[str, Any] = {"conventions": [found.convention.name for found in rung.counts], "total": rung.total}
        if of_memory:
            entry["bytes"] = {found.convention.name: found.total_bytes for found in rung.counts}
        entry |= {"under": rung.under, "doubled": rung.doubled, "terms": list(map(_term, rung.steps))}
        rungs.append(entry)
    unknown = {found.convention.name: list(found.unknown) for found in counts if found.unknown}
    return {
        "model": report.model,
        "input": input_document(report),
        "of": _what(of_memory),
        "rungs": rungs,
        "unknown": unknown,
        **unknown_document(report),
    }


def between_document(report: Report, between: Between) -> dict[str, Any]:
    """The way between two counts as data: its terms, and every layer that they count differently, with both counts."""
    of_memory, start, end = between
    found = way(report, start, end)
    layers = [
        {"name": row.name, "kind": row.kind, "counts": [start.of(index), end.of(index)]}
        for index, row in enumerate(report.rows)
        if start.of(index) != end.of(index)
    ]
    return {
        "model": report.model,
        "input": input_document(report),
        "of": _what(of_memory),
        "between": [start.convention.name, end.convention.name],
        "totals": [start.total, end.total],
        "doubled": found.doubled,
        "terms": list(map(_term, found.steps)),
        "layers": layers,
    }


def conventions_sheets(operations: Mapping[str, Convention], memory: Mapping[str, Convention]) -> list[Sheet]:
    """All conventions, each with what it counts and where that is written."""
    columns = (
        Column("name", "name", right=False, keep=0, style="bold"),
        Column("aliases", "also called", right=False, keep=2),
        Column("what", "what is counted", right=False, keep=0, wraps=True),
        Column("source", "source", right=False, keep=1, wraps=True, style="dim"),
    )
    return [
        Sheet(columns, [(c.name, ", ".join(c.aliases), c.what, c.source) for c in known.values()], title)
        for title, known in (("Conventions of operations", operations), ("Conventions of memory", memory))
    ]


def rules_sheet(convention: Convention) -> Sheet:
    """One convention: its rule for each kind of layer, in symbols and in words."""
    kinds: dict[str, list[str]] = {}
    for kind, text in convention.texts().items():
        kinds.setdefault(text, []).append(_kind_text(kind, alone=len(convention.texts()) == 1))
    words = {text: _in_words(convention.rules[kind]) for kind, text in convention.texts().items() if convention.rules}
    columns = [Column("rule", "counts", right=False, keep=0, wraps=bool(convention.told), style="bold")]
    if words:
        columns.append(Column("words", "in words", right=False, keep=1, wraps=True))
    columns.append(Column("kinds", "kinds of layer", right=False, keep=0, wraps=True))
    rows = [(text, *([words[text]] if words else []), ", ".join(named)) for text, named in kinds.items()]
    said = [convention.what, f"source: {convention.source}", *(note.text for note in convention.notes)]
    if convention.aliases:
        said.append(f"also called {', '.join(convention.aliases)}")
    return Sheet(columns, rows, convention.name, said)


def conventions_document(
    operations: Mapping[str, Convention], memory: Mapping[str, Convention]
) -> dict[str, list[dict[str, Any]]]:
    """All conventions with their rules, by kind of layer."""
    return {
        key: [
            {
                "name": c.name,
                "aliases": list(c.aliases),
                "what": c.what,
                "source": c.source,
                "note": "; ".join(note.text for note in c.notes),
                "rules": c.texts(),
            }
            for c in known.values()
        ]
        for key, known in (("operations", operations), ("memory", memory))
    }


def _what(of_memory: bool) -> str:
    return "memory values" if of_memory else "operations"


def _ladder_columns(of_memory: bool) -> tuple[Column, ...]:
    return (
        Column("step", "step by step", right=False, keep=0, wraps=True, least=28, marks=DOT),
        Column("adds", "adds", lambda value: value if isinstance(value, str) else difference(value), keep=0),
        Column("total", _what(of_memory), _count_or_nothing, keep=0, style="bold"),
        Column("short", "short", keep=0 if of_memory else 1),
        Column("counted", "counted by", right=False, keep=0, wraps=True, least=14, style="cyan"),
    )


def _lines(depth: int, found: Way, before: int, end: Count, names: str) -> list[_Line]:
    """A line for each step; the last has the total."""
    steps: list[tuple[str, int]] = [("x 2", before)] if found.doubled else []
    steps += [(step_text(step), step.value) for step in found.steps]
    lead = f"{DOT * depth} " if depth else ""
    lines: list[_Line] = [(lead + text, adds, "", "", "") for text, adds in steps or [("the same", 0)]]
    return [*lines[:-1], (lines[-1][0], lines[-1][1], end.total or 0, _brief(end), names)]


def _count_or_nothing(total: int | str) -> str:
    return total if isinstance(total, str) else count(total)


def _brief(found: Count) -> str:
    return short(found.total or 0) if found.total_bytes is None else byte_text(found.total_bytes)


def _term(step: Step) -> dict[str, Any]:
    return {"quantity": step.quantity, "times": step.times, "amounts": dict(step.amounts), "value": step.value}


def _in_words(rule: Rule) -> str:
    """A rule with its quantities in words."""
    if rule is None:
        return "nobody knows"
    if not rule:
        return "nothing"
    return joined((times, f"{abs(times)} x " * (abs(times) > 1) + QUANTITIES[name][0]) for times, name in rule)


def _kind_text(key: str, alone: bool) -> str:
    """The layers that a table's key is for."""
    kind, _, form = key.partition(":")
    if kind in ("", "*"):
        kind = "every kind" if alone else "every other kind"
    elif kind.startswith("*"):
        kind = f"other {kind[1:]} layers"
    return f"{kind} {SPECIAL.get(form, form)}".rstrip()
