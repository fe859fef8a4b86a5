"""An authority's signer to be asked: people who approve, a home with keys, and bytes to sign."""

# ruff: noqa: ANN401 - builders take whatever is to be different

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sentinel.crypto.keys import PrivateKey
from sentinel.pki.certificates import algorithms
from sentinel.pki.model import Algorithm
from sentinel.pki.signing import home, keys
from sentinel.pki.signing.approvals import Approval, What, digest_of
from sentinel.pki.signing.client import Batch, Client, spawn
from sentinel.pki.signing.grants import Grant
from sentinel.pki.signing.home import KeyEntry
from sentinel.pki.signing.log import Log
from sentinel.pki.signing.signer import Caller, OpenKey, PeopleFile, Signer
from tests.pki.certificates.unsigned import null_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sentinel.pki.signing.keys import SigningKey
    from sentinel.pki.signing.log import Act

PASSPHRASE = "một hai ba bốn năm".encode()
SECOND = 10**9
HOUR = 3600 * SECOND
ISSUER, KEY = "issuing", "issuing-2026"
AUTHORITY = x509.Name(
    [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, "CA cấp phát Hồ Nam")]
)
OTHER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA khác")])
NAMES = ("lan.nguyen", "an.lê", "minh.trần", "đức.phạm", "mai.võ")
SECRETS = {name: PrivateKey.new() for name in NAMES}
LAN, AN, MINH, DUC, MAI = NAMES
"""A PKI officer; two approvers; an approver whose key is retired; one who approves nothing."""
_ROLES = {LAN: ["pki-officer", "approver"], AN: ["approver"], MINH: ["approver"], DUC: ["approver"], MAI: ["viewer"]}
_CHOSEN_KEY = keys.new(Algorithm.ECDSA_P256)


def the_people(folder: Path) -> Path:
    """Write people.toml, with a key for each."""
    path = folder / "people.toml"
    path.write_text("\n".join(map(_person, NAMES)), encoding="utf-8")
    return path


def _person(name: str) -> str:
    roles = ", ".join(f'"{role}"' for role in _ROLES[name])
    lines = ["[[person]]", f'name = "{name}"', f"roles = [{roles}]", "[[person.key]]"]
    lines += [f'public = """\n{SECRETS[name].public.pem()}"""', "added = 2026-01-01T00:00:00Z"]
    return "\n".join([*lines, "retired = 2026-06-01T00:00:00Z" if name == DUC else "", ""])


def an_entry(algorithm: Algorithm = Algorithm.ECDSA_P256, **changes: Any) -> KeyEntry:
    return replace(KeyEntry(KEY, ISSUER, algorithm, AUTHORITY.public_bytes(), f"{KEY}.pem"), **changes)


def a_home(folder: Path, entry: KeyEntry | None = None) -> Path:
    """Make a signer's home with one key in a file."""
    path, entry = folder / "signer", entry or an_entry()
    home.add(path, entry)
    assert isinstance(entry.at, str)
    keys.write(
        path / entry.at,
        _CHOSEN_KEY if entry.algorithm is Algorithm.ECDSA_P256 else keys.new(entry.algorithm),
        PASSPHRASE,
    )
    return path


@dataclass(slots=True)
class Asking:
    """A signer without a process, and who asks it."""

    signer: Signer
    log: Log
    caller: Caller
    path: Path
    clock: list[int]

    def acts(self, kind: str) -> list[Act]:
        from sentinel.pki.signing.log import read_act

        return [act for body, _digest in self.log.rows() if (act := read_act(body)).kind == kind]


@contextmanager
def a_signer(folder: Path, key: SigningKey = _CHOSEN_KEY, **changes: Any) -> Iterator[Asking]:
    clock = [time.time_ns()]
    entry = an_entry(key.algorithm, **changes)
    log = Log.open(folder / "signer.db", lambda: clock[0])
    signer = Signer([OpenKey.of(entry, key)], log, PeopleFile(the_people(folder)), lambda: clock[0])
    try:
        yield Asking(signer, log, Caller(1000), folder, clock)
    finally:
        log.close()


