"""SIGKILL at any step of a founding: what is left is told, and the same call finishes it."""

from __future__ import annotations

import signal
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sentinel import settings
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm
from sentinel.pki.office.crossing import crosses
from sentinel.pki.office.doctor import examine
from sentinel.pki.office.keeping import faults_of
from sentinel.pki.signing import keys
from sentinel.pki.signing.home import entries
from tests.pki.crash.an_office import PASSPHRASE, Office, an_office
from tests.pki.crash.following import DONE
from tests.store.crash.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

MOST = 60
"""Calls that are killed at most, each a step later than the one before."""
USUAL = ("revocation list", "may ask for names that no authority here may give")
"""What the doctor tells of an office that was just founded for the shipped rights."""


def killed_ever_later(office: Office, what: str) -> int:
    """Make a call again and again, killed ever later, until it is done; give how often it was killed."""
    with serving("tests.pki.crash.following") as start:
        for steps in range(1, MOST):
            _process, ended = start(f"{office.folder} {what} {steps}")
            code = ended()
            if not code:
                assert DONE == (office.folder / "said").read_text(encoding="utf-8")
                return steps - 1
            assert signal.SIGKILL == code
            look(office)
    raise AssertionError("it never came to an end")


def look(office: Office) -> list[str]:
    """Look at what is there: the register is whole. Give what the doctor says, less what is usual."""
    assert [] == faults_of(office.home, office.people)[1]
    with closing(office.home.register()) as register:
        now = replace(settings.load({}), people=office.people)
        found = examine(office.home, register, now, time.time_ns()).findings
    return [each.what for each in found if not any(text in each.what for text in USUAL)]


def profiles_of(office: Office, issuer: str) -> list[tuple[str, str]]:
    with closing(office.home.register()) as register:
        rows = register.find("authority.id = ?", [issuer])
    return sorted((row.profile, row.state.word) for row in rows)


def test_an_authority_is_finished_whenever_its_founder_was_killed(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    assert killed_ever_later(office, "add") > 5
    assert [] == look(office)
    # Nothing was asked for twice: each key has the one certificate.
    assert [("issuing-authority", "issued")] * 2 == profiles_of(office, "root")
    assert [("ocsp-responder", "issued")] == profiles_of(office, "agencies-2")
    key = keys.read(office.home.responder_key("agencies-2"), Algorithm.ECDSA_P256, PASSPHRASE)
    assert key.spki == parsed(office.home.responder_certificate("agencies-2").read_bytes()).spki


def test_a_root_is_finished_whenever_its_founder_was_killed(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    assert killed_ever_later(office, "add-root") > 5
    assert [] == look(office)
    with closing(office.home.register()) as register:
        assert ["root", "agencies", "root-2"] == [each.issuer.id for each in register.authorities()]
        assert ["root-2-by-root", "root-by-root-2"] == [each.id for each in crosses(register)]
    assert ["root", "agencies", "root-2"] == [each.name for each in entries(office.home.signer)]


def test_an_authority_is_retired_whenever_that_was_stopped(tmp_path: Path) -> None:
    office = an_office(tmp_path)
    killed_ever_later(office, "retire")
    assert {"agencies"} == office.home.retired(time.time_ns())
    assert [] == look(office)


@pytest.mark.parametrize(("steps", "said"), [(3, ""), (8, "keys.toml does not name"), (26, "nobody answers")])
def test_the_doctor_says_what_somebody_left_who_was_killed(tmp_path: Path, steps: int, said: str) -> None:
    office = an_office(tmp_path)
    with serving("tests.pki.crash.following") as start:
        assert signal.SIGKILL == start(f"{office.folder} add {steps}")[1]()
    found = look(office)
    assert ([] == found) if not said else any(said in what for what in found), found


@pytest.mark.deep
@pytest.mark.parametrize("what", ["add", "add-root"])
def test_one_call_finishes_what_another_one_left_wherever_it_was_killed(tmp_path: Path, what: str) -> None:
    with serving("tests.pki.crash.following") as start:
        for steps in range(1, MOST):
            office = an_office(tmp_path / str(steps))
            code = start(f"{office.folder} {what} {steps}")[1]()
            look(office)
            assert 0 == start(f"{office.folder} {what} {10**6}")[1]()
            said = (office.folder / "said").read_text(encoding="utf-8")
            assert [] == look(office)
            if not code:
                assert what == "add-root" or "already" in said
                assert steps > MOST // 4
                return
            assert DONE == said or "already" in said
    raise AssertionError("it never came to an end")
