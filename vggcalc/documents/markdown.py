"""Where marks stand in Markdown: comments of HTML, outside of code."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from vggcalc import bounds
from vggcalc.documents.mark_text import COMMANDS
from vggcalc.documents.marks import HOW_CLOSED, MARK, MOST_CHARACTERS, Scan
from vggcalc.documents.typeset import Language
from vggcalc.documents.verbatim import FENCE, closing
from vggcalc.errors import Problem, Source, SpecError

_CODE = re.compile(rf"{FENCE.pattern}|(?P<comment><!--)|(?P<escape>\\[\\`])|(?P<ticks>`+)", re.M)
_BREAK = re.compile(r"^[ \t>]*(?:\r?$|`{3}|~{3}|[-+*][ \t]|[0-9]+[.)][ \t]|<!--|(?P<line>[#|][^\n]*))", re.M)
"""Where a code span cannot go on: a blank line, a fence, an item of a list, a comment, a heading, a row of a table."""


class Markdown(Scan):
    """The marks of a text in Markdown; in a quotation its signs may stand before them."""

    language: Language = "markdown"
    any_mark = re.compile(r"<!--\s*(?:(/)\s*)?vggcalc\b")
    before = re.compile(r"[^ \t>]")

    def __init__(self, source: Source, folder: str) -> None:
        super().__init__(source, folder)
        self.last_end = self.text.rfind("-->")

    def find(self) -> None:
        """Comments of HTML, outside of code."""
        self._bounded()
        ticks: dict[int, list[int]] = {}
        for run in re.finditer("`+", self.text):
            ticks.setdefault(len(run[0]), []).append(run.start())
        breaks = self._breaks()
        limit = place = 0
        while code := _CODE.search(self.text, place):
            place = code.end()
            if code["fence"]:
                end = closing(code["fence"]).search(self.text, place)
                place = end.end() if end else len(self.text)
            elif code["ticks"]:
                starts = ticks.get(len(code["ticks"]), [])
                after = bisect_left(starts, place)
                while limit < place:
                    limit = next(breaks)
                if after < len(starts) and starts[after] < limit:
                    place = starts[after] + len(code["ticks"])
            elif code["comment"]:
                place = self._html(code.start())

    def _bounded(self) -> None:
        """Raises SpecError for more signs of comments and code than are looked at."""
        if sum(1 for _ in re.finditer("<!--|`+", self.text)) > bounds.DOCUMENT_SIGNS:
            message = f"{self.source.name} has more than {bounds.DOCUMENT_SIGNS:,} comments and runs of backticks"
            raise SpecError(Problem(message, "check it in parts", self.mark(0), code="out-of-bounds"))

    def _breaks(self) -> Iterator[int]:
        """Where code spans cannot go on, and the end."""
        for found in _BREAK.finditer(self.text):
            yield found.start()
            if found["line"]:
                yield found.end()
        yield len(self.text)

    def _html(self, start: int) -> int:
        """Read a comment of HTML, with the number behind it if it marks one; the place behind what was read."""
        end, mark = self._html_mark(start)
        if mark and self.is_prose(mark, end or start + 4):
            return end or start + 4
        if end is None:
            if mark:
                self.fault(
                    "this mark has no end", "write --> behind it, on the same line", self.mark(start), code="bad-mark"
                )
            return start + 4
        if mark is None:
            return end
        if "\n" in self.text[start:end]:
            self.fault("this mark goes over several lines", "write it on one", self.mark(start), code="bad-mark")
        elif mark[1]:
            self.close(start, end)
        else:
            return self._html_opens(start, end, mark)
        return end

    def _html_opens(self, start: int, end: int, mark: re.Match[str]) -> int:
        words = self.words(mark[2], start + 4 + mark.start(2))
        following = self.text.find("<!--", end, self.line_end(start))
        close, other = self._html_mark(following) if following >= 0 else (None, None)
        is_number = close is not None and other is not None and bool(other[1])
        is_command = bool(words) and words[0].text in COMMANDS
        if is_command or (self.stands_alone(start, end) and not is_number):
            self.open(start, end, words)
            return end
        if self.is_inside(self.mark(start)):
            return close or end if is_number else end
        if not is_number or close is None:
            hint = f"write {HOW_CLOSED[self.language]} behind the number, on the same line"
            self.fault("this mark is not closed", hint, self.mark(start), code="bad-mark")
            return end
        self.number(start, words, end, following)
        return close

    def _html_mark(self, start: int) -> tuple[int | None, re.Match[str] | None]:
        """Where a comment ends, if it does, and the mark that it is, if it is one."""
        end = self.text.find("-->", start + 4) if start + 4 <= self.last_end else -1
        if end < 0:
            return None, MARK.match(self.text[start + 4 : min(self.line_end(start), start + MOST_CHARACTERS)])
        return end + 3, MARK.fullmatch(self.text[start + 4 : end])
