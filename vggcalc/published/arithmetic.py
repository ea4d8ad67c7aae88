"""How a recomputed figure comes about, in one line: (3*3*64)*128 = 73,728."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from vggcalc.analysis.derive import derive
from vggcalc.analysis.report import Row
from vggcalc.published.figures import FIGURES, ROLES, Selection
from vggcalc.published.printed import Actual
from vggcalc.units import count, percent

MOST_TERMS = 8
"""A longer sum is told by its number of terms."""

_LINES = {"macs": "MACs", "activations": "activations"}
"""The figures that are a line of a layer's derivation, and the line's name."""


def arithmetic(figure: str, selection: Selection, actual: Actual) -> str:
    """The figure and how it comes about: by the layers' own formulas, or as the sum of their figures.

    A figure that no formula gives is told as it is.
    """
    base = figure.removesuffix("_bytes")
    product = "flops" if figure == "flops" else base
    terms = _terms("macs" if figure == "flops" else base, selection)
    if not isinstance(actual, int) or not terms:
        return f"{base} {text_of(actual)}"
    said = " + ".join(terms) if len(terms) <= MOST_TERMS else f"{len(terms)} layers' {product} added up"
    if figure == "flops":
        said = f"2*({said})" if len(terms) <= MOST_TERMS else said
    plain = FIGURES[base].value(selection)
    values = text_of(plain)
    whole = f"{said} = {values}" if said != values else said
    if FIGURES[figure].kind in ("bytes", "values") and actual != plain:
        return f"{whole} values, {count(actual)} bytes as {selection.report.dtype}"
    return whole


def text_of(actual: Actual | None) -> str:
    """A figure as a reader would write it: 73,728, 7x7x512 or 94.9%."""
    if actual is None:
        return "unknown"
    if isinstance(actual, tuple):
        return "x".join(map(str, actual))
    if isinstance(actual, Fraction) and actual.denominator > 1:
        return percent(actual.numerator, actual.denominator)
    return count(actual)


def _terms(figure: str, selection: Selection) -> list[str]:
    """What each layer adds to a figure; empty for a figure that is no sum over layers."""
    if figure == "kernels":
        return [row.tensors[0].arithmetic for row in selection.rows if row.macs and row.tensors]
    if figure in ROLES:
        return [t.arithmetic for row in selection.rows for t in row.tensors if t.role in ROLES[figure]]
    if figure in _LINES:
        rows = [row for row in selection.rows if getattr(row, figure)]
        return list(map(_of_layer(figure, selection), rows)) if len(rows) <= MOST_TERMS else [figure] * len(rows)
    return []


def _of_layer(figure: str, selection: Selection) -> Callable[[Row], str]:
    """How one layer's figure comes about."""

    def term(row: Row) -> str:
        lines = derive(selection.report, row).lines
        return next(line.formula.numbers for line in lines if line.figure == _LINES[figure])

    return term
