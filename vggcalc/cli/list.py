"""vggcalc list: what is there."""

from __future__ import annotations

import click

from vggcalc.cli.output_options import output_options
from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.render.result import Result


@click.command("list")
@click.argument("what", default="models", metavar="[layers|published|measured|figures|WORD]")
@click.option("--family", metavar="NAME", help="The models of one family.")
@output_options()
def command(what: str, family: str | None) -> Result:
    """List the bundled models, those with a WORD in their name, kinds of layer, tables, figures, or what was measured.

    \b
    vggcalc list
    vggcalc list resnet
    vggcalc list --family vgg --sort params
    vggcalc list layers
    vggcalc list published
    vggcalc list measured
    vggcalc list figures
    """
    from vggcalc.render import listed

    if family is not None and what in ("layers", "published", "measured", "figures"):
        raise UsageError(Problem(f"{what} have no family", "leave --family out", code="together"))
    if what == "layers":
        return Result(listed.kinds_sheets, listed.kinds_document)
    if what == "published":
        from vggcalc.checking import check_file, find
        from vggcalc.cli.check import output_of
        from vggcalc.render import verdicts

        tables = [check_file(target, output_of) for target in find(())]
        return Result(lambda: [verdicts.tables_sheet(tables)], lambda: verdicts.tables_data(tables))
    if what == "measured":
        from vggcalc.render import measured

        return Result(measured.list_sheets, measured.list_document, measured.list_table)
    if what == "figures":
        from vggcalc.render import verdicts

        return Result(lambda: [verdicts.figures_sheet()], verdicts.figures_data)
    from vggcalc.language.index import entries

    word = "" if what == "models" else what.lower()
    known = list(entries())
    if family is not None:
        families = {each.family: each.family_title for each in known}
        if family.lower() not in {name.lower() for pair in families.items() for name in pair}:
            raise UsageError(
                Problem(f"there is no family '{family}'", did_you_mean(family, families), code="unknown-name")
            )
        known = [each for each in known if family.lower() in (each.family.lower(), each.family_title.lower())]
    found = [each for each in known if any(word in name.lower() for name in (each.family_title, *each.names))]
    if not found:
        raise UsageError(Problem(f"no model has '{what}' in its name", "'vggcalc list' shows all", code="unknown-name"))
    return Result(lambda: listed.models_sheets(found), lambda: listed.models_document(found))
