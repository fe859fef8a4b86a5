"""Standing grants: what may be issued without an approval of its own, once two people agreed on it.

A proposal is a file: the statement of the grant (`sentinel.pki.signing.grants`), who proposes it, and the approvals
that people add to it. With two of them the signer takes the grant down in its log, and holds every certificate against
it. The register says of each request that it was approved by a grant, and of which.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.ledger.chain import Act
from sentinel.pki.certificates.algorithms import identifier
from sentinel.pki.register import asking, entries
from sentinel.pki.register.file import REQUEST
from sentinel.pki.register.tables import State
from sentinel.pki.signing import approvals, grants, tbs
from sentinel.pki.signing.approvals import LONGEST, Approval, Need, check_one
from sentinel.pki.signing.grants import Grant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.pki.register.file import Register, Request, Row
    from sentinel.pki.signing.client import Client
    from sentinel.pki.signing.log import Act as Logged

NEEDED: Final = 2
"""People who agree on a grant."""
_LONGEST_NAME: Final = 64
_DAY: Final = 86_400
_SECOND: Final = 1_000_000_000
_LASTS: Final = 7 * _DAY * _SECOND
_COMMON_NAME, _ORGANIZATION_IDENTIFIER = "2.5.4.3", "2.5.4.97"


class Proposal(msgspec.Struct, frozen=True):
    """A grant that is proposed: its statement, who proposes it, and the approvals that it has, each as JSON."""

    statement: str
    requester: str
    approvals: tuple[str, ...] = ()

    @property
    def grant(self) -> Grant:
        """Give the grant. Raise Declined where the statement is none."""
        return grants.parse(self.statement.encode())

    def papers(self) -> list[Approval]:
        """Give the approvals. Raise InputError where one cannot be read."""
        return [approvals.parse(each.encode()) for each in self.approvals]

    def content(self) -> bytes:
        """Give it as it is written to a file."""
        return msgspec.json.format(msgspec.json.encode(self)) + b"\n"


@dataclass(frozen=True, slots=True)
class Standing:
    """A grant that the signer knows: since when (nanoseconds since 1970), who agreed, what it gave, when it ended."""

    grant: Grant
    at: int
    requester: str
    approvers: tuple[str, ...]
    used: int = 0
    withdrawn: int = 0


def read(content: bytes, place: str) -> Proposal:
    """Read a proposal from a file. Raise InputError, Declined where it is none."""
    try:
        found = msgspec.json.decode(content, type=Proposal)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        told = _("not a proposal of a grant: {reason}").format(reason=error)
        raise InputError(told, place=place, hint=_("`sentinel pki grant propose` writes one")) from None
    _checked = found.grant, found.papers()
    return found


def like(  # noqa: PLR0913, PLR0917 - as which certificate, for which names, how many
    register: Register, row: Row, name: str, names: Iterable[str], count: int, seconds: int, at: int, expires: int
) -> Grant:
    """Give a grant of certificates such as one that was issued: its agency, profile, usages, policies and subject.

    `names` are patterns (`dns:*.sw.example`); `count` in any `seconds`; `at` and `expires` are nanoseconds since 1970.
    Raise InputError where the certificate cannot be granted.
    """
    from cryptography import x509

    found = x509.load_der_x509_certificate(register.der(row.number))
    said = {each.oid.dotted_string: str(each.value) for each in found.subject}
    purposes, policies = _said(found, "2.5.29.37"), _said(found, "2.5.29.32")
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        told = _("'{name}' cannot be a name").format(name=name[:_LONGEST_NAME])
        raise InputError(told, hint=_("letters, digits and blanks, {most} at most").format(most=_LONGEST_NAME))
    if _ORGANIZATION_IDENTIFIER not in said or not purposes:
        told = _("certificates without an agency's code or a purpose are not granted")
        raise InputError(told, place=row.serial[:12].lower())
    lasts = found.not_valid_after_utc - found.not_valid_before_utc
    own = {_COMMON_NAME, _ORGANIZATION_IDENTIFIER}
    made = Grant(
        name=name,
        issuer=row.issuer,
        agency=said[_ORGANIZATION_IDENTIFIER],
        profile=row.profile,
        names=tuple(names),
        usages=tuple(each.dotted_string for each in purposes),
        days=-(-int(lasts.total_seconds()) // _DAY),
        count=count,
        seconds=seconds,
        at=at,
        expires=expires,
        attributes=tuple(f"{oid}={value}" for oid, value in said.items() if oid not in own),
        policies=tuple(each.policy_identifier.dotted_string for each in policies),
    )
    return grants.parse(made.statement)


def _said(found: Any, oid: str) -> list[Any]:  # noqa: ANN401 - a certificate of `cryptography`
    extension = next((each.value for each in found.extensions if each.oid.dotted_string == oid), ())
    return [*extension]


def approve(proposal: Proposal, approver: Acting, people: People, now: int) -> Proposal:
    """Give a proposal with one more approval; raise Refused where it would not count, or is there already."""
    made = _approval(proposal.grant.need(), proposal.requester, approver, people, now)
    if any(each.approver == made.approver for each in proposal.papers()):
        raise InputError(_("{name} approved it already").format(name=made.approver))
    return Proposal(proposal.statement, proposal.requester, (*proposal.approvals, made.content().decode()))


def _approval(need: Need, requester: str, approver: Acting, people: People, now: int) -> Approval:
    if approver.key is None:
        raise Refused(
            _("an approval is signed, and a user of the system signs nothing"),
            hint=_("give --key FILE: `sentinel people key new NAME --out FILE` makes one"),
        )
    expires = now + min(_LASTS, LONGEST)
    made = Approval(need.what, need.issuer, need.digest, need.count, requester, approver.name, now, expires)
    made = made.signed(approver.key)
    check_one(made, need, people, now)
    return made


def give(client: Client, proposal: Proposal, people: People, now: int) -> Grant:
    """Have the signer take a grant down. Raise Refused where two people have not approved it."""
    check_agreed(proposal, people, now)
    client.give(proposal.grant, proposal.papers())
    return proposal.grant


def check_agreed(proposal: Proposal, people: People, now: int) -> None:
    """Check that two people approved a proposal, as it is; raise Refused. The signer checks it again."""
    approvals.check_two(proposal.papers(), proposal.grant.need(), people, now)


def withdraw(client: Client, standing: Standing, approver: Acting, people: People, now: int) -> None:
    """Have the signer end a grant; one approver is enough. Raise Refused."""
    need = grants.withdrawal(standing.grant.name, standing.grant.issuer)
    requester = next(
        (name for name in (standing.requester, *standing.approvers) if name != approver.name), standing.requester
    )
    client.withdraw(standing.grant.name, [_approval(need, requester, approver, people, now)])


def standing(acts: Iterable[Logged]) -> dict[str, Standing]:
    """Give the grants of a signer's log by their names, withdrawn ones too."""
    found: dict[str, Standing] = {}
    for act in acts:
        if act.kind == "granted":
            papers = [approvals.parse(each) for each in act.papers[1:]]
            names = tuple(each.approver for each in papers)
            found[act.grant] = Standing(grants.parse(act.papers[0]), act.at, papers[0].requester, names)
        elif act.kind == "withdrawn":
            found[act.grant] = replace(found[act.grant], withdrawn=act.at)
        elif act.grant and act.made:
            found[act.grant] = replace(found[act.grant], used=found[act.grant].used + len(act.made))
    return found


