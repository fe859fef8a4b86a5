"""Times whole commands: processor seconds, wall seconds, memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SAMPLED_EVERY = 0.25
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds, and MiB of its largest process and of all of them together (shared pages once)."""

    cpu: float
    wall: float
    largest: float
    together: float
    output: bytes


def run(command: Sequence[str], *, environ: dict[str, str] | None = None) -> Run:
    """Run a command to its end; raise RuntimeError where it fails: partly done (exit code 3) is done enough."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ) as process:
        sampler = _Sampler(process.pid)
        sampler.start()
        assert process.stdout is not None
        output = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        sampler.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
    if not 0 <= process.returncode <= 3:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}")
    return Run(
        usage.ru_utime + usage.ru_stime,
        time.monotonic() - began,
        usage.ru_maxrss / _KIB,
        sampler.most,
        output,
    )


class _Sampler(threading.Thread):
    """Watches the memory of a process and its children: the proportional set size, so that shared pages count once."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._ended = threading.Event()
        self.most = 0.0

    def run(self) -> None:
        while not self._ended.wait(_SAMPLED_EVERY):
            self.most = max(self.most, sum(map(_proportional, _family(self._pid))) / _KIB)

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _family(pid: int) -> Iterable[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _proportional(pid: int) -> float:
    """Give a process's proportional set size in KiB; 0 where it has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0.0)


def median(values: Iterable[float]) -> float:
    """Give the middle of some figures."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
