"""Logs in the W3C extended format are read by the header that stands in front."""

from __future__ import annotations

import pytest

from sentinel.formats.base import Block
from sentinel.formats.gather import ALL, Gatherer
from sentinel.formats.w3c import FORMAT, head
from tests.formats.reading import batches_of, faults_of, rows_of
from tests.formats.web_lines import BLUE_COAT, CLOUDFRONT, EXCHANGE, FIREWALL, HTTPERR, IIS


def test_fields_hold_until_the_next_header() -> None:
    first, second = rows_of(FORMAT, IIS)
    assert ("10.0.0.8", "15") == (first["iis.access.s-ip"], first["iis.access.time-taken"])
    assert ("/a+b", "404", None) == (
        second["iis.access.cs-uri-stem"],
        second["iis.access.sc-status"],
        second.get("iis.access.s-ip"),
    )


def test_what_rules_ask_for_is_computed_beside_what_iis_wrote() -> None:
    row = rows_of(FORMAT, IIS)[0]
    assert "Mozilla/5.0+(Windows+NT+10.0)" == row["iis.access.cs(User-Agent)"]
    assert "Mozilla/5.0 (Windows NT 10.0)" == row["iis.access.cs-user-agent"]
    assert "2026-11-22 03:00:00Z" == row["iis.access.date-time"]
    assert "/thủ-tuc.aspx?id=1" == row["iis.access.uri_decoded"]


@pytest.mark.parametrize(
    ("data", "dataset", "provider"),
    [
        (IIS, "iis.access", "microsoft internet information services 10.0"),
        (IIS.partition(b"\n")[2], "iis.access", ""),
        (HTTPERR, "iis.httperr", "microsoft http api 2.0"),
        (BLUE_COAT, "w3c.proxy", "sgos 7.3.8.1"),
        (FIREWALL, "pfirewall.log", "microsoft windows firewall"),
        (CLOUDFRONT, "w3c.access", ""),
        (EXCHANGE, "w3c.log", "microsoft exchange server"),
    ],
)
def test_the_product_is_told_by_its_name_or_its_fields(data: bytes, dataset: str, provider: str) -> None:
    kind = batches_of(FORMAT, data)[0].kind
    assert (dataset, provider) == (kind.dataset, kind.provider)


def test_quotes_tabs_and_commas_part_fields_where_the_product_writes_them() -> None:
    assert "Mozilla/5.0 (hydra)" == rows_of(FORMAT, BLUE_COAT)[0]["w3c.proxy.cs-user-agent"]
    assert "/a b" == rows_of(FORMAT, CLOUDFRONT)[0]["w3c.access.cs-uri-stem"]
    assert 'Mot, "hai"' == rows_of(FORMAT, EXCHANGE)[0]["w3c.log.subject"]


def test_a_proxy_asks_for_a_host_and_its_path() -> None:
    assert "evil.example/a.exe?x=1" == rows_of(FORMAT, BLUE_COAT)[0]["w3c.proxy.uri"]


def test_a_line_with_too_few_fields_is_a_fault_and_one_without_a_header_too() -> None:
    assert [6] == [fault.line for fault in faults_of(FORMAT, FIREWALL + b"2026-11-22 10:00:00 DROP\r\n")]
    assert [1] == [fault.line for fault in faults_of(FORMAT, b"2026-11-22 10:00:00 DROP\r\n" + FIREWALL)]


def test_a_block_in_the_middle_is_read_by_the_header_of_those_before() -> None:
    cut = IIS.index(b"2026-11-22 03:00:01")
    gatherer = Gatherer(lambda _kind: ALL)
    FORMAT.read(Block(0, cut, IIS[cut:], head=head(head(b"", IIS[:300]), IIS[300:cut])), gatherer)
    (batch,) = gatherer.rest()
    assert ("iis.access", ["404"]) == (
        batch.kind.dataset,
        batch.columns.column("iis.access.sc-status").to_pylist(),
    )


UNDATED = (
    b"#Software: Microsoft Internet Information Services 10.0\r\n#Date: 2026-11-20 03:00:00\r\n"
    b"#Fields: time c-ip cs-method cs-uri-stem sc-status\r\n03:00:01 203.0.113.7 GET /a 200\r\n"
)


def test_a_line_that_has_the_time_alone_is_of_the_date_in_the_header() -> None:
    (row,) = rows_of(FORMAT, UNDATED)
    assert "2026-11-20 03:00:01Z" == row["iis.access.date-time"]


def test_the_date_in_the_header_holds_in_later_blocks_until_the_next() -> None:
    gatherer = Gatherer(lambda _kind: ALL)
    before = head(b"", UNDATED)
    data = b"23:59:59 203.0.113.7 GET /a 200\r\n#Date: 2026-11-21 00:00:00\r\n00:00:01 203.0.113.7 GET /b 200\r\n"
    FORMAT.read(Block(0, len(UNDATED), data, last=True, head=before), gatherer)
    rows = [row for batch in gatherer.rest() for row in batch.columns.to_pylist()]
    assert ["2026-11-20 23:59:59Z", "2026-11-21 00:00:01Z"] == [row["iis.access.date-time"] for row in rows]
    assert b"#Date: 2026-11-21 00:00:00" in head(before, data)
