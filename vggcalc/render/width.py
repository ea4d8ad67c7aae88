"""How much room a text takes: a letter of East Asia takes two cells of a terminal, an accent over another none."""

from __future__ import annotations


def cells(text: str) -> int:
    """The cells that a text takes in a font of one width.

    >>> cells("conv"), cells("畳み込み"), cells("e\u0301")
    (4, 8, 1)
    """
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # most texts never ask

    return cell_len(text)


def padded(text: str, width: int, right: bool) -> str:
    """A text in a column of so many cells, on its left or right side."""
    space = " " * (width - cells(text))
    return space + text if right else text + space
