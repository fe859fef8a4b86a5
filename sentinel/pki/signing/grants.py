"""Standing grants: what may be signed without an approval of its own, agreed on by two people beforehand.

A grant is a statement in canonical JSON, approved twice (`approvals`, what = grant) over its SHA-256. The signer holds
it against the certificate that is to be signed, as it stands in its bytes:

- every name is one that a pattern gives: `dns:portal.gov.example`, `dns:*.sw.example` (anything below it, but no
  wildcard; that needs its own text), `ip:192.0.2.0/24`, `email:*@sw.example`, `uri:` word for word;
- the subject has no more than common names, which are among those names, the agency's identifier
  (organizationIdentifier, 2.5.4.97), and attributes that the grant lists (`2.5.4.10=Sở Y tế`);
- every purpose (extendedKeyUsage) and policy is listed, it makes no authority, it lasts no longer than `days`;
- no more than `count` in any `seconds`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final

from sentinel.pki.model import NameKind
from sentinel.pki.signing.approvals import Need, What, canonical
from sentinel.pki.signing.declined import Declined
from sentinel.pki.signing.moments import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cryptography import x509

_TYPE: Final = "sentinel grant 1"
_WITHDRAWN: Final = "sentinel grant withdrawn 1"
_COMMON_NAME, _ORGANIZATION_IDENTIFIER = "2.5.4.3", "2.5.4.97"
_DAY: Final = 86_400
_SECOND: Final = 1_000_000_000
_MOST_DAYS: Final = 3660
LONGEST: Final = 366 * _DAY * _SECOND
"""How long a grant stands at most, nanoseconds: nobody remembers what two people agreed on for ever."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A standing grant, see above; times are nanoseconds since 1970, `usages` and `policies` OIDs."""

    name: str
    issuer: str
    agency: str
    profile: str
    names: tuple[str, ...]
    usages: tuple[str, ...]
    days: int
    count: int
    seconds: int
    at: int
    expires: int
    attributes: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()

    @property
    def statement(self) -> bytes:
        """Give what is approved: canonical JSON."""
        return canonical({**asdict(self), "type": _TYPE})

    def need(self) -> Need:
        """Give what both approvals have to say."""
        return Need(What.GRANT, self.issuer, sha256(self.statement).digest(), 1)


def withdrawal(name: str, issuer: str) -> Need:
    """Give what the approval has to say that ends a grant."""
    return Need(What.GRANT, issuer, sha256(canonical({"name": name, "type": _WITHDRAWN})).digest(), 1)


def parse(content: bytes) -> Grant:
    """Read the statement of a grant. Raises Declined where it is none."""
    try:
        stated: dict[str, Any] = json.loads(content)
        if stated.pop("type") != _TYPE:
            raise ValueError("type")  # noqa: TRY301 - told with what else is wrong
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()
        }
        grant = Grant(**values)
        _check_kinds(grant)
        for pattern in grant.names:
            _matches(pattern, NameKind.DNS, "")
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Declined("broken-grant", reason=error) from None
    if grant.statement != content:
        raise Declined("broken-grant", reason="not in its canonical form")
    return grant


def _check_kinds(grant: Grant) -> None:
    """Raise TypeError or ValueError where a field is of the wrong kind, or out of bounds."""
    for name in ("name", "issuer", "agency", "profile"):
        if not isinstance(getattr(grant, name), str):
            raise TypeError(name)
    for name in ("names", "usages", "attributes", "policies"):
        if not all(isinstance(item, str) for item in getattr(grant, name)):
            raise TypeError(name)
    for name in ("days", "count", "seconds", "at", "expires"):
        if type(getattr(grant, name)) is not int:
            raise TypeError(name)
    if not (grant.name and 0 < grant.days <= _MOST_DAYS and grant.count > 0 and grant.seconds > 0):
        raise ValueError("bounds")
    if grant.expires - grant.at > LONGEST:
        raise ValueError("expires")


