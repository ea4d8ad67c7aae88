"""A case: a command line and the files that it reads, as data that can be saved, read and run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

FRAMEWORKS = ("caffe", "darknet", "keras", "onnx", "pytorch")
"""Whose files are mutated."""
KINDS = ("specs", "tables", "documents", "fix", "commands", *FRAMEWORKS)


class Case(NamedTuple):
    """Arguments of vggcalc, and the files of the folder in which it runs: the first is what the case is about."""

    arguments: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...] = ()

    def with_text(self, data: bytes) -> Case:
        """The same question about another text."""
        return self._replace(files=((self.files[0][0], data), *self.files[1:]))

    @property
    def text(self) -> bytes:
        """What the first file holds."""
        return self.files[0][1] if self.files else b""


def saved(case: Case, why: str = "") -> str:
    """A case as JSON that a person can read and mend."""
    files = {name: data.decode("utf-8", "surrogateescape") for name, data in case.files}
    return json.dumps({"why": why, "arguments": case.arguments, "files": files}, indent=2) + "\n"


def read(path: Path) -> Case:
    """The case that a file holds."""
    held: Mapping[str, object] = json.loads(path.read_text("utf-8"))
    arguments, files = held["arguments"], held["files"]
    assert isinstance(arguments, list)
    assert isinstance(files, dict)
    return Case(
        tuple(arguments), tuple((name, text.encode("utf-8", "surrogateescape")) for name, text in files.items())
    )
