"""The lints that every certificate passes before it is approved, over the exact bytes that will be signed.

Each looks at the TBSCertificate itself, and holds it against its order, profile and issuer: nothing is in the bytes
that nobody asked for. What profile and issuer settle is the same in thousands of certificates and is judged once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError
from sentinel.pki.certificates import algorithms, anatomy, parse
from sentinel.pki.certificates.lints import alternatives, extensions, head, settled, subject
from sentinel.pki.certificates.lints.base import Fault, Lint, Look, Settled, SettledLint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Order

__all__ = ["LINTS", "SETTLED", "STRUCTURE", "Fault", "lint"]

STRUCTURE: Final = "structure"
"""The lint that is none of those below: the bytes are no TBSCertificate, so that nothing else can be said."""
LINTS: Final[tuple[Lint, ...]] = (*head.LINTS, *subject.LINTS, *alternatives.LINTS, *extensions.LINTS)
SETTLED: Final[tuple[SettledLint, ...]] = settled.LINTS


def lint(tbs: bytes, order: Order, profile: Profile, issuer: Issuer) -> list[Fault]:
    """Give everything that is wrong with a TBSCertificate (DER), nothing where it may be approved and signed."""
    try:
        taken = anatomy.of_tbs(tbs)
        kind = algorithms.facts(taken.key).kind
    except InputError as error:
        return [Fault(STRUCTURE, "RFC 5280, 4.1", error.message)]
    above = parse.authority(issuer.certificate) if issuer.certificate else None
    look = Look(taken, order, profile, issuer, above)
    said = Settled(
        taken.version,
        taken.algorithm,
        taken.issuer,
        tuple(each for each in taken.extensions if each.oid not in extensions.OF_ORDER),
        kind,
        profile,
        issuer,
    )
    found: list[Fault] = []
    for each in LINTS:
        try:
            for message in each.check(look):
                found.append(Fault(each.name, each.clause, message))  # noqa: PERF401 - nearly always nothing
        except InputError as error:
            found.append(Fault(each.name, each.clause, error.message))
    return found if _is_sound(said) else [*found, *_settled(said)]


def _settled(said: Settled) -> Iterator[Fault]:
    for each in SETTLED:
        try:
            for message in each.check(said):
                yield Fault(each.name, each.clause, message)
        except InputError as error:
            yield Fault(each.name, each.clause, error.message)


@lru_cache(maxsize=256)
def _is_sound(said: Settled) -> bool:
    """Tell whether no lint finds anything, so that messages are made anew, in the reader's language, where one does."""
    return not any(True for _fault in _settled(said))
