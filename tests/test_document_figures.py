"""Figures in documents: marks are found where they are marks, what is wrong is told, and mending it changes no more."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import click
import pytest

from vggcalc import SpecError, UsageError, VggcalcError
from vggcalc.claims import Finding
from vggcalc.cli import cli
from vggcalc.cli.check import output_of as run
from vggcalc.documents.document import Document, check_document, load_document, read_document
from vggcalc.documents.finding import AnyFinding, BlockFinding
from vggcalc.documents.mark_text import COMMANDS, REFUSED
from vggcalc.documents.marks import Block, Number
from vggcalc.documents.rewriting import changes, encoded, rewritten
from vggcalc.errors import Source
from vggcalc.render.formats.latex import escape, write
from vggcalc.render.sheet import Column, Sheet

OPEN, CLOSE = "<!-- vggcalc", "<!-- /vggcalc -->"

NET = "family: tiny\ninput: 4x4x1\nlayers: [{conv3-2: {padding: 1}}, maxpool, fc-3]\n"
"""conv1_1: 3*3*1*2 + 2 = 20 params, 4*4*2*9 = 288 MACs; fc-3: 8*3 + 3 = 27 params, 24 MACs."""


@cache
def output(command: str, style: str = "markdown") -> str:
    """What a command prints in a format, without its last line end."""
    name, *rest = command.split()
    return run([name, "--format", style, *rest]).rstrip("\n")


def markdown(text: str, folder: str | Path = "") -> Document:
    """A text as Markdown."""
    return read_document(Source("paper.md", text), str(folder))


def tex(text: str, folder: str | Path = "") -> Document:
    """A text as LaTeX."""
    return read_document(Source("paper.tex", text), str(folder))


def verdicts(document: Document) -> list[str]:
    """The verdict on each mark."""
    return [finding.verdict for finding in check_document(document, run)]


def fixed(document: Document, findings: list[AnyFinding]) -> str:
    """The text with what is wrong put right."""
    return rewritten(document.source.text, changes(document, findings))


def mended(document: Document) -> str:
    """The text with all put right; once more put right, and checked, it is still the same."""
    text = fixed(document, check_document(document, run))
    again = read_document(Source(document.source.name, text), document.folder)
    findings = check_document(again, run)
    assert fixed(again, findings) == text
    assert not [finding for finding in findings if finding.verdict == "wrong"]
    return text


def faults(text: str, name: str = "paper.md") -> list[str]:
    """What is wrong with the marks of a text, as place and message."""
    with pytest.raises(SpecError) as caught:
        read_document(Source(name, text))
    return [f"{problem.mark and problem.mark.line}:{problem.mark and problem.mark.column}: {problem.message}"
            for problem in caught.value.problems]  # fmt: skip


# --- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "printed", "verdict", "new"),
    [
        ("vgg16 params", "138.4 M", "agrees", "138.4 M"),
        ("vgg16 params", "138.5 M", "wrong", "138.4 M"),
        ("vgg16 params", "139M", "wrong", "138M"),
        ("vgg16 params", "138,357,544", "exact", "138,357,544"),
        ("vgg16 params", "138,357,545", "wrong", "138,357,544"),
        ("vgg16 params", "138357545", "wrong", "138357544"),
        ("vgg16 params", "138\u202f357\u202f545", "wrong", "138\u202f357\u202f544"),
        ("vgg16 params", "138&nbsp;357&nbsp;545 parameters", "wrong", "138&nbsp;357&nbsp;544 parameters"),
        ("vgg16 params", " **139\u00a0M** ", "wrong", " **138\u00a0M** "),
        ("vgg16 params", "about 61 million", "wrong", "about 138 million"),
        ("vgg16 params", "1.5e8", "wrong", "1.4e8"),
        ("vgg16 params", "0.139 G", "wrong", "0.138 G"),
        ("vgg16 params", ".139 G", "wrong", ".138 G"),
        ("vgg16 params", "528 MiB", "agrees", "528 MiB"),
        ("vgg16 params", "5 MiB", "wrong", "528 MiB"),
        ("vgg16 params unit=M", "139", "wrong", "138"),
        ("vgg16 params kilo=1024", "138M", "wrong", "132M"),
        ("vgg16 params digits=2", "150,000,000", "wrong", "140,000,000"),
        ("vgg16 params cut=true unit=K", "138358", "wrong", "138357"),
        ("vgg16 params classes=10", "134,301,514", "exact", "134,301,514"),
        ("vgg16 macs", "15.5 GMACs", "agrees", "15.5 GMACs"),
        ("vgg16 macs", "3.9\u00d710\u2079", "wrong", "15.5\u00d710\u2079"),
        ("vgg16 macs", "3.9&times;10<sup>9</sup>", "wrong", "15.5&times;10<sup>9</sup>"),
        ("vgg16 macs input=384x384 batch=4", "181.8 G", "wrong", "181.7 G"),
        ("vgg16 params layer=conv1_2", "36,928", "exact", "36,928"),
        ("vgg16 params 'layer=conv1_1 + conv1_2'", "1,793", "wrong", "38,720"),
        ("vgg16 params layer=fc6 share=true", "75.0%", "wrong", "74.3%"),
        ("vgg16 output layer=pool5", "7x7x513", "wrong", "7x7x512"),
        ("vgg16 output layer=pool5", "8 \u00d7 7 \u00d7 512", "wrong", "7 \u00d7 7 \u00d7 512"),
        ("vgg16 rf layer=pool5", "211x211", "wrong", "212x212"),
        ("vgg16 rf layer=pool5", "211", "wrong", "212"),
        ("torchvision/vgg16 operations thop", "15.3 G", "wrong", "15.5 G"),
        ("vgg16 forward", "24M * 4 bytes", "agrees", "24M * 4 bytes"),
        ("vgg16 forward", "23M * 4 bytes", "wrong", "24M * 4 bytes"),
        ("vgg16 params", "&lt;= 150M", "agrees", "&lt;= 150M"),
    ],
)  # fmt: skip
def test_numbers_in_markdown(said: str, printed: str, verdict: str, new: str) -> None:
    """A number is compared to its last digit, and mended in the precision and style in which it stands."""
    text = f"It has {OPEN} {said} -->{printed}{CLOSE}, they say: 100.\n"
    document = markdown(text)
    (finding,) = check_document(document, run)
    assert isinstance(finding, Finding)
    assert finding.verdict == verdict
    assert mended(document) == text.replace(f"-->{printed}<", f"-->{new}<")


@pytest.mark.parametrize(
    ("said", "printed", "verdict", "new"),
    [
        ("vgg16 params", r"138.4\,M", "agrees", r"138.4\,M"),
        ("vgg16 params", r"138.5~M", "wrong", r"138.4~M"),
        ("vgg16 params", r"$138{,}357{,}545$", "wrong", r"$138{,}357{,}544$"),
        ("vgg16 params", r"138\,357\,545", "wrong", r"138\,357\,544"),
        ("vgg16 params", r"\num{138357545}", "wrong", r"\num{138357544}"),
        ("vgg16 params", r"$\approx 139\,\mathrm{M}$", "wrong", r"$\approx 138\,\mathrm{M}$"),
        ("vgg16 macs", r"$3.9 \times 10^{9}$", "wrong", r"$15.5 \times 10^{9}$"),
        ("vgg16 macs", r"3.9\,G", "wrong", r"15.5\,G"),
        (r"vgg16 params layer=fc6 share=true", r"75.0\%", "wrong", r"74.3\%"),
        (r"vgg16 params layer=conv1\_2", r"36{,}929", "wrong", r"36{,}928"),
        ("vgg16 output layer=pool5", r"$7\times 7\times 513$", "wrong", r"$7\times 7\times 512$"),
        ("vgg16 output layer=pool5", r"7$\times$7$\times$513", "wrong", r"7$\times$7$\times$512"),
        ("vgg16 params", r"$\leq 150$\,M", "agrees", r"$\leq 150$\,M"),
    ],
)  # fmt: skip
def test_numbers_in_latex(said: str, printed: str, verdict: str, new: str) -> None:
    """LaTeX's spaces, braces and formulas inside a number are read, and kept."""
    text = f"It has \\vggcalc{{{said}}}{{{printed}}}, 50\\% more than 100.\n"
    document = tex(text)
    assert verdicts(document) == [verdict]
    assert mended(document) == text.replace(f"{{{printed}}},", f"{{{new}}},")


