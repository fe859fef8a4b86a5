"""The whole way: files in, hits out, the same however many processes share the work."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.inputs import reader
from sentinel.inputs.workers import Interrupted, Stop
from sentinel.pipeline import scan
from sentinel.reading import Finding
from tests.detect.builders import compiled, rule
from tests.formats.evtx_writer import an_event, an_evtx
from tests.formats.shapes import NXLOG, WINLOGBEAT_SYSMON_MODULE, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.formats.base import Fault
    from sentinel.inputs.reader import Source
    from sentinel.model.hit import Hit

ROOT = Path(__file__).resolve().parents[1]
RULES = compiled(rule("selection: {Image|endswith: cmd.exe}"), rule("selection: {X: hit}"))


def lines(count: int) -> bytes:
    """Give lines of which every third hits a rule, and one in a thousand is damaged."""
    return b"".join(
        b"rubbish\n"
        if number % 1000 == 999
        else b'{"EventID":%d,"Channel":"Application","X":"%s","Pad":"%s"}\n'
        % (number % 7, b"hit" if number % 3 == 0 else b"miss", b"p" * 100)
        for number in range(count)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.ndjson").write_bytes(lines(60_000))
    (tmp_path / "b.ndjson").write_bytes(line_of(NXLOG) + b"\n" + line_of(WINLOGBEAT_SYSMON_MODULE))
    (tmp_path / "c.json").write_text(json.dumps([NXLOG] * 3))
    (tmp_path / "d.evtx").write_bytes(an_evtx([[an_event(1, {"X": "hit"}), an_event(2, {"X": "miss"})]]))
    (tmp_path / "e.txt").write_text("a note\n")
    (tmp_path / "f.ndjson").touch()
    return tmp_path


class Told:
    """All that a scan told."""

    def __init__(self, found: Iterator[Finding | Interrupted]) -> None:
        self.hits: list[Hit] = []
        self.faults: list[Fault] = []
        self.events: Counter[int] = Counter()
        self.bytes_read = 0
        self.interrupted = False
        for each in found:
            if isinstance(each, Interrupted):
                self.interrupted = True
            else:
                self.hits += each.hits
                self.faults += each.faults
                self.events[each.source] += each.events
                self.bytes_read += each.bytes_read


def told_of(folder: Path, processes: int) -> Told:
    return Told(scan(reader.find([str(folder)]), RULES, now=0, evidence=True, processes=processes))


def test_events_and_hits_add_up_file_by_file(folder: Path) -> None:
    told = told_of(folder, 1)
    assert {0: 59_940, 1: 2, 2: 3, 3: 2} == {source: count for source, count in told.events.items() if count}
    assert {0: 19_980, 1: 2, 2: 3, 3: 1} == Counter(hit.source for hit in told.hits)
    assert {0: 60, 4: 1} == Counter(fault.source for fault in told.faults)


def test_one_process_and_several_find_the_same(folder: Path) -> None:
    alone, together = told_of(folder, 1), told_of(folder, 3)
    assert alone.events == together.events
    assert alone.bytes_read == together.bytes_read
    assert sorted(alone.hits, key=repr) == sorted(together.hits, key=repr)
    assert sorted((each.source, each.offset) for each in alone.faults) == sorted(
        (each.source, each.offset) for each in together.faults
    )


def test_a_source_that_cannot_be_read_stops_no_other(folder: Path) -> None:
    sources = reader.find([str(folder)])
    (folder / "b.ndjson").unlink()
    told = Told(scan(sources, RULES, now=0, processes=1))
    assert 3 == told.events[2]
    assert any(fault.source == 1 and "No such file" in fault.message for fault in told.faults)


def test_a_worker_that_is_killed_is_told_and_the_others_go_on(folder: Path) -> None:
    (folder / "a.ndjson").write_bytes(lines(150_000))
    begin = time.monotonic()
    found = scan(reader.find([str(folder)]), RULES, now=0, processes=2)
    told, killed = [], False
    for each in found:
        told.append(each)
        if not killed and isinstance(each, Finding) and each.events:
            victim = multiprocessing.active_children()[0]
            os.kill(victim.pid or 0, signal.SIGKILL)
            killed = True
    result = Told(iter(told))
    assert any("was killed" in fault.message for fault in result.faults)
    assert 60 > time.monotonic() - begin
    lost = {fault.source for fault in result.faults if "was killed" in fault.message}
    assert lost | {source for source, count in result.events.items() if count} >= {0, 1, 2, 3}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_scan_that_is_stopped_tells_what_was_found_and_that_it_was(folder: Path, processes: int) -> None:
    stop = Stop()

    def until_something_is_read() -> Iterator[Finding | Interrupted]:
        for each in scan(reader.find([str(folder)]), RULES, now=0, processes=processes, stop=stop):
            if isinstance(each, Finding) and each.events:
                stop.ask()
            yield each

    told = Told(until_something_is_read())
    assert told.interrupted
    assert 0 < told.events.total() < 59_947
    assert told.hits


class _Bad:
    """A rule set that no engine can be made of."""

    rules, atoms, variants, rejections = (), (), (None,), ()


@pytest.mark.parametrize("processes", [1, 2])
def test_a_bug_in_a_worker_surfaces_with_its_traceback(folder: Path, processes: int) -> None:
    with pytest.raises((AttributeError, RuntimeError), match="datasets"):
        Told(scan(reader.find([str(folder)]), _Bad(), now=0, processes=processes))  # type: ignore[arg-type]


def test_the_same_record_has_the_same_id_in_a_packed_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(lines(5000))
    (tmp_path / "packed").write_bytes(gzip.compress(lines(5000)))
    told = told_of(tmp_path, 1)
    ids = [{hit.event_id for hit in told.hits if hit.source == source} for source in (0, 1)]
    assert ids[0] == ids[1]


def test_records_that_are_the_same_to_the_byte_have_ids_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(lines(40) * 3)
    found = told_of(tmp_path, 1).hits
    assert len(found) == len({hit.event_id for hit in found})


def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    path = tmp_path / "log"
    used = []
    for times in (2, 12):
        path.write_bytes(lines(30_000) * times)
        used.append(_memory_to_scan(path))
    assert used[1] < used[0] + 60


def _memory_to_scan(path: Path) -> int:
    """Scan a file in a process of its own; give the most memory that it had, in MiB."""
    program = f"""
import resource
from tests.test_pipeline import RULES, reader, scan
for _finding in scan(reader.find([{str(path)!r}]), RULES, now=0, processes=1):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, text=True)
    return int(done.stdout)


def test_sources_are_told_by_their_formats(folder: Path) -> None:
    sources: list[Source] = reader.find([str(folder)])
    first = next(iter(scan(sources, RULES, now=0, processes=1)))
    assert isinstance(first, Finding)
    assert {0: "ndjson", 1: "ndjson", 2: "json", 3: "evtx", 5: ""} == first.formats
