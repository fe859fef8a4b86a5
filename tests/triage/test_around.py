"""What happened around an alert: counted by dataset and action, of its host, user and address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.model.alert import Alert
from sentinel.model.severity import Level
from sentinel.triage.around import Around, around, window_of
from tests.cli.a_store import MINUTE, a_store, id_of
from tests.console.a_stored import NOON

if TYPE_CHECKING:
    from pathlib import Path

DAY = 24 * 60 * MINUTE


def an_alert(*, host: str = "", user: str = "", peer: str = "", first: int = NOON, last: int = NOON) -> Alert:
    return Alert(
        id="a" * 32, rule="r", title="t", level=Level.HIGH, tags=(), dataset="windows.sysmon", code="1", host=host,
        user=user, peer=peer, detail="", platform="", importance=0, agency="", fingerprint=(), first=first, last=last,
        count=1, raised=first, story="a" * 32, story_why="",
    )  # fmt: skip


def found(folder: Path, alert: Alert, span: int = 15 * MINUTE) -> Around:
    store = a_store(folder)
    with store.snapshot() as snapshot:
        told = around(snapshot, alert, span)
    store.close()
    return told


def test_events_are_counted_by_dataset_and_action_with_first_and_last(tmp_path: Path) -> None:
    (host,) = found(tmp_path, an_alert(host="sql00.gov.example")).entities
    (group,) = host.groups
    assert ("host", "sql00.gov.example", 2) == (host.kind, host.name, host.total)
    assert ("windows.sysmon", "process-created", 2) == (group.dataset, group.action, group.count)
    assert (NOON, NOON + 3 * MINUTE) == (group.first, group.last)
    assert [id_of("windows.sysmon", 0), id_of("windows.sysmon", 3)] == [each.id for each in group.examples]


def test_the_domain_of_a_user_is_none_of_the_question(tmp_path: Path) -> None:
    (user,) = found(tmp_path, an_alert(user="GOV\\minh")).entities
    assert ('related.user:"minh"', 3) == (user.query, user.total)


def test_an_address_is_looked_for_on_either_side(tmp_path: Path) -> None:
    (address,) = found(tmp_path, an_alert(peer="198.51.100.1")).entities
    assert (1, "web.access") == (address.total, address.groups[0].dataset)


def test_a_name_of_the_other_side_is_no_address(tmp_path: Path) -> None:
    assert () == found(tmp_path, an_alert(peer="gateway")).entities


def test_only_the_span_is_looked_at(tmp_path: Path) -> None:
    assert 1 == found(tmp_path, an_alert(host="sql00.gov.example"), MINUTE).total


def test_an_alert_that_went_on_for_long_is_looked_at_around_its_latest_sighting() -> None:
    window = window_of(an_alert(first=NOON - 3 * DAY, last=NOON), MINUTE)
    assert (NOON - MINUTE, NOON + MINUTE + 1) == (window.since, window.until)
