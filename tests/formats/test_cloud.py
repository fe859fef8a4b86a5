"""Records of cloud services: which dataset each is of, in whatever wrapping, and what its fields are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.detect import rule_files
from sentinel.formats.base import Block
from sentinel.formats.gather import ALL as EVERY
from sentinel.formats.gather import Gatherer
from sentinel.formats.json_lines import FORMAT
from sentinel.formats.registry import recognise
from sentinel.formats.schemas import schema_of, schemas
from sentinel.model.ecs import BY_NAME
from sentinel.normalise.batch import normalise
from tests.formats import cloud_records as cloud
from tests.scanning import scanned

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = [(dataset, record) for dataset, records in cloud.ALL.items() for record in records]
NOW = 1_796_000_000_000_000_000


def read(data: bytes) -> tuple[Gatherer, list[dict[str, Any]]]:
    """Read a whole source; give the gatherer, emptied, and every record with its dataset as `dataset`."""
    found = recognise(data)
    assert found is not None
    gatherer = Gatherer(lambda _kind: EVERY)
    found.read(Block(0, 0, data, line=1, last=True), gatherer)
    events = [
        {**event, "dataset": batch.kind.dataset} for batch in gatherer.rest() for event in batch.records or () if event
    ]
    return gatherer, events


def as_lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


@pytest.mark.parametrize(("dataset", "record"), RECORDS)
def test_each_record_is_of_its_dataset_as_lines_array_and_wrapped(dataset: str, record: dict[str, Any]) -> None:
    for data in (
        as_lines(record, record),
        json.dumps([record, record], indent=1).encode(),
        json.dumps({"Records": [record, record], "nextToken": "x"}).encode(),
        json.dumps({"took": 3, "hits": {"total": {"value": 2}, "hits": [record, record]}}).encode(),
        json.dumps({"@odata.context": "x", "value": [record, record]}, indent=2).encode() + b"\n",
    ):
        gatherer, events = read(data)
        assert [] == gatherer.faults
        assert [dataset, dataset] == [event["dataset"] for event in events]
        assert 2 == gatherer.events


def test_no_record_is_taken_for_one_of_another_product() -> None:
    for _dataset, record in RECORDS:
        first = schema_of(record)
        assert first is not None
        assert [first.name] == [each.name for each in schemas() if each.recognise(record)]


def test_a_file_of_many_products_is_read_record_by_record() -> None:
    gatherer, events = read(as_lines(*(record for _dataset, record in RECORDS), {"a": 1}))
    assert [dataset for dataset, _record in RECORDS] != []
    assert sorted(dataset for dataset, _record in RECORDS) == sorted(event["dataset"] for event in events)
    assert ["JSON, but not a record of any product that is known"] == [fault.message for fault in gatherer.faults]


def test_an_event_that_itself_holds_a_list_of_events_is_no_wrapper() -> None:
    gatherer, events = read(json.dumps(cloud.WORKSPACE).encode())
    assert [] == gatherer.faults
    assert ["GRANT_ADMIN_PRIVILEGE"] == events[0]["eventName"]
    assert "b@agency.gov.example" == events[0]["user_email"]


def test_the_three_ways_that_azure_writes_a_sign_in_answer_to_the_same_names() -> None:
    _gatherer, events = read(as_lines(cloud.SIGNIN_GRAPH, cloud.SIGNIN_DIAGNOSTIC, cloud.SIGNIN_ANALYTICS))
    for event in events:
        assert "50053" == str(event["resultType"])
        assert "an@agency.gov.example" == event["userPrincipalName"]
        assert "Failure" == event["status"]


def test_lists_of_objects_give_lists_of_their_names() -> None:
    _gatherer, events = read(as_lines(cloud.OKTA, cloud.KUBERNETES))
    assert ["one", "two"] == events[0]["target.displayName"]
    assert ["/"] == events[1]["hostPath"]
    assert ["SYS_ADMIN"] == events[1]["capabilities"]


@pytest.mark.parametrize(("dataset", "record"), RECORDS)
def test_every_dataset_has_its_time_who_and_what(dataset: str, record: dict[str, Any]) -> None:
    found = recognise(as_lines(record))
    assert found is not None
    gatherer = Gatherer(lambda _kind: EVERY)
    found.read(Block(0, 0, as_lines(record), line=1, last=True), gatherer)
    (batch,) = gatherer.rest()
    columns = normalise(batch, NOW).columns
    event = {name: columns.column(name)[0].as_py() for name in columns.schema.names if name in BY_NAME}
    assert None is event["sentinel.time_flag"]
    assert 2026 == event["@timestamp"].year
    assert dataset == event["event.dataset"]
    assert event["event.action"]
    if dataset != "azure.activitylogs":
        assert event.get("user.name") in {"an", "an@agency.gov.example", None}


@given(st.data())
def test_damage_costs_only_the_records_it_is_in(data: st.DataObject) -> None:
    whole = bytearray(as_lines(*(record for _dataset, record in RECORDS)))
    for _flip in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    damaged = bytes(whole[: data.draw(st.integers(1, len(whole)))])
    found = recognise(damaged)
    if found is not None:
        gatherer = Gatherer(lambda _kind: EVERY)
        found.read(Block(0, 0, damaged, line=1, last=True), gatherer)
        assert sum(len(batch) for batch in gatherer.rest()) <= len(RECORDS) + 8


SIGMA = {
    "cloud/aws/cloudtrail": (cloud.CLOUDTRAIL, cloud.STOPPED),
    "cloud/azure/signin_logs": (cloud.SIGNIN_GRAPH, cloud.SIGNIN_DIAGNOSTIC, cloud.SIGNIN_ANALYTICS),
    "cloud/azure/audit_logs": (cloud.AUDIT,),
    "cloud/azure/activity_logs": (cloud.ACTIVITY,),
    "cloud/azure/identity_protection": (cloud.RISK,),
    "cloud/m365/audit": (cloud.M365,),
    "cloud/gcp/audit": (cloud.GCP,),
    "cloud/gcp/gworkspace": (cloud.WORKSPACE,),
    "identity/okta": (cloud.OKTA,),
    "application/kubernetes/audit": (cloud.KUBERNETES,),
    "application/github/audit": (cloud.GITHUB,),
    "application/bitbucket/audit": (cloud.BITBUCKET,),
}


@pytest.mark.parametrize("folder", SIGMA)
def test_sigmahq_rules_of_each_service_compile_and_hit_its_records(shared: Path, folder: str, tmp_path: Path) -> None:
    ruleset = rule_files.load(rule_files.find([shared / "sigma" / "rules" / folder]), None)
    assert [] == [rejection.reason for rejection in ruleset.rejections]
    log = tmp_path / "log.json"
    log.write_bytes(as_lines(*SIGMA[folder]))
    assert scanned([log], ruleset).hits.get(log)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("[2001:db8::1]:443", ("2001:db8::1", 443)),
        ("203.0.113.12:50001", ("203.0.113.12", 50001)),
        ("203.0.113.12", ("203.0.113.12", None)),
        ("2001:db8::1", ("2001:db8::1", None)),
    ],
)
def test_the_address_of_a_client_of_m365_may_have_a_port(address: str, expected: tuple[str, int | None]) -> None:
    row = made_of(cloud.M365 | {"ClientIP": address})
    assert expected == (row["source.ip"], row.get("source.port"))


def test_a_record_of_m365_that_tells_no_result_has_no_outcome() -> None:
    silent = {name: value for name, value in cloud.M365.items() if name != "ResultStatus"}
    assert ("success", None) == (made_of(cloud.M365)["event.outcome"], made_of(silent).get("event.outcome"))


def made_of(record: dict[str, Any]) -> dict[str, Any]:
    gatherer = Gatherer(lambda _kind: EVERY)
    FORMAT.read(Block(0, 0, as_lines(record), line=1, last=True), gatherer)
    (batch,) = gatherer.rest()
    row: dict[str, Any] = normalise(batch, NOW).columns.to_pylist()[0]
    return row
