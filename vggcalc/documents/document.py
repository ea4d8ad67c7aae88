r"""Figures in documents, kept true: tables and numbers that stand between marks in Markdown and LaTeX.

    <!-- vggcalc compare A E -->             % vggcalc compare A E
    what the command prints                  what the command prints
    <!-- /vggcalc -->                        % /vggcalc

    <!-- vggcalc vgg16 params -->138.4 M<!-- /vggcalc -->        \vggcalc{vgg16 params}{138.4\,M}

A comment that only begins with the name, as in <!-- vggcalc is great -->, is no mark: one opens with a command, a
bundled model or a file, or the next mark closes it. A mark in a listing, in a code span or in a comment of LaTeX is
text. Nothing outside the marks is ever changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from vggcalc import bounds
from vggcalc.claims.check import check
from vggcalc.claims.finding import Finding
from vggcalc.claims.quantity import placed
from vggcalc.claims.table import Table
from vggcalc.documents.finding import AnyFinding, BlockFinding
from vggcalc.documents.latex import Latex
from vggcalc.documents.markdown import Markdown
from vggcalc.documents.marks import Block, Number, Scan
from vggcalc.documents.typeset import Language
from vggcalc.documents.verbatim import framed
from vggcalc.errors import Mark, Problem, Source, SpecError, UsageError, VggcalcError
from vggcalc.reading.files import content, decode, reach
from vggcalc.record import Record

_SCANS: dict[str, type[Scan]] = {".md": Markdown, ".markdown": Markdown, ".tex": Latex}
ENDINGS = tuple(_SCANS)
"""The documents that can be read, by the ends of their names."""

Run = Callable[[list[str]], str]
"""What vggcalc prints for a command line."""


class Document(Record):
    """A text with marks, in their order. `folder` is where its models' files lie; has_bom: it began with a BOM."""

    source: Source
    folder: str
    language: Language
    marks: tuple[Block | Number, ...]
    has_bom: bool = False


def load_document(path: str) -> Document:
    """The document in a file.

    Raises: SpecError with every fault of its marks; UsageError for a file that cannot be read.
    """
    data = content(path, "document")
    document = read_document(decode(path, data), os.path.dirname(path))
    return document._replace(has_bom=data.startswith(b"\xef\xbb\xbf"))


def read_document(source: Source, folder: str = "") -> Document:
    """The marks of a text, whose source's name tells its language; files of models are looked for in the folder.

    Raises: SpecError with every fault of the marks.
    """
    scan = _SCANS.get(os.path.splitext(source.name)[1].lower())
    if scan is None:
        raise UsageError(
            Problem(f"{source.name} is no document", f"its name must end in {', '.join(ENDINGS)}", code="not-a-spec")
        )
    return Document(source, folder, scan.language, scan(source, folder).read())


def check_document(document: Document, run: Run, derive: bool = False) -> list[AnyFinding]:
    """The verdict on every mark, in the order of the document.

    run: given a command line without `vggcalc`, returns what that prints, and raises a VggcalcError when it fails.
    derive: of numbers that are right too, how they come about.

    Raises: SpecError where a command fails or a model cannot be loaded, with all such places.
    """
    problems: list[Problem] = []
    claims = tuple(mark.claim for mark in document.marks if isinstance(mark, Number))
    numbers: Iterator[Finding] = iter(())
    try:
        name = document.source.name
        numbers = iter(check(Table(name, "", "", "", claims, name=name, folder=document.folder), derive))
    except VggcalcError as error:
        problems += error.problems
    findings: list[AnyFinding] = []
    printer = _Printer(run, document.folder)
    for mark in document.marks:
        if isinstance(mark, Number):
            findings += [finding for finding in [next(numbers, None)] if finding]
            continue
        try:
            findings.append(_block_finding(document, mark, printer.printed(mark.command)))
        except VggcalcError as error:
            problems += placed(error, mark.mark)
    if problems:
        raise SpecError(problems)
    return findings


class _Printer:
    """What the commands of a document print, each of them run once."""

    def __init__(self, run: Run, folder: str) -> None:
        self._run = run
        self._folder = folder
        self._printed: dict[tuple[str, ...], str | VggcalcError] = {}
        self._left = bounds.FILE_BYTES

    def printed(self, command: tuple[str, ...]) -> str:
        """What a command prints.

        Raises: VggcalcError where it fails, and where commands or what they print are too many for a document.
        """
        if command not in self._printed:
            if len(self._printed) >= bounds.DOCUMENT_COMMANDS:
                reason = f"up to here the document has more than {bounds.DOCUMENT_COMMANDS:,} commands"
                raise UsageError(Problem(reason, "split it", code="out-of-bounds"))
            try:
                with reach(self._folder):
                    self._printed[command] = self._run(list(command))
            except VggcalcError as error:
                self._printed[command] = error
        printed = self._printed[command]
        if isinstance(printed, VggcalcError):
            raise printed
        self._left -= len(printed)
        if self._left < 0:
            reason = f"up to here the document's commands print more than {bounds.FILE_BYTES // 1024**2} MiB"
            raise UsageError(Problem(reason, "show fewer layers", code="out-of-bounds"))
        return printed


def _block_finding(document: Document, block: Block, printed: str) -> BlockFinding:
    """Whether what stands between the marks is what is printed, bar blank lines around it and spaces in tables."""
    text = document.source.text[block.start : block.end]
    lines = [_without_prefix(line.rstrip(), block.prefix) for line in text.split("\n")]
    said = [number for number, line in enumerate(lines) if line]
    first, last = (said[0], said[-1] + 1) if said else (0, 0)
    found = lines[first:last]
    is_native = block.style == document.language
    output = [line.rstrip() for line in printed.strip("\n").split("\n")]
    expected = output if is_native else framed(document.language, block.style, found, output)
    alike = _alike if is_native else str
    pairs = zip(map(alike, found), map(alike, expected), strict=False)
    common = next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(found), len(expected)))
    if common == len(found) == len(expected):
        return BlockFinding(block, "exact", block.mark, expected=tuple(expected))
    line = block.line + first + common
    here = f"found '{found[common]}'" if common < len(found) else "the text ends here"
    there = f"expected '{expected[common]}'" if common < len(expected) else "expected no more"
    mark = Mark(block.mark.source, line, 1)
    return BlockFinding(block, "wrong", mark, f"line {line}: {here}, {there}", tuple(expected))


def _without_prefix(line: str, prefix: str) -> str:
    return line.removeprefix(prefix) if line.startswith(prefix) else line.removeprefix(prefix.rstrip()).lstrip(" \t")


def _alike(line: str) -> str:
    """A line without what does not show: how wide the columns of a table are in the text."""
    if not re.fullmatch(r"\s*\|[-:| \t]*", line):
        return " ".join(line.replace("|", " | ").split())
    return re.sub("-+", "-", re.sub("[ \t]", "", line))
