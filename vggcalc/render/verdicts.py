"""The pictures of a check: a line for each table, what does not agree with its arithmetic, and forms for CI servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vggcalc.errors import Mark, printable
from vggcalc.published.arithmetic import text_of
from vggcalc.published.check import Finding
from vggcalc.published.documents import BlockFinding
from vggcalc.published.figures import FIGURES
from vggcalc.published.printed import RIGHT
from vggcalc.published.targets import Checked
from vggcalc.render.sheet import Column, Sheet
from vggcalc.units import count

AnyFinding = Finding | BlockFinding

VERDICTS = ("exact", "agrees", "truncated", "erratum", "wrong", "unknown")
HEADINGS = {"erratum": "errata"}


def check_sheets(checked: Sequence[Checked], show_errata: bool) -> list[Sheet]:
    """A summary line for each table, and the findings that need a word."""
    tables = [each for each in checked if each.fault is None]
    sheets = [_summary(tables)] if tables else []
    for each in tables:
        rows = [
            (place(finding), _what(finding), _printed(finding), _actual(finding), finding.verdict, said)
            for index, finding in enumerate(each.findings)
            if _needs_a_word(finding, show_errata)
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
        Column("title", "title", right=False, keep=1, wraps=True),
        Column("source", "source", right=False, keep=3, wraps=True, style="dim"),
    )
    rows = [(each.name, len(each.findings), each.count("erratum"), each.title, each.source) for each in checked]
    return Sheet(columns, rows)


def tables_document(checked: Sequence[Checked]) -> dict[str, Any]:
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
        Column("what", "what it is", right=False, keep=0, wraps=True),
    )
    return Sheet(columns, [(name, figure.description) for name, figure in FIGURES.items()])


def figures_document() -> dict[str, Any]:
    """The same as data."""
    return {"figures": [{"figure": name, "what": figure.description} for name, figure in FIGURES.items()]}


def check_document(checked: Sequence[Checked], strict: bool) -> dict[str, Any]:
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
                        "row": "" if isinstance(finding, BlockFinding) else finding.claim.row,
                        "column": _what(finding) if isinstance(finding, BlockFinding) else finding.claim.column,
                        "printed": _printed(finding),
                        "actual": _actual(finding),
                        "verdict": finding.verdict,
                        "explanation": finding.explanation,
                        "hints": list(each.hints.get(index, ())),
                        "place": place(finding),
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
    for each in checked:
        failed = sum(not _passes(finding, strict) for finding in each.findings)
        suite = Xml.SubElement(
            root,
            "testsuite",
            name=printable(each.name),
            tests=str(len(each.findings) or 1),
            failures=str(failed),
            errors=str(int(each.fault is not None)),
        )
        if each.fault is not None:
            case = Xml.SubElement(suite, "testcase", classname=printable(each.name), name="file")
            Xml.SubElement(case, "error", message=printable(each.fault.problems[0].message)).text = _xml(
                str(each.fault)
            )
        for index, finding in enumerate(each.findings):
            mark = _mark(finding)
            case = Xml.SubElement(
                suite,
                "testcase",
                classname=printable(each.name),
                name=printable(f"{_what(finding)} {_printed(finding)}".strip()),
                file=printable(mark.source.name),
                line=str(mark.line),
            )
            if not _passes(finding, strict):
                failure = Xml.SubElement(case, "failure", message=printable(finding.explanation), type=finding.verdict)
                hints = each.hints.get(index, ())
                failure.text = _xml("\n".join([f"{place(finding)}: {finding.explanation}", *hints]))
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
            level = "notice" if _passes(finding, strict) else "error"
            mark = _mark(finding)
            at = f"file={_property(mark.source.name)},line={mark.line},col={mark.column}"
            said = "\n".join([f"{_what(finding)}: {finding.explanation}", *each.hints.get(index, ())])
            yield f"::{level} {at},title=vggcalc {finding.verdict}::{_data(said)}"
    total = sum(len(each.findings) for each in checked)
    yield f"{count(total)} figures checked in {count(len(checked))} tables"


def place(finding: AnyFinding) -> str:
    """Where a claim stands, as file:line:column."""
    return str(_mark(finding))


def _mark(finding: AnyFinding) -> Mark:
    return finding.mark if isinstance(finding, BlockFinding) else finding.claim.mark


def _printed(finding: AnyFinding) -> str:
    return "" if isinstance(finding, BlockFinding) else finding.claim.printed.text


def _actual(finding: AnyFinding) -> str:
    return "" if isinstance(finding, BlockFinding) else text_of(finding.actual)


def _passes(finding: AnyFinding, strict: bool) -> bool:
    return Checked("", findings=(finding,)).is_green(strict)


def _needs_a_word(finding: AnyFinding, show_errata: bool) -> bool:
    return finding.verdict in ("wrong", "unknown") or (finding.verdict == "erratum" and show_errata)


def _what(finding: AnyFinding) -> str:
    if isinstance(finding, BlockFinding):
        return " ".join(finding.block.command)
    return " ".join(dict.fromkeys(filter(None, (finding.claim.row, finding.claim.column))))


def _summary(checked: Sequence[Checked]) -> Sheet:
    columns = (
        Column("table", "table", right=False, keep=0, style="bold"),
        Column("figures", "figures", count, keep=0),
        *(Column(verdict, HEADINGS.get(verdict, verdict), _or_nothing, keep=1 + index) for index, verdict in _KEPT),
    )
    rows: list[list[Any]] = [
        [each.name, len(each.findings), *(each.count(verdict) for verdict in VERDICTS)] for each in checked
    ]
    if len(rows) > 1:
        rows.append(["all", *(sum(row[place] for row in rows) for place in range(1, len(columns)))])
    return Sheet(columns, rows)


_KEPT = tuple(enumerate(VERDICTS))

_DETAILS = (
    Column("place", "place", right=False, keep=1),
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
    """Text for a workflow command: its line ends and percent signs are escaped."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _xml(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "\n".join(printable(line) for line in text.splitlines())
