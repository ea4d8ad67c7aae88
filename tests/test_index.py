"""The index of the bundled models: it says what the engine says, and never what a spec no longer is."""

import pytest
from documents import ROOT

from vggcalc import Shape
from vggcalc.language import bundled, index


@pytest.mark.slow
def test_the_index_is_current() -> None:
    """The kept file holds every bundled model with the figures of the engine as it is; else run tests/documents.py."""
    assert (ROOT / "specs" / index.FILE).read_text("utf-8") == index.text()


def test_what_is_kept_is_not_analysed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing the models reads no spec."""
    monkeypatch.delattr(bundled, "family")
    assert {"vgg16", "D", "resnet50"} <= set(index.names())


def test_a_spec_that_has_changed_is_analysed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edited spec and a new one are listed as they are, whatever the index says."""
    texts = dict(bundled.texts())
    texts["lenet.yaml"] = texts["lenet.yaml"].replace("input: 32x32x1", "input: 36x36x1")
    texts["new.yaml"] = "family: new\ninput: 8x8x3\nlayers: [conv1-2]\n"
    monkeypatch.setattr(bundled, "texts", lambda: texts)
    bundled.family.cache_clear()
    try:
        found = {name: entry for entry in index.entries() for name in entry.names}
    finally:
        bundled.family.cache_clear()
    assert found["lenet5"].inputs == {"input": Shape(1, (36, 36))}
    assert found["new"].totals.params == 3 * 2 + 2
    assert found["vgg16"].totals.params == 138_357_544
