"""What a report lists and keeps, whatever order things are found in."""

from __future__ import annotations

import json
from itertools import permutations

import pytest

from sentinel.console.report import EVIDENCE_BYTES, LONGEST_VALUE
from sentinel.console.report_collect import Collector, fair_share, native_fields
from sentinel.model.hit import Hit
from tests.console.a_report import RULES, ZONE, a_report, an_event, rules_of
from tests.console.a_scan import NOON


def test_hits_are_listed_in_order_of_time_gravest_first_and_those_without_one_last() -> None:
    report = a_report(an_event(minute=None), an_event(0, 1, 2, minute=5), an_event(minute=3))
    listed = [(hit.time and (hit.time - NOON) // 60_000_000_000, hit.rule) for hit in report.hits]
    assert [(3, 0), (5, 1), (5, 0), (5, 2), (None, 0)] == listed


def test_the_order_in_which_hits_are_found_changes_nothing() -> None:
    hits = [an_event(0, 1, minute=1), an_event(minute=2), an_event(1, minute=2, host="b"), an_event(2, minute=3)]
    first = a_report(*hits, most_listed=3)
    for order in permutations(hits):
        report = a_report(*order, most_listed=3)
        assert first.hits == report.hits
        assert first.evidence == report.evidence


def test_an_event_that_several_rules_hit_is_kept_once() -> None:
    report = a_report(an_event(0, 1, 2))
    assert [0, 0, 0] == [hit.evidence for hit in report.hits]
    assert 1 == len(report.evidence)


def test_a_rule_that_hits_often_leaves_room_for_one_that_hits_once() -> None:
    often = [an_event(2, minute=minute) for minute in range(100)]
    report = a_report(*often, an_event(1, minute=500), most_listed=10)
    assert [*[2] * 9, 1] == [hit.rule for hit in report.hits]
    assert list(range(9)) == [
        (hit.time or 0 - NOON) // 60_000_000_000 - NOON // 60_000_000_000 for hit in report.hits[:9]
    ]
    assert 101 == report.hit_count


def test_of_a_flood_only_the_share_waits_on_disk() -> None:
    collector = Collector(RULES, ZONE, most_listed=10)
    for minute in range(1000):
        collector.take([an_event(minute=minute)])
    assert collector._written < 40 * len(repr(an_event()))  # noqa: SLF001 - what is on disk shows nowhere else
    collector.close()


@pytest.mark.parametrize(
    ("counts", "most", "share"),
    [
        ([], 10, 10),
        ([3], 10, 10),
        ([3, 4], 10, 4),
        ([100], 10, 10),
        ([100, 1], 10, 9),
        ([100, 100, 2], 12, 5),
        ([5] * 9, 3, 1),
    ],
)
def test_shares_are_as_large_as_they_can_be(counts: list[int], most: int, share: int) -> None:
    given = fair_share(counts, most)
    assert min(share, max(counts, default=share)) == min(given, max(counts, default=given))


def test_the_fields_that_matched_are_marked() -> None:
    report = a_report(an_event(CommandLine="run evil", Other="evil"))
    assert ("CommandLine",) == report.hits[0].matched


def test_evidence_is_the_event_as_its_source_wrote_it() -> None:
    report = a_report(an_event(Hashes=["MD5=a", "SHA1=b"]))
    fields = dict(report.evidence[0].fields)
    assert {"EventID": "1", "CommandLine": "evil.exe", "Hashes": "MD5=a\nSHA1=b"}.items() <= fields.items()
    assert "host.name" not in fields


def test_the_fields_of_other_logs_are_found_by_their_dataset() -> None:
    evidence = b'{"http":{"request":{"method":"GET"}},"nginx":{"access":{"status":"404","http.x":{"y":["1","2"]}}}}'
    hit = Hit((0,), "e", NOON, "nginx.access", "", "", "", 0, 0, "", evidence)
    assert {"status": "404", "http.x.y": ["1", "2"]} == native_fields(hit)


def test_what_rules_see_computed_is_shown_too() -> None:
    own = {"ObjectName": "\\REGISTRY\\MACHINE\\X", "ObjectValueName": "v"}
    evidence = json.dumps({"event": {"code": "4657"}, "winlog": {"event_data": own}}).encode()
    hit = Hit((0,), "e", NOON, "windows.security", "4657", "", "", 0, 0, "", evidence)
    assert "HKLM\\X\\v" == native_fields(hit)["TargetObject"]


def test_a_value_longer_than_anyone_reads_is_cut() -> None:
    report = a_report(an_event(Script="x" * 100_000))
    assert "x" * LONGEST_VALUE + "…" == dict(report.evidence[0].fields)["Script"]


def test_evidence_has_a_limit_and_every_rule_its_part_of_it() -> None:
    often = [an_event(2, minute=minute, Big="x" * 1_000_000) for minute in range(30)]
    report = a_report(*often, an_event(1, minute=999))
    assert sum(hit.evidence is not None for hit in report.hits) in range(10, EVIDENCE_BYTES // 1_000_000 + 2)
    assert report.hits[-1].evidence is not None
    assert 31 == len(report.hits)


def test_tactics_come_in_the_order_of_an_attack_with_their_techniques() -> None:
    tags = "[attack.impact, attack.initial_access, attack.t1490, attack.g0032, other.execution]"
    report = a_report(an_event(0), an_event(0, minute=1), ruleset=rules_of(("a", "high"), tags=tags))
    told = [(tactic.tag, tactic.hits, tactic.techniques) for tactic in report.tactics]
    assert [("initial-access", 2, (("T1490", 2),)), ("impact", 2, (("T1490", 2),))] == told
