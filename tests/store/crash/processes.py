"""A process that does one thing to a store until it is told to stop, by a line on its input.

    python -m tests.store.crash.processes (ingest|query|merge) FOLDER NUMBER COMMITS

What it did it says on its output, a line each: the number of a commit, or how many events a snapshot had.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from sentinel.store.embedded.compact import compact
from sentinel.store.embedded.store import EmbeddedStore, open_store
from tests.store.crash import ingesting


def stopped() -> bool:
    """Tell whether there is something on the input."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def say(number: int) -> None:
    """Write a line, at once."""
    os.write(1, b"%d\n" % number)


def ingest(store: EmbeddedStore, number: int, commits: int) -> None:
    """Commit, seal, carry along and leave journals, in turn; then wait, so that queries catch up on slow machines."""
    writer, first = store.writer(), number * 1_000_000
    for commit in range(first, first + commits):
        if stopped():
            break
        step = "cccCccKcccs"[commit % 11]
        ingesting.hold(*ingesting.HELD.get(step, (1 << 40, 1 << 40, 1 << 40)))
        ingesting.commit(writer, commit)
        say(commit)
        if step in "sK":
            writer.close()
            writer = store.writer()
    writer.close()
    sys.stdin.read()


def query(store: EmbeddedStore, _number: int, _commits: int) -> None:
    """Take snapshots; fail where one has a part of a commit, or less than one before it."""
    seen: set[int] = set()
    while not stopped():
        with store.snapshot() as snapshot:
            first = sorted(ingesting.events(snapshot))
            assert first == sorted(ingesting.events(snapshot)), "a snapshot changed"
        found: dict[int, int] = {}
        for commit, _event in first:
            found[commit] = found.get(commit, 0) + 1
        assert {} == {c: n for c, n in found.items() if n != ingesting.SIZE}, "a part of a commit"
        assert len(first) == len(set(first)), "doubled"
        assert seen <= set(found), "what was there before is gone"
        # A process commits one after the other: who sees a commit has seen those before it.
        assert all(commit % 1_000_000 == 0 or commit - 1 in found for commit in found), (
            "a later commit without an earlier"
        )
        seen = set(found)
        say(len(first))


def merge(store: EmbeddedStore, _number: int, _commits: int) -> None:
    """Merge and sweep."""
    while not stopped():
        say(compact(store.layout, store.manifest).made)


def main(what: str, folder: str, number: str, commits: str) -> None:
    """Open the store and begin."""
    store = open_store(Path(folder))
    {"ingest": ingest, "query": query, "merge": merge}[what](store, int(number), int(commits))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
