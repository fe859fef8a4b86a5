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
_ACT: Final = b"sentinel act 1"
_ENTRY: Final = b"sentinel entry 1"


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
    return _framed(_ACT, str(act.at).encode(), _utf8(act.actor), _utf8(act.via), _utf8(act.action), act.body)


def act_digest(act: Act) -> bytes:
    """Give the SHA-256 of an act, 32 bytes."""
    return sha256(_framed(signed_bytes(act), str(act.number).encode(), act.signature)).digest()


def entry_digest(entry: Entry, before: bytes, act: bytes) -> bytes:
    """Give the SHA-256 of an entry, 32 bytes: after `before`, the digest of its subject's entry before (or `FIRST`).

    `act` is the digest of the act that left it.
    """
    numbers = b"%d %d %d" % (entry.number, entry.seq, entry.act)
    return sha256(_framed(_ENTRY, before, act, numbers, _utf8(entry.subject), _utf8(entry.kind), entry.body)).digest()


def _framed(*parts: bytes) -> bytes:
    return b"".join([b"%d:%b" % (len(part), part) for part in parts])


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
