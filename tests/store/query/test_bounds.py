"""Typed values are the numbers that texts stand for."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.model.field import FieldType
from sentinel.store.query.bounds import Span, address, address_text, network_span, readable, span
from sentinel.store.query.moments import Clock, instants
from sentinel.store.query.tree import Equals, Range
from tests.store import naive
from tests.store.strategies import NOW, READABLE, ZONE

CLOCK = Clock(ZONE, NOW)  # 2026-11-20T10:14:03+07:00, a Friday
MOST = (1 << 63) - 1
DOMAINS = {FieldType.BOOLEAN: (0, 1), FieldType.IP: (0, (1 << 128) - 1)}

# Text → the first and last second it stands for, in UTC; the last without its fraction.
MOMENTS = {
    "2026": ("2025-12-31T17:00:00", "2026-12-31T16:59:59"),
    "2026-11": ("2026-10-31T17:00:00", "2026-11-30T16:59:59"),
    "2026-12": ("2026-11-30T17:00:00", "2026-12-31T16:59:59"),
    "2024-02": ("2024-01-31T17:00:00", "2024-02-29T16:59:59"),
    "2026-11-20": ("2026-11-19T17:00:00", "2026-11-20T16:59:59"),
    "2026-11-20Z": ("2026-11-20T00:00:00", "2026-11-20T23:59:59"),
    "2026-11-20T10": ("2026-11-20T03:00:00", "2026-11-20T03:59:59"),
    "2026-11-20 10:14": ("2026-11-20T03:14:00", "2026-11-20T03:14:59"),
    "2026-11-20t10:14:03z": ("2026-11-20T10:14:03", "2026-11-20T10:14:03"),
    "2026-11-20T10:14:03-0530": ("2026-11-20T15:44:03", "2026-11-20T15:44:03"),
    "2026-11-20T10:14:03+07": ("2026-11-20T03:14:03", "2026-11-20T03:14:03"),
    "now/d": ("2026-11-19T17:00:00", "2026-11-20T16:59:59"),
    "now-1d/d": ("2026-11-18T17:00:00", "2026-11-19T16:59:59"),
    "now/w": ("2026-11-15T17:00:00", "2026-11-22T16:59:59"),
    "now/M": ("2026-10-31T17:00:00", "2026-11-30T16:59:59"),
    "now-1M/M": ("2026-09-30T17:00:00", "2026-10-31T16:59:59"),
    "now/y": ("2025-12-31T17:00:00", "2026-12-31T16:59:59"),
    "now/h": ("2026-11-20T03:00:00", "2026-11-20T03:59:59"),
    "now/m": ("2026-11-20T03:14:00", "2026-11-20T03:14:59"),
}
# Text → nanoseconds from now.
FROM_NOW = {
    "now": 0,
    "now-24h": -86_400 * 10**9,
    "now+90m": 5_400 * 10**9,
    "now-1w-1s": -(7 * 86_400 + 1) * 10**9,
    "now-1M": -31 * 86_400 * 10**9,
    "now-1y": -365 * 86_400 * 10**9,
}
UNREADABLE = {
    FieldType.DATE: [
        "",
        "0000",
        "2026-13",
        "2026-11-31",
        "2026-11-20T25",
        "10:15",
        "now-",
        "now-1x",
        "NOW",
        "x",
        "2026-11-20T10:14:03+99",
    ],
    FieldType.LONG: ["", "1.5", "1e3", "x", "0x", "1_000", "١", " 1"],
    FieldType.IP: ["", "10.0.0", "10.0.0.256", "010.0.0.1", "x", "10.0.0.0/8", ":", "1:2"],
    FieldType.BOOLEAN: ["", "1", "yes"],
}


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize("text", MOMENTS)
def test_a_time_stands_for_all_it_leaves_open(text: str) -> None:
    first, last = MOMENTS[text]
    assert (_second(first), _second(last) + 10**9 - 1) == instants(text, CLOCK)


@pytest.mark.parametrize("text", FROM_NOW)
def test_date_maths_is_from_now(text: str) -> None:
    assert (NOW + FROM_NOW[text],) * 2 == instants(text, CLOCK)


def test_digits_of_a_second_are_the_width_of_a_time() -> None:
    begin = _second("2026-11-20T10:14:03") + 250_000_000
    assert (begin, begin + 9_999_999) == instants("2026-11-20T10:14:03.25Z", CLOCK)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in UNREADABLE.items() for text in texts])
def test_what_is_no_value_of_a_type_is_not_read(kind: FieldType, text: str) -> None:
    assert (False, None) == (readable(text, kind), span(Equals("f", text), kind, CLOCK))


@pytest.mark.parametrize(
    ("node", "kind", "expected"),
    [
        (Equals("f", "443"), FieldType.LONG, Span(443, 443)),
        (Equals("f", "0x1BB"), FieldType.LONG, Span(443, 443)),
        (Equals("f", "9" * 30), FieldType.LONG, None),
        (Range("f", "9" * 30, None), FieldType.LONG, None),
        (Range("f", None, "9" * 30), FieldType.LONG, Span(None, None)),
        (Range("f", "-" + "9" * 30, "7"), FieldType.LONG, Span(None, 7)),
        (Range("f", "10", "20", low_included=False, high_included=False), FieldType.LONG, Span(11, 19)),
        (Range("f", "10", "11", low_included=False, high_included=False), FieldType.LONG, None),
        (Range("f", str(MOST), None, low_included=False), FieldType.LONG, None),
        (Range("f", None, "x"), FieldType.LONG, None),
        (Equals("f", "TRUE"), FieldType.BOOLEAN, Span(1, None)),
        (Equals("f", "false"), FieldType.BOOLEAN, Span(None, 0)),
        (Range("f", "false", None), FieldType.BOOLEAN, None),
        (Equals("f", "::ffff:10.0.0.1"), FieldType.IP, Span(address("10.0.0.1"), address("10.0.0.1"))),
        (Equals("f", "fe80::1%eth0"), FieldType.IP, Span(address("fe80::1"), address("fe80::1"))),
        (Equals("f", "a"), FieldType.KEYWORD, None),
        (Range("f", "1500", None), FieldType.DATE, Span(None, None)),
        (Equals("f", "9999-12-31"), FieldType.DATE, None),
        (Range("f", None, "now+999999y"), FieldType.DATE, Span(None, None)),
        (Range("f", "now-999999y/M", None), FieldType.DATE, Span(None, None)),
    ],
)
def test_a_node_asks_for_a_span(node: Equals | Range, kind: FieldType, expected: Span | None) -> None:
    assert expected == span(node, kind, CLOCK)


@given(st.sampled_from([FieldType.LONG, FieldType.DATE, FieldType.IP, FieldType.BOOLEAN]), st.data())
def test_texts_stand_for_what_the_oracle_says(kind: FieldType, data: st.DataObject) -> None:
    text = data.draw(READABLE[kind])
    expected = naive.Oracle({}, {}, True, ZONE, NOW).span(text, kind)
    assert expected is not None
    found = span(Equals("f", text), kind, CLOCK)
    least, most = DOMAINS.get(kind, (-MOST - 1, MOST))
    seen = found and (least if found.low is None else found.low, most if found.high is None else found.high)
    assert (expected if expected[0] <= most and expected[1] >= least else None) == seen


@given(st.integers(0, (1 << 128) - 1))
def test_an_address_is_a_number_and_its_text(number: int) -> None:
    assert number == address(address_text(number))


def test_addresses_of_ipv4_are_those_mapped_into_ipv6() -> None:
    assert ("10.0.0.1", 0xFFFF0A000001) == (address_text(0xFFFF0A000001), address("10.0.0.1"))
    assert Span(address("10.0.0.0"), address("10.255.255.255")) == network_span(ip_network("10.0.0.0/8"))
    assert Span(0, (1 << 128) - 1) == network_span(ip_network("::/0"))
