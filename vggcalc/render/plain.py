"""Sheets as aligned text, as Markdown and as LaTeX, with tabulate: complete, never cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tabulate import DataRow, Line, TableFormat, tabulate

from vggcalc.errors import printable
from vggcalc.render.sheet import Sheet
from vggcalc.units import percent

_BOOKTABS = TableFormat(
    lineabove=lambda widths, align: f"\\begin{{tabular}}{{{''.join(side[0] for side in align)}}}\n\\toprule",
    linebelowheader=Line("\\midrule", "", "", ""),
    linebetweenrows=None,
    linebelow=Line("\\bottomrule\n\\end{tabular}", "", "", ""),
    headerrow=DataRow("", "&", "\\\\"),
    datarow=DataRow("", "&", "\\\\"),
    padding=1,
    with_header_hide=None,
)
"""tabulate's own latex_booktabs would escape by rules of its own, which let a [ begin a row."""

_STYLES: dict[str, str | TableFormat] = {"latex": _BOOKTABS}
"""What tabulate calls otherwise, or does not have."""

_LATEX = {
    "\\": "\\textbackslash{}",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    '"': "\\char34{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}


def plain(sheets: Sequence[Sheet]) -> str:
    """Aligned columns, for a pipe or a file."""
    return "\n\n".join(_block(sheet, "simple", lambda text: text) for sheet in sheets)


def markdown(sheets: Sequence[Sheet]) -> str:
    """Tables for a README; what Markdown or HTML would read as markup is escaped."""
    return "\n\n".join(_block(sheet, "pipe", escape_markdown) for sheet in sheets)


def latex(sheets: Sequence[Sheet]) -> str:
    """Tables for a paper, with the package booktabs; what LaTeX would read as a command is escaped."""
    return "\n\n".join(_block(sheet, "latex", escape_latex) for sheet in sheets)


def escape_latex(text: str) -> str:
    r"""Text that shows as it is; at the start of a row [ and * would belong to the line's end, and -- is a dash.

    >>> escape_latex("a_b & 50%"), escape_latex("[2pt] 9C^2")
    ('a\\_b \\& 50\\%', '{[}2pt] 9C\\textasciicircum{}2')
    """
    escaped = "".join(_LATEX.get(character, character) for character in text)
    while "--" in escaped:
        escaped = escaped.replace("--", "-{}-")
    bare = escaped.lstrip()
    return f"{{{bare[0]}}}{bare[1:]}" if bare[:1] in ("[", "*") else escaped


def escape_markdown(text: str) -> str:
    """Text that shows as it is: a pipe would end the cell, < and & would begin HTML, * _ ` [ ] would be markup."""
    for character in "\\`*_[]|#~$":
        text = text.replace(character, "\\" + character)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _block(sheet: Sheet, style: str, escape: Callable[[str], str]) -> str:
    rows = [
        [
            escape(percent(*value) if column.is_bar else text)
            for column, text, value in zip(sheet.columns, row, values, strict=True)
        ]
        for row, values in zip(sheet.texts(), sheet.rows, strict=True)
    ]
    headers = list(map(escape, sheet.headers()))
    align = ["right" if column.right else "left" for column in sheet.columns]
    parts = [escape(printable(sheet.title))] if sheet.title else []
    if rows:
        table = tabulate(
            rows,
            headers,
            tablefmt=_STYLES.get(style, style),
            disable_numparse=True,
            colalign=align,
            headersalign=align,
        )
        parts.append("\n".join(line.rstrip() for line in table.splitlines()))
    parts += [escape(printable(note)) for note in sheet.notes]
    return ("\n" if style == "simple" else "\n\n").join(parts)
