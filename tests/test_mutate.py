"""The runner of mutants: it kills what a test sees, and nothing else."""

from pathlib import Path

import pytest
from copies import Copy
from documents import ROOT
from mutate import Mutant, verdicts

FILE = "vggcalc/layers/dense.py"
TEXT = (ROOT / FILE).read_text("utf-8")


def changed(old: str, new: str) -> Mutant:
    """A mutant of fully connected layers."""
    assert TEXT.count(old) == 1, old
    return Mutant(FILE, TEXT[: TEXT.index(old)].count("\n") + 1, old, new, TEXT.replace(old, new))


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
