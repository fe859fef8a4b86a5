"""Files, folders and streams: whatever they are packed in, each record once and in its place."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import os
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.formats import evtx
from sentinel.formats.gather import ALL, Gatherer
from sentinel.inputs import reader
from sentinel.inputs.reader import Limits, Piece, Source
from sentinel.inputs.streams import ByteStream, Parts, decoded, inflate
from sentinel.model.batch import source_and_offset
from tests.formats.evtx_writer import CHUNK_SIZE, an_event, an_evtx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.formats.base import Fault

ROOT = Path(__file__).resolve().parents[2]
LINES = [f'{{"EventID":{number},"Channel":"A","X":"{"ạ" * (number % 50)}"}}' for number in range(200)]
TEXT = "\n".join(LINES) + "\n"
DATA = TEXT.encode()
CODES = [str(number) for number in range(200)]


def pieces_of(path: Path, limits: Limits = Limits()) -> list[Piece]:  # noqa: B008 - frozen
    (source,) = reader.find([str(path)])
    return reader.divide(source, limits)


def read_all(path: Path, limits: Limits = Limits()) -> tuple[list[tuple[int, str]], list[Fault]]:  # noqa: B008 - frozen
    """Read a file piece by piece; give offset and event id of every record, in order, and the faults."""
    faults: list[Fault] = []
    gatherer = Gatherer(lambda _kind: ALL)
    for piece in pieces_of(path, limits):
        for block in reader.blocks(piece, faults, limits):
            piece.format.read(block, gatherer)
    found = [
        (source_and_offset(position)[1], code)
        for batch in gatherer.rest()
        for position, code in zip(batch.positions, batch.columns.column("event.code").to_pylist(), strict=True)
    ]
    return sorted(found), faults + gatherer.faults


def codes_of(path: Path) -> list[str]:
    found, faults = read_all(path)
    assert [] == faults
    return [code for _offset, code in found]


def a_file(folder: Path, data: bytes, name: str = "log") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


PACKERS = [gzip.compress, zstandard.compress, bz2.compress, lzma.compress]
PACKED: dict[str, Callable[[], bytes]] = {
    "plain": lambda: DATA,
    "no line feed at the end": lambda: DATA[:-1],
    "carriage returns": lambda: DATA.replace(b"\n", b"\r\n"),
    "byte order mark": lambda: codecs.BOM_UTF8 + DATA,
    "gzip": lambda: gzip.compress(DATA),
    "gzip of two members": lambda: gzip.compress(DATA[:999]) + gzip.compress(DATA[999:]),
    "gzip, padded with zeros": lambda: (
        gzip.compress(DATA[:999]) + bytes(300_000) + gzip.compress(DATA[999:]) + bytes(9)
    ),
    "gzip with an empty member": lambda: gzip.compress(b"") + gzip.compress(DATA),
    "zstd": lambda: zstandard.compress(DATA),
    "zstd of two frames": lambda: zstandard.compress(DATA[:999]) + zstandard.compress(DATA[999:]),
    "zstd behind a skippable frame": lambda: b"\x50\x2a\x4d\x18\4\0\0\0abcd" + zstandard.compress(DATA),
    "zstd with a long window": lambda: _with_long_window(DATA),
    "bzip2": lambda: bz2.compress(DATA),
    "bzip2 of two streams": lambda: bz2.compress(DATA[:999]) + bz2.compress(DATA[999:]),
    "bzip2 with an empty stream": lambda: bz2.compress(b"") + bz2.compress(DATA),
    "xz": lambda: lzma.compress(DATA),
    "xz of two streams, padded": lambda: (
        lzma.compress(DATA[:999]) + bytes(300_000) + lzma.compress(DATA[999:], check=lzma.CHECK_SHA256) + bytes(4)
    ),
    "lzma": lambda: lzma.compress(DATA, lzma.FORMAT_ALONE),
    "xz within bzip2": lambda: bz2.compress(lzma.compress(DATA)),
    "gzip within zstd": lambda: zstandard.compress(gzip.compress(DATA)),
    "UTF-16, little end first": lambda: codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, big end first": lambda: codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "UTF-16 within gzip": lambda: gzip.compress(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le")),
}


def _with_long_window(data: bytes) -> bytes:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    return zstandard.ZstdCompressor(compression_params=parameters).compress(data)


@pytest.mark.parametrize("packing", PACKED)
def test_every_packing_reads_the_same(packing: str, tmp_path: Path) -> None:
    assert CODES == codes_of(a_file(tmp_path, PACKED[packing]()))


@pytest.mark.parametrize("packing", ["plain", "gzip", "zstd", "bzip2", "xz", "UTF-16, little end first"])
def test_standard_input_reads_like_a_file(packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PACKED[packing]())))
    (source,) = reader.find(["-"])
    faults: list[Fault] = []
    gatherer = Gatherer(lambda _kind: ALL)
    for piece in reader.divide(source):
        for block in reader.blocks(piece, faults):
            piece.format.read(block, gatherer)
    assert (200, []) == (gatherer.events, faults)


def test_standard_input_that_is_closed_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        reader.divide(Source(0, "-", 0))


@pytest.mark.parametrize("pack", PACKERS)
def test_a_packed_file_that_breaks_off_gives_what_came_before(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    lines = b"".join(b'{"EventID":7,"Channel":"A","X":"%s"}\n' % os.urandom(50).hex().encode() for _ in range(20_000))
    packed = pack(lines)
    found, faults = read_all(a_file(tmp_path, packed[: len(packed) * 9 // 10]))
    # bzip2 gives whole blocks of 900,000 bytes.
    assert (13_000 if pack is bz2.compress else 17_000) < len(found) < 18_500
    assert ["breaks off: it ends in the middle of what is packed"] == [
        fault.message for fault in faults if fault.message.startswith("breaks off")
    ]


@pytest.mark.parametrize("pack", PACKERS)
def test_rubbish_behind_a_packed_file_is_told(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    found, faults = read_all(a_file(tmp_path, pack(DATA) + b"rubbish!"))
    told = ["trailing bytes: what stands behind the packed log is left out"]
    assert (CODES, told) == ([code for _offset, code in found], [fault.message for fault in faults])


def test_a_gzip_with_a_wrong_checksum_gives_all_that_was_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(DATA)
    found, faults = read_all(a_file(tmp_path, packed[:-8] + b"0000" + packed[-4:]))
    assert (CODES, 1) == ([code for _offset, code in found], len(faults))
    assert faults[0].message.startswith("breaks off: ")


@pytest.mark.parametrize(("bits", "unpack"), [(16 + zlib.MAX_WBITS, decoded), (-zlib.MAX_WBITS, inflate)])
def test_what_is_deflated_is_read_up_to_damaged_bytes(bits: int, unpack: Callable[[ByteStream], Any]) -> None:
    lines = b"".join(b"%d\n" % number**3 for number in range(40_000))
    packer = zlib.compressobj(wbits=bits)
    of_no_known_type = b"\x07"  # RFC 1951, 3.2.3
    packed = packer.compress(lines) + packer.flush(zlib.Z_FULL_FLUSH) + of_no_known_type + packer.flush()
    found = unpack(Parts(iter([packed])))
    stream = Parts(found) if unpack is inflate else found
    assert lines == stream.read(1 << 30)
    with pytest.raises(zlib.error):
        stream.read(1)


@pytest.mark.parametrize(
    "data",
    [
        b"\x1f\x8b",
        b"\x1f\x8b\x08\0rubbish",
        b"\x28\xb5\x2f\xfd",
        b"\x28\xb5\x2f\xfdrubbish",
        b"BZh91AY&SYrubbish",
        b"\xfd7zXZ\0rubbish",
        b"\x5d\0\0rubbish",
    ],
)
def test_a_packed_file_with_nothing_readable_is_an_input_error(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        pieces_of(a_file(tmp_path, data))


@pytest.mark.parametrize("data", [b"", b"\n \r\n", gzip.compress(b""), zstandard.compress(b""), codecs.BOM_UTF16_LE])
def test_an_empty_file_has_no_pieces(data: bytes, tmp_path: Path) -> None:
    assert [] == pieces_of(a_file(tmp_path, data))


def test_what_is_no_log_is_an_input_error_that_names_the_formats(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not recognised as any log format") as raised:
        pieces_of(a_file(tmp_path, b"# a readme\n"))
    assert "sentinel formats" in raised.value.hint


# ── folders ──────────────────────────────────────────────────────────────────────────────────────────────────────────
LINE = b"Nov 20 10:28:04 web06 sshd[7]: Failed password for root from 203.0.113.5 port 4000 ssh2\n"
BEFORE = {
    "a line of 1 MB": b"x" * 1_000_000 + b"\n",
    "21 foreign lines": b"-- foreign --\n" * 21,
    "5,000 foreign lines": b"-- foreign --\n" * 5000,
}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_log_is_told_behind_what_is_none_of_it(pack: Callable[[bytes], bytes], before: str, tmp_path: Path) -> None:
    (piece,) = pieces_of(a_file(tmp_path, pack(BEFORE[before] + LINE * 2000)))
    assert "syslog" == piece.format.name


def test_lines_of_a_log_in_a_binary_file_make_no_log(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not recognised"):
        pieces_of(a_file(tmp_path, b"x\0" * 40_000 + b"\n" + LINE * 2000))


@pytest.mark.parametrize(
    ("stated", "written"), [(1_640_000_000, 1_640_000_000), (0, 1_700_000_000), (1 << 31, 1_700_000_000)]
)
def test_a_gzip_was_written_when_it_says_if_that_is_earlier(stated: int, written: int, tmp_path: Path) -> None:
    path = a_file(tmp_path, gzip.compress(DATA, mtime=stated))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (piece,) = pieces_of(path)
    assert written * 10**9 == piece.source.modified


def names_of(*paths: Path | str) -> list[str]:
    return [Path(source.path).name for source in reader.find(map(str, paths))]


def test_folders_are_walked_in_name_order_past_hidden_files(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a/3", ".hidden/x", ".dotfile", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert ["c", "3", "1", "2"] == names_of(tmp_path)


def test_a_file_that_is_reached_twice_is_read_once(tmp_path: Path) -> None:
    path = a_file(tmp_path, DATA, "log")
    (tmp_path / "link").symlink_to(path)
    assert ["link"] == names_of(tmp_path, path, tmp_path)
    assert ["-"] == names_of("-", "-")


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    a_file(tmp_path, DATA)
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    assert ["log", "self"] == names_of(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        reader.divide(reader.find([str(tmp_path)])[1])


def test_what_is_no_file_is_told_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        sources = reader.find([str(tmp_path), "/dev/zero"])
        assert ["dangling", "fifo", "socket", "zero"] == [Path(source.path).name for source in sources]
        for source in sources:
            with pytest.raises(InputError, match="cannot be read"):
                reader.divide(source)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    a_file(tmp_path, DATA).chmod(0)
    (tmp_path / "shut").mkdir(mode=0)
    for source in reader.find([str(tmp_path)]):
        with pytest.raises(InputError, match="Permission denied"):
            reader.divide(source)


@pytest.mark.parametrize("name", ["nowhere", "log/below"])
def test_a_path_that_is_not_there_is_an_input_error(name: str, tmp_path: Path) -> None:
    a_file(tmp_path, DATA)
    with pytest.raises(InputError, match="no such file or folder"):
        reader.find([str(tmp_path / name)])


# ── pieces ───────────────────────────────────────────────────────────────────────────────────────────────────────────
RECORDS = st.lists(
    st.sampled_from([b"", b"\r", b"x", b'{"EventID":1,"Channel":"A"}', b'{"EventID":2,"Channel":"A","X":"yyyyyyyyy"}']),
    max_size=30,
)


@given(
    records=RECORDS, ends=st.booleans(), piece=st.integers(1, 200), read=st.integers(1, 70), record=st.integers(70, 90)
)
def test_pieces_of_any_size_give_each_record_once_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes], ends: bool, piece: int, read: int, record: int
) -> None:
    # What is no JSON in more than half of the lines is not told for NDJSON.
    first = [b'{"EventID":0,"Channel":"A"}'] * (1 + records.count(b"x"))
    data = b"\n".join([*first, *records]) + (b"\n" if ends else b"")
    folder = tmp_path_factory.mktemp("pieces")
    path, packed = a_file(folder, data), a_file(folder, gzip.compress(data), "packed")
    whole, faults = read_all(path)
    limits = Limits(piece, read, record)
    for each in (path, packed):
        found, also = read_all(each, limits)
        assert whole == found
        assert sorted(fault.offset for fault in faults) == sorted(fault.offset for fault in also)


@given(st.integers(1, 40), st.integers(1, 3))
def test_a_line_that_is_too_long_is_left_out_and_told(
    tmp_path_factory: pytest.TempPathFactory, step: int, times: int
) -> None:
    short, long = b'{"EventID":1,"Channel":"A"}', b'{"EventID":2,"Channel":"A","X":"' + b"x" * 100 * times + b'"}'
    folder = tmp_path_factory.mktemp("long")
    for end in (b"", b"\n"):
        data = b"\n".join([short, long, short, short, long]) + end
        for name, each in (("plain", data), ("packed", gzip.compress(data))):
            found, faults = read_all(a_file(folder, each, name), Limits(step, step, 60))
            second = len(short) + len(long) + 2
            assert [(0, "1"), (second, "1"), (second + len(short) + 1, "1")] == found
            assert [len(short) + 1, second + 2 * len(short) + 2] == sorted(fault.offset for fault in faults)


def test_the_first_block_of_a_stream_and_of_a_file_tells_lines(tmp_path: Path) -> None:
    data = DATA + b"rubbish\n"
    for name, each in (("plain", data), ("packed", gzip.compress(data))):
        _found, (fault,) = read_all(a_file(tmp_path, each, name))
        assert (len(DATA), 201) == (fault.offset, fault.line)


def test_lines_are_counted_on_from_block_to_block_of_a_stream(tmp_path: Path) -> None:
    path = a_file(tmp_path, gzip.compress(DATA + b"rubbish\n"))
    _found, (fault,) = read_all(path, Limits(read=100, record=1000))
    assert 201 == fault.line


EVTX = an_evtx([[an_event(chunk, {"X": str(chunk)}, code=str(chunk))] for chunk in range(9)])


@pytest.mark.parametrize("chunks", [0, 1, 2, 5, 100])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_evtx_in_pieces_gives_each_record_once(chunks: int, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    limits = Limits(chunks * CHUNK_SIZE, max(chunks, 1) * 50_000)
    found, faults = read_all(a_file(tmp_path, pack(EVTX)), limits)
    assert ([(number, str(number - 1)) for number in range(1, 10)], []) == (found, faults)


@pytest.mark.parametrize("size", [8, 100, 4095, 4096, 5000, len(EVTX) - CHUNK_SIZE, len(EVTX) - 1])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_evtx_that_is_cut_short_is_told(size: int, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    _found, faults = read_all(a_file(tmp_path, pack(EVTX[:size])), Limits(2 * CHUNK_SIZE, 100_000))
    assert any("truncated" in fault.message for fault in faults)


def test_a_damaged_chunk_is_told_at_its_place_in_every_packing(tmp_path: Path) -> None:
    at = evtx.HEADER_SIZE + 5 * CHUNK_SIZE
    data = EVTX[:at] + b"BadChnk\0" + EVTX[at + 8 :]
    for name, each in (("plain", data), ("packed", gzip.compress(data))):
        found, (fault,) = read_all(a_file(tmp_path, each, name), Limits(2 * CHUNK_SIZE, 100_000))
        assert (8, at) == (len(found), fault.offset)


# ── files that change ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_that_became_shorter_is_told_once(tmp_path: Path) -> None:
    path = a_file(tmp_path, DATA)
    pieces = pieces_of(path, Limits(piece=1000))
    path.write_bytes(DATA[:1500])
    faults: list[Fault] = []
    data = b"".join(block.data for piece in pieces for block in reader.blocks(piece, faults))
    assert (DATA[:1500], [1500]) == (data, [fault.offset for fault in faults])


def test_a_file_that_grew_is_read_as_far_as_it_was_and_to_the_end_of_that_line(tmp_path: Path) -> None:
    path = a_file(tmp_path, DATA[:1500])
    pieces = pieces_of(path)
    path.write_bytes(DATA)
    data = b"".join(block.data for piece in pieces for block in reader.blocks(piece, []))
    assert DATA[: DATA.index(b"\n", 1500) + 1] == data


def test_a_file_that_vanished_is_an_input_error(tmp_path: Path) -> None:
    path = a_file(tmp_path, DATA)
    (source,) = reader.find([str(path)])
    (piece,) = reader.divide(source)
    path.unlink()
    with pytest.raises(InputError, match="No such file"):
        reader.divide(source)
    with pytest.raises(InputError, match="No such file"):
        list(reader.blocks(piece, []))


def test_the_identity_of_a_source_survives_packing_and_growing(tmp_path: Path) -> None:
    files = [a_file(tmp_path, each, str(number)) for number, each in enumerate([DATA, gzip.compress(DATA), DATA * 2])]
    assert 1 == len({pieces_of(path)[0].identity for path in files})


# ── memory ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def memory_to_read(path: Path) -> int:
    """Read a file in a process of its own; give the most memory that it had, in MiB, less what it had before."""
    program = f"""
