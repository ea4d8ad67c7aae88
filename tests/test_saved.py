"""`saved`, and what training takes, against what torch was seen to keep."""

from __future__ import annotations

import pytest
from seen import MODELS, SAVED, Seen
from texts import model

from vggcalc import load
from vggcalc.conventions import count_memory


@pytest.mark.parametrize("seen", SAVED, ids=lambda seen: seen.what)
def test_saved_as_seen(seen: Seen) -> None:
    """What torch keeps of a small network, to the byte."""
    found = model(seen.spec).analyse(batch=seen.batch, dtype=seen.dtype, training=True)
    assert count_memory(found, "saved").total_bytes == seen.kept == seen.terms


@pytest.mark.parametrize(("name", "batch", "dtype", "kept"), MODELS)
def test_saved_of_whole_networks(name: str, batch: int, dtype: str, kept: int) -> None:
    """The same of networks of torchvision and timm."""
    assert count_memory(load(name).analyse(batch=batch, dtype=dtype), "saved").total_bytes == kept
