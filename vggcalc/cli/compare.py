"""vggcalc compare: networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from vggcalc.cli.options import Question, analysed, complete_model, format_option, network_options
from vggcalc.render import show
from vggcalc.render.sheet import Sheet


@click.command("compare")
@click.argument("models", nargs=-1, required=True, shell_complete=complete_model)
@network_options
@format_option
def command(models: tuple[str, ...], style: str | None, **question: Any) -> None:
    """Compare networks: their layers side by side, their totals, and each against the first.

    \b
    vggcalc compare A E
    vggcalc compare A A-LRN B C D E
    """
    reports = [analysed(model, Question(**question)) for model in models]

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render.compared import compare_sheets, totals_sheet

        return [totals_sheet(reports)] if style == "csv" else compare_sheets(reports)

    def document() -> dict[str, Any]:
        from vggcalc.render.machine import report_document

        return {"models": [report_document(report) for report in reports]}

    show(sheets, document, style)
