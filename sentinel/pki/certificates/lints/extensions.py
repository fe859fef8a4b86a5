"""Lints of the extensions of one certificate: which there are, where its list is, and what an authority may give."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final

from sentinel.language import _
from sentinel.pki.certificates import der
from sentinel.pki.certificates.build import list_url
from sentinel.pki.certificates.lints.alternatives import ALTERNATIVES
from sentinel.pki.certificates.lints.base import Lint
from sentinel.pki.certificates.lints.head import SUBJECT_KEY
from sentinel.pki.model import NameKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.pki.certificates.lints.base import Look
    from sentinel.pki.model import Name

CONSTRAINTS, USAGE, POINTS, POLICIES = "2.5.29.19", "2.5.29.15", "2.5.29.31", "2.5.29.32"
PURPOSES, SUBTREES = "2.5.29.37", "2.5.29.30"
ACCESS, NO_CHECK = "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.48.1.5"
OF_ORDER: Final = frozenset({SUBJECT_KEY, ALTERNATIVES, POINTS, SUBTREES})
"""The extensions that the order settles; all others are settled by profile and issuer."""
URL: Final = re.compile(r"http://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)+")
_URI, _FULL, _POINT = 0x86, 0xA0, 0xA0
_EMAIL, _DNS, _IP = 0x81, 0x82, 0x87


@lru_cache(maxsize=4096)
def _point(url: str) -> bytes:
    return der.sequence(der.sequence(der.tlv(_POINT, der.tlv(_FULL, der.tlv(_URI, url.encode())))))


def _list_point(look: Look) -> Iterator[str]:
    content = look.tbs.values.get(POINTS)
    url = list_url(look.issuer, look.order.shard)
    if content is not None and content != _point(url):
        yield _("cRLDistributionPoints does not name the list of its shard: {url}").format(url=url)


def _list_shard(look: Look) -> Iterator[str]:
    shards = look.profile.shards
    least, most = (1, shards) if shards > 1 else (0, 0)
    if not least <= look.order.shard <= most:
        told = _("shard {shard}; profile {profile} has {least} to {most}")
        yield told.format(shard=look.order.shard, profile=look.profile.id, least=least, most=most)


@lru_cache(maxsize=4096)
def _is_url(url: str) -> bool:
    return URL.fullmatch(url) is not None


def _list_url(look: Look) -> Iterator[str]:
    if look.tbs.values.get(POINTS) is not None and not _is_url(url := list_url(look.issuer, look.order.shard)):
        yield _("not an address that every tool fetches, http://host/path: {url}").format(url=url)


def _subtrees(names: Iterable[Name], *, closed: bool) -> dict[int, list[bytes]]:
    """Give the names permitted (0xA0) and excluded (0xA1), each as its GeneralName, DER."""
    names = tuple(names)
    permitted = [_base(name.kind, name.value) for name in names]
    kinds = {name.kind for name in names}
    excluded = [der.tlv(_DNS, b"")] if closed and NameKind.DNS not in kinds else []
    if closed and NameKind.IP not in kinds:
        excluded += [der.tlv(_IP, bytes(8)), der.tlv(_IP, bytes(32))]
    return {tag: found for tag, found in ((0xA0, permitted), (0xA1, excluded)) if found}


def _base(kind: NameKind, value: str) -> bytes:
    if kind is NameKind.IP:
        network = ip_network(value)
        return der.tlv(_IP, network.network_address.packed + network.netmask.packed)
    return der.tlv(_EMAIL if kind is NameKind.EMAIL else _DNS, value.encode())


def _subtrees_ordered(look: Look) -> Iterator[str]:
    content = look.tbs.values.get(SUBTREES)
    if content is not None and look.profile.authority:
        expected = _subtrees(look.order.names, closed=look.profile.authority.closed)
        if content != der.sequence(
            *(der.tlv(tag, b"".join(map(der.sequence, each))) for tag, each in expected.items())
        ):
            yield _("nameConstraints has other names than those that were ordered")


LINTS: Final = (
    Lint("list_point", "RFC 5280, 4.2.1.13", _list_point),
    Lint("list_shard", "profile: revocation.shards", _list_shard),
    Lint("list_url", "RFC 5280, 4.2.1.13", _list_url),
    Lint("subtrees_ordered", "RFC 5280, 4.2.1.10", _subtrees_ordered),
)
