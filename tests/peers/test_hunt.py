"""SigmaHQ's rules over stored logs of attacks: a hunt gives what a scan of the same files gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sentinel.detect import rule_files
from sentinel.store.embedded.verdicts import Verdicts
from tests.hunting import Found, hunted, scanned, stored

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.detect.plan import Ruleset


def rules(shared: Path) -> Ruleset:
    return rule_files.load(rule_files.find([shared / "sigma" / "rules" / "windows"]), None)


def plain(found: list[Found]) -> list[Found]:
    """Leave out the line about an event: of one without telling fields it names the first few, in another order."""
    return [replace(each, hit=replace(each.hit, detail="")) for each in found]


@pytest.mark.shared
@pytest.mark.deep
def test_logs_of_attacks_are_hunted_as_they_are_scanned(tmp_path: Path, shared: Path) -> None:
    ruleset, files = rules(shared), sorted((shared / "evtx" / "attack-samples").rglob("*.evtx"))
    logs = {path.read_bytes(): path for path in files}.values()  # a store keeps of two copies one
    expected = plain(scanned(ruleset, *logs))
    assert 1000 < len(expected)
    store = stored(tmp_path / "store", *logs)
    verdicts = Verdicts(tmp_path / "verdicts.db")
    for _time in range(2):
        assert expected == plain(hunted(ruleset, store, verdicts=verdicts))


@pytest.mark.shared
@pytest.mark.deep
def test_a_million_events_are_hunted_as_they_are_scanned(tmp_path: Path, shared: Path) -> None:
    ruleset, log = rules(shared), shared / "ndjson" / "otrf-windows-1m.ndjson.zst"
    expected = plain(scanned(ruleset, log))
    assert 6000 < len(expected)
    assert expected == plain(hunted(ruleset, stored(tmp_path / "store", log), processes=2))
