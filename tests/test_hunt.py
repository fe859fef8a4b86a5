"""Hunts: what rules hit in a store is what a scan of the same logs tells."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentinel import content
from sentinel.detect.rule_files import find, load
from sentinel.hunt.run import hunt
from sentinel.inputs.workers import Interrupted, Stop
from sentinel.model.window import Window
from sentinel.store.embedded import verdicts as verdicts_of
from sentinel.store.embedded.store import open_store
from sentinel.store.embedded.verdicts import Verdicts, forget
from tests.detect.builders import WINDOWS, compiled, event, rule, security
from tests.hunting import Found, hunted, scanned, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentinel.detect.plan import Ruleset
    from sentinel.store.embedded.verdicts import Known
    from tests.detect.builders import Event

SAMPLES = Path(__file__).resolve().parents[1] / "docs" / "samples"
AT = "2026-01-05T08:00:0{second}.000Z"


def log(folder: Path, *events: Event, name: str = "log.ndjson") -> Path:
    """Write events to a log, a second apart."""
    path = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, each in enumerate(events):
        assert isinstance(each, dict)
        lines.append(json.dumps({"@timestamp": AT.format(second=number), "Hostname": "WS1", **each}))
    path.write_text("\n".join(lines) + "\n")
    return path


def named(*detections: str, source: str = WINDOWS) -> Ruleset:
    """Compile detections; the rules' paths are 0.yml, 1.yml …."""
    ruleset = compiled(*(rule(each, source, head=f"title: rule {number}") for number, each in enumerate(detections)))
    assert () == ruleset.rejections
    return ruleset


def places(found: Iterable[Found]) -> list[tuple[str, int]]:
    """Give rules and the places of what they hit."""
    return [(each.rule, each.hit.offset) for each in found]


def without_detail(found: Iterable[Found]) -> list[Found]:
    """Leave out the line about an event: of one without telling fields it names the first few, in another order."""
    return [replace(each, hit=replace(each.hit, detail="")) for each in found]


EVENTS: tuple[Event, ...] = (
    event(Image="C:\\Windows\\cmd.exe", CommandLine="whoami /all", User="GOV\\lan"),
    event(Image="C:\\Windows\\CMD.EXE", CommandLine="", ParentImage="C:\\Windows\\cmd.exe", User="GOV\\minh"),
    event(Image="C:\\temp\\báo cáo.exe", Hashes=["MD5=1", "SHA1=2"]),
    event(Image="C:\\temp\\bao cao.exe", Hashes="SHA1=2"),
    event(EventID=3, Image="C:\\a.exe", DestinationIp="10.1.2.3", DestinationPort=443),
    security(NewProcessName="C:\\x.exe", MandatoryLabel="S-1-16-12288", SubjectUserName="lan", TargetUserName="-"),
    security(EventID=4657, ObjectName="\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\x", OperationType="%%1904"),
    security(EventID=4624, TargetUserName="lan", SubjectUserName="LAN", IpAddress="192.0.2.7", LogonType=3),
)
DETECTIONS = {
    "text in any case": "selection: {Image|endswith: '\\cmd.exe'}",
    "marks in either form": "selection: {Image|contains: 'báo'}",
    "lists of values": "selection: {Hashes|contains: 'sha1='}",
    "what is not there": "selection: {Image|endswith: .exe}\nf: {CommandLine: null}\ncondition: selection and f",
    "what is empty": "selection: {CommandLine: ''}",
    "what is there": "selection: {User|exists: true}",
    "networks": "selection: {DestinationIp|cidr: 10.0.0.0/8}",
    "numbers": "selection: {DestinationPort|lt: 1024}",
    "one field against another": "selection: {TargetUserName|fieldref: SubjectUserName}",
    "lists against another field": "selection: {ParentImage|fieldref: Image}",
    "patterns": "selection: {CommandLine|re: 'whoami\\s+/a'}",
    "what views compute": "selection: {TargetObject|contains: CurrentControlSet, EventType: SetValue}",
    "words anywhere": "keywords: ['WHOAMI', 'sha1=2']\ncondition: keywords",
    "words with marks anywhere": "keywords: ['báo cáo']\ncondition: keywords",
    "words in numbers": "keywords: ['443']\ncondition: keywords",
    "words only in what views compute": "keywords: ['CurrentControlSet', 'SetValue']\ncondition: keywords",
    "patterns anywhere": "keywords: ['|re': 'who..i']\ncondition: keywords",
    "none of the words": "selection: {User|exists: true}\nkeywords: [whoami]\ncondition: selection and not keywords",
}


