"""Tables as they are asked for: their columns chosen, their rows in order and no more than wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vggcalc.errors import Problem, UsageError, did_you_mean
from vggcalc.render.sheet import Column, Sheet
from vggcalc.render.view import View, choose

_NUMBER = re.compile(r"(-?\d+(?:,\d{3})*(?:/\d+)?)")


def arranged(sheets: Sequence[Sheet], view: View) -> Iterator[Sheet]:
    """What is shown of some sheets: of each the columns that it has, and of those that have none, nothing.

    Rows are counted in the sheets that are ordered or, where none shall be, in all but totals.

    Raises: UsageError for a column that no sheet has.
    """
    known: dict[str, str] = {}
    if view.columns is not None or view.order is not None:
        shown = (sheet for sheet in sheets if view.totals or not sheet.is_totals)
        known = {column.key: column.header for sheet in shown for column in sheet.columns}
    order = None if view.order is None else _find(view.order, known)
    if any(_is_free(sheet) for sheet in sheets):
        choose(view.columns, lambda asked: _find(asked, known), ())  # before anything is written
    return (found for sheet in sheets for found in _arranged(sheet, view, known, order))


def _is_free(sheet: Sheet) -> bool:
    """Whether its columns are still to be chosen."""
    return not sheet.is_chosen and not sheet.is_totals


def _arranged(sheet: Sheet, view: View, known: Mapping[str, str], order: str | None) -> list[Sheet]:
    if sheet.is_totals and not view.totals:
        return []
    places = [place for place, column in enumerate(sheet.columns) if column.is_usual]
    if view.columns is not None and _is_free(sheet):
        usual = [sheet.columns[place].key for place in places]
        keys = choose(view.columns, lambda asked: _find(asked, known), usual)
        places = [place for key in keys for place, column in enumerate(sheet.columns) if column.key == key]
    return [_cut(sheet, view, order).only(places)] if places else []


def _cut(sheet: Sheet, view: View, order: str | None) -> Sheet:
    """A sheet with its rows in order, and no more of them than there shall be."""
    rows, notes = sheet.rows, sheet.notes
    place = next((place for place, column in enumerate(sheet.columns) if column.key == order), None)
    if place is not None:
        rows = ordered(rows, place, sheet.columns[place], view.sort != view.order)
    is_counted = place is not None or (order is None and not sheet.is_totals)
    if view.top is not None and is_counted and len(rows) > view.top:
        notes = [*notes, f"{view.top} of {len(rows)} rows"]
        rows = rows[: view.top]
    return sheet._replace(
        rows=rows,
        notes=notes,
        title=sheet.title if view.titles else "",
        totals=sheet.totals if view.totals else (),
    )


def ordered(rows: Sequence[Sequence[Any]], place: int, column: Column, is_turned: bool) -> list[Sequence[Any]]:
    """Rows by a column: figures from the largest, names from the first; what is unknown or empty stands last."""
    known = [row for row in rows if row[place] not in (None, "")]
    known.sort(key=lambda row: _rank(row[place], column), reverse=column.right != is_turned)
    return [*known, *(row for row in rows if row[place] in (None, ""))]


def _rank(value: Any, column: Column) -> Any:
    """What orders a value: a number, a share, or the words and numbers of a text: conv2 stands before conv10."""
    from fractions import Fraction  # only who orders by figures pays for it

    if column.is_bar:
        return Fraction(value[0], value[1] or 1)
    if not isinstance(value, str):
        return [(0, value, "")]
    parts = _NUMBER.split(value if column.right else value.replace("-", " "))
    return [
        (0, Fraction(part.replace(",", "")), "") if number % 2 else (1, 0, part.lower())
        for number, part in enumerate(parts)
        if part
    ]


def _find(asked: str, known: Mapping[str, str]) -> str:
    """The key of a column that is asked for by itself, or by its heading."""
    if asked in known:
        return asked
    for key, header in known.items():
        if header.lower() == asked.lower():
            return key
    raise UsageError(Problem(f"there is no column '{asked}'", did_you_mean(asked, known), code="unknown-figure"))
