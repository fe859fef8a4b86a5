"""Hits on stored events, told as a scan would tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel.evidence import documents
from sentinel.hunt.tasks import Told
from sentinel.model.batch import WINDOWS, EventKind, column_of, field_of
from sentinel.model.ecs import TIME_FLAG
from sentinel.model.hit import Hit
from sentinel.normalise.account import DOCUMENT_ACCOUNT, TELLING, WINDOWS_ACCOUNT, account_of, account_of_document
from sentinel.normalise.times import nanoseconds
from sentinel.normalise.views import computed_fields
from sentinel.store.embedded.unit import ID, KIND, KIND_SEPARATOR, TIME
from sentinel.store.shares import native

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from sentinel.model.window import Window
    from sentinel.normalise.account import Account
    from sentinel.store.base import Part

_PATH: Final = "log.file.path"
_OFFSET: Final = "log.offset"
_CREATED: Final = "event.created"
_TOLD: Final = column_of("TimeCreated")
_FIXED: Final = (ID, TIME, TIME_FLAG, _TOLD, _CREATED, KIND, _PATH, _OFFSET)


class Line(msgspec.Struct, frozen=True, array_like=True):
    """What is told of a stored event: `at` is its `@timestamp`, `time` what it told itself, `path` its source's."""

    id: str
    at: int
    time: int | None
    code: str
    host: str
    user: str
    detail: str
    peer: str
    path: str
    offset: int


def lines_of(part: Part, rows: Sequence[int]) -> dict[int, Line]:
    """Read what is told of rows of a part, given rising."""
    if not rows:
        return {}
    events = part.take([*_FIXED, *_telling(part)], rows)
    told = zip(rows, _accounts(part, rows, events), *(_values(events, name) for name in _FIXED), strict=True)
    lines: dict[int, Line] = {}
    for row, account, identity, at, flag, text, created, kind, path, offset in told:
        # A document may say by `event.created` when it was first read.
        time = at if flag is None else nanoseconds(text) if text else created
        code = _kind(part.dataset, kind).code
        lines[row] = Line(identity, at, time, code, **account, path=path or "", offset=offset or 0)
    return lines


def hits_of(
    part: Part, rules: Mapping[int, tuple[int, ...]], lines: Mapping[int, Line], window: Window, *, evidence: bool
) -> Told:
    """Tell of rows of a part, each hit by some rules, that lie in the window."""
    rows = [row for row in rules if window.holds(lines[row].at)]
    proofs = documents(part.take(list(part.columns), rows)) if evidence and rows else [b""] * len(rows)
    paths: dict[str, int] = {}
    hits = [
        Hit(
            rules=rules[row],
            event_id=line.id,
            time=line.time,
            dataset=part.dataset,
            code=line.code,
            host=line.host,
            user=line.user,
            source=paths.setdefault(line.path, len(paths)),
            offset=line.offset,
            detail=line.detail,
            evidence=proof,
            peer=line.peer,
        )
        for row, proof in zip(rows, proofs, strict=True)
        for line in (lines[row],)
    ]
    return Told(tuple(hits), tuple(paths))


def _accounts(part: Part, rows: Sequence[int], events: pa.Table) -> list[Account]:
    """Give the account of every event; one that has nothing of what mostly tells is read again, whole."""
    kinds = [_kind(part.dataset, text) for text in _values(events, KIND)]
    telling, columns = _telling(part), native(part.dataset, list(part.columns))
    flat = list(_flat(part.dataset, events, telling))
    is_windows = part.dataset.startswith(WINDOWS)
    untold = [row for row, event in enumerate(flat) if not event or (is_windows and event.keys().isdisjoint(TELLING))]
    if untold:
        more = part.take([*columns, *DOCUMENT_ACCOUNT], [rows[number] for number in untold])
        whole = list(_flat(part.dataset, more, columns))
        as_documents = list(_flat("", more, DOCUMENT_ACCOUNT))
    accounts = [account_of(kind, event) for kind, event in zip(kinds, map(_own, kinds, flat), strict=True)]
    for place, number in enumerate(untold):
        kind = kinds[number]
        if whole[place]:
            accounts[number] = account_of(kind, _own(kind, whole[place]))
        else:
            accounts[number] = account_of_document(kind, as_documents[place])
    return accounts


def _own(kind: EventKind, event: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is computed."""
    computed = computed_fields(kind)
    return {field: value for field, value in event.items() if field not in computed} if computed else event


def _kind(dataset: str, text: object) -> EventKind:
    return EventKind(dataset, *str(text).split(KIND_SEPARATOR))


def _telling(part: Part) -> list[str]:
    """Give the columns that a line about an event is made of."""
    columns = native(part.dataset, list(part.columns))
    if not part.dataset.startswith(WINDOWS):
        return columns
    known = {column_of(field) for field in WINDOWS_ACCOUNT}
    return [name for name in columns if name in known]


def _flat(dataset: str, events: pa.Table, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Give events as records under their native names, less what they do not have."""
    names = [name for name in columns if name in events.column_names]
    fields = [field_of(name, dataset) for name in names]
    values = [events.column(name).to_pylist() for name in names]
    for row in range(events.num_rows):
        yield {field: column[row] for field, column in zip(fields, values, strict=True) if column[row] is not None}


def _values(events: pa.Table, name: str) -> list[Any]:
    if name not in events.column_names:
        return [None] * events.num_rows
    column = events.column(name)
    return list((column.cast("int64") if name in {TIME, _CREATED} else column).to_pylist())
