from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from sentinel.errors import InputError
from sentinel.pki.model import Name, NameKind
from sentinel.pki.verify.engine import PATHS, Policies
from sentinel.pki.verify.names import name_of
from sentinel.pki.verify.purpose import Purpose
from sentinel.pki.verify.verdict import ANY_POLICY, Check, Fault, Opinion, Verdict
from sentinel.pki.verify.verify import verify
from tests.pki.verify.chains import AT, SERVER, Party, a_key, a_server, an_authority, name, with_signature_of

POLICY = "1.3.6.1.4.1.99999.1.1"
CONSTRAINTS = x509.NameConstraints(
    permitted_subtrees=[x509.DNSName("gov.example"), x509.RFC822Name(".gov.example")],
    excluded_subtrees=[x509.IPAddress(IPv4Network("0.0.0.0/0")), x509.IPAddress(IPv6Network("::/0"))],
)


def judged(leaf: Party, *authorities: Party, at: int = AT, **asked: object) -> Verdict:
    """Verify a certificate with its own authorities, the last of them the root."""
    *middle, root = authorities
    return verify(leaf.der, [each.der for each in middle], [root.der], at=at, **asked)  # type: ignore[arg-type]


def faults(verdict: Verdict) -> list[tuple[Fault, str]]:
    return [(each.fault, each.link.subject.partition(",")[0] if each.link else "") for each in verdict.objections]


def policies(*oids: str) -> tuple[x509.ExtensionType, bool]:
    return x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(each), None) for each in oids]), False


def test_a_chain_of_our_shape_holds_with_vietnamese_names_agency_codes_and_name_constraints() -> None:
    root = an_authority("Gốc quốc gia", constraints=CONSTRAINTS)
    issuing = an_authority("Cơ quan cấp chứng thư số", root, path_length=0)
    leaf = a_server(issuing, "dichvucong.gov.example", called="Cổng dịch vụ công")

    verdict = judged(leaf, issuing, root, names=[name_of("dichvucong.gov.example")], purpose=Purpose.TLS_SERVER)

    assert [] == faults(verdict)
    assert Opinion.AGREES == verdict.opinion
    organization = "O=Sở Thông tin và Truyền thông"
    assert [
        f"CN=Cổng dịch vụ công,organizationIdentifier=000.00.00.H49,{organization},C=VN",
        f"CN=Cơ quan cấp chứng thư số,organizationIdentifier=000.00.00.H49,{organization},C=VN",
        f"CN=Gốc quốc gia,organizationIdentifier=000.00.00.H49,{organization},C=VN",
    ] == [each.subject for each in verdict.chain]
    assert {Check.CHAIN, Check.POLICIES, Check.NAMES, Check.PURPOSE, Check.SECOND_OPINION} == set(verdict.checked)
    assert [Check.REVOCATION] == [each.check for each in verdict.unchecked]


@pytest.mark.parametrize(
    "names",
    [
        [x509.DNSName("dichvucong.gov.example"), x509.DNSName("evil.example")],
        [x509.DNSName("notgov.example")],
        [x509.RFC822Name("lan@evil.example")],
        [x509.IPAddress(ip_address("192.0.2.7"))],
        [x509.IPAddress(ip_address("2001:db8::7"))],
    ],
)
def test_a_name_outside_the_constraints_of_the_root_is_refused(names: list[x509.GeneralName]) -> None:
    root = an_authority(constraints=CONSTRAINTS)
    issuing = an_authority("Cấp", root)

    verdict = judged(a_server(issuing, alternative=names), issuing, root)

    assert [Fault.NAME_CONSTRAINTS] == [each.fault for each in verdict.objections]
    assert Opinion.AGREES == verdict.opinion


