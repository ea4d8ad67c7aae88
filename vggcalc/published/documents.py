r"""Figures in documents, kept true: tables and numbers that stand between marks in Markdown and LaTeX.

    <!-- vggcalc compare A E -->             % vggcalc compare A E
    what the command prints                  what the command prints
    <!-- /vggcalc -->                        % /vggcalc

    <!-- vggcalc vgg16 params -->138.4 M<!-- /vggcalc -->        \vggcalc{vgg16 params}{138.4\,M}

A mark in a listing, in a code span or in a comment of LaTeX is text. Nothing outside the marks is ever changed.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Literal, NamedTuple

from vggcalc.errors import Mark, Problem, Source, SpecError, UsageError, VggcalcError, did_you_mean
from vggcalc.published.check import RIGHT, Finding, check
from vggcalc.published.figures import FIGURES
from vggcalc.published.printed import Actual, Printed, read_printed
from vggcalc.published.question import COLUMN, Question, Setting, question, read_settings
from vggcalc.published.table import Claim, Table, misfit_of
from vggcalc.spec import text as yaml_text
from vggcalc.spec.catalogue import names
from vggcalc.spec.reader import Reader
from vggcalc.spec.text import Entry, Scalar, decode

Language = Literal["markdown", "latex"]

LANGUAGES: dict[str, Language] = {".md": "markdown", ".markdown": "markdown", ".tex": "latex"}
"""The documents that can be read, by the ends of their names."""

COMMANDS = ("show", "compare", "explain", "why", "memory", "rf", "layer", "conventions", "list")
"""The commands whose output a document may hold."""

REFUSED = {
    "--picture": "a document's commands write no files",
    "--help": "write a command that prints figures",
    "-h": "write a command that prints figures",
    "-": "name a file beside the document; nothing stands on standard input",
}
"""Words that no command of a document may have, and what to do instead."""

MOST_CHARACTERS, MOST_BRACES = 2_000, 20
"""An argument that is longer or deeper is no mark, but a brace that is not closed."""

MOST_FAULTS = 100
"""Whoever has more of them is told of these first."""

SETTINGS = tuple(key for key in COLUMN if key not in ("figure", "model", "vars"))
"""What may be said of a number after its model and figure; variables of the spec besides, as vars.width=32."""

HOW_CLOSED = {"markdown": "<!-- /vggcalc -->", "latex": "% /vggcalc"}
HOW_COUNTED = {"markdown": "<!-- vggcalc vgg16 params -->138.4 M<!-- /vggcalc -->",
               "latex": r"\vggcalc{vgg16 params}{138.4\,M}"}  # fmt: skip

_FILE = re.compile(r"\.ya?ml(:|$)")
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_MARK = re.compile(r"\s*(/?)\s*vggcalc\b(.*)", re.S)


Run = Callable[[list[str]], str]
"""What vggcalc prints for a command line."""


class Block(NamedTuple):
    """A table between two marks: the command that prints it, and from where to where its lines stand in the text.

    prefix: what each line of it begins with, as in a list or a quotation. line: that of the first one.
    """

    mark: Mark
    command: tuple[str, ...]
    start: int
    end: int
    line: int
    prefix: str
    newline: str

    @property
    def style(self) -> str:
        """The format that its command is asked for."""
        return _style(self.command)


class Number(NamedTuple):
    """A number in a sentence: what it claims, and from where to where it stands in the text."""

    mark: Mark
    claim: Claim
    start: int
    end: int


class Document(NamedTuple):
    """A text with marks, in their order. `folder` is where its models' files lie; has_bom: it began with a BOM."""

    source: Source
    folder: str
    language: Language
    marks: tuple[Block | Number, ...]
    has_bom: bool = False


class BlockFinding(NamedTuple):
    """A block, and whether its command still prints it; `mark` is where it differs first, or else its opening mark.

    expected: the lines that should stand there.
    """

    block: Block
    verdict: Literal["exact", "wrong"]
    mark: Mark
    explanation: str = ""
    expected: tuple[str, ...] = ()


