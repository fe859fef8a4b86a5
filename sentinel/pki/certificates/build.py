"""Certificates before they are signed: an order, its profile and its issuer in, the exact bytes to sign out.

What depends on profile and issuer alone is made once and kept. RFC 5280, 4.1 and 4.2.
"""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import algorithms, der, parse
from sentinel.pki.certificates.names import subject_of
from sentinel.pki.certificates.unsigned import assemble, null_key
from sentinel.pki.model import NameKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cryptography import x509

    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Name, Order

__all__ = ["assemble", "key_id", "list_url", "period", "tbs_of"]

KEY_ID_OCTETS: Final = 20
_NOWHERE: Final = {NameKind.DNS: ("",), NameKind.IP: ("0.0.0.0/0", "::/0")}
"""Per kind, what excludes every name of it (RFC 5280, 4.2.1.10)."""


def tbs_of(order: Order, profile: Profile, issuer: Issuer) -> bytes:
    """Give the TBSCertificate that an order comes to, DER: what is linted, approved and signed, to the octet.

    An issuer without a certificate signs its own: the order's key and name are its. Raises InputError where the order
    does not have what the profile needs, or its key, names or texts cannot stand in a certificate.
    """
    subject = subject_of(order, profile)
    try:
        own = _of_itself(profile, issuer, subject, order.public_key) if not issuer.certificate else None
        made = own or _prepared(profile, issuer)
        builder = (
            made.builder.subject_name(subject)
            .public_key(algorithms.loaded(order.public_key))
            .serial_number(order.serial)
            .not_valid_before(_time(order.not_before))
            .not_valid_after(_time(order.not_after))
        )
        for extension, critical in _of_order(order, profile, issuer, has_subject=bool(subject.rdns)):
            builder = builder.add_extension(extension, critical)
        return builder.sign(made.key, made.hash, rsa_padding=made.padding).tbs_certificate_bytes
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


@lru_cache(maxsize=1024)
def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class _Prepared(NamedTuple):
    """What certificates of one profile and issuer share; `builder` has all in it but what the order says."""

    builder: x509.CertificateBuilder
    key: Any
    hash: Any
    padding: Any


@lru_cache(maxsize=64)
def _prepared(profile: Profile, issuer: Issuer) -> _Prepared:
    above = parse.authority(issuer.certificate)
    return _made(profile, issuer, _name_of(issuer.certificate), above.spki, above.key_id)


def _of_itself(profile: Profile, issuer: Issuer, subject: x509.Name, spki: bytes) -> _Prepared:
    return _made(profile, issuer, subject, spki, key_id(spki))


def _made(profile: Profile, issuer: Issuer, name: x509.Name, spki: bytes, identifier: bytes) -> _Prepared:
    from cryptography import x509

    builder = x509.CertificateBuilder().issuer_name(name)
    for extension, critical in _of_profile(profile, issuer, identifier or key_id(spki)):
        # As bytes, since the builder encodes everything again for each certificate.
        builder = builder.add_extension(x509.UnrecognizedExtension(extension.oid, extension.public_bytes()), critical)
    signing = issuer.algorithm
    key = null_key(signing, spki)
    return _Prepared(builder, key, algorithms.hash_of(signing), algorithms.padding_of(signing))


def _name_of(certificate: bytes) -> x509.Name:
    import warnings

    from cryptography import x509

    with warnings.catch_warnings():  # of names longer than `cryptography` likes
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(certificate).subject


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


def _of_order(
    order: Order, profile: Profile, issuer: Issuer, *, has_subject: bool
) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """Give the extensions that the order settles, each with whether it is critical."""
    from cryptography import x509

    yield x509.SubjectKeyIdentifier(key_id(order.public_key)), False
    if profile.lists and issuer.certificate and issuer.url:
        yield _point(list_url(issuer, order.shard)), False
    if profile.authority:
        yield from _constraints(order.names, closed=profile.authority.closed)
    elif order.names:
        yield x509.SubjectAlternativeName([_general(name) for name in order.names]), not has_subject


@lru_cache(maxsize=4096)
def _point(url: str) -> x509.CRLDistributionPoints:
    from cryptography import x509

    return x509.CRLDistributionPoints([x509.DistributionPoint([_url(url)], None, None, None)])


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


def _general(name: Name) -> x509.GeneralName:
    return _forms()[name.kind](name.value)


def _subtree(kind: NameKind, value: str) -> x509.GeneralName:
    from cryptography import x509

    if kind is NameKind.IP:
        return x509.IPAddress(ipaddress.ip_network(value))
    return _forms()[kind](value)


@lru_cache(maxsize=1)
def _forms() -> Mapping[NameKind, Callable[[str], x509.GeneralName]]:
    from cryptography import x509

    return {
        NameKind.DNS: x509.DNSName,
        NameKind.IP: lambda value: x509.IPAddress(ipaddress.ip_address(value)),
        NameKind.EMAIL: x509.RFC822Name,
        NameKind.URI: x509.UniformResourceIdentifier,
    }
