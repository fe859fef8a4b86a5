"""Whatever is not as it was written is found, and told with its place."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.errors import Damaged, StoreError
from sentinel.store.base import Covered
from sentinel.store.embedded import writer as embedded_writer
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verify import FindingKind, verify
from tests.store.batches import DAY, a_batch_of, an_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


END = 33
"""Bytes of the frame that ends a journal."""


def a_commit(writer: embedded_writer.EmbeddedWriter, number: int) -> None:
    fields = {"winlog.event_data.Image": f"image {number}", "destination.port": number, "related.ip": ["192.0.2.1"]}
    events = [an_event(number * 10 + n, fields) for n in range(4)]
    writer.add(a_batch_of(*events, an_event(number * 10 + 5, fields, at=events[0]["@timestamp"] + DAY)))
    writer.add(a_batch_of(an_event(number * 10 + 6, {"web.access.status": "200"}), dataset="web.access"))
    writer.commit([Covered(b"source", number * 100, number * 100 + 100, b"digest")])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a store with sealed segments, a journal that was left in order, and one whose writer died."""
    folder = tmp_path_factory.mktemp("verify") / "store"
    store = open_store(folder, create=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded_writer, "LEFT_CARRIED_BYTES", 0)
        for number in range(2):
            writer = store.writer()
            a_commit(writer, number)
            writer.close()
        patch.setattr(embedded_writer, "LEFT_CARRIED_BYTES", 1 << 30)
        writer = store.writer()
        a_commit(writer, 2)
        a_commit(writer, 3)
        writer.close()
    store.close()
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """Give a copy of the store that a test may damage."""
    return shutil.copytree(whole, tmp_path / "store")


def segments(folder: Path) -> list[Path]:
    return sorted(folder.glob("segments/*/*/*.*"))


def places(folder: Path) -> list[tuple[str, str]]:
    return sorted((finding.kind.value, finding.place) for finding in verify(folder).damage)


