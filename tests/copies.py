"""Copies of the tree, in which a recipe can be done and tried without a trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from documents import ROOT

_LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", ".coverage*"
)


class Copy:
    """A copy of the tree in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
        os.symlink(folder / "specs", folder / "vggcalc" / "specs")  # where an installed package has them

    def write(self, file: str, text: str) -> None:
        """A new file."""
        assert not (self.folder / file).exists(), f"{file} is there already"
        (self.folder / file).write_text(text, "utf-8")

    def put(self, file: str, place: str, text: str, *, before: bool = False) -> None:
        """Add a text behind a place in a file, which must be there once, or before it."""
        path = self.folder / file
        old = path.read_text("utf-8")
        assert old.count(place) == 1, f"{file}: {place}"
        path.write_text(old.replace(place, text + place if before else place + text), "utf-8")

    def run(self, *command: str) -> str:
        """What python prints there, given a module and its arguments; it must end well."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        whole = [sys.executable, "-m", *command]
        done = subprocess.run(whole, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def test(self, *arguments: str) -> str:
        """What pytest says there of some tests, all green."""
        return self.run("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments)
