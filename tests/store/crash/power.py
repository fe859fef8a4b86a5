"""Takes the power from a recorded run at many moments and looks at what is left."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

from tests.conftest import ROOT
from tests.store.crash.losses import LOSSES, build
from tests.store.crash.model_disk import ModelDisk
from tests.store.crash.recording import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from tests.store.crash.recording import Call

    Check = Callable[[Path, list[bytes]], None]

# After these, what is safe or what is there has changed; between them, only more unsynced bytes have come.
TURNS = ("fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink", "unlinkat", "ftruncate", "mkdir", "link")


def recorded(program: Sequence[str], scratch: Path, *more: str) -> tuple[list[Call], str, str]:
    """Run `program <folder> <file to say on> <more…>` with this Python; give its calls, the folder and the file."""
    scratch.mkdir(parents=True, exist_ok=True)
    world, said = scratch / "world", scratch / "said"
    world.mkdir()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    calls = record([sys.executable, *program, str(world), str(said), *more], scratch / "log", environ)
    return calls, str(world), str(said)


def moments(calls: Sequence[Call], inside: Sequence[int], most: int, random: Random) -> list[int]:
    """Choose when the power goes: before and after every call that turns something, then calls by chance."""
    pairs = pairwise(inside)
    turns = {at for before, turn in pairs if calls[turn].name in TURNS for at in (before, turn)}
    rest = sorted(set(inside) - turns)
    chosen = sorted(turns) + random.sample(rest, min(len(rest), max(20, most // 5)))
    return sorted(chosen if len(chosen) <= most else random.sample(chosen, most))


def lose(run: tuple[list[Call], str, str], scratch: Path, check: Check, *, most: int, seed: int = 1) -> int:
    """Lose the power at up to `most` moments of a run, each time in one way or (few moments) in every way.

    `check` gets the folder as it is found afterwards and what the program had said by then. Give how often it looked.
    """
    calls, world, said = run
    random = Random(seed)  # noqa: S311 - chance, not secrecy
    chosen = set(moments(calls, _inside(calls, world, said), most, random))
    disk, looked = ModelDisk(world), 0
    disk.listen(said)
    ways = list(LOSSES)
    for at, call in enumerate(calls):
        disk.follow(call)
        if at in chosen:
            for way in _some(ways, at, len(chosen), most):
                _look(disk, way, scratch / f"lost-{at}", check, Random(seed * 1_000_003 + at))  # noqa: S311
                looked += 1
    return looked


def _inside(calls: Sequence[Call], world: str, said: str) -> list[int]:
    """Find the calls that have to do with the disk."""
    signs = ["".join(f"\\x{byte:02x}" for byte in os.fsencode(path)) for path in (world, said)]
    quiet = {"close", "lseek", "fcntl", "mmap", "dup"}
    return [at for at, call in enumerate(calls) if call.name not in quiet and any(s in call.arguments for s in signs)]


def _some(ways: list[str], at: int, moments: int, most: int) -> Iterable[str]:
    """Spread what `most` allows over the ways of losing; what is dropped altogether is looked at each time."""
    each = max(1, min(len(ways), most // max(1, moments)))
    others = [ways[1 + (at * each + step) % (len(ways) - 1)] for step in range(each)]
    return dict.fromkeys([ways[0], *others])


def _look(disk: ModelDisk, way: str, folder: Path, check: Check, random: Random) -> None:
    build(LOSSES[way](disk, random), folder)
    heard = b"".join(text for _when, text in disk.said).splitlines()
    try:
        check(folder, heard)
    except Exception as fault:
        fault.add_note(f"the power went at {folder.name}, {way}; said by then: {heard}")
        raise
    shutil.rmtree(folder)
