"""What is to be checked: bundled tables by name, files and folders, tables and documents."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from vggcalc.claims.check import check
from vggcalc.claims.finding import Finding, passes
from vggcalc.claims.printed import Verdict
from vggcalc.claims.table import load_table
from vggcalc.documents.document import ENDINGS, Run, check_document, load_document
from vggcalc.documents.finding import AnyFinding
from vggcalc.documents.rewriting import Change, changes, encoded, rewritten
from vggcalc.errors import Problem, Source, UsageError, VggcalcError, did_you_mean
from vggcalc.language.bundled import bundled_folder
from vggcalc.reading.faults import Faults
from vggcalc.reading.files import content, lies_below
from vggcalc.reading.nodes import parse, top_keys
from vggcalc.reading.saving import write
from vggcalc.record import Record

TABLES = (".yaml", ".yml")
IGNORED = ("node_modules", "venv", "build", "dist")

_KEYS = ("table", "claims")
"""A table has at least one of these keys."""

Kind = Literal["spec", "table", "document", "other", "unknown"]
"""What a file is; unknown is one that cannot be read, and may be any."""


class Checked(Record):
    """A table or a document with its findings, or with what is wrong with the file itself.

    hints: for a finding that is wrong, by its place, what would give the printed figure. changes: what was rewritten.
    """

    name: str
    title: str = ""
    source: str = ""
    findings: tuple[AnyFinding, ...] = ()
    hints: Mapping[int, Sequence[str]] = {}
    fault: VggcalcError | None = None
    changes: tuple[Change, ...] = ()

    def count(self, verdict: Verdict) -> int:
        """How many findings have a verdict."""
        return sum(finding.verdict == verdict for finding in self.findings)

    def is_green(self, strict: bool = False) -> bool:
        """Whether all agree or are documented errata; those do not pass where it is strict."""
        return self.fault is None and all(passes(finding.verdict, strict) for finding in self.findings)


def bundled() -> dict[str, str]:
    """The bundled tables: their names, and the paths of their files."""
    folder = os.path.join(bundled_folder(), "published")
    files = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return {os.path.splitext(file)[0]: os.path.join(folder, file) for file in files if file.endswith(TABLES)}


class Target(Record):
    """What is to be checked: its name to show and its file, or why there is none."""

    name: str
    path: str = ""
    fault: VggcalcError | None = None


def has_figures(path: str) -> bool:
    """Whether a table or a document may be in a file."""
    return kind_of(path) in ("table", "document", "unknown")


FIGURES = "it holds no table (YAML with 'table' or 'claims') and no document (.md, .tex) with figures"


def find(targets: Sequence[str], wanted: Callable[[str], bool] = has_figures, otherwise: str = FIGURES) -> list[Target]:
    """The files that names, paths and folders mean, each once; without any, all bundled tables.

    Of a folder, every file in it, and in the folders below, that is wanted. A name that is no bundled table, no file
    and no folder has a fault, and so has a folder with nothing in it; `otherwise` says what that means.
    """
    known = bundled()
    found: dict[str, Target] = {}
    for name in targets or known:
        for target in _meant(name, known, wanted, otherwise):
            found.setdefault(os.path.abspath(target.path) if target.path else target.name, target)
    return list(found.values())


def _meant(name: str, known: Mapping[str, str], wanted: Callable[[str], bool], otherwise: str) -> Sequence[Target]:
    if os.path.isdir(name):
        nothing = f"there is nothing to check in {name}"
        return list(_inside(name, wanted)) or [_missing(name, nothing, otherwise)]
    if name in known:
        return [Target(name, known[name])]
    if name.lower().endswith((*TABLES, *ENDINGS)) or os.path.exists(name):
        return [Target(_short(name), _short(name))]
    near = did_you_mean(name, known)
    hint = near if near.startswith("did") else "'vggcalc list published' shows all; a file is named by its path"
    return [_missing(name, f"there is no table '{name}'", hint)]


def _missing(name: str, message: str, hint: str = "") -> Target:
    return Target(name, fault=UsageError(Problem(message, hint, code="unreadable-file")))


def _short(path: str) -> str:
    """A path without the current folder before it."""
    return re.sub(r"^(?:\./+)+(?=.)", "", path)


def _inside(folder: str, wanted: Callable[[str], bool]) -> Iterator[Target]:
    """The wanted files of a folder, none by a link that leads out of it, and the folders that cannot be read."""
    closed: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in IGNORED)
        for file in sorted(files):
            path = _short(os.path.join(root, file))
            if file.lower().endswith(TABLES + ENDINGS) and lies_below(folder, path) and wanted(path):
                yield Target(path, path)
    for error in closed:
        yield _missing(_short(error.filename), f"{_short(error.filename)}: {(error.strerror or '').lower()}")


def kind_of(path: str) -> Kind:
    """What is in a file; nobody reads a pipe to see, it is other.

    A document has a mark in it. A spec is a mapping with a family. A table is one with `table` or `claims` and without.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return "other"
        text = content(path, "file").decode("utf-8-sig", "replace")
    except (OSError, VggcalcError):
        return "unknown"  # whoever reads it says what is wrong
    if is_document(path):
        return "document" if re.search(r"(<!--|%)\s*(?:/\s*)?vggcalc\b|\\vggcalc\s*\{", text) else "other"
    if not any(key in text for key in (*_KEYS, "family")):
        return "other"
    source = Source(path, text)
    keys = top_keys(source, parse(source, Faults()))
    return "spec" if "family" in keys else "table" if not keys.isdisjoint(_KEYS) else "other"


