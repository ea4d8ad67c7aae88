"""Files: written whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from vggcalc.errors import Problem, UsageError

_DRAFT = ".vggcalc"
_BEFORE = ".vggcalc-before"
"""How the names end of what is being written, and of what stood in a file before it was written into."""


def write(path: str, data: bytes, hint: str = "", before: bytes | None = None) -> None:
    """Put data into a file, all of it or nothing of it, as `writing` does."""
    with writing(path, hint, before) as file:
        file.write(data)


@contextmanager
def writing(path: str, hint: str = "", before: bytes | None = None) -> Iterator[BinaryIO]:
    """A file to be written: all that is written in the block is in it at its end, or, if that fails, nothing.

    A link is followed, a device written to. Owner, mode, hard links and attributes of a file that is there stay. No
    full disk and no kill at any time loses its old text; what a killed run leaves behind the next one clears away.
    before: what stood in it when it was read; if that is not so any more, somebody else's text stays.

    Raises: UsageError for one that cannot be written, or is not to be; `hint` says what that means.
    """
    target = os.path.realpath(path)
    try:
        is_new = not os.path.exists(target)
        if not is_new and not os.path.isfile(target):
            with open(target, "wb") as device:
                yield device
            return
        if not is_new and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "not writable")
        _clear(target)
        with _draft(target) as (draft, name):
            yield draft
            draft.flush()
            os.fsync(draft.fileno())
            if before is not None and (is_new or _content(target) != before):
                raise FileExistsError
            if is_new:
                _put(name, target)
            elif _becomes_alike(draft, name, target):
                os.replace(name, target)
            else:
                draft.seek(0)
                _write_into(target, draft.read(), before)
    except FileExistsError:
        said = f"{path} was saved by somebody else meanwhile"
        raise UsageError(Problem(said, "it is as they left it; run this again", code="unwritable-file")) from None
    except OSError as error:
        raise UsageError(
            Problem(f"{path}: {(error.strerror or 'cannot be written').lower()}", hint, code="unwritable-file")
        ) from None


@contextmanager
def _draft(target: str) -> Iterator[tuple[BinaryIO, str]]:
    """A file beside another one and its name, locked while it is written, and gone at the end if it is still there."""
    import tempfile  # only who writes pays for it

    while True:
        handle, name = tempfile.mkstemp(_DRAFT, _prefix(target), os.path.dirname(target))
        _lock(handle, waits=True)
        if os.fstat(handle).st_nlink:  # or else somebody cleared it away before it was locked
            break
        os.close(handle)
    try:
        with open(handle, "w+b") as file:
            yield file, name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _prefix(target: str) -> str:
    return f".{os.path.basename(target)[:40]}."  # a name may be as long as a name can be


def _lock(handle: int, waits: bool = False) -> bool:
    """Hold a file as long as it is open; whether nobody else does."""
    try:
        import fcntl
    except ImportError:  # Windows deletes no file that is open
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
    except OSError:
        return waits  # a file system without locks
    return True


def _clear(target: str) -> None:
    """Take away what killed runs left beside a file; raises UsageError for a text that may be wanted still."""
    folder, prefix = os.path.dirname(target), _prefix(target)
    names: list[str] = []
    with suppress(PermissionError):  # one may write into a folder that one may not look into
        names = os.listdir(folder)
    for name in names:
        if not name.startswith(prefix) or not name.endswith((_DRAFT, _BEFORE)):
            continue
        path = os.path.join(folder, name)
        with suppress(OSError), open(path, "rb", opener=_not_through_links) as left:
            if not stat.S_ISREG(os.fstat(left.fileno()).st_mode) or not _lock(left.fileno()):
                continue
            if name.endswith(_BEFORE) and left.read() != _content(target):
                said = f"{target} was being written when a run was killed; what stood in it before is in {path}"
                raise UsageError(Problem(said, "keep the right one and delete the other", code="unwritable-file"))
            os.unlink(path)


def _not_through_links(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _put(name: str, target: str) -> None:
    """Give a new file its name, unless somebody else has put one there."""
    os.umask(mask := os.umask(0))
    os.chmod(name, 0o666 & ~mask)
    try:
        os.link(name, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        os.replace(name, target)


def _becomes_alike(draft: BinaryIO, name: str, target: str) -> bool:
    """Whether a draft can take the place of a file and nobody sees a difference but its text."""
    old, new = os.stat(target), os.fstat(draft.fileno())
    if old.st_nlink > 1:
        return False
    try:
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            os.chown(name, old.st_uid, old.st_gid)
        os.chmod(name, stat.S_IMODE(old.st_mode))
    except OSError:
        return False
    return _attributes(name) == _attributes(target)


def _attributes(path: str) -> dict[str, bytes]:
    """Extended attributes, lists of who may do what among them."""
    if not hasattr(os, "listxattr"):
        return {}
    try:
        return {key: os.getxattr(path, key) for key in os.listxattr(path)}
    except OSError:  # a file system without them
        return {}


def _write_into(target: str, data: bytes, before: bytes | None) -> None:
    """Change a file itself, with a copy of its old text beside it meanwhile."""
    handle = os.open(target, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        _lock(handle, waits=True)
        old = _content(target)
        if before is not None and old != before:
            raise FileExistsError
        with _draft(target) as (copy, name):
            copy.write(old)
            copy.flush()
            os.fsync(copy.fileno())
            kept = name.removesuffix(_DRAFT) + _BEFORE
            os.rename(name, kept)
            try:
                _overwrite(handle, data)
            except BaseException:  # a full disk, or a time that is up
                _overwrite(handle, old)  # its room is still there
                os.unlink(kept)
                raise
            os.unlink(kept)
    finally:
        os.close(handle)


def _overwrite(handle: int, data: bytes) -> None:
    left = memoryview(data)
    os.lseek(handle, 0, os.SEEK_SET)
    while left:
        left = left[os.write(handle, left) :]
    os.ftruncate(handle, len(data))
    os.fsync(handle)
