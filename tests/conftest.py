"""Helpers beside the tests are importable by name, and property tests run the same way everywhere."""

import sys
from pathlib import Path

from hypothesis import settings

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

settings.register_profile("vggcalc", deadline=None, print_blob=True)  # a slow machine is no fault of a formula
settings.load_profile("vggcalc")
