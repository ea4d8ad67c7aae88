"""A sheet: titled rows of raw values under columns that know how to write them. Every format draws from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from vggcalc.errors import printable
from vggcalc.record import Record
from vggcalc.render.each import each
from vggcalc.units import percent


class Column(Record):
    """One column: its key on the command line, its heading, and how its values become text.

    `keep` says how hard the column is to do without in a narrow terminal; those of `keep` 0 never go. `is_bar` marks
    values (part, whole) that a terminal draws as a bar. A text that `wraps` may be narrowed to `least`; one that
    begins with `marks` keeps its lines below the first where that begins behind them. What stands `once` is not said
    again in the rows below that have the same. One that is not `is_usual` is for who asks for it, or orders rows by it.
    `tone` says of a value whether it is good, known, in doubt or bad, or what is added.
    """

    key: str
    header: str
    text: Callable[[Any], str] = str
    right: bool = True
    keep: int = 5
    is_bar: bool = False
    wraps: bool = False
    style: str = ""
    least: int = 24
    marks: str = ""
    once: bool = False
    is_usual: bool = True
    tone: Callable[[Any], str] | None = None


class Sheet(Record):
    """A table to be drawn: `rows` hold raw values, one for each column; `notes` are lines below it.

    totals: rows below the others, which are no part of their order. is_totals: all of its rows are such. is_chosen: its
    columns are those that were asked for.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    title: str = ""
    notes: Sequence[str] = ()
    totals: Sequence[Sequence[Any]] = ()
    is_totals: bool = False
    is_chosen: bool = False

    def all_rows(self) -> Iterator[Sequence[Any]]:
        """The rows, totals last."""
        return chain(self.rows, self.totals)

    def texts(self) -> Iterator[list[str]]:
        """All rows as text; a bar as its share in percent."""
        once = [index for index, column in enumerate(self.columns) if column.once]
        above: Sequence[Any] | None = None
        for row in self.all_rows():
            texts = [
                percent(*value) if column.is_bar else printable(column.text(value))
                for column, value in zip(self.columns, row, strict=True)
            ]
            for index in once:
                if above is not None and row[index] == above[index]:
                    texts[index] = ""
            above = row
            yield texts

    def headers(self) -> list[str]:
        """The headings as text; a model's name may stand in one."""
        return [printable(column.header) for column in self.columns]

    def only(self, kept: Sequence[int]) -> Sheet:
        """The sheet with only these of its columns."""
        if list(kept) == list(range(len(self.columns))):
            return self

        def cut(row: Sequence[Any]) -> Sequence[Any]:
            return [row[index] for index in kept]

        columns = [self.columns[index] for index in kept]
        return self._replace(columns=columns, rows=each(cut, self.rows), totals=list(map(cut, self.totals)))


def stacked(sheets: Sequence[Sheet]) -> Sheet:
    """The first sheet, and those that have the same columns below it, each row with the title of its own."""
    if not sheets:
        return Sheet((), ())
    keys = [column.key for column in sheets[0].columns]
    alike = [sheet for sheet in sheets if [column.key for column in sheet.columns] == keys]
    if len(alike) == 1:
        return alike[0]
    rows = [[sheet.title, *row] for sheet in alike for row in sheet.all_rows()]
    return Sheet([Column("table", "table", right=False), *sheets[0].columns], rows)
