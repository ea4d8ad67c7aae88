"""Mutation testing: whether any test notices when a place of the engine is changed.

`python tests/mutate.py --sample 400` draws places of the rooms below at random, changes each by one of cosmic-ray's
operators, and runs the quick tests that execute the place, the room's own first, until one fails. A mutant that none
kills is printed, with the seed that draws it again. `equivalents.yaml` explains those that nobody could tell apart from
the original; they do not count, nor does one that takes the last input for the first where there is one.

The operators are cosmic-ray's; the runner is not. cosmic-ray starts its tests anew for each mutant, which takes some
ten seconds each, and mutmut leaves alone what is decorated or stands outside functions, as layers' roles and the
tables of the conventions do. Here a process that has imported pytest forks for each mutant, in a copy of the tree.
"""

from __future__ import annotations

import argparse
import ast
import gc
import io
import math
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from difflib import ndiff
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from copies import Copy
from documents import ROOT

OWN = {
    "layers": ("layers", "oracle", "channels", "pool_padding", "published_networks", "shape", "mistakes"),
    "analysis": ("fields", "oracle", "axes", "rf_cli", "compare", "resized", "series_parallel", "published_fields"),
    "conventions": ("conventions", "conventions_cli", "published_tables", "bundled_tables", "saved"),
}
"""The rooms, and the files of tests that are theirs."""

SHARE = 0.95
"""Of a run's mutants, as many at least must be killed."""

SECONDS = 60
"""No test works so long, on any machine: what does, does not end, and is killed. It is the processor's time, so that
a busy machine kills nobody."""

PATIENCE = 1200
"""What sleeps for so long is killed too."""

BYTES = 4 << 30
"""Nor does any test need so much memory."""


class Mutant(NamedTuple):
    """A file of the package with one place changed."""

    file: str
    line: int
    old: str
    new: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}\n    - {self.old}\n    + {self.new}"


Operator = Any
"""What cosmic-ray calls an operator: a way to change a place of a syntax tree."""

LEFT_OUT = re.compile(r"Variable|Bit|Shift|Operator_(?!Is)\w+_Is|Operator_Is(Not)?_(?!Is)")
"""Operators that need names; those of bits, which fail on all but integers; `is` for `==`, which is the same for small
numbers."""

Reached = Mapping[str, Mapping[int, Sequence[str]]]
"""Of each file and line, the tests that execute it; what is executed on import has an empty name among them."""


def places(text: str) -> list[list[tuple[Operator, int]]]:
    """The places of a module that can be changed: for each, operators and which of their occurrences it is."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    nodes = list(ast_nodes(get_ast(text)))
    found: dict[object, list[tuple[Operator, int]]] = {}
    for name in sorted(name for name in operator_names() if not LEFT_OUT.search(name)):
        operator = get_operator(name)()
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, position in enumerate(positions):
            found.setdefault(position, []).append((operator, occurrence))
    return [found[position] for position in sorted(found, key=str)]


def mutant(file: str, text: str, operator: Operator, occurrence: int) -> Mutant | None:
    """A file with one place changed; None for one that only an annotation tells from the original."""
    from cosmic_ray.mutating import mutate_code

    mutated = mutate_code(text, operator, occurrence)
    if mutated is None or _meaning(mutated) in (_meaning(text), None):
        return None
    before, after = text.splitlines(), mutated.splitlines()
    differing = (i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1] and pair[0].strip())
    line = next(differing, 0)  # not the empty line before a decorator that is gone
    changes = list(ndiff(before, after))
    old, new = (" ".join(row[2:].strip() for row in changes if row.startswith(sign)) for sign in ("- ", "+ "))
    return Mutant(file, line + 1, old, new, mutated)


@cache
def _meaning(text: str) -> str | None:
    """What is left of a module without annotations, which nobody evaluates, and `strict=True`, which never strikes."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(0)
        if isinstance(node, ast.Call):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg != "strict"]
    return ast.dump(tree)


def draw(sample: int, seed: int, only: str) -> list[Mutant]:
    """So many mutants of the rooms, one of a place, the same ones for the same seed and sources."""
    chance = random.Random(seed)
    paths = sorted(path for room in OWN for path in (ROOT / "vggcalc" / room).rglob("*.py") if only in str(path))
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths}
    all_places = [(file, choices) for file, text in texts.items() for choices in places(text)]
    chance.shuffle(all_places)
    found = (mutant(file, texts[file], *chance.choice(choices)) for file, choices in all_places)
    return list(islice((one for one in found if one), sample))


