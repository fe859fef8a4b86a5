"""Requests come in, and are approved or refused by somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.ledger.chain import Act
from sentinel.pki.model import Order  # noqa: TC001 - items are read back by what their fields say
from sentinel.pki.register import entries
from sentinel.pki.register.file import REQUEST, Request
from sentinel.pki.register.tables import State
from sentinel.pki.signing.approvals import digest_of, parse
from sentinel.store.embedded.databases import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sentinel.people.acting import Acting
    from sentinel.pki.register.file import Register
    from sentinel.pki.signing.approvals import Approval

AT_ONCE: Final = 5_000
"""Certificates that are written down within one transaction, which others wait for: a quarter of a second."""
LONGEST_PURPOSE: Final = 2_000
"""Characters: it stands in lists and pages."""
_DIGEST: Final = 32
_ENCODER: Final = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True)
class Item:
    """One certificate of a request: what it is to say, the TBSCertificate that says it, and the CSR, or b"".

    `replaces` is the certificate that it replaces, as `<issuer>:<serial number in hexadecimal>`, or "". `key` is what a
    row of a batch is known by, and `key_file` where the key lies that was made for it, or "".
    """

    order: Order
    tbs: bytes
    evidence: bytes = b""
    replaces: str = ""
    key: str = ""
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An item as it is kept: its order less the serial number, and the rest of it."""

    order: Order
    replaces: str = ""
    key: str = ""
    key_file: str = ""


class _Known(msgspec.Struct):
    """What an item is known by, and nothing else of it."""

    key: str = ""


_DECODER: Final = msgspec.msgpack.Decoder(_Kept)
_KEYS: Final = msgspec.msgpack.Decoder(_Known)


def ask(  # noqa: PLR0913, PLR0917 - who asks whom for what, when and what for
    register: Register, issuer: str, items: Sequence[Item], by: Acting, now: int, purpose: str, replaces: int = 0
) -> Request:
    """Write a request down and give it; `now` is nanoseconds since 1970, UTC. Raise Refused, StoreError.

    One of many certificates is written in parts, so that nobody waits for all of it; nobody is asked to approve it
    before the last one is there. Whoever dies in between leaves a request that never can be approved.
    """
    by.must("pki.request")
    if not items:
        raise InputError(_("a request asks for one certificate at least"))
    if not purpose.strip():
        raise InputError(_("a request says what it is for"), hint=_("give --purpose: whoever approves reads it"))
    if len(purpose) > LONGEST_PURPOSE:
        told = _("what it is for takes {count} characters, and may take {most}")
        raise InputError(told.format(count=len(purpose), most=LONGEST_PURPOSE), place="--purpose")
    register.authority(issuer)
    leaves = [sha256(item.tbs).digest() for item in items]
    digest = digest_of(leaves)
    kept = [
        # MessagePack has no such numbers as the serial.
        _ENCODER.encode(_Kept(item.order.numbered(0), item.replaces, item.key, item.key_file))
        for item in items
    ]
    kept_digest = items_digest(zip(kept, (item.evidence for item in items), strict=True))
    asked = entries.Requested(
        issuer, len(items), digest.hex(), kept_digest, purpose, replaces, parts=len(items) > AT_ONCE
    )
    rows = [
        (place, _octets(item.order.serial), kept[place], item.tbs, item.evidence or None)
        for place, item in enumerate(items)
    ]
    with register.writing():
        number = _begin(register, asked, b"".join(leaves), by, now)
        _lay(register, number, rows[:AT_ONCE])
    for start in range(AT_ONCE, len(rows), AT_ONCE):
        with register.writing():
            if register.request(f"r{number}").state is not State.ASKING:
                raise InputError(_("somebody refused it while it was written down"), place=f"r{number}")
            _lay(register, number, rows[start : start + AT_ONCE])
            if start + AT_ONCE >= len(rows):
                _complete(register, number, by, now)
    return register.request(f"r{number}")


def _begin(register: Register, asked: entries.Requested, leaves: bytes, by: Acting, now: int) -> int:
    """Write down who asks for what; give the number of the request."""
    db = register.histories.db
    ((number,),) = db.execute("select coalesce(max(number), 0) + 1 from request").fetchall()
    row = register.histories.last_subject() + 1
    subject, state = f"{REQUEST}{number}", State.ASKING if asked.parts else State.WAITING
    body = msgspec.json.encode({"request": number, "count": asked.count, "digest": asked.digest})
    act = by.signed(Act(0, now, by.name, by.via, "pki request", body))
    register.append(act, [(subject, asked)], {subject: {"state": int(state), "changed": now}})
    digest = bytes.fromhex(asked.digest)
    db.execute(
        "insert into request values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, row, asked.issuer, by.name, now, asked.count, digest, asked.purpose, asked.replaces, leaves),
    )
    return int(number)


def _lay(register: Register, number: int, rows: Iterable[tuple[object, ...]]) -> None:
    register.histories.db.executemany(
        f"insert into asked values({number}, ?, ?, ?, ?, ?)",
        rows,
    )


def _complete(register: Register, number: int, by: Acting, now: int) -> None:
    subject = f"{REQUEST}{number}"
    act = by.signed(Act(0, now, by.name, by.via, "pki request", msgspec.json.encode({"request": number})))
    state = {subject: {"state": int(State.WAITING), "changed": now}}
    register.append(act, [(subject, entries.Complete())], state)


