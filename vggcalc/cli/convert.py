"""vggcalc convert: a network of any origin as a spec."""

from __future__ import annotations

import click

from vggcalc.cli.options import complete_model, judged, strict_option
from vggcalc.cli.output_options import deliver, target_of
from vggcalc.errors import Problem, UsageError
from vggcalc.model import load
from vggcalc.writing import FORMATS

_OF_FIGURES = ("batch", "dtype", "gradient", "training")
"""Settings of a question that are about its figures, and no part of a network."""


@click.command("convert")
@click.argument("model", shell_complete=complete_model)
@click.option("--to", "form", type=click.Choice([*FORMATS]), help="What to write; by the end of FILE's name, or yaml.")
@click.option("--flat", is_flag=True, help="Layer by layer, without blocks.")
@click.option("--output", "-o", "path", metavar="FILE", help="Into a file.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@strict_option
def command(model: str, form: str | None, flat: bool, path: str | None, force: bool) -> None:
    """Write a network as a spec, which reads back to an equal network: to look at, to change, to start from.

    \b
    vggcalc convert vgg16,classes=10 -o net.yaml
    vggcalc convert mobilenet_v2,width=35,no-top
    vggcalc convert resnet50 --flat
    """
    target = target_of(path, force)
    found = load(model)
    network, question = found
    judged(found.analyse())
    for key in _OF_FIGURES:
        if getattr(question, key) != question._field_defaults[key]:
            raise UsageError(Problem(f"'{key}' is no part of a network", "leave it out", code="together"))
    text = FORMATS[form or _form_of(target)].write(question.of(network), flat)
    deliver(text.encode(), target)


def _form_of(path: str | None) -> str:
    """What a file of this name holds."""
    return next((name for name, form in FORMATS.items() if path and path.lower().endswith(form.endings)), "yaml")
