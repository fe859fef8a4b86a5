"""A list that was signed by an office that died before it wrote that down does not stop those after it."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sentinel.pki.office import publishing
from sentinel.pki.register import revoking
from sentinel.pki.signing.client import Batch
from sentinel.pki.status import crl
from tests.pki.crash import working
from tests.pki.crash.an_office import ISSUER, LAN, an_office

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("lost", [1, 3])
@pytest.mark.parametrize("ago", [0, 5])
def test_a_list_that_was_signed_and_lost_is_followed_by_the_next(tmp_path: Path, lost: int, ago: int) -> None:
    office = an_office(tmp_path / "office")
    with closing(office.home.register(write=True)) as register, office.signing() as client:
        authority = register.authority(ISSUER)
        now = time.time_ns() // 10**9
        for number in range(1, lost + 1):
            begins = now - ago
            tbs = crl.tbs_of(authority.issuer, number, begins, begins + publishing.LASTS, [], shard=None)
            client.sign(Batch(authority.issuer.key, "crl", [tbs], [0]))
        publishing.publish_lists(office.home, register, authority, client, LAN, now)
        assert lost + 1 == revoking.listing(register, authority, 0).number
        working.check_whole(office, register)