def test_a_whole_store_is_found_whole(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    report = verify(folder, lambda done, total: told.append((done, total)))
    assert ((), 6, 1, 24) == (report.findings, report.segments, report.journals, report.events)
    report.check()
    assert sorted(told) == told
    assert told[-1][0] <= told[-1][1]
    assert report.bytes >= sum(path.stat().st_size for path in segments(folder))


def flips(path: Path, positions: list[int]) -> Iterator[int]:
    """Change the bytes of a file one after the other, each for a while."""
    content = path.read_bytes()
    for position in positions:
        with path.open("r+b") as file:
            file.seek(position)
            file.write(bytes([content[position] ^ (1 << position % 8)]))
        yield position
        with path.open("r+b") as file:
            file.seek(position)
            file.write(content[position : position + 1])
    assert content == path.read_bytes()


def unfound(folder: Path, path: Path, positions: list[int]) -> list[int]:
    """Give the positions in a file of a change that is not found where it is."""
    return [at for at in flips(path, positions) if ("changed", str(path)) not in places(folder)]


def test_a_changed_byte_of_a_segment_is_found(folder: Path) -> None:
    for path in segments(folder):
        size = path.stat().st_size
        chosen = {0, 3, 4, size - 9, size - 8, size - 4, size - 1, *Random(size).sample(range(size), 9)}  # noqa: S311
        assert [] == unfound(folder, path, sorted(chosen))


@pytest.mark.deep
def test_any_changed_byte_of_a_segment_is_found(folder: Path) -> None:
    path = min(segments(folder), key=lambda path: path.stat().st_size)
    assert [] == unfound(folder, path, list(range(path.stat().st_size)))


@pytest.mark.parametrize("change", ["cut", "grown", "emptied"])
def test_a_segment_of_another_length_is_found(folder: Path, change: str) -> None:
    path = segments(folder)[0]
    content = path.read_bytes()
    path.write_bytes({"cut": content[:-1], "grown": content + b"\0", "emptied": b""}[change])
    assert [("changed", str(path))] == places(folder)


def test_a_missing_segment_is_found(folder: Path) -> None:
    path = segments(folder)[0]
    path.unlink()
    assert [("missing", str(path))] == places(folder)
    with pytest.raises(Damaged) as raised:
        verify(folder).check()
    assert (str(path), 5) == (raised.value.place, raised.value.exit_code)


def test_segments_in_each_others_place_are_found(folder: Path) -> None:
    one, other = segments(folder)[:2]
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    assert [("changed", str(one)), ("changed", str(other))] == places(folder)


def test_every_finding_is_told(folder: Path) -> None:
    for path in segments(folder)[:3]:
        path.write_bytes(b"")
    with pytest.raises(Damaged) as raised:
        verify(folder).check()
    assert "(and 2 more findings)" in raised.value.message


# ── journals ──


def journal_of(folder: Path) -> Path:
    (path,) = folder.glob("journals/*.journal")
    return path


def test_a_changed_byte_of_what_a_journal_acknowledged_is_found(folder: Path) -> None:
    path = journal_of(folder)
    size = path.stat().st_size
    chosen = sorted({0, 7, *range(24, 60), *Random(1).sample(range(24, size - END), 80)})  # noqa: S311
    assert [] == unfound(folder, path, chosen)


@pytest.mark.deep
def test_any_changed_byte_of_what_a_journal_acknowledged_is_found(folder: Path) -> None:
    path = journal_of(folder)
    # Bytes 8 to 23 are its mark; the last ones say that it ended in order, which is worth nothing by itself.
    assert [] == unfound(folder, path, [*range(8), *range(24, path.stat().st_size - END)])


def test_what_a_dead_writer_left_half_is_no_damage(folder: Path) -> None:
    path = journal_of(folder)
    content = path.read_bytes()[:-END]
    for tail in (b"", b"\0" * 100, b"\x01half a frame", content[24:100]):
        path.write_bytes(content + tail)
        assert [] == places(folder)


def test_a_missing_journal_is_found(folder: Path) -> None:
    path = journal_of(folder)
    path.unlink()
    assert [("missing", str(path))] == places(folder)


# ── the manifest ──


def changed(value: Any) -> list[Any]:  # noqa: ANN401 - whatever SQLite holds
    """Give other values near one."""
    if isinstance(value, int):
        return [value + 1, -value - 1, None, str(value) + "x"]
    if isinstance(value, bytes):
        return [bytes([value[0] ^ 1, *value[1:]]) if value else b"x", b"", value[:-1], None]
    if isinstance(value, str):
        return [value + "x", value.upper(), "", value.encode(), None]
    return [0, "", b""]


def test_any_changed_field_of_the_manifest_is_found(folder: Path) -> None:
    manifest = folder / "manifest.db"
    content, tried, unnoticed = manifest.read_bytes(), 0, []
    with closing(sqlite3.connect(manifest)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        columns = {table: [row[1] for row in connection.execute(f"pragma table_info({table})")] for table in tables}
        rows = {table: connection.execute(f"select * from {table}").fetchall() for table in tables}  # noqa: S608
    assert {"segment", "shape", "journal", "covered", "meta"} == set(tables)
    for table in tables:
        for row in rows[table][:2] if table != "meta" else rows[table]:
            for column, value in zip(columns[table], row, strict=True):
                for other in changed(value):
                    if other == value or not _set(
                        manifest, table, dict(zip(columns[table], row, strict=True)), column, other
                    ):
                        continue
                    tried += 1
                    if not verify_finds(folder):
                        unnoticed.append((table, column, value, other))
                    _restore(manifest, content)
    assert [] == unnoticed
    assert tried > 100


def _set(manifest: Path, table: str, row: dict[str, Any], column: str, value: Any) -> bool:  # noqa: ANN401
    """Change a field; tell whether SQLite let it be."""
    key = " and ".join(f'"{name}" is ?' for name in row)
    with closing(sqlite3.connect(manifest)) as connection:
        try:
            done = connection.execute(f'update {table} set "{column}" = ? where {key}', (value, *row.values()))  # noqa: S608
            (stored,) = connection.execute("select changes()").fetchone()
            connection.commit()
        except sqlite3.IntegrityError:
            return False
        return bool(done.rowcount and stored)


def _restore(manifest: Path, content: bytes) -> None:
    for suffix in ("-wal", "-shm"):
        manifest.with_name(manifest.name + suffix).unlink(missing_ok=True)
    manifest.write_bytes(content)


def verify_finds(folder: Path) -> bool:
    """Tell whether something is found, whichever way."""
    try:
        return bool(verify(folder).damage)
    except StoreError:
        return True


@pytest.mark.parametrize("table", ["segment", "shape", "journal", "covered", "meta"])
@pytest.mark.parametrize("change", ["removed", "doubled"])
def test_a_row_that_went_or_came_is_found(folder: Path, table: str, change: str) -> None:
    manifest = folder / "manifest.db"
    with closing(sqlite3.connect(manifest)) as connection:
        names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        if change == "removed":
            key = f'"{names[0]}"'
            connection.execute(f"delete from {table} where {key} in (select {key} from {table} limit 1)")  # noqa: S608
        else:
            values = ", ".join([f"\"{names[0]}\" || 'x'", *(f'"{name}"' for name in names[1:])])
            connection.execute(f"insert into {table} select {values} from {table} limit 1")  # noqa: S608
        connection.commit()
    assert verify_finds(folder)


def test_a_changed_byte_of_the_manifest_never_ends_in_another_error(folder: Path) -> None:
    manifest = folder / "manifest.db"
    size, found = manifest.stat().st_size, 0
    for _position in flips(manifest, sorted(Random(3).sample(range(size), 60))):  # noqa: S311
        found += verify_finds(folder)
    assert found > 0


# ── what does no harm ──


def test_files_that_belong_to_nothing_are_named_and_no_damage(folder: Path) -> None:
    strays = [folder / "journals" / "stray.journal", segments(folder)[0].with_suffix(".tmp")]
    for path in strays:
        path.write_bytes(b"x")
    report = verify(folder)
    report.check()
    assert sorted(map(str, strays)) == sorted(finding.place for finding in report.findings)
    assert {FindingKind.ORPHAN} == {finding.kind for finding in report.findings}


def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        verify(tmp_path)
