"""A root that follows another: who trusts one of them alone trusts what stands below both."""

from __future__ import annotations

import errno
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from sentinel import content
from sentinel.cli.main import main
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.office.crossing import crosses
from sentinel.pki.office.home import Home
from sentinel.pki.office.publishing import Served
from sentinel.pki.office.reading import chain_of
from sentinel.pki.signing.home import entries
from sentinel.pki.status.published import Lists
from sentinel.pki.status.source import Station
from sentinel.store.embedded import disk
from tests.pki.office.an_office import MINH, PASSPHRASE, SIGNER, Office, a_csr, copied, found, settle
from tests.pki.office.test_ceremony import CUSTODIANS, HELD, share

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentinel.pki.certificates.parse import Parsed
    from sentinel.pki.status.published import Document
    from sentinel.store.embedded.disk import Step

FOUNDING = ("--approver-key", "minh.pem", "--approver-passphrase-file", "pass", "--new-passphrase-file", "pass")
NEXT = ("authority", "add-root", *FOUNDING, *SIGNER)
ADDED = ("authority", "add", *FOUNDING, *SIGNER)
CROSSED = ("authority", "cross-sign", *FOUNDING[:4], *SIGNER)
AMONG = ("--threshold", "2", *(word for name in CUSTODIANS for word in ("--custodian", name)))
OLD, NEW = "r3", "r8"
"""The requests of a certificate below the old root, and of one below the new."""


