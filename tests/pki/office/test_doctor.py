from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sentinel import settings
from sentinel.people.acting import Acting
from sentinel.people.roles import Role
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.office.doctor import examine
from sentinel.pki.office.home import Home
from sentinel.pki.office.signers import finish, signer
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.signing.home import KeyEntry, add, entries
from tests.pki.office.an_office import MINH, PASSPHRASE, SIGNER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentinel.pki.signing.client import Batch
    from tests.pki.office.an_office import Office

DAY = 86_400
S = 1_000_000_000
LAN = Acting("lan", frozenset({Role.PKI_OFFICER}), "os:0:root")


def found(office: Office, *, days: float = 0) -> list[str]:
    """Examine an office so many days from now; give what is found, in words."""
    home = Home(office.folder / "pki")
    with closing(home.register()) as register:
        now = settings.load({})
        return [each.what for each in examine(home, register, now, time.time_ns() + int(days * DAY) * S).findings]


@pytest.fixture
def sound(office: Office) -> Office:
    office.issued()
    office.run("crl", *SIGNER)
    return office


def ocsp(office: Office) -> Path:
    return office.folder / "pki" / "ocsp" / "agencies.cer"


def test_nothing_is_wrong_with_authorities_that_were_looked_after(sound: Office) -> None:
    told = sound.told("doctor")
    assert {"findings": [], "not_looked_at": [], "recovered": None} == told
    assert "nothing is wrong" in sound.run("doctor")


def test_lists_that_were_never_issued_are_told_with_what_to_do(office: Office) -> None:
    first, second = office.told("doctor", code=1)["findings"]
    assert ("1 revocation list was never issued", "root", "sentinel pki crl") == (
        first["what"], first["place"], first["hint"],
    )  # fmt: skip
    assert ("agencies", False) == (second["place"], second["soon"])
    assert "wrong: root: 1 revocation list" in office.run("doctor", code=1)


def test_what_ends_is_told_before_it_does(sound: Office) -> None:
    assert [] == found(sound, days=5)
    soon = found(sound, days=6)
    assert soon
    assert all("the revocation list ends" in what for what in soon)
    assert any("the revocation list ended" in what for what in found(sound, days=8))
    lasts = (parsed(ocsp(sound).read_bytes()).not_after - time.time()) / DAY
    assert any("who answers for agencies ends" in what for what in found(sound, days=lasts - 4))
    assert any("who answers for agencies ended" in what for what in found(sound, days=lasts + 1))
    assert any("authority agencies ends" in what for what in found(sound, days=3650 - 100))


def test_a_revocation_that_no_list_has_yet_is_told(sound: Office) -> None:
    serial = sound.told("list", "--profile", "tls-server")["certificates"][0]["serial"]
    time.sleep(1.1)
    sound.run("revoke", serial, "--reason", "superseded")
    assert ["1 revocation is in no list yet"] == found(sound)
    sound.run("crl", *SIGNER)
    assert [] == found(sound)


def test_a_list_that_is_not_the_one_of_the_register_is_told(sound: Office) -> None:
    path = sound.folder / "pki" / "public" / "crl" / "agencies" / "0.crl"
    before = path.read_bytes()
    sound.run("crl", *SIGNER)
    path.write_bytes(before)
    assert ["the revocation list there is not the last one of the register, number 2"] == found(sound)
    path.unlink()
    assert ["the revocation list is not where it is served from"] == found(sound)


def test_keys_that_fit_no_authority_and_the_reverse_are_told(sound: Office) -> None:
    home = sound.folder / "pki" / "signer"
    root = entries(home)[0]
    add(home, replace(root, name="khác"))
    assert ["key 'khác' is of no authority"] == found(sound)
    (home / "keys.toml").write_text("")
    add(home, KeyEntry("root", "agencies", root.algorithm, root.subject, "root.pem"))
    said = found(sound)
    assert ["key 'root' says another authority, algorithm or name than the certificate of root"] == said[:1]
    assert "authority agencies has no key 'agencies' here" in said


def test_files_that_others_may_read_are_told_with_the_command_that_ends_it(sound: Office) -> None:
    path = sound.folder / "pki" / "signer" / "agencies.pem"
    path.chmod(0o644)
    (each,) = sound.told("doctor", code=1)["findings"]
    assert (str(path), f"chmod 600 {path}") == (each["place"], each["hint"])


def test_a_file_of_rights_with_a_fault_is_told_with_its_line(sound: Office) -> None:
    folder = sound.folder / "pki" / "agencies"
    folder.mkdir()
    (folder / "an-giang.toml").write_text('[[agency]]\ncode = "H49"\ndomain = ["x.gov.example"]\n')
    (each,) = sound.told("doctor", code=1)["findings"]
    assert each["place"].endswith("an-giang.toml:3")


def test_a_clock_that_went_back_is_told(sound: Office) -> None:
    said = found(sound, days=-1)
    assert 2 == sum("the clock went back" in what for what in said)


def test_what_the_register_does_not_know_of_the_signers_log_is_told(sound: Office) -> None:
    """As where the register was restored from a backup, and the signer went on."""
    sound.run("backup", "bản sao")
    sound.issued(host="hop.trucvanban.gov.example")
    for name in ("register.db", "register.db-wal", "register.db-shm"):
        (sound.folder / "pki" / name).unlink(missing_ok=True)
    (sound.folder / "bản sao" / "register.db").replace(sound.folder / "pki" / "register.db")
    assert "the signer signed 1 certificate that the register does not know" in found(sound)


