"""`python -m vggcalc`, and the command `vggcalc`."""

import gc
import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line.

    Ctrl-C and a reader that closes the pipe end the process at once, as they end cat: nothing here needs tidying.
    So does the end of the work: taking all objects apart one by one would cost as much as reading and analysing VGG.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115  a closed stream is None, and stays open until the end
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without UTF-8 shows an escape, not a traceback
            stream.reconfigure(errors="backslashreplace")
    gc.disable()  # a short life leaves no garbage worth looking for
    from vggcalc.cli import cli

    try:
        try:
            cli(prog_name="vggcalc")
        finally:
            sys.stdout.flush()
    except SystemExit as end:
        code = int(end.code or 0)
    except OSError as error:  # help and version are printed before any command could notice a full disk
        print(f"vggcalc: cannot write the output: {(error.strerror or 'the device failed').lower()}", file=sys.stderr)
        code = 2
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
