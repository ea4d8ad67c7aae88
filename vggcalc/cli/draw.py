"""vggcalc draw: a network as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from vggcalc.cli.options import analysed, complete_model, depth_option, network_options
from vggcalc.cli.output_options import deliver, target_of
from vggcalc.drawing import FORMATS, KINDS, of_file
from vggcalc.errors import Problem, UsageError
from vggcalc.question import Question

if TYPE_CHECKING:
    from vggcalc.figures import Depth


@click.command("draw")
@click.argument("model", shell_complete=complete_model)
@click.option("--as", "kind", type=click.Choice([*KINDS]), default="graph", show_default=True, help="What to draw.")
@network_options
@depth_option
@click.option("--format", "form", type=click.Choice([*FORMATS]), help="By the end of FILE's name, or svg.")
@click.option("--output", "-o", "path", metavar="FILE", help="Into a file; its name's end says the format.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(
    model: str,
    kind: str,
    question: Question,
    depth: Depth | Literal["usual"],
    form: str | None,
    path: str | None,
    force: bool,
) -> None:
    """Draw a network: its graph, its maps as volumes, its memory over time, or where its cost lies.

    \b
    vggcalc draw googlenet -o googlenet.svg
    vggcalc draw resnet152 --depth 2 -o resnet152.svg
    vggcalc draw alexnet --as volumes -o alexnet.svg
    vggcalc draw vgg16 --as memory --training -o memory.svg
    vggcalc draw resnet18 --format mermaid
    """
    target = target_of(path, force)
    name = form or of_file(target, FORMATS)
    picture = KINDS[kind]
    if name not in picture.formats:
        known = " or ".join(picture.formats)
        raise UsageError(Problem(f"{kind} is not drawn as {name}", f"take {known}", code="together"))
    if depth != "usual" and not picture.folds:
        raise UsageError(Problem(f"--depth does not go with {kind}", "leave it out", code="together"))
    text = picture.text(analysed(model, question), "auto" if depth == "usual" else depth, name)
    data = FORMATS[name].encode(text)
    deliver(data, target)