def load_document(path: str) -> Document:
    """The document in a file.

    Raises: SpecError with every fault of its marks; UsageError for a file that cannot be read.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(yaml_text.MAX_BYTES + 1)
    except ValueError:
        raise UsageError(Problem(f"'{path}' cannot be the name of a file", "name a document")) from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UsageError(Problem(f"{path}: {reason}", "name a readable document")) from None
    document = read_document(decode(path, data), os.path.dirname(path))
    return document._replace(has_bom=data.startswith(b"\xef\xbb\xbf"))


def read_document(source: Source, folder: str = "") -> Document:
    """The marks of a text, whose source's name tells its language; files of models are looked for in the folder.

    Raises: SpecError with every fault of the marks.
    """
    language = LANGUAGES.get(os.path.splitext(source.name)[1].lower())
    if language is None:
        raise UsageError(Problem(f"{source.name} is no document", f"its name must end in {', '.join(LANGUAGES)}"))
    scan = _Scan(source, folder, language)
    marks = scan.markdown() if language == "markdown" else scan.latex()
    if scan.problems:
        raise SpecError(scan.problems[:MOST_FAULTS])
    return Document(source, folder, language, tuple(marks))


def check_document(document: Document, run: Run) -> list[Finding | BlockFinding]:
    """The verdict on every mark, in the order of the document.

    run: given a command line without `vggcalc`, returns what that prints, and raises a VggcalcError when it fails.

    Raises: SpecError where a command fails or a model cannot be loaded, with all such places.
    """
    problems: list[Problem] = []
    claims = tuple(mark.claim for mark in document.marks if isinstance(mark, Number))
    numbers: Iterator[Finding] = iter(())
    try:
        name = document.source.name
        numbers = iter(check(Table(name, "", "", "", claims, name=name, folder=document.folder)))
    except VggcalcError as error:
        problems += error.problems
    findings: list[Finding | BlockFinding] = []
    printed: dict[tuple[str, ...], str] = {}
    for mark in document.marks:
        if isinstance(mark, Number):
            findings += [finding for finding in [next(numbers, None)] if finding]
            continue
        try:
            if mark.command not in printed:
                printed[mark.command] = run(list(mark.command))
            findings.append(_block_finding(document, mark, printed[mark.command]))
        except VggcalcError as error:
            problems += [each if each.mark else each._replace(mark=mark.mark) for each in error.problems]
    if problems:
        raise SpecError(problems)
    return findings


def fixed(document: Document, findings: Sequence[Finding | BlockFinding]) -> str:
    """The text with everything that is wrong put right, each number in the precision and style in which it was printed.

    What cannot be put right stays as it is: a budget that does not hold, and a figure that nobody knows.
    """
    text, parts, last = document.source.text, [], 0
    for mark, finding in zip(document.marks, findings, strict=True):
        if finding.verdict in RIGHT:
            continue
        if isinstance(mark, Number) and not isinstance(finding, BlockFinding):
            new = _reprinted(text[mark.start : mark.end], document.language, mark.claim, finding.actual)
        elif isinstance(mark, Block) and isinstance(finding, BlockFinding):
            lines = ["", *finding.expected, ""] if document.language == "markdown" else finding.expected
            new = "".join(f"{mark.prefix}{line}".rstrip() + mark.newline for line in lines)
        else:
            raise ValueError("these are findings on another document")
        parts += [text[last : mark.start], new]
        last = mark.end
    return "".join([*parts, text[last:]])


def encoded(document: Document, text: str) -> bytes:
    """A text as the bytes of the document's file."""
    return (b"\xef\xbb\xbf" if document.has_bom else b"") + text.encode("utf-8")


# --- blocks ------------------------------------------------------------------------------------------------------


_FENCE = re.compile(
    r"^[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])[ \t]+)*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})(?P<info>[^\n]*)$", re.M
)
_INFO = {"plain": "text"}
_VERBATIM = (
    *("verbatim", "verbatim*", "Verbatim", "Verbatim*", "BVerbatim", "lstlisting"),
    *("minted", "comment", "filecontents", "filecontents*"),
)
_LISTING = re.compile(rf"\\begin\{{(?P<env>{'|'.join(map(re.escape, _VERBATIM))})\}}")


