"""Where a Keras file keeps its model's configuration: as text of its own, in an archive, or as an attribute in HDF5."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as DeflateError  # noqa: N812  zlib's own name for it says nothing

from vggcalc import bounds
from vggcalc.errors import Problem, Source, SpecError, UsageError
from vggcalc.frameworks.file import File
from vggcalc.reading.files import decode

_MEMBER, _ATTRIBUTE = "config.json", "model_config"
_BROKEN = (BadZipFile, DeflateError, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, KeyError)
"""What `zipfile` and h5py say of files that do not hold together."""


def is_keras(file: File) -> bool:
    """Whether an archive is one of Keras, by what is in it, or where nothing can be found in it by its name."""
    if file.path.lower().endswith(".keras"):
        return True
    try:
        with _archive(file) as archive:
            return _MEMBER in archive.namelist()
    except _BROKEN:
        return False


def configuration(file: File) -> Source:
    """The text of the model's configuration, under the name of the place where it stands.

    Raises: SpecError for an archive or HDF5 file without one; UsageError where h5py is needed and not there.
    """
    if file.head.startswith(b"PK"):
        return decode(f"{file.path}/{_MEMBER}", _member(file))
    if file.head.startswith(b"\x89HDF"):
        return decode(f"{file.path}/{_ATTRIBUTE}", _attribute(file))
    return file.source


def _member(file: File) -> bytes:
    try:
        with _archive(file) as archive:
            if archive.getinfo(_MEMBER).compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # others ask for memory first
                raise BadZipFile(_MEMBER)
            with archive.open(_MEMBER) as member:
                return member.read(bounds.FILE_BYTES + 1)
    except _BROKEN:
        message = f"{file.path} is an archive in which '{_MEMBER}' cannot be read"
        raise SpecError(Problem(message, "save the model again", code="bad-file")) from None


@contextmanager
def _archive(file: File) -> Iterator[ZipFile]:
    """The archive; its list of contents, which `zipfile` reads at once, lies within a bound."""
    with file.opened() as opened, ZipFile(_Parts(opened)) as archive:
        yield archive


class _Parts:
    """A file of which nobody reads much at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable, self.close = file.seek, file.tell, file.seekable, file.close

    def read(self, size: int = -1) -> bytes:
        """The next bytes, so many, or all that are left."""
        found = self._file.read(bounds.ARCHIVE_BYTES + 1 if size < 0 else min(size, bounds.ARCHIVE_BYTES + 1))
        if len(found) > bounds.ARCHIVE_BYTES:
            raise BadZipFile("too much at a time")
        return found


def _attribute(file: File) -> bytes:
    try:
        import h5py
    except ImportError:
        message, hint = f"{file.path} is HDF5, for which h5py is needed", "pip install 'vggcalc[h5]'"
        raise UsageError(Problem(message, hint, code="unreadable-file")) from None
    try:
        with file.opened() as opened, h5py.File(opened, "r") as found:
            text: Any = found.attrs[_ATTRIBUTE]
    except _BROKEN:
        message = f"{file.path} holds no model: it has no attribute '{_ATTRIBUTE}'"
        hint = "a file of weights alone says nothing of layers; save the whole model"
        raise SpecError(Problem(message, hint, code="bad-file")) from None
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "replace")
