"""Runs the command line: `sentinel`, `python -m sentinel`."""

import os
import sys
from contextlib import suppress
from typing import NoReturn

from sentinel.cli.exits import ExitCode
from sentinel.cli.main import main


def run() -> NoReturn:
    """Run the command that the process was started with, and end the process.

    Everything has been written and closed by then. To take the modules apart one by one, as Python would, only takes
    time: a tenth of a short call.
    """
    code = main()
    with suppress(OSError):
        # What Ctrl-C cut off is not written to its end: whoever reads it may read no more, and we would wait for ever.
        if code != ExitCode.INTERRUPTED:
            sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
