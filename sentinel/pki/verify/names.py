"""Names that a certificate is asked about, and whether it has them (RFC 9525, 6).

Only subjectAltName counts, never the common name. Bytes are compared as they were signed, so that no NUL, no letter
outside ASCII and no other spelling can pass for a name.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.model import Name, NameKind
from sentinel.pki.verify.parsed import presented

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentinel.pki.verify.parsed import Certificate


def name_of(text: str, place: str = "") -> Name:
    """Read a name as people write it: `portal.gov.example`, `192.0.2.7`, `email:lan@gov.example`, `uri:https://…`.

    Raises InputError for what is no such name. A DNS name becomes lower case with A-labels, without a dot at its end.
    """
    kind, colon, value = text.partition(":")
    if colon and kind in {*NameKind}:
        return Name(NameKind(kind), _READ[NameKind(kind)](value.strip(), place))
    if _is_address(text):
        return Name(NameKind.IP, _address(text, place))
    return Name(NameKind.DNS, _host(text, place))


def has_name(certificate: Certificate, name: Name) -> bool:
    """Say whether a certificate is for a name."""
    kind, fits = _FITS[name.kind]
    return any(found == kind and fits(value, name.value) for found, value in presented(certificate))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _wrong(text: str, place: str) -> InputError:
    return InputError(
        _("not a name: '{text}'").format(text=text),
        place=place,
        hint=_("write portal.gov.example, 192.0.2.7, email:lan@gov.example or uri:https://portal.gov.example/"),
    )


def _address(text: str, place: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise _wrong(text, place) from None


def _host(text: str, place: str) -> str:
    try:
        host = text.strip().removesuffix(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _wrong(text, place) from None
    if not host or not all(part.replace("-", "").replace("_", "").isalnum() for part in host.split(".")):
        raise _wrong(text, place)
    return host


def _mailbox(text: str, place: str) -> str:
    local, at, host = text.rpartition("@")
    if not local or not at:
        raise _wrong(text, place)
    return f"{local}@{_host(host, place)}"


def _uri(text: str, place: str) -> str:
    if ":" not in text or not text.isascii() or not text.isprintable() or " " in text:
        raise _wrong(text, place)
    return text


def _fits_host(value: bytes, wanted: str) -> bool:
    """Compare hosts; a wildcard stands for one whole label, the leftmost, and for no part of one (RFC 9525, 6.3)."""
    offered = value.lower().removesuffix(b".")
    host = wanted.encode("ascii")
    if not offered.startswith(b"*."):
        return offered == host
    _label, dot, rest = host.partition(b".")
    return bool(dot) and b"." in rest and offered[2:] == rest


def _fits_address(value: bytes, wanted: str) -> bool:
    return value == ip_address(wanted).packed


def _fits_mailbox(value: bytes, wanted: str) -> bool:
    """Compare mailboxes: the host ignores case, the part before it does not (RFC 5280, 7.5)."""
    local, at, host = value.rpartition(b"@")
    return local + at + host.lower() == wanted.encode()


def _fits_exactly(value: bytes, wanted: str) -> bool:
    return value == wanted.encode()


_READ: Final[Mapping[NameKind, Callable[[str, str], str]]] = {
    NameKind.DNS: _host,
    NameKind.IP: _address,
    NameKind.EMAIL: _mailbox,
    NameKind.URI: _uri,
}
_FITS: Final[Mapping[NameKind, tuple[str, Callable[[bytes, str], bool]]]] = {
    NameKind.DNS: ("dns_name", _fits_host),
    NameKind.IP: ("ip_address", _fits_address),
    NameKind.EMAIL: ("rfc822_name", _fits_mailbox),
    NameKind.URI: ("uniform_resource_identifier", _fits_exactly),
}
