"""Certificates are asked for anew: the same subject, names and key, or a new key, under a new serial number.

A renewal is a request as any other: held against the profiles and rights of today, approved by somebody else, issued.
Each of its items says which certificate it replaces; that one counts until somebody revokes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.pki.certificates.build import period
from sentinel.pki.certificates.parse import authority
from sentinel.pki.office.working import issuer_of, items_of, judge_none
from sentinel.pki.register.asking import items_of as items_left
from sentinel.pki.register.asking import order_of, replaced
from sentinel.pki.register.file import Register, Row, subject_of
from sentinel.pki.register.finding import COUNTS
from sentinel.pki.register.holding import compromised, holdings
from sentinel.pki.register.tables import State
from sentinel.pki.requests.wanted import Wanted, key_of, serial

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Order
    from sentinel.pki.office.working import Judge
    from sentinel.pki.register.asking import Item
    from sentinel.pki.register.file import Request
    from sentinel.pki.requests.check import Findings, Policy
    from sentinel.pki.requests.csr import Csr

_AT_ONCE: Final = 250
_DIGITS: Final = 12


def renewable(rows: Sequence[Row], policy: Policy) -> list[Row]:
    """Give the certificates that are renewed together: of subjects, that is of no authority and no responder of one."""
    profiles = {name for name, each in policy.profiles.items() if each.authority or each.no_check}
    return [row for row in rows if row.profile not in profiles]


def issuer_for(register: Register, rows: Sequence[Row], id_: str = "", retired: Collection[str] = ()) -> Issuer:
    """Give the authority that is to issue anew: the one named, or that of all the certificates.

    Raise InputError, also where that is a root, or its key is `retired`.
    """
    issuers = sorted({row.issuer for row in rows})
    if not id_ and len(issuers) > 1:
        told = _("these certificates are of several authorities")
        raise InputError(told, hint=_("name the one that issues with --by: {names}").format(names=", ".join(issuers)))
    return issuer_of(register, id_ or issuers[0], retired)


def items_again(  # noqa: PLR0913, PLR0917 - which certificates, held against what, by whom and when
    register: Register,
    rows: Sequence[Row],
    policy: Policy,
    issuer: Issuer,
    now: int,
    findings: Findings,
    *,
    csr: Csr | None = None,
    judge: Judge = judge_none,
    told: Callable[[int], None] = lambda _done: None,
) -> list[Item]:
    """Give what is to be signed so that certificates are there anew; what may not be is among the findings.

    `csr` has the new key of the one certificate; else each keeps its own. `now` is seconds since 1970, UTC; `told`
    hears how many were looked at.
    """
    renewal = _Renewal(policy, csr, compromised(register), _ends(register))
    held = holdings(register, [csr.public_key], now) if csr else {}
    items: list[Item] = []
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        kept, wanted, of_row = _kept(register, part), list[Wanted](), dict[str, str]()
        for row in part:
            try:
                wanted.append(renewal.wanted(row, kept[row.number]))
            except (InputError, Refused) as fault:
                findings.faults.append(fault)
            else:
                of_row[wanted[-1].key] = f"{row.issuer}:{row.serial.lower()}"
        made = items_of(wanted, policy, issuer, now, findings, held=held, judge=judge)
        items += [replace(item, replaces=of_row[item.key]) for item in made]
        told(start + len(part))
    return items


def origin_of(rows: Sequence[Row]) -> int:
    """Give the number of the one request that certificates came from; 0 where there are several."""
    requests = {row.request for row in rows}
    return requests.pop() if len(requests) == 1 else 0


def replaced_by(register: Register, request: Request) -> list[Row]:
    """Give the certificates that count still, though others of a request were issued to replace them."""
    asked = (
        "select item from certificate join subject on subject.number = certificate.number where request = ? "
        "and state = ? order by certificate.number"
    )
    found: list[Row] = []
    for (item,) in register.rows(asked, request.number, int(State.ISSUED)):
        issuer, _colon, serial = replaced(item).partition(":")
        if serial:
            found += register.find("authority.id = ? and serial = ?", [issuer, bytes.fromhex(serial)])
    return [row for row in found if row.state in COUNTS]


class _Kept(NamedTuple):
    """What the register keeps of a certificate: its order, the request that proved its key, and whose key it is."""

    order: Order
    evidence: bytes
    spki: bytes


def _kept(register: Register, rows: Sequence[Row]) -> dict[int, _Kept]:
    asked = (
        "select number, item, serial, evidence, spki from certificate where number in (select value from json_each(?))"
    )
    found = register.rows(asked, json.dumps([row.number for row in rows]))
    return {
        number: _Kept(order_of(item, octets), evidence or b"", bytes(spki))
        for number, item, octets, evidence, spki in found
    }


@dataclass(frozen=True, slots=True)
class _Renewal:
    """What renewals are held against: the policy, the new key if any, keys that others know, when authorities end."""

    policy: Policy
    csr: Csr | None
    compromised: frozenset[bytes]
    ends: Mapping[str, int]

    def wanted(self, row: Row, kept: _Kept) -> Wanted:
        """Give what is wanted in the place of a certificate. Raise Refused."""
        place, csr, order = row.serial[:_DIGITS].lower(), self.csr, kept.order
        if row.state in {State.INTENDED, State.GIVEN_UP}:
            raise Refused(_("it was never issued"), place=place)
        if csr is None and (row.state is not State.ISSUED or kept.spki in self.compromised):
            told = _("its key does not count any more: the certificate is revoked or held, or the key known to others")
            raise Refused(told, place=place, hint=_("have a new key made, and give its request: --csr FILE"))
        key = csr.public_key if csr else order.public_key
        return Wanted(
            key_of([subject_of(row.issuer, bytes.fromhex(row.serial))], key),
            order.profile,
            order.agency,
            order.names,
            key,
            order.subject,
            self._validity(row, order),
            csr.content if csr else kept.evidence,
            place=place,
            facts=csr.facts if csr else None,
        )

    def _validity(self, row: Row, order: Order) -> int:
        """Give for how long somebody wanted a certificate, where that is shorter than the profile has it, or 0."""
        profile = self.policy.profiles.get(order.profile)
        if profile is None or order.not_after >= self.ends[row.issuer]:
            return 0
        lasted = order.not_after - order.not_before + 1 - profile.backdate
        return lasted if 0 < lasted < profile.validity else 0


def _ends(register: Register) -> dict[str, int]:
    """Give when each authority ends, seconds since 1970, UTC."""
    return {each.issuer.id: authority(each.issuer.certificate).not_after for each in register.authorities()}


def responder_order(register: Register, issuer: Issuer, profile: Profile, now: int, key: bytes = b"") -> Order:
    """Give what the next certificate of an authority's responder is to say: as the last one, with its key or another.

    `now` is seconds since 1970, UTC. Raise InputError where it never had one.
    """
    rows = register.find("authority.id = ? and profile = ?", [issuer.id, profile.id])
    if not rows:
        told = _("authority {id} never had a responder").format(id=issuer.id)
        raise InputError(told, hint=_("`sentinel pki authority add` makes an authority with one"))
    ((item, octets),) = register.rows("select item, serial from certificate where number = ?", rows[-1].number)
    begins, ends = period(profile, issuer, now)
    last = order_of(item, octets)
    return replace(last, public_key=key or last.public_key, serial=serial(), not_before=begins, not_after=ends, shard=0)


def responder_asked(register: Register, issuer: Issuer, profile: Profile) -> Request | None:
    """Give the request for a responder's certificate that nobody has approved or issued yet."""
    for request in register.requests((State.WAITING, State.APPROVED), -1):
        waiting = items_left(register, request, 1) if request.issuer == issuer.id else []
        if waiting and waiting[0].order.profile == profile.id:
            return request
    return None


def responder_newest(register: Register, issuer: Issuer, profile: Profile) -> bytes:
    """Give the certificate of an authority's responder that was issued last and counts, DER; b"" for none."""
    rows = register.find("authority.id = ? and profile = ? and state = ?", [issuer.id, profile.id, int(State.ISSUED)])
    return register.der(rows[-1].number) if rows else b""
