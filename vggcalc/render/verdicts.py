"""The pictures of a check: a line for each table, what does not agree with its arithmetic, and forms for CI servers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from vggcalc.checking import Checked
from vggcalc.claims.finding import passes
from vggcalc.claims.printed import RIGHT, VERDICTS, Actual, Verdict
from vggcalc.documents.finding import AnyFinding
from vggcalc.errors import printable
from vggcalc.figures import FIGURES
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import count, plain

HEADINGS = {"erratum": "errata"}

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
        rows = [
            (str(finding.mark), _what(finding), finding.printed_text, finding.actual_text, finding.verdict, said)
            for index, finding in enumerate(each.findings)
            if finding.verdict in verdicts
            for said in ["; ".join([finding.explanation, *each.hints.get(index, ())])]
        ]
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


def check_data(checked: Sequence[Checked], strict: bool) -> dict[str, Any]:
    """Every finding as data."""
    return {
        "green": all(each.is_green(strict) for each in checked),
        "tables": [
            {
                "table": each.name,
                "title": each.title,
                "source": each.source,
                "green": each.is_green(strict),
                "findings": [
                    {
                        "row": finding.row,
                        "column": finding.column,
                        "printed": finding.printed_text,
                        "actual": _number(finding.actual),
                        "verdict": finding.verdict,
                        "explanation": finding.explanation,
                        "hints": list(each.hints.get(index, ())),
                        "place": str(finding.mark),
                        "file": finding.mark.source.name,
                        "line": finding.mark.line,
                        "col": finding.mark.column,
                    }
                    for index, finding in enumerate(each.findings)
                ],
            }
            | ({"fault": [str(problem) for problem in each.fault.problems]} if each.fault else {})
            for each in checked
        ],
    }


def junit(checked: Sequence[Checked], strict: bool) -> str:
    """JUnit's XML: a test suite for each table, a test case for each figure."""
    from xml.etree import ElementTree as Xml

    root = Xml.Element("testsuites", name="vggcalc check")
    totals = dict.fromkeys(("tests", "failures", "errors"), 0)
    for each in checked:
        failed = sum(not passes(finding.verdict, strict) for finding in each.findings)
        numbers = {
            "tests": len(each.findings) or 1,
            "failures": failed,
            "errors": int(each.fault is not None),
        }
        totals = {key: number + numbers[key] for key, number in totals.items()}
        suite = Xml.SubElement(root, "testsuite", _texts({"name": printable(each.name), **numbers}))
        if each.fault is not None:
            case = Xml.SubElement(suite, "testcase", classname=printable(each.name), name="file")
            Xml.SubElement(case, "error", message=printable(each.fault.problems[0].message)).text = _xml(
                str(each.fault)
            )
        for index, finding in enumerate(each.findings):
            mark = finding.mark
            case = Xml.SubElement(
                suite,
                "testcase",
                classname=printable(each.name),
                name=printable(f"{_what(finding)} {finding.printed_text}".strip()),
                file=printable(mark.source.name),
                line=str(mark.line),
            )
            if not passes(finding.verdict, strict):
                failure = Xml.SubElement(case, "failure", message=printable(finding.explanation), type=finding.verdict)
                hints = each.hints.get(index, ())
                failure.text = _xml("\n".join([f"{finding.mark}: {finding.explanation}", *hints]))
            elif finding.verdict == "erratum":
                Xml.SubElement(case, "system-out").text = _xml(f"{finding.mark}: {finding.explanation}")
    root.attrib.update(_texts(totals))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode")


def github(checked: Sequence[Checked], strict: bool) -> str:
    """Annotations for a workflow of GitHub: errors for what is wrong, notices for errata."""
    return "\n".join(_annotations(checked, strict))


def _annotations(checked: Sequence[Checked], strict: bool) -> Iterator[str]:
    for each in checked:
        for problem in each.fault.problems if each.fault else ():
            at = f"file={_property(problem.mark.source.name)},line={problem.mark.line}," if problem.mark else ""
            column = f"col={problem.mark.column}," if problem.mark else ""
            yield f"::error {at}{column}title=vggcalc::{_data(f'{problem.message}; {problem.hint}')}"
        for index, finding in enumerate(each.findings):
            if finding.verdict in RIGHT:
                continue
            level = "notice" if passes(finding.verdict, strict) else "error"
            mark = finding.mark
            at = f"file={_property(mark.source.name)},line={mark.line},col={mark.column}"
            said = "\n".join([f"{_what(finding)}: {finding.explanation}", *each.hints.get(index, ())])
            yield f"::{level} {at},title=vggcalc {finding.verdict}::{_data(said)}"
    total = sum(len(each.findings) for each in checked)
    yield f"{count(total)} figures checked in {count(len(checked))} tables"


def _number(actual: Actual | None) -> int | str | list[int] | None:
    """A figure for a machine: an int, a fraction as the string `1/2`, the sides of a shape."""
    if actual is None:
        return None
    return list(actual) if isinstance(actual, tuple) else plain(Fraction(actual))


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    """The attributes of an element."""
    return {key: str(value) for key, value in values.items()}


def _what(finding: AnyFinding) -> str:
    return " ".join(dict.fromkeys(filter(None, (finding.row, finding.column))))


def _summary(checked: Sequence[Checked]) -> Sheet:
    columns = (
        Column("table", "table", right=False, keep=0, style="bold"),
        Column("figures", "figures", count, keep=0),
        *(Column(each, HEADINGS.get(each, each), _or_nothing, keep=1 + _KEEP.index(each)) for each in VERDICTS),
    )
    rows: list[list[Any]] = [
        [each.name, len(each.findings), *(each.count(verdict) for verdict in VERDICTS)] for each in checked
    ]
    if len(rows) > 1:
        rows.append(["all", *(sum(row[place] for row in rows) for place in range(1, len(columns)))])
    return Sheet(columns, rows)


_DETAILS = (
    Column("place", "place", right=False, keep=0, wraps=True, least=16),
    Column("what", "figure", right=False, keep=0, wraps=True),
    Column("printed", "printed", keep=0),
    Column("actual", "computed", keep=0),
    Column("verdict", "verdict", right=False, keep=0, style="bold"),
    Column("why", "why", right=False, keep=0, wraps=True),
)


def _or_nothing(number: int) -> str:
    return count(number) if number else "-"


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    """Text for a workflow command: line ends and percent signs are escaped, other control characters spelt out."""
    return "%0A".join(printable(line).replace("%", "%25") for line in text.split("\n"))


def _xml(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "\n".join(printable(line) for line in text.splitlines())