def measure(copy: Copy) -> Path:
    """What the quick tests execute, by a run of all of them."""
    command = ("pytest", "-q", "-n", "2", "-p", "no:cacheprovider", "--cov=vggcalc")
    copy.run(*command, "--cov-branch", "--cov-context=test", "--cov-report=")
    return copy.folder / ".coverage"


def reached(measured: Path) -> Reached:
    """Which tests execute a line, as measured in a copy of the tree."""
    from coverage import CoverageData

    data = CoverageData(str(measured))
    data.read()
    return {
        "vggcalc/" + file.rpartition("/vggcalc/")[2]: {
            line: [context.partition("|")[0] for context in contexts]
            for line, contexts in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }


def that_execute(mutant: Mutant, reached: Reached) -> set[str] | None:
    """The tests that execute the statement of a mutant; None for all, where it is executed on import."""
    lines = reached.get(mutant.file, {})
    first, last = _statement((ROOT / mutant.file).read_text("utf-8"), mutant.line)
    names = {name for line in range(first, last + 1) for name in lines.get(line, ())}
    return None if "" in names else names


def _statement(text: str, line: int) -> tuple[int, int]:
    """The first and last line of the smallest statement around a line; of a compound one, of its head."""
    found = (line, line)
    smallest = math.inf
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.stmt):
            continue
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        body = getattr(node, "body", None)
        last = body[0].lineno if body else node.end_lineno or node.lineno
        if first <= line <= last and last - first < smallest:
            found, smallest = (first, last), last - first
    return found


OPTIONS = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0")


class Only:
    """Keeps of all tests those with the names given, in an order that mixes the files."""

    def __init__(self, names: set[str] | None) -> None:
        self.names = names

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """What remains to be run."""
        items[:] = [item for item in items if self.names is None or item.nodeid in self.names]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self) -> None:
        """Each test has its own time."""
        signal.setitimer(signal.ITIMER_PROF, SECONDS)


def survives(mutant: Mutant, folder: Path, names: set[str] | None) -> bool:
    """Whether all tests pass that are named, in a process of one's own that has not imported the package yet."""
    room = mutant.file.split("/")[1]
    own = [f"tests/test_{name}.py" for name in OWN[room]] + [mutant.file]
    others = [str(path.relative_to(folder)) for path in sorted(folder.glob("tests/test_*.py"))] + ["vggcalc"]
    if names is not None:
        reached = Counter(name.partition("::")[0] for name in names)
        own = sorted((file for file in own if file in reached), key=lambda file: -reached[file])
        others = sorted(set(reached) - set(own))
    refused = ["-m", "", "tests/test_bad_specs.py"]  # slow, but the only ones to see much of what is refused
    stages = ((own[:1], Only(names)), (own[1:], Only(names)), (others, Only(names)), (refused, Only(None)))
    for (
        files,
        plugin,
    ) in stages:  # most are killed by the first file, and to collect another takes longer than to run it
        code = pytest.main([*OPTIONS, *files], [plugin]) if files else 0
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return False
    return True


def is_ours(name: str, module: object) -> bool:
    """Whether a module is the package's or the tests'; an environment in the tree, as README makes it, is neither."""
    file = getattr(module, "__file__", None)
    return name.partition(".")[0] == "vggcalc" or (bool(file) and Path(str(file)).is_relative_to(ROOT / "tests"))


