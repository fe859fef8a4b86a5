"""What officers do day by day: ask for certificates, approve them, issue them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.model.estate import code_of
from sentinel.pki.certificates.build import tbs_of
from sentinel.pki.certificates.lint import lint
from sentinel.pki.office.signers import finish, needs, signer
from sentinel.pki.register import asking
from sentinel.pki.register.asking import Item
from sentinel.pki.register.holding import KNOWN_TO_OTHERS
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.requests.check import Findings, check
from sentinel.pki.requests.wanted import order_of, serial
from sentinel.pki.signing.approvals import LONGEST, LONGEST_EMERGENCY, Approval, Need, What, check_one

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.pki.certificates.lints.base import Fault
    from sentinel.pki.model import Algorithm, Issuer
    from sentinel.pki.office.home import Home
    from sentinel.pki.register.file import Register, Request
    from sentinel.pki.register.holding import Holding
    from sentinel.pki.register.issuing import Came
    from sentinel.pki.requests.check import Policy
    from sentinel.pki.requests.wanted import Wanted
    from sentinel.pki.signing.home import KeyEntry

_SECOND: Final = 1_000_000_000
Judge: TypeAlias = "Callable[[bytes, Algorithm], Sequence[Fault]]"
"""What gives the faults of a TBSCertificate, as `sentinel.pki.certificates.paranoid.judge`."""


def judge_none(_tbs: bytes, _algorithm: Algorithm) -> Sequence[Fault]:
    """Find nothing."""
    return ()


LASTS: Final = 7 * 86_400 * _SECOND
"""How long an approval holds unless told otherwise, in nanoseconds."""


def issuer_of(register: Register, id_: str = "", retired: Collection[str] = ()) -> Issuer:
    """Give the authority that issues: the one of this name, or the only one whose key is not `retired`.

    Raise InputError.
    """
    if id_:
        named = register.authority(id_)
        if named.kind == "root":
            told, hint = _("{id} is a root: it certifies authorities alone"), _("`sentinel pki authority list`")
            raise InputError(told.format(id=id_), hint=hint)
        if named.issuer.key in retired:
            hint = _("name the one that follows it; `sentinel pki authority add` founds it")
            raise InputError(_("{id} is retired: it signs revocation lists alone").format(id=id_), hint=hint)
        return named.issuer
    every = [each.issuer for each in register.authorities() if each.kind != "root"]
    known = [each for each in every if each.key not in retired]
    if len(known) == 1:
        return known[0]
    if every and not known:
        raise InputError(_("every authority is retired"), hint=_("`sentinel pki authority add` founds the next one"))
    if not known:
        raise InputError(
            _("there is no authority that issues"), place=str(register.path), hint=_("`sentinel pki init` makes one")
        )
    names = ", ".join(each.id for each in known)
    raise InputError(_("there are several authorities"), hint=_("name one with --issuer: {names}").format(names=names))


def items_of(  # noqa: PLR0913 - what is wanted, by which rules, of whom, when
    wanted: Sequence[Wanted],
    policy: Policy,
    issuer: Issuer,
    now: int,
    findings: Findings,
    *,
    held: Mapping[bytes, Holding],
    is_checked: bool = False,
    judge: Judge = judge_none,
) -> list[Item]:
    """Give what is to be signed for certificates that are wanted; what may not be asked for is among the findings.

    `now` is seconds since 1970, UTC, and `held` what the register knows of their keys. Batches are checked as they are
    read. `judge` says what else may be wrong with what passed our own lints.
    """
    items: list[Item] = []
    for each in wanted:
        if not is_checked and not check(each, policy, findings):
            continue
        if each.public_key in held and not is_free(each, held[each.public_key], findings):
            continue
        profile = policy.profiles[each.profile]
        try:
            order = order_of(each, profile, issuer, serial(), now)
            tbs = tbs_of(order, profile, issuer)
            if found := lint(tbs, order, profile, issuer) or judge(tbs, issuer.algorithm):
                findings.faults += [Refused(str(fault), place=each.place) for fault in found]
                continue
            items.append(Item(order, tbs, each.csr, key=each.key, key_file=each.key_file))
        except (InputError, Refused) as fault:
            findings.faults.append(Refused(fault.message, place=fault.place or each.place, hint=fault.hint))
    return items


def is_free(wanted: Wanted, held: Holding, findings: Findings) -> bool:
    """Tell whether a key that the register knows may be certified again; what approvers should see is a warning."""
    hint = _("have a new key made, and ask for its certificate")
    if held.compromised:
        findings.faults.append(Refused(_(KNOWN_TO_OTHERS), place=wanted.place, hint=hint))
        return False
    if others := sorted(held.agencies - {code_of(wanted.agency), wanted.agency}):
        told = _("agency {code} has a certificate for the same key: each can act as the other")
        findings.warnings.append(Refused(told.format(code=others[0]), place=wanted.place, hint=hint))
    return True


def approval_of(  # noqa: PLR0913 - who agrees to what, for how long
    request: Request,
    approver: Acting,
    people: People,
    now: int,
    *,
    lasts: int = LASTS,
    emergency: bool = False,
    reason: str = "",
) -> Approval:
    """Give the approver's signed agreement to a request; raise Refused where it would not count.

    `lasts` is nanoseconds. In an emergency whoever asked may approve alone, with a reason, for an hour at most.
    """
    if approver.key is None:
        raise Refused(
            _("an approval is signed, and a user of the system signs nothing"),
            hint=_("give --key FILE: `sentinel people key new NAME --out FILE` makes one"),
        )
    ends = now + min(lasts, LONGEST_EMERGENCY if emergency else LONGEST)
    made = Approval(
        What.CERTIFICATES, request.issuer, request.digest, request.count, request.requester, approver.name, now, ends,
        emergency, reason,
    ).signed(approver.key)  # fmt: skip
    check_one(made, need_of(request), people, now)
    return made


def need_of(request: Request) -> Need:
    """Give what an approval of a request has to say."""
    return Need(What.CERTIFICATES, request.issuer, request.digest, request.count)


def approve(  # noqa: PLR0913, PLR0917 - what, by whom, when
    register: Register, request: Request, approval: Approval, approver: Acting, people: People, now: int
) -> Request:
    """Write an approval down; raise Refused, InputError where the request waits for none, StoreError."""

    def sound(current: Request) -> None:
        check_one(approval, need_of(current), people, now)

    return asking.approve(register, request, approval, approver, now, sound)


def issue(  # noqa: PLR0913, PLR0917 - what, by whom, with whose signature
    home: Home,
    register: Register,
    request: Request,
    by: Acting,
    people: Path,
    unlock: Callable[[KeyEntry], bytes],
    clock: Callable[[], int],
    *,
    told: Callable[[int], None] = lambda _issued: None,
) -> Came:
    """Issue what an approved request asks for; raise as `Issuance.issue`."""
    key = register.authority(request.issuer).issuer.key
    needs(home, [key])
    with signer(home, people, unlock, [key]) as client:
        return Issuance(register, client, finish, clock).issue(request, by, told)
