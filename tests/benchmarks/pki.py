"""A batch of certificates: requests checked, built, asked for, approved, issued, revoked, listed, answered, audited.

All figures are processor seconds of the office and its signer together, P-256 throughout.
"""

from __future__ import annotations

import gc
import resource
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sentinel import settings
from sentinel.people.register import read
from sentinel.pki.model import Name, NameKind, Reason
from sentinel.pki.office import working
from sentinel.pki.office.publishing import Served, publish_lists
from sentinel.pki.office.renewing import items_again
from sentinel.pki.office.signers import finish
from sentinel.pki.register.asking import Item, ask
from sentinel.pki.register.audit import audit
from sentinel.pki.register.finding import Wanted as Search
from sentinel.pki.register.finding import find
from sentinel.pki.register.holding import holdings
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.register.revoking import revoke
from sentinel.pki.requests import csr as csrs
from sentinel.pki.requests.check import Findings
from sentinel.pki.requests.wanted import Wanted
from sentinel.pki.status.answers import Answers
from sentinel.pki.status.crl import entry
from sentinel.pki.status.keeping import keep
from tests.pki.crash.an_office import ISSUER, LAN, PASSPHRASE, an_office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentinel.pki.register.file import Register
    from sentinel.pki.requests.csr import Csr
    from sentinel.pki.signing.client import Client
    from tests.pki.crash.an_office import Office

_AGENCY: Final = "H49"
HOSTS: Final = "may{}.trucvanban.gov.example"
PER_CERTIFICATE: Final = ("build", "ask", "approve", "issue")
"""The stages between a request that was checked and a certificate."""
REVOCATION: Final = ("revoke", "crl", "ocsp")


@dataclass(slots=True)
class Figures:
    """Processor seconds by stage, of so many certificates; `process` is the signer's number while it runs."""

    count: int
    seconds: dict[str, float] = field(default_factory=dict)
    process: int = 0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Measure a stage."""
        began = self._now()
        yield
        self.seconds[stage] = self._now() - began

    def each(self, *stages: str) -> float:
        """Give the microseconds of some stages for each certificate."""
        return sum(self.seconds[stage] for stage in stages) / self.count * 1e6

    def _now(self) -> float:
        used = resource.getrusage(resource.RUSAGE_SELF)
        other = Path(f"/proc/{self.process}/schedstat").read_text(encoding="ascii").split() if self.process else ["0"]
        return used.ru_utime + used.ru_stime + int(other[0]) / 1e9


def issued_in_turns(folder: Path, ready: Sequence[bytes], turns: int) -> Iterator[Figures]:
    """Issue the same requests again and again, and give each turn's figures before the next begins."""
    gc.set_threshold(100_000, 20, 50)  # as the command line has it
    office = an_office(folder / "office")
    with closing(office.home.register(write=True)) as register:
        for _turn in range(turns):
            figures = Figures(len(ready))
            _issue(office, register, _built(office, register, _checked(ready, figures), figures), figures)
            yield figures


