"""vggcalc rf: receptive fields of a network, of one unit, of a stack."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from vggcalc.analysis.report import Report, Row
from vggcalc.cli.options import analysed, complete_model, network_options
from vggcalc.cli.output_options import OPTIONS, output_options
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.question import SETTINGS, Question
from vggcalc.reading.saving import write
from vggcalc.render.result import Result

_NUMBER = re.compile("[0-9]{1,9}")


def _place(text: str) -> tuple[int, ...]:
    """A position, height first: 7,7."""
    parts = text.split(",")
    if not all(_NUMBER.fullmatch(part) for part in parts):
        raise click.BadParameter(f"'{text}' is no position; write it height first, as in 7,7")
    return tuple(map(int, parts))


_USED = {
    "fields": {"model", "strict", *SETTINGS, "layers", "origin", "picture"},
    "unit": {"model", "strict", *SETTINGS, "layers", "at", "picture"},
    "pixel": {"model", "strict", *SETTINGS, "layers", "pixel", "of"},
    "stack": {"stack", "versus", "channels", "picture"},
    "reach": {"reach", "channels"},
}
"""Which options each question uses; those of the output go with all."""


@click.command("rf")
@click.argument("model", required=False, shell_complete=complete_model)
@network_options
@click.option("--layer", "layers", multiple=True, metavar="LAYER", help="Only this layer; may be given several times.")
@click.option("--origin", type=click.Choice(["pixel", "edge"]), default="pixel", show_default=True,
              help="Count centres from the middle of pixel 0, or from its edge.")  # fmt: skip
@click.option("--at", type=_place, metavar="Y,X", help="The pixels that this unit of the layer sees.")
@click.option("--pixel", type=_place, metavar="Y,X", help="The units of each layer that see this pixel.")
@click.option("--of", metavar="INPUT", help="The input that --pixel lies in, where there are several.")
@click.option(
    "--stack", metavar="KxKxK", help="A stack instead: kernels separated by x; 7s2 strides, 3d2 dilates, 1:7."
)
@click.option("--versus", metavar="KxKxK", help="Another stack to hold it against.")
@click.option("--reach", type=click.IntRange(1, 100_000), metavar="N", help="Stacks of 3x3 that see N pixels.")
@click.option(
    "--channels", metavar="C[,C]...", help="Stacks in numbers: C channels in and out, IN,OUT, or a number for each."
)
@click.option("--picture", type=click.Path(dir_okay=False, writable=True), metavar="FILE.svg", help="Also draw it.")
@output_options(writes=["picture"])
def command(
    model: str | None,
    layers: tuple[str, ...],
    origin: str,
    at: tuple[int, ...] | None,
    pixel: tuple[int, ...] | None,
    of: str | None,
    stack: str | None,
    versus: str | None,
    reach: int | None,
    channels: str | None,
    picture: str | None,
    question: Question,
) -> Result:
    """Show receptive fields: of a network's layers, of one unit, or of a stack of convolutions.

    \b
    vggcalc rf vgg16 --layer conv5_3 --layer pool5
    vggcalc rf vgg16 --layer conv5_3 --at 7,7
    vggcalc rf vgg16 --pixel 112,112
    vggcalc rf --stack 3x3x3 --versus 7 --channels 64,128
    vggcalc rf --reach 101
    """
    asked = [name for name, value in (("MODEL", model), ("--stack", stack), ("--reach", reach)) if value is not None]
    if len(asked) != 1:
        said = f"{' and '.join(asked)} together" if asked else "rf needs something to look at"
        raise UsageError(Problem(said, "give one of MODEL, --stack and --reach", code="together"))
    if picture is not None and not picture.lower().endswith(".svg") and not picture.startswith("/dev/"):
        raise UsageError(Problem(f"--picture {picture} is no SVG file", "name it FILE.svg", code="bad-output"))
    if picture is not None and versus is not None:
        raise UsageError(Problem("--picture and --versus together", "draw one stack at a time", code="together"))
    look = "pixel" if pixel is not None else "unit" if at is not None else "fields"
    _refuse_unused(look if model is not None else "stack" if stack is not None else "reach")
    if stack is not None:
        return _of_stack(stack, versus, _channels(channels), picture)
    if reach is not None:
        return _of_reach(reach, _channels(channels))
    report = analysed(model or "", question)
    rows = [report.row(name) for name in layers]
    if at is not None:
        return _of_unit(report, rows, at, picture)
    if pixel is not None:
        return _of_pixel(report, rows, of, pixel)
    return _of_fields(report, rows, origin, picture)


def _refuse_unused(look: str) -> None:
    """An option that would be silently ignored is a mistake of the one who wrote it."""
    ctx = click.get_current_context()
    for param in ctx.command.params:
        name = param.name or ""
        given = ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if given and name not in (*_USED[look], *OPTIONS):
            option = param.opts[0] if param.param_type_name == "option" else name.upper()
            usual = {"fields": "a network's layers", "unit": "--at", "pixel": "--pixel"}.get(look, f"--{look}")
            raise UsageError(Problem(f"{option} does not go with {usual}", "leave it out", code="together"))


def _channels(text: str | None) -> tuple[int, ...] | None:
    from vggcalc.language.stacks import read_channels

    return None if text is None else read_channels(text)


def _of_stack(text: str, versus: str | None, channels: tuple[int, ...] | None, picture: str | None) -> Result:
    from vggcalc.language.stacks import read_stack
    from vggcalc.render import stacked

    stack = read_stack(text)
    other = read_stack(versus) if versus is not None else None
    if picture is not None:
        from vggcalc.drawing.stacks import stack_picture

        write(picture, stack_picture(stack).encode())
    return Result(
        lambda: stacked.stack_sheets(stack, other, channels),
        lambda: stacked.stack_document(stack, other, channels),
    )


def _of_reach(size: int, channels: tuple[int, ...] | None) -> Result:
    from vggcalc.analysis.stack_design import stack_designs
    from vggcalc.render import stacked

    designs = stack_designs(size)
    return Result(
        lambda: stacked.reach_sheets(size, designs, channels),
        lambda: stacked.reach_document(size, designs, channels),
    )


def _of_unit(report: Report, rows: Sequence[Row], unit: tuple[int, ...], picture: str | None) -> Result:
    from vggcalc.analysis.pixels import seen_by
    from vggcalc.render import fields

    if len(rows) != 1:
        raise UsageError(Problem("--at asks about a unit of one layer", "name it with --layer", code="ambiguous"))
    (row,) = rows
    boxes = seen_by(report, row, unit)
    if picture is not None:
        from vggcalc.drawing.fields import network_picture

        write(picture, network_picture(report, [row], unit).encode())
    return Result(
        lambda: fields.box_sheets(report, row, unit, boxes),
        lambda: fields.box_document(report, row, unit, boxes),
    )


def _of_pixel(report: Report, rows: Sequence[Row], of: str | None, pixel: tuple[int, ...]) -> Result:
    from vggcalc.analysis.pixels import seeing
    from vggcalc.render import fields

    names = report.network.input_names
    if of is None and len(names) > 1:
        raise UsageError(
            Problem(f"{report.model} has the inputs {', '.join(names)}", "say which with --of INPUT", code="ambiguous")
        )
    name = of or names[0]
    if name not in names:
        raise UsageError(
            Problem(f"{report.model} has no input '{name}'", did_you_mean(name, names), code="unknown-name")
        )
    shown = rows or [row for row in report.rows if not row.is_elementwise and name in row.fields and row.inputs]
    places = dict(zip((row.name for row in report.rows), seeing(report, name, pixel), strict=True))
    found = [(row, places[row.name]) for row in shown]
    return Result(
        lambda: fields.units_sheets(report, found, pixel), lambda: fields.units_document(report, found, pixel)
    )


def _of_fields(report: Report, rows: Sequence[Row], origin: str, picture: str | None) -> Result:
    from vggcalc.render import fields

    if picture is not None:
        from vggcalc.drawing.fields import network_picture

        write(picture, network_picture(report, rows, None).encode())
    visible = rows or [row for row in report.rows if not row.is_elementwise]
    return Result(
        lambda: fields.fields_sheets(report, visible, origin),
        lambda: fields.fields_report_document(report, rows or report.rows, origin),
    )