def items_of(register: Register, request: Request, limit: int = -1) -> list[Item]:
    """Give what of a request is not issued yet, in order."""
    asked = "select item, serial, tbs, evidence from asked where request = ? order by place limit ?"
    rows = register.rows(asked, request.number, limit)
    return [Item(order_of(item, serial), tbs, evidence or b"", replaced(item)) for item, serial, tbs, evidence in rows]


def order_of(item: bytes, serial: bytes) -> Order:
    """Give the order of an item as it is kept."""
    return _DECODER.decode(item).order.numbered(int.from_bytes(serial, "big"))


def replaced(item: bytes) -> str:
    """Give the certificate that an item replaces, as `Item.replaces` has it."""
    return _DECODER.decode(item).replaces


def key_file_of(item: bytes) -> str:
    """Give the file of the key that was made for an item, "" where its subject made it."""
    return _DECODER.decode(item).key_file


def known_keys(register: Register) -> frozenset[str]:
    """Give what the rows of batches are known by that were asked for, less those that came to nothing."""
    asked = (
        "select item from asked where request not in "
        "(select request.number from request join subject on subject.number = request.subject where state = ?) "
        "union all select item from certificate "
        "join subject on subject.number = certificate.number where state in (?, ?, ?)"
    )
    states = [*map(int, (State.ASKING, State.INTENDED, State.ISSUED, State.HELD))]
    if not register.is_there:
        return frozenset()
    with told(register.path):  # of a million items, one is held at a time
        return frozenset(_KEYS.decode(item).key for (item,) in register.histories.db.execute(asked, states)) - {""}


def items_digest(kept: Iterable[tuple[bytes, bytes]]) -> str:
    """Give the SHA-256 of the items of a request and their evidence as they are kept, in hexadecimal.

    Each has its length before it.
    """
    parts = (b"%d:%b%d:%b" % (len(item), item, len(evidence), evidence) for item, evidence in kept)
    return sha256(b"".join(parts)).hexdigest()


def approve(  # noqa: PLR0913, PLR0917 - as above
    register: Register, request: Request, approval: Approval, by: Acting, now: int, check: Callable[[Request], None]
) -> Request:
    """Write an approval down, once `check` finds nothing wrong with it for the request as it is now.

    Raise Refused, InputError where the request waits for none, StoreError.
    """
    by.must("pki.approve")
    subject = f"{REQUEST}{request.number}"
    with register.writing():
        request = _to_be_approved(register, request, now)
        check(request)
        if (approval.requester, approval.approver) != (request.requester, by.name):
            # Whoever approves writes who asked, and nobody may leave out that it was himself.
            text = _("the approval is of what {other} asked, by {approver}; {name} asked for this")
            values = {"other": approval.requester, "approver": approval.approver, "name": request.requester}
            raise Refused(text.format(**values), place=request.id)
        approved = entries.Approved(approval.content().decode())
        body = msgspec.json.encode({"request": request.number, "digest": request.digest.hex()})
        act = by.signed(Act(0, now, by.name, by.via, "pki approve", body))
        register.append(act, [(subject, approved)], {subject: {"state": int(State.APPROVED), "changed": now}})
    return register.request(request.id)


def reject(register: Register, request: Request, by: Acting, now: int, reason: str) -> Request:
    """Refuse a request, or take one's own back. Raise Refused, InputError where it waits for nothing, StoreError."""
    if by.name != request.requester:
        by.must("pki.approve")
    if not reason.strip():
        raise InputError(_("a refusal needs a reason"), hint=_("whoever asked must see why"))
    subject = f"{REQUEST}{request.number}"
    with register.writing():
        request = _waiting(register, request, State.WAITING, State.ASKING)
        body = msgspec.json.encode({"request": request.number})
        act = by.signed(Act(0, now, by.name, by.via, "pki reject", body))
        state = {subject: {"state": int(State.REJECTED), "changed": now}}
        register.append(act, [(subject, entries.Rejected(reason))], state)
        register.histories.db.execute("delete from asked where request = ?", (request.number,))
    return register.request(request.id)


def _to_be_approved(register: Register, request: Request, now: int) -> Request:
    """Give a request as it is, where nobody has approved it, or each approval has ended; raise InputError."""
    current = register.request(request.id)
    ended = all(each.expires <= now for each in approvals_of(register, current))
    return current if current.state is State.APPROVED and ended else _waiting(register, request)


def _waiting(register: Register, request: Request, *states: State) -> Request:
    now = register.request(request.id)
    if now.state not in (states or {State.WAITING}):
        raise InputError(_("it is not there to be approved: {state}").format(state=now.state.told), place=request.id)
    return now


def approvals_of(register: Register, request: Request) -> list[Approval]:
    """Give the approvals of a request, as they were signed."""
    told = register.history(f"{REQUEST}{request.number}")
    read = (entries.read(each.entry.kind, each.entry.body) for each in told)
    return [parse(each.approval.encode(), request.id) for each in read if isinstance(each, entries.Approved)]


def leaves_of(register: Register, request: Request) -> list[bytes]:
    """Give the SHA-256 of every TBSCertificate of a request, in order: all that its approvals cover."""
    ((leaves,),) = register.rows("select leaves from request where number = ?", request.number)
    return [leaves[begin : begin + _DIGEST] for begin in range(0, len(leaves), _DIGEST)]


def _octets(serial: int) -> bytes:
    return serial.to_bytes((serial.bit_length() + 7) // 8 or 1, "big")
