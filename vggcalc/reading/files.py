"""Files: read whole, within bounds, as UTF-8 text; written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError, UsageError


def content(path: str, what: str, is_named: bool = False) -> bytes:
    """The bytes of a file, or as many as show that it is too large; `what` it should be is for messages.

    is_named: someone wants this very one, be it a pipe that a shell made, and waits for it.

    Raises: UsageError for a file that cannot be read.
    """
    hint = f"name a readable {what}"
    try:
        mode = os.stat(path).st_mode
        if not (is_named or stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # a pipe would never end, a device neither
            raise UsageError(Problem(f"{path} is no regular file", hint, code="unreadable-file"))
        with open(path, "rb") as file:
            return file.read(bounds.FILE_BYTES + 1)
    except ValueError:
        raise UsageError(Problem(f"'{path}' cannot be the name of a file", hint, code="unreadable-file")) from None
    except OSError as error:
        raise UsageError(
            Problem(f"{path}: {(error.strerror or 'cannot be read').lower()}", hint, code="unreadable-file")
        ) from None


def decode(name: str, data: bytes) -> Source:
    """The text of a file that must be UTF-8; raises SpecError with the place of the first byte that is not."""
    if len(data) > bounds.FILE_BYTES:
        raise SpecError(
            Problem(
                f"{name} is larger than {bounds.FILE_BYTES // 1024**2} MiB",
                "split it into several specs",
                code="out-of-bounds",
            )
        )
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        mark = Mark(Source(name, ""), line, column)
        raise SpecError(
            Problem("this byte is not UTF-8", "save the file as UTF-8 text", mark, code="encoding")
        ) from None


def write(path: str, data: bytes, hint: str = "") -> None:
    """Put data into a file, all of it or nothing of it, as `writing` does."""
    with writing(path, hint) as file:
        file.write(data)


@contextmanager
def writing(path: str, hint: str = "") -> Iterator[BinaryIO]:
    """A file to be written: all that is written in the block is in it at its end, or, if that fails, nothing.

    A link is followed, a device written to. A full disk leaves the old file as it was, and one that is there keeps its
    mode.

    Raises: UsageError for one that cannot be written, or is not to be; `hint` says what that means.
    """
    import tempfile  # only who writes pays for it

    target = os.path.realpath(path)
    draft = ""
    try:
        is_new = not os.path.exists(target)
        if not is_new and not os.path.isfile(target):
            with open(target, "wb") as device:
                yield device
            return
        if not is_new and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "not writable")
        handle, draft = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target))
        with open(handle, "wb") as file:
            yield file
        os.umask(mask := os.umask(0))
        os.chmod(draft, 0o666 & ~mask if is_new else stat.S_IMODE(os.stat(target).st_mode))
        os.replace(draft, target)
        draft = ""
    except OSError as error:
        raise UsageError(
            Problem(f"{path}: {(error.strerror or 'cannot be written').lower()}", hint, code="unwritable-file")
        ) from None
    finally:
        if draft and os.path.exists(draft):
            os.unlink(draft)
