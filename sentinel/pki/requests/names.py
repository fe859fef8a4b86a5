"""Names that certificates are asked for, in one form.

DNS names are in lower case with A-labels, mapped by UTS 46 and checked by IDNA 2008 (RFC 5891); a wildcard stands alone
as the first label (RFC 6125, 6.4.3). Addresses are compressed (RFC 5952). Of mail addresses and URIs the host is in
that form; mail addresses are in lower case.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.pki.model import Name, NameKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST: Final = 100
"""Names that one certificate has at most."""
_LONGEST: Final = 253
_LONGEST_TEXT: Final = 2048
_WILDCARD: Final = "*."
_LABEL: Final = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_NUMERIC: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
# The local part without quotes (RFC 5321, 4.1.2, Dot-string).
_LOCAL: Final = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_LOCAL: Final = 64
_URI: Final = re.compile(r"[\x21-\x7e]+")
_PREFIX: Final = re.compile(r"(dns|ip(?:[ _]address)?|e?mail|rfc822|uri|url)\s*:(?!//)\s*", re.IGNORECASE)
# Controls, what only shapes or turns text, what is no character: U+200B, U+202E and their like.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_KINDS: Final[Mapping[str, NameKind]] = {
    "dns": NameKind.DNS,
    "ip": NameKind.IP,
    "ip address": NameKind.IP,
    "ip_address": NameKind.IP,
    "email": NameKind.EMAIL,
    "mail": NameKind.EMAIL,
    "rfc822": NameKind.EMAIL,
    "uri": NameKind.URI,
    "url": NameKind.URI,
}
"""What may stand before a name, as OpenSSL writes it: `DNS:`, `IP Address:`."""


def read(text: str, place: str = "") -> Name:
    """Give a name as people write it, `dns:` and its like before it or not. Raises InputError where it is none."""
    plain = _nfc(text).strip()
    if found := _PREFIX.match(plain):
        return of(_KINDS[found[1].lower()], plain[found.end() :], place)
    return of(_kind_of(plain), plain, place)


def of(kind: NameKind, text: str, place: str = "") -> Name:
    """Give a name of a kind in its one form. Raises InputError, with what to do, where it is none."""
    if not text.strip():
        raise InputError(_("an empty name"), place=place, hint=_("like portal.gov.example"))
    if len(text) > _LONGEST_TEXT:
        raise InputError(_("a name of {count} characters").format(count=len(text)), place=place)
    if not text.isprintable() and (wrong := unseen(text.strip())):
        raise InputError(_("'{name}': {reason}").format(name=_visible(text), reason=wrong), place=place)
    try:
        return Name(kind, _FORMS[kind](_nfc(text).strip()))
    except InputError as fault:
        raise InputError(fault.message, place=place or fault.place, hint=fault.hint) from None


def is_host(text: str) -> bool:
    """Tell whether a text, such as a common name, is meant as the name of a host or an address."""
    last = text.rpartition(".")
    return bool(_address(text)) or (" " not in text and "@" not in text and bool(last[0]) and not last[2].isdigit())


def host_of(name: Name) -> str:
    """Give the DNS name within a name, less a wildcard; "" where it has none."""
    if name.kind is NameKind.EMAIL:
        return name.value.partition("@")[2]
    if name.kind is NameKind.URI:
        host = urlsplit(name.value).hostname or ""
        return "" if _address(host) else host
    return name.value.removeprefix(_WILDCARD) if name.kind is NameKind.DNS else ""


def is_wildcard(name: Name) -> bool:
    """Tell whether a name stands for every name of one more label."""
    return name.kind is NameKind.DNS and name.value.startswith(_WILDCARD)


def shown(host: str) -> str:
    """Give a DNS name as people read it, with U-labels: `xn--cng-7ma7j.gov.example` is `cổng.gov.example`."""
    return ".".join(map(_shown_label, host.split("."))) if "xn--" in host else host


def told(name: Name) -> str:
    """Give a name with its kind as people read it: `dns:cổng.gov.example`."""
    return f"{name.kind}:{shown(name.value)}" if name.kind is NameKind.DNS else str(name)


@lru_cache(maxsize=16384)
def _shown_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    import idna

    try:
        return idna.ulabel(label)
    except idna.IDNAError:
        return label


def unseen(text: str) -> str:
    """Tell of a character in a text that cannot be seen or turns its direction, "" where there is none."""
    wrong = next((each for each in text if unicodedata.category(each) in _UNSEEN), "")
    if not wrong:
        return ""
    name = unicodedata.name(wrong, _("without a name"))
    return _("it holds a character that cannot be seen: U+{code} ({name})").format(code=f"{ord(wrong):04X}", name=name)


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _kind_of(text: str) -> NameKind:
    if "://" in text:
        return NameKind.URI
    if "@" in text:
        return NameKind.EMAIL
    return NameKind.IP if ":" in text or _address(text) else NameKind.DNS


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if ":" not in text and not text[-1:].isdigit():
        return None
    try:
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _dns(text: str) -> str:
    """Give a DNS name, with a wildcard or not, in its one form."""
    wild = text.startswith(_WILDCARD)
    base = dns_of(text.removeprefix(_WILDCARD))
    if wild and len(base) + len(_WILDCARD) > _LONGEST:
        raise _no_dns(text)
    return f"{_WILDCARD}{base}" if wild else base


@lru_cache(maxsize=4096)
def dns_of(text: str) -> str:
    """Give a DNS name of two labels or more in its one form. Raises InputError where it is none."""
    plain = text.lower().removesuffix(".") if text.isascii() else text
    if not _PLAIN.fullmatch(plain):
        plain = _encoded(plain, text)
    if len(plain) > _LONGEST or _NUMERIC.fullmatch(plain.rpartition(".")[2]):
        raise _no_dns(text)
    return plain


def _encoded(plain: str, text: str) -> str:
    """Give a name with letters of the world as A-labels; what is in A-labels already is checked as much."""
    if "*" in plain:
        message = _("'{name}': a wildcard stands for the whole first label").format(name=text)
        raise InputError(message, hint="*.portal.gov.example")
    import idna

    try:
        encoded = ".".join(map(_encoded_label, plain.removesuffix(".").split(".")))
    except (idna.IDNAError, UnicodeError) as error:
        raise _no_dns(text, str(error)) from None
    if "." not in encoded:
        raise InputError(
            _("'{name}' is not a full name").format(name=text), hint=_("write it with its domain: web.gov.example")
        )
    return encoded


@lru_cache(maxsize=16384)
def _encoded_label(label: str) -> str:
    """Give a label as A-label; where it holds another of the dots that UTS 46 knows, as several."""
    import idna

    return idna.encode(label, uts46=True, std3_rules=True).decode().lower()


def _no_dns(text: str, reason: str = "") -> InputError:
    message = _("'{name}' is no DNS name").format(name=_visible(text))
    return InputError(
        f"{message}: {reason}" if reason else message, hint=_("letters, digits and hyphens, dots between")
    )


def _visible(text: str) -> str:
    """Give a text with what cannot be seen written as its escape, and no longer than a line."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text[:80])


