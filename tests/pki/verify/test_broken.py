"""Whatever is broken, and however: a refusal or one of our errors, never an acceptance and never a trace."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import SentinelError
from sentinel.pki.verify.verdict import Revocation
from sentinel.pki.verify.verify import verify
from tests.pki.verify.chains import AT, a_list, a_server, an_answer, an_authority

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = an_authority()
ISSUING = an_authority("Cấp", ROOT)
LEAF = a_server(ISSUING)
REVOKED = (LEAF.der, ISSUING.der, ROOT.der, a_list(ISSUING, LEAF), a_list(ROOT))
GOOD = (LEAF.der, ISSUING.der, ROOT.der, a_list(ROOT), an_answer(LEAF))


def broken(content: bytes, random: Random) -> bytes:
    """Change, take away or put in a few bytes."""
    found = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        at, few = random.randrange(len(found)), random.randrange(1, 4)
        kind = random.random()
        if kind < 0.6:
            found[at] ^= random.randrange(1, 256)
        elif kind < 0.8:
            del found[at : at + few]
        else:
            found[at:at] = random.randbytes(few)
    return bytes(found)


def holds(parts: Sequence[bytes], lists: int) -> bool:
    """Verify a leaf with its issuer, root, so many lists, and the rest as answers."""
    leaf, issuing, root, *rest = parts
    crls, ocsp = rest[:lists], rest[lists:]
    try:
        verdict = verify(leaf, [issuing], [root], at=AT, crls=crls, ocsp=ocsp, revocation=Revocation.ALL)
    except SentinelError:
        return False
    return verdict.holds


def damaged(parts: Sequence[bytes], number: int) -> Iterator[list[bytes]]:
    random = Random(number)  # noqa: S311 - the same breakage every time
    for _ in range(30):
        changed = list(parts)
        changed[number] = broken(parts[number], random)
        yield changed


def test_what_is_broken_here_holds_before() -> None:
    assert holds(GOOD, lists=1)
    assert not holds(REVOKED, lists=2)


@pytest.mark.parametrize("number", range(5), ids=["leaf", "issuer", "root", "its list", "root's list"])
def test_a_revoked_certificate_is_never_made_good_by_breaking_something(number: int) -> None:
    assert [] == [parts for parts in damaged(REVOKED, number) if holds(parts, lists=2)]


@pytest.mark.parametrize("number", [0, 1, 3, 4], ids=["leaf", "issuer", "root's list", "its answer"])
def test_nothing_that_was_signed_holds_once_it_is_broken(number: int) -> None:
    assert [] == [parts for parts in damaged(GOOD, number) if holds(parts, lists=1)]
