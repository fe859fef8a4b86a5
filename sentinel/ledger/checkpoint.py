"""Checkpoints: signed heads of a ledger, kept outside of it.

A checkpoint is a signed note (c2sp.org/signed-note) with the body of c2sp.org/tlog-checkpoint:

    sentinel.example/alerts/4f1c…              the ledger's origin
    20852                                      how many entries there were
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=   the root of their tree
    time 2026-11-23T09:30:00Z                  an extension line: when it was signed

    — lan.nguyen Az3grlgtzPICa5OS8npVmf1Myq…   who signed it, the key's id and the signature

A file holds any number of them, one after the other with an empty line between, and is only ever added to. Whoever
changes a ledger cannot change the checkpoints that lie elsewhere: on another machine, on paper, with an auditor.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentinel.crypto.keys import PrivateKey, PublicKey
    from sentinel.ledger.base import Signer

_SIGNED: Final = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_TIME: Final = re.compile(r"time (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_ROOT_BYTES: Final = 32
_ID_BYTES: Final = 4
_KEY_BYTES: Final = 33
_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the octets of an Ed25519 key (RFC 8410)."""
_ED25519: Final = b"\x01"
"""What signed-note calls the algorithm."""
_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: the name of the key, its id (4 bytes) and the signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head: the first `size` entries of `origin` have this root; `at` is nanoseconds since 1970, to the second.

    `extensions` are further lines, `place` is where it was read.
    """

    origin: str
    size: int
    root: bytes
    at: int | None = None
    extensions: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    place: str = ""

    def body(self) -> bytes:
        """Give the text that is signed."""
        time = [] if self.at is None else [f"time {_time_text(self.at)}"]
        lines = [self.origin, str(self.size), b64encode(self.root).decode(), *time, *self.extensions]
        return "".join(f"{line}\n" for line in lines).encode()

    def note(self) -> bytes:
        """Give the signed note."""
        lines = [f"— {each.name} {b64encode(each.key_id + each.signature).decode()}\n" for each in self.signatures]
        return self.body() + b"\n" + "".join(lines).encode()


def signed(checkpoint: Checkpoint, name: str, key: PrivateKey) -> Checkpoint:
    """Give a checkpoint with one more signature, of a key that is known by a name."""
    one = Signature(name, key_id(name, key.public), key.sign(checkpoint.body()))
    return replace(checkpoint, signatures=(*checkpoint.signatures, one))


def key_id(name: str, key: PublicKey) -> bytes:
    """Give the 4 bytes that point to a key: for Ed25519 of its name and key, for ECDSA of its SPKI (signed-note)."""
    if raw := key.raw():
        return sha256(name.encode() + b"\n" + _ED25519 + raw).digest()[:_ID_BYTES]
    return sha256(key.spki).digest()[:_ID_BYTES]


def verifier(name: str, key: PublicKey) -> str:
    """Give a key as others take it to verify notes with (the vkey of signed-note); "" of ECDSA, which has no form."""
    raw = key.raw()
    return f"{name}+{key_id(name, key).hex()}+{b64encode(_ED25519 + raw).decode()}" if raw else ""


def read_verifier(text: str, place: str) -> tuple[str, PublicKey]:
    """Give the name and key that `verifier` wrote. Raise InputError where it is another text."""
    from sentinel.crypto.keys import ED25519, PublicKey

    name, _plus, rest = text.strip().partition("+")
    content = _decoded(rest.partition("+")[2])
    key = PublicKey(_SPKI + content[1:], ED25519)
    if content[:1] != _ED25519 or len(content) != _KEY_BYTES or verifier(name, key) != text.strip():
        raise InputError(_("not the key of a verifier: name+id+key"), place=place)
    return name, key


def check_signed(checkpoint: Checkpoint, signers: Mapping[str, Signer]) -> Signer:
    """Give the first known key that signed a checkpoint, while signatures of that key counted.

    Signatures of unknown keys are passed over, as the standard asks. Raises InputError where a known key's signature is
    false, or no key is known.
    """
    known = {(signer.owner, key_id(signer.owner, signer.key)): signer for signer in signers.values()}
    found: list[Signer] = []
    for each in checkpoint.signatures:
        signer = known.get((each.name, each.key_id))
        if signer is None:
            continue
        try:
            signer.key.verify(each.signature, checkpoint.body())
        except InputError:
            raise InputError(
                _("the signature of {name} is not one over this checkpoint").format(name=each.name),
                place=checkpoint.place,
            ) from None
        found.append(signer)
    return _counting(found, checkpoint)


def _counting(found: list[Signer], checkpoint: Checkpoint) -> Signer:
    if not found:
        raise InputError(
            _("no key that is known here signed this checkpoint"),
            place=checkpoint.place,
            hint=_("`sentinel people key list` shows the keys that are known"),
        )
    for signer in found:
        if signer.retired is None if checkpoint.at is None else signer.signs_at(checkpoint.at):
            return signer
    raise InputError(
        _("the key of {name} was not in use when this checkpoint was signed").format(name=found[0].owner),
        place=checkpoint.place,
    )


def parse(text: str, place: str) -> Iterator[Checkpoint]:
    """Give the checkpoints of a file's text, in its order. Raises InputError with `place:line` where one is none."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        begin = number
        number = _end(lines, _end(lines, number) + 1)
        yield _checkpoint(lines[begin:number], place, begin + 1)


