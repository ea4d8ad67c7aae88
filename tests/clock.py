"""What work costs, measured so that a busy machine or a large process does not matter."""

import gc
import time
from collections.abc import Callable


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
