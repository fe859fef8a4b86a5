"""The unit of flow: a columnar batch of events of one kind.

Readers turn records into *flat native events*: dictionaries from the source's own field names, as Sigma rules use
them (`Image`, `EventID`, `Channel`), to text, a list of texts, or None. Columns of Windows events carry the names of
the Elastic Common Schema's Windows layout: `Image` is column `winlog.event_data.Image`, `Channel` is `winlog.channel`.
Those of every other dataset carry its name: field `status` of `nginx.access` is column `nginx.access.status` (see
`column_of`).
Native columns hold strings, or lists of strings where any event of the batch has several values. ECS columns, added by
`sentinel.normalise`, are typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

WINDOWS = "windows."
"""What the names of the datasets of Windows event logs begin with."""
EVENT_DATA = "winlog.event_data."

# Fields of an event's System element: Sigma's name → column (Winlogbeat's layout, exported fields "winlog").
SYSTEM_COLUMNS: dict[str, str] = {
    "EventID": "event.code",
    "Channel": "winlog.channel",
    "Provider_Name": "winlog.provider_name",
    "Provider_Guid": "winlog.provider_guid",
    "Computer": "winlog.computer_name",
    "EventRecordID": "winlog.record_id",
    "Level": "winlog.level",
    "Task": "winlog.task",
    "Opcode": "winlog.opcode",
    "Keywords": "winlog.keywords",
    "Version": "winlog.version",
    "TimeCreated": "winlog.time_created",
    "UserID": "winlog.user.identifier",
    "Execution_ProcessID": "winlog.process.pid",
    "Execution_ThreadID": "winlog.process.thread.id",
    "ActivityID": "winlog.activity_id",
    "RelatedActivityID": "winlog.related_activity_id",
}
_FIELDS = {column: field for field, column in SYSTEM_COLUMNS.items()}


def column_of(field: str, dataset: str = WINDOWS) -> str:
    """Give the column that holds a native field of a dataset: `Image` → `winlog.event_data.Image`."""
    if dataset.startswith(WINDOWS):
        return SYSTEM_COLUMNS.get(field) or EVENT_DATA + field
    return f"{dataset}.{field}"


def field_of(column: str, dataset: str = WINDOWS) -> str:
    """Give the native field that a column holds: the inverse of `column_of`."""
    if dataset.startswith(WINDOWS):
        return _FIELDS.get(column) or column.removeprefix(EVENT_DATA)
    return column.removeprefix(f"{dataset}.")


@dataclass(frozen=True, slots=True)
class EventKind:
    """What log sources select on; every event of a batch has the same kind.

    `dataset` is ours (`windows.sysmon`); `channel`, `provider` and `code` are the event's own, in lower case, "" where
    it has none. Of syslog and journal, `provider` is the program that logged.
    """

    dataset: str
    channel: str = ""
    provider: str = ""
    code: str = ""

    @property
    def told(self) -> str:
        """Give channel, provider and code as one text."""
        return KIND_SEPARATOR.join((self.channel, self.provider, self.code))

    @property
    def is_windows(self) -> bool:
        """Tell whether these are events of a Windows event log."""
        return self.dataset.startswith(WINDOWS)


KIND_COLUMN = "_kind"
"""Names channel, provider and code of each event of a batch whose own kind tells no more than the dataset."""
KIND_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Events of one kind: some or all of their columns, and where each came from.

    `columns` has one row an event. `raws[i]` is row i's record as it was read (for EVTX: its JSON rendering), b"" where
    it is not kept since it can be read again, and
    `positions[i]` its place: a source's number and an offset, packed by `place`. `watched` lists, in rising order, the
    rows whose raw record was touched by a literal that the caller asked to watch for. `records[i]` is row i's flat
    native event where its reader keeps them, which all but those of Windows events do.

    A batch out of a store has no `raws`, and positions are rows there. `searched` names the columns of it in which a
    keyword without a field may stand: in no other text of the events one does. `lacks_ecs` tells of documents that ECS
    columns are to be made of their native ones where they do not say those themselves.
    """

    kind: EventKind
    columns: pa.RecordBatch
    raws: list[bytes]
    positions: Sequence[int]
    watched: list[int]
    records: Sequence[Mapping[str, Any]] | None = None
    searched: Sequence[str] = ()
    lacks_ecs: bool = False

    def __len__(self) -> int:
        """Give the number of events."""
        return len(self.positions)


_OFFSET_BITS = 44


def place(source: int, offset: int) -> int:
    """Pack the number of a source and an offset in it (a byte, or for EVTX a record) into one integer."""
    return source << _OFFSET_BITS | offset


def source_and_offset(position: int) -> tuple[int, int]:
    """Unpack what `place` packed."""
    return position >> _OFFSET_BITS, position & ((1 << _OFFSET_BITS) - 1)
