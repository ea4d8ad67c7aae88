"""Each recipe of CONTRIBUTING, done by its own words in a copy of the tree, whose tests are green afterwards."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from copies import Copy
from documents import ROOT, blocks

CONTRIBUTING = ROOT / "CONTRIBUTING.md"

pytestmark = pytest.mark.slow


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A copy of the tree."""
    return Copy(tmp_path / "tree")


def block(language: str, marked: str) -> str:
    """The one block of CONTRIBUTING in this language that has these words, without the line that names its file."""
    (found,) = [each.text for each in blocks(CONTRIBUTING, language) if marked in each.text]
    return re.sub(r"\A# file: \S+\n", "", found)


def test_a_kind_of_layer(copy: Copy) -> None:
    """One class and its rows: the language, conventions, formats and the pages follow."""
    imported = "from vggcalc.layers.superpixel import SuperPixel\n"
    rows = block("text", "SuperPixel(upscale_factor=2)")
    rows += '    ("6x4x8", SuperPixel(upscale_factor=2), "12x8x2", 0, 0, 0, 0),\n'
    copy.write("vggcalc/layers/superpixel.py", block("python", "class SuperPixel("))
    copy.put("vggcalc/layers/registry.py", "LATER = {\n", '    "superpixel": "superpixel",\n')
    copy.put("tests/test_layers.py", "from vggcalc.layers import (", imported, before=True)
    copy.put("tests/test_layers.py", "ROWS: list[Row] = [\n", rows)
    shown = json.loads(copy.run("vggcalc", "layer", "superpixel2", "--input", "8x8x16", "--format", "json"))
    assert shown["layers"][-1]["output"] == [16, 16, 4]
    assert "superpixel" in copy.run("vggcalc", "list", "layers", "--format", "csv")
    copy.test("tests/test_layers.py", "tests/test_conventions.py", "tests/test_language.py", "tests/test_oracle.py")
    copy.test("--doctest-modules", "vggcalc/layers")


def test_a_network(copy: Copy) -> None:
    """One YAML file, and the index that documents.py writes."""
    copy.write(
        "specs/tinynet.yaml",
        "family: tinynet\ntitle: Tiny network\nsource: a lecture\ninput: 32x32x3\n"
        "layers: [conv3-8, maxpool, globalavgpool, fc-10]\n",
    )
    script = "import sys; sys.path.insert(0, 'tests'); import documents as d; from vggcalc.language import index; "
    script += "d.rewrite(d.ROOT / 'specs' / index.FILE, index.text())"
    subprocess.run([sys.executable, "-c", script], cwd=copy.folder, check=True, env={"PYTHONPATH": str(copy.folder)})
    assert json.loads(copy.run("vggcalc", "show", "tinynet", "--format", "json"))["totals"]["params"] == 224 + 90
    assert "tinynet" in copy.run("vggcalc", "list", "tinynet", "--format", "csv")
    copy.test("-m", "", "tests/test_index.py")
    copy.test("tests/test_language.py")


def test_a_published_table(copy: Copy) -> None:
    """One YAML file: it is checked, and each of its figures altered."""
    copy.write(
        "specs/published/tiny-lecture.yaml",
        "table: VGG-16 as a lecture has it\nsource: a lecture, 2026, slide 3\ntranscribed: by hand from the slide\n"
        "cut: false\ncells: 2\nerrata: 0\nmodel: vgg16\nclaims: {params: 138M, macs: 15.5 GMACs}\n",
    )
    found = json.loads(copy.run("vggcalc", "check", "tiny-lecture", "--format", "json"))
    assert "tiny-lecture" in json.dumps(found)
    copy.test("-m", "", "tests/test_bundled_tables.py", "-k", "tiny-lecture or says")


def test_a_convention(copy: Copy) -> None:
    """One entry: show, why, conventions and JSON count by it."""
    example = re.sub(r"(?m)^(>>>|\.\.\.) ?", "", block("python", "textbook"))
    entry = re.search(r"textbook = (Convention\(.*?^\)\n)", example, re.DOTALL | re.MULTILINE)
    assert entry is not None
    copy.put(
        "vggcalc/conventions/operations_by_tool.py", "OPERATIONS = by_name(\n    MACS,\n", f"    {entry[1].rstrip()},\n"
    )
    shown = ("show", "vgg16", "--until", "conv1_2", "--convention", "textbook", "--format", "json")
    assert json.loads(copy.run("vggcalc", *shown))["totals"]["operations"] == 3882418176
    assert "textbook" in copy.run("vggcalc", "conventions", "--format", "csv")
    assert "textbook" in copy.run("vggcalc", "why", "vgg16", "--until", "conv1_2", "--format", "csv")
    copy.test("tests/test_conventions.py", "-k", "textbook")


def test_a_command(copy: Copy) -> None:
    """One file and its line: help, every format, and the tests that go over all commands."""
    copy.write("vggcalc/cli/vectors.py", block("python", "def command(model, question)"))
    copy.put(
        "vggcalc/cli/__init__.py", '    "layer": "one layer', '    "vectors": "numbers in and out",\n', before=True
    )
    printed = copy.run("vggcalc", "vectors", "vgg16", "--format", "tsv")
    assert printed.split() == ["what", "numbers", "reads", "150528", "gives", "1000"]
    assert "numbers in and out" in copy.run("vggcalc", "--help")
    copy.test("-m", "", "tests/test_cli.py", "tests/test_formats.py", "-k", "vectors or help")


def test_an_output_format(copy: Copy) -> None:
    """One file: every command prints in it."""
    copy.write("vggcalc/render/formats/mediawiki.py", block("python", "wikitext"))
    copy.put(
        "docs/formats.md",
        "| `latex` |",
        "| `mediawiki` | wikipedia and other wikis: tables of wikitext |\n",
        before=True,
    )
    assert copy.run("vggcalc", "show", "mnist", "--format", "mediawiki").startswith("{| class=wikitable\n|+ ")
    copy.test("tests/test_formats.py", "-k", "mediawiki or every_format")
