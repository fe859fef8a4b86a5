"""Lints of subjectAltName: kinds, forms, how many, and whether the issuer may give them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.certificates import anatomy
from sentinel.pki.certificates.lints.base import Lint
from sentinel.pki.model import Name, NameKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sentinel.pki.certificates.lints.base import Look

    Base = IPv4Network | IPv6Network | str
    Subtrees = Mapping[NameKind, Sequence[Base]]

ALTERNATIVES: Final = "2.5.29.17"
_TAGS: Final = {0x81: NameKind.EMAIL, 0x82: NameKind.DNS, 0x86: NameKind.URI, 0x87: NameKind.IP}
_LONGEST_DNS: Final = 253
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DNS: Final = re.compile(rf"(?:\*\.)?(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")
_MAIL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_URI: Final = re.compile(r"[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+")
_WILDCARD: Final = "*."
_A_LABEL: Final = "xn--"


@lru_cache(maxsize=8)
def _read(content: bytes) -> tuple[Name, ...]:
    """Give the names. Raises InputError where one is of another kind, or no name."""
    return tuple(_name(tag, raw) for tag, raw in anatomy.values(content))


def _name(tag: int, raw: bytes) -> Name:
    try:
        kind = _TAGS[tag]
        return Name(kind, str(ip_address(raw)) if kind is NameKind.IP else raw.decode("ascii"))
    except (KeyError, ValueError):
        raise InputError(_("subjectAltName has what is no name of a known kind")) from None


def _names(look: Look) -> tuple[Name, ...]:
    content = look.tbs.values.get(ALTERNATIVES)
    return () if content is None else _read(content)


def _names_ordered(look: Look) -> Iterator[str]:
    if _names(look) != (() if look.profile.authority else look.order.names):
        yield _("subjectAltName has other names than those that were ordered")


def _names_count(look: Look) -> Iterator[str]:
    rules = look.profile.names
    if not rules.least <= len(look.order.names) <= rules.most:
        told = _("{count} names; profile {profile} has {least} to {most}")
        yield told.format(count=len(look.order.names), profile=look.profile.id, least=rules.least, most=rules.most)


def _names_kinds(look: Look) -> Iterator[str]:
    for name in look.order.names:
        if name.kind not in look.profile.names.kinds:
            yield _("profile {profile} has no names of kind {kind}: {name}").format(
                profile=look.profile.id, kind=name.kind, name=name
            )


def _names_once(look: Look) -> Iterator[str]:
    if len({(name.kind, name.value.lower()) for name in look.order.names}) != len(look.order.names):
        yield _("a name is there twice")


def _is_dns(text: str) -> bool:
    labels = text.split(".")
    return (
        len(text) <= _LONGEST_DNS
        and _DNS.fullmatch(text) is not None
        and all(_is_a_label(label) for label in labels if label[2:4] == "--")
    )


def _is_a_label(label: str) -> bool:
    """Tell whether a label with two hyphens in its third and fourth place is an A-label (RFC 5890, 2.3.2.1)."""
    try:
        shown = label[len(_A_LABEL) :].encode().decode("punycode")
        back = shown.encode("punycode").decode()
    except (UnicodeError, ValueError):
        return False
    is_normal = unicodedata.is_normalized("NFC", shown) and shown == shown.lower() and not shown.isascii()
    return label.startswith(_A_LABEL) and back == label[len(_A_LABEL) :] and is_normal


def _is_address(text: str) -> bool:
    address = ip_address(text)
    return not (address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local)


def _is_mailbox(text: str) -> bool:
    local, _at, host = text.rpartition("@")
    return _MAIL.fullmatch(local) is not None and ".." not in f".{local}." and _is_dns(host) and host[0] != "*"


def _is_uri(text: str) -> bool:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not _URI.fullmatch(text) or not parts.scheme:
        return False
    # An absolute URI with a host, or one such as urn:…, which has none (RFC 5280, 4.2.1.6).
    return _is_dns(host) and parts.username is None if parts.netloc else bool(parts.path) and "//" not in text


_FORMS: Final = {
    NameKind.DNS: _is_dns,
    NameKind.IP: _is_address,
    NameKind.EMAIL: _is_mailbox,
    NameKind.URI: _is_uri,
}


def _has_form(name: Name) -> bool:
    return _FORMS[name.kind](name.value)


def _names_form(look: Look) -> Iterator[str]:
    for name in _names(look):
        if not _has_form(name):
            yield _("not a name in its one form (lower case, A-labels, a host that others reach): {name}").format(
                name=name
            )


def _names_wildcard(look: Look) -> Iterator[str]:
    for name in _names(look):
        if name.kind is NameKind.DNS and name.value.startswith(_WILDCARD) and not look.profile.names.wildcard:
            yield _("profile {profile} has no wildcards: {name}").format(profile=look.profile.id, name=name)


@lru_cache(maxsize=64)
def _constraints(certificate: bytes) -> tuple[Subtrees, Subtrees]:
    """Give the subtrees that an authority may give names in, and those that it may not, by kinds."""
    from cryptography import x509

    found = x509.load_der_x509_certificate(certificate).extensions
    try:
        said = found.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return {}, {}
    return _subtrees(said.permitted_subtrees or ()), _subtrees(said.excluded_subtrees or ())


def _subtrees(subtrees: Iterable[Any]) -> Subtrees:
    from sentinel.pki.certificates.parse import KINDS

    found: dict[NameKind, list[Base]] = {}
    for each in subtrees:
        if type(each).__name__ in KINDS:
            found.setdefault(KINDS[type(each).__name__], []).append(each.value)
    return found


def _is_within(name: Name, base: Base) -> bool:
    if isinstance(base, IPv4Network | IPv6Network):
        address = ip_address(name.value)
        return address.version == base.version and address in base
    if name.kind is NameKind.EMAIL and "@" in base:
        return name.value.lower() == base.lower()
    host = _host(name).removeprefix(_WILDCARD).lower()
    base = base.lower()
    # Of mail and URIs a host is that host alone, and one that begins with a dot what is below it (4.2.1.10).
    if name.kind is not NameKind.DNS:
        return host.endswith(base) if base.startswith(".") else host == base
    return not base or host == base or host.endswith(f".{base.removeprefix('.')}")


def _host(name: Name) -> str:
    if name.kind is NameKind.URI:
        return urlsplit(name.value).hostname or ""
    return name.value.rpartition("@")[2]


def _is_permitted(name: Name, certificate: bytes) -> bool:
    permitted, excluded = _constraints(certificate)
    inside = permitted.get(name.kind)
    return (inside is None or any(_is_within(name, base) for base in inside)) and not any(
        _is_within(name, base) for base in excluded.get(name.kind, ())
    )


def _names_permitted(look: Look) -> Iterator[str]:
    for name in () if look.profile.authority else _names(look):
        if look.above and not _is_permitted(name, look.issuer.certificate):
            yield _("the issuer may not give this name: {name}").format(name=name)


LINTS: Final = (
    Lint("names_ordered", "RFC 5280, 4.2.1.6", _names_ordered),
    Lint("names_count", "profile: names.least, names.most", _names_count),
    Lint("names_kinds", "profile: names.kinds", _names_kinds),
    Lint("names_once", "RFC 5280, 4.2.1.6", _names_once),
    Lint("names_form", "RFC 5280, 4.2.1.6; RFC 5890, 2.3.2.1", _names_form),
    Lint("names_wildcard", "profile: names.wildcard", _names_wildcard),
    Lint("names_permitted", "RFC 5280, 4.2.1.10", _names_permitted),
)
