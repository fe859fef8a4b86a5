"""Standing grants: what two people agreed on beforehand, held against the bytes."""

from __future__ import annotations

import time
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sentinel.pki.certificates import algorithms
from sentinel.pki.model import Algorithm
from sentinel.pki.signing import protocol
from sentinel.pki.signing.approvals import What
from sentinel.pki.signing.declined import Declined
from sentinel.pki.signing.grants import check_given, parse, withdrawal
from sentinel.pki.signing.tbs import whole
from tests.pki.signing.a_signer import (
    AN,
    HOUR,
    ISSUER,
    LAN,
    MINH,
    SECOND,
    a_grant,
    a_signer,
    a_tbs,
    an_approval,
    approvals_of,
    usual,
)
from tests.pki.signing.test_signer import an_authority, ask, refused, sign

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sentinel.pki.signing.grants import Grant
    from tests.pki.signing.a_signer import Asking

NOW = time.time_ns()
IDENTIFIER = algorithms.identifier(Algorithm.ECDSA_P256)


def checked(tbs: bytes, grant: Grant | None = None, issuer: str = ISSUER, now: int = NOW) -> str:
    """Give the code of why a grant does not give what is to be signed, "" where it does."""
    try:
        (found,) = whole([tbs], IDENTIFIER, meaning=True)
        check_given(grant or a_grant(NOW), found, issuer, now)
    except Declined as error:
        return error.code
    return ""


def named(
    *names: x509.GeneralName, usages: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.SERVER_AUTH,)
) -> bytes:
    """Give a TBSCertificate with these names, and for these purposes."""
    extensions: list[x509.ExtensionType] = [x509.SubjectAlternativeName(names)] if names else []
    if usages:
        extensions.append(x509.ExtendedKeyUsage(usages))
    return a_tbs(extensions=extensions)


def with_policy(oid: str) -> bytes:
    policy = x509.PolicyInformation(x509.ObjectIdentifier(oid), None)
    return a_tbs(extensions=[*usual(["a.sw.example"]), x509.CertificatePolicies([policy])])


def test_a_grant_gives_the_policies_it_lists() -> None:
    grant = a_grant(NOW, policies=("1.3.6.1.4.1.32473.1",))
    assert not checked(with_policy("1.3.6.1.4.1.32473.1"), grant)
    assert "grant-policies" == checked(with_policy("1.3.6.1.4.1.32473.2"), grant)
    assert "grant-policies" == checked(with_policy("1.3.6.1.4.1.32473.1"))


def subject(*attributes: tuple[x509.ObjectIdentifier, str], names: Sequence[str] = ("a.sw.example",)) -> bytes:
    """Give a TBSCertificate with these attributes of its subject."""
    return a_tbs(names=names, subject=x509.Name([x509.NameAttribute(*each) for each in attributes]))


def dns(*names: str) -> bytes:
    return named(*map(x509.DNSName, names))


@pytest.mark.parametrize(
    ("code", "tbs"),
    [
        ("", dns("a.sw.example")),
        ("", dns("a.b.sw.example", "c.sw.example")),
        ("", named(x509.IPAddress(ip_address("192.0.2.7")), x509.RFC822Name("lan@sw.example"))),
        ("grant-names", dns("sw.example")),
        ("grant-names", dns("a.sw.example", "evil.example")),
        ("grant-names", dns("evil-sw.example")),
        ("grant-names", dns("a.sw.example.evil.example")),
        ("grant-names", dns(".sw.example")),
        ("grant-names", dns("*.a.sw.example")),
        ("", dns("*.sw.example")),  # word for word what stands in the grant
        ("grant-names", dns("A.SW.EXAMPLE")),
        ("grant-names", named(x509.IPAddress(ip_address("198.51.100.7")))),
        ("grant-names", named(x509.IPAddress(ip_address("2001:db8::1")))),
        ("grant-names", named(x509.RFC822Name("lan@sw.example.evil.example"))),
        ("grant-names", named(x509.UniformResourceIdentifier("https://a.sw.example"))),
        ("grant-names", named(x509.RegisteredID(x509.ObjectIdentifier("1.2.3")))),
        ("grant-names", named(x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])))),
        ("grant-usages", named(x509.DNSName("a.sw.example"), usages=[ExtendedKeyUsageOID.CODE_SIGNING])),
        ("grant-usages", named(x509.DNSName("a.sw.example"), usages=())),
        ("grant-days", a_tbs(names=["a.sw.example"], days=91)),
        ("malformed", b"\x30\x03\x02\x01\x01"),
    ],
)
def test_a_grant_gives_the_names_and_purposes_it_lists_and_no_others(code: str, tbs: bytes) -> None:
    assert code == checked(tbs)


ORGANIZATION = NameOID.ORGANIZATION_IDENTIFIER


@pytest.mark.parametrize(
    ("code", "tbs"),
    [
        ("", subject((NameOID.COMMON_NAME, "a.sw.example"), (ORGANIZATION, "H49.61.05"))),
        ("", subject((NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, "Sở Y tế"))),
        ("grant-agency", subject((ORGANIZATION, "H49.61.06"))),
        ("grant-agency", subject((ORGANIZATION, "H49.61.05"), (ORGANIZATION, "000.00.00.H49"))),
        ("grant-names", subject((NameOID.COMMON_NAME, "b.sw.example"))),
        ("grant-names", subject((NameOID.COMMON_NAME, "a.sw.example"), (NameOID.COMMON_NAME, "evil.example"))),
        ("grant-names", subject((NameOID.ORGANIZATION_NAME, "Bộ Công an"))),
        ("grant-names", subject((NameOID.SURNAME, "Sở Y tế"))),
    ],
)
def test_the_subject_says_no_more_than_the_grant_gives(code: str, tbs: bytes) -> None:
    assert code == checked(tbs)


