"""README, docs and CONTRIBUTING print what the program prints, and leave out nothing that it has."""

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from documents import (
    DOCS,
    DOCUMENTS,
    PICTURES,
    README,
    ROOT,
    Block,
    Command,
    blocks,
    commands,
    draw,
    rewritten,
    run,
    write_files,
)

from vggcalc.cli import COMMANDS, cli
from vggcalc.layers import REGISTRY
from vggcalc.render.columns import column_keys
from vggcalc.version import __version__

FOR_USERS = (README, *DOCS)
ALL_COMMANDS = [command for document in DOCUMENTS for command in commands(document)]
ALL_PYTHON = [block for document in DOCUMENTS for block in blocks(document, "python")]


def _place(item: Block | Command) -> str:
    return item.place


def _doctest(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the examples of a block in a process of its own: what it registers there, no other test sees."""
    write_files(block.document, folder)
    file = folder / (block.file or "example.txt")
    file.write_text(block.text, "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "doctest", file.name], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", ALL_COMMANDS, ids=_place)
def test_commands_print_what_the_document_shows(command: Command, tmp_path: Path) -> None:
    """Every command, run where the document's files lie, prints exactly what stands below it."""
    write_files(command.document, tmp_path)
    assert run(command.text, tmp_path) == command.printed, f"{command.place}: run python tests/documents.py"


@pytest.mark.slow
@pytest.mark.parametrize("block", ALL_PYTHON, ids=_place)
def test_python_examples_hold(block: Block, tmp_path: Path) -> None:
    """Every Python block has examples, and they give what they say."""
    assert ">>> " in block.text
    done = _doctest(block, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_yaml_block_is_a_file_that_a_command_reads() -> None:
    """No spec is shown that no command tries."""
    for document in DOCUMENTS:
        tried = " ".join(command.text for command in commands(document))
        python = "".join(block.text for block in blocks(document, "python"))
        for block in blocks(document, "yaml"):
            assert block.file, f"{block.place}: name it in a first line '# file: NAME'"
            assert block.file in tried + python, f"{block.place}: nothing reads {block.file}"


def test_blocks_have_a_known_language() -> None:
    """A fence without a language, or with another, would escape these tests."""
    for document in DOCUMENTS:
        fences = re.findall(r"^```(.*)$", document.read_text("utf-8"), re.M)
        assert set(fences[1::2]) <= {""}, document.name
        assert set(fences[::2]) <= {"console", "python", "yaml", "sh", "text"}, document.name


def prose_of(document: Path) -> str:
    """A document without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", document.read_text("utf-8"), flags=re.M | re.S)


def headings(document: Path) -> set[str]:
    """The headings of a document, as links name them."""
    found = re.findall(r"^#+ (.+)$", prose_of(document), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_the_front_door_is_short() -> None:
    """README is a front door of at most 250 lines; it leads to every page."""
    text = README.read_text("utf-8")
    assert len(text.splitlines()) <= 250
    assert [page.name for page in DOCS if f"](docs/{page.name})" not in text] == []


@pytest.mark.parametrize("picture", PICTURES)
def test_pictures_are_what_the_command_draws(picture: str, tmp_path: Path) -> None:
    """A picture in docs is the output of today's program."""
    draw(picture, tmp_path / picture)
    assert (tmp_path / picture).read_bytes() == (ROOT / "docs" / picture).read_bytes()


def test_links_lead_somewhere() -> None:
    """`[...](#heading)` names a heading, and `[...](FILE)` a file of the repository, or a heading in it."""
    for document in DOCUMENTS:
        prose = prose_of(document)
        for target in re.findall(r"\]\(([^)]+)\)", prose):
            if not target.startswith("https://"):
                name, _, heading = target.partition("#")
                other = (document.parent / name).resolve() if name else document
                assert other.exists(), f"{document.name}: {target}"
                assert not heading or heading in headings(other), f"{document.name}: {target}"


def test_every_command_is_shown() -> None:
    """A command that no page runs is a command that nobody finds."""
    shown = " ; ".join(command.text for document in FOR_USERS for command in commands(document))
    for name in COMMANDS:
        assert f"vggcalc {name}" in shown, name


def test_every_option_is_named() -> None:
    """Each option of each command stands on some page."""
    text = "".join(document.read_text("utf-8") for document in FOR_USERS)
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        for option in (option for parameter in command.params for option in parameter.opts):
            if option.startswith("--"):
                assert option in text, f"vggcalc {name} {option}"


def test_every_column_is_named() -> None:
    """Each column that `--columns` knows stands on some page: words about layers, and the table of figures."""
    text = "".join(document.read_text("utf-8") for document in FOR_USERS).replace("\\_", "_")
    keys = dict.fromkeys(key.rstrip("%=") for key in column_keys())
    assert [key for key in keys if f"`{key}`" not in text and f"| {key} " not in text] == []


def test_every_kind_of_layer_is_listed() -> None:
    """The generated table of kinds has a row for each kind."""
    shown = [command for document in FOR_USERS for command in commands(document)]
    (table,) = (command for command in shown if command.text.startswith("vggcalc list layers"))
    kinds = {line.split("|")[1].strip() for line in table.printed.splitlines() if line.startswith("|")}
    assert set(REGISTRY) - {"input"} <= kinds


def test_ci_runs_the_two_command_lines_of_readme() -> None:
    """README prints two command lines for a fresh machine; CI takes them from there and has no copy of them."""
    lines = [line for block in blocks(README, "sh") for line in block.text.splitlines()]
    script = ROOT / ".ci" / "run"
    listed = subprocess.run(["bash", str(script), "--list"], capture_output=True, text=True, check=True)
    assert listed.stdout.splitlines() == lines
    assert len(lines) == 2
    assert lines[0].endswith("vggcalc show vgg16")
    assert lines[1].endswith("pytest")
    for line in lines:
        assert all(part not in script.read_text("utf-8") for part in line.split(" && ")[1:])


@pytest.mark.slow
def test_a_wrong_output_is_noticed_and_mended(tmp_path: Path) -> None:
    """The check itself: an output that differs by a digit is seen, and rewriting puts it right."""
    document = tmp_path / "README.md"
    tables = "\n<!-- vggcalc --version -->\n\n0\n\n<!-- /vggcalc -->\n" * 2
    document.write_text(f"text\n\n```console\n$ echo 138357544\n138357545\n\n$ true\n```\n{tables}", "utf-8")
    (wrong, silent, *_) = commands(document)
    assert (wrong.line, wrong.text, wrong.printed) == (4, "echo 138357544", "138357545")
    assert run(wrong.text, tmp_path) != wrong.printed
    assert run(silent.text, tmp_path) == silent.printed == ""
    document.write_text(rewritten(document, tmp_path), "utf-8")
    assert [command.printed for command in commands(document)] == [
        "138357544",
        "",
        *[f"vggcalc, version {__version__}"] * 2,
    ]


@pytest.mark.slow
def test_a_wrong_example_is_noticed(tmp_path: Path) -> None:
    """The check itself: a Python block whose result is wrong fails."""
    assert _doctest(Block(README, "python", 1, ">>> 1 + 1\n3\n"), tmp_path).returncode != 0
