"""Write the sample logs: one working day, 20 November 2026.

    python docs/samples/build.py            write windows/*
    python docs/samples/build.py --check    fail where a file is not what would be written

The day is ordinary traffic (day.toml, drawn with a fixed seed) in which an intrusion is hidden: events of the rules'
evidence (detections/sigma/windows/**.events.jsonl), moved to the hours that day.toml gives them. Every host is recorded
by one shipper, so each file has one shape of JSON.
"""

from __future__ import annotations

import gzip
import json
import sys
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from docs.samples.shapes import HANOI, SHAPES, Actor, Json, Kind, fill, read_kinds, stamp  # noqa: E402 - needs ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RULES = ROOT / "detections" / "sigma" / "windows"
MIDNIGHT = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)  # 00:00 of 20 November in Asia/Ho_Chi_Minh
SEED = 20261120


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event in its JSON shape, with the time (UTC) and host that order and file it."""

    time: datetime
    host: str
    event: Json


@dataclass(frozen=True, slots=True)
class Day:
    """What day.toml says, and the random numbers its ordinary traffic is drawn with."""

    plan: Mapping[str, Any]
    kinds: Mapping[str, Kind]
    random: Random

    def pick(self, choices: list[str]) -> str:
        """Draw one; by `random()` alone, whose sequence is the same in every Python."""
        return choices[int(self.random.random() * len(choices))]


def main(arguments: list[str]) -> int:
    """Write or check every file; give the exit code."""
    plan = tomllib.loads((HERE / "day.toml").read_text(encoding="utf-8"))
    day = Day(plan, read_kinds(), Random(SEED))  # noqa: S311 - drawn for the same result every time
    everything = sorted([*ordinary(day), *intrusion(day)], key=lambda one: (one.time, one.host))
    stale = []
    for name, source in plan["files"].items():
        text = file_text(name, [one.event for one in everything if one.host in source["hosts"]])
        path = HERE / "windows" / name
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(packed(name, text))
        elif not path.is_file() or unpacked(name, path.read_bytes()) != text:
            stale.append(name)
    for name in stale:
        sys.stderr.write(f"docs/samples/windows/{name} is not what build.py writes\n")
    return 1 if stale else 0


def ordinary(day: Day) -> Iterator[Stamped]:
    """Draw the day's ordinary traffic: each entry `count` times, between its hours, on its hosts, by their people."""
    shapes = shape_of_hosts(day.plan)
    for entry in day.plan["ordinary"]:
        for _ in range(entry["count"]):
            host = day.pick(entry["hosts"])
            kind = day.kinds[entry["kind"]]
            actor = actor_on(day, host, entry)
            given = drawn(day.random.random(), entry.get("fields", {}))
            when = moment(day, *entry.get("hours", [7.5, 17.0]))
            yield Stamped(when, host, SHAPES[shapes[host]](fill(kind, host, when, actor, given)))


def shape_of_hosts(plan: Mapping[str, Any]) -> dict[str, str]:
    """Say which host is recorded in which shape."""
    return {host: source["format"] for source in plan["files"].values() for host in source["hosts"]}


def actor_on(day: Day, host: str, entry: Mapping[str, Any]) -> Actor:
    """Draw who acts: a person of the host, or the account the entry names."""
    account = entry.get("account") or day.pick(day.plan["hosts"][host]["people"])
    address = day.pick(entry["addresses"]) if "addresses" in entry else day.plan["hosts"][host]["address"]
    return Actor(account, day.plan["people"][account], address)


def drawn(share: float, fields: Mapping[str, str | list[str]]) -> dict[str, str]:
    """Take from each list the value at the same share (0 to 1) of it, so that lists of one length pair up."""
    return {name: value if isinstance(value, str) else value[int(share * len(value))] for name, value in fields.items()}


def moment(day: Day, first: float, last: float) -> datetime:
    """Draw a time (UTC) between two hours of the wall clock, to the millisecond."""
    return MIDNIGHT + timedelta(milliseconds=int((first + day.random.random() * (last - first)) * 3_600_000))


def intrusion(day: Day) -> Iterator[Stamped]:
    """Take the evidence that day.toml names and move it to its hour."""
    for step in day.plan["intrusion"]:
        lines = (RULES / f"{step['rule']}.events.jsonl").read_text(encoding="utf-8").splitlines()
        case = [json.loads(line) for line in lines][step.get("case", 0)]
        hour, minute, second = (int(part) for part in step["at"].split(":"))
        when = MIDNIGHT + timedelta(hours=hour, minutes=minute, seconds=second, milliseconds=step.get("ms", 417))
        yield moved(case["event"], case["format"], when)


def moved(event: Json, shape: str, when: datetime) -> Stamped:
    """Give the event at another time, wherever and however its shape writes the time."""
    time, host = time_and_host(event, shape)
    text = json.dumps(event, ensure_ascii=False)
    for seconds in range(3):  # NXLog receives a second later, Winlogbeat reads two seconds later
        old, new = time + timedelta(seconds=seconds), when + timedelta(seconds=seconds)
        for before, after in zip(spellings(old), spellings(new), strict=True):
            text = text.replace(before, after)
    return Stamped(when, host, json.loads(text))


def time_and_host(event: Json, shape: str) -> tuple[datetime, str]:
    """Read an event's time (UTC) and host out of its shape."""
    if shape.startswith("evtx_dump"):
        system = event["Event"]["System"]
        created = system.get("TimeCreated_attributes") or system["TimeCreated"]["#attributes"]
        return datetime.fromisoformat(created["SystemTime"]), system["Computer"]
    host = event["Hostname"] if shape.startswith("NXLog") else event["host"]["name"]
    return datetime.fromisoformat(event["@timestamp"]), host


def spellings(when: datetime) -> list[str]:
    """Give a time in each way that the shapes and Sysmon write it."""
    utc = f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03d}"
    return [stamp(when, 6), stamp(when, 3), utc, f"{when + HANOI:%Y-%m-%d %H:%M:%S}"]


def file_text(name: str, events: list[Json]) -> str:
    """Write events one a line, or as a JSON array where the name says so."""
    lines = [json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events]
    return "[\n" + ",\n".join(lines) + "\n]\n" if name.endswith(".json") else "".join(f"{line}\n" for line in lines)


def packed(name: str, text: str) -> bytes:
    """Give the bytes of a file, compressed without a time stamp where the name says so."""
    data = text.encode()
    return gzip.compress(data, mtime=0) if name.endswith(".gz") else data


def unpacked(name: str, data: bytes) -> str:
    """Give a file's text: compressed bytes may differ between zlib builds, their text may not."""
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
