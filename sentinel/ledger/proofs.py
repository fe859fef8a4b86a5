"""Proofs about a ledger as files: an entry is in it, and it only grew.

That an entry is in a ledger (*inclusion*) is written as c2sp.org/tlog-proof has it:

    c2sp.org/tlog-proof@v1
    extra eyJzdWJqZWN0IjoiY2VydGlmaWNhdGU6…          what the digest of the entry is made of, base64
    index 17                                          which entry, from 0
    B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=      the path to the root, the lowest hash first (RFC 9162, 2.1.3)

    8eb27201041c066d                                  the checkpoint whose root it is

That a ledger only grew since a checkpoint (*consistency*) is what a witness is sent (c2sp.org/tlog-witness):

    old 20852                                         how many entries the earlier checkpoint vouches for
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=      the path (RFC 9162, 2.1.4)

    8eb27201041c066d                                  the later checkpoint

Neither says anything of who signed the checkpoints: see `checkpoint.check_signed`.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.errors import Damaged, InputError
from sentinel.language import _
from sentinel.ledger.checkpoint import parse
from sentinel.ledger.faults import KEEP
from sentinel.ledger.merkle import consistency_proof, inclusion_proof, verify_consistency, verify_inclusion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentinel.ledger.checkpoint import Checkpoint

_FIRST: Final = "c2sp.org/tlog-proof@v1"
_NUMBER: Final = r"(0|[1-9][0-9]{0,18})"
_OLD, _INDEX = re.compile(f"old {_NUMBER}"), re.compile(f"index {_NUMBER}")
_EXTRA: Final = re.compile(r"extra (\S+)")
_HASH_BYTES: Final = 32
_LONGEST: Final = 63
"""Hashes that a path has at most (tlog-witness): no tree is deeper."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Entry `index` (from 0) is in the tree of a checkpoint; `extra` is what its digest is made of."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint
    extra: bytes = b""

    def content(self) -> bytes:
        """Give the file."""
        extra = [f"extra {b64encode(self.extra).decode()}"] if self.extra else []
        return _written([_FIRST, *extra, f"index {self.index}"], self.path, self.checkpoint)


@dataclass(frozen=True, slots=True)
class Consistency:
    """The first `earlier` entries of a checkpoint's tree are what an earlier checkpoint vouched for."""

    earlier: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def content(self) -> bytes:
        """Give the file."""
        return _written([f"old {self.earlier}"], self.path, self.checkpoint)


Proof: TypeAlias = Inclusion | Consistency


def prove_inclusion(digests: Iterable[bytes], number: int, checkpoint: Checkpoint, extra: bytes = b"") -> Inclusion:
    """Give the proof that entry `number` (from 1) of a ledger is in a checkpoint's tree.

    `digests` are those of the entries, in order, and read once. Raise InputError where the checkpoint is older than the
    entry.
    """
    if not 0 < number <= checkpoint.size:
        raise InputError(_("the checkpoint does not cover it"), place=checkpoint.place)
    path = inclusion_proof(digests, number - 1, checkpoint.size)
    return Inclusion(number - 1, tuple(path), checkpoint, extra)


def prove_consistency(digests: Iterable[bytes], earlier: Checkpoint, later: Checkpoint) -> Consistency:
    """Give the proof that a ledger only grew between two checkpoints.

    `digests` are those of its entries, in order, and read once. Raise InputError where the checkpoints are of two
    ledgers or the wrong way round, Damaged where they contradict each other, or the entries one of them.
    """
    check_order(earlier, later)
    path = consistency_proof(digests, earlier.size, later.size)
    try:
        verify_consistency(earlier.size, later.size, earlier.root, later.root, path)
    except InputError as error:
        told = _("something in entries {first} to {last} is not as this checkpoint says")
        place = earlier.place or later.place
        raise Damaged(told.format(first=1, last=earlier.size), place=place, hint=_(KEEP)) from error
    return Consistency(earlier.size, tuple(path), later)


def check_inclusion(proof: Inclusion, digest: bytes) -> None:
    """Check that a proof leads from the digest of an entry to the root of its checkpoint; raise InputError."""
    verify_inclusion(digest, proof.index, proof.checkpoint.size, proof.path, proof.checkpoint.root)


