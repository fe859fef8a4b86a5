"""The shape of a recording: what it needs, what it writes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from docs.samples.recording.machine import ENVIRONMENT, Missing, Network

Logs = Mapping[str, bytes]  # file below docs/samples → its bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """A log that real programs write while a scene is played on machines of a network."""

    name: str
    programs: Mapping[str, str]  # program → the Debian package that has it
    files: tuple[str, ...]
    play: Callable[[Network], Logs]

    def check(self) -> None:
        """Raise Missing where a program is not installed."""
        missing = sorted({package for program, package in self.programs.items() if not found(program)})
        if missing:
            command = f"apt-get install --no-install-recommends {' '.join(missing)}"
            raise Missing(f"{self.name}: programs are missing; run: {command}")


def found(program: str) -> bool:
    """Say whether a program is there, by its name or its path (which may hold a version as *)."""
    if "*" in program:
        from glob import glob

        return bool(glob(program))  # noqa: PTH207 - absolute patterns
    return shutil.which(program, path=ENVIRONMENT["PATH"]) is not None
