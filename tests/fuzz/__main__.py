"""Feeds every reader with broken input: `python -m tests.fuzz --seconds N [--format NAME] [--seed N]`.

Each input goes the whole way: recognised, divided, cut, read and searched by rules. Only errors of our own may come
out, in bounded time. An input that does otherwise is kept under build/fuzz, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from sentinel.detect.sigma.load import compile_files
from sentinel.errors import SentinelError
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.registry import formats
from sentinel.inputs import reader
from sentinel.inputs.reader import Limits
from sentinel.pipeline import scan
from tests.fuzz.mutate import mutated
from tests.fuzz.seeds import RULES, SEEDS

if TYPE_CHECKING:
    from types import FrameType

    from sentinel.detect.plan import Ruleset

KEPT = Path(__file__).resolve().parents[2] / "build" / "fuzz"
SECONDS, SECONDS_PER_MIB = 2.0, 40.0
"""CPU time that an input may take: of tiny records, a mebibyte holds half a million."""
HANGS = 60
MOST_FAILURES = 20


class TooSlowError(Exception):
    """An input took longer than it may."""


def check(data: bytes, path: Path, random: Random) -> None:
    """Send an input all the way; raises whatever escapes, and TooSlowError."""
    path.write_bytes(data)
    rules()
    begin = time.process_time()
    for _finding in scan(reader.find([str(path)]), rules(), now=0, evidence=True, processes=1):
        pass
    for each in formats():
        each.cut(data, False)
        gatherer = Gatherer(lambda _kind: ALL)
        each.read(Block(0, 0, data, line=1, last=True), gatherer)
        for _batch in gatherer.rest():
            pass
    _check_pieces(path, random)
    spent, allowed = time.process_time() - begin, SECONDS + SECONDS_PER_MIB * len(data) / (1 << 20)
    if spent > allowed:
        raise TooSlowError(f"{spent:.1f} s for {len(data)} bytes")


def _check_pieces(path: Path, random: Random) -> None:
    limits = Limits(random.randrange(500, 9000), random.randrange(500, 9000), random.choice((9000, 1 << 20)))
    try:
        (source,) = reader.find([str(path)])
        for piece in reader.divide(source, limits):
            for block in reader.blocks(piece, [], limits):
                piece.format.read(block, Gatherer(lambda _kind: None))
    except SentinelError:
        return


@cache
def rules() -> Ruleset:
    """Give the rules that every input is searched by."""
    return compile_files([("rules.yml", RULES)])


def fuzz(seconds: float, names: list[str], seed: int) -> tuple[int, int]:
    """Break and feed inputs for a while; give how many, and how many did what they may not."""
    random, runs, failures = Random(seed), 0, 0  # noqa: S311 - to be repeated, not to be secret
    pool = [data for name in names for data in SEEDS[name]]
    splices = [data for several in SEEDS.values() for data in several]
    signal.signal(signal.SIGALRM, _hangs)
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "input")
        with suppress(TooSlowError):  # the first input waits for modules to be imported
            check(pool[0], path, random)
        while time.monotonic() < end and failures < MOST_FAILURES:
            data = mutated(random, random.choice(pool), splices)
            signal.alarm(HANGS)
            try:
                check(data, path, random)
            except KeyboardInterrupt:
                break
            except BaseException:  # noqa: BLE001 - a panic of an extension is no Exception
                failures += 1
                _keep(data)
            signal.alarm(0)
            runs += 1
    return runs, failures


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError(f"not done in {HANGS} s")


def _keep(data: bytes) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    name = sha256(data).hexdigest()[:16]
    (KEPT / name).write_bytes(data)
    (KEPT / f"{name}.txt").write_text(traceback.format_exc())
    sys.stderr.write(f"{KEPT / name}: {traceback.format_exc().splitlines()[-1]}\n")


def main() -> int:
    """Read the arguments, fuzz, tell how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--format", choices=sorted(SEEDS), action="append")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--input", type=Path, help="check one kept input again")
    given = parser.parse_args()
    if given.input:
        with tempfile.TemporaryDirectory() as folder:
            check(given.input.read_bytes(), Path(folder, "input"), Random(0))  # noqa: S311 - as above
        return 0
    begin = time.monotonic()
    runs, failures = fuzz(given.seconds, given.format or sorted(SEEDS), given.seed)
    rate = runs / (time.monotonic() - begin)
    sys.stdout.write(f"seed {given.seed}: {runs} inputs, {rate:.1f} a second, {failures} did what they may not\n")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