def test_a_root_that_allows_one_authority_below_it_allows_no_two() -> None:
    root = an_authority(path_length=0)
    upper = an_authority("Trên", root)
    assert judged(a_server(root), root).holds
    assert [(Fault.PATH_LENGTH, "CN=Trên")] == faults(judged(a_server(upper), upper, root))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([x509.DNSName("a.gov.example")], []),
        ([x509.IPAddress(ip_address("10.1.2.3"))], []),
        ([x509.IPAddress(ip_address("10.2.0.1"))], [Fault.NAME_CONSTRAINTS]),
        ([x509.IPAddress(ip_address("2001:db8::1"))], [Fault.NAME_CONSTRAINTS]),
    ],
)
def test_constraints_on_addresses_are_understood(names: list[x509.GeneralName], expected: list[Fault]) -> None:
    constraints = x509.NameConstraints([x509.IPAddress(IPv4Network("10.1.0.0/16")), x509.DNSName("gov.example")], None)
    root = an_authority()
    issuing = an_authority("Cấp", root, constraints=constraints)

    verdict = judged(a_server(issuing, alternative=names), issuing, root)

    assert expected == [each.fault for each in verdict.objections]
    assert Opinion.AGREES == verdict.opinion


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP521R1()),
        rsa.generate_private_key(65537, 2048),
        ed25519.Ed25519PrivateKey.generate(),
        mldsa.MLDSA65PrivateKey.generate(),
    ],
    ids=lambda key: type(key).__name__,
)
def test_every_kind_of_key_that_authorities_sign_with_holds(key: ec.EllipticCurvePrivateKey) -> None:
    root = an_authority(key=key)
    assert [] == faults(judged(a_server(root), root))


@pytest.mark.parametrize(
    ("days", "expected"), [((-90, -1), Fault.EXPIRED), ((1, 90), Fault.NOT_YET)], ids=["expired", "not yet"]
)
def test_a_certificate_outside_its_time_is_named(days: tuple[int, int], expected: Fault) -> None:
    root = an_authority()
    assert [(expected, "CN=cổng dịch vụ công")] == faults(judged(a_server(root, days=days), root))


def test_an_expired_root_is_refused_though_a_trust_anchor_has_no_times() -> None:
    root = an_authority(days=(-900, -1))
    assert [(Fault.EXPIRED, "CN=Gốc")] == faults(judged(a_server(root), root))


def test_every_expired_certificate_is_named_and_not_the_first_alone() -> None:
    root = an_authority()
    issuing = an_authority("Cấp", root, days=(-90, -2))
    leaf = a_server(issuing, days=(-80, -1))
    found = faults(judged(leaf, issuing, root, names=[name_of("other.gov.example")]))
    assert [
        (Fault.EXPIRED, "CN=cổng dịch vụ công"),
        (Fault.EXPIRED, "CN=Cấp"),
        (Fault.WRONG_NAME, "CN=cổng dịch vụ công"),
    ] == found


def test_a_chain_with_a_hole_says_whose_certificate_is_missing() -> None:
    root = an_authority()
    issuing = an_authority("Cấp", root)
    verdict = judged(a_server(issuing), root)
    assert [(Fault.NO_CHAIN, "CN=cổng dịch vụ công")] == faults(verdict)
    assert verdict.objections[0].detail.startswith("CN=Cấp,")
    assert () == verdict.chain


def test_a_certificate_that_was_altered_is_refused() -> None:
    root = an_authority()
    leaf = a_server(root, "portal.gov.example")
    altered = leaf.der.replace(b"portal.gov.example", b"portaI.gov.example")
    verdict = verify(altered, [], [root.der], at=AT)
    assert [Fault.SIGNATURE] == [each.fault for each in verdict.objections]
    assert Opinion.AGREES == verdict.opinion


def test_a_certificate_with_the_name_and_key_of_the_root_is_not_the_root() -> None:
    root = an_authority()
    double = an_authority("Gốc", key=root.key, more=[(x509.SubjectAlternativeName([x509.DNSName("a.example")]), False)])
    forged = double.der.replace(b"a.example", b"b.example")
    verdict = verify(forged, [], [root.der], at=AT)
    assert [Fault.NOT_THE_ROOT] == [each.fault for each in verdict.objections]


def test_a_root_that_is_trusted_holds_by_itself() -> None:
    root = an_authority()
    verdict = judged(root, root)
    assert [] == faults(verdict)
    assert ["CN=Gốc"] == [each.subject.partition(",")[0] for each in verdict.chain]


def test_what_an_end_certificate_signed_is_refused() -> None:
    root = an_authority()
    issuing = an_authority("Cấp", root, is_authority=False)
    assert (Fault.NOT_AN_AUTHORITY, "CN=Cấp") in faults(judged(a_server(issuing), issuing, root))


