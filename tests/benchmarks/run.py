"""What an answer costs, beside what importing its own dependencies costs, and beside other tools where they are there.

    python tests/benchmarks/run.py               some minutes
    python tests/benchmarks/run.py --million     a quarter of an hour more: every command on a million layers

Whole processes are told as ratios of CPU time, in pairs of the same run, for machines differ and drift; what happens
inside of one process in milliseconds of CPU. All figures are medians; the last column is what is to be reached.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from vggcalc import Model, load

ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""An installed package is compiled, and so is one whose first process may write."""
COMMAND = str(Path(sysconfig.get_path("scripts")) / "vggcalc")

PAIRS = 15
TURNS = 9
CLICK, YAML = "import click", "import click, yaml"
RICH = "import click, yaml, rich.console, rich.table"
NETWORKS = (("resnet152", 4), ("efficientnet_b7", 9))
CHAINS = (1_000, 10_000, 100_000, 1_000_000)
MILLION = """
family: million
input: 32x32x2
defaults: {conv: {padding: half}}
layers: [{repeat: {times: 1000000, layers: [conv3-2]}}]
"""
OF_A_MILLION = (
    "show --format csv",
    "show --format json",
    "rf --format csv",
    "rf --format json",
    "why --format json",
    "why --memory --format json",
    "memory --format json",
    "explain --format csv",
    "explain --format json",
)


class Cost(NamedTuple):
    """What a process took: seconds of CPU, and MiB at its largest."""

    seconds: float
    mebibytes: float


def process(*command: str) -> Cost:
    """What a command takes, its output thrown away."""
    discard = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(command[0], command, ENVIRONMENT, file_actions=discard)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def against(statement: str, *arguments: str) -> float:
    """How many times as long a command of vggcalc takes as the imports that it cannot do without."""
    ours, imports = (COMMAND, *arguments), (sys.executable, "-c", statement)
    process(*ours)
    return statistics.median(process(*ours).seconds / process(*imports).seconds for _ in range(PAIRS))


def milliseconds(work: Callable[[], object], turns: int = TURNS) -> float:
    """The milliseconds of CPU that some work takes, when it has been done once."""
    work()
    found = []
    for _ in range(turns):
        start = time.process_time()
        work()
        found.append(1000 * (time.process_time() - start))
    return statistics.median(found)


def totals(model: Model) -> object:
    """An analysis, up to its totals."""
    return model.analyse().totals


def everything(model: Model) -> None:
    """An analysis, and every figure and field of every row."""
    for row in model.analyse().rows:
        _ = (row.output, row.params, row.macs, row.activations, row.fields)


def chain(layers: int) -> Model:
    """A chain of layers that all differ."""
    repeat = f"{{repeat: {{times: {layers}, index: i, layers: [conv3-$(i + 1)]}}}}"
    return load(f"family: chain\ninput: 8x8x3\ndefaults: {{conv: {{padding: half}}}}\nlayers: [{repeat}]\n")


def row(what: str, value: float, goal: float | None = None, digits: int = 1) -> None:
    """Print a line of the table."""
    print(f"  {what:56} {value:8.{digits}f}" + ("" if goal is None else f"   <= {goal:g}"), flush=True)


def processes() -> None:
    """Whole processes."""
    print("whole processes, against the imports that they cannot do without")
    row("--help against click", against(CLICK, "--help"), 1.2, 2)
    row("--version against click", against(CLICK, "--version"), 1.2, 2)
    row("show vgg16 by Rich against click, yaml, rich", against(RICH, "show", "vgg16", "--format", "rich"), 1.35, 2)
    row("show vgg16 as JSON against click, yaml", against(YAML, "show", "vgg16", "--format", "json"), 1.2, 2)
    row("list, seconds", statistics.median(process(COMMAND, "list").seconds for _ in range(PAIRS)), 0.3, 2)


def analyses() -> None:
    """One process, warm."""
    print("in one process, warm")
    for name, goal in NETWORKS:
        model = load(name)
        row(f"{name}: totals, ms", milliseconds(partial(totals, model)), goal)
        row(f"{name}: every row and receptive field, ms", milliseconds(partial(everything, model)))
        row(f"{name}: from the spec to its network, ms", milliseconds(partial(load, name)))
    for layers in CHAINS:
        model, turns = chain(layers), 3 if layers > 10_000 else TURNS
        row(
            f"a chain of {layers:,}, totals, us a layer",
            1000 * milliseconds(partial(totals, model), turns) / layers,
            12,
        )
        if layers <= 100_000:
            taken = milliseconds(partial(everything, model), turns)
            row(f"a chain of {layers:,}, every row and field, us a layer", 1000 * taken / layers)


def million() -> None:
    """Every command on a million layers."""
    print("a million layers: MiB, and seconds")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.yaml"
        path.write_text(MILLION, "utf-8")
        for text in OF_A_MILLION:
            name, *options = text.split()
            cost = process(COMMAND, name, str(path), *options)
            row(text, cost.mebibytes, 1024, 0)
            row("", cost.seconds, None, 0)


def others() -> None:
    """What other tools take for ResNet-152, where they are installed."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("torchvision") is None:
        print("torch and torchvision are not installed: nothing to compare with")
        return
    import torch
    import torchvision

    print("others on torchvision's resnet152, in one process, warm")
    built, pixels = torchvision.models.resnet152().eval(), torch.zeros(1, 3, 224, 224)
    with torch.device("meta"):
        network, image = torchvision.models.resnet152().eval(), torch.empty(1, 3, 224, 224)
    row("torch: a forward on the meta device, ms", milliseconds(lambda: network(image), 3))
    if importlib.util.find_spec("torchinfo"):
        from torchinfo import summary

        row(
            "torchinfo: summary, meta device, ms",
            milliseconds(lambda: summary(network, input_data=image, verbose=0), 3),
        )
    if importlib.util.find_spec("fvcore"):
        from fvcore.nn import FlopCountAnalysis

        row("fvcore: FlopCountAnalysis, ms", milliseconds(lambda: FlopCountAnalysis(built, pixels).total(), 1))
    if importlib.util.find_spec("onnx"):
        import onnx

        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder) / "resnet152.onnx")
            torch.onnx.export(built, (pixels,), path, dynamo=False)
            model = onnx.load(path)
        row("onnx: shape inference, ms", milliseconds(lambda: onnx.shape_inference.infer_shapes(model), 3))


def main() -> None:
    """Print the table."""
    processes()
    analyses()
    others()
    if "--million" in sys.argv[1:]:
        million()


if __name__ == "__main__":
    main()