def _block_finding(document: Document, block: Block, printed: str) -> BlockFinding:
    """Whether what stands between the marks is what is printed, bar blank lines around it and spaces in tables."""
    text = document.source.text[block.start : block.end]
    lines = [_without_prefix(line.rstrip(), block.prefix) for line in text.split("\n")]
    said = [number for number, line in enumerate(lines) if line]
    first, last = (said[0], said[-1] + 1) if said else (0, 0)
    found = lines[first:last]
    is_native = block.style == document.language
    content = [line.rstrip() for line in printed.strip("\n").split("\n")]
    expected = content if is_native else _framed(document.language, block, found, content)
    alike = _alike if is_native else str
    pairs = zip(map(alike, found), map(alike, expected), strict=False)
    common = next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(found), len(expected)))
    if common == len(found) == len(expected):
        return BlockFinding(block, "exact", block.mark, expected=tuple(expected))
    line = block.line + first + common
    here = f"found '{found[common]}'" if common < len(found) else "the text ends here"
    there = f"expected '{expected[common]}'" if common < len(expected) else "expected no more"
    mark = Mark(block.mark.source, line, 1)
    return BlockFinding(block, "wrong", mark, f"line {line}: {here}, {there}", tuple(expected))


def _without_prefix(line: str, prefix: str) -> str:
    return line.removeprefix(prefix) if line.startswith(prefix) else line.removeprefix(prefix.rstrip()).lstrip(" \t")


def _alike(line: str) -> str:
    """A line without what does not show: how wide the columns of a table are in the text."""
    if not re.fullmatch(r"\s*\|[-:| \t]*", line):
        return " ".join(line.replace("|", " | ").split())
    return re.sub("-+", "-", re.sub("[ \t]", "", line))


def _framed(language: Language, block: Block, found: Sequence[str], content: list[str]) -> list[str]:
    """Text of another format as a listing: within the fence or environment that stands there, or in a new one."""
    if language == "latex":
        opening = _LISTING.match(found[0].strip()) if found else None
        first, env = (found[0], opening["env"]) if opening else (r"\begin{verbatim}", "verbatim")
        last = f"\\end{{{env}}}"
        if any(last in line for line in content):
            problem = Problem(f"what this prints holds {last}", "use another environment, or --format latex")
            raise SpecError(problem._replace(mark=block.mark))
        return [first, *content, last]
    opening = _FENCE.match(found[0]) if found else None
    if opening and not any(_closing(opening["fence"]).match(line) for line in content):
        return [found[0], *content, opening["fence"]]
    longest = max((len(run) for line in content for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + _INFO.get(block.style, block.style), *content, fence]


def _closing(fence: str) -> re.Pattern[str]:
    return re.compile(rf"^[ \t>]*{fence[0]}{{{len(fence)},}}[ \t\r]*$", re.M)


def _style(command: Sequence[str]) -> str:
    """The value of --format, which the reader has seen to."""
    for number, word in enumerate(command):
        if word == "--format" and number + 1 < len(command):
            return command[number + 1]
        if word.startswith("--format="):
            return word.partition("=")[2]
    return ""


# --- numbers -----------------------------------------------------------------------------------------------------


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

_DIGITS = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+")
_SIDES = re.compile(r"[0-9]+(?:\s*[x\u00d7]\s*[0-9]+)+")
_SPACED = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?: [0-9]{3})+(?![0-9,])")


def _plain(raw: str, language: Language) -> tuple[str, list[tuple[int, int]]]:
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
    plain = _SPACED.sub(lambda number: number[0].replace(" ", ","), "".join(text for text, _ in characters))
    return plain, [span for _, span in characters]


