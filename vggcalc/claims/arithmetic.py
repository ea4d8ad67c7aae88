"""How a recomputed figure comes about, in one line: (3*3*64)*128 = 73,728."""

from __future__ import annotations

from collections.abc import Callable

from vggcalc.analysis.derive import derive
from vggcalc.analysis.report import Row
from vggcalc.claims.figures import COUNTED, FIGURES, Selection, count_of
from vggcalc.claims.printed import Actual, Printed, text_of
from vggcalc.claims.question import Question
from vggcalc.conventions import MEMORY
from vggcalc.units import count, decimal

MOST_TERMS = 8
"""A longer sum is told by its number of terms."""

_LINES = {"macs": "MACs", "activations": "activations"}
"""The figures that are a line of a layer's derivation, and the line's name."""


def arithmetic(asked: Question, selection: Selection, actual: Actual, printed: Printed) -> str:
    """The figure and how it comes about: by the layers' own formulas, as the sum of their figures, or by a rule's name.

    A figure that no formula gives is told as it is; one that is printed in a unit of the table in that unit, too.
    """
    return _derived(asked, selection, actual, printed) + _in_own_unit(asked, actual, printed)


def _derived(asked: Question, selection: Selection, actual: Actual, printed: Printed) -> str:
    figure = asked.figure
    base = figure.removesuffix("_bytes")
    layers = _terms("macs" if figure == "flops" else base, selection)
    terms = [term for own in layers for term in own]
    if not isinstance(actual, int) or not terms:
        size = " bytes" if FIGURES[figure].kind == "bytes" else ""
        return f"{base}{_by_rule(asked, selection)} {text_of(actual, printed)}{size}"
    said = " + ".join(terms) if len(terms) <= MOST_TERMS else f"{len(layers)} layers' {base} added up"
    if figure == "flops":
        said = f"2*({said})" if len(terms) <= MOST_TERMS else said
    plain = FIGURES[base].value(selection)
    values = text_of(plain)
    whole = f"{said} = {values}" if said != values else said
    if FIGURES[figure].kind in ("bytes", "values") and actual != plain:
        return f"{whole} values, {count(actual)} bytes as {selection.report.dtype}"
    return whole


def _by_rule(asked: Question, selection: Selection) -> str:
    """Who counts, where a figure has many definitions; and of a peak, where it stands."""
    what = FIGURES[asked.figure].conventions or ("memory" if asked.figure in MEMORY else "")
    if not what:
        return ""
    found = count_of(selection, what, asked.convention or asked.figure)
    name = f" as {asked.convention} counts" if asked.convention else ""
    return name + (f", its peak at {found.at}," if found.at and selection.is_whole else "")


def _in_own_unit(asked: Question, actual: Actual, printed: Printed) -> str:
    """A figure in the unit that the table prints it in, with one more digit, where it is not plain to see."""
    is_plain = printed.scale == 1 or not (asked.unit or printed.scale % 10)
    if is_plain or printed.noun == "%" or not printed.unit or isinstance(actual, tuple):
        return ""
    space = " " if len(printed.unit) > 1 else ""
    return f" = {decimal(actual / printed.scale, printed.places + 1)}{space}{printed.unit}"


def _terms(figure: str, selection: Selection) -> list[list[str]]:
    """What each layer adds to a figure, in one term or several; empty for a figure that is no sum over layers."""
    if figure == "kernels":
        return [[row.tensors[0].arithmetic] for row in selection.rows if row.has_kernel and row.tensors]
    if figure in COUNTED:
        own = ([t.arithmetic for t in row.tensors if t.counts_as in COUNTED[figure]] for row in selection.rows)
        return [terms for terms in own if terms]
    if figure in _LINES:
        rows = [row for row in selection.rows if getattr(row, figure)]
        return (
            [[term] for term in map(_of_layer(figure, selection), rows)]
            if len(rows) <= MOST_TERMS
            else [[figure]] * len(rows)
        )
    return []


def _of_layer(figure: str, selection: Selection) -> Callable[[Row], str]:
    """How one layer's figure comes about."""

    def term(row: Row) -> str:
        lines = derive(selection.report, row).lines
        return next(line.formula.numbers for line in lines if line.figure == _LINES[figure])

    return term
