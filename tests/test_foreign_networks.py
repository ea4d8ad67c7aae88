"""Networks of other frameworks on the command line: notes, names, places, and where they may be named."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from vggcalc import VggcalcError, bounds
from vggcalc.cli import cli
from vggcalc.errors import Mark, Problem, Source
from vggcalc.frameworks.assembly import noted


def test_notes_stand_below_the_table(tmp_path: Path) -> None:
    """Each on a line, equal ones once, in data as a list; of a comparison with the name of the network."""
    text = """input: "data" input_shape { dim: 1 dim: 3 dim: 6 dim: 6 }
    layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { kernel_size: 3 stride: 2 } }"""
    path = tmp_path / "net.prototxt"
    path.write_text(text, "utf-8")
    note = "pooling rounds up: p makes 3x3x3, and 2x2x3 where it rounds down"
    shown = CliRunner().invoke(cli, ["show", str(path)]).stdout.splitlines()
    assert shown[0] == "net"
    assert shown[-1] == note
    assert json.loads(CliRunner().invoke(cli, ["show", str(path), "--format", "json"]).stdout)["notes"] == [note]
    assert f"net: {note}" in CliRunner().invoke(cli, ["compare", str(path), "A"]).stdout.splitlines()


def test_notes_are_counted_and_bounded() -> None:
    """So many as one reads, each once."""
    told = noted([*(f"note {number}" for number in range(50)), "note 3", "note 3"])
    assert told[3] == "note 3 (3 times)"
    assert (len(told), told[-1]) == (bounds.NOTES + 1, "and 30 more notes")


def test_places_may_be_names() -> None:
    """Of files without lines: nothing is quoted, and they stand in the order in which they were found."""
    file = Source("resnet.onnx", "")
    problems = [
        Problem(f"wrong {name}", "mend it", Mark(file, name=name), code="bad-file") for name in ("/b/Conv", "/a")
    ]
    error = VggcalcError([*problems, Problem("worse", "", Mark(Source("net.yaml", "a: 1"), 1, 1))])
    assert str(error).splitlines() == [
        "net.yaml:1:1: worse",
        "  a: 1",
        "  ^",
        "resnet.onnx: /b/Conv: wrong /b/Conv; mend it",
        "resnet.onnx: /a: wrong /a; mend it",
    ]
