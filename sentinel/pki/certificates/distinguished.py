"""Names of certificates as text: RFC 4514 of what stands in DER.

Read by hand, since each is met thousands of times and kept, and `cryptography` warns of texts longer than it likes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import der

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentinel.pki.certificates.der import Value

_SHORT: Final[Mapping[str, str]] = {
    "2.5.4.3": "CN",
    "2.5.4.4": "surname",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "title",
    "2.5.4.42": "givenName",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "emailAddress",
}
"""Attributes by their names: those of RFC 4514, 3, and others as RFC 4519 and X.520 call them."""
_ENCODINGS: Final = {
    der.UTF8_STRING: "utf-8",
    der.PRINTABLE_STRING: "ascii",
    der.IA5_STRING: "ascii",
    0x12: "ascii",  # NumericString
    0x14: "latin-1",  # TeletexString, as it is used
    0x1A: "ascii",  # VisibleString
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}
_SPECIAL: Final = re.compile(r'["+,;<>\\]|^[ #]| $')


class Distinguished(NamedTuple):
    """A name as text, the last part first, and each attribute that it has with its text, in the order of DER."""

    text: str
    attributes: tuple[tuple[str, str], ...]

    def first(self, oid: str) -> str:
        """Give the first text of an attribute, "" where the name has none."""
        return next((text for each, text in self.attributes if each == oid), "")


@lru_cache(maxsize=4096)
def of_der(content: bytes) -> Distinguished:
    """Read a Name. Raises InputError where it is none."""
    parts = [_part(content[each.start : each.end]) for each in der.within(content, der.at(content))]
    text = ",".join("+".join(_shown(*each) for each in part) for part in reversed(parts))
    return Distinguished(text, tuple((oid, said) for part in parts for oid, said, _raw in part))


@lru_cache(maxsize=4096)
def _part(content: bytes) -> tuple[tuple[str, str, bytes], ...]:
    """Read one part of a name: each attribute's OID, its text, and its value where that is none."""
    return tuple(_attributes(content, der.at(content)))


def _attributes(content: bytes, whole: Value) -> Iterator[tuple[str, str, bytes]]:
    for each in der.within(content, whole):
        values = der.within(content, each)
        if len(values) != 2 or values[0].tag != der.OID:  # noqa: PLR2004 - type and value
            raise InputError(_("not a name: a part that is no attribute"))
        oid, value = values
        encoding = _ENCODINGS.get(value.tag, "")
        raw = content[value.content : value.end]
        text = raw.decode(encoding, "replace") if encoding else ""
        yield der.dotted(content[oid.content : oid.end]), text, b"" if encoding else content[value.start : value.end]


def _shown(oid: str, text: str, raw: bytes) -> str:
    escaped = _SPECIAL.sub(lambda found: f"\\{found[0]}", text).replace("\x00", "\\00")
    return f"{_SHORT.get(oid, oid)}={f'#{raw.hex()}' if raw else escaped}"