def _reprinted(raw: str, language: Language, claim: Claim, actual: Actual | None) -> str:
    """A number with the actual figure in its place; as it was where that cannot be written like this."""
    asked = claim.question
    plain, spans = _plain(raw, language)
    found = _SIDES.search(plain) if claim.printed.sides else _DIGITS.search(plain)
    if actual is None or found is None or claim.printed.relation != "=":
        return raw
    at = spans[found.start() : found.end()]
    if claim.printed.sides or isinstance(actual, tuple):
        sides = actual if isinstance(actual, tuple) else (actual,) * max(len(claim.printed.sides), 1)
        numbers = list(re.finditer("[0-9]+", found[0]))
        between = raw[at[numbers[0].end() - 1][1] : at[numbers[1].start()][0]] if len(numbers) > 1 else "x"
        new = between.join(map(str, sides))
    else:
        comma = next((raw[slice(*span)] for span, sign in zip(at, found[0], strict=True) if sign == ","), "")
        new = _digits(actual, claim.printed, found[0], asked).replace(",", comma)
    whole = raw[: at[0][0]] + new + raw[at[-1][1] :]
    try:
        again = read_printed(_plain(whole, language)[0].strip(), asked.unit, asked.kilo, asked.digits)
    except UsageError:
        return raw
    return whole if again.verdict(actual) in RIGHT else raw


def _digits(actual: int | Fraction, printed: Printed, before: str, asked: Question) -> str:
    """A figure in the unit of the printed one and with as many decimals, or digits that count; commas stay a habit."""
    places = len(before.partition(".")[2])
    scale = printed.digit / read_printed(before, digits=asked.digits).digit
    value = Fraction(actual) / scale * 10**places
    coarse = 1
    if asked.digits is not None:
        coarse = 10 ** max(len(str(floor(value))) - asked.digits, 0)
    value /= coarse
    number = (floor(value) if asked.cut else floor(value + Fraction(1, 2))) * coarse
    whole, decimals = divmod(number, 10**places)
    text = "" if before.startswith(".") and not whole else f"{whole:,}"
    return text + (f".{decimals:0{places}}" if places else "")


# --- reading -----------------------------------------------------------------------------------------------------


_HIDDEN = re.compile(r"\r(?!\n)|[\v\f\x1c-\x1e\x85\u2028\u2029]")
"""What ends a line for Python, but not for an editor."""

_CODE = re.compile(rf"{_FENCE.pattern}|(?P<comment><!--)|(?P<escape>\\[\\`])|(?P<ticks>`+)", re.M)
_BREAK = re.compile(r"^[ \t>]*(?:\r?$|`{3}|~{3}|[-+*][ \t]|[0-9]+[.)][ \t]|<!--|(?P<line>[#|][^\n]*))", re.M)
"""Where a code span cannot go on: a blank line, a fence, an item of a list, a comment, a heading, a row of a table."""

_TEX = re.compile(
    r"(?P<definition>\\(?:newcommand|renewcommand|providecommand|DeclareRobustCommand|NewDocumentCommand|def|let)\*?"
    r"\s*\{?\s*\\vggcalc(?![A-Za-z@]))"
    rf"|{_LISTING.pattern}"
    r"|\\(?:verb\*?|lstinline(?:\[[^\]\n]*\])?)(?P<verb>[^A-Za-z*\s])"
    r"|(?P<macro>\\vggcalc(?![A-Za-z@]))"
    r"|(?P<escape>\\.)"
    r"|%+(?P<comment>[^\n]*)"
)
_ARGUMENT = re.compile(r"\s*\{")
_BRACE = re.compile(r"\\.|[{}]|\n[ \t]*\r?\n", re.S)


class _Open(NamedTuple):
    """A mark of a block whose end has not been read."""

    mark: Mark
    command: tuple[str, ...]
    start: int
    prefix: str
    newline: str


