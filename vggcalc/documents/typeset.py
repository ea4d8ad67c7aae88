"""Numbers as documents set them in type, and how a keyboard writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Language = Literal["markdown", "latex"]

_SPACES = "\u00a0\u2007\u2009\u202f \t\r\n"
_ENTITIES = (
    dict.fromkeys(("&nbsp;", "&thinsp;", "&#160;", "&#8239;"), " ")
    | dict.fromkeys(("**", "__", "`", "</sup>"), "")
    | {"&times;": "x", "&approx;": "~", "&lt;": "<", "&gt;": ">", "&le;": "<=", "&ge;": ">=", "<sup>": "^"}
    | {f"\\{character}": character for character in "*_~<>"}
)
_MACROS = (
    dict.fromkeys(("\\,", "\\;", "\\:", "\\ ", "~", "\\thinspace", "\\quad"), " ")
    | dict.fromkeys(("{", "}", "$", "\\!", "\\(", "\\)", "\\num", "\\SI", "\\qty", "\\mathrm", "\\mathbf"), "")
    | dict.fromkeys(("\\text", "\\textrm", "\\textbf", "\\textit", "\\emph", "\\mbox", "\\ensuremath"), "")
    | {"{,}": ",", "{.}": ".", "\\%": "%", "\\times": "x", "\\cdot": "*", "\\approx": "~", "\\sim": "~"}
    | {"\\le": "<=", "\\leq": "<=", "\\ge": ">=", "\\geq": ">=", "\\lt": "<", "\\gt": ">"}
)


def _tokens(plain: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern of all that is written otherwise than it reads, the longest first; a word of LaTeX takes its spaces."""
    longest = sorted(plain, key=len, reverse=True)
    return re.compile("|".join(re.escape(key) + (r"(?![A-Za-z])\s*" if key[1:].isalpha() else "") for key in longest))


_WRITTEN: dict[Language, tuple[Mapping[str, str], re.Pattern[str]]] = {
    "markdown": (_ENTITIES, _tokens(_ENTITIES)),
    "latex": (_MACROS, _tokens(_MACROS)),
}

_SPACED = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?: [0-9]{3})+(?![0-9,])")


def plain(raw: str, language: Language) -> tuple[str, list[tuple[int, int]]]:
    """A number as a keyboard writes it, and for each character of that from where to where it stands in the text.

    Spaces between groups of three digits become the commas that they stand for.
    """
    known, pattern = _WRITTEN[language]
    characters: list[tuple[str, tuple[int, int]]] = []
    place = 0
    while place < len(raw):
        token = pattern.match(raw, place)
        end = token.end() if token else place + 1
        if token:
            text = known[token[0] if token[0] in known else token[0].rstrip()]
        else:
            text = " " if raw[place] in _SPACES else raw[place]
        characters += [(character, (place, end)) for character in text]
        place = end
    said = _SPACED.sub(lambda number: number[0].replace(" ", ","), "".join(text for text, _ in characters))
    return said, [span for _, span in characters]
