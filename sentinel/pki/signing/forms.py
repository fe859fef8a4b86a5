"""The ASN.1 of what is signed, as far as a signer reads it (RFC 5280, 4.1 and 5.1).

`cryptography` is imported here at the top: whoever needs this module imports it within a function.
"""

from __future__ import annotations

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier  # noqa: TC002 - `asn1` reads annotations when the program runs


@asn1.sequence
class Extension:
    """Extension: `value` is the content of its OCTET STRING."""

    oid: ObjectIdentifier
    critical: Annotated[bool, asn1.Default(value=False)]
    value: bytes


@asn1.sequence
class TbsCertificate:
    """TBSCertificate of version 3, without the unique identifiers, which nothing of ours has."""

    version: Annotated[int, asn1.Explicit(0)]
    serial: int
    signature: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    spki: asn1.TLV
    extensions: Annotated[list[Extension], asn1.Explicit(3)]


@asn1.sequence
class TbsCertListWithEntries:
    """TBSCertList of version 2 whose `entries` are left as they stand."""

    version: int
    signature: asn1.TLV
    issuer: asn1.TLV
    this_update: asn1.UTCTime | asn1.GeneralizedTime
    next_update: asn1.UTCTime | asn1.GeneralizedTime
    entries: asn1.TLV
    extensions: Annotated[list[Extension], asn1.Explicit(0)]


@asn1.sequence
class TbsCertList:
    """TBSCertList of version 2 that revokes nothing."""

    version: int
    signature: asn1.TLV
    issuer: asn1.TLV
    this_update: asn1.UTCTime | asn1.GeneralizedTime
    next_update: asn1.UTCTime | asn1.GeneralizedTime
    extensions: Annotated[list[Extension], asn1.Explicit(0)]


@asn1.sequence
class BasicConstraints:
    """BasicConstraints."""

    ca: Annotated[bool, asn1.Default(value=False)]
    path_length: int | None
