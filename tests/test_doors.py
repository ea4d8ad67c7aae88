"""The library's doors: what a network can be loaded from, and what its JSON says of the graph."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner

import vggcalc
from vggcalc.cli import cli

TEXT = """
family: net
input: 8x8x3
layers: [conv3-8, {residual: {layers: [{conv3-8: {padding: half}}]}}]
"""
TWO = "family: net\ninput: 8x8x3\nvariants:\n  a: {layers: [conv3-8]}\n  b: {layers: [conv5-8]}\n"


def test_the_text_of_a_spec() -> None:
    """What has lines is a text; its faults are placed in it."""
    assert vggcalc.load(TEXT).analyse().row("conv1_1").params == 3 * 3 * 3 * 8 + 8
    with pytest.raises(vggcalc.SpecError, match=r"<text>:3:10: 'conv' needs 'out_channels'"):
        vggcalc.load("family: net\ninput: 8x8x3\nlayers: [conv3]")


@pytest.mark.parametrize("opened", [io.StringIO(TEXT), io.BytesIO(TEXT.encode())])
def test_an_open_file(opened: IO[Any]) -> None:
    """Of text or of bytes."""
    assert vggcalc.load(opened).analyse().row("conv1_1").params == 3 * 3 * 3 * 8 + 8


def test_a_path_and_a_file_with_a_name(tmp_path: Path) -> None:
    """A fault is placed in the file that was opened."""
    path = tmp_path / "net.yaml"
    path.write_text(TEXT.replace("conv3-8,", "conv0-8,"))
    with path.open() as opened, pytest.raises(vggcalc.SpecError, match=r"net\.yaml:4:10"):
        vggcalc.load(opened)
    with pytest.raises(vggcalc.SpecError, match=r"net\.yaml:4:10"):
        vggcalc.load(path)


def test_a_variant_of_a_text() -> None:
    """Several networks in a text are told apart by the name of the variant."""
    assert vggcalc.load(TWO, variant="b").analyse().totals.weights == 5 * 5 * 3 * 8
    assert vggcalc.load(io.StringIO(TWO), variant="a").analyse().totals.weights == 3 * 3 * 3 * 8
    with pytest.raises(vggcalc.UsageError, match="<text> holds 2 networks; say which variant: a, b"):
        vggcalc.load(TWO)
    with pytest.raises(vggcalc.UsageError, match="<text> has no variant 'c'"):
        vggcalc.load(TWO, variant="c")


def test_json_holds_the_graph(tmp_path: Path) -> None:
    """Each layer has its fields, what it reads, and the place of its line, so that a graph can be drawn from it."""
    path = tmp_path / "net.yaml"
    path.write_text(TEXT)
    done = CliRunner().invoke(cli, ["show", str(path), "--format", "json"], catch_exceptions=False)
    first, conv, inner, add = json.loads(done.output)["layers"]
    assert (first["inputs"], first["place"]["line"]) == ([], 3)
    assert conv["inputs"] == ["input"]
    assert conv["fields"]["kernel_size"] == 3
    assert conv["fields"]["out_channels"] == 8
    assert conv["place"] == {"file": str(path), "line": 4, "column": 10}
    assert inner["fields"]["padding"] == "half"
    assert set(add["inputs"]) == {conv["name"], inner["name"]}
    names = {layer["name"] for layer in json.loads(done.output)["layers"]}
    assert all(source in names for layer in json.loads(done.output)["layers"] for source in layer["inputs"])


def test_a_file_may_have_lines_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has lines is a text only where it is no file."""
    monkeypatch.chdir(tmp_path)
    Path("a\nb.yaml").write_text("family: f\ninput: 8x8x3\nlayers: [conv1-5]\n", "utf-8")
    assert vggcalc.load("a\nb.yaml").analyse().totals.params == 20
    assert vggcalc.load("a\nb.yaml,input=8x8x1").analyse().totals.params == 10
