"""vggcalc explain: the arithmetic behind each figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from vggcalc.cli.options import (
    analysed,
    complete_model,
    counted,
    counting_options,
    depth_on,
    depth_option,
    network_options,
)
from vggcalc.cli.output_options import output_options
from vggcalc.question import Question
from vggcalc.render.each import each
from vggcalc.render.result import Result
from vggcalc.render.view import View

if TYPE_CHECKING:
    from vggcalc.analysis.derive import Derivation
    from vggcalc.analysis.report import Row
    from vggcalc.figures import Depth


@click.command("explain")
@click.argument("model", shell_complete=complete_model)
@click.argument("layer", required=False)
@network_options
@counting_options
@depth_option
@output_options(looks=True)
def command(
    model: str,
    layer: str | None,
    convention: str | None,
    memory: str | None,
    depth: Depth | Literal["usual"],
    question: Question,
    view: View,
) -> Result:
    """Explain a layer, a block with its sums, or every layer: formula, numbers put in, result.

    \b
    vggcalc explain vgg16 conv1_2
    vggcalc explain alexnet-caffe conv2
    vggcalc explain resnet50 layer1
    vggcalc explain resnet152 layer3 --depth 2
    vggcalc explain resnet50 bn1 --convention thop
    """
    from vggcalc.analysis.derive import derive
    from vggcalc.figures import as_counted, select
    from vggcalc.figures.block import derive_block, is_block

    report = analysed(model, question)
    counts = counted(report, convention, memory)
    asked = as_counted(report, *(counts or ()))
    if layer is not None:
        asked = select(asked, [layer])

    def explain(row: Row) -> Derivation:
        derivation = derive(report, row)
        if counts is None:
            return derivation
        from vggcalc.conventions.arithmetic import with_counts

        return with_counts(derivation, counts)

    derivations = each(explain, asked.rows)
    if is_block(asked):
        from vggcalc.render.block import block_explained

        return block_explained(derive_block(asked), derivations, counts, depth_on(view, depth))
    from vggcalc.render.derived import explained

    return explained(report, derivations, counts)
