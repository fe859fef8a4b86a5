"""What lints are: a name, the clause that they stand on, and a check that yields what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentinel.pki.certificates.algorithms import KeyKind
    from sentinel.pki.certificates.anatomy import Anatomy, Extension
    from sentinel.pki.certificates.parse import Parsed
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.model import Issuer, Order


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
    """What profile and issuer settle of a certificate: the same in thousands, and judged once."""

    version: bytes
    algorithm: bytes
    name: bytes
    extensions: tuple[Extension, ...]
    key: KeyKind
    profile: Profile
    issuer: Issuer

    def value(self, oid: str) -> bytes | None:
        """Give what an extension says; None where it is not there."""
        return next((each.value for each in self.extensions if each.oid == oid), None)


@dataclass(frozen=True, slots=True)
class Lint:
    """A lint of one certificate."""

    name: str
    clause: str
    check: Callable[[Look], Iterator[str]]


@dataclass(frozen=True, slots=True)
class SettledLint:
    """A lint of what profile and issuer settle."""

    name: str
    clause: str
    check: Callable[[Settled], Iterator[str]]
