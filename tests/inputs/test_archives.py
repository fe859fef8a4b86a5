"""Archives: every member a source of its own, whatever it is packed in, and no archive does harm."""

from __future__ import annotations

import bz2
import calendar
import gzip
import io
import lzma
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import py7zr
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sentinel.inputs import member, reader
from sentinel.inputs.archives import listed
from sentinel.pipeline import scan
from sentinel.reading import Finding
from tests.inputs.archive_writers import ARCHIVES, a_7z, a_streamed_zip, a_tar, a_zip, with_true_checksums
from tests.test_pipeline import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    Telling: TypeAlias = Callable[[bytes], "Told"]

ROOT = Path(__file__).resolve().parents[2]
LOG = b"".join(b'{"EventID":%d,"Channel":"Application","X":"hit"}\n' % number for number in range(50))
MANY = b"".join(b'{"EventID":%d,"Channel":"A","X":"%x"}\n' % (number, number**5) for number in range(2000))


class Told(NamedTuple):
    """What a scan told of a file: by path in it, formats, events and faults; and how many hits."""

    formats: dict[str, str]
    events: dict[str, int]
    faults: dict[str, list[str]]
    hits: Counter[str]


def told_of(path: Path, processes: int = 1) -> Told:
    sources = list(reader.find([str(path)]))
    formats: dict[int, str] = {}
    events: Counter[int] = Counter()
    faults: list[tuple[int, str]] = []
    hits: Counter[int] = Counter()
    for found in scan(tuple(sources), RULES, now=0, evidence=True, processes=processes):
        assert isinstance(found, Finding)
        sources += found.sources
        formats |= found.formats
        events[found.source] += found.events
        faults += [(fault.source, fault.message) for fault in found.faults]
        hits.update(hit.source for hit in found.hits)
    assert list(range(len(sources))) == [source.number for source in sources]

    def name(number: int) -> str:
        return sources[number].path.removeprefix(str(path)).removeprefix("!")

    by_path: dict[str, list[str]] = {}
    for number, message in faults:
        by_path.setdefault(name(number), []).append(message)
    return Told(
        {name(number): each for number, each in formats.items()},
        {name(number): each for number, each in events.items() if each},
        by_path,
        Counter({name(number): each for number, each in hits.items()}),
    )


@pytest.fixture
def told(tmp_path: Path) -> Callable[[bytes], Told]:
    def of(data: bytes) -> Told:
        (tmp_path / "archive").write_bytes(data)
        return told_of(tmp_path / "archive")

    return of


@pytest.mark.parametrize("kind", ARCHIVES)
def test_every_member_of_every_kind_of_archive_is_read_as_its_own_source(kind: str, told: Telling) -> None:
    found = told(ARCHIVES[kind]({"a.ndjson": LOG, "b/c.txt": MANY, "d": b""}))
    whole = kind.partition(",")[0].partition(".")[0].removesuffix(" of GNU")
    assert {"": whole, "a.ndjson": "ndjson", "b/c.txt": "ndjson", "d": ""} == found.formats
    assert {"a.ndjson": 50, "b/c.txt": 2000} == found.events
    assert ({}, {"a.ndjson": 50}) == (found.faults, found.hits)


WRITTEN = calendar.timegm((2021, 12, 31, 23, 0, 0))


def _zip_of_2021() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.log", (2021, 12, 31, 23, 0, 0)), LOG)
    return made.getvalue()


def _tar_of_2021(data: bytes = LOG, name: str = "a.log") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime = len(data), WRITTEN
        archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def _7z_of_2021(folder: Path) -> bytes:
    (folder / "a.log").write_bytes(LOG)
    os.utime(folder / "a.log", (WRITTEN, WRITTEN))
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w") as archive:
        archive.write(folder / "a.log", "a.log")
    return made.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda _folder: _zip_of_2021(),
        lambda _folder: _zip_of_2021()[:-1],
        lambda _folder: _tar_of_2021(),
        lambda _folder: gzip.compress(_tar_of_2021()),
        lambda _folder: _tar_of_2021(a_tar({"a.log": LOG}), "inner.tar"),
        _7z_of_2021,
    ],
    ids=["zip", "zip without its table", "tar", "tar.gz", "a tar without times in a tar", "7z"],
)
def test_a_member_was_written_when_the_archive_says(make: Callable[[Path], bytes], tmp_path: Path) -> None:
    assert WRITTEN * 10**9 == _written(tmp_path, make(tmp_path))


