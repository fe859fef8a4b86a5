"""A root, an authority below it, and orders that fit the shipped profiles."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from sentinel import content
from sentinel.pki.certificates import algorithms, build
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.model import Algorithm, Issuer, Name, NameKind, Order
from sentinel.pki.profiles.load import load
from tests.pki.certificates.keys import a_key, spki_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentinel.pki.certificates.profile import Profile

NOW: Final = 1_790_000_000
SERIAL: Final = 0x7F0123456789ABCDEF0123456789ABCDEF
_AGENCY: Final = {"organization": "Ủy ban nhân dân xã An Phú"}
DNS, MAIL = (Name(NameKind.DNS, "portal.gov.example"),), (Name(NameKind.EMAIL, "an.nguyen@gov.example"),)
ASKED: Final[Mapping[str, tuple[tuple[Name, ...], dict[str, str]]]] = {
    "tls-server": ((*DNS, Name(NameKind.DNS, "www.portal.gov.example")), {"province": "An Giang"}),
    "tls-client": (DNS, {"common_name": "Trục liên thông văn bản", "organizational_unit": "Trung tâm dữ liệu"}),
    "device": ((*DNS, Name(NameKind.IP, "192.0.2.7")), {"common_name": "portal.gov.example", "serial_number": "FW-01"}),
    "log-shipper": (DNS, {}),
    "soc-official": (
        MAIL,
        {"common_name": "Nguyễn Thị Ánh Tuyết", "surname": "Nguyễn", "given_name": "Ánh Tuyết", "title": "Trực ca"},
    ),
    "ocsp-responder": ((), {"common_name": "Bộ trả lời OCSP 01"}),
    "timestamping": ((), {"common_name": "Dấu thời gian 01"}),
    "rule-pack": ((), {"common_name": "Ký gói luật 2026"}),
    "root": ((), {"common_name": "Cơ quan chứng thực gốc"}),
    "cross-certificate": ((), {"common_name": "Cơ quan chứng thực gốc 2"}),
    "issuing-authority": (
        (Name(NameKind.DNS, "gov.example"), Name(NameKind.EMAIL, "gov.example"), Name(NameKind.IP, "192.0.2.0/24")),
        {"common_name": "Cơ quan chứng thực 01"},
    ),
}
"""For each shipped profile, names and subject that fit it."""


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, Profile]:
    return MappingProxyType(load([content.profiles()]))


def an_order(profile: str, key: Any = None, **changed: Any) -> Order:  # noqa: ANN401
    """Give an order that fits a profile, with a P-256 key."""
    names, subject = ASKED[profile]
    known = profiles()[profile]
    told: dict[str, Any] = {
        "profile": profile,
        "agency": "H49.61.05",
        "names": names,
        "public_key": spki_of(key or a_key(KeyKind.P256)),
        "serial": SERIAL,
        "not_before": NOW,
        "not_after": NOW + known.validity - 1,
        "subject": MappingProxyType(_AGENCY | subject),
        "shard": known.shard_of(SERIAL),
    }
    return Order(**(told | changed))


def sign(key: Any, algorithm: Algorithm, tbs: bytes) -> bytes:  # noqa: ANN401
    """Sign as the signer does."""
    padding, chosen = algorithms.padding_of(algorithm), algorithms.hash_of(algorithm)
    if padding:
        signature: bytes = key.sign(tbs, padding, chosen)
    elif chosen:
        signature = key.sign(tbs, ec.ECDSA(chosen))
    else:
        signature = key.sign(tbs)
    return signature


def issued(order: Order, profile: Profile, issuer: Issuer, key: Any) -> bytes:  # noqa: ANN401
    """Build and sign, as the register and the signer do together."""
    tbs = build.tbs_of(order, profile, issuer)
    return algorithms.assemble(tbs, issuer.algorithm, sign(key, issuer.algorithm, tbs))


@lru_cache(maxsize=32)
def a_root(algorithm: Algorithm = Algorithm.ECDSA_P384) -> Issuer:
    key = a_key(algorithms.key_kind(algorithm), "root")
    before = Issuer("root", b"", algorithm, "root", "http://pki.gov.example")
    order = an_order("root", key, not_before=NOW - 90 * 86_400, serial=SERIAL - 1)
    return Issuer("root", issued(order, profiles()["root"], before, key), algorithm, "root", before.url)


@lru_cache(maxsize=32)
def an_issuer(algorithm: Algorithm = Algorithm.ECDSA_P256) -> Issuer:
    key, above = a_key(algorithms.key_kind(algorithm), "issuing"), a_root()
    order = an_order("issuing-authority", key, not_before=NOW - 86_400, serial=SERIAL - 2)
    certificate = issued(order, profiles()["issuing-authority"], above, a_key(KeyKind.P384, "root"))
    return Issuer("agencies-1", certificate, algorithm, "issuing", above.url, profiles()["issuing-authority"].policies)


def above(profile: str) -> tuple[Issuer, Any]:
    """Give who issues by a profile, and the key of it."""
    if profile == "root":
        key = a_key(KeyKind.P256)
        return Issuer("root", b"", Algorithm.ECDSA_P256, "root", "http://pki.gov.example"), key
    if profile in {"issuing-authority", "cross-certificate"}:
        return a_root(), a_key(KeyKind.P384, "root")
    return an_issuer(), a_key(KeyKind.P256, "issuing")
