"""What verification found: the chain, every objection, what was checked and what was not.

An objection is a fault of a fixed list, the certificate that it concerns, and what the engine that met it said. The
texts of a fault, the clause behind it and what to do next are rows of FAULTS, shown through the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from sentinel.language import later

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY_POLICY: Final = "2.5.29.32.0"


class Revocation(StrEnum):
    """How far revocation is asked about: not at all, what the given lists and answers say, or of every certificate."""

    NONE = "none"
    IF_KNOWN = "if_known"
    ALL = "all"


class Fault(StrEnum):
    """Why a certificate does not hold."""

    NO_CHAIN = "no_chain"
    NOT_THE_ROOT = "not_the_root"
    SIGNATURE = "signature"
    WEAK = "weak_algorithm"
    EXPIRED = "expired"
    NOT_YET = "not_yet_valid"
    REVOKED = "revoked"
    STATUS_UNKNOWN = "status_unknown"
    STATUS_UNUSABLE = "status_unusable"
    ISSUER_NAME = "issuer_name"
    NAME_CONSTRAINTS = "name_constraints"
    POLICY = "policy"
    POLICY_MAPPING = "policy_mapping"
    NOT_AN_AUTHORITY = "not_an_authority"
    PATH_LENGTH = "path_length"
    KEY_USAGE = "key_usage"
    CRITICAL = "critical_extension"
    WRONG_NAME = "wrong_name"
    PURPOSE = "purpose"
    MALFORMED = "malformed"
    TOO_COMPLEX = "too_complex"
    INVALID = "invalid"
    SECOND_OPINION = "second_opinion"


class Row(NamedTuple):
    """A fault's clause, what it says and what to do about it."""

    clause: str
    text: str
    hint: str


