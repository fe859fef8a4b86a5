"""Verifies a certificate: finds its chain, and names every reason why it does not hold.

Two engines answer, each by its own code: pyhanko_certvalidator finds and validates the paths, OpenSSL is asked about
the one that was chosen. Where they differ, the stricter one counts and the verdict says so. Nothing is fetched: what
the answer rests on is what was given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.language import _, later
from sentinel.pki.verify import purpose as purposes
from sentinel.pki.verify import rules
from sentinel.pki.verify.engine import Given, Policies, walked
from sentinel.pki.verify.names import has_name
from sentinel.pki.verify.parsed import certificate_of, link_of
from sentinel.pki.verify.purpose import Purpose
from sentinel.pki.verify.revocation import objections_of, standings_of
from sentinel.pki.verify.second import second_opinion
from sentinel.pki.verify.verdict import (
    Check,
    Fault,
    Objection,
    Opinion,
    Revocation,
    State,
    Unchecked,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sentinel.pki.model import Name
    from sentinel.pki.verify.engine import Walked
    from sentinel.pki.verify.verdict import Second, Standing

ANY: Final = Policies()
_UNSAYABLE: Final = frozenset({Fault.WRONG_NAME, Fault.PURPOSE, Fault.WEAK, Fault.STATUS_UNKNOWN, Fault.POLICY})


@dataclass(frozen=True, slots=True)
class _Asked:
    names: tuple[Name, ...]
    purpose: Purpose
    policies: Policies
    revocation: Revocation


@dataclass(frozen=True, slots=True)
class _Judged:
    walked: Walked
    objections: tuple[Objection, ...]
    standings: tuple[Standing, ...]


def verify(  # noqa: PLR0913 - the inputs of RFC 5280, 6.1.1, and what a certificate is asked for
    certificate: bytes,
    intermediates: Sequence[bytes],
    roots: Sequence[bytes],
    *,
    at: int,
    names: Iterable[Name] = (),
    purpose: Purpose = Purpose.ANY,
    crls: Sequence[bytes] = (),
    ocsp: Sequence[bytes] = (),
    policies: Policies = ANY,
    revocation: Revocation = Revocation.NONE,
) -> Verdict:
    """Judge a certificate at a moment (seconds since 1970). Everything is DER; order and duplicates do not matter.

    Every one of `names` has to be among the certificate's. `crls` and `ocsp` count where `revocation` is asked about:
    `IF_KNOWN` refuses what they say is revoked or say unreliably, `ALL` also what they say nothing of. Raises
    InputError where a certificate, a list or an answer cannot be read, or no root is given.
    """
    if not roots:
        raise InputError(_("no root is given to trust"), place="--root", hint=_("name the file of a root certificate"))
    given = Given(
        leaf=certificate_of(certificate),
        intermediates=[certificate_of(each) for each in dict.fromkeys(intermediates)],
        roots=[certificate_of(each) for each in dict.fromkeys(roots)],
        at=at,
        crls=_lists(crls),
        ocsp=_answers(ocsp),
    )
    return _verdict(given, _Asked(tuple(names), Purpose(purpose), policies, Revocation(revocation)))


def _lists(crls: Sequence[bytes]) -> tuple[bytes, ...]:
    from sentinel.pki.verify.parsed import checked_list

    return tuple(checked_list(each) for each in dict.fromkeys(crls))


def _answers(ocsp: Sequence[bytes]) -> tuple[bytes, ...]:
    from sentinel.pki.verify.parsed import checked_answer

    return tuple(checked_answer(each) for each in dict.fromkeys(ocsp))


def _verdict(given: Given, asked: _Asked) -> Verdict:
    best = _best(given, asked)
    chain = best.walked.chain
    second = second_opinion(
        given, chain if best.walked.path else (), revocation=asked.revocation is not Revocation.NONE
    )
    first_holds = not best.objections
    objections = best.objections
    if first_holds and not second.holds:
        about = chain[second.depth] if second.depth < len(chain) else given.leaf
        objections = (Objection(Fault.SECOND_OPINION, link_of(about), second.detail),)
    return Verdict(
        at=given.at,
        chain=tuple(link_of(each) for each in chain) if best.walked.path else (),
        policies=best.walked.policies,
        objections=objections,
        standings=best.standings,
        checked=tuple(_checked(best, asked)),
        unchecked=(*_unchecked(best, asked), *second.unsaid),
        opinion=_opinion(best, second),
    )


def _opinion(best: _Judged, second: Second) -> Opinion:
    """Compare the engines; the second has no say on names, purposes, sets of policies and what it abstains from."""
    if second.holds is not bool(best.objections):
        return Opinion.AGREES
    if not second.holds:
        return Opinion.DIFFERS
    unsaid = set(_UNSAYABLE)
    if any(each.check is Check.REVOCATION for each in second.unsaid):
        unsaid |= {Fault.REVOKED, Fault.STATUS_UNUSABLE}
    return Opinion.SILENT if all(each.fault in unsaid for each in best.objections) else Opinion.DIFFERS


def _best(given: Given, asked: _Asked) -> _Judged:
    """Give the first path against which nothing speaks, or the one that went furthest and has the fewest faults."""
    best: _Judged | None = None
    for path in walked(given, asked.policies):
        judged = _judged(given, path, asked)
        if not judged.objections:
            return judged
        if best is None or _rank(judged) > _rank(best):
            best = judged
    if best is None:  # the library gives a path or says that there is none
        raise AssertionError
    return best


def _rank(judged: _Judged) -> tuple[int, int]:
    return judged.walked.held, -len(judged.objections)


def _judged(given: Given, path: Walked, asked: _Asked) -> _Judged:
    ours = [*_own_objections(given, path, asked)]
    told = {(each.fault, each.link) for each in ours}
    theirs = [each for each in path.objections if (each.fault, each.link) not in told]
    if path.objections or path.path is None:
        below = path.chain[:-1] if path.path else path.chain
        standings = tuple(_unreached(each, asked) for each in below)
        return _Judged(path, (*theirs, *ours), standings)
    standings = standings_of(given, path, asked.revocation)
    return _Judged(path, (*objections_of(standings, asked.revocation), *theirs, *ours), standings)


def _unreached(certificate: object, asked: _Asked) -> Standing:
    from sentinel.pki.verify.verdict import Standing

    return Standing(link_of(certificate), State.UNREACHED if asked.revocation != Revocation.NONE else State.NOT_ASKED)


def _own_objections(given: Given, path: Walked, asked: _Asked) -> Iterator[Objection]:
    yield from rules.objections_to(path.chain, given.at)
    for name in asked.names:
        if not has_name(given.leaf, name):
            yield Objection(Fault.WRONG_NAME, link_of(given.leaf), str(name))
    yield from purposes.objections_to(path.chain, asked.purpose)


def _checked(best: _Judged, asked: _Asked) -> Iterator[Check]:
    if best.walked.path:
        yield Check.CHAIN
        yield Check.POLICIES
    if asked.names:
        yield Check.NAMES
    if asked.purpose is not Purpose.ANY:
        yield Check.PURPOSE
    if any(each.state in {State.GOOD, State.REVOKED, State.UNUSABLE} for each in best.standings):
        yield Check.REVOCATION
    yield Check.SECOND_OPINION


def _unchecked(best: _Judged, asked: _Asked) -> Iterator[Unchecked]:
    if not best.walked.path:
        yield Unchecked(Check.CHAIN, later("no chain to a trusted root was found"))
    if not asked.names:
        yield Unchecked(Check.NAMES, later("no name was asked for"))
    if asked.purpose is Purpose.ANY:
        yield Unchecked(Check.PURPOSE, later("no purpose was asked for"))
    if asked.revocation is Revocation.NONE:
        yield Unchecked(Check.REVOCATION, later("revocation was not asked about"))
    for standing in best.standings:
        if standing.state in {State.UNKNOWN, State.UNREACHED, State.EXEMPT}:
            yield Unchecked(Check.REVOCATION, _WHY[standing.state], standing.link.subject)


_WHY: Final = {
    State.UNKNOWN: later("nothing given speaks of this certificate"),
    State.UNREACHED: later("the chain does not hold above it"),
    State.EXEMPT: later("it says that no status is given of it"),
}