def check(register: Register, request: Request, grant: Grant, now: int) -> None:
    """Check that a grant gives all that a request asks for; raise Refused for the first that it does not.

    The signer checks it again; this is before anything is written down.
    """
    issuer = register.authority(request.issuer).issuer
    found = tbs.whole([item.tbs for item in asking.items_of(register, request)], identifier(issuer.algorithm))
    for each in found:
        grants.check_given(grant, each, issuer.id, now)


def approve_by(register: Register, request: Request, grant: Grant, by: Acting, now: int) -> Request:
    """Write down that a request is approved by a grant, which gives all that it asks for. Raise Refused, InputError."""
    by.must("pki.issue")
    subject = f"{REQUEST}{request.number}"
    with register.writing():
        current = register.request(request.id)
        if current.state is not State.WAITING:
            told = _("it is not there to be approved: {state}").format(state=current.state.told)
            raise InputError(told, place=request.id)
        check(register, current, grant, now)
        body = msgspec.json.encode({"request": request.number, "grant": grant.name, "digest": request.digest.hex()})
        act = by.signed(Act(0, now, by.name, by.via, "pki grant", body))
        state = {subject: {"state": int(State.APPROVED), "changed": now}}
        register.append(act, [(subject, entries.ByGrant(grant.name))], state)
    return register.request(request.id)


def grant_of(register: Register, request: Request) -> str:
    """Give the name of the grant by which a request was approved, "" where somebody approved it."""
    told = [entries.read(each.entry.kind, each.entry.body) for each in register.history(f"{REQUEST}{request.number}")]
    given = [each for each in told if isinstance(each, (entries.ByGrant, entries.Approved))]
    return given[-1].grant if given and isinstance(given[-1], entries.ByGrant) else ""