FAULTS: Final[Mapping[Fault, Row]] = MappingProxyType(
    {
        Fault.NO_CHAIN: Row(
            "RFC 5280, 6.1",
            later("no chain leads to a trusted root"),
            later("give the issuer's certificate with --intermediate, or its root with --root"),
        ),
        Fault.NOT_THE_ROOT: Row(
            "RFC 5280, 6.1.1 (d)",
            later("has the name and key of a trusted root, but is another certificate"),
            later("compare its fingerprint with the root's; if it is the renewed root, trust it with --root"),
        ),
        Fault.SIGNATURE: Row(
            "RFC 5280, 6.1.3 (a) (1)",
            later("is not signed by its issuer's key"),
            later("it was altered, or another issuer has the same name: get both afresh from where they were issued"),
        ),
        Fault.WEAK: Row(
            "NIST SP 800-131A",
            later("is signed with an algorithm or key that is too weak"),
            later("have it issued again: RSA of 2048 bits or more, ECDSA or EdDSA, with SHA-256 or better"),
        ),
        Fault.EXPIRED: Row(
            "RFC 5280, 6.1.3 (a) (2)",
            later("has expired"),
            later("renew it; to judge an earlier moment, give it with --at"),
        ),
        Fault.NOT_YET: Row(
            "RFC 5280, 6.1.3 (a) (2)",
            later("is not valid yet"),
            later("check the clock of this machine, or wait until it is"),
        ),
        Fault.REVOKED: Row(
            "RFC 5280, 6.1.3 (a) (3)",
            later("is revoked"),
            later("stop trusting it; its holder needs a new one, with a new key if the old one was compromised"),
        ),
        Fault.STATUS_UNKNOWN: Row(
            "RFC 5280, 6.3.3",
            later("nothing says whether it is revoked"),
            later("give its issuer's revocation list with --crl or an answer with --ocsp, or allow --fetch"),
        ),
        Fault.STATUS_UNUSABLE: Row(
            "RFC 5280, 6.3.3",
            later("the revocation list or answer for it cannot be relied on"),
            later("get a fresh one from the issuer; it must be signed by it and be in force at the moment asked about"),
        ),
        Fault.ISSUER_NAME: Row(
            "RFC 5280, 6.1.3 (a) (4)",
            later("names another issuer than the certificate above it"),
            later("give the certificate of the issuer that it names"),
        ),
        Fault.NAME_CONSTRAINTS: Row(
            "RFC 5280, 6.1.3 (b), (c)",
            later("has a name that an authority above it may not certify"),
            later("ask an authority whose name constraints admit this name"),
        ),
        Fault.POLICY: Row(
            "RFC 5280, 6.1.3 (f), 6.1.5 (g)",
            later("no policy that is asked for is valid along the whole chain"),
            later("ask for a policy that every certificate has, or have it issued under the one you need"),
        ),
        Fault.POLICY_MAPPING: Row(
            "RFC 5280, 6.1.4 (a)",
            later("maps from or to anyPolicy, which no certificate may"),
            later("its authority has to be issued again without that mapping"),
        ),
        Fault.NOT_AN_AUTHORITY: Row(
            "RFC 5280, 6.1.4 (k)",
            later("signed a certificate, but is no authority"),
            later("give the certificate of the real issuer: basicConstraints with cA true"),
        ),
        Fault.PATH_LENGTH: Row(
            "RFC 5280, 6.1.4 (l), (m)",
            later("there are more authorities below it than it may have"),
            later("issue from an authority further up, or have this one certified with a longer pathLenConstraint"),
        ),
        Fault.KEY_USAGE: Row(
            "RFC 5280, 4.2.1.3, 6.1.4 (n)",
            later("its keyUsage does not allow what it is used for"),
            later("have it issued with a profile for this purpose"),
        ),
        Fault.CRITICAL: Row(
            "RFC 5280, 6.1.4 (o), 6.1.5 (f)",
            later("has a critical extension that is not understood here"),
            later("check it with software that knows this extension"),
        ),
        Fault.WRONG_NAME: Row(
            "RFC 9525, 6",
            later("is not for this name"),
            later("check the name asked for; only names in subjectAltName count, never the common name"),
        ),
        Fault.PURPOSE: Row(
            "RFC 5280, 4.2.1.12",
            later("its extended key usage does not allow this purpose"),
            later("have it issued with a profile for this purpose"),
        ),
        Fault.MALFORMED: Row(
            "RFC 5280, 4.1",
            later("is not formed as a certificate has to be"),
            later("have it issued again by software that keeps to RFC 5280"),
        ),
        Fault.TOO_COMPLEX: Row(
            "RFC 9618",
            later("there are too many ways to a root to try them all"),
            later("give only the certificates of this chain"),
        ),
        Fault.INVALID: Row(
            "RFC 5280, 6.1",
            later("does not hold"),
            later("what the verifier said tells more"),
        ),
        Fault.SECOND_OPINION: Row(
            "OpenSSL, X509_verify_cert",
            later("the second opinion refuses it, and the stricter one counts"),
            later("look at what it says; software built on OpenSSL will refuse this certificate as well"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Link:
    """A certificate of a chain: names as RFC 4514 writes them, serial number and SHA-256 in hex, times in seconds."""

    subject: str
    issuer: str
    serial: str
    not_before: int
    not_after: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason why the certificate does not hold.

    `link` is the certificate that it concerns, None where there is none. `detail` is what was found, in the words of
    the engine that found it, "" where the fault says all.
    """

    fault: Fault
    link: Link | None = None
    detail: str = ""


class State(StrEnum):
    """What is known about the revocation of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    UNUSABLE = "unusable"
    EXEMPT = "exempt"
    UNREACHED = "unreached"
    NOT_ASKED = "not_asked"


STATES: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.GOOD: later("not revoked"),
        State.REVOKED: later("revoked"),
        State.UNKNOWN: later("nothing known"),
        State.UNUSABLE: later("known, but not reliably"),
        State.EXEMPT: later("exempt: it says that no status is given of it"),
        State.UNREACHED: later("not looked at, because the chain does not hold above it"),
        State.NOT_ASKED: later("not asked"),
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about the revocation of a certificate: from which source (`crl`, `ocsp`), since when (seconds)."""

    link: Link
    state: State
    source: str = ""
    reason: str = ""
    since: int | None = None
    detail: str = ""


class Check(StrEnum):
    """What verification may look at."""

    CHAIN = "chain"
    POLICIES = "policies"
    NAMES = "names"
    PURPOSE = "purpose"
    REVOCATION = "revocation"
    SECOND_OPINION = "second_opinion"


CHECKS: Final[Mapping[Check, str]] = MappingProxyType(
    {
        Check.CHAIN: later("signatures, validity and constraints of the chain"),
        Check.POLICIES: later("certificate policies"),
        Check.NAMES: later("the names asked for"),
        Check.PURPOSE: later("the purpose asked for"),
        Check.REVOCATION: later("revocation"),
        Check.SECOND_OPINION: later("second opinion (OpenSSL)"),
    }
)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What was not looked at, and why, in a text that `_` translates."""

    check: Check
    why: str
    detail: str = ""


class Opinion(StrEnum):
    """How the second opinion stands to the first."""

    AGREES = "agrees"
    DIFFERS = "differs"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Second:
    """The second opinion: whether it holds the chain good, in its own words where not; `unsaid` are its abstentions."""

    holds: bool
    detail: str = ""
    depth: int = 0
    unsaid: tuple[Unchecked, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one certificate at one moment (`at`, seconds).

    `chain` leads from the certificate to the root, empty where none was found. `policies` are the policies valid for it
    as OIDs of the root's domain, `2.5.29.32.0` where any is. It holds where there is no objection.
    """

    at: int
    chain: tuple[Link, ...]
    policies: tuple[str, ...]
    objections: tuple[Objection, ...]
    standings: tuple[Standing, ...]
    checked: tuple[Check, ...]
    unchecked: tuple[Unchecked, ...]
    opinion: Opinion

    @property
    def holds(self) -> bool:
        """Say whether the certificate may be relied on."""
        return not self.objections