def check_given(grant: Grant, found: x509.Certificate, issuer: str, now: int) -> None:
    """Check that a grant gives a certificate, which `tbs.whole` read with its meaning; raise Declined."""
    if grant.issuer != issuer:
        raise Declined("grant-issuer", grant=grant.name)
    if not grant.at <= now < grant.expires:
        raise Declined("grant-ended", grant=grant.name, time=shown(grant.expires))
    names = {value for _kind, value in _names(grant, found)}
    _check_subject(grant, found, names)
    _check_listed(grant, found)
    if (found.not_valid_after_utc - found.not_valid_before_utc).total_seconds() > grant.days * _DAY:
        raise Declined("grant-days", grant=grant.name, days=grant.days)


_KINDS: Final[Mapping[str, NameKind]] = {
    "DNSName": NameKind.DNS,
    "IPAddress": NameKind.IP,
    "RFC822Name": NameKind.EMAIL,
    "UniformResourceIdentifier": NameKind.URI,
}


def _names(grant: Grant, found: x509.Certificate) -> Iterator[tuple[NameKind, str]]:
    """Give the names in subjectAltName; raise Declined for one that the grant does not give."""
    for name in _said(found, "2.5.29.17") or ():
        kind, value = _KINDS.get(type(name).__name__), str(name.value)
        if kind is None or not any(_matches(pattern, kind, value) for pattern in grant.names):
            raise Declined("grant-names", grant=grant.name, name=value)
        yield kind, value


def _said(found: x509.Certificate, oid: str) -> Any:  # noqa: ANN401 - the extension, whichever it is
    return next((extension.value for extension in found.extensions if extension.oid.dotted_string == oid), None)


def _check_subject(grant: Grant, found: x509.Certificate, names: set[str]) -> None:
    for attribute in found.subject:
        oid, value = attribute.oid.dotted_string, str(attribute.value)
        if oid == _ORGANIZATION_IDENTIFIER:
            if value != grant.agency:
                raise Declined("grant-agency", grant=grant.name, agency=grant.agency, found=value)
        elif oid == _COMMON_NAME:
            if value not in names:
                raise Declined("grant-names", grant=grant.name, name=value)
        elif f"{oid}={value}" not in grant.attributes:
            raise Declined("grant-names", grant=grant.name, name=f"{oid}={value}")


def _check_listed(grant: Grant, found: x509.Certificate) -> None:
    purposes = _said(found, "2.5.29.37")
    if purposes is None:  # without any, it is for everything (RFC 5280, 4.2.1.12)
        raise Declined("grant-usages", grant=grant.name, usage="anyExtendedKeyUsage")
    for purpose in purposes:
        if purpose.dotted_string not in grant.usages:
            raise Declined("grant-usages", grant=grant.name, usage=purpose.dotted_string)
    for policy in _said(found, "2.5.29.32") or ():
        if policy.policy_identifier.dotted_string not in grant.policies:
            raise Declined("grant-policies", grant=grant.name, policy=policy.policy_identifier.dotted_string)


def _matches(pattern: str, kind: NameKind, value: str) -> bool:
    """Tell whether a pattern gives a name; raise ValueError where it is no pattern."""
    wanted, _colon, text = pattern.partition(":")
    fits = _FITS[NameKind(wanted)]
    if NameKind(wanted) is NameKind.IP:
        ip_network(text)
    return kind == wanted and fits(text, value)


def _dns(pattern: str, value: str) -> bool:
    if not pattern.startswith("*."):
        return pattern == value
    return pattern == value or ("*" not in value and value.endswith(pattern[1:]) and len(value) >= len(pattern))


def _email(pattern: str, value: str) -> bool:
    return value.partition("@")[2] == pattern[2:] if pattern.startswith("*@") else pattern == value


def _address(pattern: str, value: str) -> bool:
    return "/" not in value and ip_address(value) in ip_network(pattern)


_FITS: Final[Mapping[NameKind, Callable[[str, str], bool]]] = {
    NameKind.DNS: _dns,
    NameKind.IP: _address,
    NameKind.EMAIL: _email,
    NameKind.URI: str.__eq__,
}
