"""VGGCALC_SECONDS: whoever runs what strangers send says how long it may take."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from costs import cost

LARGE = "{family: f, input: 9x9x1, layers: [{repeat: {times: 900000, layers: [relu]}}]}"
"""Ten seconds of work and more, and nothing wrong with it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a network that takes its time."""
    (tmp_path / "net.yaml").write_text(LARGE, "utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--format", "json", "-o", "net.json")], ids=["printed", "saved"])
def test_time_is_up(folder: Path, more: tuple[str, ...]) -> None:
    """One line, exit 2, and nothing written."""
    start = time.monotonic()
    ended = cost(folder, "show", "net.yaml", *more, VGGCALC_SECONDS="0.5")
    assert time.monotonic() - start < 5
    assert (ended.code, ended.out) == (2, "")
    told = "vggcalc: this took more than the 0.5 seconds that VGGCALC_SECONDS allows; allow more, or ask for less\n"
    assert ended.err == told
    assert os.listdir(folder) == ["net.yaml"]


WRITING = """
import os, sys, time
from vggcalc import __main__
from vggcalc.reading.saving import writing

def run():
    with writing("figures.md") as file:
        file.write(b"half of it")
        file.flush()
        while True:  # never leaves Python, and catches all that an ordinary fault could be
            try:
                sum(range(1000))
            except Exception:
                pass

__main__._run = run
{before}
__main__.main()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no timer that interrupts")
def test_a_draft_is_taken_back(tmp_path: Path) -> None:
    """What is being written when the time is up leaves the old file as it was, and no other beside it."""
    (tmp_path / "figures.md").write_bytes(b"as it was")
    environment = {**os.environ, "VGGCALC_SECONDS": "0.3"}
    done = subprocess.run(
        [sys.executable, "-c", WRITING.format(before="")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        timeout=20,
    )
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert os.listdir(tmp_path) == ["figures.md"]
    assert (tmp_path / "figures.md").read_bytes() == b"as it was"


def test_without_a_timer(tmp_path: Path) -> None:
    """A system that has none, as Windows, ends as soon, with the same line."""
    before = "import _signal; del _signal.setitimer"
    environment = {**os.environ, "VGGCALC_SECONDS": "0.3"}
    command = [sys.executable, "-c", WRITING.format(before=before)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=20)
    assert done.returncode == 2
    assert done.stderr.startswith(b"vggcalc: this took more than the 0.3 seconds")
    assert "figures.md" not in os.listdir(tmp_path)


@pytest.mark.parametrize("value", ["abc", "0", "-1", "nan", "inf", "1e3", "\u0661", "9" * 400, " 5", "."])
def test_a_value_that_is_no_time(tmp_path: Path, value: str) -> None:
    """It is told, for else nothing would be bounded."""
    ended = cost(tmp_path, "layer", "conv3-8", "8x8x3", VGGCALC_SECONDS=value)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("vggcalc: VGGCALC_SECONDS is ")
    assert ended.err.endswith("; it must be a number of seconds above 0, at most 1,000,000\n")
    assert len(ended.err) < 200


@pytest.mark.parametrize("value", ["", "60", "59.5"])
def test_time_enough(tmp_path: Path, value: str) -> None:
    """Who ends in time is not disturbed."""
    ended = cost(tmp_path, "show", "alexnet", "--format", "csv", VGGCALC_SECONDS=value)
    assert (ended.code, ended.err) == (0, "")
    assert "fc8" in ended.out
