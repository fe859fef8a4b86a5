"""Looks whether a store holds what was written.

Every file is hashed and compared with the manifest, every row of the manifest with its mark, every table with the sum
of its marks, every journal with the checks of its frames; then the manifest's words about a segment with what stands
in it. So any byte of a segment that changed is found, any field of the manifest, any row that came or went, and any
committed byte of a journal. It may run while others write.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

from sentinel.errors import Damaged, StoreError
from sentinel.language import _, n_
from sentinel.ledger.verify import Ledger
from sentinel.ledger.verify import verify as verify_ledger
from sentinel.store.embedded import databases
from sentinel.store.embedded import layout as layouts
from sentinel.store.embedded.journal import JournalReader
from sentinel.store.embedded.manifest import Manifest
from sentinel.store.embedded.segment import DIGEST_BYTES, read_groups, unit_of
from sentinel.store.embedded.unit import ID, TIME
from sentinel.store.histories import NAME as ALERTS
from sentinel.store.histories import open_histories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Segment

    Told = Callable[[int, int], None]

_BLOCK = 1 << 20


class FindingKind(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    """A file that should be there is not."""
    CHANGED = "changed"
    """A file, a row or a frame is not what was written."""
    FALSE = "false"
    """The manifest and a segment tell different things, though neither was changed: a fault of ours."""
    ORPHAN = "orphan"
    """A file that belongs to nothing: left behind by a process that died; it does no harm and goes some day."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: where (a file, or `manifest.db:table`), and in words."""

    kind: FindingKind
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, and what was found; `bytes` are those of files read."""

    findings: tuple[Finding, ...]
    segments: int
    journals: int
    events: int
    alerts: int
    bytes: int

    @property
    def damage(self) -> tuple[Finding, ...]:
        """Findings that mean that something was lost or changed."""
        return tuple(finding for finding in self.findings if finding.kind is not FindingKind.ORPHAN)

    def check(self) -> None:
        """Raise Damaged where there is damage."""
        if not self.damage:
            return
        first, more = self.damage[0], len(self.damage) - 1
        and_more = n_(" (and {count} more finding)", " (and {count} more findings)", more).format(count=more)
        raise Damaged(
            first.message + (and_more if more else ""),
            place=first.place,
            hint=_("restore the store from a backup; sources that are still there can be taken in again"),
        )


@dataclass(slots=True)
class _Look:
    """A look at a store that is under way."""

    layout: Layout
    manifest: Manifest
    told: Told
    total: int = 0
    segments: int = 0
    journals: int = 0
    events: int = 0
    alerts: int = 0
    done: int = 0
    findings: list[Finding] = field(default_factory=list)

    def find(self, kind: FindingKind, place: object, message: str) -> None:
        self.findings.append(Finding(kind, str(place), message))

    def tell(self, count: int) -> None:
        self.done += count
        self.told(min(self.done, self.total), self.total)

    def read(self, path: Path) -> tuple[int, bytes]:
        """Give the size of a file and its digest; raise OSError."""
        digest, size = blake2b(digest_size=DIGEST_BYTES), 0
        with path.open("rb", buffering=0) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
                self.tell(len(block))
        return size, digest.digest()


def verify(folder: Path, told: Told = lambda _done, _total: None) -> Report:
    """Look at everything that a store holds; `told` is called with the bytes read so far and all there are.

    Raise StoreError where the folder is no store that can be read, or what the disk refuses.
    """
    layout = layouts.find(folder)
    found = list(_pages(layout))
    try:
        manifest = Manifest(layout, write=False)
    except Damaged as damage:
        found.append(Finding(FindingKind.CHANGED, damage.place, damage.message))
        return Report(tuple(found), 0, 0, 0, 0, 0)
    try:
        look = _Look(layout, manifest, told, findings=found)
        _look_at_all(look)
    finally:
        manifest.close()
    return Report(tuple(look.findings), look.segments, look.journals, look.events, look.alerts, look.done)


def _look_at_all(look: _Look) -> None:
    try:
        faults = look.manifest.faults()
        state = look.manifest.state()
    except Damaged as damage:
        look.find(FindingKind.CHANGED, damage.place, damage.message)
        return
    for table, row in faults:
        place = f"{look.layout.manifest}:{table}"
        if row:
            look.find(FindingKind.CHANGED, place, _("the row of {name} was changed").format(name=row))
        else:
            look.find(FindingKind.CHANGED, place, _("the rows are not those that were written"))
    # What such a row says of a file means nothing.
    false = {row for table, row in faults if table == "segment"}
    segments = [segment for segment in state.segments if str(segment.name) not in false]
    look.total = sum(segment.bytes + segment.grams_bytes for segment in segments)
    look.total += sum(_size(look.layout.journal(name)) for name in state.journals)
    for segment in segments:
        _look_at_segment(look, segment)
    for name in state.journals:
        _look_at_journal(look, name)
    _look_at_alerts(look)
    if not faults:  # else nobody knows what belongs to what
        _look_for_orphans(look)


# ── the manifest ──


def _pages(layout: Layout) -> Iterator[Finding]:
    """Let SQLite look at the pages of its files, which our marks say nothing of."""
    for path in (layout.manifest, layout.folder / ALERTS):
        if not path.exists():
            if path == layout.manifest:
                yield Finding(FindingKind.MISSING, str(path), _("the file is gone"))
            continue
        try:
            with closing(databases.read_only(path)) as connection:
                said = [row[0] for row in connection.execute("pragma integrity_check(10)")]
        except sqlite3.DatabaseError as error:
            said = [str(error)]
        if said != ["ok"]:
            yield Finding(FindingKind.CHANGED, str(path), _("SQLite says: {said}").format(said="; ".join(said)))


# ── segments ──


def _look_at_segment(look: _Look, segment: Segment) -> None:
    here = segment.dataset, segment.day, segment.name
    look.segments += 1
    look.events += segment.rows
    whole = _same(look, segment, look.layout.segment(*here), segment.bytes, segment.digest)
    if segment.grams_digest or segment.grams_bytes:
        _same(look, segment, look.layout.grams(*here), segment.grams_bytes, segment.grams_digest)
    if whole:
        for message in _contradictions(look.layout, segment):
            look.find(FindingKind.FALSE, look.layout.segment(*here), message)


def _same(look: _Look, segment: Segment, path: Path, size: int, digest: bytes) -> bool:
    """Compare a file with what the manifest says of it; tell whether it is the same."""
    try:
        found = look.read(path)
    except FileNotFoundError:
        # Merged or dropped since, which is no loss; what is not there any more need not be right.
        if look.manifest.segments("name = ? and dead is null", (segment.name,)):
            look.find(FindingKind.MISSING, path, _("the file is gone"))
        return False
    except OSError as error:
        look.find(FindingKind.CHANGED, path, _("the file cannot be read: {reason}").format(reason=error.strerror))
        return False
    if found == (size, digest):
        return True
    if found[0] != size:
        problem = _("the file has {found} bytes, {expected} were written").format(found=found[0], expected=size)
    else:
        problem = _("the file's bytes are not those that were written")
    look.find(FindingKind.CHANGED, path, problem)
    return False


def _contradictions(layout: Layout, segment: Segment) -> Iterator[str]:
    """Say where the manifest tells other than the segment, whose bytes are those that were written."""
    try:
        held = _Held.of(layout, segment)
    except (StoreError, ValueError) as error:
        yield _("the segment cannot be read: {reason}").format(reason=error)
        return
    claims = (
        ("rows", segment.rows, held.rows),
        ("first", segment.first, held.first),
        ("last", segment.last, held.last),
        ("least_id", segment.least_id, held.least_id),
        ("greatest_id", segment.greatest_id, held.greatest_id),
    )
    for name, said, found in claims:
        if said != found:
            yield _("the manifest says {name} is {said}, but it is {found}").format(name=name, said=said, found=found)
    if not held.ordered:
        yield _("the events are not in the order of their times")


@dataclass(slots=True)
class _Held:
    """What a segment's file itself tells."""

    rows: int = 0
    first: int = 0
    last: int = 0
    least_id: str = ""
    greatest_id: str = ""
    ordered: bool = True

    @classmethod
    def of(cls, layout: Layout, segment: Segment) -> _Held:
        held = cls()
        # All columns: what the shape names has to be there, and of the type that it says.
        unit = unit_of(segment, layout)
        for table in read_groups(unit, [TIME, ID]):
            held._add(table)
        for table in read_groups(unit, list(unit.columns), rows=1):
            wrong = {name for name, kind in unit.columns.items() if str(table.schema.field(name).type) != kind}
            if wrong:
                raise ValueError(", ".join(sorted(wrong)))
            break
        return held

    def _add(self, table: pa.Table) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if not table.num_rows:
            return
        times = table.column(TIME).cast(pa.int64()).combine_chunks().to_numpy()
        ids = pc.min_max(table.column(ID)).as_py()
        begin = int(times[0])
        self.ordered = self.ordered and (not self.rows or self.last <= begin) and bool((times[1:] >= times[:-1]).all())
        self.first = min(self.first, int(times.min())) if self.rows else int(times.min())
        self.last = max(self.last, int(times.max())) if self.rows else int(times.max())
        self.least_id = min(self.least_id, ids["min"]) if self.rows else ids["min"]
        self.greatest_id = max(self.greatest_id, ids["max"]) if self.rows else ids["max"]
        self.rows += table.num_rows


