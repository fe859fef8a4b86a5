"""Authorities are founded: a root, an authority that issues, and who answers about its certificates.

The root signs itself; whatever else is issued here goes the way of every certificate: asked for, approved by somebody
else, written down, signed.

A key is on the disk before anybody asks for its certificate. Whoever is called again after an interruption goes on with
that key and with what was begun for it; a root that was not founded is begun anew, with another key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sentinel.errors import InputError, Refused
from sentinel.language import _
from sentinel.model import toml
from sentinel.pki.certificates.algorithms import assemble
from sentinel.pki.certificates.build import period, tbs_of
from sentinel.pki.certificates.distinguished import of_der
from sentinel.pki.certificates.lint import lint
from sentinel.pki.certificates.parse import parsed
from sentinel.pki.model import Algorithm, Issuer, Name, Order
from sentinel.pki.office.home import ROOT, Home, make_folder
from sentinel.pki.office.signers import finish, signer
from sentinel.pki.register import asking, founding
from sentinel.pki.register.asking import Item
from sentinel.pki.register.issuing import Issuance
from sentinel.pki.register.tables import State
from sentinel.pki.requests.wanted import serial
from sentinel.pki.signing import home as signer_home
from sentinel.pki.signing import keys
from sentinel.pki.signing.approvals import Approval, Need, What, check_one
from sentinel.store.embedded import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sentinel.people.acting import Acting
    from sentinel.people.register import People
    from sentinel.pki.certificates.profile import Profile
    from sentinel.pki.register.file import Authority, Register, Request
    from sentinel.pki.signing.client import Client
    from sentinel.pki.signing.keys import FileKey

ROOT_PROFILE, ISSUING_PROFILE, RESPONDER_PROFILE = "root", "issuing-authority", "ocsp-responder"
_SECOND: Final = 1_000_000_000
_ORGANIZATION: Final = "2.5.4.10"
_HOLDS: Final = 3600 * _SECOND
"""How long the approval of a founding holds: it is used at once."""
_SHOWN: Final = 16


@dataclass(frozen=True, slots=True)
class Founding:
    """What is to be founded: who runs the authorities, what they are called, and what the issuing one may name.

    `agency` is the identifier code of `organization`. `id` and `root_id` are what commands call the issuing authority
    and the root, `url` is where their lists and answers will be served from. `names` are the domains, networks and mail
    domains that the issuing one may give.
    """

    organization: str
    agency: str
    root: str
    issuing: str
    id: str
    url: str
    names: tuple[Name, ...]
    algorithm: Algorithm = Algorithm.ECDSA_P256
    root_algorithm: Algorithm = Algorithm.ECDSA_P384
    root_id: str = ROOT


@dataclass(frozen=True, slots=True)
class Founder:
    """Who founds: who asks, who agrees with a key, the register of people, the passphrase of keys, and a clock.

    `passphrases` are those of single keys by their names, where they have others.
    """

    by: Acting
    approver: Acting
    people: People
    people_file: Path
    passphrase: bytes = field(repr=False)
    clock: Callable[[], int]
    passphrases: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def passphrase_of(self, key: str) -> bytes:
        """Give the passphrase of a key of the signer."""
        return self.passphrases.get(key, self.passphrase)

    def approval(self, what: What, issuer: str, digest: bytes, requester: str = "") -> Approval:
        """Give the approver's agreement to one thing, signed; raise Refused where it would not count.

        `requester` is who asked, where that is not who acts now.
        """
        now, count = self.clock(), 1
        if self.approver.key is None:
            raise Refused(_("an approval is signed: give the key of who approves"))
        asked = requester or self.by.name
        made = Approval(what, issuer, digest, count, asked, self.approver.name, now, now + _HOLDS)
        made = made.signed(self.approver.key)
        check_one(made, Need(what, issuer, digest, count), self.people, now)
        return made


def found(home: Home, wanted: Founding, founder: Founder, profiles: Mapping[str, Profile]) -> list[Authority]:
    """Found a root, an issuing authority below it, and its responder; give both authorities.

    Raise Refused, InputError where there are authorities here already or a profile does not allow it, StoreError.
    """
    register = home.register(write=True)
    try:
        if register.authorities():
            raise InputError(_("there are authorities here already"), place=str(home.folder))
        root = found_root(home, register, wanted, founder, profiles[ROOT_PROFILE])
        issuing = issue_below(home, register, wanted, founder, profiles[ISSUING_PROFILE])
        answering(home, register, issuing, founder, profiles[RESPONDER_PROFILE], wanted.issuing)
    finally:
        register.close()
    return [root, issuing]


def found_root(home: Home, register: Register, wanted: Founding, founder: Founder, profile: Profile) -> Authority:
    """Found a root, called `wanted.root_id`. A key of this name that no authority has is replaced.

    Raise Refused, InputError where there is an authority of this name, StoreError.
    """
    id_, algorithm = wanted.root_id, wanted.root_algorithm
    founding.check_free(register, id_)
    _forget(home, id_)
    key = keys.new(algorithm)
    bare = Issuer(id_, b"", algorithm, id_, wanted.url, profile.policies)
    order = _order(profile, bare, wanted, founder, wanted.root, key.spki)
    tbs = linted(tbs_of(order, profile, bare), order, profile, bare)
    approval = founder.approval(What.AUTHORITY, id_, sha256(tbs).digest())
    make_folder(home.signer)
    keys.write(home.signer / f"{id_}.pem", key, founder.passphrase_of(id_))
    _enter(home, id_, algorithm, _subject_of(tbs))
    intent = founding.plan(register, id_, tbs, approval, founder.by, founder.clock())
    with signing(home, founder, id_) as client:
        from sentinel.pki.signing.client import Batch

        (signature,) = client.sign(Batch(id_, "certificate", [tbs], [intent], [approval]))
    certificate = assemble(tbs, algorithm, signature)
    issuer = Issuer(id_, certificate, algorithm, id_, wanted.url, profile.policies)
    finish(issuer, tbs, signature)
    return founding.found(register, issuer, "root", "", founder.by, founder.clock())


def issue_below(home: Home, register: Register, wanted: Founding, founder: Founder, profile: Profile) -> Authority:
    """Found an authority that issues, below the root `wanted.root_id`. Raise Refused, InputError, StoreError."""
    root, id_ = register.authority(wanted.root_id).issuer, wanted.id
    founding.check_free(register, id_)
    make_folder(home.signer)
    key = key_at(home.signer / f"{id_}.pem", wanted.algorithm, founder.passphrase_of(id_))
    order = _order(profile, root, wanted, founder, wanted.issuing, key.spki, wanted.names)
    certificate = issued(home, register, root, order, profile, founder, What.AUTHORITY)
    _enter(home, id_, wanted.algorithm, parsed(certificate).subject_der)
    issuer = Issuer(id_, certificate, wanted.algorithm, id_, wanted.url, profile.policies)
    return founding.found(register, issuer, "issuing", root.id, founder.by, founder.clock())


def answering(  # noqa: PLR0913, PLR0917 - who answers about whom, made where, by whom
    home: Home, register: Register, authority: Authority, founder: Founder, profile: Profile, name: str
) -> None:
    """Make who answers about an authority's certificates: a key of its own, and a certificate for days.

    `name` is that of the authority. Raise Refused, InputError, StoreError.
    """
    issuer = authority.issuer
    place = home.responder_key(issuer.id)
    make_folder(place.parent)
    key = key_at(place, Algorithm.ECDSA_P256, founder.passphrase)
    order = responder_order(issuer, profile, key.spki, founder.clock() // _SECOND, name)
    certificate = issued(home, register, issuer, order, profile, founder, What.CERTIFICATES)
    with disk.told(place.parent):
        disk.put(home.responder_certificate(issuer.id), certificate)


def responder_order(issuer: Issuer, profile: Profile, public_key: bytes, now: int, name: str = "") -> Order:
    """Give what the first certificate of an authority's responder is to say; `now` is seconds since 1970, UTC."""
    above = parsed(issuer.certificate)
    begins, ends = period(profile, issuer, now)
    called = _("{issuing}: OCSP").format(issuing=name or above.common_name)
    subject = {"organization": of_der(above.subject_der).first(_ORGANIZATION), "common_name": called}
    return Order(profile.id, above.organization_identifier, (), public_key, serial(), begins, ends, subject)