@contextmanager
def a_child(folder: Path, entry: KeyEntry | None = None) -> Iterator[Client]:
    """Start a signer as a child of the test."""
    with spawn(a_home(folder, entry), the_people(folder), lambda _entry: PASSPHRASE) as client:
        yield client


@lru_cache(maxsize=1)
def _subject_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    return generate_private_key(SECP256R1()).public_key()


def a_tbs(
    serial: int = 1,
    *,
    issuer: x509.Name = AUTHORITY,
    key: SigningKey = _CHOSEN_KEY,
    names: Sequence[str] = ("cổng.example".encode("idna").decode(),),
    subject: x509.Name | None = None,
    days: int = 90,
    extensions: Sequence[x509.ExtensionType] | None = None,
) -> bytes:
    """Give a TBSCertificate."""
    now = datetime.now(UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder().issuer_name(issuer).subject_name(subject or x509.Name([]))
    builder = builder.public_key(_subject_key()).serial_number(serial)
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days))
    for extension in usual(names) if extensions is None else extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(null_key(key.algorithm, key.spki), **_how(key.algorithm)).tbs_certificate_bytes


def usual(names: Sequence[str]) -> list[x509.ExtensionType]:
    return [
        x509.BasicConstraints(ca=False, path_length=None),
        x509.SubjectAlternativeName([x509.DNSName(name) for name in names]),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
    ]


def _how(algorithm: Algorithm) -> dict[str, Any]:
    padding = algorithms.padding_of(algorithm)
    return {"algorithm": algorithms.hash_of(algorithm)} | ({"rsa_padding": padding} if padding else {})


def a_list(
    number: int = 1, *, ago: float = 0, revoked: int = 0, shard: str = "", key: SigningKey = _CHOSEN_KEY, **changes: Any
) -> bytes:
    """Give a TBSCertList of a number, made `ago` seconds ago."""
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=ago)
    builder = x509.CertificateRevocationListBuilder().issuer_name(changes.get("issuer", AUTHORITY))
    builder = builder.last_update(now).next_update(now + timedelta(changes.get("days", 1)))
    if changes.get("numbered", True):
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    if shard:
        point = x509.IssuingDistributionPoint(
            [x509.UniformResourceIdentifier(shard)], None, False, False, None, False, False
        )
        builder = builder.add_extension(point, critical=True)
    for serial in range(1, revoked + 1):
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
        )
    return builder.sign(null_key(key.algorithm, key.spki), **_how(key.algorithm)).tbs_certlist_bytes


def an_approval(tbs: Sequence[bytes], by: str = AN, now: int = 0, **changes: Any) -> Approval:
    """Give an approval of everything in `tbs`, signed by whom it names, unless `key` says another."""
    now = now or time.time_ns()
    signer = SECRETS[changes.pop("key", by)]
    digest = digest_of([sha256(each).digest() for each in tbs])
    whole = Approval(What.CERTIFICATES, ISSUER, digest, len(tbs), LAN, by, now - SECOND, now + HOUR)
    return replace(whole, **changes).signed(signer)


def a_batch(tbs: Sequence[bytes], *approvals: Approval, **changes: Any) -> Batch:
    """Give a batch, approved by `an_approval` unless approvals are given."""
    whole = Batch(KEY, "certificate", tbs, range(1, len(tbs) + 1), approvals or (an_approval(tbs),))
    return replace(whole, **changes)


def a_grant(now: int = 0, **changes: Any) -> Grant:
    now = now or time.time_ns()
    whole = Grant(
        "máy-chủ-sở-y-tế",
        ISSUER,
        "H49.61.05",
        "tls-server",
        ("dns:*.sw.example", "ip:192.0.2.0/24", "email:*@sw.example"),
        ("1.3.6.1.5.5.7.3.1",),
        90,
        5,
        3600,
        now - SECOND,
        now + HOUR,
        ("2.5.4.6=VN", "2.5.4.10=Sở Y tế"),
    )
    return replace(whole, **changes)


def approvals_of(grant: Grant, *by: str, now: int = 0, **changes: Any) -> tuple[Approval, ...]:
    return tuple(an_approval([grant.statement], each, now, what=What.GRANT, **changes) for each in by)
