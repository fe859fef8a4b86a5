"""A signer that serves at a socket, in a process of its own: `python -m tests.pki.signing.a_service …`."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel.pki.signing.service import serve
from sentinel.pki.signing.talking import Waiting
from tests.conftest import ROOT
from tests.pki.signing.a_signer import KEY, PASSPHRASE, a_home, the_people

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 0.4
"""Seconds that the service of the tests waits for the end of a question."""


@dataclass(frozen=True)
class Serving:
    """A service that runs: its socket, its home, its process."""

    path: Path
    home: Path
    process: subprocess.Popen[str]


@contextmanager
def a_service(folder: Path, home: Path | None = None) -> Iterator[Serving]:
    """Start a service that this user may ask; it is killed at the end where it still runs."""
    home, path = home or a_home(folder), folder / "signer.sock"
    arguments = [sys.executable, "-m", "tests.pki.signing.a_service", str(home), str(path), str(the_people(folder))]
    with subprocess.Popen(
        arguments, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert "ready\n" == process.stdout.readline()
            yield Serving(path, home, process)
        finally:
            process.kill()


def main(home: str, path: str, people: str) -> None:
    serve(
        Path(home),
        Path(path),
        Path(people),
        [os.getuid()],
        {KEY: PASSPHRASE},
        ready=lambda: print("ready", flush=True),  # noqa: T201 - what the test waits for
        waiting=Waiting(5.0, PATIENCE),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
