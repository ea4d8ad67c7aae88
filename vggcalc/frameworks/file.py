"""A foreign file: its first bytes, its text, or all of it without reading it."""

from __future__ import annotations

from functools import cached_property

from vggcalc.errors import Source
from vggcalc.reading.files import content, decode

HEAD = 65_536
"""What a format may be recognised by."""


class File:
    """A file by its path; data: what is in it, where somebody has read it already."""

    def __init__(self, path: str, data: bytes | None = None) -> None:
        self.path = path
        self._data = data

    @property
    def data(self) -> bytes:
        """All of it, within the bound of files."""
        if self._data is None:
            self._data = content(self.path, "file", is_named=True)
        return self._data

    @cached_property
    def head(self) -> bytes:
        """Its first bytes."""
        return self.data[:HEAD]

    @cached_property
    def source(self) -> Source:
        """Its text; raises SpecError where it is none."""
        return decode(self.path, self.data)
