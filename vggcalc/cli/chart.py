"""vggcalc chart: networks as bubbles."""

from __future__ import annotations

import click

from vggcalc.cli.options import complete_model, counted, counting_options, judged, network_options, protocol_option
from vggcalc.cli.output_options import deliver, target_of
from vggcalc.drawing import of_file
from vggcalc.drawing.chart import WRITTEN
from vggcalc.errors import printable
from vggcalc.model import load_all
from vggcalc.question import Question


@click.command("chart")
@click.argument("models", nargs=-1, required=True, shell_complete=complete_model)
@click.option("--x", "across", metavar="FIGURE", default="macs", show_default=True, help="Across.")
@click.option("--y", "up", metavar="FIGURE", default="top1", show_default=True, help="Up.")
@click.option("--area", metavar="FIGURE", default="params", show_default=True, help="The area of a bubble.")
@protocol_option
@network_options
@counting_options
@click.option("--format", "form", type=click.Choice([*WRITTEN]), help="By the end of FILE's name, or svg.")
@click.option("--output", "-o", "path", metavar="FILE", help="Into a file; its name's end says the format.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(
    models: tuple[str, ...],
    across: str,
    up: str,
    area: str,
    protocol: str | None,
    question: Question,
    convention: str | None,
    memory: str | None,
    form: str | None,
    path: str | None,
    force: bool,
) -> None:
    """Draw networks as bubbles: what they cost across, how accurate they are up, their parameters as area.

    Any figure of 'vggcalc list figures' may stand on an axis, on a log scale where it spreads far.

    \b
    vggcalc chart alexnet vgg16 resnet18 resnet50 mobilenet_v2 -o chart.svg
    vggcalc chart A B C D E --y top5_error --protocol vgg-256 -o vgg.svg
    vggcalc chart vgg16 resnet50 --x params_bytes --y live --area macs
    vggcalc chart vgg16 resnet50 mobilenet_v2 --format vega-lite
    """
    target = target_of(path, force)
    from vggcalc.drawing.chart.points import chart, on_axis
    from vggcalc.figures import as_counted
    from vggcalc.render.measured import chosen_protocols, protocol_notes, under

    axes = [on_axis(key) for key in (across, up, area)]
    reports = [judged(each.analyse()) for model in models for each in load_all(model, question)]
    networks = [as_counted(report, *(counted(report, convention, memory) or ())) for report in reports]
    notes: list[str] = []
    if keys := list(dict.fromkeys(axis.key for axis in axes if axis.measured)):
        names = chosen_protocols(reports, keys, protocol)
        said = {"accuracy": ",".join(names)}
        networks = [of._replace(conventions={**of.conventions, **said}) for of in networks]
        notes = protocol_notes([report for report in reports if under(report, keys, names)], keys, names)
    found, left_out = chart(networks, axes, notes)
    for line in left_out:
        click.echo(printable(f"vggcalc: {line}"), err=True)
    name = form or of_file(target, {name: each.form for name, each in WRITTEN.items()})
    data = WRITTEN[name].form.encode(WRITTEN[name].text(found))
    deliver(data, target)
