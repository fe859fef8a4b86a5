"""Names that agencies may ask for and no authority may give: they would be refused only once they are asked for."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any, Final

from sentinel.language import _
from sentinel.pki.model import NameKind
from sentinel.pki.requests import names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sentinel.pki.requests.rights import Agencies, Rights

    Bases = Mapping[NameKind, tuple[Any, ...]]

_SHOWN: Final = 5


def beyond(agencies: Agencies, certificates: Collection[bytes]) -> Iterator[tuple[str, str, str]]:
    """Give the agencies that may ask for names that none of some authorities may give: what, where, and what to do.

    An authority is its certificate, DER; what it may give are its name constraints (RFC 5280, 4.2.1.10).
    """
    for table in agencies.tables.values() if certificates else ():
        wider = [text for kind, text in _asked(table) if not any(_gives(each, kind, text) for each in certificates)]
        if wider:
            shown = ", ".join(map(names.shown, wider[:_SHOWN])) + (", …" if len(wider) > _SHOWN else "")
            told = _("agency {code} may ask for names that no authority here may give: {names}")
            hint = _("take them out, or found an authority for them: `sentinel pki init` in another folder")
            yield told.format(code=table.code, names=shown), table.place, hint


def _asked(table: Rights) -> Iterator[tuple[NameKind, str]]:
    every: tuple[tuple[NameKind, Iterable[str] | None], ...] = (
        (NameKind.DNS, table.domains),
        (NameKind.IP, [network.text for network in table.networks or ()]),
        (NameKind.EMAIL, table.mail),
    )
    yield from ((kind, text) for kind, texts in every for text in texts or ())


def _gives(certificate: bytes, kind: NameKind, text: str) -> bool:
    permitted, excluded = _constraints(certificate)
    inside = permitted.get(kind)
    return (inside is None or any(_holds(base, kind, text) for base in inside)) and not any(
        _holds(base, kind, text) for base in excluded.get(kind, ())
    )


def _holds(base: Any, kind: NameKind, text: str) -> bool:  # noqa: ANN401 - a name, or a network
    if kind is NameKind.IP:
        network = ip_network(text)
        if isinstance(base, IPv4Network) and isinstance(network, IPv4Network):
            return network.subnet_of(base)
        return isinstance(base, IPv6Network) and isinstance(network, IPv6Network) and network.subnet_of(base)
    host, base = text.rpartition("@")[2].lower(), base.lower()
    # Of mail a host is that host alone, one that begins with a dot what is below it; "" is everything.
    if kind is NameKind.EMAIL:
        return not base or base in {text.lower(), host} or (base.startswith(".") and host.endswith(base))
    return not base or host == base or host.endswith(f".{base.removeprefix('.')}")


@lru_cache(maxsize=16)
def _constraints(certificate: bytes) -> tuple[Bases, Bases]:
    """Give the names that an authority may give, and those that it may not, by their kinds."""
    from cryptography import x509

    found = x509.load_der_x509_certificate(certificate).extensions
    try:
        said = found.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return {}, {}
    return _bases(said.permitted_subtrees or ()), _bases(said.excluded_subtrees or ())


def _bases(subtrees: Iterable[Any]) -> Bases:
    from sentinel.pki.certificates.parse import KINDS

    found: dict[NameKind, tuple[Any, ...]] = {}
    for each in subtrees:
        if kind := KINDS.get(type(each).__name__):
            found[kind] = (*found.get(kind, ()), each.value)
    return found
