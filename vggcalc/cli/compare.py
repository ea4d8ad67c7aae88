"""vggcalc compare: networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from vggcalc.cli.options import (
    complete_model,
    counted,
    counting_options,
    depth_option,
    judged,
    network_options,
    protocol_option,
)
from vggcalc.cli.output_options import output_options
from vggcalc.model import load, load_all
from vggcalc.question import Question
from vggcalc.render.result import Result
from vggcalc.render.view import View

if TYPE_CHECKING:
    from vggcalc.figures import Depth
    from vggcalc.render.sheet import Sheet


@click.command("compare")
@click.argument("models", nargs=-1, required=True, shell_complete=complete_model)
@network_options
@counting_options
@depth_option
@protocol_option
@click.option("--transfer", is_flag=True, help="Which weights of the first network fit the others, by name and shape.")
@output_options(chooses=True)
def command(
    models: tuple[str, ...],
    convention: str | None,
    memory: str | None,
    depth: Depth | Literal["usual"],
    protocol: str | None,
    transfer: bool,
    question: Question,
    view: View,
) -> Result:
    """Compare networks: their layers side by side, their totals, and each against the first.

    Of a FILE.yaml with several variants, all. What is asked of one network alone stands behind its name.

    \b
    vggcalc compare A E
    vggcalc compare A A-LRN B C D E
    vggcalc compare mobilenet_v2,width=100 mobilenet_v2,width=35
    vggcalc compare resnet50 resnet152 --depth 2
    vggcalc compare resnet18 resnet50 --convention thop --memory torchinfo
    vggcalc compare A E --transfer
    vggcalc compare resnet50 --transfer --classes 10
    vggcalc compare alexnet vgg16 --columns params_bytes,neurons,depth
    vggcalc compare A A-LRN B C D E --columns +top1,+top5
    """
    if transfer:
        return _of_transfer(models, question)
    reports = [judged(each.analyse()) for model in models for each in load_all(model, question)]
    counts = [counted(report, convention, memory) for report in reports]

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render.compared import compare_sheets

        return compare_sheets(reports, counts, view, None if depth == "usual" else depth, protocol)

    def table() -> Sheet:
        from vggcalc.render.compared import totals_sheet

        return totals_sheet(reports, counts, view, protocol)

    def document() -> dict[str, Any]:
        from vggcalc.render.compared import compare_document

        return compare_document(reports, counts, view.columns, protocol)

    return Result(sheets, document, table)


def _of_transfer(models: Sequence[str], question: Question) -> Result:
    """From the first network as it is to each other one as it is asked for, or to itself so."""
    from vggcalc.analysis.transfer import transfer
    from vggcalc.render import transferred

    first = judged(load(models[0]).analyse())
    others = [judged(load(model, question).analyse()) for model in models[1:] or models]
    found = [transfer(first, other) for other in others]
    return Result(lambda: transferred.transfer_sheets(found), lambda: transferred.transfer_document(found))
