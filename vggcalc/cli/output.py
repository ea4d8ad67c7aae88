"""How a command's result is printed: the options that all commands share, and the one place that prints."""

from __future__ import annotations

import functools
import io
import sys
from collections.abc import Callable
from typing import Any

import click

from vggcalc.errors import Problem, UsageError
from vggcalc.record import Record
from vggcalc.render import write
from vggcalc.render.formats import ELSEWHERE, ON_TERMINALS, find, names
from vggcalc.render.result import Result


class Output(Record):
    """What the shared options say of the output."""

    style: str | None


OPTIONS = Output._fields
"""The names of these options."""
IN_A_DOCUMENT = "in a document"
"""What a command is told, as the object of its context, when a document shall hold what it prints."""


def output_options(command: str = "") -> Callable[[Callable[..., Result]], Callable[..., None]]:
    """The options of a command's output; the command's own formats are among those of --format."""

    def decorate(function: Callable[..., Result]) -> Callable[..., None]:
        @functools.wraps(function)
        def printing(*arguments: Any, **options: Any) -> None:
            output = Output(*(options.pop(name) for name in Output._fields))
            _print(function(*arguments, **options), output, command)

        return click.option(
            "--format", "style", type=click.Choice(names(command)), help="Default: rich on a terminal, plain in a pipe."
        )(printing)

    return decorate


def _print(result: Result, output: Output, command: str) -> None:
    """Print a result; what could not be answered goes to stderr and ends with 2, what disagrees ends with 1."""
    ctx = click.get_current_context()
    form = find(output.style or (ON_TERMINALS if sys.stdout.isatty() else ELSEWHERE), command)
    if form.for_terminals and ctx.obj == IN_A_DOCUMENT:
        raise UsageError(Problem(f"'{output.style}' is for terminals", "leave --format out"))
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.encoding.lower() != "utf-8":
        from vggcalc.render.signs import POORER_SIGNS

        sys.stdout.reconfigure(errors=POORER_SIGNS)
    write(result, form, sys.stdout)
    for fault in result.faults:
        click.echo(str(fault), err=True)
    if result.faults or not result.agrees:
        sys.stdout.flush()
        ctx.exit(2 if result.faults else 1)
