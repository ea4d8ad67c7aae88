"""Tables for papers: whole, as wide as the text, over several pages where they are long."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from vggcalc.cli import cli


def printed(*arguments: str) -> str:
    """What a command prints in LaTeX."""
    result = CliRunner().invoke(cli, [*arguments, "--format", "latex"])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_table_of_a_paper() -> None:
    """Caption, label, the totals below in the same float; bars go before figures, and a comment says what is gone."""
    said = printed("show", "vgg16")
    assert said.count("\\begin{table}") == said.count("\\end{table}") == 1
    assert "\\label{tab:vgg16}" in said
    assert said.count("\\begin{tabular}") == 2
    gone = re.findall("% left out to fit the width of the text: (.*)", said)
    assert gone == ["weights, params%, memory%, MACs%, rf"]
    head = next(line for line in said.splitlines() if line.startswith("layer"))
    assert [cell.split()[0] for cell in head.split("&")] == ["layer", "type", "output", "params", "memory", "MACs"]


def test_a_long_table_goes_over_pages() -> None:
    """ResNet-50 has more rows than a page: its headings stand on each."""
    said = printed("show", "resnet50")
    assert said.startswith("% needs \\usepackage{booktabs,longtable}\n")
    assert said.index("\\begin{longtable}") < said.index("\\caption") < said.index("\\endfirsthead")
    assert said.count("\\toprule") == 3  # on the first page, on the others, and of the totals


def test_a_bare_table() -> None:
    """Without titles there is no float, for one's own."""
    said = printed("show", "lenet5", "--no-title", "--no-totals")
    assert "\\begin{table}" not in said
    assert "\\caption" not in said
    assert said.count("\\begin{tabular}") == 1


def test_labels_differ() -> None:
    """Tables of one network have labels of their own."""
    labels = re.findall(r"\\label\{(.*?)\}", printed("memory", "vgg16", "--training"))
    assert len(set(labels)) == len(labels) > 1


@pytest.mark.parametrize("columns", ["layer,params", "layer,type,output,macs"])
def test_chosen_columns(columns: str) -> None:
    """Those that are asked for, in their order."""
    head = next(
        line for line in printed("show", "vgg16", "--columns", columns).splitlines() if line.startswith("layer")
    )
    assert head.count("&") == columns.count(",")