def test_a_member_without_a_time_or_of_the_future_was_written_no_later_than_the_archive(tmp_path: Path) -> None:
    found = [_written(tmp_path, data, at=1_000_000_000) for data in (a_tar({"a.log": LOG}), _tar_of_2021())]
    assert [10**18] * 2 == found


def _written(folder: Path, data: bytes, at: int | None = None) -> int:
    path = folder / "archive"
    path.write_bytes(data)
    if at is not None:
        os.utime(path, (at, at))
    (piece,) = reader.divide(reader.find([str(path)])[0])
    return listed(piece, 1).sources[-1].modified


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
@pytest.mark.parametrize("archive", [a_zip, a_tar, a_7z])
def test_members_may_be_packed_themselves(
    archive: Callable[[dict[str, bytes]], bytes], pack: Callable[[bytes], bytes], told: Telling
) -> None:
    assert {"x": 50, "y": 50} == told(archive({"x": pack(LOG), "y": LOG})).events


def test_archives_within_archives_are_read_three_deep(told: Telling) -> None:
    deep = a_tar({"4.log": LOG})
    found = told(gzip.compress(a_tar({"1": LOG, "z": a_zip({"2": LOG, "s": a_7z({"3": LOG, "t": deep})})})))
    assert {"1": 50, "z!2": 50, "z!s!3": 50} == found.events
    assert {"": "tar", "1": "ndjson", "z": "zip", "z!2": "ndjson", "z!s": "7z", "z!s!3": "ndjson"} == found.formats
    assert {"z!s!t": ["an archive within archives 3 deep; unpack it first"]} == found.faults


def test_what_is_hidden_or_no_file_is_passed_over(told: Telling) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name in ("./seen", ".hidden", "a/.b/c", "__MACOSX/x"):
            entry = tarfile.TarInfo(name)
            entry.size = len(LOG)
            archive.addfile(entry, io.BytesIO(LOG))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            entry = tarfile.TarInfo("odd")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    assert ({"": "tar", "seen": "ndjson"}, {}) == told(made.getvalue())[::2]
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as zipped:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
        zipped.writestr("folder/", "")
        zipped.writestr("__MACOSX/._seen", LOG)
        zipped.writestr("seen", LOG)
    assert ({"": "zip", "seen": "ndjson"}, {}) == told(linked.getvalue())[::2]


NAMES = [
    "/etc/cron.d/x",
    "../../up",
    "a/../../b",
    "C:\\windows\\x",
    "\x1b[31mred",
    "x" * 300,
    "[bold]x",
    "tệp nhật ký.log",
]


