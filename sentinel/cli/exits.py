"""How a run ended: the exit codes and what the reference says of each."""

from __future__ import annotations

from enum import IntEnum

from sentinel.language import later


class ExitCode(IntEnum):
    """How a run ended; the highest that applies wins."""

    DONE = 0
    FOUND = 1
    WRONG = 2
    PARTLY = 3
    NEEDS_APPROVAL = 4
    BROKEN = 5
    INTERRUPTED = 130
    UNHEARD = 141


# What the reference says of each code.
EXIT_CODES = {
    ExitCode.DONE: later("done, with hits or without"),
    ExitCode.FOUND: later("what was asked about was found (`--fail-on`) or failed"),
    ExitCode.WRONG: later("the call or its input is wrong; nothing was done"),
    ExitCode.PARTLY: later("partly done; what was left out is shown"),
    ExitCode.NEEDS_APPROVAL: later("needs an approval"),
    ExitCode.BROKEN: later("integrity is broken"),
    ExitCode.INTERRUPTED: later("interrupted; what was found so far is shown"),
    ExitCode.UNHEARD: later("whoever read the output stopped reading, as `head` does"),
}