@pytest.mark.parametrize("sealed", [False, True], ids=["in journals", "in segments"])
@pytest.mark.parametrize("detection", DETECTIONS.values(), ids=[name.replace(" ", "_") for name in DETECTIONS])
def test_hits_are_those_of_a_scan(tmp_path: Path, detection: str, sealed: bool) -> None:
    path, ruleset = log(tmp_path / "logs", *EVENTS), named(detection)
    store = stored(tmp_path / "store", path, sealed=sealed)
    assert without_detail(scanned(ruleset, path)) == without_detail(hunted(ruleset, store))


def test_all_but_one_of_these_detections_hit(tmp_path: Path) -> None:
    path, ruleset = log(tmp_path / "logs", *EVENTS), named(*DETECTIONS.values())
    hit = {each.rule for each in hunted(ruleset, stored(tmp_path / "store", path))}
    left = {name for number, name in enumerate(DETECTIONS) if f"{number}.yml" not in hit}
    assert {"words only in what views compute"} == left


def test_every_rule_that_is_shipped_hits_in_the_samples_what_a_scan_hits(tmp_path: Path) -> None:
    logs = [path for path in sorted(SAMPLES.rglob("*")) if path.parent.name in {"web", "linux", "dns", "windows"}]
    logs = [path for path in logs if path.is_file() and path.suffix in {".log", ".json", ".ndjson", ".evtx"}]
    ruleset = load(find(content.rule_folders(())), None)
    expected = without_detail(scanned(ruleset, *logs))
    assert 100 < len(expected)
    assert expected == without_detail(hunted(ruleset, stored(tmp_path / "store", *logs)))


def test_a_line_about_an_event_is_that_of_a_scan(tmp_path: Path) -> None:
    path, ruleset = log(tmp_path / "logs", *EVENTS[:5]), named("selection: {Image|contains: exe}")
    assert scanned(ruleset, path) == hunted(ruleset, stored(tmp_path / "store", path))


def test_evidence_is_the_event_as_it_is_stored(tmp_path: Path) -> None:
    path, ruleset = log(tmp_path / "logs", *EVENTS[:3]), named("selection: {Image|contains: exe}")
    expected = [each.hit.evidence for each in scanned(ruleset, path, evidence=True)]
    told = [each.hit.evidence for each in hunted(ruleset, stored(tmp_path / "store", path), evidence=True)]
    assert [json.loads(each) for each in expected] == [json.loads(each) for each in told]
    assert "C:\\Windows\\cmd.exe" == json.loads(told[0])["process"]["executable"]


def test_only_hits_of_the_window_are_told(tmp_path: Path) -> None:
    path, ruleset = log(tmp_path / "logs", *EVENTS[:5]), named("selection: {Image|contains: exe}")
    store = stored(tmp_path / "store", path)
    times = [each.hit.time or 0 for each in hunted(ruleset, store)]
    assert times[1:3] == [each.hit.time for each in hunted(ruleset, store, Window(times[1], times[3]))]


def test_events_in_a_journal_are_hunted_beside_those_in_segments(tmp_path: Path) -> None:
    ruleset = named("selection: {Image|contains: exe}")
    one, two = log(tmp_path, *EVENTS[:2], name="one.ndjson"), log(tmp_path, *EVENTS[2:4], name="two.ndjson")
    stored(tmp_path / "store", one).close()
    store = stored(tmp_path / "store", two, sealed=False)
    assert scanned(ruleset, one, two) == hunted(ruleset, store)


def test_processes_share_a_hunt(tmp_path: Path) -> None:
    ruleset = named("selection: {Image|contains: exe}", "selection: {LogonType: 3}")
    path = log(tmp_path / "logs", *EVENTS)
    store = stored(tmp_path / "store", path)
    assert hunted(ruleset, store) == hunted(ruleset, store, processes=3)


def test_a_hunt_that_is_stopped_says_so(tmp_path: Path) -> None:
    stop = Stop()
    stop.ask()
    store = stored(tmp_path / "store", log(tmp_path, *EVENTS))
    with store.snapshot() as snapshot:
        told = list(hunt(snapshot, named("selection: {Image|contains: exe}"), Window(), stop=stop))
    assert [Interrupted()] == told


# ── verdicts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Counted(Verdicts):
    """Verdicts that count how many parts were judged."""

    judged = 0

    def add(
        self,
        key: str,
        before: Known | None,
        rules: frozenset[bytes],
        hits: Mapping[bytes, verdicts_of.Rows],
        lines: bytes = b"",
    ) -> None:
        """Count it."""
        self.judged += 1
        super().add(key, before, rules, hits, lines)


def judged(folder: Path, ruleset: Ruleset, path: Path) -> tuple[list[Found], int]:
    """Hunt with the verdicts in a folder; give what was found, and how many parts were judged for it."""
    store, kept = open_store(folder), Counted(folder / "verdicts.db")
    try:
        found = hunted(ruleset, store, verdicts=kept)
        assert scanned(ruleset, path) == found
        return found, kept.judged
    finally:
        kept.close()
        store.close()