def requests(count: int) -> list[bytes]:
    """Give requests of hosts, each with a key of its own, DER."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def of(number: int) -> bytes:
        names = x509.SubjectAlternativeName([x509.DNSName(HOSTS.format(number))])
        builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).add_extension(names, False)
        return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(
            serialization.Encoding.DER
        )

    return [of(number) for number in range(count)]


def measured(folder: Path, count: int, told: Callable[[str], None]) -> Figures:
    """Take so many certificates from request to audit in an office founded in a folder; `told` hears what begins."""
    gc.set_threshold(100_000, 20, 50)  # as the command line has it
    told("founding, requests")
    office, figures, ready = an_office(folder / "office"), Figures(count), requests(count)
    with closing(office.home.register(write=True)) as register:
        told("certificates")
        items = _built(office, register, _checked(ready, figures), figures)
        _issue(office, register, items, figures)
        with figures.timed("answers"):
            _answer(office, register, count)
        _renew(office, register, figures)
        told("revocations")
        _revoke(office, register, figures)
        told("audit")
        with figures.timed("audit"):
            found = audit(register, entry)
    if found.faults or found.certificates < count:
        raise RuntimeError(f"the audit compared {found.certificates:,} certificates: {found.faults[:1]}")
    return figures


def _checked(ready: Sequence[bytes], figures: Figures) -> list[Csr]:
    with figures.timed("csr"):
        return [csrs.of_der(each, str(number)) for number, each in enumerate(ready)]


def _built(office: Office, register: Register, found: Sequence[Csr], figures: Figures) -> list[Item]:
    """Hold what is wanted against the policy, build it and lint it."""
    policy, issuer, findings = (
        office.home.policy(settings.load({}), LAN.name),
        register.authority(ISSUER).issuer,
        Findings(),
    )
    with figures.timed("build"):
        wanted = [_wanted(number, each) for number, each in enumerate(found)]
        held = holdings(register, [each.public_key for each in wanted], time.time_ns() // 10**9)
        items = working.items_of(wanted, policy, issuer, time.time_ns() // 10**9, findings, held=held)
    if findings.faults:
        raise RuntimeError(f"refused: {findings.faults[0]}")
    return items


def _wanted(number: int, found: Csr) -> Wanted:
    names = (Name(NameKind.DNS, HOSTS.format(number)),)
    subject = {"organization": "Ủy ban nhân dân xã Hồ Nam"}
    return Wanted(
        str(number), "tls-server", _AGENCY, names, found.public_key, subject, csr=found.content, place=str(number),
        facts=found.facts,
    )  # fmt: skip


def _issue(office: Office, register: Register, items: Sequence[Item], figures: Figures) -> None:
    with figures.timed("ask"):
        request = ask(register, ISSUER, items, LAN, time.time_ns(), "máy chủ của các xã")
    approver, people = office.approver, read(office.people)
    with figures.timed("approve"):
        approval = working.approval_of(request, approver, people, time.time_ns())
        request = working.approve(register, request, approval, approver, people, time.time_ns())
    with office.signing() as client:
        figures.process = client.process
        with figures.timed("issue"):
            came = Issuance(register, client, finish, time.time_ns).issue(request, LAN)
    figures.process = 0
    if came.issued != figures.count:
        raise RuntimeError(f"{came.issued:,} of {figures.count:,} were issued")


def _renew(office: Office, register: Register, figures: Figures) -> None:
    """Check, build and lint the same certificates anew, as after a reorganisation; nobody asks for them."""
    policy, issuer = office.home.policy(settings.load({}), LAN.name), register.authority(ISSUER).issuer
    findings = Findings()
    with figures.timed("renew"):
        rows = find(register, Search(issuer=ISSUER, profile="tls-server"))
        again = items_again(register, rows, policy, issuer, time.time_ns() // 10**9, findings)
    if len(again) != figures.count:
        raise RuntimeError(f"{len(again):,} of {figures.count:,} may be renewed: {findings.faults[:1]}")


def _revoke(office: Office, register: Register, figures: Figures) -> None:
    rows, now = find(register, Search(issuer=ISSUER, profile="tls-server")), time.time_ns()
    with figures.timed("revoke"):
        outcomes = revoke(register, rows, Reason.KEY_COMPROMISE, LAN, now, entry)
    if sum(each.is_done for each in outcomes) != figures.count:
        raise RuntimeError("not all were revoked")
    with office.signing() as client:
        figures.process = client.process
        _list(office, register, client, figures)
    figures.process = 0
    with figures.timed("ocsp"):
        _answer(office, register, figures.count)


def _answer(office: Office, register: Register, changes: int) -> None:
    """Sign and keep an answer of OCSP about every certificate that was changed since."""
    served = Served(office.home, register, lambda _issuer: PASSPHRASE)
    responder = next(each.responder for each in served.authorities() if each.issuer.id == ISSUER)
    assert responder is not None
    with closing(Answers(office.home.answers, write=True)) as answers:
        kept = keep(answers, served, responder, time.time_ns() // 10**9)
    if kept.followed < changes:
        raise RuntimeError(f"{kept.followed:,} answers were signed")


def _list(office: Office, register: Register, client: Client, figures: Figures) -> None:
    with figures.timed("crl"):
        made = publish_lists(office.home, register, register.authority(ISSUER), client, LAN, time.time_ns() // 10**9)
    if max(each.size for each in made) != figures.count:
        raise RuntimeError("the whole list does not name them all")
