"""How a recomputed figure comes about, in one line: (3*3*64)*128 = 73,728."""

from __future__ import annotations

from collections.abc import Sequence

from vggcalc.claims.printed import Actual, Printed, text_of
from vggcalc.claims.quantity import Quantity
from vggcalc.figures import FIGURES, Figure, Selection, count_of, value_of
from vggcalc.units import count, decimal

MOST_TERMS = 8
"""A longer sum is told by its number of terms."""


def arithmetic(asked: Quantity, selection: Selection, actual: Actual, printed: Printed) -> str:
    """The figure and how it comes about: by the layers' own formulas, as the sum of their figures, or by a rule's name.

    A figure that no formula gives is told as it is; one that is printed in a unit of the table in that unit, too.
    """
    if asked.arithmetic:
        size = " bytes" if printed.noun == "bytes" else ""
        said = f"{asked.arithmetic} = {text_of(actual, printed)}{size}"
    else:
        said = _derived(asked, selection, actual, printed)
    return said + _in_own_unit(asked, actual, printed)


def _derived(asked: Quantity, selection: Selection, actual: Actual, printed: Printed) -> str:
    figure = FIGURES[asked.figure]
    base = FIGURES[figure.of or figure.key]
    layers = _terms(base, selection)
    terms = [term for own in layers for term in own]
    if not isinstance(actual, int) or not terms:
        size = " bytes" if figure.unit == "bytes" else ""
        name = f"{base.key.removesuffix('_bytes')}{_by_rule(asked, selection)}"
        return f"{name} {text_of(actual, printed)}{size}{_of_layer(figure.key, selection)}"
    said = " + ".join(terms) if len(terms) <= MOST_TERMS else f"{len(layers)} layers' {base.key} added up"
    plain = value_of(base, selection)
    values = text_of(plain)
    whole = f"{said} = {values}" if said != values else said
    if figure.unit in ("bytes", "values") and actual != plain:
        return f"{whole} values, {count(actual)} bytes as {selection.report.dtype}"
    return whole


def _of_layer(figure: str, selection: Selection) -> str:
    """How a map's size or a receptive field comes about at the layer asked about: , (14 - 3 + 2*1)/1 + 1 = 14."""
    line = "size" if figure == "output" else figure
    row = selection.last
    if selection.is_whole or row is None or row.role not in ("conv", "pool"):
        return ""
    from vggcalc.analysis.derive import derive

    found = [one.formula for one in derive(selection.report, row).lines if one.figure == line]
    reckoned = (one for one in found if not one.numbers.isdigit())
    return "".join(f", {one.numbers} = {one.value}" for one in reckoned)


def _by_rule(asked: Quantity, selection: Selection) -> str:
    """Who counts, where a figure has many definitions; and of a peak, where it stands."""
    figure = FIGURES[asked.figure]
    name = asked.convention or figure.convention
    if not name:
        return ""
    if figure.measured:
        return f" as measured under {name}"
    found = count_of(selection, figure.counted or "memory", name)
    said = f" as {asked.convention} counts" if asked.convention else ""
    return said + (f", its peak at {found.at}," if found.at and selection.is_whole else "")


def _in_own_unit(asked: Quantity, actual: Actual, printed: Printed) -> str:
    """A figure in the unit that the table prints it in, with one more digit, where it is not plain to see."""
    is_plain = printed.scale == 1 or not (asked.unit or printed.scale % 10)
    if is_plain or printed.noun == "%" or not printed.unit or isinstance(actual, tuple):
        return ""
    space = " " if len(printed.unit) > 1 else ""
    return f" = {decimal(actual / printed.scale, printed.places + 1)}{space}{printed.unit}"


def _terms(figure: Figure, selection: Selection) -> list[Sequence[str]]:
    """What each layer adds to a figure, in one term or several; empty for a figure that is no sum over layers."""
    if figure.terms is None:
        return []
    own = (figure.terms(row, selection.report) for row in selection.rows)
    return [terms for terms in own if terms]
