"""A foreign file: its first bytes, its text, or all of it without reading it."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from typing import IO

from vggcalc import bounds
from vggcalc.errors import Source
from vggcalc.reading.files import content, decode, opened

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

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """All of it, however large, to be read from where one likes."""
        if len(self.data) <= bounds.FILE_BYTES:
            yield BytesIO(self.data)
        else:
            with opened(self.path, "file") as (file, _):
                yield file

    @cached_property
    def mapped(self) -> memoryview:
        """All of it, however large, where it lies: what nobody looks at is not read."""
        if self._data is None or len(self._data) > bounds.FILE_BYTES:
            with opened(self.path, "file", is_named=self._data is None) as (file, first):
                found = os.fstat(file.fileno())
                if stat.S_ISREG(found.st_mode) and found.st_size > bounds.FILE_BYTES:
                    return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
                self._data = first + file.read(bounds.FILE_BYTES + 1)
        return memoryview(self._data)

    @cached_property
    def head(self) -> bytes:
        """Its first bytes."""
        return bytes(self.mapped[:HEAD])

    @cached_property
    def source(self) -> Source:
        """Its text; raises SpecError where it is none."""
        return decode(self.path, self.data)
