"""Who answers about certificates: a new key, a missing one, and a pair at every moment."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from sentinel import settings
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm
from sentinel.pki.office import responding
from sentinel.pki.office.home import Home
from sentinel.pki.office.publishing import Served
from sentinel.pki.signing import keys
from sentinel.store.embedded import disk
from tests.pki.office.an_office import PASSPHRASE, SIGNER
from tests.pki.office.test_ceremony import ADDED

if TYPE_CHECKING:
    from pathlib import Path

    from sentinel.pki.status.replies import Responder
    from sentinel.store.embedded.disk import Step
    from tests.pki.office.an_office import Office

MADE = ("responder", "--new-key", "--new-passphrase-file", "pass")


def ocsp(office: Office) -> Path:
    return office.folder / "pki" / "ocsp"


def served(office: Office, id_: str = "agencies") -> Responder | None:
    """Give whoever answers for an authority, as a server that starts now has it."""
    home = Home(office.folder / "pki")
    with closing(home.register()) as register:
        found = Served(home, register, lambda _id: PASSPHRASE.encode()).authorities()
    return next(each.responder for each in found if each.issuer.id == id_)


def key_of(office: Office) -> bytes:
    """Give the public key that answers are signed with, which is that of the certificate that goes with them."""
    there = served(office)
    assert there
    assert there.key.spki == parsed(there.certificate).spki
    return there.key.spki


def issue(office: Office, request: str) -> None:
    office.issued(request)


def test_a_new_key_and_its_certificate_take_the_place_of_those_before(office: Office) -> None:
    before = key_of(office)
    request = office.told(*MADE)["request"]["id"]
    assert before == key_of(office)
    assert request == office.told(*MADE)["request"]["id"]
    issue(office, request)
    assert before == key_of(office)
    assert office.told("responder")["request"] is None
    after = key_of(office)
    assert before != after
    own = Home(office.folder).next_responder_key("agencies", after).name
    assert {"agencies.cer", own} == {path.name for path in ocsp(office).iterdir()}
    office.run("crl", *SIGNER)
    assert [] == office.told("doctor")["findings"]


def test_the_next_certificate_is_of_the_newest_key(office: Office) -> None:
    issue(office, office.told(*MADE)["request"]["id"])
    office.run("responder")
    key, first = key_of(office), (ocsp(office) / "agencies.cer").read_bytes()
    time.sleep(1)  # times in certificates are of whole seconds
    issue(office, office.told("responder")["request"]["id"])
    assert office.told("responder")["request"] is None
    assert first != (ocsp(office) / "agencies.cer").read_bytes()
    assert key == key_of(office)


def test_whoever_is_stopped_while_keys_change_leaves_a_pair_and_the_call_is_made_again(office: Office) -> None:
    """Stop at every change of a file, one after the other, until nothing stops it."""
    for stopped in range(1, 40):
        before = key_of(office)
        issue(office, office.told(*MADE)["request"]["id"])
        steps = _Steps(stopped)
        with disk.watch(steps), closing(Home(office.folder / "pki").register(write=True)) as register:
            home = Home(office.folder / "pki")
            profile = home.profiles(settings.load({}))["ocsp-responder"]
            try:
                responding.install(home, register, register.authority("agencies").issuer, profile)
            except _StoppedError:
                assert key_of(office) in {before, _newest(office)}
        office.run("responder")
        if key_of(office) == before:  # it was waiting for another turn
            office.run("responder")
        if steps.left > 0:
            break
    assert stopped > 4


class _StoppedError(Exception):
    pass


class _Steps:
    """Stops at a step."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, _step: Step) -> None:
        self.left -= 1
        if self.left == 0:
            raise _StoppedError


def _newest(office: Office) -> bytes:
    home = Home(office.folder / "pki")
    with closing(home.register()) as register:
        rows = register.find("authority.id = 'agencies' and profile = 'ocsp-responder'")
        return parsed(register.der(rows[-1].number)).spki


def test_a_responder_whose_key_is_lost_has_another_made(office: Office) -> None:
    before = key_of(office)
    (ocsp(office) / "agencies.pem").unlink()
    assert served(office) is None
    assert "nobody answers about certificates of agencies" in office.run("doctor", code=1)
    assert "new key needs a passphrase" in office.run("responder", code=2)
    issue(office, office.told("responder", "--new-passphrase-file", "pass")["request"]["id"])
    office.run("responder")
    assert before != key_of(office)


def test_an_authority_that_never_had_a_responder_is_given_one(office: Office) -> None:
    """As where somebody was killed between founding it and that."""
    office.run(*ADDED, *SIGNER)
    for path in ocsp(office).glob("agencies-2*"):
        path.unlink()
    forget_responder(office)
    (found,) = [each for each in office.told("doctor", code=1)["findings"] if "nobody answers" in each["what"]]
    assert "sentinel pki responder --issuer agencies-2" == found["hint"]
    words = found["hint"].split()[2:]
    issue(office, office.told(*words, "--new-passphrase-file", "pass")["request"]["id"])
    office.run(*words)
    there = served(office, "agencies-2")
    assert there
    assert there.key.spki == parsed(there.certificate).spki
    assert "(agencies-2): OCSP" in parsed(there.certificate).common_name


def forget_responder(office: Office) -> None:
    """Leave no certificate of a responder of agencies-2 that counts."""
    rows = office.told("list", "--profile", "ocsp-responder", "--issuer", "agencies-2")["certificates"]
    office.run("revoke", *(row["serial"] for row in rows), "--reason", "superseded", "--yes")


def test_keys_are_encrypted_with_the_passphrase_that_was_given(office: Office) -> None:
    issue(office, office.told(*MADE)["request"]["id"])
    (path,) = ocsp(office).glob("agencies.*.pem")
    assert 0o600 == path.stat().st_mode & 0o777
    assert keys.read(path, Algorithm.ECDSA_P256, PASSPHRASE.encode()).spki == _newest(office)
    with pytest.raises(Exception, match="passphrase is wrong"):
        keys.read(path, Algorithm.ECDSA_P256, b"khac khac khac")