def _end(lines: list[str], number: int) -> int:
    """Give the number of the empty line that ends the lines from here, or of what is behind the last."""
    while number < len(lines) and lines[number]:
        number += 1
    return number


def _checkpoint(lines: list[str], place: str, first: int) -> Checkpoint:
    body = lines[: _end(lines, 0)]
    if len(body) < 3:  # noqa: PLR2004 - the standard's three lines
        raise InputError(
            _("not a checkpoint: origin, size and root are three lines"), place=f"{place}:{first + len(body) - 1}"
        )
    origin, size, root, *extensions = body
    at = _time(extensions[0]) if extensions else None
    return Checkpoint(
        origin,
        _size(size, f"{place}:{first + 1}"),
        _root(root, f"{place}:{first + 2}"),
        at,
        tuple(extensions[at is not None :]),
        tuple(_signatures(lines[len(body) + 1 :], place, first + len(body) + 1)),
        f"{place}:{first}",
    )


def _size(text: str, place: str) -> int:
    if not _SIZE.fullmatch(text):
        raise InputError(_("not the size of a ledger: '{text}'").format(text=text), place=place)
    return int(text)


def _root(text: str, place: str) -> bytes:
    try:
        root = b64decode(text, validate=True)
    except (NoBase64, ValueError):
        root = b""
    if len(root) != _ROOT_BYTES or b64encode(root).decode() != text:
        raise InputError(_("not the root of a tree: '{text}'").format(text=text), place=place)
    return root


def _signatures(lines: list[str], place: str, first: int) -> Iterator[Signature]:
    if not lines:
        raise InputError(_("a checkpoint without a signature"), place=f"{place}:{first - 1}")
    for number, line in enumerate(lines, first):
        found = _SIGNED.fullmatch(line)
        content = _decoded(found[2]) if found else b""
        if not found or len(content) <= _ID_BYTES:
            raise InputError(_("not a signature line: '{text}'").format(text=line), place=f"{place}:{number}")
        yield Signature(found[1], content[:_ID_BYTES], content[_ID_BYTES:])


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NoBase64, ValueError):
        return b""


def _time(line: str) -> int | None:
    """Give the time of an extension line; None where it is of another kind, or no time."""
    found = _TIME.fullmatch(line)
    try:
        moment = datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    if moment is None or f"time {_time_text_of(moment)}" != line:
        return None
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(seconds=1) * _SECOND


def _time_text(at: int) -> str:
    return _time_text_of(datetime.fromtimestamp(at // _SECOND, UTC))


def _time_text_of(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