def test_places_of_numbers() -> None:
    """A finding says where the number stands, and carries the arithmetic."""
    (finding,) = check_document(markdown(f"\n\u00e9\U0001f600 {OPEN} vgg16 params -->1 M{CLOSE}"), run)
    assert isinstance(finding, Finding)
    assert str(finding.claim.mark) == "paper.md:2:33"
    assert finding.actual == 138_357_544
    assert "138,357,544" in finding.explanation
    assert "printed 1 M" in finding.explanation


def test_what_cannot_be_mended_stays() -> None:
    """A budget that does not hold is a decision, and an unknown figure has no number."""
    text = f"{OPEN} vgg16 params -->&lt; 5M{CLOSE} {OPEN} vgg16 memory_values thop -->5{CLOSE}\n"
    text = text.replace("memory_values thop", "kernel layer=relu1_1")
    document = markdown(text)
    findings = check_document(document, run)
    assert [finding.verdict for finding in findings] == ["wrong", "unknown"]
    assert fixed(document, findings) == text


# --- blocks ------------------------------------------------------------------------------------------------------


def test_block_in_markdown() -> None:
    """An empty block is filled, with blank lines around the table; then it is exact."""
    document = markdown(f"# A\n{OPEN} compare A E -->\n{CLOSE}\ntext\n")
    (block,) = document.marks
    assert isinstance(block, Block)
    assert block.command == ("compare", "--format", "markdown", "A", "E")
    assert mended(document) == f"# A\n{OPEN} compare A E -->\n\n{output('compare A E')}\n\n{CLOSE}\ntext\n"


