"""Patterns of the names of layers and blocks: `*` stands for one part between dots."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vggcalc import bounds
from vggcalc.reading.nodes import Entry
from vggcalc.reading.reader import Reader


def prefixes(name: str) -> list[str]:
    """The blocks in which a layer stands: of `layer1.0.conv1` those are `layer1` and `layer1.0`."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def matched(entry: Entry | None, what: str, names: Mapping[str, int], reader: Reader) -> dict[str, int]:
    """The names that fit any of the patterns."""
    import fnmatch  # only few specs have any

    found: dict[str, int] = {}
    patterns = reader.texts(entry, what)
    if len(patterns) * len(names) > bounds.MATCHES and len(patterns) > 1:
        hint = f"at most {bounds.MATCHES:,}, patterns times layers"
        reader.fault(f"{what} are too many patterns for so many layers", hint, patterns[1].mark, code="out-of-bounds")
        return found
    for scalar in patterns:
        pattern = re.compile(fnmatch.translate(scalar.text).replace(".*", "[^.]*"))
        fitting = {name: index for name, index in names.items() if pattern.match(name)}
        if not fitting:
            hint = "write names as 'show' prints them, with * for one part between dots"
            reader.fault(f"no layer or block is named '{scalar.text}'", hint, scalar.mark, code="unknown-name")
        found |= fitting
    return found