class _Scan:
    """Reads the marks of one text and keeps what is wrong with them."""

    def __init__(self, source: Source, folder: str, language: Language) -> None:
        self.text = source.text
        shown = _HIDDEN.sub(" ", self.text)
        self.source = source if shown == self.text else Source(source.name, shown)
        self.folder = folder
        self.language: Language = language
        self.last_end = self.text.rfind("-->")
        self.lines = [0, *(found.end() for found in re.finditer("\n", self.text))]
        self.problems: list[Problem] = []
        self.marks: list[Block | Number] = []
        self.open: _Open | None = None

    def markdown(self) -> list[Block | Number]:
        """The marks of Markdown: comments of HTML, outside of code."""
        ticks: dict[int, list[int]] = {}
        for run in re.finditer("`+", self.text):
            ticks.setdefault(len(run[0]), []).append(run.start())
        breaks: list[int] = []
        for found in _BREAK.finditer(self.text):
            breaks += [found.start(), found.end()] if found["line"] else [found.start()]
        place = 0
        while code := _CODE.search(self.text, place):
            place = code.end()
            if code["fence"]:
                end = _closing(code["fence"]).search(self.text, place)
                place = end.end() if end else len(self.text)
            elif code["ticks"]:
                starts = ticks.get(len(code["ticks"]), [])
                after = bisect_left(starts, place)
                border = bisect_left(breaks, place)
                limit = breaks[border] if border < len(breaks) else len(self.text)
                if after < len(starts) and starts[after] < limit:
                    place = starts[after] + len(code["ticks"])
            elif code["comment"]:
                place = self._html(code.start())
        return self._closed()

    def latex(self) -> list[Block | Number]:
        """The marks of LaTeX: comments on lines of their own and the macro, outside of listings and other comments."""
        place = 0
        while found := _TEX.search(self.text, place):
            place = found.end()
            if found["env"]:
                end = self.text.find(f"\\end{{{found['env']}}}", place)
                place = end if end >= 0 else len(self.text)
            elif found["verb"]:
                close = "}" if found["verb"] == "{" else found["verb"]
                place = max(self.text.find(close, place, self._line_end(place)) + 1, place)
            elif found["macro"]:
                place = self._macro(found.start(), found.end())
            elif found["comment"] is not None and (mark := _MARK.fullmatch(found["comment"].rstrip("\r"))):
                self._comment(found.start(), found.end(), found.start("comment"), mark)
        return self._closed()

    def _closed(self) -> list[Block | Number]:
        if self.open:
            hint = f"write {HOW_CLOSED[self.language]} below the table"
            self._fault("this mark is not closed", hint, self.open.mark)
        return self.marks

    def _fault(self, message: str, hint: str, mark: Mark) -> None:
        self.problems.append(Problem(message, hint, mark))

    def _mark(self, place: int) -> Mark:
        line = bisect_left(self.lines, place + 1)
        return Mark(self.source, line, place - self.lines[line - 1] + 1)

    def _line_start(self, place: int) -> int:
        return self.lines[bisect_left(self.lines, place + 1) - 1]

    def _line_end(self, place: int) -> int:
        """Behind the line end."""
        line = bisect_left(self.lines, place + 1)
        return self.lines[line] if line < len(self.lines) else len(self.text)

    def _stands_alone(self, start: int, end: int) -> bool:
        """Whether nothing else stands on the line; a mark in a quotation may have its signs before it."""
        signs = " \t>" if self.language == "markdown" else " \t"
        before = self.text[self._line_start(start) : start]
        return not before.strip(signs) and not self.text[end : self._line_end(start)].strip()

    # Markdown

    def _html(self, start: int) -> int:
        """Read a comment of HTML, with the number behind it if it marks one; the place behind what was read."""
        end, mark = self._html_mark(start)
        if end is None:
            if mark:
                self._fault("this mark has no end", "write --> behind it, on the same line", self._mark(start))
            return start + 4
        if mark is None:
            return end
        if "\n" in self.text[start:end]:
            self._fault("this mark goes over several lines", "write it on one", self._mark(start))
        elif mark[1]:
            self._close(start, end)
        else:
            return self._html_opens(start, end, mark)
        return end

    def _html_opens(self, start: int, end: int, mark: re.Match[str]) -> int:
        words = self._words(mark[2], start + 4 + mark.start(2))
        following = self.text.find("<!--", end, self._line_end(start))
        close, closing = self._html_mark(following) if following >= 0 else (None, None)
        is_number = close is not None and closing is not None and bool(closing[1])
        is_command = bool(words) and words[0][0] in COMMANDS
        if is_command or (self._stands_alone(start, end) and not is_number):
            self._open(start, end, words)
            return end
        if self._is_inside(self._mark(start)):
            return close or end if is_number else end
        if not is_number or close is None:
            hint = f"write {HOW_CLOSED['markdown']} behind the number, on the same line"
            self._fault("this mark is not closed", hint, self._mark(start))
            return end
        self._number(start, words, end, following)
        return close

    def _html_mark(self, start: int) -> tuple[int | None, re.Match[str] | None]:
        """Where a comment ends, if it does, and the mark that it is, if it is one."""
        end = self.text.find("-->", start + 4) if start + 4 <= self.last_end else -1
        if end < 0:
            return None, _MARK.match(self.text[start + 4 : self._line_end(start)])
        return end + 3, _MARK.fullmatch(self.text[start + 4 : end])

    # LaTeX

    def _comment(self, start: int, end: int, inner: int, mark: re.Match[str]) -> None:
        words = [] if mark[1] else self._words(mark[2], inner + mark.start(2))
        alone = self._stands_alone(start, end)
        if not alone and (mark[1] or (words and words[0][0] in COMMANDS)):
            self._fault("something stands before this mark", "put the mark on a line of its own", self._mark(start))
        elif alone and mark[1]:
            self._close(start, end)
        elif alone:
            self._open(start, end, words)

    def _macro(self, start: int, end: int) -> int:
        first = self._argument(end)
        second = self._argument(first[1] + 1) if first else None
        if first is None or second is None:
            hint = f"write it as in {HOW_COUNTED['latex']}"
            self._fault(r"\vggcalc needs two arguments in braces", hint, self._mark(start))
            return end
        words = self._words(self.text[slice(*first)].replace("\\_", "_"), first[0])
        if not self._is_inside(self._mark(start)):
            self._number(start, words, *second)
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

    # both

    def _words(self, text: str, place: int) -> list[tuple[str, int]]:
        """Words with their places, without the quotes that may hold spaces together."""
        rest = _WORD.sub(lambda word: " " * len(word[0]), text)
        if bad := rest.strip():
            self._fault("a quote is not closed", "write it twice, or not at all", self._mark(place + rest.find(bad)))
        return [(re.sub("[\"']", "", word[0]), place + word.start()) for word in _WORD.finditer(text)]

    def _is_inside(self, mark: Mark) -> bool:
        if self.open:
            message = f"this mark stands inside the table that begins on line {self.open.mark.line}"
            self._fault(message, f"close that with {HOW_CLOSED[self.language]} first", mark)
        return self.open is not None

    def _open(self, start: int, end: int, words: list[tuple[str, int]]) -> None:
        """Begin a block."""
        mark = self._mark(start)
        if self._is_inside(mark):
            return
        command = self._command(words, mark)
        if not self._stands_alone(start, end):
            hint = f"put the mark, and {HOW_CLOSED[self.language]}, on lines of their own"
            self._fault("something else stands on the line of this mark", hint, mark)
        after = self._line_end(start)
        line = self.text[self._line_start(start) : after]
        newline = "\r\n" if line.endswith("\r\n") else "\n"
        prefix = self.text[self._line_start(start) : start]
        self.open = _Open(mark, command, after, prefix if not prefix.strip(" \t>") else "", newline)

    def _close(self, start: int, end: int) -> None:
        """End a block."""
        mark = self._mark(start)
        if self.open is None:
            self._fault("this mark closes nothing", "take it out, or open it", mark)
            return
        if not self._stands_alone(start, end):
            self._fault("something else stands on the line of this mark", "put the mark on a line of its own", mark)
        stop = self._line_start(start)
        opened, self.open = self.open, None
        line = opened.mark.line + 1
        block = Block(opened.mark, opened.command, opened.start, stop, line, opened.prefix, opened.newline)
        self.marks.append(block)

    def _command(self, words: list[tuple[str, int]], mark: Mark) -> tuple[str, ...]:
        """A command line in the document's own format, with files in its folder; what is wrong becomes a problem."""
        if not words:
            self._fault("this mark names no command", f"known are {', '.join(COMMANDS)}", mark)
            return ()
        name, place = words[0]
        if name not in COMMANDS:
            near = did_you_mean(name, COMMANDS)
            hint = near if near.startswith("did") else f"{near}; a number is marked as in {HOW_COUNTED[self.language]}"
            self._fault(f"no table is printed by 'vggcalc {name}'", hint, self._mark(place))
            return ()
        rest = []
        for word, at in words[1:]:
            option = word.partition("=")[0] if word.startswith("--") else word
            if option in REFUSED:
                self._fault(f"'{option}' does not belong into a document", REFUSED[option], self._mark(at))
            elif "/" in word and not _FILE.search(word) and os.path.exists(word) and word not in names():
                self._fault(f"there is no model '{word}'", "name a bundled one, or a FILE.yaml", self._mark(at))
            is_path = _FILE.search(word) and not word.startswith("-")
            rest.append(os.path.join(self.folder, word) if is_path else word)
        style = _style(rest)
        if style == "rich":
            self._fault("'rich' is for terminals", f"leave --format out, or write {self.language}", mark)
        return (name, *rest) if style else (name, "--format", self.language, *rest)

    def _number(self, start: int, words: list[tuple[str, int]], begin: int, end: int) -> None:
        """A number in a sentence; what is wrong with it becomes a problem."""
        text, mark = self.text[begin:end], self._mark(start)
        begin, end = begin + len(text) - len(text.lstrip()), begin + len(text.rstrip())
        if (claim := self._claim(words, self.text[begin:end], mark, self._mark(begin))) is not None:
            self.marks.append(Number(mark, claim, begin, end))

    def _claim(self, words: list[tuple[str, int]], raw: str, mark: Mark, here: Mark) -> Claim | None:
        if len(words) < 2:
            hint = f"write model and figure as in {HOW_COUNTED[self.language]}"
            self._fault("this mark does not say of what the number is", hint, mark)
            return None
        (model, at_model), (figure, at_figure), *more = words
        reader = Reader()
        if figure not in FIGURES:
            reader.fault(f"there is no figure '{figure}'", did_you_mean(figure, FIGURES), self._mark(at_figure))
        entries, variables = self._entries(reader, more)
        settings = read_settings(reader, entries) | {"model": Setting(model, self._mark(at_model))}
        if variables:
            first = next(iter(variables.values()))
            vars_node = yaml_text.Mapping(variables, first.mark)
            settings |= read_settings(reader, {"vars": Entry(first.mark, vars_node)})
        asked = question(reader, settings, figure, mark) if not reader.problems else None
        printed = None
        try:
            plain = _plain(raw, self.language)[0].strip()
            printed = read_printed(plain, *((asked.unit, asked.kilo, asked.digits) if asked else ()))
        except UsageError as error:
            for problem in error.problems:
                reader.fault(problem.message, problem.hint, here)
        if asked and printed and (misfit := misfit_of(printed, asked)):
            reader.fault(*misfit, here)
        self.problems += reader.problems
        return Claim(printed, asked, here, figure, model) if asked and printed and not reader.problems else None

    def _entries(self, reader: Reader, words: Iterable[tuple[str, int]]) -> tuple[dict[str, Entry], dict[str, Entry]]:
        """The settings of a number, and the variables of the spec that are set; the first word may be a convention."""
        entries: dict[str, Entry] = {}
        variables: dict[str, Entry] = {}
        for number, (word, place) in enumerate(words):
            mark = self._mark(place)
            key, equals, value = word.partition("=")
            if not equals and number == 0:
                key, value = "convention", word
            kind, name = (variables, key[5:]) if key.startswith("vars.") else (entries, key)
            if not equals and key != "convention":
                reader.fault(f"'{word}' sets nothing", "write SETTING=VALUE, as in batch=4", mark)
            elif kind is entries and key not in SETTINGS:
                reader.fault(f"there is no setting '{key}'", did_you_mean(key, (*SETTINGS, "vars.width")), mark)
            elif name in kind:
                reader.fault(f"'{key}' is set twice", "keep one of the two", mark)
            else:
                kind[name] = Entry(mark, Scalar(value, False, mark))
        return entries, variables
