"""A disk that is full, and one that nobody may write to, end in a clear error; then the store goes on."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import StoreError
from sentinel.store.embedded import disk
from sentinel.store.embedded import writer as embedded_writer
from sentinel.store.embedded.backup import backup
from sentinel.store.embedded.compact import compact
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import verify
from sentinel.triage.desk import Desk
from tests.store.crash import ingesting
from tests.store.embedded.stores import ids_in, leave, numbered, numbered_ids, put

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentinel.store.embedded.disk import Step
    from sentinel.store.embedded.store import EmbeddedStore


def mount(*arguments: str) -> bool:
    """Mount something; tell whether it could be done."""
    mounting = shutil.which("mount")
    return (
        bool(mounting) and not subprocess.run([str(mounting), *arguments], check=False, capture_output=True).returncode
    )


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """Give the folder of a disk of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    if not mount("-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)):
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=True)


def fill(folder: Path, free: int) -> Path:
    """Fill a disk but for some bytes."""
    path = folder / "filler"
    path.unlink(missing_ok=True)
    there = os.statvfs(folder)
    with path.open("wb") as file:
        file.write(bytes(max(0, there.f_bavail * there.f_bsize - free)))
    return path


@pytest.fixture
def held() -> Iterator[None]:
    """Leave what writers may hold as it was."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HELD_BYTES", "CARRIED_BYTES", "LEFT_CARRIED_BYTES"):
            patch.setattr(embedded_writer, name, getattr(embedded_writer, name))
        yield


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize("plan", ["c*", "cs*", "CcK*", "cltm*"])
def test_a_full_disk_loses_nothing(small: Path, plan: str) -> None:
    said: list[int] = []
    # From no room at all to room for a few commits: another step fails each time.
    for turn, free in enumerate((0, 4096, 16_384, 40_960, 90_112, 200_704)):
        filler = fill(small, free)
        with pytest.raises(StoreError) as raised:
            ingesting.run(small / "store", said.append, plan, first=turn * 10_000)
        assert raised.value.hint, raised.value
        assert str(small) in raised.value.place
        if (small / "store" / "sentinel-store.json").exists():
            reader = open_store(small / "store", write=False)
            ingesting.check(reader, said, turn + 1)
            reader.close()
        filler.unlink()
        store = open_store(small / "store", create=True)
        ingesting.check(store, said, turn + 1)
        writer = store.writer()
        ingesting.commit(writer, turn * 10_000 + 9_999)
        said.append(turn * 10_000 + 9_999)
        writer.close()
        compact(store.layout, store.manifest)
        ingesting.check(store, said, turn + 1)
        store.close()
        verify(small / "store").check()
        if shutil.disk_usage(small).free < 1 << 20:
            shutil.rmtree(small / "store")
            said.clear()


def test_a_backup_to_a_full_disk_says_so(small: Path, tmp_path: Path) -> None:
    store = open_store(tmp_path / "store", create=True)
    put(store, numbered(*range(200)))
    store.close()
    for free in (0, 8192, 40_960):
        shutil.rmtree(small / "backup", ignore_errors=True)
        filler = fill(small, free)
        with pytest.raises(StoreError) as raised:
            backup(tmp_path / "store", small / "backup")
        assert raised.value.hint
        filler.unlink()
    assert 200 == backup(tmp_path / "store", small / "backup").events
    assert numbered_ids(*range(200)) == ids_in(small / "backup")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_step_that_the_disk_refuses_loses_nothing(tmp_path: Path, code: int) -> None:
    said: list[int] = []
    for number in range(1, 60, 3):
        left = number

        def refuse(step: Step) -> None:
            nonlocal left
            left -= step.name in {"make", "write", "sync", "rename", "cut"}
            if left < 0 and step.name != "unlink":
                raise OSError(code, os.strerror(code), step.path)

        store = open_store(tmp_path / "store", create=True)
        with disk.watch(refuse), pytest.raises(StoreError):
            put_until_refused(store, said, number * 1000)
        ingesting.check(store, said, len(said) + number)
        store.close()
    verify(tmp_path / "store").check()


def put_until_refused(store: EmbeddedStore, said: list[int], first: int) -> None:
    for number in range(first, first + 1000):
        writer = store.writer()
        ingesting.commit(writer, number)
        said.append(number)
        writer.close()


# ── a disk that nobody may write to ──


@pytest.fixture
def unwritable(small: Path) -> Path:
    """Give a store with segments and a journal on a disk that may only be read."""
    store = open_store(small / "store", create=True)
    put(store, numbered(1, 2))
    leave(store, numbered(3))
    store.close()
    Desk(small / "store", write=True).close()
    if not mount("-o", "remount,ro", str(small)):
        pytest.skip("nothing can be made read-only here")
    return small / "store"


def test_what_may_only_be_read_is_read(unwritable: Path) -> None:
    assert numbered_ids(1, 2, 3) == ids_in(unwritable)
    assert () == verify(unwritable).findings


def test_what_may_only_be_read_can_be_backed_up(unwritable: Path, tmp_path: Path) -> None:
    assert 3 == backup(unwritable, tmp_path / "backup").events
    assert numbered_ids(1, 2, 3) == ids_in(tmp_path / "backup")


def test_writing_to_what_may_only_be_read_is_refused(unwritable: Path) -> None:
    def write() -> None:
        store = open_store(unwritable)
        try:
            put(store, numbered(4))
        finally:
            store.close()

    with pytest.raises(StoreError) as raised:
        write()
    assert raised.value.hint
    assert numbered_ids(1, 2, 3) == ids_in(unwritable)


def test_a_store_is_not_made_where_nothing_may_be_written(unwritable: Path) -> None:
    with pytest.raises(StoreError) as raised:
        open_store(unwritable.parent / "new", create=True)
    assert raised.value.hint


# ── what is no store of ours ──


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    for create in (True, False):
        with pytest.raises(StoreError) as raised:
            open_store(tmp_path, create=create)
        assert raised.value.hint
    assert [tmp_path / "letter.txt"] == list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [None, b"text"])
def test_where_there_is_no_store_none_is_opened(tmp_path: Path, content: bytes | None) -> None:
    place = tmp_path / "place"
    if content is not None:
        place.write_bytes(content)
    for write in (True, False):
        with pytest.raises(StoreError) as raised:
            open_store(place, write=write)
        assert (str(place), True) == (raised.value.place, bool(raised.value.hint))
    assert (content is not None) == place.exists()
