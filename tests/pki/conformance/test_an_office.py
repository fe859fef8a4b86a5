"""pkilint finds nothing in what an office has really issued and published."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from sentinel.pki.model import Reason
from sentinel.pki.office.publishing import publish_lists
from sentinel.pki.register.revoking import revoke
from sentinel.pki.status.crl import entry
from tests.pki.conformance import pkilint
from tests.pki.crash.an_office import ISSUER, LAN, an_office, approved, asked, issued

if TYPE_CHECKING:
    from pathlib import Path


def test_pkilint_finds_nothing_in_what_an_office_issues_and_publishes(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    with closing(office.home.register(write=True)) as register, office.signing() as client:
        issued(register, approved(office, register, asked(register, 3)), client)
        rows = [row for row in register.find() if row.issuer == ISSUER]
        revoke(register, rows[-1:], Reason.KEY_COMPROMISE, LAN, time.time_ns(), entry)
        authority = register.authority(ISSUER)
        publish_lists(office.home, register, authority, client, LAN, time.time_ns() // 10**9)
        ders = [register.der(row.number) for row in rows]
    lists = [path.read_bytes() for path in office.home.public.rglob("*.crl")]
    shards = {row.shard for row in rows} - {0}
    assert (4, len(shards) + 2) == (len(ders), len(lists))  # the responder's too; the whole one, and the root's
    assert [] == [found for each in ders for found in pkilint.of_certificate(each)]
    assert [] == [found for each in ders for found in pkilint.of_link(authority.issuer.certificate, each)]
    assert [] == [found for each in lists for found in pkilint.of_list(each)]
