"""A paper: whole tables with caption, label and notes, as wide as the text at most, with the rules of booktabs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TextIO

from vggcalc.errors import printable
from vggcalc.render.aligned import Grid
from vggcalc.render.formats import Format
from vggcalc.render.sheet import Column, Sheet

TEXT_WIDTH = 345.0
"""Points of a line in LaTeX's article at ten points; classes of papers in one column have no less."""
GAP = 8.0
"""Between columns: twice the tabcolsep that is set."""
LEAST_WRAPPED = 90.0
"""What a column of running text has at least."""
MOST_ROWS = 50
"""A table of more goes over several pages, as a longtable."""

MOST_FLOATS = 15
"""LaTeX holds no more of them while no text comes."""

_FONTS = {"footnotesize": 1.0, "scriptsize": 1.13, "tiny": 1.4}
"""The letters of a table, and how much wider than the text it would be at eight points."""

_ESCAPES = {
    "\\": "\\textbackslash{}",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    '"': "\\char34{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}

_NARROW, _WIDE = "ijlft.,:;'!()[] ", "mwMW%+=@<>-~"
"""Letters of Computer Modern at eight points: the narrow ones take 3.4 points, wide ones up to 8.8, others 4.8."""


def write(sheets: Iterable[Sheet], out: TextIO) -> None:
    """A float for each sheet with a title, those without in that of the one before, or bare where there is none.

    Columns that would make a table wider than the text are left out, those first that are easiest to do without, and
    a comment names them. What LaTeX would read as a command is escaped.
    """
    labels: Counter[str] = Counter()
    for number, together in enumerate(_together(sheets)):
        label = _slug(printable(together[0].title))
        labels[label] += 1
        label += f"-{labels[label]}" * (labels[label] > 1)
        if number and number % MOST_FLOATS == 0:
            out.write("\\clearpage\n")
        out.writelines(f"{line}\n".lstrip(" ") for line in ([""] * bool(number) + [*_float(together, label)]))


def escape(text: str) -> str:
    r"""Text that shows as it is; at the start of a row [ and * would belong to the line's end, and -- is a dash.

    >>> escape("a_b & 50%"), escape("[2pt] 9C^2")
    ('a\\_b \\& 50\\%', '{[}2pt] 9C\\textasciicircum{}2')
    """
    escaped = "".join(_ESCAPES.get(character, character) for character in text)
    while "--" in escaped:
        escaped = escaped.replace("--", "-{}-")
    bare = escaped.lstrip()
    return f"{{{bare[0]}}}{bare[1:]}" if bare[:1] in ("[", "*") else escaped


def _together(sheets: Iterable[Sheet]) -> Iterator[list[Sheet]]:
    """The sheets of each float."""
    found: list[Sheet] = []
    for sheet in sheets:
        if sheet.title and found:
            yield found
            found = []
        found.append(sheet)
    if found:
        yield found


def _float(sheets: Sequence[Sheet], label: str) -> Iterator[str]:
    title = printable(sheets[0].title)
    head = [f"\\caption{{{escape(title)}}}", f"\\label{{tab:{label}}}"]
    is_long = bool(title) and _height(sheets[0]) > MOST_ROWS
    yield f"% needs \\usepackage{{booktabs{',longtable' * is_long}}}"
    if not title:
        for sheet in sheets:
            yield from _table(sheet)
            yield from _notes(sheet)
        return
    if is_long:
        yield from _table(sheets[0], head)
        yield from _notes(sheets[0])
        sheets, head = sheets[1:], []
    rows = 0
    for number, sheet in enumerate(sheets):
        if number and (rows := rows + _height(sheet)) <= MOST_ROWS:
            yield "\\par\\medskip"
        else:
            yield from ["\\end{table}"] * bool(number)
            yield from ("\\begin{table}", "\\centering", *(head if not number else ()))
            rows = _height(sheet)
        yield from _table(sheet)
        yield from _notes(sheet)
    yield from ["\\end{table}"] * bool(sheets)


def _table(sheet: Sheet, head_of_long: Sequence[str] = ()) -> Iterator[str]:
    """The table; a long one with its caption, and its headings on each page."""
    if not sheet.rows and not sheet.totals:
        return
    kept, wrapped, need = _fitting(sheet)
    shown = sheet.only(kept)
    if len(kept) < len(sheet.columns):
        gone = (column.header or column.key for place, column in enumerate(sheet.columns) if place not in kept)
        yield f"% left out to fit the width of the text: {', '.join(printable(each) for each in gone)}"
    font = next((font for font, most in _FONTS.items() if need <= most), [*_FONTS][-1])
    yield f"{{\\{font}\\setlength{{\\tabcolsep}}{{4pt}}"
    grid = Grid(shown, escape)
    name = "longtable" if head_of_long else "tabular"
    yield f"\\begin{{{name}}}{{@{{}}{''.join(_alignment(column, wrapped) for column in shown.columns)}@{{}}}}"
    head = ["\\toprule", _line(grid.head, shown.columns, is_head=True), "\\midrule"]
    if head_of_long:
        yield from (
            "".join(head_of_long) + " \\\\",
            *head,
            "\\endfirsthead",
            *head,
            "\\endhead",
            "\\bottomrule",
            "\\endlastfoot",
        )
    else:
        yield from head
    for number, row in enumerate(grid.rows()):
        if sheet.totals and number == len(sheet.rows):
            yield "\\midrule"
        yield _line(row, shown.columns)
    if not head_of_long:
        yield "\\bottomrule"
    yield f"\\end{{{name}}}}}"


def _notes(sheet: Sheet) -> Iterator[str]:
    for note in sheet.notes:
        yield ""
        yield f"\\smallskip\\noindent {escape(printable(note))}"


def _height(sheet: Sheet) -> int:
    """About how many lines the table takes, its headings among them."""
    _, wrapped, _ = _fitting(sheet)
    places = [place for place, column in enumerate(sheet.columns) if column.wraps]
    lines = (max([1, *(math.ceil(_points(texts[place]) / wrapped) for place in places)]) for texts in sheet.texts())
    return 4 + sum(lines) + len(sheet.notes)


def _fitting(sheet: Sheet) -> tuple[list[int], float, float]:
    """The columns that fit beside each other, how wide one of running text is, and how much of the width they need."""
    widths = [_points(text) for text in sheet.headers()]
    for texts in sheet.texts():
        widths = [max(width, _points(text)) for width, text in zip(widths, texts, strict=True)]
    least = [min(w, LEAST_WRAPPED) if c.wraps else w for w, c in zip(widths, sheet.columns, strict=True)]
    kept = list(range(len(widths)))
    going = sorted(
        (place for place in kept if sheet.columns[place].keep),
        key=lambda place: (not sheet.columns[place].is_bar, sheet.columns[place].keep, -place),
    )

    def taken(places: Sequence[int]) -> float:
        return sum(least[place] for place in places) + GAP * (len(places) - 1)

    gone = []
    for place in going:
        if taken(kept) <= TEXT_WIDTH:
            break
        kept.remove(place)
        gone.append(place)
    for place in reversed(gone):  # a narrow one may have room now
        if taken([*kept, place]) <= TEXT_WIDTH:
            kept.append(place)
    kept.sort()
    text = [place for place in kept if sheet.columns[place].wraps]
    room = TEXT_WIDTH - taken([place for place in kept if place not in text]) - GAP * len(text)
    return kept, math.floor(max(LEAST_WRAPPED, room / max(1, len(text)))), taken(kept) / TEXT_WIDTH


def _points(text: str) -> float:
    return sum(map(_of_letter, text))


def _of_letter(sign: str) -> float:
    if sign in _NARROW:
        return 3.4
    if sign in _WIDE or ord(sign) > 255:
        return 8.8
    return 6.2 if sign.isupper() else 4.8


def _alignment(column: Column, wrapped: float) -> str:
    return f"p{{{wrapped}pt}}" if column.wraps else "r" if column.right else "l"


def _line(cells: Sequence[str], columns: Sequence[Column], is_head: bool = False) -> str:
    texts = (
        f"\\raggedright {cell.strip()}" if column.wraps and not is_head else cell
        for cell, column in zip(cells, columns, strict=True)
    )
    return f" {' & '.join(texts)} \\tabularnewline"


def _slug(title: str) -> str:
    """What a label calls the table: the network's name, or the first words."""
    words = re.split(r"[:(]", title, maxsplit=1)[0]
    return "-".join(re.findall(r"[a-z0-9]+", words.lower())) or "table"


FORMAT = Format("sheets", write, (".tex",))
