"""What lints are: a name, the clause that they stand on, and a check that yields what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.pki.certificates.algorithms import KeyKind
    from sentinel.pki.certificates.anatomy import Anatomy, Extension
    from sentinel.pki.certificates.parse import Parsed
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Order


Looked = TypeVar("Looked")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a lint found: its name, the clause that is broken, and what is wrong."""

    lint: str
    clause: str
    message: str

    def __str__(self) -> str:
        """Give it on one line."""
        return f"{self.message} ({self.lint}, {self.clause})"


class Look(NamedTuple):
    """What lints of one certificate look at; `above` is what the issuer's certificate says, None where it has none."""

    tbs: Anatomy
    order: Order
    profile: Profile
    issuer: Issuer
    above: Parsed | None


class Settled(NamedTuple):
    """What profile and issuer settle of a certificate: the same in thousands, and judged once.

    `shape` is the OID of every extension, and whether it is critical; `extensions` are those that the order does not
    settle. `named` and `alternatives` tell whether there is a subject, and names were ordered.
    """

    version: bytes
    algorithm: bytes
    name: bytes
    shape: tuple[tuple[str, bool], ...]
    extensions: tuple[Extension, ...]
    key: KeyKind
    named: bool
    alternatives: bool
    profile: Profile
    issuer: Issuer

    def value(self, oid: str) -> bytes | None:
        """Give what an extension says; None where it is not there."""
        return next((each.value for each in self.extensions if each.oid == oid), None)


@dataclass(frozen=True, slots=True)
class Lint(Generic[Looked]):
    """A lint: of one certificate, of one attribute of its subject, or of what profile and issuer settle."""

    name: str
    clause: str
    check: Callable[[Looked], Iterator[str]]
