"""vggcalc show: one network, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from vggcalc.cli.options import (
    analysed,
    complete_model,
    counted,
    counting_options,
    depth_on,
    depth_option,
    layout_option,
    network_options,
)
from vggcalc.cli.output_options import output_options
from vggcalc.question import Question
from vggcalc.render.result import Result
from vggcalc.render.view import View

if TYPE_CHECKING:
    from vggcalc.figures import Depth
    from vggcalc.render.sheet import Sheet


@click.command("show")
@click.argument("model", shell_complete=complete_model)
@network_options
@counting_options
@click.option("--all-layers", is_flag=True, help="Also the element-wise layers, which run in place.")
@depth_option
@layout_option
@output_options(chooses=True)
def command(
    model: str,
    convention: str | None,
    memory: str | None,
    all_layers: bool,
    depth: Depth | Literal["usual"],
    layout: str,
    question: Question,
    view: View,
) -> Result:
    """Show a network: shapes, weights with their arithmetic, memory, MACs and receptive field of every layer.

    \b
    vggcalc show vgg16
    vggcalc show vgg16 --input 384x384 --dense
    vggcalc show resnet152 --depth 2
    vggcalc show vgg16 --convention torchinfo --memory torchsummary
    vggcalc show net.yaml --set width=32 --format json
    """
    report = analysed(model, question)
    counts = counted(report, convention, memory)
    shown_depth = depth_on(view, depth, all_layers)

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render.columns import NOTHING_ELSE
        from vggcalc.render.report import report_sheets

        return report_sheets(report, view, layout, all_layers, counts or NOTHING_ELSE, shown_depth)

    def table() -> Sheet:
        from vggcalc.render.columns import NOTHING_ELSE
        from vggcalc.render.layers import layers_sheet

        return layers_sheet(report, view, layout, all_layers, counts or NOTHING_ELSE, False, shown_depth)

    def document() -> dict[str, Any]:
        from vggcalc.render.machine import report_document

        document = report_document(report, counts, view.columns)
        if shown_depth is None:
            return document
        from vggcalc.render.layers import blocks_document

        return document | {"blocks": blocks_document(report, shown_depth)}

    return Result(sheets, document, table)
