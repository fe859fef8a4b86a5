"""`sentinel pki audit prove|check`: what an auditor is shown with files alone, and what no file can hide."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode, b64encode
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sentinel.crypto.keys import PublicKey
from sentinel.ledger.checkpoint import parse
from sentinel.ledger.merkle import consistency_proof
from sentinel.ledger.proofs import Consistency
from sentinel.people.register import read
from sentinel.pki.register.file import Register
from tests.pki.crash.test_changes import write_anew
from tests.pki.office.an_office import MINH, SIGNER, Office, a_csr, copied, found, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentinel.ledger.checkpoint import Checkpoint

    Capture = pytest.CaptureFixture[str]

HEAD = ("--checkpoint", "heads")
SIGN = ("audit", "checkpoint", "--to", "heads", *MINH)
GROWN = ("--since", "mine", *HEAD, "--out", "grown")
CHECK = ("audit", "check", "grown", "--since", "mine")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    with pytest.MonkeyPatch.context() as monkeypatch:
        settle(folder, monkeypatch)
        found(folder)
    return folder


@pytest.fixture
def office(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Office:
    return copied(template, tmp_path, monkeypatch, capfd)


def issued(office: Office, host: str, out: str) -> str:
    a_csr(Path("a.csr"), host)
    words = "request", "--agency", "H49", "--purpose", "máy chủ", "--csr", "a.csr"
    id_ = office.told(*words)["request"]["id"]
    office.run("approve", id_, *MINH)
    return str(office.told("issue", id_, "--out", out, *SIGNER)["certificates"][0]["serial"])


def taken(office: Office) -> None:
    """Take a checkpoint home, as an auditor does."""
    office.run(*SIGN)
    shutil.copy("heads", "mine")


def alone(office: Office, *files: str) -> None:
    """Leave nothing there but files that everybody may have, the people and their public keys among them."""
    kept = {name: Path(name).read_bytes() for name in (*files, "people.toml")}
    for path in office.folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in kept.items():
        Path(name).write_bytes(content)


def test_a_proof_holds_for_its_certificate_and_no_other(office: Office) -> None:
    first, second = (issued(office, f"{host}.trucvanban.gov.example", f"{host}.pem") for host in "ab")
    taken(office)
    issued(office, "c.trucvanban.gov.example", "c.pem")  # what comes later changes no proof
    for serial, name in ((first, "a"), (second, "b")):
        told = office.told("audit", "prove", serial, *HEAD, "--out", f"{name}.proof")
        assert ("inclusion", serial, f"{name}.proof") == (told["kind"], told["serial"], told["file"])
    alone(office, "a.proof", "a.pem", "b.pem", "mine")
    told = office.told("audit", "check", "a.proof", "--certificate", "a.pem", "--checkpoint", "mine")
    assert (True, "minh", None) == (told["holds"], told["signed_by"], told["problem"])
    said = office.run("audit", "check", "a.proof", "--certificate", "b.pem", code=1)
    assert "another certificate" in said


def framed(*parts: bytes) -> bytes:
    return b"".join(str(len(part)).encode() + b":" + part for part in parts)


def test_a_proof_is_checked_by_whoever_reads_the_reference(office: Office) -> None:
    """docs/reference/proofs.md, followed without any code of ours."""
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    taken(office)
    issued(office, "b.trucvanban.gov.example", "b.pem")
    office.run("audit", "prove", serial, *HEAD, *MINH, "--out", "a.proof")
    _first, extra, index, *path = Path("a.proof").read_text(encoding="utf-8").partition("\n\n")[0].split("\n")
    _origin, size, root = _head(Path("a.proof").read_text(encoding="utf-8"))[:3]
    leaf = json.loads(b64decode(extra.removeprefix("extra ")))
    at = int(index.removeprefix("index "))
    body = b64decode(leaf["body"])
    der = b64decode("".join(Path("a.pem").read_text(encoding="ascii").split("-----")[2].split()))
    assert {"certificate": sha256(der).hexdigest()} == json.loads(body)
    numbers = f"{at + 1} {leaf['seq']} {leaf['act']}".encode()
    before, act = b64decode(leaf["before"]), b64decode(leaf["act_digest"])
    whole = framed(b"sentinel entry 1", before, act, numbers, leaf["subject"].encode(), leaf["kind"].encode(), body)
    found, node, last = sha256(b"\0" + sha256(whole).digest()).digest(), at, int(size) - 1
    for beside in map(b64decode, path):  # RFC 9162, 2.1.3.2
        if node % 2 or node == last:
            found = sha256(b"\1" + beside + found).digest()
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            found = sha256(b"\1" + found + beside).digest()
        node, last = node // 2, last // 2
    assert (0, root) == (last, b64encode(found).decode())


def _other_leaf(field: str) -> Callable[[str], str]:
    def changed(text: str) -> str:
        lines = text.split("\n")
        leaf = json.loads(b64decode(lines[1].removeprefix("extra ")))
        was = leaf[field]
        leaf[field] = was + 1 if isinstance(was, int) else was[:-4] + "AAA=" if was else "AAA="
        lines[1] = f"extra {b64encode(json.dumps(leaf).encode()).decode()}"
        return "\n".join(lines)

    return changed


CHANGES: dict[str, Callable[[str], str]] = {
    **{
        field: _other_leaf(field) for field in ("subject", "seq", "kind", "act", "body", "before", "act_digest")
    },
    "index": lambda text: text.replace("index ", "index 1"),
    "a hash less": lambda text: text.replace(text.split("\n")[3] + "\n", ""),
    "a hash more": lambda text: text.replace("\n\n", "\n" + "A" * 43 + "=\n\n", 1),
    "size": lambda text: text.replace(f"\n{_head(text)[1]}\n", f"\n{int(_head(text)[1]) + 1}\n"),
    "root": lambda text: text.replace(_head(text)[2], "A" * 43 + "="),
    "time": lambda text: text.replace("time 20", "time 19"),
    "signature": lambda text: text[:-10] + "AAAAAAAA=\n",
    "signer": lambda text: text.replace("— minh", "— hoa"),
}  # fmt: skip


def _head(text: str) -> list[str]:
    return text.split("\n\n")[1].split("\n")


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_proof_does_not_hold(office: Office, name: str) -> None:
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    taken(office)
    office.run("audit", "prove", serial, *HEAD, "--out", "a.proof")
    proof = Path("a.proof")
    changed = CHANGES[name](proof.read_text(encoding="utf-8"))
    assert changed != proof.read_text(encoding="utf-8")
    proof.write_text(changed, encoding="utf-8")
    told = office.told("audit", "check", "a.proof", "--certificate", "a.pem", code=1)
    assert (False, True) == (told["holds"], bool(told["problem"]))


def test_what_came_after_the_checkpoint_is_not_proved(office: Office) -> None:
    office.run(*SIGN)
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    assert "does not cover it" in office.run("audit", "prove", serial, *HEAD, "--out", "a.proof", code=2)
    assert not Path("a.proof").exists()
    told = office.told("audit", "prove", serial, *HEAD, *MINH, "--out", "a.proof")  # with a key it is covered now
    assert told["entry"] <= told["size"]
    office.run("audit", "check", "a.proof", "--certificate", "a.pem")


def test_what_is_no_proof_is_told_with_its_line(office: Office) -> None:
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    taken(office)
    office.run("audit", "prove", serial, *HEAD, "--out", "a.proof")
    text = Path("a.proof").read_text(encoding="utf-8")
    for content, told in (
        ("{}", "b.proof:1: not a proof"),
        ("", "b.proof:1: not a proof"),
        (text.replace("index", "at"), "b.proof:3: not a proof"),
        (text.replace(text.split("\n")[4], "không"), "b.proof:5: not a hash: 'không'"),
        (text.partition("\n\n")[0], "a proof holds one checkpoint"),
        (text.replace("\n\n", "\n" + ("A" * 43 + "=\n") * 64 + "\n", 1), "the proof is too long"),
    ):
        Path("b.proof").write_text(content, encoding="utf-8")
        assert told in office.run("audit", "check", "b.proof", "--certificate", "a.pem", code=2)
    assert "a.csr" in office.run("audit", "check", "a.proof", "--certificate", "a.csr", code=2)
    assert "--certificate FILE" in office.run("audit", "check", "a.proof", code=2)
    assert "no such file" in office.run("audit", "check", "none", code=2).lower()
    assert "prove what?" in office.run("audit", "prove", *HEAD, "--out", "b.proof", code=2)
    assert "prove what?" in office.run("audit", "prove", serial, *GROWN, code=2)


def test_an_auditor_with_files_alone_sees_that_the_register_only_grew(office: Office) -> None:
    serial = issued(office, "a.trucvanban.gov.example", "a.pem")
    taken(office)
    issued(office, "b.trucvanban.gov.example", "b.pem")
    issued(office, "c.trucvanban.gov.example", "c.pem")
    (vouched,) = office.told(*SIGN)["verifiers"]
    Path("minh.vkey").write_text(f"{vouched}\n", encoding="utf-8")
    made = office.told("audit", "prove", *GROWN)
    office.run("audit", "prove", serial, *HEAD, "--out", "a.proof")
    assert ("consistency", "grown") == (made["kind"], made["file"])
    for person in read(Path("people.toml")).persons:
        if person.keys:
            Path(f"{person.name}.pub").write_text(person.keys[0].key.pem(), encoding="utf-8")
    alone(office, "mine", "heads", "grown", "minh.pub", "minh.vkey", "hoa.pub", "a.proof", "a.pem")
    told = office.told(*CHECK)
    assert (True, "minh", made["since"], made["size"]) == tuple(
        told[name] for name in ("holds", "signed_by", "since", "size")
    )
    office.run(*CHECK, "--checkpoint", "heads")
    office.run("audit", "check", "a.proof", "--certificate", "a.pem", "--checkpoint", "heads")
    Path("people.toml").unlink()
    assert "no key that is known here" in office.run(*CHECK, code=1)
    assert "minh" == office.told(*CHECK, "--public-key", "minh.vkey")["signed_by"]
    # A file without a name cannot say whose key it is, and the name beside a signature is signed by nobody.
    fingerprint = PublicKey.of_text(Path("minh.pub").read_text(encoding="utf-8")).fingerprint
    assert fingerprint == office.told(*CHECK, "--public-key", "minh.pub")["signed_by"]
    Path("wrong.vkey").write_text(vouched.replace("minh", "hoa"), encoding="utf-8")
    assert "wrong.vkey: not the key of a verifier" in office.run(*CHECK, "--public-key", "wrong.vkey", code=2)
    assert "no key that is known here" in office.told(*CHECK, "--public-key", "hoa.pub", code=1)["problem"]


def forged(office: Office, heads: str = "forged") -> None:
    """Write another purpose into a request, all digests anew, and have that signed by somebody who may."""
    with closing(Register(Path("pki"), write=True)) as register:
        db = register.histories.db
        for statement in (
            "update entry set body = cast(replace(cast(body as text), 'máy chủ', 'máy trạm') as blob)",
            "update request set purpose = replace(purpose, 'máy chủ', 'máy trạm')",
        ):
            assert db.execute(statement).rowcount > 0
        write_anew(register)
    office.run("audit", "checkpoint", "--to", heads, *MINH)


def test_a_history_that_was_written_anew_is_found_by_the_old_checkpoint_alone(office: Office) -> None:
    issued(office, "a.trucvanban.gov.example", "a.pem")
    taken(office)
    issued(office, "b.trucvanban.gov.example", "b.pem")
    forged(office)
    assert office.told("audit", "verify")["sound"], "all of it fits together"
    assert "something in entries" in office.run("audit", "verify", "--checkpoints", "mine", code=5)
    said = office.run("audit", "prove", "--since", "mine", "--checkpoint", "forged", "--out", "grown", code=5)
    assert "mine:1: something in entries 1 to" in said
    assert not Path("grown").exists()
    office.run("audit", "prove", "--since", "mine", *HEAD, *MINH, "--out", "grown", code=5)  # nor is it signed
    # Whoever forges makes the proof as if nothing had happened.
    with closing(Register(Path("pki"))) as register:
        (mine,), (later,) = heads("mine"), heads("forged")
        path = consistency_proof([*register.histories.digests()], mine.size, later.size)
    Path("grown").write_bytes(Consistency(mine.size, tuple(path), later).content())
    alone(office, "mine", "grown")
    told = office.told(*CHECK, code=1)
    assert (False, "minh") == (told["holds"], told["signed_by"])
    assert "not the beginning" in told["problem"]
    assert "changed or taken away" in told["hint"]


def test_two_histories_of_one_length_contradict_each_other(office: Office) -> None:
    issued(office, "a.trucvanban.gov.example", "a.pem")
    taken(office)
    forged(office)
    (mine,), (later,) = heads("mine"), heads("forged")
    assert mine.size == later.size
    Path("grown").write_bytes(Consistency(later.size, (), later).content())
    assert "there were two histories" in office.told(*CHECK, code=5)["problem"]
    assert "two histories" in office.run("audit", "prove", *GROWN[:2], "--checkpoint", "forged", *GROWN[4:], code=5)


def test_an_end_that_was_cut_off_is_found_by_the_old_checkpoint_alone(office: Office) -> None:
    issued(office, "a.trucvanban.gov.example", "a.pem")
    shutil.copytree("pki", "before")
    issued(office, "b.trucvanban.gov.example", "b.pem")
    taken(office)
    shutil.rmtree("pki")
    shutil.move("before", "pki")
    office.run("audit", "checkpoint", "--to", "cut", *MINH)
    assert office.told("audit", "verify", "--checkpoints", "cut")["sound"]
    assert "the end was cut off" in office.run("audit", "verify", "--checkpoints", "mine", code=5)
    said = office.run("audit", "prove", "--since", "mine", "--checkpoint", "cut", "--out", "grown", code=5)
    assert "mine:1: the end was cut off: there were" in said
    assert not Path("grown").exists()
    (later,) = heads("cut")
    Path("grown").write_bytes(Consistency(later.size, (), later).content())
    alone(office, "mine", "grown")
    assert "the end was cut off" in office.told(*CHECK, code=5)["problem"]


def test_one_file_of_checkpoints_is_enough(office: Office) -> None:
    office.run(*SIGN)
    issued(office, "a.trucvanban.gov.example", "a.pem")
    assert "no checkpoint in it but the one" in office.run(
        "audit", "prove", "--since", "heads", *HEAD, "--out", "grown", code=2
    )
    made = office.told("audit", "prove", "--since", "heads", *HEAD, *MINH, "--out", "grown")
    first, second = heads("heads")
    assert (first.size, second.size) == (made["since"], made["size"])
    told = office.told("audit", "check", "grown", "--since", "heads", "--checkpoint", "heads")
    assert (True, first.size) == (told["holds"], told["since"])


def test_a_proof_is_since_a_checkpoint_that_one_has(office: Office) -> None:
    office.run(*SIGN)
    issued(office, "a.trucvanban.gov.example", "a.pem")
    shutil.copy("heads", "mine")
    office.run("audit", "checkpoint", "--to", "late", *MINH)
    issued(office, "b.trucvanban.gov.example", "b.pem")
    office.run("audit", "prove", *GROWN, *MINH)
    late = "audit", "check", "grown", "--since", "late"
    assert "no checkpoint here has as many" in office.told(*late, code=1)["problem"]
    other = Path("late").read_text(encoding="utf-8")
    Path("late").write_text("x" + other, encoding="utf-8")
    assert "no checkpoint is one of this ledger" in office.run(*late, code=2)
    Path("late").write_text(other.replace("time 20", "time 21"), encoding="utf-8")
    assert "the signature of minh is not one over this checkpoint" in office.told(*late, code=1)["problem"]


def heads(path: str) -> list[Checkpoint]:
    return list(parse(Path(path).read_text(encoding="utf-8"), path))
