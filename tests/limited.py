"""A command in a process of its own, within limits of time and memory, and what it cost and printed."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import NamedTuple

from own_memory import TELLING, told

SECONDS = 2
MEMORY = 512 * 1024**2
LINES = 100
BYTES = 100_000
"""What may be spent on a file that is refused."""

_GUARD = 10
"""Where a process ends that does not end by itself, in multiples of what it may take."""
_LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
sys.argv = sys.argv[1:]
from vggcalc.__main__ import main
main()
"""


class Ended(NamedTuple):
    """How a process ended, what it printed, its processor time and the most memory that it had."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int


def run(folder: Path, *arguments: str, **environment: str) -> Ended:
    """Run vggcalc in a folder."""
    limits = _LIMITED.format(seconds=_GUARD * SECONDS, memory=3 * MEMORY)
    with TemporaryFile() as out, TemporaryFile() as err, TemporaryDirectory() as beside:
        memory = Path(beside) / "memory.txt"
        command = [sys.executable, "-c", TELLING.format(path=str(memory)) + limits, "vggcalc", *arguments]
        process = subprocess.Popen(command, stdout=out, stderr=err, cwd=folder, env={**os.environ, **environment})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read(100 * BYTES).decode("utf-8", "replace"))
        kib = told(memory, usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1))
    return Ended(process.returncode, texts[0], texts[1], usage.ru_utime + usage.ru_stime, kib * 1024)


def refused(folder: Path, *arguments: str) -> str:
    """What a command says of a file that is refused: soon, in little memory, and in a short message."""
    ended = run(folder, *arguments)
    if ended.seconds > SECONDS:  # a busy machine may have spoilt it
        ended = min(run(folder, *arguments), ended, key=lambda each: each.seconds)
    assert (ended.code, ended.out) == (2, ""), ended.err[-2000:]
    assert "Traceback" not in ended.err
    assert ended.seconds <= SECONDS
    assert ended.memory <= MEMORY
    assert len(ended.err.splitlines()) <= LINES
    assert len(ended.err.encode()) <= BYTES
    return ended.err