def test_what_was_issued_and_is_not_in_the_signers_log_is_told(sound: Office) -> None:
    """As where the signer's home was restored from a backup."""
    log = sound.folder / "pki" / "signer" / "signer.db"
    with closing(sqlite3.connect(log)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    before = log.read_bytes()
    sound.issued(host="hop.trucvanban.gov.example")
    before_lists = found(sound)
    for name in ("signer.db-wal", "signer.db-shm"):
        (log.parent / name).unlink(missing_ok=True)
    log.write_bytes(before)
    assert [*before_lists, "1 issued certificate is not in the signer's log"] == found(sound)


def test_a_log_that_somebody_changed_is_told(sound: Office) -> None:
    with closing(sqlite3.connect(sound.folder / "pki" / "signer" / "signer.db")) as db:
        db.executescript("drop trigger act_stays; update act set body = x'00' where number = 2;")
    assert any("the signer's log is not what was written" in what for what in found(sound))


class Dies:
    """A signer that signs, and whose answer never comes."""

    def __init__(self, inner: Issuance) -> None:
        self._inner = inner.signing

    def sign(self, batch: Batch) -> list[bytes]:
        self._inner.sign(batch)
        raise ConnectionError

    def recall(self, digests: Sequence[bytes]) -> dict[bytes, bytes]:
        return self._inner.recall(digests)


def test_what_was_begun_is_told_and_finished(sound: Office) -> None:
    home, id_ = Home(sound.folder / "pki"), sound.asked("hop.trucvanban.gov.example")
    sound.run("approve", id_, *MINH)
    with (
        closing(home.register(write=True)) as register,
        signer(home, sound.folder / "people.toml", lambda _entry: PASSPHRASE.encode(), ["agencies"]) as client,
    ):
        whole = Issuance(register, client, finish, time.time_ns)
        with pytest.raises(ConnectionError):
            replace(whole, signing=Dies(whole)).issue(register.request(id_), LAN)
    said = found(sound)
    assert ["1 certificate was begun and is not issued", f"{id_} is issued in part: 0 of 1 are left"] == said[-2:]
    told = sound.told("doctor", "--recover", *SIGNER, code=1)
    assert {"issued": 1, "given_up": 0} == told["recovered"]
    assert f"{id_} is issued in part: 0 of 1 are left" == told["findings"][-1]["what"]
    sound.run("issue", id_, *SIGNER)
    sound.run("crl", *SIGNER)
    assert [] == found(sound)


def test_a_responder_gets_its_next_certificate_by_a_request_that_somebody_else_approves(sound: Office) -> None:
    before = ocsp(sound).read_bytes()
    time.sleep(1.1)
    id_ = sound.told("responder")["request"]["id"]
    assert id_ == sound.told("responder")["request"]["id"]
    assert before == ocsp(sound).read_bytes()
    sound.issued(id_)
    assert sound.told("responder")["request"] is None
    old, new = parsed(before), parsed(ocsp(sound).read_bytes())
    assert (old.spki, old.subject_der, old.names) == (new.spki, new.subject_der, new.names)
    assert new.not_after > old.not_after
    assert [] == found(sound)


def test_a_root_whose_key_is_locked_away_is_noted_and_not_wrong(sound: Office) -> None:
    home = sound.folder / "pki" / "signer"
    issuing = entries(home)[1]
    (home / "keys.toml").write_text("")
    add(home, issuing)
    (home / "root.pem").unlink()
    assert ["the key of root: it is elsewhere"] == sound.told("doctor")["not_looked_at"]


RIGHTS = """\
[[agency]]
code = "H49"
domains = ["a.gov.example", "bộ.vn.example"]
networks = ["10.49.0.0/16", "172.16.0.0/12", "2001:db8::/31"]
mail = ["gov.example", "lan@gov.example", "lan@sub.gov.example"]
profiles = ["tls-server"]

[[agency]]
code = "H49.12"
domains = ["b.gov.example"]
"""


def test_names_that_no_authority_may_give_are_told(sound: Office) -> None:
    folder = sound.folder / "pki" / "agencies"
    folder.mkdir(mode=0o700)
    (folder / "an-giang.toml").write_text(RIGHTS, encoding="utf-8")
    (finding,) = sound.told("doctor", code=1)["findings"]
    outside = "bộ.vn.example, 172.16.0.0/12, 2001:db8::/31, lan@sub.gov.example"
    assert (f"agency H49 may ask for names that no authority here may give: {outside}", ":1") == (
        finding["what"],
        finding["place"].removeprefix(str(folder / "an-giang.toml")),
    )


def test_a_folder_that_only_leads_to_a_signer_may_be_looked_into(sound: Office) -> None:
    folder = sound.folder / "pki" / "signer"
    folder.chmod(0o755)
    assert ["others may look into it"] == found(sound)
    folder.rename(sound.folder / "elsewhere")
    folder.mkdir(mode=0o755)
    assert [] == found(sound)


def test_it_tells_where_nobody_may_ask_or_approve(sound: Office) -> None:
    path = sound.folder / "people.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"approver"', '"auditor"'), encoding="utf-8")
    assert ["nobody has a key with which to approve what is asked for"] == found(sound)
    path.write_text(text.replace('"pki-officer"', '"auditor"'), encoding="utf-8")
    assert ["nobody may ask for certificates"] == found(sound)
    path.write_text("x = [", encoding="utf-8")
    assert "not TOML" in found(sound)[0]
    path.unlink()
    assert "nobody is registered who may do anything here" in found(sound)
