"""One case under watch: what it prints, how it ends, what it takes, and what it leaves behind."""

from __future__ import annotations

import gc
import json
import math
import os
import re
import resource
import shutil
import signal
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner, Result

from fuzzing.case import Case
from vggcalc import bounds
from vggcalc.cli import cli

SECONDS = 2.0
"""Of CPU, for whatever ends in a message, and for every text within the bounds set here."""
KILOBYTES = 512 * 1024
MESSAGE_LINES, MESSAGE_BYTES = 100, 100_000
ALARM = 10
"""Seconds of CPU after which a case is broken off."""
ADDRESS_SPACE = 6 << 30

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_UNKNOWN = re.compile(r": (what (they do|it does)|the shape of what (they read|it reads)) is unknown$", re.M)
"""How a command ends that has shown a network of which nobody knows all: with 1, and with such a line."""
_NETTED = re.compile(r"the file is not understood: (\w+: [^\d;]{,40})")
"""What a reader of foreign files has not foreseen."""
_OUTSIDE = re.compile(r"(^|=|^-[a-z]+)[/~]|\.\.")


class Find(NamedTuple):
    """What is wrong with a case: a signature that equal finds share, and what was seen."""

    signature: str
    seen: str


class TooLongError(BaseException):
    """It went on beyond the alarm; no handler of errors catches it."""


