"""Certificates before they are signed: an order, its profile and its issuer in, the exact bytes to sign out.

What profile and issuer settle is encoded once, by `cryptography`, and kept; what the order says is set between, by
hand, since its builder encodes everything anew for each certificate, at four times the cost. Tests hold both against
each other. RFC 5280, 4.1 and 4.2.
"""

from __future__ import annotations

import ipaddress
import time
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms, der, parse
from sentinel.pki.certificates.names import subject_der
from sentinel.pki.model import NameKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cryptography import x509

    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Name, Order

KEY_ID_OCTETS: Final = 20
_VERSION_3: Final = der.tlv(0xA0, der.integer(2))
_EXTENSIONS: Final = 0xA3
_EMPTY: Final = der.sequence()
_LONGEST_SERIAL: Final = 159
"""Bits, so that it has 20 octets (RFC 5280, 4.1.2.2)."""
_FIRST_YEAR, _FIRST_GENERALIZED, _LAST_YEAR = 1950, 2050, 9999
_CRITICAL: Final = der.tlv(der.BOOLEAN, b"\xff")
_KEY_ID, _NAMES = der.oid("2.5.29.14"), der.oid("2.5.29.17")
_NOWHERE: Final = {NameKind.DNS: ("",), NameKind.IP: ("0.0.0.0/0", "::/0")}
"""Per kind, what excludes every name of it (RFC 5280, 4.2.1.10)."""


def tbs_of(order: Order, profile: Profile, issuer: Issuer) -> bytes:
    """Give the TBSCertificate that an order comes to, DER: what is linted, approved and signed, to the octet.

    An issuer without a certificate signs its own: the order's key and name are its. Raises InputError where the order
    does not have what the profile needs, or its key, names or texts cannot stand in a certificate.
    """
    subject, key = subject_der(order, profile), order.public_key
    algorithms.facts(key)
    try:
        # Who signs itself is its own issuer: the same name, and the key that is certified.
        settled = _settled(profile, issuer) if issuer.certificate else _made(profile, issuer, subject, key, key_id(key))
        extensions = b"".join((settled.extensions, *_of_order(order, profile, issuer, has_subject=subject != _EMPTY)))
        return der.sequence(
            _VERSION_3,
            _serial(order.serial),
            settled.algorithm,
            settled.issuer,
            _validity(order.not_before, order.not_after),
            subject,
            key,
            der.tlv(_EXTENSIONS, der.tlv(der.SEQUENCE, extensions)),
        )
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise InputError(_("cannot be a certificate: {reason}").format(reason=error)) from None


def period(profile: Profile, issuer: Issuer, now: int, wanted: int = 0) -> tuple[int, int]:
    """Give when a certificate asked for now begins and ends; `wanted` is for how many seconds, 0 for the profile's.

    One that nobody asked for a span of ends with its issuer at the latest. The lints judge what was asked for.
    """
    begins, ends = now - profile.backdate, 0
    if issuer.certificate:
        above = parse.authority(issuer.certificate)
        begins, ends = max(begins, above.not_before), above.not_after
    # Both ends belong to the period (RFC 5280, 4.1.2.5), which the second off makes as long as it says.
    last = begins + (wanted or profile.validity) - 1
    return begins, min(last, ends) if ends and not wanted else last


@lru_cache(maxsize=1024)
def key_id(spki: bytes) -> bytes:
    """Give the identifier of a key, 20 octets: those that SHA-256 of it begins with (RFC 7093, 2, method 1)."""
    *_algorithm, bits = der.within(spki, der.at(spki))
    return sha256(spki[bits.content + 1 : bits.end]).digest()[:KEY_ID_OCTETS]


def list_url(issuer: Issuer, shard: int) -> str:
    """Give where the part of an issuer's revocation list is served."""
    return f"{issuer.url}/crl/{issuer.id}/{shard}.crl"


class _Settled(NamedTuple):
    """What certificates of one profile and issuer share, DER: algorithm and issuer's name, and extensions."""

    algorithm: bytes
    issuer: bytes
    extensions: bytes


@lru_cache(maxsize=64)
def _settled(profile: Profile, issuer: Issuer) -> _Settled:
    above = parse.authority(issuer.certificate)
    return _made(profile, issuer, above.subject_der, above.spki, above.key_id)


def _made(profile: Profile, issuer: Issuer, name: bytes, spki: bytes, identifier: bytes) -> _Settled:
    algorithms.check_fit(issuer.algorithm, spki)
    extensions = _of_profile(profile, issuer, identifier or key_id(spki))
    encoded = b"".join(_encoded(extension, critical) for extension, critical in extensions)
    return _Settled(algorithms.identifier(issuer.algorithm), name, encoded)


def _serial(serial: int) -> bytes:
    if serial <= 0 or serial.bit_length() > _LONGEST_SERIAL:
        raise InputError(_("a serial number is positive, and has 159 bits at most"))
    return der.integer(serial)


@lru_cache(maxsize=1024)
def _validity(begins: int, ends: int) -> bytes:
    if ends < begins:
        raise InputError(_("it ends before it begins"))
    return der.sequence(_time(begins), _time(ends))