import resource
from tests.inputs.test_reader import read_all
from pathlib import Path
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(read_all(Path({str(path)!r})))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True)
    return int(done.stdout.splitlines()[-1])


def a_long_line() -> Iterator[bytes]:
    yield b'{"EventID":1,"Channel":"A"}\n{"EventID":2,"Channel":"A","X":"'
    for _mebibyte in range(100):
        yield b"x" * (1 << 20)
    yield b'"}\n{"EventID":3,"Channel":"A"}\n'


@pytest.mark.parametrize("packed", [False, True])
def test_a_line_of_100_mb_is_left_out_in_little_memory(packed: bool, tmp_path: Path) -> None:
    path = tmp_path / "log"
    with gzip.open(path, "wb", 1) if packed else path.open("wb") as file:
        for part in a_long_line():
            file.write(part)
    found, faults = read_all(path)
    assert (["1", "3"], 1) == ([code for _offset, code in found], len(faults))
    assert 160 > memory_to_read(path)


@pytest.mark.parametrize("pack", PACKERS)
def test_a_bomb_does_not_fill_the_memory(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(pack(b'{"EventID":1,"Channel":"A"}\n') + pack(bytes(100 << 20)) * 3)
    assert 160 > memory_to_read(path)


def test_json_documents_are_read_at_25_mb_a_second(tmp_path: Path) -> None:
    record = {"EventID": 1, "Channel": "A", **{f"Field{number}": "text " * 6 for number in range(30)}}
    path = a_file(tmp_path, json.dumps([record] * 5000, indent=1).encode())
    (piece,) = pieces_of(path)
    gatherer = Gatherer(lambda _kind: ("Field1", "Field2"))
    begin = time.process_time()
    for block in reader.blocks(piece, []):
        piece.format.read(block, gatherer)
    # Machines are shared: a quarter of that is let pass.
    assert 4 * path.stat().st_size / 25e6 > time.process_time() - begin
    assert 5000 == gatherer.events
