"""Tests against the real tools. They need torch and more, so they are collected only in the job that asks for them.

VGGCALC_TOOLS=1 pytest tests/tools   (requirements.txt, then requirements-nodeps.txt with --no-deps; .ci/tools does it)

With that variable set nothing is skipped: a tool that cannot be imported is a failure.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

collect_ignore_glob = ["torch_models.py"] if os.environ.get("VGGCALC_TOOLS") else ["*.py"]
