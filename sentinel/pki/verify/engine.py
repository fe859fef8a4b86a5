"""The first engine: pyhanko_certvalidator, path building and validation by RFC 5280, 6.1, with bounds.

Certificates come from strangers: a few dozen authorities that certify each other have more paths than anybody can try,
so both the steps of the search and the paths tried are bounded. Nothing here goes to the network: no fetcher is given,
so that the library's coroutines never wait, and are run without a loop.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sentinel.pki.verify.constraints import subtrees_of, understood
from sentinel.pki.verify.lists import lists_for
from sentinel.pki.verify.said import said
from sentinel.pki.verify.verdict import ANY_POLICY, Fault, Objection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Sequence

    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.path import ValidationPath

    from sentinel.pki.verify.parsed import Certificate

STEPS: Final = 1000
"""How many issuers are looked up in search of paths."""
PATHS: Final = 30
"""How many paths are validated."""
_ANY: Final = "any_policy"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Policies:
    """The inputs of RFC 5280, 6.1.1 (c), (e), (f), (g). `wanted` are OIDs, empty where any policy will do."""

    wanted: frozenset[str] = frozenset()
    explicit: bool = False
    no_mapping: bool = False
    no_any: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What a certificate is judged by: certificates as asn1crypto has them, lists and answers as DER, a moment (s)."""

    leaf: Certificate
    intermediates: Sequence[Certificate]
    roots: Sequence[Certificate]
    at: int
    crls: Sequence[bytes] = ()
    ocsp: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Walked:
    """A path that was validated: its certificates from leaf to root, how many held, what was found, what is valid.

    `path` is the library's own, which the checks of revocation go on with.
    """

    chain: tuple[Certificate, ...]
    path: Any
    held: int
    objections: tuple[Objection, ...]
    policies: tuple[str, ...]


@dataclass(slots=True)
class _Steps:
    left: int = field(default=STEPS)

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooManyError


class _TooManyError(Exception):
    """The search for paths took more steps than it may."""


def driven(coroutine: Awaitable[T]) -> T:
    """Run a coroutine that never waits, whether a loop runs in this thread or not."""
    steps = coroutine.__await__()
    try:
        next(steps)
    except StopIteration as ended:
        result: T = ended.value
        return result
    raise RuntimeError("a validation without a fetcher waited for something")


def context_of(
    given: Given, proved: Sequence[Certificate] = (), wanted: frozenset[str] = frozenset({_ANY})
) -> ValidationContext:
    """Give a context of the library. With a chain that is `proved`, lists and answers count, and each needs one.

    The library remembers what it validated by the signature alone, so that a forged copy of a proved authority, with
    another key, could sign lists in its name: what shares a signature with another certificate is left out.
    """
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.policy_decl import DisallowWeakAlgorithmsPolicy

    quieted()
    understood()
    others = [given.leaf, *given.intermediates]
    return ValidationContext(
        trust_roots=[_anchor(each, wanted) for each in given.roots],
        certificate_registry=_registry([*proved, *_unforged(others, proved)] if proved else others),
        moment=datetime.fromtimestamp(given.at, UTC),
        crls=lists_for(given.crls, [*given.roots, *others], given.ocsp) if proved else [],
        ocsps=list(given.ocsp) if proved else [],
        revocation_mode="require" if proved else "none",
        time_tolerance=timedelta(0),
        algorithm_usage_policy=DisallowWeakAlgorithmsPolicy(),  # type: ignore[no-untyped-call]
        signature_validator=_strong(),
    )


@cache
def _strong() -> Any:  # noqa: ANN401
    """Give what checks signatures, those of lists and answers too: the library looks for weakness in chains alone."""
    from cryptography.exceptions import InvalidSignature
    from pyhanko_certvalidator.policy_decl import DisallowWeakAlgorithmsPolicy
    from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

    policy = DisallowWeakAlgorithmsPolicy()  # type: ignore[no-untyped-call]

    class Strong(DefaultSignatureValidator):
        def validate_signature(
            self,
            signature: bytes,
            signed_data: bytes,
            public_key_info: Any,  # noqa: ANN401
            signature_algorithm: Any,  # noqa: ANN401
            *context: Any,  # noqa: ANN401
        ) -> None:
            if not policy.signature_algorithm_allowed(signature_algorithm, None, public_key_info):
                raise InvalidSignature
            super().validate_signature(signature, signed_data, public_key_info, signature_algorithm, *context)

    return Strong()


def _anchor(root: Certificate, wanted: frozenset[str]) -> Any:  # noqa: ANN401
    """Give a root as a trust anchor with the constraints on names and length that it has itself (RFC 5937).

    RFC 5280 leaves them out, but whoever made a root with constraints wants them kept.
    """
    from pyhanko_certvalidator.authority import CertTrustAnchor, TrustQualifiers
    from pyhanko_certvalidator.name_trees import default_excluded_subtrees, default_permitted_subtrees
    from pyhanko_certvalidator.policy_decl import PKIXValidationParams

    permitted, excluded = subtrees_of(root)
    parameters = PKIXValidationParams(
        # The library intersects this set with the one asked for, but where this is any, any is what comes of it.
        user_initial_policy_set=wanted,
        initial_permitted_subtrees=default_permitted_subtrees() | permitted,
        initial_excluded_subtrees=default_excluded_subtrees() | excluded,
    )
    # Both lengths, or the library counts down from None where one is given.
    length = root.max_path_length
    return CertTrustAnchor(root, TrustQualifiers(parameters, length, length))


