"""What a signer signs, and what it refuses and writes down."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509

from sentinel.pki.certificates import algorithms
from sentinel.pki.model import Algorithm
from sentinel.pki.signing import keys, protocol
from sentinel.pki.signing.approvals import What
from tests.pki.signing.a_signer import (
    AN,
    HOUR,
    KEY,
    LAN,
    MINH,
    OTHER,
    SECOND,
    a_list,
    a_signer,
    a_tbs,
    an_approval,
    usual,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sentinel.pki.signing.approvals import Approval
    from tests.pki.signing.a_signer import Asking


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    with a_signer(tmp_path) as found:
        yield found


def ask(asking: Asking, question: protocol.Question) -> protocol.AnyAnswer:
    return protocol.answer(asking.signer.answer(protocol.packed(question), asking.caller))


def cover(asking: Asking, tbs: Sequence[bytes], *approvals: Approval) -> protocol.AnyAnswer:
    digests = b"".join(sha256(each).digest() for each in tbs)
    papers = tuple(each.content() for each in approvals or (an_approval(tbs, now=asking.clock[0]),))
    return ask(asking, protocol.Cover(KEY, papers, digests))


def sign(asking: Asking, tbs: Sequence[bytes], covered: int = 0, **changes: Any) -> protocol.AnyAnswer:  # noqa: ANN401
    values = {"key": KEY, "kind": "certificate", "tbs": list(tbs), "intents": list(range(len(tbs))), "cover": covered}
    return ask(asking, protocol.Sign(**values | changes))  # type: ignore[arg-type]  # as the table above has them


def approved(asking: Asking, tbs: Sequence[bytes], *approvals: Approval) -> protocol.AnyAnswer:
    covered = cover(asking, tbs, *approvals)
    assert isinstance(covered, protocol.Covered)
    return sign(asking, tbs, covered.cover)


def test_what_is_approved_is_signed_and_written_down(asking: Asking) -> None:
    tbs = [a_tbs(serial) for serial in (1, 2, 3)]
    answered = approved(asking, tbs)
    assert isinstance(answered, protocol.Signed)
    (key,) = asking.signer.keys().keys
    for signature, each in zip(answered.signatures, tbs, strict=True):
        algorithms.verify(key.algorithm, key.spki, signature, each)
    (covered,), (act,) = asking.acts("covered"), asking.acts("signed")
    assert [sha256(each).digest() for each in tbs] == [made.digest for made in act.made]
    assert answered.signatures == [made.signature for made in act.made]
    assert ([0, 1, 2], KEY, 1000, covered.number) == ([made.intent for made in act.made], act.key, act.uid, act.cover)
    assert ({"approver": AN, "requester": LAN, "count": "3"}, False) == (covered.values, act.emergency)


def refused(answered: protocol.AnyAnswer, asking: Asking) -> str:
    """Give the code of a refusal, which is the last thing in the log."""
    assert isinstance(answered, protocol.Refusal)
    assert answered.code == asking.acts("refused")[-1].values["code"]
    assert asking.acts("refused")[-1].number == asking.log.last[0]
    return answered.code


def an_authority(**changes: Any) -> bytes:  # noqa: ANN401 - whatever is to be different
    return a_tbs(9, extensions=[x509.BasicConstraints(ca=True, path_length=0)], **changes)


SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@pytest.mark.parametrize(
    ("code", "tbs"),
    [
        ("wrong-issuer", a_tbs(issuer=OTHER)),
        ("wrong-algorithm", a_tbs(key=keys.new(Algorithm.ECDSA_P384))),
        ("is-authority", an_authority()),
        ("is-authority", a_tbs(extensions=[*usual(["a.example"])[1:], SIGNS_CERTIFICATES])),
        ("malformed", a_list()),
        ("malformed", b""),
        ("malformed", b"\x30\x00"),
        ("malformed", a_tbs() + b"\x00"),
        ("malformed", a_tbs()[:-1]),
        ("malformed", b"GET / HTTP/1.1"),
    ],
)
def test_what_is_no_certificate_of_this_authority_is_not_signed(asking: Asking, code: str, tbs: bytes) -> None:
    assert code == refused(approved(asking, [a_tbs(5), tbs]), asking)
    assert [] == asking.acts("signed")


def test_what_makes_an_authority_needs_an_approval_that_says_so(asking: Asking) -> None:
    tbs = [an_authority()]
    approval = an_approval(tbs, now=asking.clock[0], what=What.AUTHORITY)
    assert isinstance(approved(asking, tbs, approval), protocol.Signed)


def test_nothing_is_signed_without_an_approval(asking: Asking) -> None:
    assert "unapproved" == refused(sign(asking, [a_tbs()]), asking)
    assert "unapproved" == refused(sign(asking, [a_tbs()], 7), asking)
    assert "unapproved" == refused(ask(asking, protocol.Cover(KEY, (), bytes(32))), asking)


def test_an_approval_counts_on_the_connection_that_it_came_over(asking: Asking) -> None:
    covered = cover(asking, [a_tbs()])
    assert isinstance(covered, protocol.Covered)
    asking.caller.covers.clear()
    assert "unapproved" == refused(sign(asking, [a_tbs()], covered.cover), asking)


def test_what_was_changed_after_its_approval_is_not_signed(asking: Asking) -> None:
    covered = cover(asking, [a_tbs(1), a_tbs(2)])
    assert isinstance(covered, protocol.Covered)
    assert "not-covered" == refused(sign(asking, [a_tbs(1), a_tbs(3)], covered.cover), asking)
    assert "other-content" == refused(cover(asking, [a_tbs(4)], an_approval([a_tbs(1)])), asking)


def test_an_approval_that_ends_meanwhile_counts_no_more(asking: Asking) -> None:
    covered = cover(asking, [a_tbs()])
    assert isinstance(covered, protocol.Covered)
    asking.clock[0] += 2 * HOUR
    assert "expired" == refused(sign(asking, [a_tbs()], covered.cover), asking)


def test_the_same_bytes_are_signed_once_and_recalled_ever_after(asking: Asking) -> None:
    tbs = a_tbs()
    first = approved(asking, [tbs])
    assert "replay" == refused(approved(asking, [tbs]), asking)
    assert "twice" == refused(approved(asking, [a_tbs(2), a_tbs(2)]), asking)
    assert isinstance(first, protocol.Signed)
    digest = sha256(tbs).digest()
    assert protocol.Recalled({digest: first.signatures[0]}) == ask(asking, protocol.Recall([digest, bytes(32)]))


def test_an_emergency_is_flagged_in_the_log(asking: Asking) -> None:
    tbs, now = [a_tbs()], asking.clock[0]
    approval = an_approval(tbs, LAN, now, emergency=True, reason="máy chủ ngừng", expires=now + HOUR - SECOND)
    assert isinstance(approved(asking, tbs, approval), protocol.Signed)
    assert [True, True] == [asking.acts(kind)[0].emergency for kind in ("covered", "signed")]


def test_a_key_that_is_not_there_or_not_for_this_signs_nothing(tmp_path: Path) -> None:
    with a_signer(tmp_path, signs=("crl",)) as asking:
        assert "unknown-key" == refused(sign(asking, [a_tbs()], key="another"), asking)
        assert "wrong-use" == refused(sign(asking, [a_tbs()]), asking)
        assert "wrong-use" == refused(sign(asking, [a_tbs()], kind="mail"), asking)


def test_a_retired_key_signs_lists_and_no_certificates(tmp_path: Path) -> None:
    with a_signer(tmp_path, retired=SECOND) as asking:
        tbs = [a_tbs()]
        assert "retired-key" == refused(approved(asking, tbs), asking)
        assert isinstance(sign(asking, [a_list()], kind="crl"), protocol.Signed)


def test_an_approval_for_another_authority_covers_nothing(asking: Asking) -> None:
    tbs = [a_tbs()]
    assert "other-issuer" == refused(cover(asking, tbs, an_approval(tbs, issuer="root")), asking)


def test_who_may_approve_is_what_the_file_says_now(asking: Asking) -> None:
    tbs = [a_tbs()]
    people = asking.path / "people.toml"
    assert isinstance(cover(asking, tbs), protocol.Covered)
    people.write_text(
        people.read_text(encoding="utf-8").replace('name = "an.lê"', 'name = "an.trần"'), encoding="utf-8"
    )
    assert "unknown-approver" == refused(cover(asking, tbs), asking)
    people.unlink()
    answered = cover(asking, tbs)
    assert isinstance(answered, protocol.Trouble)
    assert ("InputError", str(people)) == (answered.kind, answered.place)


def test_lists_need_no_approval_and_are_signed_in_the_order_of_their_numbers(asking: Asking) -> None:
    assert isinstance(sign(asking, [a_list(1), a_list(2, revoked=3)], kind="crl"), protocol.Signed)
    assert "old-number" == refused(sign(asking, [a_list(2, revoked=4)], kind="crl"), asking)
    assert "old-number" == refused(sign(asking, [a_list(9), a_list(8)], kind="crl"), asking)
    assert isinstance(sign(asking, [a_list(2**120)], kind="crl"), protocol.Signed)
    assert "old-number" == refused(sign(asking, [a_list(2**120, revoked=1)], kind="crl"), asking)


def test_each_shard_counts_its_own_lists(asking: Asking) -> None:
    one, two = (f"http://crl.example/{shard}.crl" for shard in (1, 2))
    assert isinstance(sign(asking, [a_list(7, shard=one), a_list(3, shard=two)], kind="crl"), protocol.Signed)
    assert "old-number" == refused(sign(asking, [a_list(5, shard=one)], kind="crl"), asking)
    assert isinstance(sign(asking, [a_list(5, shard=two)], kind="crl"), protocol.Signed)


@pytest.mark.parametrize(
    ("code", "tbs"),
    [
        ("not-now", a_list(ago=2 * 86_400)),
        ("not-now", a_list(ago=-86_400)),
        ("no-end", a_list(days=0.000001)),
        ("wrong-issuer", a_list(issuer=OTHER)),
        ("wrong-algorithm", a_list(key=keys.new(Algorithm.ED25519))),
        ("malformed", a_list(numbered=False)),
        ("malformed", a_tbs()),
        ("malformed", b""),
        ("malformed", a_list()[:-1]),
    ],
)
def test_a_list_that_is_not_the_next_one_is_not_signed(asking: Asking, code: str, tbs: bytes) -> None:
    assert code == refused(sign(asking, [tbs], kind="crl"), asking)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xc1",
        b"\x80",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x81\xa3ask\xa4sign",
        b"\x81\xa3ask\xa6unlock",
        b"\xdd\xff\xff\xff\xff",
        protocol.packed(protocol.Sign(KEY, "certificate", [], [])),
        protocol.packed(protocol.Sign(KEY, "certificate", [b""] * 501, [1] * 501)),
        protocol.packed(protocol.Sign(KEY, "certificate", [a_tbs()], [1, 2])),
        protocol.packed(protocol.Sign(KEY * 50, "certificate", [a_tbs()], [1])),
        protocol.packed(protocol.Cover(KEY, (an_approval([b""], MINH).content(),), b"short")),
        protocol.packed(protocol.Cover(KEY, (an_approval([b""], MINH).content(),), b"")),
        protocol.packed(protocol.Recall([b"short"])),
        protocol.packed(protocol.Acts(-1)),
    ],
)
def test_what_is_no_question_is_refused_and_written_down(asking: Asking, payload: bytes) -> None:
    assert "garbage" == refused(protocol.answer(asking.signer.answer(payload, asking.caller)), asking)


def test_what_is_no_approval_is_refused(asking: Asking) -> None:
    answered = ask(asking, protocol.Cover(KEY, (b"\xff",), bytes(32)))
    assert "broken-approval" == refused(answered, asking)
