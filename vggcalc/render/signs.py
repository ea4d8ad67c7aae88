"""Signs beyond ASCII, and what stands for each where an output has only that."""

from __future__ import annotations

import codecs

BLOCKS = "▏▎▍▌▋▊▉█"
"""Bars of one to eight eighths of a cell."""
DOT = "·"
RIGHT, WRONG, DOUBT = "✓", "✗", "!"

_POORER = {ord(DOT): ".", ord(RIGHT): "+", ord(WRONG): "x", **dict.fromkeys(map(ord, BLOCKS), "#")}
"""Each as wide as what it stands for."""


def poorer(error: UnicodeError) -> tuple[str | bytes, int]:
    """What is written for a character that an output cannot encode: a poorer sign, or else an escape."""
    if isinstance(error, UnicodeEncodeError):
        error.end = error.start + 1
        if sign := _POORER.get(ord(error.object[error.start])):
            return sign, error.end
    return codecs.backslashreplace_errors(error)


POORER_SIGNS = "vggcalc.poorer"
"""How a stream is told to do so, as its `errors`."""
codecs.register_error(POORER_SIGNS, poorer)
