"""Finds rule files, and keeps compiled rule sets in a private cache.

A warm start must not read thousands of files, nor import pySigma. So a compiled set is kept under the hash of all its
files' contents, and a reference under the hash of their names, sizes, times and inodes leads to it.
"""

from __future__ import annotations

import importlib.util
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sentinel import __version__, language
from sentinel.detect.plan import Ruleset
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

LARGEST_FILE = 1 << 20
"""Bytes. No rule is as large; of a larger file only so much is read that its size can be told."""

_SUFFIXES = (".yml", ".yaml")
_LARGEST_ARCHIVE = 256 << 20
_MOST_KEPT = 16
_PLAN_VERSION = 4
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Ruleset)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file that holds rules, or an archive of such files."""

    path: str
    stat: os.stat_result

    @property
    def signature(self) -> str:
        """Give what changes whenever the file does."""
        of = self.stat
        return f"{self.path}\0{of.st_size}\0{of.st_mtime_ns}\0{of.st_ctime_ns}\0{of.st_ino}\n"


def find(paths: Iterable[Path]) -> list[RuleFile]:
    """Give the rule files under the paths, in their order; folders are walked in name order.

    Raises InputError where a path does not exist, or is neither a folder, a rule file nor a zip archive.
    """
    found: dict[str, RuleFile] = {}
    for path in paths:
        for file in _walk(path):
            found.setdefault(file.path, file)
    return list(found.values())


def _walk(path: Path) -> Iterator[RuleFile]:
    try:
        if path.is_dir():
            yield from _walk_folder(str(path), frozenset())
        else:
            yield RuleFile(str(path), path.stat())
    except OSError as error:
        raise _unreadable(error, error.filename or str(path)) from None


def _walk_folder(folder: str, above: frozenset[tuple[int, int]]) -> Iterator[RuleFile]:
    """Walk a folder; `above` are those it lies in, so that a link to one of them is no way round in circles."""
    of = Path(folder).stat()
    identity = (of.st_dev, of.st_ino)
    if identity in above:
        return
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _walk_folder(entry.path, above | {identity})
        elif entry.name.endswith(_SUFFIXES) and not _is_special(entry):
            yield RuleFile(entry.path, entry.stat())


def _is_special(entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a pipe, a device or a socket; a link that leads nowhere is none, but an error."""
    return not entry.is_file() and not entry.is_symlink()


def _unreadable(error: Exception, path: str) -> InputError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return InputError(
        _("rules cannot be read: {reason}").format(reason=reason),
        place=_shown(path),
        hint=_("--rules takes folders, Sigma rule files and zip archives of them"),
    )


