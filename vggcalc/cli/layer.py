"""vggcalc layer: one layer without a file."""

from __future__ import annotations

import click

from vggcalc.cli.options import judged, question_options
from vggcalc.cli.output_options import output_options
from vggcalc.model import ask
from vggcalc.question import Question
from vggcalc.render.result import Result


@click.command("layer")
@click.argument("text", metavar="LAYER")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--input", "inputs", required=True, multiple=True, metavar="HxWxC", help="Once for each input.")
@click.option("--axes", type=click.IntRange(1, 3), metavar="N", help="1 for sequences, 3 for volumes; default 2.")
@question_options("batch", "dtype")
@output_options()
def command(
    text: str, fields: tuple[str, ...], inputs: tuple[str, ...], axes: int | None, question: Question
) -> Result:
    """Derive one layer: LAYER as papers write it, with more fields behind it as FIELD=VALUE.

    \b
    vggcalc layer conv11-96/4 --input 227x227x3 --batch 256
    vggcalc layer conv3-64 padding=half groups=2 --input 56x56x64
    vggcalc layer conv9-64 --input 16000x1 --axes 1
    """
    from vggcalc.analysis.derive import derive
    from vggcalc.language.single import single_layer

    report = judged(ask(single_layer(text, fields, inputs, axes), question))
    derivations = [derive(report, row) for row in report.rows[len(inputs) :]]
    from vggcalc.render.derived import explained

    return explained(report, derivations)
