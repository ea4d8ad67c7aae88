"""vggcalc list: what is there."""

from __future__ import annotations

import click

from vggcalc.cli.options import format_option
from vggcalc.render import show


@click.command("list")
@click.argument("what", type=click.Choice(["models", "layers"]), default="models")
@format_option
def command(what: str, style: str | None) -> None:
    """List the bundled models with their totals, or the kinds of layer with their fields.

    \b
    vggcalc list
    vggcalc list layers
    """
    from vggcalc.render import listed

    if what == "layers":
        show(listed.kinds_sheets, listed.kinds_document, style)
        return
    from vggcalc.model import Model
    from vggcalc.spec.catalogue import families

    entries = [
        (family, variant, Model(family.build(variant, variant.name)).analyse())
        for family in families()
        for variant in family.variants.values()
    ]
    show(lambda: listed.models_sheets(entries, style == "csv"), lambda: listed.models_document(entries), style)
