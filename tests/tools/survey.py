"""Live modules of PyTorch, held against torch, by family: how many are equal, how many have work that is unknown.

    VGGCALC_TOOLS=1 python tests/tools/survey.py --results timm.tsv                  all of timm and torchvision
    VGGCALC_TOOLS=1 python tests/tools/survey.py --results some.tsv --sample 100     so many, drawn with --seed
    VGGCALC_TOOLS=1 python tests/tools/survey.py --results some.tsv resnet 'vit_*'   those of a family or a pattern
    VGGCALC_TOOLS=1 python tests/tools/survey.py --results timm.tsv --table          nothing but the table of results

A module is equal where parameters, multiply-accumulates and the output of every leaf are torch's; unknown where a layer
of unknown work says which operation nobody entered; refused where it is not opened, with the reason; wrong where a
figure differs in silence. Results are appended to the file as they come, and what stands there is not asked again.
Each chunk of models has a process of its own, so that what they leave behind goes with it.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

CHUNK = 25
"""Models for each process."""

CONVOLUTIONAL = frozenset(
    [
        "byobnet",
        "convmixer",
        "convnext",
        "cspnet",
        "cspnext",
        "csatv2",
        "densenet",
        "dla",
        "dpn",
        "efficientnet",
        "fasternet",
        "ghostnet",
        "hardcorenas",
        "hgnet",
        "hrnet",
        "inception_next",
        "inception_resnet_v2",
        "inception_v3",
        "inception_v4",
        "lcnetv2",
        "mambaout",
        "mobilenetv3",
        "mobilenetv5",
        "nasnet",
        "nfnet",
        "pnasnet",
        "rdnet",
        "regnet",
        "repghost",
        "repvit",
        "res2net",
        "resnest",
        "resnet",
        "resnetv2",
        "rexnet",
        "selecsls",
        "senet",
        "sknet",
        "starnet",
        "tresnet",
        "vgg",
        "vovnet",
        "xception",
        "xception_aligned",
    ]
)
"""timm's families of convolutional networks, by the modules in which they stand."""


class Result(NamedTuple):
    """A line of the results."""

    name: str
    family: str
    verdict: str
    seconds: float
    """What opening it took, of the processor's time."""
    forward: float
    """What torch's own forward on the meta device takes after it."""
    reason: str


def judged(name: str, kept: Path | None = None) -> Result:
    """One model, by its name: that of timm's or, behind `torchvision:`, of torchvision's."""
    import torch_models as real  # torch takes seconds, and the table needs none

    import vggcalc

    family, module, sizes = real.named(name)
    measured = torchs(name, module, sizes, kept)
    start = time.process_time()
    try:
        model, refused = vggcalc.from_torch(module, (1, *sizes)), ""
    except vggcalc.VggcalcError as error:
        model, refused = None, str(error)
    seconds = time.process_time() - start
    forward = real.forward_seconds(module, sizes)
    if model is None:
        return Result(name, family, "refused", seconds, forward, refused)
    report = model.analyse()
    wrong, unknown = differences(report, measured), unknowns(report, model.network.notes)
    verdict = "wrong" if wrong else "unknown" if unknown else "equal"
    return Result(name, family, verdict, seconds, forward, "; ".join(wrong[:3] + unknown))


def torchs(name: str, module: Any, sizes: tuple[int, ...], kept: Path | None) -> Any:
    """What torch answers, which may be kept from an earlier run."""
    import torch_models as real

    path = kept / f"{name.replace(':', '_')}.json" if kept else None
    if path is not None and path.exists():
        params, macs, leaves, *_ = json.loads(path.read_text())
        return real.Measured(params, macs, [real.Leaf(*leaf) for leaf in leaves])
    measured = real.measured_live(module, sizes)
    if path is not None:
        path.write_text(json.dumps(measured))
    return measured


def unknowns(report: Any, told: Sequence[str]) -> list[str]:
    """The operations that a network has, of which nobody knows what they do; each with the note on the first."""
    first = {row.layer.op: row.name for row in reversed(report.rows) if row.role == "unknown"}
    notes = dict(note.partition(": ")[::2] for note in told)
    return [f"{op} ({notes.get(name, name)[:80]})" for op, name in first.items()]


def differences(report: Any, measured: Any) -> list[str]:
    """What a report states that torch does not; of a network with unknown work what of it is known."""
    found = []
    params, macs = report.totals.params, report.totals.macs
    if params is not None and params != measured.params:
        found.append(f"{params:,} parameters, not {measured.params:,}")
    if macs is not None and macs != measured.macs:
        found.append(f"{macs:,} multiply-accumulates, not {measured.macs:,}")
    whole = not any(row.role == "unknown" for row in report.rows)
    rows = {row.name: row.output for row in report.rows}
    paths = {leaf.name for leaf in measured.leaves}
    for leaf in measured.leaves:
        outputs = [rows[name] for name in _repeated(leaf.name, paths) if name in rows]
        if not outputs:
            if whole and leaf.params:
                found.append(f"{leaf.name} is no layer")
        elif not any(_equal(output, leaf) for output in outputs):
            written = " and ".join(dict.fromkeys(map(str, outputs)))
            found.append(f"{leaf.name} writes {written}, not {'x'.join(map(str, leaf.output))}")
    return found