def is_document(path: str) -> bool:
    """Whether a file is a text with figures in it, and no table."""
    return path.lower().endswith(ENDINGS)


def check_file(target: Target, run: Run, fix: bool = False, derive: bool = False) -> Checked:
    """The findings of a table or document, with hints; what is wrong with the file itself becomes its fault.

    run: what vggcalc prints for a command line. fix: the figures of a document are rewritten first. derive: of figures
    that are right too, it is told how they come about.
    """
    name, path, fault = target
    if fault is not None:
        return Checked(name, fault=fault)
    try:
        checked = _check_document(path, run, fix, derive) if is_document(path) else _check_table(name, path, derive)
    except VggcalcError as error:
        return Checked(name, fault=error)
    if any(finding.verdict == "wrong" for finding in checked.findings):
        from vggcalc.hints.search import hints

        numbers = {place: found for place, found in enumerate(checked.findings) if isinstance(found, Finding)}
        return checked._replace(hints=hints(numbers, os.path.dirname(path)))
    return checked


def _check_table(name: str, path: str, derive: bool) -> Checked:
    table = load_table(path, f"{name}.yaml" if bundled().get(name) == path else path)
    return Checked(name, table.title, table.source, tuple(check(table, derive)))


def _check_document(path: str, run: Run, fix: bool, derive: bool) -> Checked:
    document = load_document(path)
    findings = check_document(document, run, derive)
    changed = changes(document, findings) if fix else []
    if not document.marks:
        hint = "mark one, as in <!-- vggcalc vgg16 params -->138 M<!-- /vggcalc -->"
        raise UsageError(Problem(f"there is nothing to check in {path}", hint, code="unreadable-file"))
    checked = Checked(path, f"figures in {os.path.basename(path)}", "", tuple(findings))
    if not changed:
        return checked
    try:
        text = document.source.text
        new, old = encoded(document, rewritten(text, changed)), encoded(document, text)
        write(path, new, "nothing was changed in it", before=old)
    except UsageError as error:
        return checked._replace(fault=error)
    return checked._replace(findings=tuple(check_document(load_document(path), run, derive)), changes=tuple(changed))


def what(finding: AnyFinding) -> str:
    """What a finding is about, as its table or document calls it."""
    return " ".join(dict.fromkeys(filter(None, (finding.row, finding.column))))
