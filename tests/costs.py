"""What a command costs that is given a stranger's small file: processor time, memory, and what it says."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from own_memory import TELLING, told

SECONDS, KIB = 2.0, 512 * 1024
"""Of one process, the imports included."""
LINES, BYTES = 100, 100_000
"""Of a message."""

_BROKEN_OFF = 20
_ADDRESSES = 4 << 30


class Cost(NamedTuple):
    """How a command ended, and what it took."""

    code: int
    out: str
    err: str
    seconds: float
    kib: int

    def assert_bounded(self) -> None:
        """It ended soon, in little memory, and with a short message or none."""
        assert "Traceback" not in self.err, self.err[-2_000:]
        assert self.code in (0, 1, 2), (self.code, self.err[:500])
        assert self.err.count("\n") <= LINES
        assert len(self.err.encode()) <= BYTES
        assert self.kib <= KIB, f"{self.kib // 1024} MiB"
        assert self.seconds <= SECONDS, f"{self.seconds:.1f} s of CPU"


def cost(folder: Path, *arguments: str) -> Cost:
    """Run a command in a folder; one that takes far too much is broken off."""
    out, err, memory = folder / "out.txt", folder / "err.txt", folder / "memory.txt"
    code = "import sys\nfrom vggcalc.cli import cli\ncli(sys.argv[1:], prog_name='vggcalc')"
    code = TELLING.format(path=str(memory.resolve())) + code
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=folder, stdout=stdout, stderr=stderr, preexec_fn=_limited
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    said = err.read_text("utf-8", "replace")
    kib = told(memory, used.ru_maxrss)
    return Cost(process.returncode, out.read_text("utf-8"), said, used.ru_utime + used.ru_stime, kib)


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_BROKEN_OFF, _BROKEN_OFF + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