def test_more_authorities_than_a_path_may_have_are_refused() -> None:
    root = an_authority()
    upper = an_authority("Trên", root, path_length=0)
    lower = an_authority("Dưới", upper)
    assert [(Fault.PATH_LENGTH, "CN=Dưới")] == faults(judged(a_server(lower), lower, upper, root))


def test_an_unknown_critical_extension_is_refused() -> None:
    root = an_authority()
    unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.7"), b"\x05\x00")
    assert [(Fault.CRITICAL, "CN=cổng dịch vụ công")] == faults(judged(a_server(root, more=[(unknown, True)]), root))


def test_short_keys_are_refused_also_in_the_certificate_itself() -> None:
    root = an_authority()
    leaf = a_server(root, key=rsa.generate_private_key(65537, 1024))  # noqa: S505 - it is to be refused
    verdict = judged(leaf, root)
    assert [("rsa 1024", Fault.WEAK)] == [(each.detail, each.fault) for each in verdict.objections]


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        ("portal.gov.example", True),
        ("PORTAL.gov.example.", True),
        ("a.wild.gov.example", True),
        ("a.b.wild.gov.example", False),
        ("wild.gov.example", False),
        ("portal.gov.example.evil.example", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("2001:db8:0::7", True),
        ("email:lan@GOV.example", True),
        ("email:Lan@gov.example", False),
        ("uri:https://portal.gov.example/", True),
        ("uri:https://portal.gov.example/a", False),
        ("xn--dch-3bz.gov.example", True),
        ("dịch.gov.example", True),
    ],
)
def test_only_the_names_of_a_certificate_are_its_names(wanted: str, holds: bool) -> None:
    root = an_authority()
    label = "dịch".encode("idna").decode()
    names: list[x509.GeneralName] = [
        *(x509.DNSName(each) for each in ("Portal.gov.example", "*.wild.gov.example", f"{label}.gov.example")),
        x509.IPAddress(ip_address("192.0.2.7")),
        x509.IPAddress(ip_address("2001:db8::7")),
        x509.RFC822Name("lan@gov.example"),
        x509.UniformResourceIdentifier("https://portal.gov.example/"),
    ]
    asked = name_of(wanted.replace("xn--dch-3bz", label))
    assert holds is judged(a_server(root, alternative=names), root, names=[asked]).holds


def test_the_common_name_is_no_name_of_a_server() -> None:
    root = an_authority()
    leaf = a_server(root, "other.gov.example", called="portal.gov.example")
    assert not judged(leaf, root, names=[Name(NameKind.DNS, "portal.gov.example")]).holds


@pytest.mark.parametrize("text", ["", "a b.example", "email:lan", "ip:192.0.2", "uri:no", "a..example", "*.example"])
def test_what_is_no_name_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        name_of(text, "--name")
    assert "--name" == caught.value.place


TIME = ExtendedKeyUsageOID.TIME_STAMPING


@pytest.mark.parametrize(
    ("usages", "purpose", "holds"),
    [
        ((SERVER,), Purpose.TLS_SERVER, True),
        ((SERVER,), Purpose.TLS_CLIENT, False),
        (None, Purpose.TLS_SERVER, True),
        (None, Purpose.CODE_SIGNING, False),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), Purpose.TLS_SERVER, True),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), Purpose.OCSP_SIGNING, False),
        ((TIME,), Purpose.TIME_STAMPING, False),
        ((SERVER,), Purpose.ANY, True),
    ],
)
def test_a_purpose_is_what_the_extended_key_usage_says(
    usages: tuple[ObjectIdentifier, ...] | None, purpose: Purpose, holds: bool
) -> None:
    root = an_authority()
    assert holds is judged(a_server(root, usages=usages), root, purpose=purpose).holds


def test_a_time_stamping_certificate_holds_with_that_usage_alone_and_critical() -> None:
    root = an_authority()
    leaf = a_server(root, usages=None, more=[(x509.ExtendedKeyUsage([TIME]), True)])
    assert judged(leaf, root, purpose=Purpose.TIME_STAMPING).holds


