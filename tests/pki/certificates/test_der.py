"""DER by hand, held against `cryptography`'s own, and what is no DER."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.pki.certificates import der

ARCS = st.lists(st.integers(0, 2**64 - 1), max_size=6)


@given(st.integers(0, 2**200))
def test_a_number_is_written_in_the_fewest_octets(number: int) -> None:
    written = der.integer(number)
    (value,) = der.within(written)
    assert number == int.from_bytes(written[value.content :], "big", signed=True)
    if number < 2**63:
        assert asn1.encode_der(number) == written


@given(st.binary(max_size=70_000))
def test_what_is_written_is_read_again(content: bytes) -> None:
    written = der.tlv(der.OCTET_STRING, content)
    value = der.at(written)
    assert (der.OCTET_STRING, content, len(written)) == (value.tag, written[value.content :], value.end)
    assert asn1.encode_der(content) == written


@given(st.integers(0, 2), st.integers(0, 39), ARCS)
def test_an_oid_is_written_as_others_write_it(first: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, (first, second, *rest)))
    written = der.oid(dotted)
    assert dotted == der.dotted(written[2:])
    if max((0, *rest)) < 2**63:
        assert asn1.encode_der(x509.ObjectIdentifier(dotted)) == written


@pytest.mark.parametrize("second", [40, 47, 48, 175, 999])
def test_an_oid_of_the_third_root_has_a_second_number_of_any_size(second: int) -> None:
    assert f"2.{second}.1" == der.dotted(der.oid(f"2.{second}.1")[2:])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x30",
        b"\x30\x01",
        b"\x30\x80\x00\x00",
        b"\x30\x81\x01\x00",
        b"\x30\x82\x00\x80" + bytes(128),
        b"\x1f\x01\x00",
        b"\x30\x81",
        b"\x30\x82\x01",
        b"\x30\xff" + bytes(200),
        b"\x3f\x00",
    ],
)
def test_what_is_no_der_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="not DER"):
        der.at(content)


@pytest.mark.parametrize("content", [b"", b"\x80\x01", b"\x55\x80", b"\x2a\x80\x01"])
def test_what_is_no_oid_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="not DER"):
        der.dotted(content)


@given(st.binary(max_size=60))
def test_any_bytes_are_walked_or_refused(content: bytes) -> None:
    try:
        values = list(der.within(content))
    except InputError:
        return
    assert content == b"".join(content[value.start : value.end] for value in values)
    assert content == b"".join(der.tlv(value.tag, content[value.content : value.end]) for value in values)
