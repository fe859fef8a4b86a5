"""Runs the command line: `python -m sentinel`."""

import sys

from sentinel.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
