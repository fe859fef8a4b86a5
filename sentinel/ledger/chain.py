"""Hash chains: what was done, by whom, in order.

An *act* is one call of one actor: a command, or a batch that was taken in. It leaves *entries*, each about one subject
(an alert, a suppression, a person). The entries of a subject are numbered from 1 and chained:

    digest(entry n of a subject) = SHA-256(digest(entry n - 1) ‖ the entry's fields ‖ digest(act))

so that no field of an entry or of its act can be changed, and no entry be left out or moved within its subject, without
every later digest telling. All entries of a ledger are numbered from 1 too, in the order they were written; their
digests are the leaves of the tree (`merkle`) whose signed heads (`checkpoint`) tell where the end was cut off.

Fields are hashed with their lengths before them: no two different entries make the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

FIRST: Final = b""
"""What stands for the digest before a subject's first entry."""


@dataclass(frozen=True, slots=True)
class Act:
    """One call of one actor.

    `at` is nanoseconds since 1970, UTC. `via` says how the actor was proved: `os:<uid>:<name>`, `key:<fingerprint>`, or
    `sentinel` where no person acted. `action` is its name, `body` its arguments as JSON. `signature` is the key's over
    `signed_bytes`, b"" where the operating system vouched.
    """

    number: int
    at: int
    actor: str
    via: str
    action: str
    body: bytes
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a subject: entry `seq` of it, entry `number` of the ledger, left by act `act`.

    `body` is what `kind` says of it, as JSON.
    """

    number: int
    subject: str
    seq: int
    kind: str
    act: int
    body: bytes


def signed_bytes(act: Act) -> bytes:
    """Give the bytes that the actor's key signs: all of the act but its number."""
    return _signed_bytes(act.at, act.actor, act.via, act.action, act.body)


def act_digest(act: Act) -> bytes:
    """Give the SHA-256 of an act, 32 bytes."""
    return digest_of_act(act.number, act.at, act.actor, act.via, act.action, act.body, act.signature)


def digest_of_act(  # noqa: PLR0913, PLR0917 - the parts of an act, one by one: whoever checks many makes no object of each
    number: int, at: int, actor: str, via: str, action: str, body: bytes, signature: bytes
) -> bytes:
    """Give what `act_digest` does."""
    signed, numbered = _signed_bytes(at, actor, via, action, body), str(number).encode()
    parts = (len(signed), signed, len(numbered), numbered, len(signature), signature)
    return sha256(b"%d:%b%d:%b%d:%b" % parts).digest()


def entry_digest(entry: Entry, before: bytes, act: bytes) -> bytes:
    """Give the SHA-256 of an entry, 32 bytes: after `before`, the digest of its subject's entry before (or `FIRST`).

    `act` is the digest of the act that left it.
    """
    subject, kind = framed_text(entry.subject), framed_text(entry.kind)
    return digest_of_entry(entry.number, entry.seq, entry.act, before, act, subject, kind, entry.body)


def digest_of_entry(  # noqa: PLR0913, PLR0917 - as above; whoever checks many also frames a text once
    number: int, seq: int, by: int, before: bytes, act: bytes, subject: bytes, kind: bytes, body: bytes
) -> bytes:
    """Give what `entry_digest` does, of an entry whose texts are framed already."""
    numbers = b"%d %d %d" % (number, seq, by)
    parts = (len(before), before, len(act), act, len(numbers), numbers, subject, kind, len(body), body)
    return sha256(b"16:sentinel entry 1%d:%b%d:%b%d:%b%b%b%d:%b" % parts).digest()


def _signed_bytes(at: int, actor: str, via: str, action: str, body: bytes) -> bytes:
    time, who, how, what = str(at).encode(), _utf8(actor), _utf8(via), _utf8(action)
    parts = (len(time), time, len(who), who, len(how), how, len(what), what, len(body), body)
    return b"14:sentinel act 1%d:%b%d:%b%d:%b%d:%b%d:%b" % parts


def framed_text(text: str) -> bytes:
    """Give a text as it is hashed: the length of its UTF-8, a colon, its UTF-8."""
    encoded = _utf8(text)
    return b"%d:%b" % (len(encoded), encoded)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
