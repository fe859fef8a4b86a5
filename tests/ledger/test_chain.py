"""Hash chains: what digests are made of."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from sentinel.ledger.chain import FIRST, Act, Entry, act_digest, entry_digest, signed_bytes

ACT = Act(3, 1_795_150_800_000_000_000, "lan.nguyễn", "os:1000:lan", "alerts.close", b'{"ids": 2}', b"signed")
ENTRY = Entry(7, "cảnh báo", 2, "closed", 3, b'{"reason": "benign"}')

numbers, texts, bodies = st.integers(0, 2**63 - 1), st.text(max_size=12), st.binary(max_size=12)
acts = st.builds(Act, numbers, numbers, texts, texts, texts, bodies, bodies)
entries = st.builds(Entry, numbers, texts, numbers, texts, numbers, bodies)


def framed(*parts: bytes) -> bytes:
    """Give parts as they are hashed: each with its length before it."""
    return b"".join(str(len(part)).encode() + b":" + part for part in parts)


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@given(acts)
def test_an_act_is_signed_without_its_number_and_hashed_with_it(act: Act) -> None:
    texts = map(utf8, (act.actor, act.via, act.action))
    assert framed(b"sentinel act 1", str(act.at).encode(), *texts, act.body) == signed_bytes(act)
    whole = framed(signed_bytes(act), str(act.number).encode(), act.signature)
    assert sha256(whole).digest() == act_digest(act)


@given(entries, bodies, bodies)
def test_an_entry_is_hashed_with_the_one_before_it_and_its_act(entry: Entry, before: bytes, act: bytes) -> None:
    numbers = f"{entry.number} {entry.seq} {entry.act}".encode()
    whole = framed(b"sentinel entry 1", before, act, numbers, utf8(entry.subject), utf8(entry.kind), entry.body)
    assert sha256(whole).digest() == entry_digest(entry, before, act)


def test_what_is_stored_today_can_be_checked_for_ever() -> None:
    act = act_digest(ACT)
    assert "46e3e7dcb1e9c28e4f1d8ffdac9378e55f1f3609d56a1c4c1e16ff3a1bc25e45" == act.hex()
    assert "43fef2c7dee58566a034795d1bd916ac4b14ad84b694c014919e88635373fd6f" == entry_digest(ENTRY, FIRST, act).hex()


@given(acts, acts)
def test_no_two_acts_have_one_digest(act: Act, other: Act) -> None:
    assert (act == other) == (act_digest(act) == act_digest(other))


@given(entries, entries)
def test_no_two_entries_have_one_digest(entry: Entry, other: Entry) -> None:
    assert (entry == other) == (entry_digest(entry, FIRST, b"") == entry_digest(other, FIRST, b""))


def test_bytes_that_move_from_one_field_to_the_next_are_told() -> None:
    moved = replace(ACT, actor=ACT.actor[:-1], via=ACT.actor[-1] + ACT.via)
    assert act_digest(ACT) != act_digest(moved)
    assert entry_digest(ENTRY, b"", b"x") != entry_digest(ENTRY, b"x", b"")
