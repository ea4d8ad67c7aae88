"""Specs with faults: each file of specs/bad opens with comments that hold every message it must be answered by."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from vggcalc import VggcalcError, load
from vggcalc.cli import cli
from vggcalc.errors import CODES, WARNINGS

FOLDER = Path(__file__).parent / "specs" / "bad"
FILES = sorted(FOLDER.iterdir())
SPELT_OUT = ("not_utf8", "control_character", "no_break_space")
"""Files with lines that are not quoted as they stand."""
BY_NO_SPEC = {
    "ambiguous", "bad-claim", "bad-file", "failed-code", "bad-mark", "bad-output", "faulty-model",
    "no-convention", "no-ladder", "no-such-part", "not-a-figure", "more", "uncounted-figure", "unknown-figure",
    "unreadable-file", "unwritable-file", "usage", "wrong-figure",
}  # fmt: skip
"""What is wrong with questions, tables, documents, other files and outputs, and that there is more of it."""
COUNT = 213


def model_of(path: Path) -> str:
    """What to ask for: the file, or the variant that a first line `# :NAME` picks."""
    asked = re.match(rb"# (:\S+)\n", path.read_bytes())
    return f"{path}{asked[1].decode()}" if asked else str(path)


def expected(path: Path) -> list[str]:
    """The messages of the opening comments, as `line:column message; hint`; `-` stands for no place."""
    comments = re.match(rb"(?:# .*\n)+", path.read_bytes())
    assert comments is not None
    lines = [line.removeprefix("# ") for line in comments[0].decode().splitlines()]
    return [line for line in lines if re.match(r"\d+:\d+ |- ", line)]


def test_every_file_is_a_case() -> None:
    """No file is lost: a new one is a new case, and is counted here."""
    assert len(FILES) == COUNT
    assert all(path.suffix == ".yaml" and expected(path) for path in FILES)


@pytest.mark.slow
def test_every_code_has_a_case() -> None:
    """Whatever can be wrong with a spec is wrong with one of these."""
    told = set()
    for path in FILES:
        with pytest.raises(VggcalcError) as raised:
            load(model_of(path)).analyse()
        told |= {problem.code for problem in raised.value.problems}
    assert told == set(CODES) - set(WARNINGS) - BY_NO_SPEC


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bad_spec(path: Path) -> None:
    """A bad spec is answered by all of its faults, in the order of the file, each in full and with its place."""
    with pytest.raises(VggcalcError) as raised:
        load(model_of(path)).analyse()
    told = []
    for problem in raised.value.problems:
        place = f"{problem.mark.line}:{problem.mark.column}" if problem.mark else "-"
        message = "; ".join(filter(None, (problem.message, problem.hint)))
        told.append(f"{place} {message.replace(str(path), 'FILE')}")
    assert told == expected(path)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_bad_spec_on_the_command_line(path: Path) -> None:
    """The command prints file:line:column, the message, the line and a caret under the place, and ends with 2."""
    result = CliRunner().invoke(cli, ["show", model_of(path)], catch_exceptions=False)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    printed = result.stderr.splitlines()
    for message in expected(path):
        place, _, text = message.partition(" ")
        if place == "-":
            assert printed[0] == f"vggcalc: {text}".replace("FILE", str(path))
            continue
        at = printed.index(f"{path}:{place}: {text}")
        line, column = map(int, place.split(":"))
        if line <= len(lines) and lines[line - 1].strip() and path.stem not in SPELT_OUT:
            quoted, caret = printed[at + 1 : at + 3]
            if "..." in quoted:  # a long one, of which the part round the place stands for all
                assert quoted.strip(" .") in lines[line - 1]
                assert quoted[len(caret) - 1] == lines[line - 1][column - 1]
            else:
                assert quoted == f"  {lines[line - 1].expandtabs(1)}"
                assert caret == f"  {' ' * (column - 1)}^"


@pytest.mark.parametrize("data", [b"", b"\n", b"# nothing\n", b"---\n", b"\xef\xbb\xbf", b"~\n", b"{}\n"])
def test_nothing_at_all(tmp_path: Path, data: bytes) -> None:
    """A file without a spec says so, and says what a spec has."""
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    with pytest.raises(VggcalcError) as raised:
        load(str(path))
    assert raised.value.problems[0].message
    assert "family" in str(raised.value)


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, and a file that is not there, are told by their path."""
    (tmp_path / "folder.yaml").mkdir()
    for name in ("folder.yaml", "missing.yaml"):
        with pytest.raises(VggcalcError, match=re.escape(str(tmp_path / name))):
            load(str(tmp_path / name))


def test_a_file_beyond_all_size(tmp_path: Path) -> None:
    """A file of more than 16 MiB is not read."""
    path = tmp_path / "net.yaml"
    path.write_bytes(b"#" * (16 * 1024 * 1024 + 1))
    with pytest.raises(VggcalcError, match="larger than 16 MiB"):
        load(str(path))
