"""Lists as files: replaced as a whole, seen when they change, and never lost to a broken one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentinel.errors import InputError
from sentinel.pki.model import Algorithm
from sentinel.pki.status import crl
from sentinel.pki.status.published import LIST, Document, Lists, list_path, publish
from tests.pki.status.builders import DAY, House

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_150_800
HOUSE = House(NOW - DAY)


def a_list(number: int = 1, shard: int | None = None) -> bytes:
    tbs = crl.tbs_of(HOUSE.issuer, number, NOW + number, NOW + DAY, [], shard=shard)
    return crl.assemble(tbs, Algorithm.ECDSA_P256, HOUSE.authority.key.sign(tbs))


def test_what_is_published_is_seen(tmp_path: Path) -> None:
    lists, full, third = Lists(tmp_path), a_list(), a_list(shard=3)
    assert not lists.look()
    publish(tmp_path, "hanoi", None, full)
    publish(tmp_path, "hanoi", 3, third)
    assert lists.look()
    assert {
        "crl/hanoi.crl": Document.of(full, LIST, NOW + 1, NOW + DAY),
        "crl/hanoi/3.crl": Document.of(third, LIST, NOW + 1, NOW + DAY),
    } == lists.documents
    assert not lists.look()


def test_what_takes_its_place_is_seen(tmp_path: Path) -> None:
    lists, newer = Lists(tmp_path), a_list(2)
    publish(tmp_path, "hanoi", None, a_list(1))
    lists.look()
    publish(tmp_path, "hanoi", None, newer)
    assert lists.look()
    assert newer == lists.documents["crl/hanoi.crl"].content


def test_what_is_gone_is_not_served(tmp_path: Path) -> None:
    lists, path = Lists(tmp_path), publish(tmp_path, "hanoi", 3, a_list())
    lists.look()
    path.unlink()
    assert lists.look()
    assert {} == lists.documents


def test_a_broken_file_does_not_take_the_place_of_a_list(tmp_path: Path) -> None:
    lists, content = Lists(tmp_path), a_list()
    path = publish(tmp_path, "hanoi", None, content)
    lists.look()
    path.write_bytes(content[:40])
    lists.look()
    assert content == lists.documents["crl/hanoi.crl"].content
    assert ["crl/hanoi.crl"] == [fault.place for fault in lists.faults]
    publish(tmp_path, "hanoi", None, content)
    lists.look()
    assert [] == lists.faults


@pytest.mark.parametrize("content", [b"", b"crl", b"\x30\x00"])
def test_what_is_no_list_is_not_published(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match="not a revocation list"):
        publish(tmp_path, "hanoi", None, content)
    assert not (tmp_path / "crl").exists()


@pytest.mark.parametrize("issuer", ["", "..", "../../etc", "a/b", ".hidden", "Hà Nội"])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, issuer: str) -> None:
    with pytest.raises(InputError, match="not the id"):
        list_path(tmp_path, issuer)
