"""How a command's result is printed: the options that all commands share, and the one place that prints."""

from __future__ import annotations

import functools
import io
import os
import sys
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import click

from vggcalc.cli import tell
from vggcalc.errors import Problem, UsageError, printable
from vggcalc.render import write
from vggcalc.render.formats import ELSEWHERE, ON_TERMINALS, Format, find, names, of_file
from vggcalc.render.result import Result
from vggcalc.render.view import View

IN_A_DOCUMENT = "in a document"
"""What a command is told, as the object of its context, when a document shall hold what it prints."""

UNKNOWN = "vggcalc.unknown"
"""Where a command's context has the lines on what is unknown in the networks that it shows."""

_SHAPING = {
    "columns": "--columns",
    "sort": "--sort",
    "rows": "--top",
    "no_totals": "--no-totals",
    "no_title": "--no-title",
}
"""The options that shape tables."""

OPTIONS = ("style", "path", "force", *_SHAPING)
"""The names of the options of the output."""


def output_options(
    command: str = "", chooses: bool = False, looks: bool = False, writes: Sequence[str] = ()
) -> Callable[[Callable[..., Result]], Callable[..., None]]:
    """The options of a command's output; the command's own formats are among those of --format.

    chooses: it chooses the columns itself, of its document too, and gets the view for this; looks: it gets the view,
    no more. writes: its own options that name a file to be written.
    """

    def decorate(function: Callable[..., Result]) -> Callable[..., None]:
        @functools.wraps(function)
        def printing(*arguments: Any, **options: Any) -> None:
            output = {name: options.pop(name) for name in OPTIONS}
            if output["path"] == "":
                raise UsageError(
                    Problem("--output names no file", "name one, or - for standard output", code="bad-output")
                )
            output["path"] = None if output["path"] == "-" else output["path"]
            check_files([output["path"], *(options[name] for name in writes)], output["force"])
            columns, sort, rows, no_totals, no_title = (output[name] for name in _SHAPING)
            form = _format(output, command, {"columns"} if chooses else set())
            view = View(columns, sort, rows, not no_totals, not no_title, form.for_terminals)
            result = function(*arguments, **options, **({"view": view} if chooses or looks else {}))
            if output["path"]:
                _save(result, form, view, output["path"])
            else:
                _print(result, form, view)
            _end(result)

        decorated: Callable[..., None] = printing
        for option in reversed(_options(command)):
            decorated = option(decorated)
        return decorated

    return decorate


def _options(command: str) -> list[Callable[[Callable[..., None]], Callable[..., None]]]:
    return [
        click.option("--columns", metavar="KEYS", help="Which columns, as in layer,macs; +flops is one more."),
        click.option("--sort", metavar="KEY", help="Order by a column, largest first; -KEY the other way round."),
        click.option("--top", "rows", type=click.IntRange(1), metavar="N", help="No more than N rows."),
        click.option("--no-totals", is_flag=True, help="Without totals."),
        click.option("--no-title", is_flag=True, help="Without titles."),
        click.option("--format", "style", type=click.Choice(names(command)), metavar="FORMAT",
                     help=f"{', '.join(names(command))}; rich on a terminal, plain in a pipe."),
        click.option("--output", "-o", "path", metavar="FILE", help="Into a file; its name's end says the format."),
        click.option("--force", is_flag=True, help="Write over a file that is there."),
    ]  # fmt: skip


def check_files(paths: Sequence[str | None], force: bool) -> None:
    """No file that is there is written over, unless that is asked for."""
    for path in paths:
        if path and os.path.isfile(path) and not force:
            raise UsageError(
                Problem(f"{path} is there already", "add --force to write over it", code="unwritable-file")
            )
    if force and not any(paths):
        raise UsageError(Problem("--force has no file to write over", "name one with --output FILE", code="bad-output"))


def target_of(path: str | None, force: bool) -> str | None:
    """The file that --output names, which may be written; None for standard output."""
    if path == "":
        raise UsageError(Problem("--output names no file", "name one, or - for standard output", code="bad-output"))
    target = None if path == "-" else path
    check_files([target], force)
    return target


def deliver(data: bytes, target: str | None) -> None:
    """Write what a command made into its file, or to standard output; that something is unknown ends it with 1."""
    if target:
        from vggcalc.reading.saving import write as write_file

        write_file(target, data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    if tells_unknown():
        click.get_current_context().exit(1)


def _format(output: Mapping[str, Any], command: str, shaped: Container[str]) -> Format:
    """The format that is asked for; an option that would be ignored misleads, and is refused.

    shaped: the options that shape the command's document too.
    """
    path = output["path"]
    name = output["style"] or (of_file(path, command) if path else ON_TERMINALS if sys.stdout.isatty() else ELSEWHERE)
    form = find(name, command)
    if form.for_terminals and click.get_current_context().obj == IN_A_DOCUMENT:
        raise UsageError(Problem(f"'{name}' is for terminals", "leave --format out", code="bad-output"))
    if form.shape == "document":
        for key, option in _SHAPING.items():
            if output[key] and key not in shaped:
                raise UsageError(
                    Problem(f"{option} shapes tables, and {name} has none", "leave it out", code="bad-output")
                )
    return form


def _print(result: Result, form: Format, view: View) -> None:
    """Print a result; an output that cannot encode a sign gets a poorer one."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.encoding.lower() != "utf-8":
        from vggcalc.render.signs import POORER_SIGNS

        sys.stdout.reconfigure(errors=POORER_SIGNS)
    write(result, form, sys.stdout, view)


def _save(result: Result, form: Format, view: View, path: str) -> None:
    """Write a result into a file, as a whole or not at all."""
    from vggcalc.reading.saving import writing

    with writing(path) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="\n")
        write(result, form, text, view)
        text.detach()  # which flushes, and does not close


def _end(result: Result) -> None:
    """What could not be answered goes to stderr and ends the command with 2; what disagrees ends it with 1."""
    for fault in result.faults:
        tell(fault)
    if tells_unknown() or result.faults or not result.agrees:
        sys.stdout.flush()
        click.get_current_context().exit(2 if result.faults else 1)


def tells_unknown() -> bool:
    """Say on stderr what is unknown in the networks that the command shows, if anything is; that too ends it with 1."""
    unknown = dict.fromkeys(click.get_current_context().meta.get(UNKNOWN, ()))
    for line in unknown:
        click.echo(printable(f"vggcalc: {line}"), err=True)
    return bool(unknown)
