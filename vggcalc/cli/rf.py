"""vggcalc rf: receptive fields."""

from __future__ import annotations

import click

from vggcalc.cli.options import format_option
from vggcalc.render import show


@click.command("rf")
@click.option("--stack", required=True, metavar="KxKxK", help="Kernels separated by x; 7s2 strides, 3d2 dilates.")
@click.option("--channels", type=click.IntRange(1), metavar="C", help="Also in numbers, for C channels in and out.")
@format_option
def command(stack: str, channels: int | None, style: str | None) -> None:
    r"""Show what a stack of convolutions sees, against the single one that sees as much.

    \b
    vggcalc rf --stack 3x3x3
    vggcalc rf --stack 3x3x3 --channels 512
    vggcalc rf --stack 7s2x3x3d2
    """
    from vggcalc.analysis.stack import read_stack
    from vggcalc.render import stacked

    asked = read_stack(stack)
    show(lambda: stacked.stack_sheets(asked, channels), lambda: stacked.stack_document(asked, channels), style)
