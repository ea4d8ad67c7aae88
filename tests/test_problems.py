"""Every problem has a code, which is stable and stands in the docs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from documents import ROOT

import vggcalc
from vggcalc.errors import CODES

MADE_BY = ("Problem", "fault", "ShapeError", "FieldError", "ShorthandError", "ExpressionError", "problem")
"""What makes problems."""


def codes(root: Path) -> Iterator[tuple[str, ast.expr | None]]:
    """Every call in the package that makes a problem, and the code that it gives."""
    for file in sorted((root / "vggcalc").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                made = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                is_question = made == "fault" and len(node.args) == 2  # Layer.fault asks what is wrong with a value
                if made in MADE_BY and not is_question:
                    given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                    yield f"{file.relative_to(root)}:{node.lineno}", given[0] if given else None


def test_every_problem_has_a_code() -> None:
    """Each of `CODES`, or that of the problem that is passed on."""
    found = list(codes(ROOT))
    assert len(found) > 200
    assert [place for place, code in found if code is None] == []
    told = {code.value for _, code in found if isinstance(code, ast.Constant)}
    assert told - set(CODES) == set()
    assert set(CODES) - told == set(), "a code that no problem has"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('raise UsageError(Problem("what", "hint"))', None),
        ('reader.fault("what", "hint", mark)', None),
        ('raise errors.ShapeError("what")', None),
        ('raise FieldError("what", code="bad-fields")', "bad-fields"),
        ('Problem("what", "hint", mark, code=CODE)', ""),
    ],
)
def test_a_problem_without_a_known_code_is_found(tmp_path: Path, text: str, expected: str | None) -> None:
    """The checker itself: no code, one that is none of `CODES`, and one that is passed on."""
    (tmp_path / "vggcalc").mkdir()
    (tmp_path / "vggcalc" / "new.py").write_text(f"if reader.fault(name, value) is None:\n    {text}\n", "utf-8")
    ((place, code),) = codes(tmp_path)
    assert place == "vggcalc/new.py:2"
    assert (None if code is None else getattr(code, "value", "")) == expected


def test_codes_stand_in_the_docs() -> None:
    """With what each means."""
    text = (ROOT / "docs" / "problems.md").read_text("utf-8")
    assert [code for code, what in CODES.items() if f"| `{code}` | {what} |" not in text] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("family: a\ninput: 8x8x3\nlayers: [conv3-8, {", "not-yaml"),
        ("family: a\ninput: 8x8x3\nlayers: [conv2d-8]\n", "bad-shorthand"),
        ("family: a\ninput: 8x8x3\nlayers: [blob]\n", "unknown-kind"),
        ("family: a\ninput: 8x8x3\nlayers: [conv9-8]\n", "shape-misfit"),
        ("family: a\ninput: 8x8x3\nlayers: [{conv3-8: {stride: 0}}]\n", "bad-field"),
        ("family: a\ninput: 8x8x3\nlayers: [conv3-$(w)]\n", "unknown-name"),
        ("family: a\ninput: 8x8x3\nlayers: [{add: {from: [x, y]}}]\n", "unknown-name"),
        ("family: a\ninput: 8x8x3\ncolour: red\nlayers: [relu]\n", "unknown-key"),
        ("family: a\nlayers: [relu]\n", "missing-key"),
        ("family: a\ninput: 8x8x3\n", "missing-key"),
        ("family: a\ninput: 8x8x3\nvariants: {x: {aliases: [x], layers: [relu]}}", "name-taken"),
    ],
)
def test_the_code_of_a_fault(text: str, code: str) -> None:
    """Whoever wrote it can be told of what sort it is."""
    with pytest.raises(vggcalc.SpecError) as raised:
        vggcalc.load(text).analyse()
    assert code in {problem.code for problem in raised.value.problems}
