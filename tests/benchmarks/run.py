"""What an answer costs, beside what importing its own dependencies costs, and beside other tools where they are there.

    python tests/benchmarks/run.py

Whole processes are told as ratios of CPU time, in pairs of the same run, for machines differ and drift; what happens
inside of one process in milliseconds of CPU, the least of several runs. Figures are medians where nothing else is said.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from vggcalc import Model, load

_ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
"""An installed package is compiled, and so is one whose first process may write."""

PAIRS = 7
ONLY_CLICK = "import click"
WITH_YAML = "import click, yaml"
WITH_RICH = "import click, yaml, rich.console, rich.table"


def spent(*command: str) -> float:
    """The seconds of CPU that a process takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, check=True, env=_ENVIRONMENT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def against(statement: str, *arguments: str) -> float:
    """How many times as long a command of vggcalc takes as the imports that it cannot do without."""
    command = ("-m", "vggcalc", *arguments)
    spent(*command)
    return statistics.median(spent(*command) / spent("-c", statement) for _ in range(PAIRS))


def least(work: Callable[[], object], times: int = 9) -> float:
    """The least milliseconds of CPU of several runs."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(1000 * (time.process_time() - start))
    return min(found)


def totals(model: Model) -> object:
    """An analysis, up to its totals."""
    return model.analyse().totals


def everything(model: Model) -> object:
    """An analysis, and every figure and field of every row."""
    return [(row.output, row.params, row.macs, row.activations, row.fields) for row in model.analyse().rows]


def chain(layers: int) -> float:
    """Microseconds a layer, every figure and field read, for a chain of layers that all differ."""
    lines = "".join(f"  - conv3-{number + 1}\n" for number in range(layers))
    model = load(f"family: chain\ninput: 8x8x3\ndefaults: {{conv: {{padding: half}}}}\nlayers:\n{lines}")
    return 1000 * least(partial(everything, model), 3) / layers


def others() -> None:
    """What other tools take for ResNet-152 or the like, where they are installed."""
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("torchvision") is None:
        print("torch and torchvision are not installed: nothing to compare with")
        return
    import torch
    import torchvision

    with torch.device("meta"):
        network = torchvision.models.resnet152().eval()
        image = torch.empty(1, 3, 224, 224)
    print(f"  {'torch, a forward on the meta device, ms':48} {least(lambda: network(image), 3):6.1f}")
    if importlib.util.find_spec("torchinfo"):
        from torchinfo import summary

        taken = least(lambda: summary(network, input_data=image, verbose=0), 3)
        print(f"  {'torchinfo, summary, ms':48} {taken:6.1f}")
    if importlib.util.find_spec("fvcore"):
        from fvcore.nn import FlopCountAnalysis

        built, pixels = torchvision.models.resnet152().eval(), torch.zeros(1, 3, 224, 224)
        taken = least(lambda: FlopCountAnalysis(built, pixels).total(), 1)
        print(f"  {'fvcore, FlopCountAnalysis, ms':48} {taken:6.1f}")


def main() -> None:
    """Print the table."""
    rich = ("--format", "rich")
    print("whole processes, against the imports that they cannot do without")
    for what, ratio in (
        ("--help against click", against(ONLY_CLICK, "--help")),
        ("--version against click", against(ONLY_CLICK, "--version")),
        ("show vgg16 by Rich against click, yaml, rich", against(WITH_RICH, "show", "vgg16", *rich)),
        ("show vgg16 as JSON against click, yaml", against(WITH_YAML, "show", "vgg16", "--format", "json")),
    ):
        print(f"  {what:48} {ratio:6.2f}")
    print(
        f"  {'list, seconds of CPU':48} {statistics.median(spent('-m', 'vggcalc', 'list') for _ in range(PAIRS)):6.2f}"
    )
    print("in one process, warm")
    for name in ("resnet152", "efficientnet_b7"):
        model = load(name)
        print(f"  {f'analyse {name}, its totals, ms':48} {least(partial(totals, model)):6.1f}")
        print(f"  {f'analyse {name}, every row and field, ms':48} {least(partial(everything, model)):6.1f}")
    for layers in (1_000, 10_000, 100_000):
        print(f"  {f'a chain of {layers:,} layers, microseconds a layer':48} {chain(layers):6.1f}")
    others()


if __name__ == "__main__":
    main()
