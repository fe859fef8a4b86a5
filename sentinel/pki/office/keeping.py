"""Authorities are copied while they are in use, and made again of such a copy.

A backup is a folder, or a file of TAR (named `….tar`), laid out as `Home` is, with the people whose keys signed what is
in the register, and `manifest.json`: every file with its size and SHA-256. The register in it is that of one moment,
audited before the backup counts; private keys are in it only where that was asked for, and encrypted as they lie in
the signer's home. Whatever is interrupted leaves nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from sentinel.errors import Damaged, InputError, StoreError
from sentinel.language import _
from sentinel.ledger.verify import Ledger, examine
from sentinel.people.register import read
from sentinel.pki.office.home import Home
from sentinel.pki.register.audit import audit
from sentinel.pki.register.tables import NAME
from sentinel.pki.signing.home import KEYS, LOG
from sentinel.pki.signing.log import read_log
from sentinel.pki.status.crl import entry
from sentinel.store.embedded import databases, disk

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator
    from typing import IO

    Told = Callable[[int], None]

MANIFEST: Final = "manifest.json"
TAR: Final = ".tar"
PEOPLE: Final = "people.toml"
_TYPE: Final = "sentinel pki backup 1"
_OPEN: Final = ("profiles", "agencies", "public", "ceremonies")
"""Folders that hold nothing secret."""
_SECRET: Final = ("signer", "ocsp")
_ENCRYPTED: Final = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_LARGEST_MANIFEST: Final = 64 << 20
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds: how many files and bytes, of a register with so many entries, and whether keys are in it."""

    path: Path
    files: int
    size: int
    entries: int
    keys: bool


def backup(  # noqa: PLR0913 - what, with whose keys, where, when
    home: Home, people: Path, into: Path, now: int, *, keys: bool = False, told: Told = lambda _done: None
) -> Kept:
    """Copy authorities into a new folder, or a new file `….tar`; `now` is nanoseconds since 1970, UTC.

    `told` hears how many entries and certificates were checked. Raise InputError where there is something at the path
    already, a private key is not encrypted, or `people`,
    the people.toml, cannot be read, Damaged where the register or the signer's log is not what was written.
    """
    if not (home.folder / NAME).exists():
        told_ = _("there is no certificate authority here")
        raise InputError(told_, place=str(home.folder), hint=_("`sentinel pki init` makes one"))
    if into.absolute().is_relative_to(home.folder.absolute()):
        raise InputError(_("a backup cannot lie in what it is of"), place=str(into), hint=_("name another folder"))
    _must_be_free(into)
    with disk.told(into), _beside(into) as folder:
        _copy_all(home, folder, keys=keys)
        if people.exists():
            _copy(people, folder / PEOPLE)
        entries = _checked(folder, told)
        kept = _write_manifest(folder, into, now, entries, keys=keys)
        if into.suffix == TAR:
            _pack(folder, into)
        else:
            disk.sync_folder(folder)
            disk.rename(folder, into)
        disk.sync_folder(into.absolute().parent)
    return kept


def restore(origin: Path, home: Home, people: Path, told: Told = lambda _done: None) -> Kept:
    """Make authorities of a backup where there are none; nothing is overwritten.

    People are put where people.toml is to be, if there is none yet.

    Raise InputError where there is something already, or no backup, Damaged where it is not what was written.
    """
    _must_be_free(home.folder)
    with disk.told(home.folder), _beside(home.folder) as folder:
        manifest = _unpacked(origin, folder)
        _compare(folder, manifest, origin)
        entries = _checked(folder, told)
        (folder / MANIFEST).unlink()
        _put_people(folder / PEOPLE, people)
        if home.folder.exists():
            home.folder.rmdir()
        disk.rename(folder, home.folder)
        disk.sync_folder(home.folder.absolute().parent)
    files = manifest["files"]
    size = sum(each["size"] for each in files.values())
    return Kept(home.folder, len(files), size, entries, bool(manifest["keys"]))


def faults_of(home: Home, people: Path, told: Told = lambda _done: None) -> tuple[int, list[str]]:
    """Audit a register as it is now; give how many entries were read, and what is wrong, the first of it."""
    signers = read(people).signers()
    with closing(home.register()) as register:
        histories = register.histories
        with histories.reading():
            ledger = Ledger(histories.origin, histories.act_rows(), histories.entry_rows(), histories.heads())
            found = examine(ledger, (), signers, told)
            if histories.counts() != (found.acts, found.entries):
                return found.entries, [_("its end is missing")]
        compared = audit(register, entry, lambda done: told(found.entries + done))
    return found.entries, [*(each.what for each in found.faults), *(what for _subject, what in compared.faults)]


