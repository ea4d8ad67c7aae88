"""vggcalc layer: one layer without a file."""

from __future__ import annotations

import click

from vggcalc.cli.options import format_option, show_derivations
from vggcalc.layers.base import MAX_NUMBER
from vggcalc.units import DTYPE_BITS


@click.command("layer")
@click.argument("text", metavar="LAYER")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--input", "inputs", required=True, multiple=True, metavar="HxWxC", help="Once for each input.")
@click.option("--batch", type=click.IntRange(1, MAX_NUMBER), default=1, metavar="N", help="Images at once; default 1.")
@click.option("--dtype", type=click.Choice(list(DTYPE_BITS)), default="float32", show_default=True)
@format_option
def command(
    text: str, fields: tuple[str, ...], inputs: tuple[str, ...], batch: int, dtype: str, style: str | None
) -> None:
    """Derive one layer: LAYER as papers write it, with more fields behind it as FIELD=VALUE.

    \b
    vggcalc layer conv11-96/4 --input 227x227x3 --batch 256
    vggcalc layer conv3-64 padding=half groups=2 --input 56x56x64
    """
    from vggcalc.analysis import analyse
    from vggcalc.analysis.derive import derive
    from vggcalc.language.single import single_layer

    report = analyse(single_layer(text, fields, inputs), batch=batch, dtype=dtype)
    derivations = [derive(report, row) for row in report.rows[len(inputs) :]]
    show_derivations(report, derivations, style)