def test_block_in_latex() -> None:
    """The same between comments, in booktabs; no blank line is put where it would end a paragraph."""
    document = tex("\\centering\n  % vggcalc rf --stack 3x3 --columns\n% /vggcalc\n".replace(" --columns", ""))
    text = mended(document)
    lines = [f"  {line}".rstrip() for line in output("rf --stack 3x3", "latex").split("\n")]
    assert text.split("\n") == ["\\centering", "  % vggcalc rf --stack 3x3", *lines, "% /vggcalc", ""]
    assert "  \\toprule" in lines


@pytest.mark.parametrize(
    ("old", "new"),
    [("143,667,240", "143,667,241"), ("| E  ", "| EE "), ("\nTotals\n", "\n"), ("\n\nAgainst A", "\n\n0\n\nAgainst A")],
)
def test_the_first_line_that_differs_is_shown(old: str, new: str) -> None:
    """What is found and what is expected, with the line's number in the document."""
    wrong = output("compare A E").replace(old, new, 1)
    text = f"# A\n{OPEN} compare A E -->\n\n{wrong}\n\n{CLOSE}\n"
    (finding,) = check_document(markdown(text), run)
    right = f"# A\n{OPEN} compare A E -->\n\n{output('compare A E')}\n\n{CLOSE}\n"
    pairs = list(zip(text.split("\n"), right.split("\n"), strict=False))
    line = next(number for number, (one, other) in enumerate(pairs) if one != other)
    assert isinstance(finding, BlockFinding)
    assert finding.verdict == "wrong"
    assert finding.mark.line == line + 1
    found, expected = pairs[line]
    assert finding.explanation == f"line {line + 1}: found '{found}', expected '{expected}'"
    assert mended(markdown(text)) == right


def test_lines_that_are_missing_or_too_many() -> None:
    """The end of the one or the other is told as such."""
    lines = output("compare A E").split("\n")
    short, long = ("\n".join(rows) for rows in (lines[:-1], [*lines, "", "more"]))
    texts = [f"{OPEN} compare A E -->\n{body}\n{CLOSE}\n" for body in (short, long)]
    (one,), (other,) = (check_document(markdown(text), run) for text in texts)
    assert f"line {len(lines) + 1}: the text ends here, expected '{lines[-1]}'" == one.explanation
    assert other.explanation == f"line {len(lines) + 2}: found '', expected no more"


def test_what_does_not_show_is_no_difference() -> None:
    """A formatter may set a table's columns and blank lines as it likes; nothing is then rewritten."""
    table = re.sub("  +", " ", re.sub("---+", "---", output("compare A E")))
    assert table != output("compare A E")
    document = markdown(f"{OPEN} compare A E -->\n\n\n{table}\n{CLOSE}\n")
    assert verdicts(document) == ["exact"]
    assert mended(document) == document.source.text


def test_block_in_a_list_and_in_a_quotation() -> None:
    """Every line keeps what the mark's line begins with."""
    for prefix in ("  ", "> ", "   > "):
        text = mended(markdown(f"{prefix}{OPEN} compare A E -->\n{prefix}{CLOSE}\n"))
        lines = text.rstrip("\n").split("\n")
        assert all(line.startswith(prefix.rstrip()) for line in lines)
        assert [line.removeprefix(prefix).removeprefix(prefix.rstrip()) for line in lines[2:-2]] == output(
            "compare A E"
        ).split("\n")


