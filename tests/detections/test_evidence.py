"""Every shipped rule against its evidence, and against the day that the samples tell."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sentinel.detect import rule_files
from tests.detect.builders import found
from tests.detections.logs import rules_hit
from tests.scanning import Scanned, scanned

if TYPE_CHECKING:
    from sentinel.detect.plan import Ruleset

ROOT = Path(__file__).resolve().parents[2]
SIGMA = ROOT / "detections" / "sigma"
SAMPLES = ROOT / "docs" / "samples"
RULES = sorted(SIGMA.rglob("*.yml"))
MIDNIGHT = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)  # 00:00 of 20 November in Hà Nội


@cache
def shipped() -> Ruleset:
    return rule_files.load(rule_files.find([SIGMA]), None)


@cache
def day() -> Scanned:
    return scanned([SAMPLES / "windows"], shipped())


def test_every_shipped_rule_is_compiled() -> None:
    assert () == shipped().rejections
    assert [str(path) for path in RULES] == sorted(rule.path for rule in shipped().rules)


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_a_rule_hits_each_match_of_its_evidence_and_no_near_miss(path: Path) -> None:
    lines = path.with_suffix(".events.jsonl").read_text(encoding="utf-8").splitlines()
    cases: list[dict[str, Any]] = [json.loads(line) for line in lines]
    number = next(number for number, rule in enumerate(shipped().rules) if rule.path == str(path))
    events = [each for each, case in enumerate(cases) if "event" in case]
    hit = {events[each] for each in found(shipped(), [cases[each]["event"] for each in events]).get(number, [])}
    hit |= {each for each, case in enumerate(cases) if "log" in case and number in rules_hit(shipped(), case["log"])}
    assert [case["why"] for case in cases if case["match"]] == [cases[each]["why"] for each in sorted(hit)]


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
def test_evidence_answers_alike_one_event_at_a_time(path: Path) -> None:
    lines = path.with_suffix(".events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [case["event"] for case in map(json.loads, lines) if "event" in case]
    assert found(shipped(), events) == found(shipped(), events, at_a_time=1)


def test_the_samples_give_the_events_and_hits_that_their_page_states() -> None:
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    stated = {
        SAMPLES / "windows" / name: int(hits)
        for name, hits in re.findall(r"^\| `([^`]+)` \|.*\| (\d+) \|$", page, re.MULTILINE)
    }
    assert stated == {path: sum(day().counts(path).values()) for path in stated}
    (whole,) = re.findall(r"at least once, (\d+) hits in all", page)
    (events,) = re.findall(r"commune: (\d+) events", page)
    assert (int(whole), int(events)) == (sum(stated.values()), day().events)
    assert {} == day().faults


def test_the_samples_hit_every_shipped_rule() -> None:
    hit = {rule for rules in day().hits.values() for rule in rules}
    windows = [rule for rule in shipped().rules if Path(rule.path).is_relative_to(SIGMA / "windows")]
    assert [] == [rule.title for rule in windows if rule.id not in hit]


NORMAL = sorted(path for path in SAMPLES.rglob("*normal*") if path.is_file())


@pytest.mark.parametrize("path", NORMAL, ids=[path.name for path in NORMAL])
def test_nothing_is_hit_in_recorded_normal_traffic(path: Path) -> None:
    found = scanned([path], shipped())
    assert found.events > 0
    titles = {rule.id: rule.title for rule in shipped().rules}
    assert {} == {titles[rule]: hits[0].detail for rule, hits in found.hits.get(path, {}).items()}


def test_nothing_is_hit_in_ordinary_traffic() -> None:
    steps = tomllib.loads((SAMPLES / "day.toml").read_text(encoding="utf-8"))["intrusion"]
    times = set()
    for step in steps:
        hour, minute, second = map(int, step["at"].split(":"))
        times.add(MIDNIGHT + timedelta(hours=hour, minutes=minute, seconds=second, milliseconds=step.get("ms", 417)))
    nanoseconds = {int(time.timestamp() * 1000 + 0.5) * 1_000_000 for time in times}
    hits = [hit for rules in day().hits.values() for each in rules.values() for hit in each]
    assert [] == [hit.detail for hit in hits if hit.time not in nanoseconds]
