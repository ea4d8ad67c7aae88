"""vggcalc why: from one count to another, term by term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from vggcalc.cli.options import analysed, complete_model, network_options
from vggcalc.cli.output_options import output_options
from vggcalc.question import Question
from vggcalc.render.result import Result

if TYPE_CHECKING:
    from vggcalc.render.sheet import Sheet


@click.command("why")
@click.argument("model", shell_complete=complete_model)
@click.option("--between", "names", nargs=2, metavar="A B", help="Only these two conventions, down to the layers.")
@click.option("--memory", "of_memory", is_flag=True, help="Memory instead of operations.")
@network_options
@output_options()
def command(model: str, names: tuple[str, str] | None, of_memory: bool, question: Question) -> Result:
    """Say why tools print different numbers for one network: the ladder from one count to the next.

    \b
    vggcalc why vgg16
    vggcalc why vgg16 --memory
    vggcalc why resnet50 --between fvcore thop
    """
    from vggcalc.conventions import MEMORY, OPERATIONS, comparable, count_memory, count_operations

    report = analysed(model, question)
    if names is not None:
        between = comparable(report, *names, of_memory)
    else:
        ask, known = (count_memory, MEMORY) if of_memory else (count_operations, OPERATIONS)
        counts = [ask(report, name) for name in known]

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render import why

        if names is None:
            return [why.ladder_sheet(report, counts, of_memory)]
        return why.between_sheets(report, between)

    def table() -> Sheet:
        from vggcalc.render import why

        return why.ladder_sheet(report, counts, of_memory) if names is None else why.layers_sheet(report, between)

    def document() -> dict[str, Any]:
        from vggcalc.render import why

        if names is None:
            return why.why_document(report, counts, of_memory)
        return why.between_document(report, between)

    return Result(sheets, document, table)
