"""What is written for TeX, Graphviz and Mermaid, given to them: no error, no warning, no box that is too wide."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from vggcalc.cli import cli

PAPER = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,longtable}
\begin{document}
%s
\end{document}
"""
MODELS = ("vgg16", "resnet50", "googlenet")
COMMANDS = [
    *(("show", model) for model in MODELS),
    *(("explain", model) for model in MODELS),
    ("explain", "googlenet", "inception3a"),
    ("show", "resnet152", "--depth", "2"),
    ("compare", *MODELS),
    ("compare", "A", "A-LRN", "B", "C", "D", "E"),
    ("memory", "vgg16", "--training"),
    ("why", "vgg16"),
    ("check", "vgg-table2"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_tex_has_nothing_to_say(command: tuple[str, ...], tmp_path: Path) -> None:
    """With booktabs, and longtable where it is long, twice run, as references want it."""
    assert shutil.which("pdflatex"), "install texlive-latex-recommended"
    written = CliRunner().invoke(cli, [*command, "--format", "latex"])
    assert written.exit_code == 0, written.stderr
    (tmp_path / "paper.tex").write_text(PAPER % written.stdout, "utf-8")
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "paper.tex"], cwd=tmp_path, capture_output=True, check=False
        )
    log = done.stdout.decode("latin-1")
    assert done.returncode == 0, log[-2000:]
    assert not re.findall(r"^!.*|Overfull.*|.*Warning.*", log, re.M)


@pytest.mark.parametrize("model", ["lenet5", "googlenet", "resnet152", "densenet201", "unet", "siamese"])
def test_graphviz_draws_it(model: str) -> None:
    """Every box and every arrow."""
    assert shutil.which("dot"), "install graphviz"
    text = CliRunner().invoke(cli, ["draw", model, "--format", "dot"]).stdout
    done = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    drawn = done.stdout.decode()
    assert drawn.count('class="node"') == len(re.findall(r"^ +n\d+ \[", text, re.M))
    assert drawn.count('class="edge"') == text.count(" -> ")


@pytest.fixture(scope="module")
def parser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mermaid's own parser, from npm."""
    folder = tmp_path_factory.mktemp("mermaid")
    subprocess.run(["npm", "install", "--silent", "mermaid@11", "jsdom@26"], cwd=folder, check=True)
    return Path(shutil.copy(Path(__file__).with_name("mermaid.mjs"), folder))


HOSTILE = """
family: n
input: 8x8x3
layers:
  - {conv3-4: {name: '<script>"x]; --> end | subgraph'}}
  - {maxpool: {name: end}}
"""


@pytest.mark.parametrize("model", ["lenet5", "googlenet", "resnet152", "densenet201", "unet", "siamese", "hostile"])
def test_mermaid_reads_it(model: str, parser: Path) -> None:
    """Whatever layers are called."""
    spec = parser.with_name("hostile.yaml")
    spec.write_text(HOSTILE, "utf-8")
    drawn = parser.with_name(f"{model}.mmd")
    run = CliRunner().invoke(cli, ["draw", str(spec) if model == "hostile" else model, "-o", str(drawn), "--force"])
    assert run.exit_code == 0, run.output
    done = subprocess.run(["node", parser, drawn], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "flowchart-v2\n"), done.stderr[-500:]
