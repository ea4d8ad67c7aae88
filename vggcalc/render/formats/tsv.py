"""Cut, awk or a notebook: the one table with tabs between its cells."""

from __future__ import annotations

import csv
from typing import TextIO

from vggcalc.render.formats import Format
from vggcalc.render.sheet import Sheet
from vggcalc.render.spreadsheet import lines


def write(table: Sheet, out: TextIO) -> None:
    """A line with the columns' keys, and one for each row."""
    csv.writer(out, delimiter="\t", lineterminator="\n").writerows(lines(table))


FORMAT = Format("table", write, (".tsv",))