def test_other_formats_are_listings() -> None:
    """Plain text stands in a fence or a verbatim environment; the author's own is kept."""
    plain = output("compare A E", "plain")
    text = mended(markdown(f"{OPEN} compare A E --format plain -->\n{CLOSE}\n"))
    assert text == f"{OPEN} compare A E --format plain -->\n\n```text\n{plain}\n```\n\n{CLOSE}\n"
    text = mended(markdown(f"{OPEN} compare A E --format=plain -->\n~~~ sh\n~~~\n{CLOSE}\n"))
    assert text == f"{OPEN} compare A E --format=plain -->\n\n~~~ sh\n{plain}\n~~~\n\n{CLOSE}\n"
    text = mended(tex("% vggcalc compare A E --format plain\n% /vggcalc\n"))
    assert f"plain\n\\begin{{verbatim}}\n{plain}\n\\end{{verbatim}}\n%" in text
    own = "\\begin{lstlisting}[frame=single]"
    text = mended(tex(f"% vggcalc compare A E --format plain\n{own}\n\\end{{lstlisting}}\n% /vggcalc\n"))
    assert f"plain\n{own}\n{plain}\n\\end{{lstlisting}}\n%" in text


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_may_stand_in_a_document(name: str) -> None:
    """Each of them in both languages, filled and green."""
    words = {"explain": "A conv1_1", "rf": "A --layer conv1_1", "layer": "conv3-4 --input 8x8x3", "conventions": "thop",
             "list": "lenet", "compare": "A E"}.get(name, "A")  # fmt: skip
    assert output(f"{name} {words}") in mended(markdown(f"{OPEN} {name} {words} -->\n{CLOSE}"))
    assert output(f"{name} {words}", "latex") in mended(tex(f"% vggcalc {name} {words}\n% /vggcalc"))


# --- files, bytes and line ends ----------------------------------------------------------------------------------


