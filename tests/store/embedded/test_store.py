"""The store as a whole: what it refuses, what it survives, and that its snapshots are whole."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import Damaged, StoreError
from sentinel.model.batch import EventKind
from sentinel.store.base import Covered
from sentinel.store.embedded import disk
from sentinel.store.embedded import writer as writers
from sentinel.store.embedded.store import open_store
from tests.store.embedded.batches import a_batch, numbers_of, plain, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.store.embedded.disk import Step
    from sentinel.store.embedded.store import EmbeddedStore
    from tests.store.embedded.batches import Row


def made(folder: Path) -> Path:
    """Make a store of three events, all in a journal, and give its folder."""
    store = open_store(folder, create=True)
    writer = store.writer()
    writer.add(a_batch())
    writer.commit()
    writer.close()
    store.close()
    return folder


def foreign(folder: Path) -> Path:
    folder.mkdir()
    (folder / "letters.txt").write_text("dear")
    return folder


def newer(folder: Path) -> Path:
    head = made(folder) / "sentinel-store.json"
    head.write_text(json.dumps(json.loads(head.read_text()) | {"format": 2}))
    return folder


def a_file(folder: Path) -> Path:
    folder.write_text("a file")
    return folder


def torn(folder: Path) -> Path:
    (made(folder) / "sentinel-store.json").write_text("{")
    return folder


def another_manifest(folder: Path) -> Path:
    shutil.copy(made(folder.with_name("other")) / "manifest.db", made(folder) / "manifest.db")
    return folder


REFUSED: list[tuple[Callable[[Path], Path], type[StoreError], str]] = [
    (lambda folder: folder, StoreError, ""),
    (foreign, StoreError, ""),
    (a_file, StoreError, ""),
    (newer, StoreError, "sentinel-store.json"),
    (torn, Damaged, "sentinel-store.json"),
    (another_manifest, Damaged, "manifest.db"),
]


@pytest.mark.parametrize(("make", "kind", "name"), REFUSED)
@pytest.mark.parametrize("write", [True, False])
def test_what_is_no_store_of_ours_is_told(
    tmp_path: Path, make: Callable[[Path], Path], kind: type[StoreError], name: str, write: bool
) -> None:
    folder = make(tmp_path / "store")
    with pytest.raises(StoreError) as caught:
        open_store(folder, write=write)
    assert (kind, str(folder / name)) == (type(caught.value), caught.value.place)
    assert caught.value.hint


@pytest.mark.parametrize("make", [foreign, a_file, newer, torn])
def test_no_store_is_made_of_what_is_something_else(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    folder = make(tmp_path / "store")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError):
        open_store(folder, create=True)
    assert before == sorted(tmp_path.rglob("*"))


def test_a_store_that_is_there_is_opened_not_made(tmp_path: Path) -> None:
    made(tmp_path / "store")
    store = open_store(tmp_path / "store", create=True)
    assert [0, 1, 2] == numbers_of(store)
    store.close()


def test_a_store_begun_and_not_made_is_made(tmp_path: Path) -> None:
    (made(tmp_path / "store") / "sentinel-store.json").unlink()
    store = open_store(tmp_path / "store", create=True)
    assert [] == numbers_of(store)
    store.close()


def test_a_journal_that_is_gone_is_damage(tmp_path: Path) -> None:
    store = open_store(made(tmp_path / "store"))
    (journal,) = store.layout.journals.iterdir()
    journal.unlink()
    with pytest.raises(Damaged) as caught:
        numbers_of(store)
    assert str(journal) == caught.value.place
    store.close()


def test_a_store_open_for_reading_takes_nothing(tmp_path: Path) -> None:
    store = open_store(made(tmp_path / "store"), write=False)
    for change in (store.writer, store.compact):
        with pytest.raises(StoreError):
            change()
    assert [0, 1, 2] == numbers_of(store)
    store.close()


class Full:
    """A disk that is full, or fails, at the `at`-th step that would change it; from then on, where it stays so."""

    def __init__(self, at: int, code: int, *, stays: bool = True) -> None:
        self.left = at
        self.code = code
        self.stays = stays

    def __call__(self, step: Step) -> None:
        if step.name in {"make", "write", "sync", "rename"}:
            self.left -= 1
            if self.left == 0 or (self.left < 0 and self.stays):
                raise OSError(self.code, os.strerror(self.code), step.path)


def ingest(store: EmbeddedStore, acknowledged: list[int]) -> None:
    writer = store.writer()
    try:
        for number in range(6):
            writer.add(a_batch(number * 3))
            writer.add(a_batch(100 + number * 3, kind=EventKind("nginx.access")))
            writer.commit([Covered(b"source", number, number + 1, b"digest")])
            acknowledged.append(number)
    finally:
        writer.close()


@pytest.mark.parametrize("stays", [True, False])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_disk_that_is_full_at_any_step_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, stays: bool
) -> None:
    for name in ("HELD_BYTES", "CARRIED_BYTES", "LEFT_CARRIED_BYTES"):
        monkeypatch.setattr(writers, name, 2000 if name == "HELD_BYTES" else 300)
    at, failed = 0, True
    while failed:
        at += 3
        folder = tmp_path / f"{at}"
        acknowledged: list[int] = []
        store = open_store(folder, create=True)
        full = Full(at, code, stays=stays)
        with disk.watch(full), suppress(StoreError):
            ingest(store, acknowledged)
        failed = full.left <= 0
        store.close()
        again = open_store(folder)
        numbers = sorted(numbers_of(again))
        done = len(again.covered(b"source"))
        # A commit that failed may be there; it is never there in part.
        assert len(acknowledged) <= done <= len(acknowledged) + 1
        assert [*range(3 * done), *range(100, 100 + 3 * done)] == numbers
        again.compact()
        assert numbers == sorted(numbers_of(again))
        assert [] == again.manifest.faults()
        again.close()
    assert at > 40


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    writer = store.writer()
    writer.add(a_batch())
    with disk.watch(Full(1, errno.ENOSPC)), pytest.raises(StoreError) as caught:
        writer.commit()
    assert caught.value.place.startswith(str(tmp_path / "store"))
    assert caught.value.hint
    writer.close()
    store.close()


# ── many processes ───────────────────────────────────────────────────────────────────────────────────────────────────
COMMITS = 25


def _write(folder: Path, number: int) -> None:
    writers.HELD_BYTES = writers.CARRIED_BYTES = writers.LEFT_CARRIED_BYTES = 2500
    store = open_store(folder)
    writer = store.writer()
    for commit in range(COMMITS):
        first = number * 1_000_000 + commit * 4
        writer.add(a_batch(first, 2))
        writer.add(a_batch(first + 2, 2, kind=EventKind("nginx.access")))
        writer.commit([Covered(bytes([number]), commit, commit + 1, b"")])
    writer.close()
    if number == 0:
        store.compact()
    store.close()


def _commits_of(numbers: list[int], writer: int) -> list[int]:
    return [number - writer * 1_000_000 for number in numbers if number // 1_000_000 == writer]


def _torn_snapshots(folder: Path, others: int) -> list[str]:
    """Look again and again until all is there; give what was wrong in any snapshot."""
    wrong: list[str] = []
    least = [0] * others
    store = open_store(folder, write=False)
    while sum(least) < others * COMMITS * 4:
        covered = [len(store.covered(bytes([writer]))) for writer in range(others)]
        numbers = sorted(numbers_of(store))
        for writer in range(others):
            own = _commits_of(numbers, writer)
            if own != list(range(len(own))) or len(own) % 4:
                wrong.append(f"of writer {writer} not whole commits: {own}")
            if len(own) < max(least[writer], covered[writer] * 4):
                wrong.append(f"of writer {writer} fewer than were there before: {len(own)}")
            least[writer] = len(own)
    store.close()
    return wrong


def test_three_processes_write_while_two_read(tmp_path: Path) -> None:
    open_store(tmp_path / "store", create=True).close()
    context = get_context("spawn")
    with context.Pool(5) as pool:
        reading = [pool.apply_async(_torn_snapshots, (tmp_path / "store", 3)) for _ in range(2)]
        writing = [pool.apply_async(_write, (tmp_path / "store", number)) for number in range(3)]
        for each in writing:
            each.get(timeout=120)
        assert [[], []] == [each.get(timeout=120) for each in reading]
    store = open_store(tmp_path / "store")
    store.compact()
    assert 3 * COMMITS * 4 == len(numbers_of(store))
    assert [] == store.manifest.faults()
    store.close()


def test_a_process_that_is_killed_leaves_what_it_committed(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from sentinel.store.embedded.store import open_store
from tests.store.embedded.batches import a_batch
writer = open_store(Path({str(tmp_path / "store")!r}), create=True).writer()
writer.add(a_batch(0)); writer.commit()
writer.add(a_batch(3))
os.kill(os.getpid(), signal.SIGKILL)
"""
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], check=False, cwd=root, env=os.environ | {"PYTHONPATH": str(root)})
    store = open_store(tmp_path / "store")
    assert [0, 1, 2] == numbers_of(store)
    store.compact()
    assert ([0, 1, 2], []) == (numbers_of(store), list(store.layout.journals.iterdir()))
    store.close()


