"""A snapshot: segments and journals as of one moment.

The manifest says which segments live and which journals exist. Between reading it and opening the journals, one may be
sealed or begun: then its generation has changed, and all is done again. From the journals counts what was committed
up to the moment before they are read: what was acknowledged before it is there, and whatever is not there was
acknowledged later than all that is.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sentinel.errors import Damaged
from sentinel.language import _
from sentinel.model.window import Window
from sentinel.store.embedded import disk
from sentinel.store.embedded.journal import JournalReader
from sentinel.store.embedded.leases import lease
from sentinel.store.embedded.segment import unit_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pyarrow as pa

    from sentinel.store.base import Bar, FieldUse, Order, Page, Part, Question, StoredEvent, Top
    from sentinel.store.embedded.layout import Layout
    from sentinel.store.embedded.manifest import Manifest, State
    from sentinel.store.embedded.unit import Unit
    from sentinel.store.embedded.unsealed import Unsealed

_ALWAYS = Window()


class EmbeddedSnapshot:
    """The events of one moment."""

    def __init__(
        self, layout: Layout, state: State, readers: Sequence[JournalReader], moment: int, unsealed: Unsealed
    ) -> None:
        """Take what the manifest says, and the journals up to a moment; `unsealed` reads them."""
        self._layout = layout
        self._state = state
        self._readers = readers
        self._moment = moment
        self._unsealed = unsealed
        self._units: list[Unit] | None = None

    def units(self, window: Window, datasets: Collection[str] = ()) -> list[Unit]:
        """Give the units that may hold events of a window, of these datasets or all, by dataset and time."""
        found = [unit_of(segment, self._layout) for segment in self._state.segments]
        units = [unit for unit in (*found, *self._journals()) if _may_hold(unit, window)]
        chosen = [unit for unit in units if not datasets or unit.dataset in datasets]
        return sorted(chosen, key=lambda unit: (unit.dataset, unit.first, unit.key))

    def _journals(self) -> list[Unit]:
        if self._units is None:
            self._units = self._unsealed.units(self._readers, self._moment)
        return self._units

    def _of(self, question: Question) -> list[Unit]:
        return self.units(question.window, question.datasets)

    def search(self, question: Question, order: Order, limit: int, after: str = "") -> Page:
        """Give the first events in an order, or those after the page that gave `after`."""
        from sentinel.store.embedded import search

        return search.search(self._of(question), question, order, limit, after)

    def count(self, question: Question) -> int:
        """Give how many events there are."""
        from sentinel.store.embedded import search

        return search.count(self._of(question), question)

    def histogram(self, question: Question, interval: int, by: str = "") -> tuple[Bar, ...]:
        """Count events by time (`interval` nanoseconds) and, with `by`, by a field's values; empty bars left out."""
        from sentinel.store.embedded import search

        return search.histogram(self._of(question), question, interval, by)

    def top(self, question: Question, field: str, limit: int) -> Top:
        """Count the values of a field."""
        from sentinel.store.embedded import search

        return search.top(self._of(question), question, field, limit)

    def fields(self, question: Question) -> tuple[FieldUse, ...]:
        """Name the fields of events, by name."""
        from sentinel.store.embedded import search

        return search.fields(self._of(question), question)

    def get(self, ids: Sequence[str]) -> dict[str, StoredEvent]:
        """Give events by id; ids that are not there are left out."""
        from sentinel.store.embedded import search

        return search.get(self.units(_ALWAYS), ids)

    def known(self, ids: Sequence[str]) -> set[str]:
        """Tell which ids are those of events."""
        from sentinel.store.embedded import search

        return search.known(self.units(_ALWAYS), ids)

    def read(self, question: Question, fields: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Give every event, whole or only some fields, a batch at a time, oldest first within a part."""
        from sentinel.store.embedded import search

        return search.read(self._of(question), question, fields)

    def parts(self, window: Window) -> Sequence[Part]:
        """Give the parts that may hold events of a window."""
        from sentinel.store.embedded.parts import UnitPart

        return [UnitPart(unit) for unit in self.units(window)]


def _may_hold(unit: Unit, window: Window) -> bool:
    since, until = window.since, window.until
    return (since is None or unit.last >= since) and (until is None or unit.first < until)


@contextmanager
def snapshot(layout: Layout, manifest: Manifest, unsealed: Unsealed) -> Iterator[EmbeddedSnapshot]:
    """Take a snapshot, for as long as the context lasts; `unsealed` reads the journals."""
    with lease(layout.leases, manifest.generation()):
        state, readers, moment = _moment(layout, manifest)
        try:
            yield EmbeddedSnapshot(layout, state, readers, moment, unsealed)
        finally:
            for reader in readers:
                reader.close()


def _moment(layout: Layout, manifest: Manifest) -> tuple[State, list[JournalReader], int]:
    while True:
        state = manifest.state()
        readers, gone = _opened(layout, state.journals)
        try:
            moment = time.monotonic_ns()
            if manifest.generation() == state.generation:
                _advance(layout, readers, gone)
                return state, readers, moment
        except BaseException:
            _close(readers)
            raise
        _close(readers)


def _opened(layout: Layout, names: Sequence[str]) -> tuple[list[JournalReader], str]:
    """Open journals; give the name of one that is gone, too."""
    readers: list[JournalReader] = []
    for name in names:
        try:
            readers.append(JournalReader(layout.journal(name)))
        except FileNotFoundError:
            return readers, name
        except OSError as error:
            _close(readers)
            raise disk.refused(error, layout.journal(name)) from error
    return readers, ""


def _advance(layout: Layout, readers: Sequence[JournalReader], gone: str) -> None:
    if gone:
        raise _lost(layout, gone)
    for reader in readers:
        reader.advance()


def _close(readers: Sequence[JournalReader]) -> None:
    for reader in readers:
        reader.close()


def _lost(layout: Layout, name: str) -> Damaged:
    return Damaged(
        _("a journal is gone, and with it events that were acknowledged"),
        place=str(layout.journal(name)),
        hint=_("restore the store from a backup; sources that are still there can be taken in again"),
    )
