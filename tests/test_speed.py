"""Speed, measured against what cannot be faster: importing the dependencies, and the number of layers."""

import gc
import os
import sys
import sysconfig
import time
from pathlib import Path
from statistics import median

import pytest
from texts import model

RUNS = 11
LIMIT = 1.5
ATTEMPTS = 3

CHAIN = (
    "{{family: f, input: 9x9x1, layers: [{{repeat: {{times: {times}, layers: [{{conv3-2: {{padding: half}}}}]}}}}]}}"
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which byte code is kept, as it is on a user's machine, in a folder of our own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("bytecode"))}


def cpu_seconds(command: list[str], environment: dict[str, str]) -> float:
    """The processor time, user and system, of a whole process."""
    actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, environment, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell what a process cost")
def test_a_whole_process(environment: dict[str, str]) -> None:
    """`vggcalc show vgg16 --format json` costs at most 1.5 times what importing click and yaml costs."""
    ours = [str(Path(sysconfig.get_path("scripts")) / "vggcalc"), "show", "vgg16", "--format", "json"]
    imports = [sys.executable, "-c", "import click, yaml"]
    for command in (ours, imports):
        cpu_seconds(command, environment)  # writes the byte code
    ratios = []
    for _ in range(ATTEMPTS):  # a busy machine may spoil an attempt, but not make it look better than it is
        pairs = [(cpu_seconds(ours, environment), cpu_seconds(imports, environment)) for _ in range(RUNS)]
        ratios.append(median(own for own, _ in pairs) / median(base for _, base in pairs))
        if ratios[-1] <= LIMIT:
            return
    pytest.fail(f"the process costs {min(ratios):.2f} times the imports, {LIMIT} are allowed")


def analysis_seconds(times: int) -> float:
    """The least time in which a chain of so many layers was analysed."""
    chain = model(CHAIN.format(times=times))
    least = float("inf")
    for _ in range(2):
        gc.collect()
        start = time.process_time()
        chain.analyse()
        least = min(least, time.process_time() - start)
    return least


def test_analysis_is_linear() -> None:
    """Twice as many layers take about twice as long: far less than the four times of a square."""
    for _ in range(ATTEMPTS):
        ratio = analysis_seconds(20_000) / analysis_seconds(10_000)
        if ratio < 3:
            return
    pytest.fail(f"20,000 layers take {ratio:.1f} times as long as 10,000")


def test_reading_is_linear() -> None:
    """Reading a spec, naming its layers included, takes time in proportion to its layers."""
    block = "{{repeat: {{times: {times}, layers: [relu, lrn]}}}}"

    def seconds(times: int) -> float:
        least = float("inf")
        for _ in range(3):
            start = time.process_time()
            model(f"{{family: f, input: 9x9x1, layers: [{block.format(times=times)}]}}")
            least = min(least, time.process_time() - start)
        return least

    for _ in range(ATTEMPTS):
        ratio = seconds(20_000) / seconds(10_000)
        if ratio < 3:
            return
    pytest.fail(f"twice the layers take {ratio:.1f} times as long to read")