def _shown(path: str) -> str:
    """Give a path as text that can be stored, whatever bytes it holds."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def load(
    files: Sequence[RuleFile], cache: Path | None, progress: Callable[[int], None] = lambda _done: None
) -> Ruleset:
    """Give the compiled rules of files, from the cache where they are unchanged.

    `progress` is called with the number of files compiled; never on a warm start. Without a `cache` nothing is kept.
    """
    place = _Cache(cache) if cache else None
    marks = f"{_PLAN_VERSION}\0{__version__}\0{_compiler_version()}\0{language.current()}\n"
    signatures = "".join(file.signature for file in files)
    reference = sha256((marks + signatures).encode("utf-8", "surrogateescape")).hexdigest()
    if place and (kept := place.get(reference)):
        return kept
    contents = list(_contents(files))
    whole = sha256(marks.encode())
    for name, content in contents:
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    if place and (kept := place.get_content(whole.hexdigest())):
        place.refer(reference, whole.hexdigest())
        return kept
    from sentinel.detect.sigma.load import compile_files  # pySigma is imported on a cold start only

    ruleset = compile_files(contents, progress)
    if place:
        place.put(whole.hexdigest(), ruleset)
        place.refer(reference, whole.hexdigest())
    return ruleset


def _compiler_version() -> str:
    """Give what changes when pySigma, its pipelines or our own compiler change; importing them would take too long."""
    spec = importlib.util.find_spec("sigma")
    folders = spec.submodule_search_locations or () if spec else ()
    parts = [Path(folder, part) for folder in folders for part in ("rule", "pipelines/sysmon", "pipelines/windows")]
    own = Path(__file__).parent / "sigma"
    parts += [own, own / "sources", *own.glob("*.py"), *own.glob("sources/*.py")]
    return " ".join(str(part.stat().st_mtime_ns) for part in parts if part.exists())


def _contents(files: Iterable[RuleFile]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        try:
            if _is_archive(file):
                yield from _archived(file.path)
            else:
                with Path(file.path).open("rb") as opened:
                    yield _shown(file.path), opened.read(LARGEST_FILE + 1)
        except OSError as error:
            raise _unreadable(error, file.path) from None


_ARCHIVE_MARK = b"PK"


def _is_archive(file: RuleFile) -> bool:
    if not stat.S_ISREG(file.stat.st_mode) or file.path.endswith(_SUFFIXES):
        return False
    with Path(file.path).open("rb") as opened:
        return opened.read(len(_ARCHIVE_MARK)) == _ARCHIVE_MARK


def _archived(path: str) -> Iterator[tuple[str, bytes]]:
    """Give the rules of an archive, hidden files left out as in folders."""
    # A warm start needs none of these.
    import lzma
    import struct
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if _holds_rules(entry.filename)]
            if sum(entry.file_size for entry in entries) > _LARGEST_ARCHIVE:
                limit = _LARGEST_ARCHIVE >> 20
                message = _("the archive unpacks to more than {limit} MiB").format(limit=limit)
                raise InputError(message, place=_shown(path))
            for entry in sorted(entries, key=lambda entry: entry.filename):
                with archive.open(entry) as opened:
                    yield f"{_shown(path)}!{_shown(entry.filename)}", opened.read(LARGEST_FILE + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, ValueError) as error:
        raise _unreadable(error, path) from None


def _holds_rules(name: str) -> bool:
    return name.endswith(_SUFFIXES) and not any(part.startswith(".") for part in Path(name).parts)


class _Cache:
    """A folder that only its owner can read, of files that carry their own checksum.

    Whatever is wrong with the cache, it is passed over: it only ever saves time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, reference: str) -> Ruleset | None:
        content = self._read(f"{reference}.ref")
        return self.get_content(content.decode("ascii", "replace")) if content else None

    def get_content(self, content: str) -> Ruleset | None:
        kept = self._read(f"{content}.rules")
        if kept is None:
            return None
        try:
            return _decoder.decode(kept)
        except (msgspec.DecodeError, ValueError):
            return None

    def refer(self, reference: str, content: str) -> None:
        self._write(f"{reference}.ref", content.encode())

    def put(self, content: str, ruleset: Ruleset) -> None:
        self._write(f"{content}.rules", _encoder.encode(ruleset))
        self._forget()

    def _is_private(self) -> bool:
        """Tell whether nobody else can put a file here: what is read from the cache is trusted."""
        try:
            of = self._folder.lstat()
        except OSError:
            return False
        return os.name == "nt" or (of.st_uid == os.getuid() and not of.st_mode & 0o022)

    def _read(self, name: str) -> bytes | None:
        if "/" in name or not self._is_private():
            return None
        try:
            kept = (self._folder / name).read_bytes()
        except OSError:
            return None
        checksum, body = kept[:32], kept[32:]
        return body if sha256(body).digest() == checksum else None

    def _write(self, name: str, body: bytes) -> None:
        temporary = self._folder / f".{name}.{os.getpid()}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._is_private():
                temporary.write_bytes(sha256(body).digest() + body)
                temporary.replace(self._folder / name)
        except OSError:
            with suppress(OSError):
                temporary.unlink()

    def _forget(self) -> None:
        """Keep the latest few rule sets, and the references to them; another process may be doing so too."""
        if not self._is_private():
            return
        with suppress(OSError):
            for suffix, most in ((".rules", _MOST_KEPT), (".ref", 4 * _MOST_KEPT)):
                kept = sorted(self._folder.glob(f"*{suffix}"), key=lambda path: path.stat().st_mtime, reverse=True)
                for path in kept[most:]:
                    path.unlink(missing_ok=True)