def test_files_lie_beside_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model's file is looked for from the document's folder, whatever the current one is."""
    (tmp_path / "doc").mkdir()
    (tmp_path / "doc" / "net.yaml").write_text(NET, "utf-8")
    (tmp_path / "doc" / "family.yaml").write_text(
        "family: f\ninput: 4x4x1\nvars: {n: 3}\nvariants: {wide: {layers: [fc-$(n)]}, b: {layers: [fc-1]}}\n", "utf-8"
    )
    path = tmp_path / "doc" / "paper.md"
    path.write_text(
        f"{OPEN} net.yaml params -->48{CLOSE} {OPEN} family.yaml:wide params -->51{CLOSE}\n"
        f"{OPEN} family.yaml:wide params vars.n=2 -->35{CLOSE}\n{OPEN} show net.yaml -->\n{CLOSE}\n",
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    for name in (str(path), "doc/paper.md"):
        document = load_document(name)
        assert verdicts(document) == ["wrong", "exact", "wrong", "wrong"]
        text = mended(document)
        assert f"-->47{CLOSE}" in text
        assert f"-->34{CLOSE}" in text
        assert "\n\ntiny\n\n| layer" in text


def test_line_ends_and_all_other_bytes_stay(tmp_path: Path) -> None:
    """CRLF, a byte order mark, spaces at the ends of lines, Unicode and a last line without an end are kept."""
    head, tail = "\u4f60 \t\r\n\u2028odd\x0c lines \r\n", "\r\nmixed\nend \u00a0"
    text = (
        f"{head}{OPEN} vgg16 params -->139 M{CLOSE}\r\n{OPEN} compare A E -->\r\n"
        f"{output('rf --stack 3x3')}\r\n{CLOSE}{tail}"
    )
    path = tmp_path / "paper.md"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    document = load_document(str(path))
    table = output("compare A E").replace("\n", "\r\n")
    new = f"{head}{OPEN} vgg16 params -->138 M{CLOSE}\r\n{OPEN} compare A E -->\r\n\r\n{table}\r\n\r\n{CLOSE}{tail}"
    assert encoded(document, mended(document)) == b"\xef\xbb\xbf" + new.encode("utf-8")
    number, block = document.marks
    assert isinstance(number, Number)
    assert (str(number.mark), block.mark.line) == (f"{path}:3:1", 4)
    assert number.mark.source.line(3).startswith(OPEN)
    assert verdicts(markdown(new)) == ["agrees", "exact"]


def test_a_document_without_marks() -> None:
    """Nothing is found, and nothing changed."""
    for text in ("", "\r\n", "a <!-- b --> % vggcalc\n", "`"):
        assert check_document(markdown(text), run) == []
        assert mended(markdown(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        f"{OPEN} is great -->\n",
        f"{OPEN} isn't bad -->\n",
        f"{OPEN} is great\nand more -->\n",
        f"{OPEN} is great",
        f"x {OPEN}, our tool --> y\n",
        f"{OPEN} is great -->\n\n{OPEN} A params -->132,863,336{CLOSE}\n",
        f"{OPEN} is great -->\n\n{OPEN} list -->\n{output('list')}\n{CLOSE}\n",
    ],
)
def test_prose_about_vggcalc(text: str) -> None:
    """A comment that begins with the name opens nothing, unless a command, a model or a closing mark comes next."""
    assert {*verdicts(markdown(text))} <= {"exact"}
    assert len(markdown(text).marks) == text.count("/vggcalc")
    latex = "% vggcalc is our tool\na % vggcalc: see there\n% vggcalc isn't bad\n\\vggcalc{A params}{132,863,336}\n"
    assert verdicts(tex(latex)) == ["exact"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """No traceback for a file that is missing, is no document, or no text."""
    (tmp_path / "bad.md").write_bytes(b"a\xff")
    with pytest.raises(SpecError, match="not UTF-8"):
        load_document(str(tmp_path / "bad.md"))
    for name in ("missing.md", "a\0.md", "."):
        with pytest.raises(UsageError):
            load_document(str(tmp_path / name) if name != "." else str(tmp_path))
    with pytest.raises(UsageError, match="is no document"):
        read_document(Source("paper.rst", ""))


# --- what is a mark ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"```\n{OPEN} nonsense -->\n```\n",
        f"```markdown\n{OPEN} show vgg16 -->\n{CLOSE}\n```",
        f"~~~~ md\n~~~\n```\n{OPEN} nonsense -->\n~~~~~\n",
        f"- item\n\n  ```\n  {OPEN} nonsense -->\n  ```\n",
        f"1. ```\n   {OPEN} nonsense -->\n   ```\n",
        f"> ```\n> {OPEN} nonsense -->\n> ```\n",
        f"```\r\n{OPEN} nonsense -->\r\n```\r\n",
        f"```\nnever closed\n{OPEN} nonsense -->\n",
        f"Write `{OPEN} vgg16 params -->139 M{CLOSE}` there.\n",
        f"Write ``{OPEN} vgg16 `params` -->139 M{CLOSE}`` there.\n",
        f"Write `\nit {OPEN} vgg16 params -->139 M{CLOSE}` there.\n",
        f"<!-- commented out: {OPEN} nonsense -->\n",
        "<!-- $ vggcalc show vgg16 -->\n\nother\n\n<!-- end -->\n",
    ],
)
def test_text_of_markdown(text: str) -> None:
    """Within code and comments nothing is a mark."""
    assert markdown(text).marks == ()


@pytest.mark.parametrize(
    "before",
    [
        "a ` stray\n\n",
        "# a ` stray\n",
        "- a ` stray\n- ",
        "``` not a `fence`\n\n",
        "\\` ",
        "a \\\\`code` ",
        "`` a ` ``\n",
        "`a` ",
        "<!-- ` --> ",
        "<!-- ``` \n\n --> ",
        "```\ncode\n```\n",
        "~~~\n```\n~~~\n",
        "- ```\n  code\n  ```\n",
        "no `` match ``` at all ",
    ],
)
def test_marks_of_markdown(before: str) -> None:
    """A stray backtick, and code that has ended, hide no mark behind it."""
    for after in ("", " `x`", " \\`", "\n\n`x` `"):
        assert len(markdown(f"{before}{OPEN} vgg16 params -->138 M{CLOSE}{after}\n").marks) == 1


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{verbatim}\n% vggcalc nonsense\n\\vggcalc{a}\n\\end{verbatim}\n",
        "\\begin{lstlisting}[x=y]\n% vggcalc nonsense\n\\end{lstlisting}\n",
        "\\begin{Verbatim}\n\\begin{verbatim}\n\\end{verbatim}\n% vggcalc nonsense\n\\end{Verbatim}\n",
        "\\begin{comment}\n% vggcalc nonsense\n\\end{comment}\n",
        "\\verb|\\vggcalc{nonsense}{1}| and \\verb*+\\vggcalc{x}+\n",
        "\\lstinline[language=TeX]!\\vggcalc{nonsense}{1}!\n",
        "% as in \\vggcalc{nonsense}{1}\n",
        "\\newcommand{\\vggcalc}[2]{#2}\n\\renewcommand\\vggcalc[2]{#2}\n\\def\\vggcalc#1#2{#2}\n",
        "\\providecommand*{\\vggcalc}[2]{#2}\n",
        "5\\% vggcalc compare A E\n",
        "text % vggcalc is fine\n",
        "\\vggcalcs{a}\n",
    ],
)
def test_text_of_latex(text: str) -> None:
    """Within listings and comments nothing is a mark, nor is the definition of the macro."""
    assert tex(text).marks == ()


def test_marks_of_latex() -> None:
    """What has ended hides no mark; an escaped backslash escapes no comment; an editor may wrap the arguments."""
    number = "\\vggcalc{vgg16\n  params}{138\\,M}"
    for before in ("\\begin{verbatim}\n\\end{verbatim}", "\\verb|%| ", "\\verb|a\n", "5\\% ", "% it's\n", "\\\\% x\n"):
        assert len(tex(f"{before}{number}\n").marks) == 1
    assert len(tex(f"\\begin{{table}}{number}\n\t%% vggcalc compare A E\r\n%/vggcalc\n\\end{{table}}").marks) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"a\n{OPEN} show vgg16 -->\n", ["2:1: this mark is not closed"]),
        (f"a\n  {CLOSE}\n", ["2:3: this mark closes nothing"]),
        (f"{OPEN} show A -->\n{OPEN} show B -->\n{CLOSE}\n",
         ["2:1: this mark stands inside the table that begins on line 1"]),
        (f"{OPEN} show A -->\nx {OPEN} A params -->1{CLOSE}\n{CLOSE}\n",
         ["2:3: this mark stands inside the table that begins on line 1"]),
        (f"a {OPEN} vgg16 params -->138 M\n{CLOSE}\n",
         ["1:3: this mark is not closed", "2:1: this mark closes nothing"]),
        (f"a {OPEN} vgg16 params -->1 {OPEN} vgg16 macs -->15 G{CLOSE}\n", ["1:3: this mark is not closed"]),
        (f"{OPEN} shwo vgg16 -->\n{CLOSE}\n", ["1:14: no table is printed by 'vggcalc shwo'"]),
        (f"{OPEN} check -->\n{CLOSE}\n", ["1:14: no table is printed by 'vggcalc check'"]),
        (f"{OPEN} -->\n{CLOSE}\n", ["1:1: this mark names no command"]),
        (f"a {OPEN} show vgg16 -->\n{CLOSE}\n", ["1:3: something else stands on the line of this mark"]),
        (f"{OPEN} show vgg16 -->\nx {CLOSE}\n", ["2:3: something else stands on the line of this mark"]),
        (f"{OPEN} rf vgg16 --picture /dev/null -->\n{CLOSE}\n", ["1:23: '--picture' does not belong into a document"]),
        (f"{OPEN} rf vgg16 --picture ../x.svg -->\n{CLOSE}\n", ["1:23: '--picture' does not belong into a document"]),
        (f"{OPEN} rf vgg16 --picture=/x.svg -->\n{CLOSE}\n", ["1:23: '--picture' does not belong into a document"]),
        (f"{OPEN} rf vgg16 '--picture=x.svg' -->\n{CLOSE}\n", ["1:23: '--picture' does not belong into a document"]),
        (f"{OPEN} show - -->\n{CLOSE}\n", ["1:19: '-' does not belong into a document"]),
        (f"{OPEN} show /dev/null -->\n{CLOSE}\n", ["1:19: there is no model '/dev/null'"]),
        (f"{OPEN} show 'A -->\n{CLOSE}\n", ["1:19: a quote is not closed"]),
        (f"{OPEN} vgg16\nparams -->1{CLOSE}\n",
         ["1:1: this mark goes over several lines", "2:12: this mark closes nothing"]),
        (f"{OPEN} vgg16 params 138 M\n", ["1:1: this mark has no end"]),
        (f"a {OPEN} vgg16 -->1{CLOSE}\n", ["1:3: this mark does not say of what the number is"]),
        (f"{OPEN} vgg16 parms -->1{CLOSE}\n", ["1:20: there is no figure 'parms'"]),
        (f"{OPEN} vgg16 params -->many{CLOSE}\n", ["1:30: 'many' is not a printed figure"]),
        (f"{OPEN} vgg16 params -->{CLOSE}\n", ["1:30: '' is not a printed figure"]),
        (f"{OPEN} vgg16 params bach=4 -->1{CLOSE}\n", ["1:27: there is no setting 'bach'"]),
        (f"{OPEN} vgg16 params batch=4 batch=5 -->1{CLOSE}\n", ["1:35: 'batch' is set twice"]),
        (f"{OPEN} vgg16 params batch=x -->1{CLOSE}\n", ["1:27: 'batch' is 'x'"]),
        (f"{OPEN} vgg16 params batch=4 thop -->1{CLOSE}\n", ["1:35: 'thop' sets nothing"]),
        (f"{OPEN} vgg16 params thop -->1{CLOSE}\n", ["1:27: params has one definition"]),
        (f"{OPEN} vgg16 macs -->1 MB{CLOSE}\n", ["1:28: '1 MB' is in bytes, but macs has none"]),
        (f"{OPEN} vgg16 a -->1{CLOSE} {OPEN} vgg16 b -->1{CLOSE}\n\n{CLOSE}\n",
         ["1:20: there is no figure 'a'", "1:63: there is no figure 'b'", "3:1: this mark closes nothing"]),
    ],
)  # fmt: skip
def test_faults_of_markdown(text: str, expected: list[str]) -> None:
    """All that is wrong is told at once, each with its place."""
    assert faults(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("% vggcalc show vgg16\n", ["1:1: this mark is not closed"]),
        ("% /vggcalc\n", ["1:1: this mark closes nothing"]),
        ("% vggcalc show A\n\\vggcalc{A params}{1}\n% /vggcalc\n",
         ["2:1: this mark stands inside the table that begins on line 1"]),
        ("% vggcalc shwo vgg16\n% /vggcalc\n", ["1:11: no table is printed by 'vggcalc shwo'"]),
        ("a % vggcalc show vgg16\n", ["1:3: something stands before this mark"]),
        ("% vggcalc rf A --picture x.svg\n% /vggcalc\n", ["1:16: '--picture' does not belong into a document"]),
        ("\\vggcalc{vgg16 params}\n", [r"1:1: \vggcalc needs two arguments in braces"]),
        ("\\vggcalc{vgg16 params}{1\n\n}\n", [r"1:1: \vggcalc needs two arguments in braces"]),
        ("\\vggcalc vgg16\n", [r"1:1: \vggcalc needs two arguments in braces"]),
        ("a\n\\vggcalc{vgg16 parms}{1}\n", ["2:16: there is no figure 'parms'"]),
        ("\\vggcalc{vgg16 params}{\\foo 1}\n", [r"1:24: '\foo 1' is not a printed figure"]),
    ],
)  # fmt: skip
def test_faults_of_latex(text: str, expected: list[str]) -> None:
    """The same in LaTeX."""
    assert faults(text, "paper.tex") == expected


def test_a_format_for_terminals_is_refused() -> None:
    """It would print other lines on another terminal."""
    with pytest.raises(VggcalcError, match=r"^paper\.md:1:1: 'rich' is for terminals; leave --format out"):
        check_document(markdown(f"{OPEN} show A --format rich -->\n{CLOSE}\n"), run)


def test_faults_of_the_models_are_told_together() -> None:
    """A model that does not exist, in a number or a table, and a wrong option, each at its place."""
    document = markdown(
        f"{OPEN} nomodel params -->1{CLOSE}\n{OPEN} show nomodel -->\n{CLOSE}\n{OPEN} show A --wrong -->\n{CLOSE}\n"
    )
    with pytest.raises(SpecError) as caught:
        check_document(document, run)
    places = [(problem.mark.line, problem.mark.column) for problem in caught.value.problems if problem.mark]
    assert places == [(1, 14), (2, 1), (4, 1)]


def test_faults_in_the_file_of_a_model_keep_their_places(tmp_path: Path) -> None:
    """A fault of a spec is told at its line there, and in the document at the mark that cannot be worked out for it."""
    (tmp_path / "bad.yaml").write_text("family: f\ninput: 8x8x3\nlayers:\n  - conv3-8\n  - konv3-8\n")
    document = markdown(
        f"{OPEN} bad.yaml params -->1{CLOSE}\n{OPEN} show bad.yaml -->\n{CLOSE}\n"
        f"{OPEN} show A --input 3x3x3 -->\n{CLOSE}\n",
        tmp_path,
    )
    with pytest.raises(SpecError) as caught:
        check_document(document, run)
    bad = f"{tmp_path / 'bad.yaml'}:5:5"
    assert [str(problem).splitlines() for problem in caught.value.problems if "konv" in str(problem)] == [
        [f"{bad}: 'konv' is no kind of layer; did you mean 'conv'?", "    - konv3-8", "      ^"]
    ]
    here = [problem for problem in caught.value.problems if problem.mark and problem.mark.source is document.source]
    assert [f"{problem.mark}: {problem.message}; {problem.hint}" for problem in here] == [
        f"paper.md:1:14: this cannot be worked out; see {bad}",
        f"paper.md:2:1: this cannot be worked out; see {bad}",
        "paper.md:4:1: this cannot be worked out; see vgg.yaml:20:44",
    ]


def test_no_option_that_writes_or_waits_is_allowed() -> None:
    """Every option of every allowed command that names a file to write is refused."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        for parameter in command.params:
            if isinstance(parameter.type, click.Path | click.File):
                assert set(parameter.opts) <= set(REFUSED), (name, parameter.opts)


