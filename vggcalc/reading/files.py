"""Files: read whole, within bounds and within reach, as UTF-8 text."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import BinaryIO

from vggcalc import bounds
from vggcalc.errors import Mark, Problem, Source, SpecError, UsageError

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
"""Opened so, a pipe does not wait until somebody writes into it."""

_BESIDE = "name a file in the same folder or below"
"""What a file may do that asks for another one."""

_reach: ContextVar[str | None] = ContextVar("reach", default=None)
"""The folder of the file that asks; None is a person, whose own files these are."""


def is_within_reach() -> bool:
    """Whether it is a file that asks, and no person."""
    return _reach.get() is not None


@contextmanager
def reach(folder: str) -> Iterator[None]:
    """Whoever asks is a file in a folder: in the block regular files there and below are read, and nothing else.

    Links are followed and judged by where they end.
    """
    before = _reach.set(folder)
    try:
        yield
    finally:
        _reach.reset(before)


def content(path: str, what: str, is_named: bool = False) -> bytes:
    """The bytes of a file, or as many as show that it is too large; `what` it should be is for messages.

    is_named: someone wants this very one, be it a pipe that a shell made, and waits for it; within a `reach` nobody.

    Raises: UsageError for a file that cannot be read, or is out of reach.
    """
    with opened(path, what, is_named) as (file, first):
        return first + file.read(bounds.FILE_BYTES + 1)


@contextmanager
def opened(path: str, what: str, is_named: bool = False) -> Iterator[tuple[BinaryIO, bytes]]:
    """A file to be read in parts, and what has been read of it, of a pipe, to see that there is something.

    Raises: as `content`.
    """
    hint = f"name a readable {what}"
    folder = _reach.get()
    try:
        real = path if folder is None else _below(folder, path)
        with open(real, "rb", opener=lambda name, flags: os.open(name, flags | _AT_ONCE)) as file:
            mode = os.fstat(file.fileno()).st_mode
            if folder is not None:
                is_named = False
                found = os.stat(_below(folder, real), follow_symlinks=False)
                if not os.path.samestat(found, os.fstat(file.fileno())):  # the name means something else than just now
                    raise _outside(path)
            if not stat.S_ISREG(mode):
                if not is_named:
                    raise UsageError(Problem(f"{path} is no regular file", hint, code="unreadable-file"))
                yield file, _awaited(path, file.fileno(), mode)
            else:
                yield file, b""
    except ValueError:
        raise UsageError(Problem(f"'{path}' cannot be the name of a file", hint, code="unreadable-file")) from None
    except OSError as error:
        raise UsageError(
            Problem(f"{path}: {(error.strerror or 'cannot be read').lower()}", hint, code="unreadable-file")
        ) from None


def standard_input() -> bytes:
    """What stands on standard input, within the bounds of a file; raises UsageError where a file asks for it."""
    if _reach.get() is not None:
        raise UsageError(Problem("nothing stands on standard input here", _BESIDE, code="unreadable-file"))
    return sys.stdin.buffer.read(bounds.FILE_BYTES + 1)


def lies_below(folder: str, path: str) -> bool:
    """Whether a path leads to a file in a folder or below in the end."""
    root, real = os.path.realpath(folder), os.path.realpath(path)
    try:
        return os.path.commonpath([root, real]) == root
    except ValueError:  # another drive
        return False


def _below(folder: str, path: str) -> str:
    """Where a path leads in the end; raises UsageError if that is not in the folder or below."""
    if not lies_below(folder, path):
        raise _outside(path)
    return os.path.realpath(path)


def _outside(path: str) -> UsageError:
    return UsageError(Problem(f"{path} lies outside of the folder that names it", _BESIDE, code="unreadable-file"))


def _awaited(path: str, handle: int, mode: int) -> bytes:
    """Wait for the bytes of a device, or of a pipe that somebody writes; what was read of them to see that."""
    import select  # a shell's pipe or a device is rare

    first = b""
    if stat.S_ISFIFO(mode) and not select.select([handle], [], [], bounds.PIPE_SECONDS)[0]:
        with suppress(BlockingIOError):  # somebody holds it open to write, and takes more time
            first = os.read(handle, 1)
            if not first:
                hint = "start its writer first, or name a file"
                raise UsageError(Problem(f"nobody writes into the pipe {path}", hint, code="unreadable-file"))
    os.set_blocking(handle, True)
    return first


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
