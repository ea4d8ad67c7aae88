"""vggcalc conventions: who counts what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from vggcalc.cli.output_options import output_options
from vggcalc.render.result import Result

if TYPE_CHECKING:
    from vggcalc.render.sheet import Sheet


@click.command("conventions")
@click.argument("name", required=False)
@output_options()
def command(name: str | None) -> Result:
    """List the ways of counting, or the rules of one of them, kind of layer by kind of layer.

    \b
    vggcalc conventions
    vggcalc conventions thop
    """
    from vggcalc.conventions import MEMORY, OPERATIONS, find

    chosen = None if name is None else find(name)

    def sheets() -> Sequence[Sheet]:
        from vggcalc.render.why import conventions_sheets, rules_sheet

        return conventions_sheets(OPERATIONS, MEMORY) if chosen is None else list(map(rules_sheet, chosen))

    def document() -> dict[str, Any]:
        from vggcalc.render.why import conventions_document

        def named(known: dict[str, Any]) -> dict[str, Any]:
            return {key: c for key, c in known.items() if chosen is None or c in chosen}

        return conventions_document(named(OPERATIONS), named(MEMORY))

    return Result(sheets, document)