def key_at(path: Path, algorithm: Algorithm, passphrase: bytes) -> FileKey:
    """Give the key of a file, made where there is none. Raise InputError where it does not open, StoreError."""
    if path.exists():
        return keys.read(path, algorithm, passphrase)
    key = keys.new(algorithm)
    put_key(path, key, passphrase)
    return key


def put_key(path: Path, key: FileKey, passphrase: bytes) -> None:
    """Write a key where there is none: whole and durable, or not there. Raise InputError, StoreError."""
    beside = path.with_name(f".{path.name}.new")
    with disk.told(path):
        disk.unlink(beside)  # of one that was killed
        keys.write(beside, key, passphrase)
        disk.rename(beside, path)
        disk.sync_folder(path.parent)  # a certificate whose key the power took would be worth nothing


def linted(tbs: bytes, order: Order, profile: Profile, issuer: Issuer) -> bytes:
    """Give what is to be signed; raise InputError for the first thing that is wrong with it."""
    if found := lint(tbs, order, profile, issuer):
        raise InputError(str(found[0]), place=profile.id)
    return tbs


def _order(  # noqa: PLR0913, PLR0917 - what the certificate of an authority says
    profile: Profile,
    issuer: Issuer,
    wanted: Founding,
    founder: Founder,
    name: str,
    spki: bytes,
    names: tuple[Name, ...] = (),
) -> Order:
    begins, ends = period(profile, issuer, founder.clock() // _SECOND)
    subject = {"organization": wanted.organization, "common_name": name}
    return Order(profile.id, wanted.agency, names, spki, serial(), begins, ends, subject)


def issued(  # noqa: PLR0913, PLR0917 - as every certificate: of whom, what, by whom
    home: Home, register: Register, issuer: Issuer, order: Order, profile: Profile, founder: Founder, what: What
) -> bytes:
    """Give the certificate of a key by an authority, DER: the one that there is, that was begun, or a new one.

    Raise Refused, InputError, StoreError.
    """
    request = _begun(register, issuer, order)
    number = 0 if request else _counting(register, issuer, order)
    while not number:
        if request is None:
            tbs = linted(tbs_of(order, profile, issuer), order, profile, issuer)
            purpose = order.subject["common_name"]
            request = asking.ask(register, issuer.id, [Item(order, tbs)], founder.by, founder.clock(), purpose)
        if all(each.expires <= founder.clock() for each in asking.approvals_of(register, request)):
            approval = founder.approval(what, issuer.id, request.digest, request.requester)
            request = asking.approve(register, request, approval, founder.approver, founder.clock(), lambda _each: None)
        with signing(home, founder, issuer.key) as client:
            Issuance(register, client, finish, founder.clock).issue(request, founder.by)
        number, request = _counting(register, issuer, order), None
    return register.der(number)


def _begun(register: Register, issuer: Issuer, order: Order) -> Request | None:
    """Give the request for a certificate of this key that somebody left unfinished."""
    digest = sha256(order.public_key).digest()
    for request in register.requests((State.WAITING, State.APPROVED), -1):
        if request.issuer == issuer.id and request.count == 1:
            waiting = [item.order.public_key for item in asking.items_of(register, request, 1)]
            taken = register.rows("select spki from certificate where request = ?", request.number)
            if waiting == [order.public_key] or (digest,) in taken:
                return request
    return None


def _counting(register: Register, issuer: Issuer, order: Order) -> int:
    """Give the number of the newest certificate of this key that counts; 0 for none."""
    key, now = sha256(order.public_key).digest(), order.not_before
    values = issuer.id, order.profile, key, int(State.ISSUED), now
    rows = register.find("authority.id = ? and profile = ? and spki = ? and state = ? and not_after > ?", values)
    return rows[-1].number if rows else 0


def signing(home: Home, founder: Founder, key: str) -> AbstractContextManager[Client]:
    """Give the signer with one key open; raise as `signers.signer`."""
    return signer(home, founder.people_file, lambda entry: founder.passphrase_of(entry.name), [key])


def _enter(home: Home, name: str, algorithm: Algorithm, subject: bytes) -> None:
    """Tell the signer of a key of its own name, whose file is there."""
    entry = signer_home.KeyEntry(name, name, algorithm, subject, f"{name}.pem")
    if entry not in signer_home.entries(home.signer):
        signer_home.add(home.signer, entry)
    with disk.told(home.signer):
        disk.sync_folder(home.signer)


def _forget(home: Home, name: str) -> None:
    """Take a key that no authority has out of keys.toml, and set its file aside.

    It is not destroyed: where the register is an older one than the signer's home, others may trust that key.
    """
    path, place = home.signer / signer_home.KEYS, home.signer / f"{name}.pem"
    if any(each.name == name for each in signer_home.entries(home.signer)):
        tables = re.split(r"(?m)^(?=\s*\[\[key\]\])", path.read_text(encoding="utf-8"))
        kept = [each for each in tables if not any(key["name"] == name for key in _keys_of(each))]
        with disk.told(path):
            disk.put(path, "".join(kept).encode())
    if place.exists():
        with disk.told(place):
            disk.rename(place, place.with_name(f"{name}.{sha256(place.read_bytes()).hexdigest()[:_SHOWN]}.old"))


def _keys_of(table: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = toml.read(table, signer_home.KEYS).get("key", [])
    return found


def _subject_of(tbs: bytes) -> bytes:
    """Give the name of who signs itself, DER."""
    from sentinel.pki.signing.tbs import certificate

    return certificate(tbs).issuer
