"""Fuzzing: `python tests/fuzz.py --cases 20000 --seed 1` runs mutated files and command lines.

Each runs as a command line in this process, under a watch: any exception, an exit code other than 0, 1 and 2, more than
2 seconds of CPU or 512 MiB, a message of more than 100 lines or 100 KB, control characters in an output, and a file
changed that should not be, is a find. A find is made smaller and saved in tests/finds, where `pytest` runs it from then
on; `--again FILE` runs one. On one commit the case of a kind, seed and number is always the same. With `--guided`
Atheris (`pip install atheris`) chooses what to mutate by the code that it reaches.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from fuzzing import case as cases  # noqa: E402  the folder of this file is where they are; the rest waits for Atheris

if TYPE_CHECKING:
    from fuzzing.watch import Find

    Counter = Synchronized[int]

FINDS = HERE / "finds"
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where files cost least."""
HUNG = 120
"""Seconds after which a worker that stays with one case is ended, and the case a find."""


def keep(case: cases.Case, find: Find, folder: Path, how: str) -> None:
    """Save a find, unless one with its signature is there, and say how to run it again."""
    name = "".join(sign if sign.isalnum() else "-" for sign in f"{case.arguments[:1]}{find.signature}").strip("-")
    path = folder / f"{'-'.join(filter(None, name.split('-')))[:80]}.json"
    if path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(
        cases.saved(case, f"{find.signature}: {(find.seen.strip().splitlines() or [''])[-1][:200]}"), "utf-8"
    )
    sys.stderr.write(f"find: {find.signature} ({how})\n  python tests/fuzz.py --again {path}\n")
    sys.stderr.flush()


def number_of(kinds: list[str], number: int) -> tuple[str, int]:
    """The kinds take turns."""
    return kinds[number % len(kinds)], number // len(kinds)


def work(kinds: list[str], seed: int, todo: range, at: Counter, finds: Counter, into: Path) -> None:
    """Run some of the cases, one after the other."""
    from fuzzing.minimise import minimised
    from fuzzing.seeds import case as made
    from fuzzing.watch import Watch, tighten

    tighten()
    seen: set[str] = set()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        watch = Watch(Path(folder))
        for number in todo:
            at.value = number
            kind, own = number_of(kinds, number)
            case = made(kind, seed, own)
            find = watch.look(case)
            if find is not None and find.signature not in seen:
                find = watch.look(case)  # once more: a find that does not show again was the machine's
                if find is None:
                    continue
                seen.add(find.signature)
                finds.value += 1
                small = minimised(case, find.signature, watch)
                keep(small, watch.look(small) or find, into, f"{kind} {seed} {own}")
        at.value = todo.stop
        os.chdir("/")


class Worker:
    """A process that takes every so-manieth case; what ends it is a find, and the rest goes to another one."""

    def __init__(self, kinds: list[str], seed: int, todo: range, into: Path) -> None:
        self.kinds, self.seed, self.todo, self.into = kinds, seed, todo, into
        context = multiprocessing.get_context("spawn")
        self.at: Counter = context.Value("q", todo.start)
        self.finds: Counter = context.Value("q", 0)
        self.process = context.Process(target=work, args=(kinds, seed, todo, self.at, self.finds, into))
        self.process.start()
        self.seen = (todo.start, time.monotonic())

    @property
    def done(self) -> int:
        """How many of its cases are behind it."""
        return len(range(self.todo.start, self.at.value, self.todo.step))

    def watched(self) -> Worker | None:
        """Itself while it works, another in its place when a case has ended it, None when all is done."""
        number = int(self.at.value)
        if number != self.seen[0]:
            self.seen = (number, time.monotonic())
        hangs = self.process.is_alive() and time.monotonic() - self.seen[1] > HUNG
        if hangs:
            self.process.kill()
            self.process.join()
        if self.process.is_alive():
            return self
        if number >= self.todo.stop:
            return None
        from fuzzing.seeds import case as made
        from fuzzing.watch import Find

        kind, own = number_of(self.kinds, number)
        find = Find("hung" if hangs else f"died {self.process.exitcode}", f"{kind} {self.seed} {own}")
        keep(made(kind, self.seed, own), find, self.into, find.seen)
        return Worker(self.kinds, self.seed, range(number + self.todo.step, self.todo.stop, self.todo.step), self.into)


def run(kinds: list[str], seed: int, count: int, workers: int, into: Path) -> int:
    """Run so many cases, the kinds in turn; returns how many finds there were."""
    start, finds, finished = time.monotonic(), 0, 0
    team = [Worker(kinds, seed, range(first, count, workers), into) for first in range(workers)]
    told = 0.0
    while team:
        time.sleep(0.2)
        for worker in tuple(team):
            after = worker.watched()
            if after is not worker:
                team.remove(worker)
                finds += int(worker.finds.value) + (after is not None)
                finished += worker.done + (after is not None)
                team += [after] if after else []
        if time.monotonic() - told > 30 or not team:
            told = time.monotonic()
            done = finished + sum(worker.done for worker in team)
            so_far = finds + sum(int(worker.finds.value) for worker in team)
            seconds = time.monotonic() - start
            sys.stdout.write(f"{done:,} cases of {', '.join(kinds)}, seed {seed}: {so_far} finds, {seconds:.0f} s\n")
            sys.stdout.flush()
    return finds


def again(path: Path) -> int:
    """Run a saved case and tell what is seen."""
    from fuzzing.watch import Watch, tighten

    tighten()
    case = cases.read(path.resolve())
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        watch = Watch(Path(folder))
        find = watch.look(case)
        os.chdir("/")
    sys.stdout.write(f"{find.signature}: {find.seen}\n" if find else "nothing is wrong with it\n")
    return find is not None


def main() -> None:
    """Read the command line; exit code 1 when there are finds."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--what", default=",".join(cases.KINDS), help="some of " + ", ".join(cases.KINDS))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--into", type=Path, default=FINDS, help="the folder for finds")
    parser.add_argument("--again", type=Path, metavar="FILE", help="run a saved find")
    parser.add_argument("--guided", action="store_true", help="guided by coverage, in one process")
    asked = parser.parse_args()
    if asked.again:
        sys.exit(again(asked.again))
    kinds = asked.what.split(",")
    if unknown := [kind for kind in kinds if kind not in cases.KINDS]:
        parser.error(f"{', '.join(unknown)}: the kinds are {', '.join(cases.KINDS)}")
    if asked.guided:
        from fuzzing.guided import guide

        guide(kinds, asked.seed, asked.cases, asked.into.resolve(), keep)
    sys.exit(run(kinds, asked.seed, asked.cases, asked.workers, asked.into.resolve()) > 0)


if __name__ == "__main__":
    main()
