"""A program that takes events in, and what a store may hold when it was stopped anywhere.

    python -m tests.store.crash.ingesting FOLDER SAID [PLAN [PROCESSES]]

Each commit is *balanced*: it has SIZE events of two datasets and two days, numbered, that all name the commit. So a
commit that is lost, doubled or torn is seen by counting. What is acknowledged is written to SAID, one number a line.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentinel.model.batch import column_of
from sentinel.model.window import Window
from sentinel.store.base import Covered
from sentinel.store.embedded import journal
from sentinel.store.embedded import writer as embedded_writer
from sentinel.store.embedded.compact import compact
from sentinel.store.embedded.segment import read
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from tests.store.batches import DAY, a_batch_of, an_event
from tests.store.crash.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sentinel.store.base import Writer
    from sentinel.store.embedded.snapshot import EmbeddedSnapshot
    from sentinel.store.embedded.store import EmbeddedStore

SIZE = 6
DATASETS = ("windows.sysmon", "web.access")
PLAN = "cc s c l c lt c s m cC c K c m c s c m l c"
"""c: commit; C: commit, seal some of it at once and carry the rest; s, K, l: the writer closes, having sealed all, some
or nothing, and another begins; t: what was left is sealed; m: merge."""
SOME = 20_000
"""Bytes (Arrow) of events that are carried along: fewer than a commit has."""
HELD = {"C": (0, SOME, 0), "s": (0, 0, 0), "K": (0, SOME, SOME)}
"""What a step lets a writer hold, carry, and carry when it ends; other steps let it hold what it likes."""


def hold(held: int, carried: int, left: int) -> None:
    """Let writers hold so many bytes, so that few events do what many do."""
    for name, value in (("HELD_BYTES", held), ("CARRIED_BYTES", carried), ("LEFT_CARRIED_BYTES", left)):
        assert hasattr(embedded_writer, name)
        setattr(embedded_writer, name, value)


def commit(writer: Writer, number: int) -> None:
    """Add the events of a commit, and commit them."""
    for part in range(SIZE):
        dataset = DATASETS[part % 2]
        event = number * SIZE + part
        fields = {
            column_of("Commit", dataset): str(number),
            column_of("Event", dataset): str(event),
            column_of("Text", dataset): f"{number} " * 300,
        }
        at = an_event(number)["@timestamp"] + part // 2 * DAY // 2
        writer.add(a_batch_of(an_event(event, fields, at=at), dataset=dataset))
    writer.commit([Covered(b"source", number * 100, number * 100 + 100, number.to_bytes(4))])


def events(snapshot: EmbeddedSnapshot) -> list[tuple[int, int]]:
    """Give the commit and number of every event of a snapshot."""
    found: list[tuple[int, int]] = []
    for unit in snapshot.units(Window()):
        names = [column_of(name, unit.dataset) for name in ("Commit", "Event", "Text")]
        table = read(unit, names)
        numbers, own, texts = (table.column(name).to_pylist() for name in names)
        assert [f"{number} " * 300 for number in numbers] == texts
        found += zip(map(int, numbers), map(int, own), strict=True)
    return found


def check(store: EmbeddedStore, acknowledged: Iterable[int], most: int) -> int:
    """Fail where something acknowledged is lost, or anything doubled or torn; give how many commits are there.

    Up to `most` commits more than were acknowledged may be there: those under way when it was stopped.
    """
    with store.snapshot() as snapshot:
        there = events(snapshot)
    found = Counter(number for number, _event in there)
    said = set(acknowledged)
    assert set() == said - set(found), "acknowledged, and lost"
    assert {} == {number: count for number, count in found.items() if count != SIZE}, "torn or doubled"
    assert len(there) == len(set(there)), "doubled"
    assert len(set(found) - said) <= most, "there, though never written"
    covered = [(each.begin, each.end, each.digest) for each in store.covered(b"source")]
    expected = {(number * 100, number * 100 + 100, number.to_bytes(4)) for number in found}
    assert (len(expected), expected) == (len(covered), set(covered)), "what is covered is not what is there"
    return len(found)


def look(folder: Path, heard: list[bytes], processes: int = 1) -> None:
    """Check a store that the power left behind, write to it, and check it again."""
    if not (folder / "store" / "sentinel-store.json").exists():
        assert [] == heard
        return
    acknowledged = [int(line) for line in heard]
    for turn in range(2):
        store = open_store(folder / "store")
        check(store, acknowledged, processes)
        writer = store.writer()
        acknowledged.append(1_000_000 + turn)
        commit(writer, acknowledged[-1])
        writer.close()
        check(store, acknowledged, processes)
        store.close()
    verify(folder / "store").check()


def run(folder: Path, say: Callable[[int], Any], plan: str, first: int = 0) -> None:
    """Do what a plan says; again and again where it ends with "*"."""
    store = open_store(folder, create=True)
    writer, number = store.writer(), first
    while True:
        for step in plan.replace("*", ""):
            hold(*HELD.get(step, (1 << 40, 1 << 40, 1 << 40)))
            if step in "cC":
                commit(writer, number)
                say(number)
                number += 1
            elif step in "sKl":
                writer.close()
                writer = store.writer()
            elif step == "t":
                embedded_writer.seal_left(store.layout, store.manifest, least=0)
            elif step == "m":
                merge(store)
        if not plan.endswith("*"):
            break
    writer.close()
    store.close()


def merge(store: EmbeddedStore) -> None:
    """Merge what can be merged, and remove what is not needed any more."""
    compact(store.layout, store.manifest)


def say_on(path: str) -> Callable[[int], Any]:
    """Give a function that writes a number to a file, at once."""
    out = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    return lambda number: os.write(out, b"%d\n" % number)


def run_line(line: str) -> None:
    """Do what `FOLDER SAID FIRST PLAN` says."""
    folder, said, first, plan = line.split(maxsplit=3)
    run(Path(folder), say_on(said), plan, int(first))


def main(folder: str, said: str, plan: str = PLAN, processes: str = "1") -> None:
    """Do a plan as if in a run of the machine that ends with the power: whoever looks then lives in another one."""
    journal.boot = lambda: "the run of the machine before"
    others = []
    for number in range(1, int(processes)):
        others.append(os.fork())
        if not others[-1]:
            run(Path(folder) / "store", say_on(said), plan, number * 10_000)
            os._exit(0)
    run(Path(folder) / "store", say_on(said), plan)
    assert all(os.waitpid(other, 0)[1] == 0 for other in others)


if __name__ == "__main__":
    serve(run_line) if sys.argv[1:] == ["--serve"] else main(*sys.argv[1:])