# --- LaTeX -------------------------------------------------------------------------------------------------------


EVIL = '\\input{x} %$&#_^~{}[2pt] <a> | -- " `'


def _tokens(text: str) -> list[str]:
    return re.findall(r"\\[A-Za-z]+|\\.|.", text)


def test_names_are_inert_in_latex(tmp_path: Path) -> None:
    """A name from a spec is data: no command, comment, column or formula comes out of it."""
    path = tmp_path / "evil.yaml"
    layers = "{fc-3: {name: 'a_b%[$'}}, {fc-3: {name: '[2pt]*'}}"
    path.write_text(f"family: f\ntitle: '{EVIL}'\ninput: 4x4x1\nlayers: [{layers}]\n", "utf-8")
    printed = output(f"show {path}", "latex")
    allowed = {f"\\{name}" for name in ("toprule", "midrule", "bottomrule", "begin", "end", "char", "tabularnewline")}
    allowed |= {f"\\{name}" for name in ("centering", "caption", "label", "footnotesize", "setlength", "tabcolsep")}
    allowed |= {"\\par", "\\medskip", "\\raggedright"}
    allowed |= {f"\\text{name}" for name in ("backslash", "asciicircum", "asciitilde", "less", "greater", "bar")}
    allowed |= {f"\\{character}" for character in "&%$#_{}"}
    lines = printed.split("\n")
    comments = [line for line in lines if line.startswith("%")]
    assert [line for line in comments if "a_b" in line or "2pt" in line] == []
    for line in (line for line in lines if line not in comments):
        tokens = _tokens(line)
        assert {token for token in tokens if token.startswith("\\")} <= allowed
        assert not {"%", "$", "#", "_", "^", "~", "<", ">", "|", '"'} & set(tokens), line
        assert not re.match(r"\s*[\[*]", line), line
    for table in printed.split("\\begin{tabular}")[1:]:
        rows = [row for row in table.split("\n") if row.endswith("\\tabularnewline")]
        assert len({len([token for token in _tokens(row) if token == "&"]) for row in rows}) == 1
    document = tex(f"% vggcalc show {path.name}\n% /vggcalc\n", tmp_path)
    assert verdicts(document) == ["wrong"]
    assert "a\\_b\\%[\\$" in mended(document)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("conv1_2", "conv1\\_2"),
        ("74.3%", "74.3\\%"),
        ("\\", "\\textbackslash{}"),
        ("a--b---c", "a-{}-b-{}-{}-c"),
        ("[2pt]", "{[}2pt]"),
        (" *", "{*}"),
        ("3*3 [x]", "3*3 [x]"),
        ("", ""),
    ],
)
def test_escapes_of_latex(text: str, expected: str) -> None:
    """Each special character stands for itself."""
    assert escape(text) == expected