def test_an_authority_passes_on_no_purpose_that_it_does_not_have() -> None:
    root = an_authority()
    issuing = an_authority("Cấp", root, more=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)])
    verdict = judged(a_server(issuing), issuing, root, purpose=Purpose.TLS_SERVER)
    assert [(Fault.PURPOSE, "CN=Cấp")] == faults(verdict)


def test_policies_that_are_valid_along_the_chain_are_told() -> None:
    root = an_authority()
    issuing = an_authority("Cấp", root, more=[policies(POLICY, f"{POLICY}.2")])
    leaf = a_server(issuing, more=[policies(POLICY)])
    asked = Policies(frozenset({POLICY}), explicit=True)
    assert (POLICY,) == judged(leaf, issuing, root).policies
    assert judged(leaf, issuing, root, policies=asked).holds


def test_a_policy_that_the_chain_does_not_have_is_refused() -> None:
    root = an_authority()
    issuing = an_authority("Cấp", root, more=[policies(ANY_POLICY)])
    leaf = a_server(issuing, more=[policies(POLICY)])
    verdict = judged(leaf, issuing, root, policies=Policies(frozenset({"1.2.3.4"}), explicit=True))
    assert [(Fault.POLICY, "CN=cổng dịch vụ công")] == faults(verdict)


def test_a_chain_is_found_beside_a_wrong_one() -> None:
    """An authority that was certified twice, once long ago: the certificate that is in force makes the chain."""
    root, key = an_authority(), a_key()
    old = an_authority("Cấp", root, key=key, days=(-900, -100))
    new = an_authority("Cấp", root, key=key)
    leaf = a_server(new)
    for order in ((old, new), (new, old)):
        verdict = judged(leaf, *order, root)
        assert [] == faults(verdict)


def test_authorities_that_certify_each_other_without_end_are_given_up_on() -> None:
    root, keys = an_authority(), [a_key() for _ in range(7)]
    roots = [an_authority(f"Vòng {number}", key=key) for number, key in enumerate(keys)]
    middle = [
        an_authority(f"Vòng {below}", roots[above], key=keys[below])
        for below in range(len(keys))
        for above in range(len(keys))
        if below != above
    ]
    verdict = judged(a_server(roots[0]), *middle, root)
    assert [Fault.TOO_COMPLEX] == [each.fault for each in verdict.objections]
    assert PATHS < len(middle)


def test_a_second_opinion_that_refuses_counts() -> None:
    """OpenSSL asks every certificate but the root for its issuer's key identifier (RFC 5280, 4.2.1.1)."""
    root = an_authority()
    leaf = a_server(root)
    builder = x509.CertificateBuilder().subject_name(name("không khóa")).issuer_name(root.certificate.subject)
    builder = builder.public_key(leaf.key.public_key()).serial_number(7)
    builder = builder.not_valid_before(leaf.certificate.not_valid_before_utc)
    builder = builder.not_valid_after(leaf.certificate.not_valid_after_utc)
    bare = Party(builder.sign(root.key, leaf.certificate.signature_hash_algorithm), leaf.key, root)  # type: ignore[arg-type]
    verdict = judged(bare, root)
    assert [(Fault.SECOND_OPINION, "CN=không khóa")] == faults(verdict)
    assert Opinion.DIFFERS == verdict.opinion


def test_a_signature_taken_from_another_certificate_proves_nothing() -> None:
    root = an_authority(key=ed25519.Ed25519PrivateKey.generate())
    original = a_server(root)
    forgery = a_server(root, "evil.example")
    verdict = verify(with_signature_of(forgery, original), [original.der], [root.der], at=AT)
    assert [Fault.SIGNATURE] == [each.fault for each in verdict.objections]


@pytest.mark.parametrize("content", [b"", b"0\x03\x02\x01\x01", b"nothing", b"0\x82\xff\xff"])
def test_what_is_no_certificate_is_wrong_input(content: bytes) -> None:
    root = an_authority()
    for call in ((content, [], [root.der]), (root.der, [content], [root.der]), (root.der, [], [content])):
        with pytest.raises(InputError, match="not a certificate"):
            verify(*call, at=AT)


def test_without_a_root_nothing_is_verified() -> None:
    with pytest.raises(InputError, match="no root"):
        verify(an_authority().der, [], [], at=AT)
