"""A workflow of GitHub: annotations, errors for what is wrong and notices for errata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from vggcalc.errors import spelt_out
from vggcalc.render.formats import Format
from vggcalc.units import count


def write(document: Mapping[str, Any], out: TextIO) -> None:
    """A workflow command for each fault and each finding that needs a word, and how much was checked."""
    tables = document["tables"]
    for table in tables:
        for line in _annotations(table):
            out.write(f"{line}\n")
    out.write(
        f"{count(sum(len(table['findings']) for table in tables))} figures checked in {count(len(tables))} tables\n"
    )


def _annotations(table: Mapping[str, Any]) -> Iterator[str]:
    for fault in table.get("faults", ()):
        yield annotation("error", "vggcalc", fault, "; ".join(filter(None, (fault["message"], fault["hint"]))))
    for finding in table["findings"]:
        if finding["needs_a_word"]:
            level = "notice" if finding["passes"] else "error"
            said = "\n".join([f"{finding['what']}: {finding['explanation']}", *finding["hints"]])
            yield annotation(level, f"vggcalc {finding['verdict']}", finding, said)


def annotation(level: str, title: str, place: Mapping[str, Any], said: str) -> str:
    """A workflow command that puts a text beside a place of a file."""
    at = f"file={_property(place['file'])}," if place.get("file") else ""
    at += f"line={place['line']},col={place['col']}," if place.get("line") else ""
    where = f"{place['name']}: " if place.get("name") else ""
    return f"::{level} {at}title={title}::{_data(where + said)}"


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    """Text for a workflow command: line ends and percent signs are escaped, other control characters spelt out."""
    return "%0A".join(spelt_out(line).replace("%", "%25") for line in text.split("\n"))


FORMAT = Format("document", write)
