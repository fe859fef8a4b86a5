"""`sentinel pki`: what the commands say, as texts and as JSON, and how they end."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from sentinel.cli import pki
from sentinel.cli.main import main
from tests.pki.office.an_office import MINH, PASSPHRASE, SIGNER, Office, a_csr, copied, founded

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

HOST = "trucvanban.gov.example"
PURPOSE = "Trục liên thông văn bản"
ASK = ("request", "--agency", "H49", "--purpose", PURPOSE, "--csr")
REASON = ("--reason", "superseded")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make authorities, with r3 issued and r4 waiting."""
    with founded(tmp_path_factory) as folder:
        a_csr(folder / "a.csr", HOST)
        for call in ((*ASK, "a.csr"), ("approve", "r3", *MINH), ("issue", "r3", *SIGNER), (*ASK, "a.csr")):
            assert 0 == main(["pki", *call])
    return folder


@pytest.fixture
def office(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)


def serial(office: Office) -> str:
    return str(office.told("list", "--request", "r3")["certificates"][0]["serial"])


@pytest.mark.parametrize(
    ("call", "keys"),
    [
        (("profiles",), "profiles"),
        (("list",), "total certificates emergencies"),
        (("list", "--requests"), "requests emergencies"),
        (("show", "r3"), "request approvals waiting certificates notes history"),
        (("expiring",), "weeks"),
        (("audit", "log"), "entries"),
        (
            ("request", "--agency", "H49", "--purpose", "x", "--csr", "a.csr"),
            "request certificates asked_before faults warnings",
        ),
        (("approve", "r4", *MINH), "request approval"),
        (("reject", "r4", "--reason", "không rõ"), "request"),
        (("crl", *SIGNER), "lists folder"),
        (("revoke", "--request", "r3", "--all-matching", *REASON), "done not_done items"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_every_command_gives_one_document(office: Office, call: tuple[str, ...], keys: str) -> None:
    assert keys.split() == [*office.told(*call)]


def test_a_certificate_is_issued_and_answered_for(office: Office) -> None:
    office.run("approve", "r4", *MINH)
    issued = office.told("issue", "r4", "--out", "chuỗi.pem", *SIGNER)
    assert (1, 0, ["chuỗi.pem"], "done") == (
        issued["issued"],
        issued["given_up"],
        issued["files"],
        issued["request"]["state"],
    )
    (made,) = issued["certificates"]
    assert ("issued", "H49", "tls-server", [f"dns:{HOST}"]) == tuple(
        made[key] for key in ("state", "agency", "profile", "names")
    )
    shown = office.told("show", made["serial"])
    assert (PURPOSE, "lan") == (shown["request"]["purpose"], shown["request"]["requester"])
    assert [("minh", False)] == [(each["approver"], each["emergency"]) for each in shown["approvals"]]
    assert ["pki issue", "pki issued"] == [each["action"] for each in shown["history"]]
    chain = Path("chuỗi.pem").read_text(encoding="ascii")
    assert (2, chain) == (chain.count("BEGIN CERTIFICATE"), office.run("show", made["serial"], "--pem"))


def test_whoever_approves_sees_what(office: Office) -> None:
    said = office.run("approve", "r4", *MINH).splitlines()
    assert said[0].startswith("r4: lan asks for 1 certificate  ")
    assert [f"what for: {PURPOSE}", f"  H49  tls-server  dns:{HOST}"] == said[1:3]
    assert (said[3][:22], said[4]) == ("approved by minh until", "Next: sentinel pki issue r4")


def test_what_is_shown_is_in_the_language_that_was_asked_for(office: Office, capfd: Capture) -> None:
    capfd.readouterr()
    assert 0 == main(["--lang", "vi", "pki", "show", "r3"])
    assert PURPOSE in capfd.readouterr().out
    assert 2 == main(["--lang", "vi", "pki", "show", "r99"])
    assert "lỗi: r99" in capfd.readouterr().err
    organization = office.told("show", serial(office))["certificate"]["subject"]
    assert "O=Ủy ban nhân dân tỉnh (thực hành)" in organization


def test_a_purpose_in_another_composition_is_the_same(office: Office) -> None:
    words = "request", "--agency", "H49", "--csr", "a.csr", "--purpose"
    said = office.told(*words, "Tru\u0323c lie\u0302n tho\u0302ng")["request"]["purpose"]
    assert "Trục liên thông" == said


def test_the_register_is_exported(office: Office) -> None:
    rows = list(csv.DictReader(io.StringIO(office.run("export", "--request", "r3"))))
    (asked,) = [json.loads(line) for line in office.run("export", "--format", "json", "--request", "r3").splitlines()]
    assert [(asked["serial"], f"dns:{HOST}", "issued")] == [(row["serial"], row["names"], row["state"]) for row in rows]
    assert "" == office.run("export", "--out", "sổ.csv")
    assert 4 == len(Path("sổ.csv").read_text(encoding="utf-8").splitlines())


# What may not be, and how it ends.


def test_what_nobody_approved_needs_an_approval(office: Office) -> None:
    before = office.told("list")
    said = office.run("issue", "r4", code=4)  # before a passphrase is asked for
    assert said == (
        "error: r4: it waits for approval\n  hint: somebody other than lan calls: sentinel pki approve r4 --key FILE\n"
    )
    assert before == office.told("list")


def test_an_approval_that_has_ended_is_none(office: Office) -> None:
    office.run("approve", "r4", "--lasts", "1s", *MINH)
    before = office.told("list")
    time.sleep(1.1)
    said = office.run("issue", "r4", *SIGNER, code=4)
    assert said.startswith("error: r4: its approval has ended, 20")
    assert before == office.told("list")


def lan_approves() -> tuple[str, ...]:
    """Give lan, who asked, the role of approvers and a key; give the options that name it."""
    for words in (
        ("change", "lan", "--add-role", "approver", *MINH),
        ("key", "new", "lan", "--out", "lan.pem", "--new-passphrase-file", "pass", *MINH),
    ):
        assert 0 == main(["people", *words])
    return "--key", "lan.pem", "--passphrase-file", "pass"


def test_nobody_approves_what_they_asked_for(office: Office) -> None:
    lan = lan_approves()
    assert "error: lan approves what lan asked for" in office.run("approve", "r4", *lan, code=4)
    assert "says why" in office.run("approve", "r4", "--emergency", *lan, code=2)
    assert "waiting" == office.told("show", "r4")["request"]["state"]


def test_an_emergency_is_loud_wherever_it_is_shown(office: Office) -> None:
    lan = lan_approves()
    loud = "EMERGENCY: nobody else looked at it: máy chủ ngừng"
    said = office.run("approve", "r4", "--emergency", "--reason", "máy chủ ngừng", *lan)
    assert loud in said
    number = office.told("issue", "r4", *SIGNER)["certificates"][0]["serial"]
    assert [True, True] == [loud in office.run("show", each) for each in ("r4", number)]
    listings = ("list",), ("list", "--requests")
    assert [1, 1] == [office.run(*each).count("EMERGENCY") for each in listings]
    assert [["r4"], ["r4"]] == [office.told(*each)["emergencies"] for each in listings]
    (approval,) = office.told("show", number)["approvals"]
    assert (True, "máy chủ ngừng") == (approval["emergency"], approval["reason"])


def test_what_is_issued_is_written_again_wherever_it_can_be(office: Office) -> None:
    Path("tệp").touch()
    Path("thư mục").mkdir()
    office.run("approve", "r4", *MINH)
    office.run("issue", "r4", *SIGNER)
    kept = Path("đủ.pem")
    office.run("issue", "r4", "--out", str(kept))
    assert "tệp/sâu: cannot be written: " in office.run("issue", "r4", "--out", "tệp/sâu", code=2)
    (file,) = office.told("issue", "r4", "--out", "thư mục")["files"]
    assert kept.read_bytes() == Path(file).read_bytes()


def test_an_approval_is_given_once_and_issued_once(office: Office) -> None:
    office.run("approve", "r4", *MINH)
    assert "r4: it is not there to be approved: approved" in office.run("approve", "r4", *MINH, code=2)
    assert "r3: it is not to be issued: issued" in office.run("issue", "r3", *SIGNER, code=2)


def test_what_was_rejected_is_not_issued(office: Office) -> None:
    assert "rejected" in office.run("reject", "r4", "--reason", "trùng", *MINH)
    assert "r4: it is not to be issued: rejected" in office.run("issue", "r4", *SIGNER, code=2)
    assert "it is not there to be approved" in office.run("reject", "r4", "--reason", "trùng", code=2)


def test_a_table_with_a_wrong_line_is_partly_asked_for(office: Office) -> None:
    Path("bảng.csv").write_text(
        f"profile,agency,names,key\ntls-server,H49,{HOST},a.csr\ntls-server,H49,thu.gov.example,no.csr\n",
        encoding="utf-8",
    )
    words = "batch", "bảng.csv", "--purpose", "đổi khóa"
    dry = office.told(*words, "--dry-run", code=3)
    assert (None, 1) == (dry["request"], dry["certificates"])
    assert ["bảng.csv:3"] == [each["place"] for each in dry["faults"]]
    assert 4 == len(office.told("list", "--requests")["requests"])
    assert ("r5", 1) == (office.told(*words, code=3)["request"]["id"], dry["certificates"])


def test_whoever_approves_sees_what_is_odd_and_what_is_not_allowed_any_more(office: Office) -> None:
    host = "dichvukong.trucvanban.gov.example"
    csr = a_csr(office.folder / "odd.csr", host)
    asked = office.told("request", "--agency", "H49", "--purpose", "x", "--csr", str(csr), "--names", host)
    assert 1 == len(asked["warnings"])
    note = f"note: {asked['request']['id']}: dns:{host}: the label 'dichvukong' is one letter off"
    assert note in office.run("show", asked["request"]["id"])
    folder = office.folder / "pki" / "agencies"
    folder.mkdir(mode=0o700)
    (folder / "x.toml").write_text('[[agency]]\ncode = "H49"\ndomains = ["thu.gov.example"]\nprofiles = ["device"]\n')
    said = office.run("approve", asked["request"]["id"], *MINH)
    assert "not allowed any more: agency H49 may not ask for profile tls-server" in said
    assert "approved by minh" in said


def test_what_people_said_is_shown_with_what_they_did(office: Office) -> None:
    office.run("reject", "r4", "--reason", "tên không đúng", *MINH)
    assert "rejected by minh, " in (said := office.run("show", "r4"))
    assert ": tên không đúng\n" in said
    number = office.told("list", "--request", "r3")["certificates"][0]["serial"]
    office.run("revoke", number, "--reason", "certificate_hold", "--text", "đang xem xét")
    office.run("revoke", number, "--restore", "--text", "không có gì")
    office.run("revoke", number, "--reason", "superseded")
    said = office.run("show", number)
    for told in (": certificate_hold: đang xem xét\n", "counts again by lan, ", ": không có gì\n", ": superseded\n"):
        assert told in said


def test_an_approval_that_is_over_says_so(office: Office) -> None:
    office.run("approve", "r4", "--lasts", "1s", *MINH)
    time.sleep(1.1)
    assert ", which has ended\n" in office.run("show", "r4")


def test_revoking_says_what_was_done(office: Office) -> None:
    number = serial(office)
    assert "1 certificate changed" in office.run("revoke", number[:12], *REASON, "--text", "thay mới")
    again = office.run("revoke", number[:12], *REASON, code=1)
    assert number[:12] in again
    (revoked,) = office.told("list", "--state", "revoked")["certificates"]
    assert (number, "superseded") == (revoked["serial"], revoked["reason"])
    assert [0, 1] == sorted({each["size"] for each in office.told("crl", *SIGNER)["lists"]})


@pytest.mark.parametrize("reason", ["keyCompromise", "key-compromise", "KEY_COMPROMISE"])
def test_reasons_are_taken_as_others_write_them(office: Office, reason: str) -> None:
    number = office.told("list", "--request", "r3")["certificates"][0]["serial"]
    office.run("revoke", number[:8], number, "--reason", reason)  # one certificate, named twice
    assert "key_compromise" == office.told("show", number)["certificate"]["reason"]


def test_restoring_asks_what_it_does_and_needs_a_text(office: Office) -> None:
    office.run("revoke", "--request", "r3", "--all-matching", "--reason", "certificate_hold")
    number = office.told("list", "--request", "r3")["certificates"][0]["serial"]
    assert "error: --restore: say why it may count again\n" in office.run("revoke", number, "--restore", code=2)
    office.run("renew", number, code=2)


def test_a_profile_that_is_broken_stops_nobody_from_revoking(office: Office) -> None:
    folder = office.folder / "pki" / "profiles"
    folder.mkdir(mode=0o700)
    (folder / "x.toml").write_text("[profile\n", encoding="utf-8")
    said = office.run("revoke", "--agency", "H49", "--all-matching", *REASON, "--yes")
    assert ("x.toml:1: not TOML" in said, "2 certificates of the authorities are spared" in said) == (True, True)
    assert ["revoked"] == [each["state"] for each in office.told("list", "--request", "r3")["certificates"]]


def test_revoking_what_is_partly_revoked_is_partly_done(office: Office) -> None:
    first, second = serial(office), office.issued("r4")
    office.run("revoke", first, *REASON)
    told = office.told("revoke", first, second, *REASON, "--yes", code=3)
    assert (1, 1) == (told["done"], told["not_done"])
    assert [False, True] == [each["done"] for each in told["items"]]


def test_what_is_held_can_count_again(office: Office) -> None:
    number = serial(office)
    office.run("revoke", number, "--reason", "certificate_hold")
    assert "held" == office.told("show", number)["certificate"]["state"]
    office.run("revoke", number, "--restore", "--text", "đã tìm thấy máy")
    assert "issued" == office.told("show", number)["certificate"]["state"]


def test_many_are_revoked_after_a_yes_and_authorities_are_spared(office: Office) -> None:
    office.issued("r4")
    many = "revoke", "--agency", "H49", "--all-matching", *REASON
    assert "Revoke 2 certificates?" in office.run(*many, code=2)
    said = office.run(*many, "--yes")
    assert "2 certificates of the authorities are spared" in said
    assert "2 certificates changed" in said
    left = office.told("list", "--state", "issued")["certificates"]
    assert {"issuing-authority", "ocsp-responder"} == {each["profile"] for each in left}
    assert "the options choose no certificate" in office.run(*many, "--yes", code=2)
    own = next(each["serial"] for each in left if each["profile"] == "issuing-authority")
    assert "All that hangs on" in office.run("revoke", own, *REASON, code=2)


def test_no_option_takes_a_passphrase() -> None:
    app = typer.Typer()
    pki.register(app)

    def options(command: Any) -> list[str]:  # noqa: ANN401 - click has no types for what we walk
        below = [each for sub in getattr(command, "commands", {}).values() for each in options(sub)]
        return below + [name for each in command.params for name in each.opts if "pass" in name or "pin" in name]

    found = set(options(typer.main.get_command(app)))
    assert {"--passphrase-file", "--signer-passphrase-file", "--new-passphrase-file"} <= found
    assert set() == {name for name in found if not name.endswith("-file")}


def test_passphrases_are_never_said_and_never_an_argument(office: Office) -> None:
    said = office.run("approve", "r4", *MINH) + office.run("issue", "r4", *SIGNER) + office.run("crl", *SIGNER)
    assert PASSPHRASE not in said
    files = [path for path in (office.folder / "pki").rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [] == [path for path in files if PASSPHRASE.encode() in path.read_bytes()]
    keys = [path for path in files if b"PRIVATE KEY" in path.read_bytes()]
    assert {True} == {b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes() for path in keys}
    assert {0o600} == {path.stat().st_mode & 0o777 for path in keys}
