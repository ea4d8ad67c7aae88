"""A CI server: JUnit's XML, a test suite for each table and a test case for each figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO
from xml.etree import ElementTree as Xml

from vggcalc.errors import printable
from vggcalc.render.formats import Format


def write(document: Mapping[str, Any], out: TextIO) -> None:
    """Failures are what does not pass, errors what could not be read."""
    root = Xml.Element("testsuites", name="vggcalc check")
    totals = dict.fromkeys(("tests", "failures", "errors"), 0)
    for table in document["tables"]:
        findings = table["findings"]
        numbers = {
            "tests": len(findings) or 1,
            "failures": sum(not finding["passes"] for finding in findings),
            "errors": int("fault" in table),
        }
        totals = {key: number + numbers[key] for key, number in totals.items()}
        name = printable(table["table"])
        suite = Xml.SubElement(root, "testsuite", {"name": name, **_texts(numbers)})
        if "fault" in table:
            case = Xml.SubElement(suite, "testcase", classname=name, name="file")
            error = Xml.SubElement(case, "error", message=printable(table["faults"][0]["message"]))
            error.text = _text("\n".join(table["fault"]))
        for finding in findings:
            _case(suite, name, finding)
    root.attrib.update(_texts(totals))
    Xml.indent(root)
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, encoding="unicode")}\n')


def _case(suite: Xml.Element, table: str, finding: Mapping[str, Any]) -> None:
    name, file = (printable(text) for text in (f"{finding['what']} {finding['printed']}".strip(), finding["file"]))
    case = Xml.SubElement(suite, "testcase", classname=table, name=name, file=file, line=str(finding["line"]))
    said = f"{finding['place']}: {finding['explanation']}"
    if not finding["passes"]:
        failure = Xml.SubElement(case, "failure", message=printable(finding["explanation"]), type=finding["verdict"])
        failure.text = _text("\n".join([said, *finding["hints"]]))
    elif finding["needs_a_word"]:
        Xml.SubElement(case, "system-out").text = _text(said)


def _texts(numbers: Mapping[str, int]) -> dict[str, str]:
    return {key: str(number) for key, number in numbers.items()}


def _text(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return "\n".join(printable(line) for line in text.splitlines())


FORMAT = Format("document", write, (".xml",))
