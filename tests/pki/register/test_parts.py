"""Large requests and revocations, which are written in parts so that nobody waits for all of them."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sentinel.errors import InputError
from sentinel.pki.model import Reason
from sentinel.pki.register import asking, revoking
from sentinel.pki.register.asking import ask, known_keys, reject
from sentinel.pki.register.file import Register
from sentinel.pki.register.issuing import Came, Issuance
from sentinel.pki.register.revoking import revoke
from sentinel.pki.register.tables import State
from tests.pki.register.an_authority import LAN, MINH, NOW, S, Signing, an_item, entry, finish
from tests.pki.register.test_register import approved, faults, issued, register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.register.asking import Item
    from sentinel.pki.register.file import Request

__all__ = ["register"]
NUMBERS = range(1, 8)


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 3)
    monkeypatch.setattr(revoking, "AT_ONCE", 3)


def items() -> list[Item]:
    return [replace(an_item(number), key=f"dòng {number}") for number in NUMBERS]


def asked(register: Register, given: list[Item]) -> Request:
    return ask(register, "agencies", given, LAN, NOW * S, "máy chủ mới")


def broken_off(register: Register, monkeypatch: pytest.MonkeyPatch) -> Request:
    """Ask, and die after the first part."""
    laid, lay = list[None](), asking._lay  # noqa: SLF001 - where somebody dies

    def dying(*given: object) -> None:
        if laid:
            raise ConnectionError
        lay(*given)  # type: ignore[arg-type]
        laid.append(None)

    monkeypatch.setattr(asking, "_lay", dying)
    with pytest.raises(ConnectionError):
        asked(register, items())
    monkeypatch.setattr(asking, "_lay", lay)
    (request,) = register.requests()
    return request


def test_a_request_in_parts_is_approved_and_issued_as_any(register: Register) -> None:
    request = asked(register, items())
    assert (State.WAITING, 7) == (request.state, request.left)
    assert [] == faults(register)
    came = Issuance(register, Signing(), finish, lambda: NOW * S + 2).issue(approved(register, request), LAN)
    assert (Came(7), []) == (came, faults(register))


def test_one_that_was_broken_off_can_only_be_refused(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    request = broken_off(register, monkeypatch)
    assert (State.ASKING, 3, []) == (request.state, request.left, faults(register))
    with pytest.raises(InputError, match="being written down"):
        approved(register, request)
    reject(register, request, MINH, NOW * S + 1, "bị gián đoạn")
    assert (State.REJECTED, []) == (register.request(request.id).state, faults(register))


def test_the_rows_of_one_that_was_broken_off_are_asked_for_again(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_off(register, monkeypatch)
    assert frozenset() == known_keys(register)
    asked(register, items())
    assert {f"dòng {number}" for number in NUMBERS} == known_keys(register)
    assert [] == faults(register)


def test_whoever_asks_is_told_that_somebody_refused_it_meanwhile(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, writing = list[int](), register.writing

    @contextmanager
    def between() -> Iterator[None]:
        parts.append(len(parts))
        if len(parts) == 2:
            with closing(Register(register.folder, write=True)) as other:
                reject(other, other.request("r1"), MINH, NOW * S + 1, "trùng")
        with writing():
            yield

    monkeypatch.setattr(register, "writing", between)
    with pytest.raises(InputError, match="somebody refused it"):
        asked(register, items())
    request = register.request("r1")
    assert (State.REJECTED, 0, []) == (request.state, request.left, faults(register))


def test_many_are_revoked_in_parts(register: Register) -> None:
    issued(register, *NUMBERS)
    outcomes = revoke(register, register.find(), Reason.SUPERSEDED, LAN, NOW * S + 3, entry)
    assert [True] * 7 == [each.is_done for each in outcomes]
    acts = [each.act.number for each in register.histories.since(0, 1000) if each.entry.kind == "revoked"]
    assert ([3, 3, 1], []) == ([acts.count(each) for each in sorted(set(acts))], faults(register))
