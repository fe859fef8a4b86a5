"""SigmaHQ's rules on the events that their authors recorded to prove them, and on logs of attacks."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from evtx import PyEvtxParser

from sentinel.detect import rule_files
from tests.scanning import Scanned, scanned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentinel.detect.plan import Ruleset

OTHERS = ("rules-emerging-threats", "rules-threat-hunting")


class Proof(NamedTuple):
    """One regression test: a log, the rule it names, how often its author saw it hit (None where not told)."""

    name: str
    log: Path
    rule: str
    hits: int | None


@cache
def proofs(shared: Path, *folders: str) -> list[Proof]:
    return [proof for folder in folders for proof in _proofs(shared / "sigma", folder)]


def _proofs(sigma: Path, folder: str) -> list[Proof]:
    found = []
    for path in sorted((sigma / "regression_data" / folder).rglob("info.yml")):
        told: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        (rule,) = told["rule_metadata"]
        found += [
            Proof(path.parent.name, sigma / test["path"], rule["id"], test.get("match_count"))
            for test in told.get("regression_tests_info", [])
        ]
    return found


@cache
def rules(shared: Path, *folders: str) -> Ruleset:
    return rule_files.load(rule_files.find([shared / "sigma" / folder for folder in folders]), None)


@cache
def windows(shared: Path) -> Scanned:
    return scanned([proof.log for proof in proofs(shared, "rules")], rules(shared, "rules/windows"))


@cache
def others(shared: Path) -> Scanned:
    return scanned([proof.log for proof in proofs(shared, *OTHERS)], rules(shared, *OTHERS))


def test_every_windows_rule_is_compiled(shared: Path) -> None:
    ruleset = rules(shared, "rules/windows")
    assert (2407, ()) == (len(ruleset.rules), ruleset.rejections)


def test_each_of_192_logs_is_hit_by_the_rule_it_names(shared: Path) -> None:
    every = proofs(shared, "rules")
    assert (192, {}) == (len(every), windows(shared).faults)
    assert [] == [proof.name for proof in every if proof.rule not in windows(shared).counts(proof.log)]


def test_each_log_of_the_other_rule_sets_is_hit_by_the_rule_it_names(shared: Path) -> None:
    every = proofs(shared, *OTHERS)
    assert (10, {}) == (len(every), others(shared).faults)
    assert [] == [proof.name for proof in every if proof.rule not in others(shared).counts(proof.log)]
    told = {proof.name: proof.hits for proof in every if proof.hits}
    assert told == {proof.name: others(shared).counts(proof.log)[proof.rule] for proof in every if proof.hits}


# The four logs in which more records satisfy the rule's text than the one that its author counted, and that text.
def _anydesk(data: dict[str, str]) -> bool:
    return "\\appdata\\roaming\\anydesk\\user.conf" in data["TargetFilename"].lower()


def _dump_tool(data: dict[str, str]) -> bool:
    return data["TargetFilename"].lower().endswith(("\\procdump.exe", "\\procdump64.exe", "\\procdump64a.exe"))


def _zone(data: dict[str, str]) -> bool:
    return "\\zonemap\\domains\\" in data["TargetObject"].lower() and data["Details"] == "DWORD (0x00000002)"


def _share(data: dict[str, str]) -> bool:
    names = ("\\parameters\\autosharewks", "\\parameters\\autoshareserver")
    return data["TargetObject"].lower().endswith(names) and data["Details"] == "DWORD (0x00000000)"


COUNTED_SHORT: dict[str, tuple[list[int], Callable[[dict[str, str]], bool]]] = {
    "file_event_win_anydesk_artefact": ([3, 4, 5], _anydesk),
    "file_event_win_cred_dump_tools_dropped_files": ([1, 3, 5], _dump_tool),
    "registry_set_change_security_zones": ([1, 2, 3], _zone),
    "registry_set_disable_administrative_share": ([1, 2], _share),
}


def test_rules_hit_as_often_as_their_authors_counted(shared: Path) -> None:
    counted = {proof: proof.hits for proof in proofs(shared, "rules") if proof.hits is not None}
    assert 168 == len(counted)
    off = {proof.name for proof, count in counted.items() if windows(shared).counts(proof.log)[proof.rule] != count}
    assert COUNTED_SHORT.keys() == off


@pytest.mark.parametrize("name", COUNTED_SHORT)
def test_where_authors_counted_one_each_record_hit_satisfies_the_rules_text(shared: Path, name: str) -> None:
    records, satisfied = COUNTED_SHORT[name]
    (proof,) = [proof for proof in proofs(shared, "rules") if proof.name == name]
    assert (1, records) == (proof.hits, [hit.offset for hit in windows(shared).hits[proof.log][proof.rule]])
    events = {
        each["event_record_id"]: json.loads(each["data"])
        for each in PyEvtxParser(str(proof.log)).records_json()
        if each
    }
    assert records == [number for number, event in events.items() if satisfied(event["Event"]["EventData"])]


def test_every_file_of_recorded_attacks_is_accounted_for(shared: Path) -> None:
    folder = shared / "evtx" / "attack-samples"
    result = scanned([folder], rules(shared, "rules/windows"))
    assert 8255 == result.events
    assert {folder / "LICENSE.GPL": ["not recognised as any log format"]} == {
        path: [fault.message for fault in faults] for path, faults in result.faults.items()
    }
    assert {path for path in folder.rglob("*.evtx") if path.is_file()} == set(result.formats)
    assert len(result.hits) > 200
