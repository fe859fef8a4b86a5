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
from sentinel.pki.certificates.lints.base import Fault, Lint, Look, Looked, Settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.pki.certificates.algorithms import KeyKind
    from sentinel.pki.certificates.anatomy import Anatomy, Text
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Order

__all__ = ["LINTS", "SETTLED", "STRUCTURE", "TEXTS", "Fault", "lint"]

STRUCTURE: Final = "structure"
"""The lint that is none of those below: the bytes are no TBSCertificate, so that nothing else can be said."""
LINTS: Final[tuple[Lint[Look], ...]] = (*head.LINTS, *subject.LINTS, *alternatives.LINTS, *extensions.LINTS)
TEXTS: Final[tuple[Lint[Text], ...]] = subject.TEXTS
SETTLED: Final[tuple[Lint[Settled], ...]] = settled.LINTS


def lint(tbs: bytes, order: Order, profile: Profile, issuer: Issuer) -> list[Fault]:
    """Give everything that is wrong with a TBSCertificate (DER), nothing where it may be approved and signed."""
    try:
        taken = anatomy.of_tbs(tbs)
        kind = algorithms.facts(taken.key).kind
    except InputError as error:
        return [Fault(STRUCTURE, "RFC 5280, 4.1", error.message)]
    above = parse.authority(issuer.certificate) if issuer.certificate else None
    found = list(_found(LINTS, Look(taken, order, profile, issuer, above)))
    for text in taken.texts:
        if not _is_sound_text(text):
            found += _found(TEXTS, text)
    said = _said(taken, order, profile, issuer, kind)
    return found if _is_sound(said) else [*found, *_found(SETTLED, said)]


def _said(taken: Anatomy, order: Order, profile: Profile, issuer: Issuer, kind: KeyKind) -> Settled:
    return Settled(
        taken.version,
        taken.algorithm,
        taken.issuer,
        tuple([each[:2] for each in taken.extensions]),
        tuple([each for each in taken.extensions if each.oid not in extensions.OF_ORDER]),
        kind,
        bool(taken.parts),
        bool(order.names),
        profile,
        issuer,
    )


def _found(lints: Iterable[Lint[Looked]], looked: Looked) -> Iterator[Fault]:
    for each in lints:
        try:
            for message in each.check(looked):
                yield Fault(each.name, each.clause, message)
        except InputError as error:
            yield Fault(each.name, each.clause, error.message)


# Whether no lint finds anything is kept, not what it finds: messages are in the reader's language.
@lru_cache(maxsize=256)
def _is_sound(said: Settled) -> bool:
    return not any(True for _fault in _found(SETTLED, said))


@lru_cache(maxsize=4096)
def _is_sound_text(text: Text) -> bool:
    return not any(True for _fault in _found(TEXTS, text))
