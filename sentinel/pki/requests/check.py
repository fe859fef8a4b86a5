"""What is asked for, held against policy: each fault in words, each doubt as a warning.

A check is a function from what is wanted to findings, in the order of `_CHECKS`; all are told at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.model.estate import code_of
from sentinel.pki.certificates import algorithms
from sentinel.pki.certificates.algorithms import KeyKind
from sentinel.pki.requests import names, rights
from sentinel.pki.requests.lookalike import Registered
from sentinel.pki.requests.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sentinel.errors import SentinelError
    from sentinel.model.estate import Agency, Estate
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Name
    from sentinel.pki.requests.rights import Agencies, Rights
    from sentinel.pki.requests.wanted import Wanted

_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Policy:
    """What requests are held against: who there is, what each may ask for, what others are called, and who asks.

    `known` are the agencies of the estate by code, in the order of Decision 20/2020; `requester` is a person's name.
    """

    profiles: Mapping[str, Profile]
    agencies: Agencies
    known: Mapping[str, Agency]
    registered: Registered
    requester: str = ""

    @classmethod
    def of(cls, estate: Estate, profiles: Mapping[str, Profile], agencies: Agencies, requester: str = "") -> Policy:
        """Gather what an estate, profiles and rights of agencies say."""
        known = {code_of(agency.id): agency for agency in estate.agencies}
        return cls(profiles, agencies, known, Registered.of(estate, agencies), requester)


@dataclass(slots=True)
class Findings:
    """What is wrong with requests: faults, for which nothing is issued, and warnings, which approvers should see."""

    faults: list[SentinelError] = field(default_factory=list)
    warnings: list[SentinelError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Finding:
    told: str
    hint: str = ""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    wanted: Wanted
    profile: Profile
    rights: Rights
    policy: Policy


def check(wanted: Wanted, policy: Policy, findings: Findings) -> bool:
    """Hold what is wanted against the policy; tell whether nothing is wrong, and add what is to the findings."""
    found = list(_all(wanted, policy))
    for each in found:
        where = findings.warnings if each.is_warning else findings.faults
        where.append(Refused(each.told, place=wanted.place, hint=each.hint))
    return all(each.is_warning for each in found)


def _all(wanted: Wanted, policy: Policy) -> Iterator[_Finding]:
    profile = policy.profiles.get(wanted.profile)
    if profile is None:
        told = _("no profile is called '{name}'").format(name=wanted.profile)
        yield _Finding(told, did_you_mean(wanted.profile, policy.profiles))
    code = code_of(wanted.agency)
    if code not in policy.known:
        told = _("'{code}' is no agency of the estate").format(code=wanted.agency)
        yield _Finding(told, did_you_mean(code, policy.known) or _("`sentinel estate check` looks it through"))
        return
    found = policy.agencies.rights_of(code)
    if found is None:
        hint = _("write a table [[agency]] with its code, or one above it, into pki/agencies")
        yield _Finding(_("nothing says what agency {code} may ask for").format(code=code), hint)
    elif profile:
        case = _Case(wanted, profile, found, policy)
        for each in _CHECKS:
            yield from each(case)


def _permitted(case: _Case) -> Iterator[_Finding]:
    """Tell of a profile that the agency may not ask for, and of somebody who may not ask for the agency."""
    profile, allowed = case.profile, case.rights.profiles or ()
    if profile.authority:
        yield _Finding(_("profile {profile} is of authorities, which requests are not for").format(profile=profile.id))
    elif profile.id not in allowed:
        told = _("agency {code} may not ask for profile {profile}").format(code=case.rights.code, profile=profile.id)
        yield _Finding(told, _("it may ask for: {names}").format(names=", ".join(allowed) or "–"))
    if case.rights.requesters is not None and case.policy.requester not in case.rights.requesters:
        told = _("{person} may not ask for agency {code}")
        people = ", ".join(case.rights.requesters) or "–"
        asked = told.format(person=case.policy.requester or "?", code=case.rights.code)
        yield _Finding(asked, _("these may: {names}").format(names=people))
    try:
        profile.check_agency(case.wanted.agency)
    except InputError as fault:
        yield _Finding(fault.message, fault.hint)


def _names(case: _Case) -> Iterator[_Finding]:
    rules, asked = case.profile.names, case.wanted.names
    if not rules.least <= len(asked) <= rules.most:
        told = _("{count} names; profile {profile} has {least} to {most}")
        told = told.format(count=len(asked), profile=case.profile.id, least=rules.least, most=rules.most)
        yield _Finding(told, _("names are in the column `names`, or in the request"))
    for name in asked:
        shown = names.told(name)
        if name.kind not in rules.kinds:
            told = _("{name}: profile {profile} has no names of this kind").format(name=shown, profile=case.profile.id)
            yield _Finding(told, ", ".join(rules.kinds))
        elif names.is_wildcard(name) and not rules.wildcard:
            told = _("{name}: profile {profile} has no wildcards").format(name=shown, profile=case.profile.id)
            yield _Finding(told, _("name each host"))
        elif told := rights.check_name(name, case.rights, case.policy.agencies):
            yield _Finding(f"{shown}: {told}", _may_have(case.rights))
        yield from _alike(name, case)


def _may_have(given: Rights) -> str:
    shown = [*map(names.shown, given.domains or ()), *(each.text for each in given.networks or ())]
    return _("it may ask for names in: {names}").format(names=", ".join(shown) or "–")


def _alike(name: Name, case: _Case) -> Iterator[_Finding]:
    if host := names.host_of(name):
        own = case.rights.domain_of(host)
        for each in case.policy.registered.likenesses(host, case.rights.code, own):
            hint = "" if each.is_refused else _("let whoever approves look twice")
            yield _Finding(f"{names.told(name)}: {each.told}", hint, is_warning=not each.is_refused)


def _subject(case: _Case) -> Iterator[_Finding]:
    wanted, fields = case.wanted, case.profile.fields
    for column, value in wanted.subject.items():
        if column not in fields:
            told = _("profile {profile} has no field '{name}' of subjects").format(profile=case.profile.id, name=column)
            yield _Finding(told, did_you_mean(column, fields))
        if not value.isprintable() and (told := names.unseen(value)):
            yield _Finding(f"{column}: {told}")
    for column, is_needed in fields.items():
        if is_needed and not wanted.subject.get(column):
            told = _("profile {profile} needs '{name}' of the subject").format(profile=case.profile.id, name=column)
            yield _Finding(told, _("give it in a column of this name"))
    common = wanted.subject.get("common_name", "")
    if names.is_host(common) and not _is_among(common, wanted):
        told = _("the common name '{name}' is not among the names").format(name=common)
        yield _Finding(told, _("who checks a certificate looks at the names alone (RFC 9525)"))


def _is_among(common: str, wanted: Wanted) -> bool:
    try:
        return names.read(common) in wanted.names
    except InputError:
        return False


def _key(case: _Case) -> Iterator[_Finding]:
    if not case.wanted.public_key:
        return
    facts, profile = case.wanted.facts or algorithms.facts(case.wanted.public_key), case.profile
    if facts.kind not in profile.keys:
        told = _("a key of kind {kind}; profile {profile} has others").format(kind=facts.kind, profile=profile.id)
        yield _Finding(told, ", ".join(profile.keys))
    least, most = profile.rsa_bits
    if facts.kind is KeyKind.RSA and not least <= facts.bits <= most:
        told = _("an RSA key of {bits} bits; {least} to {most} are accepted")
        yield _Finding(told.format(bits=facts.bits, least=least, most=most))


def _validity(case: _Case) -> Iterator[_Finding]:
    if case.wanted.validity > case.profile.longest:
        told = _("{days} days are asked for; profile {profile} has {most} at most")
        asked, most = case.wanted.validity // _DAY, case.profile.longest // _DAY
        yield _Finding(told.format(days=asked, profile=case.profile.id, most=most))


_CHECKS: Final[tuple[Callable[[_Case], Iterator[_Finding]], ...]] = (_permitted, _names, _subject, _key, _validity)
