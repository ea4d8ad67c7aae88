"""Faults to seed into the engine, one at a time: `vggcalc check` must go red on each.

`python tests/mutations.py` holds every fault against all bundled tables, and prints which tables see it. The test of
the same name holds each against the one table that is named here, which takes a fraction of the time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml
from copies import Copy
from documents import ROOT


class Mutation(NamedTuple):
    """A text of a file of the package, what it is replaced by, and a table that sees it.

    why: why no published figure can see it. seen: the file of tests that does.
    """

    what: str
    file: str
    old: str
    new: str
    table: str = ""
    why: str = ""
    seen: str = ""


MUTATIONS = tuple(Mutation(**entry) for entry in yaml.safe_load((ROOT / "tests" / "mutations.yaml").read_text("utf-8")))


@contextmanager
def tree() -> Iterator[Path]:
    """A copy of the tree, for a while."""
    with tempfile.TemporaryDirectory() as folder:
        yield Copy(Path(folder) / "tree").folder


def check(root: Path, mutation: Mutation | None, *tables: str) -> subprocess.CompletedProcess[str]:
    """`vggcalc check` in a copy with one fault in it."""
    return _run(root, mutation, "vggcalc", "check", *tables, "--format", "json")


def run_tests(root: Path, mutation: Mutation) -> subprocess.CompletedProcess[str]:
    """The tests that are named for a fault, in a copy with it, up to the first that fails."""
    return _run(
        root, mutation, "pytest", "-q", "-x", "-m", "", "-p", "no:cacheprovider", str(ROOT / "tests" / mutation.seen)
    )


def _run(root: Path, mutation: Mutation | None, *command: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(root)}
    with _seeded(root, mutation):
        return subprocess.run(
            [sys.executable, "-m", *command], cwd=root, env=env, capture_output=True, text=True, check=False
        )


@contextmanager
def _seeded(root: Path, mutation: Mutation | None) -> Iterator[None]:
    """The copy with a fault in it, for a while."""
    if mutation is None:
        yield
        return
    path = root / "vggcalc" / mutation.file
    text = path.read_text("utf-8")
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.file} holds {text.count(mutation.old)} times: {mutation.old}")
    path.write_text(text.replace(mutation.old, mutation.new), "utf-8")
    try:
        yield
    finally:
        path.write_text(text, "utf-8")


def main() -> None:
    """Every fault against all tables; exit code 1 when one survives that is not listed."""
    import json

    unlisted = 0
    with tree() as root:
        for mutation in MUTATIONS:
            done = check(root, mutation)
            tables = json.loads(done.stdout)["tables"] if done.stdout.startswith("{") else []
            red = [table["table"] for table in tables if not table["green"]]
            said = f"red in {len(red)}: {', '.join(red[:6])}" if red else ("fails" if done.returncode else "SURVIVES")
            print(f"{mutation.what}: {said}", flush=True)
            unlisted += done.returncode == 0 and not mutation.seen
    sys.exit(bool(unlisted))


if __name__ == "__main__":
    main()
