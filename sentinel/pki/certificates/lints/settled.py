"""Lints of what profile and issuer settle: judged once for all certificates that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.pki.certificates import algorithms, anatomy, der, parse
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.certificates.lints.alternatives import ALTERNATIVES
from sentinel.pki.certificates.lints.base import Lint
from sentinel.pki.certificates.lints.extensions import (
    ACCESS,
    CONSTRAINTS,
    NO_CHECK,
    POINTS,
    POLICIES,
    PURPOSES,
    SUBTREES,
    URL,
    USAGE,
)
from sentinel.pki.certificates.lints.head import AUTHORITY_KEY, SUBJECT_KEY
from sentinel.pki.certificates.purposes import ANY_PURPOSE, BY_OID
from sentinel.pki.certificates.purposes import PURPOSES as KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.certificates.lints.base import Settled
    from sentinel.pki.certificates.parse import Parsed

_CRITICAL: Final = frozenset({CONSTRAINTS, USAGE, SUBTREES})
_VERSION_3: Final = der.integer(2)
_TRUE: Final = b"\xff"
_ANY_POLICY: Final = "2.5.29.32.0"
_KEY_ID, _URI = 0x80, 0x86
_ENCIPHERS: Final = frozenset({"key_encipherment", "data_encipherment"})
_CURVES: Final = frozenset({KeyKind.P256, KeyKind.P384, KeyKind.P521})
_UNIVERSAL_BITS: Final = 8


def _above(said: Settled) -> Parsed | None:
    return parse.authority(said.issuer.certificate) if said.issuer.certificate else None


def _oids(content: bytes) -> list[str]:
    return [der.dotted(raw) for tag, raw in anatomy.values(content) if tag == der.OID]


def _expected(said: Settled) -> Iterator[str]:
    """Give the extensions that there have to be."""
    profile, is_served = said.profile, bool(said.issuer.certificate and said.issuer.url)
    closed = profile.authority is not None and profile.authority.closed
    yield from (CONSTRAINTS, USAGE, AUTHORITY_KEY, SUBJECT_KEY)
    asked = {
        PURPOSES: bool(profile.purposes),
        POLICIES: bool(profile.policies),
        NO_CHECK: profile.no_check,
        ACCESS: is_served,
        POINTS: is_served and profile.lists,
        SUBTREES: profile.authority is not None and (said.alternatives or closed),
        ALTERNATIVES: profile.authority is None and said.alternatives,
    }
    yield from (oid for oid, is_so in asked.items() if is_so)


def _extensions_known(said: Settled) -> Iterator[str]:
    if wrong := {oid for oid, _critical in said.shape} ^ set(_expected(said)):
        yield _("extensions that are missing or should not be there: {names}").format(names=", ".join(sorted(wrong)))


def _extensions_once(said: Settled) -> Iterator[str]:
    if len({oid for oid, _critical in said.shape}) != len(said.shape):
        yield _("an extension is there twice")


def _extensions_critical(said: Settled) -> Iterator[str]:
    for oid, critical in said.shape:
        if oid == PURPOSES and critical != said.profile.purposes_critical:
            told = _("extendedKeyUsage is critical, or not, other than profile {profile} says")
            yield told.format(profile=said.profile.id)
        if oid not in {ALTERNATIVES, PURPOSES} and critical != (oid in _CRITICAL):
            told = _("an extension is critical that must not be, or the other way round: {oid}")
            yield told.format(oid=oid)


def _names_critical(said: Settled) -> Iterator[str]:
    if any(oid == ALTERNATIVES and critical == said.named for oid, critical in said.shape):
        yield _("subjectAltName is critical where, and only where, the subject is empty")


def _version(said: Settled) -> Iterator[str]:
    if said.version != _VERSION_3:
        yield _("it is not of version 3")


def _algorithm(said: Settled) -> Iterator[str]:
    if said.algorithm != algorithms.identifier(said.issuer.algorithm):
        yield _("the signature's algorithm is not the issuer's: {algorithm}").format(algorithm=said.issuer.algorithm)


def _algorithm_fits(said: Settled) -> Iterator[str]:
    above = _above(said)
    kind = algorithms.facts(above.spki).kind if above else said.key
    if kind is not algorithms.key_kind(said.issuer.algorithm):
        yield _("a key of kind {kind} does not sign with {algorithm}").format(
            kind=kind, algorithm=said.issuer.algorithm
        )


def _issuer_name(said: Settled) -> Iterator[str]:
    above = _above(said)
    if above and said.name != above.subject_der:
        yield _("the issuer's name is not that of its certificate")


def _issuer_authority(said: Settled) -> Iterator[str]:
    above = _above(said)
    if above and not (above.ca and "key_cert_sign" in above.usages):
        yield _("the issuer is no authority")
    if above is None and said.profile.authority is None:
        yield _("only an authority signs its own certificate")


def _issuer_length(said: Settled) -> Iterator[str]:
    above = _above(said)
    if above is None or above.path_length is None or said.profile.authority is None:
        return
    length = said.profile.authority.path_length
    if above.path_length == 0 or (length is not None and length >= above.path_length) or length is None:
        yield _("the issuer may have {count} authorities below it").format(count=above.path_length)


def _constraints(said: Settled) -> Iterator[str]:
    authority = said.profile.authority
    told = der.tlv(der.BOOLEAN, _TRUE) if authority else b""
    if authority and authority.path_length is not None:
        told += der.integer(authority.path_length)
    if said.value(CONSTRAINTS) != der.sequence(told):
        yield _("basicConstraints is not what profile {profile} says").format(profile=said.profile.id)


def _bits(said: Settled) -> set[str]:
    """Give the bits of keyUsage by name. Raises InputError where it is none."""
    content = said.value(USAGE)
    raw = anatomy.only(content, der.BIT_STRING) if content is not None else b"\x00"
    number = int.from_bytes(raw[1:], "big")
    size = _UNIVERSAL_BITS * (len(raw) - 1)
    return {usage for place, usage in enumerate(parse.USAGES) if place < size and number >> (size - 1 - place) & 1}


def _usage(said: Settled) -> Iterator[str]:
    expected = sum(1 << (15 - parse.USAGES.index(usage)) for usage in said.profile.key_usage)
    raw = expected.to_bytes(2, "big").rstrip(b"\x00")
    unused = (raw[-1] & -raw[-1]).bit_length() - 1 if raw else 0
    if said.value(USAGE) != der.tlv(der.BIT_STRING, bytes((unused,)) + raw):
        yield _("keyUsage is not what profile {profile} says").format(profile=said.profile.id)


def _usage_key(said: Settled) -> Iterator[str]:
    bits = _bits(said)
    if bits & _ENCIPHERS and said.key is not KeyKind.RSA:
        yield _("a key of kind {kind} enciphers nothing").format(kind=said.key)
    if "key_agreement" in bits and said.key not in _CURVES:
        yield _("a key of kind {kind} agrees on nothing").format(kind=said.key)


def _usage_authority(said: Settled) -> Iterator[str]:
    if ("key_cert_sign" in _bits(said)) != (said.profile.authority is not None):
        yield _("keyCertSign goes with an authority, and with nothing else")


def _purposes(said: Settled) -> Iterator[str]:
    content = said.value(PURPOSES)
    if content is not None and content != der.sequence(*map(der.oid, said.profile.purposes)):
        yield _("extendedKeyUsage is not what profile {profile} says").format(profile=said.profile.id)


def _purposes_fit(said: Settled) -> Iterator[str]:
    content, bits = said.value(PURPOSES), _bits(said)
    oids = _oids(content) if content is not None else []
    if ANY_PURPOSE in oids:
        yield _("extendedKeyUsage allows any purpose")
    for name in (BY_OID[oid] for oid in oids if oid in BY_OID and said.profile.authority is None):
        if not KNOWN[name].usages & bits:
            yield _("keyUsage does not go with {purpose}").format(purpose=name)
        if KNOWN[name].alone and len(oids) > 1:
            yield _("{purpose} must be the only purpose").format(purpose=name)


def _authority_key(said: Settled) -> Iterator[str]:
    above = _above(said)
    content = said.value(AUTHORITY_KEY)
    parts = anatomy.values(content) if content is not None else []
    if [tag for tag, _raw in parts] != [_KEY_ID]:
        yield _("authorityKeyIdentifier is not a key identifier alone")
    elif above and above.key_id and parts[0][1] != above.key_id:
        yield _("authorityKeyIdentifier is not the issuer's subjectKeyIdentifier")


def _policies(said: Settled) -> Iterator[str]:
    content = said.value(POLICIES)
    expected = der.sequence(*(der.sequence(der.oid(policy)) for policy in said.profile.policies))
    if content is not None and content != expected:
        yield _("certificatePolicies is not what profile {profile} says").format(profile=said.profile.id)


def _policies_above(said: Settled) -> Iterator[str]:
    above = _above(said)
    bounds = [said.issuer.policies] if said.issuer.policies else []
    if above and not above.self_issued:
        bounds.append(above.policies)
    for policy in said.profile.policies:
        if any(policy not in bound and _ANY_POLICY not in bound for bound in bounds):
            yield _("the issuer does not issue by the policy {policy}").format(policy=policy)


def _access(said: Settled) -> Iterator[str]:
    content = said.value(ACCESS)
    if content is None:
        return
    url = said.issuer.url
    expected = [(parse.CA_ISSUERS, f"{url}/ca/{said.issuer.id}.cer")]
    expected += [(parse.OCSP, f"{url}/ocsp")] * said.profile.ocsp
    described = (der.sequence(der.oid(method), der.tlv(_URI, place.encode())) for method, place in expected)
    if content != der.sequence(*described):
        yield _("authorityInfoAccess is not what profile and issuer say")


def _access_urls(said: Settled) -> Iterator[str]:
    for place in (f"{said.issuer.url}/ca/{said.issuer.id}.cer", f"{said.issuer.url}/ocsp"):
        if said.value(ACCESS) is not None and not URL.fullmatch(place):
            yield _("not an address that every tool fetches, http://host/path: {url}").format(url=place)


def _no_check(said: Settled) -> Iterator[str]:
    content = said.value(NO_CHECK)
    if content is not None and content != der.NULL:
        yield _("id-pkix-ocsp-nocheck must hold nothing")
    if content is not None and KNOWN["ocsp_signing"].oid not in said.profile.purposes:
        yield _("id-pkix-ocsp-nocheck is for OCSP responders alone")


LINTS: Final = (
    Lint("extensions_known", "RFC 5280, 4.2", _extensions_known),
    Lint("extensions_once", "RFC 5280, 4.2", _extensions_once),
    Lint("extensions_critical", "RFC 5280, 4.2.1", _extensions_critical),
    Lint("names_critical", "RFC 5280, 4.2.1.6", _names_critical),
    Lint("version", "RFC 5280, 4.1.2.1", _version),
    Lint("algorithm", "RFC 5280, 4.1.1.2", _algorithm),
    Lint("algorithm_fits", "RFC 5280, 4.1.1.2", _algorithm_fits),
    Lint("issuer_name", "RFC 5280, 4.1.2.4", _issuer_name),
    Lint("issuer_authority", "RFC 5280, 4.2.1.9", _issuer_authority),
    Lint("issuer_length", "RFC 5280, 4.2.1.9", _issuer_length),
    Lint("constraints", "RFC 5280, 4.2.1.9", _constraints),
    Lint("usage", "RFC 5280, 4.2.1.3", _usage),
    Lint("usage_key", "RFC 5480, 3; RFC 8410, 5; RFC 9881, 5", _usage_key),
    Lint("usage_authority", "RFC 5280, 4.2.1.9", _usage_authority),
    Lint("purposes", "RFC 5280, 4.2.1.12", _purposes),
    Lint("purposes_fit", "RFC 5280, 4.2.1.12; RFC 3161, 2.3", _purposes_fit),
    Lint("authority_key", "RFC 5280, 4.2.1.1", _authority_key),
    Lint("policies", "RFC 5280, 4.2.1.4", _policies),
    Lint("policies_above", "RFC 5280, 6.1.3", _policies_above),
    Lint("access", "RFC 5280, 4.2.2.1", _access),
    Lint("access_urls", "RFC 5280, 4.2.2.1", _access_urls),
    Lint("no_check", "RFC 6960, 4.2.2.2.1", _no_check),
)
