"""Finds rule files, and compiles what the cache does not hold.

A warm start must not read thousands of files, nor import pySigma. So a compiled set is kept under the hash of all its
files' contents, and a reference under the hash of their names, sizes, times and inodes leads to it. Where some files
of a set have changed, only these are compiled: what each of the others compiled to is kept under its content.
"""

from __future__ import annotations

import importlib.util
import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel import __version__, language
from sentinel.detect.pieces import Piece, joined
from sentinel.detect.rule_cache import RuleCache
from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sentinel.detect.plan import Ruleset

LARGEST_FILE = 1 << 20
"""Bytes. No rule is as large; of a larger file only so much is read that its size can be told."""

_SUFFIXES = (".yml", ".yaml")
_LARGEST_ARCHIVE = 256 << 20
_PLAN_VERSION = 5


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
    place = RuleCache(cache) if cache else None
    marks = f"{_PLAN_VERSION}\0{__version__}\0{_compiler_version()}\0{language.current()}\n"
    signatures = "".join(file.signature for file in files)
    reference = sha256((marks + signatures).encode("utf-8", "surrogateescape")).hexdigest()
    if place and (kept := place.get(reference)):
        return kept
    contents = [(name, content, sha256(marks.encode() + content).digest()) for name, content in _contents(files)]
    whole = sha256(b"".join(f"{name}\0".encode() + digest for name, _content, digest in contents)).hexdigest()
    if place and (kept := place.get_content(whole)):
        place.refer(reference, whole)
        return kept
    pieces = _pieces({digest: content for _name, content, digest in contents}, place, whole, progress)
    ruleset = joined((name, pieces[digest]) for name, _content, digest in contents)
    if place:
        place.put(whole, ruleset)
        place.refer(reference, whole)
    return ruleset


def _pieces(
    contents: Mapping[bytes, bytes], place: RuleCache | None, whole: str, progress: Callable[[int], None]
) -> dict[bytes, Piece]:
    """Give what files compiled to, by the digest of each; those that are not kept are compiled, and kept for a set."""
    pieces = place.pieces(contents.keys()) if place else {}
    missing = contents.keys() - pieces.keys()
    if missing:
        from sentinel.detect.sigma.load import compile_file  # pySigma is imported only where there is no other way

        for done, digest in enumerate(each for each in contents if each in missing):
            pieces[digest] = compile_file(contents[digest])
            progress(done + 1)
        if place:
            place.put_pieces(whole, pieces)
    return pieces


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
