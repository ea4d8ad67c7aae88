"""README, docs and CONTRIBUTING as data: their blocks, the files that they name, what their commands really print.

`python tests/documents.py` rewrites every printed output in them, their picture, and the index of the bundled models;
look at the difference before you commit it.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from vggcalc import bounds
from vggcalc.cli import cli
from vggcalc.language import index, schema

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = (README, *DOCS, ROOT / "CONTRIBUTING.md")
CHARTED = (
    "alexnet vgg11 vgg16 vgg19 resnet18 resnet34 resnet50 resnet101 "
    "resnet152 googlenet densenet121 densenet161 squeezenet1_0 mobilenet_v2 efficientnet_b0"
)
PICTURES = {
    "three-3x3.svg": ("rf", "--stack", "3x3x3", "--picture"),
    "lenet5.svg": ("draw", "lenet5", "-o"),
    "resnet50-blocks.svg": ("draw", "resnet50", "--depth", "2", "-o"),
    "alexnet-volumes.svg": ("draw", "alexnet", "--as", "volumes", "-o"),
    "googlenet-memory.svg": ("draw", "googlenet", "--as", "memory", "-o"),
    "vgg16-shares.svg": ("draw", "vgg16", "--as", "shares", "-o"),
    "accuracy.svg": ("chart", *CHARTED.split(), "-o"),
    "vgg16-fields.svg": ("draw", "vgg16", "--as", "rf", "-o"),
}
"""The pictures in docs, and the commands that draw them."""

_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
_TABLE = re.compile(r"^<!-- (?P<command>vggcalc [^\n]+) -->\n\n(?P<text>.*?)\n\n<!-- /vggcalc -->$", re.M | re.S)
_FILE = re.compile(r"# file: (\S+)\n")
_SETTINGS = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "TERM")


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line of the document where the text begins."""

    document: Path
    language: str
    line: int
    text: str

    @property
    def file(self) -> str:
        """The file that the block is the text of, as its first line says: `# file: net.yaml`."""
        match = _FILE.match(self.text)
        return match[1] if match else ""

    @property
    def place(self) -> str:
        """Where it stands, for messages and names of tests."""
        return f"{self.document.name}:{self.line}"


class Command(NamedTuple):
    """A command line of a document, and what the document says that it prints."""

    document: Path
    line: int
    text: str
    printed: str

    @property
    def place(self) -> str:
        """Where it stands, for messages and names of tests."""
        return f"{self.document.name}:{self.line}"


def blocks(document: Path, *languages: str) -> list[Block]:
    """The fenced blocks of a document in these languages."""
    text = document.read_text("utf-8")
    return [
        Block(document, match["language"], text.count("\n", 0, match.start("text")) + 1, match["text"])
        for match in _BLOCK.finditer(text)
        if match["language"] in languages
    ]


def commands(document: Path) -> list[Command]:
    """Every command that the document shows with its output: `$ ...` in console blocks, and generated tables."""
    text = document.read_text("utf-8")
    found = [
        Command(document, block.line + offset, command, printed)
        for block in blocks(document, "console")
        for offset, command, printed in _parts(block.text)
    ]
    found += [
        Command(document, text.count("\n", 0, match.start()) + 1, match["command"], match["text"])
        for match in _TABLE.finditer(text)
    ]
    return found


def write_files(document: Path, folder: Path) -> None:
    """Put the files that the pages show into a folder, as a reader would paste them; its own go before the others'."""
    for page in (*DOCS, document):
        for block in blocks(page, "yaml", "python", "text"):
            if block.file:  # JSON has no comments
                text = block.text.partition("\n")[2] if block.file.endswith(".json") else block.text
                (folder / block.file).write_text(text, "utf-8")


def run(command: str, folder: Path) -> str:
    """What a command prints in a folder, on both streams, without the spaces that end a line."""
    environment = {key: value for key, value in os.environ.items() if key not in _SETTINGS}
    environment["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), environment.get("PATH", "")))
    environment["PYTHONIOENCODING"] = "utf-8"
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return "\n".join(line.rstrip() for line in done.stdout.decode("utf-8").splitlines())


def rewritten(document: Path, folder: Path) -> str:
    """The document's text with every output as its command prints it in this folder."""

    def console(match: re.Match[str]) -> str:
        if match["language"] != "console":
            return match[0]
        parts = [f"$ {command}\n{_ended(run(command, folder))}" for _, command, _ in _parts(match["text"])]
        return "```console\n" + "\n".join(parts) + "```"

    def table(match: re.Match[str]) -> str:
        return f"<!-- {match['command']} -->\n\n{run(match['command'], folder)}\n\n<!-- /vggcalc -->"

    steps: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = ((_BLOCK, console), (_TABLE, table))
    text = document.read_text("utf-8")
    for pattern, rewrite in steps:
        text = pattern.sub(rewrite, text)
    return text


def _parts(text: str) -> Iterator[tuple[int, str, str]]:
    """The commands of a console block: line within it, command, what is printed below it."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield start, lines[start][2:], "\n".join(lines[start + 1 : stop]).rstrip("\n")


def _ended(text: str) -> str:
    return f"{text}\n" if text else ""


def rewrite(file: Path, new: str) -> None:
    """Put a text into a file, and say so where it is another than before."""
    if new != file.read_text("utf-8"):
        file.write_text(new, "utf-8")
        sys.stdout.write(f"{file.name} rewritten\n")


def draw(picture: str, path: Path) -> None:
    """Draw one of the pictures into a file."""
    path.unlink(missing_ok=True)
    done = CliRunner().invoke(cli, [*PICTURES[picture], str(path), "--force"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr


def bounds_rows() -> str:
    """The rows of the page on bounds: each with its value and the reason that stands below it in the module."""
    rows, names = [], []
    for node in ast.parse((ROOT / "vggcalc" / "bounds.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.append(node.targets[0].id)
        elif names and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            reason = " ".join(str(node.value.value).split())
            values = [_number(getattr(bounds, name)) for name in names]
            rows.append(f"| {'<br>'.join(f'`{name}`' for name in names)} | {'<br>'.join(values)} | {reason} |")
            names = []
    return "\n".join(rows)


def _number(value: int) -> str:
    digits = len(str(value)) - 1
    return f"10^{digits}" if digits > 12 and value == 10**digits else f"{value:,}"


def with_bounds(text: str) -> str:
    """The page on bounds with its rows as they are now."""
    return re.sub(r"(?<=\| --- \|\n)(\|.*\n)+(?=\n<!-- /bounds)", lambda _: bounds_rows() + "\n", text)


def main() -> None:
    """Rewrite the index of the bundled models, the schema, the pictures, the bounds, and the outputs in documents."""
    page = ROOT / "docs" / "bounds.md"
    rewrite(page, with_bounds(page.read_text("utf-8")))
    rewrite(ROOT / "specs" / index.FILE, index.text())
    rewrite(ROOT / "specs" / schema.FILE, schema.text())
    for picture in PICTURES:
        draw(picture, ROOT / "docs" / picture)
    for document in DOCUMENTS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_files(document, folder)
            new = rewritten(document, folder)
        rewrite(document, new)


if __name__ == "__main__":
    main()