def asking(issuer: str) -> tuple[str, ...]:
    return "request", "--agency", "H49", "--csr", "a.csr", "--purpose", "Trục", "--issuer", issuer


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a root, the next one, an authority and a certificate below each, and all lists."""
    folder = tmp_path_factory.mktemp("rolled")
    calls: tuple[tuple[str, ...], ...] = (
        asking("agencies"), ("approve", OLD, *MINH), ("issue", OLD, *SIGNER), NEXT, (*ADDED, "--id", "agencies-2"),
        asking("agencies-2"), ("approve", NEW, *MINH), ("issue", NEW, *SIGNER), ("crl", *SIGNER),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        found(folder)
        a_csr(folder / "a.csr", "trucvanban.gov.example")
        for call in calls:
            assert 0 == main(["pki", *call])
    return folder


@pytest.fixture
def rolled(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)


def home_of(office: Office) -> Home:
    return Home(office.folder / "pki")


def crossed(office: Office) -> dict[str, Parsed]:
    with closing(home_of(office).register()) as register:
        return {each.id: parsed(each.certificate) for each in crosses(register) if each.counts}


def authorities(office: Office) -> dict[str, Parsed]:
    with closing(home_of(office).register()) as register:
        return {each.issuer.id: parsed(each.issuer.certificate) for each in register.authorities()}


def chain(office: Office, request: str) -> str:
    serial = office.told("list", "--request", request)["certificates"][0]["serial"]
    path = office.folder / f"{request}.pem"
    path.write_text(office.run("show", serial, "--pem"), encoding="ascii")
    return path.name


def documents(office: Office, *names: str, days: int = 0) -> list[Document | None]:
    """Give what is served at addresses, so many days from now."""
    home, clock = home_of(office), lambda: time.time() + days * 86_400
    with closing(home.register()) as register:
        served = Served(home, register, lambda _id: PASSPHRASE.encode(), clock)
        station = Station(Lists(home.public), home.answers, served)
        with closing(station):
            station.look(int(time.time()))
            assert [] == station.faults(int(time.time()))
            return [station.document(name) for name in names]


# ── what two roots say of each other ──


def test_each_root_signs_the_others_key_for_as_long_as_both_hold(rolled: Office) -> None:
    said, made = crossed(rolled), authorities(rolled)
    assert {"root-2-by-root", "root-by-root-2"} == said.keys()
    for subject, issuer in (("root-2", "root"), ("root", "root-2")):
        cross, of, by = said[f"{subject}-by-{issuer}"], made[subject], made[issuer]
        assert (of.subject_der, of.spki, of.key_id) == (cross.subject_der, cross.spki, cross.key_id)
        assert (by.subject_der, by.key_id) == (cross.issuer_der, cross.issuer_key_id)
        assert min(of.not_after, by.not_after) == cross.not_after
        assert max(of.not_before, by.not_before) <= cross.not_before
        assert (True, None, ("2.5.29.32.0",)) == (cross.ca, cross.path_length, cross.policies)
        assert (f"http://127.0.0.1:8899/ca/{issuer}.cer",) == cross.issuer_urls


def test_two_roots_have_different_names(rolled: Office) -> None:
    made = authorities(rolled)
    assert made["root"].subject_der != made["root-2"].subject_der
    assert "Sở Thông tin và Truyền thông: root (root-2)" == made["root-2"].common_name


def test_cross_certificates_go_the_way_of_every_certificate(rolled: Office) -> None:
    for request in ("r4", "r5"):
        told = rolled.told("show", request)
        assert ("done", ["minh"]) == (told["request"]["state"], [each["approver"] for each in told["approvals"]])
    rows = rolled.told("list", "--profile", "cross-certificate")["certificates"]
    assert [("root", "issued"), ("root-2", "issued")] == [(row["issuer"], row["state"]) for row in rows]
    rolled.run("audit", "verify")
    assert [] == rolled.told("doctor")["findings"]


WAYS = [(OLD, "root"), (OLD, "root-2"), (NEW, "root"), (NEW, "root-2")]


@pytest.mark.parametrize(("request_", "root"), WAYS)
def test_who_trusts_one_root_alone_trusts_what_stands_below_both(rolled: Office, request_: str, root: str) -> None:
    path, lists = chain(rolled, request_), rolled.folder / "pki" / "public" / "crl"
    assert (3, True) == ((rolled.folder / path).read_text().count("BEGIN"), lists.is_dir())
    names = ("root", "root-2", "agencies", "agencies-2")
    pem = [called("openssl", "crl", "-inform", "DER", "-in", str(lists / f"{name}.crl")) for name in names]
    (rolled.folder / "all.crl").write_text("".join(pem))
    trusted = f"pki/public/{root}.pem"
    checked = ("-x509_strict", "-crl_check_all", "-CRLfile", "all.crl", "-CAfile", trusted, "-untrusted", path)
    assert f"{path}: OK\n" == called("openssl", "verify", *checked, path)
    known = ("--load-ca-certificate", trusted, "--load-crl", "all.crl", "--infile", path)
    assert "Verified. The certificate is trusted." in called("certtool", "--verify", *known)
    listed = [word for name in names for word in ("--crl", f"pki/public/crl/{name}.crl")]
    verdict = rolled.told("verify", path, "--root", trusted, *listed, "--revocation", "all")
    assert (True, "agrees") == (verdict["holds"], verdict["second_opinion"])


def called(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def test_a_cross_certificate_that_is_revoked_leads_nowhere(rolled: Office) -> None:
    serial = rolled.told("list", "--profile", "cross-certificate", "--issuer", "root")["certificates"][0]["serial"]
    rolled.run("revoke", serial, "--reason", "ca_compromise", "--yes")
    assert {"root-by-root-2"} == crossed(rolled).keys()
    assert 2 == (rolled.folder / chain(rolled, NEW)).read_text().count("BEGIN")
    assert [False, True] == [each["counts"] for each in rolled.told("authority", "list")["crosses"]]
    assert "and revoked that" in rolled.run("authority", "list")
    assert not [each for each in rolled.told("doctor", code=1)["findings"] if "cross" in each["what"]]


def test_the_address_of_a_root_leads_to_whoever_is_trusted(rolled: Office) -> None:
    said, made = crossed(rolled), authorities(rolled)
    old, new, below = documents(rolled, "ca/root.cer", "ca/root-2.cer", "ca/agencies-2.cer")
    assert old
    assert new
    assert below
    assert [said["root-by-root-2"].der, said["root-2-by-root"].der] == [old.content, new.content]
    assert made["agencies-2"].der == below.content
    whole, own = documents(rolled, "ca/agencies-2.pem", "ca/root-2.pem")
    assert whole
    assert own
    assert (2, 2) == (whole.content.count(b"BEGIN"), own.content.count(b"BEGIN"))


def test_a_cross_certificate_that_has_ended_is_in_no_chain(rolled: Office) -> None:
    ends = min(each.not_after for each in crossed(rolled).values())
    days = int(ends - time.time()) // 86_400
    assert [2, 1] == [
        found.content.count(b"BEGIN")
        for after in (-1, 1)
        for found in documents(rolled, "ca/agencies-2.pem", days=days + after)
        if found
    ]
    (root,) = documents(rolled, "ca/root-2.cer", days=days + 1)
    assert root
    assert authorities(rolled)["root-2"].der == root.content


def test_a_cross_certificate_that_ends_before_a_certificate_is_not_presented_with_it(rolled: Office) -> None:
    home = home_of(rolled)
    with closing(home.register()) as register:
        ends = min(each.not_after for each in crossed(rolled).values())
        (row,) = register.find("request = 8")
        counted = [chain_of(register, row._replace(not_after=end)).count(b"BEGIN") for end in (ends, ends + 1)]
    assert [3, 2] == counted


def test_a_third_root_makes_the_second_one_known_from_both_sides(rolled: Office) -> None:
    made = rolled.told(*NEXT)
    assert "root-3" == made["authority"]["id"]
    assert [("root-3", "root-2"), ("root-2", "root-3")] == [
        (each["subject"], each["issuer"]) for each in made["crosses"]
    ]
    (served,) = documents(rolled, "ca/root-2.cer")
    assert served
    assert "application/pkcs7-mime" == served.media
    both = {each.issuer.public_bytes() for each in load_der_pkcs7_certificates(served.content)}
    assert {authorities(rolled)[name].subject_der for name in ("root", "root-3")} == both
    # From the first to what stands below the third it is two steps.
    files = ["pki/public/root-3-by-root-2.pem", "pki/public/root-2-by-root.pem"]
    words = [word for file in files for word in ("--intermediate", file)]
    last = "pki/public/root-3.pem"
    rolled.run(*ADDED, "--id", "agencies-3")
    (rolled.folder / "agencies-3.pem").write_bytes(documents(rolled, "ca/agencies-3.pem")[0].content)  # type: ignore[union-attr]
    assert rolled.told("verify", "agencies-3.pem", "--root", "pki/public/root.pem", *words)["holds"]
    assert rolled.told("verify", "agencies-3.pem", "--root", last)["holds"]


# ── which root authorities hang below ──


def test_authorities_are_listed_with_the_root_that_they_hang_below(rolled: Office) -> None:
    told = rolled.told("authority", "list")
    above = {each["id"]: each["parent"] for each in told["authorities"]}
    assert {"root": None, "agencies": "root", "root-2": None, "agencies-2": "root-2"} == above
    assert [("root-2", "root", True), ("root", "root-2", True)] == [
        (each["subject"], each["issuer"], each["counts"]) for each in told["crosses"]
    ]
    said = rolled.run("authority", "list")
    assert all(
        told in said for told in ("root signed the key of root-2: until", "root-2 signed the key of root: until")
    )


def test_the_next_authority_hangs_below_the_newest_root_in_use_or_the_one_named(rolled: Office) -> None:
    assert "root-2" == rolled.told(*ADDED, "--id", "a-3")["authority"]["parent"]
    assert "root" == rolled.told(*ADDED, "--id", "a-4", "--root", "root")["authority"]["parent"]
    rolled.run("authority", "retire", "root-2")
    assert "root" == rolled.told(*ADDED, "--id", "a-5")["authority"]["parent"]
    rolled.run("authority", "retire", "root")
    assert "every root is retired" in rolled.run(*ADDED, "--id", "a-6", code=2)
    assert "no root" in rolled.run(*ADDED, "--id", "a-6", "--root", "agencies", code=2)


def test_a_retired_root_signs_lists_and_no_other_roots(rolled: Office) -> None:
    rolled.run("authority", "retire", "root")
    assert 2 == rolled.told("crl", "--issuer", "root", *SIGNER)["lists"][0]["number"]
    made = rolled.told(*NEXT, "--after", "root")
    assert [("root", "root-3")] == [(each["subject"], each["issuer"]) for each in made["crosses"]]
    assert "retired" in rolled.run(*CROSSED, "root-3", "--by", "root", code=2)


@pytest.mark.parametrize("name", ["name", "'name' "])
def test_a_key_is_retired_however_its_table_is_written(rolled: Office, name: str) -> None:
    path = home_of(rolled).signer / "keys.toml"
    tables = [each.strip().partition("\n") for each in path.read_text().split("[[key]]")[1:]]
    path.write_text("\n\n".join(f"[[key]]\n{rest}\n{first.replace('name', name)}" for first, _line, rest in tables))
    last = entries(path.parent)[-1].name
    rolled.run("authority", "retire", last)
    assert [last] == [each.name for each in entries(path.parent) if each.retired is not None]


def test_a_root_whose_key_others_have_is_followed_without_crossing(rolled: Office) -> None:
    made = rolled.told("authority", "add-root", *FOUNDING, "--no-cross", "--algorithm", "ecdsa-p521-sha512")
    assert ([], "ecdsa-p521-sha512") == (made["crosses"], made["authority"]["algorithm"])
    later = rolled.told(*CROSSED, "root-3", "--by", "root-2")
    assert ("root-3", "root-2", True) == tuple(later["cross"][name] for name in ("subject", "issuer", "counts"))
    assert "BEGIN CERTIFICATE" in (rolled.folder / later["file"]).read_text()
    again = rolled.told(*CROSSED, "root-3", "--by", "root-2")
    assert later["cross"]["serial"] == again["cross"]["serial"]


def test_a_key_that_an_older_register_does_not_know_is_set_aside(rolled: Office) -> None:
    signer = home_of(rolled).signer
    before = {path.name: path.read_bytes() for path in home_of(rolled).folder.glob("register.db*")}
    rolled.run(*NEXT)
    trusted = (signer / "root-3.pem").read_bytes()
    for path in home_of(rolled).folder.glob("register.db*"):
        path.unlink()
    for name, kept in before.items():
        (home_of(rolled).folder / name).write_bytes(kept)
    rolled.run(*NEXT)
    assert [trusted] == [path.read_bytes() for path in signer.glob("root-3.*.old")]
    assert trusted != (signer / "root-3.pem").read_bytes()


# ── what is refused ──


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ((*NEXT, "--id", "agencies"), "there is an authority 'agencies' already"),
        ((*NEXT, "--id", "Gốc"), "cannot be what an authority is called"),
        ((*NEXT, "--name", "Sở Thông tin và Truyền thông: root"), "is named so already"),
        ((*NEXT, "--name", "x" * 65), "65 characters"),
        ((*NEXT, "--after", "khác"), "no authority 'khác'"),
        ((*NEXT, "--algorithm", "rot13"), "unknown algorithm"),
        ((*NEXT, "--shares", "phần"), "shares are of custodians"),
        ((*NEXT, "--custodian", "Lan", "--threshold", "2", "--shares", "phần"), "cannot be"),
        (("authority", "add-root", *FOUNDING), "needs its passphrase"),
        (("authority", "add-root", *FOUNDING, "--signer-passphrase-file", "other"), "passphrase is wrong"),
        ((*NEXT, *MINH), "minh"),
        ((*CROSSED, "root", "--by", "root"), "no cross certificate by itself"),
        ((*CROSSED, "agencies", "--by", "root"), "agencies is no root"),
        ((*CROSSED, "root", "--by", "agencies"), "agencies is no root"),
        ((*CROSSED, "khác", "--by", "root"), "no authority 'khác'"),
        ((*ADDED, "--id", "agencies-2"), "there is an authority 'agencies-2' already"),
        ((*ADDED, "--id", "a-3", "--like", "root-2"), "is a root"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_told_and_nothing_is_made(rolled: Office, call: tuple[str, ...], said: str) -> None:
    (rolled.folder / "other").write_text("mật khẩu của ai khác\n", encoding="utf-8")
    (rolled.folder / "other").chmod(0o600)
    signer = home_of(rolled).signer
    before = authorities(rolled).keys(), entries(signer), sorted(signer.glob("*.pem"))
    assert said in rolled.run(*call, code=2)
    assert before == (authorities(rolled).keys(), entries(signer), sorted(signer.glob("*.pem")))


def test_no_root_is_made_while_a_signer_runs_that_would_not_know_it(rolled: Office) -> None:
    home_of(rolled).socket.touch()
    assert "runs as a service" in rolled.run(*NEXT, code=2)
    assert "runs as a service" in rolled.run(*ADDED, "--id", "a-3", code=2)


def test_a_profile_that_makes_another_name_crosses_nothing(rolled: Office) -> None:
    own = rolled.folder / "pki" / "profiles"
    own.mkdir()
    text = (content.profiles() / "cross-certificate.toml").read_text(encoding="utf-8")
    (own / "cross-certificate.toml").write_text(text.replace('country = "VN"', 'country = "LA"'), encoding="utf-8")
    serial = rolled.told("list", "--profile", "cross-certificate", "--issuer", "root")["certificates"][0]["serial"]
    rolled.run("revoke", serial, "--reason", "superseded", "--yes")
    assert "does not make the name of root-2" in rolled.run(*CROSSED, "root-2", "--by", "root", code=2)


# ── what was stopped half-way ──


def full(at: str) -> Callable[[Step], None]:
    """Give what lets the disk be full when a file is to have its name."""

    def watcher(step: Step) -> None:
        if step.name == "rename" and step.to.endswith(at):
            raise OSError(errno.ENOSPC, "No space left on device", step.to)

    return watcher


def test_an_authority_without_a_responder_is_finished_without_the_roots_key(rolled: Office) -> None:
    with disk.watch(full("ocsp/a-3.pem")):
        assert "No space left" in rolled.run(*ADDED, "--id", "a-3", code=2)
    (found,) = [each for each in rolled.told("doctor", code=1)["findings"] if "nobody answers" in each["what"]]
    assert "sentinel pki responder --issuer a-3" == found["hint"]
    assert "a-3" == rolled.told("authority", "add", *FOUNDING, "--id", "a-3")["authority"]["id"]
    rolled.run("crl", "--issuer", "a-3", *SIGNER)
    assert [] == rolled.told("doctor")["findings"]
    assert "already" in rolled.run("authority", "add", *FOUNDING, "--id", "a-3", code=2)


def test_an_authority_without_a_responder_is_given_one_by_the_command_that_the_doctor_names(rolled: Office) -> None:
    with disk.watch(full("ocsp/a-3.pem")):
        rolled.run(*ADDED, "--id", "a-3", code=2)
    words = ("responder", "--issuer", "a-3")
    rolled.issued(rolled.told(*words, "--new-passphrase-file", "pass")["request"]["id"])
    assert rolled.told(*words)["request"] is None
    rolled.run("crl", "--issuer", "a-3", *SIGNER)
    assert [] == rolled.told("doctor")["findings"]


def test_a_root_without_a_cross_certificate_is_told_until_it_has_one(rolled: Office) -> None:
    rolled.run("authority", "add-root", *FOUNDING, "--no-cross")
    told = {each["what"]: each["hint"] for each in rolled.told("doctor", code=1)["findings"]}
    hints = sorted(hint for what, hint in told.items() if "never signed" in what)
    assert [
        "sentinel pki authority cross-sign root-2 --by root-3",
        "sentinel pki authority cross-sign root-3 --by root-2",
    ] == hints
    for hint in hints:
        rolled.run(*hint.split()[2:], *FOUNDING[:4], *SIGNER)
    rolled.run("crl", "--issuer", "root-3", *SIGNER)
    assert [] == rolled.told("doctor")["findings"]


# ── ceremonies ──


@pytest.fixture
def held(office: Office) -> Office:
    """Give an office whose root belongs to custodians, that is rolled over to nothing yet."""
    (office.folder / "pki").rename(office.folder / "pki trước")
    office.run(*HELD, "--shares", "phần")
    return office


OF_OLD = ("--share", share(CUSTODIANS[0]), "--share", share(CUSTODIANS[2]))
HELD_NEXT = ("authority", "add-root", *FOUNDING[:4], *AMONG, "--shares", "mới")


def test_custodians_of_the_old_root_let_it_sign_and_those_of_the_new_have_shares(held: Office) -> None:
    made = held.told(*HELD_NEXT, *OF_OLD)
    assert ["root-2-by-root", "root-by-root-2"] == [
        f"{each['subject']}-by-{each['issuer']}" for each in made["crosses"]
    ]
    page = (held.folder / made["page"]).read_text()
    assert page.count("root-2-by-root") == page.count("root-by-root-2") == 1
    assert all(name in page for name in CUSTODIANS)
    assert {0o600} == {path.stat().st_mode & 0o777 for path in (held.folder / "mới").iterdir()}
    below = ("authority", "add", *FOUNDING, "--id", "agencies-2")
    new = [word for name in CUSTODIANS[:2] for word in ("--share", f"mới/{name}.share")]
    assert "passphrase" in held.run(*below, *OF_OLD, code=2)
    assert "root-2" == held.told(*below, *new)["authority"]["parent"]
    held.run("audit", "verify")


def test_too_few_custodians_of_the_old_root_stop_all_of_it(held: Office) -> None:
    assert "these shares give no passphrase" in held.run(*HELD_NEXT, *OF_OLD[:2], code=2)
    assert not (held.folder / "mới").exists()


def test_shares_that_cannot_be_handed_out_stop_all_of_it_and_the_call_is_made_again(held: Office) -> None:
    (held.folder / "mới").mkdir()
    (held.folder / "mới" / f"{CUSTODIANS[1]}.share").write_text("của người khác")
    assert "nothing is overwritten" in held.run(*HELD_NEXT, *OF_OLD, code=2)
    assert ["root", "agencies"] == [each["id"] for each in held.told("authority", "list")["authorities"]]
    assert "root-2" == held.told(*HELD_NEXT[:-1], "mới nữa", *OF_OLD)["authority"]["id"]
    held.run("audit", "verify")


def test_a_ceremony_takes_algorithms_as_init_does(office: Office) -> None:
    (office.folder / "pki").rename(office.folder / "pki trước")
    words = ("--algorithm", "ed25519", "--root-algorithm", "rsa-sha256", "--shares", "phần")
    made = office.told(*HELD, *words)
    assert ["rsa-sha256", "ed25519"] == [each["algorithm"] for each in made["authorities"]]
    assert "unknown algorithm" in office.run(*HELD, "--algorithm", "rot13", "--shares", "phần", code=2)
