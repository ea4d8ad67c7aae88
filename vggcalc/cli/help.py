"""vggcalc help: what --help says."""

from __future__ import annotations

import click

from vggcalc.cli import COMMANDS
from vggcalc.errors import Problem, UsageError, did_you_mean


@click.command("help")
@click.argument(
    "name",
    required=False,
    metavar="[COMMAND]",
    shell_complete=lambda ctx, param, typed: [name for name in COMMANDS if name.startswith(typed)],
)
@click.pass_context
def command(ctx: click.Context, name: str | None) -> None:
    """Say what the commands are, or how one of them is used.

    \b
    vggcalc help
    vggcalc help show
    """
    root = ctx.find_root()
    if name is None:
        click.echo(root.get_help())
        return
    assert isinstance(root.command, click.Group)
    found = root.command.get_command(root, name)
    if found is None:
        raise UsageError(Problem(f"there is no command '{name}'", did_you_mean(name, COMMANDS), code="usage"))
    with click.Context(found, info_name=name, parent=root) as own:
        click.echo(found.get_help(own))
