"""vggcalc compare: networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from vggcalc.cli.options import (
    analysed,
    complete_model,
    counted,
    counting_options,
    format_option,
    network_options,
)
from vggcalc.question import Question
from vggcalc.render import show

if TYPE_CHECKING:
    from vggcalc.render.sheet import Sheet


@click.command("compare")
@click.argument("models", nargs=-1, required=True, shell_complete=complete_model)
@network_options
@counting_options
@format_option
def command(
    models: tuple[str, ...], convention: str | None, memory: str | None, style: str | None, question: Question
) -> None:
    """Compare networks: their layers side by side, their totals, and each against the first.

    \b
    vggcalc compare A E
    vggcalc compare A A-LRN B C D E
    vggcalc compare resnet18 resnet50 --convention thop --memory torchinfo
    """
    reports = [analysed(model, question) for model in models]
    counts = [counted(report, convention, memory) for report in reports]

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render.compared import compare_sheets, totals_sheet

        return [totals_sheet(reports, counts)] if style == "csv" else compare_sheets(reports, counts)

    def document() -> dict[str, Any]:
        from vggcalc.render.machine import report_document

        return {"models": list(map(report_document, reports, counts))}

    show(sheets, document, style)