def check_consistency(proof: Consistency, earlier: Checkpoint) -> None:
    """Check that a proof leads from an earlier checkpoint to its own.

    Raise InputError where it does not, Damaged where the checkpoints alone say that the ledger is not what it was.
    """
    later = proof.checkpoint
    check_order(earlier, later)
    if proof.earlier != earlier.size:
        told = _("the proof is since {expected} entries, this checkpoint has {count}")
        raise InputError(told.format(expected=proof.earlier, count=earlier.size), place=earlier.place)
    try:
        verify_consistency(earlier.size, later.size, earlier.root, later.root, proof.path)
    except InputError as error:
        hint = _("ask for the proof again; where none holds, entries were changed or taken away")
        raise InputError(error.message, place=earlier.place, hint=hint) from None


def check_order(earlier: Checkpoint, later: Checkpoint) -> None:
    """Raise InputError for checkpoints that no proof is between, Damaged for two that contradict each other."""
    if earlier.origin != later.origin:
        told = _("checkpoints of two ledgers: {earlier} and {later}")
        raise InputError(told.format(earlier=earlier.origin, later=later.origin), place=earlier.place)
    if earlier.size == later.size and earlier.root != later.root:
        told = _("two checkpoints of {count} entries have different roots: there were two histories")
        raise Damaged(told.format(count=later.size), place=earlier.place, hint=_(KEEP))
    if earlier.size > later.size:
        if earlier.at is not None and later.at is not None and earlier.at > later.at:
            hint = _("take them the other way round")
            raise InputError(_("the earlier checkpoint is the later one"), place=earlier.place, hint=hint)
        told = _("the end was cut off: there were {expected} entries, there are {count}")
        raise Damaged(told.format(expected=earlier.size, count=later.size), place=earlier.place, hint=_(KEEP))


def read(content: bytes, place: str) -> Proof:
    """Read the file of a proof. Raise InputError with `place:line` where it is none."""
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(_("not a proof: no UTF-8"), place=f"{place}:{line}") from None
    end = lines.index("") if "" in lines else len(lines)
    head, behind = lines[:end], lines[end:]
    if head[:1] == [_FIRST]:
        found = _EXTRA.fullmatch(head[1]) if head[1:] else None
        extra, at = (_extra(found[1], place), 2) if found else (b"", 1)
        index = _number(_INDEX, head, at, place)
        return Inclusion(index, _path(head, at + 1, place), _checkpoint(behind, end, place), extra)
    earlier = _number(_OLD, head, 0, place)
    return Consistency(earlier, _path(head, 1, place), _checkpoint(behind, end, place))


def _number(form: re.Pattern[str], lines: Sequence[str], at: int, place: str) -> int:
    found = form.fullmatch(lines[at]) if at < len(lines) else None
    if found is None:
        told = _("not a proof: it begins with '{first}', or with 'old' and a number").format(first=_FIRST)
        raise InputError(told, place=f"{place}:{at + 1}", hint=_("name what `prove --out FILE` wrote"))
    return int(found[1])


def _path(lines: Sequence[str], begin: int, place: str) -> tuple[bytes, ...]:
    if len(lines) - begin > _LONGEST:
        raise InputError(_("the proof is too long"), place=f"{place}:{begin + _LONGEST + 1}")
    path: list[bytes] = []
    for number, line in enumerate(lines[begin:], begin + 1):
        found = _decoded(line)
        if len(found) != _HASH_BYTES or b64encode(found).decode() != line:
            raise InputError(_("not a hash: '{text}'").format(text=line), place=f"{place}:{number}")
        path.append(found)
    return tuple(path)


def _extra(text: str, place: str) -> bytes:
    found = _decoded(text)
    if b64encode(found).decode() != text:
        raise InputError(_("not base64: '{text}'").format(text=text), place=f"{place}:2")
    return found


def _checkpoint(lines: Sequence[str], before: int, place: str) -> Checkpoint:
    """Read the one checkpoint of a file; `before` are the lines before it, so that a fault names its own."""
    found = list(parse("\n" * before + "\n".join(lines), place))
    if len(found) != 1:
        raise InputError(_("a proof holds one checkpoint"), place=f"{place}:{before + 1}")
    return found[0]


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NoBase64, ValueError):
        return b""


def _written(head: Sequence[str], path: Sequence[bytes], checkpoint: Checkpoint) -> bytes:
    lines = [*head, *(b64encode(each).decode() for each in path), ""]
    return "".join(f"{line}\n" for line in lines).encode() + checkpoint.note()
