"""The pictures of a check: a line for each table, what does not agree with its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import Any

from vggcalc.checking import Checked, what
from vggcalc.claims.finding import passes
from vggcalc.claims.printed import RIGHT, VERDICTS, Actual, Verdict
from vggcalc.errors import VggcalcError
from vggcalc.figures import FIGURES
from vggcalc.render.machine import place_document
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import count, plain

HEADINGS = {"erratum": "errata"}

TONES: dict[str, str] = {"erratum": "known", "wrong": "bad", "unknown": "doubt"} | dict.fromkeys(RIGHT, "good")
"""How good each verdict is."""

_KEEP = ("unknown", "truncated", "agrees", "exact", "erratum", "wrong")
"""The verdicts in the order in which a narrow terminal drops their columns."""


def shown(errata: bool, every: bool) -> Collection[Verdict]:
    """The verdicts whose findings have a line of their own: those that need a word, the errata too, or all."""
    return VERDICTS if every else (*(("erratum",) if errata else ()), "wrong", "unknown")


def check_sheets(checked: Sequence[Checked], verdicts: Collection[Verdict]) -> list[Sheet]:
    """A summary line for each table, and a line for each finding with one of these verdicts."""
    tables = [each for each in checked if each.fault is None or each.findings]
    sheets = [_summary(tables)] if tables else []
    for each in tables:
        rows = [_details(each, index) for index, found in enumerate(each.findings) if found.verdict in verdicts]
        if rows:
            sheets.append(
                Sheet(_DETAILS, rows, each.name if each.title in ("", each.name) else f"{each.name}: {each.title}")
            )
    return sheets


def tables_sheet(checked: Sequence[Checked]) -> Sheet:
    """The tables that are there: their names, what they are, and where they come from."""
    columns = (
        Column("table", "table", right=False, keep=0, style="bold"),
        Column("figures", "figures", count, keep=0),
        Column("errata", "errata", count, keep=2),
        Column("title", "title", right=False, keep=3, wraps=True),
        Column("source", "source", right=False, keep=1, wraps=True, style="dim"),
    )
    rows = [(each.name, len(each.findings), each.count("erratum"), each.title, each.source) for each in checked]
    return Sheet(columns, rows)


def tables_data(checked: Sequence[Checked]) -> dict[str, Any]:
    """The same as data."""
    return {
        "tables": [
            {"table": each.name, "title": each.title, "source": each.source, "figures": len(each.findings)}
            for each in checked
        ]
    }


def figures_sheet() -> Sheet:
    """The figures that a table can claim."""
    columns = (
        Column("figure", "figure", right=False, keep=0, style="bold"),
        Column("unit", "unit", right=False, keep=1),
        Column("what", "what it is", right=False, keep=0, wraps=True),
    )
    return Sheet(columns, [(figure.key, figure.unit, figure.definition) for figure in FIGURES.values()])


def figures_data() -> dict[str, Any]:
    """The same as data."""
    return {
        "figures": [
            {"figure": figure.key, "heading": figure.heading, "unit": figure.unit, "what": figure.definition}
            for figure in FIGURES.values()
        ]
    }


def findings_table(checked: Sequence[Checked]) -> Sheet:
    """Every finding, in one table."""
    return Sheet(
        [Column("table", "table", right=False), *_DETAILS],
        [(each.name, *_details(each, index)) for each in checked for index in range(len(each.findings))],
    )


def check_data(checked: Sequence[Checked], strict: bool) -> dict[str, Any]:
    """Every finding as data, and what is wrong with the files themselves."""
    return {
        "green": all(each.is_green(strict) for each in checked),
        "tables": [
            {
                "table": each.name,
                "title": each.title,
                "source": each.source,
                "green": each.is_green(strict),
                "findings": [_finding(each, index, strict) for index in range(len(each.findings))],
            }
            | (_faults(each.fault) if each.fault else {})
            for each in checked
        ],
    }


def _finding(checked: Checked, index: int, strict: bool) -> dict[str, Any]:
    finding = checked.findings[index]
    return {
        "row": finding.row,
        "column": finding.column,
        "what": what(finding),
        "printed": finding.printed_text,
        "actual": _number(finding.actual),
        "verdict": finding.verdict,
        "passes": passes(finding.verdict, strict),
        "needs_a_word": finding.verdict not in RIGHT,
        "explanation": finding.explanation,
        "hints": list(checked.hints.get(index, ())),
        "place": str(finding.mark),
        "file": finding.mark.source.name,
        "line": finding.mark.line,
        "col": finding.mark.column,
    }


def _faults(error: VggcalcError) -> dict[str, Any]:
    """What is wrong with a file: each problem as it is said, and its parts."""
    return {
        "fault": [str(problem) for problem in error.problems],
        "faults": [
            {"message": problem.message, "hint": problem.hint, "code": problem.code}
            | (place_document(problem.mark, "col") if problem.mark else {})
            for problem in error.problems
        ],
    }


def _number(actual: Actual | None) -> int | str | list[int] | None:
    """A figure for a machine: an int, a fraction as the string `1/2`, the sides of a shape."""
    if actual is None:
        return None
    return list(actual) if isinstance(actual, tuple) else plain(Fraction(actual))


def _summary(checked: Sequence[Checked]) -> Sheet:
    columns = (
        Column("table", "table", right=False, keep=0, style="bold"),
        Column("figures", "figures", count, keep=0),
        *(
            Column(each, HEADINGS.get(each, each), _or_nothing, keep=1 + _KEEP.index(each), tone=_tone(each))
            for each in VERDICTS
        ),
    )
    rows: list[list[Any]] = [
        [each.name, len(each.findings), *(each.count(verdict) for verdict in VERDICTS)] for each in checked
    ]
    together = ["all", *(sum(row[place] for row in rows) for place in range(1, len(columns)))]
    return Sheet(columns, rows, totals=[together] if len(rows) > 1 else ())


_DETAILS = (
    Column("place", "place", right=False, keep=0, wraps=True, least=16),
    Column("what", "figure", right=False, keep=0, wraps=True),
    Column("printed", "printed", keep=0),
    Column("actual", "computed", keep=0),
    Column("verdict", "verdict", right=False, keep=0, style="bold", tone=lambda verdict: TONES[verdict]),
    Column("why", "why", right=False, keep=0, wraps=True),
)


def _tone(verdict: Verdict) -> Callable[[int], str]:
    """A number of verdicts is as good as they are, and none of them is nothing."""
    return lambda number: TONES[verdict] if number else ""


def _details(checked: Checked, index: int) -> tuple[str, ...]:
    """What stands in the columns of a finding."""
    finding = checked.findings[index]
    said = "; ".join([finding.explanation, *checked.hints.get(index, ())])
    return str(finding.mark), what(finding), finding.printed_text, finding.actual_text, finding.verdict, said


def _or_nothing(number: int) -> str:
    return count(number) if number else "-"
