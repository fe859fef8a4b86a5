"""The embedded store: a folder on this machine, and no server."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING

from sentinel.errors import StoreError
from sentinel.language import _
from sentinel.store.base import Covered
from sentinel.store.embedded import disk
from sentinel.store.embedded import layout as layouts
from sentinel.store.embedded.journal import JournalReader
from sentinel.store.embedded.manifest import Manifest
from sentinel.store.embedded.migrate import migrate
from sentinel.store.embedded.snapshot import EmbeddedSnapshot, snapshot
from sentinel.store.embedded.unsealed import Unsealed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sentinel.store.embedded.compact import Compaction
    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.writer import EmbeddedWriter


def open_store(folder: Path, *, create: bool = False, write: bool = True) -> EmbeddedStore:
    """Open the store in a folder; with `create` make one where there is none.

    One of an earlier format is brought to ours, unless it is only read. Raise StoreError where there is no store, a
    newer one or something else, and Damaged where it cannot be trusted.
    A store is not to be used across a fork: open it after.
    """
    if write and (folder / layouts.NAME).exists():
        migrate(folder)
    layout = layouts.create(folder) if create else layouts.find(folder)
    return EmbeddedStore(layout, Manifest(layout, write=write), write=write)


_PLACE_BYTES, _DIGEST_BYTES = 16 << 20, 5


def _places(covered: Covered) -> Iterator[int]:
    """Give the places in the lock file that stand for the bytes of a range."""
    for number in range(covered.begin // _PLACE_BYTES, max(covered.begin, covered.end - 1) // _PLACE_BYTES + 1):
        digest = blake2b(covered.identity + number.to_bytes(8), digest_size=_DIGEST_BYTES).digest()
        yield int.from_bytes(digest)


class EmbeddedStore:
    """A store, open. It may be used by several threads, its writers each by one."""

    def __init__(self, layout: Layout, manifest: Manifest, *, write: bool) -> None:
        """Take what is open."""
        self.layout = layout
        self.manifest = manifest
        self._write = write
        self._readers: dict[str, JournalReader] = {}
        self._unsealed = Unsealed()

    def writer(self) -> EmbeddedWriter:
        """Begin to take events in."""
        from sentinel.store.embedded.writer import EmbeddedWriter  # readers need nothing of it

        self._check_writable()
        return EmbeddedWriter(self.layout, self.manifest)

    def _check_writable(self) -> None:
        if not self._write:
            raise StoreError(_("the store is open for reading only"), place=str(self.layout.folder))

    def snapshot(self) -> AbstractContextManager[EmbeddedSnapshot]:
        """Take a snapshot, for as long as the context lasts."""
        return snapshot(self.layout, self.manifest, self._unsealed)

    def covered(self, identity: bytes) -> tuple[Covered, ...]:
        """Tell what is stored of a source, committed by anyone, by where it begins."""
        while True:
            generation = self.manifest.generation()
            sealed = [Covered(identity, *each) for each in self.manifest.covered(identity)]
            unsealed = self._in_journals(identity)
            if self.manifest.generation() == generation:
                return tuple(sorted({*sealed, *unsealed}, key=lambda each: (each.begin, each.end, each.digest)))

    @contextmanager
    def settling(self, covered: Sequence[Covered]) -> Iterator[bool]:
        """Keep others from settling these ranges; give whether any of their bytes are stored by now."""
        with disk.places_locked(self.layout.lock, chain.from_iterable(map(_places, covered))):
            yield self._is_any_stored(covered)

    def _is_any_stored(self, covered: Sequence[Covered]) -> bool:
        by_source: defaultdict[bytes, list[Covered]] = defaultdict(list)
        for each in covered:
            by_source[each.identity].append(each)
        return any(
            own.begin < other.end and other.begin < own.end
            for identity, ranges in by_source.items()
            for other in self.covered(identity)
            for own in ranges
        )

    def _in_journals(self, identity: bytes) -> list[Covered]:
        names = self.manifest.journals()
        for name in self._readers.keys() - set(names):
            self._readers.pop(name).close()
        for name in names:
            if name not in self._readers:
                try:
                    self._readers[name] = JournalReader(self.layout.journal(name))
                except FileNotFoundError:  # sealed meanwhile, which the generation tells
                    continue
                except OSError as error:
                    raise disk.refused(error, self.layout.journal(name)) from error
            self._readers[name].advance()
        commits = (commit for reader in self._readers.values() for commit in reader.commits)
        return [each for commit in commits for each in commit.ranges if each.identity == identity]

    def compact(self) -> Compaction:
        """Seal what journals hold that nobody writes, merge small segments, and remove what nobody needs."""
        from sentinel.store.embedded.compact import compact
        from sentinel.store.embedded.writer import seal_left

        self._check_writable()
        seal_left(self.layout, self.manifest, least=0)
        return compact(self.layout, self.manifest)

    def close(self) -> None:
        """Close it; what was acknowledged is safe with or without."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()
        self.manifest.close()
