"""Checkpoints: what is written is read again, and the line of whatever is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sentinel.crypto.keys import PrivateKey
from sentinel.errors import InputError
from sentinel.ledger.base import Signer
from sentinel.ledger.checkpoint import Checkpoint, check_signed, key_id, parse, read_verifier, signed, verifier

AT = 1_795_150_800_000_000_000
KEY, OTHER = PrivateKey.new(), PrivateKey.new()
HEAD = signed(Checkpoint("sentinel.example/alerts/1", 7, b"\1" * 32, AT, ("more 1",)), "an.lê", KEY)
NOTE = HEAD.note().decode()
SIGNERS = {KEY.public.fingerprint: Signer("an.lê", KEY.public, 0)}


def test_what_is_written_is_read_again() -> None:
    twice = f"\n{NOTE}\n\n{signed(HEAD, 'lan', OTHER).note().decode()}"
    first, second = parse(twice, "heads")
    assert replace(HEAD, place="heads:2") == first
    assert ("heads:11", ["an.lê", "lan"]) == (second.place, [each.name for each in second.signatures])


def test_a_checkpoint_looks_as_the_standard_says() -> None:
    lines = NOTE.split("\n")
    root = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
    assert ["sentinel.example/alerts/1", "7", root, "time 2026-11-20T05:00:00Z", "more 1", ""] == lines[:6]
    assert lines[6].startswith("— an.lê ")


def test_the_id_of_a_key_is_that_of_the_standard() -> None:
    # Signed-note: SHA-256 of name, line end, 0x01 and the key; see the vkey of golang.org/x/mod/sumdb/note.
    assert 4 == len(key_id("an.lê", KEY.public))
    assert key_id("an.lê", KEY.public) != key_id("lan", KEY.public)


def test_what_others_verify_with_is_read_again() -> None:
    text = verifier("an.lê", KEY.public)
    assert ("an.lê", KEY.public) == read_verifier(f"{text}\n", "vkey")
    assert text.startswith(f"an.lê+{key_id('an.lê', KEY.public).hex()}+")
    for wrong in ("", "an.lê", text.replace("an", "lan"), text[:-4], text.replace("+", " ")):
        with pytest.raises(InputError, match="not the key of a verifier"):
            read_verifier(wrong, "vkey")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (NOTE.replace("\n7\n", "\n07\n"), 2, "not the size of a ledger: '07'"),
        (NOTE.replace("\n7\n", "\n-7\n"), 2, "not the size of a ledger"),
        (NOTE.replace("AQE=", "AQE"), 3, "not the root of a tree"),
        (NOTE.replace("AQE=", "AQF="), 3, "not the root of a tree"),
        ("a\n7\n", 2, "origin, size and root are three lines"),
        (NOTE.partition("\n\n")[0] + "\n", 6, "a checkpoint without a signature"),
        (NOTE.replace("— an.lê", "- an.lê"), 7, "not a signature line"),
        (f"{NOTE}\n{NOTE}".replace("— an.lê", "—an.lê"), 7, "not a signature line"),
        (f"{NOTE}\nnhật ký\n", 9, "not a checkpoint"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(InputError) as caught:
        list(parse(text, "heads"))
    assert message in caught.value.message
    assert f"heads:{line}" == caught.value.place


def test_a_time_that_is_none_is_a_further_line() -> None:
    (head,) = parse(NOTE.replace("2026-11-20T", "2026-13-20T"), "heads")
    assert (None, ("time 2026-13-20T05:00:00Z", "more 1")) == (head.at, head.extensions)


def test_a_known_key_vouches_for_it() -> None:
    assert "an.lê" == check_signed(signed(HEAD, "stranger", OTHER), SIGNERS).owner


@pytest.mark.parametrize("change", [{"size": 8}, {"root": b"\2" * 32}, {"at": None}, {"extensions": ()}])
def test_no_line_of_it_can_be_changed(change: dict[str, object]) -> None:
    with pytest.raises(InputError, match="is not one over this checkpoint"):
        check_signed(replace(HEAD, **change), SIGNERS)  # type: ignore[arg-type]  # fields by name


def test_a_key_vouches_only_while_it_was_in_use() -> None:
    retired = {KEY.public.fingerprint: Signer("an.lê", KEY.public, 0, AT)}
    with pytest.raises(InputError, match="was not in use when this checkpoint was signed"):
        check_signed(HEAD, retired)
    with pytest.raises(InputError, match="no key that is known here"):
        check_signed(HEAD, {})
