"""Reports in notebooks: tables as HTML, and data frames where pandas is."""

import sys
from html.parser import HTMLParser
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from vggcalc import UsageError, load
from vggcalc.cli import cli


class Tags(HTMLParser):
    """The tags of a page, opened and closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more."""
        self.opened.append(tag)


def test_a_report_shows_itself() -> None:
    """Both tables, with the network's title as caption; a long network by its blocks."""
    shown = load("vgg16").analyse()._repr_html_()
    assert Tags(shown).opened.count("table") == 2
    assert "138,357,544" in shown
    assert "<html" not in shown
    assert Tags(load("resnet152").analyse()._repr_html_()).opened.count("tr") < 60


def test_a_page_is_whole() -> None:
    """It has a title, knows its letters, and does without any other file."""
    page = CliRunner().invoke(cli, ["show", "lenet5", "--format", "html"]).stdout
    assert page.startswith("<!doctype html>\n")
    assert page.endswith("</html>\n")
    opened = Tags(page).opened
    assert [opened.count(tag) for tag in ("html", "head", "title", "body", "script", "link")] == [1, 1, 1, 1, 0, 0]
    assert 'charset="utf-8"' in page
    assert "color-scheme: light dark" in page


def test_a_data_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """A column for each figure, by the layers' names; without pandas one line says so."""
    pandas = ModuleType("pandas")
    pandas.Index = lambda names, name: (name, names)  # type: ignore[attr-defined]
    pandas.DataFrame = lambda found, index: (found, index)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    found, (name, layers) = load("vgg16").analyse().to_pandas()
    by_layer: dict[str, Any] = dict(zip(layers, found["params"], strict=True))
    assert (name, by_layer["conv1_1"], by_layer["fc8"]) == ("layer", 3 * 3 * 3 * 64 + 64, 4096 * 1000 + 1000)
    assert dict(zip(layers, found["rf"], strict=True))["pool5"] == [212, 212]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="to_pandas needs pandas; pip install pandas"):
        load("vgg16").analyse().to_pandas()