def quieted() -> None:
    """Keep what the library logs, with traces, from standard error: all that matters is in what it raises."""
    log = logging.getLogger("pyhanko_certvalidator")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    log.propagate = False


def _registry(certificates: Sequence[Certificate]) -> Any:  # noqa: ANN401 - its class is made here, to import late
    from pyhanko_certvalidator.registry import CertificateRegistry

    steps = _Steps()

    class Bounded(CertificateRegistry):
        def find_potential_issuers(self, cert: Certificate, trust_manager: Any) -> Iterator[Any]:  # noqa: ANN401
            for issuer in super().find_potential_issuers(cert, trust_manager):
                steps.take()
                yield issuer

    return Bounded.build(certificates)


def _unforged(others: Sequence[Certificate], proved: Sequence[Certificate]) -> list[Certificate]:
    known: dict[bytes, set[bytes]] = {}
    for each in (*proved, *others):
        known.setdefault(each.signature, set()).add(each.sha256)
    return [each for each in others if len(known[each.signature]) == 1]


def walked(given: Given, policies: Policies) -> Iterator[Walked]:
    """Validate every path from the leaf to a root, without revocation, until the bounds are met."""
    from pyhanko_certvalidator.errors import PathBuildingError

    from sentinel.pki.verify.parsed import TRIPS, link_of

    taken, link = 0, link_of(given.leaf)
    context = context_of(given, wanted=_wanted(policies))
    paths = context.path_builder.async_build_paths_lazy(given.leaf)
    while True:
        try:
            path = driven(paths.__anext__())
        except StopAsyncIteration:
            return
        except PathBuildingError:
            yield _pathless(given, Objection(Fault.NO_CHAIN, link, link.issuer))
            return
        except (_TooManyError, RecursionError):
            yield _pathless(given, Objection(Fault.TOO_COMPLEX, link))
            return
        except TRIPS as error:
            yield _pathless(given, Objection(Fault.MALFORMED, link, str(error)))
            return
        yield _validated(given, path, policies)
        taken += 1
        if taken >= PATHS:
            yield _pathless(given, Objection(Fault.TOO_COMPLEX, link))
            return


def _pathless(given: Given, objection: Objection) -> Walked:
    return Walked((given.leaf,), None, -1, (objection,), ())


def _validated(given: Given, path: ValidationPath, policies: Policies) -> Walked:
    """Validate one path. A leaf with the name and key of a root passes for it only where it is that certificate."""
    from sentinel.pki.verify.parsed import link_of

    chain = tuple(reversed(list(path.iter_certs(include_root=True))))
    if chain[0].sha256 != given.leaf.sha256:
        objection = Objection(Fault.NOT_THE_ROOT, link_of(given.leaf), link_of(chain[0]).fingerprint)
        return Walked((given.leaf, *chain), None, 0, (objection,), ())
    context = context_of(given, wanted=_wanted(policies))
    objection_found = _objection(context, path, policies, chain)
    held = sum(_passed(context, each) for each in chain)
    if objection_found:
        return Walked(chain, path, held, (objection_found,), ())
    return Walked(chain, path, held, (), _valid_policies(path))


def _objection(
    context: ValidationContext, path: ValidationPath, policies: Policies, chain: Sequence[Certificate]
) -> Objection | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from pyhanko_certvalidator.errors import ValidationError
    from pyhanko_certvalidator.validate import async_validate_path

    from sentinel.pki.verify.parsed import TRIPS, link_of

    try:
        driven(async_validate_path(context, path, parameters=_parameters(policies)))
    except (ValidationError, UnsupportedAlgorithm, *TRIPS) as error:
        # Certificates are remembered as they pass, root first: the first that is not is the one that failed.
        failed = next((each for each in reversed(chain) if not _passed(context, each)), chain[0])
        fault, detail = said(error)
        return Objection(fault, link_of(failed), detail)
    return None


def _passed(context: ValidationContext, certificate: Certificate) -> bool:
    return context.check_validation(certificate) is not None  # type: ignore[no-untyped-call]


def _parameters(policies: Policies) -> Any:  # noqa: ANN401
    from pyhanko_certvalidator.policy_decl import PKIXValidationParams

    return PKIXValidationParams(
        user_initial_policy_set=_wanted(policies),
        initial_policy_mapping_inhibit=policies.no_mapping,
        initial_explicit_policy=policies.explicit,
        initial_any_policy_inhibit=policies.no_any,
    )


def _wanted(policies: Policies) -> frozenset[str]:
    """Give the policies asked for as the library names them; where any will do, no other counts."""
    return frozenset({_ANY}) if ANY_POLICY in policies.wanted or not policies.wanted else policies.wanted


def _valid_policies(path: ValidationPath) -> tuple[str, ...]:
    found = {each.user_domain_policy_id for each in path.qualified_policies() or ()}
    return tuple(sorted(ANY_POLICY if each == _ANY else each for each in found))
