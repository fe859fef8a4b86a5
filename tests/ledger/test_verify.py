"""Checking a ledger: whatever is changed, left out, moved or cut off is found."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import Damaged
from sentinel.ledger.base import Signer
from sentinel.ledger.chain import Act, Entry, act_digest
from sentinel.ledger.verify import Verified, examine, verify
from tests.ledger.a_ledger import KEY, NOON, ORIGIN, SIGNERS, Rows, a_checkpoint, a_ledger, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.ledger.checkpoint import Checkpoint

SOUND = a_ledger()
HEAD = a_checkpoint(SOUND)
# For each kind of value, what a forger may put in its place.
OTHERS: dict[type, tuple[object, ...]] = {
    int: (0, 1, 2, 7, -1, 2**63 - 1, "7", None, b"7"),
    str: ("", "an.lê", "alert-1", "key:", "os:0:root", b"noted", None, 7),
    bytes: (b"", b"{}", bytes(32), "{}", None, 7),
}


def checked(rows: Rows, *checkpoints: Checkpoint) -> Verified:
    return examine(rows.ledger(), checkpoints, SIGNERS)


def test_a_sound_ledger_is_sound() -> None:
    found = verify(SOUND.ledger(), [a_checkpoint(SOUND, 5), HEAD], SIGNERS)
    assert Verified(6, 18, 3, 3, HEAD.root, 2, 0, 18) == found


def test_an_empty_ledger_is_sound() -> None:
    assert () == checked(Rows(), a_checkpoint(Rows())).faults


def test_what_comes_after_a_checkpoint_is_no_fault() -> None:
    found = checked(SOUND, a_checkpoint(SOUND, 5))
    assert (5, ()) == (found.covered, found.faults)


def _changed(row: Any, name: str, value: Any) -> Any:  # noqa: ANN401 - a row of either table, and any value
    return replace(row, **{name: value})


def _with(table: str, stored: list[Any]) -> Rows:
    return Rows(stored, SOUND.entries) if table == "acts" else Rows(SOUND.acts, stored)


TABLES = [("acts", field.name) for field in fields(Act)] + [("entries", field.name) for field in fields(Entry)]


@pytest.mark.parametrize(("table", "name"), [*TABLES, ("acts", "digest"), ("entries", "digest")])
def test_every_changed_field_of_every_row_is_found(table: str, name: str) -> None:
    stored: list[tuple[Any, Any]] = getattr(SOUND, table)
    for at, (row, digest) in enumerate(stored):
        before = digest if name == "digest" else getattr(row, name)
        others = OTHERS[type(before)] if name != "number" else OTHERS[int][:6]  # SQLite sees to that
        for value in (other for other in others if other != before):
            changed = (row, value) if name == "digest" else (_changed(row, name, value), digest)
            rows = _with(table, [*stored[:at], changed, *stored[at + 1 :]])
            found = examine(replace(rows.ledger(), heads=None), [HEAD], SIGNERS)
            assert found.fault_count, (table, at, name, value)


@pytest.mark.parametrize("table", ["acts", "entries"])
def test_every_row_that_is_left_out_doubled_or_moved_is_found(table: str) -> None:
    rows: list[Any] = getattr(SOUND, table)
    for at in range(len(rows)):
        before, row, after = rows[:at], rows[at], rows[at + 1 :]
        others = [[*before, *after], [*before, row, row, *after]]
        others += [[*after[:1], row, *after[1:]]] if not before and after else []
        others += [[*before[:-1], row, before[-1], *after]] if before else []
        for changed in others:
            assert checked(_with(table, changed), HEAD).fault_count, (table, at)


@pytest.mark.parametrize("table", ["acts", "entries"])
def test_every_end_that_is_cut_off_is_found(table: str) -> None:
    rows: list[Any] = getattr(SOUND, table)
    for size in range(len(rows)):
        found = checked(_with(table, rows[:size]), HEAD)
        assert found.fault_count, (table, size)


def test_an_end_that_is_cut_off_cleanly_is_told_by_the_checkpoint() -> None:
    cut = Rows(SOUND.acts[:4], SOUND.entries[:12])
    assert () == checked(cut).faults
    with pytest.raises(Damaged) as caught:
        verify(cut.ledger(), [HEAD], SIGNERS)
    assert "checkpoints:1: the end was cut off: there were 18 entries, there are 12" == caught.value.message
    assert (ORIGIN, 5) == (caught.value.place, caught.value.exit_code)


def _forged(change: Callable[[list[Act], list[Entry]], object]) -> Rows:
    """Give the ledger changed by somebody who knows how to make all digests anew, though not signatures."""
    acts, entries = [act for act, _digest in SOUND.acts], [entry for entry, _digest in SOUND.entries]
    change(acts, entries)
    return written(acts, entries)


FORGERIES: dict[str, Callable[[list[Act], list[Entry]], object]] = {
    "a body": lambda _acts, entries: entries.__setitem__(7, replace(entries[7], body=b"{}")),
    "a kind": lambda _acts, entries: entries.__setitem__(7, replace(entries[7], kind="closed")),
    "a subject": lambda _acts, entries: entries.__setitem__(7, replace(entries[7], subject="alert-1")),
    "an actor": lambda acts, _entries: acts.__setitem__(1, replace(acts[1], actor="an.lê")),
    "a time": lambda acts, _entries: acts.__setitem__(1, replace(acts[1], at=NOON)),
    "a signature less": lambda acts, _entries: acts.__setitem__(0, replace(acts[0], signature=b"", via="os:1000:lan")),
    "an entry less": lambda _acts, entries: entries.pop(7),
    "an entry more": lambda _acts, entries: entries.insert(7, entries[7]),
    "two entries moved": lambda _acts, entries: entries.__setitem__(slice(6, 8), [entries[7], entries[6]]),
    "an act less": lambda acts, entries: (acts.pop(), [entries.pop() for _each in range(3)]),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forger_who_makes_all_digests_anew_meets_the_checkpoint(name: str) -> None:
    rows = _forged(FORGERIES[name])
    assert () == checked(rows).faults
    assert checked(rows, HEAD).fault_count


def test_a_forgery_is_narrowed_down_by_the_checkpoints_around_it() -> None:
    rows = _forged(FORGERIES["a body"])
    heads = [a_checkpoint(SOUND, size, f"heads:{size}") for size in (18, 10, 3, 7)]
    assert [
        "heads:10: something in entries 8 to 10 is not as this checkpoint says",
        "heads:18: something in entries 8 to 18 is not as this checkpoint says",
    ] == list(map(str, checked(rows, *heads).faults))


def test_a_forger_cannot_sign() -> None:
    for change in ({"actor": "an.lê"}, {"at": NOON}, {"action": "alerts.close"}, {"body": b"{}"}, {"signature": b""}):
        rows = _forged(lambda acts, _entries, change=change: acts.__setitem__(0, replace(acts[0], **change)))  # type: ignore[misc]
        (fault,) = checked(rows).faults
        assert 1 == fault.act
        assert "sign" in fault.what


def test_what_is_wrong_is_named_with_its_number_and_subject() -> None:
    rows = a_ledger()
    entry, digest = rows.entries[4]
    rows.entries[4] = replace(entry, body=b"{}"), digest
    with pytest.raises(Damaged) as caught:
        verify(rows.ledger(), [HEAD], SIGNERS)
    assert "entry 5, alert-2, act 2: not what was written: its digest is another" == caught.value.message


def test_many_faults_are_counted_and_the_first_are_told() -> None:
    rows = Rows(SOUND.acts, [(replace(entry, body=b"{}"), digest) for entry, digest in SOUND.entries])
    with pytest.raises(Damaged) as caught:
        verify(rows.ledger(), [], SIGNERS)
    lines = caught.value.message.splitlines()
    assert (11, "  and 8 more") == (len(lines), lines[-1])


def test_a_checkpoint_of_another_ledger_says_nothing_of_this_one() -> None:
    other = replace(HEAD, origin="sentinel.example/alerts/2")
    found = checked(SOUND, HEAD, other)
    assert (1, 1, ()) == (found.checkpoints, found.others, found.faults)


def test_a_ledger_that_no_checkpoint_knows_is_suspicious() -> None:
    renamed = replace(SOUND.ledger(), origin="sentinel.example/alerts/9")
    (fault,) = examine(renamed, [HEAD], SIGNERS).faults
    assert "no checkpoint is one of this ledger, whose origin is 'sentinel.example/alerts/9'" == str(fault)


def test_a_checkpoint_that_nobody_known_signed_is_a_fault() -> None:
    (fault,) = examine(SOUND.ledger(), [replace(HEAD, signatures=())], SIGNERS).faults
    assert "checkpoints:1: no key that is known here signed this checkpoint" == str(fault)


@pytest.mark.parametrize(
    ("signer", "what"),
    [
        (None, "the key that signed it is not known here"),
        (Signer("an.lê", KEY.public, 0), "it was signed by the key of an.lê, not of lan.nguyen"),
        (Signer("lan.nguyen", KEY.public, NOON + 2), "the key of lan.nguyen was not in use then"),
        (Signer("lan.nguyen", KEY.public, 0, NOON + 1), "the key of lan.nguyen was not in use then"),
        (Signer("lan.nguyen", PrivateKey.new().public, 0), "the signature of lan.nguyen is not one over this act"),
    ],
)
def test_a_signature_counts_only_for_its_owner_and_while_the_key_was_in_use(signer: Signer | None, what: str) -> None:
    found = examine(a_ledger(1).ledger(), [], {KEY.public.fingerprint: signer} if signer else {})
    assert [f"act 1: {what}"] == list(map(str, found.faults))


def test_what_was_signed_before_a_key_was_retired_counts_for_ever() -> None:
    signers = SIGNERS | {KEY.public.fingerprint: Signer("lan.nguyen", KEY.public, 0, NOON + 100)}
    assert () == examine(SOUND.ledger(), [HEAD], signers).faults


def test_a_signature_without_a_key_is_a_fault() -> None:
    act = replace(a_ledger(1).acts[0][0], via="os:1:lan")
    rows = written([act], [entry for entry, _digest in a_ledger(1).entries])
    assert ["act 1: it is signed, though no key proved its actor"] == list(map(str, checked(rows).faults))


def test_what_the_keeper_took_down_of_a_subject_is_compared() -> None:
    heads = [("alert-1", 6, SOUND.entries[15][1]), ("alert-2", 5, SOUND.entries[16][1]), ("alert-4", 1, b"")]
    found = examine(replace(SOUND.ledger(), heads=heads), [HEAD], SIGNERS)
    assert [
        "alert-2: its last entry is not the one that was taken down",
        "alert-4: its last entry is not the one that was taken down",
        "cảnh báo 3: its last entry was not taken down",
    ] == list(map(str, found.faults))


def test_an_act_that_left_nothing_is_a_fault() -> None:
    acts = [act for act, _digest in SOUND.acts]
    further = Act(7, NOON, "lan.nguyen", "os:1000:lan", "alerts.close", b"{}")
    rows = Rows([*SOUND.acts, (further, act_digest(further))], SOUND.entries)
    assert 6 == len(acts)
    assert ["act 7: the entries that it left are missing"] == list(map(str, checked(rows, HEAD).faults))


@given(st.integers(0, 17), st.integers(0, 17), st.binary(max_size=6))
def test_what_is_told_first_lies_where_the_change_is(at: int, size: int, body: bytes) -> None:
    rows = a_ledger()
    entry, digest = rows.entries[at]
    rows.entries[at] = replace(entry, body=body), digest
    (fault,) = checked(rows, a_checkpoint(SOUND, size)).faults
    assert (at + 1, entry.subject) == (fault.entry, fault.subject)


def test_it_is_told_how_far_the_check_has_come() -> None:
    rows, told = a_ledger(1, [f"alert-{number}" for number in range(12_000)]), list[int]()
    verify(rows.ledger(), [a_checkpoint(rows, 7000)], SIGNERS, told.append)
    assert [5000, 7000, 12_000] == told
