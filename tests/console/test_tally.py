"""What a scan tells, counted: files, faults, hits by rule, host or technique."""

from __future__ import annotations

from sentinel.console.summary import account
from sentinel.console.tally import Groups, RuleCount, Tally
from sentinel.detect.plan import Rejection
from sentinel.formats.base import Fault
from sentinel.model.batch import EventKind
from sentinel.model.severity import Level
from sentinel.model.window import Window
from sentinel.reading import Finding
from tests.console.a_scan import MINUTE, NOON, a_hit, a_rule, a_ruleset, a_source

RULES = a_ruleset(
    a_rule("Log cleared", 3, "attack.t1070.001", identity="r1"),
    a_rule("Shadow copies deleted", 4, "attack.impact", "attack.t1490", identity="r2"),
    a_rule("Log cleared", 1, identity="r3"),
)


def test_every_file_is_read_empty_or_not_read() -> None:
    tally = Tally([a_source(number) for number in range(3)], RULES)
    tally.add(Finding(formats={0: "ndjson", 1: ""}, faults=(Fault(2, -1, 0, "no log"),)))
    tally.add(Finding(source=0, events=5, bytes_read=100))
    summary = tally.summary(1.0)
    assert (1, 1, 1, 0) == (summary.read, summary.empty, summary.unread, summary.not_begun)
    assert [("ndjson", 5, 0), ("", 0, 0), (None, 0, 1)] == [(f.format, f.events, f.faults) for f in summary.files]


def test_what_was_read_of_standard_input_is_its_size() -> None:
    tally = Tally([a_source(0, "-", 0), a_source(1, size=7)], RULES)
    tally.add(Finding(formats={0: "ndjson", 1: "ndjson"}))
    tally.add(Finding(source=0, bytes_read=100))
    tally.add(Finding(source=0, bytes_read=20))
    assert 127 == tally.summary(1.0).size


def test_an_interrupted_scan_tells_which_files_it_had_not_begun() -> None:
    tally = Tally([a_source(0), a_source(1)], RULES)
    tally.add(Finding(formats={0: "ndjson", 1: "ndjson"}))
    tally.add(Finding(source=0, events=5, bytes_read=100))
    tally.interrupted = True
    assert (1, 1) == (tally.summary(1.0).read, tally.summary(1.0).not_begun)


def test_the_faults_that_are_shown_do_not_depend_on_who_came_first() -> None:
    faults = [Fault(source, offset, 0, "torn") for source in (1, 0) for offset in range(9, -1, -1)]
    tally = Tally([a_source(0), a_source(1)], RULES)
    for fault in faults:
        tally.add(Finding(faults=(fault,)))
    summary = tally.summary(1.0)
    assert ([(0, offset) for offset in range(10)], 20) == (
        [(fault.source, fault.offset) for fault in summary.faults],
        summary.fault_count,
    )


def test_hits_count_pairs_of_rule_and_event_and_only_in_the_window() -> None:
    tally = Tally([a_source()], RULES, window=Window(NOON, NOON + MINUTE))
    kept = tally.add(Finding(hits=(a_hit(0, 1), a_hit(0, minute=1), a_hit(0, 2, minute=-1), a_hit(2, minute=None))))
    summary = tally.summary(1.0)
    assert ([(0, 1), (2,)], 3, 2, 1, 3) == (
        [hit.rules for hit in kept],
        sum(summary.hits.values()),
        summary.events_hit,
        summary.without_time,
        summary.outside,
    )
    assert Level.CRITICAL == summary.gravest


def test_rules_are_run_left_out_faulty_or_for_other_logs() -> None:
    rejected = tuple(Rejection("x.yml", 1, "", "no", "", fault) for fault in (True, False, False))
    ruleset = a_ruleset(rejections=rejected)
    assert RuleCount(run=1, left_out=4, faulty=1, not_read=2) == Tally([], ruleset, left_out=4).summary(0).rules


def test_a_field_is_lacking_only_where_no_process_saw_it() -> None:
    kind = EventKind("windows.sysmon", "sysmon", "p", "1")
    other = EventKind("windows.sysmon", "sysmon", "", "1")
    tally = Tally([], RULES)
    tally.add(Finding(fields={kind: {"Image": True, "Hashes": False}}))
    tally.add(Finding(fields={other: {"Image": False, "Hashes": False}}))
    assert [("windows.sysmon", "1", "Hashes")] == [
        (lack.dataset, lack.code, lack.field) for lack in tally.summary(0).lacks
    ]


def test_rules_of_one_title_are_groups_of_their_own_gravest_first() -> None:
    groups = Groups(RULES, "rule")
    groups.add([a_hit(0, 1, 2), a_hit(0, minute=3, host="sql01", detail="later"), a_hit(0, minute=-2, detail="first")])
    assert [
        ("Shadow copies deleted", Level.CRITICAL, 1, ("web01",), "x"),
        ("Log cleared", Level.HIGH, 3, ("sql01", "web01"), "first"),
        ("Log cleared", Level.LOW, 1, ("web01",), "x"),
    ] == [(each.name, each.level, each.hits, each.hosts, each.example) for each in groups.groups()]


def test_an_event_counts_once_in_a_group_whatever_rules_hit_it() -> None:
    groups = Groups(RULES, "host")
    groups.add([a_hit(0, 1), a_hit(0, host="sql01", minute=1)])
    assert [("web01", 2, 1, (1, 0)), ("sql01", 1, 1, (0,))] == [
        (each.name, each.hits, each.events, each.rules) for each in groups.groups()
    ]


def test_techniques_are_named_and_hits_without_one_are_kept() -> None:
    groups = Groups(RULES, "technique")
    groups.add([a_hit(0, 1, 2)])
    assert ["T1490", "T1070.001", ""] == [each.name for each in groups.groups()]


def test_first_and_last_do_not_heed_events_without_a_time() -> None:
    groups = Groups(RULES, "rule")
    groups.add([a_hit(minute=None), a_hit(minute=5), a_hit(minute=2)])
    (group,) = groups.groups()
    assert (NOON + 2 * MINUTE, NOON + 5 * MINUTE) == (group.first, group.last)


def test_files_that_could_not_be_read_have_no_size_in_the_account() -> None:
    tally = Tally([a_source(0, size=100), a_source(1, size=7)], a_ruleset())
    tally.add(Finding(formats={0: "ndjson"}, faults=(Fault(1, -1, 0, "no log"),)))
    assert 100 == tally.summary(1.0).size


def test_events_that_no_rule_looks_at_are_told_with_their_datasets() -> None:
    tally = Tally([a_source()], a_ruleset())
    tally.add(Finding(source=0, formats={0: "csv"}, events=5, bytes_read=9))
    tally.add(Finding(looked=3, unlooked=frozenset({"csv.table"})))
    summary = tally.summary(1.0)
    assert (2, ("csv.table",)) == (summary.unlooked, summary.unlooked_datasets)
    assert "2 events of csv.table" in "".join(str(part) for _label, parts in account(summary) for part in parts)
