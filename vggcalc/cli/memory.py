"""vggcalc memory: what a network takes to train and to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from vggcalc.cli.options import complete_model, judged, network_options
from vggcalc.cli.output_options import output_options
from vggcalc.model import load
from vggcalc.question import Question
from vggcalc.render.result import Result

if TYPE_CHECKING:
    from vggcalc.render.sheet import Sheet


@click.command("memory")
@click.argument("model", shell_complete=complete_model)
@click.option("--optimizer", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--fits", "limit", metavar="24GiB", help="The largest batch that fits into so much memory.")
@network_options
@output_options()
def command(model: str, optimizer: tuple[str, ...], limit: str | None, question: Question) -> Result:
    """Say what training and inference take: weights, gradients, optimizer state, activations, and their peak.

    \b
    vggcalc memory vgg16 --batch 32
    vggcalc memory resnet50 --fits 24GiB --optimizer adam
    vggcalc memory vgg16 --dtype bfloat16 --fits 16GB
    """
    from vggcalc.memory.footprint import Training, inference, largest_inference, unknown_work
    from vggcalc.memory.optimizers import find_optimizers, is_trainable
    from vggcalc.units import parse_bytes

    optimizers = find_optimizers(optimizer)
    room = None if limit is None else parse_bytes(limit)
    network = load(model, question)
    running, report = network.analyse(), judged(network.analyse(training=True))
    training = Training(report)
    trained = optimizers if is_trainable(report.dtype) else []
    trainings = [training.footprint(each) for each in trained]
    inferences = [inference(running), inference(running, best=True)]
    fits = []
    if room is not None:
        fits = [] if training.unknown else [training.largest(each, room.bytes) for each in trained]
        if not unknown_work(running):
            fits += [largest_inference(running, room.bytes, stored=stored) for stored in (True, False)]

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render.footprint import fits_sheet, footprint_sheets

        drawn = footprint_sheets(report, trainings, inferences)
        if room is None:
            return drawn
        unknown = [name for name, of in (("training", trainings and training.unknown), ("inference", not fits)) if of]
        return [*drawn, fits_sheet(fits, room, unknown)]

    def table() -> Sheet:
        from vggcalc.render.footprint import parts_sheet

        return parts_sheet([*trainings, *inferences], fits)

    def document() -> dict[str, Any]:
        from vggcalc.render.footprint import footprint_document

        return footprint_document(report, trainings, inferences, fits, room)

    return Result(sheets, document, table)