# ── journals ──


def _look_at_journal(look: _Look, name: str) -> None:
    path = look.layout.journal(name)
    try:
        journal = JournalReader(path)
    except FileNotFoundError:
        if look.manifest.has_journal(name):
            look.find(FindingKind.MISSING, path, _("the file is gone"))
        return
    except OSError as error:
        look.find(FindingKind.CHANGED, path, _("the file cannot be read: {reason}").format(reason=error.strerror))
        return
    look.journals += 1
    try:
        journal.advance()
        for frame in journal.frames:
            look.events += journal.read(frame).batch.num_rows
            look.tell(frame.length)
    except Damaged as damage:
        look.find(FindingKind.CHANGED, damage.place, damage.message)
    finally:
        journal.close()


# ── alerts ──


def _look_at_alerts(look: _Look) -> None:
    try:
        histories = open_histories(look.layout.folder)
        try:
            rows = Ledger(str(histories.path), histories.act_rows(), histories.entry_rows(), histories.heads())
            found = verify_ledger(rows)
            if histories.counts() != (found.acts, found.entries):
                raise databases.damaged(histories.path)
            look.alerts = found.subjects
        finally:
            histories.close()
    except Damaged as damage:
        look.find(FindingKind.CHANGED, damage.place, damage.message)


# ── what belongs to nothing ──


def _look_for_orphans(look: _Look) -> None:
    layout = look.layout
    there = [*layout.segments.rglob("*"), *layout.journals.rglob("*")]
    # Asked after the files, so that what is new is known.
    known = {layout.journal(name) for name in look.manifest.state().journals}
    for segment in look.manifest.segments("true"):
        here = segment.dataset, segment.day, segment.name
        known |= {layout.segment(*here), layout.grams(*here)}
    for path in sorted(there):
        if path not in known and path.is_file():
            look.find(FindingKind.ORPHAN, path, _("the file belongs to nothing"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
