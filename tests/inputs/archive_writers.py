"""Writes archives for tests: a zip, tar or 7z of named bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from functools import partial
from typing import TYPE_CHECKING

import py7zr
import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Files = Mapping[str, bytes]


def a_zip(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Give a zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def a_streamed_zip(files: Files) -> bytes:
    """Give a zip archive whose sizes follow each member, as is written to a pipe."""

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            made.extend(data)
            return len(data)

    made = bytearray()
    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return bytes(made)


def a_tar(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Give a tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def a_7z(files: Files, *methods: int, password: str | None = None, hides_names: bool = False) -> bytes:
    """Give a 7z archive, packed by the methods that are given or as 7-Zip would."""
    made = io.BytesIO()
    filters: Sequence[dict[str, int]] | None = [{"id": method} for method in methods] or None
    with py7zr.SevenZipFile(
        made, "w", filters=list(filters) if filters else None, password=password, header_encryption=hides_names
    ) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return made.getvalue()


def with_true_checksums(data: bytes) -> bytes:
    """Give a 7z archive whose headers were changed with the checksums that they should have."""
    offset, size = (int.from_bytes(data[at : at + 8], "little") for at in (12, 20))
    content = data[32 + offset : 32 + offset + size]
    start = data[12:28] + zlib.crc32(content).to_bytes(4, "little")
    return data[:8] + zlib.crc32(start).to_bytes(4, "little") + start + data[32:]


ARCHIVES: Mapping[str, Callable[[Files], bytes]] = {
    "zip": a_zip,
    "zip, stored": partial(a_zip, method=zipfile.ZIP_STORED),
    "zip, bzip2": partial(a_zip, method=zipfile.ZIP_BZIP2),
    "zip, lzma": partial(a_zip, method=zipfile.ZIP_LZMA),
    "zip, streamed": a_streamed_zip,
    "tar": a_tar,
    "tar of GNU": partial(a_tar, form=tarfile.GNU_FORMAT),
    "tar.gz": lambda files: gzip.compress(a_tar(files)),
    "tar.bz2": lambda files: bz2.compress(a_tar(files)),
    "tar.xz": lambda files: lzma.compress(a_tar(files)),
    "tar.zst": lambda files: zstandard.compress(a_tar(files)),
    "zip.gz": lambda files: gzip.compress(a_zip(files)),
    "7z": a_7z,
    "7z, LZMA": lambda files: a_7z(files, py7zr.FILTER_LZMA),
    "7z, filtered": lambda files: a_7z(files, py7zr.FILTER_X86, py7zr.FILTER_LZMA2),
    "7z, differences": lambda files: a_7z(files, py7zr.FILTER_DELTA, py7zr.FILTER_LZMA2),
    "7z, bzip2": lambda files: a_7z(files, py7zr.FILTER_BZIP2),
    "7z, deflate": lambda files: a_7z(files, py7zr.FILTER_DEFLATE),
    "7z, zstd": lambda files: a_7z(files, py7zr.FILTER_ZSTD),
    "7z, stored": lambda files: a_7z(files, py7zr.FILTER_COPY),
}