def _time(seconds: int) -> bytes:
    """Give a time as RFC 5280, 4.1.2.5 has it: UTCTime until 2049, GeneralizedTime from then on."""
    at = time.gmtime(seconds)
    if not _FIRST_YEAR <= at.tm_year <= _LAST_YEAR:
        raise InputError(_("certificates have times of 1950 to 9999"))
    if at.tm_year < _FIRST_GENERALIZED:
        return der.tlv(der.UTC_TIME, time.strftime("%y%m%d%H%M%SZ", at).encode())
    return der.tlv(der.GENERALIZED_TIME, time.strftime("%Y%m%d%H%M%SZ", at).encode())


def _extension(oid: bytes, critical: bool, value: bytes) -> bytes:  # noqa: FBT001 - as X.509 has it
    return der.sequence(oid, _CRITICAL if critical else b"", der.tlv(der.OCTET_STRING, value))


def _encoded(extension: x509.ExtensionType, critical: bool) -> bytes:  # noqa: FBT001 - as X.509 has it
    return _extension(der.oid(extension.oid.dotted_string), critical, extension.public_bytes())


def _of_profile(profile: Profile, issuer: Issuer, above: bytes) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """Give the extensions that profile and issuer settle, each with whether it is critical."""
    from cryptography import x509
    from cryptography.x509 import ObjectIdentifier

    length = profile.authority.path_length if profile.authority else None
    yield x509.BasicConstraints(ca=profile.authority is not None, path_length=length), True
    yield x509.KeyUsage(**{usage: usage in profile.key_usage for usage in parse.USAGES}), True
    if profile.purposes:
        yield x509.ExtendedKeyUsage(map(ObjectIdentifier, profile.purposes)), profile.purposes_critical
    yield x509.AuthorityKeyIdentifier(above, None, None), False
    if profile.policies:
        policies = (x509.PolicyInformation(ObjectIdentifier(each), None) for each in profile.policies)
        yield x509.CertificatePolicies(policies), False
    if profile.no_check:
        yield x509.OCSPNoCheck(), False
    if issuer.certificate and issuer.url:
        places = [(parse.CA_ISSUERS, f"{issuer.url}/ca/{issuer.id}.cer")]
        places += [(parse.OCSP, f"{issuer.url}/ocsp")] * profile.ocsp
        described = (x509.AccessDescription(ObjectIdentifier(method), _url(url)) for method, url in places)
        yield x509.AuthorityInformationAccess(described), False


def _of_order(order: Order, profile: Profile, issuer: Issuer, *, has_subject: bool) -> Iterator[bytes]:
    """Give the extensions that the order settles, DER."""
    yield _extension(_KEY_ID, False, der.tlv(der.OCTET_STRING, key_id(order.public_key)))  # noqa: FBT003 - as X.509
    if profile.lists and issuer.certificate and issuer.url:
        yield _point(list_url(issuer, order.shard))
    if profile.authority:
        for extension, critical in _constraints(order.names, closed=profile.authority.closed):
            yield _encoded(extension, critical)
    elif order.names:
        yield _extension(_NAMES, not has_subject, der.sequence(*map(_general, order.names)))


@lru_cache(maxsize=4096)
def _point(url: str) -> bytes:
    from cryptography import x509

    point = x509.DistributionPoint([_url(url)], None, None, None)
    return _encoded(x509.CRLDistributionPoints([point]), critical=False)


def _constraints(names: Iterable[Name], *, closed: bool) -> Iterator[tuple[x509.ExtensionType, bool]]:
    from cryptography import x509

    permitted = [_subtree(name.kind, name.value) for name in names]
    given = {name.kind for name in names} if closed else set(_NOWHERE)
    excluded = [_subtree(kind, all_) for kind, every in _NOWHERE.items() if kind not in given for all_ in every]
    if permitted or excluded:
        yield x509.NameConstraints(permitted or None, excluded or None), True


def _url(url: str) -> x509.UniformResourceIdentifier:
    from cryptography import x509

    return x509.UniformResourceIdentifier(url)


def _subtree(kind: NameKind, value: str) -> x509.GeneralName:
    from cryptography import x509

    forms: Mapping[NameKind, Callable[[str], x509.GeneralName]] = {
        NameKind.DNS: x509.DNSName,
        NameKind.IP: lambda value: x509.IPAddress(ipaddress.ip_network(value)),
        NameKind.EMAIL: x509.RFC822Name,
        NameKind.URI: x509.UniformResourceIdentifier,
    }
    return forms[kind](value)


def _general(name: Name) -> bytes:
    """Give a GeneralName (RFC 5280, 4.2.1.6), whose letters are those of ASCII."""
    if name.kind is NameKind.IP:
        return der.tlv(_IP, ipaddress.ip_address(name.value).packed)
    if not name.value.isascii():
        raise InputError(_("a name in a certificate is of ASCII: {name}").format(name=name))
    return der.tlv(_TAGS[name.kind], name.value.encode())


_IP: Final = 0x87
_TAGS: Final[Mapping[NameKind, int]] = {NameKind.EMAIL: 0x81, NameKind.DNS: 0x82, NameKind.URI: 0x86}
