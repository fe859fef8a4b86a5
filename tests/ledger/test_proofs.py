"""Proofs as files: what is written is read again, and what is wrong is told with its line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import Damaged, InputError
from sentinel.ledger.proofs import (
    Consistency,
    Inclusion,
    check_consistency,
    check_inclusion,
    prove_consistency,
    prove_inclusion,
    read,
)
from tests.ledger.a_ledger import NOON, a_checkpoint, a_ledger

if TYPE_CHECKING:
    from sentinel.ledger.checkpoint import Checkpoint

ROWS = a_ledger()
DIGESTS = [digest for _entry, digest in ROWS.entries]
SECOND = 10**9


def head(size: int, minutes: int = 0) -> Checkpoint:
    """Give the checkpoint of so many entries, as a proof that is read again has it, at some minute."""
    at = (NOON // SECOND + 60 * minutes) * SECOND
    return replace(a_checkpoint(ROWS, size, place=""), at=at)


def told(proof: Inclusion | Consistency) -> Inclusion | Consistency:
    """Give a proof that was written and read again, less where its checkpoint stood."""
    found = read(proof.content(), "proof")
    return replace(found, checkpoint=replace(found.checkpoint, place=""))


@given(st.integers(1, 18), st.integers(0, 18))
def test_every_entry_of_every_tree_is_proved(number: int, later: int) -> None:
    size = max(number, later)
    proof = prove_inclusion(iter(DIGESTS), number, head(size), b"of what")
    assert proof == told(proof)
    check_inclusion(proof, DIGESTS[number - 1])
    with pytest.raises(InputError, match="is not in the tree"):
        check_inclusion(proof, bytes(32))


@given(st.integers(0, 18), st.integers(0, 18))
def test_every_tree_is_proved_to_be_the_beginning_of_every_later_one(one: int, other: int) -> None:
    earlier, later = sorted((one, other))
    proof = prove_consistency(iter(DIGESTS), head(earlier), head(later))
    assert proof == told(proof)
    check_consistency(proof, head(earlier))


def test_a_proof_looks_as_the_standards_say() -> None:
    grown = prove_consistency(DIGESTS, head(5), head(18)).content().decode().split("\n")
    assert ("old 5", "", "sentinel.example/alerts/1", "18") == (grown[0], *grown[7:10])
    assert [44] * 6 == [*map(len, grown[1:7])]
    there = prove_inclusion(DIGESTS, 5, head(18), b"{}").content().decode().split("\n")
    assert ["c2sp.org/tlog-proof@v1", "extra e30=", "index 4"] == there[:3]
    bare = prove_inclusion(DIGESTS, 1, head(1)).content().decode().split("\n")
    assert ["c2sp.org/tlog-proof@v1", "index 0", "", "sentinel.example/alerts/1"] == bare[:4]


def test_what_no_entries_prove_is_told() -> None:
    changed = [*DIGESTS[:3], bytes(32), *DIGESTS[4:]]
    for digests, earlier in ((changed, 6), (DIGESTS[:9], 4), ([], 4)):
        with pytest.raises(Damaged, match="something in entries 1 to"):
            prove_consistency(digests, head(earlier), head(18))


def test_checkpoints_that_contradict_each_other_are_told() -> None:
    other = replace(head(5), root=bytes(32))
    for earlier, later, error, what in (
        (other, head(5), Damaged, "two histories"),
        (head(9), head(5, minutes=1), Damaged, "the end was cut off: there were 9 entries, there are 5"),
        (head(9, minutes=1), head(5), InputError, "the earlier checkpoint is the later one"),
        (replace(head(5), origin="another"), head(9), InputError, "checkpoints of two ledgers"),
    ):
        for call in (
            lambda one=earlier, two=later: prove_consistency(DIGESTS, one, two),
            lambda one=earlier, two=later: check_consistency(Consistency(one.size, (), two), one),
        ):
            with pytest.raises(error, match=what):
                call()


def test_a_proof_is_since_one_size_alone() -> None:
    proof = prove_consistency(DIGESTS, head(5), head(18))
    with pytest.raises(InputError, match="the proof is since 5 entries, this checkpoint has 6"):
        check_consistency(proof, head(6))
    with pytest.raises(InputError, match="not the beginning"):
        check_consistency(replace(proof, path=proof.path[1:]), head(5))


def test_every_line_that_is_left_out_or_doubled_is_found() -> None:
    """What still holds says the same: signatures, the time and what an entry is made of are checked elsewhere."""
    for proof in (prove_consistency(DIGESTS, head(5), head(18)), prove_inclusion(DIGESTS, 5, head(18), b"{}")):
        lines = proof.content().splitlines(keepends=True)
        for at, line in enumerate(lines):
            for changed in ([*lines[:at], *lines[at + 1 :]], [*lines[:at], line, *lines[at:]]):
                found = held(b"".join(changed))
                assert found is None or said(proof) == said(found), (at, line)


def said(proof: Inclusion | Consistency) -> tuple[object, ...]:
    number = proof.index if isinstance(proof, Inclusion) else proof.earlier
    return type(proof), number, proof.path, proof.checkpoint.origin, proof.checkpoint.size, proof.checkpoint.root


def held(content: bytes) -> Inclusion | Consistency | None:
    """Give a proof that holds, None for any other."""
    try:
        proof = read(content, "proof")
        if isinstance(proof, Consistency):
            check_consistency(proof, head(5))
        else:
            check_inclusion(proof, DIGESTS[4])
    except (InputError, Damaged):
        return None
    return proof


@given(st.binary(max_size=200), st.integers(0, 800), st.integers(0, 800))
def test_only_our_errors_come_of_what_is_no_proof(junk: bytes, begin: int, end: int) -> None:
    for proof in (prove_consistency(DIGESTS, head(5), head(18)), prove_inclusion(DIGESTS, 5, head(18), b"{}")):
        content = proof.content()
        for broken in (junk, content[:begin] + junk + content[max(begin, end) :]):
            try:
                read(broken, "proof")
            except InputError as error:
                assert error.place.startswith("proof:")  # noqa: PT017 - it need not raise


@pytest.mark.parametrize(
    ("content", "place", "what"),
    [
        ("", "proof:1", "not a proof"),
        ("old 05\n", "proof:1", "not a proof"),
        ("old 5 6\n", "proof:1", "not a proof"),
        ("c2sp.org/tlog-proof@v2\nindex 4\n", "proof:1", "not a proof"),
        ("c2sp.org/tlog-proof@v1\n\n", "proof:2", "not a proof"),
        ("c2sp.org/tlog-proof@v1\nextra e30\nindex 4\n", "proof:2", "not base64"),
        ("c2sp.org/tlog-proof@v1\nextra e30=\nindex -4\n", "proof:3", "not a proof"),
        ("old 5\nAAAA\n", "proof:2", "not a hash: 'AAAA'"),
        ("old 5\n\n", "proof:2", "a proof holds one checkpoint"),
        ("old 5\n\nã\n5\n", "proof:4", "origin, size and root"),
    ],
)
def test_what_is_no_proof_is_told_with_its_line(content: str, place: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        read(content.encode(), "proof")
    assert place == caught.value.place


def test_no_proof_is_longer_than_a_witness_takes() -> None:
    long = replace(prove_consistency(DIGESTS, head(5), head(18)), path=tuple(bytes(32) for _each in range(64)))
    with pytest.raises(InputError, match="too long") as caught:
        read(long.content(), "proof")
    assert "proof:65" == caught.value.place


def test_what_is_no_text_is_told() -> None:
    with pytest.raises(InputError, match="no UTF-8") as caught:
        read(b"old 5\n\xff", "proof")
    assert "proof:2" == caught.value.place