def test_shares_in_latex() -> None:
    """A column of shares, which no text column is, is escaped too."""
    sheet = Sheet([Column("a", "a_b", right=False), Column("s", "s", is_bar=True)], [["x", (1, 2)]], "t%", ["n&m"])
    write([sheet], out := io.StringIO())
    assert (
        out.getvalue()
        == r"""% needs \usepackage{booktabs}
\begin{table}
\centering
\caption{t\%}
\label{tab:t}
{\footnotesize\setlength{\tabcolsep}{4pt}
\begin{tabular}{@{}lr@{}}
\toprule
a\_b   &      s \tabularnewline
\midrule
x      & 50.0\% \tabularnewline
\bottomrule
\end{tabular}}

\smallskip\noindent n\&m
\end{table}
"""
    )


def test_a_listing_that_would_end_early_is_refused() -> None:
    """What is printed cannot close the environment that it stands in."""
    printed: Callable[[list[str]], str] = lambda _: "\\end{verbatim}\\input{x}"  # noqa: E731
    with pytest.raises(SpecError, match="use another environment"):
        check_document(tex("% vggcalc show A --format plain\n% /vggcalc\n"), printed)
    ticks: Callable[[list[str]], str] = lambda _: "```\n"  # noqa: E731
    document = markdown(f"{OPEN} show A --format plain -->\n{CLOSE}\n")
    findings = check_document(document, ticks)
    assert "````text\n```\n````" in fixed(document, findings)


def test_findings_of_another_document_are_refused() -> None:
    """Mending needs the findings of the same text."""
    one, other = markdown(f"{OPEN} A params -->1{CLOSE}\n"), markdown(f"{OPEN} show A -->\n{CLOSE}\n")
    with pytest.raises(ValueError, match="another document"):
        fixed(one, check_document(other, run))


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "`",
        "` `` ",
        "<!--",
        "```\n",
        "> ",
        "- ",
        "\\vggcalc{",
        "% ",
        "{{",
        "\\verb|",
        "<!-- vggcalc ",
        "% vggcalc show A\n",
    ],
)
@pytest.mark.parametrize("name", ["paper.md", "paper.tex"])
def test_nothing_makes_reading_slow(unit: str, name: str) -> None:
    """What repeats many thousand times is read, or refused with the first of its faults, without delay."""
    start = time.process_time()
    with suppress(SpecError):
        read_document(Source(name, unit * 20_000))
    assert time.process_time() - start < 10
