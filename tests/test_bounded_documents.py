"""Documents that a stranger sends: each is read once from end to end, and told of in a few lines."""

from pathlib import Path

import pytest
from costs import cost

pytestmark = pytest.mark.slow

NUMBER = "<!-- vggcalc vgg16 params -->138 M<!-- /vggcalc -->"
TEX = r"\vggcalc{vgg16 params}{138 M}" + "\n"
BLOCK = "<!-- vggcalc {} -->\n<!-- /vggcalc -->\n\n"
TOO_MANY = "the document has more than 10,000 marks; split it"

DOCUMENTS = {
    "faults in one line": ("d.md", "<!-- /vggcalc -->" * 100_000, 2, "this mark closes nothing"),
    "unknown figures": ("d.md", "<!-- vggcalc vgg16 nix -->1<!-- /vggcalc -->" * 60_000, 2, "there is no figure"),
    "braces": ("d.tex", r"\vggcalc{" * 100_000, 2, "needs two arguments in braces"),
    "more braces": ("d.tex", r"\vggcalc " + "{" * 1_000_000, 2, "needs two arguments in braces"),
    "marks without an end": ("d.md", "<!-- vggcalc \n" * 100_000, 2, "this mark has no end"),
    "marks without an end in one line": ("d.md", NUMBER + "<!-- vggcalc is great " * 100_000, 0, ""),
    "numbers in one line": ("d.md", NUMBER * 60_000, 2, TOO_MANY),
    "numbers in one line of LaTeX": ("d.tex", TEX.strip() * 60_000, 2, TOO_MANY),
    "as many numbers as may be": ("d.md", NUMBER * 10_000, 0, ""),
    "spaces": ("d.md", f"{NUMBER}\n<!--{' ' * 300_000}", 0, ""),
    "spaces in LaTeX": ("d.tex", f"{TEX}%{' ' * 300_000}\n\\newcommand{' ' * 300_000}", 0, ""),
    "listings": ("d.tex", TEX + r"\lstinline[" * 100_000, 0, ""),
    "signs that end a verb": ("d.tex", TEX + "".join(f"\\verb{chr(0x4E00 + n)}" for n in range(20_000)), 0, ""),
    "blank lines": ("d.md", NUMBER + "\n" * 3_000_000, 0, ""),
    "comments without an end": ("d.md", NUMBER + "<!--" * 4_000_000, 2, "more than 1,000,000 comments and runs of"),
    "fences": ("d.md", NUMBER + "```\n" * 3_000_000, 2, "more than 1,000,000 comments and runs of backticks"),
    "code spans": ("d.md", NUMBER + "` `` " * 300_000, 0, ""),
    "a long number": ("d.md", NUMBER.replace("138", "111 " * 1_000_000), 2, "this is too long for a number"),
    "commands": ("d.md", "".join(BLOCK.format(f"show lenet5 --batch {n + 1}") for n in range(2_000)), 2,
                 "up to here the document has more than 250 commands; split it"),
    "a command that prints much": ("d.md", BLOCK.format("show net.yaml --columns layer") * 9_000, 2,
                                   "up to here the document's commands print more than 16 MiB; show fewer layers"),
    "a command that fails": ("d.md", BLOCK.format("show nix.yaml") * 9_000, 2, "nix.yaml: no such file or directory"),
}  # fmt: skip
NET = "family: x\ninput: 4x4x1\nlayers: [{repeat: {times: 10000, layers: [conv1-1]}}]\n"


@pytest.mark.parametrize(("name", "text", "code", "said"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_take_a_bounded_time(tmp_path: Path, name: str, text: str, code: int, said: str) -> None:
    """What was quadratic in a line, or told of every fault, is read or refused within seconds."""
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / name).write_text(text, "utf-8")
    found = cost(tmp_path, "check", name)
    found.assert_bounded()
    assert (found.code, said in found.err) == (code, True), found.err[:2_000]
