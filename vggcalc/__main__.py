"""`python -m vggcalc`, and the command `vggcalc`."""

import signal
import sys


def main() -> None:
    """Run the command line.

    Ctrl-C and a reader that closes the pipe end the process at once, as they end cat: nothing here needs tidying.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without UTF-8 shows an escape, not a traceback
            stream.reconfigure(errors="backslashreplace")
    from vggcalc.cli import cli

    cli(prog_name="vggcalc")


if __name__ == "__main__":
    main()
