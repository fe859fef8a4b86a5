"""Revocation lists as files, the way the server and others find them: `crl/<issuer>.crl`, `crl/<issuer>/<shard>.crl`.

Each file is replaced as a whole, so that whoever reads gets the old list or the new one; any web server may serve the
folder too. A file that is not a list does not take the place of one that was read before.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Iterator

LIST: Final = "application/pkix-crl"
CERTIFICATE: Final = "application/pkix-cert"
CERTIFICATES: Final = "application/pkcs7-mime"
CHAIN: Final = "application/pem-certificate-chain"
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LARGEST: Final = 256 << 20
"""Octets of a list at most: one of five million entries."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as it is served: `modified` and `expires` are seconds since 1970, `expires` 0 where nothing says so."""

    content: bytes = field(repr=False)
    media: str
    modified: int
    expires: int = 0
    tag: str = ""

    @classmethod
    def of(cls, content: bytes, media: str, modified: int, expires: int = 0) -> Document:
        """Make it, with its ETag."""
        return cls(content, media, modified, expires, tag_of(content))


def tag_of(content: bytes) -> str:
    """Give the ETag of some octets (RFC 9110, 8.8.3)."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def list_path(folder: Path, issuer: str, shard: int | None = None) -> Path:
    """Give where a list lies. Raises InputError where an id could lead elsewhere."""
    if not _ID.fullmatch(issuer):
        raise InputError(_("not the id of an authority: {id}").format(id=issuer))
    return folder / "crl" / (f"{issuer}.crl" if shard is None else f"{issuer}/{int(shard)}.crl")


def publish(folder: Path, issuer: str, shard: int | None, content: bytes) -> Path:
    """Put a list in the place of the one before: all of it, or none. Raises InputError, StoreError."""
    path = list_path(folder, issuer, shard)
    read_list(content, str(path))
    with disk.told(path):
        disk.make_folder(path.parent)
        disk.put(path, content)
    return path


def read_list(content: bytes, place: str) -> Document:
    """Read a list as it is served. Raises InputError where it is none, or does not say when the next one comes."""
    from cryptography.x509 import load_der_x509_crl

    try:
        said = load_der_x509_crl(content)
        begins, ends = said.last_update_utc, said.next_update_utc
    except (ValueError, TypeError) as error:
        raise InputError(_("not a revocation list: {reason}").format(reason=error), place=place) from None
    if ends is None:
        raise InputError(_("a revocation list that does not say when the next one comes"), place=place)
    return Document.of(content, LIST, int(begins.timestamp()), int(ends.timestamp()))


@dataclass(slots=True)
class Lists:
    """The lists of a folder, by the end of their address (`crl/hanoi/3.crl`), read again when they change."""

    folder: Path
    documents: dict[str, Document] = field(default_factory=dict)
    faults: list[InputError] = field(default_factory=list)
    _seen: dict[str, tuple[int, int, int]] = field(default_factory=dict)

    def look(self) -> bool:
        """Read what is new, forget what is gone, and tell whether anything was; what cannot be read is in `faults`."""
        there = dict(_files(self.folder / "crl"))
        gone = self._seen.keys() - there.keys()
        changed = [name for name, mark in there.items() if self._seen.get(name) != mark]
        if not (gone or changed):
            return False
        documents = {name: each for name, each in self.documents.items() if name not in gone}
        faults = []
        for name in changed:
            try:
                documents[name] = _read(self.folder / name, name)
            except InputError as error:
                faults.append(error)
        self.documents, self.faults, self._seen = documents, faults, there
        return True


def _read(path: Path, name: str) -> Document:
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(_("too large for a revocation list"), place=name)
        return read_list(path.read_bytes(), name)
    except OSError as error:
        raise InputError(error.strerror or str(error), place=name) from None


def _files(folder: Path) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Give the lists of a folder and of those in it, each with what changes when it is replaced."""
    for each in _entries(folder):
        if each.name.endswith(".crl") and each.is_file():
            yield f"crl/{each.name}", _mark(each)
        elif _ID.fullmatch(each.name) and each.is_dir():
            for inner in _entries(Path(each.path)):
                if inner.name.endswith(".crl") and inner.is_file():
                    yield f"crl/{each.name}/{inner.name}", _mark(inner)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return [each for each in found if not each.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []


def _mark(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    try:
        found = entry.stat()
    except FileNotFoundError:  # replaced this moment: it is seen the next time
        return (0, 0, 0)
    return (found.st_ino, found.st_mtime_ns, found.st_size)
