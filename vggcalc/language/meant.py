"""What may be meant by a key or a variable that there is not."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vggcalc.errors import did_you_mean
from vggcalc.question import SETTINGS
from vggcalc.reading.expression import Value

_ELSEWHERE = {
    "family": "name model network_name",
    "note": "description comment notes",
    "input": "inputs input_size image_size",
    "layers": "network architecture backbone body",
}
"""What others call a key of a spec."""


def key_meant(key: str) -> str:
    """A hint for a key that is none of a spec: what others call one, a setting, a variable."""
    if key in ("classes", "num_classes"):
        return "write vars: {classes: 10}, and $(classes) where it stands"
    if key in SETTINGS:
        return "it is a setting, said when figures are asked for"
    return next((f"did you mean '{ours}'?" for ours, theirs in _ELSEWHERE.items() if key in theirs.split()), "")


def variable_meant(name: str, variables: Iterable[str]) -> str:
    """What may be meant by a variable that there is not: another one, or a setting that every network has."""
    if name in SETTINGS:
        return f"'{name}' is a setting of every network"
    near = did_you_mean(name, [*variables, *SETTINGS])
    return near if near.startswith("did") else did_you_mean(name, variables) or "it has none"


def as_percent(name: str, given: object, value: Value) -> str:
    """Which whole number may be meant by a share: of a width that is 100 unless told otherwise, 0.5 is 50."""
    if value != 100 or not re.fullmatch(r"[01]?\.[0-9]+", str(given)):
        return ""
    return f"it is in percent; write {name}={round(100 * float(str(given)))}"