# ── whatever is put in comes out ─────────────────────────────────────────────────────────────────────────────────────
TEXTS = st.one_of(st.none(), st.text(alphabet="aă\u0302 \x00", max_size=3))
COLUMNS = {
    "text": st.lists(TEXTS, min_size=3, max_size=3),
    "lists": st.lists(st.one_of(st.none(), st.lists(st.sampled_from(["a", "b"]), max_size=2)), min_size=3, max_size=3),
    "numbers": st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=3, max_size=3),
    "truths": st.lists(st.one_of(st.none(), st.booleans()), min_size=3, max_size=3),
}
NAMES = ("a", "b", "a.b")
BATCHES = st.tuples(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(sorted(COLUMNS)).flatmap(COLUMNS.__getitem__)),
    st.sampled_from(["linux.auth", "nginx.access"]),
    st.sampled_from([0, 1, 10**9, 40_000 * 10**9]),
)
STEPS = st.lists(st.one_of(BATCHES, st.sampled_from(["commit", "reopen", "compact"])), min_size=4, max_size=14)


def _alike(rows: list[Row]) -> list[Row]:
    """Rows as a store may give them: a text and a list of just this text are one thing."""
    return [{name: [each] if isinstance(each, str) else each for name, each in row.items()} for row in rows]


@given(steps=STEPS, held=st.sampled_from([0, 2000, 1 << 20]))
@settings(max_examples=40, deadline=None)
def test_whatever_is_committed_is_there_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object], held: int
) -> None:
    folder = tmp_path_factory.mktemp("any") / "store"
    expected: list[Row] = []
    added: list[Row] = []
    before = writers.HELD_BYTES, writers.CARRIED_BYTES, writers.LEFT_CARRIED_BYTES
    writers.HELD_BYTES, writers.CARRIED_BYTES, writers.LEFT_CARRIED_BYTES = held, held // 2, held // 4
    store = open_store(folder, create=True)
    writer = store.writer()
    for number, step in enumerate(steps):
        if isinstance(step, tuple):
            columns, dataset, gap = step
            batch = a_batch(number * 3, kind=EventKind(dataset), step=gap, **columns)
            writer.add(batch)
            added += plain(batch.columns)
        elif step == "commit":
            writer.commit()
            expected += added
            added.clear()
        else:
            writer.close()
            added.clear()
            if step == "compact":
                store.compact()
            writer = store.writer()
    writers.HELD_BYTES, writers.CARRIED_BYTES, writers.LEFT_CARRIED_BYTES = before
    key = lambda row: (row["@timestamp"], row["event.id"])  # noqa: E731 - used twice
    assert _alike(sorted(expected, key=key)) == _alike(sorted(rows_of(store), key=key))
    assert [] == store.manifest.faults()
    writer.close()
    store.close()
