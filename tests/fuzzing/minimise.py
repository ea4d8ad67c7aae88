"""A find made smaller: lines, then characters, then arguments are left out as long as it stays the same find."""

from __future__ import annotations

import time

from fuzzing.case import Case
from fuzzing.watch import Watch

TRIES = 400
SECONDS = 40
"""However many tries are left: what is slow stays as it is, and a worker that is long silent is taken for hung."""


def minimised(case: Case, signature: str, watch: Watch) -> Case:
    """The smallest case found in some hundred tries that shows the same."""
    left = TRIES
    until = time.monotonic() + SECONDS

    def shows(smaller: Case) -> bool:
        nonlocal left
        left = left - 1 if time.monotonic() < until else 0
        found = watch.look(smaller)
        return found is not None and found.signature == signature

    for unit in ("lines", "characters"):
        parts = case.text.splitlines(keepends=True) if unit == "lines" else [bytes([byte]) for byte in case.text]
        size = len(parts) // 2
        while size and left > 0:
            at = 0
            while at < len(parts) and left > 0:
                fewer = parts[:at] + parts[at + size :]
                if shows(case.with_text(b"".join(fewer))):
                    parts = fewer
                    case = case.with_text(b"".join(parts))
                else:
                    at += size
            size //= 2
    for place in reversed(range(len(case.arguments))):
        fewer_words = case._replace(arguments=case.arguments[:place] + case.arguments[place + 1 :])
        if left > 0 and shows(fewer_words):
            case = fewer_words
    for number in reversed(range(1, len(case.files))):
        fewer_files = case._replace(files=case.files[:number] + case.files[number + 1 :])
        if left > 0 and shows(fewer_files):
            case = fewer_files
    return case