def _repeated(path: str, paths: set[str]) -> list[str]:
    """The names of the layers of a module, which may be called again, or make several."""
    return [path, *(name for name in (f"{path}.{number}" for number in range(2, 100)) if name not in paths)]


def _equal(shape: Any, leaf: Any) -> bool:
    """Whether a map is a tensor of batch, channels and axes; or where tokens or windows stand otherwise, as large."""
    if not shape.is_known:
        return True
    if (
        leaf.output[:1] == (1,)
        and len(leaf.output) > 2
        and leaf.kind.endswith(("1d", "2d", "3d"))
        and len(shape.spatial) == len(leaf.output) - 2
    ):
        return tuple(shape.chw) == tuple(leaf.output[1:])
    total = 1
    for n in leaf.output:
        total *= n
    return bool(shape.elements == total)


def asked(patterns: Sequence[str], sample: int, seed: int) -> list[str]:
    """The names of all models that fit a pattern, or whose family is one; of these a sample."""
    import torch_models as real

    names = [
        name
        for name, family in real.families().items()
        if not patterns or any(fnmatch(name, p) or family == p for p in patterns)
    ]
    return random.Random(seed).sample(names, min(sample or len(names), len(names)))


def read(path: Path) -> list[Result]:
    """Results that are there."""
    if not path.exists():
        return []
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    return [Result(line[0], line[1], line[2], float(line[3]), float(line[4]), line[5]) for line in lines]


def table(results: Sequence[Result]) -> Iterator[str]:
    """How many of each family are what, and in how many a reason stands."""
    by_family: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        by_family[result.family][result.verdict] += 1
    verdicts = ("equal", "unknown", "refused", "wrong", "failed")
    yield f"{'family':32}" + "".join(f"{verdict:>9}" for verdict in verdicts)
    for family, count in sorted(by_family.items()):
        yield f"{family:32}" + "".join(f"{count[verdict]:9}" for verdict in verdicts)
    groups = {
        "timm, convolutional": [r for r in results if r.family in CONVOLUTIONAL],
        "timm": [r for r in results if not r.family.startswith("torchvision")],
        "torchvision": [r for r in results if r.family.startswith("torchvision")],
    }
    for group, chosen in groups.items():
        if chosen:
            count = Counter(result.verdict for result in chosen)
            share = f"{100 * count['equal'] / len(chosen):8.1f} %"
            yield f"{group:32}" + "".join(f"{count[verdict]:9}" for verdict in verdicts) + share
    times = sorted(r.seconds / r.forward for r in results if r.forward)
    if times:
        slow = sum(each > 3 for each in times)
        middle, most = times[len(times) // 2], times[-1]
        yield f"time over torch's own forward: median {middle:.2f}, most {most:.2f}; {slow} above 3"
    for result in results:
        if result.verdict != "equal":
            yield f"{result.verdict:8} {result.family:24} {result.name:44} {result.reason[:300]}"


def main() -> None:
    """Ask, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("patterns", nargs="*")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--torch", type=Path, help="a folder in which torch's answers are kept")
    parser.add_argument("--here", action="store_true", help="in this process")
    arguments = parser.parse_args()
    if arguments.here:
        with arguments.results.open("a") as file:
            for name in arguments.patterns:
                file.write(
                    "\t".join(
                        f"{each:.4f}" if isinstance(each, float) else each for each in _safe(name, arguments.torch)
                    )
                    + "\n"
                )
                file.flush()
                gc.collect()
        return
    if not arguments.table:
        done = {result.name for result in read(arguments.results)}
        names = [n for n in asked(arguments.patterns, arguments.sample, arguments.seed) if n not in done]
        for start in range(0, len(names), CHUNK):
            call = [sys.executable, __file__, "--results", str(arguments.results), "--here"]
            call += ["--torch", str(arguments.torch)] if arguments.torch else []
            subprocess.run([*call, *names[start : start + CHUNK]], check=False)
    for line in table(read(arguments.results)):
        print(line)


def _safe(name: str, kept: Path | None) -> Result:
    """A result, also where the module cannot be run at all."""
    try:
        found = judged(name, kept)
    except Exception as error:
        found = Result(name, "?", "failed", 0.0, 0.0, f"{type(error).__name__}: {error}")
    return found._replace(reason=" ".join(found.reason.split()))


if __name__ == "__main__":
    main()
