"""vggcalc spec: the text of a bundled spec, to start from."""

from __future__ import annotations

import click

from vggcalc.cli.options import complete_model
from vggcalc.errors import Problem, UsageError
from vggcalc.question import split_model


@click.command("spec")
@click.argument("model", shell_complete=complete_model)
def command(model: str) -> None:
    """Print the spec that a bundled model is written in, to start from.

    \b
    vggcalc spec vgg16 > net.yaml
    """
    from vggcalc.catalogue import locate
    from vggcalc.language import bundled
    from vggcalc.language.family import Family

    name, words = split_model(model)
    if words:
        raise UsageError(
            Problem(f"the spec of {name} is printed as it stands", f"leave '{words}' out", code="together")
        )
    family, variant, _ = locate(model)
    if not isinstance(family, Family):
        hint = f"'vggcalc convert {model}' writes it as one"
        raise UsageError(Problem(f"{model} is no spec, but a file of another framework", hint, code="not-a-spec"))
    if bundled.find(model) is None:
        raise UsageError(Problem(f"{model} is no bundled model", "a file is there to be opened", code="unknown-name"))
    click.echo(family.source.text, nl=False)
    if len(family.variants) > 1:
        click.echo(f"{model} is the variant {variant.name} of this file: ask for FILE.yaml:{variant.name}", err=True)
