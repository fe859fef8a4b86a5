"""Which platform and agency an event is about, looked up for a whole column at once.

Clues are taken in the order of `CLUES`: where it happened, then who asked. The first that a platform covers gives the
platform; the first that an agency covers, or a platform whose owner is known, gives the agency: so a request that a
commune sends to the portal is about the portal and the agency that owns it, and `sentinel.source.agency` names the
commune. Only distinct values are looked up, and what they gave is remembered from batch to batch.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sentinel.estate.coverage import NOBODY, UNKNOWN, Coverage, Verdict
from sentinel.model.estate import AGENCY_ID, AGENCY_PROVINCE, COLUMNS, PLATFORM_ID, PLATFORM_LEVEL, SOURCE_AGENCY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from sentinel.model.batch import EventBatch
    from sentinel.model.estate import Estate

    Numbers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int32]]

LOG: Final = "log.file.path"
WHERE: Final = (
    "url.domain",
    "tls.client.server_name",
    "host.name",
    "host.hostname",
    "host.ip",
    "observer.name",
    "observer.hostname",
    "observer.ip",
    "log.syslog.hostname",
    "server.address",
    "server.ip",
    "destination.domain",
    "destination.ip",
    LOG,
)
"""The columns that say where an event happened, the most telling first."""
WHO: Final = ("source.ip", "client.ip", "source.domain")
"""The columns that say who asked."""
CLUES: Final = (*WHERE, *WHO)
_REMEMBERED: Final = 1 << 18
"""So many verdicts are remembered, about 30 MB; then all are forgotten."""


class Enricher:
    """Says of events what of the estate they are about."""

    def __init__(self, estate: Estate) -> None:
        """Compile an estate."""
        self._coverage = Coverage(estate)
        platforms, agencies = estate.platforms, estate.agencies
        self._platforms = pa.array([platform.id for platform in platforms], pa.string())
        self._levels = pa.array([platform.level for platform in platforms], pa.int64())
        self._agencies = pa.array([agency.id for agency in agencies], pa.string())
        self._provinces = pa.array([agency.province or None for agency in agencies], pa.string())
        self._hosts: dict[str, Verdict] = {}
        self._logs: dict[str, Verdict] = {}

    def enriched(self, batch: EventBatch) -> EventBatch:
        """Give a batch with the columns of `sentinel.model.estate.COLUMNS` of which any event has a value.

        What a document says in them itself is kept where nothing of the estate is known.
        """
        columns = batch.columns
        index = {name: number for number, name in enumerate(columns.schema.names)}
        rows = columns.num_rows
        found, asked = _Found(rows), _Found(rows)
        for name in WHO:
            if name in index and not asked.is_complete:
                asked.fill(*self._verdicts(columns.column(index[name]), self._of_host))
        for name in WHERE:
            if name in index and not found.is_complete:
                look = self._of_log if name == LOG else self._of_host
                found.fill(*self._verdicts(columns.column(index[name]), look))
        found.fill(asked.platforms, asked.agencies)
        made = dict(self._made(found, asked))
        if not made:
            return batch
        return replace(batch, columns=_beside(columns, made))

    def _of_host(self, text: str) -> Verdict:
        return _remembered(text, self._hosts, self._coverage.of_host)

    def _of_log(self, path: str) -> Verdict:
        return _remembered(path, self._logs, self._coverage.of_log)

    def _verdicts(self, column: pa.Array, look: Callable[[str], Verdict]) -> tuple[Numbers | None, Numbers | None]:
        """Give the number of the platform and of the agency of every row; None where no row has one."""
        if pa.types.is_list(column.type):
            return _first_of_lists(column, lambda values: self._verdicts(values, look))
        if column.type != pa.string():
            return None, None  # a document may hold what it likes where the schema wants a name
        encoded = column.dictionary_encode()
        verdicts = [look(text) for text in encoded.dictionary.to_pylist()]
        if all(verdict is UNKNOWN for verdict in verdicts):
            return None, None
        indices = encoded.indices
        codes = (indices.fill_null(len(verdicts)) if indices.null_count else indices).to_numpy()
        numbers = np.array([*verdicts, UNKNOWN], np.int32)
        return numbers[codes, 0], numbers[codes, 1]

    def _made(self, found: _Found, asked: _Found) -> Iterator[tuple[str, pa.Array]]:
        yield from _taken(found.platforms, {PLATFORM_ID: self._platforms, PLATFORM_LEVEL: self._levels})
        yield from _taken(found.agencies, {AGENCY_ID: self._agencies, AGENCY_PROVINCE: self._provinces})
        yield from _taken(asked.agencies, {SOURCE_AGENCY: self._agencies})


class _Found:
    """The numbers found so far for every row; None while there is none at all."""

    __slots__ = ("_rows", "agencies", "platforms")

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self.platforms: Numbers | None = None
        self.agencies: Numbers | None = None

    @property
    def is_complete(self) -> bool:
        """Tell whether every row has both."""
        return _all_known(self.platforms) and _all_known(self.agencies)

    def fill(self, platforms: Numbers | None, agencies: Numbers | None) -> None:
        """Take numbers for rows that have none yet."""
        self.platforms = _filled(self.platforms, platforms)
        self.agencies = _filled(self.agencies, agencies)


def _all_known(numbers: Numbers | None) -> bool:
    return numbers is not None and bool((numbers != NOBODY).all())


def _filled(known: Numbers | None, more: Numbers | None) -> Numbers | None:
    if known is None or more is None:
        return more if known is None else known
    return np.where(known == NOBODY, more, known)


def _remembered(text: str, known: dict[str, Verdict], look: Callable[[str], Verdict]) -> Verdict:
    verdict = known.get(text)
    if verdict is None:
        if len(known) >= _REMEMBERED:
            known.clear()
        verdict = look(text)
        known[text] = verdict = UNKNOWN if verdict == UNKNOWN else verdict
    return verdict


def _first_of_lists(
    column: pa.Array, verdicts: Callable[[pa.Array], tuple[Numbers | None, Numbers | None]]
) -> tuple[Numbers | None, Numbers | None]:
    """Give for every list the first that is known among its values."""
    parents = pc.list_parent_indices(column).to_numpy()
    told: list[Numbers | None] = []
    for numbers in verdicts(column.flatten()):
        if numbers is None:
            told.append(None)
            continue
        known = np.flatnonzero(numbers != NOBODY)[::-1]  # the last written stays: the first of each list
        rows = np.full(len(column), NOBODY, np.int32)
        rows[parents[known]] = numbers[known]
        told.append(rows)
    return told[0], told[1]


def _taken(numbers: Numbers | None, of: dict[str, pa.Array]) -> Iterator[tuple[str, pa.Array]]:
    if numbers is None:
        return
    nobody = numbers == NOBODY
    if nobody.all():
        return
    places = pa.array(numbers, mask=nobody)
    for name, values in of.items():
        taken = values.take(places)
        if taken.null_count < len(taken):
            yield name, taken


def _beside(columns: pa.RecordBatch, made: dict[str, pa.Array]) -> pa.RecordBatch:
    """Give a batch's columns, and those made; where a document has one already, it keeps what is not made anew."""
    old = dict(zip(columns.schema.names, columns.columns, strict=True))
    for group in (COLUMNS[:2], COLUMNS[2:4], COLUMNS[4:]):
        _keep_told(made, old, group)
    return pa.RecordBatch.from_arrays([*(old | made).values()], [*(old | made)])


def _keep_told(made: dict[str, pa.Array], old: dict[str, pa.Array], group: Iterable[str]) -> None:
    """Let a document's own say stand in rows where nothing was made; what belongs together comes from one of both."""
    first, *_rest = names = list(group)
    if first not in made:
        return
    is_made: Any = made[first].is_valid()
    for name in names:
        if name in old and old[name].type == made[name].type:
            made[name] = pc.if_else(is_made, made[name], old[name])