def a_store(tmp_path: Path) -> tuple[Path, Path]:
    path = log(tmp_path / "logs", *EVENTS[:5])
    stored(tmp_path / "store", path).close()
    return tmp_path / "store", path


FIRST, SECOND = "selection: {Image|contains: exe}", "selection: {CommandLine|contains: whoami}"


def test_what_was_judged_is_not_judged_again(tmp_path: Path) -> None:
    folder, path = a_store(tmp_path)
    first, again = (judged(folder, named(FIRST, SECOND), path) for _time in range(2))
    assert (1, 0) == (first[1], again[1])
    assert first[0] == again[0]


def test_only_rules_that_changed_are_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, path = a_store(tmp_path)
    judged(folder, named(FIRST, SECOND), path)
    # A verdict that is not true shows which one was kept.
    monkeypatch.setattr(verdicts_of, "_unpacked", lambda _rows: np.array([0], "i4"))
    changed = named(FIRST, "selection: {CommandLine|contains: nothing}", "selection: {DestinationPort: 443}")
    store, kept = open_store(folder), Verdicts(folder / "verdicts.db")
    found = [each.rule for each in hunted(changed, store, verdicts=kept)]
    assert ["0.yml", "2.yml"] == found


def test_new_events_are_judged_and_old_ones_are_not(tmp_path: Path) -> None:
    folder, path = a_store(tmp_path)
    judged(folder, named(FIRST), path)
    more = log(tmp_path / "logs", event(Image="C:\\new.exe"), name="more.ndjson")
    stored(folder, more, sealed=False).close()
    store, kept = open_store(folder), Counted(folder / "verdicts.db")
    assert scanned(named(FIRST), path, more) == hunted(named(FIRST), store, verdicts=kept)
    assert 0 == kept.judged


@pytest.mark.parametrize("damage", ["cut", "flip", "text", "folder", "other version"])
def test_damaged_verdicts_are_made_again(tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, path = a_store(tmp_path)
    judged(folder, named(FIRST), path)
    place = folder / "verdicts.db"
    whole = place.read_bytes()
    match damage:
        case "cut":
            place.write_bytes(whole[: len(whole) // 2])
        case "flip":
            at = whole.rindex(named(FIRST).rules[0].digest) + 16 + 4
            place.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        case "text":
            place.write_text("mine")
        case "folder":
            place.unlink()
            place.mkdir()
        case _:
            monkeypatch.setattr(verdicts_of, "VERSION", 2)
    assert 1 == judged(folder, named(FIRST), path)[1]


def test_parts_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    folder, path = a_store(tmp_path)
    judged(folder, named(FIRST), path)
    kept = Verdicts(folder / "verdicts.db")
    kept.write(live=())
    with open_store(folder).snapshot() as snapshot:
        assert {} == kept.known([part.key for part in snapshot.parts(Window())])


def test_what_is_told_of_events_goes_with_them(tmp_path: Path) -> None:
    folder, path = a_store(tmp_path)
    judged(folder, named(FIRST), path)
    store = open_store(folder)
    (part,) = store.snapshot().__enter__().parts(Window())
    forget(store.layout.verdicts, [part.key])
    assert {} == Verdicts(store.layout.verdicts).known([part.key])
    assert b"whoami" not in store.layout.verdicts.read_bytes()


def test_lines_of_events_are_read_once_also_where_the_window_was_another(tmp_path: Path) -> None:
    folder, path = a_store(tmp_path)
    store, kept = open_store(folder), Verdicts(folder / "verdicts.db")
    first = hunted(named(FIRST), store, Window(until=0), verdicts=kept)
    assert ([], scanned(named(FIRST), path)) == (first, hunted(named(FIRST), store, verdicts=kept))
    assert scanned(named(FIRST, SECOND), path) == hunted(named(FIRST, SECOND), store, verdicts=kept)


def test_rules_that_hit_everything_take_next_to_nothing(tmp_path: Path) -> None:
    kept = Verdicts(tmp_path / "verdicts.db")
    rows = np.arange(1_000_000, dtype="i4")
    kept.add("part", None, frozenset({b"r" * 16}), {b"r" * 16: rows})
    kept.write()
    assert (tmp_path / "verdicts.db").stat().st_size < 1 << 16
    assert rows.tolist() == Verdicts(tmp_path / "verdicts.db").known(["part"])["part"].hits()[b"r" * 16].tolist()


def test_verdicts_are_private_to_their_owner(tmp_path: Path) -> None:
    Verdicts(tmp_path / "verdicts.db").close()
    assert 0o600 == (tmp_path / "verdicts.db").stat().st_mode & 0o777
