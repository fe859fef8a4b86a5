"""Hits on stored events, told as a scan would tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sentinel.evidence import WINDOWS_ACCOUNT, account_of, documents
from sentinel.hunt.tasks import Told
from sentinel.model.batch import EventKind, column_of, field_of
from sentinel.model.hit import Hit
from sentinel.store.embedded.unit import ID, KIND, KIND_SEPARATOR, TIME
from sentinel.store.shares import native

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from sentinel.model.window import Window
    from sentinel.store.base import Part

_PATH: Final = "log.file.path"
_OFFSET: Final = "log.offset"
_CREATED: Final = "event.created"
_FIXED: Final = (ID, TIME, _CREATED, KIND, _PATH, _OFFSET)


def hits_of(part: Part, rules: Mapping[int, tuple[int, ...]], window: Window, *, evidence: bool) -> Told:
    """Tell of rows of a part, each hit by some rules, that lie in the window."""
    rows = list(rules)
    columns = native(part.dataset, list(part.columns))
    telling = columns if evidence else _telling(part.dataset, columns)
    events = part.take(list(part.columns) if evidence else [*_FIXED, *telling], rows)
    flat = list(_flat(part.dataset, events, telling))
    untold = [number for number, event in enumerate(flat) if len(telling) < len(columns) and not event]
    if untold:
        more = part.take(columns, [rows[number] for number in untold])
        for number, event in zip(untold, _flat(part.dataset, more, columns), strict=True):
            flat[number] = event
    proofs = documents(events) if evidence else [b""] * len(rows)
    fixed = {name: _values(events, name) for name in _FIXED}
    paths: dict[str, int] = {}
    told: list[Hit] = []
    for number, row in enumerate(rows):
        if not window.holds(fixed[TIME][number]):
            continue
        kind = EventKind(part.dataset, *str(fixed[KIND][number]).split(KIND_SEPARATOR))
        told.append(
            Hit(
                rules=rules[row],
                event_id=fixed[ID][number],
                time=fixed[_CREATED][number],
                dataset=kind.dataset,
                code=kind.code,
                **account_of(kind, flat[number]),
                source=paths.setdefault(fixed[_PATH][number] or "", len(paths)),
                offset=fixed[_OFFSET][number] or 0,
                evidence=proofs[number],
            )
        )
    return Told(tuple(told), tuple(paths))


def _telling(dataset: str, columns: Sequence[str]) -> list[str]:
    """Give the columns that a line about an event is made of."""
    if not dataset.startswith("windows."):
        return list(columns)
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
