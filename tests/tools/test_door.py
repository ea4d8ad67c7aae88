"""`torch:PACKAGE.MODULE:FACTORY` from the current folder: what it opens, and one line for each thing that is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import vggcalc
from vggcalc.cli import cli

CODE = r"""
import torch

class Net(torch.nn.Module):
    def __init__(self, width=8, side=30):
        super().__init__()
        self.c = torch.nn.Conv2d(3, width, 3)
        self.f = torch.nn.Linear(width * side * side, 10)

    def forward(self, x):
        return self.f(self.c(x).flatten(1))

class Two(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.d = torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(1, 8, 3)

    def forward(self, x, y):
        return self.c(x) + self.d(y)

class Heads(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.aux = torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 2, 1)

    def forward(self, x):
        x = self.c(x)
        return (x, self.aux(x)) if self.training else x

class Counting(Net):
    def __init__(self):
        super().__init__(side=2 * int(torch.tensor([15]).sum().item()))

class Bad(Net):
    def forward(self, x):
        raise ValueError("not this\nway.")

class Leaves(Net):
    def forward(self, x):
        raise SystemExit(3)

def three():
    return 3
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the code, where the command runs."""
    (tmp_path / "own_nets.py").write_text(CODE)
    (tmp_path / "broken_nets.py").write_text("def (")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "own_nets", raising=False)


def shown(model: str, *more: str) -> tuple[int, str]:
    """How the command ends, and what it says."""
    found = CliRunner().invoke(cli, ["show", model, *more, "--format", "csv"])
    return found.exit_code, found.output


def test_a_class_of_the_current_folder() -> None:
    """Settings are its arguments: 16 kernels of 27 weights, and biases."""
    code, text = shown("torch:own_nets:Net,width=16,input=32x32x3")
    assert (code, "c,conv3-16,30x30x16,(3*3*3)*16 = 432,448," in text) == (0, True)


def test_what_computes_while_it_is_built() -> None:
    """It is built with values, and runs without."""
    assert shown("torch:own_nets:Counting,input=32x32x3")[0] == 0


def test_a_module_is_as_it_was() -> None:
    """Its weights have their values, its buffers and modes are those from before, and shared weights are shared."""
    one, other = (torch.nn.Conv2d(3, 3, 1, bias=False) for _ in range(2))
    module = torch.nn.Sequential(one, torch.nn.BatchNorm2d(3), other)
    module[2].weight = module[0].weight
    module[1].eval()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    assert vggcalc.from_torch(module, (1, 3, 8, 8)).analyse().totals.params == 9 + 6
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    assert [each.training for each in module.modules()] == [True, True, False, True]
    assert module[2].weight is module[0].weight


def test_several_inputs() -> None:
    """They have the names that forward gives them, in whichever order they stand: 3*9*8 + 8 and 9*8 + 8."""
    code, text = shown("torch:own_nets:Two", "--input", "y=32x32x1", "--input", "x=32x32x3")
    assert (code, "x,input,32x32x3" in text, "y,input,32x32x1" in text) == (0, True, True)
    assert ("c,conv3-8,30x30x8,(3*3*3)*8 = 216,224" in text, "d,conv3-8,30x30x8,(3*3*1)*8 = 72,80" in text) == (
        True,
        True,
    )


def test_heads_of_training() -> None:
    """They run in training alone, and are counted so."""
    code, text = shown("torch:own_nets:Heads,input=32x32x3")
    assert (code, "aux" in text) == (0, True)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("own_nets:Net,input=16x16x3", "own_nets:Net: RuntimeError: a and b must have same reduction dim"),
        ("own_nets:Net,widt=8", "TypeError: Net.__init__() got an unexpected keyword argument 'widt'; it is the code"),
        ("own_nets:Nope", "AttributeError: module 'own_nets' has no attribute 'Nope'; it is the code that says so"),
        ("no_such_nets:Net", "ModuleNotFoundError: No module named 'no_such_nets'; it is the code that says so"),
        ("broken_nets:Net", "SyntaxError: "),
        ("own_nets", "torch:own_nets names no factory; write torch:PACKAGE.MODULE:FACTORY"),
        ("own_nets:Bad", "own_nets:Bad: ValueError: not this way; it is the code that says so"),
        ("own_nets:Leaves", "own_nets:Leaves: SystemExit: 3; it is the code that says so"),
        ("own_nets:three", "own_nets:three makes no module of PyTorch, but int; name what makes one"),
        ("own_nets:Two", "TypeError: Two.forward() missing 1 required positional argument: 'y'; it is the code"),
    ],
)
def test_what_is_wrong_is_one_line(model: str, said: str) -> None:
    """No traceback, no silence."""
    code, text = shown(f"torch:{model}")
    assert (code, text.count("\n")) == (2, 1)
    assert said in text
