"""What a command costs that is given a stranger's small file: processor time, memory, and what it says."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, NamedTuple

from own_memory import TELLING, told

SECONDS, KIB = 2.0, 512 * 1024
"""Of one process, the imports included."""
LINES, BYTES = 100, 100_000
"""Of a message."""

_BROKEN_OFF = 20
"""Seconds after which a process is ended that does not end by itself."""
_ADDRESSES = 4 << 30
_COMMAND = """
import sys
sys.argv = sys.argv[1:]
from vggcalc.__main__ import main
main()
"""


class Cost(NamedTuple):
    """How a command ended, what it printed, and what it took."""

    code: int
    out: str
    err: str
    seconds: float
    kib: int

    def assert_bounded(self) -> None:
        """It ended soon, in little memory, and with a short message or none."""
        assert "Traceback" not in self.err, self.err[-2_000:]
        assert self.code in (0, 1, 2), (self.code, self.err[:500])
        assert len(self.err.splitlines()) <= LINES
        assert len(self.err.encode()) <= BYTES
        assert self.kib <= KIB, f"{self.kib // 1024} MiB"
        assert self.seconds <= SECONDS, f"{self.seconds:.1f} s of CPU"


def cost(folder: Path, *arguments: str, **environment: str) -> Cost:
    """Run a command in a folder; one that takes far too much is broken off."""
    with TemporaryFile() as out, TemporaryFile() as err, TemporaryDirectory() as beside:
        memory = Path(beside) / "memory.txt"
        process = subprocess.Popen(
            [sys.executable, "-c", TELLING.format(path=str(memory)) + _COMMAND, "vggcalc", *arguments],
            cwd=folder,
            stdout=out,
            stderr=err,
            env={**os.environ, **environment},
            preexec_fn=_limited,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said, complained = map(_text, (out, err))
        kib = told(memory, used.ru_maxrss // (1024 if sys.platform == "darwin" else 1))
    return Cost(process.returncode, said, complained, used.ru_utime + used.ru_stime, kib)


def refused(folder: Path, *arguments: str) -> str:
    """What a command says of a file that is refused: soon, in little memory, and in a short message."""
    found = cost(folder, *arguments)
    if found.seconds > SECONDS:  # a busy machine may have spoilt it
        found = min(cost(folder, *arguments), found, key=lambda each: each.seconds)
    assert (found.code, found.out) == (2, ""), found.err[-2_000:]
    found.assert_bounded()
    return found.err


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(100 * BYTES).decode("utf-8", "replace")


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_BROKEN_OFF, _BROKEN_OFF + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
