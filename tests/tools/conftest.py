"""Tests against the real tools. They need torch and more, so they are collected only in the job that asks for them.

VGGCALC_TOOLS=1 pytest tests/tools   (requirements.txt, then requirements-nodeps.txt with --no-deps; .ci/tools does it)

With that variable set nothing is skipped: a tool that cannot be imported is a failure.

VGGCALC_TRIALS random networks are drawn, 2,000 unless it says otherwise, from VGGCALC_SEED on, the time unless it says
otherwise; both are printed at the end.
"""

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

collect_ignore_glob = ["torch_models.py"] if os.environ.get("VGGCALC_TOOLS") else ["*.py"]

os.environ.setdefault("VGGCALC_TRIALS", "2000")
os.environ.setdefault("VGGCALC_SEED", str(int(time.time())))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which random networks were drawn, so that they can be drawn again."""
    if os.environ.get("VGGCALC_TOOLS"):
        drawn = " ".join(f"{name}={os.environ[name]}" for name in ("VGGCALC_SEED", "VGGCALC_TRIALS"))
        terminalreporter.write_line(f"random networks of {drawn}")
