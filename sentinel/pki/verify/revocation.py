"""Whether the certificates of a chain are revoked, each by itself: lists (RFC 5280, 6.3) and answers (RFC 6960).

The library checks revocation while it validates a path, and stops at the first certificate of which nothing is known.
Here the path was validated before; every certificate is then asked about from the root down, so that all that is known
is told. What one source says good and another revoked is revoked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sentinel.pki.verify.engine import context_of, driven
from sentinel.pki.verify.parsed import TRIPS, has_no_status, link_of
from sentinel.pki.verify.verdict import Fault, Objection, Revocation, Standing, State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.path import ValidationPath

    from sentinel.pki.verify.engine import Given, Walked
    from sentinel.pki.verify.parsed import Certificate

_FAULTS: Final[Mapping[State, Fault]] = {
    State.REVOKED: Fault.REVOKED,
    State.UNUSABLE: Fault.STATUS_UNUSABLE,
    State.UNKNOWN: Fault.STATUS_UNKNOWN,
}


def standings_of(given: Given, walked: Walked, revocation: Revocation) -> tuple[Standing, ...]:
    """Give what is known of every certificate of a validated path but its root, from the leaf on.

    Below a certificate that is revoked nothing more is looked at: whatever its key signed says nothing.
    """
    below_root = walked.chain[:-1]
    if revocation is Revocation.NONE:
        return tuple(Standing(link_of(each), State.NOT_ASKED) for each in below_root)
    context = context_of(given, walked.chain)
    found: list[Standing] = []
    for depth in range(len(below_root) - 1, -1, -1):
        if found and found[-1].state in {State.REVOKED, State.UNREACHED}:
            found.append(Standing(link_of(below_root[depth]), State.UNREACHED))
            continue
        found.append(_standing(context, walked.path, walked.chain, depth))
    return tuple(reversed(found))


def objections_of(standings: Sequence[Standing], revocation: Revocation) -> Iterator[Objection]:
    """Give what the standings of a chain say against it; that nothing is known does where all have to be known."""
    for standing in standings:
        fault = _FAULTS.get(standing.state)
        if fault is not None and (fault is not Fault.STATUS_UNKNOWN or revocation is Revocation.ALL):
            yield Objection(fault, standing.link, standing.detail)


def _standing(context: ValidationContext, path: Any, chain: Sequence[Certificate], depth: int) -> Standing:  # noqa: ANN401
    from pyhanko_certvalidator.path import ValidationPath

    certificate, link = chain[depth], link_of(chain[depth])
    above = list(reversed(chain[depth + 1 : -1]))
    part = ValidationPath(path.trust_anchor, above, certificate)
    told = [_told(source, ask, certificate, part, context) for source, ask in _sources()]
    for state in (State.REVOKED, State.GOOD, State.UNUSABLE):
        first = next((each for each in told if each.state is state), None)
        if first is not None:
            if state is State.GOOD:
                context.record_validation(certificate, part)  # type: ignore[no-untyped-call]
            return Standing(link, state, first.source, first.reason, first.since, first.detail)
    # What is unknown is no reason to refuse what this certificate signed: whether it counts is decided above us.
    context.record_validation(certificate, part)  # type: ignore[no-untyped-call]
    return Standing(link, State.EXEMPT if has_no_status(certificate) else State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Told:
    source: str
    state: State
    reason: str = ""
    since: int | None = None
    detail: str = ""


def _sources() -> tuple[tuple[str, Callable[..., Awaitable[None]]], ...]:
    from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
    from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

    return ("ocsp", verify_ocsp_response), ("crl", verify_crl)


def _told(
    source: str,
    ask: Callable[..., Awaitable[None]],
    certificate: Certificate,
    path: ValidationPath,
    context: ValidationContext,
) -> _Told:
    """Ask one kind of source. Only where none speaks of this certificate is nothing known."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from pyhanko_certvalidator import errors

    try:
        driven(ask(certificate, path, context))
    except errors.RevokedError as error:
        since = int(error.revocation_dt.timestamp())
        return _Told(source, State.REVOKED, str(error.reason.native), since, f"{source}: {error.reason.native}")
    except (errors.CRLNoMatchesError, errors.OCSPNoMatchesError):
        return _Told(source, State.UNKNOWN)
    except (errors.CRLValidationIndeterminateError, errors.OCSPValidationIndeterminateError) as error:
        return _unusable(source, _failures(error))
    except (errors.CRLValidationError, errors.OCSPValidationError, errors.ValidationError) as error:
        return _unusable(source, str(error))
    except (UnsupportedAlgorithm, *TRIPS) as error:
        return _unusable(source, str(error))
    return _Told(source, State.GOOD)


def _unusable(source: str, detail: str) -> _Told:
    return _Told(source, State.UNUSABLE, detail=f"{source}: {detail}")


def _failures(error: Any) -> str:  # noqa: ANN401 - two errors of the library that have the same parts
    said = dict.fromkeys(str(each[0]) for each in error.failures)
    return "; ".join(said) or str(error.msg)