def _must_be_free(path: Path) -> None:
    if path.exists() and not (path.is_dir() and path.suffix != TAR and not any(path.iterdir())):
        told = _("there is something already, and nothing is overwritten")
        raise InputError(told, place=str(path), hint=_("name a new folder or file"))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give a new folder beside a path, which is gone afterwards unless it was renamed."""
    folder = path.absolute().with_name(f".{path.name}.{os.getpid()}.new")
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy_all(home: Home, folder: Path, *, keys: bool) -> None:
    _copy_database(home.folder / NAME, folder / NAME)
    for name in _OPEN:
        for path in _files(home.folder / name):
            _copy(path, folder / path.relative_to(home.folder))
    for name in _SECRET:
        for path in _files(home.folder / name):
            if path.suffix == ".cer" or (keys and (path.suffix == ".pem" or path.name == KEYS)):
                _copy_secret(path, folder / path.relative_to(home.folder))
    if keys and (home.signer / LOG).exists():
        _copy_database(home.signer / LOG, folder / "signer" / LOG)


def _put_people(path: Path, to: Path) -> None:
    if path.exists() and not to.exists():
        disk.make_folder(to.absolute().parent)
        disk.put(to, path.read_bytes())
    path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _copy(path: Path, to: Path) -> None:
    with path.open("rb") as stream:
        _write(stream, to)


def _write(stream: IO[bytes], to: Path) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with to.open("xb") as target:
        shutil.copyfileobj(stream, target, _BLOCK)
        target.flush()
        os.fsync(target.fileno())


def _copy_secret(path: Path, to: Path) -> None:
    if path.suffix == ".pem" and _ENCRYPTED not in path.read_bytes():
        hint = _("keys of authorities are PKCS #8, encrypted, in PEM")
        raise InputError(_("a private key that is not encrypted is copied nowhere"), place=str(path), hint=hint)
    _copy(path, to)
    to.chmod(0o600)


def _copy_database(path: Path, to: Path) -> None:
    """Copy a database of SQLite as of one moment, into one file."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with databases.told(path), closing(databases.read_only(path)) as source, _made(to) as target:
        source.backup(target)
        target.execute("pragma journal_mode = delete")
    to.chmod(0o600)


@contextmanager
def _made(path: Path) -> Iterator[sqlite3.Connection]:
    with databases.told(path), closing(databases.connect(path, "mode=rwc")) as connection:
        yield connection


def _checked(folder: Path, told: Told) -> int:
    """Check what was copied; give how many entries the register has. Raise Damaged."""
    entries, faults = faults_of(Home(folder), folder / PEOPLE, told)
    if faults:
        raise Damaged(
            _("the register is not what was written: {fault}").format(fault=faults[0]),
            place=NAME,
            hint=_("`sentinel pki audit verify` tells more; restore the register from a backup"),
        )
    if (folder / "signer" / LOG).exists():
        for _act in read_log(folder / "signer" / LOG):
            pass
    return entries


def _write_manifest(folder: Path, into: Path, now: int, entries: int, *, keys: bool) -> Kept:
    files = {path.relative_to(folder).as_posix(): _facts(path) for path in _files(folder)}
    told = {"type": _TYPE, "at": now, "entries": entries, "keys": keys, "files": files}
    disk.put(folder / MANIFEST, json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")
    return Kept(into, len(files), sum(each["size"] for each in files.values()), entries, keys)


def _facts(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return {"size": path.stat().st_size, "sha256": file_digest(stream, "sha256").hexdigest()}


def _pack(folder: Path, into: Path) -> None:
    beside = into.absolute().with_name(f".{into.name}.{os.getpid()}.tar")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for path in _files(folder):
                archive.add(path, path.relative_to(folder).as_posix(), recursive=False)
        stream.flush()
        os.fsync(handle)
    disk.rename(beside, into)


def _unpacked(origin: Path, folder: Path) -> dict[str, Any]:
    """Copy a backup into a folder; give its manifest. Raise InputError where it is none."""
    try:
        if origin.is_dir():
            manifest = _manifest((origin / MANIFEST).read_bytes())
            for name in manifest["files"]:
                _copy(origin / name, folder / name)
        else:
            with tarfile.open(origin) as archive:
                manifest = _manifest(_member(archive, MANIFEST).read(_LARGEST_MANIFEST))
                for name in manifest["files"]:
                    _write(_member(archive, name), folder / name)
        disk.put(folder / MANIFEST, b"{}")
    except (OSError, tarfile.TarError, KeyError, ValueError, TypeError, AttributeError, StoreError) as error:
        told = _("there is no whole backup here: {reason}").format(reason=_reason(error))
        hint = _("name what `sentinel pki backup` wrote")
        raise InputError(told, place=str(origin), hint=hint) from None
    for path in _files(folder):
        if path.relative_to(folder).parts[0] in (*_SECRET, NAME):
            path.chmod(0o600)
    return manifest


def _reason(error: Exception) -> str:
    """Give in words why something is no backup."""
    if isinstance(error, tarfile.ReadError):
        return _("it is neither a folder nor a whole file of TAR")
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _manifest(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(content)
    if found["type"] != _TYPE:
        raise ValueError(found["type"])
    for name, facts in found["files"].items():
        path = PurePosixPath(name)
        # Nothing outside of the folder, and nothing that a home does not have.
        if path.is_absolute() or ".." in path.parts or path.parts[0] not in {NAME, PEOPLE, *_OPEN, *_SECRET}:
            raise ValueError(name)
        if type(facts["size"]) is not int or type(facts["sha256"]) is not str:
            raise TypeError(name)
    if NAME not in found["files"] or type(found["keys"]) is not bool:
        raise ValueError(NAME)
    return found


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = archive.extractfile(name)
    if stream is None:
        raise ValueError(name)
    return stream


def _compare(folder: Path, manifest: dict[str, Any], origin: Path) -> None:
    for name, facts in manifest["files"].items():
        if _facts(folder / name) != facts:
            told = _("the backup is not what was written: {name}").format(name=name)
            raise Damaged(told, place=str(origin), hint=_("take another one"))
