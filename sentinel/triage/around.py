"""What happened around an alert: all that its host, user and address did at that time.

The store is asked once for each of the three, for few columns of a bounded span, and what comes is counted by dataset
and action.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from sentinel.model.window import Window
from sentinel.store.base import Question
from sentinel.store.query.tree import Equals, Or, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentinel.model.alert import Alert
    from sentinel.store.base import Snapshot, StoredEvent
    from sentinel.store.query.tree import Node

SPAN: Final = 15 * 60 * 1_000_000_000
"""Nanoseconds before the first sighting, and behind the latest, unless somebody asks for another span."""
MOST_GROUPS: Final = 12
_EXAMPLES: Final = 2
_LONGEST: Final = 24 * 60 * 60 * 1_000_000_000
"""An alert that has gone on for longer is looked at around its latest sighting."""
_COLUMNS: Final = ("@timestamp", "event.action", "event.category", "event.code", "event.dataset", "event.id")
# Categories of ECS whose events tell most, those that tell most first; others come behind, the rarest first.
_TELLING: Final = (
    "malware", "intrusion_detection", "iam", "configuration", "driver", "authentication", "process", "registry",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Events of one dataset and action (its code where it has none): how many, and the first and last time of them."""

    dataset: str
    action: str
    count: int
    first: int
    last: int
    examples: tuple[StoredEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Doings:
    """What one entity did: `kind` is host, user or address; `query` finds all of it in the window.

    `groups` are the most telling ones, `total` counts the events of all, `left_out` the groups that are not given.
    """

    kind: str
    name: str
    query: str
    total: int
    groups: tuple[Group, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """What happened around an alert, entity by entity, in a window of time."""

    window: Window
    entities: tuple[Doings, ...] = ()

    @property
    def total(self) -> int:
        """Count the events; one of two entities counts for each."""
        return sum(each.total for each in self.entities)


@dataclass(slots=True)
class _Count:
    count: int = 0
    first: int = 0
    last: int = 0
    rank: int = len(_TELLING)
    ids: list[str] = field(default_factory=list)


def window_of(alert: Alert, span: int = SPAN) -> Window:
    """Give the window around an alert's sightings, nanoseconds before and behind; around the latest of a long one."""
    first = alert.first if alert.last - alert.first <= _LONGEST else alert.last
    return Window(first - span, alert.last + span + 1)


def around(snapshot: Snapshot, alert: Alert, span: int = SPAN) -> Around:
    """Give what an alert's host, user and address did around it; `span` is nanoseconds. Raise StoreError."""
    window = window_of(alert, span)
    found = tuple(_doings(snapshot, window, *each) for each in _entities(alert))
    return Around(window, found)


def _entities(alert: Alert) -> Iterator[tuple[str, str, Node, str]]:
    """Give kind, name, the question as a tree and as people type it."""
    if alert.host:
        names = ("host.name", "host.hostname")
        yield "host", alert.host, Or(tuple(Equals(name, alert.host) for name in names)), _typed("host.name", alert.host)
    if alert.user:
        name = alert.user.rpartition("\\")[2]
        yield "user", alert.user, Equals("related.user", name), _typed("related.user", name)
    if alert.peer and _is_address(alert.peer):
        yield "address", alert.peer, Equals("related.ip", alert.peer), _typed("related.ip", alert.peer)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _typed(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}:"{escaped}"'


def _doings(snapshot: Snapshot, window: Window, kind: str, name: str, node: Node, query: str) -> Doings:  # noqa: PLR0913, PLR0917 - an entity
    counts: defaultdict[tuple[str, str], _Count] = defaultdict(_Count)
    for batch in snapshot.read(Question(Query(node), window), _COLUMNS):
        _count(counts, batch)
    order = sorted(counts, key=lambda key: (counts[key].rank, counts[key].count, key))
    chosen = order[:MOST_GROUPS]
    examples = snapshot.get([id_ for key in chosen for id_ in counts[key].ids])
    groups = tuple(_group(*key, counts[key], examples) for key in chosen)
    return Doings(kind, name, query, sum(each.count for each in counts.values()), groups, len(order) - len(chosen))


def _group(dataset: str, action: str, found: _Count, examples: Mapping[str, StoredEvent]) -> Group:
    shown = tuple(examples[id_] for id_ in found.ids if id_ in examples)
    return Group(dataset, action, found.count, found.first, found.last, shown)


def _count(counts: defaultdict[tuple[str, str], _Count], batch: pa.RecordBatch) -> None:
    """Count the rows of a batch by dataset and action; the first and last row of each are its examples."""
    nothing = pa.nulls(batch.num_rows, pa.string())
    columns = {name: batch.column(name) if name in batch.schema.names else nothing for name in _COLUMNS}
    grouped = pa.table({
        "dataset": pc.fill_null(columns["event.dataset"], ""),
        "action": pc.fill_null(pc.coalesce(columns["event.action"], columns["event.code"]), ""),
        "time": columns["@timestamp"].cast(pa.int64()),
        "row": pa.array(range(batch.num_rows)),
    }).group_by(["dataset", "action"])  # fmt: skip
    asked = [("time", "min"), ("time", "max"), ("row", "count"), ("row", "min"), ("row", "max")]
    for each in grouped.aggregate(asked).to_pylist():
        found = counts[each["dataset"], each["action"]]
        found.first = min(found.first, each["time_min"]) if found.count else each["time_min"]
        found.last = max(found.last, each["time_max"])
        found.count += each["row_count"]
        rows = dict.fromkeys((each["row_min"], each["row_max"]))
        found.ids += [columns["event.id"][row].as_py() for row in rows][: _EXAMPLES - len(found.ids)]
        found.rank = min(found.rank, _rank(columns["event.category"][each["row_min"]].as_py()))


def _rank(categories: Sequence[str] | None) -> int:
    told = (_TELLING.index(each) for each in categories or () if each in _TELLING)
    return min(told, default=len(_TELLING))
