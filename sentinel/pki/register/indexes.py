"""Whether the register's indexes hold what its certificates say: names, and what revocation lists have.

A million names are compared without holding them: of those that should be there and those that are, how many there are
and the sum of their hashes is kept. Every process hashes with a salt of its own, so nobody can choose names whose sum
is that of others. Only where the sums differ are they looked up one by one, to say which.
"""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING, Any, Final

from sentinel.language import _
from sentinel.pki.register.file import CERTIFICATE
from sentinel.pki.register.tables import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentinel.pki.register.file import Register

_SALT: Final = urandom(8).hex()
_UNSIGNED: Final = frozenset({State.INTENDED, State.GIVEN_UP})


class Bag:
    """So many pairs of a name and a certificate's number, in any order; two of the same pairs are equal."""

    __slots__ = ("_count", "_sum")

    def __init__(self) -> None:
        self._count = self._sum = 0

    def add(self, names: Iterable[str], number: int) -> None:
        """Add the names of a certificate, without their kinds."""
        for name in values(names):
            self._count += 1
            self._sum += hash(f"{_SALT}{number}:{name}")

    def fill(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Add names as the index has them, each with the number of its certificate."""
        count, total = self._count, self._sum
        for name, number in pairs:
            count += 1
            total += hash(f"{_SALT}{number}:{name}")
        self._count, self._sum = count, total

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bag) and (self._count, self._sum) == (other._count, other._sum)

    __hash__ = None  # type: ignore[assignment]  # it changes


def values(names: Iterable[str]) -> set[str]:
    """Give names as the index has them, without their kinds."""
    return {name.partition(":")[2] for name in names}


def names_faults(register: Register, should: Bag) -> Iterator[tuple[str, str]]:
    """Give what is wrong with the index of names, which should hold these: each with its certificate."""
    found = Bag()
    found.fill(register.histories.db.execute("select value, certificate from name"))
    if found == should:
        return
    told = _("{what} is not what its history says").format(what=_("a name in the index"))
    wrong = [*_extra_names(register), *_missing_names(register)]
    yield from ((f"{CERTIFICATE}#{number}", told) for number in wrong or ["?"])


def _extra_names(register: Register) -> Iterator[Any]:
    asked = (
        "select value, certificate, names, state from name left join certificate on certificate.number = certificate "
        "left join subject on subject.number = certificate"
    )
    for name, number, names, state in register.histories.db.execute(asked):
        if names is None or state in _UNSIGNED or name not in values(str(names).split()):
            yield number


def _missing_names(register: Register) -> Iterator[int]:
    db = register.histories.db
    asked = "select number, names, state from certificate join subject using(number)"
    for number, names, state in db.execute(asked):
        for name in values(str(names).split()) if state not in _UNSIGNED else ():
            if db.execute("select 1 from name where value = ? and certificate = ?", (name, number)).fetchone() is None:
                yield number


def stray_listings(register: Register) -> Iterator[int]:
    """Give the numbers of what revocation lists have of certificates that are not there, or not in that list."""
    asked = (
        "select listed.certificate from listed left join certificate on certificate.number = listed.certificate and "
        "certificate.issuer = listed.issuer and certificate.shard = listed.shard where certificate.number is null"
    )
    for (number,) in register.histories.db.execute(asked):
        yield number
