"""SARIF 2.1.0, for servers that show problems beside the code, as GitHub's code scanning."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from vggcalc.errors import CODES, WARNINGS, spelt_out
from vggcalc.render.formats import Format
from vggcalc.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def write(document: Mapping[str, Any], out: TextIO) -> None:
    """One run of one tool: a rule for each code, a result for each problem."""
    rules = [
        {
            "id": code,
            "shortDescription": {"text": what},
            "defaultConfiguration": {"level": "warning" if code in WARNINGS else "error"},
        }
        for code, what in CODES.items()
    ]
    unread = [{"level": "error", "message": {"text": spelt_out(said)}} for said in document["unread"]]
    run = {
        "tool": {"driver": {"name": "vggcalc", "semanticVersion": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": not unread, "toolExecutionNotifications": unread}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem) for problem in document["problems"]],
    }
    text = json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)
    out.write(text.replace("##[", r"##\u005b") + "\n")  # in the log of a workflow that would begin a command


def _result(problem: Mapping[str, Any]) -> dict[str, Any]:
    said = "; ".join(filter(None, (problem["message"], problem["hint"])))
    place: dict[str, Any] = {"artifactLocation": {"uri": uri(problem["file"])}}
    location: dict[str, Any] = {"physicalLocation": place}
    if name := problem.get("name"):
        location["logicalLocations"] = [{"fullyQualifiedName": spelt_out(name)}]
    else:
        place["region"] = {"startLine": problem["line"], "startColumn": problem["col"]}
    return {
        "ruleId": problem["code"],
        "ruleIndex": [*CODES].index(problem["code"]),
        "level": problem["level"],
        "message": {"text": spelt_out(said)},
        "locations": [location],
    }


def uri(path: str) -> str:
    """A file as a percent-encoded URI, relative to the current folder where it lies in it.

    >>> uri("nets/my net#1.yaml")
    'nets/my%20net%231.yaml'
    """
    relative = os.path.relpath(path)
    if relative.split(os.sep)[0] == os.pardir:
        return Path(os.path.abspath(path)).as_uri()
    return quote(os.fsencode(relative.replace(os.sep, "/")))


FORMAT = Format("document", write, (".sarif",))