@pytest.mark.parametrize("archive", [a_zip, a_tar])
def test_names_are_only_names(
    archive: Callable[[dict[str, bytes]], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "archive"
    path.write_bytes(archive(dict.fromkeys(NAMES, LOG)))
    monkeypatch.chdir(tmp_path / "in")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert dict.fromkeys(NAMES, 50) == told_of(path).events
    assert [path] == [each for each in tmp_path.rglob("*") if each.is_file()]


def test_names_that_are_not_unicode_are_told(told: Telling) -> None:
    data = a_tar({"ab.log": LOG}, tarfile.USTAR_FORMAT)
    block = bytearray(data[:512])
    block[0] = 0xFF
    block[148:156] = b"%06o\0 " % (sum(block[:148]) + 256 + sum(block[156:]))
    assert {"\ufffdb.log": 50} == told(bytes(block) + data[512:]).events


# ── not to be read ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_encrypted_members_are_told_and_the_others_read(told: Telling) -> None:
    data = bytearray(a_zip({"secret": LOG, "open": LOG}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    found = told(bytes(data))
    assert ({"open": 50}, ["secret"]) == (found.events, list(found.faults))
    assert "encrypted; unpack it with its password first" == found.faults["secret"][0]


def test_an_encrypted_7z_is_told_by_member_or_where_names_are_hidden_as_a_whole(told: Telling) -> None:
    message = ["encrypted; unpack it with its password first"]
    assert {"a": message, "b": message} == told(a_7z({"a": LOG, "b": LOG}, password="x")).faults  # noqa: S106
    assert {"": message} == told(a_7z({"a": LOG}, password="x", hides_names=True)).faults  # noqa: S106


def test_a_method_that_is_not_read_is_told(told: Telling) -> None:
    assert ["a"] == list(told(a_7z({"a": LOG}, py7zr.FILTER_PPMD)).faults)
    data = bytearray(a_zip({"a": LOG, "b": LOG}))
    data[data.index(b"PK\1\2") + 10] = 9
    found = told(bytes(data))
    assert ({"b": 50}, ["a"]) == (found.events, list(found.faults))


def test_an_archive_without_members_is_empty(told: Telling) -> None:
    for data in (a_zip({}), a_zip({".hidden": LOG}), a_tar({".hidden": LOG}), a_7z({})):
        assert ({"": ""}, {}) == told(data)[::2]


# ── damage ───────────────────────────────────────────────────────────────────────────────────────────────────────────
FILES = {"a.log": LOG, "b/" + "n" * 120: MANY, "c.log": LOG}


@pytest.mark.parametrize("make", [a_zip, a_streamed_zip])
def test_a_zip_that_is_cut_off_is_read_up_to_there(make: Callable[[dict[str, bytes]], bytes], told: Telling) -> None:
    data = make(FILES)
    found = told(data[: data.index(b"PK\3\4", 600) - 100])
    assert 50 == found.events["a.log"]
    assert 1000 < found.events["b/" + "n" * 120] < 2000
    assert "damaged table of contents" in found.faults[""][0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, zstandard.compress])
def test_a_tar_that_is_cut_off_is_read_up_to_there(pack: Callable[[bytes], bytes], told: Telling) -> None:
    random = Random(1)  # noqa: S311 - to be repeated, not to be secret
    noise = b"".join(
        b'{"EventID":1,"Channel":"A","X":"%s"}\n' % random.randbytes(99).hex().encode() for _ in range(9999)
    )
    data = pack(a_tar({"a": LOG, "b": noise}))
    found = told(data[: len(data) // 2])
    assert (50, True) == (found.events["a"], 2000 < found.events["b"] < 6000)
    assert any("ends in the middle" in fault for faults in found.faults.values() for fault in faults)


def test_behind_a_damaged_tar_header_the_next_is_found(told: Telling) -> None:
    data = bytearray(a_tar(FILES, tarfile.GNU_FORMAT))
    data[data.index(b"c.log") - 0] = 0xFF
    data[data.index(b"././@LongLink") + 1] = 0xFF
    found = told(bytes(data))
    assert 50 == found.events["a.log"]
    assert "damaged" in found.faults[""][0]


def test_a_wrong_checksum_is_told_with_what_was_read(told: Telling) -> None:
    data = bytearray(a_zip({"a": LOG, "b": LOG}, zipfile.ZIP_STORED))
    data[data.index(b'"X":"hit"') + 5] ^= 1
    found = told(bytes(data))
    assert ({"a": 50, "b": 50}, {"a"}) == (found.events, set(found.faults))
    assert "checksum is wrong" in found.faults["a"][0]


@cache
def two_logs(kind: str) -> bytes:
    return ARCHIVES[kind]({"a": LOG, "b": LOG})


@pytest.mark.parametrize("kind", ARCHIVES)
@given(data=st.data())
def test_damage_raises_nothing_and_is_told(
    kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = bytearray(two_logs(kind))
    broken = broken[: data.draw(st.integers(0, len(broken)) | st.just(len(broken)))]
    for place in data.draw(st.lists(st.integers(0, len(broken) * 8 - 1), max_size=4)) if broken else ():
        broken[place // 8] ^= 1 << place % 8
    path = tmp_path_factory.mktemp("damage") / "archive"
    path.write_bytes(broken)
    assert 150 >= sum(told_of(path).events.values())


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_7z_with_a_strange_table_of_contents_raises_nothing(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    made = io.BytesIO()
    with py7zr.SevenZipFile(made, "w") as archive:
        archive.set_encoded_header_mode(False)
        archive.writestr(LOG, "a")
        archive.writestr(LOG, "b")
    data = bytearray(made.getvalue())
    begin = 32 + int.from_bytes(data[12:20], "little")
    for place, value in changes:
        data[begin + place % (len(data) - begin)] = value
    path = tmp_path_factory.mktemp("table") / "archive"
    path.write_bytes(with_true_checksums(bytes(data)))
    told_of(path)


def test_an_archive_that_changed_since_it_was_listed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(a_zip({"a": LOG, "b": LOG}))
    found = scan(reader.find([str(path)]), RULES, now=0, processes=1)
    first = next(found)
    path.write_bytes(a_zip({"a": LOG}))
    assert isinstance(first, Finding)
    faults = [(each.source, each.message) for told in found if isinstance(told, Finding) for each in told.faults]
    assert [(2, "gone since the archive was first looked at")] == faults


# ── bombs ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_member_that_says_it_is_too_large_is_told_and_the_others_read(
    told: Telling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member, "FREE_BYTES", 10 << 20)
    monkeypatch.setattr(member, "FREE_BYTES_OF_MEMBER", 4 << 20)
    monkeypatch.setattr(member, "MOST_RATIO", 10)
    bomb = LOG + bytes(20 << 20)
    for make in (a_zip, a_tar):
        found = told(make({"a": LOG, "bomb": bz2.compress(bomb), "c": LOG}))
        assert (50, 50, 50) == tuple(found.events[name] for name in ("a", "bomb", "c"))
        assert {"bomb"} == set(found.faults)
    found = told(a_zip({"a": LOG, "bomb": bomb, "c": LOG}))
    assert ({"a": 50, "c": 50}, ["bomb"]) == (found.events, list(found.faults))
    found = told(a_7z({"a": LOG, "bomb": bomb, "c": LOG}))
    assert {"a", "bomb", "c"} == set(found.faults)
    found = told(gzip.compress(a_tar({"a": LOG, "bomb": bomb, "c": LOG})))
    assert (50, {"", "bomb"}) == (found.events["a"], set(found.faults))


def test_a_member_that_is_longer_than_it_says_is_cut_there(told: Telling) -> None:
    data = bytearray(a_zip({"a": LOG * 9, "b": LOG}))
    at = data.index(b"PK\1\2") + 24
    data[at : at + 4] = len(LOG).to_bytes(4, "little")
    found = told(bytes(data))
    assert ({"a": 50, "b": 50}, {"a"}) == (found.events, set(found.faults))
    assert "longer than the archive says" in found.faults["a"][0]


def memory_to_scan(path: Path) -> int:
    """Scan a file in a process of its own; give the most memory that it had, in MiB, less what it had before."""
    program = f"""
import resource
from pathlib import Path
from tests.inputs.test_archives import told_of
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told_of(Path({str(path)!r}))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True)
    return int(done.stdout.splitlines()[-1])


ZEROS = LOG + bytes(200 << 20)
BOMBS: dict[str, Callable[[], bytes]] = {
    "zip": lambda: a_zip({"a": ZEROS}),
    "zip of bzip2": lambda: a_zip({"a": ZEROS}, zipfile.ZIP_BZIP2),
    "zip of lzma": lambda: a_zip({"a": ZEROS}, zipfile.ZIP_LZMA),
    "tar.xz": lambda: lzma.compress(a_tar({"a": ZEROS}), preset=0),
    "tar.bz2": lambda: bz2.compress(a_tar({"a": ZEROS})),
    "7z": lambda: a_7z({"a": ZEROS}),
    "zip in tar.zst": lambda: zstandard.compress(a_tar({"z": a_zip({"a": ZEROS})})),
    "a long name in tar.gz": lambda: gzip.compress(_with_long_name()),
}


def _with_long_name() -> bytes:
    entry = tarfile.TarInfo("././@PaxHeader")
    entry.type, entry.size = tarfile.XHDTYPE, 200 << 20
    return entry.tobuf() + bytes(200 << 20) + a_tar({"a": LOG})


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_does_not_fill_the_memory(bomb: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[bomb]())
    assert 160 > memory_to_scan(path)


def test_an_xz_that_asks_for_too_much_memory_is_refused(told: Telling) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 256 << 20}]
    packed = lzma.compress(LOG, filters=filters)
    assert "Memory usage limit" in told(packed).faults[""][0]
    assert "Memory usage limit" in told(a_tar({"a": packed})).faults["a"][0]


# ── the whole way ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_several_processes_find_the_same(tmp_path: Path) -> None:
    for name in ("zip", "tar.xz", "7z"):
        (tmp_path / name).write_bytes(ARCHIVES[name]({"a": LOG, "b": MANY}))
    alone, together = told_of(tmp_path, 1), told_of(tmp_path, 3)
    assert alone == together
    assert 6 * 1025 == sum(alone.events.values())


def test_records_have_the_same_ids_in_an_archive_and_beside_it(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(LOG)
    (tmp_path / "packed").write_bytes(ARCHIVES["tar.xz"]({"a": LOG}))
    ids: dict[int, set[str]] = {}
    for found in scan(reader.find([str(tmp_path)]), RULES, now=0, processes=1):
        for hit in found.hits if isinstance(found, Finding) else ():
            ids.setdefault(hit.source, set()).add(hit.event_id)
    assert ids[1] == ids[2]
    assert 50 == len(ids[1])


def test_a_scan_without_archives_loads_nothing_for_them(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(LOG))
    program = f"""
import sys
from sentinel.cli.main import main
main(['scan', {str(tmp_path)!r}])
print([name for name in ('tarfile', 'zipfile', 'py7zr', 'sentinel.inputs.archives') if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True)
    assert "[]" == done.stdout.splitlines()[-1]


def test_an_archive_can_come_on_standard_input() -> None:
    program = "import sys; from sentinel.cli.main import main; sys.exit(main(['scan', '--files', '-']))"
    for kind in ("tar.gz", "7z"):
        data = ARCHIVES[kind]({"a": LOG, "b": MANY})
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, input=data, capture_output=True, check=True, env={**os.environ}
        )
        assert b"-!b" in done.stdout
        assert b"2,050 in" in done.stdout


def lines_of(text: str) -> Iterator[list[str]]:
    return (line.split() for line in text.splitlines())


def test_a_folder_of_archives_gives_a_row_for_every_member(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    samples = ROOT / "docs" / "samples" / "windows"
    portal, commune = ((samples / f"{name}.ndjson").read_bytes() for name in ("portal", "commune-an-phu"))
    (tmp_path / "month.zip").write_bytes(a_zip({"portal.ndjson": portal, "notes.txt": b"a note\n"}))
    (tmp_path / "old.tar.zst").write_bytes(ARCHIVES["tar.zst"]({"day/portal.gz": gzip.compress(portal)}))
    (tmp_path / "other.7z").write_bytes(a_7z({"commune.ndjson": commune, "portal.ndjson": portal}))
    program = "import sys; from sentinel.cli.main import main; sys.exit(main(['scan', '--files', '.']))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False, text=True, env=environment
    )
    events, others = str(portal.count(b"\n")), str(commune.count(b"\n"))
    table, _account = done.stdout.split("\nfiles: ")
    rows = [line for line in lines_of(table) if line and line[0].startswith(("month", "old", "other"))]
    assert [
        ["month.zip", "zip", "0", "0"],
        ["month.zip!portal.ndjson", "ndjson", events, "0"],
        ["month.zip!notes.txt", "not", "read", "0", "1"],
        ["old.tar.zst", "tar", "0", "0"],
        ["old.tar.zst!day/portal.gz", "ndjson", events, "0"],
        ["other.7z", "7z", "0", "0"],
        ["other.7z!commune.ndjson", "ndjson", others, "0"],
        ["other.7z!portal.ndjson", "ndjson", events, "0"],
    ] == rows
    assert "files: 4 read" in done.stdout
    assert "month.zip!notes.txt: not recognised as any log format" in done.stdout
