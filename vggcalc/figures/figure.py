"""What a figure is: its names, its unit, its definition, and how it is read off layers of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from vggcalc.analysis.report import Report, Row
from vggcalc.figures.selection import Selection
from vggcalc.record import Record
from vggcalc.units import n_bytes

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction  # only networks that upsample pay for it at run time

Value: TypeAlias = "int | Fraction | Decimal | tuple[int, ...]"
"""A figure's value: a number, one as somebody printed it, one number for each axis, or a shape."""
ByName: TypeAlias = "Mapping[str, Value | None]"
"""What differs from input to input, by the input's name."""

Unit = Literal["count", "values", "bytes", "axes", "shape", "percent"]
"""A count of things; of values, each of which takes bytes; bytes; a number, or one for each axis; a shape; percent."""

Each = Callable[[Row, Report], "int | None"]
"""What a layer adds to a sum over layers; None where nobody knows it."""

Terms = Callable[[Row, Report], Sequence[str]]
"""What a layer adds to it, as arithmetic: (3*3*64)*128, in one term or several; none where it adds nothing."""


class Figure(Record):
    """A figure, and how it is read off layers of a report; its value is None where it has none, or nobody knows it.

    key: its word in the language of tables, in JSON and on the command line. heading: over a column.
    each, terms: of a sum over layers, what a layer adds. tensors: of parameters, what the tensors count as.
    of: of bytes, the figure whose values take them. counted: `operations` or `memory`, where someone must be named who
    counts. convention: the one convention of memory that counts it. in_fields: it is of a receptive field.
    overall: one of all layers together, though no sum. measured: of a whole network, by others; nothing computes it.
    nouns: what a print of it may say that it counts, beside the bytes of `values` and `bytes`.
    """

    key: str
    heading: str
    unit: Unit
    definition: str
    value: Callable[[Selection], Value | ByName | None]
    each: Each | None = None
    terms: Terms | None = None
    tensors: tuple[str, ...] = ()
    of: str = ""
    counted: str = ""
    convention: str = ""
    in_fields: bool = False
    overall: bool = False
    measured: bool = False
    nouns: tuple[str, ...] = ()

    @property
    def is_total(self) -> bool:
        """Whether that of a whole network says something of all its layers, not of its last one."""
        return self.overall or any((self.each, self.of, self.counted, self.convention))


def summed(
    key: str,
    heading: str,
    unit: Unit,
    definition: str,
    each: Each,
    terms: Terms | None = None,
    *,
    tensors: tuple[str, ...] = (),
    nouns: tuple[str, ...] = (),
) -> Figure:
    """A figure that every layer adds to."""

    def value(selection: Selection) -> int | None:
        if selection.is_whole and hasattr(selection.report.totals, key):
            total: int | None = getattr(selection.report.totals, key)
            return total
        sum_so_far = 0
        for row in selection.rows:
            if (amount := each(row, selection.report)) is None:
                return None
            sum_so_far += amount
        return sum_so_far

    return Figure(key, heading, unit, definition, value, each, terms, tensors, nouns=nouns)


def taken(heading: str, definition: str, figure: Figure) -> Figure:
    """The bytes that the values of a sum take in the report's number format."""

    def value(selection: Selection) -> int | None:
        values = figure.value(selection)
        return n_bytes(values, selection.report.dtype) if isinstance(values, int) else None

    return Figure(f"{figure.key}_bytes", heading, "bytes", definition, value, of=figure.key)


def known_part(figure: Figure, selection: Selection) -> int | None:
    """What is known of a sum over layers, or of the bytes of one; None for another figure."""
    if figure.each is None:
        return None
    amounts = (figure.each(row, selection.report) for row in selection.rows)
    return sum(amount for amount in amounts if amount is not None)


def value_of(
    figure: Figure, selection: Selection, in_bytes: bool = False, share: bool = False
) -> int | Fraction | tuple[int, ...] | None:
    """A figure of some layers; what differs from input to input has no one value.

    in_bytes: of `values`, what they take in the report's number format. share: as a part of the whole network's. What
    is in percent is a part of one.
    """
    found = figure.value(selection)
    if found is None or isinstance(found, Mapping):
        return None
    if not isinstance(found, int | tuple) and figure.unit == "percent":
        from fractions import Fraction

        return Fraction(found) / 100
    if figure.unit == "values" and in_bytes and isinstance(found, int):
        found = n_bytes(found, selection.report.dtype)
    if not share or not isinstance(found, int):
        return cast("int | Fraction | tuple[int, ...]", found)
    from fractions import Fraction

    total = value_of(figure, selection.whole(), in_bytes)
    return Fraction(found, total) if isinstance(total, int) and total else None
