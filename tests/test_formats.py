"""The formats of a result: one file each, found by being there; nothing else knows one by its name."""

import ast
import csv
import io
import json
import sys
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from click.testing import CliRunner
from copies import Copy
from documents import DOCUMENTS, ROOT

from vggcalc.cli import COMMANDS, cli
from vggcalc.documents.typeset import Language
from vggcalc.render import formats

SHOUT = '''"""A test: every name in capitals."""

from vggcalc.render.formats import Format


def write(table, out):
    """The first column."""
    for row in table.rows:
        out.write(f"{str(row[0]).upper()}\\n")


FORMAT = Format("table", write, (".shout",))
'''


def choices(command: str) -> list[str]:
    """What --format of a command can be."""
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    (option,) = (parameter for parameter in found.params if parameter.name == "style")
    assert isinstance(option.type, click.Choice)
    return list(option.type.choices)


def run(*arguments: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"spec", "schema", "convert", "draw", "chart", "help"}))
def test_every_command_has_every_format(command: str) -> None:
    """All that stand in the folder, and those in the folder of the command's name; a spec is printed as it is."""
    own = {"check": ["github", "junit"], "validate": ["github", "sarif"]}.get(command, [])
    files = sorted(path.stem for path in (ROOT / "vggcalc/render/formats").glob("[a-z]*.py"))
    assert choices(command) == [*files, *own] == formats.names(command)


@pytest.mark.parametrize("name", formats.names("check"))
def test_a_format_says_what_it_is_for(name: str) -> None:
    """Its module's first line is its line in README's table."""
    form = formats.find(name, "check")
    said = (sys.modules[form.write.__module__].__doc__ or "").splitlines()[0]
    line = f"| `{name}` | {said[0].lower()}{said[1:].rstrip('.')} |"
    assert line in "".join(document.read_text("utf-8") for document in DOCUMENTS)


@pytest.mark.slow
def test_a_format_is_one_file(tmp_path: Path) -> None:
    """In a copy of the package, a file beside the others is a format of every command, and nothing else changes."""
    copy = Copy(tmp_path / "tree")
    copy.write("vggcalc/render/formats/shout.py", SHOUT)

    def printed(*arguments: str) -> str:
        return copy.run("vggcalc", *arguments, "--format", "shout")

    assert printed("show", "vgg11", "--until", "conv2_1") == "INPUT\nCONV1_1\nPOOL1\nCONV2_1\n"
    assert printed("compare", "vgg11", "lenet5") == "VGG11\nLENET5\n"
    assert printed("check", "vgg-table2").splitlines()[0] == "VGG-TABLE2"


def named(source: str, names: set[str]) -> list[int]:
    """The lines of a source on which something is compared to the name of a format, or looked up by it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            texts = {leaf.value for part in parts for leaf in ast.walk(part) if isinstance(leaf, ast.Constant)}
            if texts & names:
                found.append(node.lineno)
        elif isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant) and node.value.value in names:
            found.append(node.value.lineno)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("room", ["cli", "render", "documents", "checking.py"])
def test_nobody_compares_the_name_of_a_format(room: str) -> None:
    """What a format needs it says itself: no command, no sheet and no document asks which one it is.

    Documents compare their own languages, two of which have a format of the same name.
    """
    names = set(formats.names("check")) - (set(get_args(Language)) if room == "documents" else set())
    for file in sorted((ROOT / "vggcalc" / room).rglob("*.py")) or [ROOT / "vggcalc" / room]:
        assert named(file.read_text("utf-8"), names) == [], file


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('if style == "csv":\n    pass', [1]),
        ('a = 1\nb = style in ("junit", "x")', [2]),
        ('match style:\n    case "json":\n        pass', [2]),
        ('style = "csv"', []),
    ],
)
def test_a_compared_name_is_found(source: str, lines: list[int]) -> None:
    """The checker itself."""
    assert named(source, set(formats.names("check"))) == lines


def findings(*arguments: str) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """What check prints as CSV, and the findings of its JSON with their table."""
    rows = list(csv.DictReader(io.StringIO(run("check", *arguments, "--format", "csv"))))
    tables = json.loads(run("check", *arguments, "--format", "json"))["tables"]
    return rows, [{"table": table["table"], **found} for table in tables for found in table["findings"]]


def test_check_has_a_table_of_every_finding() -> None:
    """In CSV check gives each figure a line, right or wrong, as JSON does."""
    rows, expected = findings("vgg-table2", "cs231n-vgg16")
    assert len(rows) > 40
    assert [(row["table"], row["place"], row["printed"], row["verdict"]) for row in rows] == [
        (found["table"], found["place"], found["printed"], found["verdict"]) for found in expected
    ]
