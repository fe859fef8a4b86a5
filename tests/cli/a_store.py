"""A store for tests of the command line: an hour of an agency, in three datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from sentinel.formats.columns import every_column
from sentinel.model.batch import EventBatch, EventKind
from sentinel.normalise.batch import normalise
from sentinel.store.embedded.store import open_store
from tests.console.a_stored import NOON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sentinel.store.embedded.store import EmbeddedStore

MINUTE = 60_000_000_000


def id_of(dataset: str, place: int) -> str:
    """Give the id of an event that `put` stored, by its place in its dataset."""
    return f"{(NOON + place * MINUTE) // 1_000_000:012x}{sum(dataset.encode()):08x}{place:016x}"


def put(store: EmbeddedStore, dataset: str, code: str, events: Sequence[Mapping[str, str]], begin: int = NOON) -> None:
    """Store events, one a minute, under ids that their places give."""
    columns = every_column([dict(event) for event in events], dataset)
    kind = EventKind(dataset, "", "", code)
    rows = range(len(events))
    batch = normalise(EventBatch(kind, columns, [b""] * len(events), list(rows), []), NOON).columns
    names = [name for name in batch.schema.names if name not in {"@timestamp", "event.created", "sentinel.time_flag"}]
    times = pa.array([begin + row * MINUTE for row in rows], pa.timestamp("ns", "UTC"))
    ids = pa.array([id_of(dataset, row) for row in rows])
    origin = pa.array(["logs/a.log"] * len(events)), pa.array([row * 100 for row in rows], pa.int64())
    whole = [times, times, ids, *origin, *(batch.column(name) for name in names)]
    own = ["@timestamp", "event.created", "event.id", "log.file.path", "log.offset"]
    stored = pa.RecordBatch.from_arrays(whole, [*own, *names])
    writer = store.writer()
    writer.add(EventBatch(kind, stored, [b""] * len(events), list(rows), []))
    writer.commit()
    writer.close()


def processes(*commands: str) -> list[dict[str, str]]:
    """Give processes that Sysmon saw start, every third of them on another host."""
    return [
        {
            "EventID": "1",
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": f"sql0{place % 3}.gov.example",
            "User": "GOV\\lan.pham" if place % 2 else "GOV\\minh",
            "Image": "C:\\Windows\\System32\\cmd.exe",
            "CommandLine": command,
        }
        for place, command in enumerate(commands)
    ]


def requests(*paths: str, status: str = "200") -> list[dict[str, str]]:
    """Give requests to a web server."""
    return [
        {"remote_addr": f"198.51.100.{place}", "request": f"GET {path} HTTP/1.1", "uri": path, "status": status}
        for place, path in enumerate(paths)
    ]


def a_store(folder: Path) -> EmbeddedStore:
    """Make a store with five processes and three requests."""
    store = open_store(folder, create=True)
    commands = ("whoami", "net user /add evil", "whoami /all", "dir", "cmd /c type b\u00e1o c\u00e1o.docx")
    put(store, "windows.sysmon", "1", processes(*commands))
    put(store, "web.access", "", requests("/", "/dang-nhap", "/\x1b[2J<b>"))
    return store
