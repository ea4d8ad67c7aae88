"""Where marks stand in LaTeX: comments on lines of their own and a macro, outside of listings and other comments."""

from __future__ import annotations

import re

from vggcalc.documents.mark_text import COMMANDS, HOW_COUNTED
from vggcalc.documents.marks import MARK, MOST_CHARACTERS, Scan
from vggcalc.documents.typeset import Language
from vggcalc.documents.verbatim import LISTING

MOST_BRACES = 20
"""An argument that is deeper is no mark, but a brace that is not closed."""

_TEX = re.compile(
    r"(?P<definition>\\(?:newcommand|renewcommand|providecommand|DeclareRobustCommand|NewDocumentCommand|def|let)\*?"
    r"\s*(?:\{\s*)?\\vggcalc(?![A-Za-z@]))"
    rf"|{LISTING.pattern}"
    r"|\\(?:verb\*?|lstinline(?:\[[^\]\n]{0,2000}\])?)(?P<verb>[^A-Za-z*\s])"
    r"|(?P<macro>\\vggcalc(?![A-Za-z@]))"
    r"|(?P<escape>\\.)"
    r"|%+(?P<comment>[^\n]*)"
)
_ARGUMENT = re.compile(r"\s*\{")
_BRACE = re.compile(r"\\.|[{}]|\n[ \t]*\r?\n", re.S)


class Latex(Scan):
    """The marks of a text in LaTeX."""

    language: Language = "latex"
    any_mark = re.compile(r"[%\\]\s*(?:(/)\s*)?vggcalc\b")

    def find(self) -> None:
        """Comments on lines of their own and the macro, outside of listings and other comments."""
        place = 0
        while found := _TEX.search(self.text, place):
            place = found.end()
            if found["env"]:
                end = self.text.find(f"\\end{{{found['env']}}}", place)
                place = end if end >= 0 else len(self.text)
            elif found["verb"]:
                close = "}" if found["verb"] == "{" else found["verb"]
                place = max(self.text.find(close, place, min(self.line_end(place), place + MOST_CHARACTERS)) + 1, place)
            elif found["macro"]:
                place = self._macro(found.start(), found.end())
            elif found["comment"] is not None and (mark := MARK.fullmatch(found["comment"].rstrip("\r"))):
                self._comment(found.start(), found.end(), found.start("comment"), mark)

    def _comment(self, start: int, end: int, inner: int, mark: re.Match[str]) -> None:
        if self.is_prose(mark, end):
            return
        words = [] if mark[1] else self.words(mark[2], inner + mark.start(2))
        alone = self.stands_alone(start, end)
        if not alone and (mark[1] or (words and words[0].text in COMMANDS)):
            self.fault(
                "something stands before this mark",
                "put the mark on a line of its own",
                self.mark(start),
                code="bad-mark",
            )
        elif alone and mark[1]:
            self.close(start, end)
        elif alone:
            self.open(start, end, words)

    def _macro(self, start: int, end: int) -> int:
        first = self._argument(end)
        second = self._argument(first[1] + 1) if first else None
        if first is None or second is None:
            hint = f"write it as in {HOW_COUNTED[self.language]}"
            self.fault(r"\vggcalc needs two arguments in braces", hint, self.mark(start), code="bad-mark")
            return end
        words = self.words(self.text[slice(*first)].replace("\\_", "_"), first[0])
        if not self.is_inside(self.mark(start)):
            self.number(start, words, *second)
        return second[1] + 1

    def _argument(self, place: int) -> tuple[int, int] | None:
        """From where to where the inside of a pair of braces stands; a blank line ends the search."""
        opening = _ARGUMENT.match(self.text, place)
        depth, place = 1, opening.end() if opening else 0
        start = place
        while opening and (found := _BRACE.search(self.text, place, start + MOST_CHARACTERS)):
            place = found.end()
            if found[0].startswith("\n") or depth > MOST_BRACES:
                return None
            depth += {"{": 1, "}": -1}.get(found[0], 0)
            if not depth:
                return start, found.start()
        return None
