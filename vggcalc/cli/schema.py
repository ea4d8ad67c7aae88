"""vggcalc schema: the language for editors."""

from __future__ import annotations

import click


@click.command("schema")
def command() -> None:
    """Print the JSON Schema (draft-07) of a spec, by which editors complete, explain and check as one types.

    Put it into schema.json; a first line in a spec tells them: # yaml-language-server: $schema=schema.json

    \b
    vggcalc schema
    """
    from vggcalc.language.schema import text

    click.echo(text(), nl=False)
