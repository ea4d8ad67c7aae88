"""vggcalc explain: the arithmetic behind each figure."""

from __future__ import annotations

import click

from vggcalc.cli.options import (
    analysed,
    complete_model,
    counted,
    counting_options,
    network_options,
)
from vggcalc.cli.output import output_options
from vggcalc.question import Question
from vggcalc.render.result import Result


@click.command("explain")
@click.argument("model", shell_complete=complete_model)
@click.argument("layer", required=False)
@network_options
@counting_options
@output_options()
def command(model: str, layer: str | None, convention: str | None, memory: str | None, question: Question) -> Result:
    """Explain a layer, or every layer: formula, numbers put in, result.

    \b
    vggcalc explain vgg16 conv1_2
    vggcalc explain alexnet-caffe conv2
    vggcalc explain resnet50 bn1 --convention thop
    """
    from vggcalc.analysis.derive import derive

    report = analysed(model, question)
    rows = report.rows if layer is None else [report.row(layer)]
    derivations = [derive(report, row) for row in rows]
    if (counts := counted(report, convention, memory)) is not None:
        from vggcalc.conventions.arithmetic import with_counts

        derivations = [with_counts(report, derivation, counts) for derivation in derivations]

    from vggcalc.render.derived import explained

    return explained(report, derivations, counts)
