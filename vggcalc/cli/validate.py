"""vggcalc validate: what is wrong or suspicious in files."""

from __future__ import annotations

import click

from vggcalc.cli.output_options import output_options
from vggcalc.render.result import Result


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE|FOLDER...")
@click.option("--strict", is_flag=True, help="Fail on warnings too.")
@output_options("validate")
def command(files: tuple[str, ...], strict: bool) -> Result:
    """Tell all that is wrong, and what is suspicious, in specs, tables and documents, without a report.

    Of a spec every variant is read. A comment silences a warning about its line: # vggcalc: ignore[CODE]. Exit code 0:
    nothing is wrong; 1: something is; 2: a file is not there or cannot be read.

    \b
    vggcalc validate net.yaml
    vggcalc validate tables/ README.md --strict
    vggcalc validate net.yaml --format sarif -o vggcalc.sarif
    """
    from vggcalc.cli.check import output_of
    from vggcalc.render import validated
    from vggcalc.validating import targets, validate

    found = validate(targets(files), output_of)
    return Result(
        lambda: validated.sheets(found),
        lambda: validated.document(found),
        faults=[each.fault for each in found if each.fault is not None],
        agrees=not any(each.count(warnings=False) or (strict and each.count(warnings=True)) for each in found),
    )
