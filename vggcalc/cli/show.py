"""vggcalc show: one network, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from vggcalc.cli.options import (
    analysed,
    complete_model,
    counted,
    counting_options,
    layout_option,
    network_options,
)
from vggcalc.cli.output_options import output_options
from vggcalc.question import Question
from vggcalc.render.result import Result
from vggcalc.render.view import View

if TYPE_CHECKING:
    from vggcalc.render.sheet import Sheet


@click.command("show")
@click.argument("model", shell_complete=complete_model)
@network_options
@counting_options
@click.option("--all-layers", is_flag=True, help="Also the element-wise layers, which run in place.")
@layout_option
@output_options(chooses=True)
def command(
    model: str,
    convention: str | None,
    memory: str | None,
    all_layers: bool,
    layout: str,
    question: Question,
    view: View,
) -> Result:
    """Show a network: shapes, weights with their arithmetic, memory, MACs and receptive field of every layer.

    \b
    vggcalc show vgg16
    vggcalc show vgg16 --input 384x384 --dense
    vggcalc show vgg16 --convention torchinfo --memory torchsummary
    vggcalc show net.yaml --set width=32 --format json
    """
    report = analysed(model, question)
    counts = counted(report, convention, memory)

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render.report import report_sheets

        return report_sheets(report, view, layout, all_layers, *filter(None, [counts]))

    def table() -> Sheet:
        from vggcalc.render.columns import NOTHING_ELSE, layers_sheet

        return layers_sheet(report, view, layout, all_layers, counts or NOTHING_ELSE, bars=False)

    def document() -> dict[str, Any]:
        from vggcalc.render.machine import report_document

        return report_document(report, counts, view.columns)

    return Result(sheets, document, table)
