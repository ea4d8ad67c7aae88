"""A spreadsheet: one table, exact numbers."""

from __future__ import annotations

import csv
from typing import TextIO

from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet
from vggcalc.render.spreadsheet import lines


def write(table: Sheet, out: TextIO) -> None:
    """A line with the columns' keys, and one for each row."""
    csv.writer(out, lineterminator="\n").writerows(lines(table))


FORMAT = Format("table", write, (".csv",))
