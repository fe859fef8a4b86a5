"""Journals: what was committed is there, whatever happens to the rest of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.errors import Damaged
from sentinel.store.base import Covered
from sentinel.store.embedded.frames import events_of
from sentinel.store.embedded.journal import JournalFile, JournalReader
from tests.store.embedded.batches import a_batch

if TYPE_CHECKING:
    from pathlib import Path

RANGE = Covered(b"source", 0, 10, b"digest")


def written(path: Path, commits: int, *, end: bool = False) -> list[int]:
    """Write a journal of some commits, and give where each ends."""
    file = JournalFile(path)
    ends = []
    for number in range(commits):
        file.add(events_of(a_batch(number)))
        file.commit([RANGE])
        ends.append(file.size)
    if end:
        file.end()
    file.close()
    return ends


def commits_in(path: Path) -> int:
    reader = JournalReader(path)
    try:
        reader.advance()
        assert len(reader.frames) == sum(1 for _ in reader.events())
        return len(reader.commits)
    finally:
        reader.close()


def test_a_journal_cut_at_any_byte_ends_at_the_last_whole_commit(tmp_path: Path) -> None:
    ends = written(tmp_path / "a.journal", 2)
    whole = (tmp_path / "a.journal").read_bytes()
    for size in range(len(whole) + 1):
        (tmp_path / "cut.journal").write_bytes(whole[:size])
        assert sum(end <= size for end in ends) == commits_in(tmp_path / "cut.journal"), size


def test_any_changed_byte_before_an_acknowledged_commit_is_damage(tmp_path: Path) -> None:
    ends = written(tmp_path / "a.journal", 2)
    whole = (tmp_path / "a.journal").read_bytes()
    missed = []
    # The head's bytes but the mark say only what the file is.
    for at in range(24, ends[0]):
        (tmp_path / "b.journal").write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            commits_in(tmp_path / "b.journal")
            missed.append(at)
        except Damaged:
            pass
    assert [] == missed


@pytest.mark.parametrize("at", [40, -60])
def test_a_changed_byte_in_a_journal_that_was_ended_in_order_is_damage(tmp_path: Path, at: int) -> None:
    (end,) = written(tmp_path / "a.journal", 1, end=True)
    whole = bytearray((tmp_path / "a.journal").read_bytes())
    whole[at if at > 0 else end + at] ^= 1
    (tmp_path / "a.journal").write_bytes(whole)
    with pytest.raises(Damaged) as caught:
        commits_in(tmp_path / "a.journal")
    assert str(tmp_path / "a.journal") == caught.value.place


def test_a_last_commit_that_came_to_the_disk_without_its_events_is_no_damage(tmp_path: Path) -> None:
    ends = written(tmp_path / "a.journal", 2)
    whole = bytearray((tmp_path / "a.journal").read_bytes())
    whole[ends[0] : ends[0] + 200] = bytes(200)
    (tmp_path / "a.journal").write_bytes(whole)
    assert 1 == commits_in(tmp_path / "a.journal")


def test_a_reader_finds_what_was_committed_since(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "a.journal")
    reader = JournalReader(tmp_path / "a.journal")
    seen = []
    for number in range(3):
        file.add(events_of(a_batch(number)))
        reader.advance()
        seen.append(len(reader.commits))
        file.commit(())
    reader.advance()
    assert [0, 1, 2, 3] == [*seen, len(reader.commits)]
    file.close()
    reader.close()


def test_a_journal_is_read_though_its_file_was_removed(tmp_path: Path) -> None:
    written(tmp_path / "a.journal", 2)
    reader = JournalReader(tmp_path / "a.journal")
    (tmp_path / "a.journal").unlink()
    reader.advance()
    assert 2 == len(list(reader.events()))
    assert (RANGE,) == reader.commits[0].ranges
    reader.close()


def test_a_writers_journal_is_locked_until_it_ends(tmp_path: Path) -> None:
    file = JournalFile(tmp_path / "a.journal")
    reader = JournalReader(tmp_path / "a.journal")
    assert not reader.take_lock()
    file.close()
    assert reader.take_lock()
    reader.close()


def test_columns_that_are_alike_are_written_once(tmp_path: Path) -> None:
    names = [f"/usr/bin/program{number}" for number in range(3)]
    events = events_of(a_batch(linux__auth__exe=names, process__executable=names, empty=[None] * 3))
    assert {"process.executable": "linux.auth.exe"} == events.aliases
    assert ["event.id", "@timestamp", "_kind", "user.name", "linux.auth.exe"] == events.batch.schema.names
    file = JournalFile(tmp_path / "a.journal")
    file.add(events)
    file.commit(())
    file.close()
    reader = JournalReader(tmp_path / "a.journal")
    reader.advance()
    ((read, _commit),) = reader.events()
    assert (events.dataset, events.aliases) == (read.dataset, read.aliases)
    assert events.batch == read.batch
    reader.close()
