"""What is to be checked: bundled tables by name, files and folders, tables and documents."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from vggcalc.errors import Problem, UsageError, VggcalcError, did_you_mean
from vggcalc.published.check import Finding, check
from vggcalc.published.documents import ENDINGS, BlockFinding, Run, check_document, load_document
from vggcalc.published.printed import RIGHT
from vggcalc.published.rewriting import encoded, fixed
from vggcalc.published.table import load_table
from vggcalc.spec.catalogue import bundled_folder

TABLES = (".yaml", ".yml")
IGNORED = ("node_modules", "venv", "build", "dist")


class Checked(NamedTuple):
    """A table or a document with its findings, or with what is wrong with the file itself.

    hints: for a finding that is wrong, by its place, what would give the printed figure.
    """

    name: str
    title: str = ""
    source: str = ""
    findings: tuple[Finding | BlockFinding, ...] = ()
    hints: Mapping[int, Sequence[str]] = {}
    fault: VggcalcError | None = None

    def count(self, verdict: str) -> int:
        """How many findings have a verdict."""
        return sum(finding.verdict == verdict for finding in self.findings)

    def is_green(self, strict: bool = False) -> bool:
        """Whether all agree or are documented errata; those do not pass where it is strict."""
        good = RIGHT if strict else (*RIGHT, "erratum")
        return self.fault is None and all(finding.verdict in good for finding in self.findings)


def bundled() -> dict[str, str]:
    """The bundled tables: their names, and the paths of their files."""
    folder = os.path.join(bundled_folder(), "published")
    files = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return {os.path.splitext(file)[0]: os.path.join(folder, file) for file in files if file.endswith(TABLES)}


def find(targets: Sequence[str]) -> dict[str, str]:
    """The files that names, paths and folders mean, each under the name to show; without any, all bundled tables.

    Of a folder, every table and every document in it, and in the folders below.

    Raises: UsageError for a name that is no bundled table, no file and no folder, and for a folder with nothing in it.
    """
    known = bundled()
    found: dict[str, str] = {}
    for target in targets or known:
        if os.path.isdir(target):
            inside = {path: path for path in _files(target)}
            if not inside:
                hint = "it holds no table (YAML with 'claims' or 'rows') and no document (.md, .tex) with figures"
                raise UsageError(Problem(f"there is nothing to check in {target}", hint))
            found |= inside
        elif target in known:
            found[target] = known[target]
        elif target.endswith((*TABLES, *ENDINGS)) or os.path.exists(target):
            found[target] = target
        else:
            near = did_you_mean(target, known)
            hint = near if near.startswith("did") else "'vggcalc list published' shows all; a file is named by its path"
            raise UsageError(Problem(f"there is no table '{target}'", hint))
    return found


def check_table(name: str, path: str) -> Checked:
    """The findings of one table; what is wrong with its file becomes its fault."""
    try:
        table = load_table(path, f"{name}.yaml" if name in bundled() else path)
        findings = tuple(check(table))
    except VggcalcError as error:
        return Checked(name, fault=error)
    hints: Mapping[int, Sequence[str]] = {}
    if any(finding.verdict == "wrong" for finding in findings):
        from vggcalc.published.hints import hints as suspects

        hints = suspects(findings, table.folder)
    return Checked(name, table.title, table.source, findings, hints)


def check_figures(path: str, run: Run, fix: bool) -> Checked:
    """The findings of a document; with `fix` its figures are rewritten first, and the file where they changed.

    run: what vggcalc prints for a command line.
    """
    try:
        document = load_document(path)
        findings = check_document(document, run)
        text = fixed(document, findings) if fix else document.source.text
        if text != document.source.text:
            _write(path, encoded(document, text))
            document = load_document(path)
            findings = check_document(document, run)
    except VggcalcError as error:
        return Checked(path, fault=error)
    return Checked(path, f"figures in {os.path.basename(path)}", "", tuple(findings))


def _write(path: str, data: bytes) -> None:
    """Replace a file at once, so that a full disk leaves the old one as it was."""
    draft = f"{path}.vggcalc"
    try:
        with open(draft, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    except OSError as error:
        if os.path.exists(draft):
            os.remove(draft)
        raise UsageError(Problem(f"{path}: {(error.strerror or 'cannot be written').lower()}")) from None


def is_document(path: str) -> bool:
    """Whether a file is a text with figures in it, and no table."""
    return path.endswith(ENDINGS)


def _files(folder: str) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in IGNORED)
        for file in sorted(files):
            path = os.path.join(root, file)
            if file.endswith(TABLES + ENDINGS) and _has_figures(path):
                yield path


def _has_figures(path: str) -> bool:
    """A quick look: tables make claims, documents have vggcalc's marks; a spec of networks has a family."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return False
    if is_document(path):
        return re.search(r"(<!--|%)\s*/?vggcalc\b|\\vggcalc\s*\{", text) is not None
    keys = {line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()}
    return "family" not in keys and bool(keys & {"claims", "rows", "layers"}) and "model" in text
