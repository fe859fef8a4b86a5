"""Revocation lists, put together from entries that were written as DER when their certificates were revoked.

A list of a million entries is a million stored pieces joined, with a head before and extensions behind them (RFC 5280,
5.1), so that nothing is encoded twice. A full list speaks of all certificates of an authority. A list of one shard says
so itself, in a critical issuingDistributionPoint with the address that the certificates of that shard name, and speaks
of users' certificates only (5.2.5): those of authorities stand in the full list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms, der
from sentinel.pki.model import Reason
from sentinel.pki.status.values import enumerated, generalized, moment, speaker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.pki.model import Algorithm, Issuer

_VERSION_2: Final = der.integer(1)
_TRUE: Final = b"\xff"
_CRITICAL: Final = der.tlv(0x01, _TRUE)
_REASON: Final = der.oid("2.5.29.21")
_INVALIDITY: Final = der.oid("2.5.29.24")
_AUTHORITY_KEY: Final = der.oid("2.5.29.35")
_NUMBER: Final = der.oid("2.5.29.20")
_POINT: Final = der.oid("2.5.29.28")
_EXTENSIONS_TAG: Final = 0xA0
_KEY_ID_TAG: Final = 0x80
_URI_TAG: Final = 0x86
_USERS_ONLY: Final = der.tlv(0x81, _TRUE)
_LONG: Final = 0x80
_OCTETS_OF_NUMBER: Final = 20
_OCTETS_OF_SERIAL: Final = 20


def entry(serial: int, at: int, reason: Reason, invalidity: int | None = None) -> bytes:
    """Give one entry of revokedCertificates, DER, to be stored at revocation.

    `at` is when it was revoked, `invalidity` since when its key is not to be trusted, both seconds since 1970. The
    reason `unspecified` is left out, as RFC 5280, 5.3.1 asks. Raises InputError where the serial is none (4.1.2.2).
    """
    number = der.integer(serial) if serial > 0 else b""
    if not 0 < len(number) <= 2 + _OCTETS_OF_SERIAL:
        raise InputError(_("not a serial number of a certificate: {serial}").format(serial=serial))
    said = b"" if reason is Reason.UNSPECIFIED else _extension(_REASON, enumerated(reason))
    if invalidity is not None:
        said += _extension(_INVALIDITY, generalized(invalidity))
    return der.sequence(number, moment(at), der.sequence(said) if said else b"")


def address(issuer: Issuer, shard: int | None = None) -> str:
    """Give where a list is served: a shard's, which its certificates name, or the full one's."""
    return f"{issuer.url}/crl/{issuer.id}.crl" if shard is None else f"{issuer.url}/crl/{issuer.id}/{shard}.crl"


def tbs_of(  # noqa: PLR0913 - the fields of a list
    issuer: Issuer,
    number: int,
    this_update: int,
    next_update: int,
    entries: Iterable[bytes],
    *,
    shard: int | None = None,
) -> bytes:
    """Give the TBSCertList (RFC 5280, 5.1.2) with entries as `entry` gave them, in their order; full without `shard`.

    `number` is the cRLNumber, which grows from list to list of a shard. A million entries hold 130 MB while this
    runs, if the iterable makes them one by one. Raises InputError where a field cannot be told.
    """
    if next_update <= this_update:
        raise InputError(_("a revocation list ends after it begins"))
    body = bytearray()
    for each in entries:
        body += each
    who = speaker(issuer.certificate)
    before = (_VERSION_2, algorithms.identifier(issuer.algorithm), who.name, moment(this_update), moment(next_update))
    # Where nothing is revoked the field is absent, not empty (5.1.2.6).
    revoked = (_head(der.SEQUENCE, len(body)), body) if body else ()
    return _sequence(*before, *revoked, _extensions(issuer, number, shard))


def assemble(tbs: bytes, algorithm: Algorithm, signature: bytes) -> bytes:
    """Give the list, DER: what was signed, how, and the signature (RFC 5280, 5.1.1)."""
    return _sequence(tbs, algorithms.identifier(algorithm), der.bits(signature))


def _extensions(issuer: Issuer, number: int, shard: int | None) -> bytes:
    told = der.integer(number) if number > 0 else b""
    if not 0 < len(told) <= 2 + _OCTETS_OF_NUMBER:
        raise InputError(_("not a number of a revocation list: {number}").format(number=number))
    key = der.sequence(der.tlv(_KEY_ID_TAG, speaker(issuer.certificate).key_id))
    parts = [_extension(_AUTHORITY_KEY, key), _extension(_NUMBER, told)]
    if shard is not None:
        parts.append(_extension(_POINT, _point(address(issuer, shard)), critical=True))
    return der.tlv(_EXTENSIONS_TAG, der.sequence(*parts))


def _point(url: str) -> bytes:
    """Give an IssuingDistributionPoint: distributionPoint [0], its fullName [0], a URI, and onlyContainsUserCerts."""
    return der.sequence(der.tlv(0xA0, der.tlv(0xA0, der.tlv(_URI_TAG, url.encode("ascii")))), _USERS_ONLY)


def _extension(kind: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(kind, _CRITICAL if critical else b"", der.tlv(der.OCTET_STRING, value))


def _head(tag: int, size: int) -> bytes:
    """Give the tag and length of a value, so that a large content is not copied to stand behind them."""
    if size < _LONG:
        return bytes((tag, size))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG | len(length))) + length


def _sequence(*parts: bytes | bytearray) -> bytes:
    return b"".join((_head(der.SEQUENCE, sum(map(len, parts))), *parts))
