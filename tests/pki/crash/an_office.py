"""An office with people, authorities and a signer in a process of its own, and requests to it."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from sentinel import settings
from sentinel.crypto.keys import PrivateKey
from sentinel.people.acting import Acting, by_key
from sentinel.people.register import Person, read
from sentinel.people.roles import Role
from sentinel.people.writing import changing
from sentinel.pki.certificates.build import period, tbs_of
from sentinel.pki.model import Name, NameKind, Order
from sentinel.pki.office import working
from sentinel.pki.office.founding import Founder, Founding, found
from sentinel.pki.office.home import Home
from sentinel.pki.office.signers import finish, signer
from sentinel.pki.register.asking import Item, ask
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.requests.wanted import serial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.register.file import Register, Request
    from sentinel.pki.register.issuing import Came
    from sentinel.pki.signing.client import Client

PASSPHRASE: Final = "mật khẩu của các khóa".encode()
LAN: Final = Acting("lan", frozenset({Role.PKI_OFFICER}), "os:1:lan")
ISSUER: Final = "agencies"
AGENCY: Final = "H49.61"
_NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True)
class Office:
    """A folder with `people.toml`, the approver's key and the authorities."""

    folder: Path

    @property
    def home(self) -> Home:
        """Give the home of the authorities."""
        return Home(self.folder / "pki")

    @property
    def people(self) -> Path:
        """Give people.toml."""
        return self.folder / "people.toml"

    @property
    def approver(self) -> Acting:
        """Give who approves, with the key."""
        return _approver(self.folder)

    @contextmanager
    def signing(self) -> Iterator[Client]:
        """Give the signer, started for the while."""
        with signer(self.home, self.people, lambda _entry: PASSPHRASE, [ISSUER]) as client:
            yield client


@cache
def _approver(folder: Path) -> Acting:
    key = PrivateKey.of_bytes((folder / "minh.pem").read_bytes(), PASSPHRASE)
    return by_key(read(folder / "people.toml"), key)


@cache
def the_profile() -> Profile:
    """Give the profile of servers."""
    with TemporaryDirectory() as folder:
        return Home(Path(folder)).profiles(settings.load({}))["tls-server"]


def an_office(folder: Path) -> Office:
    """Found an office in a folder; the first one is founded, the others are copies of it."""
    shutil.copytree(_founded().name, folder, dirs_exist_ok=True)
    return Office(folder)


@cache
def _founded() -> TemporaryDirectory[str]:
    place = TemporaryDirectory(prefix="an-office-")
    office = Office(Path(place.name))
    register_people(office)
    found_authorities(office, office.home)
    return place


def register_people(office: Office) -> None:
    """Write people.toml and the approver's key."""
    key = PrivateKey.new()
    (office.folder / "minh.pem").write_bytes(key.pem(PASSPHRASE))
    with changing(office.people) as people:
        people.add(Person("lan", "Nguyễn Thị Lan", frozenset({Role.PKI_OFFICER})))
        people.add(Person("minh", "Lê Minh", frozenset({Role.APPROVER})))
        people.add_key("minh", key.public, time.time_ns() - 10**9)


def found_authorities(office: Office, home: Home) -> None:
    """Found a root and an authority that issues, with its responder."""
    wanted = Founding(
        "Sở Thông tin và Truyền thông", AGENCY, "Gốc thực hành", "Cơ quan cấp chứng thư", ISSUER,
        "http://127.0.0.1:8899", (Name(NameKind.DNS, "gov.example"),),
    )  # fmt: skip
    founder = Founder(LAN, office.approver, read(office.people), office.people, PASSPHRASE, time.time_ns)
    found(home, wanted, founder, home.profiles(settings.load({})))


@cache
def _keys() -> list[bytes]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return [ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(*form) for _ in range(4)]


def an_item(register: Register) -> Item:
    """Give a certificate that may be asked for."""
    number = next(_NUMBERS)
    host = f"pc{number}.gov.example"
    issuer, profile = register.authority(ISSUER).issuer, the_profile()
    begins, ends = period(profile, issuer, time.time_ns() // 10**9)
    fresh = serial()
    subject = {"organization": "Ủy ban nhân dân xã Hồ Nam"}
    order = Order(
        profile.id, AGENCY, (Name(NameKind.DNS, host),), _keys()[number % 4], fresh, begins, ends, subject,
        profile.shard_of(fresh),
    )  # fmt: skip
    return Item(order, tbs_of(order, profile, issuer), b"csr %d" % number)


def asked(register: Register, certificates: int, by: Acting = LAN) -> Request:
    """Ask for certificates."""
    items = [an_item(register) for _each in range(certificates)]
    return ask(register, ISSUER, items, by, time.time_ns(), "máy chủ mới")


def approved(office: Office, register: Register, request: Request) -> Request:
    """Approve a request."""
    people, approver = read(office.people), office.approver
    approval = working.approval_of(request, approver, people, time.time_ns())
    return working.approve(register, request, approval, approver, people, time.time_ns())


def issued(register: Register, request: Request, client: Client, by: Acting = LAN) -> Came:
    """Issue what a request asks for."""
    return Issuance(register, client, finish, time.time_ns).issue(request, by)
