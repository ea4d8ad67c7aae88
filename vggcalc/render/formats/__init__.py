"""The formats, one a file: its name is the file's, its first line says what it is for, FORMAT how it is written.

A folder of a command's name holds the formats that this command alone has.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, Literal, TextIO

from vggcalc.errors import Problem, UsageError
from vggcalc.record import Record


class Format(Record):
    """Which shape of a result a format writes, how, and what ends the names of its files.

    for_terminals: it looks different on different terminals, and has no place in a document.
    """

    shape: Literal["sheets", "table", "document"]
    write: Callable[[Any, TextIO], None]
    endings: tuple[str, ...] = ()
    for_terminals: bool = False


ON_TERMINALS, ELSEWHERE = "rich", "plain"
"""The formats of whom names none."""


def names(command: str = "") -> list[str]:
    """The formats that a command has: those of all, then its own."""
    return [*_modules(command)]


def find(name: str, command: str = "") -> Format:
    """The format of a name, from its file."""
    found: Format = import_module(_modules(command)[name]).FORMAT
    return found


def of_file(path: str, command: str = "") -> str:
    """The format that the end of a file's name means; of one that is no file, a device or a pipe, aligned text.

    Raises: UsageError where it means none.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        return ELSEWHERE
    endings = {ending: name for name in names(command) for ending in find(name, command).endings}
    ending = os.path.splitext(path)[1].lower()
    if ending not in endings:
        raise UsageError(
            Problem(f"the name of {path} says no format", f"known are {', '.join(sorted(endings))}", code="bad-output")
        )
    return endings[ending]


def _modules(command: str) -> dict[str, str]:
    """The modules of the formats that a command has, by name."""
    folders = {__name__: __path__[0]}
    if command:
        folders[f"{__name__}.{command}"] = os.path.join(__path__[0], command)
    return {
        file[:-3]: f"{package}.{file[:-3]}"
        for package, folder in folders.items()
        if os.path.isdir(folder)
        for file in sorted(os.listdir(folder))
        if file.endswith(".py") and not file.startswith("_")
    }
