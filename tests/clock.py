"""What work costs, measured so that a busy machine or a large process does not matter."""

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType


def least_seconds(work: Callable[[], object]) -> float:
    """The least processor time of three turns, without the collector, whose passes grow with all that is alive."""
    least = float("inf")
    for _ in range(3):
        gc.collect()
        gc.disable()
        try:
            start = time.process_time()
            work()
            least = min(least, time.process_time() - start)
        finally:
            gc.enable()
    return least


def imported(*arguments: str) -> set[str]:
    """The modules that a Python process imports."""
    done = subprocess.run([sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True)
    lines = [line.split("|") for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {parts[2].strip() for parts in lines[1:]}


def calls(work: Callable[[], object]) -> int:
    """How many functions some work calls, in Python and in C: what it costs, told the same by every machine."""
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
