"""Taking logs in: everything once, whatever happens on the way."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sentinel.errors import StoreError
from sentinel.inputs import reader
from sentinel.inputs.workers import Interrupted, Stop
from sentinel.intake.taking import Taken, take
from sentinel.model.alert import Wanted
from sentinel.model.window import Window
from sentinel.pipeline import scan
from sentinel.reading import Finding
from sentinel.store.embedded.store import open_store
from sentinel.triage.checking import check
from sentinel.triage.desk import Desk
from tests.detect.builders import compiled, rule
from tests.formats import audit_lines
from tests.formats.evtx_writer import an_event as an_evtx_event
from tests.formats.evtx_writer import an_evtx
from tests.inputs.archive_writers import a_tar, a_zip

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.detect.plan import Ruleset
    from sentinel.store.base import EventStore

NOW = 1_795_200_000 * 10**9
RULES = compiled(
    rule("selection: {Image|endswith: evil.exe}", "{product: windows, category: process_creation}"),
    rule("selection: ['/hit']", "{category: webserver}"),
)


def an_event(number: int, image: str = "C:\\\\a.exe") -> bytes:
    return (
        b'{"EventTime":"2026-11-20 10:00:%02d","EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational",'
        b'"SourceName":"Microsoft-Windows-Sysmon","Computer":"ws1","Image":"%b","ProcessId":%d}\n'
        % (number % 60, image.encode(), number)
    )


def a_line(number: int, path: str = "/") -> bytes:
    return b'192.0.2.%d - - [20/Nov/2026:10:28:04 +0700] "GET %b HTTP/1.1" 200 5 "-" "-"\n' % (
        number % 250,
        path.encode(),
    )


def opened(folder: Path) -> tuple[EventStore, Desk]:
    store: EventStore = open_store(folder)
    return store, Desk(folder, write=True)


class Took:
    """What an intake of some paths told."""

    def __init__(self, store: Path, *paths: Path, rules: Ruleset | None = None, processes: int = 1) -> None:
        open_store(store, create=True).close()
        sources = reader.find(list(map(str, paths)))
        told = list(take(sources, rules, partial(opened, store), now=NOW, processes=processes))
        taken = [each for each in told if isinstance(each, Taken)]
        self.events = sum(each.events for each in taken)
        self.known = sum(each.known for each in taken)
        self.repeated = sum(each.repeated for each in taken)
        self.alerts = [alert for each in taken for alert in each.alerts]
        self.sightings = sum(each.sightings for each in taken)
        findings = [each for each in told if isinstance(each, Finding)]
        self.hits = [hit for each in findings for hit in each.hits]
        self.faults = [fault for each in findings for fault in each.faults]


def events_in(store: Path) -> list[dict[str, Any]]:
    """Give the stored events, by column."""
    there: EventStore = open_store(store, write=False)
    with there.snapshot() as snapshot:
        found = [
            row for part in snapshot.parts(Window()) for table in part.read(list(part.columns)) for row in _rows(table)
        ]
    there.close()
    return found


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    plain = [pa.int64() if pa.types.is_timestamp(column.type) else column.type for column in table.columns]
    table = pa.table([column.cast(kind) for column, kind in zip(table.columns, plain, strict=True)], table.column_names)
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def ids_in(store: Path) -> Counter[str]:
    return Counter(event["event.id"] for event in events_in(store))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.mark.parametrize(
    "content",
    [
        b"".join(an_event(n) for n in range(500)) + an_event(3) * 20,
        b"".join(a_line(n) for n in range(500)) + a_line(3) * 20,
        audit_lines.ALL,
        an_evtx([[an_evtx_event(n, {"Image": "C:\\a.exe"}) for n in range(1, 9)]]),
    ],
    ids=["ndjson", "access", "auditd", "evtx"],
)
def test_what_was_taken_in_is_passed_over(tmp_path: Path, store: Path, content: bytes) -> None:
    log = tmp_path / "log"
    log.write_bytes(content)
    first = Took(store, log)
    assert first.events > 0
    assert [1] * first.events == list(ids_in(store).values())
    (tmp_path / "moved").write_bytes(content)
    again = [Took(store, log), Took(store, tmp_path / "moved")]
    assert [0, 0] == [each.events for each in again]
    # The header of an EVTX file stands in front of its chunks, and is nobody's event.
    assert {len(content) - 4096 * content.startswith(b"ElfFile")} == {each.known for each in again}


@pytest.mark.parametrize("processes", [1, 2])
def test_one_content_under_two_names_is_stored_once(tmp_path: Path, store: Path, processes: int) -> None:
    content = b"".join(an_event(n) for n in range(30_000))
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "c.gz").write_bytes(gzip.compress(content))
    took = Took(store, *map(tmp_path.joinpath, ("a", "b", "c.gz")), processes=processes)
    assert 30_000 == took.events == len(ids_in(store))
    assert {1} == set(ids_in(store).values())


def test_intakes_of_the_same_bytes_at_once_store_them_once(tmp_path: Path, store: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(an_event(n, "C:\\\\evil.exe" if n % 5000 == 0 else "C:\\\\a.exe") for n in range(20_000)))
    open_store(store, create=True).close()
    started = threading.Barrier(3)

    def take_in() -> Took:
        started.wait()
        return Took(store, log, rules=RULES)

    with ThreadPoolExecutor() as pool:
        took = [future.result() for future in [pool.submit(take_in) for _ in range(3)]]
    assert (20_000, 4) == (sum(each.events for each in took), sum(each.sightings for each in took))
    assert 1 == sum(len(each.alerts) for each in took)
    assert [1] * 20_000 == list(ids_in(store).values())


def test_a_packed_copy_is_known_and_so_is_one_in_an_archive(tmp_path: Path, store: Path) -> None:
    content = b"".join(an_event(n) for n in range(30_000))
    (tmp_path / "log").write_bytes(content)
    (tmp_path / "log.gz").write_bytes(gzip.compress(content, 1))
    (tmp_path / "log.zip").write_bytes(a_zip({"log": content}))
    (tmp_path / "log.tar").write_bytes(a_tar({"log": content}))
    assert 30_000 == Took(store, tmp_path / "log").events
    for name in ("log.gz", "log.zip", "log.tar"):
        again = Took(store, tmp_path / name)
        assert (0, len(content)) == (again.events, again.known)


def test_a_plain_copy_of_what_came_packed_is_known(tmp_path: Path, store: Path) -> None:
    content = b"".join(an_event(n) for n in range(30_000))
    (tmp_path / "log").write_bytes(content)
    (tmp_path / "log.gz").write_bytes(gzip.compress(content, 1))
    assert 30_000 == Took(store, tmp_path / "log.gz").events
    again = Took(store, tmp_path / "log")
    assert (0, len(content)) == (again.events, again.known)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("make", [an_event, a_line], ids=["json", "text"])
def test_a_source_that_has_grown_is_read_on(tmp_path: Path, store: Path, pack: Any, make: Any) -> None:  # noqa: ANN401
    content = b"".join(map(make, range(3000)))
    cuts = [0, len(content) // 3, content.find(b"\n", len(content) // 2), len(content)]  # amid a line, before its end
    for cut in cuts[1:]:
        (tmp_path / "log").write_bytes(pack(content[:cut]))
        Took(store, tmp_path / "log")
    found = ids_in(store)
    (tmp_path / "whole").write_bytes(content)
    Took(tmp_path / "other", tmp_path / "whole")
    assert set(ids_in(tmp_path / "other")) <= set(found)
    assert {1} == set(found.values())
    # Half a line of text was an event when it was read; half an object of JSON was none.
    assert len(found) in ({3000, 3001} if make is a_line else {3000})


def test_a_log_read_from_its_beginning_is_read_on(tmp_path: Path, store: Path) -> None:
    content = audit_lines.ALL
    lines = content.splitlines(keepends=True)
    for count in (len(lines) // 2, len(lines)):
        (tmp_path / "log").write_bytes(b"".join(lines[:count]))
        Took(store, tmp_path / "log")
    Took(tmp_path / "other", tmp_path / "log")
    assert set(ids_in(tmp_path / "other")) <= set(ids_in(store))
    assert {1} == set(ids_in(store).values())


def test_a_source_that_was_written_over_is_read(tmp_path: Path, store: Path) -> None:
    head = b"".join(an_event(n) for n in range(100))
    (tmp_path / "log").write_bytes(head + an_event(500) * 3)
    Took(store, tmp_path / "log")
    (tmp_path / "log").write_bytes(head + an_event(600) * 3)
    again = Took(store, tmp_path / "log")
    assert 3 <= again.events <= 103
    assert 6 == sum(event["winlog.event_data.ProcessId"] in {"500", "600"} for event in events_in(store))


@pytest.mark.parametrize("processes", [1, 2])
def test_alerts_are_what_a_scan_hits_under_the_same_ids(tmp_path: Path, store: Path, processes: int) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "sysmon").write_bytes(
        b"".join(an_event(n, "C:\\\\evil.exe" if n % 50 == 0 else "C:\\\\a.exe") for n in range(500))
    )
    (logs / "access").write_bytes(b"".join(a_line(n, "/hit" if n % 100 == 0 else "/") for n in range(500)))
    took = Took(store, logs, rules=RULES, processes=processes)
    sources = reader.find([str(logs)])
    scanned = [hit for each in scan(sources, RULES, now=NOW) if isinstance(each, Finding) for hit in each.hits]
    assert 15 == len(scanned)
    with Desk(store) as desk:
        seen = [each for alert in desk.every(Wanted()) for each in desk.sightings(alert, 100)]
        check(desk.file)
    assert {hit.event_id for hit in scanned} == {each.group for each in seen}
    assert {hit.event_id for hit in scanned} <= set(ids_in(store))
    assert {(hit.host, hit.peer, hit.time) for hit in scanned} == {(each.host, each.peer, each.time) for each in seen}
    assert {each.group for each in seen} == {json.loads(each.evidence)["event"]["id"] for each in seen}
    assert {each.alert for each in seen} == {alert.id for alert in took.alerts}


def test_a_stored_event_tells_where_it_came_from(tmp_path: Path, store: Path) -> None:
    (tmp_path / "access.log").write_bytes(a_line(1) + a_line(2, "/ế"))
    Took(store, tmp_path / "access.log")
    second = next(event for event in events_in(store) if event["log.offset"])
    assert (str(tmp_path / "access.log"), len(a_line(1))) == (second["log.file.path"], second["log.offset"])
    assert a_line(2, "/ế").decode().rstrip() == second["event.original"]
    assert ("web.access", "192.0.2.2") == (second["event.dataset"], second["source.ip"])


def test_records_of_json_keep_no_original(tmp_path: Path, store: Path) -> None:
    (tmp_path / "log").write_bytes(an_event(1))
    Took(store, tmp_path / "log")
    (event,) = events_in(store)
    assert "event.original" not in event
    assert "C:\\a.exe" == event["winlog.event_data.Image"] == event["process.executable"]


def _ingest(store: Path, log: Path) -> None:
    Took(store, log, rules=RULES)


def test_who_is_killed_at_any_moment_loses_and_doubles_nothing(tmp_path: Path, store: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(an_event(n, "C:\\\\evil.exe" if n % 997 == 0 else "C:\\\\a.exe") for n in range(60_000)))
    context = multiprocessing.get_context("fork")
    for wait in (0.4, 0.8, 1.2):
        process = context.Process(target=_ingest, args=(store, log))
        process.start()
        time.sleep(wait)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
    Took(store, log, rules=RULES)
    found = ids_in(store)
    assert (60_000, {1}) == (len(found), set(found.values()))
    with Desk(store) as desk:
        assert 61 == sum(alert.count for alert in desk.every(Wanted()))
        check(desk.file)


def test_alerts_written_before_a_commit_that_never_came_are_not_doubled(tmp_path: Path, store: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(an_event(1, "C:\\\\evil.exe"))
    Took(tmp_path / "other", log, rules=RULES)
    open_store(store, create=True).close()
    with Desk(tmp_path / "other") as desk, Desk(store, write=True) as other:
        other.take(desk.sightings(desk.every(Wanted())[0]), NOW)
    again = Took(store, log, rules=RULES)
    assert (1, []) == (again.events, again.alerts)


def test_who_asks_to_stop_finds_what_was_read_and_goes_on_from_there(tmp_path: Path, store: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(an_event(n) for n in range(60_000)))
    open_store(store, create=True).close()
    stop, told = Stop(), []
    for each in take(reader.find([str(log)]), None, partial(opened, store), now=NOW, processes=1, stop=stop):
        told.append(each)
        if isinstance(each, Finding) and each.events:
            stop.ask()
    assert isinstance(told[-1], Interrupted)
    stored = sum(each.events for each in told if isinstance(each, Taken))
    assert 0 < stored < 60_000
    assert stored == len(ids_in(store))
    assert 60_000 - stored == Took(store, log).events


def _no_store(_folder: Path) -> tuple[EventStore, Desk]:
    raise StoreError("gone")


@pytest.mark.parametrize("processes", [1, 2])
def test_a_store_that_fails_ends_the_intake_with_its_error(tmp_path: Path, processes: int) -> None:
    (tmp_path / "a").write_bytes(an_event(1))
    (tmp_path / "b").write_bytes(an_event(2))
    sources = reader.find([str(tmp_path)])
    with pytest.raises(StoreError, match="gone"):
        list(take(sources, None, partial(_no_store, tmp_path), now=NOW, processes=processes))


def test_what_cannot_be_read_is_told_and_the_rest_is_stored(tmp_path: Path, store: Path) -> None:
    (tmp_path / "log").write_bytes(an_event(1) + b'{"EventID": broken\n' + an_event(2))
    first = Took(store, tmp_path / "log")
    assert (2, 1) == (first.events, len(first.faults))
    again = Took(store, tmp_path / "log")
    assert (0, 0) == (again.events, len(again.faults))
