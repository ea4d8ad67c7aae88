"""The runner of mutants: it kills what a test sees, and nothing else."""

from pathlib import Path
from types import ModuleType

import pytest
from copies import Copy
from documents import ROOT
from mutate import Mutant, equivalents, is_ours, reads_its_one_input, verdicts

FILE = "vggcalc/layers/dense.py"
TEXT = (ROOT / FILE).read_text("utf-8")


def changed(old: str, new: str) -> Mutant:
    """A mutant of fully connected layers."""
    assert TEXT.count(old) == 1, old
    return Mutant(FILE, TEXT[: TEXT.index(old)].count("\n") + 1, old, new, TEXT.replace(old, new))


def test_what_is_imported_anew() -> None:
    """The package and the tests, not what an environment in the tree holds: half of PyYAML knows not its other half."""
    for name, file, ours in (
        ("vggcalc.layers", ROOT / "vggcalc" / "layers" / "__init__.py", True),
        ("texts", ROOT / "tests" / "texts.py", True),
        ("yaml", ROOT / ".venv" / "lib" / "python3.13" / "site-packages" / "yaml" / "__init__.py", False),
        ("builtins", None, False),
    ):
        module = ModuleType(name)
        module.__file__ = str(file) if file else None
        assert is_ours(name, module) == ours


def test_what_is_explained_stands_there() -> None:
    """An explanation goes with the code that it is of."""
    for file, old, new in equivalents():
        text = " ".join((ROOT / file).read_text("utf-8").split())
        assert old in text, f"{file}: {old}"
        assert new not in text, f"{file}: {new}"


def changed_in(file: str, old: str, new: str) -> Mutant:
    """A mutant of a file."""
    text = (ROOT / file).read_text("utf-8")
    return Mutant(file, text[: text.index(old)].count("\n") + 1, old, new, text.replace(old, new, 1))


def test_the_last_input_is_the_first_where_there_is_one() -> None:
    """A slope has one input and a sum several, a crop one or two; what all layers have in common is for all."""
    one = changed_in("vggcalc/layers/elementwise.py", "(inputs[0].channels,)", "(inputs[ -1].channels,)")
    assert reads_its_one_input(one)
    assert not reads_its_one_input(one._replace(new="(inputs[1].channels,)"))
    for file in ("merge", "geometry", "base"):
        old = {"merge": "first = inputs[0]", "geometry": "shape = inputs[0]", "base": "return inputs[0]"}[file]
        assert not reads_its_one_input(changed_in(f"vggcalc/layers/{file}.py", old, old.replace("[0]", "[ -1]")))


@pytest.mark.slow
def test_mutants_are_killed_by_the_tests_that_see_them(tmp_path: Path) -> None:
    """A sum for a product is seen, a remark is not, nor what no test executes; the copy is as before in the end."""
    copy = Copy(tmp_path)
    wrong = changed("return inputs[0].elements * self.out_features", "return inputs[0].elements + self.out_features")
    same = changed("bias: Flag = True", "bias: Flag = True  # as usual")
    unseen = changed("if set(shape.spatial) <= {1}", "if set(shape.spatial) <= {2}")
    tests = ["tests/test_conventions.py::test_operations_of_torchvisions_vgg16[thop]"]
    reached = {FILE: {wrong.line: tests, same.line: tests}}
    found = {verdict.mutant: verdict.killed for verdict in verdicts([wrong, same, unseen], reached, [copy.folder])}
    assert found == {wrong: True, same: False, unseen: False}
    assert (copy.folder / FILE).read_text("utf-8") == TEXT
