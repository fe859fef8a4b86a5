"""`sentinel pki` and what is wrong: told with its place and a hint, refused, found; nothing is done by halves."""

from __future__ import annotations

import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sentinel.cli.main import main
from tests.pki.office.an_office import MINH, PASSPHRASE, SIGNER, Office, a_csr, copied, founded

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

HOST = "trucvanban.gov.example"
ASK = ("request", "--agency", "H49", "--csr", "a.csr", "--purpose", "x")
ESCAPE = "\x1b[2J\x1b]0;owned\x07"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make authorities, with r3 issued and revoked, a list, and r4 approved."""
    with founded(tmp_path_factory) as folder:
        a_csr(folder / "a.csr", HOST)
        for call in (
            ASK,
            ("approve", "r3", *MINH),
            ("issue", "r3", *SIGNER),
            ("revoke", "--request", "r3", "--all-matching", "--reason", "superseded"),
            ("crl", *SIGNER),
            ASK,
            ("approve", "r4", *MINH),
            ASK,
        ):
            assert 0 == main(["pki", *call])
        (folder / "other").write_text("một mật khẩu khác hẳn\n", encoding="utf-8")
        (folder / "other").chmod(0o600)
        (folder / "open").write_text(PASSPHRASE, encoding="utf-8")
        (folder / "open").chmod(0o644)
        (folder / "garbage").write_bytes(b"\x30\x82\xff\xff garbage")
    return folder


@pytest.fixture
def office(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)


def changed(*options: str) -> tuple[str, ...]:
    """Give the call that asks for a certificate, with other options than usual; the last one counts."""
    return (*ASK, *options)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (changed("--profile", "tls-servr"), "no profile is called 'tls-servr' (did you mean 'tls-server'?)"),
        (changed("--profile", "root"), "is of authorities"),
        (changed("--profile", "rule-pack"), "agency H49 may not ask for profile rule-pack (it may ask for: tls-server"),
        (changed("--agency", "H94"), "'H94' is no agency of the estate (did you mean"),
        (changed("--agency", "G90"), f"{HOST} is not of agency G90 (it may ask for names in: dichvucong.gov"),
        (changed("--names", "dichvucong.gov.example"), "dichvucong.gov.example is not of agency H49"),
        (changed("--names", "d1chvucong.trucvanban.gov.example"), "d1chvucong"),
        (changed("--names", "trucvаnban.gov.example"), "mixes letters of several scripts: Cyrillic, Latin"),
        (changed("--names", "*.trucvanban.gov.example"), "wildcard"),
        (changed("--names", "a b"), "'a' is not a full name (write it with its domain"),
        (changed("--csr", "garbage"), "not a request of PKCS#10"),
        (changed("--csr", "minh.pem"), "minh.pem"),
        (changed("--csr", "absent"), "absent cannot be read: No such file or directory"),
        (changed("--validity", "9999d"), "fault: "),
        (changed("--purpose", "  "), "a request says what it is for"),
        (changed("--issuer", "khác"), "khác"),
        (("approve", "r99", *MINH), "error: r99: there is no such request\n  hint: `sentinel pki list --requests`"),
        (("approve", "r5", "--key", "minh.pem", "--passphrase-file", "other"), "error: minh.pem: the passphrase is wr"),
        (("approve", "r5", "--key", "minh.pem", "--passphrase-file", "open"), "error: open: "),
        (("approve", "r3", *MINH), "error: r3: it is not there to be approved: issued"),
        (("approve", "r4", "--key", "minh.pem"), "error: r4: it is not there to be approved: approved"),
        (("approve", "r5", "--lasts", "32d", *MINH), "error: --lasts: an approval holds for 31 days at most"),
        (("approve", "r5", "--reason", "x", *MINH), "error: --reason: a reason is given in an emergency alone"),
        (("approve", "r5", "--emergency", *MINH), "error: --emergency: an approval in an emergency says why"),
        (("approve", "r5", "--key", "minh.pem"), "there is no passphrase\n  hint: give --passphrase-file FILE"),
        (("approve", "r5", "--lasts", "soon", *MINH), "error: --lasts: not a length of time: 'soon'"),
        (("issue", "r4", "--signer-passphrase-file", "other"), "agencies.pem: the passphrase is wrong"),
        (("issue", "r4"), "error: the authority's key needs its passphrase\n  hint: give --signer-passphrase-file"),
        (("issue", "12"), "error: "),
        (("show", f"r{'9' * 30}"), "there is no such request"),
        (("crl", "--lasts", "999999w", *SIGNER), "error: --lasts: a revocation list counts for two years at most"),
        (("list", "--state", "asking"), "error: --state: 'asking' is no state of a certificate"),
        (("show", "zz"), "error: zz: too short for a serial number: give 6 digits or more\n  hint: "),
        (("list", "--state", "gone"), "error: --state: 'gone' is no state of a certificate\n  hint: "),
        (("list", "--ends-in", "soon"), "error: --ends-in: "),
        (("list", "--limit", "0"), "error: --limit: must be 1 or more, not 0"),
        (("export", "--format", "xml"), "error: --format: unknown format 'xml'\n  hint: csv, json"),
        (("revoke", "--reason", "superseded"), "error: name certificates, or choose them with options"),
        (("revoke", "abcdef", "--reason", "bored"), "error: --reason: 'bored' is no reason for which"),
        (("revoke", "abcdef"), "error: --reason: a revocation needs a reason\n  hint: unspecified, "),
        (("crl", "--issuer", "khác", *SIGNER), "khác"),
        (("serve", "--port", "0"), "passphrase\n  hint: give --responder-passphrase-file FILE, or call"),
        (("serve", "--port", "0", "--responder-passphrase-file", "other"), "agencies.pem: the passphrase is wrong"),
        (("batch", "absent.csv", "--purpose", "x"), "error: absent.csv"),
        (("audit", "verify", "--checkpoints", "absent"), "error: absent"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, tuple) else "",
)
def test_what_is_wrong_is_told_and_nothing_is_done(office: Office, call: tuple[str, ...], told: str) -> None:
    before = office.told("list"), office.told("list", "--requests"), office.told("audit", "log")
    assert told in office.run(*call, code=2)
    assert before == (office.told("list"), office.told("list", "--requests"), office.told("audit", "log"))


COMMANDS = [
    ASK, ("approve", "r1", *MINH), ("issue", "r1"), ("list",), ("show", "r1"), ("expiring",), ("export",), ("crl",),
    ("revoke", "abcdef", "--reason", "superseded"), ("audit", "verify"), ("audit", "log"), ("serve",),
    ("batch", "b.csv", "--purpose", "x"),
]  # fmt: skip


@pytest.mark.parametrize("call", COMMANDS, ids=" ".join)
def test_without_authorities_every_command_says_how_to_found_some(
    office: Office, monkeypatch: pytest.MonkeyPatch, call: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SENTINEL_PKI", str(office.folder / "absent"))
    said = office.run(*call, code=2)
    assert "there is no certificate authority here\n  hint: `sentinel pki init` makes one\n" in said
    assert not (office.folder / "absent").exists()


INIT = (
    "init", "--organization", "Sở", "--agency", "H49", "--url", "http://127.0.0.1:1", "--approver-key", "minh.pem",
    "--approver-passphrase-file", "pass", "--new-passphrase-file", "pass",
)  # fmt: skip


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--algorithm", "md5"), "error: --algorithm: unknown algorithm 'md5'\n  hint: algorithms: "),
        (("--may-issue", "a b"), "error: --may-issue: "),
        (("--may-issue", "ip:10.0.0.1/8"), "error: --may-issue: "),
        (("--agency", "!"), "error: "),
        (("--url", "nowhere"), "error: --url: not an address for lists and answers: 'nowhere'\n  hint: write http"),
        (("--url", "https://a.example"), "error: --url: "),
        (("--id", "../x"), "error: --id: '../x' cannot be what an authority is called\n  hint: small letters"),
        (("--id", "root"), "error: --id: 'root' cannot be"),
        (("--name", "ấ" * 65), "error: "),
        (("--approver-passphrase-file", "other"), "error: minh.pem: the passphrase is wrong"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_founding_that_is_wrong_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], told: str
) -> None:
    monkeypatch.setenv("SENTINEL_PKI", str(office.folder / "new"))
    assert told in office.run(*INIT, *options, code=2)
    assert [] == [path for path in (office.folder / "new").rglob("*") if path.is_file()]
    assert 0 == main(["pki", *INIT])


def test_authorities_are_founded_once(office: Office) -> None:
    assert "there are authorities here already" in office.run(*INIT, code=2)


def test_an_authority_may_name_what_agencies_may_ask_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_PKI", str(office.folder / "new"))
    office.run(*INIT)
    assert 0o700 == (office.folder / "new").stat().st_mode & 0o777
    (row,) = office.told("list", "--issuer", "root")["certificates"]
    assert {"dns:trucvanban.gov.example", "ip:10.49.0.0/16", "email:gov.example"} <= {*row["names"]}


def test_who_has_not_the_role_may_not(office: Office) -> None:
    assert 0 == main(["people", "change", "lan", "--remove-role", "pki-officer", "--add-role", "auditor", *MINH])
    left = office.told("list", "--state", "issued")["certificates"][0]["serial"]
    revoke = "revoke", left, "--reason", "superseded", "--yes"
    for call in (ASK, ("issue", "r4", *SIGNER), ("crl", *SIGNER), revoke):
        assert "lan may not" in office.run(*call, code=2)
    assert 3 == office.told("list")["total"]


# Hostile texts.


def hostile_csr(path: Path) -> None:
    """Write a request whose subject steers terminals, and whose spreadsheet cells calculate."""
    subject = [
        x509.NameAttribute(x509.NameOID.COMMON_NAME, ESCAPE),
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "=cmd|' /C calc'!A0"),
        x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "XX"),
    ]
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    key = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def test_nothing_hostile_reaches_the_terminal_or_the_certificate(office: Office) -> None:
    hostile_csr(Path("evil.csr"))
    said = office.run(*changed("--csr", "evil.csr", "--purpose", f"=1+1{ESCAPE}"))
    said += office.run("approve", "r6", *MINH) + office.run("issue", "r6", *SIGNER)
    number = office.told("list", "--request", "r6")["certificates"][0]["serial"]
    said += office.run("revoke", number, "--reason", "superseded", "--text", ESCAPE)
    for call in (("show", "r6"), ("show", number), ("list", "--requests"), ("audit", "log"), ("export",)):
        said += office.run(*call)
    assert "what for: =1+1\\x1b[2J" in said
    assert [] == [letter for letter in "\x1b\x07" if letter in said]
    subject = office.told("show", number)["certificate"]["subject"]
    assert ("O=Ủy ban nhân dân tỉnh (thực hành)" in subject, "cmd" in subject) == (True, False)


@pytest.mark.parametrize("names", [f"{HOST}{ESCAPE}", "a\u202eb.gov.example", f"{HOST}\x00.evil.example"])
def test_hostile_names_are_refused_and_shown_harmless(office: Office, names: str) -> None:
    said = office.run(*changed("--names", names), code=2)
    assert [] == [letter for letter in "\x1b\x07\x00\u202e" if letter in said]


def test_a_name_that_came_decomposed_stands_composed(office: Office) -> None:
    person = ("--profile", "soc-official", "--names", "email:hoa@sotnmt.gov.example")
    request = office.told(*ASK, *person, "--common-name", unicodedata.normalize("NFD", "Trần Thị Hòa"))["request"]
    assert "Trần Thị Hòa" in office.run("show", office.issued(request["id"]))


@pytest.mark.parametrize(
    ("part", "is_found"),
    [("Đặng", True), ("đặng thị ÁNH", True), ("ẶNG", True), ("ANH@SO", True), ("dang", False), ("Đ*h", False),
     ("[đ]", False), ("?", False), ("%", False), ("_", False)],
)  # fmt: skip
def test_people_are_found_by_their_names_however_these_are_written(office: Office, part: str, is_found: bool) -> None:
    person = ("--profile", "soc-official", "--names", "email:anh@sotnmt.gov.example", "--common-name", "Đặng Thị Ánh")
    number = office.issued(office.told(*ASK, *person)["request"]["id"])
    assert [number] * is_found == [each["serial"] for each in office.told("list", "--name", part)["certificates"]]


@pytest.mark.parametrize(("agency", "count"), [("H49", 3), ("H4", 0), ("H49.12", 0), ("%", 0), ("H49%", 0)])
def test_an_agency_is_found_with_those_below_it(office: Office, agency: str, count: int) -> None:
    assert count == len(office.told("list", "--agency", agency)["certificates"])


# Any changed field is found.


@pytest.mark.parametrize(
    "change",
    [
        "update certificate set agency = 'G90' where request = 3",
        "update certificate set names = 'dns:evil.gov.example' where request = 3",
        "update certificate set not_after = not_after + 1 where request = 3",
        "update certificate set der = (select der from certificate where request = 2) where request = 3",
        "update certificate set profile = 'device' where request = 3",
        "update request set requester = 'hoa' where number = 3",
        "update request set purpose = 'không gì cả' where number = 4",
        "update asked set tbs = tbs || x'00' where request = 4",
        "update authority set url = 'http://evil.example' where id = 'agencies'",
        "update subject set state = 21, reason = null where reason = 'superseded'",
        "update act set actor = 'hoa' where action = 'pki approve'",
        "update entry set body = replace(body, 'superseded', 'unspecified') where kind like 'revoked%'",
        "delete from listed",
        "delete from certificate where request = 3",
        "delete from name where value = 'trucvanban.gov.example'",
    ],
)
def test_a_changed_field_breaks_the_audit(office: Office, change: str) -> None:
    assert "everything is as it was written" in office.run("audit", "verify")
    with closing(sqlite3.connect(office.folder / "pki" / "register.db")) as db:
        assert db.execute(change).rowcount > 0
        db.commit()
    assert office.run("audit", "verify", code=5)


def test_what_was_cut_off_is_found_by_a_checkpoint(office: Office) -> None:
    before = (office.folder / "pki" / "register.db").read_bytes()
    office.run("issue", "r4", *SIGNER)
    office.run("audit", "checkpoint", "--to", "mốc", *MINH)
    office.run("audit", "verify", "--checkpoints", "mốc")
    for path in (office.folder / "pki").glob("register.db*"):
        path.unlink()
    (office.folder / "pki" / "register.db").write_bytes(before)
    office.run("audit", "verify")
    office.run("audit", "verify", "--checkpoints", "mốc", code=5)


# On a terminal.


def answered(command: list[str], answers: list[str]) -> tuple[int, str]:
    """Run a command on a terminal of its own, typing an answer at each prompt; give its exit code and what it said."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "sentinel", *command])  # noqa: S606 - a terminal of its own
    said, left, until = b"", [*answers], time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            said += os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
        if left and said.endswith(b": "):
            os.write(terminal, f"{left.pop(0)}\n".encode())
    _child, status = os.waitpid(child, 0)
    os.close(terminal)
    assert [] == left
    return os.waitstatus_to_exitcode(status), said.decode()


def test_a_terminal_is_asked_for_passphrases_which_it_does_not_show(office: Office) -> None:
    code, said = answered(["pki", "issue", "r4"], [PASSPHRASE])
    assert (0, True, False) == (code, "Passphrase of the authority's key agencies: " in said, PASSPHRASE in said)
    office.run(*ASK)
    code, said = answered(["pki", "approve", "r5", "--key", "minh.pem"], [PASSPHRASE])
    assert (0, True) == (code, said.index("r5: lan asks") < said.index("Passphrase of minh.pem: "))


def test_a_pipe_is_asked_for_nothing(office: Office) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sentinel", "pki", "issue", "r4"],
        input=PASSPHRASE, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (2, "", True) == (done.returncode, done.stdout, "--signer-passphrase-file" in done.stderr)
    assert "approved" == office.told("show", "r4")["request"]["state"]
