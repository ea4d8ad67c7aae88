"""Padding of a pooling by more than half its kernel, which is legal here and refused by PyTorch, is said."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from seen import REFUSED
from texts import report

from vggcalc.cli import cli
from vggcalc.layers.pool import MaxPool
from vggcalc.shape import Shape

NETWORK = (
    "{{family: f, input: 9x9x2, layers: [{{{kind}3/1: {{name: p, padding: {padding}}}}}, {{maxpool: {{name: q}}}}]}}"
)


@pytest.mark.parametrize(("kernel_size", "padding", "dilation"), [(k, p, d) for k, p, d, _ in REFUSED])
def test_what_pytorch_refuses(kernel_size: int, padding: int, dilation: int) -> None:
    """As torch 2.13's poolings do; dilation makes the kernel no larger."""
    layer = MaxPool(kernel_size=kernel_size, stride=1, padding=padding, dilation=dilation)
    (is_refused,) = [refused for *fields, refused in REFUSED if fields == [kernel_size, padding, dilation]]
    assert (layer.overpadded(Shape(1, (9, 9))) is not None) == is_refused


@pytest.mark.parametrize("kind", ["maxpool", "avgpool", "subsample"])
@pytest.mark.parametrize("command", ["show", "explain"])
def test_it_is_said(kind: str, command: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A network is shown and a layer explained with a line that says so; where nothing is refused there is none."""
    path = tmp_path_factory.mktemp("pools") / "net.yaml"
    for padding, is_said in ((2, True), (1, False), ("[0, [1, 2]]", True)):
        path.write_text(NETWORK.format(kind=kind, padding=padding))
        asked = [command, str(path), *(["p"] if command == "explain" else [])]
        text = " ".join(CliRunner().invoke(cli, asked, catch_exceptions=False).output.split())
        assert ("PyTorch's own pooling refuses padding by more than half the kernel" in text) is is_said, text
        assert ("p is padded by 2 with a kernel of 3: " in text) is (is_said and command == "show")


def test_it_counts_all_the_same() -> None:
    """It is legal: 9 + 2*2 - 3 + 1 = 11."""
    found = report(NETWORK.format(kind="maxpool", padding=2))
    assert str(found.row("p").output) == "11x11x2"
