"""Reading speed of each format on records made here."""

from __future__ import annotations

import gc
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sentinel.detect import rule_files
from sentinel.detect.engine import Engine
from sentinel.formats.base import Block, Splits
from sentinel.formats.gather import Gatherer
from sentinel.formats.registry import recognise
from sentinel.normalise.views import view_of
from sentinel.reading import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.detect.plan import Ruleset
    from sentinel.formats.base import Format

_RECORDS = 40_000


def _nested(number: int) -> dict[str, object]:
    return {
        "Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
                "EventID": 1,
                "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Computer": "an-phu-01.gov.example",
                "TimeCreated": {"#attributes": {"SystemTime": "2026-11-20T01:02:03.000000Z"}},
                "EventRecordID": number,
            },
            "EventData": {
                "Image": f"C:\\Windows\\System32\\{number % 97}.exe",
                "CommandLine": f"{number} " + "x" * 200,
                "User": "AN-PHU\\lan.pham",
                "Hashes": "SHA256=" + f"{number:064x}",
            },
        }
    }


def _flat(number: int) -> dict[str, object]:
    return {
        "EventID": 1,
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "SourceName": "Microsoft-Windows-Sysmon",
        "Hostname": "an-phu-01.gov.example",
        "@timestamp": "2026-11-20T01:02:03.000Z",
        "Image": f"C:\\Windows\\System32\\{number % 97}.exe",
        "CommandLine": f"{number} " + "x" * 200,
        "User": "AN-PHU\\lan.pham",
        "Hashes": "SHA256=" + f"{number:064x}",
    }


_SAMPLES = Path(__file__).parents[2] / "docs" / "samples"
_BYTES = 24_000_000


def rates() -> Iterator[tuple[str, float, float, float]]:
    """Give the name of each case, MB and events read per processor second, and MB read and searched by rules.

    A recorded sample is repeated until it is long enough to measure. Read are the fields that the shipped rules want,
    into columns; the normal traffic that is read hits none of them.
    """
    nested = [_nested(number) for number in range(_RECORDS)]
    flat = [_flat(number) for number in range(_RECORDS)]
    cases = [
        ("NDJSON, flat Windows", "\n".join(map(json.dumps, flat)).encode()),
        ("NDJSON, nested Windows", "\n".join(map(json.dumps, nested)).encode()),
        ("JSON array, nested Windows, indented", json.dumps(nested, indent=2).encode()),
        *((name, _repeated(data)) for name, data in _recorded()),
    ]
    ruleset = rule_files.load(rule_files.find([_SAMPLES.parents[1] / "detections" / "sigma"]), None)
    gc.set_threshold(100_000, 20, 50)  # as the command line has it
    for name, data in cases:
        found = recognise(data)
        if found is None:
            yield f"{name}: not recognised", 0, 0, 0
            continue
        reading, events = _timed(data, found, ruleset, search=False)
        searching, _events = _timed(data, found, ruleset, search=True)
        megabytes = len(data) / 1e6
        yield f"{name} ({found.name})", megabytes / reading, events / reading, megabytes / searching


def _timed(data: bytes, of: Format, ruleset: Ruleset, *, search: bool) -> tuple[float, int]:
    """Give the processor seconds that reading takes, and the number of events."""
    engine = Engine(ruleset, texts_of)
    gatherer = Gatherer(engine.wanted, view_of, engine.touched, engine.needs_whole)
    head = of.head(b"", data[:_BLOCK]) if of.head else b""
    began = time.process_time()
    for begin, end in [(0, len(data))] if of.splits is Splits.NEVER else _blocks(data):
        of.read(Block(0, begin, data[begin:end], 1, last=True, head=head), gatherer)
        for batch in gatherer.ready():
            if search:
                list(engine.hits(batch))
    for batch in gatherer.rest():
        if search:
            list(engine.hits(batch))
    return time.process_time() - began, gatherer.events


def _blocks(data: bytes) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(data):
        end = data.rfind(b"\n", begin, begin + _BLOCK) + 1 or len(data)
        yield begin, end
        begin = end


_BLOCK = 1 << 20


def _recorded() -> Iterator[tuple[str, bytes]]:
    for path in sorted(_SAMPLES.rglob("*")):
        beside = path.with_name(f"{path.stem}-normal{path.suffix}")
        if path.suffix in {".log", ".json", ".csv", ".export"} and not beside.exists() and "windows" not in path.parts:
            yield path.relative_to(_SAMPLES).as_posix(), path.read_bytes()


def _repeated(data: bytes) -> bytes:
    """Repeat a log, its header first and once."""
    found = recognise(data)
    head = found.head(b"", data) if found and found.head else b""
    body = data.removeprefix(head)
    return head + body * (_BYTES // max(1, len(body)) + 1)
