"""vggcalc check: published figures against the networks."""

from __future__ import annotations

import io
from contextlib import redirect_stdout

import click

from vggcalc import bounds
from vggcalc.cli.output_options import IN_A_DOCUMENT, output_options
from vggcalc.errors import Problem, UsageError, printable
from vggcalc.render.result import Result


class _Page(io.StringIO):
    """What is printed for a document, which cannot hold more than can be read of it."""

    def write(self, text: str) -> int:
        """Print; raises UsageError where that is too much."""
        if self.tell() + len(text) > bounds.FILE_BYTES:
            reason = f"this prints more than {bounds.FILE_BYTES // 1024**2} MiB"
            raise UsageError(Problem(reason, "show fewer layers", code="out-of-bounds"))
        return super().write(text)


def output_of(arguments: list[str]) -> str:
    """What vggcalc prints for a command line; raises VggcalcError for one that is wrong or cannot be answered."""
    from vggcalc.cli import Failure, cli

    out = _Page()
    try:
        with redirect_stdout(out):
            cli.main(arguments, prog_name="vggcalc", standalone_mode=False, obj=IN_A_DOCUMENT)
    except Failure as failure:
        raise failure.error from None
    except click.ClickException as error:
        raise UsageError(Problem(error.format_message(), code="usage")) from None
    return out.getvalue()


@click.command("check")
@click.argument("targets", nargs=-1, metavar="[NAME|FILE|FOLDER]...")
@click.option("--strict", is_flag=True, help="Fail on errata too.")
@click.option("--errata", is_flag=True, help="Show the errata with their explanations.")
@click.option("--all", "every", is_flag=True, help="Show every figure beside the computed one, and how it comes about.")
@click.option("--fix", is_flag=True, help="Rewrite the figures of documents (.md, .tex) that are wrong.")
@output_options("check")
def command(targets: tuple[str, ...], strict: bool, errata: bool, every: bool, fix: bool) -> Result:
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
    return Result(
        lambda: verdicts.check_sheets(checked, verdicts.shown(errata or strict, every)),
        lambda: verdicts.check_data(checked, strict),
        lambda: verdicts.findings_table(checked),
        faults=[each.fault for each in checked if each.fault is not None],
        agrees=all(each.is_green(strict) for each in checked),
    )