def tighten(address_space: bool = True) -> None:
    """Bounds a hundred times tighter, so that what meets one is quick, and the machine kept from harm."""
    bounds.LAYERS //= 100
    bounds.STEPS //= 100
    gc.freeze()  # what is imported by now stays: it need not be looked through a hundred times a second
    gc.set_threshold(20_000, 20, 20)
    if address_space:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def is_harmless(case: Case) -> bool:
    """Whether it reads and writes in its folder alone, and is not the check of all bundled tables, which takes long."""
    words = [word for word in case.arguments if not word.startswith("-")]
    return not any(_OUTSIDE.search(word) for word in case.arguments) and words != ["check"]


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: Any) -> None:
        raise TooLongError("".join(traceback.format_stack(frame)[-3:]))

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, ALARM)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Watch:
    """Runs cases in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runner = CliRunner()
        self._peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._held: dict[str, tuple[bytes, int]] = {}
        """The files of the folder: what they hold, and when that was written; opening a file can take a millisecond."""
        os.chdir(folder)

    def look(self, case: Case) -> Find | None:
        """Run a case; what is wrong with it, or None."""
        if not is_harmless(case):
            return None
        self._write(case)
        peak, start = self._peak, time.process_time()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            result = self._run(case)
        if isinstance(result, Find):
            return result
        seconds = time.process_time() - start
        self._peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        grown = self._peak - peak
        what = case.arguments[0] if case.arguments else ""
        if seconds > SECONDS:
            return Find(f"time {what}", f"{seconds:.1f} s of CPU")
        if grown > KILOBYTES:
            return Find(f"memory {what}", f"{grown // 1024} MiB")
        if warned:
            return Find(f"warning {warned[0].category.__name__}", str(warned[0].message))
        return _fault_of(case, result) or self._left(case, result) or self._other_verdict(case, result)

    def _other_verdict(self, case: Case, result: Result) -> Find | None:
        """Whether `validate` and `show` disagree about a spec of one network."""
        if case.arguments != ("validate", "net.yaml"):
            return None
        shown = self._run(case._replace(arguments=("show", "net.yaml")))
        if isinstance(shown, Find):
            return shown
        is_other = any(said in shown.stderr for said in ("ask for one of", "is no spec of networks"))
        refused = shown.exit_code == 2  # 1: it is shown, with what is unknown, of which validate warns alone
        if is_other or refused == bool(result.exit_code):
            return None
        return Find("validate and show", f"{result.output[:400]}\n{shown.stderr[:400]}")

    def _run(self, case: Case) -> Result | Find:
        try:
            with _alarm():
                return self._runner.invoke(
                    cli, case.arguments, input=case.text if "-" in case.arguments else None, catch_exceptions=False
                )
        except TooLongError as error:
            return Find(f"alarm {case.arguments[0] if case.arguments else ''}", str(error))
        except Exception as error:  # this is what is looked for
            last = [f"{Path(f.filename).name}:{f.name}" for f in traceback.extract_tb(error.__traceback__)
                    if "vggcalc" in f.filename]  # fmt: skip
            return Find(f"{type(error).__name__} {last[-1] if last else ''}", traceback.format_exc()[-3000:])

    def _write(self, case: Case) -> None:
        wanted = dict(case.files)
        for path in self.folder.iterdir():
            if path.name not in wanted:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                self._held.pop(path.name, None)
        for name, data in wanted.items():
            if self._held.get(name) != (data, self._written(name)):
                (self.folder / name).write_bytes(data)
                self._held[name] = data, self._written(name)

    def _written(self, name: str) -> int:
        path = self.folder / name
        return path.stat().st_mtime_ns if path.is_file() else 0

    def _now(self, name: str) -> bytes:
        """What a file holds now."""
        data, written = self._held[name]
        return data if self._written(name) == written else (self.folder / name).read_bytes()

    def _left(self, case: Case, result: Result) -> Find | None:
        """What is wrong with the files afterwards: only `--fix` and `-o` write, and a fix that fails writes nothing."""
        if not case.files:
            return None
        name, data = case.files[0]
        now = self._now(name)
        is_fix = "--fix" in case.arguments
        writes = any(word.startswith(("-o", "--output", "--picture")) for word in case.arguments)
        if now != data and not (is_fix and name.endswith((".md", ".tex"))) and not writes:
            return Find("written", f"{name} was changed")
        if now != data and result.exit_code == 2:
            return Find("written in failure", f"{name} was changed, and the exit code is 2")
        unknown = [file for file in os.listdir(self.folder) if file not in dict(case.files)]
        if unknown and not writes:
            return Find("left behind", repr(unknown))
        if is_fix and now != data:
            again = self._run(case)
            if isinstance(again, Find):
                return again
            if self._now(name) != now:
                return Find("fixed twice", f"{now!r}\n{self._now(name)!r}")
            if again.exit_code != result.exit_code:
                return Find("fixed otherwise", f"exit code {result.exit_code}, then {again.exit_code}")
        return None


def _fault_of(case: Case, result: Result) -> Find | None:
    code, out, err = result.exit_code, result.stdout, result.stderr
    what = case.arguments[0] if case.arguments else ""
    if code not in (0, 1, 2):
        return Find(f"exit code {code}", err[-500:])
    if what not in ("check", "validate") and (code == 1) != bool(_UNKNOWN.search(err)):
        return Find(f"exit code {code} of {what}", err[-500:])
    if netted := _NETTED.search(err):
        return Find(f"not understood {netted[1]}", err[-500:])
    if code == 2 and not err.strip() and not (what in ("check", "validate") and out.strip()):
        return Find(f"silent failure of {what}", out[-500:])
    size = max(len(text.encode("utf-8", "replace")) for text in (err, out if code == 2 else ""))
    if err.count("\n") > MESSAGE_LINES or size > MESSAGE_BYTES:
        return Find(f"flood {what}", f"{size} bytes, {err.count(chr(10))} lines: {(err or out)[:500]}")
    tabs = out.replace("\t", " ").replace("\r\n", "\n") if "spec" not in case.arguments else ""
    if found := _CONTROL.search(err.replace("\t", " " * ("\t" not in err))) or _CONTROL.search(tabs):
        return Find(f"control character {what}", repr(found[0]) + " in " + repr((err + out)[-800:]))
    if "Traceback" in err:
        return Find(f"traceback {what}", err[-2000:])
    if code == 0 and "json" in case.arguments and "--format" in case.arguments:
        return _fault_of_json(out, what)
    return None


def _fault_of_json(out: str, what: str) -> Find | None:
    try:
        held = json.loads(out)
    except ValueError as error:
        return Find(f"no JSON {what}", f"{error}: {out[:300]}")
    waiting = [held]
    while waiting:
        value = waiting.pop()
        if isinstance(value, float) and not math.isfinite(value):
            return Find(f"not finite {what}", out[:300])
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return None
