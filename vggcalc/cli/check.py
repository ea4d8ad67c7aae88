"""vggcalc check: published figures against the networks."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout

import click

from vggcalc.errors import Problem, UsageError, printable
from vggcalc.render import show

CHECK_FORMATS = ("rich", "plain", "markdown", "json", "junit", "github")


def output_of(arguments: list[str]) -> str:
    """What vggcalc prints for a command line; raises UsageError for one that is wrong."""
    from vggcalc.cli import cli

    out = io.StringIO()
    try:
        with redirect_stdout(out):
            cli.main(arguments, prog_name="vggcalc", standalone_mode=False)
    except click.ClickException as error:
        raise UsageError(Problem(error.format_message())) from None
    return out.getvalue()


@click.command("check")
@click.argument("targets", nargs=-1, metavar="[NAME|FILE|FOLDER]...")
@click.option("--strict", is_flag=True, help="Fail on errata too.")
@click.option("--errata", is_flag=True, help="Show the errata with their explanations.")
@click.option("--all", "every", is_flag=True, help="Show every figure beside the computed one, and how it comes about.")
@click.option("--fix", is_flag=True, help="Rewrite the figures of documents (.md, .tex) that are wrong.")
@click.option("--format", "style", type=click.Choice(CHECK_FORMATS), help="junit for CI servers, github for workflows.")
@click.pass_context
def command(
    ctx: click.Context, targets: tuple[str, ...], strict: bool, errata: bool, every: bool, fix: bool, style: str | None
) -> None:
    """Check published tables, your own tables, and the figures in your documents.

    Without arguments it checks all bundled tables. Exit code 0: all agree or are documented errata; 1: something is
    wrong; 2: a file cannot be read.

    \b
    vggcalc check
    vggcalc check googlenet-table1 --errata
    vggcalc check cs231n-vgg16 --all
    vggcalc check tables/ README.md --format github
    """
    from vggcalc.checking import check_file, find
    from vggcalc.render import verdicts

    checked = [check_file(target, output_of, fix, derive=every) for target in find(targets)]
    for change in (change for each in checked for change in each.changes):
        click.echo(printable(str(change)), err=True)
    faults = [each.fault for each in checked if each.fault is not None]
    if style in ("junit", "github"):
        print(getattr(verdicts, style)(checked, strict))
    elif style == "json" or any(each.findings for each in checked):
        show(
            lambda: verdicts.check_sheets(checked, verdicts.shown(errata or strict, every)),
            lambda: verdicts.check_data(checked, strict),
            style,
        )
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        sys.stdout.flush()
        ctx.exit(2)
    if not all(each.is_green(strict) for each in checked):
        sys.stdout.flush()
        ctx.exit(1)