def _ip(text: str) -> str:
    found = None if "%" in text else _address(text)
    if found is None:
        hint = _("one address, no network: 192.0.2.17 or 2001:db8::17")
        raise InputError(_("'{text}' is no address").format(text=_visible(text)), hint=hint)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_unspecified or found.is_multicast or found.is_loopback or found.is_link_local:
        raise InputError(_("'{text}' is an address of no single computer").format(text=found))
    return found.compressed


def _email(text: str) -> str:
    local, at, domain = text.lower().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > _LONGEST_LOCAL:
        hint = _("letters without marks, digits and dots before the @, a domain after it")
        raise InputError(_("'{text}' is no mail address").format(text=_visible(text)), hint=hint)
    return f"{local}@{dns_of(domain)}"


def _uri(text: str) -> str:
    """Give a URI with a host (RFC 5280, 4.2.1.6); a user or password in it is refused."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    rest = f"{parts.path}{parts.query}{parts.fragment}"
    if not parts.scheme or not host or "@" in parts.netloc or (rest and not _URI.fullmatch(rest)):
        hint = "https://portal.gov.example/"
        raise InputError(_("'{text}' is no URI with a host").format(text=_visible(text)), hint=hint)
    address = _address(host)
    literal = f"[{_ip(host)}]" if address and address.version == 6 else host  # noqa: PLR2004 - IPv6
    netloc = literal if address else dns_of(host)
    return parts._replace(netloc=f"{netloc}:{parts.port}" if parts.port else netloc).geturl()


_FORMS: Final[Mapping[NameKind, Callable[[str], str]]] = {
    NameKind.DNS: _dns,
    NameKind.IP: _ip,
    NameKind.EMAIL: _email,
    NameKind.URI: _uri,
}