def test_a_grant_has_its_time_and_its_authority() -> None:
    tbs = dns("a.sw.example")
    assert "grant-ended" == checked(tbs, now=NOW + HOUR)
    assert "grant-ended" == checked(tbs, now=NOW - 2 * SECOND)
    assert "grant-issuer" == checked(tbs, issuer="root")


def test_a_grant_is_read_as_it_was_written() -> None:
    grant = a_grant()
    assert grant == parse(grant.statement)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        a_grant().statement + b" ",
        a_grant().statement.replace(b'"count":5', b'"count":"5"'),
        a_grant().statement.replace(b'"count":5', b'"count":0'),
        a_grant().statement.replace(b'"days":90', b'"days":36500'),
        a_grant().statement.replace(b"sentinel grant 1", b"sentinel grant 2"),
        a_grant(names=("anything",)).statement,
        a_grant(names=("ip:192.0.2.300",)).statement,
        a_grant(names=(7,)).statement,
        a_grant(agency=7).statement,
        a_grant(name="").statement,
        a_grant(expires=NOW + 8785 * HOUR).statement,
    ],
)
def test_what_is_no_grant_is_refused(content: bytes) -> None:
    with pytest.raises(Declined) as caught:
        parse(content)
    assert "broken-grant" == caught.value.code


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    with a_signer(tmp_path) as found:
        yield found


def give(asking: Asking, grant: Grant, *by: str, **changes: Any) -> protocol.AnyAnswer:  # noqa: ANN401
    papers = tuple(each.content() for each in approvals_of(grant, *by, **changes))
    return ask(asking, protocol.Give(grant.statement, papers))


def a_given(serial: int) -> bytes:
    return a_tbs(serial, names=["a.sw.example"])


def test_a_grant_takes_two_people(asking: Asking) -> None:
    grant = a_grant()
    assert "one-person" == refused(give(asking, grant), asking)
    assert "one-person" == refused(give(asking, grant, AN), asking)
    assert "one-person" == refused(give(asking, grant, AN, AN), asking)
    assert "same-person" == refused(give(asking, grant, AN, LAN), asking)
    others = tuple(each.content() for each in approvals_of(a_grant(count=9), AN, MINH))
    assert "other-content" == refused(ask(asking, protocol.Give(grant.statement, others)), asking)
    assert "unknown-grant" == refused(sign(asking, [a_given(1)], grant=grant.name), asking)


def test_a_grant_signs_at_its_rate_until_it_is_withdrawn(asking: Asking) -> None:
    grant = a_grant(expires=NOW + 9 * HOUR)
    assert isinstance(give(asking, grant, AN, MINH), protocol.Done)
    assert "grant-there" == refused(give(asking, grant, AN, MINH), asking)
    assert isinstance(sign(asking, [a_given(serial) for serial in (1, 2, 3)], grant=grant.name), protocol.Signed)
    assert grant.name == asking.acts("signed")[0].grant
    assert "grant-spent" == refused(sign(asking, [a_given(serial) for serial in (4, 5, 6)], grant=grant.name), asking)
    assert isinstance(sign(asking, [a_given(serial) for serial in (4, 5)], grant=grant.name), protocol.Signed)
    asking.clock[0] += HOUR + 1
    assert isinstance(sign(asking, [a_given(6)], grant=grant.name), protocol.Signed)
    assert isinstance(withdraw(asking, grant), protocol.Done)
    assert "unknown-grant" == refused(sign(asking, [a_given(7)], grant=grant.name), asking)
    assert "unknown-grant" == refused(withdraw(asking, grant), asking)
    assert "grant-there" == refused(give(asking, grant, AN, MINH), asking)


def withdraw(asking: Asking, grant: Grant) -> protocol.AnyAnswer:
    need = withdrawal(grant.name, grant.issuer)
    approval = an_approval([b""], AN, asking.clock[0], what=What.GRANT, digest=need.digest)
    return ask(asking, protocol.Withdraw(grant.name, (approval.content(),)))


def test_no_grant_makes_an_authority_or_signs_what_it_does_not_give(asking: Asking) -> None:
    grant = a_grant()
    give(asking, grant, AN, MINH)
    assert "grant-authority" == refused(sign(asking, [an_authority()], grant=grant.name), asking)
    assert "grant-names" == refused(sign(asking, [a_given(1), a_tbs(2)], grant=grant.name), asking)
    assert "unknown-grant" == refused(sign(asking, [a_given(1)], grant="another"), asking)
    assert [] == asking.acts("signed")


def test_the_papers_of_a_grant_stay_in_the_log(asking: Asking) -> None:
    grant = a_grant()
    approvals = approvals_of(grant, AN, MINH)
    ask(asking, protocol.Give(grant.statement, tuple(each.content() for each in approvals)))
    (act,) = asking.acts("granted")
    assert (grant.statement, *(each.content() for each in approvals)) == act.papers
    assert replace(grant) == parse(act.papers[0])
