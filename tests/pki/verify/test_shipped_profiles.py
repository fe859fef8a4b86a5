"""What the shipped profiles issue holds, for both engines, with the lists that are published for it."""

from __future__ import annotations

import pytest

from sentinel.pki.certificates import algorithms
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.model import Name, NameKind, Reason
from sentinel.pki.status import crl
from sentinel.pki.verify.purpose import Purpose
from sentinel.pki.verify.verdict import Fault, Opinion, Revocation, Verdict
from sentinel.pki.verify.verify import verify
from tests.pki.certificates.authorities import NOW, SERIAL, a_root, above, an_issuer, an_order, issued, profiles, sign
from tests.pki.certificates.keys import a_key

HOUR = 3600
PURPOSES = {
    "tls-server": Purpose.TLS_SERVER,
    "tls-client": Purpose.TLS_CLIENT,
    "device": Purpose.TLS_CLIENT,
    "log-shipper": Purpose.TLS_CLIENT,
    "soc-official": Purpose.TLS_CLIENT,
    "ocsp-responder": Purpose.OCSP_SIGNING,
    "timestamping": Purpose.TIME_STAMPING,
    "rule-pack": Purpose.CODE_SIGNING,
}


def certificate(profile: str, names: tuple[Name, ...] | None = None) -> bytes:
    issuer, key = above(profile)
    changed = {} if names is None else {"names": names}
    return issued(an_order(profile, **changed), profiles()[profile], issuer, key)


def lists(*entries: bytes, shard: int | None) -> list[bytes]:
    """Give the list of the issuing authority, of a shard or full, and that of the root."""
    spans = (1, NOW, NOW + HOUR)
    issuing = crl.tbs_of(an_issuer(), *spans, entries, shard=shard)
    root = crl.tbs_of(a_root(), *spans, ())
    return [
        algorithms.assemble(
            issuing, an_issuer().algorithm, sign(a_key(KeyKind.P256, "issuing"), an_issuer().algorithm, issuing)
        ),
        algorithms.assemble(root, a_root().algorithm, sign(a_key(KeyKind.P384, "root"), a_root().algorithm, root)),
    ]


def judged(leaf: bytes, crls: list[bytes], purpose: Purpose = Purpose.ANY) -> Verdict:
    return verify(
        leaf,
        [an_issuer().certificate],
        [a_root().certificate],
        at=NOW + 60,
        purpose=purpose,
        crls=crls,
        revocation=Revocation.ALL,
    )


@pytest.mark.parametrize("profile", sorted(PURPOSES))
def test_what_a_shipped_profile_issues_holds_for_its_purpose(profile: str) -> None:
    verdict = judged(certificate(profile), lists(shard=None), PURPOSES[profile])
    assert [] == [(each.fault, each.detail) for each in verdict.objections]
    assert Opinion.AGREES == verdict.opinion


def test_the_list_of_a_shard_speaks_of_the_certificates_of_that_shard_alone() -> None:
    shard = profiles()["tls-server"].shard_of(SERIAL)
    leaf = certificate("tls-server")
    revoked = crl.entry(SERIAL, NOW - HOUR, Reason.KEY_COMPROMISE)
    assert judged(leaf, lists(shard=shard)).holds
    assert [Fault.REVOKED] == [each.fault for each in judged(leaf, lists(revoked, shard=shard)).objections]
    other = judged(leaf, lists(shard=shard + 1)).objections
    assert [Fault.STATUS_UNKNOWN] == [each.fault for each in other]


def test_a_name_outside_the_constraints_of_the_issuing_authority_is_refused() -> None:
    leaf = certificate("tls-server", (Name(NameKind.DNS, "portal.other.example"),))
    verdict = judged(leaf, lists(shard=None))
    assert [Fault.NAME_CONSTRAINTS] == [each.fault for each in verdict.objections]
    assert Opinion.AGREES == verdict.opinion
