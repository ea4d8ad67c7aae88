"""Speed, measured against what cannot be faster: importing the dependencies, and the number of layers."""

import os
import sys
import sysconfig
from functools import partial
from pathlib import Path
from statistics import median

import pytest
from clock import calls, imported, least_seconds
from texts import model

RUNS = 11
LIMIT = 1.5
ATTEMPTS = 5

CHAIN = (
    "{{family: f, input: 9x9x1, layers: [{{repeat: {{times: {times}, layers: [{{conv3-2: {{padding: half}}}}]}}}}]}}"
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which byte code is kept, as it is on a user's machine, in a folder of our own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("bytecode"))}


def cpu_seconds(command: list[str], environment: dict[str, str]) -> float:
    """The processor time, user and system, of a whole process."""
    actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, environment, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_utime + usage.ru_stime


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell what a process cost")
def test_a_whole_process(environment: dict[str, str]) -> None:
    """`vggcalc show vgg16 --format json` costs at most 1.5 times what importing click and yaml costs."""
    ours = [str(Path(sysconfig.get_path("scripts")) / "vggcalc"), "show", "vgg16", "--format", "json"]
    imports = [sys.executable, "-c", "import click, yaml"]
    for command in (ours, imports):
        cpu_seconds(command, environment)  # writes the byte code
    ratios = []
    for _ in range(ATTEMPTS):  # a busy machine may spoil an attempt, but not make it look better than it is
        pairs = [(cpu_seconds(ours, environment), cpu_seconds(imports, environment)) for _ in range(RUNS)]
        ratios.append(median(own for own, _ in pairs) / median(base for _, base in pairs))
        if ratios[-1] <= LIMIT:
            return
    pytest.fail(f"the process costs {min(ratios):.2f} times the imports, {LIMIT} are allowed")


HELP = {"vggcalc", "vggcalc.bounds", "vggcalc.cli", "vggcalc.errors", "vggcalc.record", "vggcalc.version"}
OF_CLICK = {"click._textwrap", "locale", "shutil", "textwrap", "runpy", "signal", "gc"}
"""What click imports when it prints help, and what `python -m` and a process of its own need."""


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_imports_nothing_but_click(option: str) -> None:
    """Neither YAML nor any room of the house is needed to say what the commands are."""
    more = imported("-m", "vggcalc", option) - imported("-c", "import click, shutil")
    assert {name for name in more if not name.startswith("_")} <= HELP | OF_CLICK


MOST_MODULES = 67
OF_THE_LIBRARY = {
    "contextvars",
    "json",
    "json.decoder",
    "json.encoder",
    "json.scanner",
    "locale",
    "math",
    "runpy",
    "signal",
    "gc",
}


def test_an_answer_imports_what_it_uses() -> None:
    """`show vgg16 --format json` needs click, yaml, json, and the rooms from the language to the report."""
    more = imported("-m", "vggcalc", "show", "vgg16", "--format", "json") - imported("-c", "import click, yaml")
    ours = {name for name in more if name.partition(".")[0] == "vggcalc"}
    assert len(ours) <= MOST_MODULES
    assert {name for name in more - ours if not name.startswith("_")} <= OF_THE_LIBRARY
    rooms = {name.split(".")[1] for name in ours if "." in name}
    assert not rooms & {"conventions", "claims", "documents", "hints", "checking"}


FEW, MANY = 5_000, 20_000
MOST = 8
"""Four times the layers: 4 in linear time, 16 in quadratic time."""


@pytest.mark.slow
def test_analysis_is_linear() -> None:
    """Four times as many layers take about four times as long."""
    few, many = (model(CHAIN.format(times=times)) for times in (FEW, MANY))
    assert least_seconds(many.analyse) < MOST * least_seconds(few.analyse)


@pytest.mark.slow
def test_reading_is_linear() -> None:
    """Reading a spec, naming its layers included, takes time in proportion to its layers."""
    text = "{{family: f, input: 9x9x1, layers: [{{repeat: {{times: {times}, layers: [relu, lrn]}}}}]}}"
    few, many = (partial(model, text.format(times=times)) for times in (FEW, MANY))
    assert least_seconds(many) < MOST * least_seconds(few)


LAYERS = 1_000
EQUAL = CHAIN.format(times=LAYERS)
DISTINCT = f"""
{{family: f, input: 32x32x3, defaults: {{conv: {{padding: half}}}},
 layers: [{{repeat: {{times: {LAYERS}, index: i, layers: [conv3-$(i + 1)]}}}}]}}
"""


@pytest.mark.parametrize(("text", "most"), [(EQUAL, 17), (DISTINCT, 70)], ids=["equal", "distinct"])
def test_calls_of_an_analysis(text: str, most: int) -> None:
    """The totals of a chain take so many calls a layer, few where its layers are equal and share their answers."""
    chain = model(text)
    assert calls(lambda: chain.analyse().totals) <= most * LAYERS


def test_calls_of_receptive_fields() -> None:
    """Receptive fields are followed when somebody reads them, each from those above it."""
    chain = model(EQUAL)
    assert calls(lambda: chain.analyse().rows) <= 15 * LAYERS
    assert calls(lambda: [row.fields for row in chain.analyse().rows]) <= 70 * LAYERS


def test_calls_of_reading_a_repeat() -> None:
    """A line that stands in a repeat is read once; every turn only appends its layer under another name."""
    block = "{residual: {layers: [{conv3-4: {norm: batchnorm, activation: relu}}, conv3-4], activation: relu}}"
    head = "family: f, input: 9x9x4, defaults: {conv: {padding: half}}"
    times = LAYERS // 6
    text = f"{{{head}, layers: [{{repeat: {{times: {times}, layers: [{block}]}}}}]}}"
    assert calls(lambda: model(text)) <= 45 * 6 * times