def start(mutant: Mutant, folder: Path, names: set[str] | None) -> int:
    """A process that ends with 0 where the mutant survives."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setsid()
        os.chdir(folder)
        out = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        (folder / mutant.file).write_text(mutant.text, "utf-8")
        os.environ["PYTHONPATH"] = str(folder)
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        sys.dont_write_bytecode = True
        sys.path[:] = [str(folder), *(entry for entry in sys.path if entry != str(ROOT / "tests"))]
        for name, module in list(sys.modules.items()):  # what was imported here is not what is mutated there
            if is_ours(name, module) and name != "__main__":
                del sys.modules[name]
        code = 0 if survives(mutant, folder, names) else 1
    finally:
        os._exit(code)


class Verdict(NamedTuple):
    """Whether a mutant was killed, and what that took."""

    mutant: Mutant
    killed: bool
    seconds: float


def verdicts(drawn: Sequence[Mutant], reached: Reached, copies: Sequence[Path]) -> Iterator[Verdict]:
    """Each mutant is given to the tests that execute it, as many mutants at once as there are copies."""
    waiting, running, free = list(drawn), dict[int, tuple[Mutant, Path, float]](), list(copies)
    while waiting or running:
        while waiting and free:
            mutant = waiting.pop()
            names = that_execute(mutant, reached)
            if names is not None and not names:
                yield Verdict(mutant, False, 0)
                continue
            folder = free.pop()
            running[start(mutant, folder, names)] = (mutant, folder, time.monotonic())
        for pid, (mutant, folder, began) in list(running.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            seconds = time.monotonic() - began
            if not done and seconds > PATIENCE:
                os.killpg(pid, signal.SIGKILL)
                done, status = os.waitpid(pid, 0)
            if done:
                del running[pid]
                free.append(folder)
                shutil.copy2(ROOT / mutant.file, folder / mutant.file)
                yield Verdict(mutant, status != 0, seconds)
        time.sleep(0.02)


def reads_its_one_input(mutant: Mutant) -> bool:
    """Whether it takes the last input for the first, in a kind of layer that has one; the base classes have others."""
    if mutant.new.replace("inputs[ -1]", "inputs[0]") != mutant.old:
        return False
    from vggcalc.layers import REGISTRY, Layer

    tree = ast.parse((ROOT / mutant.file).read_text("utf-8"))
    around = [node for node in tree.body if node.lineno <= mutant.line <= (node.end_lineno or 0)]
    names = {node.name for node in around if isinstance(node, ast.ClassDef)} - {Layer.__name__}
    kinds = [cls for cls in REGISTRY.values() if names & {each.__name__ for each in cls.__mro__}]
    return bool(kinds) and all(cls.inputs == (1, 1) for cls in kinds)


def equivalents() -> set[tuple[str, str, str]]:
    """Mutants that are explained: file, what stood there, what stands there now."""
    entries = yaml.safe_load((ROOT / "tests" / "equivalents.yaml").read_text("utf-8")) or []
    return {(entry["file"], entry["old"], entry["new"]) for entry in entries}


def fits(killed: int, counted: int) -> bool:
    """Whether so many kills are no rarer than one in a hundred, were the share of all mutants just what is wanted.

    >>> fits(400, 400), fits(360, 400), fits(56, 60), fits(50, 60)
    (True, False, True, False)
    """
    lost = counted - killed
    chances = (math.comb(counted, n) * (1 - SHARE) ** n * SHARE ** (counted - n) for n in range(lost))
    return 1 - sum(chances) >= 0.01


def prepare(copies: Sequence[Copy]) -> None:
    """What is alike for all mutants is done once: tests are compiled, and what they import from elsewhere is there."""
    for copy in copies:
        copy.run("pytest", *OPTIONS, "--collect-only")
    with redirect_stdout(io.StringIO()):
        pytest.main(
            [*OPTIONS, "--collect-only", *(str(ROOT / "tests" / f"test_{name}.py") for name in ("cli", "layers"))]
        )
    gc.collect()
    gc.freeze()


def main() -> None:
    """Exit code 1 when too many survive for the share that is wanted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--sample", type=int, default=400, help="how many mutants")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="what is drawn; else random")
    parser.add_argument("--only", default="", help="only files with this in their path")
    parser.add_argument("--measured", type=Path, help="what tests execute: kept in this file for a second time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("--all", action="store_true", help="print those that are killed too")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    drawn, known = draw(given.sample, given.seed, given.only), equivalents()
    counted = [one for one in drawn if (one.file, one.old, one.new) not in known and not reads_its_one_input(one)]
    with tempfile.TemporaryDirectory() as name:
        copies = []
        for number in range(given.jobs):
            (Path(name) / str(number)).mkdir()
            copies.append(Copy(Path(name) / str(number)))
        measured = given.measured or Path(name) / "measured"
        if not measured.exists():
            shutil.copy(measure(copies[0]), measured)
        killed, lines, folders = 0, reached(measured), [copy.folder for copy in copies]
        prepare(copies)
        for original in (one._replace(text=(ROOT / one.file).read_text("utf-8")) for one in counted[:1]):
            if next(verdicts([original], lines, folders)).killed:
                sys.exit(f"tests are red without a mutant: {(folders[-1] / 'log').read_text('utf-8')[-2000:]}")
        for number, verdict in enumerate(verdicts(counted, lines, folders), 1):
            killed += verdict.killed
            if given.all or not verdict.killed:
                word = "killed" if verdict.killed else "SURVIVES"
                print(f"{number}: {word} after {verdict.seconds:.0f} s: {verdict.mutant}", flush=True)
    share = killed / max(len(counted), 1)
    print(f"{killed} of {len(counted)} killed, {share:.1%}; {len(drawn) - len(counted)} equivalent")
    sys.exit(not fits(killed, len(counted)))


if __name__ == "__main__":
    main()
