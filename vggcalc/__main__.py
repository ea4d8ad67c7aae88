"""`python -m vggcalc`, and the command `vggcalc`."""

import _signal  # type: ignore[import-not-found]  # `signal` takes a while in which Ctrl-C would print a traceback

_signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import io  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TextIO


def main() -> "NoReturn":
    """Run the command line.

    Ctrl-C and a reader that closes the pipe end the process at once, as they end cat: nothing here needs tidying.
    So does the end of the work: taking all objects apart one by one would cost as much as reading and analysing VGG.
    """
    if hasattr(_signal, "SIGPIPE"):
        _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115  a closed stream is None, and stays open until the end
    sys.stdout = sys.stdout or _closed()
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without UTF-8 shows an escape, not a traceback
            stream.reconfigure(errors="backslashreplace")
    os._exit(_code())


class TimeIsUp(BaseException):
    """The process has taken all the time that it was given; what it had begun to write is taken back on the way."""


def _code() -> int:
    """Run a command, and say how it ended; a message that cannot be written is a failure, and no disagreement."""
    try:
        try:
            code = _within_time()
        except OSError as error:  # help and version are printed before any command could notice a full disk
            reason = (error.strerror or "the device failed").lower()
            print(f"vggcalc: cannot write the output: {reason}", file=sys.stderr)
            code = 2
        sys.stderr.flush()
    except OSError:
        return 2
    return code


def _within_time() -> int:
    """Run a command within the seconds that VGGCALC_SECONDS allows, if it does."""
    seconds = os.environ.get("VGGCALC_SECONDS", "")
    if not seconds:
        return _run()
    is_number = seconds.isascii() and seconds.replace(".", "", 1).isdigit()
    if not (is_number and 0 < float(seconds) <= MOST_SECONDS):
        hint = f"it must be a number of seconds above 0, at most {MOST_SECONDS:,}"
        print(f"vggcalc: VGGCALC_SECONDS is {seconds[:40]!a}; {hint}", file=sys.stderr)
        return 2
    said = (
        f"vggcalc: this took more than the {seconds} seconds that VGGCALC_SECONDS allows; allow more, or ask for less"
    )
    if not hasattr(_signal, "setitimer"):
        _end_after(float(seconds), said)
        return _run()
    _signal.signal(_signal.SIGALRM, _time_is_up)
    _signal.setitimer(_signal.ITIMER_REAL, float(seconds), AGAIN)
    try:
        code = _run()
        _signal.setitimer(_signal.ITIMER_REAL, 0)
    except TimeIsUp:
        _signal.setitimer(_signal.ITIMER_REAL, 0)
        print(said, file=sys.stderr)
        return 2
    return code


MOST_SECONDS = 10**6
AGAIN = 1
"""Seconds after which the end is said once more: Python swallows what is raised while it takes an object apart."""


def _time_is_up(*_: object) -> "NoReturn":
    raise TimeIsUp


def _end_after(seconds: float, said: str) -> None:
    """Where the system has no such timer, a thread ends the process; the next run clears away what it had begun."""
    import _thread
    import time

    def end() -> None:
        time.sleep(seconds)
        print(said, file=sys.stderr, flush=True)
        os._exit(2)

    _thread.start_new_thread(end, ())


def _run() -> int:
    import gc

    gc.disable()  # a short life leaves no garbage worth looking for
    from vggcalc.cli import cli

    code = 0
    try:
        cli(prog_name="vggcalc")
    except SystemExit as end:
        code = int(end.code or 0)
    sys.stdout.flush()
    return code


def _closed() -> "TextIO":
    """A standard output that is closed: whoever writes to it is told so, and whoever writes nothing need not mind."""

    class Closed(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            raise OSError(errno.EBADF, "standard output is closed")

    import errno

    return io.TextIOWrapper(io.BufferedWriter(Closed()), "utf-8")


if __name__ == "__main__":
    main()
