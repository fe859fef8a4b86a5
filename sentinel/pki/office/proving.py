"""Proofs that a certificate stands in the register: for whoever has the certificate and a checkpoint, and nothing else.

A proof holds the entry that says the certificate was issued, whole, and the path from it to the root of all entries
that a checkpoint vouches for (RFC 9162, 2.1.3). Nobody who checks it needs the register, or has to trust who keeps it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sentinel.errors import InputError
from sentinel.language import _
from sentinel.ledger.chain import FIRST, digest_of_entry, framed_text
from sentinel.ledger.merkle import inclusion_proof, leaf_hash, verify_inclusion
from sentinel.pki.register import entries
from sentinel.pki.register.file import subject_of

if TYPE_CHECKING:
    from sentinel.ledger.checkpoint import Checkpoint
    from sentinel.pki.register.file import Register, Row


class Proof(msgspec.Struct, frozen=True):
    """An entry and its place in the tree; its digest is made of its fields, `before` and `act_digest`."""

    origin: str
    size: int
    number: int
    subject: str
    seq: int
    kind: str
    act: int
    body: bytes
    before: bytes
    act_digest: bytes
    path: tuple[bytes, ...]

    @property
    def digest(self) -> bytes:
        """Give the digest of the entry, which is the leaf."""
        subject, kind = framed_text(self.subject), framed_text(self.kind)
        return digest_of_entry(self.number, self.seq, self.act, self.before, self.act_digest, subject, kind, self.body)


def prove(register: Register, row: Row, checkpoint: Checkpoint) -> Proof:
    """Give the proof that a certificate was issued before a checkpoint. Raise InputError where it was not."""
    histories = register.histories
    name = subject_of(row.issuer, bytes.fromhex(row.serial))
    told = histories.history(name)
    issued = next((each for each in told if each.entry.kind == entries.kind_of(entries.Issued(""))), None)
    if issued is None or issued.entry.number > checkpoint.size:
        raise InputError(
            _("the checkpoint does not cover it"),
            place=row.serial.lower(),
            hint=_("`sentinel pki audit checkpoint` signs one of now"),
        )
    digests = [digest for _entry, digest in _first(register, checkpoint.size)]
    by_number = {
        each.entry.number: digests[each.entry.number - 1] for each in told if each.entry.number <= len(digests)
    }
    before = [number for number in sorted(by_number) if number < issued.entry.number]
    acts = dict(register.rows("select number, digest from act where number = ?", issued.act.number))
    entry = issued.entry
    return Proof(
        origin=histories.origin, size=checkpoint.size, number=entry.number, subject=entry.subject, seq=entry.seq,
        kind=entry.kind, act=entry.act, body=entry.body, before=by_number[before[-1]] if before else FIRST,
        act_digest=acts[entry.act],
        path=tuple(inclusion_proof([leaf_hash(each) for each in digests], entry.number - 1)),
    )  # fmt: skip


def _first(register: Register, size: int) -> list[tuple[int, bytes]]:
    return [
        (row[0], row[1]) for row in register.rows("select number, digest from entry where number <= ? order by 1", size)
    ]


def check(proof: Proof, certificate: bytes, checkpoint: Checkpoint) -> None:
    """Check that a proof is of this certificate (DER) and leads to the root of a checkpoint; raise InputError."""
    issued = entries.read(proof.kind, proof.body)
    if not isinstance(issued, entries.Issued) or issued.certificate != sha256(certificate).hexdigest():
        raise InputError(_("the proof is of another certificate"))
    if (proof.origin, proof.size) != (checkpoint.origin, checkpoint.size):
        raise InputError(_("the proof is for another checkpoint"))
    verify_inclusion(proof.digest, proof.number - 1, proof.size, proof.path, checkpoint.root)


def written(proof: Proof) -> bytes:
    """Give a proof as JSON; octets in base64."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=1) + b"\n"


def read(content: bytes, place: str) -> Proof:
    """Read a proof. Raise InputError where it is none."""
    try:
        return msgspec.json.decode(content, type=Proof)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(_("not a proof: {reason}").format(reason=error), place=place) from None
