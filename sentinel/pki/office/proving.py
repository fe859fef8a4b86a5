"""Proofs that a certificate stands in the register: for whoever has the certificate, and nothing else of ours.

A proof (`sentinel.ledger.proofs`) holds the entry that says the certificate was issued, the path from it to the root of
all entries that a checkpoint vouches for, and that checkpoint. Nobody who checks it needs the register, or has to trust
who keeps it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sentinel.errors import Damaged, InputError
from sentinel.language import _
from sentinel.ledger import proofs
from sentinel.ledger.chain import FIRST, digest_of_entry, framed_text
from sentinel.pki.register import entries
from sentinel.pki.register.file import subject_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.ledger.checkpoint import Checkpoint
    from sentinel.ledger.proofs import Inclusion
    from sentinel.pki.register.file import Register, Row
    from sentinel.store.histories import Happening


class Leaf(msgspec.Struct, frozen=True):
    """What the digest of an entry is made of, less its number: its fields, and the digests of two others.

    `before` is that of its subject's entry before it (b"" for none), `act_digest` that of the act that left it.
    """

    subject: str
    seq: int
    kind: str
    act: int
    body: bytes
    before: bytes
    act_digest: bytes

    def digest(self, number: int) -> bytes:
        """Give the digest of the entry of this number."""
        subject, kind = framed_text(self.subject), framed_text(self.kind)
        return digest_of_entry(number, self.seq, self.act, self.before, self.act_digest, subject, kind, self.body)


def prove(register: Register, row: Row, checkpoint: Checkpoint, digests: Iterable[bytes]) -> Inclusion:
    """Give the proof that a certificate was issued before a checkpoint; `digests` are those of all entries, in order.

    Raise InputError where it was not issued then, Damaged where the register is not the one of the checkpoint.
    """
    histories = register.histories
    with histories.reading():
        told = histories.history(subject_of(row.issuer, bytes.fromhex(row.serial)))
        issued = next((each for each in told if each.entry.kind == entries.kind_of(entries.Issued(""))), None)
        if issued is None or issued.entry.number > checkpoint.size:
            raise InputError(
                _("the checkpoint does not cover it"),
                place=row.serial.lower(),
                hint=_("`sentinel pki audit checkpoint` signs one of now"),
            )
        leaf, number = _leaf(register, issued), issued.entry.number
        proof = proofs.prove_inclusion(digests, number, checkpoint, msgspec.json.encode(leaf))
    try:
        proofs.check_inclusion(proof, leaf.digest(number))
    except InputError as error:
        what = _("the register is not the one of this checkpoint: {reason}").format(reason=error.message)
        hint = _("`sentinel pki audit verify --checkpoints FILE` tells more")
        raise Damaged(what, place=str(register.path), hint=hint) from None
    return proof


def _leaf(register: Register, each: Happening) -> Leaf:
    entry = each.entry
    asked = "select digest from entry where number = (select before from entry where number = ?)"
    before = [digest for (digest,) in register.rows(asked, entry.number)]
    acts = [digest for (digest,) in register.rows("select digest from act where number = ?", entry.act)]
    return Leaf(entry.subject, entry.seq, entry.kind, entry.act, entry.body, *(before or [FIRST]), *(acts or [b""]))


def check(proof: Inclusion, certificate: bytes) -> None:
    """Check that a proof is of this certificate (DER) and leads to the root of its checkpoint; raise InputError."""
    try:
        leaf = msgspec.json.decode(proof.extra, type=Leaf)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(_("the proof does not say of what it is: {reason}").format(reason=error)) from None
    proofs.check_inclusion(proof, leaf.digest(proof.index + 1))
    issued = entries.read(leaf.kind, leaf.body)
    if not isinstance(issued, entries.Issued) or issued.certificate != sha256(certificate).hexdigest():
        raise InputError(_("the proof is of another certificate"))
