"""A workflow of GitHub: annotations beside the lines that are wrong or suspicious."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from vggcalc.render.formats import Format
from vggcalc.render.formats.check.github import annotation
from vggcalc.units import count


def write(document: Mapping[str, Any], out: TextIO) -> None:
    """A workflow command for each problem, and how much was read."""
    for each in document["problems"]:
        said = "; ".join(filter(None, (each["message"], each["hint"])))
        out.write(annotation(each["level"], f"vggcalc {each['code']}", each, said) + "\n")
    out.write(
        f"{count(document['files'])} files read: {count(document['errors'])} errors, "
        f"{count(document['warnings'])} warnings\n"
    )


FORMAT = Format("document", write)
