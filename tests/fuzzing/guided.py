"""Guided by coverage: Atheris keeps what reaches new code of vggcalc, and mutates that further."""

from __future__ import annotations

import importlib
import os
import pkgutil
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fuzzing.case import Case

if TYPE_CHECKING:
    from fuzzing.watch import Find

Keep = Callable[[Case, "Find", Path, str], None]


def guide(kinds: Sequence[str], seed: int, count: int, into: Path, keep: Keep) -> None:
    """Run so many cases; ends the process, with exit code 0 unless a case has killed it.

    A case is bytes to Atheris: the first two choose the question, the rest is the text that it is about.
    """
    atheris = importlib.import_module("atheris")  # who fuzzes like this installs it
    with atheris.instrument_imports(include=["vggcalc"]):  # all, for commands are imported when they are asked for
        import vggcalc

        for module in pkgutil.walk_packages(vggcalc.__path__, "vggcalc."):
            if module.name != "vggcalc.__main__":
                importlib.import_module(module.name)
    from fuzzing.minimise import minimised
    from fuzzing.mutate import LARGEST, mutated
    from fuzzing.seeds import case as made
    from fuzzing.watch import Watch, tighten

    tighten(address_space=False)  # what watches memory for it takes terabytes of addresses
    asked = [kind for kind in kinds if kind != "commands"]
    questions = [made(kind, seed, number) for kind in asked for number in range(256)]
    seen: set[str] = set()
    watch = Watch(Path(tempfile.mkdtemp()))

    def case_of(data: bytes) -> Case:
        return questions[int.from_bytes(data[:2], "big") % len(questions)].with_text(data[2:])

    def one(data: bytes) -> None:
        case = case_of(data)
        found = watch.look(case)
        if found is not None and found.signature not in seen:
            seen.add(found.signature)
            small = minimised(case, found.signature, watch)
            keep(small, watch.look(small) or found, into, "guided")

    def mutate(data: bytes, largest: int, number: int) -> bytes:
        dice = random.Random(number)
        if dice.random() < 0.2:
            return bytes(atheris.Mutate(data, largest))
        other = dice.choice(questions)
        head = data[:2] if len(data) >= 2 and dice.random() < 0.9 else dice.randbytes(2)
        return (head + mutated(data[2:], other.text, dice))[:largest]

    corpus = Path(tempfile.mkdtemp())
    for number, case in enumerate(questions):
        (corpus / str(number)).write_bytes(number.to_bytes(2, "big") + case.text)
    options = [f"-runs={count}", f"-seed={seed}", f"-max_len={LARGEST}", "-timeout=60", "-rss_limit_mb=4096"]
    os.chdir(watch.folder)
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", str(corpus)], one, custom_mutator=mutate)
    atheris.Fuzz()
