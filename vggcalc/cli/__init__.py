"""The command line: options in, one call, one render, exit code.

Exit codes: 0 fine; 1 a check disagreed; 2 a bad spec or usage.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from vggcalc.errors import Problem, UsageError, VggcalcError, did_you_mean
from vggcalc.version import __version__

COMMANDS = {
    "show": "one network, layer by layer, with its totals",
    "compare": "networks side by side: layers, totals, ratios",
    "explain": "the arithmetic behind each figure of a layer, or of all",
    "why": "why tools print different numbers for one network",
    "memory": "what training and running take, and which batch fits",
    "rf": "receptive fields of a network, of one unit, of a stack",
    "draw": "a network as a picture: graph, volumes, memory, shares",
    "chart": "networks as bubbles: accuracy against cost",
    "layer": "one layer without a file",
    "check": "published tables, and the figures in your documents",
    "validate": "all that is wrong or suspicious in specs, tables and documents",
    "conventions": "the ways of counting, and the rules of each",
    "spec": "the spec of a bundled model, to start from",
    "schema": "the JSON Schema of a spec, for editors",
    "convert": "a network of any origin as a spec",
    "list": "what is there: models, kinds of layer, tables, figures",
    "help": "this, or the help of a command",
}
"""The commands, each in a module of its name, in the order in which one meets them, and what each is about.

The help that lists them shows these lines; asking each command would import all that any command needs.
"""


def tell(error: VggcalcError) -> None:
    """What is wrong, on stderr: it begins with its place, or else with the name of the program."""
    for problem in error.problems:
        click.echo(str(problem) if problem.mark else f"vggcalc: {problem}", err=True)


class Failure(click.ClickException):
    """What the user can mend, told without a traceback."""

    exit_code = 2

    def __init__(self, error: VggcalcError) -> None:
        super().__init__(str(error))
        self.error = error

    def show(self, file: Any = None) -> None:
        """All that is wrong."""
        tell(self.error)


def _mistake(error: click.UsageError) -> Failure:
    """What click finds wrong with a command line, in our words and without the control characters of its arguments."""
    hint = f"see '{error.ctx.command_path} --help'" if error.ctx else ""
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option '{error.option_name}'"
        hint = f"did you mean '{error.possibilities[0]}'?" if error.possibilities else hint
    else:
        message = error.format_message().rstrip(".")
        message = message[:1].lower() + message[1:]
    return Failure(UsageError(Problem(message, hint, code="usage")))


class Cli(click.Group):
    """Imports a command when it is asked for, and turns what users can mend into plain lines."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which one meets them."""
        return [*COMMANDS]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with what they are about."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])  # in this package `list` is a command

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command from the module of its name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"vggcalc.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, or a hint at the one that was meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UsageError(Problem(f"there is no command '{args[0]}'", did_you_mean(args[0], COMMANDS), code="usage"))
        return super().resolve_command(ctx, args)

    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        """Read the options before the command."""
        try:
            return super().make_context(*arguments, **settings)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            raise _mistake(error) from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a full disk is a failure too, even when only the last flush meets it."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except VggcalcError as error:
            raise Failure(error) from error
        except click.UsageError as error:
            raise _mistake(error) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            _discard_stdout()
            reason = (error.strerror or "the device failed").lower()
            raise Failure(UsageError(Problem(f"cannot write the output: {reason}", code="unwritable-file"))) from error
        return result


def _discard_stdout() -> None:
    """What could not be written would fail once more when Python exits."""
    import io

    sys.stdout = io.StringIO()


@click.group("vggcalc", cls=Cli, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="vggcalc")
def cli() -> None:
    """A calculator for convolutional networks: every figure with its arithmetic.

    MODEL is a bundled name (see 'vggcalc list'), a YAML file, FILE:VARIANT, or - for standard input. Settings of its
    own may follow it: mobilenet_v2,width=35,input=96x96,batch=4,dense.

    \b
    vggcalc show vgg16
    vggcalc compare A E
    vggcalc rf --stack 3x3x3
    """
