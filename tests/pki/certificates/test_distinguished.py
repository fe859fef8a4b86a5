"""Names as text, held against `cryptography`'s own RFC 4514."""

from __future__ import annotations

import warnings

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import InputError
from sentinel.pki.certificates import der
from sentinel.pki.certificates.distinguished import of_der

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    [" x", "x ", "#x", 'a"b', "a+b,c;d<e>f\\g", "Sở Y tế", "  ", "a\x00b"]
)
NAMED = ["2.5.4.3", "2.5.4.6", "2.5.4.7", "2.5.4.8", "2.5.4.10", "2.5.4.11", "1.2.3.4"]


@given(st.lists(st.tuples(st.sampled_from(NAMED), TEXTS), max_size=4))
def test_a_name_is_written_as_others_write_it(attributes: list[tuple[str, str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        name = x509.Name(
            [
                x509.NameAttribute(x509.ObjectIdentifier(oid), text, _ASN1Type.UTF8String, _validate=False)
                for oid, text in attributes
            ]
        )
    said = of_der(name.public_bytes())
    assert name.rfc4514_string() == said.text
    assert tuple(attributes) == said.attributes


def test_an_agency_is_called_by_its_code() -> None:
    code = der.sequence(der.oid("2.5.4.97"), der.tlv(der.UTF8_STRING, b"H49.61.05"))
    said = of_der(der.sequence(der.tlv(der.SET, code)))
    assert ("organizationIdentifier=H49.61.05", "H49.61.05", "") == (
        said.text,
        said.first("2.5.4.97"),
        said.first("1.2"),
    )


@pytest.mark.parametrize(
    ("tag", "raw", "text"),
    [
        (0x1E, "Sở".encode("utf-16-be"), "CN=Sở"),
        (0x14, "Sài Gòn".encode("latin-1"), "CN=Sài Gòn"),
        (der.UTF8_STRING, b"\xff", "CN=\ufffd"),
        (der.BIT_STRING, b"\x00\x01", "CN=#03020001"),
    ],
)
def test_a_text_of_any_kind_is_shown(tag: int, raw: bytes, text: str) -> None:
    attribute = der.sequence(der.oid("2.5.4.3"), der.tlv(tag, raw))
    assert text == of_der(der.sequence(der.tlv(der.SET, attribute))).text


def test_a_part_of_several_attributes_is_joined() -> None:
    texts = (der.sequence(der.oid("2.5.4.3"), der.tlv(der.UTF8_STRING, each)) for each in (b"a", b"b"))
    assert "CN=a+CN=b" == of_der(der.sequence(der.tlv(der.SET, b"".join(texts)))).text


@pytest.mark.parametrize("content", [b"", b"\x30\x02\x31", b"\x30\x04\x31\x02\x30\x00"])
def test_what_is_no_name_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        of_der(content)
